/* Opens a whole tree of real modules in one process, as a host would, and tells everything about it:
 *
 *     tree FOLDER OUTPUT [FLAGS]
 *
 * with NEXUS_LOADER_RECURSIVE and those FLAGS, a number. What is lazy is asked for, one after the other.
 *
 * Not a program of cases: the harness compares OUTPUT with what Python's own `import` makes of the same
 * tree. Its lines, with tabs between the fields:
 *
 *     file     PATH VERDICT DETAIL PROBLEMS             of nexus_inspect, before Python has started
 *     entry    PATH NAME STATE STATUS DETAIL MESSAGE    of the loader's report
 *     effect   PATH LINE                                what loading it did to the process
 *     mapped   PATH                                     a file below the folder that the linker has opened
 *     number   NAME VALUE
 *
 * It ends with exit code 1 if anything does not hold that needs no comparison. */
#define CHECK_OWN_MAIN
#include "healthy.h"

#include <ftw.h>
#include <limits.h>
#include <sys/resource.h>
#include <time.h>

static FILE *output;

/* One field: what would end it or its line becomes a blank. */
static void field(const char *text) {
    fputc('\t', output);
    for (; *text; text++) fputc(*text == '\t' || *text == '\n' || *text == '\r' ? ' ' : *text, output);
}

static void number(const char *name, double value) {
    char text[64];
    snprintf(text, sizeof text, "%.0f", value);
    fputs("number", output);
    field(name);
    field(text);
    fputc('\n', output);
}

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static size_t threads(void) {
    FILE *status = fopen("/proc/self/status", "r");
    CHECK(status != NULL);
    char line[256];
    size_t count = 0;
    while (fgets(line, sizeof line, status)) sscanf(line, "Threads: %zu", &count);
    fclose(status);
    return count;
}

/* --- Inspection --------------------------------------------------------------------------------- */

static double inspection_milliseconds;

static int inspect_one(const char *path, const struct stat *facts, int kind, struct FTW *walk) {
    (void)facts;
    const char *suffix = strrchr(path + walk->base, '.');
    if (kind != FTW_F || !suffix || (strcmp(suffix, ".so") != 0 && strcmp(suffix, ".pyd") != 0)) return 0;
    static const char *const verdicts[] = {"none", "module", "helper", "hopeless"};
    NexusInspection *inspection;
    double start = milliseconds();
    CHECK_OK(nexus_inspect(path, &inspection, &error));
    inspection_milliseconds += milliseconds() - start;
    fputs("file", output);
    field(path);
    NexusInspectionFacts found = {.struct_size = sizeof found};
    CHECK_OK(nexus_inspection_facts(inspection, &found, &error));
    field(verdicts[found.verdict]);
    field(nexus_detail_name(found.detail));
    fputc('\t', output);
    for (size_t i = 0; i < found.problems.count; i++) fprintf(output, "%s%s", i ? " | " : "", found.problems.items[i]);
    fputc('\n', output);
    nexus_inspection_free(inspection);
    return 0;
}

/* --- Loading ------------------------------------------------------------------------------------ */

static NexusReportEntry entry_at(const NexusReport *report, size_t index) {
    NexusReportEntry entry;
    CHECK_STATUS(nexus_report_at(report, index, &entry), NEXUS_OK);
    return entry;
}

static NexusLoader *open_tree(const char *folder, uint32_t flags) {
    NexusLoader *loader = open_with(folder, (NexusLoaderOptions){.flags = flags | NEXUS_LOADER_RECURSIVE});
    if (flags & NEXUS_LOADER_LAZY) {
        NexusReport *report = report_of(loader);
        for (size_t i = 0; i < nexus_report_count(report); i++) {
            NexusReportEntry entry = entry_at(report, i);
            CHECK_SEEN(entry.state != NEXUS_STATE_LOADED, "%s was not asked for", entry.path);
            NexusObject *module = NULL;
            if (entry.state == NEXUS_STATE_LAZY) nexus_loader_get(loader, entry.name, &module, NULL);
            nexus_object_free(module);
        }
        nexus_report_free(report);
    }
    return loader;
}

static const char *stem(const char *name) {
    const char *last = strrchr(name, '.');
    return last ? last + 1 : name;
}

