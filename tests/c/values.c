/* Every kind of value, both ways. */
#include "nexus_check.h"

#include <math.h>

static NexusObject *values(void) { return module_of("values"); }

static NexusValue echoed(NexusValue value) {
    NexusObject *module = values();
    NexusValue result = call1(module, "echo", value);
    nexus_object_free(module);
    return result;
}

static NexusValue made(const char *name) {
    NexusObject *module = values();
    NexusValue result = call1(module, "make", text_value(name));
    nexus_object_free(module);
    return result;
}

/* How Python sees what was passed: "int 5". */
static const char *described(NexusValue value) {
    static char text[4096];
    NexusObject *module = values();
    text_of(call1(module, "describe", value), text, sizeof text);
    nexus_object_free(module);
    return text;
}

static void check_cleared(NexusValue *value) {
    nexus_value_clear(value);
    CHECK_NUMBER(value->kind, NEXUS_KIND_NONE);
    CHECK(value->owner == NULL);
    nexus_value_clear(value);
}

CASE(inline_constructors) {
    NexusObject *object = (NexusObject *)(uintptr_t)16;
    CHECK_NUMBER(nexus_value_none().kind, NEXUS_KIND_NONE);
    CHECK(nexus_value_boolean(true).kind == NEXUS_KIND_BOOLEAN && nexus_value_boolean(true).as.boolean);
    CHECK(!nexus_value_boolean(false).as.boolean);
    CHECK(nexus_value_integer(INT64_MIN).kind == NEXUS_KIND_INTEGER);
    CHECK(nexus_value_integer(INT64_MIN).as.integer == INT64_MIN);
    CHECK(nexus_value_real(0.5).kind == NEXUS_KIND_REAL && nexus_value_real(0.5).as.real == 0.5);
    NexusValue text = nexus_value_text("abc", 2), bytes = nexus_value_bytes("abc", 3);
    CHECK(text.kind == NEXUS_KIND_TEXT && text.as.text.size == 2 && text.owner == NULL);
    CHECK(bytes.kind == NEXUS_KIND_BYTES && bytes.as.text.size == 3 && bytes.owner == NULL);
    CHECK(nexus_value_object(object).kind == NEXUS_KIND_OBJECT && nexus_value_object(object).as.object == object);
    CHECK(nexus_value_object(object).owner == NULL);
}

CASE(none) {
    CHECK_TEXT(described(nexus_value_none()), "NoneType None");
    NexusValue result = made("none");
    CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
    CHECK(result.owner == NULL);
    check_cleared(&result);
}

CASE(boolean) {
    CHECK_TEXT(described(nexus_value_boolean(true)), "bool True");
    CHECK_TEXT(described(nexus_value_boolean(false)), "bool False");
    NexusValue yes = made("true"), no = made("false");
    CHECK(yes.kind == NEXUS_KIND_BOOLEAN && yes.as.boolean && yes.owner == NULL);
    CHECK(no.kind == NEXUS_KIND_BOOLEAN && !no.as.boolean);
    check_cleared(&yes);
}

/* A C bool of another compiler's making: any byte that is not 0 is true. */
CASE(boolean_of_any_byte) {
    NexusValue value = nexus_value_boolean(false);
    unsigned char byte = 2;
    memcpy(&value.as, &byte, 1);
    CHECK_TEXT(described(value), "bool True");
}

CASE(integer) {
    const int64_t numbers[] = {0, 1, -1, 255, 256, 257, -5, -6, INT32_MAX, INT32_MIN, (int64_t)1 << 30,
                               ((int64_t)1 << 60) + 1, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        const char *expected = formatted("int %lld", (long long)numbers[i]);
        CHECK_TEXT(described(nexus_value_integer(numbers[i])), expected);
        NexusValue result = echoed(nexus_value_integer(numbers[i]));
        CHECK(integer_of(result) == numbers[i]);
        CHECK(result.owner == NULL);
        check_cleared(&result);
    }
    CHECK(integer_of(made("zero")) == 0);
    CHECK(integer_of(made("int64_max")) == INT64_MAX);
    CHECK(integer_of(made("int64_min")) == INT64_MIN);
}

