package nexus

// #include "bridge.h"
import "C"

import (
	"fmt"
	"runtime"
	"sync/atomic"
)

// Object is a Python object: a module, a function, a list, anything that is not None, a bool, an int that
// fits into int64, a float, a str or bytes.
//
// Close lets go of it. An object that was not closed is let go of some time after it is out of reach, but a
// Go program's garbage collector knows nothing of the memory that Python holds for it: so close what is
// large, or made often. The order does not matter, and what is closed already gives ErrBadHandle.
//
// All methods may be called from any goroutine, also at the same time. Those whose values are of a type that
// is known have generic functions beside them: nexus.Call[T], nexus.Attr[T], nexus.Item[T], nexus.As[T].
type Object struct {
	handle  atomic.Uint64
	cleanup runtime.Cleanup
}

func newObject(handle C.uint64_t) *Object {
	o := new(Object)
	o.own(handle)
	return o
}

// own makes o the one that closes the handle.
func (o *Object) own(handle C.uint64_t) {
	o.handle.Store(uint64(handle))
	o.cleanup = onForgotten(o, forget, handle)
}

// number is the handle for C; 0 for what is closed, which C refuses.
func (o *Object) number() C.uint64_t {
	if o == nil {
		return 0
	}
	return C.uint64_t(o.handle.Load())
}

// Close lets go of the object. A second time does nothing. It always returns nil.
func (o *Object) Close() error {
	if o == nil {
		return nil
	}
	if handle := o.handle.Swap(0); handle != 0 {
		o.cleanup.Stop()
		C.nexusgo_release(C.uint64_t(handle))
	}
	return nil
}

// object is o, for functions that take modules, too.
func (o *Object) object() *Object { return o }

// Handle is what has a Python object: an *Object or a *Module.
type Handle interface{ object() *Object }

// do runs an operation that has a result as it is.
func (o *Object) do(what operation, name string, arguments ...any) (any, error) {
	f, err := o.prepare(what, anyShape, name, arguments)
	if err != nil {
		return nil, err
	}
	var value any
	if err = f.run(nil); err == nil {
		value = f.value()
	}
	f.end()
	runtime.KeepAlive(o)
	runtime.KeepAlive(arguments)
	return value, err
}

// ask runs an operation that answers with a frame's numbers alone.
func (o *Object) ask(what operation, name string, number uint64, arguments ...any) (found bool, result uint64, err error) {
	f, err := o.prepare(what, nothingShape, name, arguments)
	if err != nil {
		return false, 0, err
	}
	f.c.number = C.uint64_t(number)
	if err = f.run(nil); err == nil {
		found, result = f.c.found != 0, uint64(f.c.number)
	}
	f.end()
	runtime.KeepAlive(o)
	runtime.KeepAlive(arguments)
	return found, result, err
}

func (o *Object) prepare(what operation, shape, name string, arguments []any) (*frame, error) {
	f := begin(what, o.number(), shape)
	var err error
	if name != "" {
		err = f.name(name)
	} else {
		f.c.name = C.uint64_t(len(shape) - 1)
	}
	if err == nil {
		err = f.arguments(arguments)
	}
	if err != nil {
		f.drop()
		return nil, err
	}
	return f, nil
}

// made runs an operation whose result is an object.
func (o *Object) made(what operation, name string, arguments ...any) (*Object, error) {
	value, err := o.do(what, name, arguments...)
	made, _ := value.(*Object)
	return made, err
}

func (o *Object) textOf(what operation) (string, error) {
	value, err := o.do(what, "")
	text, _ := value.(string)
	return text, err
}

// Attr gets an attribute: a module's function or constant, an object's method or field.
func (o *Object) Attr(name string) (any, error) { return o.do(C.NEXUSGO_ATTRIBUTE, name) }

// HasAttr tells whether there is an attribute of that name.
func (o *Object) HasAttr(name string) (bool, error) {
	found, _, err := o.ask(C.NEXUSGO_HAS_ATTRIBUTE, name, 0)
	return found, err
}

// SetAttr sets an attribute.
func (o *Object) SetAttr(name string, value any) error {
	_, _, err := o.ask(C.NEXUSGO_SET_ATTRIBUTE, name, 0, value)
	return err
}

// DeleteAttr deletes an attribute.
func (o *Object) DeleteAttr(name string) error {
	_, _, err := o.ask(C.NEXUSGO_DELETE_ATTRIBUTE, name, 0)
	return err
}

// AttrNames lists the names of the attributes in alphabetical order, as dir(object) does.
func (o *Object) AttrNames() ([]string, error) {
	f := begin(C.NEXUSGO_ATTRIBUTE_NAMES, o.number(), nothingShape)
	err := f.run(nil)
	var names []string
	if err == nil {
		b := openBlock(f.c.block, f.c.tokens)
		names = b.texts()
		b.free()
	}
	f.end()
	runtime.KeepAlive(o)
	return names, err
}

