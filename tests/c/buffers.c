/* The memory of Python objects, seen by the host. */
#include "growth.h"

#ifndef _WIN32
#include <sys/wait.h>
#endif

static NexusObject *exporters;

static void open_exporters(void) {
    exporters = module_of("exporters");
}

static NexusObject *exporter(const char *sort) {
    NexusValue object = call1(exporters, "Exporter", text_value(sort));
    CHECK_NUMBER(object.kind, NEXUS_KIND_OBJECT);
    return object.as.object;
}

static NexusBufferInfo poisoned_info(void) {
    NexusBufferInfo info;
    memset(&info, 0xa5, sizeof info);
    info.struct_size = sizeof info;
    return info;
}

static NexusBuffer *buffer_of(const NexusObject *object, uint32_t flags, NexusBufferInfo *info) {
    NexusBuffer *buffer = POISON;
    *info = poisoned_info();
    CHECK_OK(nexus_buffer_get(object, flags, &buffer, info, &error));
    CHECK(buffer != NULL && buffer != POISON);
    return buffer;
}

static void check_cleared(const NexusBufferInfo *info) {
    NexusBufferInfo zero;
    memset(&zero, 0, sizeof zero);
    zero.struct_size = sizeof zero;
    CHECK(memcmp(&zero, info, offsetof(NexusBufferInfo, f_contiguous) + 1) == 0);
}

#define REFUSED(object, flags, expected)                                               \
    do {                                                                               \
        NexusBufferInfo check_info = poisoned_info();                                  \
        NexusBuffer *check_buffer = POISON;                                            \
        CHECK_ERROR(nexus_buffer_get(object, flags, &check_buffer, &check_info, &error), expected); \
        CHECK(check_buffer == NULL);                                                   \
        check_cleared(&check_info);                                                    \
    } while (0)

/* All counts of the exporters are as if nothing had been. */
static void check_nothing_held(void) {
    CHECK_NUMBER(integer_of(call0(exporters, "count_held")), 0);
    CHECK_NUMBER(integer_of(call0(exporters, "count_alive")), 0);
    CHECK_NUMBER(integer_of(call0(exporters, "count_wrongly_released")), 0);
}

/* What Python's memoryview says of the same object, as one text. */
static void check_as_memoryview(NexusObject *object, const NexusBufferInfo *info) {
    char seen[4096];
    size_t at = 0;
    at += (size_t)snprintf(seen + at, sizeof seen - at, "%zu %zu %zu %s", info->size, info->item_size, info->ndim,
                           info->format);
    for (size_t i = 0; i < info->ndim; i++)
        at += (size_t)snprintf(seen + at, sizeof seen - at, " %td:%td", info->shape[i], info->strides[i]);
    snprintf(seen + at, sizeof seen - at, " %d%d%d", info->read_only, info->c_contiguous, info->f_contiguous);
    CHECK_TEXT(seen, text_with("(lambda m: ' '.join([f'{m.nbytes} {m.itemsize} {m.ndim} {m.format}',"
                               " *(f'{a}:{b}' for a, b in zip(m.shape, m.strides)),"
                               " f'{m.readonly:d}{m.c_contiguous:d}{m.f_contiguous:d}']))(memoryview(it))",
                               nexus_value_object(object)));
}

/* --- The standard library's objects -------------------------------------------------------------- */

