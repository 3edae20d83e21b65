package nexus_test

import (
	"fmt"
	"math"
	"testing"

	"nexus_loader/nexus"
)

func TestBuffersAreTheMemoryItself(t *testing.T) {
	array := eval[*nexus.Object](t, "__import__('array').array('d', [1, 2, 3])")
	defer array.Close()
	buffer := must(nexus.Edit[float64](array))(t)
	for i := range buffer.Slice() {
		buffer.Slice()[i] *= 10
	}
	equal(t, array.String(), "array('d', [10.0, 20.0, 30.0])")
	equal(t, fmt.Sprint(buffer.Shape(), buffer.Strides(), buffer.ReadOnly()), "[3] [1] false")
	// While the slice is in use, Python does not move the memory.
	_, err := array.Call("append", 4.0)
	fails(t, err, nexus.Exception("BufferError"), "")
	buffer.Close()
	buffer.Close()
	equal(t, buffer.Slice() == nil, true)
	must(array.Call("append", 4.0))(t)
}

func TestBuffersOfOtherTypes(t *testing.T) {
	bytes := must(nexus.View[byte](eval[*nexus.Object](t, "b'abc'")))(t)
	equal(t, string(bytes.Slice()), "abc")
	equal(t, bytes.ReadOnly(), true)
	bytes.Close()
	_, err := nexus.Edit[byte](eval[*nexus.Object](t, "b'abc'"))
	fails(t, err, nexus.Exception("BufferError"), "")
	for _, code := range "bhilq" {
		array := eval[*nexus.Object](t, fmt.Sprintf("__import__('array').array('%c', [-1, 5])", code))
		var got []int64
		switch must(nexus.Attr[int](array, "itemsize"))(t) {
		case 1:
			got = widened[int8](t, array)
		case 2:
			got = widened[int16](t, array)
		case 4:
			got = widened[int32](t, array)
		default:
			got = widened[int64](t, array)
		}
		equal(t, fmt.Sprint(got), "[-1 5]")
		array.Close()
	}
	array := eval[*nexus.Object](t, "__import__('array').array('d', [1])")
	_, err = nexus.View[int64](array)
	fails(t, err, nexus.ErrType, `"d", of 8 bytes, not int64`)
	_, err = nexus.View[float32](array)
	fails(t, err, nexus.ErrType, "not float32")
	_, err = nexus.View[byte](eval[*nexus.Object](t, "[1, 2]"))
	fails(t, err, nexus.ErrType, "")
	_, err = nexus.View[byte](eval[*nexus.Object](t, "memoryview(b'abcdef')[::2]"))
	fails(t, err, nexus.Exception("BufferError"), "")
	empty := must(nexus.View[byte](eval[*nexus.Object](t, "b''")))(t)
	equal(t, len(empty.Slice()), 0)
	empty.Close()
	var total byte
	if err := nexus.Use(eval[*nexus.Object](t, "b'\\1\\2'"), func(items []byte) error {
		for _, b := range items {
			total += b
		}
		return nil
	}); err != nil || total != 3 {
		t.Error(total, err)
	}
}

func widened[T int8 | int16 | int32 | int64](t *testing.T, array *nexus.Object) (all []int64) {
	t.Helper()
	if err := nexus.Use(array, func(items []T) error {
		for _, item := range items {
			all = append(all, int64(item))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestBuffersOfManyDimensions(t *testing.T) {
	view := eval[*nexus.Object](t, "memoryview(__import__('array').array('i', range(6))).cast('B').cast('i', (2, 3))")
	buffer := must(nexus.View[int32](view))(t)
	defer buffer.Close()
	equal(t, fmt.Sprint(buffer.Shape(), buffer.Strides()), "[2 3] [3 1]")
	equal(t, buffer.At(1, 2), 5)
	for _, wrong := range [][]int{{0}, {2, 0}, {0, -1}} {
		func() {
			defer func() { equal(t, recover() != nil, true) }()
			buffer.At(wrong...)
		}()
	}
}

func TestMemoryOfGo(t *testing.T) {
	items := []float32{0.5, 1.5, 2.5, 3.5}
	memory := must(nexus.Share(items, 2, 2))(t)
	f := function(t, "def f(m):\n    v = memoryview(m)\n    v[1, 0] = 7.0\n    return v.tolist()", "f")
	equal(t, fmt.Sprint(must(nexus.Invoke[[][]float32](f, memory))(t)), "[[0.5 1.5] [7 3.5]]")
	equal(t, items[2], 7)
	items[0] = -1
	view := must(nexus.Call[*nexus.Object](must(nexus.Import("builtins"))(t), "memoryview", memory))(t)
	equal(t, must(nexus.Call[[][]float64](view, "tolist"))(t)[0][0], -1)
	fails(t, memory.Revoke(), nexus.ErrBusy, "")
	must(view.Call("release"))(t)
	if err := memory.Revoke(); err != nil {
		t.Fatal(err)
	}
	_, err := f.Invoke(memory)
	fails(t, err, nexus.Exception("BufferError"), "")
	memory.Close()
	memory.Close()
	_, err = f.Invoke(memory)
	fails(t, err, nexus.ErrBadHandle, "")
}

func TestReadOnlyMemory(t *testing.T) {
	memory := must(nexus.ShareReadOnly([]byte("abc")))(t)
	defer memory.Close()
	equal(t, string(must(nexus.Call[[]byte](must(nexus.Import("builtins"))(t), "bytes", memory))(t)), "abc")
	_, err := function(t, "def f(m): memoryview(m)[0] = 1", "f").Invoke(memory)
	fails(t, err, nexus.Exception("TypeError"), "read-only")
}

func TestMemoryThatCannotBe(t *testing.T) {
	_, err := nexus.Share([]int{1, 2, 3}, 2, 2)
	fails(t, err, nexus.ErrInvalidArgument, "the shape [2 2] is of 4 items, the slice has 3")
	_, err = nexus.Share([]int{1}, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	fails(t, err, nexus.ErrInvalidArgument, "9 dimensions")
	_, err = nexus.Share([]int{1}, math.MinInt)
	fails(t, err, nexus.ErrInvalidArgument, "")
	// Two lengths whose product is 1 only because it overflows.
	_, err = nexus.Share([]int{1}, -1, -1)
	fails(t, err, nexus.ErrInvalidArgument, "")
	empty := must(nexus.Share([]int(nil)))(t)
	empty.Close()
}

// Python uses it after Go has forgotten it.
func TestMemoryOutlivesItsOwner(t *testing.T) {
	view := func() *nexus.Object {
		items := make([]int64, 1000)
		for i := range items {
			items[i] = int64(i)
		}
		memory := must(nexus.Share(items))(t)
		defer memory.Close()
		return must(nexus.Call[*nexus.Object](must(nexus.Import("builtins"))(t), "memoryview", memory))(t)
	}()
	defer view.Close()
	var garbage [][]int64
	for range 20 {
		collect()
		garbage = append(garbage, make([]int64, 1000))
	}
	equal(t, len(garbage), 20)
	equal(t, must(nexus.Call[int](must(nexus.Import("builtins"))(t), "sum", view))(t), 999*1000/2)
}
