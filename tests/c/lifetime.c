/* Nothing grows, nothing dies too early, and the order of freeing does not matter. */
#include "growth.h"

#ifndef _WIN32
#include <sys/wait.h>
#endif

static NexusLoader *loader;
static NexusObject *values;

static void open_values(void) {
    nexus_log_set(NULL, NULL, 0);
    loader = open_all("values");
    values = get(loader, "values");
}

/* --- Growth -------------------------------------------------------------------------------------- */

static void one_call(void) {
    NexusValue args[] = {nexus_value_integer(1000), nexus_value_integer(2000)};
    CHECK(integer_of(call(values, "add", args, 2)) == 3000);
}

CASE(hundred_thousand_calls) {
    open_values();
    does_not_grow("add", one_call, 100000);
}

static void call_with_text(void) {
    NexusValue args[] = {text_value("größe "), text_value("of a text that is not interned")};
    NexusValue result = call(values, "concat", args, 2);
    CHECK(result.kind == NEXUS_KIND_TEXT);
    nexus_value_clear(&result);
    result = call1(values, "echo", nexus_value_bytes("a\0b", 3));
    nexus_value_clear(&result);
    result = call1(values, "make", text_value("list"));
    nexus_value_clear(&result);
}

CASE(texts_and_objects) {
    open_values();
    does_not_grow("texts", call_with_text, 5000);
}

static void attribute(void) {
    NexusValue value;
    bool has;
    CHECK_OK(nexus_object_attr(values, "echo", &value, &error));
    nexus_value_clear(&value);
    CHECK_OK(nexus_object_has_attr(values, "absent", &has, &error));
    CHECK_OK(nexus_object_repr(values, &value, &error));
    nexus_value_clear(&value);
    CHECK_OK(nexus_object_type_name(values, &value, &error));
    nexus_value_clear(&value);
}

CASE(attributes) {
    open_values();
    does_not_grow("attributes", attribute, 5000);
}

