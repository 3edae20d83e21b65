/* One crossing: arguments made, the operation done, the result read. */
#include "bridge.h"

#include <string.h>

static NexusStatus no_memory(NexusError **error)
{
    return nexus_error_new(NEXUS_ERR_NO_MEMORY, "no memory for the result", error);
}

/* obj.name(…, key=…): C has no single function for it. */
static NexusStatus call_method(const NexusObject *object, const char *name, const nexusgo_values *given,
                               NexusValue *result, NexusError **error)
{
    if (given->name_count == 0) {
        return nexus_object_call_method(object, name, given->values, given->positional, result, error);
    }
    NexusValue method;
    NexusStatus status = nexus_object_attr(object, name, &method, error);
    if (status != NEXUS_OK) return status;
    if (method.kind != NEXUS_KIND_OBJECT) {
        NexusObject *made = NULL;
        status = nexus_object_new(&method, &made, error);
        nexus_value_clear(&method);
        if (status != NEXUS_OK) return status;
        method = nexus_value_object(made);
    }
    status = nexus_object_call_keywords(method.as.object, given->values, given->positional, given->names,
                                        given->values + given->positional, given->name_count, result, error);
    nexus_value_clear(&method);
    return status;
}

/* Items of a sequence or an iterator as a block: `number` of them, from `object` on. */
static NexusStatus many(nexusgo_frame *frame, const NexusObject *object, int64_t start, const char *shape,
                        NexusError **error)
{
    enum { MOST = 256 };
    NexusValue items[MOST];
    size_t count = 0, room = frame->number < MOST ? (size_t)frame->number : MOST;
    NexusStatus status = frame->operation == NEXUSGO_READ
                             ? nexus_sequence_read(object, (size_t)start, items, room, &count, error)
                             : nexus_object_next_many(object, items, room, &count, error);
    if (status == NEXUS_ERR_END) status = NEXUS_OK;
    if (status != NEXUS_OK) return status;
    nexusgo_writer writer = nexusgo_writer_of(frame);
    nexusgo_write(&writer, NEXUSGO_LIST, 0, count);
    for (size_t i = 0; i < count && status == NEXUS_OK; i++) {
        const char *again = shape;
        status = nexusgo_read(&writer, &items[i], &again, error);
    }
    nexus_values_clear(items, count);
    if (status != NEXUS_OK) writer.failed = 1;
    frame->found = count == room;
    if (!nexusgo_writer_finish_frame(&writer, frame) && status == NEXUS_OK) status = no_memory(error);
    return status;
}

static NexusStatus names_block(nexusgo_frame *frame, const NexusObject *object, NexusError **error)
{
    NexusNames *names = NULL;
    NexusStatus status = nexus_object_dir(object, &names, error);
    if (status != NEXUS_OK) return status;
    nexusgo_writer writer = nexusgo_writer_of(frame);
    nexusgo_write_names(&writer, names);
    nexus_names_free(names);
    return nexusgo_writer_finish_frame(&writer, frame) ? NEXUS_OK : no_memory(error);
}

