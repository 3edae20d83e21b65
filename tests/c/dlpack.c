/* Tensors, both ways. */
/* A host may have DLPack's own header, before ours or after. */
#include "../fixtures/tensor_structs.h"

#include "growth.h"
#include "memory_check.h"

static NexusObject *tensors;

static void open_tensors(void) {
    tensors = module_of("tensors");
}

static NexusObject *producer(const char *sort) {
    NexusValue object = call1(tensors, "Producer", text_value(sort));
    CHECK_NUMBER(object.kind, NEXUS_KIND_OBJECT);
    return object.as.object;
}

static NexusTensorInfo poisoned_info(void) {
    NexusTensorInfo info;
    memset(&info, 0xa5, sizeof info);
    info.struct_size = sizeof info;
    return info;
}

static NexusTensor *tensor_of(const NexusObject *object, uint32_t flags, NexusTensorInfo *info) {
    NexusTensor *tensor = POISON;
    *info = poisoned_info();
    CHECK_OK(nexus_tensor_get(object, flags, &tensor, info, &error));
    CHECK(tensor != NULL && tensor != POISON);
    return tensor;
}

static void check_cleared(const NexusTensorInfo *info) {
    NexusTensorInfo zero;
    memset(&zero, 0, sizeof zero);
    zero.struct_size = sizeof zero;
    CHECK(memcmp(&zero, info, offsetof(NexusTensorInfo, c_contiguous) + 1) == 0);
}

#define REFUSED(object, flags, expected)                                               \
    do {                                                                               \
        NexusTensorInfo check_info = poisoned_info();                                  \
        NexusTensor *check_tensor = POISON;                                            \
        CHECK_ERROR(nexus_tensor_get(object, flags, &check_tensor, &check_info, &error), expected); \
        CHECK(check_tensor == NULL);                                                   \
        check_cleared(&check_info);                                                    \
    } while (0)

static void check_nothing_held(void) {
    CHECK_NUMBER(integer_of(call0(tensors, "count_alive")), 0);
    CHECK_NUMBER(integer_of(call0(tensors, "count_deleted_without_gil")), 0);
}

/* --- In ------------------------------------------------------------------------------------------ */

CASE(every_sort) {
    open_tensors();
    static const struct {
        const char *sort;
        uint32_t flags, major;
        size_t size, ndim, offset;
        int64_t shape[3], strides[3];
        uint8_t code, bits;
        uint16_t lanes;
        bool read_only, copied, contiguous;
    } all[] = {
        {"versioned", 0, 1, 24, 2, 0, {2, 3}, {6, 2}, 2, 32, 1, false, false, false},
        {"legacy", 0, 0, 24, 2, 0, {2, 3}, {3, 1}, 2, 32, 1, false, false, true},
        {"read_only", 0, 1, 40, 1, 0, {5}, {1}, 0, 64, 1, true, false, true},
        {"copied", 0, 1, 40, 1, 0, {5}, {1}, 0, 64, 1, false, true, true},
        {"no_strides", 0, 1, 24, 3, 0, {2, 3, 4}, {12, 4, 1}, 1, 8, 1, false, false, true},
        {"offset", 0, 1, 16, 1, 12, {4}, {-1}, 0, 32, 1, false, false, false},
        {"scalar", 0, 1, 8, 0, 0, {0}, {0}, 2, 64, 1, false, false, true},
        {"half_bytes", 0, 1, 3, 1, 0, {5}, {1}, 17, 4, 1, false, false, true},
        {"padded", 0, 1, 5, 1, 0, {5}, {1}, 17, 4, 1, false, false, true},
        {"vectors", 0, 1, 80, 1, 0, {5}, {1}, 2, 32, 4, false, false, true},
        {"pinned", 0, 1, 20, 1, 0, {5}, {1}, 2, 32, 1, false, false, true},
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        fprintf(stderr, "%s\n", all[i].sort);
        NexusTensorInfo info, again = poisoned_info();
        NexusObject *object = producer(all[i].sort);
        NexusTensor *tensor = tensor_of(object, all[i].flags, &info);
        nexus_object_free(object);
        CHECK_NUMBER(integer_of(call0(tensors, "count_alive")), 1);
        CHECK_NUMBER(info.version_major, all[i].major);
        CHECK_NUMBER(info.size, all[i].size);
        CHECK_NUMBER(info.ndim, all[i].ndim);
        CHECK_NUMBER(info.type_code, all[i].code);
        CHECK_NUMBER(info.type_bits, all[i].bits);
        CHECK_NUMBER(info.type_lanes, all[i].lanes);
        CHECK_NUMBER(info.read_only, all[i].read_only);
        CHECK_NUMBER(info.copied, all[i].copied);
        CHECK_NUMBER(info.c_contiguous, all[i].contiguous);
        for (size_t d = 0; d < info.ndim; d++) {
            CHECK_NUMBER(info.shape[d], all[i].shape[d]);
            CHECK_NUMBER(info.strides[d], all[i].strides[d]);
        }
        CHECK_NUMBER(((unsigned char *)info.data)[0], all[i].offset);
        /* The struct itself. */
        DLTensor *inside = info.version_major ? &((DLManagedTensorVersioned *)info.managed)->dl_tensor
                                              : &((DLManagedTensor *)info.managed)->dl_tensor;
        CHECK((char *)inside->data + inside->byte_offset == info.data);
        CHECK_NUMBER(inside->device.device_type, info.device_type);
        CHECK_OK(nexus_tensor_info(tensor, &again, &error));
        CHECK(memcmp(&info, &again, offsetof(NexusTensorInfo, c_contiguous) + 1) == 0);
        nexus_tensor_free(tensor);
        nexus_tensor_free(tensor);
        check_nothing_held();
    }
}

