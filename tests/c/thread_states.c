/* Threads of the host: what Python keeps for them, when the GIL is held, and what a forked child gets. */
#include "calling.h"

#ifndef _WIN32
#include <sys/wait.h>
#endif

static NexusObject *calls;

static int64_t states(void) { return integer_of(call0(calls, "count_thread_states")); }

static int64_t state(void) { return integer_of(call0(calls, "thread_state")); }

/* --- Threads come and go ------------------------------------------------------------------------- */

static NexusStatus calls_back(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)arguments, (void)data;
    NexusValue args[] = {nexus_value_integer(1), nexus_value_integer(2)};
    return nexus_object_call_method(calls, "add", args, 2, result, error);
}

static NexusObject *callback;

/* What a thread may do in its life, by number. */
static void *lives(void *kind) {
    NexusValue args[] = {nexus_value_integer(1), nexus_value_integer(2)}, result;
    switch ((intptr_t)kind) {
    case 0:
        CHECK_NUMBER(integer_of(call(calls, "add", args, 2)), 3);
        break;
    case 1:
        CHECK_ERROR(nexus_object_call_method(calls, "add", args, 1, &result, &error), NEXUS_ERR_EXCEPTION);
        CHECK_CONTAINS(nexus_error_traceback(error), "TypeError");
        DROP(error);
        break;
    case 2:
        CHECK_OK(nexus_python_attach(&error));
        CHECK_NUMBER(integer_of(call(calls, "add", args, 2)), 3);
        CHECK_OK(nexus_python_detach(&error));
        break;
    case 3:
        CHECK_NUMBER(integer_of(call0(callback, "__call__")), 3);
        break;
    case 4:
        run_python("import threading\nlocal = threading.local()\nlocal.x = [i for i in range(10)]");
        break;
    case 5:
        /* It ends attached. */
        CHECK_OK(nexus_python_attach(&error));
        CHECK_OK(nexus_python_attach(&error));
        break;
    case 6:
        CHECK_STATUS(nexus_thread_interrupt(0, NULL), NEXUS_ERR_NOT_FOUND);
        break;
    default:
        /* Only frees. */
        nexus_object_free(import("json"));
    }
    return NULL;
}

CASE(five_hundred_threads_leave_nothing) {
    calls = calls_module();
    callback = host_function("callback", calls_back, NULL);
    int64_t before = states();
    for (int i = 0; i < 500; i++) on_threads(1, lives, (void *)(intptr_t)(i % 8));
    CHECK_NUMBER(states(), before);
    for (int i = 0; i < 16; i++) on_threads(32, lives, (void *)(intptr_t)(i % 8));
    CHECK_NUMBER(states(), before);
    CHECK_PYTHON("len(__import__('sys')._current_frames()) == 1");
    CHECK_PYTHON("__import__('threading').active_count() == 1");
    FREE_OBJECTS(callback, calls);
}

static void *stays_the_same(void *unused) {
    int64_t mine = state();
    NexusObject *module = python_module("import threading\n"
                                        "local = threading.local()\n"
                                        "def put(value): local.value = value\n"
                                        "def get(): return local.value\n");
    NexusValue none = call1(module, "put", text_value("kept"));
    char text[16];
    for (int i = 0; i < 100; i++) {
        CHECK_NUMBER(state(), mine);
        CHECK_TEXT(text_of(call0(module, "get"), text, sizeof text), "kept");
    }
    CHECK_NUMBER(none.kind, NEXUS_KIND_NONE);
    nexus_object_free(module);
    return unused;
}

/* A thread keeps its state from call to call, and with it its thread-local variables. */
CASE(state_is_kept_between_calls) {
    calls = calls_module();
    stays_the_same(NULL);
    on_threads(8, stays_the_same, NULL);
    CHECK_NUMBER(states(), 1);
    nexus_object_free(calls);
}

static int destroyed;

static void calls_at_the_end(void *user_data) {
    NexusValue args[] = {nexus_value_integer(1), nexus_value_integer(2)};
    CHECK(user_data == &destroyed);
    CHECK_NUMBER(integer_of(call(calls, "add", args, 2)), 3);
    run_python("x = [i for i in range(10)]");
    __atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
}

static void *puts_into_its_state(void *local) {
    NexusObject *function;
    CHECK_OK(nexus_function_new("f", NULL, 0, calls_back, &destroyed, calls_at_the_end, &function, &error));
    NexusValue args[] = {text_value("value"), nexus_value_object(function)};
    gives_none(call(local, "__setattr__", args, 2));
    nexus_object_free(function);
    return NULL;
}

