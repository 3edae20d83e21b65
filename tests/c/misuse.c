/* NULL for every pointer, and freed, foreign and invented handles, in every function, before and after
 * the start, from several threads: a status each time, never a crash, and nothing left in the outputs. */
#include "nexus_check.h"

/* A failing call fills `error` with its own status, or may be told that nobody wants it. */
#define REFUSED(call_with_error, expected)                                             \
    do {                                                                               \
        NexusError *check_error = POISON, **error = &check_error;                      \
        CHECK_STATUS(call_with_error, expected);                                       \
        CHECK(check_error != NULL && check_error != POISON);                           \
        CHECK_STATUS(nexus_error_status(check_error), expected);                       \
        CHECK(nexus_error_message(check_error)[0] != '\0');                            \
        nexus_error_free(check_error);                                                 \
        error = NULL;                                                                  \
        CHECK_STATUS(call_with_error, expected);                                       \
    } while (0)

/* The same, and an output that was poisoned is NULL. */
#define REFUSED_POINTER(type, variable, call_with_error, expected)                     \
    do {                                                                               \
        type *variable = POISON;                                                       \
        REFUSED(call_with_error, expected);                                            \
        CHECK(variable == NULL);                                                       \
    } while (0)

#define REFUSED_VALUE(variable, call_with_error, expected)                             \
    do {                                                                               \
        NexusValue variable;                                                           \
        memset(&variable, 0xa5, sizeof variable);                                      \
        REFUSED(call_with_error, expected);                                            \
        CHECK_NUMBER(variable.kind, NEXUS_KIND_NONE);                                  \
        CHECK(variable.as.text.data == NULL && variable.as.text.size == 0);            \
        CHECK(variable.owner == NULL);                                                 \
    } while (0)

#include "misuse_calls.h"
#include "misuse_objects.h"

/* --- Each function with a bad handle ------------------------------------------------------------ */

static void bad_error(void *handle, NexusStatus expected) {
    bad_error_of_exception(handle, expected);
    CHECK_STATUS(nexus_error_status(handle), NEXUS_ERR_BAD_HANDLE);
    CHECK_NUMBER(nexus_error_detail(handle), 0);
    CHECK(nexus_error_message(handle) != NULL);
    CHECK_TEXT(nexus_error_module(handle), "");
    CHECK_TEXT(nexus_error_path(handle), "");
    CHECK_TEXT(nexus_error_exception(handle), "");
    CHECK_TEXT(nexus_error_traceback(handle), "");
    CHECK_TEXT(nexus_error_linker(handle), "");
    nexus_error_free(handle);
}

static void bad_names(void *handle) {
    CHECK_NUMBER(nexus_names_count(handle), 0);
    CHECK(nexus_names_at(handle, 0) == NULL);
    CHECK(nexus_names_at(handle, SIZE_MAX) == NULL);
    nexus_names_free(handle);
}

static void bad_report(void *handle, NexusStatus expected) {
    NexusReportEntry entry;
    memset(&entry, 0xa5, sizeof entry);
    CHECK_NUMBER(nexus_report_count(handle), 0);
    CHECK_STATUS(nexus_report_at(handle, 0, &entry), expected);
    CHECK(!entry.name || !entry.name[0]);
    CHECK(!entry.path || !entry.path[0]);
    CHECK(!entry.message || !entry.message[0]);
    CHECK_NUMBER(entry.nanoseconds, 0);
    nexus_report_free(handle);
}

static void bad_loader(void *handle, NexusStatus expected) {
    CHECK(!nexus_loader_contains(handle, "crypto"));
    CHECK(!nexus_loader_contains(handle, NULL));
    CHECK_NUMBER(nexus_loader_count(handle), 0);
    CHECK(nexus_loader_bin_path(handle) == NULL);
    CHECK(nexus_loader_describe(handle) == NULL);
    REFUSED_POINTER(NexusObject, out, nexus_loader_get(handle, "crypto", &out, error), expected);
    REFUSED_POINTER(NexusNames, out, nexus_loader_list(handle, &out, error), expected);
    REFUSED_POINTER(NexusNames, out, nexus_loader_requested(handle, &out, error), expected);
    REFUSED_POINTER(NexusReport, out, nexus_loader_report(handle, &out, error), expected);
    nexus_loader_free(handle);
}

