/* Functions of the host as Python callables. */
#include "calling.h"
#include "growth.h"

/* A callback that does nothing but return None. */
static NexusStatus returns_none(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)arguments, (void)result, (void)error, (void)data;
    return NEXUS_OK;
}

static int destroyed;

static void destroys(void *user_data) {
    CHECK(user_data == &destroyed);
    destroyed++;
}

/* With `&destroyed` for its data. */
static NexusObject *counted(NexusFunction function) {
    NexusObject *callable = NULL;
    destroyed = 0;
    CHECK_OK(nexus_function_new("counted", NULL, 0, function, &destroyed, destroys, &callable, &error));
    return callable;
}

static void collect(void) { run_python("import gc\ngc.collect()"); }

/* --- The callable -------------------------------------------------------------------------------- */

static NexusStatus sees_user_data(const NexusArguments *arguments, NexusValue *result, NexusError **error,
                                  void *user_data) {
    (void)arguments;
    CHECK(*error == NULL);
    CHECK(result->kind == NEXUS_KIND_NONE && result->owner == NULL);
    *result = nexus_value_integer(++*(int *)user_data);
    return NEXUS_OK;
}

CASE(user_data) {
    int first = 100, second = 200;
    NexusObject *a = host_function("a", sees_user_data, &first), *b = host_function("b", sees_user_data, &second);
    CHECK_NUMBER(integer_of(call0(a, "__call__")), 101);
    CHECK_NUMBER(integer_of(call0(b, "__call__")), 201);
    CHECK_NUMBER(integer_of(call0(a, "__call__")), 102);
    CHECK(first == 102 && second == 201);
    FREE_OBJECTS(a, b);
}

CASE(how_python_sees_it) {
    NexusObject *callable;
    const char *const names[] = {"plain", "größe", "with space", ""};
    for (size_t i = 0; i < COUNT(names); i++) {
        char documentation[64];
        snprintf(documentation, sizeof documentation, "What %s does: größe.", names[i]);
        CHECK_OK(nexus_function_new(names[i], documentation, 0, returns_none, NULL, NULL, &callable, &error));
        memset(documentation, 'x', sizeof documentation - 1);
        NexusValue it = nexus_value_object(callable);
        CHECK_TEXT(text_with("it.__name__", it), names[i]);
        CHECK_CONTAINS(text_with("it.__doc__", it), " does: größe.");
        CHECK_CONTAINS(shown(it), names[i]);
        CHECK_WITH("callable(it) and hash(it) is not None and it == it and it() is None", it);
        nexus_object_free(callable);
    }
    CHECK_OK(nexus_function_new("f", NULL, 0, returns_none, NULL, NULL, &callable, &error));
    NexusValue documentation;
    CHECK_OK(nexus_object_attr(callable, "__doc__", &documentation, &error));
    CHECK_NUMBER(documentation.kind, NEXUS_KIND_NONE);
    nexus_object_free(callable);
    /* A signature in the documentation is Python's own convention. */
    CHECK_OK(nexus_function_new("f", "f(a, /, *, k=5)\n--\n\nText.", 0, returns_none, NULL, NULL, &callable, &error));
    CHECK_TEXT(text_with("str(__import__('inspect').signature(it))", nexus_value_object(callable)),
               "(a, /, *, k=5)");
    nexus_object_free(callable);
}

/* As a key of sort, in map, in a class, as a decorator: wherever a function may be. */
static NexusStatus negates(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)error, (void)data;
    CHECK_NUMBER(arguments->count, 1);
    CHECK_NUMBER(arguments->values[0].kind, NEXUS_KIND_INTEGER);
    *result = nexus_value_integer(-arguments->values[0].as.integer);
    return NEXUS_OK;
}

CASE(wherever_a_function_may_be) {
    NexusObject *callable = host_function("negates", negates, NULL);
    NexusValue it = nexus_value_object(callable);
    const char *const expressions[] = {
        "sorted([3, 1, 2], key=it) == [3, 2, 1]",
        "list(map(it, range(4))) == [0, -1, -2, -3]",
        "type('C', (), {'method': it})().method(5) == -5",
        "__import__('functools').partial(it, 7)() == -7",
        "__import__('functools').reduce(lambda a, b: a + it(b), [1, 2, 3], 10) == 4",
        "[it(i) for i in range(3)] == [0, -1, -2] and {it(1): it(2)} == {-1: -2}",
        "max([1, 2, 3], key=it) == 1",
        "__import__('copy').copy(it) is it",
    };
    for (size_t i = 0; i < COUNT(expressions); i++) {
        CHECK_WITH(expressions[i], it);
    }
    nexus_object_free(callable);
}

