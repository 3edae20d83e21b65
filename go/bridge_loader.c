/* Loaders, reports, inspections, the log. */
#include "bridge.h"

#include <stdlib.h>
#include <string.h>

/* Go functions, in hooks.go. */
extern int32_t nexusgoFilter(char *name, char *path, uintptr_t hooks);
extern int32_t nexusgoProgress(size_t index, size_t total, char *name, uint32_t state, uint64_t nanoseconds,
                               uintptr_t hooks);
extern void nexusgoLog(uint32_t level, char *text);

static int32_t filter(const char *name, const char *path, void *hooks)
{
    return nexusgoFilter((char *)name, (char *)path, (uintptr_t)hooks);
}

static int32_t progress(size_t index, size_t total, const char *name, uint32_t state, uint64_t nanoseconds, void *hooks)
{
    return nexusgoProgress(index, total, (char *)name, state, nanoseconds, (uintptr_t)hooks);
}

static void log_line(uint32_t level, const char *text, void *unused)
{
    (void)unused;
    nexusgoLog(level, (char *)text);
}

void nexusgo_log_set(int on, uint32_t level)
{
    nexus_log_set(on ? log_line : NULL, NULL, level);
}

void nexusgo_loader_open(nexusgo_open *open, const char *text)
{
    NexusLoaderOptions options = {.struct_size = sizeof options, .flags = open->flags};
    NexusLoader *loader = NULL;
    NexusError *error = NULL;
    const char **modules = malloc((open->module_count + 1) * sizeof *modules);
    open->status = NEXUS_ERR_NO_MEMORY;
    if (modules) {
        const char *next = text + open->modules;
        for (uint64_t i = 0; i < open->module_count; i++, next += strlen(next) + 1) modules[i] = next;
        options.modules = open->all ? NULL : modules;
        options.module_count = (size_t)open->module_count;
        options.filter = open->has_filter ? filter : NULL;
        options.progress = open->has_progress ? progress : NULL;
        options.user_data = NEXUSGO_POINTER(void, open->hooks);
        options.trial_milliseconds = open->trial_milliseconds;
        options.allow_list = open->allow_list == UINT64_MAX ? NULL : text + open->allow_list;
        open->status = (int32_t)nexus_loader_open(text, &options, &loader, &error);
    }
    free(modules);
    open->loader = NEXUSGO_NUMBER(loader);
    open->error = NEXUSGO_NUMBER(error);
}

int nexusgo_loader_contains(uint64_t loader, const char *name)
{
    return nexus_loader_contains(NEXUSGO_POINTER(NexusLoader, loader), name);
}

size_t nexusgo_loader_count(uint64_t loader)
{
    return nexus_loader_count(NEXUSGO_POINTER(NexusLoader, loader));
}

const char *nexusgo_loader_describe(uint64_t loader)
{
    return nexus_loader_describe(NEXUSGO_POINTER(NexusLoader, loader));
}

void nexusgo_loader_free(uint64_t loader)
{
    nexus_loader_free(NEXUSGO_POINTER(NexusLoader, loader));
}

uint64_t nexusgo_loader_names(uint64_t loader, uint32_t requested, uint64_t *tokens, int32_t *status, uint64_t *error)
{
    NexusNames *names = NULL;
    NexusError *failure = NULL;
    const NexusLoader *of = NEXUSGO_POINTER(NexusLoader, loader);
    *status = (int32_t)(requested ? nexus_loader_requested(of, &names, &failure) : nexus_loader_list(of, &names, &failure));
    *error = NEXUSGO_NUMBER(failure);
    nexusgo_writer writer = {0};
    if (names) {
        nexusgo_write_names(&writer, names);
    } else {
        nexusgo_write(&writer, NEXUS_KIND_NONE, 0, 0);
    }
    nexus_names_free(names);
    return nexusgo_writer_finish(&writer, tokens);
}

/* A list; of each entry: name, path, state, status, detail, message, nanoseconds, effects (a list). */
uint64_t nexusgo_loader_report(uint64_t loader, uint64_t *tokens, int32_t *status, uint64_t *error)
{
    NexusReport *report = NULL;
    NexusError *failure = NULL;
    *status = (int32_t)nexus_loader_report(NEXUSGO_POINTER(NexusLoader, loader), &report, &failure);
    *error = NEXUSGO_NUMBER(failure);
    nexusgo_writer writer = {0};
    size_t count = nexus_report_count(report);
    nexusgo_write(&writer, NEXUSGO_LIST, 0, count);
    for (size_t i = 0; i < count; i++) {
        NexusReportEntry entry;
        NexusNames *effects = NULL;
        nexus_report_at(report, i, &entry);
        nexus_report_effects(report, i, &effects, NULL);
        nexusgo_write_text(&writer, entry.name);
        nexusgo_write_text(&writer, entry.path);
        nexusgo_write(&writer, NEXUS_KIND_INTEGER, entry.state, 0);
        nexusgo_write(&writer, NEXUS_KIND_INTEGER, entry.status, 0);
        nexusgo_write(&writer, NEXUS_KIND_INTEGER, entry.detail, 0);
        nexusgo_write_text(&writer, entry.message);
        nexusgo_write(&writer, NEXUS_KIND_INTEGER, entry.nanoseconds, 0);
        nexusgo_write_names(&writer, effects);
        nexus_names_free(effects);
    }
    nexus_report_free(report);
    return nexusgo_writer_finish(&writer, tokens);
}

uint64_t nexusgo_inspect(const char *path, uint64_t *tokens, int32_t *status, uint64_t *error)
{
    NexusInspection *inspection = NULL;
    NexusError *failure = NULL;
    *status = (int32_t)nexus_inspect(path, &inspection, &failure);
    *error = NEXUSGO_NUMBER(failure);
    nexusgo_writer writer = {0};
    nexusgo_write_text(&writer, nexus_inspection_json(inspection));
    nexus_inspection_free(inspection);
    return nexusgo_writer_finish(&writer, tokens);
}
