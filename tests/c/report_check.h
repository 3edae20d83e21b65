/* What the report of a loader says of its modules. */
#ifndef REPORT_CHECK_H
#define REPORT_CHECK_H

#include "nexus_check.h"

/* There is one entry of that name, in that state, with that detail, and that part in its message. */
static inline void check_entry(const NexusLoader *loader, const char *name, NexusState state, uint32_t detail,
                               const char *part) {
    NexusReport *report = report_of(loader);
    NexusReportEntry entry;
    size_t count = entries_of(report, name, NULL, &entry);
    CHECK_SEEN(count == 1, "%zu entries for %s", count, name);
    CHECK_SEEN(entry.state == state && entry.detail == detail, "%s: %d, %u: %s", name, entry.state, entry.detail,
               entry.message);
    CHECK_CONTAINS(entry.message, part);
    nexus_report_free(report);
}

/* There is one entry of that name, with all of that; a missing one has no path. */
static inline void check_state(const NexusLoader *loader, const char *name, NexusState state, NexusStatus status,
                               uint32_t detail, const char *part) {
    NexusReport *report = report_of(loader);
    NexusReportEntry entry;
    size_t count = entries_of(report, name, NULL, &entry);
    CHECK_SEEN(count == 1, "%zu entries for %s", count, name);
    CHECK_SEEN(entry.state == state && entry.status == status && entry.detail == detail, "%s: %d, %d, %u: %s", name,
               entry.state, entry.status, entry.detail, entry.message);
    CHECK_CONTAINS(entry.message, part);
    if (state == NEXUS_STATE_MISSING) CHECK_TEXT(entry.path, "");
    nexus_report_free(report);
}

/* What is told of a module: a line with that text in it, or none. */
typedef struct Effect {
    const char *module, *line;
} Effect;

/* Each module's one effect, and nothing else, whatever loaded before it. */
static inline void check_effects(const NexusLoader *loader, const Effect *effects, size_t count) {
    NexusError *error = NULL;
    NexusReport *report = report_of(loader);
    for (size_t i = 0; i < count; i++) {
        size_t index = 0;
        NexusReportEntry entry;
        while (nexus_report_at(report, index, &entry) == NEXUS_OK && strcmp(entry.name, effects[i].module) != 0) index++;
        NexusNames *lines = NULL;
        CHECK_OK(nexus_report_effects(report, index, &lines, &error));
        const char *first = nexus_names_at(lines, 0);
        CHECK_SEEN(nexus_names_count(lines) == (effects[i].line != NULL), "%s: %zu lines: %s", effects[i].module,
                   nexus_names_count(lines), first ? first : "");
        if (first) CHECK_CONTAINS(first, effects[i].line);
        nexus_names_free(lines);
    }
    nexus_report_free(report);
}

#endif
