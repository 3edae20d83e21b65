package nexus

// #include "bridge.h"
import "C"

import (
	"context"
	"runtime"
)

// done is a context, or nil.
type done = context.Context

// Call calls a function of a module, or a method of an object, by its name. The arguments become Python's as
// As describes; Kw makes keyword arguments. The result is nil, a bool, int64, float64, string, []byte, or an
// *Object for all else.
//
// An exception is an error of type *PythonError.
func (o *Object) Call(name string, arguments ...any) (any, error) {
	return o.call(nil, C.NEXUSGO_CALL_METHOD, name, arguments)
}

// CallContext is Call, ended when the context ends: KeyboardInterrupt is raised in the Python code, once, and
// the error is that of the context, too. Compiled code and system calls, such as time.sleep, are not interrupted,
// but the Python code that comes after them is; code that catches the exception goes on.
func (o *Object) CallContext(ctx context.Context, name string, arguments ...any) (any, error) {
	return o.call(ctx, C.NEXUSGO_CALL_METHOD, name, arguments)
}

// Invoke calls the object itself: a function, a class, whatever can be called.
func (o *Object) Invoke(arguments ...any) (any, error) {
	return o.call(nil, C.NEXUSGO_CALL, "", arguments)
}

// InvokeContext is Invoke, ended when the context ends; see CallContext.
func (o *Object) InvokeContext(ctx context.Context, arguments ...any) (any, error) {
	return o.call(ctx, C.NEXUSGO_CALL, "", arguments)
}

// call is ask for a result as it is. It is not generic, so that the compiler sees that the list of arguments
// need not be allocated.
func (o *Object) call(ctx done, what operation, name string, arguments []any) (any, error) {
	value, err := callHandle(ctx, o.number(), what, name, arguments)
	runtime.KeepAlive(o)
	return value, err
}

func callHandle(ctx done, handle C.uint64_t, what operation, name string, arguments []any) (any, error) {
	f := begin(what, handle, anyShape)
	err := f.name(name)
	if err == nil {
		err = f.arguments(arguments)
	}
	if err != nil {
		f.drop()
		return nil, err
	}
	var value any
	if err = f.run(ctx); err == nil {
		value = f.value()
	}
	f.end()
	runtime.KeepAlive(arguments)
	return value, err
}

// Call calls a function of a module, or a method of an object, and makes a T of the result; see As.
//
//	sum, err := nexus.Call[float64](module, "add", 1.5, 2)
//	_, err = nexus.Call[struct{}](module, "reset") // whatever it returns
func Call[T any](of Handle, name string, arguments ...any) (T, error) {
	return ask[T](nil, of.object(), C.NEXUSGO_CALL_METHOD, name, arguments)
}

// CallContext is Call, ended when the context ends; see Object.CallContext.
func CallContext[T any](ctx context.Context, of Handle, name string, arguments ...any) (T, error) {
	return ask[T](ctx, of.object(), C.NEXUSGO_CALL_METHOD, name, arguments)
}

// Callable is what can be called: an *Object, a *Module, or a *Function, which was made ready.
type Callable interface {
	target() (what operation, handle C.uint64_t)
}

func (o *Object) target() (operation, C.uint64_t) { return C.NEXUSGO_CALL, o.number() }

// Invoke calls an object itself, or a function that was made ready, and makes a T of the result; see As.
func Invoke[T any](callable Callable, arguments ...any) (T, error) {
	what, handle := callable.target()
	result, err := askHandle[T](nil, handle, what, "", arguments)
	runtime.KeepAlive(callable)
	return result, err
}

// InvokeContext is Invoke, ended when the context ends; see Object.CallContext.
func InvokeContext[T any](ctx context.Context, callable Callable, arguments ...any) (T, error) {
	what, handle := callable.target()
	result, err := askHandle[T](ctx, handle, what, "", arguments)
	runtime.KeepAlive(callable)
	return result, err
}

// Await runs a coroutine or another awaitable to its end, in an event loop of its own, and makes a T of what it
// returns: asyncio.run. An asynchronous generator gives a list of its items.
func Await[T any](ctx context.Context, awaitable Handle) (T, error) {
	return ask[T](ctx, awaitable.object(), C.NEXUSGO_RUN, "", nil)
}

// ask runs an operation and makes a T of its result.
func ask[T any](ctx done, o *Object, what operation, name string, arguments []any) (T, error) {
	result, err := askHandle[T](ctx, o.number(), what, name, arguments)
	runtime.KeepAlive(o)
	return result, err
}

func askHandle[T any](ctx done, handle C.uint64_t, what operation, name string, arguments []any) (result T, err error) {
	f := begin(what, handle, "")
	if err = shaped[T](f); err == nil {
		if err = f.name(name); err == nil {
			err = f.arguments(arguments)
		}
	}
	if err != nil {
		f.drop()
		return result, err
	}
	if err = f.run(ctx); err == nil {
		result, err = take[T](f)
	}
	f.end()
	runtime.KeepAlive(arguments)
	return result, err
}