CASE(empty_and_without_deleter) {
    open_tensors();
    NexusTensorInfo info;
    NexusObject *object = producer("empty");
    NexusTensor *tensor = tensor_of(object, 0, &info);
    CHECK(info.size == 0 && info.data == NULL && info.ndim == 2 && info.c_contiguous);
    nexus_tensor_free(tensor);
    nexus_object_free(object);
    check_nothing_held();
    object = producer("no_deleter");
    tensor = tensor_of(object, 0, &info);
    nexus_tensor_free(tensor);
    nexus_object_free(object);
    CHECK_NUMBER(integer_of(call0(tensors, "count_alive")), 1);
}

CASE(devices) {
    open_tensors();
    NexusTensorInfo info;
    NexusObject *object = producer("on_device");
    REFUSED(object, 0, NEXUS_ERR_TYPE);
    CHECK_CONTAINS(nexus_error_message(error), "device of type 2");
    DROP(error);
    check_nothing_held();
    NexusTensor *tensor = tensor_of(object, NEXUS_TENSOR_ANY_DEVICE, &info);
    CHECK(info.device_type == 2 && info.device_id == 1);
    /* What the processor cannot read is not calculated with. */
    CHECK(info.data == ((DLManagedTensorVersioned *)info.managed)->dl_tensor.data);
    nexus_tensor_free(tensor);
    nexus_object_free(object);
    object = producer("opaque");
    tensor = tensor_of(object, NEXUS_TENSOR_ANY_DEVICE, &info);
    CHECK(info.device_type == 4 && info.data == NULL && info.size == 20);
    nexus_tensor_free(tensor);
    nexus_object_free(object);
    check_nothing_held();
}

