/* Opens directories of compiled Python extension modules, shows what became of each file, and calls
 * into the modules: all of it from plain C, linked to no Python.
 *
 *     modules [OPTION…] [DIRECTORY…] [--call MODULE.FUNCTION [ARGUMENT…]]
 *
 * Without a directory it opens the one with the chosen Python's own extension modules. */
#include "calls.h"
#include "text.h"

#include <nexus_loader.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NAMES = 64, MOST_DIRECTORIES = 64 };

typedef struct Options {
    const char *python;                  /* NULL: search */
    bool brief;                          /* loaded modules as a list of names */
    uint32_t loader_flags;
    const char *names[MOST_NAMES];       /* the modules to load; none: all */
    size_t name_count;
    const char *directories[MOST_DIRECTORIES];
    size_t directory_count;
    const char *function;                /* of --call; NULL: a tour of well-known modules */
    char *const *arguments;
    size_t argument_count;
} Options;

static const char USAGE[] =
    "usage: modules [OPTION...] [DIRECTORY...] [--call MODULE.FUNCTION [ARGUMENT...]]\n"
    "\n"
    "Opens each DIRECTORY of compiled Python extension modules (without one, that of Python's own),\n"
    "shows what became of each file, and calls a few functions of well-known modules.\n"
    "\n"
    "  --python PYTHON   an interpreter, virtual environment, prefix or libpython; else it is searched\n"
    "  --only NAME       load this module only; may be repeated\n"
    "  --recursive       descend into packages\n"
    "  --brief           list loaded modules by name alone\n"
    "  --call FUNCTION   call this function instead, with the rest of the line as arguments\n"
    "  --help            show this\n";

/* ------------------------------------------------------------------ errors */

/* Prints all that is known about a failure, releases it, and gives the exit code. */
static int fail(const char *doing, NexusStatus status, NexusError *error)
{
    fflush(stdout);
    fprintf(stderr, "modules: %s: %s\n", doing, nexus_status_string(status));
    fprintf(stderr, "%s\n", nexus_error_message(error));
    if (nexus_error_traceback(error)[0] != '\0') {
        fprintf(stderr, "%s\n", nexus_error_traceback(error));
    }
    nexus_error_free(error);
    return EXIT_FAILURE;
}

/* ------------------------------------------------------------------ which Python */

static int show_python(const char *python)
{
    NexusError *error = NULL;
    NexusPythonConfig config = {.struct_size = sizeof config, .python = python};
    NexusStatus status = nexus_python_start(&config, &error);
    if (status != NEXUS_OK) {
        return fail("cannot start Python", status, error);
    }
    NexusPythonInfo info = {.struct_size = sizeof info};
    status = nexus_python_info(&info, &error);
    if (status != NEXUS_OK) {
        return fail("cannot tell which Python runs", status, error);
    }
    printf("Python   %s\n", info.version_text);
    printf("library  %s\n", info.library);
    printf("because  ");
    text_print_wrapped(info.reason, 9, text_width(), 4);
    printf("through  nexus_loader %s\n", nexus_version_string());
    return EXIT_SUCCESS;
}

/* ------------------------------------------------------------------ the table */

static const char *state_name(NexusState state)
{
    switch (state) {
    case NEXUS_STATE_LOADED:
        return "loaded";
    case NEXUS_STATE_LAZY:
        return "lazy";
    case NEXUS_STATE_FAILED:
        return "FAILED";
    case NEXUS_STATE_SKIPPED:
        return "skipped";
    case NEXUS_STATE_MISSING:
        return "MISSING";
    }
    return "unknown";
}

/* The part of a path below a directory, which may be a relative one; the whole path when it lies elsewhere. */
static const char *below(const char *directory, const char *path)
{
    const size_t length = strlen(directory);
    const char *found = strstr(path, directory);
    if (found == NULL || (found[length] != '/' && directory[length - 1] != '/')) {
        return path;
    }
    return found + length + strspn(found + length, "/");
}

