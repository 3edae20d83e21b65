/* Calls: whatever can be called, with whatever arguments, has the outcome that it has in Python, in every
 * way of calling. */
#include "calling.h"
#include "growth.h"

enum { MOST = 50 };

/* --- The outcome in Python, and the outcome here ------------------------------------------------- */

static NexusObject *cases, *outcome;

static const char *const source =
    "import functools, operator\n"
    "def outcome(f, /, *args, **keywords):\n"
    "    try: return 'returned ' + repr(f(*args, **keywords))\n"
    "    except BaseException as error: return f'{type(error).__module__}.{type(error).__qualname__}: {error}'\n"
    "class Plain:\n"
    "    def __init__(self, a=None, *, k=None): self.a, self.k = a, k\n"
    "    def __repr__(self): return f'Plain({self.a!r}, {self.k!r})'\n"
    "    def method(self, *args, **keywords): return 'method', args, keywords\n"
    "    @classmethod\n"
    "    def of_class(cls, *args, **keywords): return cls.__name__, args, keywords\n"
    "    @staticmethod\n"
    "    def of_nobody(a, b=2, /, c=3, *, k=4): return a, b, c, k\n"
    "class Callable:\n"
    "    def __call__(self, *args, **keywords): return 'called', args, keywords\n"
    "class Meta(type):\n"
    "    def __call__(cls, *args, **keywords): return 'made', args, keywords\n"
    "class OfMeta(metaclass=Meta): pass\n"
    "class Refuses:\n"
    "    def __init__(self): raise LookupError('no instances')\n"
    "def required(a, b): return a, b\n"
    "def defaults(a, b=2, *rest, k, l=5, **more): return a, b, rest, k, l, more\n"
    "def generator(*args): yield args\n"
    "async def coroutine(): pass\n"
    "def exits(*args): raise SystemExit(*args)\n"
    "def interrupts(): raise KeyboardInterrupt\n"
    "def leaves(): raise GeneratorExit('left')\n"
    "def stops(): raise StopIteration(7)\n"
    "def recurses(): return recurses()\n"
    "everything = lambda *args, **keywords: (args, keywords)\n"
    "class Hides:\n"
    "    def __repr__(self): return 'Hides()'\n"
    "    def __getattr__(self, name): raise AttributeError(name)\n"
    "lost = functools.partial(everything, 0, k=9)\n"
    "cached = functools.lru_cache(everything)\n"
    "instance, plain = Hides(), Plain(7)\n";

static void open_cases(void) {
    NexusObject *calls = calls_module();
    cases = python_module(source);
    CHECK_OK(nexus_python_start(NULL, &error));
    NexusObject *names = member(cases, "__dict__");
    set_item(names, text_value("calls"), nexus_value_object(calls));
    FREE_OBJECTS(names, calls);
    outcome = member(cases, "outcome");
}

/* The object of a Python expression in the namespace of the cases. */
static NexusObject *expression(const char *text) {
    NexusObject *builtins = import("builtins"), *names = member(cases, "__dict__");
    NexusValue args[] = {text_value(text), nexus_value_object(names)};
    NexusObject *object = object_of(call(builtins, "eval", args, 2));
    FREE_OBJECTS(names, builtins);
    return object;
}

/* What Python says about that call. */
static void expected_outcome(char *text, size_t size, NexusObject *callable, const NexusValue *args, size_t count,
                             const char *const *names, size_t named) {
    NexusValue all[MOST + 1] = {nexus_value_object(callable)}, result;
    memcpy(all + 1, args, count * sizeof *args);
    CHECK_OK(nexus_object_call_keywords(outcome, all, 1 + count - named, names, all + 1 + count - named, named,
                                        &result, &error));
    text_of(result, text, size);
}

/* What came of it here, in the same words. */
static void seen_outcome(char *text, size_t size, Way way, NexusObject *callable, const NexusValue *args,
                         size_t count, const char *const *names, size_t named) {
    NexusError *error = (NexusError *)(uintptr_t)0x5a5a;
    NexusValue result = poison();
    NexusStatus status = way(callable, args, count, names, named, &result, &error);
    if (status == NEXUS_OK) {
        CHECK(error == NULL);
        snprintf(text, size, "returned %s", shown(result));
        nexus_value_clear(&result);
        return;
    }
    CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
    CHECK(result.owner == NULL);
    CHECK_STATUS(nexus_error_status(error), status);
    if (status != NEXUS_ERR_EXCEPTION)
        FAIL("status %d: %s", (int)status, nexus_error_message(error));
    /* An exception without a text has its type for a message. */
    const char *type = nexus_error_exception(error), *message = nexus_error_message(error);
    snprintf(text, size, "%s: %s", type, strcmp(type, message) == 0 ? "" : message);
    nexus_error_free(error);
}

static int compared;

