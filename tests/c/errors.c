/* What an error tells: every field. */
#include "nexus_check.h"

#include <wchar.h>
#include <locale.h>

static NexusObject *values(void) { return module_of("values"); }

#ifdef _WIN32
#include <windows.h>
static int is_utf8(const char *text) {
    return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0) > 0;
}
#else
static int is_utf8(const char *text) {
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before;
    CHECK(utf8 != (locale_t)0);
    before = uselocale(utf8);
    size_t size = mbstowcs(NULL, text, 0);
    uselocale(before);
    freelocale(utf8);
    return size != (size_t)-1;
}
#endif

/* Calls a function of `values` that raises. */
static NexusError *raises(const char *function, const NexusValue *args, size_t count) {
    NexusObject *module = values();
    NexusValue result = poison();
    CHECK_ERROR(nexus_object_call_method(module, function, args, count, &result, &error), NEXUS_ERR_EXCEPTION);
    CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
    CHECK(result.owner == NULL);
    /* The process and the interpreter go on. */
    NexusValue numbers[] = {nexus_value_integer(1), nexus_value_integer(2)};
    CHECK_NUMBER(integer_of(call(module, "add", numbers, 2)), 3);
    nexus_object_free(module);
    CHECK(is_utf8(nexus_error_message(error)));
    CHECK(is_utf8(nexus_error_traceback(error)));
    return error;
}

CASE(no_error) {
    CHECK_STATUS(nexus_error_status(NULL), NEXUS_ERR_BAD_HANDLE);
    CHECK(nexus_error_message(NULL) != NULL);
    CHECK_TEXT(nexus_error_module(NULL), "");
    CHECK_TEXT(nexus_error_path(NULL), "");
    CHECK_TEXT(nexus_error_exception(NULL), "");
    CHECK_TEXT(nexus_error_traceback(NULL), "");
    CHECK_TEXT(nexus_error_linker(NULL), "");
    CHECK_NUMBER(nexus_error_detail(NULL), 0);
    nexus_error_free(NULL);
}

CASE(value_error) {
    NexusValue text = text_value("wrong: größe");
    error = raises("raise_value_error", &text, 1);
    CHECK_TEXT(nexus_error_exception(error), "builtins.ValueError");
    CHECK_CONTAINS(nexus_error_message(error), "wrong: größe");
    CHECK_CONTAINS(nexus_error_traceback(error), "ValueError: wrong: größe");
    CHECK_TEXT(nexus_error_linker(error), "");
    DROP(error);
}

CASE(chained_cause) {
    error = raises("raise_chained", NULL, 0);
    CHECK_TEXT(nexus_error_exception(error), "builtins.RuntimeError");
    CHECK_CONTAINS(nexus_error_message(error), "the outer one");
    const char *traceback = nexus_error_traceback(error);
    CHECK_CONTAINS(traceback, "Traceback (most recent call last)");
    CHECK_CONTAINS(traceback, "KeyError: 'missing key'");
    CHECK_CONTAINS(traceback, "in inner");
    CHECK_CONTAINS(traceback, "direct cause");
    CHECK_CONTAINS(traceback, "RuntimeError: the outer one");
    DROP(error);
}

CASE(class_of_a_module) {
    error = raises("raise_custom", NULL, 0);
    CHECK_TEXT(nexus_error_exception(error), "values.Custom");
    CHECK_CONTAINS(nexus_error_message(error), "mine");
    DROP(error);
}

CASE(system_exit) {
    NexusValue code = nexus_value_integer(3);
    error = raises("raise_system_exit", &code, 1);
    CHECK_TEXT(nexus_error_exception(error), "builtins.SystemExit");
    DROP(error);
    error = raises("raise_keyboard_interrupt", NULL, 0);
    CHECK_TEXT(nexus_error_exception(error), "builtins.KeyboardInterrupt");
    DROP(error);
}

CASE(text_that_raises) {
    error = raises("raise_bad_str", NULL, 0);
    CHECK_TEXT(nexus_error_exception(error), "values.BadStr");
    DROP(error);
}

CASE(lone_surrogate) {
    error = raises("raise_surrogate", NULL, 0);
    CHECK_CONTAINS(nexus_error_message(error), "lone ");
    CHECK_CONTAINS(nexus_error_message(error), " surrogate");
    DROP(error);
}

CASE(nul_inside) {
    error = raises("raise_nul", NULL, 0);
    CHECK_CONTAINS(nexus_error_message(error), "before");
    CHECK_CONTAINS(nexus_error_message(error), "after");
    DROP(error);
}

CASE(huge_text_is_clipped) {
    error = raises("raise_huge", NULL, 0);
    CHECK_CONTAINS(nexus_error_message(error), "xxxx");
    CHECK(strlen(nexus_error_message(error)) < 1 << 20);
    CHECK(strlen(nexus_error_traceback(error)) < 1 << 20);
    DROP(error);
}

CASE(null_without_exception) {
    error = raises("null_without_exception", NULL, 0);
    CHECK_TEXT(nexus_error_exception(error), "builtins.SystemError");
    DROP(error);
}

CASE(missing_attribute) {
    NexusObject *module = values();
    NexusValue value = poison();
    CHECK_ERROR(nexus_object_attr(module, "absent", &value, &error), NEXUS_ERR_EXCEPTION);
    CHECK_TEXT(nexus_error_exception(error), "builtins.AttributeError");
    CHECK_CONTAINS(nexus_error_message(error), "absent");
    DROP(error);
    CHECK_NUMBER(value.kind, NEXUS_KIND_NONE);
    CHECK_RAISES(nexus_object_call_method(module, "absent", NULL, 0, &value, &error), "builtins.AttributeError");
    nexus_object_free(module);
}

