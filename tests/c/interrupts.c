/* nexus_thread_interrupt: what it ends, and above all what it must not hit. */
#include "calling.h"

static uint64_t victim;

static void interrupt(uint64_t thread, NexusStatus expected) {
    if (expected == NEXUS_OK) {
        CHECK_OK(nexus_thread_interrupt(thread, &error));
        return;
    }
    CHECK_REFUSED(nexus_thread_interrupt(thread, &error), expected);
}

/* Calls it, which must end in a KeyboardInterrupt. */
static void is_interrupted(const NexusObject *callable) {
    NexusValue result = poison();
    CHECK_RAISES(nexus_object_call(callable, NULL, 0, &result, &error), "builtins.KeyboardInterrupt");
    CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
}

/* Calls pure Python code, which nothing must hit. */
static void runs_on(void) {
    NexusValue sum = evaluate("sum(i for i in range(1000))");
    CHECK_NUMBER(integer_of(sum), 499500);
}

static NexusStatus tells_step(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)result, (void)error, (void)data;
    set_step((int)arguments->values[0].as.integer);
    return NEXUS_OK;
}

static NexusStatus waits_for_step(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)error, (void)data;
    set_step((int)arguments->values[0].as.integer);
    wait_for_step((int)arguments->values[0].as.integer + 1);
    *result = nexus_value_integer(reached);
    return NEXUS_OK;
}

/* Functions that tell the step that they have reached, and wait for the next one. */
static NexusObject *module_with_steps(const char *source) {
    NexusObject *module = python_module(source), *names = member(module, "__dict__");
    NexusObject *tell = host_function("tell", tells_step, NULL), *wait = host_function("wait", waits_for_step, NULL);
    set_item(names, text_value("tell"), nexus_value_object(tell));
    set_item(names, text_value("wait"), nexus_value_object(wait));
    FREE_OBJECTS(tell, wait, names);
    return module;
}

static void *interrupts_after_step_1(void *unused) {
    wait_for_step(1);
    interrupt(victim, NEXUS_OK);
    return unused;
}

static pthread_t start(void *(*run)(void *)) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, run, NULL) == 0);
    return thread;
}

static void join(pthread_t thread) { CHECK(pthread_join(thread, NULL) == 0); }

/* --- What it ends -------------------------------------------------------------------------------- */

CASE(thread_ids) {
    CHECK(nexus_thread_id() == 0);
    CHECK_OK(nexus_python_start(NULL, &error));
    CHECK_NUMBER(integer_of(evaluate("__import__('threading').get_ident()")), nexus_thread_id());
    CHECK(nexus_thread_id() != 0);
}

CASE(endless_loops) {
    const char *const loops[] = {"while True: pass", "while True: i += 1", "for i in iter(int, 1): pass",
                                 "sum(i for i in iter(int, 1))",
                                 "def f(): f() if False else None\n    while True: f()"};
    for (size_t i = 0; i < COUNT(loops); i++) {
        const char *source = formatted("def loop():\n    i = 0\n    tell(1)\n    %s\n", loops[i]);
        NexusObject *module = module_with_steps(source), *loop = member(module, "loop");
        victim = nexus_thread_id();
        reached = 0;
        pthread_t other = start(interrupts_after_step_1);
        is_interrupted(loop);
        join(other);
        runs_on();
        FREE_OBJECTS(loop, module);
    }
}

static void *loops_elsewhere(void *loop) {
    victim = nexus_thread_id();
    is_interrupted(loop);
    runs_on();
    set_step(2);
    wait_for_step(3);
    runs_on();
    return NULL;
}