CASE(bytes_and_bytearray) {
    NexusBufferInfo info;
    NexusValue bytes = evaluate("b'a\\0bc'");
    NexusBuffer *buffer = buffer_of(bytes.owner, 0, &info);
    CHECK(info.data == bytes.as.text.data);
    CHECK_NUMBER(info.size, 4);
    CHECK_TEXT(info.format, "B");
    CHECK(info.read_only && info.c_contiguous && info.f_contiguous && !info.suboffsets);
    check_as_memoryview(bytes.owner, &info);
    REFUSED(bytes.owner, NEXUS_BUFFER_WRITABLE, NEXUS_ERR_TYPE);
    CHECK_CONTAINS(nexus_error_message(error), "builtins.bytes");
    CHECK_CONTAINS(nexus_error_message(error), "writable");
    CHECK_TEXT(nexus_error_exception(error), "builtins.BufferError");
    DROP(error);
    /* The buffer outlives the object's own handle. */
    nexus_value_clear(&bytes);
    run_python("import gc; gc.collect(); x = [b'x' * 4 for _ in range(1000)]");
    CHECK(memcmp(info.data, "a\0bc", 5) == 0);
    nexus_buffer_free(buffer);

    NexusValue array = evaluate("bytearray(b'abc')");
    buffer = buffer_of(array.as.object, NEXUS_BUFFER_WRITABLE, &info);
    CHECK(!info.read_only);
    ((char *)info.data)[1] = 'X';
    NexusValue is = evaluate_with("it == b'aXc'", array);
    CHECK(is.as.boolean);
    /* It stays where it is. */
    NexusValue none, more = nexus_value_bytes("d", 1);
    CHECK_RAISES(nexus_object_call_method(array.as.object, "extend", &more, 1, &none, &error), "builtins.BufferError");
    nexus_buffer_free(buffer);
    discard(call1(array.as.object, "extend", more));
    nexus_value_clear(&array);
}

CASE(standard_library) {
    const char *const sources[] = {
        "b''",
        "bytearray()",
        "memoryview(b'abcdef')[::2]",
        "memoryview(bytearray(b'abcdef'))[::-1]",
        "memoryview(bytes(24)).cast('i', [2, 3])",
        "memoryview(bytes(8)).cast('d', [])",
        "memoryview(bytes(48)).cast('d', [3, 2])[1:]",
        "memoryview(b'')",
        "__import__('array').array('d', [1.5, 2.5])",
        "__import__('array').array('u', 'abc')",
        "(__import__('ctypes').c_int * 5)()",
        "((__import__('ctypes').c_double * 3) * 2)()",
        "__import__('ctypes').c_uint64(7)",
        "type('S', (__import__('ctypes').Structure,), {'_fields_': [('x', __import__('ctypes').c_int)]})()",
        "__import__('mmap').mmap(-1, 4096)",
    };
    for (size_t i = 0; i < COUNT(sources); i++) {
        NexusBufferInfo info, again = poisoned_info();
        NexusValue object = evaluate(sources[i]);
        NexusObject *handle = object.kind == NEXUS_KIND_OBJECT ? object.as.object : object.owner;
        NexusBuffer *buffer = buffer_of(handle, 0, &info);
        check_as_memoryview(handle, &info);
        CHECK_OK(nexus_buffer_info(buffer, &again, &error));
        CHECK(memcmp(&info, &again, offsetof(NexusBufferInfo, f_contiguous) + 1) == 0);
        nexus_buffer_free(buffer);
        nexus_value_clear(&object);
    }
}

CASE(no_buffer) {
    const char *const sources[] = {"[1, 2]", "object()", "__import__('sys')", "2**100", "{'a': 1}"};
    for (size_t i = 0; i < COUNT(sources); i++) {
        NexusValue object = evaluate(sources[i]);
        REFUSED(object.as.object, 0, NEXUS_ERR_TYPE);
        CHECK_CONTAINS(nexus_error_message(error), "has no buffer");
        DROP(error);
        nexus_value_clear(&object);
    }
    NexusValue text = evaluate("'text'");
    REFUSED(text.owner, 0, NEXUS_ERR_TYPE);
    DROP(error);
    nexus_value_clear(&text);
}

