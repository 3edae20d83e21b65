/* Any thread may call any function. */
#include "nexus_check.h"

enum { MANY = 64 };

static pthread_barrier_t barrier;

static void in_threads(int count, void *(*run)(void *)) {
    CHECK(pthread_barrier_init(&barrier, NULL, (unsigned)count) == 0);
    on_numbered_threads(count, run);
}

/* --- The first call ------------------------------------------------------------------------------ */

static void *first_call(void *number) {
    pthread_barrier_wait(&barrier);
    switch ((intptr_t)number % 4) {
    case 0:
        CHECK_OK(nexus_python_start(NULL, &error));
        break;
    case 1:
        nexus_object_free(import("sys"));
        break;
    default: {
        NexusLoader *loader = open_all("documented");
        NexusObject *crypto = get(loader, "crypto");
        NexusValue encrypted = call1(crypto, "encrypt", nexus_value_text("x", 1));
        CHECK_NUMBER(encrypted.kind, NEXUS_KIND_TEXT);
        nexus_value_clear(&encrypted);
        nexus_object_free(crypto);
        nexus_loader_free(loader);
    }
    }
    NexusPythonInfo info = {.struct_size = sizeof info};
    CHECK_OK(nexus_python_info(&info, &error));
    CHECK(info.owned);
    return NULL;
}

CASE(sixty_four_race_for_the_first_call) { in_threads(MANY, first_call); }

/* --- Calls --------------------------------------------------------------------------------------- */

static NexusObject *module;

static void *many_calls(void *number) {
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 500; i++) {
        NexusValue args[] = {nexus_value_integer((intptr_t)number * 1000), nexus_value_integer(i)};
        CHECK_NUMBER(integer_of(call(module, "add", args, 2)), (intptr_t)number * 1000 + i);
        if (i % 50 == 0) {
            NexusValue text = text_value("from a thread"), result;
            CHECK_FAILS(nexus_object_call_method(module, "raise_value_error", &text, 1, &result, &error),
                        NEXUS_ERR_EXCEPTION, "from a thread");
        }
    }
    return NULL;
}

CASE(calls_from_many_threads) {
    module = module_of("values");
    in_threads(16, many_calls);
    /* Threads that come later than the first ones have ended. */
    in_threads(16, many_calls);
    nexus_object_free(module);
}

static void *meet(void *unused) {
    CHECK(integer_of(call1(module, "meet", nexus_value_integer(8))) >= 8);
    return unused;
}

/* A call that gives up the GIL does not keep the others out: eight wait for each other inside Python.
 * Were one of them alone in there, none would ever return. */
CASE(calls_that_release_the_gil_run_together) {
    module = module_of("values");
    in_threads(8, meet);
    nexus_object_free(module);
}

static void *sleeps(void *unused) {
    discard(call1(module, "sleep_without_gil", nexus_value_integer(5)));
    return unused;
}

CASE(more_threads_than_cores_sleep) {
    module = module_of("values");
    in_threads(MANY, sleeps);
    nexus_object_free(module);
}

/* What one thread has made another one uses, and a third frees. */
static NexusLoader *made_elsewhere;
static NexusValue text_made_elsewhere;

static void *makes(void *unused) {
    made_elsewhere = open_all("values");
    module = get(made_elsewhere, "values");
    text_made_elsewhere = call1(module, "make", text_value("text_wide"));
    return unused;
}

static void *uses(void *unused) {
    NexusValue again = call1(module, "echo", text_made_elsewhere);
    CHECK_NUMBER(again.as.text.size, text_made_elsewhere.as.text.size);
    nexus_value_clear(&again);
    return unused;
}

static void *frees(void *unused) {
    nexus_value_clear(&text_made_elsewhere);
    nexus_loader_free(made_elsewhere);
    nexus_object_free(module);
    return unused;
}

CASE(made_used_and_freed_on_three_threads) {
    for (int i = 0; i < 20; i++) {
        in_threads(1, makes);
        in_threads(1, uses);
        in_threads(1, frees);
    }
}

/* --- Loaders ------------------------------------------------------------------------------------- */

static void *opens_and_frees(void *number) {
    const char *const directories[] = {"documented", "values", "one_bad", "odd"};
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 10; i++) {
        const char *directory = directories[((intptr_t)number + i) % 4];
        NexusLoader *loader = open_all(directory);
        CHECK(nexus_loader_count(loader) > 0);
        nexus_report_free(report_of(loader));
        nexus_loader_free(loader);
    }
    return NULL;
}

CASE(loaders_from_many_threads) {
    nexus_log_set(NULL, NULL, 0);
    in_threads(8, opens_and_frees);
}

static NexusLoader *lazy_loader;
static int64_t lazy_ids[MANY];

static void *gets_lazily(void *number) {
    pthread_barrier_wait(&barrier);
    NexusObject *database = get(lazy_loader, "database");
    lazy_ids[(intptr_t)number] = id_of(database);
    nexus_object_free(database);
    return NULL;
}