static void check_object(const char *name, const char *expected_type) {
    NexusValue value = made(name), type;
    CHECK_SEEN(value.kind == NEXUS_KIND_OBJECT, "%s has kind %d", name, value.kind);
    CHECK(value.as.object != NULL);
    CHECK_GIVES_TEXT(nexus_object_type_name(value.as.object, &type, &error), type, expected_type);
    check_cleared(&value);
}

CASE(integer_beyond_64_bits) {
    check_object("above_int64", "builtins.int");
    check_object("below_int64", "builtins.int");
    NexusValue value = made("above_int64"), written;
    CHECK_GIVES_TEXT(nexus_object_str(value.as.object, &written, &error), written, "9223372036854775808");
    NexusValue minus[2] = {nexus_value_integer(1), nexus_value_integer(0)};
    CHECK(integer_of(call(value.as.object, "__sub__", minus, 1)) == INT64_MAX);
    nexus_value_clear(&value);
    value = made("huge_int");
    CHECK_NUMBER(value.kind, NEXUS_KIND_OBJECT);
    CHECK_NUMBER(integer_of(call0(value.as.object, "bit_length")), 1329);
    nexus_value_clear(&value);
}

CASE(real) {
    CHECK_TEXT(described(nexus_value_real(1.5)), "float 1.5");
    CHECK_TEXT(described(nexus_value_real(-0.0)), "float -0.0");
    CHECK_TEXT(described(nexus_value_real(NAN)), "float nan");
    CHECK_TEXT(described(nexus_value_real(-INFINITY)), "float -inf");
    CHECK_TEXT(described(nexus_value_real(5e-324)), "float 5e-324");
    NexusValue value = made("nan");
    CHECK(value.kind == NEXUS_KIND_REAL && isnan(value.as.real) && value.owner == NULL);
    value = made("infinity");
    CHECK(value.kind == NEXUS_KIND_REAL && value.as.real == INFINITY);
    value = made("minus_infinity");
    CHECK(value.kind == NEXUS_KIND_REAL && value.as.real == -INFINITY);
    value = made("minus_zero");
    CHECK(value.kind == NEXUS_KIND_REAL && value.as.real == 0 && signbit(value.as.real));
    value = made("smallest_real");
    CHECK(value.kind == NEXUS_KIND_REAL && value.as.real == 5e-324);
    check_cleared(&value);
}

static void check_bytes(NexusValue value, NexusKind kind, const char *data, size_t size) {
    CHECK_NUMBER(value.kind, kind);
    CHECK_NUMBER(value.as.text.size, size);
    CHECK(value.as.text.data != NULL);
    CHECK(memcmp(value.as.text.data, data, size) == 0);
    CHECK_SEEN(value.as.text.data[size] == '\0', "no NUL behind the text");
    check_cleared(&value);
}

CASE(text) {
    CHECK_TEXT(described(text_value("größe")), "str 'größe'");
    CHECK_TEXT(described(nexus_value_text("abcdef", 3)), "str 'abc'");
    CHECK_TEXT(described(nexus_value_text("a\0b", 3)), "str 'a\\x00b'");
    CHECK_TEXT(described(nexus_value_text("", 0)), "str ''");
    CHECK_TEXT(described(nexus_value_text(NULL, 0)), "str ''");
    check_bytes(made("text_empty"), NEXUS_KIND_TEXT, "", 0);
    check_bytes(made("text_nul"), NEXUS_KIND_TEXT, "a\0b", 3);
    check_bytes(made("text_latin"), NEXUS_KIND_TEXT, "é", 2);
    check_bytes(made("text_wide"), NEXUS_KIND_TEXT, "größe € 🐍", strlen("größe € 🐍"));
    check_bytes(echoed(nexus_value_text("a\0b", 3)), NEXUS_KIND_TEXT, "a\0b", 3);
    NexusObject *module = values();
    NexusValue parts[] = {text_value("grö"), text_value("ße 🐍")};
    check_bytes(call(module, "concat", parts, 2), NEXUS_KIND_TEXT, "größe 🐍", strlen("größe 🐍"));
    nexus_object_free(module);
}

