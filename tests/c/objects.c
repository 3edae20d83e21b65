/* Attributes, types, comparison, truth, hash, help: what every object has. */
#include "object_check.h"

/* --- Attributes ---------------------------------------------------------------------------------- */

CASE(attributes_set_and_deleted) {
    NexusObject *space = object("__import__('types').SimpleNamespace()");
    NexusValue number = nexus_value_integer(7), list = evaluate("[1, 2]"), value = poison();
    CHECK_OK(nexus_object_set_attr(space, "größe", &number, &error));
    CHECK_OK(nexus_object_set_attr(space, "list", &list, &error));
    nexus_value_clear(&list);
    CHECK_HOLDS(space, "it.größe == 7 and it.list == [1, 2]");
    CHECK_GIVES(nexus_object_attr(space, "größe", &value, &error), integer_of(value), 7);
    CHECK_OK(nexus_object_delete_attr(space, "größe", &error));
    CHECK_HOLDS(space, "vars(it) == {'list': [1, 2]}");
    CHECK_RAISES(nexus_object_delete_attr(space, "größe", &error), "builtins.AttributeError");
    nexus_object_free(space);
}

CASE(attributes_that_cannot_be_set) {
    NexusObject *number = object("5"), *odd = object("type('Odd', (), {'bad': property(lambda self: 1)})()");
    NexusValue value = nexus_value_none(), text = nexus_value_text("\xff", 1);
    CHECK_RAISES(nexus_object_set_attr(number, "a", &value, &error), "builtins.AttributeError");
    CHECK_RAISES(nexus_object_set_attr(odd, "bad", &value, &error), "builtins.AttributeError");
    CHECK_RAISES(nexus_object_delete_attr(odd, "bad", &error), "builtins.AttributeError");
    CHECK_FAILS(nexus_object_set_attr(odd, "\xff", &value, &error), NEXUS_ERR_INVALID_ARGUMENT, "'name'");
    CHECK_FAILS(nexus_object_set_attr(odd, "a", &text, &error), NEXUS_ERR_INVALID_ARGUMENT, "value is not UTF-8");
    CHECK_FAILS(nexus_object_delete_attr(odd, "\xff", &error), NEXUS_ERR_INVALID_ARGUMENT, "'name'");
    FREE_OBJECTS(number, odd);
}

CASE(attributes_listed) {
    NexusObject *space = object("__import__('types').SimpleNamespace(b=1, a=2)");
    NexusNames *names;
    CHECK_OK(nexus_object_dir(space, &names, &error));
    size_t count = nexus_names_count(names), a = count, b = count, init = count;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) CHECK(strcmp(nexus_names_at(names, i - 1), nexus_names_at(names, i)) < 0);
        if (strcmp(nexus_names_at(names, i), "a") == 0) a = i;
        if (strcmp(nexus_names_at(names, i), "b") == 0) b = i;
        if (strcmp(nexus_names_at(names, i), "__init__") == 0) init = i;
    }
    CHECK(init < a && a + 1 == b && b < count);
    nexus_names_free(names);
    nexus_object_free(space);
}

CASE(attributes_with_odd_names) {
    NexusObject *odd = object("type('Odd', (), {'__dir__': lambda self: ['a\\0b', 'x\\ud800y', 'é']})()");
    NexusNames *names = NULL;
    CHECK_OK(nexus_object_dir(odd, &names, &error));
    CHECK_NUMBER(nexus_names_count(names), 3);
    CHECK_TEXT(nexus_names_at(names, 0), "a␀b");
    CHECK_TEXT(nexus_names_at(names, 1), "x\\ud800y");
    CHECK_TEXT(nexus_names_at(names, 2), "é");
    nexus_names_free(names);
    nexus_object_free(odd);

    odd = object("type('Odd', (), {'__dir__': lambda self: [3]})()");
    CHECK_FAILS(nexus_object_dir(odd, &names, &error), NEXUS_ERR_TYPE, "builtins.int");
    CHECK(names == NULL);
    nexus_object_free(odd);
    odd = object("type('Odd', (), {'__dir__': lambda self: 1 / 0})()");
    CHECK_RAISES(nexus_object_dir(odd, &names, &error), "builtins.ZeroDivisionError");
    nexus_object_free(odd);
    odd = object("type('Odd', (), {'__dir__': lambda self: 5})()");
    CHECK_RAISES(nexus_object_dir(odd, &names, &error), "builtins.TypeError");
    nexus_object_free(odd);
}

