/* The calls of the contestants in C over nexus_loader, which differ only in how they call. */
#ifndef BENCH_NEXUS_CALLS_H
#define BENCH_NEXUS_CALLS_H

#include "contestant.h"

#include <nexus_loader.h>
#include <stdio.h>
#include <string.h>

static inline int complain(const char *what, NexusError *error)
{
    fprintf(stderr, "nexus_loader: %s: %s\n", what, nexus_error_message(error));
    nexus_error_free(error);
    return -1;
}

static inline int is_integer(NexusStatus status, const NexusValue *result, long long wanted)
{
    return status == NEXUS_OK && result->kind == NEXUS_KIND_INTEGER && result->as.integer == wanted;
}

static inline int is_real(NexusStatus status, const NexusValue *result, double wanted)
{
    return status == NEXUS_OK && result->kind == NEXUS_KIND_REAL && result->as.real == wanted;
}

/* The functions way_none(i) to way_text_back(i). INVOKE(function, args, count) calls one function of the callee
 * and puts what it returns into `result`. */
#define CALLS(way, INVOKE)                                                                                   \
    static inline int way##_none(size_t i)                                                                   \
    {                                                                                                        \
        (void)i;                                                                                             \
        NexusValue result;                                                                                   \
        return INVOKE(nothing, NULL, 0) != NEXUS_OK || result.kind != NEXUS_KIND_NONE;                       \
    }                                                                                                        \
    static inline int way##_ints(size_t i)                                                                   \
    {                                                                                                        \
        const NexusValue args[] = {nexus_value_integer(SMALL_A(i)), nexus_value_integer(SMALL_B(i))};        \
        NexusValue result;                                                                                   \
        NexusStatus status = INVOKE(add, args, 2);                                                           \
        return !is_integer(status, &result, SMALL_A(i) + SMALL_B(i));                                        \
    }                                                                                                        \
    static inline int way##_big_ints(size_t i)                                                               \
    {                                                                                                        \
        const NexusValue args[] = {nexus_value_integer(BIG_A(i)), nexus_value_integer(BIG_B(i))};            \
        NexusValue result;                                                                                   \
        NexusStatus status = INVOKE(add, args, 2);                                                           \
        return !is_integer(status, &result, BIG_A(i) + BIG_B(i));                                            \
    }                                                                                                        \
    static inline int way##_reals(size_t i)                                                                  \
    {                                                                                                        \
        const NexusValue args[] = {nexus_value_real(REAL_A(i)), nexus_value_real(REAL_B(i))};                \
        NexusValue result;                                                                                   \
        NexusStatus status = INVOKE(add_reals, args, 2);                                                     \
        return !is_real(status, &result, REAL_A(i) + REAL_B(i));                                             \
    }                                                                                                        \
    static inline int way##_text(size_t i)                                                                   \
    {                                                                                                        \
        (void)i;                                                                                             \
        const NexusValue text = nexus_value_text(TEXT_32, sizeof TEXT_32 - 1);                               \
        NexusValue result;                                                                                   \
        NexusStatus status = INVOKE(length, &text, 1);                                                       \
        return !is_integer(status, &result, sizeof TEXT_32 - 1);                                             \
    }                                                                                                        \
    static inline int way##_text_back(size_t i)                                                              \
    {                                                                                                        \
        (void)i;                                                                                             \
        const NexusValue text = nexus_value_text(TEXT_32, sizeof TEXT_32 - 1);                               \
        NexusValue result;                                                                                   \
        int right = INVOKE(again, &text, 1) == NEXUS_OK && result.kind == NEXUS_KIND_TEXT &&                 \
                    result.as.text.size == sizeof TEXT_32 - 1 &&                                             \
                    memcmp(result.as.text.data, TEXT_32, sizeof TEXT_32 - 1) == 0;                           \
        nexus_value_clear(&result);                                                                          \
        return !right;                                                                                       \
    }

/* A call with the GIL held, and with the GIL taken for each. */
#define WAYS_OF(call)                                                                                        \
    static int call##_attached(size_t count)                                                                 \
    {                                                                                                        \
        int wrong = nexus_python_attach(NULL) != NEXUS_OK;                                                   \
        for (size_t i = 0; i < count; i++) wrong |= call(i);                                                 \
        wrong |= nexus_python_detach(NULL) != NEXUS_OK;                                                      \
        return wrong;                                                                                        \
    }                                                                                                        \
    static int call##_per_call(size_t count)                                                                 \
    {                                                                                                        \
        int wrong = 0;                                                                                       \
        for (size_t i = 0; i < count; i++) wrong |= call(i);                                                 \
        return wrong;                                                                                        \
    }

#endif
