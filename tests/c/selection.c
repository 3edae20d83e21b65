/* Which modules load, and when: by name, by pattern, by the host's filter, lazily; progress and cancelling. */
#include "marks.h"
#include "report_check.h"

#include <pthread.h>

static NexusLoader *open_names(const char *directory, uint32_t flags, const char *const *names, size_t count) {
    return open_with(fixture(directory), (NexusLoaderOptions){.flags = flags, .modules = names, .module_count = count});
}

#define OPEN_NAMES(directory, flags, ...)                                                       \
    open_names(directory, flags, (const char *const[]){__VA_ARGS__},                            \
               sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* The names that the loader gives, in order, with blanks between. */
static const char *listed(const NexusLoader *loader) {
    static char text[4096];
    NexusNames *names = NULL;
    CHECK_OK(nexus_loader_list(loader, &names, &error));
    CHECK_NUMBER(nexus_names_count(names), nexus_loader_count(loader));
    text[0] = '\0';
    for (size_t i = 0; i < nexus_names_count(names); i++) {
        CHECK(nexus_loader_contains(loader, nexus_names_at(names, i)));
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "", nexus_names_at(names, i));
    }
    nexus_names_free(names);
    return text;
}

static size_t opened_here(const char *file) { return opened(read_marks(), file, true); }

/* --- Names and patterns ------------------------------------------------------------------------------ */

CASE(names_load_in_the_order_of_the_request) {
    begin_marks();
    NexusLoader *loader = OPEN_NAMES("documented", 0, "network", "crypto", "network");
    CHECK_TEXT(listed(loader), "network crypto");
    check_state(loader, "database", NEXUS_STATE_SKIPPED, NEXUS_OK, NEXUS_DETAIL_NOT_REQUESTED, "not asked for");
    CHECK_NUMBER(opened_here("database.so"), 0);
    CHECK_NUMBER(opened_here("network.so"), 1);
    NexusObject *module = NULL;
    CHECK_ERROR(nexus_loader_get(loader, "database", &module, &error), NEXUS_ERR_NOT_LOADED);
    CHECK_TEXT(nexus_error_message(error), "Module 'database' not loaded. Available modules: ['network', 'crypto']");
    CHECK_NUMBER(nexus_error_detail(error), NEXUS_DETAIL_NOT_REQUESTED);
    DROP(error);
    NexusNames *names = NULL;
    CHECK_OK(nexus_loader_requested(loader, &names, &error));
    CHECK_NUMBER(nexus_names_count(names), 2);
    CHECK_TEXT(nexus_names_at(names, 0), "network");
    CHECK_TEXT(nexus_names_at(names, 1), "crypto");
    nexus_names_free(names);
    nexus_loader_free(loader);
}

CASE(patterns) {
    NexusLoader *loader = OPEN_NAMES("documented", 0, "net*", "[a-c]?ypto", "*");
    CHECK_TEXT(listed(loader), "network crypto database");
    nexus_loader_free(loader);
    loader = OPEN_NAMES("documented", 0, "[!cd]*");
    CHECK_TEXT(listed(loader), "network");
    nexus_loader_free(loader);
    /* Upper and lower case are not the same. */
    loader = OPEN_NAMES("documented", 0, "C*", "*o?k");
    CHECK_TEXT(listed(loader), "network");
    check_state(loader, "C*", NEXUS_STATE_MISSING, NEXUS_ERR_NOT_FOUND, NEXUS_DETAIL_NOT_FOUND,
                "Could not load requested modules: {'C*'}");
    nexus_loader_free(loader);
}

/* A name is itself, whatever characters it has. */
CASE(names_that_look_like_patterns) {
    NexusLoader *loader = OPEN_NAMES("selection", 0, "we[i]rd", "what?");
    CHECK_TEXT(listed(loader), "we[i]rd weird what?");
    nexus_loader_free(loader);
}

CASE(dotted_names_and_patterns_over_packages) {
    NexusLoader *loader = OPEN_NAMES("packages", NEXUS_LOADER_RECURSIVE, "shapes.round.*", "shapes._speed");
    CHECK_TEXT(listed(loader), "shapes.round._speed shapes.round.circle shapes._speed");
    nexus_loader_free(loader);
    /* A stem asks for all that have it. */
    loader = OPEN_NAMES("packages", NEXUS_LOADER_RECURSIVE, "_speed");
    loaded(loader, 3);
}

