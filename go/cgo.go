package nexus

// #cgo pkg-config: nexus_loader
// #cgo CFLAGS: -std=gnu11
// #cgo LDFLAGS: -pthread
// #cgo noescape nexusgo_release
// #cgo noescape nexusgo_block_free
// #cgo nocallback nexusgo_block_free
// #include "bridge.h"
import "C"

import (
	"strings"
	"unsafe"
)

// token is a value on its way through the border, or what is to be made of the values before it.
type token = C.nexusgo_token

const (
	kindNone     = C.NEXUS_KIND_NONE
	kindBoolean  = C.NEXUS_KIND_BOOLEAN
	kindInteger  = C.NEXUS_KIND_INTEGER
	kindReal     = C.NEXUS_KIND_REAL
	kindText     = C.NEXUS_KIND_TEXT
	kindBytes    = C.NEXUS_KIND_BYTES
	kindObject   = C.NEXUS_KIND_OBJECT
	kindKeyword  = C.NEXUSGO_KEYWORD
	kindList     = C.NEXUSGO_LIST
	kindTuple    = C.NEXUSGO_TUPLE
	kindSet      = C.NEXUSGO_SET
	kindDict     = C.NEXUSGO_DICT
	kindIntegers = C.NEXUSGO_INTEGERS
	kindReals    = C.NEXUSGO_REALS
	kindUnsigned = C.NEXUSGO_UNSIGNED
	kindBig      = C.NEXUSGO_BIG
	kindComplex  = C.NEXUSGO_COMPLEX
	kindFunction = C.NEXUSGO_FUNCTION
)

// memory is C's memory at an address that C gave. The address comes as a number, since the structs that it
// travels in lie in Go's memory and have no pointers.
func memory(address C.uint64_t) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}

// goText copies a text of C's.
func goText(address C.uint64_t, size C.uint64_t) string {
	if size == 0 {
		return ""
	}
	return strings.Clone(unsafe.String((*byte)(memory(address)), int(size)))
}

// goBytes copies bytes of C's.
func goBytes(address C.uint64_t, size C.uint64_t) []byte {
	bytes := make([]byte, int(size))
	if size > 0 {
		copy(bytes, unsafe.Slice((*byte)(memory(address)), int(size)))
	}
	return bytes
}

// block is a C block of tokens that is read one after another: they tell how many follow.
type block struct {
	number C.uint64_t
	at     unsafe.Pointer
}

func openBlock(number, tokens C.uint64_t) block {
	return block{number: number, at: memory(tokens)}
}

func (b *block) next() token {
	t := *(*token)(b.at)
	b.at = unsafe.Add(b.at, unsafe.Sizeof(t))
	return t
}

func (b *block) text() string {
	t := b.next()
	return goText(t.word, t.size)
}

func (b *block) integer() int64 {
	return int64(b.next().word)
}

func (b *block) texts() []string {
	t := b.next()
	if t.kind == kindNone {
		return nil
	}
	texts := make([]string, int(t.size))
	for i := range texts {
		texts[i] = b.text()
	}
	return texts
}

func (b *block) free() {
	if b.number != 0 {
		C.nexusgo_block_free(b.number)
		b.number = 0
	}
}
