/* The functions of calls, callbacks and errors with handles that are none, and with NULL: a part of misuse.c,
 * whose macros it uses. */
#ifndef MISUSE_CALLS_H
#define MISUSE_CALLS_H

static void bad_callable(void *handle, NexusStatus expected) {
    NexusValue one = nexus_value_integer(1);
    const char *const names[] = {"k"};
    REFUSED_VALUE(out, nexus_object_call(handle, NULL, 0, &out, error), expected);
    REFUSED_VALUE(out, nexus_object_call_keywords(handle, &one, 1, names, &one, 1, &out, error), expected);
    REFUSED_VALUE(out, nexus_object_call_keywords(handle, NULL, 0, NULL, NULL, 0, &out, error), expected);
    REFUSED_POINTER(NexusCall, out, nexus_call_prepare(handle, NULL, 0, &out, error), expected);
    REFUSED_POINTER(NexusCall, out, nexus_call_prepare(handle, names, 1, &out, error), expected);
    REFUSED_POINTER(NexusObject, out, nexus_object_clone(handle, &out, error), expected);
    REFUSED_POINTER(NexusError, out, nexus_error_describe(handle, &out, error), expected);
}

static void bad_call(void *handle, NexusStatus expected) {
    NexusValue args[] = {nexus_value_integer(1), nexus_value_integer(2)}, results[3];
    size_t done = 99;
    REFUSED_VALUE(out, nexus_call_invoke(handle, NULL, 0, &out, error), expected);
    REFUSED_VALUE(out, nexus_call_invoke(handle, args, 2, &out, error), expected);
    memset(results, 0xa5, sizeof results);
    REFUSED(nexus_call_invoke_many(handle, args, 1, 2, results, &done, error), expected);
    CHECK_NUMBER(done, 0);
    CHECK(results[0].kind == NEXUS_KIND_NONE && results[1].kind == NEXUS_KIND_NONE);
    CHECK(results[2].kind != NEXUS_KIND_NONE);
    REFUSED(nexus_call_invoke_many(handle, args, 1, 2, NULL, NULL, error), expected);
    nexus_call_free(handle);
}

static void bad_error_of_exception(void *handle, NexusStatus expected) {
    CHECK_NUMBER(nexus_error_group_count(handle), 0);
    REFUSED_POINTER(NexusObject, out, nexus_error_object(handle, &out, error), expected);
    REFUSED_POINTER(NexusError, out, nexus_error_cause(handle, &out, error), expected);
    REFUSED_POINTER(NexusNames, out, nexus_error_notes(handle, &out, error), expected);
    REFUSED_POINTER(NexusError, out, nexus_error_group_at(handle, 0, &out, error), expected);
}

/* nexus_error_new and nexus_error_raise fail by nature: what they fail with is the point. */
static void null_in_functions_of_errors(void) {
    NexusError *error = POISON;
    CHECK_FAILS(nexus_error_new(0, "fine", &error), NEXUS_ERR_INVALID_ARGUMENT, "'status'");
    const uint32_t numbers[] = {999, UINT32_MAX, 1u << 31};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        NexusStatus status;
        memcpy(&status, &numbers[i], sizeof status);
        CHECK_REFUSED(nexus_error_new(status, "fine", &error), NEXUS_ERR_INVALID_ARGUMENT);
    }
    CHECK_FAILS(nexus_error_new(NEXUS_ERR_IO, "caf\xe9", &error), NEXUS_ERR_INVALID_ARGUMENT, "'message'");
    CHECK_FAILS_SAYING(nexus_error_new(NEXUS_ERR_IO, NULL, &error), NEXUS_ERR_IO, nexus_status_string(NEXUS_ERR_IO));
    CHECK_STATUS(nexus_error_new(NEXUS_ERR_IO, "nobody wants it", NULL), NEXUS_ERR_IO);
}

static NexusStatus never_called(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *data) {
    (void)arguments, (void)result, (void)error, (void)data;
    FAIL("called");
}

