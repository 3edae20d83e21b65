/* Prepared calls and batches: their handles, and what is between two calls. The outcomes of the calls
 * themselves are in calls.c. */
#include "calling.h"

enum { THREADS = 8 };

static NexusCall *prepare(const NexusObject *callable, const char *const *names, size_t count) {
    NexusCall *call = NULL;
    CHECK_OK(nexus_call_prepare(callable, names, count, &call, &error));
    CHECK(call != NULL);
    return call;
}

/* A prepared call of a function of the module `calls`. */
static NexusCall *prepare_builtin(const char *name) {
    NexusObject *calls = calls_module(), *function = member(calls, name);
    NexusCall *call = prepare(function, NULL, 0);
    FREE_OBJECTS(function, calls);
    return call;
}

static int64_t alive(void) {
    NexusObject *calls = calls_module();
    int64_t count = integer_of(call0(calls, "count_alive"));
    nexus_object_free(calls);
    return count;
}

static void check_bad_handle(const NexusCall *call) {
    NexusValue result = poison();
    CHECK_FAILS(nexus_call_invoke(call, NULL, 0, &result, &error), NEXUS_ERR_BAD_HANDLE, "'call'");
    CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
}

/* --- What a prepared call keeps ------------------------------------------------------------------ */

CASE(keeps_the_callable_and_the_names) {
    NexusObject *functions = python_module("class Adds:\n"
                                           "    def __init__(self, a): self.a = a\n"
                                           "    def add(self, b, *, k): return self.a + b, k\n");
    char name[8] = "k";
    const char *names[] = {name};
    NexusObject *instance = object_of(call1(functions, "Adds", nexus_value_integer(40)));
    NexusObject *bound = member(instance, "add");
    NexusCall *call = prepare(bound, names, 1);
    strcpy(name, "other");
    names[0] = NULL;
    FREE_OBJECTS(bound, instance, functions);
    run_python("import gc\ngc.collect()\njunk = [str(i) * 30 for i in range(1000)]");
    NexusValue args[] = {nexus_value_integer(2), text_value("named")}, result;
    CHECK_OK(nexus_call_invoke(call, args, 2, &result, &error));
    CHECK_TEXT(shown(result), "(42, 'named')");
    nexus_value_clear(&result);
    nexus_call_free(call);
    check_bad_handle(call);
    nexus_call_free(call);
}

/* A builtin's C function is called directly: its `self` must live, too. */
CASE(keeps_the_self_of_a_builtin) {
    NexusValue list = evaluate("[]"), result;
    NexusObject *append = member(list.as.object, "append"), *length = member(list.as.object, "__len__");
    NexusCall *call = prepare(append, NULL, 0), *count = prepare(length, NULL, 0);
    FREE_OBJECTS(append, length);
    nexus_value_clear(&list);
    run_python("import gc\ngc.collect()\njunk = [[] for i in range(1000)]");
    for (int i = 0; i < 100; i++) {
        NexusValue number = nexus_value_integer(i);
        CHECK_OK(nexus_call_invoke(call, &number, 1, &result, &error));
        CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
    }
    CHECK_GIVES(nexus_call_invoke(count, NULL, 0, &result, &error), integer_of(result), 100);
    nexus_call_free(call);
    nexus_call_free(count);
}

static int destroyed;

static void destroys(void *user_data) { (*(int *)user_data)++; }

static NexusStatus does_nothing(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)arguments, (void)result, (void)error, (void)data;
    return NEXUS_OK;
}

/* The callable dies with the call, at once, not at some later call. */
CASE(lets_go_when_freed) {
    const char *const names[] = {"k"};
    for (size_t named = 0; named < 2; named++) {
        NexusObject *function;
        CHECK_OK(nexus_function_new("f", NULL, 0, does_nothing, &destroyed, destroys, &function, &error));
        destroyed = 0;
        NexusCall *first = prepare(function, names, named), *second = prepare(function, names, named);
        nexus_object_free(function);
        NexusValue result, none = nexus_value_none();
        CHECK_OK(nexus_call_invoke(first, &none, 1, &result, &error));
        nexus_call_free(first);
        CHECK_NUMBER(destroyed, 0);
        check_bad_handle(first);
        CHECK_OK(nexus_call_invoke(second, &none, 1, &result, &error));
        nexus_call_free(second);
        CHECK_NUMBER(destroyed, 1);
    }
}

