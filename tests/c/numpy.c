/* numpy's arrays, both ways, without a copy. */
#include "../fixtures/tensor_structs.h"

#include "memory_check.h"

#include <math.h>

enum { MILLION = 1000000 };

static void open_numpy(void) {
    const char *source = formatted("import sys; sys.path.insert(0, '%s')\nimport numpy", setting("NEXUS_TEST_WHEELS"));
    run_python(source);
}

/* An expression with numpy as `np` and the value as `it`. */
static NexusValue with_numpy(const char *expression, NexusValue it) {
    const char *source = formatted("(lambda np: %s)(__import__('numpy'))", expression);
    return evaluate_with(source, it);
}

#define CHECK_NUMPY(expression, it) CHECK_TRUE_IN_PYTHON(expression, with_numpy("bool(" expression ")", it))

static void *address_of(NexusValue array) {
    return (void *)(uintptr_t)integer_of(with_numpy("it.__array_interface__['data'][0]", array));
}

static Told told;

static NexusBuffer *buffer_of(NexusValue object, uint32_t flags, NexusBufferInfo *info) {
    NexusBuffer *buffer = POISON;
    *info = (NexusBufferInfo){.struct_size = sizeof *info};
    CHECK_OK(nexus_buffer_get(object.as.object, flags, &buffer, info, &error));
    return buffer;
}

/* --- Arrays in the host -------------------------------------------------------------------------- */

CASE(a_million_doubles_to_the_host) {
    open_numpy();
    NexusValue array = with_numpy("np.arange(1_000_000, dtype=float)", nexus_value_none());
    NexusBufferInfo info;
    NexusBuffer *buffer = buffer_of(array, NEXUS_BUFFER_WRITABLE | NEXUS_BUFFER_C_CONTIGUOUS, &info);
    CHECK(info.data == address_of(array));
    CHECK_TEXT(info.format, "d");
    CHECK(info.size == 8 * MILLION && info.ndim == 1 && info.shape[0] == MILLION && info.strides[0] == 8);
    CHECK(!info.read_only);
    double *numbers = info.data, sum = 0;
    for (int i = 0; i < MILLION; i++) sum += numbers[i];
    CHECK(sum == 499999500000.0);
    numbers[MILLION - 1] = -1;
    CHECK_NUMPY("it[-1] == -1", array);
    /* The array's own handle is freed first. */
    nexus_value_clear(&array);
    run_python("import gc; gc.collect()");
    CHECK(numbers[MILLION - 2] == MILLION - 2);
    nexus_buffer_free(buffer);
}

CASE(slices) {
    open_numpy();
    static const struct {
        const char *expression;
        bool c, f;
    } slices[] = {
        {"np.arange(600).reshape(20, 30)", true, false},
        {"np.arange(600).reshape(20, 30)[::2, 1::3]", false, false},
        {"np.arange(600).reshape(20, 30).T", false, true},
        {"np.arange(600).reshape(20, 30)[::-1, ::-1]", false, false},
        {"np.arange(600).reshape(20, 30)[3]", true, true},
        {"np.arange(600).reshape(20, 30)[:, 3]", false, false},
        {"np.arange(600).reshape(20, 30)[5:7]", true, false},
        {"np.arange(600, dtype='int16').reshape(5, 4, 30)[::-2, 1:3, 29:2:-4]", false, false},
        {"np.broadcast_to(np.arange(5, dtype='uint8'), (3, 5))", false, false},
        {"np.arange(600).reshape(2, 3, 100).transpose(2, 0, 1)", false, false},
        {"np.array(7.5)", true, true},
        {"np.zeros((0, 3))", true, true},
        {"np.zeros(5, 'c16')[1::2]", false, false},
        {"np.array([b'abc', b'de'], 'S3')[::-1]", false, false},
        {"np.asfortranarray(np.arange(6, dtype='f4').reshape(2, 3))", false, true},
    };
    for (size_t i = 0; i < COUNT(slices); i++) {
        fprintf(stderr, "%s\n", slices[i].expression);
        const char *expression = formatted("[a := %s, a.shape, a.strides]", slices[i].expression);
        NexusValue all = with_numpy(expression, nexus_value_none()), array = evaluate_with("it[0]", all);
        NexusBufferInfo info;
        NexusBuffer *buffer = buffer_of(array, 0, &info);
        CHECK(info.size == 0 || info.data == address_of(array));
        for (size_t d = 0; d < info.ndim; d++) {
            const char *item = formatted("it[1][%zu] == %td", d, info.shape[d]);
            NexusValue is = evaluate_with(item, all);
            CHECK(is.as.boolean);
            item = formatted("it[2][%zu] == %td", d, info.strides[d]);
            is = evaluate_with(item, all);
            CHECK(is.as.boolean || info.size == 0);
        }
        CHECK_NUMBER(info.c_contiguous, slices[i].c);
        CHECK_NUMBER(info.f_contiguous, slices[i].f);
        for (uint32_t order = 0; order < 2; order++) {
            unsigned char copy[8192];
            size_t size;
            CHECK_OK(nexus_buffer_copy_out(buffer, order, copy, sizeof copy, &size, &error));
            NexusValue bytes = evaluate_with(order ? "it[0].tobytes('F')" : "it[0].tobytes('C')", all);
            CHECK(bytes.as.text.size == size && memcmp(bytes.as.text.data, copy, size) == 0);
            nexus_value_clear(&bytes);
        }
        nexus_buffer_free(buffer);
        CLEAR_VALUES(&array, &all);
    }
}

