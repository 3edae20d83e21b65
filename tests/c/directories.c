/* Directories: very many files, files that come and go, odd paths. */
#include "files.h"
#include "marks.h"
#include "report_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static void answers(const NexusLoader *loader, const char *name) {
    NexusObject *module = get(loader, name);
    CHECK_NUMBER(integer_of(call0(module, "answer")), 42);
    nexus_object_free(module);
}

static void make_directory(const char *path) { CHECK_SEEN(mkdir(path, 0700) == 0, "%s", path); }

/* --- Ten thousand files ------------------------------------------------------------------------------- */

enum { ALL = 10000, MODULES = 100, TEXTS = 900 };

/* Links to one file of modules, one helper and one text: the names count here, not the disk. */
static void make_many(const char *path) {
    char directory[4096];
    snprintf(directory, sizeof directory, "%s", path);
    make_directory(directory);
    const char *text = joined(directory, "text_0000.so");
    FILE *stream = fopen(text, "w");
    CHECK(stream && fputs("no module\n", stream) >= 0 && fclose(stream) == 0);
    copy_file(fixture("many/parts.so"), joined(directory, "part_00.so"));
    copy_file(fixture("odd/helper.so"), joined(directory, "help_0000.so"));
    char name[64];
    for (int i = 1; i < ALL; i++) {
        if (i < MODULES) {
            snprintf(name, sizeof name, "part_%02d.so", i);
            CHECK(link(joined(directory, "part_00.so"), joined(directory, name)) == 0);
        }
        if (i < TEXTS) {
            snprintf(name, sizeof name, "text_%04d.so", i);
            CHECK(link(joined(directory, "text_0000.so"), joined(directory, name)) == 0);
        }
        if (i < ALL - TEXTS - MODULES) {
            snprintf(name, sizeof name, "help_%04d.so", i);
            CHECK(link(joined(directory, "help_0000.so"), joined(directory, name)) == 0);
        }
    }
}

static void forget(uint32_t level, const char *text, void *user_data) { (void)level, (void)text, (void)user_data; }

CASE(ten_thousand_files) {
    begin_marks();
    make_many(scratch("many"));
    nexus_log_set(forget, NULL, NEXUS_LOG_ERROR);
    NexusLoader *loader = open_with(scratch("many"), (NexusLoaderOptions){0});
    CHECK_NUMBER(nexus_loader_count(loader), MODULES);
    NexusReport *report = report_of(loader);
    CHECK_NUMBER(nexus_report_count(report), ALL);
    NexusReportEntry last = {.name = ""};
    for (size_t i = 0; i < ALL; i++) {
        NexusReportEntry entry;
        CHECK_STATUS(nexus_report_at(report, i, &entry), NEXUS_OK);
        CHECK(strcmp(last.name, entry.name) < 0);
        last = entry;
        NexusState state = strncmp(entry.name, "part", 4) == 0   ? NEXUS_STATE_LOADED
                           : strncmp(entry.name, "text", 4) == 0 ? NEXUS_STATE_FAILED
                                                                 : NEXUS_STATE_SKIPPED;
        CHECK_SEEN(entry.state == state, "%s: %d %s", entry.name, entry.state, entry.message);
    }
    nexus_report_free(report);
    answers(loader, "part_00");
    answers(loader, "part_99");
    CHECK(!nexus_loader_contains(loader, "help_0001"));
    /* One of all the names is the first that the linker sees, and it opens the file once. */
    CHECK_NUMBER(read_marks()->count, 1);
    nexus_loader_free(loader);

    const char *const names[] = {"part_5?", "text_0001"};
    NexusLoaderOptions options = {.flags = NEXUS_LOADER_LAZY, .modules = names, .module_count = 2};
    loader = open_with(scratch("many"), options);
    CHECK_NUMBER(nexus_loader_count(loader), 11);
    answers(loader, "part_55");
    NexusObject *module = NULL;
    CHECK_STATUS(nexus_loader_get(loader, "text_0001", &module, NULL), NEXUS_ERR_LOAD_FAILED);
    loaded(loader, 10);
}

/* --- Files that come and go --------------------------------------------------------------------------- */

/* Called between the scan and the load. */
static int32_t remove_it(const char *name, const char *path, void *user_data) {
    if (strcmp(name, user_data) == 0) CHECK(unlink(path) == 0);
    return 1;
}

