package nexus

// #include "bridge.h"
import "C"

import (
	"fmt"
	"reflect"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// Number is what buffers may consist of.
type Number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~int | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uint |
		~float32 | ~float64 | ~complex64 | ~complex128 | ~bool
}

// Buffer is the memory of a Python object, such as a numpy array or bytes, as a slice: nothing is copied.
//
// The slice is valid until Close, and must not be used afterwards, as Go cannot see who uses it. For the same
// reason a Buffer must be closed: one that is forgotten keeps the memory for ever, rather than give it back
// under a slice that is still in use. See Use for the short way.
type Buffer[T Number] struct {
	handle  atomic.Uint64
	items   []T
	shape   []int
	strides []int
	reads   bool
}

// View gets the memory of an object to read: whatever is contiguous, as C or Fortran have it, and consists of T. It
// is ErrType if the object has no such memory.
func View[T Number](of Handle) (*Buffer[T], error) { return bufferOf[T](of, 0) }

// Edit gets the memory of an object to read and write; otherwise as View.
func Edit[T Number](of Handle) (*Buffer[T], error) {
	return bufferOf[T](of, C.NEXUS_BUFFER_WRITABLE)
}

// Use calls a function with the memory of an object, and closes it afterwards: the slice must not be kept.
func Use[T Number](of Handle, function func(items []T) error) error {
	buffer, err := View[T](of)
	if err != nil {
		return err
	}
	defer buffer.Close()
	return function(buffer.Slice())
}

func bufferOf[T Number](of Handle, flags C.uint32_t) (*Buffer[T], error) {
	b := C.nexusgo_buffer{
		object: of.object().number(),
		flags:  flags | C.NEXUS_BUFFER_C_CONTIGUOUS | C.NEXUS_BUFFER_F_CONTIGUOUS,
	}
	C.nexusgo_buffer_get(&b)
	runtime.KeepAlive(of)
	if b.status != 0 {
		return nil, takeError(b.status, b.error, false)
	}
	format := C.GoString(&b.format[0])
	if kind := reflect.TypeFor[T](); !fits(kind, format, int(b.item_size)) {
		C.nexusgo_buffer_free(b.buffer)
		return nil, wrong(ErrType, fmt.Sprintf("the items of the buffer are %q, of %d bytes, not %s", format, int(b.item_size), kind))
	}
	buffer := new(Buffer[T])
	buffer.handle.Store(uint64(b.buffer))
	if count := int(b.size) / int(b.item_size); count > 0 {
		buffer.items = unsafe.Slice((*T)(memory(b.data)), count)
	}
	dimensions := int(b.ndim)
	buffer.shape, buffer.strides = make([]int, dimensions), make([]int, dimensions)
	if dimensions > 0 {
		for i, length := range unsafe.Slice((*C.ptrdiff_t)(memory(b.shape)), dimensions) {
			buffer.shape[i] = int(length)
		}
		for i, stride := range unsafe.Slice((*C.ptrdiff_t)(memory(b.strides)), dimensions) {
			buffer.strides[i] = int(stride) / int(b.item_size)
		}
	}
	buffer.reads = b.read_only != 0
	return buffer, nil
}

// fits tells whether items of that format, in the notation of Python's struct module, are of a Go type.
func fits(kind reflect.Type, format string, size int) bool {
	if len(format) == 2 {
		switch format[0] {
		case '@', '=', '|':
			format = format[1:]
		case '<':
			if !littleEndian {
				return false
			}
			format = format[1:]
		case '>', '!':
			if littleEndian && size > 1 {
				return false
			}
			format = format[1:]
		}
	}
	if int(kind.Size()) != size {
		return false
	}
	var letters string
	switch kind.Kind() {
	case reflect.Bool:
		letters = "?"
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Int:
		letters = "bhilqn"
	case reflect.Uint8:
		letters = "Bc"
	case reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		letters = "HILQN"
	case reflect.Float32, reflect.Float64:
		letters = "fd"
	case reflect.Complex64, reflect.Complex128:
		return format == "Zf" || format == "Zd"
	}
	for _, letter := range letters {
		if format == string(letter) {
			return true
		}
	}
	return false
}

var littleEndian = func() bool {
	one := uint16(1)
	return *(*byte)(unsafe.Pointer(&one)) == 1
}()

// Slice is the memory, all items in the order in which they lie. It is valid until Close; nil afterwards.
func (b *Buffer[T]) Slice() []T {
	if b.handle.Load() == 0 {
		return nil
	}
	return b.items
}

// Shape is how many items there are in each dimension; empty for a single item.
func (b *Buffer[T]) Shape() []int { return b.shape }

// Strides is how many items lie between neighbours, in each dimension.
func (b *Buffer[T]) Strides() []int { return b.strides }

// ReadOnly tells whether the slice must not be written to.
func (b *Buffer[T]) ReadOnly() bool { return b.reads }

// At gives the item at these indices, one for each dimension.
func (b *Buffer[T]) At(indices ...int) T {
	if len(indices) != len(b.shape) {
		panic(fmt.Sprintf("nexus: %d indices for a buffer of %d dimensions", len(indices), len(b.shape)))
	}
	at := 0
	for i, index := range indices {
		if index < 0 || index >= b.shape[i] {
			panic(fmt.Sprintf("nexus: index %d is out of range, the dimension has %d items", index, b.shape[i]))
		}
		at += index * b.strides[i]
	}
	return b.Slice()[at]
}

// Close gives the memory back to Python; the slice must not be used any more. A second time does nothing. It
// always returns nil.
func (b *Buffer[T]) Close() error {
	if b == nil {
		return nil
	}
	if handle := b.handle.Swap(0); handle != 0 {
		C.nexusgo_buffer_free(C.uint64_t(handle))
	}
	return nil
}
