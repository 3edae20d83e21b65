/* What each contestant of the benchmark is to the driver: a shared library that exports `contestant`. */
#ifndef BENCH_CONTESTANT_H
#define BENCH_CONTESTANT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where things are. */
typedef struct Setup {
    const char *python;    /* the interpreter whose installation is used */
    const char *callee;    /* the folder of callee.so, whose functions are called */
    const char *modules;   /* a folder of many modules, for lookups by name */
    const char *const *names; /* the names of those modules */
    size_t name_count;
    double *doubles;       /* DOUBLES numbers of the host's own, whose sum is `doubles_sum` */
    double doubles_sum;
} Setup;

#define DOUBLES 1000000
#define FEW_DOUBLES 1000

/* One way to do one thing. `run` does it `count` times and returns 0 if every result was right. It takes and
 * frees the GIL as `how` says, and may be run on any thread that does not hold it. */
typedef struct Way {
    const char *contestant; /* "C API", "PyO3", … */
    const char *how;        /* one of the HOW_… below */
    const char *what;       /* one of the WHAT_… below */
    int (*run)(size_t count);
} Way;

#define HOW_ATTACHED "attached"   /* the GIL is taken once for all calls */
#define HOW_PER_CALL "per call"   /* the GIL is taken for each call */
#define HOW_BATCH "batches of 100" /* the GIL is taken for 100 calls */

#define WHAT_NONE "no arguments"
#define WHAT_INTS "two ints"
#define WHAT_BIG_INTS "two ints above 256"
#define WHAT_REALS "two floats"
#define WHAT_TEXT "a 32-byte string"
#define WHAT_TEXT_BACK "a 32-byte string, and one back"
#define WHAT_FEW_DOUBLES "a buffer of 1,000 doubles"
#define WHAT_DOUBLES "a buffer of 1,000,000 doubles"
#define WHAT_CONTAINS "is a name there"
#define WHAT_GET "get a module by its name"

/* A call with the GIL taken once, and taken for each. */
#ifdef __cplusplus
#define BOTH(contestant, what, call)                                                                         \
    {contestant, HOW_ATTACHED, what, attached<call>}, {contestant, HOW_PER_CALL, what, per_call<call>}
#else
#define BOTH(contestant, what, call)                                                                         \
    {contestant, HOW_ATTACHED, what, call##_attached}, {contestant, HOW_PER_CALL, what, call##_per_call}
#endif

typedef struct Contestant {
    const char *name;
    /* Starts Python from nothing, with `site` or without, and frees the GIL. NULL: it starts none. */
    int (*start)(const char *python, int site);
    /* Gets hold of callables and dictionaries; Python runs, and this thread does not hold the GIL. */
    int (*prepare)(const Setup *setup);
    /* Loads every module of a folder and returns how many. NULL: it has no way to. */
    long (*load)(const char *folder, int lazy);
    const Way *ways; /* up to one without a contestant */
} Contestant;

/* What the library exports. */
__attribute__((visibility("default"))) const Contestant *contestant(void);

/* The arguments of call `i`, and what the callee makes of them. All sums of small ints are in CPython's
 * cache of -5 to 256; the big ones never are. */
#define SMALL_A(i) ((long long)((i) & 63))
#define SMALL_B(i) ((long long)(((i) >> 6) & 63))
#define BIG_A(i) ((long long)(1000 + ((i) & 1023)))
#define BIG_B(i) (100000LL)
#define REAL_A(i) ((double)((i) & 1023) * 0.5)
#define REAL_B(i) (0.25)
#define TEXT_32 "The quick brown fox jumps over 1"

#ifdef __cplusplus
}
#endif
#endif