/* Each module by its whole name, which is what `import` gives; by its stem where that is unambiguous. */
static void modules_can_be_got(const NexusLoader *loader, const NexusReport *report) {
    size_t count = nexus_report_count(report);
    for (size_t i = 0; i < count; i++) {
        NexusReportEntry entry = entry_at(report, i);
        if (entry.state != NEXUS_STATE_LOADED) {
            CHECK_SEEN(entry.message[0] != '\0', "%s: no reason", entry.path);
            continue;
        }
        CHECK_TEXT(entry.message, "");
        CHECK_SEEN(nexus_loader_contains(loader, entry.name), "%s", entry.name);
        NexusObject *module = get(loader, entry.name), *imported = import(entry.name);
        NexusValue same = nexus_value_none(), ours = nexus_value_object(module);
        NexusObject *operators = import("operator");
        NexusValue both[] = {ours, nexus_value_object(imported)};
        same = call(operators, "is_", both, 2);
        CHECK_SEEN(same.as.boolean, "%s: `import` gives another module", entry.name);
        FREE_OBJECTS(operators, imported);

        size_t others = 0;
        bool is_whole_name = false;
        for (size_t j = 0; j < count; j++) {
            NexusReportEntry other = entry_at(report, j);
            is_whole_name |= strcmp(other.name, stem(entry.name)) == 0;
            /* What was skipped or refused before it was tried is no choice. */
            others += j != i && other.state != NEXUS_STATE_SKIPPED && strcmp(stem(other.name), stem(entry.name)) == 0;
        }
        NexusObject *by_stem;
        NexusStatus status = nexus_loader_get(loader, stem(entry.name), &by_stem, &error);
        if (others == 0)
            CHECK_SEEN(status == NEXUS_OK, "%s: %s", stem(entry.name), nexus_error_message(error));
        else if (!is_whole_name)
            CHECK_SEEN(status == NEXUS_ERR_AMBIGUOUS && strstr(nexus_error_message(error), entry.name),
                       "%s: %d %s", stem(entry.name), (int)status, nexus_error_message(error));
        nexus_object_free(by_stem);
        nexus_error_free(error);
        nexus_object_free(module);
    }
}

static void tell_entries(const NexusReport *report) {
    static const char *const states[] = {"loaded", "lazy", "failed", "skipped", "missing"};
    CHECK(NEXUS_STATE_LOADED == 0 && NEXUS_STATE_LAZY == 1 && NEXUS_STATE_FAILED == 2 && NEXUS_STATE_SKIPPED == 3);
    for (size_t i = 0; i < nexus_report_count(report); i++) {
        NexusReportEntry entry = entry_at(report, i);
        fputs("entry", output);
        field(entry.path);
        field(entry.name);
        field(states[entry.state]);
        field(nexus_status_string(entry.status));
        field(nexus_detail_name(entry.detail));
        field(entry.message);
        fputc('\n', output);
    }
}

static void tell_effects(const NexusReport *report) {
    for (size_t i = 0; i < nexus_report_count(report); i++) {
        NexusNames *effects;
        CHECK_OK(nexus_report_effects(report, i, &effects, &error));
        for (size_t j = 0; j < nexus_names_count(effects); j++) {
            fputs("effect", output);
            field(entry_at(report, i).path);
            field(nexus_names_at(effects, j));
            fputc('\n', output);
        }
        nexus_names_free(effects);
    }
}

static void tell_mapped(const char *folder) {
    char real[PATH_MAX], line[PATH_MAX + 256], last[sizeof line] = "";
    CHECK(realpath(folder, real) != NULL);
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    while (fgets(line, sizeof line, maps)) {
        line[strcspn(line, "\n")] = '\0';
        const char *path = strchr(line, '/');
        if (!path || strcmp(path, last) == 0 || strncmp(path, real, strlen(real)) != 0) continue;
        snprintf(last, sizeof last, "%s", path);
        fputs("mapped", output);
        field(path);
        fputc('\n', output);
    }
    fclose(maps);
}

/* Nothing is loaded again, and what failed fails again. */
static void a_second_loader_shares_all(const char *folder, uint32_t flags, const NexusReport *report) {
    NexusLoader *second = open_tree(folder, flags);
    NexusReport *other = report_of(second);
    CHECK_NUMBER(nexus_report_count(other), nexus_report_count(report));
    for (size_t i = 0; i < nexus_report_count(report); i++) {
        NexusReportEntry one = entry_at(report, i), two = entry_at(other, i);
        CHECK_TEXT(two.path, one.path);
        CHECK_SEEN(one.state == two.state, "%s: %d, then %d: %s", one.path, (int)one.state, (int)two.state,
                   two.message);
    }
    nexus_report_free(other);
    nexus_loader_free(second);
}

int main(int argc, char **argv) {
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: %s FOLDER OUTPUT [FLAGS]\n", argv[0]);
        return 2;
    }
    const char *folder = argv[1];
    uint32_t flags = argc == 4 ? (uint32_t)strtoul(argv[3], NULL, 0) : 0;
    output = fopen(argv[2], "w");
    CHECK(output != NULL);
    nexus_log_set(NULL, NULL, 0);

    CHECK(nftw(folder, inspect_one, 64, 0) == 0);

    CHECK_OK(nexus_python_start(NULL, &error));
    double start = milliseconds();
    NexusLoader *loader = open_tree(folder, flags);
    double open = milliseconds() - start;
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);

    NexusReport *report = report_of(loader);
    tell_entries(report);
    tell_effects(report);
    tell_mapped(folder);
    number("inspection_ms", inspection_milliseconds);
    number("open_ms", open);
    number("peak_mb", (double)usage.ru_maxrss / 1024);
    number("threads", (double)threads());

    modules_can_be_got(loader, report);
    a_second_loader_shares_all(folder, flags, report);
    standard_library_is_healthy();
    nexus_report_free(report);
    nexus_loader_free(loader);
    CHECK(fclose(output) == 0);
    return 0;
}
