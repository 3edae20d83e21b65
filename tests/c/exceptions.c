/* What the error of a Python exception tells: causes, notes, groups, the object itself; whatever the exception
 * is, and however its own code behaves. */
#include "calling.h"

/* The error of a call without arguments that must raise. */
static NexusError *raised_by(const NexusObject *module, const char *function) {
    NexusError *error = NULL;
    NexusValue result = poison();
    CHECK_ERROR(nexus_object_call_method(module, function, NULL, 0, &result, &error), NEXUS_ERR_EXCEPTION);
    CHECK(result.kind == NEXUS_KIND_NONE && result.owner == NULL);
    return error;
}

static NexusError *cause_of(const NexusError *of) {
    NexusError *error = NULL, *cause = NULL;
    CHECK_OK(nexus_error_cause(of, &cause, &error));
    CHECK(cause != NULL);
    CHECK_STATUS(nexus_error_status(cause), NEXUS_ERR_EXCEPTION);
    return cause;
}

static void no_cause(const NexusError *of) {
    NexusError *error = NULL, *cause = (NexusError *)(uintptr_t)0x5a5a;
    CHECK_REFUSED(nexus_error_cause(of, &cause, &error), NEXUS_ERR_NOT_FOUND);
    CHECK(cause == NULL);
}

static NexusObject *object_of_error(const NexusError *of) {
    NexusError *error = NULL;
    NexusObject *object = NULL;
    CHECK_OK(nexus_error_object(of, &object, &error));
    CHECK(object != NULL);
    return object;
}

#define CHECK_EXCEPTION(error, type, message)                                          \
    do {                                                                               \
        CHECK_TEXT(nexus_error_exception(error), type);                                \
        CHECK_TEXT(nexus_error_message(error), message);                               \
    } while (0)

/* --- Type, message, traceback -------------------------------------------------------------------- */

CASE(type_message_and_traceback) {
    NexusObject *module = python_module("class Odd(LookupError):\n"
                                        "    class Inner(Exception): pass\n"
                                        "def deepest(): raise Odd.Inner('größe', 5)\n"
                                        "def raises(): deepest()\n"
                                        "def of_its_own(): return [][1]\n");
    error = raised_by(module, "raises");
    CHECK_EXCEPTION(error, "case.Odd.Inner", "('größe', 5)");
    CHECK_TEXT(nexus_error_traceback(error), "Traceback (most recent call last):\n"
                                             "  File \"<string>\", line 4, in raises\n"
                                             "  File \"<string>\", line 3, in deepest\n"
                                             "case.Odd.Inner: ('größe', 5)\n");
    DROP(error);
    error = raised_by(module, "of_its_own");
    CHECK_EXCEPTION(error, "builtins.IndexError", "list index out of range");
    CHECK_CONTAINS(nexus_error_traceback(error), "in of_its_own");
    DROP(error);
    nexus_object_free(module);
}

