package nexus

// #include "bridge.h"
import "C"

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"runtime/cgo"
	"strings"
	"unsafe"
)

// Keyword is a keyword argument of a call; see Kw.
type Keyword struct {
	Name  string
	Value any
}

// Kw makes a keyword argument: module.Call("query", "SELECT 1", nexus.Kw("limit", 5)). Keyword arguments come
// after the others.
func Kw(name string, value any) Keyword { return Keyword{name, value} }

// Tuple becomes a Python tuple, where another slice becomes a list.
type Tuple []any

type option int

// KeepException is an argument for a call, not for Python: if the call raises an exception, its
// PythonError has the exception object, see PythonError.Object. That keeps alive what the exception refers
// to, all local variables of the functions in its traceback among it, until the object is closed.
const KeepException option = 1

// arguments writes those of a call.
func (f *frame) arguments(arguments []any) error {
	for i, argument := range arguments {
		switch a := argument.(type) {
		case Keyword:
			if err := f.keyword(a.Name); err != nil {
				return err
			}
			if err := f.value1(a.Value); err != nil {
				return fmt.Errorf("argument %q: %w", cloned(a.Name), err)
			}
		case option:
			f.keep = true
		default:
			if i > 0 && len(f.tokens) > 0 && f.c.operation != C.NEXUSGO_PREPARE {
				if _, after := arguments[i-1].(Keyword); after {
					return wrong(ErrInvalidArgument, fmt.Sprintf("argument %d: comes after a keyword argument", i))
				}
			}
			if err := f.value1(argument); err != nil {
				return fmt.Errorf("argument %d: %w", i, err)
			}
		}
	}
	return nil
}

func (f *frame) keyword(name string) error {
	if strings.IndexByte(name, 0) >= 0 {
		return wrong(ErrInvalidArgument, "the name of a keyword argument has a NUL in it")
	}
	f.push(kindKeyword, uint64(f.append(name)), 0)
	return nil
}

// cloned is a copy that does not make its original escape to the heap.
func cloned(text string) string { return string([]byte(text)) }

func (f *frame) pushText(kind uint64, text string) {
	at := len(f.text)
	f.text = append(f.text, text...)
	f.push(kind, uint64(at), uint64(len(text)))
}

func (f *frame) pushBytes(kind uint64, bytes []byte) {
	at := len(f.text)
	f.text = append(f.text, bytes...)
	f.push(kind, uint64(at), uint64(len(bytes)))
}

// numbers writes an array of 64-bit numbers, which C reads in place.
func (f *frame) numbers(kind uint64, first unsafe.Pointer, count int) {
	f.c.flags |= C.NEXUSGO_HOLD
	for len(f.text)%8 != 0 {
		f.text = append(f.text, 0)
	}
	at := len(f.text)
	if count > 0 {
		f.text = append(f.text, unsafe.Slice((*byte)(first), 8*count)...)
	}
	f.push(kind, uint64(at), uint64(count))
}

func (f *frame) unsigned(number uint64) {
	if number <= math.MaxInt64 {
		f.push(kindInteger, number, 0)
	} else {
		f.push(kindUnsigned, number, 0)
	}
}