CASE(refused) {
    open_tensors();
    static const struct {
        const char *sort;
        NexusStatus status;
        const char *why;
    } all[] = {
        {"future", NEXUS_ERR_TYPE, "version 2.0"},
        {"many_dimensions", NEXUS_ERR_TYPE, "65 dimensions"},
        {"negative_dimensions", NEXUS_ERR_TYPE, "-1 dimensions"},
        {"negative_shape", NEXUS_ERR_TYPE, "negative"},
        {"huge", NEXUS_ERR_TYPE, "more than memory"},
        {"no_shape", NEXUS_ERR_TYPE, "no shape"},
        {"no_data", NEXUS_ERR_TYPE, "at NULL"},
        {"wrong_name", NEXUS_ERR_TYPE, "did not give a DLPack capsule"},
        {"no_capsule", NEXUS_ERR_TYPE, "did not give a DLPack capsule"},
        {"raises", NEXUS_ERR_EXCEPTION, "cannot be exported"},
        {"raises_type_error", NEXUS_ERR_EXCEPTION, "no max_version"},
        {"raises_attribute_error", NEXUS_ERR_EXCEPTION, "inside of it"},
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        NexusObject *object = producer(all[i].sort);
        REFUSED(object, 0, all[i].status);
        CHECK_CONTAINS(nexus_error_message(error), all[i].why);
        DROP(error);
        nexus_object_free(object);
        check_nothing_held();
    }
    NexusValue none = evaluate("[1, 2]");
    REFUSED(none.as.object, 0, NEXUS_ERR_TYPE);
    CHECK_CONTAINS(nexus_error_message(error), "builtins.list object has no __dlpack__");
    DROP(error);
    nexus_value_clear(&none);
    NexusObject *object = producer("versioned");
    REFUSED(object, 1u << 9, NEXUS_ERR_INVALID_ARGUMENT);
    DROP(error);
    nexus_object_free(object);
}

/* The struct goes to the host, who deletes it. */
CASE(taken) {
    open_tensors();
    const char *const sorts[] = {"versioned", "legacy"};
    for (int i = 0; i < 2; i++) {
        NexusTensorInfo info;
        NexusObject *object = producer(sorts[i]);
        NexusTensor *tensor = tensor_of(object, 0, &info);
        nexus_object_free(object);
        void *managed = POISON;
        CHECK_OK(nexus_tensor_take(tensor, &managed, &error));
        CHECK(managed == info.managed);
        NexusTensorInfo gone = poisoned_info();
        CHECK_REFUSED(nexus_tensor_info(tensor, &gone, &error), NEXUS_ERR_BAD_HANDLE);
        nexus_tensor_free(tensor);
        void *again = POISON;
        CHECK_REFUSED(nexus_tensor_take(tensor, &again, &error), NEXUS_ERR_BAD_HANDLE);
        CHECK(again == NULL);
        CHECK_NUMBER(integer_of(call0(tensors, "count_alive")), 1);
        CHECK_OK(nexus_python_attach(&error));
        if (info.version_major)
            ((DLManagedTensorVersioned *)managed)->deleter(managed);
        else
            ((DLManagedTensor *)managed)->deleter(managed);
        CHECK_OK(nexus_python_detach(&error));
        check_nothing_held();
    }
}

static void *frees(void *tensor) {
    nexus_tensor_free(tensor);
    return NULL;
}

static void *takes(void *tensor) {
    void *managed = NULL;
    if (nexus_tensor_take(tensor, &managed, NULL) == NEXUS_OK) {
        CHECK_STATUS(nexus_python_attach(NULL), NEXUS_OK);
        ((DLManagedTensorVersioned *)managed)->deleter(managed);
        CHECK_STATUS(nexus_python_detach(NULL), NEXUS_OK);
    }
    return NULL;
}

static void *asks(void *tensor) {
    NexusTensorInfo info = {.struct_size = sizeof info};
    while (nexus_tensor_info(tensor, &info, NULL) == NEXUS_OK) CHECK_NUMBER(info.size, 24);
    return NULL;
}

/* One of them gets it. */
CASE(freed_taken_and_asked_at_once) {
    open_tensors();
    for (int i = 0; i < 100; i++) {
        NexusTensorInfo info;
        NexusObject *object = producer("versioned");
        NexusTensor *tensor = tensor_of(object, 0, &info);
        nexus_object_free(object);
        void *(*const all[])(void *) = {asks, frees, takes, takes};
        pthread_t threads[4];
        for (int t = 0; t < 4; t++) CHECK(pthread_create(&threads[t], NULL, all[t], tensor) == 0);
        for (int t = 0; t < 4; t++) CHECK(pthread_join(threads[t], NULL) == 0);
        check_nothing_held();
    }
}

