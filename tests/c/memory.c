/* Memory of the host, seen by Python. */
#include "growth.h"
#include "memory_check.h"

#include <sys/mman.h>

static NexusMemory *bytes_memory(void *data, size_t size, uint32_t flags, Told *told) {
    NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = data, .size = size, .flags = flags};
    return made(&layout, told);
}

static NexusValue view_of(const NexusMemory *memory) {
    NexusObject *view = POISON;
    CHECK_OK(nexus_memory_view(memory, &view, &error));
    CHECK(view != NULL && view != POISON);
    return nexus_value_object(view);
}

/* --- Contents ------------------------------------------------------------------------------------ */

CASE(python_reads_and_writes) {
    char data[] = "0123456789abcdef";
    Told told = {0};
    NexusMemory *memory = bytes_memory(data, 16, 0, &told);
    NexusValue view = view_of(memory);
    CHECK_WITH("type(it) is memoryview and not it.readonly and it.nbytes == 16", view);
    CHECK_WITH("bytes(it) == b'0123456789abcdef'", view);
    data[0] = 'X';
    CHECK_WITH("it[0] == ord('X')", view);
    discard(evaluate_with("it.__setitem__(slice(1, 4), b'YZ!')", view));
    CHECK(memcmp(data, "XYZ!456789abcdef", 16) == 0);
    CHECK_NUMBER(told.times, 0);
    nexus_value_clear(&view);
    CHECK_NUMBER(told.times, 0);
    nexus_memory_free(memory);
    CHECK_NUMBER(told.times, 1);
    CHECK(told.data == data);
}

CASE(read_only) {
    static const char data[] = "abcd";
    NexusMemory *memory = bytes_memory((void *)data, 4, NEXUS_MEMORY_READ_ONLY, NULL);
    NexusValue view = view_of(memory), object = object_of(memory);
    CHECK_WITH("it.readonly and bytes(it) == b'abcd'", view);
    CHECK_TEXT(raised("it.__setitem__(0, 1)", view), "builtins.TypeError: cannot modify read-only memory");
    CHECK_CONTAINS(raised("__import__('io').BytesIO(b'zzzz').readinto(it)", object), "read-write bytes-like");
    CHECK_CONTAINS(raised("(__import__('ctypes').c_char * 4).from_buffer(it)", object), "not writable");
    NexusBufferInfo info = {.struct_size = sizeof info};
    NexusBuffer *buffer;
    CHECK_FAILS(nexus_buffer_get(object.as.object, NEXUS_BUFFER_WRITABLE, &buffer, &info, &error),
                NEXUS_ERR_TYPE, "read-only");
    CHECK_OK(nexus_buffer_get(object.as.object, 0, &buffer, &info, &error));
    CHECK(info.data == data && info.read_only);
    nexus_buffer_free(buffer);
    CLEAR_VALUES(&view, &object);
    nexus_memory_free(memory);
}