/* A thread that only the library knows; and once it is in no call, it is not found. */
CASE(endless_loop_on_another_thread) {
    NexusObject *module = module_with_steps("def loop():\n    tell(1)\n    while True: pass\n");
    NexusObject *loop = member(module, "loop");
    pthread_t thread;
    for (int round = 0; round < 5; round++) {
        reached = 0;
        CHECK(pthread_create(&thread, NULL, loops_elsewhere, loop) == 0);
        wait_for_step(1);
        interrupt(victim, NEXUS_OK);
        wait_for_step(2);
        interrupt(victim, NEXUS_ERR_NOT_FOUND);
        set_step(3);
        join(thread);
        interrupt(victim, NEXUS_ERR_NOT_FOUND);
    }
    FREE_OBJECTS(loop, module);
}

CASE(threads_in_no_call) {
    CHECK_REFUSED(nexus_thread_interrupt(nexus_thread_id(), &error), NEXUS_ERR_NOT_STARTED);
    nexus_object_free(import("sys"));
    const uint64_t threads[] = {0, 1, UINT64_MAX, nexus_thread_id(), nexus_thread_id() + 1, (uintptr_t)&error};
    for (size_t i = 0; i < COUNT(threads); i++) interrupt(threads[i], NEXUS_ERR_NOT_FOUND);
    runs_on();
    CHECK_FAILS(nexus_thread_interrupt(7, &error), NEXUS_ERR_NOT_FOUND, "7");
}

/* An event loop that waits runs no instruction. */
CASE(idle_event_loop) {
    NexusObject *module = module_with_steps("import asyncio\n"
                                            "ended = []\n"
                                            "async def idle():\n"
                                            "    asyncio.get_running_loop().call_soon(tell, 1)\n"
                                            "    try: await asyncio.sleep(3600)\n"
                                            "    finally: ended.append(1)\n");
    NexusObject *ended = member(module, "ended");
    victim = nexus_thread_id();
    for (int round = 1; round <= 5; round++) {
        reached = 0;
        pthread_t other = start(interrupts_after_step_1);
        NexusObject *coroutine = object_of(call0(module, "idle"));
        NexusValue result;
        CHECK_RAISES(nexus_object_await(coroutine, &result, &error), "builtins.KeyboardInterrupt");
        join(other);
        CHECK_NUMBER(integer_of(call0(ended, "__len__")), round);
        runs_on();
        nexus_object_free(coroutine);
    }
    FREE_OBJECTS(ended, module);
}

/* In every way of calling. */
CASE(every_way_of_calling) {
    NexusObject *module = module_with_steps("def loop(k=None):\n    tell(1)\n    while True: pass\n");
    NexusObject *loop = member(module, "loop");
    const char *const names[] = {"k"};
    NexusValue none = nexus_value_none(), result;
    victim = nexus_thread_id();
    for (size_t i = 0; i < COUNT(ways) * 2 + 1; i++) {
        reached = 0;
        pthread_t other = start(interrupts_after_step_1);
        NexusStatus status = i < COUNT(ways) * 2 ? ways[i / 2].call(loop, &none, i % 2, names, i % 2, &result, &error)
                                                 : nexus_object_call_method(module, "loop", NULL, 0, &result, &error);
        CHECK_STATUS(status, NEXUS_ERR_EXCEPTION);
        CHECK_TEXT(nexus_error_exception(error), "builtins.KeyboardInterrupt");
        DROP(error);
        join(other);
        runs_on();
    }
    FREE_OBJECTS(loop, module);
}

/* A batch of a builtin runs no Python code at all: it ends between two calls. */
static void *interrupts_when_found(void *unused) {
    while (nexus_thread_interrupt(victim, NULL) != NEXUS_OK) usleep(100);
    return unused;
}

CASE(batch_of_a_builtin) {
    NexusObject *calls = calls_module(), *function = member(calls, "raise_if_stopped");
    NexusCall *call = NULL;
    CHECK_OK(nexus_call_prepare(function, NULL, 0, &call, &error));
    victim = nexus_thread_id();
    for (int round = 0; round < 3; round++) {
        pthread_t other = start(interrupts_when_found);
        size_t done = 0;
        CHECK_RAISES(nexus_call_invoke_many(call, NULL, 0, SIZE_MAX / 64, NULL, &done, &error),
                     "builtins.KeyboardInterrupt");
        CHECK(done > 0);
        join(other);
        runs_on();
    }
    nexus_call_free(call);
    FREE_OBJECTS(function, calls);
}

