package nexus

// #include "bridge.h"
import "C"

// Status is what a call had to say about its outcome. The Err… constants are its values; each is an error,
// so that errors.Is(err, nexus.ErrNotFound) tells what kind of failure err is.
//
// Programs must expect numbers that they do not know yet.
type Status uint32

// The statuses of the library. See include/nexus_loader.h for when each is returned.
const (
	// ErrInvalidArgument: an argument is out of range, or not UTF-8; the message names it.
	ErrInvalidArgument Status = C.NEXUS_ERR_INVALID_ARGUMENT
	// ErrBadHandle: an object, loader or buffer that was closed.
	ErrBadHandle Status = C.NEXUS_ERR_BAD_HANDLE
	// ErrNotFound: a path, an attribute or a name does not exist.
	ErrNotFound Status = C.NEXUS_ERR_NOT_FOUND
	// ErrNotADirectory: the path exists, but is no directory.
	ErrNotADirectory Status = C.NEXUS_ERR_NOT_A_DIRECTORY
	// ErrNoModules: the directory has no file that ends in .so or .pyd.
	ErrNoModules Status = C.NEXUS_ERR_NO_MODULES
	// ErrNotLoaded: the loader has no loaded module of that name; the message lists those it has.
	ErrNotLoaded Status = C.NEXUS_ERR_NOT_LOADED
	// ErrAmbiguous: the name stands for several modules; the message lists them.
	ErrAmbiguous Status = C.NEXUS_ERR_AMBIGUOUS
	// ErrLoadFailed: a module was found and could not be loaded.
	ErrLoadFailed Status = C.NEXUS_ERR_LOAD_FAILED
	// ErrPythonNotFound: no usable Python on this machine; the message lists every candidate.
	ErrPythonNotFound Status = C.NEXUS_ERR_PYTHON_NOT_FOUND
	// ErrPythonStart: a Python was found, but did not start.
	ErrPythonStart Status = C.NEXUS_ERR_PYTHON_START
	// ErrPythonConflict: another Python runs in this process already, or two are in it.
	ErrPythonConflict Status = C.NEXUS_ERR_PYTHON_CONFLICT
	// ErrNotStarted: Python is needed, and nothing has started it yet.
	ErrNotStarted Status = C.NEXUS_ERR_NOT_STARTED
	// ErrException: Python raised an exception. Such errors are of type *PythonError.
	ErrException Status = C.NEXUS_ERR_EXCEPTION
	// ErrType: a value has another type than is needed.
	ErrType Status = C.NEXUS_ERR_TYPE
	// ErrOverflow: a number does not fit into the type that it was asked for as.
	ErrOverflow Status = C.NEXUS_ERR_OVERFLOW
	// ErrIO: the operating system refused to read a file or directory.
	ErrIO Status = C.NEXUS_ERR_IO
	// ErrEngine: the engine library is not beside libnexus_loader, or is of another version.
	ErrEngine Status = C.NEXUS_ERR_ENGINE
	// ErrNoMemory: no memory, or no free handle.
	ErrNoMemory Status = C.NEXUS_ERR_NO_MEMORY
	// ErrNotAttached: this thread does not hold what it wants to give back.
	ErrNotAttached Status = C.NEXUS_ERR_NOT_ATTACHED
	// ErrForked: this process was forked from the one that started Python.
	ErrForked Status = C.NEXUS_ERR_FORKED
	// ErrClosed: the interpreter that was adopted has been finalized by its owner.
	ErrClosed Status = C.NEXUS_ERR_CLOSED
	// ErrBusy: something is still in use and cannot be taken back.
	ErrBusy Status = C.NEXUS_ERR_BUSY
	// ErrCancelled: the program asked to stop. Errors of a context have it, too.
	ErrCancelled Status = C.NEXUS_ERR_CANCELLED
	// ErrNotAllowed: a file is not allowed by the list that the program gave.
	ErrNotAllowed Status = C.NEXUS_ERR_NOT_ALLOWED
	// ErrTimeout: a time limit passed.
	ErrTimeout Status = C.NEXUS_ERR_TIMEOUT
	// ErrEnd: an iteration has no further item.
	ErrEnd Status = C.NEXUS_ERR_END
	// ErrNotSupported: this build, platform or Python cannot do that.
	ErrNotSupported Status = C.NEXUS_ERR_NOT_SUPPORTED
	// ErrPanic: a defect in nexus_loader itself; the message is for its developers.
	ErrPanic Status = C.NEXUS_ERR_PANIC
)

// Error is the text of the status.
func (s Status) Error() string {
	return C.GoString(C.nexus_status_string(C.NexusStatus(s)))
}