/* --- Out: memory --------------------------------------------------------------------------------- */

/* Evaluates an expression with `take` and `it`. */
static NexusValue with_take(const char *expression, NexusValue it) {
    const char *source = formatted("(lambda t, it: %s)(*it)", expression);
    NexusObject *builtins = import("builtins");
    NexusValue take, list = call0(builtins, "list"), none;
    CHECK_OK(nexus_object_attr(tensors, "take", &take, &error));
    none = call1(list.as.object, "append", take);
    none = call1(list.as.object, "append", it);
    NexusValue result = evaluate_with(source, list);
    CLEAR_VALUES(&none, &take, &list);
    nexus_object_free(builtins);
    return result;
}

CASE(memory_as_tensor) {
    open_tensors();
    double numbers[24] = {0};
    static const struct {
        const char *format;
        size_t item_size;
        int ndim;
        ptrdiff_t shape[2], strides[2];
        uint32_t flags;
        const char *arguments, *expected;
    } all[] = {
        {"d", 0, 2, {2, 3}, {24, 8}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (2, 64, 1), (2, 3), (3, 1))"},
        {"d", 0, 2, {2, 3}, {24, 8}, 0, "", "(0, 0, A, (1, 0), (2, 64, 1), (2, 3), (3, 1))"},
        {"d", 0, 2, {2, 3}, {24, 8}, 0, "max_version=(0, 8)", "(0, 0, A, (1, 0), (2, 64, 1), (2, 3), (3, 1))"},
        {"d", 0, 2, {2, 3}, {24, 8}, 0, "max_version=(7, 0), dl_device=(1, 0), copy=False, stream=None",
         "(1, 0, A, (1, 0), (2, 64, 1), (2, 3), (3, 1))"},
        {"f", 0, 2, {3, 2}, {4, 12}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (2, 32, 1), (3, 2), (1, 3))"},
        {"f", 0, 1, {3}, {0}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (2, 32, 1), (3,), (0,))"},
        {"e", 0, 1, {3}, {2}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (2, 16, 1), (3,), (1,))"},
        {"?", 0, 1, {3}, {1}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (6, 8, 1), (3,), (1,))"},
        {"b", 0, 1, {3}, {1}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (0, 8, 1), (3,), (1,))"},
        {NULL, 0, 1, {3}, {1}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (1, 8, 1), (3,), (1,))"},
        {"<H", 0, 1, {3}, {2}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (1, 16, 1), (3,), (1,))"},
        {"=l", 0, 1, {3}, {4}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (0, 32, 1), (3,), (1,))"},
#ifdef _WIN32
        /* There a long has 32 bits. */
        {"q", 0, 1, {3}, {8}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (0, 64, 1), (3,), (1,))"},
#else
        {"l", 0, 1, {3}, {8}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (0, 64, 1), (3,), (1,))"},
#endif
        {"N", 0, 1, {3}, {8}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (1, 64, 1), (3,), (1,))"},
        {"Zf", 0, 1, {3}, {8}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (5, 64, 1), (3,), (1,))"},
        {"Zd", 16, 1, {3}, {16}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (5, 128, 1), (3,), (1,))"},
        {"d", 0, 0, {0}, {0}, 0, "max_version=(1, 0)", "(1, 0, A, (1, 0), (2, 64, 1), (), ())"},
        {"d", 0, 1, {3}, {8}, NEXUS_MEMORY_READ_ONLY, "max_version=(1, 0)",
         "(1, 1, A, (1, 0), (2, 64, 1), (3,), (1,))"},
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        Told told = {0};
        NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = numbers, .format = all[i].format,
                                    .item_size = all[i].item_size, .ndim = (size_t)all[i].ndim,
                                    .shape = all[i].shape, .strides = all[i].strides, .flags = all[i].flags};
        NexusMemory *memory = made(&layout, &told);
        NexusValue object = object_of(memory);
        char expression[512], expected[512];
        const char *a = strchr(all[i].expected, 'A');
        snprintf(expected, sizeof expected, "%.*s%lld%s", (int)(a - all[i].expected), all[i].expected,
                 (long long)(intptr_t)numbers, a + 1);
        snprintf(expression, sizeof expression, "str(t(it.__dlpack__(%s)))", all[i].arguments);
        char seen[512];
        CHECK_TEXT(text_of(with_take(expression, object), seen, sizeof seen), expected);
        CHECK_WITH("it.__dlpack_device__() == (1, 0)", object);
        /* It is a view like any other. */
        CHECK_REFUSED(nexus_memory_revoke(memory, &error), NEXUS_ERR_BUSY);
        nexus_value_clear(&object);
        if (i % 2) {
            nexus_memory_free(memory);
            CHECK_NUMBER(told.times, 0);
        }
        discard(call0(tensors, "let_go"));
        if (!(i % 2)) {
            CHECK_NUMBER(told.times, 0);
            CHECK_OK(nexus_memory_revoke(memory, &error));
            nexus_memory_free(memory);
        }
        CHECK_NUMBER(told.times, 1);
    }
}