/* --- What catches it ----------------------------------------------------------------------------- */

static void *interrupts_at_steps(void *unused) {
    for (int i = 1; i <= 5; i += 2) {
        wait_for_step(i);
        interrupt(victim, NEXUS_OK);
    }
    return unused;
}

CASE(code_that_catches_it) {
    NexusObject *module = module_with_steps("def catches():\n"
                                            "    caught = 0\n"
                                            "    for step in 1, 3, 5:\n"
                                            "        try:\n"
                                            "            tell(step)\n"
                                            "            while True: pass\n"
                                            "        except KeyboardInterrupt: caught += 1\n"
                                            "    return caught + sum(i for i in range(10))\n");
    NexusObject *catches = member(module, "catches");
    victim = nexus_thread_id();
    reached = 0;
    pthread_t other = start(interrupts_at_steps);
    NexusValue result;
    CHECK_GIVES(nexus_object_call(catches, NULL, 0, &result, &error), integer_of(result), 3 + 45);
    join(other);
    runs_on();
    interrupt(victim, NEXUS_ERR_NOT_FOUND);
    FREE_OBJECTS(catches, module);
}

/* --- What it must not hit ------------------------------------------------------------------------ */

static void *interrupts_and_goes_on(void *unused) {
    wait_for_step(1);
    interrupt(victim, NEXUS_OK);
    /* Twice is like once. */
    interrupt(victim, NEXUS_OK);
    set_step(2);
    return unused;
}

/* The call runs no Python code after the interrupt: it ends well, and the next one is not hit. */
static void ends_before_it_is_hit(int attached) {
    NexusObject *calls = calls_module(), *call_back = member(calls, "call_back");
    NexusObject *wait = host_function("wait", waits_for_step, NULL);
    NexusCall *call = NULL;
    CHECK_OK(nexus_call_prepare(call_back, NULL, 0, &call, &error));
    victim = nexus_thread_id();
    if (attached) CHECK_OK(nexus_python_attach(&error));
    for (int round = 0; round < 20; round++) {
        NexusValue args[] = {nexus_value_object(wait), nexus_value_integer(1)}, result;
        reached = 0;
        pthread_t other = start(interrupts_and_goes_on);
        if (round % 2)
            CHECK_OK(nexus_object_call(call_back, args, 2, &result, &error));
        else
            CHECK_OK(nexus_call_invoke(call, args, 2, &result, &error));
        CHECK_NUMBER(integer_of(result), 2);
        runs_on();
        if (attached) CHECK_OK(nexus_python_detach(&error));
        join(other);
        if (attached) CHECK_OK(nexus_python_attach(&error));
        runs_on();
    }
    if (attached) CHECK_OK(nexus_python_detach(&error));
    runs_on();
    nexus_call_free(call);
    FREE_OBJECTS(wait, call_back, calls);
}

CASE(call_that_ends_before_it_is_hit) { ends_before_it_is_hit(0); }

CASE(call_that_ends_before_it_is_hit_while_attached) { ends_before_it_is_hit(1); }

static NexusObject *inner;

static NexusStatus calls_inner(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)arguments, (void)data;
    return nexus_object_call(inner, NULL, 0, result, error);
}

