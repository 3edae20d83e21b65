package nexus_test

import (
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"nexus_loader/nexus"
)

func alive(t *testing.T, m *nexus.Module) int {
	t.Helper()
	return must(nexus.Call[int](m, "count_alive"))(t)
}

// Objects that were not closed are let go of when nobody can reach them.
func TestForgottenObjects(t *testing.T) {
	m := moduleOf(t, "values")
	eventually(func() bool { return alive(t, m) == 0 })
	for range 1000 {
		must(m.Call("Tracked"))(t)
	}
	kept := must(nexus.Call[*nexus.Object](m, "Tracked"))(t)
	equal(t, alive(t, m) > 0, true)
	eventually(func() bool { return alive(t, m) == 1 })
	kept.Close()
	equal(t, alive(t, m), 0)
}

// What was made and then not wanted: results of the wrong type, items that nobody has seen, failed calls.
func TestNothingLeaks(t *testing.T) {
	m := moduleOf(t, "values")
	eventually(func() bool { return alive(t, m) == 0 })
	f := function(t, "def f(make, n): return [make() for i in range(n)]", "f")
	make := must(nexus.Attr[*nexus.Object](m, "Tracked"))(t)
	object := must(make.Invoke())(t)
	for range 100 {
		_, err := nexus.Invoke[[]int](f, make, 3)
		fails(t, err, nexus.ErrType, "")
		_, err = nexus.Invoke[map[string]int](f, make, 3)
		fails(t, err, nexus.ErrType, "")
		_, err = nexus.Call[string](m, "echo", []any{object, object})
		fails(t, err, nexus.ErrType, "")
		_, err = m.Call("raise_value_error", object)
		fails(t, err, nexus.ErrException, "")
		list := must(nexus.Invoke[*nexus.Object](f, make, 100))(t)
		for item := range nexus.Items[*nexus.Object](list) {
			item.Close()
			break
		}
		list.Close()
		for _, item := range must(nexus.Invoke[[]*nexus.Object](f, make, 2))(t) {
			item.Close()
		}
		must(m.Call("call_back", func(o *nexus.Object) *nexus.Object { return o }, object))(t)
	}
	object.(*nexus.Object).Close()
	eventually(func() bool { return alive(t, m) == 0 })
}

// Go functions are let go of when Python has, and when they never reached it.
func TestForgottenFunctions(t *testing.T) {
	m := moduleOf(t, "values")
	var gone atomic.Int64
	make := func() func() int {
		state := new([1 << 10]int)
		runtime.AddCleanup(state, func(int) { gone.Add(1) }, 0)
		return func() int { return len(state) }
	}
	const each = 20
	for range each {
		must(m.Call("call_back", make()))(t)
		_, err := m.Call("absent", make())
		fails(t, err, nexus.ErrException, "")
		_, err = m.Call("echo", []any{make(), "\xff"})
		fails(t, err, nexus.ErrInvalidArgument, "")
		_, err = m.Call("echo", []any{make(), func(int) {}, struct{ A int }{}})
		fails(t, err, nexus.ErrType, "")
		must(nexus.Func("f", make()))(t).Close()
	}
	eventually(func() bool { return gone.Load() == 5*each })
}

func TestForgottenLoadersAndMemory(t *testing.T) {
	var gone atomic.Int64
	for range 20 {
		filter := new([1 << 10]int)
		runtime.AddCleanup(filter, func(int) { gone.Add(1) }, 0)
		must(nexus.Open(documented, nexus.Filter(func(string, string) bool { return len(filter) > 0 })))(t)
		items := make([]int, 1000)
		runtime.AddCleanup(&items[0], func(int) { gone.Add(1) }, 0)
		must(nexus.Share(items))(t)
	}
	eventually(func() bool { return gone.Load() == 40 })
}

// A frame that is used again must not show what was in it before.
func TestFramesAreClean(t *testing.T) {
	m := moduleOf(t, "values")
	long := strings.Repeat("x", 1<<20)
	for _, text := range []string{"a", long, "", "b"} {
		equal(t, must(nexus.Call[string](m, "echo", text))(t) == text, true)
		equal(t, must(nexus.Call[int](m, "count", 1, text))(t), 2)
	}
}