CASE(more_keywords_than_arguments) {
    NexusValue everything = evaluate("lambda *args, **keywords: 5");
    const char *const names[] = {"a", "b", "c"};
    NexusCall *call = prepare(object_of(everything), names, 3);
    NexusValue args[] = {nexus_value_none(), nexus_value_none(), nexus_value_none()}, result;
    for (size_t count = 0; count < 3; count++) {
        memset(&result, 0xa5, sizeof result);
        CHECK_FAILS(nexus_call_invoke(call, args, count, &result, &error), NEXUS_ERR_INVALID_ARGUMENT, "3 keywords");
        CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
        size_t done = 99;
        CHECK_REFUSED(nexus_call_invoke_many(call, args, count, 1, &result, &done, &error), NEXUS_ERR_INVALID_ARGUMENT);
        CHECK_NUMBER(done, 0);
    }
    CHECK_GIVES(nexus_call_invoke(call, args, 3, &result, &error), integer_of(result), 5);
    nexus_call_free(call);
    nexus_value_clear(&everything);
}

/* --- Freed while it is called -------------------------------------------------------------------- */

static NexusCall *under_way;

static NexusStatus frees_the_call(const NexusArguments *arguments, NexusValue *result, NexusError **error,
                                  void *user_data) {
    (void)user_data;
    nexus_call_free(under_way);
    check_bad_handle(under_way);
    run_python("import gc\ngc.collect()\njunk = [str(i) * 30 for i in range(1000)]");
    if (arguments->count == 0) return nexus_error_new(NEXUS_ERR_IO, "freed", error);
    *result = arguments->values[0];
    return NEXUS_OK;
}

CASE(freed_by_the_callee) {
    NexusObject *calls = calls_module();
    /* The host's function itself; through Python code; through a builtin that is called directly. */
    const char *const around[] = {"it", "lambda *args, **keywords: it(*args, **keywords)",
                                  "__import__('functools').partial(it)"};
    const char *const names[] = {"k"};
    for (size_t i = 0; i < COUNT(around) * 2; i++) {
        NexusValue arg = nexus_value_integer((int64_t)i), result;
        NexusObject *function;
        destroyed = 0;
        CHECK_OK(nexus_function_new("f", NULL, 0, frees_the_call, &destroyed, destroys, &function, &error));
        NexusValue callable = evaluate_with(around[i / 2], nexus_value_object(function));
        NexusValue pair[] = {arg, text_value("named")};
        under_way = prepare(callable.as.object, names, i % 2);
        nexus_value_clear(&callable);
        nexus_object_free(function);
        CHECK_NUMBER(destroyed, 0);
        CHECK_GIVES(nexus_call_invoke(under_way, pair, 1 + i % 2, &result, &error), integer_of(result), i);
        run_python("import gc\ngc.collect()");
        CHECK_NUMBER(destroyed, 1);
        check_bad_handle(under_way);
    }
    /* calls.call_back is a METH_FASTCALL builtin. */
    NexusObject *call_back = member(calls, "call_back"), *function;
    destroyed = 0;
    CHECK_OK(nexus_function_new("f", NULL, 0, frees_the_call, &destroyed, destroys, &function, &error));
    under_way = prepare(call_back, NULL, 0);
    NexusValue args[] = {nexus_value_object(function), nexus_value_integer(7)}, result;
    CHECK_GIVES(nexus_call_invoke(under_way, args, 2, &result, &error), integer_of(result), 7);
    /* Again, with a callee that fails. */
    under_way = prepare(call_back, NULL, 0);
    CHECK_RAISES(nexus_call_invoke(under_way, args, 1, &result, &error), "builtins.OSError");
    CHECK_NUMBER(destroyed, 0);
    nexus_object_free(function);
    CHECK_NUMBER(destroyed, 1);
    FREE_OBJECTS(call_back, calls);
}