/* A call in a callback that ends before it is hit: the outer call goes on in Python code, and is hit. */
CASE(nested_calls) {
    NexusObject *calls = calls_module(), *call_back = member(calls, "call_back");
    NexusObject *wait = host_function("wait", waits_for_step, NULL);
    NexusValue pair[] = {nexus_value_object(call_back), nexus_value_object(wait)};
    NexusObject *functools = import("functools");
    NexusValue one[] = {pair[0], pair[1], nexus_value_integer(1)};
    inner = object_of(call(functools, "partial", one, 3));
    for (uint32_t flags = 0; flags <= NEXUS_FUNCTION_HOLD_GIL; flags++) {
        for (int attached = 0; attached < 2; attached++) {
            NexusObject *function, *module = python_module("def outer(host):\n"
                                                           "    try: return host()\n"
                                                           "    except KeyboardInterrupt: return 'hit'\n"
                                                           "    finally: sum(i for i in range(1000))\n"
                                                           "def never_returns(host):\n"
                                                           "    host()\n"
                                                           "    while True: pass\n");
            CHECK_OK(nexus_function_new("f", NULL, flags, calls_inner, NULL, NULL, &function, &error));
            victim = nexus_thread_id();
            if (attached) CHECK_OK(nexus_python_attach(&error));
            reached = 0;
            pthread_t other = start(interrupts_and_goes_on);
            NexusValue it = nexus_value_object(function), result;
            CHECK_RAISES(nexus_object_call_method(module, "never_returns", &it, 1, &result, &error),
                         "builtins.KeyboardInterrupt");
            runs_on();
            if (attached) CHECK_OK(nexus_python_detach(&error));
            join(other);
            runs_on();
            FREE_OBJECTS(function, module);
        }
    }
    FREE_OBJECTS(inner, functools, wait, call_back, calls);
}

/* The same, and the host takes it back after the call that was meant: the outer call goes on. */
static NexusStatus calls_inner_alone(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)arguments, (void)data;
    NexusStatus status = nexus_object_call(inner, NULL, 0, result, error);
    CHECK(nexus_thread_uninterrupt(nexus_thread_id(), NULL) == NEXUS_OK);
    return status;
}

CASE(taken_back) {
    CHECK_REFUSED(nexus_thread_uninterrupt(nexus_thread_id(), &error), NEXUS_ERR_NOT_STARTED);
    NexusObject *calls = calls_module(), *call_back = member(calls, "call_back");
    NexusObject *wait = host_function("wait", waits_for_step, NULL), *functools = import("functools");
    NexusValue one[] = {nexus_value_object(call_back), nexus_value_object(wait), nexus_value_integer(1)};
    inner = object_of(call(functools, "partial", one, 3));
    NexusObject *module = python_module("def outer(host):\n"
                                        "    host()\n"
                                        "    return sum(i for i in range(1000))\n");
    victim = nexus_thread_id();
    /* Nothing to take back, of threads that are known and of those that are not. */
    CHECK_OK(nexus_thread_uninterrupt(victim, &error));
    CHECK_OK(nexus_thread_uninterrupt(victim + 1, &error));
    for (uint32_t flags = 0; flags <= NEXUS_FUNCTION_HOLD_GIL; flags++) {
        NexusObject *function = flagged_function(flags, calls_inner_alone, NULL);
        for (int round = 0; round < 20; round++) {
            reached = 0;
            pthread_t other = start(interrupts_and_goes_on);
            NexusValue it = nexus_value_object(function), result;
            CHECK_GIVES(nexus_object_call_method(module, "outer", &it, 1, &result, &error), integer_of(result), 499500);
            join(other);
        }
        nexus_object_free(function);
    }
    FREE_OBJECTS(module, inner, functools, wait, call_back, calls);
}

static void *interrupts_and_takes_back(void *unused) {
    wait_for_step(1);
    CHECK_OK(nexus_python_attach(&error));
    interrupt(victim, NEXUS_OK);
    CHECK_OK(nexus_thread_uninterrupt(victim, &error));
    CHECK_OK(nexus_python_detach(&error));
    set_step(2);
    return unused;
}

