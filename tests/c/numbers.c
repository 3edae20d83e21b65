/* Numbers at the limits of their types, in each conversion. */
#include "object_check.h"

#include <float.h>
#include <math.h>

/* --- int to C ------------------------------------------------------------------------------------ */

static const struct {
    const char *expression;
    NexusStatus int64, uint64, real;
    int64_t as_int64;
    uint64_t as_uint64;
    double as_double;
} limits[] = {
#define OK NEXUS_OK
#define OVER NEXUS_ERR_OVERFLOW
#define TYPE NEXUS_ERR_TYPE
    {"0", OK, OK, OK, 0, 0, 0.0},
    {"-1", OK, OVER, OK, -1, 0, -1.0},
    {"2**31", OK, OK, OK, (int64_t)1 << 31, (uint64_t)1 << 31, 0x1p31},
    {"2**53", OK, OK, OK, (int64_t)1 << 53, (uint64_t)1 << 53, 0x1p53},
    {"2**53 + 1", OK, OK, OVER, ((int64_t)1 << 53) + 1, ((uint64_t)1 << 53) + 1, 0},
    {"-2**53 - 1", OK, OVER, OVER, -((int64_t)1 << 53) - 1, 0, 0},
    {"2**63 - 1", OK, OK, OVER, INT64_MAX, INT64_MAX, 0},
    {"-2**63", OK, OVER, OK, INT64_MIN, 0, -0x1p63},
    {"2**63", OVER, OK, OK, 0, (uint64_t)1 << 63, 0x1p63},
    {"2**63 + 1", OVER, OK, OVER, 0, ((uint64_t)1 << 63) + 1, 0},
    {"-2**63 - 1", OVER, OVER, OVER, 0, 0, 0},
    {"2**64 - 1", OVER, OK, OVER, 0, UINT64_MAX, 0},
    {"2**64", OVER, OVER, OK, 0, 0, 0x1p64},
    {"2**64 + 2048", OVER, OVER, OVER, 0, 0, 0},
    {"2**64 + 4096", OVER, OVER, OK, 0, 0, 0x1p64 + 4096},
    {"-2**64", OVER, OVER, OK, 0, 0, -0x1p64},
    {"2**1023", OVER, OVER, OK, 0, 0, 0x1p1023},
    {"2**1024 - 2**971", OVER, OVER, OK, 0, 0, DBL_MAX},
    {"-(2**1024 - 2**971)", OVER, OVER, OK, 0, 0, -DBL_MAX},
    {"2**1024 - 2**970", OVER, OVER, OVER, 0, 0, 0},
    {"2**1024", OVER, OVER, OVER, 0, 0, 0},
    {"-10**5000", OVER, OVER, OVER, 0, 0, 0},
    {"1.5", TYPE, TYPE, OK, 0, 0, 1.5},
    {"float('inf')", TYPE, TYPE, OK, 0, 0, INFINITY},
    {"-float('inf')", TYPE, TYPE, OK, 0, 0, -INFINITY},
    {"5e-324", TYPE, TYPE, OK, 0, 0, 5e-324},
    {"-2.2250738585072009e-308", TYPE, TYPE, OK, 0, 0, -2.2250738585072009e-308},
    {"type('Int', (int,), {'__int__': None, '__index__': None, '__float__': None})(7)", OK, OK, OK, 7, 7, 7.0},
    {"type('Int', (int,), {'bit_length': None, 'to_bytes': None, '__eq__': None})(2**70)", OVER, OVER, OK, 0, 0, 0x1p70},
    {"type('Real', (float,), {'__float__': None})(0.5)", TYPE, TYPE, OK, 0, 0, 0.5},
    {"True", TYPE, TYPE, TYPE, 0, 0, 0},
    {"None", TYPE, TYPE, TYPE, 0, 0, 0},
    {"'5'", TYPE, TYPE, TYPE, 0, 0, 0},
    {"b'5'", TYPE, TYPE, TYPE, 0, 0, 0},
    {"5j", TYPE, TYPE, TYPE, 0, 0, 0},
    {"[]", TYPE, TYPE, TYPE, 0, 0, 0},
    {"type('Index', (), {'__index__': lambda self: 5, '__float__': lambda self: 5.0})()", TYPE, TYPE, TYPE, 0, 0, 0},
    {"__import__('fractions').Fraction(1)", TYPE, TYPE, TYPE, 0, 0, 0},
};