static void bad_object(void *handle, NexusStatus expected) {
    NexusValue argument = nexus_value_integer(1);
    REFUSED_VALUE(out, nexus_object_attr(handle, "echo", &out, error), expected);
    REFUSED_VALUE(out, nexus_object_call(handle, &argument, 1, &out, error), expected);
    REFUSED_VALUE(out, nexus_object_call_method(handle, "echo", &argument, 1, &out, error), expected);
    REFUSED_VALUE(out, nexus_object_type_name(handle, &out, error), expected);
    REFUSED_VALUE(out, nexus_object_repr(handle, &out, error), expected);
    REFUSED_VALUE(out, nexus_object_str(handle, &out, error), expected);
    bool has = true;
    REFUSED(nexus_object_has_attr(handle, "echo", &has, error), expected);
    CHECK(!has);
    bad_object_handle(handle, expected);
    bad_callable(handle, expected);
    nexus_object_free(handle);
    NexusValue value = nexus_value_object(handle);
    value.owner = handle;
    nexus_value_clear(&value);
    CHECK_NUMBER(value.kind, NEXUS_KIND_NONE);
    CHECK(value.owner == NULL);
    NexusValue values[2] = {nexus_value_object(handle), nexus_value_text("a", 1)};
    values[1].owner = handle;
    nexus_values_clear(values, 2);
    CHECK(values[0].kind == NEXUS_KIND_NONE && values[1].kind == NEXUS_KIND_NONE && values[1].owner == NULL);
}

/* --- Bad handles --------------------------------------------------------------------------------- */

/* Numbers, addresses of real memory, and the bits of living handles with one bit changed. */
static size_t invented(void **handles, const void *living) {
    static int variable;
    const uintptr_t numbers[] = {1, 2, 8, 16, 4096, 0xdeadbeef, UINT32_MAX, (uintptr_t)1 << 32,
                                 (uintptr_t)INTPTR_MAX, (uintptr_t)INTPTR_MIN, UINTPTR_MAX, UINTPTR_MAX - 1,
                                 (uintptr_t)&variable, (uintptr_t)handles, (uintptr_t)(void *)printf};
    size_t count = 0;
    for (size_t i = 0; i < COUNT(numbers); i++) handles[count++] = (void *)numbers[i];
    for (int bit = 0; living && bit < 64; bit++) handles[count++] = (void *)((uintptr_t)living ^ (uintptr_t)1 << bit);
    return count;
}

typedef struct Living {
    NexusLoader *loader;
    NexusObject *object;
    NexusNames *names;
    NexusReport *report;
    NexusError *error;
    NexusCall *call;
} Living;

static Living make_living(void) {
    Living living = {.loader = open_all("values")};
    living.object = get(living.loader, "values");
    CHECK_OK(nexus_loader_list(living.loader, &living.names, &error));
    living.report = report_of(living.loader);
    NexusObject *unused;
    CHECK_ERROR(nexus_loader_get(living.loader, "absent", &unused, &error), NEXUS_ERR_NOT_LOADED);
    living.error = error;
    NexusValue echo;
    CHECK_OK(nexus_object_attr(living.object, "echo", &echo, &error));
    CHECK_OK(nexus_call_prepare(echo.as.object, NULL, 0, &living.call, &error));
    nexus_value_clear(&echo);
    return living;
}

static void free_living(const Living *living) {
    nexus_loader_free(living->loader);
    nexus_object_free(living->object);
    nexus_names_free(living->names);
    nexus_report_free(living->report);
    nexus_error_free(living->error);
    nexus_call_free(living->call);
}