/* All get the same module, loaded once. */
CASE(lazy_get_from_many_threads) {
    lazy_loader = open_with(fixture("documented"), (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY});
    in_threads(16, gets_lazily);
    for (int i = 1; i < 16; i++) CHECK(lazy_ids[i] == lazy_ids[0]);
    nexus_loader_free(lazy_loader);
}

static void *frees_under_way(void *number) {
    pthread_barrier_wait(&barrier);
    if ((intptr_t)number == 0) {
        nexus_loader_free(lazy_loader);
        return NULL;
    }
    for (int i = 0; i < 200; i++) {
        NexusObject *object = NULL;
        NexusStatus status = nexus_loader_get(lazy_loader, "values", &object, NULL);
        CHECK(status == NEXUS_OK ? object != NULL : status == NEXUS_ERR_BAD_HANDLE && object == NULL);
        nexus_object_free(object);
    }
    return NULL;
}

/* A loader that is freed while others use it: they get it or NEXUS_ERR_BAD_HANDLE. */
CASE(freed_while_others_use_it) {
    for (int i = 0; i < 10; i++) {
        lazy_loader = open_all("values");
        in_threads(4, frees_under_way);
    }
}

/* --- Attach and detach --------------------------------------------------------------------------- */

static void *attaches(void *unused) {
    for (int round = 0; round < 20; round++) {
        CHECK_OK(nexus_python_attach(&error));
        CHECK_OK(nexus_python_attach(&error));
        for (int i = 0; i < 20; i++) {
            NexusValue args[] = {nexus_value_integer(1), nexus_value_integer(i)};
            CHECK_NUMBER(integer_of(call(module, "add", args, 2)), 1 + i);
        }
        CHECK_OK(nexus_python_detach(&error));
        /* A call that gives up the GIL may do so between the two. */
        discard(call1(module, "sleep_without_gil", nexus_value_integer(0)));
        CHECK_OK(nexus_python_detach(&error));
        CHECK_REFUSED(nexus_python_detach(&error), NEXUS_ERR_NOT_ATTACHED);
    }
    return unused;
}

CASE(attach_nests) {
    module = module_of("values");
    attaches(NULL);
    in_threads(8, attaches);
    nexus_object_free(module);
}

static void *attaches_and_ends(void *unused) {
    CHECK_OK(nexus_python_attach(&error));
    return unused;
}

/* A thread that ends attached must not keep the GIL for ever. */
CASE(thread_ends_attached) {
    module = module_of("values");
    in_threads(2, attaches_and_ends);
    CHECK_NUMBER(integer_of(call1(module, "echo", nexus_value_integer(1))), 1);
    nexus_object_free(module);
}

static void *calls_once(void *unused) {
    CHECK_NUMBER(integer_of(call1(module, "echo", nexus_value_integer(3))), 3);
    return unused;
}

/* No function keeps the GIL: after each one, another thread can call. */
CASE(gil_is_free_after_each_function) {
    CHECK_OK(nexus_python_start(NULL, &error));
    NexusLoader *loader = open_all("values");
    module = get(loader, "values");
    in_threads(1, calls_once);
    NexusValue text = text_value("x"), result;
    CHECK_ERROR(nexus_object_call_method(module, "raise_value_error", &text, 1, &result, &error), NEXUS_ERR_EXCEPTION);
    in_threads(1, calls_once);
    DROP(error);
    in_threads(1, calls_once);
    CHECK(nexus_object_call_method(NULL, NULL, NULL, 0, NULL, NULL) != NEXUS_OK);
    in_threads(1, calls_once);
    nexus_report_free(report_of(loader));
    nexus_loader_free(loader);
    in_threads(1, calls_once);
}

/* A thousand threads, one after another: what is kept for a thread ends with it. */
CASE(thread_states_end_with_their_threads) {
    module = module_of("values");
    for (int i = 0; i < 50; i++) in_threads(1, calls_once);
    NexusValue before = evaluate("__import__('sys').getallocatedblocks()");
    for (int i = 0; i < 500; i++) in_threads(1, calls_once);
    NexusValue after = evaluate("__import__('sys').getallocatedblocks()");
    CHECK_SEEN(integer_of(after) - integer_of(before) < 250, "%lld blocks more after 500 threads",
               (long long)(after.as.integer - before.as.integer));
    CHECK_PYTHON("len(__import__('sys')._current_frames()) <= 2");
    nexus_object_free(module);
}

/* A callback of the log may call us back. */
static void calls_from_log(uint32_t level, const char *text, void *user_data) {
    (void)level, (void)text;
    (*(int *)user_data)++;
    CHECK(nexus_version_number() != 0);
    NexusPythonInfo info = {.struct_size = sizeof info};
    NexusStatus status = nexus_python_info(&info, NULL);
    CHECK(status == NEXUS_OK || status == NEXUS_ERR_NOT_STARTED);
}

CASE(log_callback_calls_us) {
    static int lines;
    nexus_log_set(calls_from_log, &lines, NEXUS_LOG_DEBUG);
    NexusLoader *loader = open_all("one_bad");
    nexus_loader_free(loader);
    CHECK(lines > 0);
}
