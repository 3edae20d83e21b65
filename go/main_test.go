package nexus_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"nexus_loader/nexus"
)

// Where scripts/test-go.sh has put the modules for the Python at hand.
var (
	modules    = os.Getenv("NEXUS_GO_MODULES")
	documented = os.Getenv("NEXUS_GO_DOCUMENTED")
)

func TestMain(m *testing.M) {
	if modules == "" || documented == "" {
		fmt.Fprintln(os.Stderr, "the tests need modules: run scripts/test-go.sh")
		os.Exit(1)
	}
	if child := os.Getenv("NEXUS_GO_CHILD"); child != "" {
		runChild(child)
	}
	os.Exit(m.Run())
}

// moduleOf opens one of the test modules.
func moduleOf(t testing.TB, name string) *nexus.Module {
	t.Helper()
	loader := must(nexus.Open(filepath.Join(modules, name)))(t)
	defer loader.Close()
	m := must(loader.Get(name))(t)
	t.Cleanup(func() { m.Close() })
	return m
}

// open opens the documented modules.
func open(t testing.TB, options ...nexus.Option) *nexus.Loader {
	t.Helper()
	loader := must(nexus.Open(documented, options...))(t)
	t.Cleanup(func() { loader.Close() })
	return loader
}

// python runs Python source and gives its names.
func python(t testing.TB, source string) *nexus.Object {
	t.Helper()
	builtins := must(nexus.Import("builtins"))(t)
	defer builtins.Close()
	names := must(nexus.New(map[string]any{}))(t)
	if _, err := builtins.Call("exec", source, names); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { names.Close() })
	return names
}

// function runs Python source and gives one of the functions that it defines.
func function(t testing.TB, source, name string) *nexus.Object {
	t.Helper()
	return must(nexus.Item[*nexus.Object](python(t, source), name))(t)
}

// eval evaluates a Python expression.
func eval[T any](t testing.TB, expression string) T {
	t.Helper()
	builtins := must(nexus.Import("builtins"))(t)
	defer builtins.Close()
	return must(nexus.Call[T](builtins, "eval", expression, map[string]any{}))(t)
}

func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func equal[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// fails wants an error of that kind, with that text in it.
func fails(t testing.TB, err, kind error, text string) {
	t.Helper()
	if !errors.Is(err, kind) || !strings.Contains(fmt.Sprint(err), text) {
		t.Errorf("got the error %v (%T), want %v with %q in it", err, err, kind, text)
	}
}

// eventually waits for what happens some time; the test's own time limit ends it otherwise.
func eventually(what func() bool) {
	for !what() {
		collect()
		time.Sleep(time.Millisecond)
	}
}

func collect() { runtime.GC() }

// group runs functions on goroutines, and waits for them.
type group struct{ sync.WaitGroup }

func (g *group) Go(function func()) {
	g.Add(1)
	go func() {
		defer g.Done()
		function()
	}()
}