static NexusStatus do_it(nexusgo_frame *frame, const nexusgo_token *tokens, const char *text, NexusError **error)
{
    NexusObject *object = NEXUSGO_POINTER(NexusObject, frame->object), *made = NULL;
    const char *name = text + frame->name;
    NexusValue result = nexus_value_none();
    NexusStatus status = NEXUS_OK;
    bool yes = false;
    int gives = 1; /* whether `result`, or `made`, is read */
    size_t length = 0;
    nexusgo_values given;
    status = nexusgo_values_make(&given, tokens, (size_t)frame->token_count, text, error);
    if (status != NEXUS_OK) return status;
    const NexusValue *first = given.values;
    NexusObject *other = given.count > 0 && first->kind == NEXUS_KIND_OBJECT ? first->as.object : NULL;

    switch (frame->operation) {
    case NEXUSGO_CALL:
        status = given.name_count == 0
                     ? nexus_object_call(object, given.values, given.positional, &result, error)
                     : nexus_object_call_keywords(object, given.values, given.positional, given.names,
                                                  given.values + given.positional, given.name_count, &result, error);
        break;
    case NEXUSGO_CALL_METHOD:
        status = call_method(object, name, &given, &result, error);
        break;
    case NEXUSGO_INVOKE:
        status = nexus_call_invoke(NEXUSGO_POINTER(NexusCall, frame->object), given.values, given.count, &result, error);
        break;
    case NEXUSGO_RUN:
        status = nexus_object_await(object, &result, error);
        break;
    case NEXUSGO_ATTRIBUTE:
        status = nexus_object_attr(object, name, &result, error);
        break;
    case NEXUSGO_HAS_ATTRIBUTE:
        gives = 0;
        status = nexus_object_has_attr(object, name, &yes, error);
        frame->found = yes;
        break;
    case NEXUSGO_SET_ATTRIBUTE:
        gives = 0;
        status = nexus_object_set_attr(object, name, first, error);
        break;
    case NEXUSGO_DELETE_ATTRIBUTE:
        gives = 0;
        status = nexus_object_delete_attr(object, name, error);
        break;
    case NEXUSGO_ATTRIBUTE_NAMES:
        gives = 0;
        status = names_block(frame, object, error);
        break;
    case NEXUSGO_ITEM:
        status = nexus_object_item(object, first, &result, error);
        break;
    case NEXUSGO_FIND_ITEM:
        status = nexus_object_find_item(object, first, &result, &yes, error);
        frame->found = yes;
        gives = yes;
        break;
    case NEXUSGO_SET_ITEM:
        gives = 0;
        status = nexus_object_set_item(object, first, first + 1, error);
        break;
    case NEXUSGO_DELETE_ITEM:
        gives = 0;
        status = nexus_object_delete_item(object, first, error);
        break;
    case NEXUSGO_LENGTH:
        gives = 0;
        status = nexus_object_length(object, &length, error);
        frame->number = length;
        break;
    case NEXUSGO_CONTAINS:
        gives = 0;
        status = nexus_object_contains(object, first, &yes, error);
        frame->found = yes;
        break;
    case NEXUSGO_ITERATE:
        status = nexus_object_iterate(object, &made, error);
        break;
    case NEXUSGO_NEXT:
        status = nexus_object_next(object, &result, error);
        frame->found = status == NEXUS_OK;
        gives = status == NEXUS_OK;
        if (status == NEXUS_ERR_END) status = NEXUS_OK;
        break;
    case NEXUSGO_NEXT_MANY:
        gives = 0;
        status = many(frame, object, 0, text + frame->shape, error);
        break;
    case NEXUSGO_READ:
        gives = 0;
        status = many(frame, object, first->as.integer, text + frame->shape, error);
        break;
    case NEXUSGO_IS_SEQUENCE:
        gives = 0;
        frame->found = (uint32_t)nexusgo_is_list_or_tuple(object);
        break;
    case NEXUSGO_SEND:
        status = nexus_generator_send(object, first, &result, &yes, error);
        frame->found = yes;
        break;
    case NEXUSGO_CLOSE_GENERATOR:
        gives = 0;
        status = nexus_generator_close(object, error);
        break;
    case NEXUSGO_VALUE:
        status = nexus_object_value(object, &result, error);
        break;
    case NEXUSGO_NEW:
        status = nexus_object_new(first, &made, error);
        break;
    case NEXUSGO_NEW_VALUE:
        status = nexus_object_new(first, &made, error);
        if (status == NEXUS_OK) status = nexus_object_value(made, &result, error);
        nexus_object_free(made);
        made = NULL;
        break;
    case NEXUSGO_CLONE:
        status = nexus_object_clone(object, &made, error);
        break;
    case NEXUSGO_IMPORT:
        status = nexus_import(name, &made, error);
        break;
    case NEXUSGO_PREPARE: {
        gives = 0;
        NexusCall *call = NULL;
        /* The names come as keywords, each with None for a value. */
        status = nexus_call_prepare(object, given.names, given.name_count, &call, error);
        frame->result.word = NEXUSGO_NUMBER(call);
        break;
    }
    case NEXUSGO_REPR:
        status = nexus_object_repr(object, &result, error);
        break;
    case NEXUSGO_STR:
        status = nexus_object_str(object, &result, error);
        break;
    case NEXUSGO_TYPE:
        status = nexus_object_type(object, &made, error);
        break;
    case NEXUSGO_TYPE_NAME:
        status = nexus_object_type_name(object, &result, error);
        break;
    case NEXUSGO_COMPARE:
        gives = 0;
        status = nexus_object_compare(object, (NexusComparison)frame->number, first, &yes, error);
        frame->found = yes;
        break;
    case NEXUSGO_IS:
        gives = 0;
        status = nexus_object_is(object, other, &yes, error);
        frame->found = yes;
        break;
    case NEXUSGO_IS_INSTANCE:
        gives = 0;
        status = nexus_object_is_instance(object, other, &yes, error);
        frame->found = yes;
        break;
    case NEXUSGO_IS_CALLABLE:
        gives = 0;
        status = nexus_object_is_callable(object, &yes, error);
        frame->found = yes;
        break;
    case NEXUSGO_TRUTH:
        gives = 0;
        status = nexus_object_truth(object, &yes, error);
        frame->found = yes;
        break;
    case NEXUSGO_HASH: {
        gives = 0;
        int64_t hash = 0;
        status = nexus_object_hash(object, &hash, error);
        frame->number = (uint64_t)hash;
        break;
    }
    case NEXUSGO_SIGNATURE:
        status = nexus_object_signature(object, &result, error);
        break;
    case NEXUSGO_DOC:
        status = nexus_object_doc(object, &result, error);
        break;
    case NEXUSGO_TO_JSON:
        status = nexus_object_to_json(object, &result, error);
        break;
    case NEXUSGO_FROM_JSON:
        status = nexus_object_from_json(first->as.text.data, first->as.text.size, &result, error);
        break;
    case NEXUSGO_LOADER_GET:
        status = nexus_loader_get(NEXUSGO_POINTER(NexusLoader, frame->object), name, &made, error);
        break;
    default:
        status = nexus_error_new(NEXUS_ERR_PANIC, "the Go package asked for an unknown operation", error);
        break;
    }
    nexusgo_values_drop(&given);
    if (status != NEXUS_OK || !gives) return status;
    if (made) result = nexus_value_object(made);
    frame->status = NEXUS_OK;
    nexusgo_result(frame, &result, text, error);
    return (NexusStatus)frame->status;
}

