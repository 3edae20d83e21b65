/* Runs the contestants and prints samples as lines of fields with tabs between. Links to no Python.
 *
 *   driver calls    python= callee= modules= rounds= microseconds= LIBRARY...   how, what, contestant, ns
 *   driver threads  python= callee= modules= rounds= microseconds= LIBRARY...   threads, how, contestant, ns
 *   driver start    python= libpython= site=0|1 LIBRARY                         wall ns, CPU ns
 *   driver load     python= libpython= folder= lazy=0|1 LIBRARY                 modules, wall ns, CPU ns
 *   driver floor    libpython= folder=                                          modules, wall ns, CPU ns
 *   driver front    LIBRARY                                                     wall ns, CPU ns
 *
 * `libpython=` is opened first, by the driver, for contestants that are not linked to it. For `calls` and
 * `threads` the first library starts Python, and so the others find it running. */
#define _GNU_SOURCE
#include "contestant.h"
#include "samples.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(const char *what, const char *why)
{
    fprintf(stderr, "driver: %s: %s\n", what, why ? why : "failed");
    _exit(1);
}

/* The value of `key=value` among the arguments; `fallback` without one, which must not be NULL then. */
static const char *option(char **arguments, const char *key, const char *fallback)
{
    size_t size = strlen(key);
    for (; *arguments; arguments++)
        if (strncmp(*arguments, key, size) == 0 && (*arguments)[size] == '=') return *arguments + size + 1;
    if (!fallback) die(key, "is missing");
    return fallback;
}

static void *open_library(const char *path, int mode)
{
    void *library = dlopen(path, mode);
    if (!library) die(path, dlerror());
    return library;
}

static const Contestant *open_contestant(const char *path)
{
    void *library = open_library(path, RTLD_NOW | RTLD_LOCAL);
    const Contestant *(*function)(void);
    *(void **)&function = dlsym(library, "contestant");
    if (!function) die(path, dlerror());
    return function();
}

static int is_library(const char *argument) { return !strchr(argument, '='); }

static const char *the_library(char **arguments)
{
    for (; *arguments; arguments++)
        if (is_library(*arguments)) return *arguments;
    die("a library", "is missing");
    return NULL;
}

static void open_libpython(char **arguments)
{
    const char *path = option(arguments, "libpython", "");
    if (*path) open_library(path, RTLD_NOW | RTLD_GLOBAL);
}

/* ---- Calls ---------------------------------------------------------------------------------------------- */

#define MOST 16
static const Contestant *contestants[MOST];

static void prepare_all(char **arguments)
{
    static Setup setup;
    setup.python = option(arguments, "python", NULL);
    setup.callee = option(arguments, "callee", NULL);
    setup.modules = option(arguments, "modules", NULL);
    setup.names = module_names(setup.modules, &setup.name_count);
    setup.doubles = malloc(DOUBLES * sizeof *setup.doubles);
    if (!setup.names || !setup.doubles) die(setup.modules, "cannot be listed");
    for (size_t i = 0; i < DOUBLES; i++) setup.doubles_sum += setup.doubles[i] = 0.5 * (double)(i & 255);
    size_t count = 0;
    for (; *arguments; arguments++) {
        if (!is_library(*arguments) || count == MOST) continue;
        const Contestant *contestant = open_contestant(*arguments);
        if (count == 0 && (!contestant->start || contestant->start(setup.python, 1) != 0))
            die(contestant->name, "does not start Python");
        if (contestant->prepare(&setup) != 0) die(contestant->name, "cannot prepare");
        contestants[count++] = contestant;
    }
}

static void calls(char **arguments)
{
    long rounds = atol(option(arguments, "rounds", NULL));
    double sample = atof(option(arguments, "microseconds", NULL)) * 1e3;
    prepare_all(arguments);
    pin();
    static Measured measured[1024];
    size_t count = 0;
    for (size_t c = 0; contestants[c]; c++)
        for (const Way *way = contestants[c]->ways; way->contestant; way++) {
            if (count + 2 > sizeof measured / sizeof *measured) die("ways", "too many");
            measured[count++] = (Measured){.way = way, .how = way->how};
            /* The same from a thread that Python does not know. */
            if (strcmp(way->how, HOW_PER_CALL) == 0 && strcmp(way->what, WHAT_INTS) == 0)
                measured[count++] = (Measured){.way = way, .how = "new thread", .new_thread = 1};
        }
    for (size_t i = 0; i < count; i++)
        if (warm_up(&measured[i], sample) != 0) die(measured[i].way->contestant, measured[i].way->what);
    for (long round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++) {
            double nanoseconds = take_sample(&measured[i]);
            if (nanoseconds < 0) die(measured[i].way->contestant, measured[i].way->what);
            printf("%s\t%s\t%s\t%.3f\n", measured[i].how, measured[i].way->what, measured[i].way->contestant,
                   nanoseconds);
        }
}

