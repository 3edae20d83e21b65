package nexus_test

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"nexus_loader/nexus"
)

func TestCallGivesNaturalValues(t *testing.T) {
	m := moduleOf(t, "values")
	for name, want := range map[string]any{
		"none": nil, "true": true, "false": false, "zero": int64(0), "int64_max": int64(math.MaxInt64),
		"int64_min": int64(math.MinInt64), "infinity": math.Inf(1), "text_empty": "", "text_nul": "a\x00b",
		"text_wide": "größe € \U0001f40d", "bytes_empty": []byte{}, "bytes_nul": []byte("a\x00b\xff"),
	} {
		if got := must(m.Call("make", name))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", name, got, want)
		}
	}
	list, ok := must(m.Call("make", "list"))(t).(*nexus.Object)
	if !ok {
		t.Fatal("a list is no object")
	}
	defer list.Close()
	equal(t, list.String(), "[1, 2, 3]")
}

func TestArgumentsOfEveryType(t *testing.T) {
	type name string
	type small int8
	m := moduleOf(t, "values")
	seven := 7
	for _, one := range []struct {
		value any
		seen  string
	}{
		{nil, "NoneType None"}, {true, "bool True"}, {7, "int 7"}, {small(-3), "int -3"}, {uint8(200), "int 200"},
		{uint64(math.MaxUint64), "int 18446744073709551615"}, {1.5, "float 1.5"}, {float32(0.5), "float 0.5"},
		{complex(1, -2), "complex (1-2j)"}, {"é\x00", `str 'é\x00'`}, {name("n"), "str 'n'"},
		{[]byte("a\xff"), `bytes b'a\xff'`}, {[]byte(nil), "NoneType None"}, {[]byte{}, "bytes b''"},
		{[]int{1, 2}, "list [1, 2]"}, {[]int64{-1}, "list [-1]"}, {[]float64{0.5}, "list [0.5]"}, {[]string{"a", ""}, "list ['a', '']"},
		{[]any{1, "a", nil, []any{2.5}}, "list [1, 'a', None, [2.5]]"}, {[]small{}, "list []"}, {[2]bool{true, false}, "list [True, False]"},
		{nexus.Tuple{1, nexus.Tuple{}}, "tuple (1, ())"}, {map[string]any{"a": []int{1}}, "dict {'a': [1]}"},
		{map[int]string{3: "c"}, "dict {3: 'c'}"}, {map[string]struct{}{"x": {}}, "set {'x'}"}, {map[string]any{}, "dict {}"},
		{new(big.Int).Lsh(big.NewInt(1), 70), "int 1180591620717411303424"},
		{new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 63)), "int -9223372036854775808"},
		{new(big.Int).Sub(new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 63)), big.NewInt(1)), "int -9223372036854775809"},
		{new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 64)), "int -18446744073709551616"},
		{*big.NewInt(5), "int 5"}, {&seven, "int 7"}, {(*int)(nil), "NoneType None"}, {(*nexus.Object)(nil), "NoneType None"},
		{[]any{big.NewInt(1)}, "list [1]"}, {map[name][]float32{"k": {1}}, "dict {'k': [1.0]}"},
	} {
		equal(t, must(nexus.Call[string](m, "describe", one.value))(t), one.seen)
	}
	equal(t, must(nexus.Call[string](m, "describe", m))(t)[:13], "module <modul")
	many := make([]any, 300)
	for i := range many {
		many[i] = i
	}
	equal(t, must(nexus.Call[int](m, "count", many...))(t), 300)
}

func TestArgumentsThatCannotBe(t *testing.T) {
	m := moduleOf(t, "values")
	_, err := m.Call("echo", make(chan int))
	fails(t, err, nexus.ErrType, "argument 0: a Go value of type chan int")
	_, err = m.Call("echo", []any{1, struct{ A int }{1}})
	fails(t, err, nexus.ErrType, "argument 0: item 1: a Go value of type struct")
	_, err = m.Call("count", nexus.Kw("a", 1), 2)
	fails(t, err, nexus.ErrInvalidArgument, "argument 1: comes after a keyword argument")
	_, err = m.Call("a\x00b")
	fails(t, err, nexus.ErrInvalidArgument, "NUL")
	_, err = m.Call("echo", "\xff")
	fails(t, err, nexus.ErrInvalidArgument, "UTF-8")
	_, err = m.Call("count", nexus.Kw("a\x00b", 1))
	fails(t, err, nexus.ErrInvalidArgument, "NUL")
}

