package nexus

// #include "bridge.h"
// #include <stdlib.h>
import "C"

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"runtime/cgo"
	"runtime/debug"
	"strings"
	"unsafe"
)

// Arguments are what Python calls a Go function with. Objects among them are lent: they are closed when the
// function returns, and Clone makes one that stays.
type Arguments struct {
	// Positional are nil, bool, int64, float64, string, []byte or *Object each.
	Positional []any
	// Keywords are the keyword arguments, in the order of the call.
	Keywords []Keyword
}

// Func makes a Python callable of a Go function. The function is of one of these kinds:
//
//	func(nexus.Arguments) (any, error)    gets everything, keyword arguments too
//	func(a A, b B) (R, error)             any number of arguments of the types that As makes; the result, the
//	                                      error, or both may be missing; the last argument may be ...T
//
// An error is raised as a Python exception: a *PythonError (see Raise) as its type, an *Error as the type
// that belongs to its status, any other as RuntimeError. A panic is raised as RuntimeError, with Go's stack
// in the message. runtime.Goexit (testing's FailNow calls it) must not end such a function. A result that is
// an *Object stays the function's to close.
//
// The function is called on whichever thread Python calls it, also several at a time; it may call Python. A
// func that is passed as an argument becomes such a callable of its own accord.
func Func(name string, function any) (*Object, error) {
	if err := started(); err != nil {
		return nil, err
	}
	v := reflect.ValueOf(function)
	if v.Kind() != reflect.Func || v.IsNil() {
		return nil, wrong(ErrType, fmt.Sprintf("%T is no function", function))
	}
	f := begin(C.NEXUSGO_NEW, 0, anyShape)
	if err := f.function(name, v); err != nil {
		f.drop()
		return nil, err
	}
	err := f.run(nil)
	var made *Object
	if err == nil {
		made = newObject(f.c.result.word)
	}
	f.end()
	return made, err
}

// callback is a Go function as Python calls it.
type callback struct {
	name string
	call func(Arguments) (any, error)
}

var (
	errorType     = reflect.TypeFor[error]()
	argumentsType = reflect.TypeFor[Arguments]()
)

func callbackOf(name string, v reflect.Value) (*callback, error) {
	if name == "" {
		name = "<Go function>"
	}
	if direct, ok := v.Interface().(func(Arguments) (any, error)); ok {
		return &callback{name, direct}, nil
	}
	kind := v.Type()
	for i := range kind.NumIn() {
		of := kind.In(i)
		if kind.IsVariadic() && i == kind.NumIn()-1 {
			of = of.Elem()
		}
		if of == argumentsType {
			return nil, wrong(ErrType, fmt.Sprintf("%s: a function of Arguments returns (any, error)", kind))
		}
		if _, err := cachedShape(of); err != nil {
			return nil, fmt.Errorf("argument %d of %s: %w", i, kind, err)
		}
	}
	results := kind.NumOut()
	if results > 2 || results == 2 && kind.Out(1) != errorType {
		return nil, wrong(ErrType, fmt.Sprintf("%s: a function returns a result, an error, or both", kind))
	}
	return &callback{name, func(given Arguments) (any, error) { return callTyped(v, given) }}, nil
}

// callTyped calls a function whose arguments have types of their own.
func callTyped(v reflect.Value, given Arguments) (any, error) {
	kind := v.Type()
	if len(given.Keywords) > 0 {
		return nil, Raise("TypeError", "the Go function takes no keyword arguments")
	}
	fixed := kind.NumIn()
	if kind.IsVariadic() {
		fixed--
	}
	if count := len(given.Positional); count < fixed || count > fixed && !kind.IsVariadic() {
		return nil, Raise("TypeError", fmt.Sprintf("the Go function takes %d arguments, not %d", fixed, count))
	}
	values := make([]reflect.Value, len(given.Positional))
	for i, argument := range given.Positional {
		of := kind.In(min(i, kind.NumIn()-1))
		if i >= fixed {
			of = of.Elem()
		}
		values[i] = reflect.New(of).Elem()
		if err := convert(argument, values[i]); err != nil {
			return nil, fmt.Errorf("argument %d: %w", i, err)
		}
	}
	var result any
	var err error
	for _, out := range v.Call(values) {
		if out.Type() == errorType {
			err, _ = out.Interface().(error)
		} else {
			result = out.Interface()
		}
	}
	return result, err
}

// convert puts an argument into a variable, with Python's help where it is needed.
func convert(argument any, into reflect.Value) error {
	switch into.Type() {
	case reflect.TypeOf(argument):
		into.Set(reflect.ValueOf(argument))
		return nil
	case emptyType:
		return nil
	}
	if into.Kind() == reflect.Interface {
		if argument != nil {
			into.Set(reflect.ValueOf(argument))
		}
		return nil
	}
	switch a := argument.(type) { // what needs no help
	case int64:
		if into.CanInt() {
			return put(into, kindInteger, a)
		}
	case float64:
		if into.CanFloat() {
			return put(into, kindReal, a)
		}
	case string:
		if into.Kind() == reflect.String {
			into.SetString(a)
			return nil
		}
	}
	shape, err := cachedShape(into.Type())
	if err != nil {
		return err
	}
	// Numbers, texts and the like become what is wanted by the same rules as results.
	f := begin(C.NEXUSGO_NEW_VALUE, 0, shape)
	if err = f.value1(argument); err != nil {
		f.drop()
		return err
	}
	if err = f.run(nil); err == nil {
		if f.c.tokens == 0 {
			err = f.single(into)
		} else {
			b := openBlock(f.c.block, f.c.tokens)
			err = b.into(into)
			b.free()
		}
	}
	f.end()
	return err
}

