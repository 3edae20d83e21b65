package nexus

// #include "bridge.h"
import "C"

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"runtime"
	"slices"
	"sync"
)

// As makes a Go value of a Python object:
//
//	bool                          bool
//	int, int8 … uint64            int, and what has __index__, such as numpy's integers
//	float32, float64              float, int that it holds exactly, and what has __float__
//	complex128                    complex, float, int
//	string                        str
//	[]byte                        bytes, and what has a buffer of bytes, such as bytearray
//	*big.Int                      int of any size
//	[]T                           whatever can be iterated: list, tuple, set, generator, numpy array
//	map[K]V                       dict, and other mappings
//	map[K]struct{}                set, and whatever can be iterated
//	*T                            None, which is nil, or T
//	any                           nil, bool, int64, float64, string, []byte, and *Object for all else
//	*Object                       anything
//	struct{}                      anything, and it is thrown away
//
// Nothing is guessed: a number that does not fit is ErrOverflow, a value of another type ErrType. The other
// way round, for arguments, the same types become the same; a slice becomes a list, a Tuple a tuple, a func
// a callable, and a nil pointer, interface or []byte None.
func As[T any](of Handle) (T, error) {
	return ask[T](nil, of.object(), C.NEXUSGO_VALUE, "", nil)
}

// Attr gets an attribute as a Go value; see As.
func Attr[T any](of Handle, name string) (T, error) {
	return ask[T](nil, of.object(), C.NEXUSGO_ATTRIBUTE, name, nil)
}

// Item gets object[key] as a Go value; see As.
func Item[T any](of Handle, key any) (T, error) {
	return ask[T](nil, of.object(), C.NEXUSGO_ITEM, "", []any{key})
}

// FindItem gets object[key] as a Go value, if there is such an item; that there is none is no error.
func FindItem[T any](of Handle, key any) (item T, found bool, err error) {
	o := of.object()
	f := begin(C.NEXUSGO_FIND_ITEM, o.number(), "")
	if err = shaped[T](f); err == nil {
		err = f.value1(key)
	}
	if err != nil {
		f.drop()
		return item, false, err
	}
	if err = f.run(nil); err == nil && f.c.found != 0 {
		found = true
		item, err = take[T](f)
	}
	f.end()
	runtime.KeepAlive(of)
	runtime.KeepAlive(key)
	return item, found, err
}

// shaped sets the shape of the result.
func shaped[T any](f *frame) error {
	shape, err := shapeOf[T]()
	if len(shape) > 0 && (shape[0] == 's' || shape[0] == 'b') {
		// The result is copied and released at once: the GIL is taken once for both.
		f.c.flags |= C.NEXUSGO_HOLD
	}
	f.c.shape = C.uint64_t(len(f.text))
	f.text = append(f.text, shape...)
	return err
}

// shapeOf gives the shape of T, with a NUL; see bridge_read.c.
func shapeOf[T any]() (string, error) {
	var zero T
	switch any(&zero).(type) {
	case *int64, *int:
		return "i\x00", nil
	case *float64:
		return "d\x00", nil
	case *string:
		return "s\x00", nil
	case *bool:
		return "?\x00", nil
	case *any:
		return anyShape, nil
	case *struct{}:
		return nothingShape, nil
	case *[]byte:
		return "b\x00", nil
	case *[]string:
		return "ls\x00", nil
	case *[]int64, *[]int:
		return "I\x00", nil
	case *[]float64:
		return "D\x00", nil
	case **Object:
		return objectShape, nil
	}
	if itself, ok := any(new(T)).(ordered); ok {
		return itself.shape()
	}
	return cachedShape(reflect.TypeFor[T]())
}

var shapes sync.Map // reflect.Type to string

func cachedShape(kind reflect.Type) (string, error) {
	if shape, ok := shapes.Load(kind); ok {
		return shape.(string), nil
	}
	shape, err := shapeOfType(kind)
	if err != nil {
		return "", err
	}
	shape += "\x00"
	shapes.Store(kind, shape)
	return shape, nil
}