func TestKeywordArguments(t *testing.T) {
	f := function(t, "def f(a, *rest, b=2, **more): return f'{a} {rest} {b} {more}'", "f")
	equal(t, must(nexus.Invoke[string](f, 1))(t), "1 () 2 {}")
	equal(t, must(nexus.Invoke[string](f, 1, 5, nexus.Kw("b", 3), nexus.Kw("c", []int{1})))(t), "1 (5,) 3 {'c': [1]}")
	equal(t, must(nexus.Invoke[string](f, nexus.Kw("a", "x")))(t), "x () 2 {}")
	network := must(open(t).Get("network"))(t)
	equal(t, must(nexus.Call[any](network, "connect", "example.org", nexus.Kw("port", 8080)))(t), any(nil))
	equal(t, must(nexus.Call[string](network, "get_status"))(t), "connected to example.org:8080")
}

// result wants an expression to become that Go value.
func result[T any](t *testing.T, expression string, want T) {
	t.Helper()
	if got := eval[T](t, expression); !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %#v, want %#v", expression, got, want)
	}
}

func TestResultsOfEveryType(t *testing.T) {
	type name string
	result(t, "True", true)
	result(t, "2**63 - 1", int64(math.MaxInt64))
	result(t, "-5", int8(-5))
	result(t, "2**64 - 1", uint64(math.MaxUint64))
	result(t, "255", uint8(255))
	result(t, "type('I', (), {'__index__': lambda self: 9})()", 9)
	result(t, "3", 3.0)
	result(t, "0.5", float32(0.5))
	result(t, "type('F', (), {'__float__': lambda self: 1.25})()", 1.25)
	result(t, "1+2j", complex(1, 2))
	result(t, "2", complex(2, 0))
	result(t, "'é\\0'", "é\x00")
	result(t, "'n'", name("n"))
	result(t, "type('S', (str,), {'__str__': lambda self: 'no'})('yes')", "yes")
	result(t, "'x' * 100000", string(make100k()))
	result(t, "b'a\\xff'", []byte("a\xff"))
	result(t, "bytearray(b'abc')", []byte("abc"))
	result(t, "memoryview(b'abc')[1:]", []byte("bc"))
	result(t, "b'x' * 100000", make100k())
	result(t, "10**30", must2(new(big.Int).SetString("1000000000000000000000000000000", 10)))
	result(t, "-10**30", must2(new(big.Int).SetString("-1000000000000000000000000000000", 10)))
	result(t, "-2**63 - 1", must2(new(big.Int).SetString("-9223372036854775809", 10)))
	result(t, "7", big.NewInt(7))
	result(t, "[1, 2, 3]", []int{1, 2, 3})
	result(t, "(n for n in (1, 2))", []int64{1, 2})
	result(t, "__import__('array').array('q', [1, -2])", []int64{1, -2})
	result(t, "__import__('array').array('d', [0.5])", []float64{0.5})
	result(t, "[1, 2.5]", []float64{1, 2.5})
	result(t, "[1, 2]", []uint16{1, 2})
	result(t, "[-1]", []int8{-1})
	result(t, "[]", []int{})
	result(t, "('a', 'b')", []string{"a", "b"})
	result(t, "[[1], [], [2, 3]]", [][]int{{1}, {}, {2, 3}})
	result(t, "[1, 'a', None]", []any{int64(1), "a", nil})
	result(t, "{'a': 1, 'b': 2}", map[string]int{"a": 1, "b": 2})
	result(t, "{1: ['a'], 2: []}", map[int][]string{1: {"a"}, 2: {}})
	result(t, "{'a': {'b': None}}", map[string]map[string]any{"a": {"b": nil}})
	result(t, "{3, 4}", map[int]struct{}{3: {}, 4: {}})
	result(t, "None", (*int)(nil))
	five := 5
	result(t, "5", &five)
	result(t, "[5, None]", []*int{&five, nil})
	result(t, "object()", struct{}{})
	object := eval[*nexus.Object](t, "5")
	equal(t, object.String(), "5")
	object.Close()
}

func make100k() []byte {
	text := make([]byte, 100000)
	for i := range text {
		text[i] = 'x'
	}
	return text
}

func must2[T any](value T, ok bool) T {
	if !ok {
		panic("wrong number")
	}
	return value
}

// refused wants an expression not to become a T.
func refused[T any](t *testing.T, expression string, kind error, text string) {
	t.Helper()
	builtins := must(nexus.Import("builtins"))(t)
	defer builtins.Close()
	got, err := nexus.Call[T](builtins, "eval", expression, map[string]any{})
	fails(t, err, kind, text)
	if !reflect.ValueOf(&got).Elem().IsZero() && reflect.TypeFor[T]().Kind() != reflect.Slice {
		t.Errorf("%s: an error and the value %v", expression, got)
	}
}

