/* Eight threads do whatever this library offers for calls, at random and all at once: each outcome is one that
 * the header allows, nothing crashes, hangs, or is left behind. The same seed does the same on each thread. */
#include "calling.h"

#include <sched.h>

enum { THREADS = 8, SHARED = 16 };
/* Wine's locks are slow. */
#ifdef _WIN32
enum { STEPS = 1500 };
#else
enum { STEPS = 12000 };
#endif

static NexusObject *calls, *python;
static uint64_t ids[THREADS];
static int running, interrupts_sent, interrupts_seen;
static int functions_made, functions_destroyed;

/* Handles that all threads use, free and replace: a slot is taken out with one exchange, so each is freed
 * once by the test itself; but others may still use it then. */
static NexusObject *objects[SHARED];
static NexusCall *prepared_calls[SHARED];

typedef struct Random {
    uint64_t state;
    int number;
} Random;

/* xorshift64 (Marsaglia 2003). */
static uint32_t below(Random *random, uint32_t limit) {
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return (uint32_t)(random->state >> 33) % limit;
}

/* Whether it succeeded; otherwise a failure that is none of the library's. Frees the error, which the call has
 * filled: its place, since C evaluates arguments in any order. */
static int well(NexusStatus status, NexusError **filled) {
    NexusError *error = *filled;
    if (status == NEXUS_OK) {
        CHECK(error == NULL);
        return 1;
    }
    CHECK(error != NULL);
    CHECK_STATUS(nexus_error_status(error), status);
    const char *type = nexus_error_exception(error);
    if (strcmp(type, "builtins.KeyboardInterrupt") == 0)
        __atomic_add_fetch(&interrupts_seen, 1, __ATOMIC_SEQ_CST);
    else
        CHECK_SEEN(status == NEXUS_ERR_BAD_HANDLE || strcmp(type, "builtins.ValueError") == 0, "%d %s: %s", status,
                   type, nexus_error_message(error));
    if (error) CHECK(status != NEXUS_ERR_EXCEPTION || nexus_error_traceback(error)[0] != '\0');
    nexus_error_free(error);
    return 0;
}

/* --- Functions of the host ----------------------------------------------------------------------- */

static void step(Random *random);

/* How many steps are within each other on this thread. */
static _Thread_local int depth;

static void destroyed(void *random) {
    free(random);
    __atomic_add_fetch(&functions_destroyed, 1, __ATOMIC_SEQ_CST);
}

static NexusStatus does_anything(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    Random random = *(Random *)data;
    random.state += arguments->count + (uintptr_t)result;
    for (uint32_t i = depth < 3 ? below(&random, 3) : 0; i > 0; i--) step(&random);
    switch (below(&random, 4)) {
    case 0: return nexus_error_raise("builtins.ValueError", "of the host", error);
    case 1: return nexus_error_new(NEXUS_ERR_INVALID_ARGUMENT, "of the host", error);
    case 2: *result = nexus_value_text("a text", 6); return NEXUS_OK;
    default: *result = arguments->count ? arguments->values[0] : nexus_value_integer(7); return NEXUS_OK;
    }
}

/* --- Steps --------------------------------------------------------------------------------------- */

static void call_something(Random *random) {
    static const char *const names[] = {"adds", "raises", "makes", "loops", "catches"};
    NexusError *error = NULL;
    NexusValue args[] = {nexus_value_integer(below(random, 1000)), text_value("text")}, result;
    const char *name = names[below(random, 5)];
    if (well(nexus_object_call_method(python, name, args, 2, &result, &error), &error)) nexus_value_clear(&result);
}

static void call_keywords(Random *random) {
    NexusError *error = NULL;
    const char *const names[] = {"a", "b"};
    NexusValue args[] = {nexus_value_integer(1), nexus_value_real(2.5)}, result;
    NexusObject *object = __atomic_load_n(&objects[below(random, SHARED)], __ATOMIC_SEQ_CST);
    NexusStatus status = nexus_object_call_keywords(object, NULL, 0, names, args, 2, &result, &error);
    if (well(status, &error)) nexus_value_clear(&result);
}