CASE(missing_and_failing_names) {
    static Log log;
    nexus_log_set(log_line, &log, NEXUS_LOG_WARNING);
    NexusLoader *loader = OPEN_NAMES("one_bad", 0, "absent", "broken", "crypto", "absent*");
    CHECK_TEXT(listed(loader), "crypto");
    check_state(loader, "broken", NEXUS_STATE_FAILED, NEXUS_ERR_LOAD_FAILED, NEXUS_DETAIL_INIT_RAISED, "no licence");
    check_state(loader, "absent", NEXUS_STATE_MISSING, NEXUS_ERR_NOT_FOUND, NEXUS_DETAIL_NOT_FOUND, "'absent'");
    check_state(loader, "absent*", NEXUS_STATE_MISSING, NEXUS_ERR_NOT_FOUND, NEXUS_DETAIL_NOT_FOUND, "'absent*'");
    CHECK_CONTAINS(log.text, "Warning: Could not load requested modules: {'absent', 'broken', 'absent*'}");
    reported(loader, 4);
    nexus_loader_free(loader);
}

/* An empty list is a list. */
CASE(nothing_is_asked_for) {
    begin_marks();
    NexusLoader *loader = open_names("documented", 0, (const char *const[]){"unused"}, 0);
    CHECK_NUMBER(nexus_loader_count(loader), 0);
    check_state(loader, "crypto", NEXUS_STATE_SKIPPED, NEXUS_OK, NEXUS_DETAIL_NOT_REQUESTED, "not asked for");
    CHECK_NUMBER(read_marks()->count, 0);
    nexus_loader_free(loader);
}

static void check_refused(NexusLoaderOptions options, const char *part) {
    NexusLoader *loader = (NexusLoader *)(uintptr_t)0x5a5a;
    if (!options.struct_size) options.struct_size = sizeof options;
    CHECK_FAILS(nexus_loader_open(fixture("documented"), &options, &loader, &error), NEXUS_ERR_INVALID_ARGUMENT, part);
    CHECK(loader == NULL);
}

CASE(bad_names_and_options) {
    const char *names[] = {"crypto", NULL, "network"};
    check_refused((NexusLoaderOptions){.modules = names, .module_count = 3}, "options->modules");
    check_refused((NexusLoaderOptions){.module_count = 1}, "options->modules");
    names[1] = "caf\xe9";
    check_refused((NexusLoaderOptions){.modules = names, .module_count = 3}, "UTF-8");
    names[1] = "a[b";
    check_refused((NexusLoaderOptions){.modules = names, .module_count = 3}, "module pattern 'a[b'");
    names[1] = "a***b";
    check_refused((NexusLoaderOptions){.modules = names, .module_count = 3}, "module pattern 'a***b'");
    check_refused((NexusLoaderOptions){.flags = 1u << 31}, "0x80000000");
    check_refused((NexusLoaderOptions){.struct_size = 1}, "options");
    check_refused((NexusLoaderOptions){.struct_size = SIZE_MAX / 2}, "options");
    NexusLoader *loader = NULL;
    CHECK_FAILS(nexus_loader_new(fixture("documented"), names, 3, &loader, &error),
                NEXUS_ERR_INVALID_ARGUMENT, "'a***b'");
}

/* An empty name is nobody's. */
CASE(an_empty_name_is_missing) {
    NexusLoader *loader = OPEN_NAMES("documented", 0, "", "crypto");
    CHECK_TEXT(listed(loader), "crypto");
    check_state(loader, "", NEXUS_STATE_MISSING, NEXUS_ERR_NOT_FOUND, NEXUS_DETAIL_NOT_FOUND, "{''}");
    nexus_loader_free(loader);
}

