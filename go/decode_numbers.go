package nexus

// #include "bridge.h"
import "C"

import (
	"fmt"
	"reflect"
	"unsafe"
)

// integers copies an array of C's numbers into a slice.
func integers(v reflect.Value, t token) error {
	count := int(t.size)
	v = pointed(v)
	numbers := unsafe.Slice((*int64)(memory(t.word)), count)
	slice := reflect.MakeSlice(v.Type(), count, count)
	v.Set(slice)
	if count == 0 {
		return nil
	}
	if kind := v.Type().Elem().Kind(); kind == reflect.Int64 || kind == reflect.Int && unsafe.Sizeof(int(0)) == 8 {
		copy(unsafe.Slice((*int64)(slice.UnsafePointer()), count), numbers)
		return nil
	}
	for i, number := range numbers {
		item := slice.Index(i)
		if item.OverflowInt(number) {
			return fmt.Errorf("item %d: %w", i, overflow(number, item.Type()))
		}
		item.SetInt(number)
	}
	return nil
}

// reals copies an array of C's doubles into a slice.
func reals(v reflect.Value, t token) error {
	count := int(t.size)
	v = pointed(v)
	slice := reflect.MakeSlice(v.Type(), count, count)
	v.Set(slice)
	if count > 0 {
		copy(unsafe.Slice((*float64)(slice.UnsafePointer()), count), unsafe.Slice((*float64)(memory(t.word)), count))
	}
	return nil
}
