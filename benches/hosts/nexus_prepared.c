/* nexus_loader from C, with prepared calls: the callable is resolved once, and several calls may cross the
 * border together. */
#include "contestant.h"

#include <nexus_loader.h>
#include <stdio.h>
#include <string.h>

/* Absent from libraries older than the benchmark: then there is nothing to measure. */
typedef struct NexusCall NexusCall;
__attribute__((weak)) NexusStatus nexus_call_prepare(const NexusObject *callable, const char *const *keywords,
                                                     size_t keyword_count, NexusCall **call, NexusError **error);
__attribute__((weak)) NexusStatus nexus_call_invoke(const NexusCall *call, const NexusValue *args, size_t arg_count,
                                                    NexusValue *result, NexusError **error);
__attribute__((weak)) NexusStatus nexus_call_invoke_many(const NexusCall *call, const NexusValue *args,
                                                         size_t args_per_call, size_t call_count,
                                                         NexusValue *results, size_t *done, NexusError **error);

static NexusCall *nothing, *add, *add_reals, *length, *again;

static inline int call_none(size_t i)
{
    (void)i;
    NexusValue result;
    return nexus_call_invoke(nothing, NULL, 0, &result, NULL) != NEXUS_OK || result.kind != NEXUS_KIND_NONE;
}

static inline int call_ints(size_t i)
{
    const NexusValue args[] = {nexus_value_integer(SMALL_A(i)), nexus_value_integer(SMALL_B(i))};
    NexusValue result;
    return nexus_call_invoke(add, args, 2, &result, NULL) != NEXUS_OK || result.kind != NEXUS_KIND_INTEGER ||
           result.as.integer != SMALL_A(i) + SMALL_B(i);
}

static inline int call_big_ints(size_t i)
{
    const NexusValue args[] = {nexus_value_integer(BIG_A(i)), nexus_value_integer(BIG_B(i))};
    NexusValue result;
    return nexus_call_invoke(add, args, 2, &result, NULL) != NEXUS_OK || result.kind != NEXUS_KIND_INTEGER ||
           result.as.integer != BIG_A(i) + BIG_B(i);
}

static inline int call_reals(size_t i)
{
    const NexusValue args[] = {nexus_value_real(REAL_A(i)), nexus_value_real(REAL_B(i))};
    NexusValue result;
    return nexus_call_invoke(add_reals, args, 2, &result, NULL) != NEXUS_OK || result.kind != NEXUS_KIND_REAL ||
           result.as.real != REAL_A(i) + REAL_B(i);
}

static inline int call_text(size_t i)
{
    (void)i;
    const NexusValue text = nexus_value_text(TEXT_32, sizeof TEXT_32 - 1);
    NexusValue result;
    return nexus_call_invoke(length, &text, 1, &result, NULL) != NEXUS_OK || result.kind != NEXUS_KIND_INTEGER ||
           result.as.integer != sizeof TEXT_32 - 1;
}

static inline int call_text_back(size_t i)
{
    (void)i;
    const NexusValue text = nexus_value_text(TEXT_32, sizeof TEXT_32 - 1);
    NexusValue result;
    int right = nexus_call_invoke(again, &text, 1, &result, NULL) == NEXUS_OK && result.kind == NEXUS_KIND_TEXT &&
                result.as.text.size == sizeof TEXT_32 - 1 &&
                memcmp(result.as.text.data, TEXT_32, sizeof TEXT_32 - 1) == 0;
    nexus_value_clear(&result);
    return !right;
}

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

/* One crossing for 100 calls. */
static int call_ints_batch(size_t count)
{
    enum { BATCH = 100 };
    NexusValue args[2 * BATCH], results[BATCH];
    int wrong = 0;
    for (size_t i = 0; i < count; i += BATCH) {
        size_t calls = count - i < BATCH ? count - i : BATCH, done = 0;
        for (size_t k = 0; k < calls; k++) {
            args[2 * k] = nexus_value_integer(SMALL_A(i + k));
            args[2 * k + 1] = nexus_value_integer(SMALL_B(i + k));
        }
        wrong |= nexus_call_invoke_many(add, args, 2, calls, results, &done, NULL) != NEXUS_OK || done != calls;
        for (size_t k = 0; k < done; k++)
            wrong |= results[k].kind != NEXUS_KIND_INTEGER ||
                     results[k].as.integer != SMALL_A(i + k) + SMALL_B(i + k);
    }
    return wrong;
}

#define BOTH(what, call)                                                                                     \
    {"nexus_call_invoke", HOW_ATTACHED, what, call##_attached},                                              \
        {"nexus_call_invoke", HOW_PER_CALL, what, call##_per_call}

static const Way all_ways[] = {
    BOTH(WHAT_NONE, call_none),
    BOTH(WHAT_INTS, call_ints),
    BOTH(WHAT_BIG_INTS, call_big_ints),
    BOTH(WHAT_REALS, call_reals),
    BOTH(WHAT_TEXT, call_text),
    BOTH(WHAT_TEXT_BACK, call_text_back),
    {"nexus_call_invoke_many", HOW_BATCH, WHAT_INTS, call_ints_batch},
    {NULL, NULL, NULL, NULL},
};
static const Way no_ways[] = {{NULL, NULL, NULL, NULL}};
static Contestant self = {"nexus_loader, prepared", NULL, NULL, NULL, no_ways};

static int complain(const char *what, NexusError *error)
{
    fprintf(stderr, "nexus_loader: %s: %s\n", what, nexus_error_message(error));
    nexus_error_free(error);
    return -1;
}

static int prepare_call(NexusObject *module, const char *name, NexusCall **call)
{
    NexusError *error = NULL;
    NexusValue function;
    if (nexus_object_attr(module, name, &function, &error) != NEXUS_OK ||
        nexus_call_prepare(function.as.object, NULL, 0, call, &error) != NEXUS_OK)
        return complain(name, error);
    return 0;
}

static int prepare(const Setup *setup)
{
    (void)setup;
    if (!nexus_call_prepare || !nexus_call_invoke || !nexus_call_invoke_many) return 0;
    NexusError *error = NULL;
    NexusObject *module;
    if (nexus_import("callee", &module, &error) != NEXUS_OK) return complain("callee", error);
    self.ways = all_ways;
    return prepare_call(module, "nothing", &nothing) | prepare_call(module, "add", &add) |
           prepare_call(module, "add_reals", &add_reals) | prepare_call(module, "length", &length) |
           prepare_call(module, "again", &again);
}

const Contestant *contestant(void)
{
    self.prepare = prepare;
    return &self;
}