/* --- Types --------------------------------------------------------------------------------------- */

CASE(types) {
    NexusObject *number = object("True"), *type, *int_type = object("int"), *meta;
    bool is;
    CHECK_OK(nexus_object_type(number, &type, &error));
    CHECK_HOLDS(type, "it is bool");
    CHECK_OK(nexus_object_type(type, &meta, &error));
    CHECK_HOLDS(meta, "it is type");
    CHECK_GIVES(nexus_object_is_instance(number, type, &is, &error), is, true);
    CHECK_GIVES(nexus_object_is_instance(number, int_type, &is, &error), is, true);
    CHECK_GIVES(nexus_object_is_instance(number, meta, &is, &error), is, false);
    NexusObject *either = object("(str, int)"), *unite = object("str | int");
    CHECK_GIVES(nexus_object_is_instance(number, either, &is, &error), is, true);
    CHECK_GIVES(nexus_object_is_instance(number, unite, &is, &error), is, true);
    is = true;
    CHECK_RAISES(nexus_object_is_instance(type, number, &is, &error), "builtins.TypeError");
    CHECK(!is);

    NexusObject *text_type = object("str");
    const NexusObject *both[] = {text_type, int_type}, *bad[] = {text_type, NULL}, *no_type[] = {text_type, number};
    CHECK_GIVES(nexus_object_is_instance_of_any(number, both, 2, &is, &error), is, true);
    CHECK_GIVES(nexus_object_is_instance_of_any(number, both, 1, &is, &error), is, false);
    CHECK_GIVES(nexus_object_is_instance_of_any(number, NULL, 0, &is, &error), is, false);
    is = true;
    CHECK_FAILS(nexus_object_is_instance_of_any(number, bad, 2, &is, &error), NEXUS_ERR_BAD_HANDLE, "types[1]");
    CHECK(!is);
    CHECK_RAISES(nexus_object_is_instance_of_any(number, no_type, 2, &is, &error), "builtins.TypeError");
    CHECK_FAILS(nexus_object_is_instance_of_any(number, NULL, 1, &is, &error), NEXUS_ERR_INVALID_ARGUMENT, "types");
    NexusObject *all[] = {number, type, int_type, meta, either, unite, text_type};
    for (size_t i = 0; i < COUNT(all); i++) nexus_object_free(all[i]);
}

/* isinstance asks the class first. */
CASE(type_with_an_opinion) {
    NexusObject *odd = object("type('Meta', (type,), {'__instancecheck__': lambda self, x: 1 / 0})('Odd', (), {})");
    NexusObject *one = object("1");
    bool is = true;
    CHECK_RAISES(nexus_object_is_instance(one, odd, &is, &error), "builtins.ZeroDivisionError");
    CHECK(!is);
    FREE_OBJECTS(odd, one);
}