/* By another thread, which holds the GIL in between. */
CASE(taken_back_by_another_thread) {
    NexusObject *module = module_with_steps("def f():\n    wait(1)\n    return sum(i for i in range(1000))\n");
    victim = nexus_thread_id();
    for (int round = 0; round < 20; round++) {
        reached = 0;
        pthread_t other = start(interrupts_and_takes_back);
        NexusValue result;
        CHECK_GIVES(nexus_object_call_method(module, "f", NULL, 0, &result, &error), integer_of(result), 499500);
        join(other);
    }
    nexus_object_free(module);
}

/* A callback interrupts its own thread: what called it is hit when it goes on. */
static NexusStatus interrupts_itself(const NexusArguments *arguments, NexusValue *result, NexusError **error,
                                     void *data) {
    (void)arguments, (void)result, (void)data;
    return nexus_thread_interrupt(nexus_thread_id(), error);
}

CASE(interrupts_its_own_thread) {
    NexusObject *function = host_function("f", interrupts_itself, NULL);
    NexusObject *module = python_module("def calls(host):\n    host()\n    while True: pass\n");
    for (int i = 0; i < 5; i++) {
        NexusValue it = nexus_value_object(function), result;
        CHECK_RAISES(nexus_object_call_method(module, "calls", &it, 1, &result, &error), "builtins.KeyboardInterrupt");
        /* Called by nobody's code, it ends well. */
        CHECK_OK(nexus_object_call(function, NULL, 0, &result, &error));
        runs_on();
    }
    FREE_OBJECTS(function, module);
}

/* --- Races --------------------------------------------------------------------------------------- */

static int go_on, sent;

static void *interrupts_all_the_time(void *unused) {
    while (__atomic_load_n(&go_on, __ATOMIC_SEQ_CST)) {
        NexusStatus status = nexus_thread_interrupt(victim, NULL);
        CHECK(status == NEXUS_OK || status == NEXUS_ERR_NOT_FOUND);
        if (status == NEXUS_OK) __atomic_add_fetch(&sent, 1, __ATOMIC_SEQ_CST);
    }
    return unused;
}

/* Short calls, while another thread interrupts without end: each is hit or is not, no more of them are hit than
 * interrupts were sent, and once nobody sends any, none is. */
static void races(int attached) {
    NexusObject *module = python_module("def short(): return sum(i for i in range(50))\n");
    NexusObject *short_function = member(module, "short"), *calls = calls_module(), *add = member(calls, "add");
    victim = nexus_thread_id();
    for (int round = 0; round < 20; round++) {
        int hit = 0;
        go_on = 1;
        sent = 0;
        pthread_t other = start(interrupts_all_the_time);
        for (int i = 0; i < 1500; i++) {
            NexusValue args[] = {nexus_value_integer(i), nexus_value_integer(1)}, result;
            if (attached) CHECK_OK(nexus_python_attach(&error));
            NexusStatus status = nexus_object_call(short_function, NULL, 0, &result, &error);
            if (status == NEXUS_OK) {
                CHECK_NUMBER(integer_of(result), 1225);
            } else {
                CHECK_STATUS(status, NEXUS_ERR_EXCEPTION);
                CHECK_TEXT(nexus_error_exception(error), "builtins.KeyboardInterrupt");
                DROP(error);
                hit++;
            }
            /* A builtin has no instruction of Python code that could be hit. */
            CHECK_GIVES(nexus_object_call(add, args, 2, &result, &error), integer_of(result), i + 1);
            if (attached) CHECK_OK(nexus_python_detach(&error));
        }
        __atomic_store_n(&go_on, 0, __ATOMIC_SEQ_CST);
        join(other);
        for (int i = 0; i < 50; i++) {
            NexusValue result;
            CHECK_OK(nexus_object_call(short_function, NULL, 0, &result, &error));
        }
        CHECK_SEEN(hit <= sent, "%d calls were hit by %d interrupts", hit, sent);
    }
    FREE_OBJECTS(add, calls, short_function, module);
}

CASE(races_with_short_calls) { races(0); }

CASE(races_with_short_calls_while_attached) { races(1); }

static NexusObject *imports;
static uint64_t importers[4];