func TestNothingIsGuessed(t *testing.T) {
	refused[int](t, "2**63", nexus.ErrOverflow, "")
	refused[int8](t, "128", nexus.ErrOverflow, "128 does not fit into int8")
	refused[uint](t, "-1", nexus.ErrOverflow, "")
	refused[uint16](t, "65536", nexus.ErrOverflow, "65536 does not fit into uint16")
	refused[[]int8](t, "[1, 300]", nexus.ErrOverflow, "item 1: 300 does not fit into int8")
	refused[float32](t, "1e300", nexus.ErrOverflow, "float32")
	refused[int](t, "1.5", nexus.ErrType, "not an int")
	refused[int](t, "True", nexus.ErrType, "not an int")
	refused[bool](t, "1", nexus.ErrType, "not a bool")
	refused[string](t, "b'x'", nexus.ErrType, "the value is bytes, not a str")
	refused[string](t, "[1]", nexus.ErrType, "list, not a str")
	refused[[]byte](t, "'x'", nexus.ErrType, "not bytes")
	refused[[]int](t, "5", nexus.ErrType, "not iterable")
	refused[[]int](t, "['a']", nexus.ErrType, "not an int")
	refused[map[string]int](t, "[1]", nexus.ErrType, "")
	refused[map[string]int](t, "{1: 1}", nexus.ErrType, "not a str")
	refused[float64](t, "'1'", nexus.ErrType, "not a float")
	refused[chan int](t, "1", nexus.ErrType, "chan int has no counterpart")
	refused[struct{ A int }](t, "1", nexus.ErrType, "no counterpart")
	refused[fmt.Stringer](t, "1", nexus.ErrType, "no counterpart")
}

func TestPreparedCalls(t *testing.T) {
	add := must(nexus.Prepare(moduleOf(t, "values"), "add"))(t)
	equal(t, must(nexus.Invoke[int](add, 1, 2))(t), 3)
	equal(t, must(add.Call(1, 2))(t), any(int64(3)))
	add.Close()
	add.Close()
	_, err := add.Call(1, 2)
	fails(t, err, nexus.ErrBadHandle, "")
	f := must(function(t, "def f(a, *, b, c=0): return a - b + c", "f").Prepare("b", "c"))(t)
	defer f.Close()
	equal(t, must(nexus.Invoke[int](f, 10, 3, 1))(t), 8)
}

// crossings is how often a function goes from Go to C. What else may do so in the background is left out: it does not
// each time.
func crossings(function func()) int64 {
	least := int64(math.MaxInt64)
	for range 20 {
		before := runtime.NumCgoCall()
		function()
		least = min(least, runtime.NumCgoCall()-before)
	}
	return least
}

func TestOneCrossingForACall(t *testing.T) {
	m := moduleOf(t, "values")
	echo := must(nexus.Attr[*nexus.Object](m, "echo"))(t)
	prepared := must(echo.Prepare())(t)
	dict := must(nexus.New(map[string]int{"a": 1}))(t)
	sum := function(t, "def add(n, start): return n + start", "add")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	texts := []string{"a", "b", strings.Repeat("c", 300)}
	rows := []any{map[string]any{"id": 1, "name": "user1"}, nexus.Tuple{nil, 2.5, []int{1, 2, 3}}}
	for name, call := range map[string]func() error{
		"integers":   func() error { _, err := nexus.Call[int](m, "add", 1, 2); return err },
		"any":        func() error { _, err := m.Call("add", 1, 2); return err },
		"text":       func() error { _, err := nexus.Call[string](m, "concat", "a", "b"); return err },
		"bytes":      func() error { _, err := nexus.Invoke[[]byte](echo, []byte("abc")); return err },
		"keywords":   func() error { _, err := nexus.Invoke[int](sum, 1, nexus.Kw("start", 2)); return err },
		"list":       func() error { _, err := nexus.Invoke[[]string](echo, texts); return err },
		"numbers":    func() error { _, err := nexus.Invoke[[]float64](echo, make([]float64, 50)); return err },
		"dict":       func() error { _, err := nexus.As[map[string]int](dict); return err },
		"containers": func() error { _, err := nexus.Invoke[[]any](echo, rows); return err },
		"prepared":   func() error { _, err := nexus.Invoke[float64](prepared, 0.5); return err },
		"context":    func() error { _, err := nexus.CallContext[int](ctx, m, "add", 1, 2); return err },
		"item":       func() error { _, err := nexus.Item[int](dict, "a"); return err },
		"attribute":  func() error { _, err := nexus.Attr[int](m, "ANSWER"); return err },
		"function":   func() error { _, err := nexus.Call[int](m, "call_back", func(n int) int { return n }, 1); return err },
	} {
		if count := crossings(func() {
			if err := call(); err != nil {
				t.Error(name, err)
			}
		}); count != 1 {
			t.Errorf("%s: %d crossings", name, count)
		}
	}
}

func TestOneCrossingAllocatesLittle(t *testing.T) {
	m := moduleOf(t, "values")
	// A garbage collection empties the pool of frames, and the race detector throws some of them away.
	least := math.Inf(1)
	for range 5 {
		least = min(least, testing.AllocsPerRun(100, func() {
			if sum, err := nexus.Call[int](m, "add", 100000, 2); err != nil || sum != 100002 {
				t.Fatal(sum, err)
			}
		}))
	}
	if least > 0 {
		t.Errorf("a call allocates %v times", least)
	}
}
