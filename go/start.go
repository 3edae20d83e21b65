package nexus

// #include "bridge.h"
import "C"

import (
	"strings"
	"sync/atomic"
	"unsafe"
)

// StartOption says which Python to start, and how.
type StartOption func(*startConfig)

type startConfig struct {
	flags  C.uint32_t
	python string
	argv   []string
}

// Python names the Python to start: an interpreter, a virtual environment, an installation prefix or a
// libpython file. Without it, NEXUS_PYTHON, VIRTUAL_ENV, CONDA_PREFIX, PATH and the system are searched.
func Python(path string) StartOption { return func(c *startConfig) { c.python = path } }

// Argv sets sys.argv.
func Argv(argv ...string) StartOption {
	return func(c *startConfig) { c.argv = append([]string{}, argv...) }
}

// NoSite starts Python without site: no site-packages, no sitecustomize.
func NoSite() StartOption {
	return func(c *startConfig) { c.flags |= C.NEXUS_PYTHON_NO_SITE }
}

// UseEnvironment honours PYTHONHOME, PYTHONPATH and the other inherited PYTHON… variables, which are
// otherwise ignored: they were set for another program.
func UseEnvironment() StartOption {
	return func(c *startConfig) { c.flags |= C.NEXUS_PYTHON_USE_ENVIRONMENT }
}

var isStarted atomic.Bool

// Start starts Python; what needs Python does it with the defaults if nothing has. There is one Python for
// the life of the process. If it runs already and the options name no other, nothing happens.
//
// Python's main thread is one that exists for that alone: so Python code cannot take the signals that Go
// handles, whichever goroutine runs it.
func Start(options ...StartOption) error {
	start, text := startOf(options)
	C.nexusgo_python_start(&start, (*C.char)(unsafe.Pointer(unsafe.SliceData(text))))
	if start.status != 0 {
		return takeError(start.status, start.error, false)
	}
	isStarted.Store(true)
	return nil
}

// started starts Python with the defaults, unless it runs.
func started() error {
	if isStarted.Load() {
		return nil
	}
	return Start()
}

const nowhere = C.uint64_t(1<<64 - 1)

func startOf(options []StartOption) (C.nexusgo_start, []byte) {
	var config startConfig
	for _, option := range options {
		option(&config)
	}
	start := C.nexusgo_start{flags: config.flags, python: nowhere}
	var text []byte
	add := func(s string) C.uint64_t {
		at := len(text)
		text = append(append(text, s...), 0)
		return C.uint64_t(at)
	}
	if config.python != "" {
		start.python = add(config.python)
	}
	start.argv = C.uint64_t(len(text))
	if config.argv != nil {
		start.has_argv = 1
	}
	for _, argument := range config.argv {
		add(argument)
		start.argv_count++
	}
	return start, append(text, 0)
}

// Search lists every Python that Start would look at with these options, a line each: where it came from,
// and why it would be taken or is refused. It starts nothing.
func Search(options ...StartOption) ([]string, error) {
	start, text := startOf(options)
	var tokens C.uint64_t
	number := C.nexusgo_python_search(&start, &tokens, (*C.char)(unsafe.Pointer(unsafe.SliceData(text))))
	b := openBlock(number, tokens)
	defer b.free()
	if start.status != 0 {
		return nil, takeError(start.status, start.error, false)
	}
	return b.texts(), nil
}

// PythonInfo tells which Python runs.
type PythonInfo struct {
	// Major, Minor and Micro are its version, Version is sys.version, with date and compiler.
	Major, Minor, Micro int
	Version             string
	// Owned tells whether nexus_loader has started it; otherwise it was in the process.
	Owned bool
	// Library is the libpython, Executable sys.executable, Prefix sys.prefix.
	Library, Executable, Prefix string
	// Reason says where it was found, and why it was taken.
	Reason string
}

// Info tells which Python runs, and why this one. It is ErrNotStarted before a start.
func Info() (PythonInfo, error) {
	var p C.nexusgo_python
	C.nexusgo_python_info(&p)
	if p.status != 0 {
		return PythonInfo{}, takeError(p.status, p.error, false)
	}
	version := int(p.version)
	return PythonInfo{
		Major: version >> 16, Minor: version >> 8 & 0xff, Micro: version & 0xff,
		Version: C.GoString(p.version_text), Owned: p.owned != 0, Library: C.GoString(p.library),
		Executable: C.GoString(p.executable), Prefix: C.GoString(p.prefix), Reason: C.GoString(p.reason),
	}, nil
}

// Version is the version of the library that runs, such as "0.1.0".
func Version() string { return C.GoString(C.nexus_version_string()) }

// withoutNul refuses what C would cut off.
func withoutNul(what, text string) error {
	if strings.IndexByte(text, 0) >= 0 {
		return wrong(ErrInvalidArgument, what+" has a NUL in it")
	}
	return nil
}
