#include "calls.h"

#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALL_COLUMNS = 44 };

/* ------------------------------------------------------------------ showing values */

/* A float with the fewest digits that name it, and a point, as Python writes it. */
static void add_real(Line *line, double real)
{
    char digits[40];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, real);
        if (strtod(digits, NULL) == real) {
            break;
        }
    }
    line_add(line, "%s%s", digits, strpbrk(digits, ".eni") != NULL ? "" : ".0");
}

static void add_value(Line *line, const NexusValue *value)
{
    switch (value->kind) {
    case NEXUS_KIND_NONE:
        line_add(line, "None");
        break;
    case NEXUS_KIND_BOOLEAN:
        line_add(line, "%s", value->as.boolean ? "True" : "False");
        break;
    case NEXUS_KIND_INTEGER:
        line_add(line, "%" PRId64, value->as.integer);
        break;
    case NEXUS_KIND_REAL:
        add_real(line, value->as.real);
        break;
    case NEXUS_KIND_TEXT:
        line_add_quoted(line, value->as.text.data, value->as.text.size);
        break;
    case NEXUS_KIND_BYTES:
        line_add_bytes(line, value->as.text.data, value->as.text.size, 32);
        break;
    case NEXUS_KIND_OBJECT: {
        NexusValue repr;
        if (nexus_object_repr(value->as.object, &repr, NULL) == NEXUS_OK) {
            line_add(line, "%s", repr.as.text.data);
        } else {
            line_add(line, "<object without repr>");
        }
        nexus_value_clear(&repr);
        break;
    }
    }
}

/* ------------------------------------------------------------------ calling */

NexusStatus call_and_show(const NexusObject *object, const char *owner, const char *name,
                          const NexusValue *args, size_t arg_count, NexusValue *result)
{
    Line call = {{0}, 0};
    line_add(&call, "  %s.%s(", owner, name);
    for (size_t index = 0; index < arg_count; index++) {
        line_add(&call, "%s", index > 0 ? ", " : "");
        add_value(&call, &args[index]);
    }
    line_add(&call, ")");
    text_print_padded(call.data, CALL_COLUMNS);

    NexusValue value;
    NexusError *error = NULL;
    const NexusStatus status = nexus_object_call_method(object, name, args, arg_count, &value, &error);
    Line outcome = {{0}, 0};
    if (status == NEXUS_OK) {
        line_add(&outcome, "= ");
        add_value(&outcome, &value);
    } else if (status == NEXUS_ERR_EXCEPTION) {
        line_add(&outcome, "raises %s: %s", nexus_error_exception(error), nexus_error_message(error));
    } else {
        line_add(&outcome, "%s: %s", nexus_status_string(status), nexus_error_message(error));
    }
    printf(" ");
    text_print_wrapped(outcome.data, CALL_COLUMNS + 1, text_width(), status == NEXUS_OK ? 1 : 4);
    nexus_error_free(error); /* NULL is fine */

    if (result != NULL) {
        *result = value; /* None after a failure */
    } else {
        nexus_value_clear(&value);
    }
    return status;
}

/* A NUL-terminated string as an argument. The value borrows it; nothing needs to be freed. */
static NexusValue text(const char *string)
{
    return nexus_value_text(string, strlen(string));
}

static NexusValue bytes(const char *string)
{
    return nexus_value_bytes(string, strlen(string));
}

/* ------------------------------------------------------------------ the interpreter's own modules */

static void show_math(const NexusObject *math)
{
    NexusValue args[] = {nexus_value_real(2.0)};
    call_and_show(math, "math", "sqrt", args, 1, NULL);
    NexusValue cards[] = {nexus_value_integer(52), nexus_value_integer(5)};
    call_and_show(math, "math", "comb", cards, 2, NULL);
    NexusValue bad[] = {nexus_value_real(-1.0)}; /* a Python exception is a status, with its text */
    call_and_show(math, "math", "sqrt", bad, 1, NULL);
}

static void show_json(const NexusObject *json)
{
    NexusValue args[] = {text("Gr\xC3\xBC\xC3\x9F" "e")};
    call_and_show(json, "_json", "encode_basestring_ascii", args, 1, NULL);
}

static void show_zlib(const NexusObject *zlib)
{
    NexusValue args[] = {bytes("nexus_loader")};
    call_and_show(zlib, "zlib", "crc32", args, 1, NULL);
}