static void failing_call(void) {
    NexusValue text = text_value("a failure"), result;
    CHECK_REFUSED(nexus_object_call_method(values, "raise_value_error", &text, 1, &result, &error),
                  NEXUS_ERR_EXCEPTION);
    CHECK_REFUSED(nexus_object_call_method(values, "absent", NULL, 0, &result, &error), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_object_call_method(values, "absent", NULL, 0, &result, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_object_call_method(NULL, "absent", NULL, 0, &result, NULL), NEXUS_ERR_BAD_HANDLE);
    NexusValue args[] = {text_value("unused"), nexus_value_object(NULL)};
    CHECK_STATUS(nexus_object_call_method(values, "count", args, 2, &result, NULL), NEXUS_ERR_BAD_HANDLE);
}

CASE(failing_calls) {
    open_values();
    does_not_grow("failures", failing_call, 2000);
}

static void one_loader(void) {
    NexusLoader *mine = open_all("documented");
    NexusObject *module = get(mine, "crypto");
    nexus_report_free(report_of(mine));
    NexusNames *names;
    CHECK_OK(nexus_loader_list(mine, &names, &error));
    nexus_names_free(names);
    CHECK(nexus_loader_describe(mine) != NULL);
    nexus_object_free(module);
    nexus_loader_free(mine);
}

CASE(thousand_loaders) {
    open_values();
    does_not_grow("loaders", one_loader, 1000);
}

static void failing_loader(void) {
    NexusLoader *mine = open_all("one_bad");
    nexus_loader_free(mine);
    CHECK_STATUS(nexus_loader_new("/no/such", NULL, 0, &mine, NULL), NEXUS_ERR_NOT_FOUND);
    const char *const absent[] = {"absent"};
    CHECK_STATUS(nexus_loader_new(fixture("documented"), absent, 1, &mine, NULL), NEXUS_OK);
    nexus_loader_free(mine);
}

CASE(thousand_failing_loaders) {
    open_values();
    does_not_grow("failing loaders", failing_loader, 1000);
}

static void one_import(void) { nexus_object_free(import("json")); }

CASE(imports) {
    open_values();
    does_not_grow("imports", one_import, 4000);
}

/* Everything a few times: what valgrind watches. */
CASE(everything_a_few_times) {
    open_values();
    for (int i = 0; i < 20; i++) {
        one_call();
        call_with_text();
        attribute();
        failing_call();
        one_loader();
        failing_loader();
        one_import();
    }
    nexus_object_free(values);
    nexus_loader_free(loader);
}

/* All handles are freed in the end, so the objects are, too. */
CASE(objects_die_with_their_handles) {
    open_values();
    CHECK_NUMBER(integer_of(call0(values, "count_alive")), 0);
    NexusValue objects[100];
    for (int i = 0; i < 100; i++) objects[i] = call0(values, "Tracked");
    CHECK_NUMBER(integer_of(call0(values, "count_alive")), 100);
    NexusValue same[100];
    for (int i = 0; i < 100; i++) same[i] = call1(values, "echo", objects[i]);
    for (int i = 0; i < 100; i++) nexus_value_clear(&objects[i]);
    CHECK_NUMBER(integer_of(call0(values, "count_alive")), 100);
    for (int i = 0; i < 100; i++) nexus_object_free(same[i].as.object);
    CHECK_NUMBER(integer_of(call0(values, "count_alive")), 0);
    /* Again, with NULL for the error and a failure in between. */
    for (int i = 0; i < 100; i++) {
        NexusValue object = call0(values, "Tracked"), result;
        CHECK_STATUS(nexus_object_call_method(values, "add", &object, 1, &result, NULL), NEXUS_ERR_EXCEPTION);
        nexus_value_clear(&object);
    }
    CHECK_NUMBER(integer_of(call0(values, "count_alive")), 0);
}

/* An error does not keep alive what the frames held, once it is freed. */
CASE(errors_let_go) {
    open_values();
    NexusValue object = call0(values, "Tracked"), result;
    NexusValue args[] = {object, nexus_value_integer(1)};
    CHECK_ERROR(nexus_object_call_method(values, "add", args, 2, &result, &error), NEXUS_ERR_EXCEPTION);
    nexus_value_clear(&object);
    DROP(error);
    CHECK_NUMBER(integer_of(call0(values, "count_alive")), 0);
}

/* --- Order --------------------------------------------------------------------------------------- */

CASE(order_of_freeing) {
    for (int order = 0; order < 120; order++) {
        NexusError *kept_error = NULL;
        NexusLoader *mine = open_all("values");
        NexusObject *module = get(mine, "values"), *unused;
        NexusNames *names;
        CHECK_OK(nexus_loader_list(mine, &names, &error));
        NexusReport *report = report_of(mine);
        NexusStatus status = nexus_loader_get(mine, "absent", &unused, &kept_error);
        CHECK_STATUS(status, NEXUS_ERR_NOT_LOADED);
        int left[5] = {0, 1, 2, 3, 4}, number = order;
        for (int size = 5; size > 0; size--) {
            int pick = number % size;
            number /= size;
            switch (left[pick]) {
            case 0: nexus_loader_free(mine); break;
            case 1:
                CHECK_NUMBER(integer_of(call1(module, "echo", nexus_value_integer(order))), order);
                nexus_object_free(module);
                break;
            case 2:
                CHECK_TEXT(nexus_names_at(names, 0), "values");
                nexus_names_free(names);
                break;
            case 3:
                CHECK_NUMBER(nexus_report_count(report), 1);
                nexus_report_free(report);
                break;
            default:
                CHECK_CONTAINS(nexus_error_message(kept_error), "'absent'");
                nexus_error_free(kept_error);
            }
            left[pick] = left[size - 1];
        }
    }
}

CASE(strings_stay_valid) {
    open_values();
    const char *path = nexus_loader_bin_path(loader), *description = nexus_loader_describe(loader);
    NexusNames *names;
    CHECK_OK(nexus_loader_list(loader, &names, &error));
    const char *name = nexus_names_at(names, 0);
    NexusValue text = call1(values, "make", text_value("text_wide"));
    const char *data = text.as.text.data;
    nexus_object_free(values);
    for (int i = 0; i < 200; i++) {
        one_loader();
        free(malloc((size_t)i * 64));
    }
    run_python("import gc\ngc.collect()");
    CHECK_TEXT(path, fixture("values"));
    CHECK(nexus_loader_bin_path(loader) == path);
    CHECK_CONTAINS(description, "loaded=1 modules");
    nexus_loader_free(loader);
    CHECK_TEXT(name, "values");
    CHECK_TEXT(data, "größe € 🐍");
    nexus_value_clear(&text);
    nexus_names_free(names);
}

/* --- The process --------------------------------------------------------------------------------- */

#ifndef _WIN32
/* In a forked child calls return a status: they neither hang nor crash, and the parent goes on. */
CASE(forked_child) {
    open_values();
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        NexusValue one = nexus_value_integer(1), result = poison();
        CHECK_REFUSED(nexus_object_call_method(values, "echo", &one, 1, &result, &error), NEXUS_ERR_FORKED);
        CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
        NexusObject *module = NULL;
        CHECK_ERROR(nexus_import("json", &module, &error), NEXUS_ERR_FORKED);
        NexusLoader *other;
        CHECK_ERROR(nexus_loader_new(fixture("documented"), NULL, 0, &other, &error), NEXUS_ERR_FORKED);
        CHECK_TEXT(nexus_version_string(), NEXUS_VERSION_STRING);
        nexus_object_free(values);
        nexus_loader_free(loader);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_SEEN(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with status %d", status);
    CHECK_NUMBER(integer_of(call1(values, "echo", nexus_value_integer(1))), 1);
}
#endif

/* A program that ends with everything still open ends with its own exit code. */
CASE(exit_with_everything_open) {
    open_values();
    NexusValue text = call1(values, "make", text_value("text_wide"));
    CHECK_NUMBER(text.kind, NEXUS_KIND_TEXT);
    exit(0);
}