/* Wine's files are slow. */
#ifdef _WIN32
enum { IMPORTS = 60 };
#else
enum { IMPORTS = 300 };
#endif

static void *imports_under_fire(void *number) {
    NexusValue result;
    __atomic_store_n(&importers[(intptr_t)number], nexus_thread_id(), __ATOMIC_SEQ_CST);
    for (int i = 0; i < IMPORTS; i++) {
        NexusStatus status = nexus_object_call(imports, NULL, 0, &result, &error);
        if (status == NEXUS_OK) continue;
        CHECK_STATUS(status, NEXUS_ERR_EXCEPTION);
        CHECK_TEXT(nexus_error_exception(error), "builtins.KeyboardInterrupt");
        DROP(error);
    }
    return NULL;
}

static void *interrupts_importers(void *unused) {
    for (int i = 0; __atomic_load_n(&go_on, __ATOMIC_SEQ_CST); i++) {
        NexusStatus status = nexus_thread_interrupt(__atomic_load_n(&importers[i % 4], __ATOMIC_SEQ_CST), NULL);
        CHECK(status == NEXUS_OK || status == NEXUS_ERR_NOT_FOUND || status == NEXUS_ERR_BUSY);
        usleep(50);
    }
    return unused;
}

/* Imports lock each module, in Python code: an interrupt must not leave a lock behind, or the next import of that
 * module, on another thread, would wait for ever. */
CASE(races_with_imports) {
    pthread_t threads[4];
    NexusObject *module = python_module("import sys\n"
                                        "def imports():\n"
                                        "    for i in range(3):\n"
                                        "        for name in 'colorsys', 'this_is_absent', 'json.tool', 'bisect':\n"
                                        "            sys.modules.pop(name, None)\n"
                                        "            try: __import__(name)\n"
                                        "            except (ImportError, KeyError): pass\n");
    imports = member(module, "imports");
    go_on = 1;
    pthread_t other = start(interrupts_importers);
    for (intptr_t i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, imports_under_fire, (void *)i) == 0);
    for (int i = 0; i < 4; i++) join(threads[i]);
    __atomic_store_n(&go_on, 0, __ATOMIC_SEQ_CST);
    join(other);
    NexusValue none;
    CHECK_OK(nexus_object_call(imports, NULL, 0, &none, &error));
    FREE_OBJECTS(imports, module);
}

static NexusObject *loop_forever;
static uint64_t ids[8];
static int ended[8];

static void *loops_until_interrupted(void *number) {
    intptr_t own = (intptr_t)number;
    ids[own] = nexus_thread_id();
    is_interrupted(loop_forever);
    __atomic_store_n(&ended[own], 1, __ATOMIC_SEQ_CST);
    runs_on();
    return NULL;
}

/* Of several threads it ends the one that was named. */
CASE(one_of_eight_threads) {
    pthread_t threads[8];
    NexusObject *module = python_module("started = []\n"
                                        "def loop():\n"
                                        "    started.append(1)\n"
                                        "    while True: pass\n");
    NexusObject *started = member(module, "started");
    loop_forever = member(module, "loop");
    for (intptr_t i = 0; i < 8; i++)
        CHECK(pthread_create(&threads[i], NULL, loops_until_interrupted, (void *)i) == 0);
    while (integer_of(call0(started, "__len__")) < 8) usleep(1000);
    const int order[] = {3, 0, 7, 5, 1, 2, 6, 4};
    for (int i = 0; i < 8; i++) {
        interrupt(ids[order[i]], NEXUS_OK);
        join(threads[order[i]]);
        for (int j = 0; j < 8; j++) {
            int expected = 0;
            for (int k = 0; k <= i; k++) expected |= order[k] == j;
            CHECK_NUMBER(__atomic_load_n(&ended[j], __ATOMIC_SEQ_CST), expected);
        }
    }
    FREE_OBJECTS(loop_forever, started, module);
}
