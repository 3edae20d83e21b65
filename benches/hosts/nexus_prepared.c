/* nexus_loader from C, with prepared calls: the callable is resolved once, and several calls may cross the
 * border together. */
#include "nexus_calls.h"

static NexusCall *nothing, *add, *add_reals, *length, *again;

#define PREPARED(function, args, count) nexus_call_invoke(function, args, count, &result, NULL)

CALLS(call, PREPARED)

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
            wrong |= !is_integer(NEXUS_OK, &results[k], SMALL_A(i + k) + SMALL_B(i + k));
    }
    return wrong;
}

#define INVOKE "nexus_call_invoke"

static const Way ways[] = {
    BOTH(INVOKE, WHAT_NONE, call_none),
    BOTH(INVOKE, WHAT_INTS, call_ints),
    BOTH(INVOKE, WHAT_BIG_INTS, call_big_ints),
    BOTH(INVOKE, WHAT_REALS, call_reals),
    BOTH(INVOKE, WHAT_TEXT, call_text),
    BOTH(INVOKE, WHAT_TEXT_BACK, call_text_back),
    {"nexus_call_invoke_many", HOW_BATCH, WHAT_INTS, call_ints_batch},
    {NULL, NULL, NULL, NULL},
};

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
    NexusError *error = NULL;
    NexusObject *module;
    if (nexus_import("callee", &module, &error) != NEXUS_OK) return complain("callee", error);
    return prepare_call(module, "nothing", &nothing) | prepare_call(module, "add", &add) |
           prepare_call(module, "add_reals", &add_reals) | prepare_call(module, "length", &length) |
           prepare_call(module, "again", &again);
}

const Contestant *contestant(void)
{
    static const Contestant self = {"nexus_loader, prepared", NULL, prepare, NULL, ways};
    return &self;
}