/* --- Its end ------------------------------------------------------------------------------------- */

CASE(destroyed_with_its_handle) {
    NexusObject *callable = counted(returns_none), *copy;
    nexus_object_free(callable);
    CHECK_NUMBER(destroyed, 1);
    nexus_object_free(callable);
    CHECK_NUMBER(destroyed, 1);
    callable = counted(returns_none);
    CHECK_OK(nexus_object_clone(callable, &copy, &error));
    for (int i = 0; i < 10; i++) {
        gives_none(call0(callable, "__call__"));
    }
    nexus_object_free(callable);
    CHECK_NUMBER(destroyed, 0);
    nexus_object_free(copy);
    CHECK_NUMBER(destroyed, 1);
}

CASE(destroyed_when_python_lets_go) {
    NexusValue list = evaluate("[]");
    NexusObject *callable = counted(returns_none);
    gives_none(call1(list.as.object, "append", nexus_value_object(callable)));
    nexus_object_free(callable);
    collect();
    CHECK_NUMBER(destroyed, 0);
    gives_none(evaluate_with("it[0]()", list));
    CHECK_NUMBER(destroyed, 0);
    discard(call0(list.as.object, "clear"));
    CHECK_NUMBER(destroyed, 1);
    nexus_value_clear(&list);
    /* A method of it keeps it alive, too. */
    callable = counted(returns_none);
    NexusObject *bound = member(callable, "__call__");
    nexus_object_free(callable);
    CHECK_NUMBER(destroyed, 0);
    nexus_object_free(bound);
    CHECK_NUMBER(destroyed, 1);
}

CASE(destroyed_when_it_cannot_be_made) {
    nexus_object_free(import("sys"));
    NexusObject *callable;
    const struct {
        const char *name, *documentation;
        uint32_t flags;
        NexusFunction function;
        NexusObject **output;
        const char *part;
    } bad[] = {
        {NULL, NULL, 0, returns_none, &callable, "'name'"},
        {"caf\xe9", NULL, 0, returns_none, &callable, "'name'"},
        {"f", "caf\xe9", 0, returns_none, &callable, "'documentation'"},
        {"f", NULL, 2, returns_none, &callable, "'flags'"},
        {"f", NULL, UINT32_MAX, returns_none, &callable, "'flags'"},
        {"f", NULL, 0, NULL, &callable, "'function'"},
        {"f", NULL, 0, returns_none, NULL, "'callable'"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        destroyed = 0;
        callable = (NexusObject *)(uintptr_t)0x5a5a;
        CHECK_FAILS(nexus_function_new(bad[i].name, bad[i].documentation, bad[i].flags, bad[i].function, &destroyed,
                                       destroys, bad[i].output, &error),
                    NEXUS_ERR_INVALID_ARGUMENT, bad[i].part);
        CHECK(!bad[i].output || callable == NULL);
        CHECK_NUMBER(destroyed, 1);
        /* Without a destructor nothing is called. */
        CHECK_STATUS(nexus_function_new(bad[i].name, bad[i].documentation, bad[i].flags, bad[i].function, &destroyed,
                                        NULL, bad[i].output, NULL),
                     NEXUS_ERR_INVALID_ARGUMENT);
        CHECK_NUMBER(destroyed, 1);
    }
}

/* Also when it is the first call of all, and Python does not start. */
CASE(destroyed_when_python_does_not_start) {
    NexusObject *callable = (NexusObject *)(uintptr_t)0x5a5a;
    destroyed = 0;
    setenv("NEXUS_PYTHON", "/no/such/python", 1);
    CHECK_REFUSED(nexus_function_new("f", NULL, 0, returns_none, &destroyed, destroys, &callable, &error),
                  NEXUS_ERR_PYTHON_NOT_FOUND);
    CHECK(callable == NULL);
    CHECK_NUMBER(destroyed, 1);
    CHECK_STATUS(nexus_function_new("f", NULL, 0, returns_none, NULL, NULL, &callable, NULL),
                 NEXUS_ERR_PYTHON_NOT_FOUND);
}

/* The first call of all may make a function. */
CASE(a_function_starts_python) {
    NexusObject *callable = counted(returns_none);
    gives_none(call0(callable, "__call__"));
    nexus_object_free(callable);
    CHECK_NUMBER(destroyed, 1);
}

static NexusObject *used_by_destructor;

static void calls_when_destroyed(void *user_data) {
    NexusValue result;
    bool has;
    CHECK(user_data == &destroyed);
    destroyed++;
    CHECK(gil_is_held());
    CHECK_ERROR(nexus_object_attr(used_by_destructor, "absent", &result, &error), NEXUS_ERR_EXCEPTION);
    CHECK_CONTAINS(nexus_error_traceback(error), "AttributeError");
    DROP(error);
    CHECK_GIVES(nexus_object_has_attr(used_by_destructor, "path", &has, &error), has, true);
    run_python("x = 1\ntry: 1 / 0\nexcept ZeroDivisionError: pass");
    nexus_object_free(used_by_destructor);
}

/* A destructor may call; and if an exception is on its way meanwhile, it gets there. */
CASE(destructor_that_calls) {
    NexusObject *calls = calls_module(), *callable;
    NexusObject *functions = python_module("def unwinds(list): (lambda *unused: None)(list.pop(), 1 / 0)\n");
    const struct {
        const char *function, *type, *message;
    } ways_to_drop[] = {{"drop_while_raising", "builtins.BufferError", "pending"},
                        {"unwinds", "builtins.ZeroDivisionError", "division by zero"}};
    for (size_t i = 0; i < COUNT(ways_to_drop); i++) {
        NexusValue list = evaluate("[]"), result;
        used_by_destructor = import("sys");
        destroyed = 0;
        CHECK_OK(nexus_function_new("f", NULL, 0, returns_none, &destroyed, calls_when_destroyed, &callable, &error));
        result = call1(list.as.object, "append", nexus_value_object(callable));
        nexus_object_free(callable);
        CHECK_NUMBER(destroyed, 0);
        CHECK_RAISES_SAYING(nexus_object_call_method(i ? functions : calls, ways_to_drop[i].function, &list, 1, &result, &error),
                            ways_to_drop[i].type, ways_to_drop[i].message);
        CHECK_NUMBER(destroyed, 1);
        nexus_value_clear(&list);
    }
    FREE_OBJECTS(functions, calls);
}

static NexusObject *itself;

static NexusStatus frees_itself(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)arguments, (void)error;
    nexus_object_free(itself);
    collect();
    CHECK(data == &destroyed && destroyed == 0);
    *result = nexus_value_integer(5);
    return NEXUS_OK;
}