//export nexusgoForget
func nexusgoForget(handle C.uintptr_t) {
	cgo.Handle(handle).Delete()
}

//export nexusgoInvoke
func nexusgoInvoke(handle C.uintptr_t, arguments *C.NexusArguments, reply *C.nexusgo_reply) {
	call := cgo.Handle(handle).Value().(*callback)
	given, lent := received(arguments)
	defer func() {
		for _, object := range lent {
			object.handle.Store(0)
		}
		if panicked := recover(); panicked != nil {
			raise(reply, fmt.Errorf("panic in a Go function: %v\n\n%s", panicked, debug.Stack()))
		}
	}()
	result, err := call.call(given)
	if err != nil {
		raise(reply, err)
	} else {
		respond(reply, result)
	}
	runtime.KeepAlive(err)
	runtime.KeepAlive(result)
}

// received makes Go's arguments of Python's, without a crossing.
func received(arguments *C.NexusArguments) (given Arguments, lent []*Object) {
	count, keywords := int(arguments.count), int(arguments.keyword_count)
	if count+keywords == 0 {
		return given, nil
	}
	values := unsafe.Slice(arguments.values, count+keywords)
	one := func(v *C.NexusValue) any {
		payload := unsafe.Pointer(&v.as)
		switch v.kind {
		case kindNone:
			return nil
		case kindBoolean:
			return *(*C.bool)(payload) != false
		case kindInteger:
			return *(*int64)(payload)
		case kindReal:
			return *(*float64)(payload)
		case kindText:
			text := (*C.NexusText)(payload)
			return C.GoStringN(text.data, C.int(text.size))
		case kindBytes:
			text := (*C.NexusText)(payload)
			return C.GoBytes(unsafe.Pointer(text.data), C.int(text.size))
		default:
			object := new(Object)
			object.handle.Store(uint64(*(*uintptr)(payload)))
			lent = append(lent, object)
			return object
		}
	}
	given.Positional = make([]any, count)
	for i := range given.Positional {
		given.Positional[i] = one(&values[i])
	}
	if keywords > 0 {
		names := unsafe.Slice(arguments.keywords, keywords)
		given.Keywords = make([]Keyword, keywords)
		for i := range given.Keywords {
			given.Keywords[i] = Keyword{C.GoString(names[i]), one(&values[count+i])}
		}
	}
	return given, lent
}

// respond hands a result over: numbers and short texts at once, everything else as an object.
func respond(reply *C.nexusgo_reply, result any) {
	short := func(kind C.uint64_t, text string) bool {
		if len(text) > C.NEXUSGO_SHORT {
			return false
		}
		copy(unsafe.Slice((*byte)(unsafe.Pointer(reply.text)), C.NEXUSGO_SHORT), text)
		reply.result = token{kind, 0, C.uint64_t(len(text))}
		return true
	}
	switch v := result.(type) {
	case nil:
		return
	case bool:
		reply.result = token{kindBoolean, C.uint64_t(boolean(v)), 0}
		return
	case int:
		reply.result = token{kindInteger, C.uint64_t(v), 0}
		return
	case int64:
		reply.result = token{kindInteger, C.uint64_t(v), 0}
		return
	case float64:
		reply.result = token{kindReal, C.uint64_t(math.Float64bits(v)), 0}
		return
	case string:
		if short(kindText, v) {
			return
		}
	}
	f := begin(C.NEXUSGO_NEW, 0, nothingShape)
	if err := f.value1(result); err != nil {
		f.drop()
		raise(reply, fmt.Errorf("result: %w", err))
		return
	}
	C.nexusgo_reply_build(reply, unsafe.SliceData(f.tokens), C.size_t(len(f.tokens)),
		(*C.char)(unsafe.Pointer(unsafe.SliceData(f.text))))
	f.end()
}

// raise hands an error over.
func raise(reply *C.nexusgo_reply, err error) {
	reply.result = token{}
	status, exception, message := C.int32_t(ErrException), "", err.Error()
	var raised *PythonError
	var plain *Error
	switch {
	case errors.As(err, &raised):
		if handle := raised.object.number(); handle != 0 {
			C.nexusgo_reply_raise_object(reply, handle)
			return
		}
		exception = raised.Type
		if err == error(raised) {
			message = raised.Message
		}
	case errors.As(err, &plain):
		status = C.int32_t(plain.Status)
	}
	text := cText(message)
	defer C.free(unsafe.Pointer(text))
	var name *C.char
	if exception != "" {
		name = cText(exception)
		defer C.free(unsafe.Pointer(name))
	}
	C.nexusgo_reply_raise(reply, status, name, text)
}

// cText is a text for C, without the NULs and broken UTF-8 that errors may have in them.
func cText(text string) *C.char {
	return C.CString(strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\u2400"))
}
