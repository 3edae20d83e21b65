package nexus_test

import (
	"context"
	"testing"

	"nexus_loader/nexus"
)

func BenchmarkCallIntegers(b *testing.B) {
	m := moduleOf(b, "values")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if sum, err := nexus.Call[int](m, "add", i, 2); err != nil || sum != i+2 {
			b.Fatal(sum, err)
		}
	}
}

func BenchmarkCallAny(b *testing.B) {
	m := moduleOf(b, "values")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := m.Call("add", i, 2); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFunction(b *testing.B) {
	add := must(nexus.Prepare(moduleOf(b, "values"), "add"))(b)
	defer add.Close()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if sum, err := nexus.Invoke[int](add, i, 2); err != nil || sum != i+2 {
			b.Fatal(sum, err)
		}
	}
}

func BenchmarkCallText(b *testing.B) {
	m := moduleOf(b, "values")
	b.ReportAllocs()
	for b.Loop() {
		if text, err := nexus.Call[string](m, "concat", "Hello, ", "World!"); err != nil || text != "Hello, World!" {
			b.Fatal(text, err)
		}
	}
}

func BenchmarkCallContext(b *testing.B) {
	m := moduleOf(b, "values")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := nexus.CallContext[int](ctx, m, "add", 1, 2); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCallList(b *testing.B) {
	m := moduleOf(b, "values")
	numbers := make([]float64, 100)
	b.ReportAllocs()
	for b.Loop() {
		if list, err := nexus.Call[[]float64](m, "echo", numbers); err != nil || len(list) != 100 {
			b.Fatal(len(list), err)
		}
	}
}

func BenchmarkCallParallel(b *testing.B) {
	m := moduleOf(b, "values")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := nexus.Call[int](m, "add", 1, 2); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkCallback(b *testing.B) {
	m := moduleOf(b, "values")
	twice := must(nexus.Func("twice", func(n int64) int64 { return 2 * n }))(b)
	b.ReportAllocs()
	for b.Loop() {
		if n, err := nexus.Call[int](m, "call_back", twice, 21); err != nil || n != 42 {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkException(b *testing.B) {
	m := moduleOf(b, "values")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Call("raise_value_error", "wrong"); err == nil {
			b.Fatal("no error")
		}
	}
}

func BenchmarkObject(b *testing.B) {
	builtins := must(nexus.Import("builtins"))(b)
	b.ReportAllocs()
	for b.Loop() {
		object, err := nexus.Call[*nexus.Object](builtins, "list")
		if err != nil {
			b.Fatal(err)
		}
		object.Close()
	}
}
