/* Which files become modules, and what is said about the others. */
#include "healthy.h"

/* The text of a module's attribute `which`. */
static const char *which(const NexusLoader *loader, const char *name) {
    static char text[256];
    NexusObject *module = get(loader, name);
    NexusValue value;
    CHECK_OK(nexus_object_attr(module, "which", &value, &error));
    nexus_object_free(module);
    return text_of(value, text, sizeof text);
}

/* The one entry of that file must be in that state, with a text. */
static void check_entry(const NexusLoader *loader, const char *name, const char *file, NexusState state) {
    NexusReport *report = report_of(loader);
    NexusReportEntry entry;
    size_t count = entries_of(report, name, file, &entry);
    CHECK_SEEN(count == 1, "%zu entries for %s in %s", count, name ? name : "any name", file);
    CHECK_SEEN(entry.state == state, "%s: state %d, not %d: %s", file, entry.state, state, entry.message);
    if (state != NEXUS_STATE_LOADED && state != NEXUS_STATE_LAZY)
        CHECK_SEEN(entry.message[0] != '\0', "%s: state %d without a reason", file, entry.state);
    nexus_report_free(report);
}

/* --- Names and suffixes ------------------------------------------------------------------------ */

CASE(exact_tag_before_abi3_before_plain) {
    NexusLoader *loader = open_all("which");
    CHECK_NUMBER(nexus_loader_count(loader), 1);
    CHECK_TEXT(which(loader, "which"), "tag");
    reported(loader, 3);
    check_entry(loader, "which", "which.abi3.so", NEXUS_STATE_SKIPPED);
    check_entry(loader, "which", "which.so", NEXUS_STATE_SKIPPED);
    nexus_loader_free(loader);
}

CASE(abi3_before_plain) {
    NexusLoader *loader = open_all("which_abi3");
    CHECK_NUMBER(nexus_loader_count(loader), 1);
    CHECK_TEXT(which(loader, "which"), "abi3 of two");
    check_entry(loader, "which", "which.abi3.so", NEXUS_STATE_LOADED);
    check_entry(loader, "which", "which.so", NEXUS_STATE_SKIPPED);
    nexus_loader_free(loader);
}

/* As CPython: the preferred file that fails is not replaced by another one in silence. */
CASE(the_preferred_file_fails) {
    NexusLoader *loader = open_all("which_broken");
    CHECK_NUMBER(nexus_loader_count(loader), 0);
    reported(loader, 2);
    check_entry(loader, "which", "which.so", NEXUS_STATE_SKIPPED);
    nexus_loader_free(loader);
}

CASE(the_same_name_in_two_directories) {
    NexusLoader *one = open_all("which"), *two = open_all("which_abi3");
    CHECK_TEXT(which(one, "which"), "tag");
    CHECK_TEXT(which(two, "which"), "abi3 of two");
    CHECK_TEXT(which(one, "which"), "tag");
    nexus_loader_free(one);
    CHECK_TEXT(which(two, "which"), "abi3 of two");
    nexus_loader_free(two);
}

CASE(dash_and_unicode_in_names) {
    NexusLoader *loader = open_all("names");
    CHECK_NUMBER(nexus_loader_count(loader), 2);
    CHECK_TEXT(which(loader, "my-mod"), "dash");
    CHECK_TEXT(which(loader, "größe"), "unicode");
    nexus_loader_free(loader);
}

CASE(single_phase_module) {
    NexusLoader *loader = open_all("single");
    NexusObject *values = get(loader, "values");
    NexusValue numbers[] = {nexus_value_integer(40), nexus_value_integer(2)};
    CHECK_NUMBER(integer_of(call(values, "add", numbers, 2)), 42);
    nexus_object_free(values);
    nexus_loader_free(loader);
}

/* A module knows its name, its file and its spec, as after an import. */
CASE(module_attributes) {
    NexusLoader *loader = open_all("documented");
    NexusObject *module = get(loader, "crypto");
    char expected[16384];
    NexusValue it = nexus_value_object(module);
    CHECK_TEXT(text_with("it.__file__", it), fixture("documented/crypto.so"));
    CHECK_TEXT(text_with("it.__spec__.origin", it), fixture("documented/crypto.so"));
    CHECK_TEXT(text_with("it.__spec__.name.rpartition('.')[2]", it), "crypto");
    CHECK_TEXT(text_with("type(it.__loader__).__name__", it), "ExtensionFileLoader");
    snprintf(expected, sizeof expected, "%s", quoted(fixture("documented/crypto.so")));
    CHECK_CONTAINS(text_with("repr(it)", it), expected);
    nexus_object_free(module);
    nexus_loader_free(loader);
}

