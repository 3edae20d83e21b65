/* The interpreter's own extension modules, test modules included, opened in every way: afterwards the
 * standard library must be as healthy as before. */
#include "healthy.h"

#include <sys/stat.h>

static void check_folder(const char *folder, uint32_t flags) {
    NexusLoader *loader = open_with(folder, (NexusLoaderOptions){.flags = flags});
    they_are_what_python_imports(loader, modules_in(folder));
    standard_library_is_healthy();
    nexus_loader_free(loader);
    standard_library_is_healthy();
}

CASE(its_own_folder) { check_folder(setting("NEXUS_TEST_DYNLOAD"), 0); }

CASE(its_own_folder_recursively) { check_folder(setting("NEXUS_TEST_DYNLOAD"), NEXUS_LOADER_RECURSIVE); }

CASE(after_the_standard_library_was_used) {
    standard_library_is_healthy();
    check_folder(setting("NEXUS_TEST_DYNLOAD"), 0);
}

CASE(through_a_link) {
    const char *link = scratch("link");
    CHECK(symlink(setting("NEXUS_TEST_DYNLOAD"), link) == 0);
    check_folder(link, 0);
}

CASE(through_a_link_recursively) {
    const char *link = scratch("link");
    CHECK(symlink(setting("NEXUS_TEST_DYNLOAD"), link) == 0);
    check_folder(link, NEXUS_LOADER_RECURSIVE);
}

CASE(lazily) {
    const char *folder = setting("NEXUS_TEST_DYNLOAD");
    NexusLoader *loader = open_with(folder, (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY});
    NexusReport *report = report_of(loader);
    for (size_t i = 0; i < nexus_report_count(report); i++) {
        NexusReportEntry entry;
        CHECK_STATUS(nexus_report_at(report, i, &entry), NEXUS_OK);
        CHECK_SEEN(entry.state == NEXUS_STATE_LAZY, "%s: %s", entry.name, entry.message);
        NexusObject *module;
        CHECK_SEEN(nexus_loader_get(loader, entry.name, &module, NULL) == NEXUS_OK, "%s", entry.name);
        nexus_object_free(module);
    }
    nexus_report_free(report);
    they_are_what_python_imports(loader, modules_in(folder));
    standard_library_is_healthy();
    nexus_loader_free(loader);
}

/* `for_each` with the path of each module and the path that it gets in a new folder. */
static const char *folder_of(const char *name, void (*for_each)(const char *from, const char *to)) {
    static char to[4096];
    snprintf(to, sizeof to, "%s", scratch(name));
    const char *from = setting("NEXUS_TEST_DYNLOAD");
    CHECK(mkdir(to, 0777) == 0);
    DIR *directory = opendir(from);
    CHECK(directory != NULL);
    for (struct dirent *entry; (entry = readdir(directory));) {
        const char *suffix = strrchr(entry->d_name, '.');
        if (suffix && strcmp(suffix, ".so") == 0) for_each(joined(from, entry->d_name), joined(to, entry->d_name));
    }
    closedir(directory);
    return to;
}

static void link_file(const char *from, const char *to) { CHECK(symlink(from, to) == 0); }

static void copy_file(const char *from, const char *to) {
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    CHECK(in && out);
    char buffer[65536];
    for (size_t size; (size = fread(buffer, 1, sizeof buffer, in)) > 0;)
        CHECK(fwrite(buffer, 1, size, out) == size);
    CHECK(fclose(in) == 0 && fclose(out) == 0);
}

CASE(links_to_its_files) { check_folder(folder_of("links", link_file), 0); }

/* As a program has them that brings a Python along. */
CASE(copies_of_its_files) { check_folder(folder_of("copies", copy_file), 0); }

CASE(copies_of_its_files_recursively) { check_folder(folder_of("copies", copy_file), NEXUS_LOADER_RECURSIVE); }

static void copy_file_and_more(const char *from, const char *to) {
    copy_file(from, to);
    FILE *out = fopen(to, "ab");
    CHECK(out && fputs("Another build.", out) >= 0 && fclose(out) == 0);
}

/* The same modules of another installation are other files. Those that could do harm are refused; the
 * others are given to whoever asks the loader for them, and Python code goes on importing its own. */
static void check_other_builds(void) {
    const char *folder = folder_of("others", copy_file_and_more);
    NexusLoader *loader = open_with(folder, (NexusLoaderOptions){.flags = 0});
    NexusReport *report = report_of(loader);
    CHECK_NUMBER(nexus_report_count(report), modules_in(folder));
    size_t refused = 0;
    for (size_t i = 0; i < nexus_report_count(report); i++) {
        NexusReportEntry entry;
        CHECK_STATUS(nexus_report_at(report, i, &entry), NEXUS_OK);
        if (entry.state == NEXUS_STATE_LOADED) continue;
        CHECK(entry.state == NEXUS_STATE_FAILED);
        CHECK_SEEN(entry.message[0] != '\0', "%s: no reason", entry.name);
        if (entry.detail != NEXUS_DETAIL_STANDARD_LIBRARY_NAME) continue;
        CHECK_CONTAINS(entry.message, "standard library");
        refused++;
    }
    CHECK(refused > 10);
    nexus_report_free(report);
    standard_library_is_healthy();
    run_python("import sys\n"
               "for name in sorted(sys.stdlib_module_names):\n"
               "    file = getattr(sys.modules.get(name), '__file__', None) or ''\n"
               "    assert '/others/' not in file, (name, file)\n");
    nexus_loader_free(loader);
    standard_library_is_healthy();
}

CASE(other_builds_of_its_files) { check_other_builds(); }

CASE(other_builds_of_its_files_after_the_standard_library_was_used) {
    standard_library_is_healthy();
    check_other_builds();
}

/* `lib/python3.12` itself, whatever is installed in it. */
CASE(the_whole_library_recursively) {
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", setting("NEXUS_TEST_DYNLOAD"));
    char *slash = strrchr(folder, '/');
    CHECK(slash != NULL);
    *slash = '\0';
    NexusLoader *loader = open_with(folder, (NexusLoaderOptions){.flags = NEXUS_LOADER_RECURSIVE});
    NexusReport *report = report_of(loader);
    size_t own = 0;
    for (size_t i = 0; i < nexus_report_count(report); i++) {
        NexusReportEntry entry;
        CHECK_STATUS(nexus_report_at(report, i, &entry), NEXUS_OK);
        const char *found = strstr(entry.path, "/lib-dynload/");
        own += found != NULL;
        if (found && entry.state != NEXUS_STATE_LOADED) CHECK_SEEN(entry.message[0] != '\0', "%s", entry.path);
    }
    CHECK_NUMBER(own, modules_in(setting("NEXUS_TEST_DYNLOAD")));
    nexus_report_free(report);
    standard_library_is_healthy();
    nexus_loader_free(loader);
}
