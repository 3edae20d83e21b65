/* Generators, coroutines and other awaitables, driven to their end. */
#include "object_check.h"

#include <pthread.h>
#include <signal.h>

/* A function that Python source defines as `f`. */
static NexusObject *function(const char *source) {
    NexusObject *builtins = import("builtins");
    NexusValue names = call0(builtins, "dict"), key = text_value("f"), found = poison();
    NexusValue args[] = {text_value(source), names}, unused = call(builtins, "exec", args, 2);
    nexus_value_clear(&unused);
    CHECK_OK(nexus_object_item(names.as.object, &key, &found, &error));
    CHECK_NUMBER(found.kind, NEXUS_KIND_OBJECT);
    nexus_value_clear(&names);
    nexus_object_free(builtins);
    return found.as.object;
}

/* What that function returns, which is an object. */
static NexusObject *called(const char *source) {
    NexusObject *f = function(source);
    NexusValue result = poison();
    CHECK_OK(nexus_object_call(f, NULL, 0, &result, &error));
    CHECK_NUMBER(result.kind, NEXUS_KIND_OBJECT);
    nexus_object_free(f);
    return result.as.object;
}

/* --- Generators ---------------------------------------------------------------------------------- */

CASE(generator_to_its_end) {
    NexusObject *generator = called("def f():\n"
                                    "    got = yield 'first'\n"
                                    "    got = yield [got]\n"
                                    "    return got\n");
    NexusValue none = nexus_value_none(), five = nexus_value_integer(5), text = text_value("last"), result = poison();
    bool finished = true;
    CHECK_OK(nexus_generator_send(generator, &none, &result, &finished, &error));
    CHECK(!finished && is_text(&result, "first"));
    nexus_value_clear(&result);
    finished = true;
    CHECK_GIVES(nexus_generator_send(generator, &five, &result, &finished, &error), finished, false);
    CHECK_HOLDS(result.as.object, "it == [5]");
    nexus_value_clear(&result);
    CHECK_OK(nexus_generator_send(generator, &text, &result, &finished, &error));
    CHECK(finished && is_text(&result, "last"));
    nexus_value_clear(&result);
    finished = false;
    CHECK_OK(nexus_generator_send(generator, &none, &result, &finished, &error));
    CHECK(finished && is_none(&result));
    CHECK_STATUS(nexus_object_next(generator, &result, NULL), NEXUS_ERR_END);
    nexus_object_free(generator);
}

CASE(generator_that_fails) {
    NexusObject *generator = called("def f():\n    yield 1\n    1 / 0\n");
    NexusValue none = nexus_value_none(), five = nexus_value_integer(5), result = poison();
    bool finished = true;
    CHECK_RAISES(nexus_generator_send(generator, &five, &result, &finished, &error), "builtins.TypeError");
    CHECK(!finished && is_none(&result));
    CHECK_OK(nexus_generator_send(generator, &none, &result, &finished, &error));
    result = poison();
    finished = true;
    CHECK_RAISES(nexus_generator_send(generator, &none, &result, &finished, &error), "builtins.ZeroDivisionError");
    CHECK(!finished && is_none(&result));
    nexus_object_free(generator);

    NexusObject *number = object("5"), *iterator = object("iter([1])");
    CHECK_RAISES(nexus_generator_send(number, &none, &result, &finished, &error), "builtins.AttributeError");
    CHECK_RAISES(nexus_generator_send(iterator, &five, &result, &finished, &error), "builtins.AttributeError");
    CHECK_OK(nexus_generator_send(iterator, &none, &result, &finished, &error));
    CHECK(!finished && integer_of(result) == 1);
    CHECK_OK(nexus_generator_send(iterator, &none, &result, &finished, &error));
    CHECK(finished && is_none(&result));
    FREE_OBJECTS(number, iterator);
}

CASE(generator_closed) {
    NexusObject *generator = called("def f():\n"
                                    "    import sys\n"
                                    "    try:\n"
                                    "        yield 1\n"
                                    "        yield 2\n"
                                    "    finally:\n"
                                    "        sys.was_closed = True\n");
    NexusValue value;
    CHECK_OK(nexus_object_next(generator, &value, &error));
    CHECK_OK(nexus_generator_close(generator, &error));
    CHECK_PYTHON("__import__('sys').was_closed");
    CHECK_STATUS(nexus_object_next(generator, &value, NULL), NEXUS_ERR_END);
    CHECK_OK(nexus_generator_close(generator, &error));
    nexus_object_free(generator);

    NexusObject *plain = object("iter([1])");
    CHECK_OK(nexus_generator_close(plain, &error));
    CHECK_OK(nexus_object_next(plain, &value, &error));
    nexus_object_free(plain);

    generator = called("def f():\n    try:\n        yield 1\n    finally:\n        1 / 0\n");
    CHECK_OK(nexus_object_next(generator, &value, &error));
    CHECK_RAISES(nexus_generator_close(generator, &error), "builtins.ZeroDivisionError");
    nexus_object_free(generator);
    generator = called("def f():\n    while True:\n        try:\n            yield 1\n        except GeneratorExit:\n            pass\n");
    CHECK_OK(nexus_object_next(generator, &value, &error));
    CHECK_RAISES(nexus_generator_close(generator, &error), "builtins.RuntimeError");
    nexus_object_free(generator);
}