static void check_living(const Living *living) {
    CHECK_NUMBER(nexus_loader_count(living->loader), 1);
    CHECK_NUMBER(integer_of(call1(living->object, "echo", nexus_value_integer(7))), 7);
    CHECK_NUMBER(nexus_names_count(living->names), 1);
    CHECK_NUMBER(nexus_report_count(living->report), 1);
    CHECK_STATUS(nexus_error_status(living->error), NEXUS_ERR_NOT_LOADED);
    NexusValue seven = nexus_value_integer(7), result;
    CHECK_STATUS(nexus_call_invoke(living->call, &seven, 1, &result, NULL), NEXUS_OK);
    CHECK_NUMBER(integer_of(result), 7);
}

static void *try_everything(void *unused) {
    Living living = make_living(), freed = make_living();
    free_living(&freed);
    void *const mine[] = {living.loader, living.object, living.names, living.report, living.error, living.call};
    void *const dead[] = {freed.loader, freed.object, freed.names, freed.report, freed.error, freed.call};
    for (int type = 0; type < 6; type++) {
        void *handles[128] = {NULL};
        size_t count = 1;
        for (int other = 0; other < 6; other++) {
            handles[count++] = dead[other];
            if (other != type) handles[count++] = mine[other];
        }
        /* Other threads have handles that differ in one bit of the index: only its generation and
         * kind may be changed here, or a living handle of theirs would be hit, and freed. */
        void *flipped[128];
        size_t flips = invented(flipped, mine[type]);
        for (size_t i = 0; i < flips; i++) {
            uintptr_t difference = (uintptr_t)flipped[i] ^ (uintptr_t)mine[type];
            if ((difference >> 32 & 0x3ffffff) == 0 || difference >> 58 != 0) handles[count++] = flipped[i];
        }
        for (size_t i = 0; i < count; i++) {
            switch (type) {
            case 0: bad_loader(handles[i], NEXUS_ERR_BAD_HANDLE); break;
            case 1: bad_object(handles[i], NEXUS_ERR_BAD_HANDLE); break;
            case 2: bad_names(handles[i]); break;
            case 3: bad_report(handles[i], NEXUS_ERR_BAD_HANDLE); break;
            case 4: bad_error(handles[i], NEXUS_ERR_BAD_HANDLE); break;
            default: bad_call(handles[i], NEXUS_ERR_BAD_HANDLE); break;
            }
        }
        check_living(&living);
    }
    free_living(&living);
    return unused;
}

CASE(bad_handles) { try_everything(NULL); }

CASE(bad_handles_from_four_threads) {
    on_threads(4, try_everything, NULL);
}

/* --- Before the start ---------------------------------------------------------------------------- */