static void check_limits(const NexusValue *value, size_t i) {
    int64_t int64 = 0x5a5a;
    uint64_t uint64 = 0x5a5a;
    double real = 0x5a5a;
    const char *name = limits[i].expression;
    NexusStatus status = nexus_value_to_int64(value, &int64, &error);
    CHECK_SEEN(status == limits[i].int64 && int64 == limits[i].as_int64, "int64 %s: %d", name, (int)status);
    CHECK((error == NULL) == (status == NEXUS_OK));
    DROP(error);
    status = nexus_value_to_uint64(value, &uint64, &error);
    CHECK_SEEN(status == limits[i].uint64 && uint64 == limits[i].as_uint64, "uint64 %s: %d", name, (int)status);
    DROP(error);
    status = nexus_value_to_double(value, &real, &error);
    CHECK_SEEN(status == limits[i].real && real == limits[i].as_double, "double %s: %d %g", name, (int)status, real);
    DROP(error);
}

CASE(limits_of_c_types) {
    for (size_t i = 0; i < COUNT(limits); i++) {
        /* As a value, which is a scalar if it fits, and as an object. */
        NexusValue value = evaluate(limits[i].expression);
        check_limits(&value, i);
        NexusObject *made;
        CHECK_OK(nexus_object_new(&value, &made, &error));
        nexus_value_clear(&value);
        value = nexus_value_object(made);
        check_limits(&value, i);
        nexus_value_clear(&value);
    }
}

CASE(messages_of_conversions) {
    int64_t int64;
    uint64_t uint64;
    double real;
    NexusValue large = evaluate("2**64"), text = text_value("5"), minus = nexus_value_integer(-1);
    CHECK_FAILS(nexus_value_to_int64(&large, &int64, &error), NEXUS_ERR_OVERFLOW, "'value' does not fit into 64 bits");
    CHECK_FAILS(nexus_value_to_uint64(&minus, &uint64, &error), NEXUS_ERR_OVERFLOW, "without a sign");
    CHECK_FAILS(nexus_value_to_int64(&text, &int64, &error), NEXUS_ERR_TYPE, "'value' is a builtins.str, not an int");
    CHECK_FAILS(nexus_value_to_double(&text, &real, &error), NEXUS_ERR_TYPE, "not a float or an int");
    nexus_value_clear(&large);
}

CASE(nan_and_minus_zero) {
    double real = 1;
    NexusValue value = evaluate("float('nan')");
    CHECK_OK(nexus_value_to_double(&value, &real, &error));
    CHECK(isnan(real));
    value = evaluate("-0.0");
    CHECK_OK(nexus_value_to_double(&value, &real, &error));
    CHECK(real == 0 && signbit(real));
    value = nexus_value_integer(0);
    CHECK_OK(nexus_value_to_double(&value, &real, &error));
    CHECK(real == 0 && !signbit(real));
}

/* --- By protocol --------------------------------------------------------------------------------- */

CASE(by_index) {
    const char *const ints[][2] = {
        {"5", "5"}, {"True", "1"}, {"2**70", "1180591620717411303424"}, {"type('Int', (int,), {})(7)", "7"},
        {"type('Index', (), {'__index__': lambda self: -2**63})()", "-9223372036854775808"},
    };
    for (size_t i = 0; i < COUNT(ints); i++) {
        NexusValue value = evaluate(ints[i][0]), integer = poison(), written;
        CHECK_OK(nexus_value_as_index(&value, &integer, &error));
        CHECK_GIVES_TEXT(nexus_int_to_text(&integer, &written, &error), written, ints[i][1]);
        CLEAR_VALUES(&value, &integer);
    }
    const char *const others[] = {"5.0", "'5'", "None", "[]", "__import__('fractions').Fraction(5)",
                                  "__import__('decimal').Decimal(5)"};
    for (size_t i = 0; i < COUNT(others); i++) {
        NexusValue value = evaluate(others[i]), integer = poison();
        CHECK_FAILS(nexus_value_as_index(&value, &integer, &error), NEXUS_ERR_TYPE, "__index__");
        CHECK(is_none(&integer));
        nexus_value_clear(&value);
    }
    NexusValue odd = evaluate("type('Odd', (), {'__index__': lambda self: 1 / 0})()"), integer = poison();
    CHECK_RAISES(nexus_value_as_index(&odd, &integer, &error), "builtins.ZeroDivisionError");
    CHECK(is_none(&integer));
    nexus_value_clear(&odd);
    odd = evaluate("type('Odd', (), {'__index__': lambda self: 'x'})()");
    CHECK_RAISES(nexus_value_as_index(&odd, &integer, &error), "builtins.TypeError");
    nexus_value_clear(&odd);
    /* In the place of the value. */
    NexusValue place = nexus_value_boolean(true);
    CHECK_GIVES(nexus_value_as_index(&place, &place, &error), integer_of(place), 1);
}