/* Does it with the GIL taken once, and so that another thread can cancel it. */
static NexusStatus cancellable(nexusgo_frame *frame, const nexusgo_token *tokens, const char *text, nexusgo_slot *slot,
                               NexusError **error)
{
    if (!nexusgo_slot_enter(slot)) {
        nexusgo_functions_drop(tokens, (size_t)frame->token_count);
        return nexus_error_new(NEXUS_ERR_CANCELLED, "cancelled before the call began", error);
    }
    NexusStatus status = do_it(frame, tokens, text, error);
    nexusgo_slot_leave(slot);
    return status;
}

void nexusgo_do(nexusgo_frame *frame, const nexusgo_token *tokens, const char *text, nexusgo_slot *slot)
{
    NexusError *error = NULL;
    NexusStatus status = NEXUS_OK;
    int held = 0;
    if (slot || (frame->flags & NEXUSGO_HOLD) != 0) {
        status = nexus_python_attach(&error);
        held = status == NEXUS_OK;
    }
    if (status != NEXUS_OK) {
        nexusgo_functions_drop(tokens, (size_t)frame->token_count);
    } else {
        status = slot ? cancellable(frame, tokens, text, slot, &error) : do_it(frame, tokens, text, &error);
    }
    if (held) nexus_python_detach(NULL);
    frame->status = (int32_t)status;
    frame->error = NEXUSGO_NUMBER(error);
}

void nexusgo_release(uint64_t owner)
{
    nexus_object_free(NEXUSGO_POINTER(NexusObject, owner));
}

/* With the GIL taken once for all. */
void nexusgo_release_many(const uint64_t *objects, size_t count)
{
    int held = nexus_python_attach(NULL) == NEXUS_OK;
    for (size_t i = 0; i < count; i++) nexus_object_free(NEXUSGO_POINTER(NexusObject, objects[i]));
    if (held) nexus_python_detach(NULL);
}

void nexusgo_call_free(uint64_t call)
{
    nexus_call_free(NEXUSGO_POINTER(NexusCall, call));
}
