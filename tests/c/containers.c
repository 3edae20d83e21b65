/* Items, lists, tuples, dicts, sets and iteration; nested, cyclic and misbehaving ones. */
#include "object_check.h"

#include <pthread.h>

/* --- Items --------------------------------------------------------------------------------------- */

CASE(items_of_a_dict) {
    NexusObject *dict = object("{'a': 1, 2: 'two', (3, 4): None, 5.5: b'x', None: 2**70, True: 'yes'}");
    NexusValue key = text_value("a"), value = poison(), pair = evaluate("(3, 4)");
    bool found;
    CHECK_GIVES(nexus_object_item(dict, &key, &value, &error), integer_of(value), 1);
    CHECK_GIVES_TEXT(nexus_object_item_at(dict, 2, &value, &error), value, "two");
    CHECK_OK(nexus_object_item(dict, &pair, &value, &error));
    CHECK(is_none(&value));
    key = nexus_value_real(5.5);
    CHECK_OK(nexus_object_item(dict, &key, &value, &error));
    CHECK_NUMBER(value.kind, NEXUS_KIND_BYTES);
    nexus_value_clear(&value);
    key = nexus_value_none();
    CHECK_OK(nexus_object_item(dict, &key, &value, &error));
    CHECK_NUMBER(value.kind, NEXUS_KIND_OBJECT);
    nexus_value_clear(&value);

    CHECK_GIVES(nexus_object_contains(dict, &pair, &found, &error), found, true);
    key = text_value("absent");
    CHECK_GIVES(nexus_object_contains(dict, &key, &found, &error), found, false);
    value = poison();
    CHECK_RAISES(nexus_object_item(dict, &key, &value, &error), "builtins.KeyError");
    CHECK(is_none(&value));
    value = poison();
    CHECK_RAISES(nexus_object_item_at(dict, 99, &value, &error), "builtins.KeyError");
    CHECK(is_none(&value));

    NexusValue new_value = nexus_value_integer(10);
    CHECK_OK(nexus_object_set_item(dict, &key, &new_value, &error));
    CHECK_OK(nexus_object_set_item_at(dict, 2, &new_value, &error));
    CHECK_OK(nexus_object_delete_item(dict, &pair, &error));
    CHECK_OK(nexus_object_delete_item_at(dict, 1, &error));
    CHECK_HOLDS(dict, "it == {'a': 1, 2: 10, 5.5: b'x', None: 2**70, 'absent': 10}");
    CHECK_RAISES(nexus_object_delete_item(dict, &pair, &error), "builtins.KeyError");
    CHECK_RAISES(nexus_object_delete_item_at(dict, 1, &error), "builtins.KeyError");
    nexus_value_clear(&pair);

    NexusValue list = evaluate("[]");
    CHECK_RAISES(nexus_object_item(dict, &list, &value, &error), "builtins.TypeError");
    CHECK_RAISES(nexus_object_set_item(dict, &list, &new_value, &error), "builtins.TypeError");
    CHECK_RAISES(nexus_object_contains(dict, &list, &found, &error), "builtins.TypeError");
    nexus_value_clear(&list);
    size_t length = 99;
    CHECK_GIVES(nexus_object_length(dict, &length, &error), length, 5);
    nexus_object_free(dict);
}