CASE(layouts) {
    double numbers[24];
    for (int i = 0; i < 24; i++) numbers[i] = i;
    static const struct {
        const char *format, *expected;
        ptrdiff_t first;
        size_t item_size, ndim;
        ptrdiff_t shape[3], strides[3];
        bool strided;
    } layouts[] = {
        {"d", "[float(i) for i in range(24)]", 0, 8, 1, {24}, {0}, false},
        {"d", "[[0., 1., 2.], [3., 4., 5.]]", 0, 0, 2, {2, 3}, {0}, false},
        {"d", "[[0., 2., 4.], [12., 14., 16.]]", 0, 8, 2, {2, 3}, {96, 16}, true},
        {"d", "[23., 22., 21.]", 23, 0, 1, {3}, {-8}, true},
        {"d", "[[0., 2., 4.], [1., 3., 5.]]", 0, 0, 2, {2, 3}, {8, 16}, true},
        {"d", "[[[0., 1.], [2., 3.]], [[4., 5.], [6., 7.]]]", 0, 0, 3, {2, 2, 2}, {0}, false},
        {"d", "[7., 7., 7., 7.]", 7, 0, 1, {4}, {0}, true},
        {"d", "5.0", 5, 0, 0, {0}, {0}, false},
        {"d", "[]", 0, 0, 1, {0}, {0}, false},
        {"d", "[[], []]", 0, 0, 2, {2, 0}, {0}, false},
        {"q", "[0, 0x3ff0000000000000]", 0, 0, 1, {2}, {0}, false},
        {"@H", "[0, 0, 0, 0, 0, 0, 0, 0x3ff0]", 0, 0, 1, {8}, {0}, false},
    };
    for (size_t i = 0; i < COUNT(layouts); i++) {
        NexusMemoryLayout layout = {.struct_size = sizeof layout,
                                    .data = numbers + layouts[i].first,
                                    .item_size = layouts[i].item_size,
                                    .format = layouts[i].format,
                                    .ndim = layouts[i].ndim,
                                    .shape = layouts[i].shape,
                                    .strides = layouts[i].strided ? layouts[i].strides : NULL};
        NexusMemory *memory = made(&layout, NULL);
        NexusValue view = view_of(memory);
        const char *expression = formatted("it.tolist() == %s and it.ndim == %zu and it.format == '%s'",
                                           layouts[i].expected, layouts[i].ndim, layouts[i].format);
        CHECK_WITH(expression, view);
        /* And back again: the host sees through Python what it gave. */
        NexusBufferInfo info = {.struct_size = sizeof info};
        NexusBuffer *buffer;
        CHECK_OK(nexus_buffer_get(view.as.object, 0, &buffer, &info, &error));
        CHECK(info.data == numbers + layouts[i].first || info.size == 0);
        CHECK_NUMBER(info.ndim, layouts[i].ndim);
        for (size_t d = 0; d < info.ndim; d++) {
            CHECK_NUMBER(info.shape[d], layouts[i].shape[d]);
            if (layouts[i].strided) CHECK_NUMBER(info.strides[d], layouts[i].strides[d]);
        }
        nexus_buffer_free(buffer);
        nexus_value_clear(&view);
        nexus_memory_free(memory);
    }
}

/* A format that memoryview does not know goes through, with its item size. */
CASE(records) {
    char data[12] = {0};
    NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = data, .size = 12, .item_size = 6,
                                .format = "T{<h:x:<i:y:}"};
    NexusMemory *memory = made(&layout, NULL);
    NexusValue view = view_of(memory);
    CHECK_WITH("it.format == 'T{<h:x:<i:y:}' and it.shape == (2,) and it.itemsize == 6", view);
    nexus_value_clear(&view);
    nexus_memory_free(memory);
    layout = (NexusMemoryLayout){.struct_size = sizeof layout, .data = data, .size = 12, .format = "<hi"};
    memory = made(&layout, NULL);
    view = view_of(memory);
    CHECK_WITH("it.shape == (2,) and it.itemsize == 6", view);
    nexus_value_clear(&view);
    nexus_memory_free(memory);
}

CASE(functions_take_it_as_bytes) {
    char data[] = "hello, world";
    NexusMemory *memory = bytes_memory(data, 12, 0, NULL);
    NexusValue object = object_of(memory);
    CHECK_WITH("bytes(it) == b'hello, world'", object);
    CHECK_WITH("__import__('zlib').crc32(it) == __import__('zlib').crc32(b'hello, world')", object);
    CHECK_WITH("__import__('io').BytesIO(b'HELLO').readinto(it) == 5", object);
    CHECK(memcmp(data, "HELLO, world", 12) == 0);
    CHECK_WITH("b''.join([it, it]) == b'HELLO, worldHELLO, world'", object);
    CHECK_WITH("type(it).__module__ == 'nexus_loader' and type(it).__name__ == 'Memory'", object);
    /* It is always the same object. */
    NexusValue again = object_of(memory);
    CHECK_NUMBER(id_of(object.as.object), id_of(again.as.object));
    CLEAR_VALUES(&again, &object);
    nexus_memory_free(memory);
}