/* `function` takes any arguments. */
static void null_in_functions_of_calls(NexusObject *function) {
    const NexusStatus invalid = NEXUS_ERR_INVALID_ARGUMENT;
    NexusError *error_of_none = NULL, *of = NULL;
    NexusCall *call = NULL;
    NexusValue one = nexus_value_integer(1), dead = nexus_value_object(POISON), results[2];
    const char *const names[] = {"k", NULL}, *const twice[] = {"k", "k"};
    size_t done = 99;
    NexusStatus made = nexus_call_prepare(function, NULL, 0, &call, &error_of_none);
    CHECK_STATUS(made, NEXUS_OK);

    REFUSED(nexus_object_call_keywords(function, NULL, 0, NULL, NULL, 0, NULL, error), invalid);
    REFUSED_VALUE(out, nexus_object_call_keywords(function, NULL, 1, NULL, NULL, 0, &out, error), invalid);
    REFUSED_VALUE(out, nexus_object_call_keywords(function, &one, 1, NULL, &one, 1, &out, error), invalid);
    REFUSED_VALUE(out, nexus_object_call_keywords(function, &one, 1, names, NULL, 1, &out, error), invalid);
    REFUSED_VALUE(out, nexus_object_call_keywords(function, &one, 1, names, results, 2, &out, error), invalid);
    REFUSED_VALUE(out, nexus_object_call_keywords(function, &one, SIZE_MAX, names, &one, 1, &out, error), invalid);
    REFUSED_VALUE(out, nexus_object_call_keywords(function, &one, 1, names, &one, SIZE_MAX, &out, error), invalid);
    REFUSED_VALUE(out, nexus_object_call_keywords(function, &dead, 1, names, &one, 1, &out, error), NEXUS_ERR_BAD_HANDLE);
    REFUSED_VALUE(out, nexus_object_call_keywords(function, &one, 1, names, &dead, 1, &out, error), NEXUS_ERR_BAD_HANDLE);

    REFUSED(nexus_call_prepare(function, NULL, 0, NULL, error), invalid);
    REFUSED_POINTER(NexusCall, out, nexus_call_prepare(function, NULL, 1, &out, error), invalid);
    REFUSED_POINTER(NexusCall, out, nexus_call_prepare(function, names, 2, &out, error), invalid);
    REFUSED_POINTER(NexusCall, out, nexus_call_prepare(function, twice, 2, &out, error), invalid);
    REFUSED_POINTER(NexusCall, out, nexus_call_prepare(function, names, SIZE_MAX, &out, error), invalid);
    REFUSED(nexus_call_invoke(call, NULL, 0, NULL, error), invalid);
    REFUSED_VALUE(out, nexus_call_invoke(call, NULL, 1, &out, error), invalid);
    REFUSED_VALUE(out, nexus_call_invoke(call, &one, SIZE_MAX, &out, error), invalid);
    REFUSED_VALUE(out, nexus_call_invoke(call, &dead, 1, &out, error), NEXUS_ERR_BAD_HANDLE);
    REFUSED(nexus_call_invoke_many(call, NULL, 1, 1, results, &done, error), invalid);
    CHECK_NUMBER(done, 0);
    CHECK_NUMBER(results[0].kind, NEXUS_KIND_NONE);
    REFUSED(nexus_call_invoke_many(call, &one, SIZE_MAX, SIZE_MAX, results, &done, error), invalid);
    REFUSED(nexus_call_invoke_many(call, &dead, 1, 1, NULL, NULL, error), NEXUS_ERR_BAD_HANDLE);

    REFUSED(nexus_object_clone(function, NULL, error), invalid);
    REFUSED(nexus_function_new("f", NULL, 0, never_called, NULL, NULL, NULL, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_function_new(NULL, NULL, 0, never_called, NULL, NULL, &out, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_function_new("f", NULL, 0, NULL, NULL, NULL, &out, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_function_new("\xff", NULL, 0, never_called, NULL, NULL, &out, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_function_new("f", "\xff", 0, never_called, NULL, NULL, &out, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_function_new("f", NULL, ~1u, never_called, NULL, NULL, &out, error), invalid);

    REFUSED(nexus_error_raise(NULL, "text", error), invalid);
    REFUSED(nexus_error_raise("\xff", "text", error), invalid);
    REFUSED(nexus_error_raise("builtins.ValueError", "\xff", error), invalid);
    REFUSED(nexus_error_raise("builtins.int", NULL, error), NEXUS_ERR_TYPE);
    REFUSED(nexus_error_raise("builtins.print", NULL, error), NEXUS_ERR_TYPE);
    REFUSED(nexus_error_raise("", NULL, error), NEXUS_ERR_EXCEPTION);
    REFUSED(nexus_error_raise(".", NULL, error), NEXUS_ERR_EXCEPTION);
    REFUSED(nexus_error_raise("builtins.", NULL, error), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_error_raise("builtins.KeyError", "text", &of), NEXUS_ERR_EXCEPTION);
    REFUSED(nexus_error_object(of, NULL, error), invalid);
    REFUSED(nexus_error_cause(of, NULL, error), invalid);
    REFUSED(nexus_error_notes(of, NULL, error), invalid);
    REFUSED(nexus_error_group_at(of, 0, NULL, error), invalid);
    REFUSED(nexus_error_describe(function, NULL, error), invalid);
    CHECK_TEXT(nexus_error_exception(of), "builtins.KeyError");
    nexus_error_free(of);
    REFUSED(nexus_thread_interrupt(0, error), NEXUS_ERR_NOT_FOUND);
    nexus_call_free(NULL);
    nexus_call_free(call);
}

#endif