/* A host that was built when the struct ended after `module_count`: what lies behind is not ours. */
CASE(options_of_an_older_header) {
    NexusLoader *loader = NULL;
    const char *const names[] = {"crypto"};
    NexusLoaderOptions options;
    memset(&options, 0x5a, sizeof options);
    options.struct_size = offsetof(NexusLoaderOptions, filter);
    options.flags = 0;
    options.modules = names;
    options.module_count = 1;
    CHECK_OK(nexus_loader_open(fixture("documented"), &options, &loader, &error));
    CHECK_TEXT(listed(loader), "crypto");
    nexus_loader_free(loader);
}

/* A host that is newer than the library: what the library does not know is zero. */
CASE(options_of_a_newer_header) {
    struct {
        NexusLoaderOptions options;
        uint64_t more[4];
    } newer = {.options = {.struct_size = sizeof newer}};
    NexusLoader *loader = NULL;
    CHECK_OK(nexus_loader_open(fixture("documented"), &newer.options, &loader, &error));
    loaded(loader, 3);
}

/* --- The filter --------------------------------------------------------------------------------------- */

typedef struct Asked {
    char names[1024];
    const char *refuse;
    int count;
} Asked;

static int32_t filter(const char *name, const char *path, void *user_data) {
    Asked *asked = user_data;
    size_t used = strlen(asked->names);
    snprintf(asked->names + used, sizeof asked->names - used, "%s ", name);
    asked->count++;
    /* The file is there, and is the module's. */
    CHECK(access(path, F_OK) == 0);
    CHECK(strncmp(file_name(path), name, strlen(name)) == 0);
    /* Without the GIL, so that any function may be called. */
    CHECK_PYTHON("True");
    return asked->refuse && strcmp(name, asked->refuse) == 0 ? 0 : -7;
}

CASE(the_filter_refuses) {
    begin_marks();
    Asked asked = {.refuse = "database"};
    NexusLoader *loader = open_with(fixture("documented"), (NexusLoaderOptions){.filter = filter, .user_data = &asked});
    CHECK_TEXT(asked.names, "crypto database network ");
    CHECK_TEXT(listed(loader), "crypto network");
    check_state(loader, "database", NEXUS_STATE_SKIPPED, NEXUS_OK, NEXUS_DETAIL_FILTERED, "filter");
    CHECK_NUMBER(opened_here("database.so"), 0);
    nexus_loader_free(loader);
}

/* It is asked about what could load, and about nothing else. */
CASE(the_filter_is_not_asked_about_the_hopeless) {
    Asked asked = {.count = 0};
    const char *const names[] = {"a_good", "helper", "truncated", "text", "pipe", "wrong_name", "tagged", "absent"};
    NexusLoader *loader = open_with(fixture("odd"), (NexusLoaderOptions){.filter = filter,
                                                                .user_data = &asked,
                                                                .modules = names,
                                                                .module_count = COUNT(names)});
    CHECK_TEXT(asked.names, "a_good ");
    nexus_loader_free(loader);
}

CASE(the_filter_of_lazy_modules_is_asked_at_their_first_use) {
    begin_marks();
    Asked asked = {.refuse = "database"};
    NexusLoader *loader = open_with(
        fixture("documented"), (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY, .filter = filter, .user_data = &asked});
    CHECK_NUMBER(asked.count, 0);
    FREE_OBJECTS(get(loader, "network"), get(loader, "network"));
    CHECK_TEXT(asked.names, "network ");
    for (int i = 0; i < 2; i++) {
        get_fails(loader, "database", NEXUS_ERR_NOT_LOADED, NEXUS_DETAIL_FILTERED);
    }
    CHECK_TEXT(asked.names, "network database ");
    CHECK(!nexus_loader_contains(loader, "database"));
    CHECK_TEXT(listed(loader), "crypto network");
    CHECK_NUMBER(opened_here("database.so"), 0);
    nexus_loader_free(loader);
}

/* --- Progress and cancelling -------------------------------------------------------------------------- */

typedef struct Progress {
    char names[1024];
    uint32_t states[32];
    size_t count, total, stop_after;
    const char *open_within;
} Progress;