CASE(missing_import) {
    NexusObject *module = (NexusObject *)(uintptr_t)0x5a5a;
    CHECK_ERROR(nexus_import("no_such_module_here", &module, &error), NEXUS_ERR_EXCEPTION);
    CHECK(module == NULL);
    CHECK_TEXT(nexus_error_exception(error), "builtins.ModuleNotFoundError");
    CHECK_CONTAINS(nexus_error_message(error), "no_such_module_here");
    CHECK_TEXT(nexus_error_module(error), "no_such_module_here");
    DROP(error);
}

CASE(not_callable) {
    NexusObject *module = values();
    NexusValue value;
    CHECK_RAISES(nexus_object_call(module, NULL, 0, &value, &error), "builtins.TypeError");
    CHECK_RAISES(nexus_object_call_method(module, "ANSWER", NULL, 0, &value, &error), "builtins.TypeError");
    NexusValue one = nexus_value_integer(1);
    CHECK_RAISES(nexus_object_call_method(module, "add", &one, 1, &value, &error), "builtins.TypeError");
    nexus_object_free(module);
}

/* The dynamic linker's own words are kept. */
CASE(linker_text) {
    NexusLoader *loader = open_with(fixture("odd"), (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY});
    /* Windows' own text names no library, and a library cannot be made there that lacks a function. */
    const struct { const char *module, *part, *linker; } cases[] = {
#ifdef _WIN32
        {"needs_missing", "libabsent_for_test.so.9", "DLL load failed"},
#else
        {"needs_missing", "libabsent_for_test.so.9", "libabsent_for_test.so.9"},
        {"undefined_symbol", "no_library_has_this_function", "no_library_has_this_function"},
#endif
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        NexusObject *module;
        CHECK_ERROR(nexus_loader_get(loader, cases[i].module, &module, &error), NEXUS_ERR_LOAD_FAILED);
        CHECK_CONTAINS(nexus_error_linker(error), cases[i].linker);
        CHECK_CONTAINS(nexus_error_message(error), cases[i].part);
        CHECK_TEXT(nexus_error_module(error), cases[i].module);
        CHECK_CONTAINS(nexus_error_path(error), cases[i].module);
        DROP(error);
    }
    nexus_loader_free(loader);
}

/* The strings stay the same until the error is freed, whatever happens in between. */
CASE(strings_live_as_long_as_the_error) {
    NexusValue text = text_value("first");
    NexusError *first = raises("raise_value_error", &text, 1);
    const char *message = nexus_error_message(first), *traceback = nexus_error_traceback(first);
    char copy[1024];
    snprintf(copy, sizeof copy, "%s", message);
    for (int i = 0; i < 100; i++) {
        text = text_value("second");
        NexusError *second = raises("raise_value_error", &text, 1);
        nexus_error_free(second);
    }
    CHECK(nexus_error_message(first) == message);
    CHECK(nexus_error_traceback(first) == traceback);
    CHECK_TEXT(message, copy);
    nexus_error_free(first);
    CHECK_STATUS(nexus_error_status(first), NEXUS_ERR_BAD_HANDLE);
    CHECK_TEXT(nexus_error_exception(first), "");
    nexus_error_free(first);
}

/* `error` may be NULL everywhere. */
CASE(nobody_wants_the_error) {
    NexusObject *module = values();
    NexusValue value, text = text_value("unseen");
    CHECK_STATUS(nexus_object_call_method(module, "raise_value_error", &text, 1, &value, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_object_attr(module, "absent", &value, NULL), NEXUS_ERR_EXCEPTION);
    NexusLoader *loader;
    CHECK_STATUS(nexus_loader_new("/no/such", NULL, 0, &loader, NULL), NEXUS_ERR_NOT_FOUND);
    nexus_object_free(module);
}

/* After a success the error is NULL, whatever it was. */
CASE(success_clears_the_error) {
    error = (NexusError *)(uintptr_t)0x5a5a;
    NexusObject *module = NULL;
    CHECK_STATUS(nexus_import("sys", &module, &error), NEXUS_OK);
    CHECK(error == NULL);
    nexus_object_free(module);
}

CASE(names_that_are_not_utf8) {
    NexusObject *module = values(), *other;
    NexusValue value;
    CHECK_FAILS(nexus_object_attr(module, "\xff", &value, &error), NEXUS_ERR_INVALID_ARGUMENT, "UTF-8");
    CHECK_REFUSED(nexus_import("caf\xe9", &other, &error), NEXUS_ERR_INVALID_ARGUMENT);
    NexusValue text = nexus_value_text("caf\xe9", 4);
    CHECK_FAILS(nexus_object_call_method(module, "echo", &text, 1, &value, &error),
                NEXUS_ERR_INVALID_ARGUMENT, "UTF-8");
    nexus_object_free(module);
}

CASE(every_status_has_a_text) {
    for (int status = NEXUS_OK; status <= NEXUS_ERR_PANIC; status++) {
        const char *text = nexus_status_string((NexusStatus)status);
        CHECK(text != NULL && text[0] != '\0');
        CHECK(strcmp(text, "unknown status") != 0);
        for (int other = NEXUS_OK; other < status; other++)
            CHECK(strcmp(text, nexus_status_string((NexusStatus)other)) != 0);
    }
    CHECK_TEXT(nexus_status_string((NexusStatus)999), "unknown status");
    CHECK_TEXT(nexus_status_string((NexusStatus)-1), "unknown status");
}