static void compare(const char *what, NexusObject *callable, const NexusValue *args, size_t count,
                    const char *const *names, size_t named) {
    char expected[4096], seen[4096];
    expected_outcome(expected, sizeof expected, callable, args, count, names, named);
    for (size_t i = 0; i < COUNT(ways); i++) {
        seen_outcome(seen, sizeof seen, ways[i].call, callable, args, count, names, named);
        if (strcmp(seen, expected) != 0)
            FAIL("%s with %zu arguments, %zu of them named, %s:\n    %s, but in Python\n    %s", what, count, named,
                 ways[i].name, seen, expected);
    }
    compared++;
}

/* --- Whatever can be called, with arguments of every shape --------------------------------------- */

static const char *const callables[] = {
    /* Builtins of every convention. */
    "calls.no_arguments", "calls.one", "calls.fast", "calls.fast_keywords", "calls.varargs", "calls.varargs_keywords",
    /* As methods: bound, and unbound, which takes the instance for its first argument. */
    "calls.Instance().no_arguments", "calls.Instance().one", "calls.Instance().fast",
    "calls.Instance().fast_keywords", "calls.Instance().varargs", "calls.Instance().varargs_keywords",
    "calls.Instance().with_class", "calls.Instance.no_arguments", "calls.Instance.one", "calls.Instance.fast",
    "calls.Instance.with_class",
    /* METH_CLASS and METH_STATIC, through the class and through an instance. */
    "calls.Class.no_arguments", "calls.Class.one", "calls.Class.fast", "calls.Class.fast_keywords",
    "calls.Class.varargs", "calls.Class.varargs_keywords", "calls.Class().no_arguments", "calls.Class().one",
    "calls.Class().fast", "calls.Static.no_arguments", "calls.Static.one", "calls.Static.fast",
    "calls.Static.fast_keywords", "calls.Static.varargs", "calls.Static.varargs_keywords",
    "calls.Static().no_arguments", "calls.Static().one", "calls.Static().fast",
    /* Objects with a call slot or a __call__. */
    "calls.Instance()", "Callable()", "functools.partial(everything, 0, k=9)", "cached", "operator.itemgetter(1)",
    "operator.attrgetter('real')", "operator.methodcaller('bit_length')",
    /* Classes. */
    "int", "str", "dict", "list", "tuple", "type", "float", "Plain", "OfMeta", "Refuses", "ValueError",
    /* Functions and methods. */
    "required", "defaults", "everything", "lambda: 1", "lambda a: a", "plain.method", "Plain.method",
    "Plain.of_class", "plain.of_class", "Plain.of_nobody", "plain.of_nobody", "'x'.join", "[1, 2].index", "{}.get",
    "'{} {k}'.format", "len", "abs", "max", "min", "sum", "divmod", "pow", "isinstance", "getattr", "sorted",
    "print.__class__", "int.__add__", "(5).__add__", "type.__call__", "dict.fromkeys", "staticmethod(required)",
    "bytes.fromhex", "str.maketrans",
    /* What raises: errors like any other. */
    "exits", "interrupts", "leaves", "stops", "recurses",
};

static void every_shape(const char *what, NexusObject *callable) {
    static const char *const k[] = {"k"}, *const kl[] = {"k", "l"}, *const a[] = {"a"}, *const ab[] = {"a", "b"},
                       *const wide[] = {"größe"}, *const unknown[] = {"nobody_has_this"}, *const self[] = {"self"};
    const NexusValue numbers[] = {nexus_value_integer(1), nexus_value_integer(2), nexus_value_integer(3),
                                  nexus_value_integer(4), nexus_value_integer(5), nexus_value_integer(6)};
    const NexusValue mixed[] = {text_value("12"), nexus_value_real(0.5), nexus_value_none(),
                                nexus_value_bytes("a\0b", 3), nexus_value_boolean(true)};
    for (size_t count = 0; count <= 6; count++) compare(what, callable, numbers, count, NULL, 0);
    for (size_t count = 1; count <= 5; count++) compare(what, callable, mixed, count, NULL, 0);
    for (size_t count = 1; count <= 4; count++) compare(what, callable, numbers, count, k, 1);
    for (size_t count = 2; count <= 4; count++) compare(what, callable, numbers, count, kl, 2);
    for (size_t count = 2; count <= 3; count++) compare(what, callable, numbers, count, ab, 2);
    compare(what, callable, numbers, 2, a, 1);
    compare(what, callable, numbers, 2, wide, 1);
    compare(what, callable, numbers, 1, unknown, 1);
    compare(what, callable, numbers, 3, self, 1);
}

static void every_callable(void) {
    compared = 0;
    for (size_t i = 0; i < COUNT(callables); i++) {
        NexusObject *callable = expression(callables[i]);
        every_shape(callables[i], callable);
        nexus_object_free(callable);
    }
    CHECK(compared > 2000);
}

CASE(as_in_python) {
    open_cases();
    every_callable();
}