/* The last handle to a function may be freed while it runs. */
CASE(freed_while_it_runs) {
    itself = counted(frees_itself);
    NexusValue result;
    CHECK_GIVES(nexus_object_call(itself, NULL, 0, &result, &error), integer_of(result), 5);
    CHECK_NUMBER(destroyed, 1);
}

/* --- Arguments ----------------------------------------------------------------------------------- */

static const char *expected_arguments;
static NexusObject *python_repr;

/* Compares all arguments with "1 'a' k='b'" as Python would show them. */
static NexusStatus checks_arguments(const NexusArguments *arguments, NexusValue *result, NexusError **error,
                                    void *data) {
    (void)error, (void)data;
    char seen[8192] = "";
    CHECK_NUMBER(arguments->struct_size, sizeof *arguments);
    for (size_t i = 0; i < arguments->count + arguments->keyword_count; i++) {
        size_t size = strlen(seen);
        CHECK(arguments->values[i].owner == NULL);
        snprintf(seen + size, sizeof seen - size, "%s%s%s%d:%s", i ? " " : "",
                 i < arguments->count ? "" : arguments->keywords[i - arguments->count], i < arguments->count ? "" : "=",
                 (int)arguments->values[i].kind, shown(arguments->values[i]));
    }
    CHECK_TEXT(seen, expected_arguments);
    *result = nexus_value_integer((int64_t)(arguments->count + arguments->keyword_count));
    return NEXUS_OK;
}

