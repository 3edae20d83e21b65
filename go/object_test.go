package nexus_test

import (
	"strings"
	"testing"

	"nexus_loader/nexus"
)

func TestObjects(t *testing.T) {
	list := must(nexus.New([]any{3, "a"}))(t)
	defer list.Close()
	equal(t, must(list.Len())(t), 2)
	equal(t, must(list.Item(0))(t), any(int64(3)))
	equal(t, must(list.Contains("a"))(t), true)
	equal(t, must(list.Truth())(t), true)
	equal(t, must(list.Repr())(t), "[3, 'a']")
	equal(t, must(list.TypeName())(t), "builtins.list")
	if err := list.SetItem(0, 4); err != nil {
		t.Error(err)
	}
	if err := list.DeleteItem(1); err != nil {
		t.Error(err)
	}
	equal(t, list.String(), "[4]")
	_, err := list.Item(7)
	fails(t, err, nexus.Exception("IndexError"), "")
	_, err = list.Hash()
	fails(t, err, nexus.Exception("TypeError"), "unhashable")
	clone := must(list.Clone())(t)
	equal(t, must(clone.Is(list))(t), true)
	clone.Close()
	equal(t, must(list.Len())(t), 1)
	kind := must(list.Type())(t)
	equal(t, must(list.IsInstance(kind))(t), true)
	equal(t, must(list.Compare(nexus.Equal, []int{4}))(t), true)
	equal(t, must(list.Compare(nexus.Less, []int{4}))(t), false)
	equal(t, must(eval[*nexus.Object](t, "'x'").Hash())(t), eval[int64](t, "hash('x')"))

	dict := must(nexus.New(map[string]any{"a": 1}))(t)
	if err := dict.SetItem("b", []int{1, 2}); err != nil {
		t.Error(err)
	}
	equal(t, must(nexus.Item[[]int](dict, "b"))(t)[1], 2)
	item, found, err := nexus.FindItem[int](dict, "a")
	equal(t, item == 1 && found && err == nil, true)
	item, found, err = nexus.FindItem[int](dict, "z")
	equal(t, item == 0 && !found && err == nil, true)
	_, _, err = nexus.FindItem[int](dict, []int{})
	fails(t, err, nexus.Exception("TypeError"), "")
}

func TestAttributes(t *testing.T) {
	object := must(nexus.Invoke[*nexus.Object](function(t, "class C: \"About it.\"", "C")))(t)
	equal(t, must(object.HasAttr("x"))(t), false)
	if err := object.SetAttr("x", []int{1}); err != nil {
		t.Error(err)
	}
	equal(t, must(nexus.Attr[[]int](object, "x"))(t)[0], 1)
	equal(t, must(object.HasAttr("x"))(t), true)
	equal(t, strings.Contains(strings.Join(must(object.AttrNames())(t), " "), " x"), true)
	if err := object.DeleteAttr("x"); err != nil {
		t.Error(err)
	}
	fails(t, object.DeleteAttr("x"), nexus.Exception("AttributeError"), "")
	equal(t, must(object.Doc())(t), "About it.")
	equal(t, must(function(t, "def f(a, b=2): pass", "f").Signature())(t), "(a, b=2)")
	equal(t, must(moduleOf(t, "values").Attr("ANSWER"))(t), any(int64(42)))
}

func TestStrOfABadObject(t *testing.T) {
	bad := must(nexus.Call[*nexus.Object](moduleOf(t, "values"), "make", "bad_repr"))(t)
	equal(t, bad.String(), "<Python object: ZeroDivisionError: division by zero>")
}

func TestJSON(t *testing.T) {
	type row struct {
		ID   int    `json:"id"`
		Name string `json:"name"`
	}
	database := must(open(t).Get("database"))(t)
	must(database.Call("connect", "localhost", 5432, "mydb"))(t)
	rows := must(nexus.Call[*nexus.Object](database, "query", "SELECT * FROM users LIMIT 2"))(t)
	var decoded []row
	if err := nexus.Decode(rows, &decoded); err != nil {
		t.Fatal(err)
	}
	equal(t, decoded[1], row{2, "user2"})
	object := must(nexus.Encode(row{1, "é"}))(t).(*nexus.Object)
	equal(t, object.String(), "{'id': 1, 'name': 'é'}")
	equal(t, string(must(nexus.ToJSON(object))(t)), `{"id":1,"name":"é"}`)
	_, err := nexus.FromJSON([]byte("{"))
	fails(t, err, nexus.ErrException, "JSONDecodeError")
	equal(t, must(nexus.FromJSON([]byte("1.5")))(t), any(1.5))
}
