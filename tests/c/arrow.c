/* Arrow data, both ways. */
/* A host may have Arrow's own header, before ours or after. */
#include "../fixtures/arrow_build.h"

#include "growth.h"

static NexusObject *arrows;

/* Python finds it, too. */
static void open_arrows(void) {
    arrows = module_of("arrows");
    NexusValue modules = evaluate("__import__('sys').modules");
    NexusValue item[2] = {text_value("arrows"), nexus_value_object(arrows)};
    discard(call(modules.as.object, "__setitem__", item, 2));
    nexus_value_clear(&modules);
}

static int64_t alive_there(void) { return integer_of(call0(arrows, "count_alive")); }

/* An expression in which the module is `m`. */
static const char *of_module(const char *expression) {
    static char source[1024];
    snprintf(source, sizeof source, "(lambda m: %s)(__import__('arrows'))", expression);
    return source;
}

/* Such a one with the value as `it`. */
static NexusValue with_module(const char *expression, NexusValue it) { return evaluate_with(of_module(expression), it); }

#define CHECK_ARROWS(expression, it) CHECK_TRUE_IN_PYTHON(expression, with_module(expression, it))

static bool all_zero(const void *data, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (((const unsigned char *)data)[i]) return false;
    return true;
}

/* --- In ------------------------------------------------------------------------------------------ */

static void check_batch(const struct ArrowSchema *schema, const struct ArrowArray *array) {
    CHECK_TEXT(schema->format, "+s");
    CHECK_NUMBER(schema->n_children, 2);
    CHECK_TEXT(schema->children[0]->name, "numbers");
    CHECK_TEXT(schema->children[1]->dictionary->format, "u");
    CHECK_NUMBER(array->length, 5);
    CHECK_NUMBER(array->n_children, 2);
    CHECK_NUMBER(((const int64_t *)array->children[0]->buffers[1])[4], 50);
    CHECK_NUMBER(array->children[1]->dictionary->length, 2);
}

CASE(imported) {
    open_arrows();
    NexusValue object = call0(arrows, "Good");
    struct ArrowSchema schema, alone;
    struct ArrowArray array;
    struct ArrowArrayStream stream;
    memset(&schema, 0xa5, sizeof schema);
    memset(&alone, 0xa5, sizeof alone);
    memset(&array, 0xa5, sizeof array);
    memset(&stream, 0xa5, sizeof stream);
    CHECK_OK(nexus_arrow_import_schema(object.as.object, &alone, &error));
    CHECK_OK(nexus_arrow_import_array(object.as.object, &schema, &array, &error));
    CHECK_OK(nexus_arrow_import_stream(object.as.object, &stream, &error));
    nexus_value_clear(&object);
    run_python("import gc; gc.collect()");
    CHECK_NUMBER(alive_there(), 4 + 4 + 4 + 1);
    check_batch(&alone, &array);
    alone.release(&alone);
    check_batch(&schema, &array);
    array.release(&array);
    schema.release(&schema);
    CHECK_NUMBER(alive_there(), 1);
    CHECK(stream.get_schema(&stream, &schema) == 0);
    int64_t sum = 0;
    for (;;) {
        CHECK(stream.get_next(&stream, &array) == 0);
        if (!array.release) break;
        check_batch(&schema, &array);
        for (int i = 0; i < 5; i++) sum += ((const int64_t *)array.children[0]->buffers[1])[i];
        array.release(&array);
    }
    CHECK_NUMBER(sum, 450);
    stream.release(&stream);
    schema.release(&schema);
    CHECK_NUMBER(alive_there(), 0);
}

#define IMPORT_REFUSED(object, expected, why)                                          \
    do {                                                                               \
        struct ArrowSchema schema;                                                     \
        struct ArrowArray array;                                                       \
        struct ArrowArrayStream stream;                                                \
        memset(&schema, 0xa5, sizeof schema);                                          \
        memset(&array, 0xa5, sizeof array);                                            \
        memset(&stream, 0xa5, sizeof stream);                                          \
        CHECK_ERROR(nexus_arrow_import_array(object, &schema, &array, &error), expected); \
        CHECK_CONTAINS(nexus_error_message(error), why);                               \
        DROP(error);                                                                   \
        CHECK(all_zero(&schema, sizeof schema) && all_zero(&array, sizeof array));     \
        memset(&schema, 0xa5, sizeof schema);                                          \
        CHECK_ERROR(nexus_arrow_import_schema(object, &schema, &error), expected);     \
        CHECK(all_zero(&schema, sizeof schema));                                       \
        DROP(error);                                                                   \
        CHECK_ERROR(nexus_arrow_import_stream(object, &stream, &error), expected);     \
        CHECK(all_zero(&stream, sizeof stream));                                       \
        DROP(error);                                                                   \
    } while (0)