CASE(callables) {
    const struct { const char *expression; bool callable; } cases[] = {
        {"len", true}, {"int", true}, {"lambda: 1", true}, {"5", false}, {"None", false},
        {"type('C', (), {'__call__': lambda self: 1})()", true}, {"type('C', (), {})()", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NexusObject *it = object(cases[i].expression);
        bool callable = !cases[i].callable;
        CHECK_OK(nexus_object_is_callable(it, &callable, &error));
        CHECK_SEEN(callable == cases[i].callable, "%s", cases[i].expression);
        nexus_object_free(it);
    }
}

/* --- Comparison ---------------------------------------------------------------------------------- */

CASE(comparison) {
    /* Less, less or equal, equal, not equal, greater, greater or equal. */
    const struct { const char *left, *right; bool expected[6]; } cases[] = {
        {"1", "2", {true, true, false, true, false, false}},
        {"2", "1", {false, false, false, true, true, true}},
        {"5", "5.0", {false, true, true, false, false, true}},
        {"2**64", "2**64", {false, true, true, false, false, true}},
        {"'a'", "'b'", {true, true, false, true, false, false}},
        {"(1, 2)", "(1, 3)", {true, true, false, true, false, false}},
        {"{1}", "{1, 2}", {true, true, false, true, false, false}},
        {"float('nan')", "float('nan')", {false, false, false, true, false, false}},
        {"-0.0", "0.0", {false, true, true, false, false, true}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NexusObject *left = object(cases[i].left);
        NexusValue right = evaluate(cases[i].right);
        for (uint32_t op = 0; op < 6; op++) {
            bool result = !cases[i].expected[op];
            CHECK_OK(nexus_object_compare(left, (NexusComparison)op, &right, &result, &error));
            CHECK_SEEN(result == cases[i].expected[op], "%s %u %s", cases[i].left, op, cases[i].right);
        }
        nexus_value_clear(&right);
        nexus_object_free(left);
    }
}

CASE(comparison_that_fails) {
    NexusObject *number = object("1");
    NexusValue text = text_value("a");
    bool result = true;
    CHECK_RAISES(nexus_object_compare(number, NEXUS_LESS, &text, &result, &error), "builtins.TypeError");
    CHECK(!result);
    CHECK_GIVES(nexus_object_compare(number, NEXUS_EQUAL, &text, &result, &error), result, false);
    CHECK_GIVES(nexus_object_compare(number, NEXUS_NOT_EQUAL, &text, &result, &error), result, true);
    const uint32_t numbers[] = {6, 7, 255, 256, UINT32_MAX};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        NexusComparison comparison;
        memcpy(&comparison, &numbers[i], sizeof comparison);
        result = true;
        CHECK_FAILS(nexus_object_compare(number, comparison, &text, &result, &error), NEXUS_ERR_INVALID_ARGUMENT,
                    "comparison");
        CHECK(!result);
    }
    nexus_object_free(number);

    NexusObject *odd = object("type('Odd', (), {'__eq__': lambda self, other: 1 / 0, '__hash__': None})()");
    CHECK_RAISES(nexus_object_compare(odd, NEXUS_EQUAL, &text, &result, &error), "builtins.ZeroDivisionError");
    nexus_object_free(odd);
    /* What a comparison gives need not be a bool, nor have a truth: numpy's arrays do so. */
    odd = object("type('Odd', (), {'__eq__': lambda self, other: ['x'], '__lt__': lambda self, other: ''})()");
    CHECK_GIVES(nexus_object_compare(odd, NEXUS_EQUAL, &text, &result, &error), result, true);
    CHECK_GIVES(nexus_object_compare(odd, NEXUS_LESS, &text, &result, &error), result, false);
    nexus_object_free(odd);
    odd = object("(lambda no: type('Odd', (), {'__eq__': lambda self, other: no})())"
                 "(type('No', (), {'__bool__': lambda self: [].x})())");
    CHECK_RAISES(nexus_object_compare(odd, NEXUS_EQUAL, &text, &result, &error), "builtins.AttributeError");
    nexus_object_free(odd);
}

CASE(identity) {
    NexusObject *list = object("[]"), *other = object("[]"), *same = NULL;
    NexusValue value = nexus_value_object(list);
    CHECK_OK(nexus_object_new(&value, &same, &error));
    CHECK(same != list);
    bool is;
    CHECK_GIVES(nexus_object_is(list, same, &is, &error), is, true);
    CHECK_GIVES(nexus_object_is(list, other, &is, &error), is, false);
    CHECK_FAILS(nexus_object_is(list, NULL, &is, &error), NEXUS_ERR_BAD_HANDLE, "'other'");
    nexus_object_free(list);
    CHECK_FAILS(nexus_object_is(list, same, &is, &error), NEXUS_ERR_BAD_HANDLE, "'object'");
    FREE_OBJECTS(same, other);
}

CASE(truth) {
    const struct { const char *expression; bool truth; } cases[] = {
        {"0", false}, {"1", true}, {"0.0", false}, {"float('nan')", true}, {"''", false}, {"'0'", true},
        {"[]", false}, {"[0]", true}, {"{}", false}, {"None", false}, {"object()", true}, {"0j", false},
        {"type('C', (), {'__len__': lambda self: 0})()", false}, {"2**70", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NexusObject *it = object(cases[i].expression);
        bool truth = !cases[i].truth;
        CHECK_OK(nexus_object_truth(it, &truth, &error));
        CHECK_SEEN(truth == cases[i].truth, "%s", cases[i].expression);
        nexus_object_free(it);
    }
    const char *const odd[][2] = {
        {"type('Odd', (), {'__bool__': lambda self: 1 / 0})()", "builtins.ZeroDivisionError"},
        {"type('Odd', (), {'__bool__': lambda self: 'yes'})()", "builtins.TypeError"},
        {"type('Odd', (), {'__len__': lambda self: -1})()", "builtins.ValueError"},
    };
    for (size_t i = 0; i < COUNT(odd); i++) {
        NexusObject *it = object(odd[i][0]);
        bool truth = true;
        CHECK_RAISES(nexus_object_truth(it, &truth, &error), odd[i][1]);
        CHECK(!truth);
        nexus_object_free(it);
    }
}

CASE(hashes) {
    NexusObject *pair = object("(1, 'a')"), *list = object("[]"), *minus = object("-1");
    int64_t hash = 99;
    CHECK_OK(nexus_object_hash(pair, &hash, &error));
    CHECK_NUMBER(integer_of(evaluate("hash((1, 'a'))")), hash);
    CHECK_GIVES(nexus_object_hash(minus, &hash, &error), hash, -2);
    hash = 99;
    CHECK_RAISES(nexus_object_hash(list, &hash, &error), "builtins.TypeError");
    CHECK_NUMBER(hash, 0);
    FREE_OBJECTS(pair, list, minus);
    const char *const odd[][2] = {
        {"type('Odd', (), {'__hash__': lambda self: 1 / 0})()", "builtins.ZeroDivisionError"},
        {"type('Odd', (), {'__hash__': lambda self: 'x'})()", "builtins.TypeError"},
    };
    for (size_t i = 0; i < COUNT(odd); i++) {
        NexusObject *it = object(odd[i][0]);
        CHECK_RAISES(nexus_object_hash(it, &hash, &error), odd[i][1]);
        nexus_object_free(it);
    }
    /* Any int will do for Python, which folds it. */
    NexusObject *large = object("type('Odd', (), {'__hash__': lambda self: 2**80})()");
    CHECK_OK(nexus_object_hash(large, &hash, &error));
    nexus_object_free(large);
}

/* --- Values and handles -------------------------------------------------------------------------- */

CASE(objects_of_values) {
    const NexusValue values[] = {
        nexus_value_none(), nexus_value_boolean(true), nexus_value_integer(INT64_MIN), nexus_value_real(-0.0),
        text_value("größe"), nexus_value_bytes("a\0b", 3),
    };
    const char *const expected[] = {
        "it is None", "it is True", "type(it) is int and it == -2**63", "type(it) is float and str(it) == '-0.0'",
        "it == 'größe'", "it == b'a\\0b'",
    };
    for (size_t i = 0; i < COUNT(values); i++) {
        NexusObject *made = NULL;
        NexusValue back = poison();
        CHECK_OK(nexus_object_new(&values[i], &made, &error));
        CHECK_HOLDS(made, expected[i]);
        CHECK_OK(nexus_object_value(made, &back, &error));
        CHECK_NUMBER(back.kind, values[i].kind);
        nexus_object_free(made);
        if (i == 2) CHECK(back.as.integer == INT64_MIN);
        if (i == 4) CHECK(is_text(&back, "größe"));
        nexus_value_clear(&back);
    }
    NexusValue unknown = nexus_value_none();
    const uint32_t kind = 77;
    memcpy(&unknown.kind, &kind, sizeof kind);
    NexusObject *made;
    CHECK_FAILS(nexus_object_new(&unknown, &made, &error), NEXUS_ERR_INVALID_ARGUMENT, "value.kind is 77");
    CHECK(made == NULL);
}

/* --- Help ---------------------------------------------------------------------------------------- */

static const char *signature(const char *expression) {
    static char buffer[1024];
    NexusObject *it = object(expression);
    NexusValue text = poison();
    CHECK_OK(nexus_object_signature(it, &text, &error));
    nexus_object_free(it);
    return text_of(text, buffer, sizeof buffer);
}

CASE(signatures) {
    CHECK_TEXT(signature("lambda a, b=2, *c, d, **e: 1"), "(a, b=2, *c, d, **e)");
    CHECK_TEXT(signature("len"), "(obj, /)");
    CHECK_TEXT(signature("type('C', (), {'__init__': lambda self, x: None})"), "(x)");
    CHECK_TEXT(signature("'a'.join"), "(iterable, /)");
    CHECK_TEXT(signature("(lambda ns: (exec('def f(x: int = 1) -> str: pass', ns), ns['f'])[1])({})"),
               "(x: int = 1) -> str");
    CHECK_TEXT(signature("lambda a='\\ud800': 1"), "(a='\\ud800')");
    /* inspect cannot read this one; the text is there all the same. */
    CHECK_TEXT(signature("(lambda p: (setattr(p, '__text_signature__', '(x=<new>)'), p)[1])"
                         "(__import__('functools').partial(dict))"), "(x=<new>)");
}

CASE(signatures_that_are_not_there) {
    NexusValue text = poison();
    NexusObject *it = object("5");
    CHECK_FAILS(nexus_object_signature(it, &text, &error), NEXUS_ERR_TYPE, "builtins.int");
    CHECK(is_none(&text));
    nexus_object_free(it);
    it = object("dict");
    text = poison();
    CHECK_FAILS(nexus_object_signature(it, &text, &error), NEXUS_ERR_NOT_FOUND, "signature");
    CHECK(is_none(&text));
    nexus_object_free(it);
    it = object("type('Odd', (), {'__call__': lambda self: 1, '__signature__': property(lambda self: 1 / 0)})()");
    CHECK_RAISES(nexus_object_signature(it, &text, &error), "builtins.ZeroDivisionError");
    nexus_object_free(it);
}

CASE(documentation) {
    char buffer[4096];
    NexusValue text = poison();
    NexusObject *it = object("len");
    CHECK_OK(nexus_object_doc(it, &text, &error));
    CHECK_CONTAINS(text_of(text, buffer, sizeof buffer), "number of items");
    nexus_object_free(it);
    it = object("(lambda f: (setattr(f, '__doc__', 'First.\\n\\n    Then \\ud800.\\n    '), f)[1])(lambda: 1)");
    CHECK_GIVES_TEXT(nexus_object_doc(it, &text, &error), text, "First.\n\nThen \\ud800.");
    nexus_object_free(it);
    it = object("lambda: 1");
    text = poison();
    CHECK_OK(nexus_object_doc(it, &text, &error));
    CHECK(is_none(&text));
    nexus_object_free(it);
}

/* repr and str of what resists. */
CASE(texts_of_odd_objects) {
    NexusValue text = poison();
    const char *const odd[][2] = {
        {"type('Odd', (), {'__repr__': lambda self: 1 / 0})()", "builtins.ZeroDivisionError"},
        {"type('Odd', (), {'__repr__': lambda self: 5})()", "builtins.TypeError"},
        {"type('Odd', (), {'__repr__': lambda self: repr(self)})()", "builtins.RecursionError"},
    };
    for (size_t i = 0; i < COUNT(odd); i++) {
        NexusObject *it = object(odd[i][0]);
        CHECK_RAISES(nexus_object_repr(it, &text, &error), odd[i][1]);
        CHECK(is_none(&text));
        CHECK_RAISES(nexus_object_str(it, &text, &error), odd[i][1]);
        nexus_object_free(it);
    }
    NexusObject *it = object("type('Odd', (), {'__str__': lambda self: type('Text', (str,), {})('x\\ud800')})()");
    CHECK_GIVES_TEXT(nexus_object_str(it, &text, &error), text, "x\\ud800");
    nexus_object_free(it);
}

/* Where it was raised, also when nothing but the exception is there: 3.11 keeps the traceback beside it. */
CASE(traceback_of_a_failure) {
    NexusObject *it = object("type('Odd', (), {'__len__': lambda self: 1 / 0})()");
    size_t length;
    CHECK_ERROR(nexus_object_length(it, &length, &error), NEXUS_ERR_EXCEPTION);
    CHECK_CONTAINS(nexus_error_traceback(error), "Traceback (most recent call last)");
    CHECK_CONTAINS(nexus_error_traceback(error), "in <lambda>");
    DROP(error);
    nexus_object_free(it);
}
