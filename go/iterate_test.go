package nexus_test

import (
	"fmt"
	"testing"

	"nexus_loader/nexus"
)

func TestIteration(t *testing.T) {
	for _, expression := range []string{
		"list(range(200))", "tuple(range(200))", "range(200)", "(i for i in range(200))", "iter(range(200))",
		"dict.fromkeys(range(200))", "__import__('array').array('i', range(200))",
	} {
		object := eval[*nexus.Object](t, expression)
		next := 0
		for n, err := range nexus.Items[int](object) {
			if err != nil || n != next {
				t.Fatal(expression, n, next, err)
			}
			next++
		}
		equal(t, next, 200)
		object.Close()
	}
	count := 0
	for item, err := range eval[*nexus.Object](t, "[1, 'a', None, [2]]").All() {
		if err != nil {
			t.Fatal(err)
		}
		if object, ok := item.(*nexus.Object); ok {
			object.Close()
		}
		count++
	}
	equal(t, count, 4)
}

func TestIterationThatStops(t *testing.T) {
	names := python(t, `
ended = []
def generate():
    try:
        yield from range(100)
    finally:
        ended.append(1)
made = generate()
def fails():
    yield 1
    raise ValueError('enough')
failing = fails()
`)
	for n := range nexus.Items[int](must(nexus.Item[*nexus.Object](names, "made"))(t)) {
		if n == 3 {
			break
		}
	}
	equal(t, fmt.Sprint(must(nexus.Item[[]int](names, "ended"))(t)), "[1]")
	var got []int
	var failed error
	for n, err := range nexus.Items[int](must(nexus.Item[*nexus.Object](names, "failing"))(t)) {
		if err != nil {
			failed = err
			break
		}
		got = append(got, n)
	}
	equal(t, fmt.Sprint(got), "[1]")
	fails(t, failed, nexus.Exception("ValueError"), "enough")
	for _, err := range nexus.Items[int](eval[*nexus.Object](t, "['a']")) {
		fails(t, err, nexus.ErrType, "")
	}
	for _, err := range eval[*nexus.Object](t, "object()").All() {
		fails(t, err, nexus.Exception("TypeError"), "")
	}
	for range eval[*nexus.Object](t, "[[], [], []]").All() {
		break // the lists that nobody has seen are released: see TestNothingLeaks
	}
}

func TestEntries(t *testing.T) {
	dict := eval[*nexus.Object](t, "{'b': 2, 'a': 1, 'c': 3}")
	text := ""
	for key, value := range must(nexus.Entries[string, int](dict))(t) {
		text += fmt.Sprint(key, value, " ")
		if key == "a" {
			break
		}
	}
	equal(t, text, "b2 a1 ")
	_, err := nexus.Entries[string, int](eval[*nexus.Object](t, "{'a': 'b'}"))
	fails(t, err, nexus.ErrType, "")
	_, err = nexus.Entries[int, int](eval[*nexus.Object](t, "[1]"))
	fails(t, err, nexus.ErrType, "")
}

func TestGenerators(t *testing.T) {
	echo := must(nexus.Invoke[*nexus.Object](function(t, "def f():\n    got = yield 'first'\n    while got: got = yield got * 2\n    return 'end'", "f")))(t)
	for _, one := range []struct {
		send, want any
		finished   bool
	}{{nil, "first", false}, {3, int64(6), false}, {"ab", "abab", false}, {nil, "end", true}} {
		got, finished, err := echo.Send(one.send)
		if got != one.want || finished != one.finished || err != nil {
			t.Error(got, finished, err)
		}
	}
}