CASE(import_refused) {
    open_arrows();
    static const struct {
        const char *expression;
        NexusStatus status;
        const char *why;
    } all[] = {
        {"[1, 2]", NEXUS_ERR_TYPE, "builtins.list object has no __arrow_c_array__"},
        {"m.Other(7)", NEXUS_ERR_TYPE, "did not give"},
        {"m.Other(())", NEXUS_ERR_TYPE, "did not give"},
        {"m.Other([m.schema(), m.array()])", NEXUS_ERR_TYPE, "did not give"},
        {"m.Other((m.schema(),))", NEXUS_ERR_TYPE, "did not give"},
        {"m.Other((m.array(), m.schema()))", NEXUS_ERR_TYPE, "arrow_schema"},
        {"m.Other((m.schema(), m.schema()))", NEXUS_ERR_TYPE, "arrow_array"},
        {"m.Other((m.schema('other'), m.array()))", NEXUS_ERR_TYPE, "arrow_schema"},
        {"m.Other((m.schema('arrow_schema', True), m.array()))", NEXUS_ERR_TYPE, "arrow_schema"},
        {"m.Other((m.schema(), m.array(True)))", NEXUS_ERR_TYPE, "arrow_array"},
        {"m.Other((m.schema(), None))", NEXUS_ERR_TYPE, "arrow_array"},
        {"m.Other(lambda: 1/0)", NEXUS_ERR_EXCEPTION, "division by zero"},
        {"m.Other(lambda: (7).nonsense)", NEXUS_ERR_EXCEPTION, "nonsense"},
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        NexusValue object = with_module(all[i].expression, nexus_value_none());
        IMPORT_REFUSED(object.as.object, all[i].status, all[i].why);
        nexus_value_clear(&object);
        CHECK_NUMBER(alive_there(), 0);
    }
}

/* What one capsule has in it goes out once. */
CASE(imported_twice) {
    open_arrows();
    struct ArrowSchema schema;
    NexusValue object = with_module("m.Other(m.schema())", nexus_value_none());
    CHECK_OK(nexus_arrow_import_schema(object.as.object, &schema, &error));
    struct ArrowSchema again;
    CHECK_FAILS(nexus_arrow_import_schema(object.as.object, &again, &error), NEXUS_ERR_TYPE, "fresh");
    nexus_value_clear(&object);
    CHECK_NUMBER(alive_there(), 4);
    schema.release(&schema);
    CHECK_NUMBER(alive_there(), 0);
}

/* --- Out ----------------------------------------------------------------------------------------- */

static NexusValue exported(struct ArrowSchema *schema, struct ArrowArray *array) {
    NexusObject *object = POISON;
    CHECK_OK(nexus_arrow_export_array(schema, array, &object, &error));
    CHECK(object != NULL && object != POISON);
    CHECK(schema->release == NULL && (!array || array->release == NULL));
    return nexus_value_object(object);
}