/* --- One bad file never hides the others ------------------------------------------------------- */

static const struct Odd {
    const char *file;
    /* The states that are right, as bits 1 << NexusState. */
    unsigned states;
    /* What the message has in it: what was wrong. */
    const char *part;
} odd[] = {
#define LOADED (1u << NEXUS_STATE_LOADED)
#define FAILED (1u << NEXUS_STATE_FAILED)
#define SKIPPED (1u << NEXUS_STATE_SKIPPED)
    {"a_good.so", LOADED, ""},
    {"m_good.so", LOADED, ""},
    {"z_good.so", LOADED, ""},
    {"libreal.so", LOADED, ""},
    {"prints.so", LOADED, ""},
    {"changes_directory.so", LOADED, ""},
    {"sets_environment.so", LOADED, ""},
    {"takes_signal.so", LOADED, ""},
    {"starts_thread.so", LOADED, ""},
    {"raises_value_error.so", FAILED, "wrong value"},
    {"raises_chained.so", FAILED, "chained"},
    {"raises_system_exit.so", FAILED, "SystemExit"},
    {"raises_interrupt.so", FAILED, "KeyboardInterrupt"},
    {"raises_custom.so", FAILED, "Custom"},
    {"raises_bad_str.so", FAILED, "BadStr"},
    {"raises_surrogates.so", FAILED, "lone"},
    {"raises_huge.so", FAILED, "xxxxxxxx"},
    {"single_raises.so", FAILED, "SystemExit"},
    {"returns_null.so", FAILED, "without"},
    {"returns_with_error.so", FAILED, ""},
    {"exec_raises.so", FAILED, "in exec"},
    {"exec_exits.so", FAILED, "SystemExit"},
    {"registers_and_raises.so", FAILED, "half done"},
    {"wrong_name.so", FAILED | SKIPPED, "PyInit_another_name"},
    {"helper.so", SKIPPED, "PyInit"},
    {"needs_missing.so", FAILED, "libabsent_for_test.so.9"},
#ifndef _WIN32
    {"undefined_symbol.so", FAILED, "no_library_has_this_function"},
#endif
    {"text.so", FAILED | SKIPPED, ""},
    {"empty.so", FAILED | SKIPPED, ""},
    {"truncated.so", FAILED | SKIPPED, ""},
    {"directory.so", SKIPPED, "directory"},
#ifndef _WIN32
    {"dangling.so", FAILED | SKIPPED, ""},
#endif
#ifndef _WIN32
    {"pipe.so", SKIPPED, ""},
#endif
};

static const char *odd_module_name(const char *file) {
    static char name[256];
    snprintf(name, sizeof name, "%.*s", (int)(strlen(file) - strlen(".so")), file);
    return name;
}

CASE(every_odd_file_has_its_entry) {
    remove(fixture("odd/helper_was_opened"));
    NexusLoader *loader = open_all("odd");
    NexusReport *report = report_of(loader);
    for (size_t i = 0; i < COUNT(odd); i++) {
        NexusReportEntry entry;
        size_t count = entries_of(report, NULL, odd[i].file, &entry);
        CHECK_SEEN(count == 1, "%zu entries for %s", count, odd[i].file);
        CHECK_SEEN(1u << entry.state & odd[i].states, "%s: state %d: %s", odd[i].file, entry.state, entry.message);
        CHECK_TEXT(entry.path, joined(fixture("odd"), odd[i].file));
        const char *name = odd_module_name(odd[i].file);
        CHECK_NUMBER(nexus_loader_contains(loader, name), entry.state == NEXUS_STATE_LOADED);
        if (entry.state == NEXUS_STATE_LOADED) {
            CHECK_STATUS(entry.status, NEXUS_OK);
            CHECK_TEXT(entry.message, "");
            NexusObject *module = get(loader, name);
            CHECK_NUMBER(integer_of(call0(module, "answer")), 42);
            nexus_object_free(module);
        } else {
            if (entry.state == NEXUS_STATE_FAILED)
                CHECK_SEEN(entry.status != NEXUS_OK, "%s: %s", odd[i].file, entry.message);
            CHECK_SEEN(entry.message[0] != '\0', "%s has no message", odd[i].file);
            CHECK_CONTAINS(entry.message, odd[i].part);
            CHECK_SEEN(strlen(entry.message) < 100000, "%s: a message of %zu bytes", odd[i].file, strlen(entry.message));
            CHECK_SEEN(!strstr(entry.message, "\xed\xb2\x80"), "%s: a surrogate in UTF-8", odd[i].file);
        }
    }
    /* Those, returns_non_module.so and the file of another Python: nothing vanishes. */
    CHECK_NUMBER(nexus_report_count(report), COUNT(odd) + 2);
    CHECK_NUMBER(nexus_report_count(report), modules_in(fixture("odd")));
    nexus_report_free(report);
    /* A helper's constructor must not run. */
    CHECK(access(fixture("odd/helper_was_opened"), F_OK) != 0);
    nexus_loader_free(loader);
}