CASE(as_in_python_while_attached) {
    open_cases();
    CHECK_OK(nexus_python_attach(&error));
    every_callable();
    CHECK_OK(nexus_python_detach(&error));
    CHECK(!gil_is_held());
}

static void *in_a_thread(void *unused) {
    every_callable();
    return unused;
}

CASE(as_in_python_on_another_thread) {
    open_cases();
    on_threads(1, in_a_thread, NULL);
}

static NexusStatus in_a_callback(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *held) {
    (void)arguments, (void)result, (void)error;
    CHECK(gil_is_held() == (held != NULL));
    every_callable();
    CHECK(gil_is_held() == (held != NULL));
    return NEXUS_OK;
}

CASE(as_in_python_inside_a_callback) {
    NexusObject *function;
    open_cases();
    function = host_function("callback", in_a_callback, NULL);
    NexusValue none = call0(function, "__call__");
    CHECK_NUMBER(none.kind, NEXUS_KIND_NONE);
    nexus_object_free(function);
    CHECK_OK(nexus_function_new("callback", NULL, NEXUS_FUNCTION_HOLD_GIL, in_a_callback, &function, NULL, &function,
                                &error));
    gives_none(call0(function, "__call__"));
    nexus_object_free(function);
}

/* What the texts of Python are compared with above could be wrong on both sides: some of it in full. */
static void gives(const char *callable_text, const NexusValue *args, size_t count, const char *const *names,
                  size_t named, const char *expected) {
    NexusObject *callable = expression(callable_text);
    for (size_t i = 0; i < COUNT(ways); i++) {
        char seen[4096];
        seen_outcome(seen, sizeof seen, ways[i].call, callable, args, count, names, named);
        if (strcmp(seen, expected) != 0)
            FAIL("%s, %s:\n    %s, not\n    %s", callable_text, ways[i].name, seen, expected);
    }
    nexus_object_free(callable);
}

CASE(outcomes_in_full) {
    open_cases();
    static const char *const k[] = {"k"}, *const kl[] = {"k", "l"}, *const lk[] = {"l", "k"}, *const b[] = {"b"};
    const NexusValue one_two[] = {nexus_value_integer(1), nexus_value_integer(2), nexus_value_integer(3)};
    gives("calls.no_arguments", NULL, 0, NULL, 0, "returned 'no_arguments module ()'");
    gives("calls.one", one_two, 1, NULL, 0, "returned 'one module (1,)'");
    gives("calls.fast", one_two, 3, NULL, 0, "returned 'fast module (1, 2, 3)'");
    gives("calls.fast_keywords", one_two, 3, k, 1, "returned \"fast_keywords module (1, 2) {'k': 3}\"");
    gives("calls.fast_keywords", one_two, 3, kl, 2, "returned \"fast_keywords module (1,) {'k': 2, 'l': 3}\"");
    gives("calls.fast_keywords", one_two, 3, lk, 2, "returned \"fast_keywords module (1,) {'l': 2, 'k': 3}\"");
    gives("calls.varargs", one_two, 2, NULL, 0, "returned 'varargs module (1, 2)'");
    gives("calls.varargs_keywords", one_two, 2, k, 1, "returned \"varargs_keywords module (1,) {'k': 2}\"");
    gives("calls.Static.fast", one_two, 1, NULL, 0, "returned 'fast NULL (1,)'");
    gives("calls.Class.fast", one_two, 1, NULL, 0, "returned 'fast class (1,)'");
    gives("calls.Instance().fast", one_two, 1, NULL, 0, "returned 'fast instance (1,)'");
    gives("calls.Instance().with_class", one_two, 2, k, 1, "returned \"fast_keywords instance (1,) {'k': 2}\"");
    gives("calls.Instance()", one_two, 2, k, 1, "returned \"call_slot instance (1,) {'k': 2}\"");
    gives("Plain", one_two, 2, k, 1, "returned Plain(1, 2)");
    gives("defaults", one_two, 2, k, 1, "returned (1, 2, (), 2, 5, {})");
    gives("required", one_two, 2, b, 1, "returned (1, 2)");
    gives("required", one_two, 3, b, 1, "builtins.TypeError: required() got multiple values for argument 'b'");
    gives("required", one_two, 1, NULL, 0,
          "builtins.TypeError: required() missing 1 required positional argument: 'b'");
    gives("required", one_two, 3, NULL, 0, "builtins.TypeError: required() takes 2 positional arguments but 3 were given");
    gives("required", one_two, 2, k, 1, "builtins.TypeError: required() got an unexpected keyword argument 'k'");
    gives("calls.no_arguments", one_two, 1, NULL, 0,
          "builtins.TypeError: calls.no_arguments() takes no arguments (1 given)");
    gives("calls.one", NULL, 0, NULL, 0, "builtins.TypeError: calls.one() takes exactly one argument (0 given)");
    gives("calls.one", one_two, 2, NULL, 0, "builtins.TypeError: calls.one() takes exactly one argument (2 given)");
    gives("calls.fast", one_two, 1, k, 1, "builtins.TypeError: calls.fast() takes no keyword arguments");
    gives("exits", one_two, 1, NULL, 0, "builtins.SystemExit: 1");
    gives("interrupts", NULL, 0, NULL, 0, "builtins.KeyboardInterrupt: ");
    gives("leaves", NULL, 0, NULL, 0, "builtins.GeneratorExit: left");
}

