/* A host that is linked with nothing: it opens the front locally, as plugins are opened. */
#include "check.h"
#include "nexus_loader.h"

#include <dlfcn.h>
#include <sys/stat.h>

static const char *setting(const char *name) {
    const char *value = getenv(name);
    if (!value) FAIL("%s is not set: run this with `cargo test -p nexus_tests`", name);
    return value;
}

static void *front;

static void *function(const char *name) {
    void *address = dlsym(front, name);
    if (!address) FAIL("%s", dlerror());
    return address;
}

/* nexus_NAME of the opened front, with its type from the header. */
#define F(name) ((__typeof__(&nexus_##name))function("nexus_" #name))

static void open_front(const char *folder, int flags) {
    char path[4096];
    snprintf(path, sizeof path, "%s/libnexus_loader.so", folder);
    front = dlopen(path, flags);
    if (!front) FAIL("%s", dlerror());
}

static NexusObject *open_module(const char *directory, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", setting("NEXUS_FIXTURES"), directory);
    NexusError *error = NULL;
    NexusLoader *loader = NULL;
    NexusObject *module = NULL;
    NexusStatus status = F(loader_new)(path, NULL, 0, &loader, &error);
    CHECK_SEEN(status == NEXUS_OK, "%s", F(error_message)(error));
    status = F(loader_get)(loader, name, &module, &error);
    CHECK_SEEN(status == NEXUS_OK, "%s", F(error_message)(error));
    F(loader_free)(loader);
    return module;
}

static void add(NexusObject *values) {
    NexusError *error = NULL;
    NexusValue args[] = {nexus_value_integer(40), nexus_value_integer(2)}, result;
    NexusStatus status = F(object_call_method)(values, "add", args, 2, &result, &error);
    CHECK_SEEN(status == NEXUS_OK, "%s", F(error_message)(error));
    CHECK(result.kind == NEXUS_KIND_INTEGER && result.as.integer == 42);
}

static void import_real_modules(void) {
    const char *const names[] = {"json", "_json", "array", "decimal", "ssl", "sqlite3", "asyncio", "ctypes"};
    for (size_t i = 0; i < COUNT(names); i++) {
        NexusError *error = NULL;
        NexusObject *module = NULL;
        NexusStatus status = F(import)(names[i], &module, &error);
        CHECK_SEEN(status == NEXUS_OK, "%s: %s", names[i], F(error_message)(error));
        F(object_free)(module);
    }
}

CASE(opened_locally) {
    open_front(setting("NEXUS_TEST_LIBRARIES"), RTLD_NOW | RTLD_LOCAL);
    CHECK(dlsym(RTLD_DEFAULT, "nexus_version_string") == NULL);
    CHECK(dlsym(RTLD_DEFAULT, "Py_IsInitialized") == NULL);
    NexusObject *values = open_module("values", "values");
    add(values);
    F(object_free)(values);
    import_real_modules();
    CHECK(dlsym(RTLD_DEFAULT, "nexus_version_string") == NULL);
}

CASE(opened_globally_and_lazily) {
    open_front(setting("NEXUS_TEST_LIBRARIES"), RTLD_LAZY | RTLD_GLOBAL);
    NexusObject *values = open_module("single", "values");
    add(values);
    F(object_free)(values);
}

static int is_mapped(const char *name) {
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    char line[8192];
    int found = 0;
    while (fgets(line, sizeof line, maps)) found |= strstr(line, name) != NULL;
    fclose(maps);
    return found;
}

/* Without a start there is no Python in the process: opening the front has no effect on the host. */
CASE(nothing_happens_before_first_use) {
    open_front(setting("NEXUS_TEST_LIBRARIES"), RTLD_NOW | RTLD_LOCAL);
    CHECK_TEXT(F(version_string)(), NEXUS_VERSION_STRING);
    CHECK_TEXT(F(status_string)(NEXUS_OK), "success");
    CHECK(!is_mapped("libpython"));
}

/* The libraries stay mapped: what they gave out goes on working. */
CASE(closed_by_the_host) {
    open_front(setting("NEXUS_TEST_LIBRARIES"), RTLD_NOW | RTLD_LOCAL);
    NexusObject *values = open_module("values", "values");
    __typeof__(&nexus_object_call_method) call_method = F(object_call_method);
    CHECK(dlclose(front) == 0);
    NexusValue args[] = {nexus_value_integer(40), nexus_value_integer(2)}, result;
    CHECK(call_method(values, "add", args, 2, &result, NULL) == NEXUS_OK);
    CHECK(result.as.integer == 42);
    open_front(setting("NEXUS_TEST_LIBRARIES"), RTLD_NOW | RTLD_LOCAL);
    add(values);
    F(object_free)(values);
}

