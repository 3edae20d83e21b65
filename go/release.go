package nexus

// #include "bridge.h"
import "C"

import (
	"runtime"
	"sync"
)

// Handles of objects that nobody can reach any more and that were not closed. Go's cleanups all run on one
// goroutine, which must not wait for the GIL: so they only put the handle here, and a goroutine of its own
// releases many at once.
var forgotten struct {
	sync.Mutex
	handles   []C.uint64_t
	releasing bool
}

func forget(handle C.uint64_t) {
	forgotten.Lock()
	defer forgotten.Unlock()
	forgotten.handles = append(forgotten.handles, handle)
	if !forgotten.releasing {
		forgotten.releasing = true
		go releaseForgotten()
	}
}

func releaseForgotten() {
	for {
		forgotten.Lock()
		handles := forgotten.handles
		forgotten.handles = nil
		if len(handles) == 0 {
			forgotten.releasing = false
			forgotten.Unlock()
			return
		}
		forgotten.Unlock()
		C.nexusgo_release_many(&handles[0], C.size_t(len(handles)))
	}
}

// onForgotten has release called with the handle when owner is out of reach.
func onForgotten[T any](owner *T, release func(C.uint64_t), handle C.uint64_t) runtime.Cleanup {
	return runtime.AddCleanup(owner, release, handle)
}