/* Builtins that break the rules are found out, and what they have left behind harms nobody. */
CASE(builtins_that_break_the_rules) {
    open_cases();
    static const char *const endings[] = {"", "_one", "_fast"};
    const NexusValue one = nexus_value_integer(1);
    for (size_t i = 0; i < COUNT(endings); i++) {
        char name[64], expected[256];
        snprintf(name, sizeof name, "calls.nothing%s", endings[i]);
        snprintf(expected, sizeof expected,
                 "builtins.SystemError: <built-in function nothing%s> returned NULL without setting an exception",
                 endings[i]);
        gives(name, &one, i > 0, NULL, 0, expected);
        snprintf(name, sizeof name, "calls.too_much%s", endings[i]);
        snprintf(expected, sizeof expected,
                 "builtins.SystemError: <built-in function too_much%s> returned a result with an exception set",
                 endings[i]);
        gives(name, &one, i > 0, NULL, 0, expected);
        /* What was set is the cause. */
        NexusObject *callable = expression(name);
        for (size_t w = 0; w < COUNT(ways); w++) {
            NexusError *cause = NULL, *broken;
            NexusValue result;
            CHECK_ERROR(ways[w].call(callable, &one, i > 0, NULL, 0, &result, &error), NEXUS_ERR_EXCEPTION);
            broken = error;
            CHECK_OK(nexus_error_cause(broken, &cause, &error));
            CHECK_TEXT(nexus_error_exception(cause), "builtins.ValueError");
            CHECK_TEXT(nexus_error_message(cause), "set beside a result");
            nexus_error_free(cause);
            nexus_error_free(broken);
        }
        nexus_object_free(callable);
    }
    /* 123456789, which was returned beside an exception, is given up: the count of blocks stays. */
    NexusObject *callable = expression("calls.too_much_fast");
    for (size_t w = 0; w < COUNT(ways); w++) {
        int64_t blocks = 0;
        for (int times = 0; times < 1100; times++) {
            if (times == 100) blocks = integer_of(evaluate("__import__('sys').getallocatedblocks()"));
            NexusValue result;
            CHECK_STATUS(ways[w].call(callable, NULL, 0, NULL, 0, &result, NULL), NEXUS_ERR_EXCEPTION);
        }
        blocks = integer_of(evaluate("__import__('sys').getallocatedblocks()")) - blocks;
        CHECK_SEEN(blocks < 500, "%s: %lld blocks more", ways[w].name, (long long)blocks);
    }
    nexus_object_free(callable);
}

/* --- Numbers of arguments ------------------------------------------------------------------------ */

CASE(up_to_fifty_arguments) {
    open_cases();
    static const char *const takers[] = {"everything", "calls.fast", "calls.varargs", "calls.fast_keywords", "max",
                                         "calls.Instance().fast_keywords", "calls.Instance()", "calls.one"};
    char spelled[MOST][8];
    const char *names[MOST];
    NexusValue args[MOST];
    for (int i = 0; i < MOST; i++) {
        snprintf(spelled[i], sizeof spelled[i], "k%d", i);
        names[i] = spelled[i];
        args[i] = nexus_value_integer(i * 1000);
    }
    for (size_t i = 0; i < COUNT(takers); i++) {
        NexusObject *callable = expression(takers[i]);
        for (size_t count = 0; count <= MOST; count++) {
            compare(takers[i], callable, args, count, NULL, 0);
            compare(takers[i], callable, args, count, names, count);
            compare(takers[i], callable, args, count, names, count / 2);
            compare(takers[i], callable, args, count, names, count > 0);
        }
        nexus_object_free(callable);
    }
    NexusObject *everything = expression("lambda *args, **keywords: (len(args), sum(args), sum(keywords.values()))");
    NexusValue result;
    CHECK_OK(nexus_object_call_keywords(everything, args, MOST, names, args, MOST, &result, &error));
    CHECK_TEXT(shown(result), "(50, 1225000, 1225000)");
    nexus_value_clear(&result);
    nexus_object_free(everything);
}

/* --- Every kind of value ------------------------------------------------------------------------- */