CASE(items_that_may_be_missing) {
    NexusObject *dict = object("{'a': 'x', 'none': None}"), *list = object("['x']");
    const struct { NexusObject *object; NexusValue key; bool found; } cases[] = {
        {dict, text_value("a"), true}, {dict, text_value("b"), false}, {dict, nexus_value_integer(0), false},
        {list, nexus_value_integer(0), true}, {list, nexus_value_integer(1), false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool found = !cases[i].found;
        NexusValue value = poison();
        CHECK_OK(nexus_object_find_item(cases[i].object, &cases[i].key, &value, &found, &error));
        CHECK_SEEN(found == cases[i].found, "case %zu", i);
        CHECK(cases[i].found ? is_text(&value, "x") : is_none(&value));
        nexus_value_clear(&value);
    }
    NexusValue key = text_value("none"), value = poison(), unhashable = evaluate("{}");
    bool found = false;
    CHECK_OK(nexus_object_find_item(dict, &key, &value, &found, &error));
    CHECK(found && is_none(&value));
    CHECK_RAISES(nexus_object_find_item(dict, &unhashable, &value, &found, &error), "builtins.TypeError");
    CHECK(!found && is_none(&value));
    CHECK_RAISES(nexus_object_find_item(list, &key, &value, &found, &error), "builtins.TypeError");
    nexus_value_clear(&unhashable);
    FREE_OBJECTS(dict, list);
    /* A dict of a class of its own is asked by its own rules. */
    dict = object("__import__('collections').defaultdict(lambda: 5)");
    CHECK_OK(nexus_object_find_item(dict, &key, &value, &found, &error));
    CHECK(found && integer_of(value) == 5);
    nexus_object_free(dict);
}

CASE(items_of_sequences) {
    const char *const sequences[] = {"[10, 11, 12]", "(10, 11, 12)", "range(10, 13)", "b'\\n\\v\\f'",
                                     "__import__('array').array('q', [10, 11, 12])",
                                     "__import__('collections').deque([10, 11, 12])",
                                     "type('List', (list,), {})([10, 11, 12])"};
    for (size_t i = 0; i < COUNT(sequences); i++) {
        NexusObject *it = object(sequences[i]);
        for (int64_t index = -3; index < 3; index++) {
            NexusValue value = poison();
            CHECK_GIVES(nexus_object_item_at(it, index, &value, &error), integer_of(value), 10 + (index + 3) % 3);
        }
        const int64_t outside[] = {3, -4, 1000, INT64_MAX, INT64_MIN};
        for (size_t j = 0; j < COUNT(outside); j++) {
            NexusValue value = poison();
            CHECK_RAISES(nexus_object_item_at(it, outside[j], &value, &error), "builtins.IndexError");
            CHECK(is_none(&value));
        }
        NexusValue eleven = nexus_value_integer(11);
        bool contains = false;
        size_t length = 0;
        CHECK_GIVES(nexus_object_contains(it, &eleven, &contains, &error), contains, true);
        CHECK_GIVES(nexus_object_length(it, &length, &error), length, 3);
        nexus_object_free(it);
    }
    NexusObject *list = object("[1, 2, 3]"), *tuple = object("(1, 2)");
    NexusValue value = text_value("new"), slice = evaluate("slice(0, 1)"), got;
    CHECK_OK(nexus_object_set_item_at(list, -1, &value, &error));
    CHECK_OK(nexus_object_delete_item_at(list, 0, &error));
    CHECK_HOLDS(list, "it == [2, 'new']");
    CHECK_OK(nexus_object_item(list, &slice, &got, &error));
    CHECK_HOLDS(got.as.object, "it == [2]");
    CLEAR_VALUES(&got, &slice);
    CHECK_RAISES(nexus_object_set_item_at(list, 5, &value, &error), "builtins.IndexError");
    CHECK_RAISES(nexus_object_set_item_at(tuple, 0, &value, &error), "builtins.TypeError");
    CHECK_RAISES(nexus_object_delete_item_at(tuple, 0, &error), "builtins.TypeError");
    FREE_OBJECTS(list, tuple);
}

CASE(objects_without_items) {
    NexusObject *number = object("5");
    NexusValue key = nexus_value_integer(0), value = poison();
    bool contains = true;
    size_t length = 99;
    CHECK_RAISES(nexus_object_item(number, &key, &value, &error), "builtins.TypeError");
    CHECK_RAISES(nexus_object_item_at(number, 0, &value, &error), "builtins.TypeError");
    CHECK_RAISES(nexus_object_set_item(number, &key, &key, &error), "builtins.TypeError");
    CHECK_RAISES(nexus_object_delete_item(number, &key, &error), "builtins.TypeError");
    CHECK_RAISES(nexus_object_contains(number, &key, &contains, &error), "builtins.TypeError");
    CHECK(!contains);
    CHECK_RAISES(nexus_object_length(number, &length, &error), "builtins.TypeError");
    CHECK_NUMBER(length, 0);
    nexus_object_free(number);
    const char *const odd[][2] = {
        {"type('Odd', (), {'__len__': lambda self: 1 / 0})()", "builtins.ZeroDivisionError"},
        {"type('Odd', (), {'__len__': lambda self: -1})()", "builtins.ValueError"},
        {"type('Odd', (), {'__len__': lambda self: 'x'})()", "builtins.TypeError"},
        {"type('Odd', (), {'__len__': lambda self: 2**80})()", "builtins.OverflowError"},
    };
    for (size_t i = 0; i < COUNT(odd); i++) {
        NexusObject *it = object(odd[i][0]);
        length = 99;
        CHECK_RAISES(nexus_object_length(it, &length, &error), odd[i][1]);
        CHECK_NUMBER(length, 0);
        nexus_object_free(it);
    }
}

/* --- Building ------------------------------------------------------------------------------------ */

static const NexusValue *all_kinds(NexusValue object_value) {
    static NexusValue values[8];
    values[0] = nexus_value_none();
    values[1] = nexus_value_boolean(true);
    values[2] = nexus_value_integer(INT64_MIN);
    values[3] = nexus_value_real(0.5);
    values[4] = nexus_value_text("a\0é", 4);
    values[5] = nexus_value_bytes("\0\xff", 2);
    values[6] = object_value;
    values[7] = nexus_value_text(NULL, 0);
    return values;
}

CASE(built_of_all_kinds) {
    NexusObject *made = NULL;
    NexusValue inner = evaluate("[1]"), hashable = evaluate("(1,)");
    CHECK_MAKES(nexus_list_new(all_kinds(inner), 8, &made, &error),
                made, "it == [None, True, -2**63, 0.5, 'a\\0é', b'\\0\\xff', [1], ''] and type(it) is list");
    CHECK_MAKES(nexus_tuple_new(all_kinds(inner), 8, &made, &error),
                made, "it == (None, True, -2**63, 0.5, 'a\\0é', b'\\0\\xff', [1], '')");
    CHECK_MAKES(nexus_set_new(all_kinds(hashable), 8, &made, &error),
                made, "it == {None, True, -2**63, 0.5, 'a\\0é', b'\\0\\xff', (1,), ''} and type(it) is set");
    CHECK_MAKES(nexus_frozenset_new(all_kinds(hashable), 8, &made, &error),
                made, "len(it) == 8 and type(it) is frozenset");
    CHECK_MAKES(nexus_dict_new(all_kinds(hashable), all_kinds(hashable), 8, &made, &error),
                made, "list(it) == [None, True, -2**63, 0.5, 'a\\0é', b'\\0\\xff', (1,), '']"
                      " and all(a is b or a == b for a, b in it.items())");
    CLEAR_VALUES(&inner, &hashable);
}

CASE(built_of_nothing) {
    NexusObject *made = NULL;
    CHECK_MAKES(nexus_list_new(NULL, 0, &made, &error), made, "it == []");
    CHECK_MAKES(nexus_tuple_new(NULL, 0, &made, &error), made, "it == ()");
    CHECK_MAKES(nexus_set_new(NULL, 0, &made, &error), made, "it == set() and type(it) is set");
    CHECK_MAKES(nexus_frozenset_new(NULL, 0, &made, &error), made, "it == frozenset()");
    CHECK_MAKES(nexus_dict_new(NULL, NULL, 0, &made, &error), made, "it == {}");
    CHECK_MAKES(nexus_list_new_integers(NULL, 0, &made, &error), made, "it == []");
    CHECK_MAKES(nexus_list_new_reals(NULL, 0, &made, &error), made, "it == []");
}

CASE(equal_keys) {
    NexusValue keys[] = {nexus_value_integer(1), nexus_value_boolean(true), nexus_value_real(1.0)};
    NexusValue values[] = {text_value("a"), text_value("b"), text_value("c")};
    NexusObject *made;
    CHECK_MAKES(nexus_dict_new(keys, values, 3, &made, &error), made, "it == {1: 'c'} and type(list(it)[0]) is int");
    CHECK_MAKES(nexus_set_new(keys, 3, &made, &error), made, "it == {1}");
}

/* Half-made containers are thrown away, and what they held with them. */
CASE(building_that_fails) {
    NexusObject *tracked = object("object()"), *made;
    int64_t before = integer_of(call1(import("sys"), "getrefcount", nexus_value_object(tracked)));
    NexusValue good[3] = {nexus_value_object(tracked), nexus_value_object(tracked), nexus_value_object(tracked)};
    NexusValue unhashable = evaluate("[]");
    NexusValue bad[3][3];
    for (int i = 0; i < 3; i++) memcpy(bad[i], good, sizeof good);
    bad[0][2] = nexus_value_object(NULL);
    bad[1][2] = nexus_value_text("\xff", 1);
    bad[2][2] = nexus_value_text(NULL, 3);
    const NexusStatus expected[] = {NEXUS_ERR_BAD_HANDLE, NEXUS_ERR_INVALID_ARGUMENT, NEXUS_ERR_INVALID_ARGUMENT};
    for (int i = 0; i < 3; i++) {
        NexusStatus (*const makers[])(const NexusValue *, size_t, NexusObject **, NexusError **) = {
            nexus_list_new, nexus_tuple_new, nexus_set_new, nexus_frozenset_new};
        for (size_t j = 0; j < COUNT(makers); j++) {
            made = tracked;
            CHECK_FAILS(makers[j](bad[i], 3, &made, &error), expected[i], "items[2]");
            CHECK(made == NULL);
        }
        made = tracked;
        CHECK_FAILS(nexus_dict_new(bad[i], good, 3, &made, &error), expected[i], "keys[2]");
        CHECK(made == NULL);
        CHECK_FAILS(nexus_dict_new(good, bad[i], 3, &made, &error), expected[i], "values[2]");
    }
    good[2] = unhashable;
    CHECK_RAISES(nexus_set_new(good, 3, &made, &error), "builtins.TypeError");
    CHECK_RAISES(nexus_frozenset_new(good, 3, &made, &error), "builtins.TypeError");
    CHECK_RAISES(nexus_dict_new(good, good, 3, &made, &error), "builtins.TypeError");
    nexus_value_clear(&unhashable);
    CHECK_NUMBER(integer_of(call1(import("sys"), "getrefcount", nexus_value_object(tracked))), before);
    nexus_object_free(tracked);
}

CASE(keys_that_misbehave) {
    NexusObject *made;
    NexusValue key = evaluate("type('Odd', (), {'__hash__': lambda self: 1 / 0})()");
    CHECK_RAISES(nexus_dict_new(&key, &key, 1, &made, &error), "builtins.ZeroDivisionError");
    CHECK_RAISES(nexus_set_new(&key, 1, &made, &error), "builtins.ZeroDivisionError");
    nexus_value_clear(&key);
    key = evaluate("type('Odd', (), {'__hash__': lambda self: 1, '__eq__': lambda self, other: [].x})()");
    NexusValue keys[] = {nexus_value_integer(1), key};
    CHECK_RAISES(nexus_dict_new(keys, keys, 2, &made, &error), "builtins.AttributeError");
    CHECK_RAISES(nexus_set_new(keys, 2, &made, &error), "builtins.AttributeError");
    nexus_value_clear(&key);
}

/* --- Reading ------------------------------------------------------------------------------------- */

CASE(sequences_read) {
    const char *const sequences[] = {"[1, 'a', 2.5, None, [7]]", "(1, 'a', 2.5, None, [7])",
                                     "__import__('collections').deque([1, 'a', 2.5, None, [7]])",
                                     "type('List', (list,), {})([1, 'a', 2.5, None, [7]])",
                                     "__import__('collections').UserList([1, 'a', 2.5, None, [7]])"};
    for (size_t i = 0; i < COUNT(sequences); i++) {
        NexusObject *it = object(sequences[i]);
        NexusValue items[8];
        size_t count = 99;
        memset(items, 0xa5, sizeof items);
        CHECK_GIVES(nexus_sequence_read(it, 0, items, 8, &count, &error), count, 5);
        CHECK(integer_of(items[0]) == 1 && is_text(&items[1], "a") && is_none(&items[3]));
        CHECK(items[2].kind == NEXUS_KIND_REAL && items[2].as.real == 2.5);
        CHECK_HOLDS(items[4].as.object, "it == [7]");
        CHECK(is_none(&items[5]) && is_none(&items[7]));
        clear_all(items, 8);

        /* A bit at a time, into an array of two. */
        size_t total = 0;
        for (size_t start = 0;; start += count) {
            memset(items, 0xa5, sizeof items);
            CHECK_OK(nexus_sequence_read(it, start, items, 2, &count, &error));
            unsigned char beyond[sizeof *items];
            memset(beyond, 0xa5, sizeof beyond);
            CHECK(memcmp(&items[2], beyond, sizeof beyond) == 0);
            total += count;
            clear_all(items, 2);
            if (count == 0) break;
        }
        CHECK_NUMBER(total, 5);
        CHECK_OK(nexus_sequence_read(it, SIZE_MAX, items, 2, &count, &error));
        CHECK(count == 0 && is_none(&items[0]) && is_none(&items[1]));
        CHECK_GIVES(nexus_sequence_read(it, 3, items, 8, &count, &error), count, 2);
        clear_all(items, 8);
        count = 99;
        CHECK_GIVES(nexus_sequence_read(it, 0, NULL, 0, &count, &error), count, 0);
        nexus_object_free(it);
    }
}

CASE(reading_what_is_no_sequence) {
    const char *const others[] = {"{}", "{1}", "5", "iter([1])", "None", "(x for x in [1])", "{}.items()",
                                  "type('Dict', (dict,), {})()"};
    for (size_t i = 0; i < COUNT(others); i++) {
        NexusObject *it = object(others[i]);
        NexusValue items[2] = {poison(), poison()};
        int64_t integers[2] = {7, 7};
        double reals[2] = {7, 7};
        size_t count = 99;
        CHECK_FAILS(nexus_sequence_read(it, 0, items, 2, &count, &error), NEXUS_ERR_TYPE, "'sequence'");
        CHECK(count == 0 && is_none(&items[0]) && is_none(&items[1]));
        count = 99;
        CHECK_FAILS(nexus_sequence_read_integers(it, 0, integers, 2, &count, &error), NEXUS_ERR_TYPE, "'sequence'");
        CHECK(count == 0 && integers[0] == 0 && integers[1] == 0);
        count = 99;
        CHECK_FAILS(nexus_sequence_read_reals(it, 0, reals, 2, &count, &error), NEXUS_ERR_TYPE, "'sequence'");
        CHECK(count == 0 && reals[0] == 0 && reals[1] == 0);
        nexus_object_free(it);
    }
}

/* What was read before the failure is released, and the places are NONE. */
CASE(reading_that_fails_half_way) {
    run_python("import sys\n"
               "class Alive:\n"
               "    count = 0\n"
               "    def __init__(self): Alive.count += 1\n"
               "    def __del__(self): Alive.count -= 1\n"
               "class Odd:\n"
               "    def __len__(self): return 4\n"
               "    def __getitem__(self, index): return Alive() if index < 3 else 1 / 0\n"
               "class Map:\n"
               "    def items(self): return [(1, Alive()), (2, Alive()), (3, 4, 5)]\n"
               "class Set(set):\n"
               "    def __iter__(self):\n"
               "        yield Alive()\n"
               "        yield Alive()\n"
               "        1 / 0\n"
               "sys.modules['odd'] = sys\n"
               "sys.Odd, sys.Map, sys.Set, sys.Alive = Odd, Map, Set, Alive\n");
    NexusObject *odd = object("__import__('sys').Odd()");
    NexusValue items[4], keys[4];
    size_t count = 99;
    for (int i = 0; i < 4; i++) items[i] = keys[i] = poison();
    CHECK_RAISES(nexus_sequence_read(odd, 0, items, 4, &count, &error), "builtins.ZeroDivisionError");
    CHECK_NUMBER(count, 0);
    for (int i = 0; i < 4; i++) CHECK(is_none(&items[i]));
    CHECK_PYTHON("__import__('sys').Alive.count == 0");
    CHECK_GIVES(nexus_sequence_read(odd, 0, items, 3, &count, &error), count, 3);
    CHECK_PYTHON("__import__('sys').Alive.count == 3");
    clear_all(items, 3);
    CHECK_PYTHON("__import__('sys').Alive.count == 0");
    nexus_object_free(odd);

    odd = object("__import__('sys').Map()");
    for (int i = 0; i < 4; i++) items[i] = keys[i] = poison();
    count = 99;
    CHECK_FAILS(nexus_dict_read(odd, keys, items, 4, &count, &error), NEXUS_ERR_TYPE, "pairs");
    CHECK_NUMBER(count, 0);
    for (int i = 0; i < 4; i++) CHECK(is_none(&items[i]) && is_none(&keys[i]));
    CHECK_PYTHON("__import__('sys').Alive.count == 0");
    nexus_object_free(odd);

    odd = object("__import__('sys').Set()");
    for (int i = 0; i < 4; i++) items[i] = poison();
    count = 99;
    CHECK_RAISES(nexus_set_read(odd, items, 4, &count, &error), "builtins.ZeroDivisionError");
    CHECK_NUMBER(count, 0);
    for (int i = 0; i < 4; i++) CHECK(is_none(&items[i]));
    CHECK_PYTHON("__import__('sys').Alive.count == 0");
    nexus_object_free(odd);
}

/* A sequence that says it is longer or shorter than it is. */
CASE(sequences_that_lie) {
    NexusValue items[4];
    size_t count = 99;
    NexusObject *it = object("type('Odd', (), {'__len__': lambda self: 4, '__getitem__': lambda self, i: [1, 2][i]})()");
    CHECK_RAISES(nexus_sequence_read(it, 0, items, 4, &count, &error), "builtins.IndexError");
    nexus_object_free(it);
    it = object("type('Odd', (), {'__getitem__': lambda self, i: i})()");
    CHECK_RAISES(nexus_sequence_read(it, 0, items, 4, &count, &error), "builtins.TypeError");
    nexus_object_free(it);
    it = object("type('List', (list,), {'__len__': lambda self: 1, '__getitem__': lambda self, i: 'own'})([1, 2, 3])");
    CHECK_OK(nexus_sequence_read(it, 0, items, 4, &count, &error));
    CHECK(count == 1 && is_text(&items[0], "own"));
    clear_all(items, 4);
    nexus_object_free(it);
}

CASE(dicts_read) {
    const char *const dicts[] = {"{'a': 1, 2: 'b', None: [3]}",
                                 "__import__('collections').OrderedDict({'a': 1, 2: 'b', None: [3]})",
                                 "__import__('collections').UserDict({'a': 1, 2: 'b', None: [3]})",
                                 "__import__('types').MappingProxyType({'a': 1, 2: 'b', None: [3]})"};
    for (size_t i = 0; i < COUNT(dicts); i++) {
        NexusObject *it = object(dicts[i]);
        NexusValue keys[4], values[4];
        size_t count = 99;
        for (int j = 0; j < 4; j++) keys[j] = values[j] = poison();
        CHECK_GIVES(nexus_dict_read(it, keys, values, 4, &count, &error), count, 3);
        CHECK(is_text(&keys[0], "a") && integer_of(keys[1]) == 2 && is_none(&keys[2]) && is_none(&keys[3]));
        CHECK(integer_of(values[0]) == 1 && is_text(&values[1], "b") && is_none(&values[3]));
        CHECK_HOLDS(values[2].as.object, "it == [3]");
        clear_all(keys, 4);
        clear_all(values, 4);
        CHECK_OK(nexus_dict_read(it, keys, NULL, 3, &count, &error));
        CHECK(count == 3 && is_text(&keys[0], "a"));
        clear_all(keys, 3);
        CHECK_OK(nexus_dict_read(it, NULL, values, 3, &count, &error));
        CHECK(count == 3 && is_text(&values[1], "b"));
        clear_all(values, 3);
        count = 99;
        CHECK_GIVES(nexus_dict_read(it, NULL, NULL, 0, &count, &error), count, 3);
        for (int j = 0; j < 2; j++) keys[j] = values[j] = poison();
        CHECK_FAILS(nexus_dict_read(it, keys, values, 2, &count, &error), NEXUS_ERR_INVALID_ARGUMENT,
                    "'capacity' is 2, but there are 3 items");
        CHECK(count == 0 && is_none(&keys[0]) && is_none(&keys[1]) && is_none(&values[1]));
        nexus_object_free(it);
    }
    NexusObject *moved = object("(lambda d: (d.move_to_end('a'), d)[1])(__import__('collections').OrderedDict(a=1, b=2))");
    NexusValue keys[2];
    size_t count;
    CHECK_OK(nexus_dict_read(moved, keys, NULL, 2, &count, &error));
    CHECK(is_text(&keys[0], "b") && is_text(&keys[1], "a"));
    clear_all(keys, 2);
    nexus_object_free(moved);
    const char *const others[] = {"[]", "5", "{1}", "None"};
    for (size_t i = 0; i < COUNT(others); i++) {
        NexusObject *it = object(others[i]);
        keys[0] = poison();
        count = 99;
        CHECK_FAILS(nexus_dict_read(it, keys, NULL, 1, &count, &error), NEXUS_ERR_TYPE, "'dict'");
        CHECK(count == 0 && is_none(&keys[0]));
        nexus_object_free(it);
    }
}

/* The same memory for keys and values harms nobody. */
CASE(dict_read_into_one_array) {
    NexusObject *it = object("{'a': 1, 'b': 2}");
    NexusValue both[2] = {poison(), poison()};
    size_t count = 99;
    CHECK_GIVES(nexus_dict_read(it, both, both, 2, &count, &error), count, 2);
    CHECK(integer_of(both[0]) == 1 && integer_of(both[1]) == 2);
    nexus_object_free(it);
}

CASE(sets_read) {
    const char *const sets[] = {"{1, 2, 3}", "frozenset([1, 2, 3])", "type('Set', (set,), {})([1, 2, 3])"};
    for (size_t i = 0; i < COUNT(sets); i++) {
        NexusObject *it = object(sets[i]);
        NexusValue items[4];
        size_t count = 99;
        int64_t sum = 0;
        for (int j = 0; j < 4; j++) items[j] = poison();
        CHECK_GIVES(nexus_set_read(it, items, 4, &count, &error), count, 3);
        for (int j = 0; j < 3; j++) sum += integer_of(items[j]);
        CHECK_NUMBER(sum, 6);
        CHECK(is_none(&items[3]));
        CHECK_GIVES(nexus_set_read(it, NULL, 0, &count, &error), count, 3);
        items[0] = poison();
        CHECK_FAILS(nexus_set_read(it, items, 2, &count, &error), NEXUS_ERR_INVALID_ARGUMENT,
                    "'capacity' is 2, but there are 3 items");
        CHECK(count == 0 && is_none(&items[0]) && is_none(&items[1]));
        CHECK_FAILS(nexus_set_read(it, items, 0, &count, &error), NEXUS_ERR_INVALID_ARGUMENT, "'capacity' is 0");
        nexus_object_free(it);
    }
    const char *const others[] = {"[]", "{}", "{}.keys()", "5"};
    for (size_t i = 0; i < COUNT(others); i++) {
        NexusObject *it = object(others[i]);
        NexusValue item = poison();
        size_t count = 99;
        CHECK_FAILS(nexus_set_read(it, &item, 1, &count, &error), NEXUS_ERR_TYPE, "'set'");
        CHECK(count == 0 && is_none(&item));
        nexus_object_free(it);
    }
}

/* --- Plain numbers ------------------------------------------------------------------------------- */

CASE(lists_of_integers) {
    const int64_t numbers[] = {0, -1, INT64_MAX, INT64_MIN, 255, 256, 257};
    int64_t back[8];
    size_t count = 0;
    NexusObject *list = NULL;
    CHECK_OK(nexus_list_new_integers(numbers, 7, &list, &error));
    CHECK_HOLDS(list, "it == [0, -1, 2**63 - 1, -2**63, 255, 256, 257]");
    memset(back, 0xa5, sizeof back);
    CHECK_OK(nexus_sequence_read_integers(list, 0, back, 8, &count, &error));
    CHECK(count == 7 && memcmp(back, numbers, sizeof numbers) == 0 && back[7] == 0);
    CHECK_OK(nexus_sequence_read_integers(list, 5, back, 8, &count, &error));
    CHECK(count == 2 && back[0] == 256 && back[1] == 257 && back[2] == 0);
    nexus_object_free(list);
    const struct { const char *list; NexusStatus status; const char *part; } cases[] = {
        {"[1, 2**63]", NEXUS_ERR_OVERFLOW, "sequence[1]"}, {"[-2**63 - 1]", NEXUS_ERR_OVERFLOW, "sequence[0]"},
        {"[1, 2, True]", NEXUS_ERR_TYPE, "sequence[2] is a builtins.bool"}, {"[1.0]", NEXUS_ERR_TYPE, "builtins.float"},
        {"[1, '2']", NEXUS_ERR_TYPE, "builtins.str"}, {"[None]", NEXUS_ERR_TYPE, "builtins.NoneType"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NexusObject *it = object(cases[i].list);
        memset(back, 0xa5, sizeof back);
        count = 99;
        CHECK_FAILS(nexus_sequence_read_integers(it, 0, back, 8, &count, &error), cases[i].status, cases[i].part);
        CHECK_NUMBER(count, 0);
        for (int j = 0; j < 8; j++) CHECK_NUMBER(back[j], 0);
        nexus_object_free(it);
    }
    NexusObject *sub = object("(type('Int', (int,), {'__int__': None, '__index__': None})(7), 8)");
    CHECK_OK(nexus_sequence_read_integers(sub, 0, back, 8, &count, &error));
    CHECK(count == 2 && back[0] == 7 && back[1] == 8);
    nexus_object_free(sub);
}

CASE(lists_of_reals) {
    const double numbers[] = {0.0, -0.0, 5e-324, 1.7976931348623157e308, 0.1};
    double back[6];
    size_t count = 0;
    NexusObject *list = NULL;
    CHECK_OK(nexus_list_new_reals(numbers, 5, &list, &error));
    CHECK_HOLDS(list, "[str(x) for x in it] == ['0.0', '-0.0', '5e-324', '1.7976931348623157e+308', '0.1']");
    memset(back, 0xa5, sizeof back);
    CHECK_OK(nexus_sequence_read_reals(list, 0, back, 6, &count, &error));
    CHECK(count == 5 && memcmp(back, numbers, sizeof numbers) == 0 && back[5] == 0);
    nexus_object_free(list);
    list = object("(1, 2.5, 2**53, 2**200, -7)");
    CHECK_OK(nexus_sequence_read_reals(list, 0, back, 6, &count, &error));
    CHECK(count == 5 && back[0] == 1 && back[1] == 2.5 && back[2] == 9007199254740992.0 && back[3] == 0x1p200);
    CHECK(back[4] == -7);
    nexus_object_free(list);
    const struct { const char *list; NexusStatus status; const char *part; } cases[] = {
        {"[1.0, 2**53 + 1]", NEXUS_ERR_OVERFLOW, "sequence[1]"}, {"[2**1024]", NEXUS_ERR_OVERFLOW, "sequence[0]"},
        {"[True]", NEXUS_ERR_TYPE, "builtins.bool"}, {"['1.0']", NEXUS_ERR_TYPE, "builtins.str"},
        {"[1j]", NEXUS_ERR_TYPE, "builtins.complex"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NexusObject *it = object(cases[i].list);
        memset(back, 0xa5, sizeof back);
        count = 99;
        CHECK_FAILS(nexus_sequence_read_reals(it, 0, back, 6, &count, &error), cases[i].status, cases[i].part);
        CHECK_NUMBER(count, 0);
        for (int j = 0; j < 6; j++) CHECK(back[j] == 0);
        nexus_object_free(it);
    }
}

/* --- Iteration ----------------------------------------------------------------------------------- */

CASE(iteration) {
    const char *const iterables[] = {"[1, 2, 3]", "(1, 2, 3)", "{1: 0, 2: 0, 3: 0}", "range(1, 4)",
                                     "(x for x in (1, 2, 3))", "iter([1, 2, 3])", "map(int, '123')",
                                     "type('Old', (), {'__getitem__': lambda self, i: [1, 2, 3][i]})()"};
    for (size_t i = 0; i < COUNT(iterables); i++) {
        NexusObject *it = object(iterables[i]), *iterator = NULL;
        CHECK_OK(nexus_object_iterate(it, &iterator, &error));
        nexus_object_free(it);
        NexusValue value;
        for (int64_t expected = 1; expected <= 3; expected++) {
            value = poison();
            CHECK_GIVES(nexus_object_next(iterator, &value, &error), integer_of(value), expected);
        }
        for (int again = 0; again < 2; again++) {
            value = poison();
            error = (NexusError *)(uintptr_t)1;
            CHECK_STATUS(nexus_object_next(iterator, &value, &error), NEXUS_ERR_END);
            CHECK(error == NULL && is_none(&value));
            CHECK_STATUS(nexus_object_next(iterator, &value, NULL), NEXUS_ERR_END);
        }
        nexus_object_free(iterator);
    }
}

CASE(iteration_of_many) {
    NexusObject *it = object("range(10)"), *iterator;
    CHECK_OK(nexus_object_iterate(it, &iterator, &error));
    int64_t expected = 0;
    const size_t counts[] = {4, 4, 2};
    for (size_t i = 0; i < COUNT(counts); i++) {
        NexusValue values[4];
        size_t count = 99;
        memset(values, 0xa5, sizeof values);
        CHECK_GIVES(nexus_object_next_many(iterator, values, 4, &count, &error), count, counts[i]);
        for (size_t j = 0; j < 4; j++) {
            if (j < count)
                CHECK_NUMBER(integer_of(values[j]), expected++);
            else
                CHECK(is_none(&values[j]));
        }
    }
    NexusValue values[2] = {poison(), poison()};
    size_t count = 99;
    error = (NexusError *)(uintptr_t)1;
    CHECK_STATUS(nexus_object_next_many(iterator, values, 2, &count, &error), NEXUS_ERR_END);
    CHECK(error == NULL && count == 0 && is_none(&values[0]) && is_none(&values[1]));
    count = 99;
    CHECK_FAILS(nexus_object_next_many(iterator, NULL, 0, &count, &error), NEXUS_ERR_INVALID_ARGUMENT, "'capacity'");
    CHECK_NUMBER(count, 0);
    FREE_OBJECTS(iterator, it);
}

CASE(iteration_of_the_wrong_things) {
    const char *const odd[][2] = {
        {"5", "builtins.TypeError"},
        {"type('Odd', (), {'__iter__': lambda self: 1 / 0})()", "builtins.ZeroDivisionError"},
        {"type('Odd', (), {'__iter__': lambda self: 5})()", "builtins.TypeError"},
        {"type('Odd', (), {'__iter__': None})()", "builtins.TypeError"},
    };
    for (size_t i = 0; i < COUNT(odd); i++) {
        NexusObject *it = object(odd[i][0]), *iterator = it;
        CHECK_RAISES(nexus_object_iterate(it, &iterator, &error), odd[i][1]);
        CHECK(iterator == NULL);
        nexus_object_free(it);
    }
    const char *const no_iterators[] = {"5", "[1]", "None", "object()", "range(3)"};
    for (size_t i = 0; i < COUNT(no_iterators); i++) {
        NexusObject *it = object(no_iterators[i]);
        NexusValue value = poison();
        size_t count = 99;
        CHECK_FAILS(nexus_object_next(it, &value, &error), NEXUS_ERR_TYPE, "nexus_object_iterate");
        CHECK(is_none(&value));
        value = poison();
        CHECK_FAILS(nexus_object_next_many(it, &value, 1, &count, &error), NEXUS_ERR_TYPE, "nexus_object_iterate");
        CHECK(is_none(&value) && count == 0);
        nexus_object_free(it);
    }
}

CASE(iterators_that_raise) {
    NexusObject *it = object("(1 // x for x in (1, 0, 1))");
    NexusValue value, values[3];
    size_t count = 99;
    CHECK_OK(nexus_object_next(it, &value, &error));
    value = poison();
    CHECK_RAISES(nexus_object_next(it, &value, &error), "builtins.ZeroDivisionError");
    CHECK(is_none(&value));
    CHECK_STATUS(nexus_object_next(it, &value, NULL), NEXUS_ERR_END);
    nexus_object_free(it);
    it = object("([1] if x else 1 / x for x in (1, 1, 0))");
    for (int i = 0; i < 3; i++) values[i] = poison();
    CHECK_RAISES(nexus_object_next_many(it, values, 3, &count, &error), "builtins.ZeroDivisionError");
    CHECK_NUMBER(count, 0);
    for (int i = 0; i < 3; i++) CHECK(is_none(&values[i]));
    nexus_object_free(it);
    /* StopIteration that an iterator raises is its end; within a generator it is an error (PEP 479). */
    it = object("type('Odd', (), {'__iter__': lambda self: self, '__next__': lambda self: next(iter([]))})()");
    CHECK_STATUS(nexus_object_next(it, &value, NULL), NEXUS_ERR_END);
    nexus_object_free(it);
    it = object("(next(iter([])) for x in [1])");
    CHECK_RAISES(nexus_object_next(it, &value, &error), "builtins.RuntimeError");
    nexus_object_free(it);
}

CASE(dict_changed_while_iterated) {
    NexusObject *dict = object("{1: 1, 2: 2}"), *iterator;
    NexusValue key = nexus_value_integer(3), value = poison();
    CHECK_OK(nexus_object_iterate(dict, &iterator, &error));
    CHECK_OK(nexus_object_next(iterator, &value, &error));
    CHECK_OK(nexus_object_set_item(dict, &key, &key, &error));
    value = poison();
    CHECK_RAISES(nexus_object_next(iterator, &value, &error), "builtins.RuntimeError");
    CHECK(is_none(&value));
    FREE_OBJECTS(iterator, dict);
    /* A list may change; the iterator sees the change. */
    NexusObject *list = object("[1]");
    CHECK_OK(nexus_object_iterate(list, &iterator, &error));
    CHECK_OK(nexus_object_next(iterator, &value, &error));
    value = call1(list, "append", nexus_value_integer(2));
    CHECK_GIVES(nexus_object_next(iterator, &value, &error), integer_of(value), 2);
    CHECK_STATUS(nexus_object_next(iterator, &value, NULL), NEXUS_ERR_END);
    FREE_OBJECTS(iterator, list);
}

/* Two threads that share an iterator get each item once. */
typedef struct Share {
    NexusObject *iterator;
    int64_t sum;
} Share;

static void *take_items(void *data) {
    Share *share = data;
    NexusError *mine = NULL;
    for (int round = 0;; round++) {
        NexusValue values[7];
        size_t count = 1;
        NexusStatus status = round % 2 ? nexus_object_next_many(share->iterator, values, 7, &count, &mine)
                                       : nexus_object_next(share->iterator, values, &mine);
        if (status == NEXUS_ERR_END) return NULL;
        if (status != NEXUS_OK) FAIL("%s", nexus_error_message(mine));
        for (size_t i = 0; i < count; i++) share->sum += integer_of(values[i]);
    }
}

CASE(iterator_shared_by_two_threads) {
    NexusObject *range = object("range(100000)"), *iterator;
    CHECK_OK(nexus_object_iterate(range, &iterator, &error));
    Share shares[2] = {{iterator, 0}, {iterator, 0}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, take_items, &shares[i]) == 0);
    for (int i = 0; i < 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK_NUMBER(shares[0].sum + shares[1].sum, 99999LL * 100000 / 2);
    FREE_OBJECTS(iterator, range);
}

/* --- The object is freed while it is used ------------------------------------------------------- */

/* An object whose every method frees the handle through which it was called. */
static void define_odd(void) {
    run_python("import sys, ctypes\n"
               "free = ctypes.CDLL(" CTYPES_LIBRARY ").nexus_object_free\n"
               "free.argtypes, free.restype = [ctypes.c_void_p], None\n"
               "class Odd:\n"
               "    died = 0\n"
               "    def __del__(self): Odd.died += 1\n"
               "    def end(self):\n"
               "        free(self.handle)\n"
               "        return [self.handle]\n"
               "    def __getitem__(self, key): return self.end()\n"
               "    def __len__(self): return len(self.end())\n"
               "    def __contains__(self, item): return len(self.end())\n"
               "    def __eq__(self, other): return self.end()\n"
               "    def __hash__(self): return len(self.end())\n"
               "    def __bool__(self): return bool(self.end())\n"
               "    def __iter__(self): return self if self.end() else None\n"
               "    def __next__(self): return self.end()\n"
               "    def __setitem__(self, key, value): self.end()\n"
               "    def __delitem__(self, key): self.end()\n"
               "    def __dir__(self): return ['a'] if self.end() else []\n"
               "    def send(self, value): return self.end()\n"
               "    def close(self): self.end()\n"
               "    def __repr__(self): return str(self.end())\n"
               "    def __call__(self): pass\n"
               "    def __await__(self):\n"
               "        yield from ()\n"
               "        return self.end()\n"
               "    @property\n"
               "    def __signature__(self): return self.end()\n"
               "    @property\n"
               "    def __doc__(self): return str(self.end())\n"
               "sys.Odd = Odd\n");
}

static NexusObject *new_odd(void) {
    NexusObject *odd = object("__import__('sys').Odd()");
    NexusValue handle = nexus_value_integer((int64_t)(uintptr_t)odd);
    CHECK_OK(nexus_object_set_attr(odd, "handle", &handle, &error));
    return odd;
}

CASE(freed_while_used) {
    define_odd();
    for (int i = 0; i < 19; i++) {
        NexusObject *odd = new_odd(), *made = NULL;
        NexusValue zero = nexus_value_integer(0), value = nexus_value_none(), values[2] = {value, value};
        NexusNames *names = NULL;
        NexusStatus status = NEXUS_OK;
        size_t size;
        bool is;
        int64_t hash;
        switch (i) {
        case 0: status = nexus_object_item(odd, &zero, &value, &error); break;
        case 1: status = nexus_object_item_at(odd, 0, &value, &error); break;
        case 2: status = nexus_object_length(odd, &size, &error); break;
        case 3: status = nexus_object_contains(odd, &zero, &is, &error); break;
        case 4: status = nexus_object_compare(odd, NEXUS_EQUAL, &zero, &is, &error); break;
        case 5: status = nexus_object_hash(odd, &hash, &error); break;
        case 6: status = nexus_object_truth(odd, &is, &error); break;
        case 7: status = nexus_object_iterate(odd, &made, &error); break;
        case 8: status = nexus_object_next(odd, &value, &error); break;
        case 9: status = nexus_object_next_many(odd, values, 2, &size, &error); break;
        case 10: status = nexus_object_set_item(odd, &zero, &zero, &error); break;
        case 11: status = nexus_object_delete_item_at(odd, 0, &error); break;
        case 12: status = nexus_object_dir(odd, &names, &error); break;
        case 13: status = nexus_generator_send(odd, &zero, &value, &is, &error); break;
        case 14: status = nexus_generator_close(odd, &error); break;
        case 15: status = nexus_sequence_read(odd, 0, values, 1, &size, &error); break;
        case 16: status = nexus_object_repr(odd, &value, &error); break;
        case 17: status = nexus_object_await(odd, &value, &error); break;
        default: status = nexus_object_doc(odd, &value, &error); break;
        }
        CHECK_SEEN(status == NEXUS_OK, "%d: %s", i, nexus_error_message(error));
        bool alive;
        CHECK_STATUS(nexus_object_is_callable(odd, &alive, NULL), NEXUS_ERR_BAD_HANDLE);
        nexus_value_clear(&value);
        clear_all(values, 2);
        nexus_object_free(made);
        nexus_names_free(names);
    }
    CHECK_PYTHON("__import__('gc').collect() >= 0 and __import__('sys').Odd.died == 19");
}

/* --- Nested and cyclic --------------------------------------------------------------------------- */

#define DEEP "(lambda make: __import__('functools').reduce(make, range(%d), %s))(%s)"

static NexusObject *nested(int depth, const char *innermost, const char *step) {
    const char *expression = formatted(DEEP, depth, innermost, step);
    return object(expression);
}

CASE(nested_by_the_host) {
    NexusObject *list = NULL;
    CHECK_OK(nexus_list_new(NULL, 0, &list, &error));
    for (int i = 0; i < 10000; i++) {
        NexusValue inner = nexus_value_object(list);
        NexusObject *outer = NULL;
        CHECK_OK(nexus_list_new(&inner, 1, &outer, &error));
        nexus_object_free(list);
        list = outer;
    }
    int depth = 0;
    for (size_t count = 1; count == 1; depth++) {
        NexusValue inner;
        CHECK_OK(nexus_sequence_read(list, 0, &inner, 1, &count, &error));
        nexus_object_free(list);
        list = count == 1 ? inner.as.object : NULL;
    }
    CHECK_NUMBER(depth, 10001);
}

/* Too deep for Python's own recursion: an error, never a crash. */
CASE(nested_too_deeply) {
    const char *const kinds[][2] = {{"[]", "lambda a, _: [a]"}, {"{}", "lambda a, _: {'a': a}"},
                                    {"()", "lambda a, _: (a,)"}};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        NexusObject *left = nested(100000, kinds[i][0], kinds[i][1]), *right = nested(100000, kinds[i][0], kinds[i][1]);
        NexusValue value = poison(), other = nexus_value_object(right);
        bool equal = true;
        CHECK_RAISES(nexus_object_repr(left, &value, &error), "builtins.RecursionError");
        CHECK(is_none(&value));
        CHECK_RAISES(nexus_object_str(left, &value, &error), "builtins.RecursionError");
        CHECK_RAISES(nexus_object_compare(left, NEXUS_EQUAL, &other, &equal, &error), "builtins.RecursionError");
        CHECK(!equal);
        CHECK_RAISES(nexus_object_to_json(left, &value, &error), "builtins.RecursionError");
        FREE_OBJECTS(left, right);
    }
}

/* Ten thousand deep, where Python's versions differ: what they cannot do is an error. Hashing a tuple is not
 * limited by Python. */
CASE(nested_ten_thousand_deep) {
    NexusObject *left = nested(10000, "()", "lambda a, _: (a,)"), *right = nested(10000, "()", "lambda a, _: (a,)");
    NexusValue value = poison(), other = nexus_value_object(right);
    bool equal = false;
    int64_t hash = 0, same = 1;
    CHECK_OK(nexus_object_hash(left, &hash, &error));
    CHECK_OK(nexus_object_hash(right, &same, &error));
    CHECK_NUMBER(hash, same);
    NexusStatus status = nexus_object_compare(left, NEXUS_EQUAL, &other, &equal, &error);
    CHECK(status == NEXUS_OK ? equal && !error : status == NEXUS_ERR_EXCEPTION && !equal && error);
    if (error) CHECK_TEXT(nexus_error_exception(error), "builtins.RecursionError");
    DROP(error);
    status = nexus_object_repr(left, &value, &error);
    CHECK(status == NEXUS_OK || (status == NEXUS_ERR_EXCEPTION && is_none(&value)));
    if (status == NEXUS_OK) CHECK_NUMBER(value.as.text.size, 2 * 10001 + 10000);
    if (error) CHECK_TEXT(nexus_error_exception(error), "builtins.RecursionError");
    DROP(error);
    nexus_value_clear(&value);
    NexusObject *both[] = {left, right};
    for (size_t i = 0; i < COUNT(both); i++) nexus_object_free(both[i]);
}

CASE(cyclic) {
    NexusObject *list = object("[1]"), *dict = object("{}");
    NexusValue itself = nexus_value_object(list), key = text_value("self"), value = poison();
    value = call1(list, "append", itself);
    CHECK_GIVES_TEXT(nexus_object_repr(list, &value, &error), value, "[1, [...]]");
    bool is = false;
    CHECK_OK(nexus_object_item_at(list, 1, &value, &error));
    CHECK_GIVES(nexus_object_is(list, value.as.object, &is, &error), is, true);
    nexus_value_clear(&value);
    CHECK_GIVES(nexus_object_contains(list, &itself, &is, &error), is, true);
    CHECK_RAISES(nexus_object_to_json(list, &value, &error), "builtins.ValueError");

    NexusObject *other = object("(lambda a: (a.append(a), a)[1])([1])");
    NexusValue of_other = nexus_value_object(other);
    CHECK_RAISES(nexus_object_compare(list, NEXUS_EQUAL, &of_other, &is, &error), "builtins.RecursionError");
    nexus_object_free(other);

    itself = nexus_value_object(dict);
    CHECK_OK(nexus_object_set_item(dict, &key, &itself, &error));
    CHECK_GIVES_TEXT(nexus_object_repr(dict, &value, &error), value, "{'self': {...}}");
    NexusValue keys[1], values[1];
    size_t count;
    CHECK_OK(nexus_dict_read(dict, keys, values, 1, &count, &error));
    CHECK_GIVES(nexus_object_is(dict, values[0].as.object, &is, &error), is, true);
    clear_all(keys, 1);
    clear_all(values, 1);
    FREE_OBJECTS(list, dict);
    CHECK_PYTHON("__import__('gc').collect() >= 2");
}

CASE(a_million_items) {
    const size_t count = 1000000;
    NexusValue *items = malloc(count * sizeof *items);
    CHECK(items != NULL);
    for (size_t i = 0; i < count; i++) items[i] = nexus_value_integer((int64_t)i);
    NexusObject *list = NULL, *dict = NULL, *set = NULL;
    size_t read = 0;
    CHECK_OK(nexus_list_new(items, count, &list, &error));
    CHECK_HOLDS(list, "it == list(range(1000000))");
    CHECK_OK(nexus_dict_new(items, items, count, &dict, &error));
    CHECK_OK(nexus_set_new(items, count, &set, &error));
    memset(items, 0xa5, count * sizeof *items);
    CHECK_GIVES(nexus_sequence_read(list, 0, items, count, &read, &error), read, count);
    for (size_t i = 0; i < count; i++) CHECK(items[i].kind == NEXUS_KIND_INTEGER && items[i].as.integer == (int64_t)i);
    CHECK_GIVES(nexus_dict_read(dict, NULL, items, count, &read, &error), read, count);
    for (size_t i = 0; i < count; i++) CHECK(items[i].as.integer == (int64_t)i);
    CHECK_GIVES(nexus_set_read(set, items, count, &read, &error), read, count);
    free(items);
    FREE_OBJECTS(list, dict, set);
}