/* Each kind of request gets what PEP 3118 says, or a BufferError. */
CASE(every_request) {
    NexusObject *exporters = module_of("exporters");
    enum { WRITABLE = 1, FORMAT = 4, ND = 8, STRIDES = 0x18, C = 0x38, F = 0x58, ANY = 0x98, INDIRECT = 0x118 };
    int data[12] = {0};
    static const struct {
        const char *what;
        ptrdiff_t strides[2];
        uint32_t flags;
        int request;
        const char *expected;
    } requests[] = {
        {"block", {12, 4}, 0, 0, "(48, 4, 1, None, [None], [None], 0)"},
        {"block", {12, 4}, 0, ND, "(48, 4, 2, None, [4, 3], [None, None], 0)"},
        {"block", {12, 4}, 0, STRIDES | FORMAT, "(48, 4, 2, 'i', [4, 3], [12, 4], 0)"},
        {"block", {12, 4}, 0, INDIRECT | FORMAT | WRITABLE, "(48, 4, 2, 'i', [4, 3], [12, 4], 0)"},
        {"block", {12, 4}, 0, C, "(48, 4, 2, None, [4, 3], [12, 4], 0)"},
        {"block", {12, 4}, 0, ANY, "(48, 4, 2, None, [4, 3], [12, 4], 0)"},
        {"block", {12, 4}, 0, F, NULL},
        {"block", {12, 4}, 0, FORMAT, NULL},
        {"block", {12, 4}, NEXUS_MEMORY_READ_ONLY, 0, "(48, 4, 1, None, [None], [None], 1)"},
        {"block", {12, 4}, NEXUS_MEMORY_READ_ONLY, WRITABLE, NULL},
        {"block", {12, 4}, NEXUS_MEMORY_READ_ONLY, INDIRECT | FORMAT | WRITABLE, NULL},
        {"Fortran", {4, 16}, 0, 0, NULL},
        {"Fortran", {4, 16}, 0, ND, NULL},
        {"Fortran", {4, 16}, 0, STRIDES, "(48, 4, 2, None, [4, 3], [4, 16], 0)"},
        {"Fortran", {4, 16}, 0, F, "(48, 4, 2, None, [4, 3], [4, 16], 0)"},
        {"Fortran", {4, 16}, 0, ANY, "(48, 4, 2, None, [4, 3], [4, 16], 0)"},
        {"Fortran", {4, 16}, 0, C, NULL},
        {"neither", {8, 4}, 0, STRIDES, "(48, 4, 2, None, [4, 3], [8, 4], 0)"},
        {"neither", {8, 4}, 0, ANY, NULL},
        {"neither", {8, 4}, 0, ND, NULL},
    };
    for (size_t i = 0; i < COUNT(requests); i++) {
        Told told = {0};
        const ptrdiff_t shape[] = {4, 3};
        NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = data, .format = "i", .ndim = 2,
                                    .shape = shape, .strides = requests[i].strides, .flags = requests[i].flags};
        NexusMemory *memory = made(&layout, &told);
        NexusValue args[2] = {object_of(memory), nexus_value_integer(requests[i].request)}, result;
        NexusStatus status = nexus_object_call_method(exporters, "seen", args, 2, &result, &error);
        fprintf(stderr, "%s, request %#x: %s\n", requests[i].what, requests[i].request, nexus_error_message(error));
        if (requests[i].expected) {
            CHECK_STATUS(status, NEXUS_OK);
            const char *expression = formatted("it == (%lld, *%s)", (long long)(intptr_t)data, requests[i].expected);
            CHECK_WITH(expression, result);
            nexus_value_clear(&result);
        } else {
            CHECK_STATUS(status, NEXUS_ERR_EXCEPTION);
            CHECK_TEXT(nexus_error_exception(error), "builtins.BufferError");
            DROP(error);
        }
        nexus_value_clear(&args[0]);
        /* Nothing that failed counts as a view. */
        CHECK_OK(nexus_memory_revoke(memory, &error));
        CHECK_NUMBER(told.times, 1);
        nexus_memory_free(memory);
    }
    nexus_object_free(exporters);
}