CASE(before_the_start) {
    void *handles[128] = {NULL};
    size_t count = 1 + invented(handles + 1, NULL);
    for (size_t i = 0; i < count; i++) {
        bad_loader(handles[i], NEXUS_ERR_NOT_STARTED);
        bad_object(handles[i], NEXUS_ERR_NOT_STARTED);
        bad_names(handles[i]);
        bad_report(handles[i], NEXUS_ERR_NOT_STARTED);
        bad_error(handles[i], NEXUS_ERR_NOT_STARTED);
        bad_call(handles[i], NEXUS_ERR_NOT_STARTED);
    }
    REFUSED(nexus_python_attach(error), NEXUS_ERR_NOT_STARTED);
    REFUSED(nexus_python_detach(error), NEXUS_ERR_NOT_STARTED);
    NexusPythonInfo info;
    memset(&info, 0xa5, sizeof info);
    info.struct_size = sizeof info;
    REFUSED(nexus_python_info(&info, error), NEXUS_ERR_NOT_STARTED);
    CHECK(info.version == 0 && !info.owned && !info.version_text && !info.library && !info.executable);
    CHECK(!info.prefix && !info.reason);

    /* NULL for everything. */
    CHECK_STATUS(nexus_loader_get(NULL, NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_loader_list(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_loader_requested(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_loader_report(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_report_at(NULL, 0, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_object_attr(NULL, NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_object_call(NULL, NULL, 3, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_object_call_method(NULL, NULL, NULL, 3, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_object_has_attr(NULL, NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_object_type_name(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_object_repr(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_object_str(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    REFUSED(nexus_error_raise("builtins.ValueError", "text", error), NEXUS_ERR_NOT_STARTED);
    REFUSED(nexus_thread_interrupt(1, error), NEXUS_ERR_NOT_STARTED);
    REFUSED(nexus_thread_uninterrupt(1, error), NEXUS_ERR_NOT_STARTED);
    CHECK_NUMBER(nexus_thread_id(), 0);
    null_in_functions_of_errors();
    CHECK_STATUS(nexus_object_call_keywords(NULL, NULL, 3, NULL, NULL, 3, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_call_prepare(NULL, NULL, 3, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_call_invoke(NULL, NULL, 3, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_call_invoke_many(NULL, NULL, 3, 3, NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_object_clone(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_error_raise(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_error_describe(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_error_object(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_error_cause(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_error_notes(NULL, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    CHECK_STATUS(nexus_error_group_at(NULL, 0, NULL, NULL), NEXUS_ERR_NOT_STARTED);
    nexus_call_free(NULL);
    nexus_value_clear(NULL);
    nexus_loader_free(NULL);
    nexus_object_free(NULL);
    nexus_names_free(NULL);
    nexus_report_free(NULL);
    nexus_error_free(NULL);
    nexus_log_set(NULL, NULL, NEXUS_LOG_WARNING);
}

/* A value that the host has made holds nothing of ours: clearing it needs no Python. */
CASE(clear_before_the_start) {
    NexusValue value = nexus_value_text("abc", 3), values[3] = {value, nexus_value_integer(1), value};
    nexus_value_clear(&value);
    CHECK_NUMBER(value.kind, NEXUS_KIND_NONE);
    nexus_values_clear(values, 2);
    CHECK(values[0].kind == NEXUS_KIND_NONE && values[1].kind == NEXUS_KIND_NONE);
    CHECK_NUMBER(values[2].kind, NEXUS_KIND_TEXT);
    nexus_values_clear(NULL, 3);
    nexus_values_clear(values, SIZE_MAX);
}

/* The functions that start Python check their arguments. */
CASE(first_call_with_null) {
    REFUSED_POINTER(NexusLoader, out, nexus_loader_new(NULL, NULL, 0, &out, error), NEXUS_ERR_INVALID_ARGUMENT);
    REFUSED_POINTER(NexusObject, out, nexus_import(NULL, &out, error), NEXUS_ERR_INVALID_ARGUMENT);
}

/* What makes an object out of values is a first use, too. */
CASE(first_call_makes_a_list) {
    NexusValue values[2] = {nexus_value_integer(1), nexus_value_text("a", 1)};
    NexusObject *list = NULL;
    CHECK_OK(nexus_list_new(values, 2, &list, &error));
    size_t length = 0;
    CHECK_GIVES(nexus_object_length(list, &length, &error), length, 2);
    nexus_object_free(list);
}

CASE(first_call_reads_json) {
    NexusValue value;
    CHECK_OK(nexus_object_from_json("[1, 2]", 6, &value, &error));
    CHECK_NUMBER(value.kind, NEXUS_KIND_OBJECT);
    nexus_value_clear(&value);
}

CASE(first_call_that_is_refused) {
    REFUSED_POINTER(NexusObject, out, nexus_list_new(NULL, 1, &out, error), NEXUS_ERR_INVALID_ARGUMENT);
    REFUSED_POINTER(NexusObject, out, nexus_function_new("f", NULL, 0, NULL, NULL, NULL, &out, error),
                    NEXUS_ERR_INVALID_ARGUMENT);
    REFUSED_VALUE(out, nexus_int_from_text("x", 1, &out, error), NEXUS_ERR_INVALID_ARGUMENT);
}

/* --- NULL after the start ------------------------------------------------------------------------ */

CASE(null_arguments) {
    Living living = make_living();
    const NexusStatus invalid = NEXUS_ERR_INVALID_ARGUMENT;
    const char *path = fixture("values");
    const char *const with_null[] = {"values", NULL};
    const char *const not_utf8[] = {"caf\xe9"};

    REFUSED_POINTER(NexusLoader, out, nexus_loader_new(NULL, NULL, 0, &out, error), invalid);
    REFUSED_POINTER(NexusLoader, out, nexus_loader_new(path, NULL, 3, &out, error), invalid);
    REFUSED_POINTER(NexusLoader, out, nexus_loader_new(path, with_null, 2, &out, error), invalid);
    REFUSED_POINTER(NexusLoader, out, nexus_loader_new(path, with_null, SIZE_MAX, &out, error), invalid);
    REFUSED_POINTER(NexusLoader, out, nexus_loader_new(path, not_utf8, 1, &out, error), invalid);
    REFUSED(nexus_loader_new(path, NULL, 0, NULL, error), invalid);
    REFUSED_POINTER(NexusLoader, out, nexus_loader_open(NULL, NULL, &out, error), invalid);
    REFUSED(nexus_loader_open(path, NULL, NULL, error), invalid);
    NexusLoaderOptions options = {.struct_size = 0};
    REFUSED_POINTER(NexusLoader, out, nexus_loader_open(path, &options, &out, error), invalid);
    options.struct_size = SIZE_MAX;
    REFUSED_POINTER(NexusLoader, out, nexus_loader_open(path, &options, &out, error), invalid);
    options = (NexusLoaderOptions){.struct_size = sizeof options, .flags = 1u << 31};
    REFUSED_POINTER(NexusLoader, out, nexus_loader_open(path, &options, &out, error), invalid);
    options = (NexusLoaderOptions){.struct_size = sizeof options, .module_count = 2};
    REFUSED_POINTER(NexusLoader, out, nexus_loader_open(path, &options, &out, error), invalid);

    REFUSED_POINTER(NexusObject, out, nexus_import(NULL, &out, error), invalid);
    REFUSED(nexus_import("sys", NULL, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_loader_get(living.loader, NULL, &out, error), invalid);
    REFUSED(nexus_loader_get(living.loader, "values", NULL, error), invalid);
    REFUSED(nexus_loader_list(living.loader, NULL, error), invalid);
    REFUSED(nexus_loader_requested(living.loader, NULL, error), invalid);
    REFUSED(nexus_loader_report(living.loader, NULL, error), invalid);
    CHECK(!nexus_loader_contains(living.loader, NULL));
    CHECK(!nexus_loader_contains(living.loader, "\xff"));
    CHECK_STATUS(nexus_report_at(living.report, 0, NULL), invalid);
    NexusReportEntry entry;
    memset(&entry, 0xa5, sizeof entry);
    CHECK(nexus_report_at(living.report, 1, &entry) != NEXUS_OK);
    CHECK(!entry.name || !entry.name[0]);
    CHECK(nexus_report_at(living.report, SIZE_MAX, &entry) != NEXUS_OK);

    NexusValue one = nexus_value_integer(1), text = nexus_value_text(NULL, 3), dead = nexus_value_object(POISON);
    REFUSED_VALUE(out, nexus_object_attr(living.object, NULL, &out, error), invalid);
    REFUSED(nexus_object_attr(living.object, "echo", NULL, error), invalid);
    bool has = true;
    REFUSED(nexus_object_has_attr(living.object, NULL, &has, error), invalid);
    CHECK(!has);
    REFUSED(nexus_object_has_attr(living.object, "echo", NULL, error), invalid);
    REFUSED(nexus_object_type_name(living.object, NULL, error), invalid);
    REFUSED(nexus_object_repr(living.object, NULL, error), invalid);
    REFUSED(nexus_object_str(living.object, NULL, error), invalid);
    REFUSED_VALUE(out, nexus_object_call(living.object, NULL, 1, &out, error), invalid);
    REFUSED_VALUE(out, nexus_object_call(living.object, &one, SIZE_MAX, &out, error), invalid);
    REFUSED_VALUE(out, nexus_object_call_method(living.object, NULL, &one, 1, &out, error), invalid);
    REFUSED_VALUE(out, nexus_object_call_method(living.object, "echo", NULL, 1, &out, error), invalid);
    REFUSED_VALUE(out, nexus_object_call_method(living.object, "echo", &one, SIZE_MAX / 32, &out, error), invalid);
    REFUSED_VALUE(out, nexus_object_call_method(living.object, "echo", &text, 1, &out, error), invalid);
    REFUSED_VALUE(out, nexus_object_call_method(living.object, "echo", &dead, 1, &out, error), NEXUS_ERR_BAD_HANDLE);
    dead = nexus_value_object(NULL);
    REFUSED_VALUE(out, nexus_object_call_method(living.object, "echo", &dead, 1, &out, error), NEXUS_ERR_BAD_HANDLE);
    dead = nexus_value_object((NexusObject *)living.loader);
    REFUSED_VALUE(out, nexus_object_call_method(living.object, "echo", &dead, 1, &out, error), NEXUS_ERR_BAD_HANDLE);
    REFUSED(nexus_object_call(living.object, NULL, 0, NULL, error), invalid);
    REFUSED(nexus_object_call_method(living.object, "echo", &one, 1, NULL, error), invalid);
    nexus_value_clear(NULL);

    REFUSED(nexus_python_info(NULL, error), invalid);
    NexusPythonInfo info = {.struct_size = 1};
    REFUSED(nexus_python_info(&info, error), invalid);
    REFUSED(nexus_python_search(NULL, NULL, error), invalid);
    NexusPythonConfig config = {.struct_size = 1};
    REFUSED_POINTER(NexusNames, out, nexus_python_search(&config, &out, error), invalid);
    REFUSED(nexus_python_start(&config, error), invalid);
    config.struct_size = SIZE_MAX;
    REFUSED(nexus_python_start(&config, error), invalid);

    check_living(&living);
    free_living(&living);
}

CASE(null_arguments_of_calls) {
    NexusValue function = evaluate("lambda *args, **keywords: 5");
    null_in_functions_of_errors();
    null_in_functions_of_calls(function.as.object);
    nexus_value_clear(&function);
}

CASE(null_arguments_of_objects) {
    NexusValue list = evaluate("[0]");
    null_in_functions_of_objects(list.as.object);
    nexus_value_clear(&list);
}

/* An output and the error in the same place, or args that are the result, harm nobody. */
CASE(the_same_memory_twice) {
    NexusObject *module = make_living().object;
    NexusValue value = nexus_value_integer(5);
    NexusStatus status = nexus_object_call_method(module, "echo", &value, 1, &value, &error);
    if (status == NEXUS_OK)
        CHECK(value.kind == NEXUS_KIND_INTEGER || value.kind == NEXUS_KIND_NONE);
    else
        CHECK_STATUS(nexus_error_status(error), status);
    nexus_error_free(error);
    nexus_object_free(module);
}

/* A handle that was freed stays dead, however often its place is used again. */
CASE(freed_handles_stay_dead) {
    NexusObject *first = import("sys");
    nexus_object_free(first);
    for (int i = 0; i < 10000; i++) {
        NexusObject *other = import("sys");
        CHECK(other != first);
        nexus_object_free(other);
    }
    bad_object(first, NEXUS_ERR_BAD_HANDLE);
}

/* Two threads free the same handles: each dies once, and the others live on. */
static NexusObject *shared[1000];

static void *free_all(void *unused) {
    for (int i = 0; i < 1000; i++) nexus_object_free(shared[i]);
    return unused;
}

CASE(freed_by_two_threads_at_once) {
    NexusObject *kept = import("sys");
    for (int i = 0; i < 1000; i++) shared[i] = import("sys");
    on_threads(2, free_all, NULL);
    for (int i = 0; i < 1000; i++) bad_object(shared[i], NEXUS_ERR_BAD_HANDLE);
    bool has = false;
    CHECK_GIVES(nexus_object_has_attr(kept, "path", &has, &error), has, true);
    nexus_object_free(kept);
}

CASE(detach_without_attach) {
    NexusObject *sys = import("sys");
    REFUSED(nexus_python_detach(error), NEXUS_ERR_NOT_ATTACHED);
    nexus_object_free(sys);
}
