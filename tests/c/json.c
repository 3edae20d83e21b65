/* JSON text in and out. */
#include "object_check.h"

#include <math.h>

static NexusValue parse(const char *text) {
    NexusValue value = poison();
    CHECK_OK(nexus_object_from_json(text, strlen(text), &value, &error));
    return value;
}

CASE(scalars) {
    NexusValue value = parse("null");
    CHECK(is_none(&value));
    value = parse(" true\n");
    CHECK(value.kind == NEXUS_KIND_BOOLEAN && value.as.boolean);
    value = parse("false");
    CHECK(value.kind == NEXUS_KIND_BOOLEAN && !value.as.boolean);
    CHECK_NUMBER(integer_of(parse("-9223372036854775808")), INT64_MIN);
    value = parse("9223372036854775808");
    CHECK_HOLDS(value.as.object, "it == 2**63");
    nexus_value_clear(&value);
    value = parse("-0.0");
    CHECK(value.kind == NEXUS_KIND_REAL && signbit(value.as.real));
    value = parse("1e2");
    CHECK(value.kind == NEXUS_KIND_REAL && value.as.real == 100);
    value = parse("1.7976931348623157e308");
    CHECK(value.as.real == 1.7976931348623157e308);
    value = parse("4e-324");
    CHECK(value.as.real == 5e-324);
    value = parse("1e-400");
    CHECK(value.as.real == 0);
    value = parse("\"gr\\u00f6\xc3\x9f" "e \\ud83d\\ude00\"");
    CHECK(is_text(&value, "größe 😀"));
    nexus_value_clear(&value);
    value = parse("\"a\\u0000b\"");
    CHECK(value.as.text.size == 3 && memcmp(value.as.text.data, "a\0b", 4) == 0);
    nexus_value_clear(&value);
}

CASE(containers) {
    NexusValue value = parse("{\"b\": [1, 2.5, null, {\"c\": \"x\"}], \"a\": {}, \"b2\": []}");
    CHECK_HOLDS(value.as.object, "it == {'b': [1, 2.5, None, {'c': 'x'}], 'a': {}, 'b2': []} and list(it) == ['b', 'a', 'b2']");
    NexusValue text = poison();
    CHECK_OK(nexus_object_to_json(value.as.object, &text, &error));
    CHECK_SEEN(is_text(&text, "{\"b\":[1,2.5,null,{\"c\":\"x\"}],\"a\":{},\"b2\":[]}"), "%s", text.as.text.data);
    CLEAR_VALUES(&text, &value);
    value = parse("{\"a\": 1, \"a\": 2}");
    CHECK_HOLDS(value.as.object, "it == {'a': 2}");
    nexus_value_clear(&value);
}

CASE(text_that_is_no_json) {
    const char *const texts[] = {"", " ", "{", "[1,]", "{'a': 1}", "{1: 2}", "01", "+1", "1.", ".5", "nul", "\"a", "\"\t\"",
                                 "[1] 2", "\"\\x41\"", "\xef\xbb\xbf[]"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        NexusValue value = poison();
        CHECK_ERROR(nexus_object_from_json(texts[i], strlen(texts[i]), &value, &error), NEXUS_ERR_EXCEPTION);
        CHECK_TEXT(nexus_error_exception(error), "json.decoder.JSONDecodeError");
        CHECK_CONTAINS(nexus_error_message(error), "line 1 column");
        DROP(error);
        CHECK(is_none(&value));
    }
    NexusValue value = poison();
    CHECK_RAISES(nexus_object_from_json("[1]\0", 4, &value, &error), "json.decoder.JSONDecodeError");
    CHECK_FAILS(nexus_object_from_json(NULL, 3, &value, &error), NEXUS_ERR_INVALID_ARGUMENT, "'text'");
    CHECK_RAISES(nexus_object_from_json(NULL, 0, &value, &error), "json.decoder.JSONDecodeError");
}

