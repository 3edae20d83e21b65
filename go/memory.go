package nexus

// #include "bridge.h"
import "C"

import (
	"fmt"
	"reflect"
	"runtime"
	"runtime/cgo"
	"sync/atomic"
	"unsafe"
)

// Memory is memory of Go that Python sees, without a copy: as an argument of a call it is an object that
// memoryview, numpy.asarray and every function that takes bytes-like objects accept.
//
// The garbage collector leaves the memory where it is as long as Python can reach it, also after Close.
type Memory struct {
	handle atomic.Uint64
	seen   *Object
	clean  runtime.Cleanup
}

// Share lets Python see a slice. The shape says how many items there are in each dimension; without one, it is one
// dimension. Starts Python if nothing has.
//
// What Go writes, Python sees, and the other way round; that nobody writes at the same time is up to the
// program.
func Share[T Number](items []T, shape ...int) (*Memory, error) { return share(items, false, shape) }

// ShareReadOnly is Share, and Python must not write.
func ShareReadOnly[T Number](items []T, shape ...int) (*Memory, error) {
	return share(items, true, shape)
}

func share[T Number](items []T, readOnly bool, shape []int) (*Memory, error) {
	if err := started(); err != nil {
		return nil, err
	}
	kind := reflect.TypeFor[T]()
	if len(shape) == 0 {
		shape = []int{len(items)}
	}
	m := C.nexusgo_memory{
		read_only: C.uint32_t(boolean(readOnly)), size: C.uint64_t(len(items) * int(kind.Size())),
		item_size: C.uint64_t(kind.Size()), ndim: C.uint64_t(len(shape)),
	}
	if len(shape) > len(m.shape) {
		return nil, wrong(ErrInvalidArgument, fmt.Sprintf("%d dimensions, more than %d", len(shape), len(m.shape)))
	}
	count := 1
	for i, length := range shape {
		m.shape[i] = C.ptrdiff_t(length)
		count *= length
	}
	if count != len(items) {
		return nil, wrong(ErrInvalidArgument, fmt.Sprintf("the shape %v is of %d items, the slice has %d", shape, count, len(items)))
	}
	for i, letter := range formatOf(kind) {
		m.format[i] = C.char(letter)
	}
	// Pinned as long as Python can reach it: C keeps a pointer to it.
	pinner := new(runtime.Pinner)
	data := unsafe.Pointer(unsafe.SliceData(items))
	if len(items) > 0 {
		pinner.Pin(unsafe.SliceData(items))
	} else {
		data = nil
	}
	hold := cgo.NewHandle(pinner)
	m.hold = C.uint64_t(hold)
	C.nexusgo_memory_new(&m, data)
	if m.status != 0 {
		if m.taken == 0 {
			nexusgoMemoryDone(C.uintptr_t(hold))
		}
		return nil, takeError(m.status, m.error, false)
	}
	shared := &Memory{seen: newObject(m.object)}
	shared.handle.Store(uint64(m.memory))
	shared.clean = onForgotten(shared, freeMemory, m.memory)
	return shared, nil
}

func freeMemory(handle C.uint64_t) {
	go C.nexusgo_memory_free(handle) // waits for the GIL, which Go's cleanups must not
}

// formatOf is the notation of Python's struct module, by size: C's long has not the same one everywhere.
func formatOf(kind reflect.Type) string {
	switch kind.Kind() {
	case reflect.Bool:
		return "?"
	case reflect.Float32:
		return "f"
	case reflect.Float64:
		return "d"
	case reflect.Complex64:
		return "Zf"
	case reflect.Complex128:
		return "Zd"
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		return map[uintptr]string{1: "B", 2: "H", 4: "I", 8: "Q"}[kind.Size()]
	}
	return map[uintptr]string{1: "b", 2: "h", 4: "i", 8: "q"}[kind.Size()]
}

// object is what Python sees.
func (m *Memory) object() *Object {
	if m == nil {
		return nil
	}
	return m.seen
}

// Revoke takes the memory back while Python still knows its object: whoever uses it there from now on gets a
// BufferError. It is ErrBusy while Python has views of it, such as numpy arrays, and nothing changes then.
func (m *Memory) Revoke() error {
	var failure C.uint64_t
	status := C.nexusgo_memory_revoke(C.uint64_t(m.handle.Load()), &failure)
	runtime.KeepAlive(m)
	if status != 0 {
		return takeError(status, failure, false)
	}
	return nil
}

// Close lets go of the memory; Python may go on using it. A second time does nothing. It always returns nil.
func (m *Memory) Close() error {
	if m == nil {
		return nil
	}
	if handle := m.handle.Swap(0); handle != 0 {
		m.clean.Stop()
		m.seen.Close()
		C.nexusgo_memory_free(C.uint64_t(handle))
	}
	return nil
}

//export nexusgoMemoryDone
func nexusgoMemoryDone(hold C.uintptr_t) {
	handle := cgo.Handle(hold)
	handle.Value().(*runtime.Pinner).Unpin()
	handle.Delete()
}