func boolean(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// value1 writes one value. What is passed does not escape: it is all copied.
func (f *frame) value1(value any) error {
	switch v := value.(type) {
	case nil:
		f.push(kindNone, 0, 0)
	case bool:
		f.push(kindBoolean, boolean(v), 0)
	case int:
		f.push(kindInteger, uint64(v), 0)
	case int64:
		f.push(kindInteger, uint64(v), 0)
	case float64:
		f.push(kindReal, math.Float64bits(v), 0)
	case string:
		f.pushText(kindText, v)
	case []byte:
		if v == nil {
			f.push(kindNone, 0, 0)
		} else {
			f.pushBytes(kindBytes, v)
		}
	case *Object:
		if v == nil {
			f.push(kindNone, 0, 0)
		} else {
			f.push(kindObject, uint64(v.number()), 0)
		}
	case *Module:
		if v == nil {
			f.push(kindNone, 0, 0)
		} else {
			f.push(kindObject, uint64(v.number()), 0)
		}
	case *Memory:
		f.push(kindObject, uint64(v.object().number()), 0)
	case []int64:
		f.numbers(kindIntegers, unsafe.Pointer(unsafe.SliceData(v)), len(v))
	case []float64:
		f.numbers(kindReals, unsafe.Pointer(unsafe.SliceData(v)), len(v))
	case []string:
		for _, text := range v {
			f.pushText(kindText, text)
		}
		f.container(kindList, len(v))
	case []any:
		return f.items(kindList, v)
	case Tuple:
		return f.items(kindTuple, v)
	case map[string]any:
		for key, item := range v {
			f.pushText(kindText, key)
			if err := f.value1(item); err != nil {
				return fmt.Errorf("key %q: %w", cloned(key), err)
			}
		}
		f.container(kindDict, len(v))
	case *big.Int:
		f.big(v)
	case big.Int:
		f.big(&v)
	case complex128:
		f.push(kindComplex, math.Float64bits(real(v)), math.Float64bits(imag(v)))
	case Keyword:
		return wrong(ErrInvalidArgument, "a keyword argument is no value")
	default:
		return f.reflected(reflect.ValueOf(value))
	}
	return nil
}

func (f *frame) container(kind uint64, size int) {
	f.c.flags |= C.NEXUSGO_HOLD
	f.push(kind, 0, uint64(size))
}

func (f *frame) items(kind uint64, items []any) error {
	for i, item := range items {
		if err := f.value1(item); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	f.container(kind, len(items))
	return nil
}

// big writes an int of any size as two's complement, the little end first.
func (f *frame) big(number *big.Int) {
	if number == nil {
		f.push(kindNone, 0, 0)
		return
	}
	if number.IsInt64() {
		f.push(kindInteger, uint64(number.Int64()), 0)
		return
	}
	bytes := make([]byte, number.BitLen()/8+1) // one bit more, for the sign
	number.FillBytes(bytes)
	carry := number.Sign() < 0
	at := len(f.text)
	for i := len(bytes) - 1; i >= 0; i-- {
		digit := bytes[i]
		if number.Sign() < 0 {
			digit = ^digit
			if carry {
				digit++
				carry = digit == 0
			}
		}
		f.text = append(f.text, digit)
	}
	f.push(kindBig, uint64(at), uint64(len(bytes)))
}

var (
	objectType = reflect.TypeFor[*Object]()
	moduleType = reflect.TypeFor[*Module]()
	memoryType = reflect.TypeFor[*Memory]()
	bigType    = reflect.TypeFor[*big.Int]()
	emptyType  = reflect.TypeFor[struct{}]()
)

// reflected writes values of named types, of smaller numbers, and containers of any type.
func (f *frame) reflected(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		f.push(kindBoolean, boolean(v.Bool()), 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		f.push(kindInteger, uint64(v.Int()), 0)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		f.unsigned(v.Uint())
	case reflect.Float32, reflect.Float64:
		f.push(kindReal, math.Float64bits(v.Float()), 0)
	case reflect.Complex64, reflect.Complex128:
		f.push(kindComplex, math.Float64bits(real(v.Complex())), math.Float64bits(imag(v.Complex())))
	case reflect.String:
		f.pushText(kindText, v.String())
	case reflect.Slice, reflect.Array:
		return f.sequence(v)
	case reflect.Map:
		return f.mapping(v)
	case reflect.Interface:
		if v.IsNil() {
			f.push(kindNone, 0, 0)
			return nil
		}
		return f.reflected(v.Elem())
	case reflect.Pointer:
		return f.pointer(v)
	case reflect.Func:
		if v.IsNil() {
			f.push(kindNone, 0, 0)
			return nil
		}
		return f.function("", v)
	default:
		return unsupported(v.Type())
	}
	return nil
}

func unsupported(kind reflect.Type) error {
	return wrong(ErrType, fmt.Sprintf("a Go value of type %s has no counterpart in Python", kind))
}

func (f *frame) pointer(v reflect.Value) error {
	switch {
	case v.IsNil():
		f.push(kindNone, 0, 0)
	case v.Type() == objectType:
		f.push(kindObject, uint64((*Object)(v.UnsafePointer()).number()), 0)
	case v.Type() == moduleType:
		f.push(kindObject, uint64((*Module)(v.UnsafePointer()).number()), 0)
	case v.Type() == memoryType:
		f.push(kindObject, uint64((*Memory)(v.UnsafePointer()).object().number()), 0)
	case v.Type() == bigType:
		f.big((*big.Int)(v.UnsafePointer()))
	default:
		return f.reflected(v.Elem())
	}
	return nil
}

func (f *frame) sequence(v reflect.Value) error {
	if v.Kind() == reflect.Slice {
		if v.IsNil() && v.Type().Elem().Kind() == reflect.Uint8 {
			f.push(kindNone, 0, 0)
			return nil
		}
		switch v.Type().Elem().Kind() {
		case reflect.Uint8:
			f.pushBytes(kindBytes, v.Bytes())
			return nil
		case reflect.Int64:
			f.numbers(kindIntegers, v.UnsafePointer(), v.Len())
			return nil
		case reflect.Float64:
			f.numbers(kindReals, v.UnsafePointer(), v.Len())
			return nil
		case reflect.Int:
			if unsafe.Sizeof(int(0)) == 8 {
				f.numbers(kindIntegers, v.UnsafePointer(), v.Len())
				return nil
			}
		}
	}
	for i := range v.Len() {
		if err := f.reflected(v.Index(i)); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	f.container(kindList, v.Len())
	return nil
}

// mapping writes a map as a dict, one without values as a set.
func (f *frame) mapping(v reflect.Value) error {
	set := v.Type().Elem() == emptyType
	for entries := v.MapRange(); entries.Next(); {
		if err := f.reflected(entries.Key()); err != nil {
			return fmt.Errorf("a key: %w", err)
		}
		if set {
			continue
		}
		if err := f.reflected(entries.Value()); err != nil {
			return fmt.Errorf("the value of a key: %w", err)
		}
	}
	if set {
		f.container(kindSet, v.Len())
	} else {
		f.container(kindDict, v.Len())
	}
	return nil
}

// function writes a Go function; Python owns it from then on.
func (f *frame) function(name string, v reflect.Value) error {
	call, err := callbackOf(name, v)
	if err != nil {
		return err
	}
	at := f.append(call.name)
	f.c.flags |= C.NEXUSGO_HOLD
	f.push(kindFunction, uint64(at), uint64(cgo.NewHandle(call)))
	return nil
}
