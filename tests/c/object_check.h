/* Shortcuts for tests of the functions of objects. */
#ifndef OBJECT_CHECK_H
#define OBJECT_CHECK_H

#include "nexus_check.h"

/* A handle to what a Python expression gives, also to a number or text. */
static inline NexusObject *object(const char *expression) {
    NexusError *error = NULL;
    NexusObject *made = NULL;
    NexusValue value = evaluate(expression);
    CHECK_OK(nexus_object_new(&value, &made, &error));
    nexus_value_clear(&value);
    return made;
}

/* Whether a Python expression is true of an object, which it calls `it`. */
static inline bool holds(const NexusObject *it, const char *expression) {
    NexusValue value = evaluate_with(expression, nexus_value_object((NexusObject *)it));
    CHECK_NUMBER(value.kind, NEXUS_KIND_BOOLEAN);
    return value.as.boolean;
}

#define CHECK_HOLDS(it, expression)                                                    \
    do {                                                                               \
        if (!holds(it, expression)) {                                                  \
            NexusValue check_repr;                                                     \
            (void)nexus_object_repr(it, &check_repr, NULL);                            \
            FAIL("not so: %s, of %.400s", (const char *)(expression),                  \
                 check_repr.kind == NEXUS_KIND_TEXT ? check_repr.as.text.data : "?");  \
        }                                                                              \
    } while (0)

/* A call that must make an object of which that is true; frees it. */
#define CHECK_MAKES(call, made, expression)                                            \
    do {                                                                               \
        CHECK_OK(call);                                                                \
        CHECK_HOLDS(made, expression);                                                 \
        nexus_object_free(made);                                                       \
    } while (0)

/* NONE, bit for bit but for the padding. */
static inline bool is_none(const NexusValue *value) {
    return value->kind == NEXUS_KIND_NONE && !value->as.text.data && !value->as.text.size && !value->owner;
}

static inline bool is_text(const NexusValue *value, const char *text) {
    return value->kind == NEXUS_KIND_TEXT && value->as.text.size == strlen(text) &&
           memcmp(value->as.text.data, text, strlen(text) + 1) == 0;
}

/* Releases an array, half of it one by one. */
static inline void clear_all(NexusValue *values, size_t count) {
    for (size_t i = 0; i < count / 2; i++) nexus_value_clear(&values[i]);
    nexus_values_clear(values, count);
    for (size_t i = 0; i < count; i++) CHECK(is_none(&values[i]));
}

#endif
