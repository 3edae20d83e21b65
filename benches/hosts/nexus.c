/* nexus_loader, from C. */
#define CALL nexus_object_call
#define CALLABLE NexusObject
#include "nexus_calls.h"

static NexusObject *callee;
static NexusLoader *many;
static const char *const *names;
static size_t name_count;

/* ---- Calls of methods ---------------------------------------------------------------------------------- */

static inline int method_none(size_t i)
{
    (void)i;
    NexusValue result;
    return nexus_object_call_method(callee, "nothing", NULL, 0, &result, NULL) != NEXUS_OK;
}

static inline int method_ints(size_t i)
{
    const NexusValue args[] = {nexus_value_integer(SMALL_A(i)), nexus_value_integer(SMALL_B(i))};
    NexusValue result;
    NexusStatus status = nexus_object_call_method(callee, "add", args, 2, &result, NULL);
    return !is_integer(status, &result, SMALL_A(i) + SMALL_B(i));
}

static inline int method_big_ints(size_t i)
{
    const NexusValue args[] = {nexus_value_integer(BIG_A(i)), nexus_value_integer(BIG_B(i))};
    NexusValue result;
    NexusStatus status = nexus_object_call_method(callee, "add", args, 2, &result, NULL);
    return !is_integer(status, &result, BIG_A(i) + BIG_B(i));
}

static inline int method_reals(size_t i)
{
    const NexusValue args[] = {nexus_value_real(REAL_A(i)), nexus_value_real(REAL_B(i))};
    NexusValue result;
    NexusStatus status = nexus_object_call_method(callee, "add_reals", args, 2, &result, NULL);
    return !is_real(status, &result, REAL_A(i) + REAL_B(i));
}

static inline int method_text(size_t i)
{
    (void)i;
    const NexusValue text = nexus_value_text(TEXT_32, sizeof TEXT_32 - 1);
    NexusValue result;
    NexusStatus status = nexus_object_call_method(callee, "length", &text, 1, &result, NULL);
    return !is_integer(status, &result, sizeof TEXT_32 - 1);
}

/* ---- Lookups; they need no GIL ------------------------------------------------------------------------- */

static inline int lookup_contains(size_t i) { return !nexus_loader_contains(many, names[i % name_count]); }

static inline int lookup_get(size_t i)
{
    NexusObject *module;
    if (nexus_loader_get(many, names[i % name_count], &module, NULL) != NEXUS_OK) return -1;
    nexus_object_free(module);
    return 0;
}

WAYS_OF(method_none)
WAYS_OF(method_ints)
WAYS_OF(method_big_ints)
WAYS_OF(method_reals)
WAYS_OF(method_text)
WAYS_OF(lookup_contains)
WAYS_OF(lookup_get)

static int call_ints_batch(size_t count)
{
    int wrong = 0;
    for (size_t i = 0; i < count;) {
        wrong |= nexus_python_attach(NULL) != NEXUS_OK;
        for (size_t end = i + 100; i < end && i < count; i++) wrong |= call_ints(i);
        wrong |= nexus_python_detach(NULL) != NEXUS_OK;
    }
    return wrong;
}

#define METHOD "nexus_object_call_method"

static const Way ways[] = {
    CALLS("nexus_object_call"),
    {"nexus_object_call", HOW_BATCH, WHAT_INTS, call_ints_batch},
    BOTH(METHOD, WHAT_NONE, method_none),
    BOTH(METHOD, WHAT_INTS, method_ints),
    BOTH(METHOD, WHAT_BIG_INTS, method_big_ints),
    BOTH(METHOD, WHAT_REALS, method_reals),
    BOTH(METHOD, WHAT_TEXT, method_text),
    BOTH("nexus_loader_contains", WHAT_CONTAINS, lookup_contains),
    BOTH("nexus_loader_get", WHAT_GET, lookup_get),
    {NULL, NULL, NULL, NULL},
};

/* ---- Start, preparation, loading ----------------------------------------------------------------------- */

static int start(const char *python, int site)
{
    NexusPythonConfig config = {.struct_size = sizeof config};
    NexusError *error = NULL;
    config.python = python;
    config.flags = site ? 0 : NEXUS_PYTHON_NO_SITE;
    return nexus_python_start(&config, &error) == NEXUS_OK ? 0 : complain("start", error);
}

static int function(const char *name, NexusObject **object)
{
    NexusError *error = NULL;
    NexusValue value;
    if (nexus_object_attr(callee, name, &value, &error) != NEXUS_OK) return complain(name, error);
    *object = value.as.object;
    return 0;
}

static int prepare(const Setup *setup)
{
    NexusError *error = NULL;
    NexusLoader *loader;
    names = setup->names;
    name_count = setup->name_count;
    if (nexus_loader_new(setup->callee, NULL, 0, &loader, &error) != NEXUS_OK ||
        nexus_loader_get(loader, "callee", &callee, &error) != NEXUS_OK ||
        nexus_loader_new(setup->modules, names, name_count, &many, &error) != NEXUS_OK)
        return complain("prepare", error);
    return function("nothing", &nothing) | function("add", &add) | function("add_reals", &add_reals) |
           function("length", &length) | function("again", &again);
}

static long load(const char *folder, int lazy)
{
    NexusError *error = NULL;
    NexusLoader *loader;
    NexusLoaderOptions options = {.struct_size = sizeof options};
    options.flags = lazy ? NEXUS_LOADER_LAZY : 0;
    if (nexus_loader_open(folder, &options, &loader, &error) != NEXUS_OK) return complain(folder, error);
    return (long)nexus_loader_count(loader);
}

const Contestant *contestant(void)
{
    static const Contestant self = {"nexus_loader", start, prepare, load, ways};
    return &self;
}
