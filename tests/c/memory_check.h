/* Memory of the host, and what its release callback is told. */
#ifndef MEMORY_CHECK_H
#define MEMORY_CHECK_H

#include "nexus_check.h"

typedef struct Told {
    int times;
    void *data;
    pthread_t thread;
} Told;

static inline void tell(void *data, void *user_data) {
    Told *told = user_data;
    told->data = data;
    told->thread = pthread_self();
    __atomic_add_fetch(&told->times, 1, __ATOMIC_SEQ_CST);
}

static inline NexusMemory *made(const NexusMemoryLayout *layout, Told *told) {
    NexusMemory *memory = POISON;
    CHECK_OK(nexus_memory_new(layout, told ? tell : NULL, told, &memory, &error));
    CHECK(memory != NULL && memory != POISON);
    return memory;
}

static inline NexusValue object_of(const NexusMemory *memory) {
    NexusObject *object = POISON;
    CHECK_OK(nexus_memory_object(memory, &object, &error));
    CHECK(object != NULL && object != POISON);
    return nexus_value_object(object);
}

#endif
