package nexus_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"nexus_loader/nexus"
)

// loops is a Python function that tells when it has begun, and never ends.
const loops = `
def loop(begun):
    begun()
    while True: pass
def catches(begun):
    try:
        begun()
        while True: pass
    except KeyboardInterrupt: return 'caught'
`

func TestCancelEndsPythonCode(t *testing.T) {
	loop := function(t, loops, "loop")
	for range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		_, err := loop.InvokeContext(ctx, func() { go cancel() })
		fails(t, err, context.Canceled, "KeyboardInterrupt")
		fails(t, err, nexus.ErrCancelled, "")
		fails(t, err, nexus.Exception("KeyboardInterrupt"), "")
		// Nothing else is hit.
		equal(t, eval[int](t, "sum(i for i in range(1000))"), 499500)
	}
}

func TestCancelWithACause(t *testing.T) {
	why := errors.New("the user has left")
	ctx, cancel := context.WithCancelCause(context.Background())
	_, err := function(t, loops, "loop").InvokeContext(ctx, func() { cancel(why) })
	fails(t, err, why, "")
}

func TestDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := nexus.InvokeContext[int](ctx, function(t, loops, "loop"), func() {})
	fails(t, err, context.DeadlineExceeded, "")
}

func TestContextThatHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	called := false
	_, err := function(t, "def f(g): g()", "f").InvokeContext(ctx, func() { called = true })
	fails(t, err, context.Canceled, "")
	fails(t, err, nexus.ErrCancelled, "")
	equal(t, called, false)
}

func TestCodeThatCatchesIt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	text, err := nexus.InvokeContext[string](ctx, function(t, loops, "catches"), func() { go cancel() })
	equal(t, err, nil)
	equal(t, text, "caught")
}

func TestContextOfACallThatEndsWell(t *testing.T) {
	m := moduleOf(t, "values")
	for range 200 {
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		sum, err := nexus.CallContext[int](ctx, m, "add", 1, 2)
		if err == nil {
			equal(t, sum, 3)
		} else {
			fails(t, err, context.Canceled, "")
		}
		equal(t, eval[int](t, "sum(i for i in range(100))"), 4950)
	}
}

// An interruption of a call that a Go function makes must not hit the one that called the function.
func TestNestedCallsAreEndedAlone(t *testing.T) {
	names := python(t, `
def inner(wait):
    return wait()
def outer(host):
    got = host()
    return got, sum(i for i in range(1000))
`)
	inner := must(nexus.Item[*nexus.Object](names, "inner"))(t)
	outer := must(nexus.Item[*nexus.Object](names, "outer"))(t)
	for range 50 {
		ctx, cancel := context.WithCancel(context.Background())
		interrupted := make(chan error, 1)
		// The inner call is cancelled in its last moment: it has nothing more to run.
		host := func() string {
			waits := func() {
				cancel()
				time.Sleep(time.Millisecond) // most often, it is interrupted by then
			}
			_, err := inner.InvokeContext(ctx, waits)
			interrupted <- err
			return "done"
		}
		both := must(nexus.Invoke[[]any](outer, host))(t)
		equal(t, both[0], any("done"))
		equal(t, both[1], any(int64(499500)))
		if err := <-interrupted; err != nil {
			fails(t, err, context.Canceled, "")
		}
	}
}

func TestOuterCallIsEndedWhileAGoFunctionRuns(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	f := function(t, "def f(host):\n    host()\n    while True: pass", "f")
	inside := eval[*nexus.Object](t, "sum")
	_, err := f.InvokeContext(ctx, func() error {
		cancel()
		_, err := nexus.Invoke[int](inside, []int{1, 2})
		return err
	})
	fails(t, err, context.Canceled, "")
}

// sorted runs no Python code between two calls of its key.
func TestCancelEndsCompiledCodeThatCallsGo(t *testing.T) {
	builtins := must(nexus.Import("builtins"))(t)
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	_, err := builtins.CallContext(ctx, "sorted", make([]int, 100000), nexus.Kw("key", func(n int) int {
		if calls++; calls == 10 {
			cancel()
		}
		if calls > 10 {
			time.Sleep(time.Millisecond)
		}
		return n
	}))
	fails(t, err, context.Canceled, "")
}

// Code that catches the interruption goes on, and its Go functions work.
func TestItIsRaisedOnce(t *testing.T) {
	f := function(t, `
def f(begun, after):
    caught = 0
    try:
        begun()
        while True: pass
    except KeyboardInterrupt:
        caught += 1
    for i in range(100):
        try:
            after()
            sum(i for i in range(100))
        except KeyboardInterrupt:
            caught += 1
    return caught
`, "f")
	for _, during := range []time.Duration{0, time.Millisecond} {
		for range 10 {
			ctx, cancel := context.WithCancel(context.Background())
			after := 0
			caught, err := nexus.InvokeContext[int](ctx, f, func() { go cancel(); time.Sleep(during) }, func() { after++ })
			equal(t, err, nil)
			equal(t, caught, 1)
			equal(t, after, 100)
		}
	}
}

func TestRunWithAContext(t *testing.T) {
	names := python(t, "import asyncio\nasync def f(n):\n    await asyncio.sleep(0)\n    return n * 2\nasync def idle(): await asyncio.sleep(3600)")
	f := must(nexus.Item[*nexus.Object](names, "f"))(t)
	equal(t, must(nexus.Await[int](context.Background(), must(nexus.Invoke[*nexus.Object](f, 21))(t)))(t), 42)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	idle := must(nexus.Item[*nexus.Object](names, "idle"))(t)
	_, err := nexus.Await[any](ctx, must(nexus.Invoke[*nexus.Object](idle))(t))
	fails(t, err, context.DeadlineExceeded, "")
}
