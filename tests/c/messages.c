/* What the Python class NexusLoader documents, message by message. */
#include "nexus_check.h"

#include <fcntl.h>

static const char *const documented[] = {"crypto", "database", "network"};

/* "Module 'x' not loaded. Available modules: ['a', 'b']" with the names in the loader's order. */
static void expected_not_loaded(const NexusLoader *loader, const char *name, char *text, size_t size) {
    NexusError *error = NULL;
    NexusNames *names;
    CHECK_OK(nexus_loader_list(loader, &names, &error));
    size_t used = (size_t)snprintf(text, size, "Module '%s' not loaded. Available modules: [", name);
    for (size_t i = 0; i < nexus_names_count(names); i++)
        used += (size_t)snprintf(text + used, size - used, "%s'%s'", i ? ", " : "", nexus_names_at(names, i));
    snprintf(text + used, size - used, "]");
    nexus_names_free(names);
}

static void fails_to_open(const char *path, NexusStatus status, const char *text) {
    NexusLoader *loader = (NexusLoader *)(uintptr_t)0x5a5a;
    CHECK_ERROR(nexus_loader_new(path, NULL, 0, &loader, &error), status);
    CHECK(loader == NULL);
    const char *expected = formatted("%s: %s", text, path);
    CHECK_TEXT(nexus_error_message(error), expected);
    CHECK_TEXT(nexus_error_path(error), path);
    DROP(error);
}

CASE(path_does_not_exist) {
    fails_to_open("/no/such/directory", NEXUS_ERR_NOT_FOUND, "Binary path does not exist");
    fails_to_open(scratch("größe"), NEXUS_ERR_NOT_FOUND, "Binary path does not exist");
}

CASE(path_is_a_file) {
    fails_to_open(fixture("documented/crypto.so"), NEXUS_ERR_NOT_A_DIRECTORY, "Binary path is not a directory");
}

CASE(directory_without_modules) {
    fails_to_open(fixture("none"), NEXUS_ERR_NO_MODULES, "No binary modules found in");
    fails_to_open(fixture("empty"), NEXUS_ERR_NO_MODULES, "No binary modules found in");
}

CASE(directory_without_modules_and_a_selection) {
    NexusLoader *loader;
    CHECK_REFUSED(nexus_loader_new(fixture("none"), documented, 3, &loader, &error), NEXUS_ERR_NO_MODULES);
    CHECK(loader == NULL);
}

CASE(all_modules) {
    NexusLoader *loader = open_all("documented");
    CHECK_NUMBER(nexus_loader_count(loader), 3);
    NexusNames *names;
    CHECK_OK(nexus_loader_list(loader, &names, &error));
    CHECK_NUMBER(nexus_names_count(names), 3);
    for (size_t i = 0; i < 3; i++) CHECK_TEXT(nexus_names_at(names, i), documented[i]);
    CHECK(nexus_names_at(names, 3) == NULL);
    CHECK(nexus_names_at(names, SIZE_MAX) == NULL);
    nexus_names_free(names);

    for (size_t i = 0; i < 3; i++) CHECK(nexus_loader_contains(loader, documented[i]));
    CHECK(!nexus_loader_contains(loader, "nothing"));
    CHECK(!nexus_loader_contains(loader, ""));
    CHECK(!nexus_loader_contains(loader, "crypto.so"));

    names = (NexusNames *)(uintptr_t)0x5a5a;
    CHECK_OK(nexus_loader_requested(loader, &names, &error));
    CHECK(names == NULL);
    CHECK_TEXT(nexus_loader_bin_path(loader), fixture("documented"));
    nexus_loader_free(loader);
}

CASE(module_not_loaded) {
    NexusLoader *loader = open_all("documented");
    char expected[1024];
    const char *const absent[] = {"module_name", "Crypto", "crypto.so", ""};
    for (size_t i = 0; i < COUNT(absent); i++) {
        NexusObject *module = (NexusObject *)(uintptr_t)0x5a5a;
        CHECK_ERROR(nexus_loader_get(loader, absent[i], &module, &error), NEXUS_ERR_NOT_LOADED);
        CHECK(module == NULL);
        expected_not_loaded(loader, absent[i], expected, sizeof expected);
        CHECK_TEXT(nexus_error_message(error), expected);
        CHECK_TEXT(nexus_error_module(error), absent[i]);
        DROP(error);
    }
    CHECK_TEXT(expected, "Module '' not loaded. Available modules: ['crypto', 'database', 'network']");
    nexus_loader_free(loader);
}

CASE(nothing_loaded) {
    NexusLoader *loader;
    const char *const absent[] = {"absent"};
    CHECK_OK(nexus_loader_new(fixture("documented"), absent, 1, &loader, &error));
    CHECK_NUMBER(nexus_loader_count(loader), 0);
    NexusObject *module;
    CHECK_FAILS_SAYING(nexus_loader_get(loader, "crypto", &module, &error),
                       NEXUS_ERR_NOT_LOADED, "Module 'crypto' not loaded. Available modules: []");
    nexus_loader_free(loader);
}