CASE(copy_into_a_slice) {
    open_numpy();
    NexusValue array = with_numpy("np.zeros((4, 6), 'i4')", nexus_value_none());
    NexusValue slice = evaluate_with("it[1:3, ::-2]", array);
    NexusBufferInfo info;
    NexusBuffer *buffer = buffer_of(slice, NEXUS_BUFFER_WRITABLE, &info);
    const int32_t numbers[] = {1, 2, 3, 4, 5, 6};
    CHECK_OK(nexus_buffer_copy_in(buffer, NEXUS_ORDER_C, numbers, sizeof numbers, &error));
    CHECK_NUMPY("it.tolist() == [[0]*6, [0, 3, 0, 2, 0, 1], [0, 6, 0, 5, 0, 4], [0]*6]", array);
    CHECK_OK(nexus_buffer_copy_in(buffer, NEXUS_ORDER_F, numbers, sizeof numbers, &error));
    CHECK_NUMPY("it.tolist() == [[0]*6, [0, 5, 0, 3, 0, 1], [0, 6, 0, 4, 0, 2], [0]*6]", array);
    nexus_buffer_free(buffer);
    CLEAR_VALUES(&slice, &array);
}

CASE(types) {
    open_numpy();
    static const char *const types[][2] = {
        {"bool", "?"},   {"int8", "b"},    {"uint8", "B"},   {"int16", "h"},     {"uint16", "H"},
        {"int32", "i"},  {"uint32", "I"},  {"int64", "l"},   {"uint64", "L"},    {"float16", "e"},
        {"float32", "f"}, {"float64", "d"}, {"complex64", "Zf"}, {"complex128", "Zd"}, {">f8", ">d"},
        {"S5", "5s"},    {"U3", "3w"},     {"longlong", "q"}, {"longdouble", "g"},
        {"i2,f8", "T{h:f0:d:f1:}"},
    };
    for (size_t i = 0; i < COUNT(types); i++) {
        const char *expression = formatted("np.zeros(3, '%s')", types[i][0]);
        NexusValue array = with_numpy(expression, nexus_value_none());
        NexusBufferInfo info;
        NexusBuffer *buffer = buffer_of(array, 0, &info);
        if (strchr(info.format, '{'))
            CHECK_CONTAINS(info.format, "T{");
        else
            CHECK_TEXT(info.format, types[i][1]);
        CHECK(info.size == 3 * info.item_size);
        /* Back into numpy: as the same type. */
        NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = info.data, .size = info.size,
                                    .format = info.format, .item_size = info.item_size};
        NexusMemory *memory = made(&layout, &told);
        NexusValue pair[2] = {array, object_of(memory)};
        NexusValue seen = with_numpy("lambda a, m: (lambda b: bool(b.dtype == a.dtype and"
                                     " b.__array_interface__['data'] == a.__array_interface__['data']))(np.asarray(m))",
                                     nexus_value_none());
        NexusValue same;
        CHECK_OK(nexus_object_call(seen.as.object, pair, 2, &same, &error));
        CHECK(same.kind == NEXUS_KIND_BOOLEAN && same.as.boolean);
        CLEAR_VALUES(&seen, &pair[1]);
        nexus_memory_free(memory);
        nexus_buffer_free(buffer);
        nexus_value_clear(&array);
    }
    CHECK_NUMBER(told.times, (int)(COUNT(types)));
    /* What numpy itself does not put into a buffer. */
    NexusBuffer *buffer = POISON;
    NexusValue array = with_numpy("np.zeros(3, 'M8[s]')", nexus_value_none());
    CHECK_RAISES(nexus_buffer_get(array.as.object, 0, &buffer, NULL, &error), "builtins.ValueError");
    CHECK(buffer == NULL);
    nexus_value_clear(&array);
}