CASE(batch_freed_by_the_callee) {
    NexusObject *function = host_function("f", frees_the_call, NULL);
    under_way = prepare(function, NULL, 0);
    NexusValue args[] = {text_value("first"), text_value("second"), text_value("third")}, results[3];
    memset(results, 0xa5, sizeof results);
    size_t done = 99;
    /* What is being made ends well. */
    CHECK_GIVES(nexus_call_invoke_many(under_way, args, 1, 3, results, &done, &error), done, 3);
    char text[16];
    CHECK_TEXT(text_of(results[0], text, sizeof text), "first");
    CHECK_TEXT(text_of(results[2], text, sizeof text), "third");
    nexus_value_clear(&results[1]);
    check_bad_handle(under_way);
    nexus_object_free(function);
}

/* --- Many threads -------------------------------------------------------------------------------- */

static pthread_barrier_t barrier;
static NexusCall *shared[4];

static void in_threads(void *(*run)(void *)) {
    CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    on_numbered_threads(THREADS, run);
    pthread_barrier_destroy(&barrier);
}

static void *invokes(void *number) {
    int64_t own = (intptr_t)number * 1000000;
    pthread_barrier_wait(&barrier);
    for (int64_t i = 0; i < 2000; i++) {
        NexusValue args[] = {nexus_value_integer(own), nexus_value_integer(i)}, result, results[4], all[8];
        CHECK_OK(nexus_call_invoke(shared[i % 3], args, 2, &result, &error));
        CHECK(integer_of(result) == own + i);
        if (i % 10) continue;
        for (int j = 0; j < 8; j++) all[j] = j % 2 ? nexus_value_integer(j) : nexus_value_integer(own + i);
        CHECK_OK(nexus_call_invoke_many(shared[i / 10 % 3], all, 2, 4, results, NULL, &error));
        for (int j = 0; j < 4; j++) CHECK(integer_of(results[j]) == own + i + 2 * j + 1);
        CHECK_REFUSED(nexus_call_invoke(shared[0], args, 1, &result, &error), NEXUS_ERR_EXCEPTION);
    }
    return NULL;
}

CASE(one_call_on_eight_threads) {
    NexusValue python = evaluate("lambda a, b: a + b"), named = evaluate("lambda a, *, b: a + b");
    const char *const names[] = {"b"};
    shared[0] = prepare_builtin("add");
    shared[1] = prepare(object_of(python), NULL, 0);
    shared[2] = prepare(object_of(named), names, 1);
    in_threads(invokes);
    for (int i = 0; i < 3; i++) nexus_call_free(shared[i]);
    CLEAR_VALUES(&python, &named);
}

static void *frees_while_others_call(void *number) {
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 400; i++) {
        NexusValue args[] = {nexus_value_integer(1), nexus_value_integer(i)}, result, results[2];
        NexusCall *call = shared[i % 4];
        if ((intptr_t)number % 4 == 0 && i == 200) {
            for (int j = 0; j < 4; j++) nexus_call_free(shared[j]);
        }
        NexusStatus status = nexus_call_invoke(call, args, 2, &result, NULL);
        CHECK(status == NEXUS_OK ? integer_of(result) == 1 + i : status == NEXUS_ERR_BAD_HANDLE);
        size_t done;
        NexusValue twice[] = {args[0], args[1], args[1], args[0]};
        status = nexus_call_invoke_many(call, twice, 2, 2, results, &done, NULL);
        CHECK(status == NEXUS_OK ? done == 2 : status == NEXUS_ERR_BAD_HANDLE && done < 2);
        for (int j = 0; j < 2; j++) CHECK(results[j].kind == ((size_t)j < done ? NEXUS_KIND_INTEGER : NEXUS_KIND_NONE));
    }
    return NULL;
}

/* Two of eight threads free what all of them use. */
CASE(freed_while_eight_threads_use_it) {
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 4; i++) {
            NexusValue function = evaluate("lambda a, b: a + b");
            shared[i] = i % 2 ? prepare_builtin("add") : prepare(object_of(function), NULL, 0);
            nexus_value_clear(&function);
        }
        in_threads(frees_while_others_call);
        for (int i = 0; i < 4; i++) check_bad_handle(shared[i]);
    }
}

/* --- Batches ------------------------------------------------------------------------------------- */

