#define _GNU_SOURCE
#include "samples.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double clock_of(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

Clock now(void) { return (Clock){clock_of(CLOCK_MONOTONIC), clock_of(CLOCK_PROCESS_CPUTIME_ID)}; }

Clock since(Clock began)
{
    Clock ended = now();
    return (Clock){ended.wall - began.wall, ended.cpu - began.cpu};
}

typedef struct Sample {
    const Measured *measured;
    double nanoseconds;
} Sample;

static void *sample(void *data)
{
    Sample *sample = data;
    double began = clock_of(CLOCK_THREAD_CPUTIME_ID);
    int wrong = sample->measured->way->run(sample->measured->count);
    double took = clock_of(CLOCK_THREAD_CPUTIME_ID) - began;
    sample->nanoseconds = wrong ? -1 : took / (double)sample->measured->count;
    return NULL;
}

double take_sample(const Measured *measured)
{
    Sample one = {measured, -1};
    if (!measured->new_thread) {
        sample(&one);
        return one.nanoseconds;
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, sample, &one) != 0) return -1;
    pthread_join(thread, NULL);
    return one.nanoseconds;
}

int warm_up(Measured *measured, double nanoseconds)
{
    for (measured->count = 16;; measured->count *= 2) {
        double each = take_sample(measured);
        if (each < 0) return -1;
        double took = each * (double)measured->count;
        if (took < nanoseconds / 4) continue;
        measured->count = (size_t)((double)measured->count * nanoseconds / took) + 1;
        return 0;
    }
}

typedef struct Crowd {
    const Way *way;
    pthread_barrier_t barrier;
    atomic_int stop, wrong;
    atomic_size_t calls;
} Crowd;

static void *work(void *data)
{
    enum { CHUNK = 100 };
    Crowd *crowd = data;
    size_t calls = 0;
    pthread_barrier_wait(&crowd->barrier);
    while (!atomic_load_explicit(&crowd->stop, memory_order_relaxed)) {
        if (crowd->way->run(CHUNK) != 0) atomic_store(&crowd->wrong, 1);
        calls += CHUNK;
    }
    atomic_fetch_add(&crowd->calls, calls);
    return NULL;
}

double on_threads(const Way *way, unsigned threads, double nanoseconds)
{
    Crowd crowd = {.way = way};
    pthread_t handles[64];
    if (threads > sizeof handles / sizeof *handles) return -1;
    pthread_barrier_init(&crowd.barrier, NULL, threads + 1);
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&handles[i], NULL, work, &crowd) != 0) return -1;
    pthread_barrier_wait(&crowd.barrier);
    double began = clock_of(CLOCK_MONOTONIC);
    struct timespec wait = {(time_t)(nanoseconds / 1e9), (long)nanoseconds % 1000000000L};
    nanosleep(&wait, NULL);
    atomic_store(&crowd.stop, 1);
    for (unsigned i = 0; i < threads; i++) pthread_join(handles[i], NULL);
    double took = clock_of(CLOCK_MONOTONIC) - began;
    pthread_barrier_destroy(&crowd.barrier);
    return atomic_load(&crowd.wrong) ? -1 : took / (double)atomic_load(&crowd.calls);
}

void pin(void)
{
    cpu_set_t set;
    int cpu = sched_getcpu();
    if (cpu < 0) return;
    CPU_ZERO(&set);
    CPU_SET((unsigned)cpu, &set);
    sched_setaffinity(0, sizeof set, &set); /* better samples if it works */
}

static int by_name(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

const char *const *module_names(const char *folder, size_t *count)
{
    DIR *directory = opendir(folder);
    if (!directory) return NULL;
    size_t room = 0;
    char **names = NULL;
    *count = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        char *suffix = strstr(entry->d_name, ".so");
        if (!suffix || suffix[3] != '\0') continue;
        *suffix = '\0';
        if (*count == room) {
            room = room ? room * 2 : 64;
            char **more = realloc(names, room * sizeof *names);
            if (!more) return NULL;
            names = more;
        }
        names[(*count)++] = strdup(entry->d_name);
    }
    closedir(directory);
    if (names) qsort(names, *count, sizeof *names, by_name);
    return (const char *const *)names;
}

int is_mapped(const char *part)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    if (!maps) return 0;
    char line[8192];
    int found = 0;
    while (!found && fgets(line, sizeof line, maps)) found = strstr(line, part) != NULL;
    fclose(maps);
    return found;
}