CASE(arguments_of_every_kind) {
    NexusObject *callable = host_function("f", checks_arguments, NULL);
    python_repr = import("builtins");
    const struct {
        const char *call, *expected;
    } calls[] = {
        {"it()", ""},
        {"it(None, True, False)", "0:None 1:True 1:False"},
        {"it(0, -1, 2**63 - 1, -2**63)", "2:0 2:-1 2:9223372036854775807 2:-9223372036854775808"},
        {"it(2**63)", "6:9223372036854775808"},
        {"it(0.5, float('nan'), -0.0)", "3:0.5 3:nan 3:-0.0"},
        {"it('', 'a', 'gr\\xf6\\xdfe', 'a\\0b')", "4:'' 4:'a' 4:'größe' 4:'a\\x00b'"},
        {"it('\\ud800')", "6:'\\ud800'"},
        {"it(b'', b'a\\0\\xff')", "5:b'' 5:b'a\\x00\\xff'"},
        {"it([], (), {}, {1}, 1j, ...)", "6:[] 6:() 6:{} 6:{1} 6:1j 6:Ellipsis"},
        {"it(bytearray(b'x'), type('Int', (int,), {})(7))", "6:bytearray(b'x') 6:7"},
        {"it(k=1)", "k=2:1"},
        {"it(1, k='v', l=[2])", "2:1 k=4:'v' l=6:[2]"},
        {"it(*range(12), **{'größe': None, '': 1, 'a b': 2})",
         "2:0 2:1 2:2 2:3 2:4 2:5 2:6 2:7 2:8 2:9 2:10 2:11 größe=0:None =2:1 a b=2:2"},
        {"it(**{'a\\0b': 1})", "a␀b=2:1"},
    };
    for (size_t i = 0; i < COUNT(calls); i++) {
        expected_arguments = calls[i].expected;
        integer_of(evaluate_with(calls[i].call, nexus_value_object(callable)));
    }
    /* From the host itself, in every way of calling. */
    const char *const names[] = {"k", "l"};
    NexusValue args[] = {nexus_value_integer(1), text_value("größe"), nexus_value_real(2.5), nexus_value_bytes("\0", 1)};
    for (size_t named = 0; named <= 2; named++) {
        expected_arguments = named == 0   ? "2:1 4:'größe' 3:2.5 5:b'\\x00'"
                             : named == 1 ? "2:1 4:'größe' 3:2.5 k=5:b'\\x00'"
                                          : "2:1 4:'größe' k=3:2.5 l=5:b'\\x00'";
        for (size_t w = 0; w < COUNT(ways); w++) {
            NexusValue result;
            CHECK_GIVES(ways[w].call(callable, args, 4, names, named, &result, &error), integer_of(result), 4);
        }
    }
    FREE_OBJECTS(python_repr, callable);
}

static NexusStatus sums(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)error, (void)data;
    int64_t sum = 0;
    for (size_t i = 0; i < arguments->count + arguments->keyword_count; i++) {
        CHECK_NUMBER(arguments->values[i].kind, NEXUS_KIND_INTEGER);
        sum += arguments->values[i].as.integer;
    }
    *result = nexus_value_integer(sum);
    return NEXUS_OK;
}

CASE(up_to_three_hundred_arguments) {
    NexusObject *callable = host_function("sums", sums, NULL);
    NexusValue args[300];
    char spelled[300][8];
    const char *names[300];
    for (int i = 0; i < 300; i++) {
        args[i] = nexus_value_integer(i);
        snprintf(spelled[i], sizeof spelled[i], "k%d", i);
    }
    for (size_t count = 0; count <= 300; count += count < 50 ? 1 : 50) {
        NexusValue result;
        for (size_t named = 0; named <= count; named += count < 50 ? 7 : 49) {
            for (size_t i = 0; i < named; i++) names[i] = spelled[i];
            CHECK_GIVES(nexus_object_call_keywords(callable, args, count - named, names, args + count - named, named,
                                                &result, &error),
                        integer_of(result), count * (count - (count > 0)) / 2);
        }
    }
    nexus_object_free(callable);
}

/* UTF-8 cannot hold such a name: an exception, not a crash. */
CASE(keyword_that_is_not_utf8) {
    NexusObject *callable = host_function("f", returns_none, NULL);
    NexusObject *functions = python_module("def f(it):\n"
                                           "    try: it(**{'\\udc80': 1})\n"
                                           "    except UnicodeEncodeError: return 'refused'\n");
    char text[16];
    CHECK_TEXT(text_of(call1(functions, "f", nexus_value_object(callable)), text, sizeof text), "refused");
    FREE_OBJECTS(functions, callable);
}

static NexusObject *lent, *kept;

static NexusStatus keeps_arguments(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    CHECK_NUMBER(arguments->values[0].kind, NEXUS_KIND_OBJECT);
    lent = arguments->values[0].as.object;
    CHECK_STATUS(nexus_object_clone(lent, &kept, error), NEXUS_OK);
    /* Its own handle is lent: that the host frees it, too, does no harm. */
    if (data) nexus_object_free(lent);
    (void)result;
    return NEXUS_OK;
}

/* What is lent is gone after the call; a clone stays. */
CASE(lent_handles) {
    NexusObject *calls = calls_module();
    for (int frees = 0; frees < 2; frees++) {
        NexusObject *callable = host_function("f", keeps_arguments, frees ? calls : NULL);
        NexusValue tracked = call0(calls, "Tracked"), copy;
        gives_none(call1(callable, "__call__", tracked));
        CHECK_STATUS(nexus_object_repr(lent, &copy, NULL), NEXUS_ERR_BAD_HANDLE);
        nexus_value_clear(&tracked);
        CHECK_NUMBER(integer_of(call0(calls, "count_alive")), 1);
        CHECK_CONTAINS(shown(nexus_value_object(kept)), "Tracked");
        nexus_object_free(kept);
        CHECK_NUMBER(integer_of(call0(calls, "count_alive")), 0);
        nexus_object_free(callable);
    }
    nexus_object_free(calls);
}