CASE(exported_array) {
    open_arrows();
    struct ArrowSchema schema;
    struct ArrowArray array;
    arrow_build_schema(&schema);
    arrow_build_array(&array);
    NexusValue object = exported(&schema, &array);
    /* The structs were moved: what is left of them may be anything. */
    memset(&schema, 0xa5, sizeof schema);
    memset(&array, 0xa5, sizeof array);
    CHECK_NUMBER(arrow_alive, 8);
    CHECK_ARROWS("m.tell(it.__arrow_c_schema__()) == ('+s', '', [('l', 'numbers', [], None),"
               " ('i', 'words', [], ('u', None, [], None))], None)", object);
    const char *expected = formatted(
        "[m.tell(c) for c in it.__arrow_c_array__()][1] == (5, [0], [(5, [0, %lld], [], None),"
        " (5, [0, %lld], [], (2, [0, %lld, %lld], [], None))], None)",
        (long long)(intptr_t)arrow_numbers, (long long)(intptr_t)arrow_indices,
        (long long)(intptr_t)arrow_ends, (long long)(intptr_t)arrow_text);
    /* As often as it is asked. */
    for (int i = 0; i < 3; i++) CHECK_ARROWS(expected, object);
    CHECK_ARROWS("m.tell(it.__arrow_c_array__(it.__arrow_c_schema__())[0])[0] == '+s'", object);
    CHECK_ARROWS("type(it).__name__ == 'ArrowArray' and not hasattr(it, '__arrow_c_stream__')", object);
    CHECK_NUMBER(arrow_alive, 8);
    nexus_value_clear(&object);
    CHECK_NUMBER(arrow_alive, 0);
}

/* A consumer may move columns out of a batch, and release all in any order. */
CASE(exported_children) {
    open_arrows();
    struct ArrowSchema schema;
    struct ArrowArray array;
    arrow_build_schema(&schema);
    arrow_build_array(&array);
    NexusValue object = exported(&schema, &array);
    for (int child = 0; child < 2; child++) {
        NexusValue capsules = with_module("it.__arrow_c_array__()", object);
        const char *expression = formatted("m.take_child(it[1], %d)[0] == 5", child);
        CHECK_ARROWS(expression, capsules);
        nexus_value_clear(&capsules);
        if (child) nexus_value_clear(&object);
        /* The child keeps the whole batch. */
        CHECK_NUMBER(arrow_alive, child ? 4 : 8);
        CHECK_ARROWS("m.let_go() is None", nexus_value_none());
    }
    CHECK_NUMBER(arrow_alive, 0);
}

CASE(exported_schema) {
    open_arrows();
    struct ArrowSchema schema;
    arrow_build_schema(&schema);
    NexusValue object = exported(&schema, NULL), capsule = with_module("it.__arrow_c_schema__()", object);
    CHECK_ARROWS("type(it).__name__ == 'ArrowSchema' and not hasattr(it, '__arrow_c_array__')", object);
    nexus_value_clear(&object);
    CHECK_NUMBER(arrow_alive, 4);
    CHECK_ARROWS("m.tell(it)[0] == '+s'", capsule);
    nexus_value_clear(&capsule);
    CHECK_NUMBER(arrow_alive, 0);
}

CASE(exported_stream) {
    open_arrows();
    for (int fails = 0; fails < 2; fails++) {
        struct ArrowArrayStream stream;
        arrow_build_stream(&stream, 3, fails);
        NexusObject *object = POISON;
        CHECK_OK(nexus_arrow_export_stream(&stream, &object, &error));
        CHECK(stream.release == NULL);
        memset(&stream, 0xa5, sizeof stream);
        NexusValue value = nexus_value_object(object);
        if (fails) {
            const char *expected = formatted("builtins.OSError: %d: the tape tore", EBADMSG);
            CHECK_TEXT(raised(of_module("m.read_stream(it.__arrow_c_stream__())"), value), expected);
        } else {
            CHECK_ARROWS("m.read_stream(it.__arrow_c_stream__(None)) == (['l', 'i'], 450)", value);
        }
        CHECK_NUMBER(arrow_alive, 0);
        CHECK_CONTAINS(raised("it.__arrow_c_stream__()", value), "ValueError: the host's stream was read already");
        nexus_value_clear(&value);
    }
    /* Never read. */
    struct ArrowArrayStream stream;
    NexusObject *object;
    arrow_build_stream(&stream, 3, 0);
    CHECK_OK(nexus_arrow_export_stream(&stream, &object, &error));
    NexusValue value = nexus_value_object(object), capsule = with_module("it.__arrow_c_stream__()", value);
    nexus_value_clear(&value);
    CHECK_NUMBER(arrow_alive, 1);
    nexus_value_clear(&capsule);
    CHECK_NUMBER(arrow_alive, 0);
}

