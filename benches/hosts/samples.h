/* Taking time, on one thread and on several. */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include "contestant.h"

/* Nanoseconds. The CPU time is the whole process's. */
typedef struct Clock {
    double wall, cpu;
} Clock;
Clock now(void);
Clock since(Clock began);

/* A way, with how often it runs in one sample. */
typedef struct Measured {
    const Way *way;
    const char *how;
    int new_thread;
    size_t count;
} Measured;

/* Runs it until a sample of it would take that many nanoseconds. Not 0: a result was wrong. */
int warm_up(Measured *measured, double nanoseconds);

/* CPU time of the thread for each call; less than 0: a result was wrong. A thread's own CPU time leaves out
 * what other programs of a shared machine take away. */
double take_sample(const Measured *measured);

/* Wall-clock time for each call, of all threads together, over at least that many nanoseconds. */
double on_threads(const Way *way, unsigned threads, double nanoseconds);

/* Keeps this thread, and those that it starts, on one processor. */
void pin(void);

/* The names of the modules of a folder (`name.so`), sorted. */
const char *const *module_names(const char *folder, size_t *count);

/* Whether a file with that in its name is mapped. */
int is_mapped(const char *part);

#endif