CASE(opened_a_hundred_times) {
    for (int i = 0; i < 100; i++) {
        open_front(setting("NEXUS_TEST_LIBRARIES"), RTLD_NOW | RTLD_LOCAL);
        if (i == 50) F(object_free)(open_module("values", "values"));
        CHECK(dlclose(front) == 0);
    }
}

static void copy_library(const char *name, const char *folder) {
    char command[8192];
    snprintf(command, sizeof command, "mkdir -p '%s' && cp '%s/%s' '%s/'", folder, setting("NEXUS_TEST_LIBRARIES"),
             name, folder);
    CHECK_SEEN(system(command) == 0, "%s", command);
}

/* The engine is found beside the front, wherever that is. */
CASE(copied_to_another_folder) {
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/größe and blanks", setting("NEXUS_TEST_SCRATCH"));
    copy_library("libnexus_loader.so", folder);
    copy_library("libnexus_engine.so", folder);
    open_front(folder, RTLD_NOW | RTLD_LOCAL);
    NexusObject *values = open_module("values", "values");
    add(values);
    F(object_free)(values);
}

/* Without an engine of its own the front does not start a Python: a process has one start. */
static void refused_before_python_starts(const char *part) {
    NexusError *error = NULL;
    NexusObject *module = (NexusObject *)(uintptr_t)0x5a5a;
    CHECK(F(import)("sys", &module, &error) == NEXUS_ERR_ENGINE);
    CHECK(module == NULL);
    fprintf(stderr, "%s\n", F(error_message)(error));
    CHECK_CONTAINS(F(error_message)(error), "libnexus_engine");
    CHECK_CONTAINS(F(error_message)(error), setting("NEXUS_TEST_SCRATCH"));
    CHECK_CONTAINS(F(error_message)(error), part);
    CHECK_CONTAINS(F(error_path)(error), setting("NEXUS_TEST_SCRATCH"));
    F(error_free)(error);
    CHECK(!is_mapped("libpython"));
    CHECK(!is_mapped("libnexus_engine"));
}

/* Put there, the engine is found by the next call. */
static void then_it_works(void) {
    copy_library("libnexus_engine.so", setting("NEXUS_TEST_SCRATCH"));
    NexusObject *values = open_module("values", "values");
    add(values);
    F(object_free)(values);
}

static const char *engine_file(void) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/libnexus_engine.so", setting("NEXUS_TEST_SCRATCH"));
    return path;
}

/* A front without an engine, or with what the shell command makes of "$1", a copy of the engine. */
static void open_front_beside(const char *command) {
    char text[16384];
    copy_library("libnexus_loader.so", setting("NEXUS_TEST_SCRATCH"));
    if (command) {
        copy_library("libnexus_engine.so", setting("NEXUS_TEST_SCRATCH"));
        snprintf(text, sizeof text, "set -- '%s'\n%s", engine_file(), command);
        CHECK_SEEN(system(text) == 0, "%s", text);
    }
    open_front(setting("NEXUS_TEST_SCRATCH"), RTLD_NOW | RTLD_LOCAL);
}

CASE(engine_is_missing) {
    open_front_beside(NULL);
    refused_before_python_starts("ship both libraries in one folder");
    then_it_works();
}

CASE(engine_is_a_text) {
    open_front_beside("echo 'This engine was moved to another folder.' >\"$1\"");
    refused_before_python_starts("a text file, not a compiled module");
    then_it_works();
}

CASE(engine_is_another_library) {
    open_front_beside("cp \"${1%/*}/libnexus_loader.so\" \"$1\"");
    refused_before_python_starts("it is another library");
    then_it_works();
}

CASE(engine_is_cut_off) {
    open_front_beside("truncate -s 300000 \"$1\"");
    refused_before_python_starts("cannot be used");
    then_it_works();
}

CASE(engine_is_of_another_version) {
    open_front_beside("LC_ALL=C sed -i 's/nexus_engine_[0-9]/nexus_engine_9/g' \"$1\"");
    refused_before_python_starts("is of version 9.");
    then_it_works();
}