CASE(memory_that_is_no_tensor) {
    open_tensors();
    char data[64] = {0};
    static const struct {
        const char *format;
        size_t item_size;
        ptrdiff_t stride;
        uint32_t flags;
        const char *arguments, *why;
    } all[] = {
        {">d", 0, 8, 0, "max_version=(1, 0)", "BufferError: DLPack has no type"},
        {"c", 0, 1, 0, "max_version=(1, 0)", "BufferError: DLPack has no type"},
        {"T{b:x:b:y:}", 2, 2, 0, "max_version=(1, 0)", "BufferError: DLPack has no type"},
        {"hi", 0, 8, 0, "max_version=(1, 0)", "BufferError: DLPack has no type"},
        {"h", 0, 3, 0, "max_version=(1, 0)", "BufferError: DLPack has no strides"},
        {"h", 0, 2, NEXUS_MEMORY_READ_ONLY, "", "BufferError: the memory is read-only"},
        {"h", 0, 2, 0, "dl_device=(2, 0)", "BufferError: the memory is on device (1, 0), not on (2, 0)"},
        {"h", 0, 2, 0, "stream=1", "BufferError: the processor"},
        {"h", 0, 2, 0, "max_version=1", "TypeError: "},
        {"h", 0, 2, 0, "nonsense=1", "TypeError: "},
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        Told told = {0};
        const ptrdiff_t shape[] = {3};
        NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = data, .format = all[i].format,
                                    .item_size = all[i].item_size, .ndim = 1, .shape = shape,
                                    .strides = &all[i].stride, .flags = all[i].flags};
        NexusMemory *memory = made(&layout, &told);
        NexusValue object = object_of(memory);
        const char *statement = formatted("it.__dlpack__(%s)", all[i].arguments);
        CHECK_CONTAINS(raised(statement, object), all[i].why);
        CHECK_OK(nexus_memory_revoke(memory, &error));
        CHECK_CONTAINS(raised("it.__dlpack__(max_version=(1, 0))", object),
                       strcmp(all[i].format, "h") == 0 && all[i].stride == 2 ? "BufferError: the host has revoked"
                                                                           : "BufferError: DLPack");
        nexus_value_clear(&object);
        nexus_memory_free(memory);
        CHECK_NUMBER(told.times, 1);
    }
}