static void check_same(NexusValue seen, NexusValue expected) {
    CHECK_NUMBER(seen.kind, expected.kind);
    switch (expected.kind) {
    case NEXUS_KIND_BOOLEAN: CHECK(seen.as.boolean == expected.as.boolean); break;
    case NEXUS_KIND_INTEGER: CHECK(seen.as.integer == expected.as.integer); break;
    case NEXUS_KIND_REAL: CHECK(memcmp(&seen.as.real, &expected.as.real, sizeof(double)) == 0); break;
    case NEXUS_KIND_TEXT:
    case NEXUS_KIND_BYTES:
        CHECK_NUMBER(seen.as.text.size, expected.as.text.size);
        CHECK(expected.as.text.size == 0 || memcmp(seen.as.text.data, expected.as.text.data, seen.as.text.size) == 0);
        CHECK(seen.as.text.data[seen.as.text.size] == '\0');
        break;
    case NEXUS_KIND_OBJECT:
        CHECK_NUMBER(id_of(seen.as.object), id_of(expected.as.object));
        CHECK(seen.as.object != expected.as.object);
        break;
    default: break;
    }
}

CASE(every_kind_in_and_out) {
    open_cases();
    NexusValue object = evaluate("object()"), large = evaluate("10 ** 30"), surrogate = evaluate("'\\ud800'");
    const NexusValue values[] = {
        nexus_value_none(), nexus_value_boolean(true), nexus_value_boolean(false), nexus_value_integer(0),
        nexus_value_integer(-1), nexus_value_integer(INT64_MAX), nexus_value_integer(INT64_MIN), nexus_value_real(0.0),
        nexus_value_real(-0.0), nexus_value_real(1e308), nexus_value_real(5e-324), text_value(""), text_value("x"),
        text_value("größe 🐍"), nexus_value_text("a\0b", 3), nexus_value_bytes("", 0), nexus_value_bytes("\0\xff", 2),
        object, large, surrogate};
    static const char *const echoes[] = {"calls.echo", "calls.echo_fast", "lambda it: it", "calls.Instance and (lambda *a: a[0])",
                                         "functools.partial(lambda a, it: it, None)", "staticmethod(lambda it: it)"};
    static const char *const it[] = {"it"};
    for (size_t e = 0; e < COUNT(echoes); e++) {
        NexusObject *echo = expression(echoes[e]);
        for (size_t v = 0; v < COUNT(values); v++) {
            for (size_t w = 0; w < COUNT(ways); w++) {
                NexusValue result = poison();
                CHECK_OK(ways[w].call(echo, &values[v], 1, NULL, 0, &result, &error));
                check_same(result, values[v]);
                nexus_value_clear(&result);
                if (e != 2 && e != 5) continue;
                CHECK_OK(ways[w].call(echo, &values[v], 1, it, 1, &result, &error));
                check_same(result, values[v]);
                nexus_value_clear(&result);
            }
        }
        nexus_object_free(echo);
    }
    CLEAR_VALUES(&object, &large, &surrogate);
}

/* What is wrong with an argument is told with its place, the function is not called, and what was made of
 * the arguments before it is given up again. */
CASE(bad_arguments) {
    open_cases();
    NexusObject *calls = calls_module(), *everything = expression("everything");
    NexusValue tracked = call0(calls, "Tracked");
    NexusObject *freed = object_of(call0(calls, "Tracked"));
    nexus_object_free(freed);
    NexusValue unknown = nexus_value_integer(1);
    memcpy(&unknown.kind, &(uint32_t){77}, sizeof(uint32_t));
    const struct {
        NexusValue value;
        NexusStatus status;
        const char *part;
    } bad[] = {
        {unknown, NEXUS_ERR_INVALID_ARGUMENT, ".kind is 77"},
        {nexus_value_text("caf\xe9", 4), NEXUS_ERR_INVALID_ARGUMENT, "UTF-8"},
        {nexus_value_text("\xed\xa0\x80", 3), NEXUS_ERR_INVALID_ARGUMENT, "UTF-8"},
        {nexus_value_text(NULL, 3), NEXUS_ERR_INVALID_ARGUMENT, "NULL"},
        {nexus_value_bytes(NULL, 1), NEXUS_ERR_INVALID_ARGUMENT, "NULL"},
        {nexus_value_text("x", SIZE_MAX), NEXUS_ERR_INVALID_ARGUMENT, "larger than memory"},
        {nexus_value_object(NULL), NEXUS_ERR_BAD_HANDLE, "NULL"},
        {nexus_value_object(freed), NEXUS_ERR_BAD_HANDLE, "freed"},
    };
    static const char *const names[] = {"a", "b"};
    for (size_t b = 0; b < COUNT(bad); b++) {
        for (size_t place = 0; place < 4; place++) {
            NexusValue args[] = {tracked, tracked, text_value("a text that is no one's"), tracked};
            args[place] = bad[b].value;
            for (size_t w = 0; w < COUNT(ways); w++) {
                for (size_t named = 0; named <= 2; named += 2) {
                    NexusValue result = poison();
                    char wanted[64];
                    CHECK_ERROR(ways[w].call(everything, args, 4, names, named, &result, &error), bad[b].status);
                    CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
                    CHECK_CONTAINS(nexus_error_message(error), bad[b].part);
                    int apart = ways[w].call == by_keywords || (named && ways[w].call == plainly);
                    if (apart && place >= 4 - named)
                        snprintf(wanted, sizeof wanted, "keyword_values[%zu]", place - (4 - named));
                    else
                        snprintf(wanted, sizeof wanted, "args[%zu]", place);
                    CHECK_CONTAINS(nexus_error_message(error), wanted);
                    DROP(error);
                }
            }
        }
    }
    CHECK_NUMBER(integer_of(call0(calls, "count_alive")), 1);
    nexus_value_clear(&tracked);
    CHECK_NUMBER(integer_of(call0(calls, "count_alive")), 0);
    FREE_OBJECTS(everything, calls);
}