static void show_struct(const NexusObject *module)
{
    NexusValue packed;
    NexusValue args[] = {text("<id"), nexus_value_integer(7), nexus_value_real(2.5)};
    if (call_and_show(module, "_struct", "pack", args, 3, &packed) == NEXUS_OK) {
        NexusValue again[] = {text("<id"), packed}; /* a result may be an argument */
        call_and_show(module, "_struct", "unpack", again, 2, NULL);
    }
    nexus_value_clear(&packed);
}

static void show_hashlib(const NexusObject *hashlib)
{
    NexusValue hash; /* a Python object: its methods are called through its handle */
    NexusValue args[] = {bytes("nexus_loader")};
    if (call_and_show(hashlib, "_hashlib", "openssl_sha256", args, 1, &hash) == NEXUS_OK) {
        call_and_show(hash.as.object, "    hash", "hexdigest", NULL, 0, NULL);
    }
    nexus_value_clear(&hash);
}

static void show_decimal(const NexusObject *decimal)
{
    NexusValue tenth, fifth;
    NexusValue first[] = {text("0.1")}, second[] = {text("0.2")};
    call_and_show(decimal, "_decimal", "Decimal", first, 1, &tenth);
    call_and_show(decimal, "_decimal", "Decimal", second, 1, &fifth);
    if (tenth.kind == NEXUS_KIND_OBJECT && fifth.kind == NEXUS_KIND_OBJECT) {
        call_and_show(tenth.as.object, "    Decimal(\"0.1\")", "__add__", &fifth, 1, NULL);
    }
    nexus_value_clear(&fifth);
    nexus_value_clear(&tenth);
}

static void show_sqlite3(const NexusObject *sqlite3)
{
    NexusValue database, cursor;
    NexusValue where[] = {text(":memory:")}, query[] = {text("select 6 * 7")};
    if (call_and_show(sqlite3, "_sqlite3", "connect", where, 1, &database) == NEXUS_OK) {
        if (call_and_show(database.as.object, "    database", "execute", query, 1, &cursor) == NEXUS_OK) {
            call_and_show(cursor.as.object, "    cursor", "fetchone", NULL, 0, NULL);
        }
        nexus_value_clear(&cursor);
        call_and_show(database.as.object, "    database", "close", NULL, 0, NULL);
    }
    nexus_value_clear(&database);
}

/* ------------------------------------------------------------------ modules from PyPI */

static void show_orjson(const NexusObject *orjson)
{
    NexusValue document;
    NexusValue args[] = {text("{\"answer\": 42, \"list\": [true, null, 0.5]}")};
    if (call_and_show(orjson, "orjson", "loads", args, 1, &document) == NEXUS_OK) {
        call_and_show(orjson, "orjson", "dumps", &document, 1, NULL); /* a dict goes in, bytes come out */
    }
    nexus_value_clear(&document);
}

static void show_ujson(const NexusObject *ujson)
{
    NexusValue document;
    NexusValue args[] = {text("[1, 2.5, \"\\u00fc\"]")};
    if (call_and_show(ujson, "ujson", "loads", args, 1, &document) == NEXUS_OK) {
        call_and_show(ujson, "ujson", "dumps", &document, 1, NULL);
    }
    nexus_value_clear(&document);
}

static void show_zstandard(const NexusObject *zstandard)
{
    char zeros[4096] = {0};
    NexusValue compressor, decompressor, packed;
    NexusValue plain[] = {nexus_value_bytes(zeros, sizeof zeros)};
    if (call_and_show(zstandard, "zstandard", "ZstdCompressor", NULL, 0, &compressor) == NEXUS_OK) {
        if (call_and_show(compressor.as.object, "    compressor", "compress", plain, 1, &packed) == NEXUS_OK &&
            call_and_show(zstandard, "zstandard", "ZstdDecompressor", NULL, 0, &decompressor) == NEXUS_OK) {
            call_and_show(decompressor.as.object, "    decompressor", "decompress", &packed, 1, NULL);
            nexus_value_clear(&decompressor);
        }
        nexus_value_clear(&packed);
    }
    nexus_value_clear(&compressor);
}

static void show_msgpack(const NexusObject *msgpack)
{
    NexusValue args[] = {nexus_value_bytes("\x93\x01\xC3\xA2hi", 6)};
    call_and_show(msgpack, "msgpack", "unpackb", args, 1, NULL);
    NexusValue packer;
    if (call_and_show(msgpack, "msgpack", "Packer", NULL, 0, &packer) == NEXUS_OK) {
        NexusValue word[] = {text("hello")};
        call_and_show(packer.as.object, "    packer", "pack", word, 1, NULL);
    }
    nexus_value_clear(&packer);
}