/* copy=True gives memory of its own; the host's is not held. */
CASE(memory_copied) {
    open_tensors();
    float numbers[12];
    for (int i = 0; i < 12; i++) numbers[i] = (float)i;
    Told told = {0};
    const ptrdiff_t shape[] = {2, 3}, strides[] = {-24, 8};
    NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = numbers + 6, .format = "f", .ndim = 2,
                                .shape = shape, .strides = strides, .flags = NEXUS_MEMORY_READ_ONLY};
    NexusMemory *memory = made(&layout, &told);
    NexusValue object = object_of(memory);
    for (int versioned = 0; versioned < 2; versioned++) {
        NexusValue seen = with_take(versioned ? "t(it.__dlpack__(copy=True, max_version=(1, 0)))"
                                              : "t(it.__dlpack__(copy=True))",
                                    object);
        const char *expected = formatted("it[:2] == (%d, %d) and it[3:] == ((1, 0), (2, 32, 1), (2, 3), (3, 1))",
                                         versioned, versioned ? 2 : 0);
        CHECK_WITH(expected, seen);
        NexusValue address = evaluate_with("it[2]", seen);
        const float *copy = (float *)(uintptr_t)address.as.integer;
        const float wanted[] = {6, 8, 10, 0, 2, 4};
        CHECK(memcmp(copy, wanted, sizeof wanted) == 0);
        numbers[6] = 77;
        CHECK(copy[0] == 6);
        numbers[6] = 6;
        nexus_value_clear(&seen);
        discard(call0(tensors, "let_go"));
    }
    CHECK_OK(nexus_memory_revoke(memory, &error));
    CHECK_NUMBER(told.times, 1);
    nexus_value_clear(&object);
    nexus_memory_free(memory);
}

/* A capsule that nobody takes gives its tensor back. */
CASE(unused_capsules) {
    double numbers[4] = {0};
    Told told = {0};
    NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = numbers, .format = "d", .size = sizeof numbers};
    NexusMemory *memory = made(&layout, &told);
    NexusValue object = object_of(memory);
    NexusValue capsule = evaluate_with("[it.__dlpack__(), it.__dlpack__(max_version=(1, 0)),"
                                       " it.__dlpack__(copy=True)]", object);
    CHECK_FAILS(nexus_memory_revoke(memory, &error), NEXUS_ERR_BUSY, "(2)");
    nexus_value_clear(&capsule);
    CHECK_OK(nexus_memory_revoke(memory, &error));
    nexus_value_clear(&object);
    nexus_memory_free(memory);
    CHECK_NUMBER(told.times, 1);
}

/* --- Out: the host's own tensors ----------------------------------------------------------------- */

static int deleted, deleted_on_another_thread;
static pthread_t main_thread;

static void host_deleted(void) {
    deleted++;
    if (!pthread_equal(main_thread, pthread_self())) deleted_on_another_thread++;
    /* The GIL is free. */
    on_threads(1, calls_python, NULL);
}

static void delete_versioned(DLManagedTensorVersioned *self) {
    CHECK(self->manager_ctx == &deleted);
    host_deleted();
}

static void delete_legacy(DLManagedTensor *self) {
    CHECK(self->manager_ctx == &deleted);
    host_deleted();
}

static int64_t host_shape[] = {2, 3}, host_strides[] = {6, 2};
static int32_t host_numbers[16];

static DLManagedTensorVersioned host_versioned(void) {
    main_thread = pthread_self();
    for (int i = 0; i < 16; i++) host_numbers[i] = i;
    return (DLManagedTensorVersioned){
        .version = {1, 0},
        .manager_ctx = &deleted,
        .deleter = delete_versioned,
        .dl_tensor = {host_numbers, {1, 0}, 2, {0, 32, 1}, host_shape, host_strides, 4},
    };
}

static NexusValue exported(void *managed, uint32_t major) {
    NexusObject *object = POISON;
    CHECK_OK(nexus_tensor_export(managed, major, &object, &error));
    CHECK(object != NULL && object != POISON);
    return nexus_value_object(object);
}