/* --- Names of keywords --------------------------------------------------------------------------- */

CASE(bad_keyword_names) {
    open_cases();
    NexusObject *everything = expression("everything");
    const NexusValue values[] = {nexus_value_integer(1), nexus_value_integer(2), nexus_value_integer(3)};
    const char *const null[] = {"a", NULL}, *const latin[] = {"a", "caf\xe9"}, *const twice[] = {"a", "b", "a"},
               *const surrogate[] = {"\xed\xa0\x80"};
    const struct {
        const char *const *names;
        size_t count;
        const char *part;
    } bad[] = {{NULL, 2, "NULL"}, {null, 2, "NULL"}, {latin, 2, "UTF-8"}, {twice, 3, "'a'"}, {surrogate, 1, "UTF-8"},
               {twice, SIZE_MAX, "larger than memory"}, {twice, SIZE_MAX / 4, "larger than memory"}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        NexusValue result = poison();
        NexusCall *call = (NexusCall *)(uintptr_t)0x5a5a;
        CHECK_FAILS(nexus_object_call_keywords(everything, NULL, 0, bad[i].names, values, bad[i].count, &result, &error),
                    NEXUS_ERR_INVALID_ARGUMENT, bad[i].part);
        CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
        CHECK_FAILS(nexus_call_prepare(everything, bad[i].names, bad[i].count, &call, &error),
                    NEXUS_ERR_INVALID_ARGUMENT, bad[i].part);
        CHECK(call == NULL);
    }
    NexusValue result;
    CHECK_FAILS(nexus_object_call_keywords(everything, NULL, 0, null, NULL, 1, &result, &error),
                NEXUS_ERR_INVALID_ARGUMENT, "keyword_values");
    CHECK_FAILS(nexus_object_call_keywords(everything, NULL, 1, NULL, NULL, 0, &result, &error),
                NEXUS_ERR_INVALID_ARGUMENT, "args");
    nexus_object_free(everything);
}

/* Names that no `def` could have are fine for **keywords. */
CASE(odd_keyword_names) {
    open_cases();
    NexusObject *names_of = expression("lambda **keywords: list(keywords)");
    const char *const names[] = {"", "with space", "1", "größe", "class", "self", "\xf0\x9f\x90\x8d"};
    NexusValue values[7], result;
    for (int i = 0; i < 7; i++) values[i] = nexus_value_none();
    CHECK_OK(nexus_object_call_keywords(names_of, NULL, 0, names, values, 7, &result, &error));
    CHECK_TEXT(shown(result), "['', 'with space', '1', 'größe', 'class', 'self', '🐍']");
    nexus_value_clear(&result);
    nexus_object_free(names_of);
}

/* --- Handles ------------------------------------------------------------------------------------- */

static NexusObject *to_free[3];

static NexusStatus frees_its_own_handles(const NexusArguments *arguments, NexusValue *result, NexusError **error,
                                         void *unused) {
    (void)arguments, (void)error, (void)unused;
    for (size_t i = 0; i < COUNT(to_free); i++) nexus_object_free(to_free[i]);
    run_python("import gc\ngc.collect()\njunk = [str(i) * 30 for i in range(1000)]");
    *result = nexus_value_integer(5);
    return NEXUS_OK;
}

/* The callable and the arguments live through the call, though their handles are freed in it. */
CASE(handles_freed_during_the_call) {
    NexusObject *functions =
        python_module("class Calls:\n"
                      "    def __init__(self, host): self.host, self.name = host, 'an instance'\n"
                      "    def __call__(self, *args, **keywords):\n"
                      "        number = self.host()\n"
                      "        return f'{number} {self.name} {args} {sorted(keywords.items())}'\n");
    NexusObject *host = host_function("host", frees_its_own_handles, NULL);
    static const char *const names[] = {"k"};
    for (size_t w = 0; w < COUNT(ways) * 2; w++) {
        NexusValue result;
        size_t named = w % 2;
        /* The second and third call of a batch find their arguments' handles dead. */
        if (ways[w / 2].call == in_a_batch) continue;
        to_free[0] = object_of(call1(functions, "Calls", nexus_value_object(host)));
        NexusValue list = evaluate("[1, 2]"), dict = evaluate("{3: 4}");
        to_free[1] = list.as.object;
        to_free[2] = dict.as.object;
        NexusValue args[] = {list, dict};
        CHECK_OK(ways[w / 2].call(to_free[0], args, 2, names, named, &result, &error));
        char text[256];
        CHECK_TEXT(text_of(result, text, sizeof text),
                   named ? "5 an instance ([1, 2],) [('k', {3: 4})]" : "5 an instance ([1, 2], {3: 4}) []");
        for (int i = 0; i < 3; i++)
            CHECK_STATUS(nexus_object_call(to_free[i], NULL, 0, &result, NULL), NEXUS_ERR_BAD_HANDLE);
    }
    FREE_OBJECTS(host, functions);
}