/* --- Results ------------------------------------------------------------------------------------- */

static NexusValue to_return;

static NexusStatus returns_value(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)arguments, (void)error, (void)data;
    *result = to_return;
    return NEXUS_OK;
}

CASE(results_of_every_kind) {
    NexusObject *callable = host_function("f", returns_value, NULL);
    char text[] = "größe", data[] = "a\0b\xff";
    NexusValue boolean = nexus_value_boolean(false);
    memset(&boolean.as, 0x40, 1);
    const struct {
        NexusValue value;
        const char *expected;
    } results[] = {
        {nexus_value_none(), "None"}, {nexus_value_boolean(true), "True"}, {nexus_value_boolean(false), "False"},
        {boolean, "True"}, {nexus_value_integer(INT64_MIN), "-9223372036854775808"},
        {nexus_value_integer(INT64_MAX), "9223372036854775807"}, {nexus_value_real(-0.0), "-0.0"},
        {nexus_value_real(1e308), "1e+308"}, {nexus_value_text(text, strlen(text)), "'größe'"},
        {nexus_value_text(NULL, 0), "''"}, {nexus_value_bytes(data, 4), "b'a\\x00b\\xff'"},
        {nexus_value_bytes(NULL, 0), "b''"}};
    NexusValue kept_results[COUNT(results)];
    for (size_t i = 0; i < COUNT(results); i++) {
        to_return = results[i].value;
        kept_results[i] = evaluate_with("[it()]", nexus_value_object(callable));
    }
    /* Text and bytes were copied. */
    memset(text, 'x', sizeof text - 1);
    memset(data, 'x', sizeof data - 1);
    for (size_t i = 0; i < COUNT(results); i++) {
        const char *expected = formatted("[%s]", results[i].expected);
        CHECK_TEXT(shown(kept_results[i]), expected);
        nexus_value_clear(&kept_results[i]);
    }
    nexus_object_free(callable);
}

static NexusStatus returns_first(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)error, (void)data;
    *result = arguments->values[0];
    return NEXUS_OK;
}

/* Objects and what a call has returned are handed over. */
CASE(results_that_are_handed_over) {
    NexusObject *calls = calls_module();
    NexusObject *callable = host_function("f", returns_value, NULL), *echo = host_function("echo", returns_first, NULL);
    NexusValue object = call0(calls, "Tracked"), same;
    CHECK_NUMBER(integer_of(call0(calls, "count_alive")), 1);
    to_return = object;
    same = call0(callable, "__call__");
    CHECK_NUMBER(same.kind, NEXUS_KIND_OBJECT);
    CHECK_STATUS(nexus_object_clone(object.as.object, &kept, NULL), NEXUS_ERR_BAD_HANDLE);
    CHECK_NUMBER(integer_of(call0(calls, "count_alive")), 1);
    nexus_value_clear(&same);
    CHECK_NUMBER(integer_of(call0(calls, "count_alive")), 0);
    /* A text with its owner. */
    NexusValue text = evaluate("''.join(['a text ', 'that is new'])");
    CHECK(text.owner != NULL);
    to_return = text;
    char buffer[64];
    CHECK_TEXT(text_of(call0(callable, "__call__"), buffer, sizeof buffer), "a text that is new");
    CHECK_STATUS(nexus_object_clone(text.owner, &kept, NULL), NEXUS_ERR_BAD_HANDLE);
    /* An argument, whose handle is lent, as the result. */
    for (int i = 0; i < 10; i++) {
        object = call0(calls, "Tracked");
        same = call1(echo, "__call__", object);
        CHECK_NUMBER(same.kind, NEXUS_KIND_OBJECT);
        nexus_value_clear(&same);
        CHECK_NUMBER(integer_of(call0(calls, "count_alive")), 1);
        nexus_value_clear(&object);
        CHECK_NUMBER(integer_of(call0(calls, "count_alive")), 0);
    }
    const char *const expressions[] = {"it(5) == 5", "it('gr\\xf6\\xdfe') == 'gr\\xf6\\xdfe'", "it(b'a\\0') == b'a\\0'",
                                       "it(2**70) == 2**70", "it('\\ud800') == '\\ud800'", "it(None) is None",
                                       "it([it]) == [it]", "it(it) is it"};
    for (size_t i = 0; i < COUNT(expressions); i++) {
        CHECK_WITH(expressions[i], nexus_value_object(echo));
    }
    FREE_OBJECTS(callable, echo, calls);
}