static void call_prepared(Random *random) {
    NexusError *error = NULL;
    NexusValue args[] = {nexus_value_integer(below(random, 1000)), nexus_value_integer(1)}, result;
    NexusCall *call = __atomic_load_n(&prepared_calls[below(random, SHARED)], __ATOMIC_SEQ_CST);
    if (well(nexus_call_invoke(call, args, 2, &result, &error), &error)) nexus_value_clear(&result);
}

static void call_batch(Random *random) {
    NexusError *error = NULL;
    NexusValue args[100], results[50];
    size_t count = below(random, 51), done = 99;
    for (size_t i = 0; i < 100; i++) args[i] = nexus_value_integer((int64_t)i);
    NexusCall *call = __atomic_load_n(&prepared_calls[below(random, SHARED)], __ATOMIC_SEQ_CST);
    int all = well(nexus_call_invoke_many(call, args, 2, count, results, &done, &error), &error);
    CHECK(done <= count && (!all || done == count));
    for (size_t i = 0; i < count; i++) {
        CHECK(i < done || results[i].kind == NEXUS_KIND_NONE);
        nexus_value_clear(&results[i]);
    }
}

static void replace_object(Random *random) {
    NexusError *error = NULL;
    NexusObject *object = NULL;
    if (below(random, 2)) {
        Random *own = malloc(sizeof *own);
        CHECK(own != NULL);
        *own = (Random){random->state | 1, random->number};
        __atomic_add_fetch(&functions_made, 1, __ATOMIC_SEQ_CST);
        well(nexus_function_new("f", NULL, below(random, 2), does_anything, own, destroyed, &object, &error), &error);
    } else {
        NexusValue value;
        if (well(nexus_object_attr(python, "adds", &value, &error), &error)) object = value.as.object;
    }
    nexus_object_free(__atomic_exchange_n(&objects[below(random, SHARED)], object, __ATOMIC_SEQ_CST));
}

static void replace_call(Random *random) {
    NexusError *error = NULL;
    NexusCall *call = NULL;
    const char *const names[] = {"b"};
    NexusObject *object = __atomic_load_n(&objects[below(random, SHARED)], __ATOMIC_SEQ_CST);
    well(nexus_call_prepare(object, names, below(random, 2), &call, &error), &error);
    nexus_call_free(__atomic_exchange_n(&prepared_calls[below(random, SHARED)], call, __ATOMIC_SEQ_CST));
}

static void look_at_an_error(Random *random) {
    NexusError *error = NULL, *of = NULL, *cause = NULL;
    NexusObject *object = NULL, *copy = NULL;
    NexusNames *notes = NULL;
    NexusValue result;
    NexusStatus status = nexus_object_call_method(python, "raises", NULL, 0, &result, &of);
    if (status == NEXUS_OK) nexus_value_clear(&result);
    if (below(random, 2)) CHECK(nexus_error_traceback(of) != NULL);
    if (nexus_error_cause(of, &cause, &error) != NEXUS_OK) nexus_error_free(error);
    if (nexus_error_notes(of, &notes, &error) != NEXUS_OK) nexus_error_free(error);
    CHECK_NUMBER(nexus_error_group_count(of), 0);
    if (nexus_error_object(of, &object, &error) != NEXUS_OK) nexus_error_free(error);
    if (nexus_object_clone(object, &copy, &error) != NEXUS_OK) nexus_error_free(error);
    nexus_error_free(of);
    if (nexus_error_describe(copy, &of, &error) != NEXUS_OK) nexus_error_free(error);
    nexus_error_free(of);
    nexus_error_free(cause);
    nexus_names_free(notes);
    FREE_OBJECTS(object, copy);
}

static void open_a_loader(Random *random) {
    static const char *const directories[] = {"documented", "values", "calls"};
    NexusError *error = NULL;
    NexusLoader *loader = NULL;
    NexusLoaderOptions options = {.struct_size = sizeof options, .flags = below(random, 2) ? NEXUS_LOADER_LAZY : 0};
    if (!well(nexus_loader_open(fixture(directories[below(random, 3)]), &options, &loader, &error), &error)) return;
    NexusObject *module = NULL;
    /* An interrupt while a lazy module loads is this module's failure to load. */
    NexusStatus status = nexus_loader_get(loader, "crypto", &module, NULL);
    CHECK(status == NEXUS_OK || status == NEXUS_ERR_NOT_LOADED || status == NEXUS_ERR_LOAD_FAILED ||
          status == NEXUS_ERR_EXCEPTION);
    nexus_object_free(module);
    nexus_loader_free(loader);
}