CASE(read_only_array) {
    open_numpy();
    NexusValue array = with_numpy("(lambda a: (a.setflags(write=False), a)[1])(np.arange(4))", nexus_value_none());
    NexusBufferInfo info;
    NexusBuffer *buffer = buffer_of(array, 0, &info);
    CHECK(info.read_only);
    CHECK_REFUSED(nexus_buffer_copy_in(buffer, 0, POISON, info.size, &error), NEXUS_ERR_TYPE);
    nexus_buffer_free(buffer);
    CHECK_ERROR(nexus_buffer_get(array.as.object, NEXUS_BUFFER_WRITABLE, &buffer, &info, &error), NEXUS_ERR_TYPE);
    CHECK_CONTAINS(nexus_error_message(error), "numpy.ndarray");
    CHECK_CONTAINS(nexus_error_message(error), "writable");
    DROP(error);
    NexusValue strided = with_numpy("np.arange(10)[::2]", nexus_value_none());
    CHECK_FAILS(nexus_buffer_get(strided.as.object, NEXUS_BUFFER_C_CONTIGUOUS, &buffer, &info, &error),
                NEXUS_ERR_TYPE, "C-contiguous");
    CLEAR_VALUES(&strided, &array);
}

/* --- The host's memory as arrays ----------------------------------------------------------------- */

CASE(a_million_doubles_of_the_host) {
    open_numpy();
    double *numbers = malloc(8 * MILLION);
    for (int i = 0; i < MILLION; i++) numbers[i] = i;
    NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = numbers, .size = 8 * MILLION, .format = "d"};
    NexusMemory *memory = made(&layout, &told);
    NexusValue object = object_of(memory), array = with_numpy("np.asarray(it)", object);
    CHECK(address_of(array) == numbers);
    CHECK_NUMPY("it.dtype == float and it.shape == (1_000_000,) and it.flags.writeable and not it.flags.owndata", array);
    CHECK_NUMPY("it.sum() == 499999500000.0", array);
    NexusValue none = evaluate_with("it.__setitem__(slice(None), it * 2)", array);
    CHECK(numbers[MILLION - 1] == 2.0 * (MILLION - 1));
    numbers[0] = 5;
    CHECK_NUMPY("it[0] == 5", array);
    CHECK_REFUSED(nexus_memory_revoke(memory, &error), NEXUS_ERR_BUSY);
    /* A slice keeps it, too. */
    NexusValue slice = evaluate_with("it[10:20:3]", array);
    nexus_value_clear(&array);
    CHECK_REFUSED(nexus_memory_revoke(memory, &error), NEXUS_ERR_BUSY);
    nexus_value_clear(&slice);
    CHECK_OK(nexus_memory_revoke(memory, &error));
    CHECK_NUMBER(told.times, 1);
    free(numbers);
    /* numpy does not see it any more, on any way. (It would make an array with the object in it of what has no
     * buffer, if that were all.) */
    const char *const ways[] = {"asarray", "array", "frombuffer", "from_dlpack"};
    NexusObject *numpy = import("numpy");
    for (size_t i = 0; i < COUNT(ways); i++) {
        NexusValue out;
        CHECK_RAISES_SAYING(nexus_object_call_method(numpy, ways[i], &object, 1, &out, &error),
                            "builtins.BufferError", "the host has revoked this memory");
    }
    nexus_object_free(numpy);
    nexus_value_clear(&object);
    nexus_memory_free(memory);
    nexus_value_clear(&none);
}

CASE(strided_memory) {
    open_numpy();
    int32_t numbers[24];
    for (int i = 0; i < 24; i++) numbers[i] = i;
    const ptrdiff_t shape[] = {3, 2}, strides[] = {-24, 8};
    NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = numbers + 12, .format = "i", .ndim = 2,
                                .shape = shape, .strides = strides, .flags = NEXUS_MEMORY_READ_ONLY};
    NexusMemory *memory = made(&layout, &told);
    NexusValue object = object_of(memory);
    for (int how = 0; how < 3; how++) {
        NexusValue array = with_numpy(how == 0   ? "np.asarray(it)"
                                      : how == 1 ? "np.from_dlpack(it)"
                                                 : "np.asarray(memoryview(it))",
                                      object);
        CHECK(address_of(array) == numbers + 12);
        CHECK_NUMPY("it.tolist() == [[12, 14], [6, 8], [0, 2]] and it.strides == (-24, 8)", array);
        CHECK_NUMPY("not it.flags.writeable", array);
        nexus_value_clear(&array);
    }
    nexus_value_clear(&object);
    nexus_memory_free(memory);
    CHECK_NUMBER(told.times, 1);
}

/* --- DLPack -------------------------------------------------------------------------------------- */