CASE(numbers_that_are_none) {
    const char *const texts[] = {"NaN", "[Infinity]", "{\"a\": -Infinity}"};
    NexusValue value = poison();
    for (size_t i = 0; i < COUNT(texts); i++)
        CHECK_RAISES(nexus_object_from_json(texts[i], strlen(texts[i]), &value, &error), "builtins.ValueError");
    const char *const large[] = {"1e309", "[-1e309]", "{\"a\": 1.8e308}"};
    for (size_t i = 0; i < COUNT(large); i++)
        CHECK_FAILS(nexus_object_from_json(large[i], strlen(large[i]), &value, &error), NEXUS_ERR_OVERFLOW, "does not fit");
    CHECK(is_none(&value));
    const char *const objects[] = {"float('nan')", "[float('inf')]", "{'a': -float('inf')}", "{float('nan'): 1}"};
    for (size_t i = 0; i < COUNT(objects); i++) {
        NexusObject *it = object(objects[i]);
        value = poison();
        CHECK_RAISES(nexus_object_to_json(it, &value, &error), "builtins.ValueError");
        CHECK(is_none(&value));
        nexus_object_free(it);
    }
}

CASE(objects_written) {
    const char *const cases[][2] = {
        {"None", "null"}, {"True", "true"}, {"2**70", "1180591620717411303424"}, {"0.1", "0.1"}, {"-0.0", "-0.0"},
        {"5e-324", "5e-324"}, {"1e22", "1e+22"}, {"'größe \\\"\\n'", "\"größe \\\"\\n\""}, {"'a\\0b'", "\"a\\u0000b\""},
        {"(1, [2])", "[1,[2]]"}, {"{1: 2, 2.5: 3, True: 4, None: 5}", "{\"1\":4,\"2.5\":3,\"null\":5}"},
        {"type('Dict', (dict,), {})(a=1)", "{\"a\":1}"}, {"type('Int', (int,), {'__repr__': None})(7)", "7"},
        {"__import__('collections').OrderedDict(b=1, a=2)", "{\"b\":1,\"a\":2}"}, {"'😀'", "\"😀\""},
        {"[]", "[]"}, {"''", "\"\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NexusObject *it = object(cases[i][0]);
        NexusValue text = poison();
        CHECK_OK(nexus_object_to_json(it, &text, &error));
        CHECK_SEEN(is_text(&text, cases[i][1]), "%s: %s", cases[i][0], text.as.text.data);
        nexus_value_clear(&text);
        nexus_object_free(it);
    }
}

CASE(objects_that_cannot_be_written) {
    const char *const cases[][2] = {
        {"b'x'", "builtins.TypeError"}, {"{1, 2}", "builtins.TypeError"}, {"1j", "builtins.TypeError"},
        {"{(1, 2): 3}", "builtins.TypeError"}, {"[object()]", "builtins.TypeError"}, {"{b'a': 1}", "builtins.TypeError"},
        {"(lambda a: (a.append(a), a)[1])([])", "builtins.ValueError"}, {"10**5000", "builtins.ValueError"},
        {"type('Dict', (dict,), {'items': lambda self: 1 / 0})(a=1)", "builtins.ZeroDivisionError"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NexusObject *it = object(cases[i][0]);
        NexusValue text = poison();
        CHECK_RAISES(nexus_object_to_json(it, &text, &error), cases[i][1]);
        CHECK(is_none(&text));
        nexus_object_free(it);
    }
}

CASE(deep_text) {
    enum { DEPTH = 100000 };
    static char text[2 * DEPTH];
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    NexusValue value = poison();
    CHECK_RAISES(nexus_object_from_json(text, sizeof text, &value, &error), "builtins.RecursionError");
    CHECK(is_none(&value));
    for (size_t i = 0; i < DEPTH; i++) text[i] = i % 5 == 0 ? '{' : "\"a\":"[i % 5 - 1];
    /* 3.14 gets to the end, which is missing. */
    CHECK_ERROR(nexus_object_from_json(text, DEPTH, &value, &error), NEXUS_ERR_EXCEPTION);
    const char *exception = nexus_error_exception(error);
    CHECK_SEEN(strstr(exception, "RecursionError") || strstr(exception, "JSONDecodeError"), "%s", exception);
    CHECK(is_none(&value));
    DROP(error);
}

CASE(digits_beyond_pythons_limit) {
    static char text[5000];
    memset(text, '7', sizeof text);
    NexusValue value = poison();
    CHECK_RAISES(nexus_object_from_json(text, sizeof text, &value, &error), "builtins.ValueError");
    CHECK(is_none(&value));
}
