package nexus

// #include "bridge.h"
import "C"

import (
	"context"
	"math"
	"runtime/cgo"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

// operation is what a frame does.
type operation = C.uint32_t

// anyShape is the shape of a result that is taken as it is; see bridge_read.c.
const (
	anyShape     = "a\x00"
	nothingShape = "n\x00"
	objectShape  = "o\x00"
)

// frame is one crossing of the border: everything goes over in plain numbers and one block of bytes. Frames
// are used again, so that a call allocates nothing but its result.
type frame struct {
	c      C.nexusgo_frame
	tokens []token
	text   []byte
	keep   bool // the exception
	slot   *C.nexusgo_slot
}

var frames = sync.Pool{New: func() any {
	return &frame{tokens: make([]token, 0, 8), text: make([]byte, 0, 256)}
}}

// Frames that have grown larger than this are not used again.
const (
	mostText   = 64 << 10
	mostTokens = 1024
)

// begin makes a frame. The shape ends with a NUL.
func begin(what operation, object C.uint64_t, shape string) *frame {
	f := frames.Get().(*frame)
	f.c.operation = what
	f.c.flags = 0
	f.c.object = object
	f.c.name = 0
	f.c.shape = 0
	f.c.number = 0
	f.c.found = 0
	f.c.owner = 0
	f.c.tokens = 0
	f.c.block = 0
	f.c.result = token{}
	f.tokens = f.tokens[:0]
	f.text = append(f.text[:0], shape...)
	f.keep = false
	f.slot = nil
	return f
}

// end gives the frame back. Nothing of it may be used afterwards.
func (f *frame) end() {
	if cap(f.text) <= mostText && cap(f.tokens) <= mostTokens {
		frames.Put(f)
	}
}

// drop is end for a frame that was not run.
func (f *frame) drop() {
	for _, t := range f.tokens {
		if t.kind == kindFunction {
			cgo.Handle(t.size).Delete()
		}
	}
	f.end()
}

// append adds a NUL-terminated text, and gives its offset.
func (f *frame) append(text string) C.uint64_t {
	at := len(f.text)
	f.text = append(append(f.text, text...), 0)
	return C.uint64_t(at)
}

// name sets the name of what the operation is about.
func (f *frame) name(name string) error {
	if strings.IndexByte(name, 0) >= 0 {
		return wrong(ErrInvalidArgument, "the name has a NUL in it")
	}
	f.c.name = f.append(name)
	return nil
}

func (f *frame) push(kind, word, size uint64) {
	f.tokens = append(f.tokens, token{C.uint64_t(kind), C.uint64_t(word), C.uint64_t(size)})
}

// run crosses the border. With a context it ends the Python code when the context ends.
func (f *frame) run(ctx context.Context) error {
	f.c.token_count = C.uint64_t(len(f.tokens))
	if ctx != nil && ctx.Done() != nil {
		return f.runContext(ctx)
	}
	counted := true
	if !gate.try() {
		counted, _ = gate.enter(nil)
	}
	f.cross()
	if counted {
		gate.leave()
	}
	return f.outcome()
}

func (f *frame) cross() {
	C.nexusgo_do(&f.c, unsafe.SliceData(f.tokens), (*C.char)(unsafe.Pointer(unsafe.SliceData(f.text))), f.slot)
}

func (f *frame) outcome() error {
	if f.c.status != 0 {
		return takeError(f.c.status, f.c.error, f.keep)
	}
	return nil
}

func (f *frame) runContext(ctx context.Context) error {
	cancelled := func(cause error) error {
		for _, t := range f.tokens {
			if t.kind == kindFunction {
				cgo.Handle(t.size).Delete()
			}
		}
		return &Error{Status: ErrCancelled, Message: cause.Error(), context: cause}
	}
	if ctx.Err() != nil {
		return cancelled(context.Cause(ctx))
	}
	counted, err := gate.enter(ctx)
	if err != nil {
		return cancelled(err)
	}
	// Of its own, since the function below may run on when the call has ended.
	slot := new(C.nexusgo_slot)
	f.slot = slot
	stop := context.AfterFunc(ctx, func() { C.nexusgo_cancel(slot) })
	f.cross()
	stop()
	f.slot = nil
	if counted {
		gate.leave()
	}
	err = f.outcome()
	if err != nil && atomic.LoadUint32((*uint32)(&slot.interrupted)) != 0 {
		return withContext(err, context.Cause(ctx))
	}
	return err
}

// value is the result as a Go value: nil, bool, int64, float64, string, []byte or *Object.
func (f *frame) value() any {
	switch r := &f.c.result; r.kind {
	case kindNone:
		return nil
	case kindBoolean:
		return r.word != 0
	case kindInteger:
		return int64(r.word)
	case kindReal:
		return math.Float64frombits(uint64(r.word))
	case kindText:
		return f.resultText()
	case kindBytes:
		return f.resultBytes()
	default:
		return newObject(r.word)
	}
}

// shortText is what a text of the frame itself consists of.
func (f *frame) shortText() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&f.c.text)), int(f.c.result.size))
}

func (f *frame) resultText() string {
	if f.c.owner == 0 {
		return string(f.shortText())
	}
	text := goText(f.c.result.word, f.c.result.size)
	C.nexusgo_release(f.c.owner)
	return text
}

func (f *frame) resultBytes() []byte {
	if f.c.owner == 0 {
		return append([]byte{}, f.shortText()...)
	}
	bytes := goBytes(f.c.result.word, f.c.result.size)
	C.nexusgo_release(f.c.owner)
	return bytes
}