/* Coroutines need no event loop if the host waits for what they wait for. */
CASE(coroutine_by_hand) {
    NexusObject *coroutine = called("class Wait:\n"
                                    "    def __await__(self):\n"
                                    "        return (yield 'a request')\n"
                                    "async def g():\n"
                                    "    return ['got', await Wait()]\n"
                                    "f = g\n");
    NexusValue none = nexus_value_none(), answer = text_value("an answer"), result = poison();
    bool finished = true;
    CHECK_OK(nexus_generator_send(coroutine, &none, &result, &finished, &error));
    CHECK(!finished && is_text(&result, "a request"));
    nexus_value_clear(&result);
    CHECK_GIVES(nexus_generator_send(coroutine, &answer, &result, &finished, &error), finished, true);
    CHECK_HOLDS(result.as.object, "it == ['got', 'an answer']");
    nexus_value_clear(&result);
    CHECK_RAISES(nexus_generator_send(coroutine, &none, &result, &finished, &error), "builtins.RuntimeError");
    nexus_object_free(coroutine);
}

/* --- Awaitables ---------------------------------------------------------------------------------- */

static const char sleeper[] = "import asyncio\n"
                              "async def part(x):\n"
                              "    await asyncio.sleep(0)\n"
                              "    return x\n"
                              "async def f():\n"
                              "    return sum(await asyncio.gather(part(1), part(2), part(39)))\n";

CASE(coroutine_run) {
    NexusObject *coroutine = called(sleeper);
    NexusValue result = poison();
    CHECK_GIVES(nexus_object_run(coroutine, &result, &error), integer_of(result), 42);
    result = poison();
    CHECK_RAISES(nexus_object_run(coroutine, &result, &error), "builtins.RuntimeError");
    CHECK(is_none(&result));
    nexus_object_free(coroutine);
}

CASE(awaitables_of_other_kinds) {
    NexusValue result = poison();
    NexusObject *it = called("class Own:\n"
                             "    def __await__(self):\n"
                             "        import asyncio\n"
                             "        yield from asyncio.sleep(0).__await__()\n"
                             "        return 'own'\n"
                             "f = Own\n");
    CHECK_OK(nexus_object_run(it, &result, &error));
    CHECK(is_text(&result, "own"));
    nexus_value_clear(&result);
    nexus_object_free(it);
    it = called("import types\n@types.coroutine\ndef f():\n    yield\n    return 'old'\n");
    CHECK_OK(nexus_object_run(it, &result, &error));
    CHECK(is_text(&result, "old"));
    nexus_value_clear(&result);
    nexus_object_free(it);
    it = called("async def f():\n    for i in range(3):\n        yield i\n");
    CHECK_OK(nexus_object_run(it, &result, &error));
    CHECK_HOLDS(result.as.object, "it == [0, 1, 2]");
    nexus_value_clear(&result);
    nexus_object_free(it);
}