/* What dies with a thread's state may call, too: it has the GIL, on the ending thread; on Windows, where a thread that
 * ends must not wait, on another one, at the next call. */
CASE(destructors_at_a_threads_end) {
    calls = calls_module();
    NexusValue local = evaluate("__import__('threading').local()");
    for (int i = 0; i < 50; i++) on_threads(1, puts_into_its_state, local.as.object);
    on_threads(16, puts_into_its_state, local.as.object);
    CHECK_NUMBER(states(), 1);
    CHECK_NUMBER(destroyed, 66);
    nexus_value_clear(&local);
    nexus_object_free(calls);
}

static void call_from_a_key(void *unused) {
    (void)unused;
    NexusValue args[] = {nexus_value_integer(1), nexus_value_integer(2)};
    CHECK_NUMBER(integer_of(call(calls, "add", args, 2)), 3);
    __atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
}

static pthread_key_t early, late;

static void *has_keys(void *unused) {
    pthread_setspecific(early, &early);
    lives((void *)(intptr_t)0);
    pthread_setspecific(late, &late);
    return unused;
}

/* A host's own destructors of thread-specific data run before or after ours, and may call. */
CASE(calls_from_thread_specific_destructors) {
    CHECK(pthread_key_create(&early, call_from_a_key) == 0);
    calls = calls_module();
    CHECK(pthread_key_create(&late, call_from_a_key) == 0);
    destroyed = 0;
    for (int i = 0; i < 50; i++) on_threads(1, has_keys, NULL);
    CHECK_NUMBER(destroyed, 100);
    CHECK_NUMBER(states(), 1);
    nexus_object_free(calls);
}

/* --- The GIL ------------------------------------------------------------------------------------- */