CASE(by_float) {
    const struct { const char *expression; double expected; } reals[] = {
        {"2.5", 2.5}, {"True", 1}, {"2**53 + 1", 0x1p53}, {"-2**63 - 1", -0x1p63}, {"float('inf')", INFINITY},
        {"__import__('fractions').Fraction(1, 4)", 0.25}, {"__import__('decimal').Decimal('0.5')", 0.5},
        {"type('Index', (), {'__index__': lambda self: 3})()", 3}, {"-1.0", -1}, {"-1", -1},
    };
    for (size_t i = 0; i < COUNT(reals); i++) {
        NexusValue value = evaluate(reals[i].expression);
        double real = 99;
        CHECK_OK(nexus_value_as_float(&value, &real, &error));
        CHECK_SEEN(real == reals[i].expected, "%s: %g", reals[i].expression, real);
        nexus_value_clear(&value);
    }
    const struct { const char *expression; NexusStatus status; const char *part; } others[] = {
        {"'1.5'", NEXUS_ERR_TYPE, "__float__"}, {"None", NEXUS_ERR_TYPE, "__float__"}, {"1j", NEXUS_ERR_TYPE, "complex"},
        {"2**1024", NEXUS_ERR_OVERFLOW, "double"}, {"-2**1024", NEXUS_ERR_OVERFLOW, "double"},
        {"type('Odd', (), {'__float__': lambda self: 1 / 0})()", NEXUS_ERR_EXCEPTION, "division"},
        {"type('Odd', (), {'__float__': lambda self: 'x'})()", NEXUS_ERR_EXCEPTION, "float"},
        {"type('Odd', (), {'__float__': lambda self: [].x})()", NEXUS_ERR_EXCEPTION, "'x'"},
        {"type('Odd', (), {'__float__': lambda self: (_ for _ in ()).throw(OverflowError('mine'))})()",
         NEXUS_ERR_EXCEPTION, "mine"},
    };
    for (size_t i = 0; i < COUNT(others); i++) {
        NexusValue value = evaluate(others[i].expression);
        double real = 99;
        CHECK_FAILS(nexus_value_as_float(&value, &real, &error), others[i].status, others[i].part);
        CHECK(real == 0);
        nexus_value_clear(&value);
    }
}

/* --- int and decimal text ------------------------------------------------------------------------ */

static NexusValue from_text(const char *text, size_t size) {
    NexusValue integer = poison();
    CHECK_OK(nexus_int_from_text(text, size, &integer, &error));
    return integer;
}

CASE(decimal_text) {
    const char *const texts[] = {"0", "1", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
                                 "-9223372036854775809", "18446744073709551616",
                                 "100000000000000000000000000000000000000000000000000", "-340282366920938463463374607431768211456"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        NexusValue integer = from_text(texts[i], strlen(texts[i])), written = poison();
        bool fits = i < 5;
        CHECK_NUMBER(integer.kind, fits ? NEXUS_KIND_INTEGER : NEXUS_KIND_OBJECT);
        if (!fits) {
            const char *expression = formatted("type(it) is int and it == %s", texts[i]);
            CHECK_HOLDS(integer.as.object, expression);
        }
        CHECK_OK(nexus_int_to_text(&integer, &written, &error));
        CHECK_SEEN(is_text(&written, texts[i]), "%s", texts[i]);
        CLEAR_VALUES(&written, &integer);
    }
    CHECK_NUMBER(integer_of(from_text("+12", 3)), 12);
    CHECK_NUMBER(integer_of(from_text("-0", 2)), 0);
    CHECK_NUMBER(integer_of(from_text("000000000000000000000000000000042", 33)), 42);
    CHECK_NUMBER(integer_of(from_text("-000000000000000000000000000000042", 34)), -42);
    CHECK_NUMBER(integer_of(from_text("123456", 3)), 123);
    NexusValue plus = from_text("+9223372036854775808", 20);
    CHECK_HOLDS(plus.as.object, "it == 2**63");
    nexus_value_clear(&plus);
}