/* Python cannot make one itself, nor copy one. */
CASE(not_made_by_python) {
    char data[4] = {0};
    NexusMemory *memory = bytes_memory(data, 4, 0, NULL);
    NexusValue object = object_of(memory);
    CHECK_CONTAINS(raised("type(it)()", object), "builtins.TypeError");
    CHECK_CONTAINS(raised("object.__new__(type(it))", object), "builtins.TypeError");
    CHECK_CONTAINS(raised("type(it).__new__(type(it))", object), "builtins.TypeError");
    CHECK_CONTAINS(raised("__import__('copy').copy(it)", object), "builtins.TypeError");
    CHECK_CONTAINS(raised("__import__('pickle').dumps(it)", object), "builtins.TypeError");
    CHECK_CONTAINS(raised("type('Sub', (type(it),), {})", object), "builtins.TypeError");
    CHECK_CONTAINS(raised("setattr(it, 'x', 1)", object), "builtins.AttributeError");
    nexus_value_clear(&object);
    nexus_memory_free(memory);
}

/* --- The release --------------------------------------------------------------------------------- */

CASE(released_once_in_every_order) {
    /* What is freed first, second, …: the memory, the object, the view, a slice of the view. */
    for (int order = 0; order < 24; order++) {
        char data[8] = {0};
        Told told = {0};
        NexusMemory *memory = bytes_memory(data, 8, 0, &told);
        NexusValue object = object_of(memory), view = view_of(memory), slice = evaluate_with("it[2:6:2]", view);
        int left[4] = {0, 1, 2, 3}, number = order;
        for (int size = 4; size > 0; size--) {
            CHECK_NUMBER(told.times, 0);
            int pick = number % size;
            number /= size;
            switch (left[pick]) {
            case 0: nexus_memory_free(memory); break;
            case 1: nexus_value_clear(&object); break;
            case 2: nexus_value_clear(&view); break;
            default: CHECK_WITH("len(it) == 2", slice); nexus_value_clear(&slice);
            }
            left[pick] = left[size - 1];
        }
        CHECK_NUMBER(told.times, 1);
        CHECK(told.data == data);
        nexus_memory_free(memory);
        CHECK_NUMBER(told.times, 1);
    }
}

/* The last use is Python's: released when Python lets go. */
CASE(released_by_python) {
    char data[8] = "abcdefg";
    Told told = {0};
    NexusMemory *memory = bytes_memory(data, 8, 0, &told);
    NexusValue holder = evaluate("[]"), view = view_of(memory), none = call1(holder.as.object, "append", view);
    nexus_value_clear(&view);
    nexus_memory_free(memory);
    CHECK_NUMBER(told.times, 0);
    CHECK_WITH("bytes(it[0]) == b'abcdefg\\0'", holder);
    none = evaluate_with("it.clear()", holder);
    CHECK_NUMBER(told.times, 1);
    /* In a cycle: by the garbage collection. */
    told.times = 0;
    memory = bytes_memory(data, 8, 0, &told);
    view = view_of(memory);
    none = call1(holder.as.object, "append", view);
    none = call1(holder.as.object, "append", holder);
    nexus_value_clear(&view);
    nexus_memory_free(memory);
    nexus_value_clear(&holder);
    CHECK_NUMBER(told.times, 0);
    run_python("import gc; gc.collect()");
    CHECK_NUMBER(told.times, 1);
    nexus_value_clear(&none);
}

/* Python's own thread lets go last. */
CASE(released_on_a_thread_of_python) {
    char data[8] = {0};
    Told told = {0};
    NexusMemory *memory = bytes_memory(data, 8, 0, &told);
    NexusValue holder = evaluate("[]"), view = view_of(memory), none = call1(holder.as.object, "append", view);
    nexus_value_clear(&view);
    nexus_memory_free(memory);
    none = evaluate_with("[(t.start(), t.join()) for t in [__import__('threading').Thread(target=it.clear)]][0][0]",
                         holder);
    CHECK_NUMBER(told.times, 1);
    CHECK(!pthread_equal(told.thread, pthread_self()));
    CLEAR_VALUES(&none, &holder);
}

/* Waits for a thread that needs the GIL: held, it would wait for ever. And calls us, also in vain. */
static void waits_and_calls(void *data, void *user_data) {
    (void)data;
    on_threads(1, calls_python, NULL);
    NexusObject *none = NULL;
    CHECK_RAISES(nexus_import("no_such_module", &none, &error), "builtins.ModuleNotFoundError");
    CHECK_PYTHON("2 + 2 == 4");
    ++*(int *)user_data;
}