static void show_markupsafe(const NexusObject *markupsafe)
{
    NexusValue args[] = {text("<b>& more</b>")};
    call_and_show(markupsafe, "markupsafe", "_escape_inner", args, 1, NULL);
}

static void show_xxhash(const NexusObject *xxhash)
{
    NexusValue args[] = {bytes("nexus_loader")};
    call_and_show(xxhash, "xxhash", "xxh64_hexdigest", args, 1, NULL);
}

static void show_lxml(const NexusObject *etree)
{
    NexusValue element;
    NexusValue args[] = {text("<a><b>text</b></a>")};
    if (call_and_show(etree, "lxml.etree", "fromstring", args, 1, &element) == NEXUS_OK) {
        NexusValue path[] = {text("b")};
        call_and_show(element.as.object, "    element", "findtext", path, 1, NULL);
    }
    nexus_value_clear(&element);
}

static void show_bitarray(const NexusObject *bitarray)
{
    NexusValue bits;
    NexusValue args[] = {text("10110")};
    if (call_and_show(bitarray, "bitarray", "bitarray", args, 1, &bits) == NEXUS_OK) {
        call_and_show(bits.as.object, "    bits", "count", NULL, 0, NULL);
    }
    nexus_value_clear(&bits);
}

static void show_yaml(const NexusObject *yaml)
{
    call_and_show(yaml, "_yaml", "get_version_string", NULL, 0, NULL);
}

static void show_cffi(const NexusObject *cffi)
{
    NexusValue type;
    NexusValue args[] = {text("long long")};
    if (call_and_show(cffi, "_cffi_backend", "new_primitive_type", args, 1, &type) == NEXUS_OK) {
        call_and_show(cffi, "_cffi_backend", "sizeof", &type, 1, NULL);
    }
    nexus_value_clear(&type);
}

size_t call_known_modules(const NexusLoader *loader)
{
    static const struct {
        const char *module;
        void (*show)(const NexusObject *module);
    } known[] = {
        {"math", show_math},           {"_json", show_json},        {"zlib", show_zlib},
        {"_struct", show_struct},      {"_hashlib", show_hashlib},  {"_decimal", show_decimal},
        {"_sqlite3", show_sqlite3},    {"orjson", show_orjson},     {"ujson", show_ujson},
        {"backend_c", show_zstandard}, {"_cmsgpack", show_msgpack}, {"_speedups", show_markupsafe},
        {"_xxhash", show_xxhash},      {"etree", show_lxml},        {"_bitarray", show_bitarray},
        {"_yaml", show_yaml},          {"_cffi_backend", show_cffi},
    };
    size_t called = 0;
    for (size_t index = 0; index < sizeof known / sizeof known[0]; index++) {
        NexusObject *module;
        if (nexus_loader_get(loader, known[index].module, &module, NULL) == NEXUS_OK) {
            known[index].show(module);
            nexus_object_free(module);
            called++;
        }
    }
    return called;
}

/* ------------------------------------------------------------------ from the command line */

static NexusValue value_from_word(const char *word)
{
    if (strcmp(word, "None") == 0) {
        return nexus_value_none();
    }
    if (strcmp(word, "True") == 0 || strcmp(word, "False") == 0) {
        return nexus_value_boolean(word[0] == 'T');
    }
    char *end;
    const int64_t integer = strtoimax(word, &end, 10);
    if (end != word && *end == '\0') {
        return nexus_value_integer(integer);
    }
    const double real = strtod(word, &end);
    if (end != word && *end == '\0') {
        return nexus_value_real(real);
    }
    return text(word);
}

NexusStatus call_from_command_line(const NexusLoader *loader, const char *function,
                                   char *const *arguments, size_t argument_count, NexusError **error)
{
    /* The last point divides: a module's name may be a dotted one. */
    char module_name[256];
    const char *point = strrchr(function, '.');
    if (point == NULL || (size_t)(point - function) >= sizeof module_name || argument_count > 16) {
        fprintf(stderr, "modules: --call takes MODULE.FUNCTION and at most 16 arguments\n");
        return NEXUS_ERR_INVALID_ARGUMENT;
    }
    memcpy(module_name, function, (size_t)(point - function));
    module_name[point - function] = '\0';

    NexusValue args[16];
    for (size_t index = 0; index < argument_count; index++) {
        args[index] = value_from_word(arguments[index]);
    }
    NexusObject *module;
    NexusStatus status = nexus_loader_get(loader, module_name, &module, error);
    if (status == NEXUS_OK) {
        status = call_and_show(module, module_name, point + 1, args, argument_count, NULL);
        nexus_object_free(module);
    }
    return status;
}
