package nexus

// #include "bridge.h"
import "C"

import (
	"iter"
	"runtime"
)

// together is how many items of a list or tuple come in one crossing.
const together = 64

// All iterates over an object, as Python's for does. An error ends it, and comes with a nil item. Items that
// are objects are the caller's to close.
//
//	for item, err := range object.All() {
//		if err != nil { … }
//	}
//
// Items of an iterator are taken one by one, when they are asked for; those of lists and tuples many at a
// time. A generator that is not run to its end is ended when the loop is left.
func (o *Object) All() iter.Seq2[any, error] { return Items[any](o) }

// Items iterates over an object, and makes a T of each item; see As and Object.All.
func Items[T any](of Handle) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		o := of.object()
		defer runtime.KeepAlive(of)
		shape, err := shapeOf[T]()
		var many bool
		if err == nil {
			many, _, err = o.ask(C.NEXUSGO_IS_SEQUENCE, "", 0)
		}
		var iterator *Object
		if err == nil && !many {
			iterator, err = o.made(C.NEXUSGO_ITERATE, "")
		}
		switch {
		case err != nil:
			var none T
			yield(none, err)
		case many:
			items(o, shape, yield)
		default:
			defer iterator.Close()
			oneByOne(iterator, yield)
		}
	}
}

func oneByOne[T any](iterator *Object, yield func(T, error) bool) {
	for {
		item, found, err := next[T](iterator)
		if err != nil {
			yield(item, err)
			return
		}
		if !found {
			return
		}
		if !yield(item, nil) {
			// Its finally blocks run now, and not some time.
			if _, _, err := iterator.ask(C.NEXUSGO_CLOSE_GENERATOR, "", 0); err != nil {
				return // there is nobody to tell: the loop has ended
			}
			return
		}
	}
}

// next gets the next item of an iterator.
func next[T any](iterator *Object) (item T, found bool, err error) {
	f := begin(C.NEXUSGO_NEXT, iterator.number(), "")
	if err = shaped[T](f); err != nil {
		f.drop()
		return item, false, err
	}
	if err = f.run(nil); err == nil && f.c.found != 0 {
		found = true
		item, err = take[T](f)
	}
	f.end()
	runtime.KeepAlive(iterator)
	return item, found, err
}

// items gives those of a list or tuple.
func items[T any](o *Object, shape string, yield func(T, error) bool) {
	for start := int64(0); ; start += together {
		f := begin(C.NEXUSGO_READ, o.number(), shape)
		f.push(kindInteger, uint64(start), 0)
		f.c.number = together
		err := f.run(nil)
		var batch []T
		var full bool
		if err == nil {
			full = f.c.found != 0
			batch, err = takeList[T](f)
		}
		f.end()
		for i, item := range batch {
			if !yield(item, nil) {
				closeRest(batch[i+1:])
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
			return
		}
		if !full {
			return
		}
	}
}

// closeRest lets go of items that nobody has seen.
func closeRest[T any](rest []T) {
	for _, item := range rest {
		if object, ok := any(item).(*Object); ok {
			object.Close()
		}
	}
}

// Send sends a value into a generator, as the result of its yield, and gets what it yields next; or, when it
// ends, what it returns, and finished is true. nil starts it.
func (o *Object) Send(value any) (result any, finished bool, err error) {
	f, err := o.prepare(C.NEXUSGO_SEND, anyShape, "", []any{value})
	if err != nil {
		return nil, false, err
	}
	if err = f.run(nil); err == nil {
		result, finished = f.value(), f.c.found != 0
	}
	f.end()
	runtime.KeepAlive(o)
	runtime.KeepAlive(value)
	return result, finished, err
}

// Entries reads a dict, or another mapping, as it is now, and iterates over its keys and values in its order.
//
//	entries, err := nexus.Entries[string, int](dict)
//	for key, value := range entries { … }
func Entries[K, V any](of Handle) (iter.Seq2[K, V], error) {
	pairs, err := ask[pairs[K, V]](nil, of.object(), C.NEXUSGO_VALUE, "", nil)
	if err != nil {
		return nil, err
	}
	return func(yield func(K, V) bool) {
		for i, key := range pairs.keys {
			if !yield(key, pairs.values[i]) {
				return
			}
		}
	}, nil
}