/* A stream whose functions are not all there. */
CASE(exported_stream_with_holes) {
    open_arrows();
    struct ArrowArrayStream stream;
    arrow_build_stream(&stream, 3, 0);
    stream.get_schema = NULL;
    NexusObject *object;
    CHECK_OK(nexus_arrow_export_stream(&stream, &object, &error));
    const char *expected = formatted("builtins.OSError: schema: %d", ENOSYS);
    CHECK_TEXT(raised(of_module("m.read_stream(it.__arrow_c_stream__())"), nexus_value_object(object)), expected);
    nexus_object_free(object);
    CHECK_NUMBER(arrow_alive, 0);
}

/* Out and in again: the host gets its own memory back. */
CASE(there_and_back) {
    struct ArrowSchema schema, schema_back;
    struct ArrowArray array, array_back;
    arrow_build_schema(&schema);
    arrow_build_array(&array);
    NexusValue object = exported(&schema, &array);
    CHECK_OK(nexus_arrow_import_array(object.as.object, &schema_back, &array_back, &error));
    nexus_value_clear(&object);
    check_batch(&schema_back, &array_back);
    CHECK(array_back.children[0]->buffers[1] == arrow_numbers);
    CHECK_NUMBER(arrow_alive, 8);
    array_back.release(&array_back);
    CHECK(array_back.release == NULL);
    CHECK_NUMBER(arrow_alive, 4);
    schema_back.release(&schema_back);
    CHECK_NUMBER(arrow_alive, 0);
    struct ArrowArrayStream stream, stream_back;
    arrow_build_stream(&stream, 1, 0);
    NexusObject *reader;
    CHECK_OK(nexus_arrow_export_stream(&stream, &reader, &error));
    CHECK_OK(nexus_arrow_import_stream(reader, &stream_back, &error));
    nexus_object_free(reader);
    CHECK(stream_back.get_next(&stream_back, &array_back) == 0);
    stream_back.release(&stream_back);
    CHECK_NUMBER(array_back.length, 5);
    array_back.release(&array_back);
    CHECK_NUMBER(arrow_alive, 0);
}

static int releases;

/* Waits for a thread that needs the GIL, and calls us, in vain. */
static void waits_and_calls(void) {
    on_threads(1, calls_python, NULL);
    NexusObject *none;
    CHECK_STATUS(nexus_import("no_such_module", &none, NULL), NEXUS_ERR_EXCEPTION);
    releases++;
}

static int waits_for_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    waits_and_calls();
    return arrow_get_next(stream, out);
}

CASE(host_is_called_without_the_gil) {
    open_arrows();
    arrow_on_release = waits_and_calls;
    struct ArrowSchema schema;
    struct ArrowArray array;
    arrow_build_schema(&schema);
    arrow_build_array(&array);
    NexusValue object = exported(&schema, &array), list = evaluate("[]");
    NexusValue none = call1(list.as.object, "append", object);
    nexus_value_clear(&object);
    CHECK_CONTAINS(raised("ord(it.pop())", list), "TypeError: ord() expected");
    CHECK_NUMBER(releases, 2);
    CHECK_NUMBER(arrow_alive, 0);

    struct ArrowArrayStream stream;
    arrow_build_stream(&stream, 2, 0);
    stream.get_next = waits_for_next;
    NexusObject *reader;
    CHECK_OK(nexus_arrow_export_stream(&stream, &reader, &error));
    arrow_on_release = NULL;
    CHECK_ARROWS("m.read_stream(it.__arrow_c_stream__()) == (['l', 'i'], 300)", nexus_value_object(reader));
    CHECK_NUMBER(releases, 5);
    nexus_object_free(reader);
    CLEAR_VALUES(&list, &none);
    CHECK_NUMBER(arrow_alive, 0);
}

