/* nanoarrow, an Arrow library that is not ours, reads the host's data and gives its own. */
#include "../fixtures/arrow_build.h"

#include "nexus_check.h"

static void open_nanoarrow(void) {
    const char *source = formatted("import sys; sys.path.insert(0, '%s')\nimport nanoarrow",
                                   setting("NEXUS_TEST_WHEELS"));
    run_python(source);
}

/* An expression with nanoarrow as `na` and the value as `it`. */
static NexusValue with_nanoarrow(const char *expression, NexusValue it) {
    const char *source = formatted("(lambda na: %s)(__import__('nanoarrow'))", expression);
    return evaluate_with(source, it);
}

#define CHECK_NANOARROW(expression, it) CHECK_TRUE_IN_PYTHON(expression, with_nanoarrow(expression, it))

CASE(batch_to_nanoarrow) {
    open_nanoarrow();
    struct ArrowSchema schema;
    struct ArrowArray array;
    arrow_build_schema(&schema);
    arrow_build_array(&array);
    NexusObject *object;
    CHECK_OK(nexus_arrow_export_array(&schema, &array, &object, &error));
    NexusValue value = nexus_value_object(object);
    CHECK_NANOARROW("na.Schema(it).n_fields == 2 and na.Schema(it).field(0).name == 'numbers'", value);
    CHECK_NANOARROW("na.Array(it).child(0).to_pylist() == [10, 20, 30, 40, 50]", value);
    CHECK_NANOARROW("na.Array(it).child(1).to_pylist() == ['x', 'yy', 'yy', 'x', 'yy']", value);
    NexusValue column = with_nanoarrow("na.c_array(it).child(0)", value);
    nexus_value_clear(&value);
    CHECK_NANOARROW("list(it.view().buffer(1)) == [10, 20, 30, 40, 50]", column);
    /* Without a copy. */
    NexusValue address = evaluate_with("it.buffers[1]", column);
    CHECK(integer_of(address) == (intptr_t)arrow_numbers);
    nexus_value_clear(&column);
    run_python("import gc; gc.collect()");
    CHECK_NUMBER(arrow_alive, 0);
}

CASE(stream_to_nanoarrow) {
    open_nanoarrow();
    struct ArrowArrayStream stream;
    arrow_build_stream(&stream, 3, 0);
    NexusObject *object;
    CHECK_OK(nexus_arrow_export_stream(&stream, &object, &error));
    CHECK_NANOARROW("sum(na.Array(it).child(0).to_pylist()) == 450", nexus_value_object(object));
    nexus_object_free(object);
    run_python("import gc; gc.collect()");
    CHECK_NUMBER(arrow_alive, 0);
}

CASE(array_of_nanoarrow) {
    open_nanoarrow();
    struct ArrowSchema schema;
    struct ArrowArray array;
    NexusValue object = with_nanoarrow("na.c_array([1, 2, None, 4], na.int32())", nexus_value_none());
    CHECK_OK(nexus_arrow_import_array(object.as.object, &schema, &array, &error));
    nexus_value_clear(&object);
    run_python("import gc; gc.collect()");
    CHECK_TEXT(schema.format, "i");
    CHECK(array.length == 4 && array.null_count == 1 && array.n_buffers == 2);
    const int32_t *numbers = array.buffers[1];
    CHECK(numbers[0] == 1 && numbers[1] == 2 && numbers[3] == 4);
    CHECK_NUMBER(*(const uint8_t *)array.buffers[0] & 15, 11);
    array.release(&array);
    schema.release(&schema);
}

CASE(stream_of_nanoarrow) {
    open_nanoarrow();
    struct ArrowArrayStream stream;
    NexusValue object = with_nanoarrow("na.Array(range(100), na.int64())", nexus_value_none());
    CHECK_OK(nexus_arrow_import_stream(object.as.object, &stream, &error));
    nexus_value_clear(&object);
    struct ArrowSchema schema;
    CHECK(stream.get_schema(&stream, &schema) == 0);
    CHECK_TEXT(schema.format, "l");
    schema.release(&schema);
    int64_t sum = 0;
    for (;;) {
        struct ArrowArray array;
        CHECK(stream.get_next(&stream, &array) == 0);
        if (!array.release) break;
        for (int64_t i = 0; i < array.length; i++) sum += ((const int64_t *)array.buffers[1])[i];
        array.release(&array);
    }
    CHECK_NUMBER(sum, 4950);
    stream.release(&stream);
}

CASE(schema_of_nanoarrow) {
    open_nanoarrow();
    struct ArrowSchema schema;
    NexusValue object = with_nanoarrow("na.struct({'a': na.int32(), 'b': na.string()})", nexus_value_none());
    CHECK_OK(nexus_arrow_import_schema(object.as.object, &schema, &error));
    nexus_value_clear(&object);
    CHECK_TEXT(schema.format, "+s");
    CHECK_TEXT(schema.children[1]->name, "b");
    CHECK_TEXT(schema.children[1]->format, "u");
    schema.release(&schema);
}