// Item gets object[key].
func (o *Object) Item(key any) (any, error) { return o.do(C.NEXUSGO_ITEM, "", key) }

// SetItem sets object[key].
func (o *Object) SetItem(key, value any) error {
	_, _, err := o.ask(C.NEXUSGO_SET_ITEM, "", 0, key, value)
	return err
}

// DeleteItem deletes object[key].
func (o *Object) DeleteItem(key any) error {
	_, _, err := o.ask(C.NEXUSGO_DELETE_ITEM, "", 0, key)
	return err
}

// Len is len(object).
func (o *Object) Len() (int, error) {
	_, length, err := o.ask(C.NEXUSGO_LENGTH, "", 0)
	return int(length), err
}

// Contains tells whether value in object: an item of a list, a key of a dict, a part of a text.
func (o *Object) Contains(value any) (bool, error) {
	found, _, err := o.ask(C.NEXUSGO_CONTAINS, "", 0, value)
	return found, err
}

// Repr is repr(object).
func (o *Object) Repr() (string, error) { return o.textOf(C.NEXUSGO_REPR) }

// Str is str(object).
func (o *Object) Str() (string, error) { return o.textOf(C.NEXUSGO_STR) }

// String is str(object), so that fmt prints objects as Python does; if that fails, it says why.
func (o *Object) String() string {
	text, err := o.Str()
	if err != nil {
		return fmt.Sprintf("<Python object: %v>", err)
	}
	return text
}

// Type is type(object).
func (o *Object) Type() (*Object, error) { return o.made(C.NEXUSGO_TYPE, "") }

// TypeName is the name of the object's type with its module, such as "builtins.dict".
func (o *Object) TypeName() (string, error) { return o.textOf(C.NEXUSGO_TYPE_NAME) }

// IsInstance tells whether the object is an instance of a type, or of any of a Python tuple of types.
func (o *Object) IsInstance(kind Handle) (bool, error) {
	found, _, err := o.ask(C.NEXUSGO_IS_INSTANCE, "", 0, kind.object())
	return found, err
}

// IsCallable tells whether the object can be called.
func (o *Object) IsCallable() (bool, error) {
	found, _, err := o.ask(C.NEXUSGO_IS_CALLABLE, "", 0)
	return found, err
}

// Is tells whether both are the same Python object: object is other.
func (o *Object) Is(other Handle) (bool, error) {
	found, _, err := o.ask(C.NEXUSGO_IS, "", 0, other.object())
	return found, err
}

// Comparison is one of Python's six comparisons.
type Comparison uint32

// The comparisons, for Object.Compare.
const (
	Less           Comparison = C.NEXUS_LESS
	LessOrEqual    Comparison = C.NEXUS_LESS_OR_EQUAL
	Equal          Comparison = C.NEXUS_EQUAL
	NotEqual       Comparison = C.NEXUS_NOT_EQUAL
	Greater        Comparison = C.NEXUS_GREATER
	GreaterOrEqual Comparison = C.NEXUS_GREATER_OR_EQUAL
)

// Compare tells whether object < other, object == other and so on.
func (o *Object) Compare(how Comparison, other any) (bool, error) {
	found, _, err := o.ask(C.NEXUSGO_COMPARE, "", uint64(how), other)
	return found, err
}

// Truth is bool(object).
func (o *Object) Truth() (bool, error) {
	found, _, err := o.ask(C.NEXUSGO_TRUTH, "", 0)
	return found, err
}

// Hash is hash(object).
func (o *Object) Hash() (int64, error) {
	_, hash, err := o.ask(C.NEXUSGO_HASH, "", 0)
	return int64(hash), err
}

// Signature is how a function, method or class is called, such as "(name, size=0)". It is ErrNotFound when
// it does not tell.
func (o *Object) Signature() (string, error) { return o.textOf(C.NEXUSGO_SIGNATURE) }

// Doc is the object's documentation; "" if there is none.
func (o *Object) Doc() (string, error) { return o.textOf(C.NEXUSGO_DOC) }

// Clone is a second handle to the same object, with a life of its own: for an argument that a Go function,
// which Python calls, wants to keep.
func (o *Object) Clone() (*Object, error) { return o.made(C.NEXUSGO_CLONE, "") }

// New makes the Python object of a Go value: a list of a slice, a dict of a map, and so on; see As for what
// becomes what. Starts Python if nothing has.
func New(value any) (*Object, error) {
	if err := started(); err != nil {
		return nil, err
	}
	var none *Object
	return none.made(C.NEXUSGO_NEW, "", value)
}
