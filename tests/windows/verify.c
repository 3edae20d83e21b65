/* NEXUS_LOADER_VERIFY on Windows: only files on a list of checksums are opened, and nobody can change them until they
 * are mapped. */
#include "report_check.h"

#include <windows.h>

static void copy(const char *from, const char *to) { CHECK_SEEN(CopyFileA(from, to, FALSE), "%s, %s", from, to); }

/* A fresh directory with copies of the three documented modules. */
static const char *modules(void)
{
    static char path[4096];
    static const char *const names[] = {"crypto.pyd", "database.pyd", "network.pyd"};
    snprintf(path, sizeof path, "%s", scratch("modules"));
    CHECK(CreateDirectoryA(path, NULL));
    for (int i = 0; i < 3; i++) copy(joined(fixture("documented"), names[i]), joined(path, names[i]));
    return path;
}

/* Writes the list of these files of a directory, as sha256sum does. */
static void write_list(const char *path, const char *files)
{
    static char code[16384];
    snprintf(code, sizeof code,
             "import hashlib\n"
             "folder = r'%s'\n"
             "with open(folder + '/SHA256SUMS', 'w') as sums:\n"
             "    for name in '%s'.split():\n"
             "        with open(folder + '/' + name, 'rb') as file:\n"
             "            sums.write(hashlib.sha256(file.read()).hexdigest() + '  ' + name + '\\n')\n",
             path, files);
    run_python(code);
}

static NexusLoader *open_verified(const char *path)
{
    NexusLoader *loader = open_with(path, (NexusLoaderOptions){.flags = NEXUS_LOADER_VERIFY});
    CHECK(loader != NULL);
    return loader;
}

CASE(only_what_is_listed_and_unchanged)
{
    const char *path = modules();
    write_list(path, "crypto.pyd database.pyd");
    FILE *file = fopen(joined(path, "database.pyd"), "ab");
    CHECK(file && fputc(0, file) == 0 && fclose(file) == 0);
    NexusLoader *loader = open_verified(path);
    check_entry(loader, "crypto", NEXUS_STATE_LOADED, 0, "");
    check_entry(loader, "database", NEXUS_STATE_FAILED, NEXUS_DETAIL_HASH_DIFFERS, "");
    check_entry(loader, "network", NEXUS_STATE_FAILED, NEXUS_DETAIL_NOT_ON_ALLOW_LIST, "");
    NexusObject *crypto = get(loader, "crypto");
    CHECK(crypto != NULL);
    nexus_object_free(crypto);
    nexus_loader_free(loader);
}

/* What others have open for writing could change after it was compared. */
CASE(what_others_may_write_is_not_opened)
{
    const char *path = modules();
    write_list(path, "crypto.pyd database.pyd network.pyd");
    HANDLE writer = CreateFileA(joined(path, "crypto.pyd"), GENERIC_READ | GENERIC_WRITE,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(writer != INVALID_HANDLE_VALUE);
    NexusLoader *loader = open_verified(path);
    NexusReport *report = report_of(loader);
    NexusReportEntry entry;
    CHECK(entries_of(report, "crypto", NULL, &entry) == 1);
    CHECK_SEEN(entry.state == NEXUS_STATE_FAILED, "%s", entry.message);
    CHECK_CONTAINS(entry.message, "cannot read");
    nexus_report_free(report);
    check_entry(loader, "database", NEXUS_STATE_LOADED, 0, "");
    nexus_loader_free(loader);
    CloseHandle(writer);
}

CASE(no_list_and_nothing_is_opened)
{
    NexusLoader *loader = NULL;
    NexusLoaderOptions options = {.struct_size = sizeof options, .flags = NEXUS_LOADER_VERIFY};
    CHECK_FAILS(nexus_loader_open(modules(), &options, &loader, &error),
                NEXUS_ERR_NOT_ALLOWED, "there is no list of allowed files");
    CHECK(loader == NULL);
}

CASE(owners_and_modes_are_not_supported)
{
    const char *path = modules();
    write_list(path, "crypto.pyd");
    NexusLoader *loader = NULL;
    NexusLoaderOptions options = {.struct_size = sizeof options, .flags = NEXUS_LOADER_VERIFY | NEXUS_LOADER_STRICT};
    CHECK_FAILS(nexus_loader_open(path, &options, &loader, &error),
                NEXUS_ERR_NOT_SUPPORTED, "NEXUS_LOADER_STRICT is not supported on Windows");
}

/* A DLL beside a module is opened with it, so it must be on the list, too. */
CASE(libraries_beside_it_are_verified_too)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s", scratch("beside"));
    CHECK(CreateDirectoryA(path, NULL));
    copy(fixture("wheel/beside.pyd"), joined(path, "beside.pyd"));
    copy(fixture("wheel/libbeside_for_test.pyd"), joined(path, "libbeside_for_test.pyd"));
    write_list(path, "beside.pyd");
    NexusLoader *loader = open_with(path, (NexusLoaderOptions){.flags = NEXUS_LOADER_VERIFY});
    NexusReport *report = report_of(loader);
    NexusReportEntry entry;
    CHECK(entries_of(report, "beside", NULL, &entry) == 1);
    CHECK_SEEN(entry.state == NEXUS_STATE_FAILED, "%s", entry.message);
    CHECK_CONTAINS(entry.message, "does not list");
    nexus_report_free(report);
    nexus_loader_free(loader);
    write_list(path, "beside.pyd libbeside_for_test.pyd");
    loader = open_verified(path);
    check_entry(loader, "beside", NEXUS_STATE_LOADED, 0, "");
    nexus_loader_free(loader);
}