CASE(export_refused) {
    CHECK_OK(nexus_python_start(NULL, &error));
    for (int i = 0; i < 11; i++) {
        struct ArrowSchema schema;
        struct ArrowArray array;
        arrow_build_schema(&schema);
        arrow_build_array(&array);
        struct ArrowSchema *keep_schema_child = schema.children[0];
        struct ArrowArray *keep_array_child = array.children[1];
        const void **keep_buffers = array.children[0]->buffers;
        void (*schema_release)(struct ArrowSchema *) = schema.release;
        void (*array_release)(struct ArrowArray *) = array.release;
        NexusObject *object = POISON, **output = &object;
        void *schema_in = &schema, *array_in = &array;
        switch (i) {
        case 0: schema_in = NULL; break;
        case 1: schema.release = NULL; break;
        case 2: array.release = NULL; break;
        case 3: schema.children[0] = NULL; break;
        case 4: array.children[1] = NULL; break;
        case 5: schema.n_children = -1; break;
        case 6: array.children[0]->buffers = NULL; break;
        case 7: array.length = -5; break;
        case 8: schema.children[0]->format = NULL; break;
        case 9: array.children[1]->dictionary->offset = -1; break;
        default: output = NULL;
        }
        CHECK_REFUSED(nexus_arrow_export_array(schema_in, array_in, output, &error), NEXUS_ERR_INVALID_ARGUMENT);
        CHECK(output == NULL || object == NULL);
        /* All of it is still the host's. */
        CHECK_NUMBER(arrow_alive, 8);
        CHECK(schema.release == (i == 1 ? NULL : schema_release));
        CHECK(array.release == (i == 2 ? NULL : array_release));
        schema.n_children = 2;
        schema.children[0] = keep_schema_child;
        array.children[1] = keep_array_child;
        array.children[0]->buffers = keep_buffers;
        schema_release(&schema);
        array_release(&array);
        CHECK_NUMBER(arrow_alive, 0);
    }
    struct ArrowArrayStream stream;
    arrow_build_stream(&stream, 1, 0);
    void (*release)(struct ArrowArrayStream *) = stream.release;
    NexusObject *object = POISON;
    CHECK_REFUSED(nexus_arrow_export_stream(NULL, &object, &error), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK(object == NULL);
    CHECK_REFUSED(nexus_arrow_export_stream(&stream, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT);
    stream.release = NULL;
    CHECK_REFUSED(nexus_arrow_export_stream(&stream, &object, &error), NEXUS_ERR_INVALID_ARGUMENT);
    release(&stream);
}

static void out_and_in(void) {
    struct ArrowSchema schema, schema_back;
    struct ArrowArray array, array_back;
    arrow_build_schema(&schema);
    arrow_build_array(&array);
    NexusValue object = exported(&schema, &array);
    CHECK_OK(nexus_arrow_import_array(object.as.object, &schema_back, &array_back, &error));
    nexus_value_clear(&object);
    schema_back.release(&schema_back);
    array_back.release(&array_back);
}

CASE(thirty_thousand_times) {
    open_arrows();
    does_not_grow("batches", out_and_in, 30000);
    CHECK_NUMBER(arrow_alive, 0);
}

/* --- Misuse -------------------------------------------------------------------------------------- */

CASE(before_the_start) {
    IMPORT_REFUSED(NULL, NEXUS_ERR_NOT_STARTED, "not started");
    IMPORT_REFUSED(POISON, NEXUS_ERR_NOT_STARTED, "not started");
    CHECK_STATUS(nexus_arrow_import_array(NULL, NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_arrow_import_schema(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_arrow_import_stream(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
}

CASE(bad_handles) {
    open_arrows();
    NexusValue freed = call0(arrows, "Good"), good = call0(arrows, "Good");
    nexus_object_free(freed.as.object);
    void *handles[] = {NULL, freed.as.object, &freed, POISON, (void *)1};
    for (size_t i = 0; i < COUNT(handles); i++)
        IMPORT_REFUSED(handles[i], NEXUS_ERR_BAD_HANDLE, "argument 'object'");
    struct ArrowSchema schema;
    struct ArrowArray array;
    memset(&schema, 0xa5, sizeof schema);
    memset(&array, 0xa5, sizeof array);
    CHECK_REFUSED(nexus_arrow_import_schema(good.as.object, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK_REFUSED(nexus_arrow_import_stream(good.as.object, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK_REFUSED(nexus_arrow_import_array(good.as.object, NULL, &array, &error), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK(all_zero(&array, sizeof array));
    CHECK_REFUSED(nexus_arrow_import_array(good.as.object, &schema, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK(all_zero(&schema, sizeof schema));
    nexus_value_clear(&good);
    CHECK_NUMBER(alive_there(), 0);
}
