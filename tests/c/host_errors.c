/* What a function of the host's fails with, as the Python code that called it sees it. */
#include "calling.h"

/* What the host's function does: returns `status`, with the error that `make` makes. */
typedef struct Failing {
    NexusStatus status;
    NexusStatus (*make)(const struct Failing *failing, NexusError **error);
    const char *type, *message;
    NexusError *made;
} Failing;

static NexusStatus fails(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *user_data) {
    Failing *failing = user_data;
    (void)arguments, (void)result;
    if (!failing->make) return failing->status;
    NexusStatus status = failing->make(failing, error);
    failing->made = *error;
    return status;
}

static NexusStatus makes_new(const Failing *failing, NexusError **error) {
    return nexus_error_new(failing->status, failing->message, error);
}

static NexusStatus raises(const Failing *failing, NexusError **error) {
    return nexus_error_raise(failing->type, failing->message, error);
}

/* "type: message" of what Python caught; the handle that the host handed over is dead. */
static const char *caught(Failing *failing) {
    static char text[1024];
    NexusObject *function = host_function("fails", fails, failing);
    NexusObject *module = python_module("def catch(host):\n"
                                        "    try: return 'returned ' + repr(host())\n"
                                        "    except BaseException as error:\n"
                                        "        return f'{type(error).__module__}.{type(error).__qualname__}: {error}'\n");
    failing->made = NULL;
    text_of(call1(module, "catch", nexus_value_object(function)), text, sizeof text);
    if (failing->made) CHECK_STATUS(nexus_error_status(failing->made), NEXUS_ERR_BAD_HANDLE);
    FREE_OBJECTS(module, function);
    return text;
}

static const char *type_of_status(int status) {
    switch (status) {
    case NEXUS_ERR_TYPE: return "TypeError";
    case NEXUS_ERR_INVALID_ARGUMENT: return "ValueError";
    case NEXUS_ERR_OVERFLOW: return "OverflowError";
    case NEXUS_ERR_NOT_FOUND: return "LookupError";
    case NEXUS_ERR_IO: return "OSError";
    case NEXUS_ERR_TIMEOUT: return "TimeoutError";
    case NEXUS_ERR_NO_MEMORY: return "MemoryError";
    case NEXUS_ERR_NOT_SUPPORTED: return "NotImplementedError";
    case NEXUS_ERR_END: return "StopIteration";
    default: return "RuntimeError";
    }
}

CASE(every_status_is_an_exception) {
    for (int status = NEXUS_OK + 1; status <= NEXUS_ERR_PANIC + 3; status++) {
        int known = status <= NEXUS_ERR_PANIC;
        char expected[256];
        Failing failing = {.status = (NexusStatus)status, .message = "größe, in words"};
        const char *text = nexus_status_string((NexusStatus)status);
        snprintf(expected, sizeof expected, "builtins.%s: %s", type_of_status(status), text);
        CHECK_TEXT(caught(&failing), expected);
        failing.make = makes_new;
        if (known) {
            snprintf(expected, sizeof expected, "builtins.%s: größe, in words", type_of_status(status));
            CHECK_TEXT(caught(&failing), expected);
            failing.message = NULL;
            snprintf(expected, sizeof expected, "builtins.%s: %s", type_of_status(status), text);
            CHECK_TEXT(caught(&failing), expected);
        } else {
            CHECK_CONTAINS(caught(&failing), "builtins.ValueError: argument 'status' is ");
        }
    }
    Failing failing = {.status = (NexusStatus)-1};
    CHECK_TEXT(caught(&failing), "builtins.RuntimeError: unknown status");
}

