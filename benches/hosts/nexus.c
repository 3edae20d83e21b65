/* nexus_loader, from C. */
#include "nexus_calls.h"

static NexusObject *nothing, *add, *add_reals, *length, *again, *ends, *callee;
static NexusLoader *many;
static const char *const *names;
static size_t name_count;

/* ---- The calls ----------------------------------------------------------------------------------------- */

#define BY_HANDLE(function, args, count) nexus_object_call(function, args, count, &result, NULL)
#define BY_NAME(function, args, count) nexus_object_call_method(callee, #function, args, count, &result, NULL)

CALLS(call, BY_HANDLE)
CALLS(method, BY_NAME)

/* ---- Lookups; they need no GIL ------------------------------------------------------------------------- */

static inline int lookup_contains(size_t i) { return !nexus_loader_contains(many, names[i % name_count]); }

static inline int lookup_get(size_t i)
{
    NexusObject *module;
    if (nexus_loader_get(many, names[i % name_count], &module, NULL) != NEXUS_OK) return -1;
    nexus_object_free(module);
    return 0;
}

/* ---- Each with the GIL held, and taken for each call --------------------------------------------------- */

WAYS_OF(call_none)
WAYS_OF(call_ints)
WAYS_OF(call_big_ints)
WAYS_OF(call_reals)
WAYS_OF(call_text)
WAYS_OF(call_text_back)
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

#define CALL "nexus_object_call"
#define METHOD "nexus_object_call_method"

static const Way ways[] = {
    BOTH(CALL, WHAT_NONE, call_none),
    BOTH(CALL, WHAT_INTS, call_ints),
    BOTH(CALL, WHAT_BIG_INTS, call_big_ints),
    BOTH(CALL, WHAT_REALS, call_reals),
    BOTH(CALL, WHAT_TEXT, call_text),
    BOTH(CALL, WHAT_TEXT_BACK, call_text_back),
    {CALL, HOW_BATCH, WHAT_INTS, call_ints_batch},
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
           function("length", &length) | function("again", &again) | function("ends", &ends);
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