/* Init may return any object: either it is given out as it is, or refused with a text. */
CASE(init_returns_no_module) {
    NexusLoader *loader = open_all("odd");
    NexusReport *report = report_of(loader);
    NexusReportEntry entry;
    CHECK_NUMBER(entries_of(report, NULL, "returns_non_module.so", &entry), 1);
    if (entry.state == NEXUS_STATE_LOADED) {
        NexusObject *module = get(loader, "returns_non_module");
        CHECK_NUMBER(integer_of(call0(module, "answer")), 42);
        nexus_object_free(module);
    } else {
        CHECK_NUMBER(entry.state, NEXUS_STATE_FAILED);
        CHECK_CONTAINS(entry.message, "module");
    }
    nexus_report_free(report);
    nexus_loader_free(loader);
}

CASE(file_of_another_python) {
    NexusLoader *loader = open_all("odd");
    NexusReport *report = report_of(loader);
    size_t seen = 0;
    for (size_t i = 0; i < nexus_report_count(report); i++) {
        NexusReportEntry entry;
        CHECK_STATUS(nexus_report_at(report, i, &entry), NEXUS_OK);
        if (strncmp(file_name(entry.path), "tagged.c", strlen("tagged.c")) != 0) continue;
        seen++;
        CHECK(entry.state == NEXUS_STATE_FAILED || entry.state == NEXUS_STATE_SKIPPED);
        /* The message tells both: the file's Python and this one. */
#ifdef _WIN32
        const char *tag = strstr(file_name(entry.path), ".cp3") + strlen(".cp3");
#else
        const char *tag = strstr(entry.path, "cpython-3") + strlen("cpython-3");
#endif
        char other[8], ours[8];
        snprintf(other, sizeof other, "3.%.2s", tag);
        snprintf(ours, sizeof ours, "%.4s", setting("NEXUS_TEST_VERSION"));
        CHECK_CONTAINS(entry.message, other);
        CHECK_CONTAINS(entry.message, ours);
    }
    CHECK_NUMBER(seen, 1);
    CHECK(!nexus_loader_contains(loader, "tagged"));
    nexus_report_free(report);
    nexus_loader_free(loader);
}

/* What a failed module left in sys.modules is taken out again. */
CASE(failed_modules_leave_nothing_behind) {
    run_python("import sys; sys.before = set(sys.modules)");
    NexusLoader *loader = open_all("odd");
    NexusReport *report = report_of(loader);
    for (size_t i = 0; i < nexus_report_count(report); i++) {
        NexusReportEntry entry;
        CHECK_STATUS(nexus_report_at(report, i, &entry), NEXUS_OK);
        if (entry.state != NEXUS_STATE_FAILED) continue;
        const char *source = formatted("'%s' not in __import__('sys').modules", entry.name);
        CHECK_PYTHON(source);
    }
    CHECK_PYTHON("'registers_and_raises' not in __import__('sys').modules");
    nexus_report_free(report);
    nexus_loader_free(loader);
}

/* The order of the list and of the report is the same in each process and loader. */
CASE(order_is_deterministic) {
    NexusLoader *loaders[2] = {open_all("odd"), open_all("odd")};
    NexusNames *names[2];
    for (int i = 0; i < 2; i++) CHECK_OK(nexus_loader_list(loaders[i], &names[i], &error));
    CHECK_NUMBER(nexus_names_count(names[0]), nexus_names_count(names[1]));
    CHECK(nexus_names_count(names[0]) >= 9);
    for (size_t i = 0; i < nexus_names_count(names[0]); i++) {
        CHECK_TEXT(nexus_names_at(names[0], i), nexus_names_at(names[1], i));
        if (i) CHECK(strcmp(nexus_names_at(names[0], i - 1), nexus_names_at(names[0], i)) < 0);
    }
    for (int i = 0; i < 2; i++) {
        nexus_names_free(names[i]);
        nexus_loader_free(loaders[i]);
    }
}