/* No reference is lost or kept, whatever the outcome: the counts are the same after a thousand calls. */
CASE(reference_counts) {
    open_cases();
    static const char *const callables_of_two[] = {
        "calls.fast", "calls.add", "calls.one", "calls.varargs", "required", "exits", "calls.too_much_fast", "Plain",
        "calls.Static.fast", "calls.Class.fast", "calls.Instance().fast", "'x'.join", "calls.nothing_fast", "Refuses"};
    NexusObject *sys = import("sys");
    NexusValue list = evaluate("[]");
    NexusValue args[] = {list, list};
    static const char *const names[] = {"b"};
    for (size_t i = 0; i < COUNT(callables_of_two); i++) {
        NexusObject *callable = expression(callables_of_two[i]);
        int64_t list_before = integer_of(call1(sys, "getrefcount", list));
        int64_t callable_before = integer_of(call1(sys, "getrefcount", nexus_value_object(callable)));
        for (int times = 0; times < 250; times++) {
            for (size_t w = 0; w < COUNT(ways) * 2; w++) {
                NexusValue result;
                NexusStatus status = ways[w / 2].call(callable, args, 2, names, w % 2, &result, &error);
                CHECK(status == NEXUS_OK || status == NEXUS_ERR_EXCEPTION);
                nexus_value_clear(&result);
                nexus_error_free(error);
            }
        }
        CHECK_SEEN(integer_of(call1(sys, "getrefcount", list)) == list_before, "arguments of %s", callables_of_two[i]);
        CHECK_SEEN(integer_of(call1(sys, "getrefcount", nexus_value_object(callable))) == callable_before, "%s",
                   callables_of_two[i]);
        nexus_object_free(callable);
    }
    nexus_value_clear(&list);
    nexus_object_free(sys);
}

CASE(what_cannot_be_called) {
    open_cases();
    static const char *const objects[] = {"instance", "[1]", "10 ** 30", "NotImplemented", "..."};
    for (size_t i = 0; i < COUNT(objects); i++) {
        NexusObject *object = expression(objects[i]);
        NexusValue result, one = nexus_value_integer(1);
        static const char *const names[] = {"k"};
        char expected[512];
        expected_outcome(expected, sizeof expected, object, &one, 1, NULL, 0);
        for (size_t named = 0; named < 2; named++) {
            CHECK_ERROR(plainly(object, &one, 1, names, named, &result, &error), NEXUS_ERR_EXCEPTION);
            CHECK_TEXT(nexus_error_exception(error), "builtins.TypeError");
            CHECK_CONTAINS(expected, nexus_error_message(error));
            CHECK_CONTAINS(nexus_error_message(error), "is not callable");
            DROP(error);
        }
        NexusCall *call = (NexusCall *)(uintptr_t)0x5a5a;
        CHECK_FAILS(nexus_call_prepare(object, NULL, 0, &call, &error), NEXUS_ERR_TYPE, "'callable'");
        CHECK(call == NULL);
        nexus_object_free(object);
    }
}

/* --- Methods by name ----------------------------------------------------------------------------- */

CASE(methods_by_name) {
    open_cases();
    NexusObject *plain = expression("plain"), *Plain = expression("Plain");
    NexusObject *dynamic = expression("type('Dynamic', (), {'__getattr__': lambda self, name: lambda *a: (name, a)})()");
    NexusObject *odd = expression("type('Odd', (), {'bad': property(lambda self: 1 / 0), 'data': 5, "
                                  "'gr\\xf6\\xdfe': lambda self: 'wide'})()");
    NexusValue args[] = {nexus_value_integer(1), nexus_value_integer(2)}, result;
    char text[256];
    CHECK_TEXT(shown(result = call(plain, "method", args, 2)), "('method', (1, 2), {})");
    nexus_value_clear(&result);
    CHECK_TEXT(shown(result = call(plain, "of_class", args, 2)), "('Plain', (1, 2), {})");
    nexus_value_clear(&result);
    CHECK_TEXT(shown(result = call(Plain, "of_class", args, 1)), "('Plain', (1,), {})");
    nexus_value_clear(&result);
    CHECK_TEXT(shown(result = call(Plain, "of_nobody", args, 2)), "(1, 2, 3, 4)");
    nexus_value_clear(&result);
    CHECK_TEXT(shown(result = call(dynamic, "anything", args, 1)), "('anything', (1,))");
    nexus_value_clear(&result);
    CHECK_TEXT(text_of(call0(odd, "größe"), text, sizeof text), "wide");
    NexusValue with_self[] = {nexus_value_object(plain), nexus_value_integer(3)};
    CHECK_TEXT(shown(result = call(Plain, "method", with_self, 2)), "('method', (3,), {})");
    nexus_value_clear(&result);
    const struct {
        const char *name, *type;
    } failing[] = {{"bad", "builtins.ZeroDivisionError"}, {"data", "builtins.TypeError"},
                   {"absent", "builtins.AttributeError"}, {"", "builtins.AttributeError"}};
    for (size_t i = 0; i < COUNT(failing); i++) {
        memset(&result, 0xa5, sizeof result);
        CHECK_RAISES(nexus_object_call_method(odd, failing[i].name, args, 1, &result, &error), failing[i].type);
        CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
    }
    FREE_OBJECTS(plain, Plain, dynamic, odd);
}