CASE(large_text) {
    size_t size = (size_t)1 << 20;
    char *data = malloc(size);
    CHECK(data != NULL);
    for (size_t i = 0; i < size; i++) data[i] = (char)('a' + i % 26);
    NexusValue result = echoed(nexus_value_text(data, size));
    check_bytes(result, NEXUS_KIND_TEXT, data, size);
    for (size_t i = 0; i < size; i++) data[i] = (char)i;
    check_bytes(echoed(nexus_value_bytes(data, size)), NEXUS_KIND_BYTES, data, size);
    free(data);
}

/* UTF-8 cannot hold it: it is an object, which goes back unchanged. */
CASE(text_with_lone_surrogate) {
    check_object("text_surrogate", "builtins.str");
    NexusValue value = made("text_surrogate"), written;
    CHECK_TEXT(described(value), "str 'a\\ud800b'");
    CHECK_GIVES_TEXT(nexus_object_repr(value.as.object, &written, &error), written, "'a\\ud800b'");
    nexus_value_clear(&value);
}

CASE(bytes) {
    CHECK_TEXT(described(nexus_value_bytes("a\0b\xff", 4)), "bytes b'a\\x00b\\xff'");
    CHECK_TEXT(described(nexus_value_bytes("", 0)), "bytes b''");
    CHECK_TEXT(described(nexus_value_bytes(NULL, 0)), "bytes b''");
    check_bytes(made("bytes_empty"), NEXUS_KIND_BYTES, "", 0);
    check_bytes(made("bytes_nul"), NEXUS_KIND_BYTES, "a\0b\xff", 4);
    check_bytes(echoed(nexus_value_bytes("\0\xff", 2)), NEXUS_KIND_BYTES, "\0\xff", 2);
}

/* A returned text lives until its value is cleared, whatever else happens. */
CASE(text_outlives_everything_else) {
    NexusObject *module = module_of("values");
    NexusValue value = call1(module, "make", text_value("text_wide"));
    CHECK(value.owner != NULL);
    nexus_object_free(module);
    run_python("import gc\ngc.collect()\njunk = [str(i) * 50 for i in range(1000)]");
    check_bytes(value, NEXUS_KIND_TEXT, "größe € 🐍", strlen("größe € 🐍"));
}

CASE(objects) {
    check_object("list", "builtins.list");
    check_object("dict", "builtins.dict");
    check_object("bytearray", "builtins.bytearray");
    check_object("complex", "builtins.complex");
    NexusValue list = made("list");
    CHECK_TEXT(described(list), "list [1, 2, 3]");
    NexusValue same = echoed(list);
    CHECK_NUMBER(same.kind, NEXUS_KIND_OBJECT);
    CHECK_NUMBER(id_of(list.as.object), id_of(same.as.object));
    nexus_value_clear(&same);
    /* The other handle is as good as before. */
    CHECK_NUMBER(integer_of(call0(list.as.object, "__len__")), 3);
    nexus_value_clear(&list);
}

/* Instances of subclasses lose nothing. */
CASE(subclasses) {
    check_object("int_subclass", "values.Int");
    check_object("real_subclass", "values.Real");
    check_object("text_subclass", "values.Text");
    check_object("bytes_subclass", "values.Bytes");
    NexusValue value = made("int_subclass");
    CHECK_TEXT(described(value), "Int 7");
    nexus_value_clear(&value);
}