/* What cannot be a result is an exception that says so. */
CASE(bad_results) {
    NexusObject *callable = host_function("f", returns_value, NULL), *freed = import("sys");
    nexus_object_free(freed);
    NexusValue unknown = nexus_value_integer(1);
    memcpy(&unknown.kind, &(uint32_t){77}, sizeof(uint32_t));
    const struct {
        NexusValue value;
        const char *part;
    } bad[] = {{unknown, "77"}, {nexus_value_text("caf\xe9", 4), "UTF-8"}, {nexus_value_text(NULL, 3), "NULL"},
               {nexus_value_bytes("x", SIZE_MAX), "larger than memory"}, {nexus_value_object(NULL), "NULL"},
               {nexus_value_object(freed), "freed"},
               {nexus_value_object((NexusObject *)(uintptr_t)0x5a5a5a5a5a5a5a5a), "freed"}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        to_return = bad[i].value;
        NexusValue result = poison();
        CHECK_ERROR(nexus_object_call(callable, NULL, 0, &result, &error), NEXUS_ERR_EXCEPTION);
        CHECK_TEXT(nexus_error_exception(error), "builtins.RuntimeError");
        CHECK_CONTAINS(nexus_error_message(error), "result");
        CHECK_CONTAINS(nexus_error_message(error), bad[i].part);
        CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
        DROP(error);
    }
    nexus_object_free(callable);
}

/* --- Re-entrancy --------------------------------------------------------------------------------- */

static NexusObject *descend;

/* Python's `descend(depth)` calls the host, which calls Python's `descend(depth - 1)`. */
static NexusStatus calls_deeper(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *way) {
    NexusValue depth = nexus_value_integer(arguments->values[0].as.integer - 1), text = text_value("deeper"), below;
    (void)text;
    NexusStatus status = way ? ways[*(size_t *)way].call(descend, &depth, 1, NULL, 0, &below, error)
                             : nexus_object_call(descend, &depth, 1, &below, error);
    if (status == NEXUS_OK) *result = nexus_value_integer(integer_of(below) + 1);
    return status;
}

static NexusObject *descending(NexusObject *callable) {
    NexusObject *functions = python_module("def make(host):\n"
                                           "    def descend(depth):\n"
                                           "        return 0 if depth == 0 else host(depth)\n"
                                           "    return descend\n");
    NexusObject *made = object_of(call1(functions, "make", nexus_value_object(callable)));
    nexus_object_free(functions);
    return made;
}

CASE(a_hundred_deep) {
    for (size_t w = 0; w < COUNT(ways); w++) {
        for (uint32_t flags = 0; flags <= NEXUS_FUNCTION_HOLD_GIL; flags++) {
            NexusObject *callable = flagged_function(flags, calls_deeper, &w);
            NexusValue hundred = nexus_value_integer(100), result;
            descend = descending(callable);
            /* A batch calls three times on each level: not so deep. */
            if (ways[w].call == in_a_batch) hundred = nexus_value_integer(5);
            CHECK_GIVES(nexus_object_call(descend, &hundred, 1, &result, &error),
                        integer_of(result), hundred.as.integer);
            CHECK(!gil_is_held());
            FREE_OBJECTS(callable, descend);
        }
    }
}

static int deep_ends;

/* Without end: Python's RecursionError, handed through all levels. */
static void *endlessly_deep(void *unused) {
    NexusValue endless = nexus_value_integer(INT64_MAX), result;
    CHECK_RAISES(nexus_object_call(descend, &endless, 1, &result, &error), "builtins.RecursionError");
    /* Afterwards all is well. */
    NexusValue three = nexus_value_integer(3);
    CHECK_GIVES(nexus_object_call(descend, &three, 1, &result, &error), integer_of(result), 3);
    deep_ends++;
    return unused;
}