/* After each function, whatever came of it, the thread holds no GIL; attached, it still does. */
static void every_function(int held) {
    NexusValue args[] = {nexus_value_integer(1), nexus_value_integer(2)}, result, results[2];
    NexusObject *add = member(calls, "add"), *object = NULL, *callable = NULL;
    NexusNames *names = NULL;
    NexusError *of, *other = NULL;
    NexusCall *call = NULL;
    const char *const keywords[] = {"k"}, *const bad[] = {"\xff"};
#define STILL(call_of_it)                                                              \
    do {                                                                               \
        (void)(call_of_it);                                                            \
        CHECK_SEEN(gil_is_held() == held, "%s", #call_of_it);                          \
    } while (0)
    STILL(nexus_object_call(add, args, 2, &result, NULL));
    STILL(nexus_object_call(add, args, 1, &result, NULL));
    STILL(nexus_object_call(NULL, args, 1, &result, NULL));
    STILL(nexus_object_call_keywords(add, args, 1, keywords, args, 1, &result, NULL));
    STILL(nexus_object_call_keywords(add, args, 1, bad, args, 1, &result, NULL));
    STILL(nexus_object_call_method(calls, "add", args, 2, &result, NULL));
    STILL(nexus_object_call_method(calls, "absent", args, 2, &result, NULL));
    STILL(nexus_call_prepare(calls, NULL, 0, &call, NULL));
    STILL(nexus_call_prepare(add, bad, 1, &call, NULL));
    STILL(nexus_call_prepare(add, NULL, 0, &call, NULL));
    STILL(nexus_call_invoke(call, args, 2, &result, NULL));
    STILL(nexus_call_invoke(call, args, 1, &result, NULL));
    STILL(nexus_call_invoke_many(call, args, 2, 1, results, NULL, NULL));
    STILL(nexus_call_invoke_many(call, args, 1, 2, results, NULL, NULL));
    STILL(nexus_call_free(call));
    STILL(nexus_call_free(call));
    STILL(nexus_object_clone(add, &object, NULL));
    STILL(nexus_object_free(object));
    STILL(nexus_object_clone(object, &object, NULL));
    STILL(nexus_function_new("f", NULL, 0, calls_back, NULL, NULL, &callable, NULL));
    STILL(nexus_object_call(callable, NULL, 0, &result, NULL));
    STILL(nexus_object_free(callable));
    STILL(nexus_function_new(NULL, NULL, 0, calls_back, NULL, NULL, &callable, NULL));
    STILL(nexus_error_raise("builtins.ValueError", "text", &error));
    of = error;
    STILL(nexus_error_raise("no_such_module.Class", "text", &error));
    STILL(nexus_error_free(error));
    STILL(nexus_error_traceback(of));
    STILL(nexus_error_object(of, &object, NULL));
    STILL(nexus_error_describe(object, &other, NULL));
    STILL(nexus_error_free(other));
    STILL(nexus_error_describe(add, &other, NULL));
    STILL(nexus_error_cause(of, &other, NULL));
    STILL(nexus_error_notes(of, &names, NULL));
    STILL(nexus_names_free(names));
    STILL(nexus_error_group_count(of));
    STILL(nexus_error_group_at(of, 0, &other, NULL));
    STILL(nexus_error_free(of));
    STILL(nexus_object_free(object));
    STILL(nexus_error_new(NEXUS_ERR_IO, NULL, &error));
    STILL(nexus_error_free(error));
    STILL(nexus_thread_id());
    STILL(nexus_thread_interrupt(0, NULL));
    STILL(nexus_thread_uninterrupt(0, NULL));
    STILL(nexus_object_free(add));
#undef STILL
}

static void *every_function_on_a_thread(void *unused) {
    every_function(0);
    CHECK_OK(nexus_python_attach(&error));
    every_function(1);
    CHECK_OK(nexus_python_attach(&error));
    every_function(1);
    CHECK_OK(nexus_python_detach(&error));
    CHECK(gil_is_held());
    CHECK_OK(nexus_python_detach(&error));
    every_function(0);
    return unused;
}

CASE(the_gil_after_each_function) {
    calls = calls_module();
    every_function_on_a_thread(NULL);
    on_threads(1, every_function_on_a_thread, NULL);
    on_threads(4, every_function_on_a_thread, NULL);
    nexus_object_free(calls);
}

static void *detaches(void *unused) {
    CHECK_REFUSED(nexus_python_detach(&error), NEXUS_ERR_NOT_ATTACHED);
    CHECK(!gil_is_held());
    return unused;
}

/* Nobody gives back what another thread has taken, or takes it twice. */
CASE(unpaired_attach_and_detach) {
    calls = calls_module();
    detaches(NULL);
    for (int times = 0; times < 3; times++) {
        CHECK_OK(nexus_python_attach(&error));
        CHECK_OK(nexus_python_attach(&error));
        CHECK_OK(nexus_python_detach(&error));
        CHECK(gil_is_held());
        CHECK_NUMBER(states(), 1);
        CHECK_OK(nexus_python_detach(&error));
        detaches(NULL);
        on_threads(2, detaches, NULL);
    }
    for (int i = 0; i < 1000; i++) CHECK_OK(nexus_python_attach(&error));
    for (int i = 0; i < 1000; i++) CHECK_OK(nexus_python_detach(&error));
    detaches(NULL);
    CHECK_NUMBER(states(), 1);
    nexus_object_free(calls);
}

static void *adds_many(void *unused) {
    for (int i = 0; i < 100; i++) lives((void *)(intptr_t)(i % 5));
    return unused;
}

static NexusStatus starts_threads(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)arguments, (void)error, (void)data;
    on_threads(8, adds_many, NULL);
    *result = nexus_value_integer(states());
    return NEXUS_OK;
}

/* A callback waits for threads that call, while its own call has not returned. */
CASE(calls_on_other_threads_within_a_callback) {
    calls = calls_module();
    callback = host_function("callback", calls_back, NULL);
    NexusObject *starts = host_function("starts", starts_threads, NULL);
    for (int i = 0; i < 5; i++) CHECK_NUMBER(integer_of(call0(starts, "__call__")), 1);
    FREE_OBJECTS(starts, callback, calls);
}

#ifndef _WIN32
/* --- A forked child ------------------------------------------------------------------------------ */

static void destroys(void *count) { (*(int *)count)++; }