static int32_t cut_it(const char *name, const char *path, void *user_data) {
    if (strcmp(name, user_data) != 0) return 1;
    /* Replaced, as installers do: cut off in place it would be a file that changes while it is mapped. */
    CHECK(unlink(path) == 0);
    FILE *stream = fopen(path, "w");
    CHECK(stream && fputs("\x7f"
                          "ELF",
                          stream) >= 0 &&
          fclose(stream) == 0);
    return 1;
}

static void copy_documented(void) {
    make_directory(scratch("modules"));
    static const char *const names[] = {"crypto.so", "database.so", "network.so"};
    for (int i = 0; i < 3; i++)
        copy_file(joined(fixture("documented"), names[i]), joined(scratch("modules"), names[i]));
}

CASE(a_file_vanishes_after_the_scan) {
    copy_documented();
    NexusLoader *loader =
        open_with(scratch("modules"), (NexusLoaderOptions){.filter = remove_it, .user_data = "database"});
    check_entry(loader, "crypto", NEXUS_STATE_LOADED, 0, "");
    check_entry(loader, "database", NEXUS_STATE_FAILED, NEXUS_DETAIL_VANISHED, "");
    check_entry(loader, "network", NEXUS_STATE_LOADED, 0, "");
    nexus_loader_free(loader);
}

CASE(a_file_is_replaced_by_a_damaged_one_after_the_scan) {
    copy_documented();
    NexusLoader *loader = open_with(scratch("modules"), (NexusLoaderOptions){.filter = cut_it, .user_data = "database"});
    check_entry(loader, "database", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRUNCATED, "");
    check_entry(loader, "network", NEXUS_STATE_LOADED, 0, "");
    nexus_loader_free(loader);
}

/* Later it is tried again by whoever opens the directory. */
CASE(a_lazy_file_vanishes_and_comes_back) {
    copy_documented();
    NexusObject *module = NULL;
    NexusLoader *loader = open_with(scratch("modules"), (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY});
    CHECK(unlink(joined(scratch("modules"), "database.so")) == 0);
    CHECK_ERROR(nexus_loader_get(loader, "database", &module, &error), NEXUS_ERR_LOAD_FAILED);
    CHECK_NUMBER(nexus_error_detail(error), NEXUS_DETAIL_VANISHED);
    CHECK_TEXT(nexus_error_path(error), joined(scratch("modules"), "database.so"));
    DROP(error);
    check_entry(loader, "database", NEXUS_STATE_FAILED, NEXUS_DETAIL_VANISHED, "");
    copy_file(fixture("documented/database.so"), joined(scratch("modules"), "database.so"));
    loaded(open_with(scratch("modules"), (NexusLoaderOptions){0}), 3);
    nexus_loader_free(loader);
}

/* A loaded module lives on without its file, and without its directory. */
CASE(the_directory_is_removed_while_modules_are_used) {
    copy_documented();
    NexusLoader *loader = open_with(scratch("modules"), (NexusLoaderOptions){0});
    NexusObject *crypto = get(loader, "crypto");
    static const char *const names[] = {"crypto.so", "database.so", "network.so"};
    for (int i = 0; i < 3; i++) CHECK(unlink(joined(scratch("modules"), names[i])) == 0);
    CHECK(rmdir(scratch("modules")) == 0);
    discard(call1(crypto, "encrypt", nexus_value_text("x", 1)));
    NexusLoader *gone = NULL;
    CHECK_REFUSED(nexus_loader_new(scratch("modules"), NULL, 0, &gone, &error), NEXUS_ERR_NOT_FOUND);
    nexus_object_free(crypto);
    nexus_loader_free(loader);
}

/* --- Paths -------------------------------------------------------------------------------------------- */

CASE(a_relative_directory_and_chdir) {
    CHECK(chdir(setting("NEXUS_FIXTURES")) == 0);
    NexusLoader *loader = open_with("documented", (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY});
    CHECK(chdir("/") == 0);
    nexus_object_free(get(loader, "crypto"));
    NexusReport *report = report_of(loader);
    NexusReportEntry entry;
    CHECK_NUMBER(entries_of(report, "crypto", NULL, &entry), 1);
    CHECK_TEXT(entry.path, fixture("documented/crypto.so"));
    nexus_report_free(report);
    /* Nor is there a folder that means something else now. */
    CHECK_PYTHON("not any(p in ('', '.', 'documented') for p in __import__('sys').path)");
    nexus_loader_free(loader);
}

