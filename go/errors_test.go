package nexus_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nexus_loader/nexus"
)

func TestExceptions(t *testing.T) {
	m := moduleOf(t, "values")
	_, err := m.Call("raise_value_error", "wrong")
	fails(t, err, nexus.ErrException, "ValueError: wrong")
	fails(t, err, nexus.Exception("ValueError"), "")
	fails(t, err, nexus.Exception("builtins.ValueError"), "")
	if errors.Is(err, nexus.Exception("KeyError")) || errors.Is(err, nexus.ErrType) {
		t.Error("is everything")
	}
	var raised *nexus.PythonError
	if !errors.As(err, &raised) {
		t.Fatalf("%T", err)
	}
	equal(t, raised.Type, "builtins.ValueError")
	equal(t, raised.Message, "wrong")
	if raised.Object() != nil || raised.Cause() != nil || raised.Notes != nil || raised.Group != nil {
		t.Errorf("%+v", raised)
	}
	_, err = m.Call("raise_chained")
	if !errors.As(err, &raised) || !errors.Is(err, nexus.Exception("KeyError")) {
		t.Fatal(err)
	}
	equal(t, raised.Message, "the outer one")
	equal(t, raised.Cause().Type, "builtins.KeyError")
	for _, text := range []string{"direct cause", "KeyError: 'missing key'", "RuntimeError: the outer one", "in inner"} {
		if !strings.Contains(raised.Traceback, text) {
			t.Errorf("no %q in %s", text, raised.Traceback)
		}
	}
	_, err = m.Call("raise_system_exit", 3) // must not end the process
	fails(t, err, nexus.Exception("SystemExit"), "")
	_, err = m.Call("raise_bad_str")
	fails(t, err, nexus.ErrException, "BadStr")
	_, err = m.Call("raise_keyboard_interrupt")
	fails(t, err, nexus.Exception("KeyboardInterrupt"), "")
}

func TestNotesAndGroups(t *testing.T) {
	f := function(t, `
def f():
    a = ValueError('a'); a.add_note('one'); a.add_note('two')
    raise ExceptionGroup('both', [a, ExceptionGroup('in', [KeyError('k')])])
`, "f")
	_, err := f.Invoke()
	var group *nexus.PythonError
	if !errors.As(err, &group) || len(group.Group) != 2 {
		t.Fatal(err)
	}
	equal(t, strings.Join(group.Group[0].Notes, ","), "one,two")
	fails(t, err, nexus.Exception("KeyError"), "both")
}

func TestKeepException(t *testing.T) {
	f := function(t, "def f(): raise FileNotFoundError(2, 'not there', 'x.txt')", "f")
	_, err := f.Invoke(nexus.KeepException)
	var raised *nexus.PythonError
	if !errors.As(err, &raised) {
		t.Fatal(err)
	}
	object := raised.Object()
	equal(t, must(nexus.Attr[int](object, "errno"))(t), 2)
	equal(t, must(nexus.Attr[string](object, "filename"))(t), "x.txt")
	object.Close()
}

func TestSentinels(t *testing.T) {
	_, err := nexus.Open("/no/such/folder")
	fails(t, err, nexus.ErrNotFound, "Binary path does not exist: /no/such/folder")
	var plain *nexus.Error
	if !errors.As(err, &plain) || plain.Status != nexus.ErrNotFound {
		t.Fatalf("%T", err)
	}
	equal(t, plain.Path, "/no/such/folder")
	file := filepath.Join(documented, "crypto.so")
	_, err = nexus.Open(file)
	fails(t, err, nexus.ErrNotADirectory, "Binary path is not a directory: "+file)
	_, err = nexus.Open(t.TempDir())
	fails(t, err, nexus.ErrNoModules, "No binary modules found in: ")
	_, err = nexus.Open("a\x00b")
	fails(t, err, nexus.ErrInvalidArgument, "NUL")
	_, err = open(t).Get("absent")
	fails(t, err, nexus.ErrNotLoaded, "Module 'absent' not loaded. Available modules: ['crypto', 'database', 'network']")
	_, err = nexus.Import("there_is_no_such_module")
	fails(t, err, nexus.Exception("ModuleNotFoundError"), "there_is_no_such_module")
	_, err = moduleOf(t, "values").Attr("absent")
	fails(t, err, nexus.Exception("AttributeError"), "absent")
	equal(t, nexus.ErrNotFound.Error() != "", true)
}

func TestClosedAndZeroHandles(t *testing.T) {
	object := must(nexus.New([]int{1}))(t)
	object.Close()
	object.Close()
	var zero nexus.Object
	var none *nexus.Object
	for _, o := range []*nexus.Object{object, &zero, none} {
		_, err := o.Call("append", 1)
		fails(t, err, nexus.ErrBadHandle, "")
		_, err = o.Len()
		fails(t, err, nexus.ErrBadHandle, "")
		_, err = nexus.As[[]int](o)
		fails(t, err, nexus.ErrBadHandle, "")
		_, err = nexus.View[int64](o)
		fails(t, err, nexus.ErrBadHandle, "")
		for _, err := range o.All() {
			fails(t, err, nexus.ErrBadHandle, "")
		}
	}
	equal(t, none.Close(), nil)
	loader := must(nexus.Open(documented))(t)
	crypto := must(loader.Get("crypto"))(t)
	loader.Close()
	loader.Close()
	equal(t, len(loader.Names()), 0)
	_, err := loader.Get("crypto")
	fails(t, err, nexus.ErrBadHandle, "")
	_, err = loader.Report()
	fails(t, err, nexus.ErrBadHandle, "")
	equal(t, must(nexus.Call[string](crypto, "encrypt", "Hello"))(t), "2a24600860") // lives on
	var noLoader *nexus.Loader
	_, err = noLoader.Get("crypto")
	fails(t, err, nexus.ErrBadHandle, "")
}

func TestUnusableFiles(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text.so")
	if err := os.WriteFile(text, []byte("no module"), 0o644); err != nil {
		t.Fatal(err)
	}
	loader := must(nexus.Open(folder))(t)
	defer loader.Close()
	entry := must(loader.Report())(t)[0]
	equal(t, entry.State, nexus.Failed)
	equal(t, entry.Detail, nexus.DetailTextFile)
	equal(t, entry.Detail.String(), "TEXT_FILE")
	equal(t, entry.Detail.Meaning() != "" && entry.Detail.Cause() != "" && entry.Detail.Cure() != "", true)
	if found := string(must(nexus.Inspect(text))(t)); !strings.Contains(found, "TEXT_FILE") && !strings.Contains(found, "text file") {
		t.Error(found)
	}
}
