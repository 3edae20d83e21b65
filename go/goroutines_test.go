package nexus_test

import (
	"context"
	"os"
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"nexus_loader/nexus"
)

func Test200GoroutinesCall100Times(t *testing.T) {
	m := moduleOf(t, "values")
	f := function(t, "def f(n, host): return sum(range(n)) + host(n)", "f")
	var group group
	var failures atomic.Int64
	for g := range 200 {
		group.Go(func() {
			for i := range 100 {
				sum, err := nexus.Call[int](m, "add", g, i)
				if err != nil || sum != g+i {
					failures.Add(1)
				}
				if i%10 == 0 {
					got, err := nexus.Invoke[int](f, i, func(n int) int { return g - n })
					if err != nil || got != i*(i-1)/2+g-i {
						failures.Add(1)
					}
				}
			}
		})
	}
	group.Wait()
	equal(t, failures.Load(), 0)
}

// threads is how many operating system's threads this process has.
func threads(t *testing.T) int {
	t.Helper()
	status := must(os.ReadFile("/proc/self/status"))(t)
	return must(strconv.Atoi(string(regexp.MustCompile(`Threads:\s*(\d+)`).FindSubmatch(status)[1])))(t)
}

func Test500BlockedGoroutinesNeedFewThreads(t *testing.T) {
	const most = 16
	nexus.SetMaxCalls(most)
	defer nexus.SetMaxCalls(nexus.DefaultMaxCalls)
	f := function(t, "def f(host, n): return host(n)", "f")
	before := threads(t)
	var group group
	var begun, inside, wrong atomic.Int64
	release := make(chan struct{})
	host := must(nexus.Func("host", func(n int) int {
		inside.Add(1)
		<-release
		return 2 * n
	}))(t)
	defer host.Close()
	for g := range 500 {
		group.Go(func() {
			begun.Add(1)
			if got, err := nexus.Invoke[int](f, host, g); err != nil || got != 2*g {
				wrong.Add(1)
			}
		})
	}
	eventually(func() bool { return begun.Load() == 500 && inside.Load() == most })
	// Goroutines that wait for their turn can be told to give up.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, err := f.InvokeContext(ctx, host, 1)
	fails(t, err, context.DeadlineExceeded, "")
	fails(t, err, nexus.ErrCancelled, "")
	equal(t, inside.Load(), most)
	// The calls that are in Python, and what Go's run-time system has for itself.
	if during := threads(t); during > before+most+16 {
		t.Errorf("%d threads, %d before", during, before)
	}
	close(release)
	group.Wait()
	equal(t, wrong.Load(), 0)
	equal(t, inside.Load(), 500)
}

// A Go function that Python has called may call Python, though no further call is let in.
func TestCallsOfGoFunctionsAreNotCounted(t *testing.T) {
	nexus.SetMaxCalls(1)
	defer nexus.SetMaxCalls(nexus.DefaultMaxCalls)
	m := moduleOf(t, "values")
	got := must(nexus.Call[int](m, "call_back", func(n int) (int, error) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		return nexus.CallContext[int](ctx, m, "add", n, 1)
	}, 1))(t)
	equal(t, got, 2)
}

func TestCallsRunAtTheSameTime(t *testing.T) {
	m := moduleOf(t, "values")
	var group group
	for range 8 {
		group.Go(func() {
			// Each waits until all eight are there.
			if _, err := m.Call("meet", 8); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// One handle, closed while others use it: an error, never a crash.
func TestCloseWhileOthersCall(t *testing.T) {
	for range 50 {
		list := must(nexus.New([]int{1, 2, 3}))(t)
		var group group
		for range 4 {
			group.Go(func() {
				for {
					if _, err := list.Len(); err != nil {
						fails(t, err, nexus.ErrBadHandle, "")
						return
					}
				}
			})
		}
		list.Close()
		group.Wait()
	}
}
