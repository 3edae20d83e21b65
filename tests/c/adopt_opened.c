/* A host that has opened a libpython itself, locally, so that nobody sees its symbols. */
#include "nexus_check.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

static void *open_locally(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) FAIL("%s", dlerror());
    return library;
}

static void *symbol(void *library, const char *name) {
    void *address = dlsym(library, name);
    if (!address) FAIL("%s", dlerror());
    return address;
}

/* The host starts it and gives the GIL back. */
static void *host_starts(void *library) {
    setenv("PYTHONHOME", setting("NEXUS_TEST_PREFIX"), 1);
    ((void (*)(int))symbol(library, "Py_InitializeEx"))(0);
    unsetenv("PYTHONHOME");
    return ((void *(*)(void))symbol(library, "PyEval_SaveThread"))();
}

static void use_fixtures(void) {
    NexusLoader *loader = open_all("values");
    NexusObject *values = get(loader, "values");
    NexusValue args[] = {nexus_value_integer(40), nexus_value_integer(2)};
    CHECK_NUMBER(integer_of(call(values, "add", args, 2)), 42);
    nexus_object_free(values);
    nexus_loader_free(loader);
    /* Modules whose undefined symbols must find the libpython. */
    CHECK_OK(nexus_loader_new(setting("NEXUS_TEST_DYNLOAD"), NULL, 0, &loader, &error));
    CHECK(nexus_loader_count(loader) > 30);
    nexus_loader_free(loader);
}

static void check_info(int owned) {
    NexusPythonInfo info = {.struct_size = sizeof info};
    CHECK_OK(nexus_python_info(&info, &error));
    CHECK_NUMBER(info.owned, owned);
    struct stat seen, expected;
    CHECK(stat(info.library, &seen) == 0 && stat(setting("NEXUS_TEST_LIBPYTHON"), &expected) == 0);
    CHECK(seen.st_ino == expected.st_ino);
}

CASE(opened_locally_and_started) {
    void *library = open_locally(setting("NEXUS_TEST_LIBPYTHON"));
    CHECK(dlsym(RTLD_DEFAULT, "Py_IsInitialized") == NULL);
    void *state = host_starts(library);
    use_fixtures();
    check_info(0);
    ((void (*)(void *))symbol(library, "PyEval_RestoreThread"))(state);
    CHECK(((int (*)(void))symbol(library, "Py_FinalizeEx"))() == 0);
}

CASE(opened_locally_and_not_started) {
    open_locally(setting("NEXUS_TEST_LIBPYTHON"));
    use_fixtures();
    check_info(1);
}

CASE(opened_globally_and_started) {
    void *library = dlopen(setting("NEXUS_TEST_LIBPYTHON"), RTLD_NOW | RTLD_GLOBAL);
    CHECK(library != NULL);
    host_starts(library);
    unsetenv("NEXUS_PYTHON");
    use_fixtures();
    check_info(0);
}

/* A copy is another libpython. */
static const char *copy(void) {
    const char *path = scratch("libpython-copy.so");
    int in = open(setting("NEXUS_TEST_LIBPYTHON"), O_RDONLY), out = open(path, O_WRONLY | O_CREAT, 0755);
    struct stat status;
    CHECK(in >= 0 && out >= 0 && fstat(in, &status) == 0);
    for (off_t left = status.st_size; left > 0;) {
        ssize_t copied = sendfile(out, in, NULL, (size_t)left);
        CHECK(copied > 0);
        left -= copied;
    }
    close(in);
    close(out);
    return path;
}

static void check_conflict(const char *other) {
    NexusLoader *loader = (NexusLoader *)(uintptr_t)0x5a5a;
    CHECK_ERROR(nexus_loader_new(fixture("values"), NULL, 0, &loader, &error), NEXUS_ERR_PYTHON_CONFLICT);
    CHECK(loader == NULL);
    char *real = realpath(setting("NEXUS_TEST_LIBPYTHON"), NULL);
    CHECK_CONTAINS(nexus_error_message(error), strrchr(real, '/') + 1);
    CHECK_CONTAINS(nexus_error_message(error), other);
    free(real);
    DROP(error);
}

CASE(two_libpythons) {
    const char *other = copy();
    open_locally(setting("NEXUS_TEST_LIBPYTHON"));
    open_locally(other);
    check_conflict(other);
}

CASE(two_libpythons_of_which_one_runs) {
    const char *other = copy();
    void *library = open_locally(setting("NEXUS_TEST_LIBPYTHON"));
    host_starts(library);
    open_locally(other);
    check_conflict(other);
}