func shapeOfType(kind reflect.Type) (string, error) {
	switch kind {
	case objectType:
		return "o", nil
	case bigType:
		return "B", nil
	case emptyType:
		return "n", nil
	}
	part := func(before string, of reflect.Type) (string, error) {
		if of == emptyType {
			return "", unsupported(kind)
		}
		shape, err := shapeOfType(of)
		return before + shape, err
	}
	switch kind.Kind() {
	case reflect.Bool:
		return "?", nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "i", nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return "u", nil
	case reflect.Float32, reflect.Float64:
		return "d", nil
	case reflect.Complex64, reflect.Complex128:
		return "c", nil
	case reflect.String:
		return "s", nil
	case reflect.Interface:
		if kind.NumMethod() == 0 {
			return "a", nil
		}
	case reflect.Pointer:
		return part("*", kind.Elem())
	case reflect.Slice:
		switch kind.Elem().Kind() {
		case reflect.Uint8:
			return "b", nil
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			return "I", nil
		case reflect.Float64:
			return "D", nil
		}
		return part("l", kind.Elem())
	case reflect.Map:
		if kind.Elem() == emptyType {
			return part("l", kind.Key())
		}
		key, err := part("m", kind.Key())
		if err != nil {
			return "", err
		}
		return part(key, kind.Elem())
	}
	return "", unsupported(kind)
}

// take makes the Go value of a frame's result.
func take[T any](f *frame) (result T, err error) {
	r := &f.c.result
	switch p := any(&result).(type) {
	case *int64:
		*p = int64(r.word)
	case *int:
		if *p = int(r.word); int64(*p) != int64(r.word) {
			err = overflow(int64(r.word), reflect.TypeFor[int]())
		}
	case *float64:
		*p = math.Float64frombits(uint64(r.word))
	case *bool:
		*p = r.word != 0
	case *string:
		*p = f.resultText()
	case *any:
		*p = f.value()
	case **Object:
		*p = newObject(r.word)
	case *struct{}:
	default:
		return takeReflected[T](f)
	}
	return result, err
}

func takeReflected[T any](f *frame) (T, error) {
	result := new(T)
	if f.c.tokens == 0 {
		err := f.single(reflect.ValueOf(result).Elem())
		return *result, err
	}
	b := openBlock(f.c.block, f.c.tokens)
	var err error
	switch p := any(result).(type) {
	case *[]string:
		*p = b.texts()
	case ordered:
		err = p.read(&b)
	default:
		err = b.into(reflect.ValueOf(result).Elem())
	}
	b.free()
	return *result, err
}

// single puts the one token of a frame into a variable.
func (f *frame) single(v reflect.Value) error {
	r := f.c.result
	switch r.kind {
	case kindText:
		return put(v, kindText, f.resultText())
	case kindBytes, kindBig:
		return put(v, r.kind, f.resultBytes())
	}
	b := block{}
	return put(v, r.kind, b.value(r))
}

// value is a token as a Go value.
func (b *block) value(t token) any {
	switch t.kind {
	case kindNone:
		return nil
	case kindBoolean:
		return t.word != 0
	case kindInteger:
		return int64(t.word)
	case kindUnsigned:
		return uint64(t.word)
	case kindReal:
		return math.Float64frombits(uint64(t.word))
	case kindText:
		return goText(t.word, t.size)
	case kindBytes, kindBig:
		return goBytes(t.word, t.size)
	case kindComplex:
		return complex(math.Float64frombits(uint64(t.word)), math.Float64frombits(uint64(t.size)))
	default:
		return newObject(t.word)
	}
}

// into puts the next value of a block into a variable, all of it: what follows must be found.
func (b *block) into(v reflect.Value) error {
	t := b.next()
	switch t.kind {
	case kindList:
		return b.sequence(v, int(t.size))
	case kindDict:
		return b.mapping(v, int(t.size))
	case kindIntegers:
		return integers(v, t)
	case kindReals:
		return reals(v, t)
	}
	return put(v, t.kind, b.value(t))
}

func (b *block) sequence(v reflect.Value, count int) error {
	var first error
	keep := func(i int, err error) {
		if err != nil && first == nil {
			first = fmt.Errorf("item %d: %w", i, err)
		}
	}
	v = pointed(v)
	if v.Kind() == reflect.Map { // a set
		set := reflect.MakeMapWithSize(v.Type(), count)
		for i := range count {
			item := reflect.New(v.Type().Key()).Elem()
			keep(i, b.into(item))
			set.SetMapIndex(item, reflect.Zero(emptyType))
		}
		v.Set(set)
		return first
	}
	slice := reflect.MakeSlice(v.Type(), count, count)
	for i := range count {
		keep(i, b.into(slice.Index(i)))
	}
	v.Set(slice)
	return first
}