CASE(callback_may_wait_and_call) {
    char data[8] = {0};
    int times = 0;
    NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = data, .size = 8};
    NexusMemory *memory;
    for (int how = 0; how < 5; how++) {
        CHECK_OK(nexus_memory_new(&layout, waits_and_calls, &times, &memory, &error));
        NexusValue holder = evaluate("[]"), object = object_of(memory);
        NexusValue none = call1(holder.as.object, "append", object);
        nexus_value_clear(&object);
        switch (how) {
        case 0: /* Python lets go. */
            nexus_memory_free(memory);
            none = evaluate_with("it.clear()", holder);
            break;
        case 1: /* Python lets go while an exception is on its way, which must not be disturbed. */
            nexus_memory_free(memory);
            CHECK_CONTAINS(raised("ord(it.pop())", holder), "builtins.TypeError: ord() expected");
            break;
        case 2: /* The host does. */
            none = evaluate_with("it.clear()", holder);
            nexus_memory_free(memory);
            break;
        case 3: /* The host does, and holds the GIL. */
            none = evaluate_with("it.clear()", holder);
            CHECK_OK(nexus_python_attach(&error));
            nexus_memory_free(memory);
            CHECK_OK(nexus_python_detach(&error));
            break;
        default: /* It is revoked, by a thread that holds the GIL. */
            CHECK_OK(nexus_python_attach(&error));
            CHECK_OK(nexus_memory_revoke(memory, &error));
            CHECK_OK(nexus_python_detach(&error));
            nexus_memory_free(memory);
        }
        CHECK_NUMBER(times, how + 1);
        CLEAR_VALUES(&none, &holder);
    }
    CHECK_NUMBER(times, 5);
}

/* --- Revoking ------------------------------------------------------------------------------------ */

CASE(revoked) {
    char data[8] = "abcdefg";
    Told told = {0};
    NexusMemory *memory = bytes_memory(data, 8, 0, &told);
    NexusValue object = object_of(memory), view = view_of(memory);
    NexusValue second = evaluate_with("memoryview(it)", object), slice = evaluate_with("it[1:3]", second);
    CHECK_FAILS(nexus_memory_revoke(memory, &error), NEXUS_ERR_BUSY, "(2)");
    CHECK_WITH("bytes(it) == b'abcdefg\\0'", view);
    CLEAR_VALUES(&view, &second);
    CHECK_REFUSED(nexus_memory_revoke(memory, &error), NEXUS_ERR_BUSY);
    /* The slice still reads; then Python releases it. */
    CHECK_WITH("bytes(it) == b'bc'", slice);
    NexusValue none = call0(slice.as.object, "release");
    CHECK_NUMBER(told.times, 0);
    CHECK_OK(nexus_memory_revoke(memory, &error));
    CHECK_CONTAINS(raised("it[0]", slice), "builtins.ValueError: operation forbidden on released memoryview");
    nexus_value_clear(&slice);
    CHECK_NUMBER(told.times, 1);
    CHECK(told.data == data);
    /* Whatever Python does with the object it still has. */
    CHECK_TEXT(raised("memoryview(it)", object), "builtins.BufferError: the host has revoked this memory");
    CHECK_CONTAINS(raised("b''.join([it])", object), "builtins.TypeError: ");
    CHECK_CONTAINS(raised("__import__('zlib').crc32(it)", object), "builtins.BufferError: ");
    CHECK_CONTAINS(raised("__import__('ctypes').c_char.from_buffer(it)", object), "builtins.BufferError: ");
    NexusObject *out = POISON;
    CHECK_RAISES(nexus_memory_view(memory, &out, &error), "builtins.BufferError");
    CHECK(out == NULL);
    NexusBuffer *buffer = POISON;
    CHECK_REFUSED(nexus_buffer_get(object.as.object, 0, &buffer, NULL, &error), NEXUS_ERR_EXCEPTION);
    CHECK(buffer == NULL);
    CHECK_OK(nexus_memory_revoke(memory, &error));
    nexus_memory_free(memory);
    CLEAR_VALUES(&object, &none);
    CHECK_NUMBER(told.times, 1);
}