CASE(host_tensor) {
    open_tensors();
    for (int legacy = 0; legacy < 2; legacy++) {
        deleted = 0;
        DLManagedTensorVersioned versioned = host_versioned();
        DLManagedTensor old = {versioned.dl_tensor, &deleted, delete_legacy};
        NexusValue object = exported(legacy ? (void *)&old : &versioned, legacy ? 0 : 1);
        CHECK_WITH("it.__dlpack_device__() == (1, 0) and type(it).__name__ == 'Tensor'", object);
        /* As often as it is asked, in whichever version. */
        for (int major = 0; major < 2; major++) {
            NexusValue seen = with_take(major ? "t(it.__dlpack__(max_version=(1, 1), stream=7))" : "t(it.__dlpack__())",
                                        object);
            const char *expected = formatted("it == (%d, 0, %lld, (1, 0), (0, 32, 1), (2, 3), (6, 2))", major,
                                             (long long)(intptr_t)(host_numbers + 1));
            CHECK_WITH(expected, seen);
            nexus_value_clear(&seen);
            if (major) nexus_value_clear(&object);
            CHECK_NUMBER(deleted, 0);
            discard(call0(tensors, "let_go"));
        }
        CHECK_NUMBER(deleted, 1);
    }
}

CASE(host_tensor_back_to_the_host) {
    open_tensors();
    DLManagedTensorVersioned versioned = host_versioned();
    versioned.flags = 1 | 2;
    NexusValue object = exported(&versioned, 1);
    NexusTensorInfo info;
    NexusTensor *tensor = tensor_of(object.as.object, 0, &info);
    CHECK(info.data == host_numbers + 1 && info.read_only && !info.copied && info.size == 24);
    CHECK_CONTAINS(raised("it.__dlpack__()", object), "BufferError: the memory is read-only");
    NexusValue seen = with_take("t(it.__dlpack__(copy=True))", object);
    CHECK_WITH("it[:2] == (0, 0) and it[5:] == ((2, 3), (3, 1))", seen);
    NexusValue address = evaluate_with("it[2]", seen);
    const int32_t wanted[] = {1, 3, 5, 7, 9, 11};
    CHECK(memcmp((void *)(uintptr_t)address.as.integer, wanted, sizeof wanted) == 0);
    CLEAR_VALUES(&seen, &object);
    CHECK_NUMBER(deleted, 0);
    nexus_tensor_free(tensor);
    CHECK_NUMBER(deleted, 1);
    discard(call0(tensors, "let_go"));
    CHECK_NUMBER(deleted, 1);
}

CASE(host_tensor_on_a_device) {
    open_tensors();
    DLManagedTensorVersioned versioned = host_versioned();
    versioned.dl_tensor.device = (DLDevice){2, 3};
    versioned.dl_tensor.data = (void *)0x100;
    NexusValue object = exported(&versioned, 1);
    CHECK_WITH("it.__dlpack_device__() == (2, 3)", object);
    CHECK_CONTAINS(raised("it.__dlpack__(dl_device=(1, 0), max_version=(1, 0))", object), "BufferError: ");
    CHECK_CONTAINS(raised("it.__dlpack__(copy=True, max_version=(1, 0))", object), "BufferError: ");
    NexusValue seen = with_take("t(it.__dlpack__(max_version=(1, 0), dl_device=(2, 3)))", object);
    CHECK_WITH("it[2] == 0x104 and it[3] == (2, 3)", seen);
    CLEAR_VALUES(&seen, &object);
    discard(call0(tensors, "let_go"));
    CHECK_NUMBER(deleted, 1);
}