CASE(describe) {
    char expected[16384];
    NexusLoader *loader = open_all("documented");
    snprintf(expected, sizeof expected, "NexusLoader(bin_path=%s, loaded=3 modules)", quoted(fixture("documented")));
    CHECK_TEXT(nexus_loader_describe(loader), expected);
    nexus_loader_free(loader);

    loader = open_all("values");
    snprintf(expected, sizeof expected, "NexusLoader(bin_path=%s, loaded=1 modules)", quoted(fixture("values")));
    CHECK_TEXT(nexus_loader_describe(loader), expected);
    nexus_loader_free(loader);
}

CASE(selection) {
    NexusLoader *loader;
    const char *const wanted[] = {"network", "crypto"};
    CHECK_OK(nexus_loader_new(fixture("documented"), wanted, 2, &loader, &error));
    CHECK_NUMBER(nexus_loader_count(loader), 2);
    CHECK(nexus_loader_contains(loader, "network"));
    CHECK(nexus_loader_contains(loader, "crypto"));
    CHECK(!nexus_loader_contains(loader, "database"));
    CHECK_PYTHON("'database' not in __import__('sys').modules");

    NexusNames *names;
    CHECK_OK(nexus_loader_requested(loader, &names, &error));
    CHECK_NUMBER(nexus_names_count(names), 2);
    CHECK_TEXT(nexus_names_at(names, 0), "network");
    CHECK_TEXT(nexus_names_at(names, 1), "crypto");
    nexus_names_free(names);
    nexus_loader_free(loader);
}

CASE(selection_with_a_name_twice) {
    NexusLoader *loader;
    const char *const wanted[] = {"crypto", "crypto"};
    CHECK_OK(nexus_loader_new(fixture("documented"), wanted, 2, &loader, &error));
    loaded(loader, 1);
}

CASE(selection_by_options) {
    NexusLoader *loader;
    const char *const wanted[] = {"crypto"};
    NexusLoaderOptions options = {.struct_size = sizeof options, .modules = wanted, .module_count = 1};
    CHECK_OK(nexus_loader_open(fixture("documented"), &options, &loader, &error));
    loaded(loader, 1);

    CHECK_OK(nexus_loader_open(fixture("documented"), NULL, &loader, &error));
    loaded(loader, 3);

    /* A host that was built against an older header, whose struct ended after the flags. */
    memset(&options, 0xa5, sizeof options);
    options.struct_size = offsetof(NexusLoaderOptions, modules);
    options.flags = 0;
    CHECK_OK(nexus_loader_open(fixture("documented"), &options, &loader, &error));
    loaded(loader, 3);
}

CASE(failed_module) {
    static Log log;
    nexus_log_set(log_line, &log, NEXUS_LOG_WARNING);
    NexusLoader *loader = open_all("one_bad");
    CHECK_NUMBER(nexus_loader_count(loader), 1);
    CHECK(nexus_loader_contains(loader, "crypto"));
    CHECK(!nexus_loader_contains(loader, "broken"));
    CHECK_CONTAINS(log.text, "Failed to load module broken: ");
    CHECK_CONTAINS(log.text, "no licence");

    NexusReport *report = report_of(loader);
    CHECK_NUMBER(nexus_report_count(report), 2);
    NexusReportEntry entry;
    CHECK_NUMBER(entries_of(report, "broken", NULL, &entry), 1);
    CHECK_NUMBER(entry.state, NEXUS_STATE_FAILED);
    CHECK(entry.status != NEXUS_OK);
    CHECK_TEXT(entry.path, fixture("one_bad/broken.so"));
    CHECK_CONTAINS(entry.message, "no licence");
    CHECK_NUMBER(entries_of(report, "crypto", NULL, &entry), 1);
    CHECK_NUMBER(entry.state, NEXUS_STATE_LOADED);
    CHECK_STATUS(entry.status, NEXUS_OK);
    CHECK_TEXT(entry.message, "");
    nexus_report_free(report);

    NexusObject *module;
    CHECK_FAILS(nexus_loader_get(loader, "broken", &module, &error),
                NEXUS_ERR_NOT_LOADED, "Module 'broken' not loaded. Available modules: ['crypto']");
    nexus_loader_free(loader);
}

/* A module's text of 16 MB does not become a log line of that size. */
CASE(log_lines_are_clipped) {
    static Log log;
    nexus_log_set(log_line, &log, NEXUS_LOG_DEBUG);
    nexus_loader_free(open_all("odd"));
    CHECK_SEEN(log.longest < 100000, "a line of %zu bytes", log.longest);
    CHECK(log.longest > 0);
}

