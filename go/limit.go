package nexus

// #include "bridge.h"
import "C"

import (
	"context"
	"sync"
	"sync/atomic"
)

// DefaultMaxCalls is how many calls may be in Python at the same time unless SetMaxCalls says otherwise.
const DefaultMaxCalls = 512

// SetMaxCalls sets how many calls may be in Python at the same time, at least one; more wait as goroutines, which
// cost little, until one ends or their context does. Each call that is in Python has an operating system's
// thread, also while it waits for something there, and a Go program that needs more than 10,000 threads is
// ended by Go's run-time system. Calls that a Go function makes while Python calls it are not counted. Calls that
// wait for one another need room for all of them at once.
func SetMaxCalls(calls int) {
	calls = max(calls, 1)
	gate.limit.Store(int64(calls))
	for gate.wake() {
	}
}

var gate = newLimiter(DefaultMaxCalls)

// limiter lets so many in at a time. Without others in the way it costs two atomic additions.
type limiter struct {
	limit, inside, waiting atomic.Int64
	mutex                  sync.Mutex
	queue                  []chan struct{}
}

func newLimiter(limit int64) *limiter {
	l := new(limiter)
	l.limit.Store(limit)
	return l
}

func (l *limiter) try() bool {
	for {
		inside := l.inside.Load()
		if inside >= l.limit.Load() {
			return false
		}
		if l.inside.CompareAndSwap(inside, inside+1) {
			return true
		}
	}
}

// enter waits until there is room, or the context ends. It tells whether leave is to be called.
func (l *limiter) enter(ctx context.Context) (bool, error) {
	if l.try() {
		return true, nil
	}
	// A call that waits for a Go function cannot go on before that function's own calls have.
	if C.nexusgo_in_callback() != 0 {
		return false, nil
	}
	l.mutex.Lock()
	l.waiting.Add(1)
	// Whoever leaves after this sees that somebody waits.
	if l.try() {
		l.waiting.Add(-1)
		l.mutex.Unlock()
		return true, nil
	}
	turn := make(chan struct{})
	l.queue = append(l.queue, turn)
	l.mutex.Unlock()
	if ctx == nil {
		<-turn
		return true, nil
	}
	select {
	case <-turn:
		return true, nil
	case <-ctx.Done():
		if !l.forget(turn) {
			l.leave() // its turn has come meanwhile
		}
		return false, context.Cause(ctx)
	}
}

func (l *limiter) forget(turn chan struct{}) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for i, waiting := range l.queue {
		if waiting == turn {
			l.queue = append(l.queue[:i], l.queue[i+1:]...)
			l.waiting.Add(-1)
			return true
		}
	}
	return false
}

func (l *limiter) leave() {
	l.inside.Add(-1)
	if l.waiting.Load() > 0 {
		l.wake()
	}
}

// wake lets the one in that has waited longest, if there is room, and tells whether it did.
func (l *limiter) wake() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.queue) == 0 || !l.try() {
		return false
	}
	close(l.queue[0])
	l.queue[0] = nil
	l.queue = l.queue[1:]
	l.waiting.Add(-1)
	return true
}