/* As nanobind's manifold3d, which crashes without. */
CASE(modules_that_need_a_frame) {
    NexusLoader *loader = open_all("frame");
    CHECK_NUMBER(nexus_loader_count(loader), 2);
    CHECK_TEXT(which(loader, "multi_phase"), "multi_phase");
    CHECK_TEXT(which(loader, "single_phase"), "single_phase");
    nexus_loader_free(loader);
}

/* --- The standard library's names --------------------------------------------------------------- */

static const char *const standard_names[] = {"json", "_json", "math"};

static void standard_library_is_untouched(void) {
    run_python("import json, _json, math, sys\n"
               "assert json.loads('[1, {\"a\": 2.5}]') == [1, {'a': 2.5}]\n"
               "assert math.sqrt(9) == 3 and not hasattr(math, 'which')\n"
               "assert hasattr(_json, 'make_encoder') and not hasattr(_json, 'which')\n"
               "assert sys.modules['json'] is json and not hasattr(json, 'which')\n");
}

CASE(standard_names_multi_phase) {
    NexusLoader *loader = open_all("stdlib");
    CHECK_NUMBER(nexus_loader_count(loader), 3);
    CHECK_TEXT(which(loader, "json"), "my json");
    CHECK_TEXT(which(loader, "_json"), "my _json");
    CHECK_TEXT(which(loader, "math"), "my math");
    standard_library_is_untouched();
    nexus_loader_free(loader);
}

CASE(standard_names_single_phase) {
    NexusLoader *loader = open_all("stdlib_single");
    NexusReport *report = report_of(loader);
    CHECK_NUMBER(nexus_report_count(report), 4);
    for (size_t i = 0; i < 3; i++) {
        NexusReportEntry entry;
        CHECK_NUMBER(entries_of(report, standard_names[i], NULL, &entry), 1);
        if (entry.state == NEXUS_STATE_LOADED) {
            CHECK_CONTAINS(which(loader, standard_names[i]), "my ");
        } else {
            CHECK(entry.state == NEXUS_STATE_FAILED || entry.state == NEXUS_STATE_SKIPPED);
            CHECK_CONTAINS(entry.message, "standard library");
        }
    }
    CHECK(nexus_loader_contains(loader, "m_other"));
    standard_library_is_untouched();
    nexus_report_free(report);
    nexus_loader_free(loader);
}

/* --- The interpreter's own extension directory -------------------------------------------------- */

CASE(interpreters_own_directory) {
    const char *directory = setting("NEXUS_TEST_DYNLOAD");
    NexusLoader *loader;
    CHECK_OK(nexus_loader_new(directory, NULL, 0, &loader, &error));
    they_are_what_python_imports(loader, modules_in(directory));
    standard_library_is_healthy();
    nexus_loader_free(loader);
}

/* --- One load per file and process -------------------------------------------------------------- */

CASE(two_loaders_share_a_module) {
    NexusLoader *one = open_all("documented"), *two = open_all("documented");
    NexusObject *a = get(one, "network"), *b = get(two, "network"), *c = get(one, "network");
    CHECK(id_of(a) == id_of(b));
    CHECK(id_of(a) == id_of(c));
    FREE_OBJECTS(a, b, c);
    FREE_LOADERS(one, two);
}

CASE(another_path_to_the_same_files) {
    NexusLoader *one = open_all("documented"), *two = open_all("documented_link");
    NexusObject *a = get(one, "network"), *b = get(two, "network");
    CHECK(id_of(a) == id_of(b));
    CHECK_TEXT(nexus_loader_bin_path(two), fixture("documented_link"));
    FREE_OBJECTS(a, b);
    FREE_LOADERS(one, two);
}

CASE(relative_path) {
    NexusLoader *loader;
    CHECK(chdir(setting("NEXUS_FIXTURES")) == 0);
    CHECK_OK(nexus_loader_new("documented", NULL, 0, &loader, &error));
    CHECK_TEXT(nexus_loader_bin_path(loader), "documented");
    CHECK_TEXT(nexus_loader_describe(loader), "NexusLoader(bin_path='documented', loaded=3 modules)");
    nexus_loader_free(loader);
    CHECK_OK(nexus_loader_new("./documented/", NULL, 0, &loader, &error));
    loaded(loader, 3);
}

