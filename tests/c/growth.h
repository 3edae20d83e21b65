/* Whether something grows with each time that it is done. */
#ifndef GROWTH_H
#define GROWTH_H

#include "nexus_check.h"

#include <malloc.h>

/* Bytes that malloc has given out. */
static inline size_t allocated(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* Blocks that Python has given out, after its own collection. */
static inline int64_t python_blocks(void) {
    return integer_of(evaluate("(__import__('gc').collect(), __import__('sys').getallocatedblocks())[1]"));
}

static inline int64_t resident_kilobytes(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%*d %ld", &pages) == 1);
    fclose(file);
    return (int64_t)pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Runs the step some thousand times, and again: a leak shows in every round, what is kept for good
 * (caches, specialized bytecode) only in the first ones. Less than two bytes, or a quarter of an object,
 * for each step do not count as a leak. */
static inline void does_not_grow(const char *what, void (*step)(void), int times) {
    for (int i = 0; i < times / 4 + 10; i++) step();
    for (int round = 0; round < 12; round++) {
        int64_t blocks = python_blocks(), bytes = (int64_t)allocated();
        for (int i = 0; i < times; i++) step();
        blocks = python_blocks() - blocks;
        bytes = (int64_t)allocated() - bytes;
        fprintf(stderr, "%s, %d times: %lld bytes and %lld blocks more\n", what, times, (long long)bytes,
                (long long)blocks);
        if (blocks < times / 4 && bytes < 2 * times) return;
    }
    FAIL("%s: it grows in every round", what);
}

#endif
