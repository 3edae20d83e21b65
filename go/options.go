package nexus

// #include "bridge.h"
import "C"

import "time"

// Option says how to open a directory.
type Option func(*openConfig)

type openConfig struct {
	flags     C.uint32_t
	modules   []string
	trial     time.Duration
	allowList string
	hooks     hooks
}

// hooks are the Go functions that opening and loading call.
type hooks struct {
	filter   func(name, path string) bool
	progress func(Progress) bool
}

// Modules names the modules to load, in this order: dotted names, stems, or patterns with *, ? and […].
// A name that is not found becomes an entry of the report, no error.
func Modules(names ...string) Option {
	return func(c *openConfig) { c.modules = append([]string{}, names...) }
}

// Lazy only looks now, and loads each module at its first Get.
func Lazy() Option { return func(c *openConfig) { c.flags |= C.NEXUS_LOADER_LAZY } }

// Recursive descends into packages and plain folders.
func Recursive() Option { return func(c *openConfig) { c.flags |= C.NEXUS_LOADER_RECURSIVE } }

// Trial imports each module in a child process first, so that one that crashes does not crash the program.
// The limit is how long one module may take; 0 means ten seconds.
func Trial(limit time.Duration) Option {
	return func(c *openConfig) {
		c.flags |= C.NEXUS_LOADER_TRIAL
		c.trial = limit
	}
}

// Verify opens only the files whose checksums are in a list, as sha256sum writes it; "" means SHA256SUMS in
// the directory.
func Verify(list string) Option {
	return func(c *openConfig) {
		c.flags |= C.NEXUS_LOADER_VERIFY
		c.allowList = list
	}
}

// Strict refuses, together with Verify, directories and lists that others than root and this user own or
// may write.
func Strict() Option { return func(c *openConfig) { c.flags |= C.NEXUS_LOADER_STRICT } }

// CleanupOnClose calls cleanup() of each module that has one when the loader is closed.
func CleanupOnClose() Option {
	return func(c *openConfig) { c.flags |= C.NEXUS_LOADER_CLEANUP_ON_FREE }
}

// Filter asks before a module loads: false means no, and the report says so. With Lazy it is asked at the
// first Get, on any goroutine.
func Filter(allow func(name, path string) bool) Option {
	return func(c *openConfig) { c.hooks.filter = allow }
}

// Progress is what a function given to OnProgress is told after each module.
type Progress struct {
	// Index counts from 0, Total is how many modules are to load.
	Index, Total int
	Name         string
	State        State
	Duration     time.Duration
}

// OnProgress is told after each module. Returning false cancels: the modules after it are not loaded, and the
// report says so.
func OnProgress(told func(Progress) bool) Option {
	return func(c *openConfig) { c.hooks.progress = told }
}
