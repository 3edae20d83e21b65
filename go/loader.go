package nexus

// #include "bridge.h"
import "C"

import (
	"iter"
	"runtime"
	"runtime/cgo"
	"sync/atomic"
	"time"
	"unsafe"
)

// Loader is a directory of compiled Python modules that was opened.
//
// Close lets go of it; the modules stay loaded, and what was got from it stays valid. Like an Object, it is
// let go of some time after it is out of reach, too.
type Loader struct {
	handle  atomic.Uint64
	cleanup runtime.Cleanup
	hooks   cgo.Handle // 0: none
	path    string
}

// Open opens a directory and loads its modules: all, or those that the option Modules names. One that fails does not hinder
// the others; the report tells of each. Starts Python if nothing has. The code of the modules runs.
//
// It is ErrNotFound, ErrNotADirectory, ErrNoModules or ErrIO if there is nothing to open, or what Start
// returns.
func Open(directory string, options ...Option) (*Loader, error) {
	var config openConfig
	for _, option := range options {
		option(&config)
	}
	for _, text := range append([]string{directory, config.allowList}, config.modules...) {
		if err := withoutNul("a path or name", text); err != nil {
			return nil, err
		}
	}
	if err := started(); err != nil {
		return nil, err
	}
	open := C.nexusgo_open{flags: config.flags, allow_list: nowhere, all: 1}
	if limit := config.trial.Milliseconds(); limit > 0 {
		open.trial_milliseconds = C.uint32_t(min(limit, 1<<31))
	} else if config.trial > 0 {
		open.trial_milliseconds = 1
	}
	text := append([]byte(directory), 0)
	if config.allowList != "" {
		open.allow_list = C.uint64_t(len(text))
		text = append(append(text, config.allowList...), 0)
	}
	open.modules = C.uint64_t(len(text))
	if config.modules != nil {
		open.all = 0
		open.module_count = C.uint64_t(len(config.modules))
	}
	for _, name := range config.modules {
		text = append(append(text, name...), 0)
	}
	text = append(text, 0)
	loader := &Loader{path: directory}
	if config.hooks.filter != nil || config.hooks.progress != nil {
		loader.hooks = cgo.NewHandle(&config.hooks)
		open.hooks = C.uint64_t(loader.hooks)
		open.has_filter = C.uint32_t(boolean(config.hooks.filter != nil))
		open.has_progress = C.uint32_t(boolean(config.hooks.progress != nil))
	}
	C.nexusgo_loader_open(&open, (*C.char)(unsafe.Pointer(unsafe.SliceData(text))))
	if open.status != 0 {
		loader.freeHooks()
		return nil, takeError(open.status, open.error, false)
	}
	loader.handle.Store(uint64(open.loader))
	hooks := loader.hooks
	loader.cleanup = onForgotten(loader, func(handle C.uint64_t) {
		go freeLoader(handle, hooks) // waits for the GIL, which Go's cleanups must not
	}, open.loader)
	return loader, nil
}

func freeLoader(handle C.uint64_t, hooks cgo.Handle) {
	C.nexusgo_loader_free(handle)
	if hooks != 0 {
		hooks.Delete()
	}
}

func (l *Loader) freeHooks() {
	if l.hooks != 0 {
		l.hooks.Delete()
	}
}

// Close lets go of the loader; with CleanupOnClose it calls cleanup() of each of its modules that has one. A
// second time does nothing. It always returns nil. A lazy module that loads meanwhile may find its Filter gone, and is
// skipped then.
func (l *Loader) Close() error {
	if l == nil {
		return nil
	}
	if handle := l.handle.Swap(0); handle != 0 {
		l.cleanup.Stop()
		freeLoader(C.uint64_t(handle), l.hooks)
	}
	return nil
}

func (l *Loader) number() C.uint64_t {
	if l == nil {
		return 0
	}
	return C.uint64_t(l.handle.Load())
}

// Path is the directory, as it was given.
func (l *Loader) Path() string { return l.path }

// Names are the names of the modules that Get can give, in load order: the loaded ones, and with Lazy those
// that were not tried. It is empty for a loader that was closed.
func (l *Loader) Names() []string { return l.names(0) }

// Requested are the names that the option Modules gave; nil when all modules were asked for.
func (l *Loader) Requested() []string { return l.names(1) }

func (l *Loader) names(requested C.uint32_t) []string {
	var tokens, failure C.uint64_t
	var status C.int32_t
	b := openBlock(C.nexusgo_loader_names(l.number(), requested, &tokens, &status, &failure), tokens)
	defer b.free()
	runtime.KeepAlive(l)
	if status != 0 {
		takeError(status, failure, false) // a loader that was closed has no names
		return nil
	}
	return b.texts()
}

// Len is how many names Names has.
func (l *Loader) Len() int {
	count := int(C.nexusgo_loader_count(l.number()))
	runtime.KeepAlive(l)
	return count
}

// Contains tells whether Get would give a module for that name, as far as is known.
func (l *Loader) Contains(name string) bool {
	if withoutNul("a name", name) != nil {
		return false
	}
	text := append([]byte(name), 0)
	found := C.nexusgo_loader_contains(l.number(), (*C.char)(unsafe.Pointer(unsafe.SliceData(text))))
	runtime.KeepAlive(l)
	return found != 0
}

// String is a line for people: NexusLoader(bin_path='/opt/app/modules', loaded=5 modules).
func (l *Loader) String() string {
	text := C.GoString(C.nexusgo_loader_describe(l.number()))
	runtime.KeepAlive(l)
	if text == "" {
		return "NexusLoader(closed)"
	}
	return text
}

// All gives each module of Names, by name, or why it did not load. The modules are the caller's to close.
//
//	for module, err := range loader.All() { … }
func (l *Loader) All() iter.Seq2[*Module, error] {
	return func(yield func(*Module, error) bool) {
		for _, name := range l.Names() {
			if !yield(l.Get(name)) {
				return
			}
		}
	}
}

//export nexusgoFilter
func nexusgoFilter(name, path *C.char, handle C.uintptr_t) C.int32_t {
	allow := true
	harmless("Filter", func() {
		allow = false // if it panics
		allow = cgo.Handle(handle).Value().(*hooks).filter(C.GoString(name), C.GoString(path))
	})
	return C.int32_t(boolean(allow))
}

//export nexusgoProgress
func nexusgoProgress(index, total C.size_t, name *C.char, state C.uint32_t, nanoseconds C.uint64_t, handle C.uintptr_t) C.int32_t {
	goOn := true
	harmless("OnProgress", func() {
		goOn = cgo.Handle(handle).Value().(*hooks).progress(Progress{
			Index: int(index), Total: int(total), Name: C.GoString(name), State: State(state),
			Duration: time.Duration(nanoseconds),
		})
	})
	return C.int32_t(boolean(!goOn))
}
