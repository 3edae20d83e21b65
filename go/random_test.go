package nexus_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"testing"

	"nexus_loader/nexus"
)

// comesBack wants random values to be the same after Python has had them.
func comesBack[T any](t *testing.T, echo *nexus.Object, random func(*rand.Rand) T) {
	t.Helper()
	for seed := range uint64(200) {
		value := random(rand.New(rand.NewPCG(seed, 7)))
		got, err := nexus.Invoke[T](echo, value)
		if err != nil || !reflect.DeepEqual(got, value) {
			t.Fatalf("%T, seed %d: sent %#v, got %#v, %v", value, seed, value, got, err)
		}
	}
}

func text(r *rand.Rand) string {
	letters := []rune("ab\x00é€\U0001f40d\n\"\\")
	runes := make([]rune, r.IntN(1<<r.IntN(11)))
	for i := range runes {
		runes[i] = letters[r.IntN(len(letters))]
	}
	return string(runes)
}

func bytes(r *rand.Rand) []byte {
	all := make([]byte, r.IntN(1<<r.IntN(13)))
	for i := range all {
		all[i] = byte(r.Uint32())
	}
	return all
}

func integer(r *rand.Rand) int64 { return int64(r.Uint64()) >> r.IntN(64) }

func real(r *rand.Rand) float64 {
	if number := math.Float64frombits(r.Uint64()); !math.IsNaN(number) {
		return number
	}
	return r.Float64()
}

func huge(r *rand.Rand) *big.Int {
	number := new(big.Int).SetBytes(bytes(r))
	if r.IntN(2) == 0 {
		number.Neg(number)
	}
	return number
}

func many[T any](item func(*rand.Rand) T) func(*rand.Rand) []T {
	return func(r *rand.Rand) []T {
		all := make([]T, r.IntN(1<<r.IntN(7)))
		for i := range all {
			all[i] = item(r)
		}
		return all
	}
}

func dict[K comparable, V any](key func(*rand.Rand) K, value func(*rand.Rand) V) func(*rand.Rand) map[K]V {
	return func(r *rand.Rand) map[K]V {
		all := map[K]V{}
		for range r.IntN(20) {
			all[key(r)] = value(r)
		}
		return all
	}
}

func maybe[T any](item func(*rand.Rand) T) func(*rand.Rand) *T {
	return func(r *rand.Rand) *T {
		if r.IntN(3) == 0 {
			return nil
		}
		value := item(r)
		return &value
	}
}

func small[T int8 | uint8 | int16 | uint16 | int32 | uint32 | uint64](r *rand.Rand) T {
	return T(r.Uint64())
}

func single(r *rand.Rand) float32 { return float32(r.NormFloat64()) }

func TestRandomValuesComeBack(t *testing.T) {
	echo := must(nexus.Attr[*nexus.Object](moduleOf(t, "values"), "echo"))(t)
	comesBack(t, echo, text)
	comesBack(t, echo, bytes)
	comesBack(t, echo, integer)
	comesBack(t, echo, real)
	comesBack(t, echo, single)
	comesBack(t, echo, small[int8])
	comesBack(t, echo, small[uint32])
	comesBack(t, echo, small[uint64])
	comesBack(t, echo, many(text))
	comesBack(t, echo, many(bytes))
	comesBack(t, echo, many(integer))
	comesBack(t, echo, many(real))
	comesBack(t, echo, many(single))
	comesBack(t, echo, many(small[int16]))
	comesBack(t, echo, many(small[uint16]))
	comesBack(t, echo, many(small[uint64]))
	comesBack(t, echo, many(many(integer)))
	comesBack(t, echo, many(maybe(text)))
	comesBack(t, echo, dict(text, many(real)))
	comesBack(t, echo, dict(integer, dict(text, maybe(integer))))
	comesBack(t, echo, dict(small[int8], func(*rand.Rand) struct{} { return struct{}{} }))
	comesBack(t, echo, func(r *rand.Rand) complex128 { return complex(real(r), real(r)) })
	for seed := range uint64(200) {
		number := huge(rand.New(rand.NewPCG(seed, 7)))
		if got := must(nexus.Invoke[*big.Int](echo, number))(t); got.Cmp(number) != 0 {
			t.Fatalf("sent %v, got %v", number, got)
		}
	}
}
