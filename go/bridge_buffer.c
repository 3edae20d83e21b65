/* Memory of Python objects for Go, and memory of Go for Python. */
#include "bridge.h"

#include <string.h>

/* A Go function, in memory.go: Python is done with the memory. */
extern void nexusgoMemoryDone(uintptr_t hold);

void nexusgo_buffer_get(nexusgo_buffer *buffer)
{
    NexusBufferInfo info = {.struct_size = sizeof info};
    NexusBuffer *made = NULL;
    NexusError *error = NULL;
    NexusStatus status =
        nexus_buffer_get(NEXUSGO_POINTER(NexusObject, buffer->object), buffer->flags, &made, &info, &error);
    if (status == NEXUS_OK && strlen(info.format) >= sizeof buffer->format) {
        nexus_buffer_free(made);
        made = NULL;
        status = nexus_error_new(NEXUS_ERR_TYPE, "an item of the buffer is a record of many fields", &error);
    }
    if (status == NEXUS_OK) {
        buffer->data = NEXUSGO_NUMBER(info.data);
        buffer->size = info.size;
        buffer->item_size = info.item_size;
        buffer->ndim = info.ndim;
        buffer->shape = NEXUSGO_NUMBER(info.shape);
        buffer->strides = NEXUSGO_NUMBER(info.strides);
        strcpy(buffer->format, info.format);
        buffer->read_only = info.read_only;
        buffer->c_contiguous = info.c_contiguous;
        buffer->f_contiguous = info.f_contiguous;
    }
    buffer->buffer = NEXUSGO_NUMBER(made);
    buffer->status = (int32_t)status;
    buffer->error = NEXUSGO_NUMBER(error);
}

void nexusgo_buffer_free(uint64_t buffer)
{
    nexus_buffer_free(NEXUSGO_POINTER(NexusBuffer, buffer));
}

static void done(void *data, void *hold)
{
    (void)data;
    nexusgoMemoryDone((uintptr_t)hold);
}

void nexusgo_memory_new(nexusgo_memory *memory, void *data)
{
    NexusMemoryLayout layout = {.struct_size = sizeof layout};
    NexusMemory *made = NULL;
    NexusObject *object = NULL;
    NexusError *error = NULL;
    layout.flags = memory->read_only ? NEXUS_MEMORY_READ_ONLY : 0;
    layout.data = data;
    layout.size = (size_t)memory->size;
    layout.item_size = (size_t)memory->item_size;
    layout.format = memory->format;
    layout.ndim = (size_t)memory->ndim;
    layout.shape = memory->shape;
    NexusStatus status = nexus_memory_new(&layout, done, NEXUSGO_POINTER(void, memory->hold), &made, &error);
    memory->taken = status == NEXUS_OK;
    if (status == NEXUS_OK) {
        status = nexus_memory_object(made, &object, &error);
        if (status != NEXUS_OK) {
            nexus_memory_free(made);
            made = NULL;
        }
    }
    memory->memory = NEXUSGO_NUMBER(made);
    memory->object = NEXUSGO_NUMBER(object);
    memory->status = (int32_t)status;
    memory->error = NEXUSGO_NUMBER(error);
}

int32_t nexusgo_memory_revoke(uint64_t memory, uint64_t *error)
{
    NexusError *failure = NULL;
    NexusStatus status = nexus_memory_revoke(NEXUSGO_POINTER(NexusMemory, memory), &failure);
    *error = NEXUSGO_NUMBER(failure);
    return (int32_t)status;
}

void nexusgo_memory_free(uint64_t memory)
{
    nexus_memory_free(NEXUSGO_POINTER(NexusMemory, memory));
}