CASE(type_name_repr_and_str) {
    char text[4096];
    NexusObject *module = values();
    NexusValue value;
    CHECK_GIVES_TEXT(nexus_object_type_name(module, &value, &error), value, "builtins.module");
    CHECK_OK(nexus_object_repr(module, &value, &error));
    CHECK_CONTAINS(text_of(value, text, sizeof text), "<module '");
    NexusValue dict = call1(module, "make", text_value("dict"));
    CHECK_GIVES_TEXT(nexus_object_str(dict.as.object, &value, &error), value, "{'a': 1}");
    nexus_value_clear(&dict);

    NexusValue bad = call1(module, "make", text_value("bad_repr"));
    CHECK_RAISES(nexus_object_repr(bad.as.object, &value, &error), "builtins.ZeroDivisionError");
    CHECK_NUMBER(value.kind, NEXUS_KIND_NONE);
    nexus_value_clear(&bad);
    nexus_object_free(module);
}

CASE(attributes) {
    NexusObject *module = values();
    NexusValue value;
    bool has = false;
    CHECK_GIVES(nexus_object_attr(module, "ANSWER", &value, &error), integer_of(value), 42);
    CHECK_OK(nexus_object_attr(module, "echo", &value, &error));
    CHECK_NUMBER(value.kind, NEXUS_KIND_OBJECT);
    NexusValue argument = nexus_value_integer(7), result;
    CHECK_GIVES(nexus_object_call(value.as.object, &argument, 1, &result, &error), integer_of(result), 7);
    nexus_value_clear(&value);
    CHECK_GIVES(nexus_object_has_attr(module, "echo", &has, &error), has, true);
    CHECK_GIVES(nexus_object_has_attr(module, "absent", &has, &error), has, false);
    nexus_object_free(module);
}

/* Only AttributeError means "no": whatever else a property raises is an error. */
CASE(attribute_that_raises) {
    NexusValue object = evaluate("type('Odd', (), {'bad': property(lambda self: 1 / 0), "
                                 "'gone': property(lambda self: self.absent)})()");
    CHECK_NUMBER(object.kind, NEXUS_KIND_OBJECT);
    bool has = true;
    CHECK_RAISES(nexus_object_has_attr(object.as.object, "bad", &has, &error), "builtins.ZeroDivisionError");
    CHECK(!has);
    CHECK_GIVES(nexus_object_has_attr(object.as.object, "gone", &has, &error), has, false);
    nexus_value_clear(&object);
}

CASE(many_arguments) {
    NexusObject *module = values();
    NexusValue args[300];
    for (size_t i = 0; i < 300; i++) args[i] = nexus_value_integer((int64_t)i);
    const size_t counts[] = {0, 1, 2, 5, 6, 7, 8, 9, 15, 16, 17, 255, 256, 300};
    for (size_t i = 0; i < COUNT(counts); i++)
        CHECK_NUMBER(integer_of(call(module, "count", args, counts[i])), counts[i]);
    nexus_object_free(module);
}

CASE(mixed_arguments_and_calls_back) {
    NexusObject *module = values();
    NexusValue concat;
    CHECK_OK(nexus_object_attr(module, "concat", &concat, &error));
    NexusValue args[] = {concat, text_value("a"), text_value("b")};
    char text[16];
    CHECK_TEXT(text_of(call(module, "call_back", args, 3), text, sizeof text), "ab");
    nexus_value_clear(&concat);
    NexusValue reals[] = {nexus_value_real(0.25), nexus_value_integer(1)};
    NexusValue sum = call(module, "add_reals", reals, 2);
    CHECK(sum.kind == NEXUS_KIND_REAL && sum.as.real == 1.25);
    nexus_object_free(module);
}

CASE(kinds_that_do_not_exist) {
    NexusObject *module = values();
    const uint32_t kinds[] = {7, 8, 255, 256, 65536, UINT32_MAX};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        NexusValue value = nexus_value_integer(1), result = poison();
        memcpy(&value.kind, &kinds[i], sizeof kinds[i]);
        CHECK_REFUSED(nexus_object_call_method(module, "echo", &value, 1, &result, &error), NEXUS_ERR_INVALID_ARGUMENT);
        CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
    }
    nexus_object_free(module);
}