static void threads(char **arguments)
{
    static const unsigned numbers[] = {1, 2, 4};
    long rounds = atol(option(arguments, "rounds", NULL));
    double sample = atof(option(arguments, "microseconds", NULL)) * 1e3;
    prepare_all(arguments);
    for (long round = -1; round < rounds; round++)
        for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++)
            for (size_t c = 0; contestants[c]; c++)
                for (const Way *way = contestants[c]->ways; way->contestant; way++) {
                    if (strcmp(way->how, HOW_ATTACHED) == 0 || strcmp(way->what, WHAT_INTS) != 0) continue;
                    double nanoseconds = on_threads(way, numbers[n], sample);
                    if (nanoseconds < 0) die(way->contestant, "wrong result on several threads");
                    if (round >= 0) /* the first is for warming up */
                        printf("%u\t%s\t%s\t%.3f\n", numbers[n], way->how, way->contestant, nanoseconds);
                }
}

/* ---- Once in a process ---------------------------------------------------------------------------------- */

static void start(char **arguments)
{
    const char *python = option(arguments, "python", NULL);
    int site = atoi(option(arguments, "site", NULL));
    Clock began = now();
    open_libpython(arguments);
    const Contestant *contestant = open_contestant(the_library(arguments));
    if (!contestant->start || contestant->start(python, site) != 0) die(contestant->name, "does not start Python");
    Clock took = since(began);
    printf("%.0f\t%.0f\n", took.wall, took.cpu);
}

static void load(char **arguments)
{
    const char *folder = option(arguments, "folder", NULL);
    open_libpython(arguments);
    const Contestant *contestant = open_contestant(the_library(arguments));
    if (contestant->start(option(arguments, "python", NULL), 1) != 0) die(contestant->name, "does not start Python");
    Clock began = now();
    long loaded = contestant->load(folder, atoi(option(arguments, "lazy", "0")));
    Clock took = since(began);
    printf("%ld\t%.0f\t%.0f\n", loaded, took.wall, took.cpu);
}

/* What any loader must do at least: the dynamic linker's work, with the symbols of a libpython that is not
 * started. Not even the folder is read in this time. */
static void floor_of(char **arguments)
{
    const char *folder = option(arguments, "folder", NULL);
    size_t count = 0;
    const char *const *names = module_names(folder, &count);
    open_libpython(arguments);
    char(*paths)[4096] = malloc(count * sizeof *paths);
    char(*symbols)[256] = malloc(count * sizeof *symbols);
    if (!names || !paths || !symbols) die(folder, "cannot be listed");
    for (size_t i = 0; i < count; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s.so", folder, names[i]);
        snprintf(symbols[i], sizeof symbols[i], "PyInit_%s", names[i]);
    }
    Clock began = now();
    for (size_t i = 0; i < count; i++)
        if (!dlsym(open_library(paths[i], RTLD_NOW), symbols[i])) die(symbols[i], dlerror());
    Clock took = since(began);
    printf("%zu\t%.0f\t%.0f\n", count, took.wall, took.cpu);
}

static void front(char **arguments)
{
    const char *path = the_library(arguments);
    Clock began = now();
    void *library = open_library(path, RTLD_NOW);
    Clock took = since(began);
    const char *(*version)(void);
    *(void **)&version = dlsym(library, "nexus_version_string");
    if (!version || !*version()) die(path, "is not a nexus_loader");
    if (is_mapped("libpython")) die(path, "has opened a libpython");
    printf("%.0f\t%.0f\n", took.wall, took.cpu);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(char **arguments);
    } commands[] = {{"calls", calls}, {"threads", threads}, {"start", start},
                    {"load", load},   {"floor", floor_of},  {"front", front}};
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0) {
            commands[i].run(argv + 2);
            fflush(stdout);
            _exit(0); /* Python is not finalized */
        }
    die("command", "unknown");
}