/* Every way in which code can end, and none of them ends the process. */
CASE(exceptions_that_are_no_errors) {
    const struct {
        const char *code, *type, *message;
    } endings[] = {
        {"raise SystemExit(3)", "builtins.SystemExit", "3"},
        {"raise SystemExit", "builtins.SystemExit", "builtins.SystemExit"},
        {"import sys; sys.exit('text')", "builtins.SystemExit", "text"},
        {"exit(4)", "builtins.SystemExit", "4"},
        {"raise KeyboardInterrupt", "builtins.KeyboardInterrupt", "builtins.KeyboardInterrupt"},
        {"raise GeneratorExit('left')", "builtins.GeneratorExit", "left"},
        {"raise type('Base', (BaseException,), {'__module__': 'mine'})('own')", "mine.Base", "own"},
        {"raise StopIteration(5)", "builtins.StopIteration", "5"},
        {"raise StopAsyncIteration", "builtins.StopAsyncIteration", "builtins.StopAsyncIteration"},
        {"raise MemoryError", "builtins.MemoryError", "builtins.MemoryError"},
        {"[0] * (1 << 60)", "builtins.MemoryError", "builtins.MemoryError"},
        {"raise KeyError('key')", "builtins.KeyError", "'key'"},
        {"raise RecursionError('deep')", "builtins.RecursionError", "deep"},
        {"raise OSError(2, 'No such file', 'name')", "builtins.FileNotFoundError", "[Errno 2] No such file: 'name'"},
        {"b'\\xff'.decode()", "builtins.UnicodeDecodeError",
         "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"},
        {"raise Warning('careful')", "builtins.Warning", "careful"},
        {"assert False, 'why'", "builtins.AssertionError", "why"},
        {"raise 5", "builtins.TypeError", "exceptions must derive from BaseException"},
        {"import asyncio; raise asyncio.CancelledError", "asyncio.exceptions.CancelledError",
         "asyncio.exceptions.CancelledError"},
    };
    NexusObject *builtins = import("builtins");
    for (size_t i = 0; i < COUNT(endings); i++) {
        /* Not called from Python code, `exec` needs a namespace. */
        NexusValue names = call0(builtins, "dict"), args[] = {text_value(endings[i].code), names}, result;
        CHECK_ERROR(nexus_object_call_method(builtins, "exec", args, 2, &result, &error), NEXUS_ERR_EXCEPTION);
        nexus_value_clear(&names);
        CHECK_EXCEPTION(error, endings[i].type, endings[i].message);
        CHECK_CONTAINS(nexus_error_traceback(error), "File \"<string>\", line 1, in <module>");
        DROP(error);
    }
    CHECK_NUMBER(integer_of(evaluate("1 + 1")), 2);
    nexus_object_free(builtins);
}