/* Why a module is not there. Its name stands at the line's beginning already. */
static const char *reason(const NexusReportEntry *entry)
{
    char prefix[300];
    const int length = snprintf(prefix, sizeof prefix, "Failed to load module %s: ", entry->name);
    const bool redundant = length > 0 && strncmp(entry->message, prefix, (size_t)length) == 0;
    return redundant ? entry->message + length : entry->message;
}

static void show_entry(const NexusReportEntry *entry, const char *directory, size_t name_columns)
{
    printf("  ");
    text_print_padded(entry->name, name_columns);
    printf("  %-7s %8.2f  ", state_name(entry->state), (double)entry->nanoseconds / 1e6);
    const size_t column = name_columns + 22;
    if (entry->state == NEXUS_STATE_LOADED || entry->state == NEXUS_STATE_LAZY) {
        text_print_wrapped(below(directory, entry->path), column, text_width(), 1);
    } else {
        text_print_wrapped(reason(entry), column, text_width(), 6);
    }
}

/* The names of all loaded modules, as a paragraph. */
static int show_names(const NexusLoader *loader)
{
    NexusNames *names = NULL;
    NexusError *error = NULL;
    const NexusStatus status = nexus_loader_list(loader, &names, &error);
    if (status != NEXUS_OK) {
        return fail("cannot list the modules", status, error);
    }
    const size_t count = nexus_names_count(names), width = text_width();
    size_t column = 0;
    for (size_t index = 0; index < count; index++) {
        const char *name = nexus_names_at(names, index);
        const size_t columns = text_columns(name);
        if (column > 0 && column + 1 + columns > width) {
            printf("\n");
            column = 0;
        }
        printf("%s%s", column == 0 ? "  " : " ", name);
        column += (column == 0 ? 2 : 1) + columns;
    }
    printf("%s", count > 0 ? "\n" : "");
    nexus_names_free(names);
    return EXIT_SUCCESS;
}

static int show_report(const NexusLoader *loader, const char *directory, bool brief)
{
    NexusReport *report = NULL;
    NexusError *error = NULL;
    const NexusStatus status = nexus_loader_report(loader, &report, &error);
    if (status != NEXUS_OK) {
        return fail("no report", status, error);
    }
    const size_t count = nexus_report_count(report);
    size_t states[NEXUS_STATE_MISSING + 1] = {0};
    size_t name_columns = 6, rows = 0;
    double milliseconds = 0;
    NexusReportEntry entry;
    for (size_t index = 0; index < count && nexus_report_at(report, index, &entry) == NEXUS_OK; index++) {
        if ((size_t)entry.state <= NEXUS_STATE_MISSING) {
            states[entry.state]++;
        }
        milliseconds += (double)entry.nanoseconds / 1e6;
        if (brief && entry.state == NEXUS_STATE_LOADED) {
            continue;
        }
        const size_t columns = text_columns(entry.name);
        name_columns = columns > name_columns ? columns : name_columns;
        rows++;
    }
    name_columns = name_columns > 30 ? 30 : name_columns;

    if (brief && show_names(loader) != EXIT_SUCCESS) {
        nexus_report_free(report);
        return EXIT_FAILURE;
    }
    if (rows > 0) {
        printf("  %-*s  %-7s %8s  %s\n", (int)name_columns, "MODULE", "STATE", "MS", "FILE, OR WHY NOT");
    }
    for (size_t index = 0; index < count && nexus_report_at(report, index, &entry) == NEXUS_OK; index++) {
        if (!brief || entry.state != NEXUS_STATE_LOADED) {
            show_entry(&entry, directory, name_columns);
        }
    }
    printf("  %zu found: %zu loaded", count, states[NEXUS_STATE_LOADED]);
    for (int state = NEXUS_STATE_LAZY; state <= NEXUS_STATE_MISSING; state++) {
        if (states[state] > 0) {
            printf(", %zu %s", states[state], state_name((NexusState)state));
        }
    }
    printf("; %.1f ms\n", milliseconds);
    nexus_report_free(report);
    return EXIT_SUCCESS;
}

/* ------------------------------------------------------------------ one directory */