CASE(batches) {
    enum { MANY = 1000 };
    NexusCall *add = prepare_builtin("add");
    static NexusValue args[2 * MANY], results[MANY];
    for (int i = 0; i < MANY; i++) args[2 * i] = nexus_value_integer(i), args[2 * i + 1] = nexus_value_integer(7 * i);
    memset(results, 0xa5, sizeof results);
    size_t done = 99;
    CHECK_GIVES(nexus_call_invoke_many(add, args, 2, MANY, results, &done, &error), done, MANY);
    for (int i = 0; i < MANY; i++) CHECK_NUMBER(integer_of(results[i]), 8 * i);
    /* No interest in the results, or in how many there are. */
    CHECK_GIVES(nexus_call_invoke_many(add, args, 2, MANY, NULL, &done, &error), done, MANY);
    CHECK_OK(nexus_call_invoke_many(add, args, 2, MANY, results, NULL, &error));
    /* No call at all. */
    done = 99;
    CHECK_GIVES(nexus_call_invoke_many(add, NULL, 2, 0, NULL, &done, &error), done, 0);
    CHECK_OK(nexus_call_invoke_many(add, NULL, 0, 0, NULL, NULL, &error));
    nexus_call_free(add);
    /* No arguments. */
    NexusCall *none = prepare_builtin("no_arguments");
    memset(results, 0xa5, sizeof results);
    CHECK_GIVES(nexus_call_invoke_many(none, NULL, 0, 100, results, &done, &error), done, 100);
    for (int i = 0; i < 100; i++) {
        char text[64];
        CHECK_TEXT(text_of(results[i], text, sizeof text), "no_arguments module ()");
    }
    nexus_call_free(none);
}

CASE(batch_with_keywords) {
    NexusValue function = evaluate("lambda a, *, k, l: (a, k, l)");
    const char *const names[] = {"l", "k"};
    NexusCall *call = prepare(object_of(function), names, 2);
    NexusValue args[6], results[2];
    for (int i = 0; i < 6; i++) args[i] = nexus_value_integer(i);
    CHECK_OK(nexus_call_invoke_many(call, args, 3, 2, results, NULL, &error));
    CHECK_TEXT(shown(results[0]), "(0, 2, 1)");
    CHECK_TEXT(shown(results[1]), "(3, 5, 4)");
    for (int i = 0; i < 2; i++) nexus_value_clear(&results[i]);
    nexus_call_free(call);
    nexus_value_clear(&function);
}