static int32_t progress(size_t index, size_t total, const char *name, uint32_t state, uint64_t nanoseconds,
                        void *user_data) {
    Progress *seen = user_data;
    CHECK_NUMBER(index, seen->count);
    CHECK(index < total && total <= 32);
    if (index > 0) CHECK_NUMBER(total, seen->total);
    seen->total = total;
    seen->states[index] = state;
    if (state == NEXUS_STATE_LOADED) CHECK(nanoseconds > 0);
    size_t used = strlen(seen->names);
    snprintf(seen->names + used, sizeof seen->names - used, "%s ", name);
    CHECK_PYTHON("True");
    if (seen->open_within && index == 0) {
        NexusLoader *within = open_all(seen->open_within);
        CHECK(nexus_loader_count(within) > 0);
        nexus_loader_free(within);
    }
    return ++seen->count == seen->stop_after;
}

CASE(progress_of_each) {
    Progress seen = {.count = 0};
    NexusLoader *loader = open_with(fixture("one_bad"), (NexusLoaderOptions){.progress = progress, .user_data = &seen});
    CHECK_TEXT(seen.names, "broken crypto ");
    CHECK_NUMBER(seen.total, 2);
    CHECK_NUMBER(seen.states[0], NEXUS_STATE_FAILED);
    CHECK_NUMBER(seen.states[1], NEXUS_STATE_LOADED);
    nexus_loader_free(loader);
}

static int32_t refuse_network(const char *name, const char *path, void *user_data) {
    (void)path, (void)user_data;
    return strcmp(name, "network") != 0;
}

/* Those that are not to load do not count; one that the filter refuses does, for it took its turn. */
CASE(progress_counts_what_is_to_load) {
    Progress seen = {.count = 0};
    const char *const names[] = {"network", "crypto", "absent"};
    NexusLoader *loader = open_with(fixture("documented"), (NexusLoaderOptions){.modules = names,
                                                                       .module_count = 3,
                                                                       .filter = refuse_network,
                                                                       .progress = progress,
                                                                       .user_data = &seen});
    CHECK_TEXT(seen.names, "network crypto ");
    CHECK_NUMBER(seen.total, 2);
    CHECK_NUMBER(seen.states[0], NEXUS_STATE_SKIPPED);
    CHECK_NUMBER(seen.states[1], NEXUS_STATE_LOADED);
    nexus_loader_free(loader);
}

CASE(cancelling) {
    begin_marks();
    Progress seen = {.stop_after = 1};
    NexusLoader *loader = open_with(fixture("documented"), (NexusLoaderOptions){.progress = progress, .user_data = &seen});
    CHECK_NUMBER(seen.count, 1);
    CHECK_TEXT(listed(loader), "crypto");
    nexus_object_free(get(loader, "crypto"));
    check_state(loader, "database", NEXUS_STATE_SKIPPED, NEXUS_ERR_CANCELLED, NEXUS_DETAIL_CANCELLED, "cancelled");
    check_state(loader, "network", NEXUS_STATE_SKIPPED, NEXUS_ERR_CANCELLED, NEXUS_DETAIL_CANCELLED, "cancelled");
    CHECK_NUMBER(read_marks()->count, 1);
    get_fails(loader, "network", NEXUS_ERR_NOT_LOADED, NEXUS_DETAIL_CANCELLED);
    nexus_loader_free(loader);
    /* Another loader takes up where it stopped. */
    loader = open_all("documented");
    CHECK_NUMBER(nexus_loader_count(loader), 3);
    CHECK_NUMBER(read_marks()->count, 3);
    nexus_loader_free(loader);
}

CASE(cancelling_after_the_last_changes_nothing) {
    Progress seen = {.stop_after = 3};
    loaded(open_with(fixture("documented"), (NexusLoaderOptions){.progress = progress, .user_data = &seen}), 3);
}

CASE(a_directory_is_opened_from_within_progress) {
    Progress seen = {.open_within = "documented"};
    NexusLoader *loader = open_with(fixture("documented"), (NexusLoaderOptions){.progress = progress, .user_data = &seen});
    CHECK_NUMBER(seen.count, 3);
    loaded(loader, 3);
}

/* --- Lazy ---------------------------------------------------------------------------------------------- */

