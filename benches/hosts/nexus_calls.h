/* The calls of our two contestants in C, which differ in the function that calls only: CALL, and CALLABLE, the
 * type of what it calls, are defined before this is included. */
#ifndef BENCH_NEXUS_CALLS_H
#define BENCH_NEXUS_CALLS_H

#include "contestant.h"

#include <nexus_loader.h>
#include <stdio.h>
#include <string.h>

static CALLABLE *nothing, *add, *add_reals, *length, *again;

static int complain(const char *what, NexusError *error)
{
    fprintf(stderr, "nexus_loader: %s: %s\n", what, nexus_error_message(error));
    nexus_error_free(error);
    return -1;
}

static inline int call_none(size_t i)
{
    (void)i;
    NexusValue result;
    return CALL(nothing, NULL, 0, &result, NULL) != NEXUS_OK || result.kind != NEXUS_KIND_NONE;
}

static inline int is_integer(NexusStatus status, const NexusValue *result, long long wanted)
{
    return status == NEXUS_OK && result->kind == NEXUS_KIND_INTEGER && result->as.integer == wanted;
}

static inline int is_real(NexusStatus status, const NexusValue *result, double wanted)
{
    return status == NEXUS_OK && result->kind == NEXUS_KIND_REAL && result->as.real == wanted;
}

static inline int call_ints(size_t i)
{
    const NexusValue args[] = {nexus_value_integer(SMALL_A(i)), nexus_value_integer(SMALL_B(i))};
    NexusValue result;
    return !is_integer(CALL(add, args, 2, &result, NULL), &result, SMALL_A(i) + SMALL_B(i));
}

static inline int call_big_ints(size_t i)
{
    const NexusValue args[] = {nexus_value_integer(BIG_A(i)), nexus_value_integer(BIG_B(i))};
    NexusValue result;
    return !is_integer(CALL(add, args, 2, &result, NULL), &result, BIG_A(i) + BIG_B(i));
}

static inline int call_reals(size_t i)
{
    const NexusValue args[] = {nexus_value_real(REAL_A(i)), nexus_value_real(REAL_B(i))};
    NexusValue result;
    return !is_real(CALL(add_reals, args, 2, &result, NULL), &result, REAL_A(i) + REAL_B(i));
}

static inline int call_text(size_t i)
{
    (void)i;
    const NexusValue text = nexus_value_text(TEXT_32, sizeof TEXT_32 - 1);
    NexusValue result;
    return !is_integer(CALL(length, &text, 1, &result, NULL), &result, sizeof TEXT_32 - 1);
}

static inline int call_text_back(size_t i)
{
    (void)i;
    const NexusValue text = nexus_value_text(TEXT_32, sizeof TEXT_32 - 1);
    NexusValue result;
    int right = CALL(again, &text, 1, &result, NULL) == NEXUS_OK &&
                result.kind == NEXUS_KIND_TEXT && result.as.text.size == sizeof TEXT_32 - 1 &&
                memcmp(result.as.text.data, TEXT_32, sizeof TEXT_32 - 1) == 0;
    nexus_value_clear(&result);
    return !right;
}

/* ---- Each with the GIL held, and taken for each call --------------------------------------------------- */

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

WAYS_OF(call_none)
WAYS_OF(call_ints)
WAYS_OF(call_big_ints)
WAYS_OF(call_reals)
WAYS_OF(call_text)
WAYS_OF(call_text_back)

#define BOTH(contestant, what, call)                                                                         \
    {contestant, HOW_ATTACHED, what, call##_attached}, {contestant, HOW_PER_CALL, what, call##_per_call}

/* Those that both contestants have. */
#define CALLS(contestant)                                                                                    \
    BOTH(contestant, WHAT_NONE, call_none), BOTH(contestant, WHAT_INTS, call_ints),                          \
        BOTH(contestant, WHAT_BIG_INTS, call_big_ints), BOTH(contestant, WHAT_REALS, call_reals),            \
        BOTH(contestant, WHAT_TEXT, call_text), BOTH(contestant, WHAT_TEXT_BACK, call_text_back)

#endif