CASE(awaitables_that_fail) {
    NexusValue result = poison();
    NexusObject *it = called("async def f():\n    import asyncio\n    await asyncio.sleep(0)\n    raise KeyError('mine')\n");
    CHECK_ERROR(nexus_object_run(it, &result, &error), NEXUS_ERR_EXCEPTION);
    CHECK_TEXT(nexus_error_exception(error), "builtins.KeyError");
    CHECK_CONTAINS(nexus_error_traceback(error), "in f");
    CHECK(is_none(&result));
    DROP(error);
    nexus_object_free(it);
    it = called("async def f():\n    raise SystemExit(3)\n");
    CHECK_RAISES(nexus_object_run(it, &result, &error), "builtins.SystemExit");
    nexus_object_free(it);
    it = called("async def f():\n    raise KeyboardInterrupt\n");
    CHECK_RAISES(nexus_object_run(it, &result, &error), "builtins.KeyboardInterrupt");
    nexus_object_free(it);
    it = called("async def f():\n    import asyncio\n    asyncio.current_task().cancel()\n    await asyncio.sleep(0)\n");
    CHECK_RAISES(nexus_object_run(it, &result, &error), "asyncio.exceptions.CancelledError");
    nexus_object_free(it);
    it = called("async def f():\n    yield 1\n    1 / 0\n");
    CHECK_RAISES(nexus_object_run(it, &result, &error), "builtins.ZeroDivisionError");
    nexus_object_free(it);
    const char *const others[] = {"5", "None", "[1]", "len", "(x for x in [1])"};
    for (size_t i = 0; i < COUNT(others); i++) {
        NexusObject *other = object(others[i]);
        CHECK_FAILS(nexus_object_run(other, &result, &error), NEXUS_ERR_TYPE, "not awaitable");
        nexus_object_free(other);
    }
    it = function(sleeper);
    CHECK_FAILS(nexus_object_run(it, &result, &error), NEXUS_ERR_TYPE, "not awaitable");
    nexus_object_free(it);
    it = called(sleeper);
    CHECK_GIVES(nexus_object_run(it, &result, &error), integer_of(result), 42);
    nexus_object_free(it);
}

/* Where a loop runs already, the awaitable is left alone, and can be awaited there. */
CASE(run_within_a_running_loop) {
    NexusObject *inner = called("import asyncio\n"
                                "async def f():\n"
                                "    return 'inner'\n");
    run_python("import sys, ctypes, asyncio\n"
               "library = ctypes.CDLL(" CTYPES_LIBRARY ")\n"
               "sys.nexus_run = library.nexus_object_run\n"
               "sys.nexus_run.restype = ctypes.c_uint32\n"
               "sys.nexus_run.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]\n");
    NexusObject *outer = called("import sys, ctypes\n"
                                "async def f():\n"
                                "    value = ctypes.create_string_buffer(32)\n"
                                "    def attempt(handle, awaitable):\n"
                                "        return sys.nexus_run(handle, value, None)\n"
                                "    return attempt(sys.nexus_handle, None), await sys.nexus_inner\n");
    NexusObject *sys = import("sys");
    NexusValue handle = nexus_value_integer((int64_t)(intptr_t)inner), itself = nexus_value_object(inner), result = poison();
    CHECK_OK(nexus_object_set_attr(sys, "nexus_handle", &handle, &error));
    CHECK_OK(nexus_object_set_attr(sys, "nexus_inner", &itself, &error));
    CHECK_OK(nexus_object_run(outer, &result, &error));
    CHECK_HOLDS(result.as.object, "it == (22, 'inner')");
    nexus_value_clear(&result);
    FREE_OBJECTS(inner, outer, sys);
}

#ifndef _WIN32
/* Importing asyncio, and running a loop on Python's main thread, takes no signal from the host. */
static void on_signal(int number) { (void)number; }

CASE(signals_stay_the_hosts) {
    struct sigaction before = {.sa_handler = on_signal}, after;
    CHECK(sigaction(SIGINT, &before, NULL) == 0);
    CHECK(sigaction(SIGCHLD, &before, NULL) == 0);
    NexusObject *coroutine = called(sleeper);
    NexusValue result = poison();
    CHECK_GIVES(nexus_object_run(coroutine, &result, &error), integer_of(result), 42);
    nexus_object_free(coroutine);
    const int numbers[] = {SIGINT, SIGCHLD};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        CHECK(sigaction(numbers[i], NULL, &after) == 0);
        CHECK(after.sa_handler == on_signal);
    }
}
#endif

/* Each thread has a loop of its own, and they run side by side: one waits for what the other does. */
static void *run_one(void *awaitable) {
    NexusError *mine = NULL;
    NexusValue result = poison();
    NexusStatus status = nexus_object_run(awaitable, &result, &mine);
    if (status != NEXUS_OK) FAIL("%s", nexus_error_message(mine));
    CHECK(is_text(&result, "met"));
    nexus_value_clear(&result);
    return NULL;
}

CASE(run_on_two_threads) {
    NexusObject *f = function("import asyncio, threading\n"
                              "barrier = threading.Barrier(2)\n"
                              "async def f():\n"
                              "    await asyncio.get_running_loop().run_in_executor(None, barrier.wait)\n"
                              "    return 'met'\n");
    NexusValue awaitables[2];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) CHECK_OK(nexus_object_call(f, NULL, 0, &awaitables[i], &error));
    for (int i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, run_one, awaitables[i].as.object) == 0);
    for (int i = 0; i < 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    clear_all(awaitables, 2);
    nexus_object_free(f);
}