CASE(text_that_is_no_decimal_number) {
    const struct { const char *text; size_t size; const char *part; } cases[] = {
        {"", 0, "no digit"}, {"-", 1, "no digit"}, {"+", 1, "no digit"}, {" 1", 2, "byte 0"}, {"1 ", 2, "byte 1"},
        {"1_000", 5, "byte 1"}, {"0x10", 4, "byte 1"}, {"1.0", 3, "byte 1"}, {"1e5", 3, "byte 1"}, {"--1", 3, "byte 1"},
        {"+-1", 3, "byte 1"}, {"1\0", 2, "byte 1"}, {"\xd9\xa1", 2, "byte 0"}, {"-12a", 4, "byte 3"}, {"\xff", 1, "byte 0"},
        {"100000000000000000000000000000000000_0", 38, "byte 36"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NexusValue integer = poison();
        CHECK_FAILS(nexus_int_from_text(cases[i].text, cases[i].size, &integer, &error), NEXUS_ERR_INVALID_ARGUMENT,
                    cases[i].part);
        CHECK(is_none(&integer));
    }
    NexusValue integer;
    CHECK_FAILS(nexus_int_from_text(NULL, 3, &integer, &error), NEXUS_ERR_INVALID_ARGUMENT, "'text' is NULL");
    CHECK_FAILS(nexus_int_from_text(NULL, 0, &integer, &error), NEXUS_ERR_INVALID_ARGUMENT, "no digit");
}

/* Python itself refuses more than 4,300 digits unless told otherwise, for the whole interpreter. */
CASE(text_beyond_pythons_limit) {
    enum { DIGITS = 100000 };
    char *text = malloc(DIGITS + 2);
    CHECK(text != NULL);
    for (size_t i = 0; i < DIGITS; i++) text[i + 1] = (char)('1' + i % 9);
    text[0] = '-';
    NexusValue integer = from_text(text, DIGITS + 1), written;
    CHECK_NUMBER(integer.kind, NEXUS_KIND_OBJECT);
    /* 123456789 repeated, and a 1: by a formula, so that Python needs no text either. */
    CHECK_HOLDS(integer.as.object, "it == -(123456789 * ((10**99999 - 1) // (10**9 - 1)) * 10 + 1)");
    CHECK_OK(nexus_int_to_text(&integer, &written, &error));
    CHECK_NUMBER(written.as.text.size, DIGITS + 1);
    CHECK(memcmp(written.as.text.data, text, DIGITS + 1) == 0);
    CHECK_RAISES(nexus_object_str(integer.as.object, &written, &error), "builtins.ValueError");
    CHECK_PYTHON("__import__('sys').get_int_max_str_digits() == 4300");
    nexus_value_clear(&integer);
    free(text);
}

CASE(text_of_what_is_no_int) {
    const char *const others[] = {"1.0", "True", "'1'", "None", "type('Index', (), {'__index__': lambda self: 1})()"};
    for (size_t i = 0; i < COUNT(others); i++) {
        NexusValue value = evaluate(others[i]), out = poison();
        uint8_t bytes[2] = {7, 7};
        CHECK_FAILS(nexus_int_to_text(&value, &out, &error), NEXUS_ERR_TYPE, "'integer'");
        CHECK(is_none(&out));
        out = poison();
        CHECK_FAILS(nexus_int_to_bytes(&value, 0, &out, &error), NEXUS_ERR_TYPE, "'integer'");
        CHECK(is_none(&out));
        CHECK_FAILS(nexus_int_write_bytes(&value, 0, bytes, 2, &error), NEXUS_ERR_TYPE, "'integer'");
        CHECK(bytes[0] == 0 && bytes[1] == 0);
        nexus_value_clear(&value);
    }
}

/* A subclass with other ideas about its text and bytes. */
CASE(int_subclass_as_text_and_bytes) {
    NexusValue value = evaluate("type('Odd', (int,), {'__str__': None, '__repr__': None, '__index__': None,"
                                " 'to_bytes': None, 'bit_length': None})(2**64)"), out;
    CHECK_GIVES_TEXT(nexus_int_to_text(&value, &out, &error), out, "18446744073709551616");
    CHECK_OK(nexus_int_to_bytes(&value, NEXUS_INT_BIG_ENDIAN, &out, &error));
    CHECK(out.kind == NEXUS_KIND_BYTES && out.as.text.size == 9 && out.as.text.data[0] == 1);
    CLEAR_VALUES(&out, &value);
}

/* --- int and bytes ------------------------------------------------------------------------------- */

static const struct {
    const char *expression;
    size_t size;
    /* Most significant first. */
    uint8_t signed_bytes[10];
    size_t unsigned_size;
} byte_forms[] = {
    {"0", 1, {0x00}, 1},
    {"1", 1, {0x01}, 1},
    {"-1", 1, {0xff}, 0},
    {"127", 1, {0x7f}, 1},
    {"128", 2, {0x00, 0x80}, 1},
    {"-128", 1, {0x80}, 0},
    {"-129", 2, {0xff, 0x7f}, 0},
    {"255", 2, {0x00, 0xff}, 1},
    {"256", 2, {0x01, 0x00}, 2},
    {"-255", 2, {0xff, 0x01}, 0},
    {"-256", 2, {0xff, 0x00}, 0},
    {"-32768", 2, {0x80, 0x00}, 0},
    {"32768", 3, {0x00, 0x80, 0x00}, 2},
    {"2**63 - 1", 8, {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 8},
    {"-2**63", 8, {0x80, 0, 0, 0, 0, 0, 0, 0}, 0},
    {"2**63", 9, {0, 0x80, 0, 0, 0, 0, 0, 0, 0}, 8},
    {"-2**63 - 1", 9, {0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 0},
    {"2**64", 9, {1, 0, 0, 0, 0, 0, 0, 0, 0}, 9},
    {"-2**71", 9, {0x80, 0, 0, 0, 0, 0, 0, 0, 0}, 0},
};

CASE(bytes_of_ints) {
    for (size_t i = 0; i < COUNT(byte_forms); i++) {
        const char *expression = byte_forms[i].expression;
        const char *equal = formatted("it == %s", expression);
        for (uint32_t flags = 0; flags < 4; flags++) {
            bool big = flags & NEXUS_INT_BIG_ENDIAN, no_sign = flags & NEXUS_INT_UNSIGNED;
            NexusValue value = evaluate(expression), bytes = poison();
            if (no_sign && byte_forms[i].unsigned_size == 0) {
                CHECK_FAILS(nexus_int_to_bytes(&value, flags, &bytes, &error), NEXUS_ERR_OVERFLOW, "without a sign");
                CHECK(is_none(&bytes));
                nexus_value_clear(&value);
                continue;
            }
            CHECK_OK(nexus_int_to_bytes(&value, flags, &bytes, &error));
            size_t size = no_sign ? byte_forms[i].unsigned_size : byte_forms[i].size;
            size_t left_out = byte_forms[i].size - size;
            CHECK_NUMBER(bytes.kind, NEXUS_KIND_BYTES);
            CHECK_SEEN(bytes.as.text.size == size, "%s, flags %u: %zu bytes", expression, flags, bytes.as.text.size);
            for (size_t j = 0; j < size; j++) {
                uint8_t byte = (uint8_t)bytes.as.text.data[big ? j : size - 1 - j];
                CHECK_NUMBER(byte, byte_forms[i].signed_bytes[left_out + j]);
            }
            NexusValue back = poison();
            CHECK_OK(nexus_int_from_bytes(bytes.as.text.data, size, flags, &back, &error));
            NexusObject *made;
            CHECK_MAKES(nexus_object_new(&back, &made, &error), made, equal);
            nexus_value_clear(&back);

            /* The same, into the caller's memory: exactly, one byte too many, one too few. */
            uint8_t memory[12];
            memset(memory, 0xa5, sizeof memory);
            CHECK_OK(nexus_int_write_bytes(&value, flags, memory, size, &error));
            CHECK(memcmp(memory, bytes.as.text.data, size) == 0 && memory[size] == 0xa5);
            CHECK_OK(nexus_int_write_bytes(&value, flags, memory, size + 1, &error));
            uint8_t filler = memory[big ? 0 : size], expected = !no_sign && expression[0] == '-' ? 0xff : 0;
            CHECK_NUMBER(filler, expected);
            if (size > 1) {
                memset(memory, 0xa5, sizeof memory);
                CHECK_FAILS(nexus_int_write_bytes(&value, flags, memory, size - 1, &error), NEXUS_ERR_OVERFLOW, "bytes with");
                for (size_t j = 0; j < size - 1; j++) CHECK_NUMBER(memory[j], 0);
                CHECK_NUMBER(memory[size - 1], 0xa5);
            }
            CLEAR_VALUES(&bytes, &value);
        }
    }
}

CASE(bytes_of_none_and_of_many) {
    NexusValue integer = poison(), zero = nexus_value_integer(0), one = nexus_value_integer(1), bytes;
    CHECK_GIVES(nexus_int_from_bytes(NULL, 0, 0, &integer, &error), integer_of(integer), 0);
    CHECK_FAILS(nexus_int_from_bytes(NULL, 1, 0, &integer, &error), NEXUS_ERR_INVALID_ARGUMENT, "'bytes'");
    CHECK_FAILS(nexus_int_from_bytes("a", 1, 4, &integer, &error), NEXUS_ERR_INVALID_ARGUMENT, "'flags'");
    CHECK_FAILS(nexus_int_to_bytes(&one, 8, &bytes, &error), NEXUS_ERR_INVALID_ARGUMENT, "'flags'");
    CHECK_OK(nexus_int_write_bytes(&zero, 0, NULL, 0, &error));
    CHECK_FAILS(nexus_int_write_bytes(&one, 0, NULL, 0, &error), NEXUS_ERR_OVERFLOW, "0 bytes");

    enum { SIZE = 1000000 };
    uint8_t *memory = malloc(SIZE);
    CHECK(memory != NULL);
    memset(memory, 0, SIZE);
    memory[SIZE - 1] = 1;
    CHECK_OK(nexus_int_from_bytes(memory, SIZE, NEXUS_INT_UNSIGNED, &integer, &error));
    CHECK_HOLDS(integer.as.object, "it == 1 << 8 * 999999");
    memset(memory, 0xa5, SIZE);
    CHECK_OK(nexus_int_write_bytes(&integer, 0, memory, SIZE, &error));
    CHECK(memory[0] == 0 && memory[SIZE - 2] == 0 && memory[SIZE - 1] == 1);
    nexus_value_clear(&integer);
    free(memory);
}

/* --- complex ------------------------------------------------------------------------------------- */

CASE(complex_numbers) {
    const double parts[] = {0.0, -0.0, 1.5, 5e-324, DBL_MAX, -INFINITY, NAN};
    for (size_t i = 0; i < COUNT(parts); i++) {
        double real = 9, imaginary = 9, other = parts[COUNT(parts) - 1 - i];
        NexusObject *number = NULL;
        CHECK_OK(nexus_complex_new(parts[i], other, &number, &error));
        CHECK_HOLDS(number, "type(it) is complex");
        CHECK_OK(nexus_complex_read(number, &real, &imaginary, &error));
        CHECK(memcmp(&real, &parts[i], sizeof real) == 0 && memcmp(&imaginary, &other, sizeof other) == 0);
        nexus_object_free(number);
    }
    NexusObject *sub = object("type('Complex', (complex,), {'__complex__': None})(1, 2)");
    double real = 9, imaginary = 9;
    CHECK_OK(nexus_complex_read(sub, &real, &imaginary, &error));
    CHECK(real == 1 && imaginary == 2);
    nexus_object_free(sub);
    const char *const others[] = {"1", "1.0", "'1j'", "None"};
    for (size_t i = 0; i < COUNT(others); i++) {
        NexusObject *it = object(others[i]);
        real = imaginary = 9;
        CHECK_FAILS(nexus_complex_read(it, &real, &imaginary, &error), NEXUS_ERR_TYPE, "not a complex number");
        CHECK(real == 0 && imaginary == 0);
        nexus_object_free(it);
    }
}