/* --- A second handle ----------------------------------------------------------------------------- */

CASE(clones) {
    NexusObject *calls = calls_module(), *copy, *again;
    NexusObject *tracked = object_of(call0(calls, "Tracked"));
    CHECK_OK(nexus_object_clone(tracked, &copy, &error));
    CHECK(copy != tracked);
    nexus_object_free(tracked);
    CHECK_NUMBER(integer_of(call0(calls, "count_alive")), 1);
    CHECK_OK(nexus_object_clone(copy, &again, &error));
    nexus_object_free(copy);
    CHECK_REFUSED(nexus_object_clone(copy, &copy, &error), NEXUS_ERR_BAD_HANDLE);
    nexus_object_free(again);
    CHECK_NUMBER(integer_of(call0(calls, "count_alive")), 0);
    /* A loaded module, whose handle owns nothing. */
    CHECK_OK(nexus_object_clone(calls, &copy, &error));
    nexus_object_free(calls);
    CHECK_NUMBER(integer_of(call0(copy, "count_alive")), 0);
    nexus_object_free(copy);
}

/* An argument's memory may be the result's. */
CASE(result_over_an_argument) {
    open_cases();
    NexusObject *calls = calls_module(), *add = member(calls, "add");
    for (size_t w = 0; w < COUNT(ways); w++) {
        NexusValue values[] = {nexus_value_integer(3), nexus_value_integer(4)};
        NexusStatus status = ways[w].call(add, values, 2, NULL, 0, &values[0], &error);
        /* The result is cleared first; so the argument may have been None. */
        CHECK(status == NEXUS_OK || status == NEXUS_ERR_EXCEPTION);
        nexus_error_free(error);
    }
    FREE_OBJECTS(add, calls);
}

/* --- A million ----------------------------------------------------------------------------------- */

CASE(a_million_calls_leave_nothing) {
    open_cases();
    NexusObject *calls = calls_module(), *add = member(calls, "add"), *defaults = expression("defaults");
    static const char *const k[] = {"k"};
    NexusCall *ready, *named;
    CHECK_OK(nexus_call_prepare(add, NULL, 0, &ready, &error));
    CHECK_OK(nexus_call_prepare(defaults, k, 1, &named, &error));
    int64_t blocks_before = 0, memory_before = 0;
    for (int i = 0; i < 1050000; i++) {
        if (i == 50000) blocks_before = python_blocks(), memory_before = resident_kilobytes();
        NexusValue args[] = {nexus_value_integer(i), nexus_value_integer(1)}, result;
        switch (i % 4) {
        case 0: CHECK_OK(nexus_object_call(add, args, 2, &result, &error)); break;
        case 1: CHECK_OK(nexus_call_invoke(ready, args, 2, &result, &error)); break;
        case 2: CHECK_OK(nexus_object_call_method(calls, "add", args, 2, &result, &error)); break;
        default:
            if (i % 100 == 3) {
                CHECK_OK(nexus_object_call_keywords(defaults, args, 1, k, args, 1, &result, &error));
                nexus_value_clear(&result);
                CHECK_OK(nexus_call_invoke(named, args, 2, &result, &error));
                nexus_value_clear(&result);
                CHECK_REFUSED(nexus_call_invoke(ready, args, 1, &result, &error), NEXUS_ERR_EXCEPTION);
            }
            CHECK_OK(nexus_call_invoke_many(ready, args, 2, 1, &result, NULL, &error));
        }
        CHECK(integer_of(result) == i + 1);
    }
    CHECK_SEEN(python_blocks() - blocks_before < 5000, "%lld blocks more", (long long)(python_blocks() - blocks_before));
    CHECK_SEEN(resident_kilobytes() - memory_before < 4096, "%lld kB more",
               (long long)(resident_kilobytes() - memory_before));
    nexus_call_free(ready);
    nexus_call_free(named);
    FREE_OBJECTS(defaults, add, calls);
}