func (b *block) mapping(v reflect.Value, count int) error {
	var first error
	v = pointed(v)
	entries := reflect.MakeMapWithSize(v.Type(), count)
	for range count {
		key, item := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		err := b.into(key)
		if err == nil && !key.Comparable() {
			err = wrong(ErrType, "a key that Go cannot compare")
		}
		if failed := b.into(item); err == nil {
			err = failed
		}
		if err == nil {
			entries.SetMapIndex(key, item)
		} else if first == nil {
			first = fmt.Errorf("an entry: %w", err)
		}
	}
	v.Set(entries)
	return first
}

// pointed makes what a pointer points to.
func pointed(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	return v
}

func overflow(number any, kind reflect.Type) error {
	return wrong(ErrOverflow, fmt.Sprintf("%v does not fit into %s", number, kind))
}

// put puts a single value into a variable.
func put(v reflect.Value, kind C.uint64_t, value any) error {
	if v.Type() == objectType {
		v.Set(reflect.ValueOf(value))
		return nil
	}
	if v.Type() == bigType {
		v.Set(reflect.ValueOf(bigInt(value)))
		return nil
	}
	if v.Kind() == reflect.Interface {
		if value != nil {
			v.Set(reflect.ValueOf(value))
		}
		return nil
	}
	if v.Kind() == reflect.Pointer {
		if kind == kindNone {
			return nil
		}
		pointer := reflect.New(v.Type().Elem())
		err := put(pointer.Elem(), kind, value)
		v.Set(pointer)
		return err
	}
	switch value := value.(type) {
	case bool:
		v.SetBool(value)
	case int64:
		if v.OverflowInt(value) {
			return overflow(value, v.Type())
		}
		v.SetInt(value)
	case uint64:
		if v.OverflowUint(value) {
			return overflow(value, v.Type())
		}
		v.SetUint(value)
	case float64:
		if v.OverflowFloat(value) {
			return overflow(value, v.Type())
		}
		v.SetFloat(value)
	case complex128:
		if v.OverflowComplex(value) {
			return overflow(value, v.Type())
		}
		v.SetComplex(value)
	case string:
		v.SetString(value)
	case []byte:
		v.SetBytes(value)
	}
	return nil
}

// bigInt makes an int of the bytes that C gave: two's complement, the little end first.
func bigInt(value any) *big.Int {
	if small, ok := value.(int64); ok {
		return big.NewInt(small)
	}
	bytes, ok := value.([]byte)
	if !ok {
		return nil
	}
	slices.Reverse(bytes)
	negative := len(bytes) > 0 && bytes[0] >= 0x80
	number := new(big.Int).SetBytes(bytes)
	if negative {
		number.Sub(number, new(big.Int).Lsh(big.NewInt(1), uint(8*len(bytes))))
	}
	return number
}

// pairs are the keys and values of a mapping in their order.
type pairs[K, V any] struct {
	keys   []K
	values []V
}

// ordered is what reads itself from a block.
type ordered interface {
	shape() (string, error)
	read(b *block) error
}

func (p *pairs[K, V]) shape() (string, error) {
	key, err := shapeOf[K]()
	if err != nil {
		return "", err
	}
	value, err := shapeOf[V]()
	return "m" + key[:len(key)-1] + value, err
}

func (p *pairs[K, V]) read(b *block) error {
	count := int(b.next().size)
	p.keys, p.values = make([]K, count), make([]V, count)
	var first error
	for i := range count {
		if err := b.into(reflect.ValueOf(&p.keys[i]).Elem()); err != nil && first == nil {
			first = fmt.Errorf("key %d: %w", i, err)
		}
		if err := b.into(reflect.ValueOf(&p.values[i]).Elem()); err != nil && first == nil {
			first = fmt.Errorf("value %d: %w", i, err)
		}
	}
	return first
}

// takeList makes a slice of a block.
func takeList[T any](f *frame) ([]T, error) {
	b := openBlock(f.c.block, f.c.tokens)
	defer b.free()
	list := make([]T, int(b.next().size))
	var first error
	for i := range list {
		if p, ok := any(&list[i]).(*any); ok {
			*p = b.value(b.next())
		} else if err := b.into(reflect.ValueOf(&list[i]).Elem()); err != nil && first == nil {
			first = fmt.Errorf("item %d: %w", i, err)
		}
	}
	return list, first
}