static int open_and_call(const char *directory, const Options *options)
{
    NexusLoaderOptions how = {
        .struct_size = sizeof how,
        .flags = options->loader_flags,
        .modules = options->name_count > 0 ? options->names : NULL,
        .module_count = options->name_count,
    };
    NexusLoader *loader = NULL;
    NexusError *error = NULL;
    NexusStatus status = nexus_loader_open(directory, &how, &loader, &error);
    if (status != NEXUS_OK) {
        return fail("cannot open the directory", status, error);
    }
    printf("\n%s\n", directory);
    int code = show_report(loader, directory, options->brief);
    if (code == EXIT_SUCCESS && options->function == NULL) {
        call_known_modules(loader);
    } else if (code == EXIT_SUCCESS) {
        status = call_from_command_line(loader, options->function, options->arguments, options->argument_count, &error);
        if (error != NULL) {
            code = fail("cannot call", status, error);
        } else if (status != NEXUS_OK) {
            code = EXIT_FAILURE; /* shown where it happened */
        }
    }
    nexus_loader_free(loader);
    return code;
}

/* Where the running Python keeps its own extension modules: sysconfig.get_config_var("DESTSHARED"). */
static int open_own_modules(const Options *options)
{
    NexusObject *sysconfig = NULL;
    NexusError *error = NULL;
    NexusStatus status = nexus_import("sysconfig", &sysconfig, &error);
    if (status != NEXUS_OK) {
        return fail("cannot import sysconfig", status, error);
    }
    NexusValue folder;
    const NexusValue variable = nexus_value_text("DESTSHARED", strlen("DESTSHARED"));
    status = nexus_object_call_method(sysconfig, "get_config_var", &variable, 1, &folder, &error);
    nexus_object_free(sysconfig);
    if (status != NEXUS_OK) {
        return fail("cannot ask sysconfig", status, error);
    }
    int code = EXIT_FAILURE;
    if (folder.kind == NEXUS_KIND_TEXT) {
        code = open_and_call(folder.as.text.data, options);
    } else {
        fprintf(stderr, "modules: this Python does not say where its modules are; name a directory\n");
    }
    nexus_value_clear(&folder);
    return code;
}

/* ------------------------------------------------------------------ the command line */

/* Reads the command line; false when it is wrong or asks for help. */
static bool read_options(int argc, char **argv, Options *options)
{
    for (int index = 1; index < argc; index++) {
        const char *word = argv[index];
        const char *next = index + 1 < argc ? argv[index + 1] : NULL;
        if (strcmp(word, "--brief") == 0) {
            options->brief = true;
        } else if (strcmp(word, "--recursive") == 0) {
            options->loader_flags |= NEXUS_LOADER_RECURSIVE;
        } else if (strcmp(word, "--python") == 0 && next != NULL) {
            options->python = next;
            index++;
        } else if (strcmp(word, "--only") == 0 && next != NULL && options->name_count < MOST_NAMES) {
            options->names[options->name_count++] = next;
            index++;
        } else if (strcmp(word, "--call") == 0 && next != NULL) {
            options->function = next;
            options->arguments = argv + index + 2;
            options->argument_count = (size_t)(argc - index - 2);
            return true;
        } else if (word[0] != '-' && options->directory_count < MOST_DIRECTORIES) {
            options->directories[options->directory_count++] = word;
        } else {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    Options options = {0};
    if (!read_options(argc, argv, &options)) {
        const bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;
        fputs(USAGE, asked ? stdout : stderr);
        return asked ? EXIT_SUCCESS : 2;
    }
    if (getenv("NEXUS_LOG") == NULL) {
        nexus_log_set(NULL, NULL, 0); /* the table tells it all */
    }
    int code = show_python(options.python);
    if (code == EXIT_SUCCESS && options.directory_count == 0) {
        code = open_own_modules(&options);
    }
    for (size_t index = 0; index < options.directory_count && code == EXIT_SUCCESS; index++) {
        code = open_and_call(options.directories[index], &options);
    }
    return code;
}