/* Without a callback the log goes to stderr, and nothing goes to stdout. */
CASE(failed_module_on_stderr) {
    int file = open(scratch("stderr"), O_RDWR | O_CREAT, 0600), saved = dup(2);
    int out = open(scratch("stdout"), O_RDWR | O_CREAT, 0600);
    CHECK(file >= 0 && out >= 0);
    dup2(file, 2);
    dup2(out, 1);
    NexusLoader *loader = open_all("one_bad");
    nexus_loader_free(loader);
    fflush(NULL);
    dup2(saved, 2);
    char text[8192] = "";
    CHECK(pread(file, text, sizeof text - 1, 0) > 0);
    CHECK_CONTAINS(text, "Failed to load module broken: ");
    CHECK_NUMBER(lseek(out, 0, SEEK_END), 0);
}

CASE(missing_requested_modules) {
    static Log log;
    nexus_log_set(log_line, &log, NEXUS_LOG_WARNING);
    NexusLoader *loader;
    const char *const wanted[] = {"module1", "crypto", "module2"};
    CHECK_OK(nexus_loader_new(fixture("documented"), wanted, 3, &loader, &error));
    CHECK_NUMBER(nexus_loader_count(loader), 1);
    /* A set has no order. */
    if (!strstr(log.text, "Could not load requested modules: {'module2', 'module1'}"))
        CHECK_CONTAINS(log.text, "Could not load requested modules: {'module1', 'module2'}");

    NexusReport *report = report_of(loader);
    NexusReportEntry entry;
    CHECK_NUMBER(entries_of(report, "crypto", NULL, &entry), 1);
    CHECK_NUMBER(entry.state, NEXUS_STATE_LOADED);
    for (size_t i = 0; i < 3; i += 2) {
        CHECK_NUMBER(entries_of(report, wanted[i], NULL, &entry), 1);
        CHECK_NUMBER(entry.state, NEXUS_STATE_MISSING);
        CHECK_STATUS(entry.status, NEXUS_ERR_NOT_FOUND);
        CHECK_TEXT(entry.path, "");
        CHECK_SEEN(entry.message[0] != '\0', "no message");
    }
    nexus_report_free(report);
    nexus_loader_free(loader);
}

/* A requested module that is there and fails is missing in the class's sense, too. */
CASE(requested_module_that_fails) {
    static Log log;
    nexus_log_set(log_line, &log, NEXUS_LOG_WARNING);
    NexusLoader *loader;
    const char *const wanted[] = {"broken"};
    CHECK_OK(nexus_loader_new(fixture("one_bad"), wanted, 1, &loader, &error));
    CHECK_NUMBER(nexus_loader_count(loader), 0);
    CHECK_CONTAINS(log.text, "Failed to load module broken: ");
    CHECK_CONTAINS(log.text, "Could not load requested modules: {'broken'}");
    nexus_loader_free(loader);
}

/* The class's complete example. */
CASE(complete_example) {
    NexusLoader *loader = open_all("documented");
    char encrypted[256], decrypted[256], status[256];

    NexusObject *crypto = get(loader, "crypto");
    text_of(call1(crypto, "encrypt", text_value("Hello, World!")), encrypted, sizeof encrypted);
    CHECK(strcmp(encrypted, "Hello, World!") != 0);
    text_of(call1(crypto, "decrypt", text_value(encrypted)), decrypted, sizeof decrypted);
    CHECK_TEXT(decrypted, "Hello, World!");

    NexusObject *network = get(loader, "network");
    NexusValue address[] = {text_value("192.168.1.1"), nexus_value_integer(8080)};
    NexusValue none = call(network, "connect", address, 2);
    CHECK_NUMBER(none.kind, NEXUS_KIND_NONE);
    nexus_value_clear(&none);
    text_of(call0(network, "get_status"), status, sizeof status);
    CHECK_TEXT(status, "connected to 192.168.1.1:8080");

    NexusObject *database = get(loader, "database");
    NexusValue server[] = {text_value("localhost"), nexus_value_integer(5432), text_value("mydb")};
    discard(call(database, "connect", server, 3));
    NexusValue rows = call1(database, "query", text_value("SELECT * FROM users LIMIT 5"));
    CHECK_NUMBER(rows.kind, NEXUS_KIND_OBJECT);
    CHECK_NUMBER(integer_of(call0(rows.as.object, "__len__")), 5);
    nexus_value_clear(&rows);

    FREE_OBJECTS(crypto, network, database);
    nexus_loader_free(loader);
}

CASE(cleanup_on_free) {
    for (uint32_t flag = 0; flag <= NEXUS_LOADER_CLEANUP_ON_FREE; flag += NEXUS_LOADER_CLEANUP_ON_FREE) {
        NexusLoader *loader = open_with(fixture("documented"), (NexusLoaderOptions){.flags = flag});
        NexusObject *database = get(loader, "database");
        NexusValue server[] = {text_value("localhost"), nexus_value_integer(5432), text_value("mydb")};
        discard(call(database, "connect", server, 3));
        nexus_loader_free(loader);
        NexusValue connected = call0(database, "is_connected");
        CHECK_NUMBER(connected.kind, NEXUS_KIND_BOOLEAN);
        CHECK_NUMBER(connected.as.boolean, flag == 0);
        nexus_object_free(database);
    }
}