CASE(host_tensor_refused) {
    CHECK_OK(nexus_python_start(NULL, &error));
    for (int i = 0; i < 6; i++) {
        DLManagedTensorVersioned versioned = host_versioned();
        int64_t negative[] = {2, -3};
        uint32_t major = 1;
        switch (i) {
        case 0: versioned.version.major = 2; break;
        case 1: versioned.dl_tensor.ndim = 65; break;
        case 2: versioned.dl_tensor.shape = NULL; break;
        case 3: versioned.dl_tensor.shape = negative; break;
        case 4: versioned.dl_tensor.data = NULL; break;
        default: major = 2;
        }
        NexusObject *object = POISON;
        CHECK_REFUSED(nexus_tensor_export(&versioned, major, &object, &error), NEXUS_ERR_INVALID_ARGUMENT);
        CHECK(object == NULL);
        CHECK_NUMBER(deleted, 0);
    }
    NexusObject *object = POISON;
    CHECK_REFUSED(nexus_tensor_export(NULL, 1, &object, &error), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK(object == NULL);
    DLManagedTensorVersioned versioned = host_versioned();
    CHECK_REFUSED(nexus_tensor_export(&versioned, 1, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK_NUMBER(deleted, 0);
    /* Without a deleter. */
    versioned.deleter = NULL;
    NexusValue fine = exported(&versioned, 1);
    nexus_value_clear(&fine);
}

CASE(host_tensor_deleted_by_python) {
    open_tensors();
    DLManagedTensorVersioned versioned = host_versioned();
    NexusValue object = exported(&versioned, 1), list = evaluate("[]");
    NexusValue none = call1(list.as.object, "append", object);
    nexus_value_clear(&object);
    none = evaluate_with("[(t.start(), t.join()) for t in [__import__('threading').Thread(target=it.clear)]][0][0]", list);
    CHECK(deleted == 1 && deleted_on_another_thread == 1);
    CLEAR_VALUES(&none, &list);
}

static NexusValue much_used;

static void gets_one(void) {
    NexusTensorInfo info;
    nexus_tensor_free(tensor_of(much_used.as.object, 0, &info));
}

CASE(hundred_thousand_times) {
    open_tensors();
    double numbers[4] = {0};
    Told told = {0};
    NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = numbers, .format = "d", .size = sizeof numbers};
    NexusMemory *memory = made(&layout, &told);
    much_used = object_of(memory);
    does_not_grow("tensors", gets_one, 100000);
    CHECK_OK(nexus_memory_revoke(memory, &error));
    nexus_value_clear(&much_used);
    nexus_memory_free(memory);
}

/* --- Misuse -------------------------------------------------------------------------------------- */

static void bad_tensor(void *handle, NexusStatus expected) {
    NexusTensorInfo info = poisoned_info();
    CHECK_ERROR(nexus_tensor_info(handle, &info, &error), expected);
    check_cleared(&info);
    DROP(error);
    void *managed = POISON;
    CHECK_REFUSED(nexus_tensor_take(handle, &managed, &error), expected);
    CHECK(managed == NULL);
    nexus_tensor_free(handle);
}

static void bad_object(void *handle, NexusStatus expected) {
    REFUSED(handle, 0, expected);
    DROP(error);
}

CASE(before_the_start) {
    void *handles[] = {NULL, (void *)1, POISON};
    for (size_t i = 0; i < COUNT(handles); i++) {
        bad_tensor(handles[i], NEXUS_ERR_NOT_STARTED);
        bad_object(handles[i], NEXUS_ERR_NOT_STARTED);
    }
}

CASE(bad_handles) {
    open_tensors();
    NexusTensorInfo info;
    NexusObject *object = producer("versioned");
    NexusTensor *living = tensor_of(object, 0, &info), *freed = tensor_of(object, 0, &info);
    nexus_tensor_free(freed);
    void *handles[] = {NULL, freed, object, &info, POISON, (void *)1};
    for (size_t i = 0; i < COUNT(handles); i++) bad_tensor(handles[i], NEXUS_ERR_BAD_HANDLE);
    for (int bit = 0; bit < 64; bit++)
        bad_tensor((void *)((uintptr_t)living ^ (uintptr_t)1 << bit), NEXUS_ERR_BAD_HANDLE);
    bad_object(NULL, NEXUS_ERR_BAD_HANDLE);
    bad_object(living, NEXUS_ERR_BAD_HANDLE);
    CHECK_REFUSED(nexus_tensor_get(object, 0, NULL, &info, &error), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK_REFUSED(nexus_tensor_take(living, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT);
    info.struct_size = 0;
    NexusTensor *tensor = POISON;
    CHECK_REFUSED(nexus_tensor_get(object, 0, &tensor, &info, &error), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK(tensor == NULL);
    CHECK_OK(nexus_tensor_get(object, 0, &tensor, NULL, &error));
    nexus_tensor_free(tensor);
    info = poisoned_info();
    CHECK_OK(nexus_tensor_info(living, &info, &error));
    nexus_tensor_free(living);
    nexus_object_free(object);
    check_nothing_held();
}
