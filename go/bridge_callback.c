/* Go functions that Python calls. */
#include "bridge.h"

#include <string.h>

/* Go functions, in callback.go. The first answers; the second gives the cgo.Handle back. */
extern void nexusgoInvoke(uintptr_t handle, NexusArguments *arguments, nexusgo_reply *reply);
extern void nexusgoForget(uintptr_t handle);

/* How many Go functions that Python has called this thread is in. */
static _Thread_local unsigned depth;

int nexusgo_in_callback(void)
{
    return depth > 0;
}

static NexusStatus invoke(const NexusArguments *arguments, NexusValue *result, NexusError **error, void *handle)
{
    /* Copied by the library as soon as this function has returned; the thread does nothing in between. */
    static _Thread_local char text[NEXUSGO_SHORT];
    nexusgo_reply reply = {.text = text};
    NexusStatus status = nexusgo_slot_before_go(error);
    if (status != NEXUS_OK) return status;
    depth++;
    nexusgoInvoke((uintptr_t)handle, (NexusArguments *)arguments, &reply);
    depth--;
    status = nexusgo_slot_after_go(error);
    if (status != NEXUS_OK) {
        if (reply.result.kind == NEXUS_KIND_OBJECT) nexus_object_free(NEXUSGO_POINTER(NexusObject, reply.result.word));
        nexus_error_free(NEXUSGO_POINTER(NexusError, reply.error));
        return status;
    }
    *error = NEXUSGO_POINTER(NexusError, reply.error);
    if (reply.status != NEXUS_OK) return (NexusStatus)reply.status;
    double real;
    switch (reply.result.kind) {
    case NEXUS_KIND_BOOLEAN:
        *result = nexus_value_boolean(reply.result.word != 0);
        break;
    case NEXUS_KIND_INTEGER:
        *result = nexus_value_integer((int64_t)reply.result.word);
        break;
    case NEXUS_KIND_REAL:
        memcpy(&real, &reply.result.word, sizeof real);
        *result = nexus_value_real(real);
        break;
    case NEXUS_KIND_TEXT:
        *result = nexus_value_text(text, (size_t)reply.result.size);
        break;
    case NEXUS_KIND_BYTES:
        *result = nexus_value_bytes(text, (size_t)reply.result.size);
        break;
    case NEXUS_KIND_OBJECT:
        *result = nexus_value_object(NEXUSGO_POINTER(NexusObject, reply.result.word));
        break;
    default:
        break;
    }
    return NEXUS_OK;
}

static void forget(void *handle)
{
    nexusgoForget((uintptr_t)handle);
}

NexusStatus nexusgo_function(const char *name, uint64_t handle, NexusObject **callable, NexusError **error)
{
    return nexus_function_new(name, NULL, 0, invoke, NEXUSGO_POINTER(void, handle), forget, callable, error);
}

/* An answer that is more than a number or a short text becomes an object. */
void nexusgo_reply_build(nexusgo_reply *reply, const nexusgo_token *tokens, size_t token_count, const char *text)
{
    nexusgo_values values;
    NexusError *error = NULL;
    NexusObject *object = NULL;
    NexusStatus status = nexusgo_values_make(&values, tokens, token_count, text, &error);
    if (status == NEXUS_OK) {
        status = nexus_object_new(values.values, &object, &error);
        nexusgo_values_drop(&values);
    }
    reply->status = (int32_t)status;
    reply->error = NEXUSGO_NUMBER(error);
    reply->result = (nexusgo_token){NEXUS_KIND_OBJECT, NEXUSGO_NUMBER(object), 0};
}

/* `type`: an exception's; NULL: what belongs to the status. */
void nexusgo_reply_raise(nexusgo_reply *reply, int32_t number, const char *type, const char *message)
{
    NexusError *error = NULL;
    NexusStatus status = (NexusStatus)number;
    if (type) {
        status = nexus_error_raise(type, message, &error);
        if (strcmp(nexus_error_exception(error), type) != 0) {
            /* A class that cannot be found, or takes more than a message: what was to be told is told. */
            nexus_error_free(error);
            status = nexus_error_new((NexusStatus)number, message, &error);
        }
    } else {
        status = nexus_error_new(status, message, &error);
    }
    reply->status = (int32_t)status;
    reply->error = NEXUSGO_NUMBER(error);
}

/* An exception that was kept is raised again as it is. */
void nexusgo_reply_raise_object(nexusgo_reply *reply, uint64_t exception)
{
    NexusError *error = NULL;
    NexusStatus status = nexus_error_describe(NEXUSGO_POINTER(NexusObject, exception), &error, NULL);
    reply->status = (int32_t)(status == NEXUS_OK ? NEXUS_ERR_EXCEPTION : status);
    reply->error = NEXUSGO_NUMBER(error);
}