static void in_a_child(NexusObject *function, NexusCall *call, NexusError *of, NexusObject *exception) {
    NexusError *error = NULL, *other = (NexusError *)(uintptr_t)0x5a5a;
    NexusValue args[] = {nexus_value_integer(1), nexus_value_integer(2)}, result, results[2];
    const char *const keywords[] = {"k"};
    NexusObject *object = (NexusObject *)(uintptr_t)0x5a5a;
    NexusNames *names = (NexusNames *)(uintptr_t)0x5a5a;
    NexusCall *prepared_call = (NexusCall *)(uintptr_t)0x5a5a;
    size_t done = 99;
    int count = 0;
#define FORKED(call_of_it)                                                             \
    do {                                                                               \
        memset(&result, 0xa5, sizeof result);                                          \
        CHECK_ERROR(call_of_it, NEXUS_ERR_FORKED);                                     \
        DROP(error);                                                                   \
    } while (0)
    FORKED(nexus_object_call(function, args, 2, &result, &error));
    CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
    FORKED(nexus_object_call_keywords(function, args, 1, keywords, args, 1, &result, &error));
    CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
    FORKED(nexus_call_prepare(function, NULL, 0, &prepared_call, &error));
    CHECK(prepared_call == NULL);
    FORKED(nexus_call_invoke(call, args, 2, &result, &error));
    CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
    memset(results, 0xa5, sizeof results);
    FORKED(nexus_call_invoke_many(call, args, 1, 2, results, &done, &error));
    CHECK_NUMBER(done, 0);
    CHECK(results[0].kind == NEXUS_KIND_NONE && results[1].kind == NEXUS_KIND_NONE);
    FORKED(nexus_object_clone(function, &object, &error));
    CHECK(object == NULL);
    FORKED(nexus_function_new("f", NULL, 0, calls_back, &count, destroys, &object, &error));
    CHECK_NUMBER(count, 1);
    FORKED(nexus_error_raise("builtins.ValueError", "text", &error));
    FORKED(nexus_error_describe(exception, &other, &error));
    CHECK(other == NULL);
    FORKED(nexus_error_object(of, &object, &error));
    FORKED(nexus_error_cause(of, &other, &error));
    FORKED(nexus_error_notes(of, &names, &error));
    CHECK(names == NULL);
    FORKED(nexus_error_group_at(of, 0, &other, &error));
    FORKED(nexus_thread_interrupt(nexus_thread_id(), &error));
    FORKED(nexus_thread_uninterrupt(nexus_thread_id(), &error));
    FORKED(nexus_python_attach(&error));
#undef FORKED
    CHECK_NUMBER(nexus_error_group_count(of), 0);
    /* What is known already is told, and a traceback that was not written yet is one line. */
    CHECK_TEXT(nexus_error_exception(of), "builtins.ValueError");
    CHECK_TEXT(nexus_error_message(of), "made before");
    CHECK_TEXT(nexus_error_traceback(of), "builtins.ValueError: made before\n");
    CHECK_STATUS(nexus_error_new(NEXUS_ERR_IO, "mine", &error), NEXUS_ERR_IO);
    nexus_error_free(error);
    nexus_error_free(of);
    nexus_call_free(call);
    FREE_OBJECTS(function, exception);
}

CASE(forked_child) {
    calls = calls_module();
    for (int attached = 0; attached < 2; attached++) {
        NexusObject *add = member(calls, "add"), *exception = NULL;
        NexusCall *call = NULL;
        CHECK_OK(nexus_call_prepare(add, NULL, 0, &call, &error));
        CHECK_ERROR(nexus_error_raise("builtins.ValueError", "made before", &error), NEXUS_ERR_EXCEPTION);
        NexusError *of = error;
        CHECK_OK(nexus_error_object(of, &exception, &error));
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            in_a_child(add, call, of, exception);
            _exit(0);
        }
        int status;
        CHECK(waitpid(child, &status, 0) == child);
        CHECK_SEEN(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with status %d", status);
        NexusValue args[] = {nexus_value_integer(1), nexus_value_integer(2)}, result;
        CHECK_GIVES(nexus_call_invoke(call, args, 2, &result, &error), integer_of(result), 3);
        nexus_call_free(call);
        nexus_error_free(of);
        FREE_OBJECTS(exception, add);
    }
    nexus_object_free(calls);
}

static NexusStatus forks(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)arguments, (void)error, (void)data;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        NexusValue value;
        CHECK_STATUS(nexus_object_call(callback, NULL, 0, &value, NULL), NEXUS_ERR_FORKED);
        _exit(7);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    *result = nexus_value_integer(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return NEXUS_OK;
}

/* A callback that forks, as one does that starts a program. */
CASE(fork_in_a_callback) {
    calls = calls_module();
    callback = host_function("callback", forks, NULL);
    CHECK_NUMBER(integer_of(call0(callback, "__call__")), 7);
    CHECK_NUMBER(integer_of(call0(callback, "__call__")), 7);
    FREE_OBJECTS(callback, calls);
}
#endif
