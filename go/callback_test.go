package nexus_test

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"

	"nexus_loader/nexus"
)

func TestGoFunctions(t *testing.T) {
	m := moduleOf(t, "values")
	equal(t, must(nexus.Call[int](m, "call_back", func(a, b int) int { return a * b }, 6, 7))(t), 42)
	equal(t, must(nexus.Call[string](m, "call_back", strings.ToUpper, "abc"))(t), "ABC")
	equal(t, must(m.Call("call_back", func() {}))(t), any(nil))
	equal(t, must(nexus.Call[int](m, "call_back", func(parts ...string) int { return len(parts) }, "a", "b"))(t), 2)
	equal(t, must(nexus.Call[string](m, "call_back", func(list []int, more map[string]float64, big *big.Int, any any) string {
		return fmt.Sprint(list, more, big, any)
	}, []any{1, 2}, map[string]any{"a": 0.5}, new(big.Int).Lsh(big.NewInt(1), 70), nil))(t), "[1 2] map[a:0.5] 1180591620717411303424 <nil>")
	builtins := must(nexus.Import("builtins"))(t)
	words := []string{"pear", "fig", "banana"}
	sorted := must(nexus.Call[[]string](builtins, "sorted", words, nexus.Kw("key", func(s string) int { return len(s) })))(t)
	equal(t, strings.Join(sorted, " "), "fig pear banana")
}

func TestGoFunctionWithAName(t *testing.T) {
	f := must(nexus.Func("scale", func(a nexus.Arguments) (any, error) {
		factor := 1.0
		for _, k := range a.Keywords {
			if k.Name != "factor" {
				return nil, nexus.Raise("TypeError", "unknown: "+k.Name)
			}
			factor = k.Value.(float64)
		}
		return a.Positional[0].(float64) * factor, nil
	}))(t)
	defer f.Close()
	equal(t, must(nexus.Attr[string](f, "__name__"))(t), "scale")
	equal(t, must(nexus.Invoke[float64](f, 2.0, nexus.Kw("factor", 1.5)))(t), 3)
	_, err := f.Invoke(2.0, nexus.Kw("other", 1))
	fails(t, err, nexus.Exception("TypeError"), "unknown: other")
	equal(t, must(f.IsCallable())(t), true)
}

func TestResultsOfGoFunctions(t *testing.T) {
	m := moduleOf(t, "values")
	long := strings.Repeat("x", 100000)
	for _, one := range []struct {
		give any
		seen string
	}{
		{nil, "NoneType None"}, {true, "bool True"}, {int64(5), "int 5"}, {5, "int 5"}, {0.5, "float 0.5"}, {"é", "str 'é'"},
		{long, "str '" + long + "'"}, {[]byte{1}, `bytes b'\x01'`}, {[]any{1, []int{2}}, "list [1, [2]]"},
		{map[string]int{"a": 1}, "dict {'a': 1}"}, {nexus.Tuple{1, "x"}, "tuple (1, 'x')"},
	} {
		f := function(t, "def f(describe, give): return describe(give())", "f")
		describe := must(nexus.Attr[*nexus.Object](m, "describe"))(t)
		equal(t, must(nexus.Invoke[string](f, describe, func() (any, error) { return one.give, nil }))(t), one.seen)
	}
	list := must(nexus.New([]int{1}))(t)
	defer list.Close()
	got := must(nexus.Call[*nexus.Object](m, "call_back", func() *nexus.Object { return list }))(t)
	equal(t, must(got.Is(list))(t), true)
	_, err := m.Call("call_back", func() any { return make(chan int) })
	fails(t, err, nexus.Exception("TypeError"), "result: a Go value of type chan int")
}

// seen is the exception that Python gets from a Go function.
func seen(t *testing.T, host any) string {
	t.Helper()
	return must(nexus.Invoke[string](function(t, `
def f(host):
    try: return repr(host())
    except BaseException as e: return f'{type(e).__module__}.{type(e).__qualname__}: {e}'
`, "f"), host))(t)
}