/* A directory that is no longer there, under the process. */
CASE(a_relative_directory_without_a_current_one) {
    make_directory(scratch("here"));
    CHECK(chdir(scratch("here")) == 0 && rmdir(scratch("here")) == 0);
    NexusLoader *loader = NULL;
    CHECK(nexus_loader_new("modules", NULL, 0, &loader, &error) == NEXUS_ERR_NOT_FOUND);
    DROP(error);
    CHECK_OK(nexus_loader_new(fixture("documented"), NULL, 0, &loader, &error));
    loaded(loader, 3);
}

/* Below a directory in other bytes than UTF-8, Python 3.12 and later load nothing themselves. */
CASE(a_directory_in_other_bytes) {
    begin_marks();
    char directory[4096];
    snprintf(directory, sizeof directory, "%s/caf\xe9", setting("NEXUS_TEST_SCRATCH"));
    make_directory(directory);
    static const char *const names[] = {"a_good.so", "m_good.so", "raises_value_error.so", "returns_null.so"};
    for (int i = 0; i < 4; i++) copy_file(joined(fixture("odd"), names[i]), joined(directory, names[i]));
    copy_file(fixture("values/values.so"), joined(directory, "values.so"));
    for (uint32_t flags = 0; flags <= NEXUS_LOADER_TRIAL; flags += NEXUS_LOADER_TRIAL) {
        NexusLoader *loader = open_with(directory, (NexusLoaderOptions){.flags = flags});
        CHECK_NUMBER(nexus_loader_count(loader), 3);
        answers(loader, "a_good");
        answers(loader, "m_good");
        check_entry(loader, "raises_value_error", NEXUS_STATE_FAILED, NEXUS_DETAIL_INIT_RAISED, "");
        check_entry(loader, "returns_null", NEXUS_STATE_FAILED, NEXUS_DETAIL_INIT_RETURNED_NULL, "");
        NexusReport *report = report_of(loader);
        NexusReportEntry entry;
        CHECK_NUMBER(entries_of(report, "a_good", NULL, &entry), 1);
        CHECK_TEXT(entry.path, joined(directory, "a_good.so"));
        nexus_report_free(report);
        NexusObject *module = get(loader, "m_good");
        NexusValue file = evaluate_with("__import__('os').fsencode(it.__file__)", nexus_value_object(module));
        CHECK_NUMBER(file.kind, NEXUS_KIND_BYTES);
        CHECK_TEXT(file.as.text.data, joined(directory, "m_good.so"));
        nexus_value_clear(&file);
        nexus_object_free(module);
        nexus_loader_free(loader);
    }
}

/* Two such directories have modules of one name each: they stay two. */
CASE(two_directories_in_other_bytes) {
    char directories[2][4096];
    NexusLoader *loaders[2];
    for (int i = 0; i < 2; i++) {
        snprintf(directories[i], sizeof directories[i], "%s/%d\xe9", setting("NEXUS_TEST_SCRATCH"), i);
        make_directory(directories[i]);
        copy_file(fixture(i ? "single_which/b.so" : "single_which/a.so"), joined(directories[i], "which.so"));
        loaders[i] = open_with(directories[i], (NexusLoaderOptions){0});
    }
    for (int i = 0; i < 2; i++) {
        NexusValue value;
        NexusObject *module = get(loaders[i], "which");
        CHECK_GIVES_TEXT(nexus_object_attr(module, "which", &value, &error), value, i ? "b" : "a");
        nexus_object_free(module);
        nexus_loader_free(loaders[i]);
    }
}

/* As deep as the system lets paths be. */
CASE(a_very_long_path) {
    char directory[8192], part[201];
    memset(part, 'd', sizeof part - 1);
    part[sizeof part - 1] = '\0';
    snprintf(directory, sizeof directory, "%s", setting("NEXUS_TEST_SCRATCH"));
    while (strlen(directory) + sizeof part + 32 < 4096) {
        strcat(strcat(directory, "/"), part);
        make_directory(directory);
    }
    copy_file(fixture("odd/a_good.so"), joined(directory, "a_good.so"));
    NexusLoader *loader = open_with(directory, (NexusLoaderOptions){0});
    answers(loader, "a_good");
    nexus_loader_free(loader);
    /* And one that is too long for it. */
    memset(directory, 'd', sizeof directory - 1);
    directory[sizeof directory - 1] = '\0';
    NexusStatus status = nexus_loader_new(directory, NULL, 0, &loader, &error);
    CHECK_SEEN(status == NEXUS_ERR_NOT_FOUND || status == NEXUS_ERR_IO, "%d", status);
    CHECK(nexus_error_message(error)[0] != '\0');
    DROP(error);
}