CASE(any_exception) {
    const struct {
        const char *type, *message, *expected;
    } cases[] = {
        {"builtins.KeyError", "no such user", "builtins.KeyError: 'no such user'"},
        {"KeyError", "no such user", "builtins.KeyError: 'no such user'"},
        {"builtins.ValueError", NULL, "builtins.ValueError: "},
        {"builtins.ValueError", "", "builtins.ValueError: "},
        {"builtins.ValueError", "größe", "builtins.ValueError: größe"},
        {"builtins.SystemExit", "3", "builtins.SystemExit: 3"},
        {"builtins.KeyboardInterrupt", NULL, "builtins.KeyboardInterrupt: "},
        {"builtins.GeneratorExit", NULL, "builtins.GeneratorExit: "},
        {"builtins.BaseException", "base", "builtins.BaseException: base"},
        {"decimal.InvalidOperation", "in a module", "decimal.InvalidOperation: in a module"},
        {"concurrent.futures.CancelledError", "two dots", "concurrent.futures._base.CancelledError: two dots"},
        {"xml.parsers.expat.ExpatError", "three", "xml.parsers.expat.ExpatError: three"},
        /* What cannot be raised is another exception, which says why. */
        {"json.JSONDecodeError", "too few", "builtins.TypeError: "},
        {"builtins.NoSuchError", "absent", "builtins.AttributeError: "},
        {"no_such_module.Error", "absent", "builtins.ModuleNotFoundError: No module named 'no_such_module'"},
        {"builtins.int", "5", "builtins.TypeError: argument 'type' is builtins.int"},
        {"builtins.print", "", "builtins.TypeError: argument 'type' is builtins.print"},
        {"builtins.__name__", "", "builtins.TypeError: 'str' object is not callable"},
        {NULL, "text", "builtins.ValueError: argument 'type' is NULL"},
        {"caf\xe9.Error", "text", "builtins.ValueError: argument 'type' is not UTF-8"},
        {"builtins.ValueError", "caf\xe9", "builtins.ValueError: argument 'message' is not UTF-8"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Failing failing = {.make = raises, .type = cases[i].type, .message = cases[i].message};
        const char *seen = caught(&failing);
        CHECK_SEEN(strncmp(seen, cases[i].expected, strlen(cases[i].expected)) == 0, "%s, not %s", seen,
                   cases[i].expected);
    }
}

/* --- An exception that comes from Python goes back as it is -------------------------------------- */

static NexusObject *inner;

static NexusStatus hands_on(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *user_data) {
    (void)arguments;
    NexusStatus status = nexus_object_call(inner, NULL, 0, result, error);
    CHECK(status != NEXUS_OK);
    /* That the host looks at the error does not change it. */
    if (user_data) CHECK_CONTAINS(nexus_error_traceback(*error), "in inner");
    return status;
}

CASE(the_same_exception_is_raised_again) {
    NexusObject *module = python_module("import traceback\n"
                                        "class Own(Exception): pass\n"
                                        "made = Own('mine')\n"
                                        "def inner():\n"
                                        "    try: {}['key']\n"
                                        "    except KeyError as cause: raise made from cause\n"
                                        "def outer(host):\n"
                                        "    try: host()\n"
                                        "    except Own as error:\n"
                                        "        names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]\n"
                                        "        cause = type(error.__cause__).__name__\n"
                                        "        error.__traceback__ = None\n"
                                        "        return error is made and names == ['outer', 'inner'] and cause == 'KeyError'\n");
    inner = member(module, "inner");
    for (int looks = 0; looks < 2; looks++) {
        for (uint32_t flags = 0; flags <= NEXUS_FUNCTION_HOLD_GIL; flags++) {
            NexusObject *function;
            CHECK_OK(nexus_function_new("f", NULL, flags, hands_on, looks ? module : NULL, NULL, &function, &error));
            for (int times = 0; times < 3; times++) {
                NexusValue same = call1(module, "outer", nexus_value_object(function));
                CHECK(same.kind == NEXUS_KIND_BOOLEAN && same.as.boolean);
            }
            nexus_object_free(function);
        }
    }
    FREE_OBJECTS(inner, module);
}

static NexusObject *levels;

static NexusStatus next_level(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)data;
    NexusValue depth = nexus_value_integer(arguments->values[0].as.integer - 1);
    return nexus_object_call(levels, &depth, 1, result, error);
}