CASE(lazy_modules_are_not_opened_before_their_use) {
    begin_marks();
    NexusLoader *loader = open_with(fixture("documented"), (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY});
    CHECK_NUMBER(read_marks()->count, 0);
    CHECK_TEXT(listed(loader), "crypto database network");
    CHECK_CONTAINS(nexus_loader_describe(loader), "loaded=0 modules");
    nexus_object_free(get(loader, "network"));
    CHECK_NUMBER(opened_here("network.so"), 1);
    CHECK_NUMBER(read_marks()->count, 1);
    CHECK_CONTAINS(nexus_loader_describe(loader), "loaded=1 modules");
    nexus_loader_free(loader);
}

/* A large directory is ready at once: what reading a file proves is said when it is first got. */
CASE(lazy_files_are_read_when_they_are_got) {
    NexusLoader *loader = open_with(fixture("odd"), (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY});
    const char *const names[] = {"truncated", "helper", "raises_value_error"};
    for (size_t i = 0; i < 3; i++) check_state(loader, names[i], NEXUS_STATE_LAZY, NEXUS_OK, 0, "");
    NexusObject *module = NULL;
    CHECK_STATUS(nexus_loader_get(loader, "truncated", &module, NULL), NEXUS_ERR_LOAD_FAILED);
    CHECK_STATUS(nexus_loader_get(loader, "helper", &module, NULL), NEXUS_ERR_NOT_LOADED);
    check_state(loader, "truncated", NEXUS_STATE_FAILED, NEXUS_ERR_LOAD_FAILED, NEXUS_DETAIL_TRUNCATED, "cut off");
    check_state(loader, "helper", NEXUS_STATE_SKIPPED, NEXUS_OK, NEXUS_DETAIL_HELPER_LIBRARY, "no PyInit");
    check_state(loader, "raises_value_error", NEXUS_STATE_LAZY, NEXUS_OK, 0, "");
    CHECK(!nexus_loader_contains(loader, "truncated"));
    nexus_loader_free(loader);
}

static NexusLoader *shared;
static pthread_barrier_t barrier;

static void *get_with_others(void *unused) {
    (void)unused;
    pthread_barrier_wait(&barrier);
    NexusObject *module = get(shared, "slow");
    CHECK_NUMBER(integer_of(call0(module, "answer")), 42);
    return module;
}

CASE(lazy_modules_load_once_for_all_threads) {
    enum { THREADS = 8 };
    begin_marks();
    run_python("import sys; sys.slow_loads = 0");
    shared = open_with(fixture("selection"), (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY});
    pthread_t threads[THREADS];
    CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, get_with_others, NULL) == 0);
    NexusObject *modules[THREADS];
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], (void **)&modules[i]) == 0);
    CHECK_PYTHON("__import__('sys').slow_loads == 1");
    int64_t first = id_of(modules[0]);
    for (int i = 0; i < THREADS; i++) {
        CHECK_NUMBER(id_of(modules[i]), first);
        nexus_object_free(modules[i]);
    }
    CHECK_NUMBER(opened_here("slow.so"), 1);
    nexus_loader_free(shared);
}

CASE(lazy_with_names) {
    begin_marks();
    NexusLoader *loader = OPEN_NAMES("documented", NEXUS_LOADER_LAZY, "net*", "absent");
    CHECK_TEXT(listed(loader), "network");
    check_state(loader, "network", NEXUS_STATE_LAZY, NEXUS_OK, 0, "");
    check_state(loader, "crypto", NEXUS_STATE_SKIPPED, NEXUS_OK, NEXUS_DETAIL_NOT_REQUESTED, "not asked for");
    check_state(loader, "absent", NEXUS_STATE_MISSING, NEXUS_ERR_NOT_FOUND, NEXUS_DETAIL_NOT_FOUND, "'absent'");
    NexusObject *module = NULL;
    CHECK_REFUSED(nexus_loader_get(loader, "crypto", &module, &error), NEXUS_ERR_NOT_LOADED);
    CHECK_REFUSED(nexus_loader_get(loader, "absent", &module, &error), NEXUS_ERR_NOT_LOADED);
    CHECK_NUMBER(read_marks()->count, 0);
    nexus_loader_free(loader);
}