/* Exceptions whose own code raises, and types with odd names: the error still tells what can be told. */
CASE(exceptions_with_bad_code) {
    NexusObject *module = python_module(
        "class Str(Exception):\n"
        "    def __str__(self): raise self.what\n"
        "class Number(Exception):\n"
        "    def __str__(self): return 5\n"
        "class Everything(Exception):\n"
        "    def __getattribute__(self, name): raise RuntimeError('no ' + name)\n"
        "    def __str__(self): raise RuntimeError('no text')\n"
        "class Lies(Exception):\n"
        "    __class__ = int\n"
        "class Bool(Exception):\n"
        "    def __bool__(self): raise ValueError('no truth')\n"
        "    def __eq__(self, other): raise ValueError('no equality')\n"
        "    __hash__ = None\n"
        "class Recurses(Exception):\n"
        "    def __str__(self): return str(self)\n"
        "Odd = type('gr\\xf6\\xdfe', (Exception,), {'__module__': 5})\n"
        "Surrogate = type('lone', (Exception,), {'__qualname__': 'lone \\udc80', '__module__': 'm\\udc80'})\n"
        "def raises(what): raise what\n"
        "def str_error():\n"
        "    error = Str(); error.what = RuntimeError('no text'); raise error\n"
        "def str_exit():\n"
        "    error = Str(); error.what = SystemExit(1); raise error\n"
        "def str_interrupt():\n"
        "    error = Str(); error.what = KeyboardInterrupt(); raise error\n"
        "def number(): raise Number()\n"
        "def everything(): raise Everything()\n"
        "def lies(): raise Lies('text')\n"
        "def without_truth(): raise Bool('text')\n"
        "def recursing(): raise Recurses()\n"
        "def odd(): raise Odd('text')\n"
        "def surrogate(): raise Surrogate('text')\n"
        "def nul(): raise ValueError('a\\0b')\n"
        "def surrogate_text(): raise ValueError('a \\udc80 b')\n"
        "def bad_cause():\n"
        "    try: raise Str()\n"
        "    except Str as cause: raise ValueError('outer') from cause\n");
    const struct {
        const char *function, *type, *message;
    } cases[] = {
        {"str_error", "case.Str", "<unprintable case.Str object>"},
        {"str_exit", "case.Str", "<unprintable case.Str object>"},
        {"str_interrupt", "case.Str", "<unprintable case.Str object>"},
        {"number", "case.Number", "<unprintable case.Number object>"},
        {"everything", "case.Everything", "<unprintable case.Everything object>"},
        {"lies", "case.Lies", "text"},
        {"without_truth", "case.Bool", "text"},
        {"recursing", "case.Recurses", "<unprintable case.Recurses object>"},
        {"odd", "größe", "text"},
        {"surrogate", "m\\udc80.lone \\udc80", "text"},
        {"nul", "builtins.ValueError", "a␀b"},
        {"surrogate_text", "builtins.ValueError", "a \\udc80 b"},
        {"bad_cause", "builtins.ValueError", "outer"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NexusError *error = raised_by(module, cases[i].function), *unused = NULL;
        CHECK_EXCEPTION(error, cases[i].type, cases[i].message);
        CHECK_SEEN(nexus_error_traceback(error)[0] != '\0', "%s", cases[i].function);
        NexusObject *object = object_of_error(error);
        NexusNames *notes = NULL;
        /* Whatever its attributes do, these return. */
        nexus_error_notes(error, &notes, NULL);
        nexus_error_cause(error, &unused, NULL);
        CHECK_NUMBER(nexus_error_group_count(error), 0);
        nexus_names_free(notes);
        nexus_error_free(unused);
        nexus_object_free(object);
        DROP(error);
        CHECK_NUMBER(integer_of(evaluate("1 + 1")), 2);
    }
    nexus_object_free(module);
}

CASE(syntax_errors_show_their_line) {
    NexusObject *builtins = import("builtins");
    NexusValue names = call0(builtins, "dict"), args[] = {text_value("def f(:\n    pass"), names}, result;
    CHECK_ERROR(nexus_object_call_method(builtins, "exec", args, 2, &result, &error), NEXUS_ERR_EXCEPTION);
    nexus_value_clear(&names);
    CHECK_TEXT(nexus_error_exception(error), "builtins.SyntaxError");
    CHECK_CONTAINS(nexus_error_traceback(error), "def f(:");
    CHECK_CONTAINS(nexus_error_traceback(error), "^");
    DROP(error);
    nexus_object_free(builtins);
}

/* --- Causes -------------------------------------------------------------------------------------- */

CASE(chained_causes) {
    NexusObject *module = python_module("def innermost(): return {}['key']\n"
                                        "def middle():\n"
                                        "    try: innermost()\n"
                                        "    except KeyError as cause: raise ValueError('middle') from cause\n"
                                        "def chained():\n"
                                        "    try: middle()\n"
                                        "    except ValueError: raise RuntimeError('outer')\n"
                                        "def suppressed():\n"
                                        "    try: middle()\n"
                                        "    except ValueError: raise RuntimeError('alone') from None\n"
                                        "def none_after_all():\n"
                                        "    try: raise KeyError('context')\n"
                                        "    except KeyError as error: raise ValueError('both') from OSError('cause')\n"
                                        "def cycle():\n"
                                        "    a, b = ValueError('a'), ValueError('b')\n"
                                        "    a.__cause__, b.__cause__ = b, a\n"
                                        "    raise a\n"
                                        "def itself():\n"
                                        "    a = ValueError('a')\n"
                                        "    a.__cause__ = a\n"
                                        "    raise a\n");
    error = raised_by(module, "chained");
    CHECK_EXCEPTION(error, "builtins.RuntimeError", "outer");
    const char *traceback = nexus_error_traceback(error);
    CHECK_CONTAINS(traceback, "KeyError: 'key'");
    CHECK_CONTAINS(traceback, "direct cause of the following exception");
    CHECK_CONTAINS(traceback, "During handling of the above exception, another exception occurred");
    NexusError *middle = cause_of(error), *inner = cause_of(middle);
    nexus_error_free(error);
    CHECK_EXCEPTION(middle, "builtins.ValueError", "middle");
    CHECK_CONTAINS(nexus_error_traceback(middle), "in middle");
    nexus_error_free(middle);
    CHECK_EXCEPTION(inner, "builtins.KeyError", "'key'");
    CHECK_CONTAINS(nexus_error_traceback(inner), "in innermost");
    no_cause(inner);
    nexus_error_free(inner);
    error = raised_by(module, "suppressed");
    CHECK_EXCEPTION(error, "builtins.RuntimeError", "alone");
    no_cause(error);
    CHECK(strstr(nexus_error_traceback(error), "middle") == NULL);
    DROP(error);
    /* The cause goes before the context. */
    error = raised_by(module, "none_after_all");
    inner = cause_of(error);
    CHECK_EXCEPTION(inner, "builtins.OSError", "cause");
    no_cause(inner);
    nexus_error_free(inner);
    DROP(error);
    /* A circle goes round for as long as it is asked. */
    error = raised_by(module, "cycle");
    CHECK_CONTAINS(nexus_error_traceback(error), "ValueError: b");
    for (int i = 0; i < 10; i++) {
        CHECK_TEXT(nexus_error_message(error), i % 2 ? "b" : "a");
        inner = cause_of(error);
        nexus_error_free(error);
        error = inner;
    }
    DROP(error);
    error = raised_by(module, "itself");
    inner = cause_of(error);
    CHECK_TEXT(nexus_error_message(inner), "a");
    nexus_error_free(inner);
    DROP(error);
    nexus_object_free(module);
}

/* Ten thousand causes are neither too many to make, to write, nor to free. */
CASE(ten_thousand_causes) {
    NexusObject *module = python_module("def long():\n"
                                        "    error = None\n"
                                        "    for i in range(10000):\n"
                                        "        following = ValueError(i)\n"
                                        "        following.__cause__ = error\n"
                                        "        error = following\n"
                                        "    raise error\n");
    NexusError *below;
    error = raised_by(module, "long");
    CHECK_TEXT(nexus_error_message(error), "9999");
    CHECK(strlen(nexus_error_traceback(error)) < 1 << 20);
    CHECK_CONTAINS(nexus_error_traceback(error), "ValueError: ");
    for (int i = 9998; i > 0; i--) {
        below = cause_of(error);
        nexus_error_free(error);
        error = below;
    }
    CHECK_TEXT(nexus_error_message(error), "1");
    DROP(error);
    error = raised_by(module, "long");
    DROP(error);
    nexus_object_free(module);
}

/* --- Notes --------------------------------------------------------------------------------------- */

CASE(notes) {
    NexusObject *module = python_module("def noted():\n"
                                        "    error = ValueError('text')\n"
                                        "    for note in ('first', '', 'größe\\nof two lines', 'lone \\udc80'):\n"
                                        "        error.add_note(note)\n"
                                        "    raise error\n"
                                        "def plain(): raise ValueError('text')\n"
                                        "def odd():\n"
                                        "    error = ValueError('text')\n"
                                        "    error.__notes__ = (1, None, ['list'])\n"
                                        "    raise error\n"
                                        "def wrong():\n"
                                        "    error = ValueError('text')\n"
                                        "    error.__notes__ = 5\n"
                                        "    raise error\n");
    NexusError *of = raised_by(module, "noted");
    NexusNames *list = NULL;
    CHECK_OK(nexus_error_notes(of, &list, &error));
    const char *const expected[] = {"first", "", "größe\nof two lines", "lone \\udc80"};
    CHECK_NUMBER(nexus_names_count(list), 4);
    for (size_t i = 0; i < 4; i++) CHECK_TEXT(nexus_names_at(list, i), expected[i]);
    CHECK_CONTAINS(nexus_error_traceback(of), "\nfirst\n");
    nexus_error_free(of);
    CHECK_TEXT(nexus_names_at(list, 2), expected[2]);
    nexus_names_free(list);

    of = raised_by(module, "plain");
    CHECK_OK(nexus_error_notes(of, &list, &error));
    CHECK_NUMBER(nexus_names_count(list), 0);
    nexus_names_free(list);
    nexus_error_free(of);

    of = raised_by(module, "odd");
    CHECK_OK(nexus_error_notes(of, &list, &error));
    CHECK_NUMBER(nexus_names_count(list), 3);
    CHECK_TEXT(nexus_names_at(list, 0), "1");
    CHECK_TEXT(nexus_names_at(list, 2), "['list']");
    nexus_names_free(list);
    nexus_error_free(of);

    of = raised_by(module, "wrong");
    list = (NexusNames *)(uintptr_t)0x5a5a;
    CHECK_RAISES(nexus_error_notes(of, &list, &error), "builtins.TypeError");
    CHECK(list == NULL);
    nexus_error_free(of);
    nexus_object_free(module);
}

/* --- Groups -------------------------------------------------------------------------------------- */

static NexusError *member_of(const NexusError *of, size_t index) {
    NexusError *error = NULL, *found = NULL;
    CHECK_OK(nexus_error_group_at(of, index, &found, &error));
    CHECK(found != NULL);
    return found;
}

CASE(groups) {
    NexusObject *module = python_module("def nested():\n"
                                        "    inner = ExceptionGroup('inner', [KeyError('k'), TypeError('t')])\n"
                                        "    raise ExceptionGroup('outer', [ValueError('v'), inner])\n"
                                        "def base(): raise BaseExceptionGroup('base', [KeyboardInterrupt()])\n"
                                        "class Own(ExceptionGroup): pass\n"
                                        "def own(): raise Own('own', [ValueError('v')])\n"
                                        "def plain(): raise ValueError('v')\n"
                                        "def imitates():\n"
                                        "    error = ValueError('v')\n"
                                        "    error.exceptions = 'abc'\n"
                                        "    raise error\n"
                                        "def imitates_well():\n"
                                        "    error = ValueError('v')\n"
                                        "    error.exceptions = [ValueError('w')]\n"
                                        "    raise error\n");
    NexusError *outer = raised_by(module, "nested");
    CHECK_EXCEPTION(outer, "builtins.ExceptionGroup", "outer (2 sub-exceptions)");
    CHECK_CONTAINS(nexus_error_traceback(outer), "KeyError: 'k'");
    CHECK_NUMBER(nexus_error_group_count(outer), 2);
    NexusError *first = member_of(outer, 0), *second = member_of(outer, 1), *none = (NexusError *)(uintptr_t)0x5a5a;
    const size_t past[] = {2, 3, SIZE_MAX, SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < COUNT(past); i++) {
        CHECK_REFUSED(nexus_error_group_at(outer, past[i], &none, &error), NEXUS_ERR_NOT_FOUND);
        CHECK(none == NULL);
    }
    nexus_error_free(outer);
    CHECK_EXCEPTION(first, "builtins.ValueError", "v");
    CHECK_NUMBER(nexus_error_group_count(first), 0);
    CHECK_EXCEPTION(second, "builtins.ExceptionGroup", "inner (2 sub-exceptions)");
    CHECK_NUMBER(nexus_error_group_count(second), 2);
    NexusError *deepest = member_of(second, 1);
    nexus_error_free(second);
    CHECK_EXCEPTION(deepest, "builtins.TypeError", "t");
    nexus_error_free(deepest);
    nexus_error_free(first);

    const struct {
        const char *function;
        size_t count;
    } others[] = {{"base", 1}, {"own", 1}, {"plain", 0}, {"imitates", 0}, {"imitates_well", 0}};
    for (size_t i = 0; i < COUNT(others); i++) {
        outer = raised_by(module, others[i].function);
        CHECK_SEEN(nexus_error_group_count(outer) == others[i].count, "%s", others[i].function);
        CHECK_STATUS(nexus_error_group_at(outer, 0, &first, NULL), others[i].count ? NEXUS_OK : NEXUS_ERR_NOT_FOUND);
        nexus_error_free(first);
        nexus_error_free(outer);
    }
    nexus_object_free(module);
}

/* --- The object ---------------------------------------------------------------------------------- */

CASE(the_exception_object) {
    NexusObject *module = python_module("class Own(Exception):\n"
                                        "    def __init__(self, code): self.code = code\n"
                                        "last = None\n"
                                        "def raises():\n"
                                        "    global last\n"
                                        "    last = Own(7)\n"
                                        "    raise last\n"
                                        "def missing(): open('/no/such/file')\n");
    NexusError *of = raised_by(module, "raises");
    NexusObject *object = object_of_error(of), *again = object_of_error(of);
    CHECK(object != again);
    nexus_error_free(of);
    NexusObject *last = member(module, "last");
    NexusValue code;
    CHECK_NUMBER(id_of(object), id_of(last));
    CHECK_GIVES(nexus_object_attr(object, "code", &code, &error), integer_of(code), 7);
    FREE_OBJECTS(object, last);
    /* With all its frames, though the error is gone. */
    NexusValue text = evaluate_with("''.join(__import__('traceback').format_exception(it))", nexus_value_object(again));
    char buffer[1024];
    CHECK_CONTAINS(text_of(text, buffer, sizeof buffer), "in raises");
    NexusError *described = NULL;
    CHECK_OK(nexus_error_describe(again, &described, &error));
    CHECK_TEXT(nexus_error_exception(described), "case.Own");
    CHECK_CONTAINS(nexus_error_traceback(described), "in raises");
    nexus_object_free(again);
    nexus_error_free(described);

    of = raised_by(module, "missing");
    object = object_of_error(of);
    CHECK_GIVES(nexus_object_attr(object, "errno", &code, &error), integer_of(code), 2);
    nexus_error_free(of);
    FREE_OBJECTS(object, module);
}

CASE(describing_objects) {
    NexusValue exception = evaluate("ValueError('never raised')");
    NexusError *described = NULL;
    CHECK_OK(nexus_error_describe(exception.as.object, &described, &error));
    CHECK_EXCEPTION(described, "builtins.ValueError", "never raised");
    CHECK_TEXT(nexus_error_traceback(described), "ValueError: never raised\n");
    CHECK_STATUS(nexus_error_status(described), NEXUS_ERR_EXCEPTION);
    nexus_error_free(described);
    nexus_value_clear(&exception);
    const char *const others[] = {"ValueError", "[]", "10 ** 30", "type('Lies', (), {'__class__': ValueError})()"};
    for (size_t i = 0; i < COUNT(others); i++) {
        NexusValue object = evaluate(others[i]);
        described = (NexusError *)(uintptr_t)0x5a5a;
        CHECK_FAILS(nexus_error_describe(object.as.object, &described, &error), NEXUS_ERR_TYPE, "'exception'");
        CHECK(described == NULL);
        nexus_value_clear(&object);
    }
}

/* Errors that come from no exception have none of all that. */
CASE(errors_without_an_exception) {
    NexusError *of = NULL;
    NexusObject *object = (NexusObject *)(uintptr_t)0x5a5a;
    NexusNames *list = (NexusNames *)(uintptr_t)0x5a5a;
    nexus_object_free(import("sys"));
    CHECK_STATUS(nexus_error_new(NEXUS_ERR_IO, "mine", &of), NEXUS_ERR_IO);
    CHECK_TEXT(nexus_error_exception(of), "");
    CHECK_TEXT(nexus_error_traceback(of), "");
    CHECK_REFUSED(nexus_error_object(of, &object, &error), NEXUS_ERR_NOT_FOUND);
    CHECK(object == NULL);
    no_cause(of);
    CHECK_REFUSED(nexus_error_notes(of, &list, &error), NEXUS_ERR_NOT_FOUND);
    CHECK(list == NULL);
    CHECK_NUMBER(nexus_error_group_count(of), 0);
    nexus_error_free(of);
    /* Nor has that of a module that failed to load, which tells all the same. */
    NexusLoader *loader = open_all("one_bad");
    CHECK_ERROR(nexus_loader_get(loader, "broken", &object, &error), NEXUS_ERR_NOT_LOADED);
    of = error;
    CHECK_TEXT(nexus_error_exception(of), "builtins.ValueError");
    CHECK_CONTAINS(nexus_error_traceback(of), "ValueError: no licence");
    CHECK_CONTAINS(nexus_error_traceback(of), "Traceback");
    CHECK_REFUSED(nexus_error_object(of, &object, &error), NEXUS_ERR_NOT_FOUND);
    nexus_error_free(of);
    nexus_loader_free(loader);
}

/* --- How long things live ------------------------------------------------------------------------ */

static NexusObject *calls;

static int64_t alive(void) { return integer_of(call0(calls, "count_alive")); }

static void *frees_error(void *error) {
    nexus_error_free(error);
    return NULL;
}

/* The frames of an exception, and what is in them, die with the error: at once, on whichever thread. */
CASE(frames_die_with_the_error) {
    calls = calls_module();
    NexusObject *module = python_module("def raises(make):\n"
                                        "    local = make()\n"
                                        "    try: {}['k']\n"
                                        "    except KeyError as cause: raise ValueError(local) from cause\n");
    NexusObject *make = member(calls, "Tracked");
    NexusValue arg = nexus_value_object(make), result;
    NexusObject *raises = member(module, "raises");
    for (int i = 0; i < 12; i++) {
        NexusError *unused = NULL;
        CHECK_ERROR(nexus_object_call(raises, &arg, 1, &result, &error), NEXUS_ERR_EXCEPTION);
        CHECK_NUMBER(alive(), 1);
        if (i % 4 == 1) CHECK_CONTAINS(nexus_error_traceback(error), "in raises");
        if (i % 4 == 2) nexus_error_free(cause_of(error));
        NexusError *of = error;
        if (i % 4 == 3) {
            NexusObject *object = object_of_error(of);
            CHECK_OK(nexus_error_describe(object, &unused, &error));
            nexus_object_free(object);
        }
        if (i < 6) {
            nexus_error_free(of);
        } else {
            on_threads(1, frees_error, of);
        }
        CHECK_NUMBER(alive(), unused ? 1 : 0);
        nexus_error_free(unused);
        CHECK_NUMBER(alive(), 0);
        /* Nobody has asked for the error. */
        CHECK_STATUS(nexus_object_call(raises, &arg, 1, &result, NULL), NEXUS_ERR_EXCEPTION);
        CHECK_NUMBER(alive(), 0);
    }
    FREE_OBJECTS(raises, make, module, calls);
}

/* The object keeps its frames alive for as long as its handle lives. */
CASE(the_object_outlives_its_error) {
    calls = calls_module();
    NexusObject *module = python_module("def raises(make):\n"
                                        "    local = make()\n"
                                        "    raise ValueError\n");
    NexusObject *make = member(calls, "Tracked");
    NexusValue arg = nexus_value_object(make), result;
    CHECK_ERROR(nexus_object_call_method(module, "raises", &arg, 1, &result, &error), NEXUS_ERR_EXCEPTION);
    NexusObject *object = object_of_error(error);
    DROP(error);
    CHECK_NUMBER(alive(), 1);
    gives_none(evaluate_with("__import__('traceback').clear_frames(it.__traceback__)", nexus_value_object(object)));
    CHECK_NUMBER(alive(), 0);
    FREE_OBJECTS(object, make, module, calls);
}

CASE(ten_thousand_frames) {
    NexusObject *module = python_module("import sys\n"
                                        "sys.setrecursionlimit(20000)\n"
                                        "def same(depth):\n"
                                        "    if depth == 0: raise ValueError('the bottom')\n"
                                        "    same(depth - 1)\n"
                                        "def a(depth):\n"
                                        "    if depth == 0: raise ValueError('the bottom')\n"
                                        "    b(depth - 1)\n"
                                        "def b(depth):\n"
                                        "    if depth == 0: raise ValueError('the bottom')\n"
                                        "    a(depth - 1)\n"
                                        "def alike(): same(10000)\n"
                                        "def in_turns(): a(10000)\n");
    const char *const functions[] = {"alike", "in_turns"};
    for (size_t i = 0; i < 2; i++) {
        NexusError *error = raised_by(module, functions[i]);
        CHECK_TEXT(nexus_error_message(error), "the bottom");
        const char *traceback = nexus_error_traceback(error);
        CHECK_CONTAINS(traceback, "Traceback (most recent call last)");
        CHECK_CONTAINS(traceback, functions[i]);
        CHECK_CONTAINS(traceback, "ValueError: the bottom");
        CHECK(strlen(traceback) < 1 << 20);
        NexusObject *object = object_of_error(error);
        DROP(error);
        NexusValue frames = evaluate_with("sum(1 for _ in __import__('traceback').walk_tb(it.__traceback__))",
                                          nexus_value_object(object));
        CHECK_NUMBER(integer_of(frames), 10002);
        nexus_object_free(object);
        /* And once more, where nobody asks for its traceback. */
        error = raised_by(module, functions[i]);
        DROP(error);
    }
    nexus_object_free(module);
}

/* The text is written once, and stays. */
CASE(traceback_is_written_once) {
    NexusObject *module = python_module("def raises(): raise ValueError('text')\n");
    error = raised_by(module, "raises");
    const char *traceback = nexus_error_traceback(error);
    char copy[1024];
    snprintf(copy, sizeof copy, "%s", traceback);
    NexusObject *object = object_of_error(error);
    gives_none(evaluate_with("it.add_note('added later')", nexus_value_object(object)));
    CHECK(nexus_error_traceback(error) == traceback);
    CHECK_TEXT(traceback, copy);
    FREE_OBJECTS(object, module);
    DROP(error);
}

static NexusError *shared;
static pthread_barrier_t barrier;

static void *reads_everything(void *number) {
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 50; i++) {
        NexusError *error = NULL, *cause = NULL;
        NexusObject *object;
        NexusNames *list;
        if ((intptr_t)number % 2) CHECK_OK(nexus_python_attach(&error));
        CHECK_TEXT(nexus_error_message(shared), "outer");
        CHECK_CONTAINS(nexus_error_traceback(shared), "in raises");
        CHECK_OK(nexus_error_cause(shared, &cause, &error));
        CHECK_CONTAINS(nexus_error_traceback(cause), "KeyError: 'k'");
        nexus_error_free(cause);
        CHECK_OK(nexus_error_object(shared, &object, &error));
        nexus_object_free(object);
        CHECK_OK(nexus_error_notes(shared, &list, &error));
        CHECK_NUMBER(nexus_names_count(list), 1);
        nexus_names_free(list);
        CHECK_NUMBER(nexus_error_group_count(shared), 0);
        if ((intptr_t)number % 2) CHECK_OK(nexus_python_detach(&error));
    }
    return NULL;
}