/* Python threads go on making views and reading through them while the host revokes and unmaps. One read
 * after that would end the process. */
static NexusMemory *contested;
static NexusValue contested_object;

static void *views_until_revoked(void *unused) {
    NexusValue ended = evaluate_with(
        "(lambda run: run(it))((ns := {}, exec('''\n"
        "from time import sleep\n"
        "def run(it):\n"
        "    while True:\n"
        "        sleep(0)\n"
        "        try:\n"
        "            with memoryview(it) as view:\n"
        "                assert view[5] == 7 and bytes(view[4000:4096:95]) == b'\\\\7\\\\7'\n"
        "        except BufferError:\n"
        "            return True\n"
        "''', ns))[0]['run'])",
        contested_object);
    CHECK(ended.kind == NEXUS_KIND_BOOLEAN && ended.as.boolean);
    return unused;
}

static void *revokes(void *unused) {
    NexusStatus status;
    do status = nexus_memory_revoke(contested, NULL);
    while (status == NEXUS_ERR_BUSY);
    CHECK_STATUS(status, NEXUS_OK);
    return unused;
}

static void unmap(void *data, void *user_data) {
    CHECK(munmap(data, 4096) == 0);
    __atomic_add_fetch((int *)user_data, 1, __ATOMIC_SEQ_CST);
}

CASE(revoke_races) {
    for (int i = 0; i < 25; i++) {
        int times = 0;
        char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(page != MAP_FAILED);
        memset(page, 7, 4096);
        NexusMemoryLayout layout = {.struct_size = sizeof layout, .data = page, .size = 4096};
        CHECK_OK(nexus_memory_new(&layout, unmap, &times, &contested, &error));
        contested_object = object_of(contested);
        pthread_t readers[3];
        for (int t = 0; t < 3; t++) CHECK(pthread_create(&readers[t], NULL, views_until_revoked, NULL) == 0);
        on_threads(2, revokes, NULL);
        CHECK_NUMBER(__atomic_load_n(&times, __ATOMIC_SEQ_CST), 1);
        for (int t = 0; t < 3; t++) CHECK(pthread_join(readers[t], NULL) == 0);
        nexus_value_clear(&contested_object);
        nexus_memory_free(contested);
        CHECK_NUMBER(times, 1);
    }
}

static void *frees(void *memory) {
    nexus_memory_free(memory);
    return NULL;
}

CASE(freed_by_two_threads) {
    for (int i = 0; i < 100; i++) {
        char data[8] = {0};
        Told told = {0};
        NexusMemory *memory = bytes_memory(data, 8, 0, &told);
        on_threads(2, frees, memory);
        CHECK_NUMBER(told.times, 1);
    }
}

static Told of_all;
static int made_so_far;

static void makes_one(void) {
    static char data[64];
    NexusMemory *memory = bytes_memory(data, sizeof data, 0, &of_all);
    NexusValue view = view_of(memory);
    if (made_so_far % 2) nexus_memory_free(memory);
    nexus_value_clear(&view);
    if (!(made_so_far++ % 2)) nexus_memory_free(memory);
}

CASE(a_million_times) {
    CHECK_OK(nexus_python_start(NULL, &error));
    CHECK_OK(nexus_python_attach(&error));
    does_not_grow("memory", makes_one, 1000000);
    CHECK_OK(nexus_python_detach(&error));
    CHECK_NUMBER(of_all.times, made_so_far);
}

/* --- Misuse -------------------------------------------------------------------------------------- */

static void refused(const NexusMemoryLayout *layout, const char *why) {
    NexusMemory *memory = POISON;
    Told told = {0};
    CHECK_FAILS(nexus_memory_new(layout, tell, &told, &memory, &error), NEXUS_ERR_INVALID_ARGUMENT, why);
    CHECK(memory == NULL);
    CHECK_NUMBER(told.times, 0);
}

/* The good layout with something changed. */
#define REFUSED_WITH(why, ...)                                                         \
    do {                                                                               \
        NexusMemoryLayout layout = good;                                               \
        __VA_ARGS__;                                                                   \
        refused(&layout, why);                                                         \
    } while (0)