/* The path is the platform's bytes; Latin-1 "é" is not UTF-8. */
CASE(path_that_is_not_utf8) {
    NexusLoader *loader;
    const char *link = formatted("%s/caf\xe9", setting("NEXUS_TEST_SCRATCH"));
    CHECK(symlink(fixture("documented"), link) == 0);
    CHECK_OK(nexus_loader_new(link, NULL, 0, &loader, &error));
    CHECK_NUMBER(nexus_loader_count(loader), 3);
    CHECK_TEXT(nexus_loader_bin_path(loader), link);
    nexus_loader_free(loader);
}

/* --- Lazy loading ------------------------------------------------------------------------------- */

CASE(lazy) {
    NexusLoader *loader = open_with(fixture("documented"), (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY});
    CHECK_NUMBER(nexus_loader_count(loader), 3);
    CHECK(nexus_loader_contains(loader, "crypto"));
    check_entry(loader, "crypto", "crypto.so", NEXUS_STATE_LAZY);
    check_entry(loader, "network", "network.so", NEXUS_STATE_LAZY);

    NexusObject *crypto = get(loader, "crypto");
    discard(call1(crypto, "encrypt", nexus_value_text("x", 1)));
    nexus_object_free(crypto);
    check_entry(loader, "crypto", "crypto.so", NEXUS_STATE_LOADED);
    check_entry(loader, "network", "network.so", NEXUS_STATE_LAZY);
    nexus_loader_free(loader);
}

CASE(lazy_module_that_fails) {
    NexusLoader *loader = open_with(fixture("one_bad"), (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY});
    CHECK_NUMBER(nexus_loader_count(loader), 2);
    for (int i = 0; i < 2; i++) {
        NexusObject *module = (NexusObject *)(uintptr_t)0x5a5a;
        NexusStatus status = nexus_loader_get(loader, "broken", &module, &error);
        /* The first time the failure itself; afterwards it is a module that is not loaded. */
        CHECK(i ? status != NEXUS_OK : status == NEXUS_ERR_LOAD_FAILED || status == NEXUS_ERR_EXCEPTION);
        CHECK(module == NULL);
        CHECK_CONTAINS(nexus_error_message(error), i ? "" : "no licence");
        if (!i) CHECK_TEXT(nexus_error_exception(error), "builtins.ValueError");
        if (!i) CHECK_TEXT(nexus_error_path(error), fixture("one_bad/broken.so"));
        CHECK_TEXT(nexus_error_module(error), "broken");
        DROP(error);
    }
    check_entry(loader, "broken", "broken.so", NEXUS_STATE_FAILED);
    CHECK(nexus_loader_contains(loader, "crypto"));
    nexus_loader_free(loader);
}

/* What lies there is not read before it is needed; then helper libraries do not count, and are not opened. */
CASE(lazy_helper_library) {
    remove(fixture("stems/helper_was_opened"));
    NexusObject *module;
    NexusLoader *loader = open_with(fixture("stems"),
                                    (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY | NEXUS_LOADER_RECURSIVE});
    CHECK_NUMBER(nexus_loader_count(loader), 4);
    CHECK(nexus_loader_contains(loader, "two.speed"));
    CHECK(nexus_loader_contains(loader, "speed"));
    check_entry(loader, "one.speed", "speed.so", NEXUS_STATE_LAZY);

    get_fails(loader, "two.speed", NEXUS_ERR_NOT_LOADED, NEXUS_DETAIL_HELPER_LIBRARY);
    CHECK(!nexus_loader_contains(loader, "two.speed"));
    check_entry(loader, "two.speed", "speed.so", NEXUS_STATE_SKIPPED);
    module = get(loader, "speed");
    NexusObject *same = get(loader, "one.speed");
    FREE_OBJECTS(same, module);

    CHECK(!nexus_loader_contains(loader, "other"));
    CHECK_FAILS(nexus_loader_get(loader, "other", &module, &error), NEXUS_ERR_AMBIGUOUS, "'six.other', 'two.other'");
    CHECK(access(fixture("stems/helper_was_opened"), F_OK) != 0);
    nexus_loader_free(loader);
}

/* The report is what it was when it was asked for, and its strings live as long as it. */
CASE(report_outlives_the_loader) {
    NexusLoader *loader = open_all("one_bad");
    NexusReport *report = report_of(loader);
    NexusReportEntry before, after;
    CHECK_NUMBER(entries_of(report, "broken", NULL, &before), 1);
    nexus_loader_free(loader);
    CHECK_NUMBER(entries_of(report, "broken", NULL, &after), 1);
    CHECK(before.message == after.message);
    CHECK_CONTAINS(after.message, "no licence");
    nexus_report_free(report);
}