CASE(a_million_doubles) {
    NexusValue array = evaluate("__import__('array').array('d', range(1_000_000))");
    NexusValue address = evaluate_with("it.buffer_info()[0]", array);
    NexusBufferInfo info;
    NexusBuffer *buffer = buffer_of(array.as.object, NEXUS_BUFFER_WRITABLE | NEXUS_BUFFER_C_CONTIGUOUS, &info);
    CHECK(info.data == (void *)(uintptr_t)address.as.integer);
    CHECK_NUMBER(info.size, 8000000);
    CHECK_NUMBER(info.shape[0], 1000000);
    CHECK_TEXT(info.format, "d");
    double *numbers = info.data, sum = 0;
    for (int i = 0; i < 1000000; i++) sum += numbers[i];
    CHECK(sum == 499999500000.0);
    numbers[999999] = -1;
    NexusValue last = evaluate_with("it[-1]", array);
    CHECK(last.as.real == -1);
    nexus_buffer_free(buffer);
    nexus_value_clear(&array);
}

/* --- Exporters of every sort --------------------------------------------------------------------- */

CASE(every_sort) {
    open_exporters();
    const char *const sorts[] = {"simple",      "read_only",    "strided",    "negative",         "repeated",
                                 "two",         "block",        "fortran",    "three",            "odd_size",
                                 "scalar",      "null_format",  "empty",      "writable_if_asked"};
    for (size_t i = 0; i < COUNT(sorts); i++) {
        NexusObject *object = exporter(sorts[i]);
        NexusBufferInfo info;
        NexusBuffer *buffer = buffer_of(object, NEXUS_BUFFER_INDIRECT, &info);
        CHECK(info.suboffsets == NULL);
        check_as_memoryview(object, &info);
        CHECK_NUMBER(integer_of(call0(exporters, "count_held")), 1);
        if (i % 2) nexus_object_free(object);
        nexus_buffer_free(buffer);
        nexus_buffer_free(buffer);
        if (!(i % 2)) nexus_object_free(object);
        check_nothing_held();
    }
}

CASE(what_the_exporter_leaves_out) {
    open_exporters();
    NexusBufferInfo info;
    NexusObject *object = exporter("null_format_8");
    NexusBuffer *buffer = buffer_of(object, 0, &info);
    CHECK_TEXT(info.format, "8s");
    nexus_buffer_free(buffer);
    nexus_object_free(object);

    object = exporter("null_strides");
    buffer = buffer_of(object, 0, &info);
    CHECK(info.strides[0] == 16 && info.strides[1] == 4 && info.c_contiguous && !info.f_contiguous);
    nexus_buffer_free(buffer);
    nexus_object_free(object);

    object = exporter("null_shape");
    buffer = buffer_of(object, 0, &info);
    CHECK(info.ndim == 1 && info.shape[0] == 12 && info.strides[0] == 4);
    nexus_buffer_free(buffer);
    nexus_object_free(object);

    object = exporter("many_dimensions");
    buffer = buffer_of(object, 0, &info);
    CHECK(info.ndim == 64 && info.shape[63] == 1 && info.size == 1 && info.c_contiguous && info.f_contiguous);
    nexus_buffer_free(buffer);
    nexus_object_free(object);

    object = exporter("empty_items");
    buffer = buffer_of(object, 0, &info);
    CHECK(info.size == 0 && info.item_size == 0 && info.shape[0] == 5);
    nexus_buffer_free(buffer);
    nexus_object_free(object);

    object = exporter("scalar");
    buffer = buffer_of(object, 0, &info);
    double value;
    memcpy(&value, "\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", sizeof value);
    CHECK(info.ndim == 0 && info.size == 8 && *(double *)info.data == value);
    nexus_buffer_free(buffer);
    nexus_object_free(object);

    object = exporter("writable_if_asked");
    buffer = buffer_of(object, 0, &info);
    CHECK(info.read_only);
    nexus_buffer_free(buffer);
    buffer = buffer_of(object, NEXUS_BUFFER_WRITABLE, &info);
    CHECK(!info.read_only);
    nexus_buffer_free(buffer);
    nexus_object_free(object);
    check_nothing_held();
}