/* One error on eight threads, half of which hold the GIL while they ask for the traceback first. */
CASE(read_by_eight_threads_at_once) {
    NexusObject *module = python_module("def raises():\n"
                                        "    try: {}['k']\n"
                                        "    except KeyError as cause:\n"
                                        "        error = ValueError('outer')\n"
                                        "        error.add_note('note')\n"
                                        "        raise error from cause\n");
    for (int round = 0; round < 10; round++) {
        shared = raised_by(module, "raises");
        CHECK(pthread_barrier_init(&barrier, NULL, 8) == 0);
        on_numbered_threads(8, reads_everything);
        pthread_barrier_destroy(&barrier);
        nexus_error_free(shared);
    }
    nexus_object_free(module);
}

/* A hundred thousand errors leave nothing. */
CASE(a_hundred_thousand_errors_leave_nothing) {
    NexusObject *module = python_module("def raises():\n"
                                        "    try: {}['k']\n"
                                        "    except KeyError as cause: raise ValueError('text') from cause\n");
    NexusObject *raises = member(module, "raises");
    int64_t before = 0;
    for (int i = 0; i < 105000; i++) {
        NexusValue result;
        if (i == 5000) before = integer_of(evaluate("__import__('sys').getallocatedblocks()"));
        CHECK_ERROR(nexus_object_call(raises, NULL, 0, &result, &error), NEXUS_ERR_EXCEPTION);
        if (i % 50 == 0) {
            CHECK_CONTAINS(nexus_error_traceback(error), "direct cause");
            nexus_error_free(cause_of(error));
            NexusObject *object = object_of_error(error);
            nexus_object_free(object);
        }
        nexus_error_free(error);
    }
    int64_t more = integer_of(evaluate("__import__('sys').getallocatedblocks()")) - before;
    CHECK_SEEN(more < 1000, "%lld blocks more", (long long)more);
    FREE_OBJECTS(raises, module);
}
