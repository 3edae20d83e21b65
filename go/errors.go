package nexus

// #include "bridge.h"
import "C"

import (
	"errors"
	"strings"
)

// Error is a failure that is no Python exception: a module that did not load, a wrong argument, no Python.
type Error struct {
	// Status tells what kind of failure it is; errors.Is compares with it.
	Status Status
	// Detail is the finer code, 0 if there is none.
	Detail Detail
	// Message says what was wrong, with what, and what to do about it.
	Message string
	// Module is the name of the module that it is about, Path the file or directory; "" if there is none.
	Module, Path string
	// Linker is what the dynamic linker said.
	Linker string
	// Exception is the Python exception behind it, such as the one that a module's init function raised;
	// nil if there is none. errors.As finds it.
	Exception *PythonError

	context error
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Is tells whether target is the status of this error.
func (e *Error) Is(target error) bool { return target == e.Status }

// Unwrap gives the exception and the context's error, if there are any.
func (e *Error) Unwrap() []error {
	var all []error
	if e.Exception != nil {
		all = append(all, e.Exception)
	}
	if e.context != nil {
		all = append(all, e.context)
	}
	return all
}

// PythonError is an exception that Python raised. It is plain data: nothing of Python is kept alive by it,
// unless the call had the argument KeepException.
type PythonError struct {
	// Type is the exception's class with its module, such as "builtins.ValueError".
	Type string
	// Message is str(exception).
	Message string
	// Traceback is the traceback as Python prints it, with the causes.
	Traceback string
	// Notes are those of add_note.
	Notes []string
	// Group are the members of an exception group.
	Group []*PythonError
	// Module and Path are the module and file that the failure is about, if it is about one.
	Module, Path string
	// Detail is the finer code, 0 if there is none.
	Detail Detail

	cause   *PythonError
	object  *Object
	context error
}

// Error is what the last line of a traceback says: the type and the message.
func (e *PythonError) Error() string {
	name := strings.TrimPrefix(e.Type, "builtins.")
	if e.Message == "" {
		return name
	}
	return name + ": " + e.Message
}

// Is tells whether target is ErrException, the Exception of this type, or for a call whose context has
// ended ErrCancelled.
func (e *PythonError) Is(target error) bool {
	switch target := target.(type) {
	case Status:
		return target == ErrException || target == ErrCancelled && e.context != nil
	case Exception:
		return string(target) == e.Type || "builtins."+string(target) == e.Type
	}
	return false
}

// Unwrap gives what caused the exception (raise … from …, or raised while that one was handled), the
// members of a group, and the error of the context that ended the call.
func (e *PythonError) Unwrap() []error {
	var all []error
	if e.context != nil {
		all = append(all, e.context)
	}
	if e.cause != nil {
		all = append(all, e.cause)
	}
	for _, member := range e.Group {
		all = append(all, member)
	}
	return all
}

// Cause is the exception that caused this one; nil at the end of the chain.
func (e *PythonError) Cause() *PythonError { return e.cause }

// Object is the exception object itself, for what the message does not tell, such as the errno of an
// OSError. It is nil unless the call had the argument KeepException. Whoever asks for it closes it.
func (e *PythonError) Object() *Object { return e.object }

// Exception is the name of a type of Python's exceptions, for errors.Is:
//
//	errors.Is(err, nexus.Exception("KeyError"))
//
// The types of modules are written with the module: "json.decoder.JSONDecodeError". Only the exact type
// counts, not the classes that it is derived from.
type Exception string

// Error is the name.
func (e Exception) Error() string { return string(e) }

// Raise makes an error that a Go function, which Python calls, returns to raise a Python exception:
//
//	return nil, nexus.Raise("builtins.KeyError", "no such user")
//
// The class is imported; it must take one argument. Otherwise, RuntimeError is raised instead.
func Raise(exception, message string) error {
	if !strings.Contains(exception, ".") {
		exception = "builtins." + exception
	}
	return &PythonError{Type: exception, Message: message}
}

// wrong makes an error of this package's own.
func wrong(status Status, message string) error {
	return &Error{Status: status, Message: message}
}

// takeError makes a Go error of a status and the library's error, which it frees.
func takeError(status C.int32_t, number C.uint64_t, keep bool) error {
	if number == 0 {
		return &Error{Status: Status(status), Message: Status(status).Error()}
	}
	var tokens C.uint64_t
	var keeping C.uint32_t
	if keep {
		keeping = 1
	}
	read := openBlock(C.nexusgo_error_read(number, keeping, &tokens), tokens)
	if read.number == 0 {
		return &Error{Status: ErrNoMemory, Message: ErrNoMemory.Error()}
	}
	defer read.free()
	plain, exception := readError(&read)
	if plain.Status == ErrException && exception != nil {
		return exception
	}
	plain.Exception = exception
	return plain
}

func readError(read *block) (*Error, *PythonError) {
	plain := &Error{Status: Status(read.integer()), Detail: Detail(read.integer())}
	plain.Message = read.text()
	plain.Module = read.text()
	plain.Path = read.text()
	plain.Linker = read.text()
	name := read.text()
	if name == "" {
		return plain, nil
	}
	exception := &PythonError{Type: name, Message: plain.Message, Module: plain.Module, Path: plain.Path, Detail: plain.Detail}
	exception.Traceback = read.text()
	if notes := read.texts(); len(notes) > 0 {
		exception.Notes = notes
	}
	if object := read.next(); object.kind == kindObject {
		exception.object = newObject(object.word)
	}
	if read.integer() != 0 {
		_, exception.cause = readError(read)
	}
	for range read.integer() {
		if _, member := readError(read); member != nil {
			exception.Group = append(exception.Group, member)
		}
	}
	return plain, exception
}

// withContext says that a call has failed because its context has ended.
func withContext(err, cause error) error {
	switch err := err.(type) {
	case *PythonError:
		if err.Type == "builtins.KeyboardInterrupt" {
			err.context = cause
		}
		return err
	case *Error:
		if err.Status == ErrCancelled {
			err.context = cause
			err.Message = cause.Error()
		}
		return err
	}
	return errors.Join(err, cause)
}