/* Through fifty levels of Python and host: one exception, with the traceback of all of them. */
CASE(through_fifty_levels) {
    NexusObject *function = host_function("next_level", next_level, NULL);
    NexusObject *module = python_module("made = LookupError('the bottom')\n"
                                        "def make(host):\n"
                                        "    def level(depth):\n"
                                        "        if depth == 0: raise made\n"
                                        "        return host(depth)\n"
                                        "    return level\n");
    levels = object_of(call1(module, "make", nexus_value_object(function)));
    NexusValue depth = nexus_value_integer(50), result;
    CHECK_ERROR(nexus_object_call(levels, &depth, 1, &result, &error), NEXUS_ERR_EXCEPTION);
    NexusError *of = error;
    NexusObject *object, *made = member(module, "made");
    CHECK_OK(nexus_error_object(of, &object, &error));
    CHECK_NUMBER(id_of(object), id_of(made));
    NexusValue frames = evaluate_with("len(list(__import__('traceback').walk_tb(it.__traceback__)))",
                                      nexus_value_object(object));
    CHECK_NUMBER(integer_of(frames), 51);
    nexus_error_free(of);
    FREE_OBJECTS(object, made, levels, module, function);
}

/* An error of a function that has nothing to do with Python exceptions. */
static NexusStatus bad_handle(const Failing *failing, NexusError **error) {
    NexusValue result;
    (void)failing;
    return nexus_object_call(NULL, NULL, 0, &result, error);
}

static NexusStatus no_such_directory(const Failing *failing, NexusError **error) {
    NexusLoader *loader;
    (void)failing;
    return nexus_loader_new("/no/such/directory", NULL, 0, &loader, error);
}

CASE(errors_of_other_functions) {
    Failing failing = {.make = bad_handle};
    CHECK_CONTAINS(caught(&failing), "builtins.RuntimeError: argument 'callable' is NULL");
    failing.make = no_such_directory;
    CHECK_CONTAINS(caught(&failing), "builtins.LookupError: ");
    CHECK_CONTAINS(caught(&failing), "/no/such/directory");
}

/* --- Errors and statuses that do not fit together ------------------------------------------------ */

static NexusStatus error_beside_success(const Failing *failing, NexusError **error) {
    (void)failing;
    nexus_error_raise("builtins.ValueError", "ignored", error);
    return NEXUS_OK;
}

static NexusStatus another_status(const Failing *failing, NexusError **error) {
    nexus_error_new(NEXUS_ERR_TYPE, "the error counts", error);
    return failing->status;
}

static NexusStatus invented_error(const Failing *failing, NexusError **error) {
    *error = (NexusError *)(uintptr_t)0x5a5a5a5a5a5a5a5a;
    return failing->status;
}

static NexusStatus freed_error(const Failing *failing, NexusError **error) {
    nexus_error_raise("builtins.ValueError", "gone", error);
    nexus_error_free(*error);
    return failing->status;
}

static NexusStatus other_handle(const Failing *failing, NexusError **error) {
    *error = (NexusError *)inner;
    return failing->status;
}

CASE(errors_that_do_not_fit) {
    Failing failing = {.make = error_beside_success};
    CHECK_TEXT(caught(&failing), "returned None");
    failing = (Failing){.status = NEXUS_ERR_IO, .make = another_status};
    CHECK_TEXT(caught(&failing), "builtins.TypeError: the error counts");
    failing.make = invented_error;
    CHECK_CONTAINS(caught(&failing), "builtins.OSError: ");
    failing.make = freed_error;
    CHECK_CONTAINS(caught(&failing), "builtins.OSError: ");
    failing.make = other_handle;
    inner = import("sys");
    CHECK_CONTAINS(caught(&failing), "builtins.OSError: ");
    bool has = false;
    CHECK_GIVES(nexus_object_has_attr(inner, "path", &has, &error), has, true);
    nexus_object_free(inner);
}

