package nexus_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"nexus"
)

// Where scripts/test-go.sh has put the modules for the Python at hand.
var (
	modules    = os.Getenv("NEXUS_GO_MODULES")
	documented = os.Getenv("NEXUS_GO_DOCUMENTED")
)

func TestMain(m *testing.M) {
	if modules == "" {
		fmt.Fprintln(os.Stderr, "the tests need modules: run scripts/test-go.sh")
		os.Exit(1)
	}
	if child := os.Getenv("NEXUS_GO_CHILD"); child != "" {
		runChild(child)
	}
	os.Exit(m.Run())
}

// module opens one of the test modules.
func module(t testing.TB, name string) *nexus.Module {
	t.Helper()
	loader, err := nexus.Open(filepath.Join(modules, name))
	if err != nil {
		t.Fatal(err)
	}
	defer loader.Close()
	m, err := loader.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// python runs Python source and gives its names.
func python(t testing.TB, source string) *nexus.Object {
	t.Helper()
	builtins := must(nexus.Import("builtins"))(t)
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

func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