CASE(tensors_to_the_host) {
    open_numpy();
    static const struct {
        const char *expression;
        int64_t shape[2], strides[2];
        size_t ndim;
        uint8_t code, bits;
        bool read_only;
    } all[] = {
        {"np.arange(1_000_000, dtype=float)", {MILLION}, {1}, 1, 2, 64, false},
        {"np.arange(24, dtype='i2').reshape(4, 6)[::2, ::-3]", {2, 2}, {12, -3}, 2, 0, 16, false},
        {"np.zeros((2, 3), 'c8').T", {3, 2}, {1, 3}, 2, 5, 64, false},
        {"np.zeros(4, bool)", {4}, {1}, 1, 6, 8, false},
        {"(lambda a: (a.setflags(write=False), a)[1])(np.arange(4, dtype='u4'))", {4}, {1}, 1, 1, 32, true},
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        NexusTensorInfo info = {.struct_size = sizeof info};
        NexusTensor *tensor;
        NexusValue array = with_numpy(all[i].expression, nexus_value_none());
        void *address = address_of(array);
        CHECK_OK(nexus_tensor_get(array.as.object, 0, &tensor, &info, &error));
        nexus_value_clear(&array);
        CHECK(info.data == address && info.version_major == 1 && info.device_type == 1 && info.type_lanes == 1);
        CHECK(info.type_code == all[i].code && info.type_bits == all[i].bits && info.ndim == all[i].ndim);
        CHECK_NUMBER(info.read_only, all[i].read_only);
        for (size_t d = 0; d < info.ndim; d++)
            CHECK(info.shape[d] == all[i].shape[d] && info.strides[d] == all[i].strides[d]);
        if (i == 0) CHECK(((double *)info.data)[MILLION - 1] == MILLION - 1);
        if (i % 2 == 0) {
            nexus_tensor_free(tensor);
            continue;
        }
        /* numpy takes the GIL by itself to delete one. */
        void *managed;
        CHECK_OK(nexus_tensor_take(tensor, &managed, &error));
        ((DLManagedTensorVersioned *)managed)->deleter(managed);
    }
    NexusTensor *tensor = POISON;
    NexusValue array = with_numpy("np.zeros(3, '>f8')", nexus_value_none());
    CHECK_RAISES(nexus_tensor_get(array.as.object, 0, &tensor, NULL, &error), "builtins.BufferError");
    CHECK(tensor == NULL);
    nexus_value_clear(&array);
}

CASE(tensors_of_the_host) {
    open_numpy();
    double *numbers = malloc(8 * MILLION);
    for (int i = 0; i < MILLION; i++) numbers[i] = i;
    const ptrdiff_t shape[] = {1000, 1000};
    for (uint32_t flags = 0; flags < 2; flags++) {
        NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = numbers, .format = "d", .ndim = 2,
                                    .shape = shape, .flags = flags};
        NexusMemory *memory = made(&layout, &told);
        NexusValue object = object_of(memory), array = with_numpy("np.from_dlpack(it)", object);
        NexusValue copy = with_numpy("np.from_dlpack(it, copy=True)", object);
        NexusValue on_device = with_numpy("np.from_dlpack(it, device='cpu', copy=False)", object);
        CHECK(address_of(array) == numbers && address_of(on_device) == numbers && address_of(copy) != numbers);
        CHECK_NUMPY("it.shape == (1000, 1000) and it.sum() == 499999500000.0", array);
        CHECK_NUMPY("it.shape == (1000, 1000) and it.sum() == 499999500000.0 and it.flags.writeable", copy);
        if (flags & NEXUS_MEMORY_READ_ONLY)
            CHECK_NUMPY("not it.flags.writeable", array);
        else
            CHECK_NUMPY("it.flags.writeable", array);
        CHECK_REFUSED(nexus_memory_revoke(memory, &error), NEXUS_ERR_BUSY);
        CLEAR_VALUES(&array, &on_device);
        CHECK_OK(nexus_memory_revoke(memory, &error));
        CHECK_NUMBER(told.times, (int)flags + 1);
        CLEAR_VALUES(&copy, &object);
        nexus_memory_free(memory);
    }
    free(numbers);
}

static int deleted;

static void delete(DLManagedTensorVersioned *self) {
    (void)self;
    deleted++;
}

CASE(tensor_of_the_hosts_own_making) {
    open_numpy();
    float numbers[6] = {0, 1, 2, 3, 4, 5};
    int64_t shape[] = {3, 2}, strides[] = {1, 3};
    DLManagedTensorVersioned managed = {
        .version = {1, 0}, .deleter = delete, .dl_tensor = {numbers, {1, 0}, 2, {2, 32, 1}, shape, strides, 0}};
    NexusObject *object;
    CHECK_OK(nexus_tensor_export(&managed, 1, &object, &error));
    NexusValue array = with_numpy("np.from_dlpack(it)", nexus_value_object(object));
    nexus_object_free(object);
    CHECK(address_of(array) == numbers);
    CHECK_NUMPY("it.tolist() == [[0, 3], [1, 4], [2, 5]] and it.flags.writeable", array);
    CHECK_NUMBER(deleted, 0);
    nexus_value_clear(&array);
    CHECK_NUMBER(deleted, 1);
}