CASE(getbuffer_raises) {
    open_exporters();
    NexusObject *object = exporter("raises");
    REFUSED(object, 0, NEXUS_ERR_EXCEPTION);
    CHECK_TEXT(nexus_error_exception(error), "builtins.ValueError");
    CHECK_TEXT(nexus_error_message(error), "not today");
    DROP(error);
    /* For whatever it is asked. */
    REFUSED(object, NEXUS_BUFFER_WRITABLE | NEXUS_BUFFER_C_CONTIGUOUS, NEXUS_ERR_EXCEPTION);
    DROP(error);
    nexus_object_free(object);
    object = exporter("raises_exit");
    REFUSED(object, 0, NEXUS_ERR_EXCEPTION);
    CHECK_TEXT(nexus_error_exception(error), "builtins.SystemExit");
    DROP(error);
    nexus_object_free(object);
    object = exporter("fails_silently");
    REFUSED(object, 0, NEXUS_ERR_EXCEPTION);
    CHECK_TEXT(nexus_error_exception(error), "builtins.SystemError");
    DROP(error);
    nexus_object_free(object);
    check_nothing_held();
}

CASE(contradictions) {
    open_exporters();
    const char *const sorts[][2] = {
        {"null_shape_2", "has no shape"},
        {"null_shape_no_size", "has no shape"},
        {"null_data", "is at NULL"},
        {"wrong_length", "contradicts itself"},
        {"negative_length", "contradicts itself"},
        {"negative_item", "contradicts itself"},
        {"huge", "contradicts itself"},
        {"negative_dimensions", "-1 dimensions"},
        {"too_many_dimensions", "65 dimensions"},
    };
    for (size_t i = 0; i < COUNT(sorts); i++) {
        NexusObject *object = exporter(sorts[i][0]);
        REFUSED(object, NEXUS_BUFFER_INDIRECT, NEXUS_ERR_TYPE);
        CHECK_CONTAINS(nexus_error_message(error), sorts[i][1]);
        CHECK_CONTAINS(nexus_error_message(error), "exporters.Exporter");
        DROP(error);
        nexus_object_free(object);
        check_nothing_held();
    }
}

CASE(what_was_asked_for) {
    open_exporters();
    static const struct {
        const char *sort;
        uint32_t flags;
        bool given;
    } requests[] = {
        {"block", NEXUS_BUFFER_C_CONTIGUOUS, true},
        {"block", NEXUS_BUFFER_F_CONTIGUOUS, false},
        {"block", NEXUS_BUFFER_C_CONTIGUOUS | NEXUS_BUFFER_F_CONTIGUOUS, true},
        {"fortran", NEXUS_BUFFER_C_CONTIGUOUS, false},
        {"fortran", NEXUS_BUFFER_F_CONTIGUOUS, true},
        {"fortran", NEXUS_BUFFER_C_CONTIGUOUS | NEXUS_BUFFER_F_CONTIGUOUS, true},
        {"two", NEXUS_BUFFER_C_CONTIGUOUS, false},
        {"two", NEXUS_BUFFER_C_CONTIGUOUS | NEXUS_BUFFER_F_CONTIGUOUS, false},
        {"two", NEXUS_BUFFER_WRITABLE, true},
        {"read_only", NEXUS_BUFFER_WRITABLE, false},
        {"read_only", NEXUS_BUFFER_WRITABLE | NEXUS_BUFFER_C_CONTIGUOUS, false},
        {"read_only", 0, true},
        {"indirect", 0, false},
        {"indirect", NEXUS_BUFFER_INDIRECT, true},
        {"indirect", NEXUS_BUFFER_INDIRECT | NEXUS_BUFFER_C_CONTIGUOUS, false},
        /* These pay no heed to what they are asked. */
        {"indirect_unasked", 0, false},
        {"indirect_unasked", NEXUS_BUFFER_INDIRECT, true},
        {"ignores_writable", 0, true},
        {"ignores_writable", NEXUS_BUFFER_WRITABLE, false},
        {"ignores_contiguous", 0, true},
        {"ignores_contiguous", NEXUS_BUFFER_C_CONTIGUOUS, false},
        {"ignores_contiguous", NEXUS_BUFFER_F_CONTIGUOUS, false},
        {"ignores_contiguous", NEXUS_BUFFER_C_CONTIGUOUS | NEXUS_BUFFER_F_CONTIGUOUS, false},
    };
    for (size_t i = 0; i < COUNT(requests); i++) {
        NexusObject *object = exporter(requests[i].sort);
        NexusBufferInfo info;
        fprintf(stderr, "%s, flags %u\n", requests[i].sort, requests[i].flags);
        if (requests[i].given) {
            nexus_buffer_free(buffer_of(object, requests[i].flags, &info));
        } else {
            REFUSED(object, requests[i].flags, NEXUS_ERR_TYPE);
            CHECK_CONTAINS(nexus_error_message(error), "is not ");
            DROP(error);
        }
        nexus_object_free(object);
        check_nothing_held();
    }
}