static void on_a_stack_of(size_t size) {
    pthread_t thread;
    pthread_attr_t attributes;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, size) == 0);
    CHECK(pthread_create(&thread, &attributes, endlessly_deep, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void endlessly(const char *limit) {
    run_python(limit);
    for (uint32_t flags = 0; flags <= NEXUS_FUNCTION_HOLD_GIL; flags++) {
        NexusObject *callable = flagged_function(flags, calls_deeper, NULL);
        descend = descending(callable);
        deep_ends = 0;
        endlessly_deep(NULL);
        on_a_stack_of(8 << 20);
        on_a_stack_of(1 << 20);
        on_a_stack_of(256 << 10);
        CHECK_NUMBER(deep_ends, 4);
        FREE_OBJECTS(callable, descend);
    }
}

CASE(endlessly_deep_is_a_recursion_error) { endlessly("pass"); }

/* Until 3.11 the limit also counts what runs on the C stack; a program that raises it for its Python code must
 * not crash in here. */
CASE(endlessly_deep_with_a_high_limit) { endlessly("import sys\nsys.setrecursionlimit(1000000)"); }

/* --- Threads ------------------------------------------------------------------------------------- */

static int counter;

static NexusStatus counts(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)arguments, (void)error, (void)data;
    __atomic_add_fetch(&counter, 1, __ATOMIC_SEQ_CST);
    run_python("x = [i for i in range(10)]");
    *result = nexus_value_integer((int64_t)nexus_thread_id());
    return NEXUS_OK;
}

/* Called on threads that Python, or another library, has started. */
CASE(called_on_pythons_threads) {
    NexusObject *callable = host_function("counts", counts, NULL), *calls = calls_module();
    NexusObject *functions =
        python_module("import threading\n"
                      "def run(host):\n"
                      "    seen = set()\n"
                      "    def work():\n"
                      "        for i in range(50): assert host() == threading.get_ident()\n"
                      "        seen.add(host())\n"
                      "    threads = [threading.Thread(target=work) for i in range(10)]\n"
                      "    for thread in threads: thread.start()\n"
                      "    for thread in threads: thread.join()\n"
                      "    return threading.active_count()\n");
    int64_t states = integer_of(call0(calls, "count_thread_states"));
    counter = 0;
    CHECK_NUMBER(integer_of(call1(functions, "run", nexus_value_object(callable))), 1);
    CHECK_NUMBER(counter, 510);
    for (int i = 0; i < 20; i++) {
        NexusValue id = call1(calls, "call_on_foreign_thread", nexus_value_object(callable));
        CHECK(integer_of(id) != (int64_t)nexus_thread_id());
    }
    CHECK_NUMBER(counter, 530);
    CHECK_NUMBER(integer_of(call0(calls, "count_thread_states")), states);
    FREE_OBJECTS(functions, callable, calls);
}

static NexusStatus blocks(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)arguments, (void)error, (void)data;
    CHECK(!gil_is_held());
    set_step(1);
    wait_for_step(2);
    *result = nexus_value_integer(8);
    return NEXUS_OK;
}

static void *calls_while_blocked(void *unused) {
    wait_for_step(1);
    run_python("x = sum(range(1000))");
    set_step(2);
    return unused;
}

/* The GIL is free while the host's function runs: it may wait for a thread that calls. */
CASE(blocking_callback) {
    pthread_t other;
    NexusObject *callable = host_function("blocks", blocks, NULL);
    CHECK(pthread_create(&other, NULL, calls_while_blocked, NULL) == 0);
    CHECK_NUMBER(integer_of(call0(callable, "__call__")), 8);
    CHECK(pthread_join(other, NULL) == 0);
    nexus_object_free(callable);
}

static NexusStatus holds_gil(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)data;
    CHECK(gil_is_held());
    if (arguments->count) return nexus_error_raise("builtins.KeyError", "held", error);
    run_python("x = 1");
    CHECK(gil_is_held());
    NexusValue value;
    CHECK_STATUS(nexus_object_attr(itself, "absent", &value, NULL), NEXUS_ERR_EXCEPTION);
    CHECK(gil_is_held());
    *result = nexus_value_integer(8);
    return NEXUS_OK;
}

CASE(callback_that_holds_the_gil) {
    CHECK_OK(nexus_function_new("holds", NULL, NEXUS_FUNCTION_HOLD_GIL, holds_gil, NULL, NULL, &itself, &error));
    CHECK_NUMBER(integer_of(call0(itself, "__call__")), 8);
    CHECK(!gil_is_held());
    NexusValue one = nexus_value_integer(1), result;
    CHECK_RAISES(nexus_object_call(itself, &one, 1, &result, &error), "builtins.KeyError");
    CHECK(!gil_is_held());
    nexus_object_free(itself);
}

static NexusStatus attaches_wrongly(const NexusArguments *arguments, NexusValue *result, NexusError **error,
                                    void *user_data) {
    (void)error, (void)user_data;
    int64_t mode = arguments->values[0].as.integer;
    NexusError *mine = NULL;
    int held = gil_is_held();
    if (mode == 0) {
        /* Takes it and does not give it back. */
        CHECK_STATUS(nexus_python_attach(&mine), NEXUS_OK);
        CHECK_STATUS(nexus_python_attach(&mine), NEXUS_OK);
    } else if (mode == 1) {
        /* Gives back what its caller has taken. */
        CHECK_STATUS(nexus_python_detach(&mine), NEXUS_ERR_NOT_ATTACHED);
        nexus_error_free(mine);
        CHECK(gil_is_held() == held);
    } else {
        /* As it should be. */
        CHECK_STATUS(nexus_python_attach(&mine), NEXUS_OK);
        CHECK(gil_is_held());
        run_python("x = 1");
        CHECK_STATUS(nexus_python_detach(&mine), NEXUS_OK);
        CHECK(gil_is_held() == held);
        CHECK_STATUS(nexus_python_detach(&mine), NEXUS_ERR_NOT_ATTACHED);
        nexus_error_free(mine);
    }
    *result = nexus_value_integer(mode);
    return NEXUS_OK;
}