CASE(bad_layouts) {
    char data[64] = {0};
    const ptrdiff_t shape[] = {2, 3}, negative[] = {2, -3}, huge[] = {PTRDIFF_MAX, 2}, far[] = {PTRDIFF_MAX, 8};
    const ptrdiff_t apart[] = {32, 8}, backwards[] = {-32, -8};
    const NexusMemoryLayout good = {.struct_size = sizeof good, .data = data, .size = 64};
    refused(NULL, "'layout' is NULL");
    REFUSED_WITH("struct_size", layout.struct_size = 0);
    REFUSED_WITH("0x80", layout.flags = 1u << 7);
    REFUSED_WITH("layout->data is NULL", layout.data = NULL);
    REFUSED_WITH("not a multiple", layout.format = "d", layout.size = 63);
    REFUSED_WITH("has 8 bytes", layout.format = "d", layout.item_size = 4);
    REFUSED_WITH("give its item_size", layout.format = "no format");
    REFUSED_WITH("has no bytes", layout.format = "");
    REFUSED_WITH("not UTF-8", layout.format = "\xff");
    REFUSED_WITH("item_size", layout.format = "2d", layout.item_size = SIZE_MAX);
    REFUSED_WITH("layout->shape", layout.ndim = 2);
    REFUSED_WITH("more than 64", layout.ndim = 65, layout.shape = shape);
    REFUSED_WITH("negative", layout.ndim = 2, layout.shape = negative);
    REFUSED_WITH("more than memory", layout.ndim = 2, layout.shape = huge);
    NexusMemoryLayout layout = good;
    layout.ndim = 2;
    layout.shape = shape, layout.format = "d", layout.strides = far;
    refused(&layout, "beyond memory");
    layout.strides = apart, layout.size = 55;
    refused(&layout, "56 bytes");
    layout.strides = backwards;
    refused(&layout, "56 bytes");
    layout.size = 56;
    layout.data = data + 40;
    nexus_memory_free(made(&layout, NULL));
    layout = good;
    layout.size = 0, layout.data = NULL;
    nexus_memory_free(made(&layout, NULL));
    CHECK_REFUSED(nexus_memory_new(&good, NULL, NULL, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT);
}

static void bad_memory(void *handle, NexusStatus expected) {
    NexusObject *object = POISON;
    CHECK_REFUSED(nexus_memory_object(handle, &object, &error), expected);
    CHECK(object == NULL);
    object = POISON;
    CHECK_REFUSED(nexus_memory_view(handle, &object, &error), expected);
    CHECK(object == NULL);
    CHECK_REFUSED(nexus_memory_revoke(handle, &error), expected);
    nexus_memory_free(handle);
}

CASE(before_the_start) {
    bad_memory(NULL, NEXUS_ERR_NOT_STARTED);
    bad_memory(POISON, NEXUS_ERR_NOT_STARTED);
}

/* Making memory is a first use: it starts Python. */
CASE(first_use) {
    char data[4] = "abc";
    NexusMemory *memory = bytes_memory(data, 4, 0, NULL);
    NexusValue view = view_of(memory);
    CHECK_WITH("bytes(it) == b'abc\\0'", view);
    nexus_value_clear(&view);
    nexus_memory_free(memory);
}

CASE(bad_handles) {
    char data[4] = {0};
    NexusMemory *living = bytes_memory(data, 4, 0, NULL), *freed = bytes_memory(data, 4, 0, NULL);
    NexusValue object = object_of(living);
    nexus_memory_free(freed);
    void *handles[] = {NULL, freed, object.as.object, data, POISON, (void *)1};
    for (size_t i = 0; i < COUNT(handles); i++) bad_memory(handles[i], NEXUS_ERR_BAD_HANDLE);
    for (int bit = 0; bit < 64; bit++)
        bad_memory((void *)((uintptr_t)living ^ (uintptr_t)1 << bit), NEXUS_ERR_BAD_HANDLE);
    CHECK_REFUSED(nexus_memory_object(living, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK_REFUSED(nexus_memory_view(living, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT);
    NexusValue view = view_of(living);
    CLEAR_VALUES(&view, &object);
    nexus_memory_free(living);
}
