/* Shortcuts for tests of calls: Python source as a module, attributes as handles, functions of the host,
 * and every way in which this library calls something. */
#ifndef CALLING_H
#define CALLING_H

#include "nexus_check.h"

#include <dlfcn.h>

/* --- Handles ------------------------------------------------------------------------------------- */

/* The handle of a value that must be an object; the caller frees it. */
static inline NexusObject *object_of(NexusValue value) {
    CHECK_NUMBER(value.kind, NEXUS_KIND_OBJECT);
    CHECK(value.as.object != NULL);
    return value.as.object;
}

/* An attribute that is an object; the caller frees it. */
static inline NexusObject *member(const NexusObject *object, const char *name) {
    NexusError *error = NULL;
    NexusValue value;
    CHECK_OK(nexus_object_attr(object, name, &value, &error));
    return object_of(value);
}

/* Runs Python source as the body of a new module named `case`; the caller frees it. */
static inline NexusObject *python_module(const char *source) {
    NexusObject *types = import("types"), *builtins = import("builtins");
    NexusObject *module = object_of(call1(types, "ModuleType", text_value("case")));
    NexusObject *names = member(module, "__dict__");
    NexusValue args[] = {text_value(source), nexus_value_object(names)};
    gives_none(call(builtins, "exec", args, 2));
    FREE_OBJECTS(names, types, builtins);
    return module;
}

/* The compiled module `calls` of the fixtures; the caller frees it. */
static inline NexusObject *calls_module(void) { return module_of("calls"); }

/* `repr` of a value, in one of eight buffers that take turns. */
static inline const char *shown(NexusValue value) {
    static _Thread_local char buffers[8][4096];
    static _Thread_local unsigned turn;
    NexusObject *builtins = import("builtins");
    const char *text = text_of(call1(builtins, "repr", value), buffers[turn++ % 8], sizeof buffers[0]);
    nexus_object_free(builtins);
    return text;
}

static inline void set_item(const NexusObject *object, NexusValue key, NexusValue value) {
    NexusValue pair[] = {key, value}, none = call(object, "__setitem__", pair, 2);
    CHECK_NUMBER(none.kind, NEXUS_KIND_NONE);
}

/* --- Functions of the host ----------------------------------------------------------------------- */

static inline NexusObject *flagged_function(uint32_t flags, NexusFunction function, void *user_data) {
    NexusError *error = NULL;
    NexusObject *callable = NULL;
    CHECK_OK(nexus_function_new("f", NULL, flags, function, user_data, NULL, &callable, &error));
    CHECK(callable != NULL);
    return callable;
}

static inline NexusObject *host_function(const char *name, NexusFunction function, void *user_data) {
    NexusError *error = NULL;
    NexusObject *callable = NULL;
    CHECK_OK(nexus_function_new(name, NULL, 0, function, user_data, NULL, &callable, &error));
    CHECK(callable != NULL);
    return callable;
}

/* Whether this thread holds the GIL, as Python itself sees it. Python was opened globally. */
static inline int gil_is_held(void) {
    int (*check)(void);
    void *symbol = dlsym(RTLD_DEFAULT, "PyGILState_Check");
    CHECK(symbol != NULL);
    memcpy(&check, &symbol, sizeof check);
    return check();
}

/* --- Steps that threads wait for ----------------------------------------------------------------- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int reached;

static inline void set_step(int number) {
    pthread_mutex_lock(&mutex);
    reached = number;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static inline void wait_for_step(int number) {
    pthread_mutex_lock(&mutex);
    while (reached < number) pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

/* --- Every way of calling ------------------------------------------------------------------------ */

/* `args` are the positional arguments, then those of the `named` names. */
typedef NexusStatus (*Way)(const NexusObject *callable, const NexusValue *args, size_t count, const char *const *names,
                           size_t named, NexusValue *result, NexusError **error);

static inline NexusStatus by_keywords(const NexusObject *callable, const NexusValue *args, size_t count,
                                      const char *const *names, size_t named, NexusValue *result, NexusError **error) {
    size_t positional = count - named;
    return nexus_object_call_keywords(callable, args, positional, names, args ? args + positional : NULL, named, result,
                                      error);
}

static inline NexusStatus plainly(const NexusObject *callable, const NexusValue *args, size_t count,
                                  const char *const *names, size_t named, NexusValue *result, NexusError **error) {
    if (named) return by_keywords(callable, args, count, names, named, result, error);
    return nexus_object_call(callable, args, count, result, error);
}

static inline NexusStatus prepared(const NexusObject *callable, const NexusValue *args, size_t count,
                                   const char *const *names, size_t named, NexusValue *result, NexusError **error) {
    NexusCall *call = NULL;
    NexusStatus status = nexus_call_prepare(callable, names, named, &call, error);
    if (status != NEXUS_OK) {
        CHECK(call == NULL);
        *result = nexus_value_none();
        return status;
    }
    status = nexus_call_invoke(call, args, count, result, error);
    nexus_call_free(call);
    return status;
}

/* Of three calls with the same arguments the last one's outcome, or the first one's failure. */
static inline NexusStatus in_a_batch(const NexusObject *callable, const NexusValue *args, size_t count,
                                     const char *const *names, size_t named, NexusValue *result, NexusError **error) {
    enum { TIMES = 3 };
    NexusCall *call = NULL;
    NexusStatus status = nexus_call_prepare(callable, names, named, &call, error);
    *result = nexus_value_none();
    if (status != NEXUS_OK) return status;
    NexusValue *all = calloc(TIMES * count + 1, sizeof *all), results[TIMES];
    memset(results, 0xa5, sizeof results);
    for (size_t i = 0; i < TIMES * count; i++) all[i] = args[i % count];
    size_t done = 99;
    status = nexus_call_invoke_many(call, all, count, TIMES, results, &done, error);
    CHECK_NUMBER(done, status == NEXUS_OK ? TIMES : 0);
    for (size_t i = 0; status != NEXUS_OK && i < TIMES; i++) CHECK_NUMBER(results[i].kind, NEXUS_KIND_NONE);
    for (size_t i = 0; i + 1 < TIMES; i++) nexus_value_clear(&results[i]);
    *result = results[TIMES - 1];
    free(all);
    nexus_call_free(call);
    return status;
}

static const struct {
    const char *name;
    Way call;
} ways[] = {{"plainly", plainly}, {"by keywords", by_keywords}, {"prepared", prepared}, {"in a batch", in_a_batch}};

#endif