static NexusStatus result_beside_failure(const NexusArguments *arguments, NexusValue *result, NexusError **error,
                                         void *calls) {
    (void)arguments;
    *result = call0(calls, "Tracked");
    return nexus_error_new(NEXUS_ERR_IO, "with a result", error);
}

/* A result that was set before the failure is given up. */
CASE(result_beside_a_failure) {
    NexusObject *calls = calls_module(), *function = host_function("f", result_beside_failure, calls);
    for (int i = 0; i < 10; i++) {
        NexusValue result;
        CHECK_RAISES(nexus_object_call(function, NULL, 0, &result, &error), "builtins.OSError");
        CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
        CHECK_NUMBER(integer_of(call0(calls, "count_alive")), 0);
    }
    FREE_OBJECTS(function, calls);
}

/* --- In Python code ------------------------------------------------------------------------------ */

static NexusStatus ends_after_three(const NexusArguments *arguments, NexusValue *result, NexusError **error,
                                    void *user_data) {
    (void)arguments;
    int *number = user_data;
    if (*number == 3) return nexus_error_new(NEXUS_ERR_END, NULL, error);
    *result = nexus_value_integer((*number)++);
    return NEXUS_OK;
}

/* NEXUS_ERR_END ends an iteration. */
CASE(end_of_an_iteration) {
    int number = 0;
    NexusObject *function = host_function("next", ends_after_three, &number);
    NexusValue list = evaluate_with("list(iter(it, 'never'))", nexus_value_object(function));
    CHECK_TEXT(shown(list), "[0, 1, 2]");
    nexus_value_clear(&list);
    nexus_object_free(function);
}

CASE(caught_and_chained_in_python) {
    Failing failing = {.make = raises, .type = "builtins.KeyError", .message = "from the host"};
    NexusObject *function = host_function("fails", fails, &failing);
    NexusObject *module = python_module("def chained(host):\n"
                                        "    log = []\n"
                                        "    try:\n"
                                        "        try: host()\n"
                                        "        finally: log.append('finally')\n"
                                        "    except KeyError as error:\n"
                                        "        log.append(str(error))\n"
                                        "        try: raise ValueError('after') from error\n"
                                        "        except ValueError as after: log.append(repr(after.__cause__))\n"
                                        "    try:\n"
                                        "        try: 1 / 0\n"
                                        "        except ZeroDivisionError: host()\n"
                                        "    except KeyError as error: log.append(repr(error.__context__))\n"
                                        "    return log\n");
    NexusValue log = call1(module, "chained", nexus_value_object(function));
    CHECK_TEXT(shown(log), "['finally', \"'from the host'\", \"KeyError('from the host')\", "
                           "\"ZeroDivisionError('division by zero')\"]");
    nexus_value_clear(&log);
    FREE_OBJECTS(module, function);
}

static void *makes_it(void *failing) {
    ((Failing *)failing)->made = NULL;
    CHECK_STATUS(nexus_error_raise("builtins.KeyError", "from a thread", &((Failing *)failing)->made),
                 NEXUS_ERR_EXCEPTION);
    return NULL;
}

static NexusStatus of_another_thread(const NexusArguments *arguments, NexusValue *result, NexusError **error,
                                     void *failing) {
    (void)arguments, (void)result;
    on_threads(1, makes_it, failing);
    *error = ((Failing *)failing)->made;
    return NEXUS_ERR_EXCEPTION;
}

CASE(an_error_of_another_thread) {
    Failing failing = {0};
    NexusObject *function = host_function("f", of_another_thread, &failing);
    NexusValue result;
    CHECK_RAISES_SAYING(nexus_object_call(function, NULL, 0, &result, &error), "builtins.KeyError", "'from a thread'");
    nexus_object_free(function);
}