/* The values before a failure are the caller's, the rest is None, and the failure is the call's. */
CASE(batch_that_fails_in_the_middle) {
    enum { MANY = 20 };
    NexusObject *functions = python_module("def f(i, make):\n"
                                           "    if i == 13: raise LookupError(i)\n"
                                           "    return make() if i % 2 else 'a text ' + str(i)\n");
    NexusObject *calls = calls_module(), *tracked = member(calls, "Tracked"), *f = member(functions, "f");
    NexusCall *call = prepare(f, NULL, 0);
    for (int with_results = 1; with_results >= 0; with_results--) {
        NexusValue args[2 * MANY], results[MANY];
        for (int i = 0; i < MANY; i++)
            args[2 * i] = nexus_value_integer(i), args[2 * i + 1] = nexus_value_object(tracked);
        memset(results, 0xa5, sizeof results);
        size_t done = 99;
        CHECK_RAISES_SAYING(nexus_call_invoke_many(call, args, 2, MANY, with_results ? results : NULL, &done, &error),
                            "builtins.LookupError", "13");
        CHECK_NUMBER(done, 13);
        CHECK_NUMBER(alive(), with_results ? 6 : 0);
        for (int i = 0; with_results && i < MANY; i++) {
            CHECK_NUMBER(results[i].kind, i >= 13 ? NEXUS_KIND_NONE : i % 2 ? NEXUS_KIND_OBJECT : NEXUS_KIND_TEXT);
            CHECK(i < 13 || results[i].owner == NULL);
            nexus_value_clear(&results[i]);
        }
        CHECK_NUMBER(alive(), 0);
    }
    /* A bad argument in the middle. */
    NexusValue args[2 * MANY], results[MANY];
    for (int i = 0; i < MANY; i++) args[2 * i] = nexus_value_integer(0), args[2 * i + 1] = nexus_value_none();
    memset(&args[2 * 9 + 1].kind, 0x77, sizeof args[0].kind);
    size_t done = 99;
    CHECK_REFUSED(nexus_call_invoke_many(call, args, 2, MANY, results, &done, &error), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK_NUMBER(done, 9);
    for (int i = 0; i < MANY; i++) {
        CHECK_NUMBER(results[i].kind, i < 9 ? NEXUS_KIND_TEXT : NEXUS_KIND_NONE);
        nexus_value_clear(&results[i]);
    }
    nexus_call_free(call);
    FREE_OBJECTS(f, tracked, calls, functions);
}

/* What cannot be is refused before anything is written. */
CASE(batches_larger_than_memory) {
    NexusCall *call = prepare_builtin("no_arguments");
    NexusValue value = nexus_value_integer(1), result;
    const struct {
        size_t per_call, calls;
    } sizes[] = {{2, SIZE_MAX}, {SIZE_MAX, 2}, {SIZE_MAX, SIZE_MAX}, {SIZE_MAX / 2, 3}, {1, SIZE_MAX}, {1, SIZE_MAX / 32},
                 {0, SIZE_MAX}, {0, SIZE_MAX / 32}};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        size_t done = 99;
        memset(&result, 0xa5, sizeof result);
        CHECK_FAILS(nexus_call_invoke_many(call, &value, sizes[i].per_call, sizes[i].calls, &result, &done, &error),
                    NEXUS_ERR_INVALID_ARGUMENT, "memory");
        CHECK_NUMBER(done, 0);
    }
    /* After another failure the results are None. */
    NexusValue results[3];
    memset(results, 0xa5, sizeof results);
    CHECK_FAILS(nexus_call_invoke_many(call, NULL, 1, 3, results, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT, "'args'");
    for (int i = 0; i < 3; i++) CHECK_NUMBER(results[i].kind, NEXUS_KIND_NONE);
    nexus_call_free(call);
    memset(results, 0xa5, sizeof results);
    CHECK_REFUSED(nexus_call_invoke_many(call, NULL, 0, 3, results, NULL, &error), NEXUS_ERR_BAD_HANDLE);
    for (int i = 0; i < 3; i++) CHECK_NUMBER(results[i].kind, NEXUS_KIND_NONE);
}

static void *stops(void *unused) {
    NexusObject *calls = calls_module();
    for (int i = 0; i < 20; i++) {
        NexusValue args[] = {nexus_value_integer(i), nexus_value_integer(1)};
        CHECK_NUMBER(integer_of(call(calls, "add", args, 2)), i + 1);
    }
    gives_none(call0(calls, "stop"));
    nexus_object_free(calls);
    return unused;
}

/* A batch of a builtin would never give up the GIL by itself, and this one would not end for centuries: it
 * ends because another thread gets on meanwhile, and says so. */
CASE(other_threads_get_on_during_a_batch) {
    pthread_t other;
    NexusCall *call = prepare_builtin("raise_if_stopped");
    CHECK(pthread_create(&other, NULL, stops, NULL) == 0);
    size_t done = 0;
    CHECK_RAISES(nexus_call_invoke_many(call, NULL, 0, SIZE_MAX / 64, NULL, &done, &error), "builtins.StopIteration");
    CHECK(pthread_join(other, NULL) == 0);
    nexus_call_free(call);
}

static NexusStatus makes_a_batch(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *call) {
    (void)arguments;
    NexusValue args[200], results[100];
    for (int i = 0; i < 200; i++) args[i] = nexus_value_integer(i);
    NexusStatus status = nexus_call_invoke_many(call, args, 2, 100, results, NULL, error);
    if (status == NEXUS_OK) *result = results[99];
    return status;
}

/* In a callback, and on a thread that holds the GIL. */
CASE(batches_where_the_gil_is_held) {
    NexusCall *add = prepare_builtin("add");
    for (uint32_t flags = 0; flags <= NEXUS_FUNCTION_HOLD_GIL; flags++) {
        NexusObject *function = flagged_function(flags, makes_a_batch, add);
        CHECK_NUMBER(integer_of(call0(function, "__call__")), 198 + 199);
        CHECK_OK(nexus_python_attach(&error));
        CHECK_NUMBER(integer_of(call0(function, "__call__")), 198 + 199);
        NexusValue result;
        CHECK_GIVES(makes_a_batch(NULL, &result, &error, add), integer_of(result), 198 + 199);
        CHECK_OK(nexus_python_detach(&error));
        CHECK(!gil_is_held());
        nexus_object_free(function);
    }
    nexus_call_free(add);
}
