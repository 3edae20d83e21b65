package nexus

// #include "bridge.h"
import "C"

import (
	"runtime"
	"sync/atomic"
)

// Function is a call that was made ready once, to be made often: what does not change from call to call is
// looked up in advance, and a function that is written in C is called without going through Python. Any
// number of goroutines may use it at the same time.
//
// Close lets go of it; like an Object, it is let go of some time after it is out of reach, too.
type Function struct {
	handle  atomic.Uint64
	cleanup runtime.Cleanup
}

// Prepare makes a call of the object ready. The last len(keywords) arguments of each call are then keyword
// arguments of these names.
func (o *Object) Prepare(keywords ...string) (*Function, error) {
	f := begin(C.NEXUSGO_PREPARE, o.number(), nothingShape)
	var err error
	for _, name := range keywords {
		if err == nil {
			err = f.keyword(name)
		}
		f.push(kindNone, 0, 0)
	}
	if err != nil {
		f.drop()
		return nil, err
	}
	var function *Function
	if err = f.run(nil); err == nil {
		function = new(Function)
		function.handle.Store(uint64(f.c.result.word))
		function.cleanup = onForgotten(function, freeCall, f.c.result.word)
	}
	f.end()
	runtime.KeepAlive(o)
	return function, err
}

// Prepare makes a function of a module, or a method of an object, ready; see Object.Prepare.
func Prepare(of Handle, name string, keywords ...string) (*Function, error) {
	function, err := Attr[*Object](of, name)
	if err != nil {
		return nil, err
	}
	defer function.Close()
	return function.Prepare(keywords...)
}

func freeCall(handle C.uint64_t) {
	go C.nexusgo_call_free(handle) // waits for the GIL, which Go's cleanups must not
}

func (f *Function) target() (operation, C.uint64_t) {
	if f == nil {
		return C.NEXUSGO_INVOKE, 0
	}
	return C.NEXUSGO_INVOKE, C.uint64_t(f.handle.Load())
}

// Call makes the call. The result is as that of Object.Call; nexus.Invoke[T] makes a T of it.
func (f *Function) Call(arguments ...any) (any, error) {
	what, handle := f.target()
	value, err := callHandle(nil, handle, what, "", arguments)
	runtime.KeepAlive(f)
	return value, err
}

// Close lets go of it. A second time does nothing. It always returns nil.
func (f *Function) Close() error {
	if f == nil {
		return nil
	}
	if handle := f.handle.Swap(0); handle != 0 {
		f.cleanup.Stop()
		C.nexusgo_call_free(C.uint64_t(handle))
	}
	return nil
}
