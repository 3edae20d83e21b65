// Package nexus opens a directory of compiled Python extension modules and calls them, on whichever CPython from 3.11
// up the machine has.
//
//	loader, err := nexus.Open("/opt/app/modules")
//	…
//	crypto, err := loader.Get("crypto")
//	…
//	text, err := nexus.Call[string](crypto, "encrypt", "Hello")
//
// It is built with cgo and pkg-config over the C library nexus_loader; docs/go.md says how to install it, and shows
// all that follows at work.
//
// # Goroutines
//
// Everything may be called from any goroutine, also at the same time, and nobody needs runtime.LockOSThread. One call
// is one crossing from Go to C, in which a goroutine cannot change its thread; the GIL is held only inside. Calls that
// wait inside Python have a thread of the system each: SetMaxCalls bounds them. Functions whose names end in Context
// end with their context.
//
// # Values
//
// Arguments are Go values of any type that has a counterpart in Python, and the functions with a type parameter, such
// as Call, make a Go value of what Python gives: As has the table. Nothing is guessed.
//
// # Errors
//
// What Python raises is a *PythonError, everything else an *Error. errors.Is compares with the Err… constants and
// with an Exception, the name of a type of exceptions. A panic in a Go function that Python calls becomes an exception.
//
// # Signals
//
// They stay Go's. Python's main thread is one that no goroutine runs on, so signal.signal raises an exception; a nil
// pointer can be recovered from after Python has started, and faulthandler.enable() changes nothing about that.
package nexus