CASE(suboffsets) {
    open_exporters();
    NexusObject *object = exporter("indirect");
    NexusBufferInfo info;
    NexusBuffer *buffer = buffer_of(object, NEXUS_BUFFER_INDIRECT, &info);
    CHECK(info.suboffsets && info.suboffsets[0] == 2 && info.suboffsets[1] == -1);
    CHECK(!info.c_contiguous && !info.f_contiguous);
    const char *row = *(char **)((char *)info.data + 1 * info.strides[0]) + info.suboffsets[0];
    CHECK_NUMBER(row[3], 105);
    nexus_buffer_free(buffer);
    nexus_object_free(object);
    check_nothing_held();
}

/* --- Copies -------------------------------------------------------------------------------------- */

/* Against what Python makes of it: tobytes(order). */
static void check_copies(const char *sort) {
    NexusObject *object = exporter(sort);
    NexusBufferInfo info;
    NexusBuffer *buffer = buffer_of(object, NEXUS_BUFFER_INDIRECT, &info);
    for (uint32_t order = NEXUS_ORDER_C; order <= NEXUS_ORDER_F; order++) {
        unsigned char data[512];
        memset(data, 0xee, sizeof data);
        size_t size = 12345;
        CHECK_GIVES(nexus_buffer_copy_out(buffer, order, data, sizeof data, &size, &error), size, info.size);
        NexusValue expected = evaluate_with(order ? "memoryview(it).tobytes('F')" : "memoryview(it).tobytes('C')",
                                            nexus_value_object(object));
        CHECK_NUMBER(expected.as.text.size, size);
        CHECK_SEEN(memcmp(data, expected.as.text.data, size) == 0, "%s, order %u", sort, order);
        CHECK_NUMBER(data[size], 0xee);
        nexus_value_clear(&expected);
        /* There is no room for one byte less. */
        if (size) {
            unsigned char less[512] = {0};
            size_t poison = 12345;
            CHECK_REFUSED(nexus_buffer_copy_out(buffer, order, less, size - 1, &poison, &error), NEXUS_ERR_OVERFLOW);
            CHECK(poison == 0 && less[0] == 0);
            CHECK_OK(nexus_buffer_copy_out(buffer, order, less, size, NULL, &error));
            CHECK(memcmp(less, data, size) == 0);
        }
        if (info.read_only) {
            CHECK_REFUSED(nexus_buffer_copy_in(buffer, order, data, size, &error), NEXUS_ERR_TYPE);
            continue;
        }
        for (size_t i = 0; i < size; i++) data[i] = (unsigned char)(255 - 3 * i);
        CHECK_REFUSED(nexus_buffer_copy_in(buffer, order, data, size + 1, &error), NEXUS_ERR_INVALID_ARGUMENT);
        CHECK_OK(nexus_buffer_copy_in(buffer, order, data, size, &error));
        unsigned char back[512];
        CHECK_OK(nexus_buffer_copy_out(buffer, order, back, sizeof back, NULL, &error));
        CHECK(memcmp(back, data, size) == 0);
        expected = evaluate_with(order ? "memoryview(it).tobytes('F')" : "memoryview(it).tobytes('C')",
                                 nexus_value_object(object));
        CHECK(memcmp(expected.as.text.data, data, size) == 0);
        nexus_value_clear(&expected);
    }
    unsigned char data[512];
    CHECK_REFUSED(nexus_buffer_copy_out(buffer, 2, data, sizeof data, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT);
    if (info.size) {
        CHECK_REFUSED(nexus_buffer_copy_out(buffer, 0, NULL, sizeof data, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT);
    }
    nexus_buffer_free(buffer);
    nexus_object_free(object);
    check_nothing_held();
}

CASE(copies) {
    open_exporters();
    const char *const sorts[] = {"simple", "read_only", "strided", "negative",    "repeated", "two",
                                 "block",  "fortran",   "three",   "odd_size",    "scalar",   "empty",
                                 "indirect", "null_format", "null_strides", "many_dimensions"};
    for (size_t i = 0; i < COUNT(sorts); i++) check_copies(sorts[i]);
}

/* A write through one sort touches the items and nothing between them. */
CASE(copy_in_touches_items_only) {
    open_exporters();
    NexusObject *object = exporter("strided");
    NexusBufferInfo info;
    NexusBuffer *buffer = buffer_of(object, NEXUS_BUFFER_WRITABLE, &info);
    unsigned char data[10] = {0}, *memory = info.data;
    CHECK_OK(nexus_buffer_copy_in(buffer, NEXUS_ORDER_C, data, sizeof data, &error));
    for (int i = 0; i < 40; i++) {
        int touched = i < 30 && i % 6 < 2;
        CHECK_NUMBER(memory[i], touched ? 0 : i);
    }
    nexus_buffer_free(buffer);
    nexus_object_free(object);
}

/* --- Lives --------------------------------------------------------------------------------------- */

static void *frees(void *buffer) {
    nexus_buffer_free(buffer);
    return NULL;
}

CASE(freed_on_another_thread) {
    open_exporters();
    for (int i = 0; i < 50; i++) {
        NexusBufferInfo info;
        NexusObject *object = exporter("two");
        NexusBuffer *buffer = buffer_of(object, 0, &info);
        if (i % 2) nexus_object_free(object);
        /* Two at once: one of them does it. */
        on_threads(2, frees, buffer);
        if (!(i % 2)) nexus_object_free(object);
        check_nothing_held();
    }
}

CASE(freed_while_attached) {
    open_exporters();
    NexusBufferInfo info;
    CHECK_OK(nexus_python_attach(&error));
    NexusObject *object = exporter("two");
    NexusBuffer *buffer = buffer_of(object, 0, &info);
    nexus_object_free(object);
    CHECK_NUMBER(integer_of(call0(exporters, "count_alive")), 1);
    nexus_buffer_free(buffer);
    check_nothing_held();
    CHECK_OK(nexus_python_detach(&error));
}

#ifndef _WIN32
/* In a forked child: no hang, and what needs no Python goes on. */
CASE(forked_child) {
    NexusBufferInfo info;
    NexusValue array = evaluate("bytearray(b'abc')");
    NexusBuffer *buffer = buffer_of(array.as.object, 0, &info);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char copy[3];
        CHECK_OK(nexus_buffer_copy_out(buffer, 0, copy, 3, NULL, &error));
        CHECK(memcmp(copy, "abc", 3) == 0);
        REFUSED(array.as.object, 0, NEXUS_ERR_FORKED);
        DROP(error);
        nexus_buffer_free(buffer);
        CHECK(memcmp(info.data, "abc", 3) == 0);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_SEEN(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with status %d", status);
    nexus_buffer_free(buffer);
    nexus_value_clear(&array);
}
#endif

static NexusObject *shared;

static void *gets_and_frees(void *unused) {
    for (int i = 0; i < 2000; i++) {
        NexusBufferInfo info;
        NexusBuffer *buffer = buffer_of(shared, i % 3 ? 0 : NEXUS_BUFFER_WRITABLE, &info);
        char data[512];
        CHECK_OK(nexus_buffer_copy_out(buffer, NEXUS_ORDER_C, data, sizeof data, NULL, &error));
        nexus_buffer_free(buffer);
        CHECK_STATUS(nexus_buffer_info(buffer, &info, NULL), NEXUS_ERR_BAD_HANDLE);
    }
    return unused;
}

CASE(from_many_threads) {
    open_exporters();
    shared = exporter("two");
    on_threads(8, gets_and_frees, NULL);
    nexus_object_free(shared);
    check_nothing_held();
}

static NexusBuffer *contested;

static void *copies_until_freed(void *unused) {
    char data[512];
    NexusStatus status;
    do status = nexus_buffer_copy_out(contested, NEXUS_ORDER_F, data, sizeof data, NULL, NULL);
    while (status == NEXUS_OK);
    CHECK_STATUS(status, NEXUS_ERR_BAD_HANDLE);
    return unused;
}

/* A copy that is under way when the buffer is freed comes to its end. */
CASE(freed_while_others_copy) {
    open_exporters();
    for (int i = 0; i < 50; i++) {
        NexusBufferInfo info;
        NexusObject *object = exporter("indirect");
        contested = buffer_of(object, NEXUS_BUFFER_INDIRECT, &info);
        nexus_object_free(object);
        pthread_t threads[3];
        for (int t = 0; t < 3; t++) CHECK(pthread_create(&threads[t], NULL, copies_until_freed, NULL) == 0);
        nexus_buffer_free(contested);
        for (int t = 0; t < 3; t++) CHECK(pthread_join(threads[t], NULL) == 0);
        check_nothing_held();
    }
}

static NexusValue array;

static void gets_one(void) {
    NexusBufferInfo info;
    nexus_buffer_free(buffer_of(array.as.object, 0, &info));
}

CASE(a_million_times) {
    array = evaluate("__import__('array').array('d', range(1000))");
    CHECK_OK(nexus_python_attach(&error));
    does_not_grow("buffers", gets_one, 1000000);
    CHECK_OK(nexus_python_detach(&error));
    CHECK_NUMBER(integer_of(evaluate_with("(it.append(1.0), len(it))[1]", array)), 1001);
    nexus_value_clear(&array);
}

/* --- Misuse -------------------------------------------------------------------------------------- */

static void bad_buffer(void *handle, NexusStatus expected) {
    NexusBufferInfo info = poisoned_info();
    CHECK_REFUSED(nexus_buffer_info(handle, &info, &error), expected);
    check_cleared(&info);
    CHECK_STATUS(nexus_buffer_info(handle, NULL, NULL),
                 expected == NEXUS_ERR_NOT_STARTED ? expected : NEXUS_ERR_INVALID_ARGUMENT);
    char data[16];
    size_t size = 12345;
    CHECK_REFUSED(nexus_buffer_copy_out(handle, 0, data, sizeof data, &size, &error), expected);
    CHECK_NUMBER(size, 0);
    CHECK_REFUSED(nexus_buffer_copy_in(handle, 0, data, sizeof data, &error), expected);
    nexus_buffer_free(handle);
}

static void bad_object(void *handle, NexusStatus expected) {
    REFUSED(handle, 0, expected);
    DROP(error);
    CHECK_STATUS(nexus_buffer_get(handle, 0, NULL, NULL, NULL),
                 expected == NEXUS_ERR_NOT_STARTED ? expected : NEXUS_ERR_INVALID_ARGUMENT);
}

CASE(before_the_start) {
    void *handles[] = {NULL, (void *)1, POISON, &exporters};
    for (size_t i = 0; i < COUNT(handles); i++) {
        bad_buffer(handles[i], NEXUS_ERR_NOT_STARTED);
        bad_object(handles[i], NEXUS_ERR_NOT_STARTED);
    }
    /* A host with a smaller struct: nothing beyond its size is cleared. */
    struct { NexusBufferInfo info; } small;
    memset(&small, 0xa5, sizeof small);
    small.info.struct_size = offsetof(NexusBufferInfo, size);
    CHECK_STATUS(nexus_buffer_info(NULL, &small.info, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK(small.info.data == NULL && small.info.size == 0xa5a5a5a5a5a5a5a5);
}

CASE(bad_handles) {
    NexusBufferInfo info;
    NexusValue array = evaluate("bytearray(b'abc')");
    NexusBuffer *living = buffer_of(array.as.object, 0, &info), *freed = buffer_of(array.as.object, 0, &info);
    nexus_buffer_free(freed);
    bad_buffer(NULL, NEXUS_ERR_BAD_HANDLE);
    bad_buffer(freed, NEXUS_ERR_BAD_HANDLE);
    bad_buffer(array.as.object, NEXUS_ERR_BAD_HANDLE);
    bad_buffer(&info, NEXUS_ERR_BAD_HANDLE);
    bad_buffer(info.data, NEXUS_ERR_BAD_HANDLE);
    bad_object(NULL, NEXUS_ERR_BAD_HANDLE);
    bad_object(living, NEXUS_ERR_BAD_HANDLE);
    bad_object(&info, NEXUS_ERR_BAD_HANDLE);
    for (int bit = 0; bit < 64; bit++) {
        bad_buffer((void *)((uintptr_t)living ^ (uintptr_t)1 << bit), NEXUS_ERR_BAD_HANDLE);
        if (bit >= 32) bad_object((void *)((uintptr_t)array.as.object ^ (uintptr_t)1 << bit), NEXUS_ERR_BAD_HANDLE);
    }
    /* The living ones still live. */
    CHECK_OK(nexus_buffer_info(living, &info, &error));
    CHECK(memcmp(info.data, "abc", 3) == 0);
    nexus_buffer_free(living);
    nexus_value_clear(&array);
}

CASE(bad_arguments) {
    NexusBufferInfo info = poisoned_info();
    NexusBuffer *buffer = POISON;
    NexusValue array = evaluate("bytearray(b'abc')");
    REFUSED(array.as.object, 1u << 31, NEXUS_ERR_INVALID_ARGUMENT);
    CHECK_CONTAINS(nexus_error_message(error), "0x80000000");
    DROP(error);
    for (int i = 0; i < 2; i++) {
        info.struct_size = i ? SIZE_MAX : 0;
        buffer = POISON;
        CHECK_FAILS(nexus_buffer_get(array.as.object, 0, &buffer, &info, &error),
                    NEXUS_ERR_INVALID_ARGUMENT, "struct_size");
        CHECK(buffer == NULL);
    }
    info = poisoned_info();
    CHECK_ERROR(nexus_buffer_get(array.as.object, 0, NULL, &info, &error), NEXUS_ERR_INVALID_ARGUMENT);
    check_cleared(&info);
    DROP(error);
    /* Without an info; with an older, smaller one. */
    CHECK_OK(nexus_buffer_get(array.as.object, 0, &buffer, NULL, &error));
    memset(&info, 0xa5, sizeof info);
    info.struct_size = offsetof(NexusBufferInfo, item_size);
    CHECK_OK(nexus_buffer_info(buffer, &info, &error));
    CHECK(info.size == 3 && info.item_size == 0xa5a5a5a5a5a5a5a5);
    nexus_buffer_free(buffer);
    nexus_value_clear(&array);
}