func TestErrorsOfGoFunctions(t *testing.T) {
	equal(t, seen(t, func() error { return nil }), "None")
	equal(t, seen(t, func() (int, error) { return 1, nil }), "1")
	equal(t, seen(t, func() error { return errors.New("no") }), "builtins.RuntimeError: no")
	equal(t, seen(t, func() error { return nexus.Raise("KeyError", "k") }), "builtins.KeyError: 'k'")
	equal(t, seen(t, func() error { return nexus.Raise("json.decoder.Absent", "m") }), "builtins.RuntimeError: m")
	equal(t, seen(t, func() error { return fmt.Errorf("around: %w", nexus.Raise("ValueError", "v")) }), "builtins.ValueError: around: ValueError: v")
	equal(t, seen(t, func() error { return fmt.Errorf("a\x00\xff") }), "builtins.RuntimeError: a\u2400\uFFFD")
	equal(t, seen(t, func() error { return &nexus.Error{Status: nexus.ErrType, Message: "t"} }), "builtins.TypeError: t")
	equal(t, seen(t, func(int) {}), "builtins.TypeError: the Go function takes 1 arguments, not 0")
	if text := seen(t, func() { panic("oh") }); !strings.HasPrefix(text, "builtins.RuntimeError: panic in a Go function: oh\n") ||
		!strings.Contains(text, "callback_test.go") {
		t.Error(text)
	}
	if text := seen(t, func() { var p *struct{ n int }; p.n++ }); !strings.Contains(text, "nil pointer dereference") {
		t.Error(text)
	}
	// An exception goes through a Go function as it is.
	raises := function(t, "def f(): raise FileNotFoundError(2, 'not there', 'x')", "f")
	f := function(t, `
def f(host):
    try: host()
    except OSError as e: return e.errno
`, "f")
	equal(t, must(nexus.Invoke[int](f, func() error { _, err := raises.Invoke(nexus.KeepException); return err }))(t), 2)
}

func TestWrongArgumentsOfGoFunctions(t *testing.T) {
	m := moduleOf(t, "values")
	_, err := m.Call("call_back", func(n int) {}, "x")
	fails(t, err, nexus.Exception("TypeError"), "argument 0: the value is a str, not an int")
	_, err = m.Call("call_back", func(n int8) {}, 300)
	fails(t, err, nexus.Exception("OverflowError"), "argument 0: 300 does not fit into int8")
	f := function(t, "def f(host): host(a=1)", "f")
	_, err = f.Invoke(func() {})
	fails(t, err, nexus.Exception("TypeError"), "takes no keyword arguments")
	for _, wrong := range []any{func(chan int) {}, func() (int, int) { return 1, 2 }, func(nexus.Arguments) {}, 5, nil} {
		_, err := nexus.Func("f", wrong)
		fails(t, err, nexus.ErrType, "")
	}
}

func TestLentObjects(t *testing.T) {
	m := moduleOf(t, "values")
	var lent, kept *nexus.Object
	must(m.Call("call_back", func(o *nexus.Object) {
		equal(t, must(o.Len())(t), 2)
		lent, kept = o, must(o.Clone())(t)
	}, []int{1, 2}))(t)
	_, err := lent.Len()
	fails(t, err, nexus.ErrBadHandle, "")
	equal(t, must(kept.Len())(t), 2)
	kept.Close()
}

// A Go function may be called on threads of Python's own, several at a time, and may call Python.
func TestPythonThreadsCallGo(t *testing.T) {
	f := function(t, `
import threading
def f(host):
    threads = [threading.Thread(target=host, args=(n,)) for n in range(16)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
`, "f")
	add := must(nexus.Attr[*nexus.Object](moduleOf(t, "values"), "add"))(t)
	var mutex sync.Mutex
	var sum, arrived int
	all := make(chan struct{})
	must(f.Invoke(func(n int) error {
		m, err := nexus.Invoke[int](add, n, 1)
		mutex.Lock()
		sum += m
		if arrived++; arrived == 16 {
			close(all)
		}
		mutex.Unlock()
		<-all // all sixteen are here at the same time
		return err
	}))(t)
	equal(t, sum, 16*15/2+16)
}

func TestDeepCallbacks(t *testing.T) {
	m := moduleOf(t, "values")
	var down func(n int) (int, error)
	down = func(n int) (int, error) {
		if n == 0 {
			return 0, nil
		}
		below, err := nexus.Call[int](m, "call_back", down, n-1)
		return below + 1, err
	}
	equal(t, must(down(50))(t), 50)
}