/* Attach and detach inside a callback, paired and unpaired, with and without an attach around it. */
CASE(attach_in_a_callback) {
    for (uint32_t flags = 0; flags <= NEXUS_FUNCTION_HOLD_GIL; flags++) {
        for (int attached = 0; attached < 2; attached++) {
            for (int64_t mode = 0; mode < 3; mode++) {
                NexusObject *callable = flagged_function(flags, attaches_wrongly, NULL);
                if (attached) CHECK_OK(nexus_python_attach(&error));
                for (int times = 0; times < 3; times++)
                    CHECK_NUMBER(integer_of(call1(callable, "__call__", nexus_value_integer(mode))), mode);
                NexusValue list = evaluate_with("[it(i) for i in [1, 0, 2, 0, 1]]", nexus_value_object(callable));
                CHECK_TEXT(shown(list), "[1, 0, 2, 0, 1]");
                nexus_value_clear(&list);
                CHECK(gil_is_held() == attached);
                if (attached) CHECK_OK(nexus_python_detach(&error));
                CHECK(!gil_is_held());
                CHECK_REFUSED(nexus_python_detach(&error), NEXUS_ERR_NOT_ATTACHED);
                nexus_object_free(callable);
            }
        }
    }
}

/* --- A million ----------------------------------------------------------------------------------- */

static NexusStatus adds(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *calls) {
    (*(int64_t *)calls)++;
    const NexusValue *value = arguments->values;
    if (value[0].kind == NEXUS_KIND_INTEGER) {
        *result = nexus_value_integer(value[0].as.integer + value[1].as.integer);
        return NEXUS_OK;
    }
    if (value[0].kind == NEXUS_KIND_NONE) return nexus_error_new(NEXUS_ERR_TYPE, "a None among a million", error);
    *result = value[0];
    return NEXUS_OK;
}

CASE(a_million_callbacks_leave_nothing) {
    int64_t calls = 0;
    for (uint32_t flags = 0; flags <= NEXUS_FUNCTION_HOLD_GIL; flags++) {
        NexusObject *callable, *functions;
        CHECK_OK(nexus_function_new("adds", NULL, flags, adds, &calls, NULL, &callable, &error));
        functions = python_module("import sys\n"
                                  "def run(host, times):\n"
                                  "    for i in range(times):\n"
                                  "        if host(i, 1) != i + 1: return 'wrong'\n"
                                  "        if i % 100 == 0:\n"
                                  "            data = ['an object', i]\n"
                                  "            if host(data, k='a text') is not data: return 'another'\n"
                                  "            if host('text %d' % i) != 'text %d' % i: return 'wrong text'\n"
                                  "            try: host(None)\n"
                                  "            except TypeError: pass\n"
                                  "            else: return 'no error'\n"
                                  "    return sys.getallocatedblocks()\n");
        NexusValue args[] = {nexus_value_object(callable), nexus_value_integer(30000)};
        int64_t before = integer_of(call(functions, "run", args, 2)), memory = resident_kilobytes();
        args[1] = nexus_value_integer(500000);
        int64_t blocks = integer_of(call(functions, "run", args, 2)) - before;
        CHECK_SEEN(blocks < 2000, "%lld blocks more", (long long)blocks);
        CHECK_SEEN(resident_kilobytes() - memory < 4096, "%lld kB more", (long long)(resident_kilobytes() - memory));
        FREE_OBJECTS(callable, functions);
    }
    CHECK_NUMBER(calls, 2 * (530000 + 3 * 5300));
}

CASE(a_hundred_thousand_functions_leave_nothing) {
    int64_t memory = 0;
    destroyed = 0;
    for (int i = 0; i < 110000; i++) {
        if (i == 10000) memory = resident_kilobytes();
        NexusObject *callable;
        CHECK_OK(nexus_function_new("f", "does nothing", 0, returns_none, &destroyed, destroys, &callable, &error));
        nexus_object_free(callable);
    }
    CHECK_NUMBER(destroyed, 110000);
    CHECK_SEEN(resident_kilobytes() - memory < 4096, "%lld kB more", (long long)(resident_kilobytes() - memory));
}