static void interrupt_somebody(Random *random) {
    NexusError *error = NULL;
    NexusStatus status = nexus_thread_interrupt(ids[below(random, THREADS)], &error);
    if (status == NEXUS_OK)
        __atomic_add_fetch(&interrupts_sent, 1, __ATOMIC_SEQ_CST);
    else
        /* In no call, or in the middle of an import all the time. */
        CHECK(status == NEXUS_ERR_NOT_FOUND || status == NEXUS_ERR_BUSY);
    nexus_error_free(error);
}

static void attached(Random *random) {
    NexusError *error = NULL;
    CHECK_OK(nexus_python_attach(&error));
    for (uint32_t i = depth < 3 ? below(random, 5) : 0; i > 0; i--) step(random);
    CHECK_OK(nexus_python_detach(&error));
}

static void *one_call(void *seed) {
    Random random = {(uintptr_t)seed | 1, 0};
    for (int i = 0; i < 3; i++) call_something(&random);
    return NULL;
}

static void short_thread(Random *random) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, one_call, (void *)(uintptr_t)below(random, UINT32_MAX)) == 0);
    /* mingw-w64's says no when the thread has ended already. */
    const int detached = pthread_detach(thread);
#ifndef _WIN32
    CHECK(detached == 0);
#endif
    (void)detached;
}

static void step(Random *random) {
    depth++;
    switch (below(random, 20)) {
    case 0: case 1: case 2: case 3: call_something(random); break;
    case 4: case 5: call_keywords(random); break;
    case 6: case 7: case 8: call_prepared(random); break;
    case 9: call_batch(random); break;
    case 10: case 11: replace_object(random); break;
    case 12: case 13: replace_call(random); break;
    case 14: look_at_an_error(random); break;
    case 15: interrupt_somebody(random); break;
    case 16: case 17: attached(random); break;
    case 18: if (below(random, 8) == 0) open_a_loader(random); break;
    default: if (below(random, 8) == 0) short_thread(random); break;
    }
    depth--;
}

static void *steps(void *number) {
    Random random = {.state = 88172645463325252u + (uintptr_t)number * 1000003u, .number = (int)(intptr_t)number};
    __atomic_store_n(&ids[(intptr_t)number], nexus_thread_id(), __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&running, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&running, __ATOMIC_SEQ_CST) < THREADS) sched_yield();
    for (int i = 0; i < STEPS; i++) {
        step(&random);
        CHECK(!gil_is_held());
    }
    return NULL;
}

CASE(eight_threads_at_random) {
    nexus_log_set(NULL, NULL, 0);
    calls = calls_module();
    python = python_module("def adds(a=1, b=2): return str(a) + str(b)\n"
                           "def raises(*args):\n"
                           "    try: raise ValueError('inner')\n"
                           "    except ValueError as error: raise ValueError('outer') from error\n"
                           "def makes(*args): return [args, {}, object()]\n"
                           "def loops(*args): return sum(i for i in range(300))\n"
                           "def catches(*args):\n"
                           "    try: return sum(i for i in range(300))\n"
                           "    except KeyboardInterrupt: return None\n");
    on_numbered_threads(THREADS, steps);
    for (int i = 0; i < SHARED; i++) {
        nexus_call_free(prepared_calls[i]);
        nexus_object_free(objects[i]);
    }
    /* The short threads end by themselves. */
    while (integer_of(call0(calls, "count_thread_states")) > 1) usleep(1000);
    NexusValue collected = evaluate("__import__('gc').collect()");
    CHECK_NUMBER(collected.kind, NEXUS_KIND_INTEGER);
    CHECK_NUMBER(functions_destroyed, functions_made);
    CHECK_SEEN(interrupts_seen <= interrupts_sent, "%d interrupts came of %d", interrupts_seen, interrupts_sent);
    /* Nothing waits for the next call. */
    for (int i = 0; i < 100; i++) {
        NexusValue result;
        CHECK_GIVES(nexus_object_call_method(python, "loops", NULL, 0, &result, &error), integer_of(result), 44850);
    }
    fprintf(stderr, "%d functions, %d interrupts sent, %d seen\n", functions_made, interrupts_sent, interrupts_seen);
    FREE_OBJECTS(python, calls);
}
