/* From tokens to values: the arguments of a call, containers and all, in one crossing. */
#include "bridge.h"

#include <stdlib.h>
#include <string.h>

/* A Go function, in callback.go: gives a cgo.Handle back. */
extern void nexusgoForget(uintptr_t handle);

static NexusStatus no_memory(NexusError **error)
{
    return nexus_error_new(NEXUS_ERR_NO_MEMORY, "no memory for the arguments", error);
}

static void drop_from(nexusgo_values *values, size_t first)
{
    for (size_t i = first; i < values->count; i++) {
        if (values->owned[i]) nexus_value_clear(&values->values[i]);
        values->owned[i] = 0;
    }
    values->count = first;
}

static void push(nexusgo_values *values, NexusValue value, unsigned char owned)
{
    values->values[values->count] = value;
    values->owned[values->count] = owned;
    values->count++;
}

/* A dict of pairs that lie one after another. */
static NexusStatus dict(const NexusValue *pairs, size_t count, NexusObject **made, NexusError **error)
{
    if (count == 0) return nexus_dict_new(NULL, NULL, 0, made, error);
    NexusValue *apart = malloc(2 * count * sizeof *apart);
    if (!apart) return no_memory(error);
    for (size_t i = 0; i < count; i++) {
        apart[i] = pairs[2 * i];
        apart[count + i] = pairs[2 * i + 1];
    }
    NexusStatus status = nexus_dict_new(apart, apart + count, count, made, error);
    free(apart);
    return status;
}

static double real(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* Makes an object of the token, and of the values before it that belong to it. */
static NexusStatus make(nexusgo_values *values, const nexusgo_token *token, const char *text, NexusError **error)
{
    NexusObject *object = NULL;
    NexusValue number = nexus_value_none();
    NexusStatus status = NEXUS_OK;
    size_t size = (size_t)token->size;
    size_t taken = 0;
    switch (token->kind) {
    case NEXUSGO_LIST:
    case NEXUSGO_TUPLE:
    case NEXUSGO_SET:
        taken = size;
        break;
    case NEXUSGO_DICT:
        taken = 2 * size;
        break;
    default:
        break;
    }
    const NexusValue *items = values->values + (values->count - taken);
    const void *data = text + token->word;
    switch (token->kind) {
    case NEXUSGO_LIST:
        status = nexus_list_new(items, taken, &object, error);
        break;
    case NEXUSGO_TUPLE:
        status = nexus_tuple_new(items, taken, &object, error);
        break;
    case NEXUSGO_SET:
        status = nexus_set_new(items, taken, &object, error);
        break;
    case NEXUSGO_DICT:
        status = dict(items, size, &object, error);
        break;
    case NEXUSGO_INTEGERS:
        status = nexus_list_new_integers(data, size, &object, error);
        break;
    case NEXUSGO_REALS:
        status = nexus_list_new_reals(data, size, &object, error);
        break;
    case NEXUSGO_UNSIGNED: {
        uint64_t word = token->word;
        unsigned char bytes[8];
        for (size_t i = 0; i < sizeof bytes; i++, word >>= 8) bytes[i] = (unsigned char)word;
        status = nexus_int_from_bytes(bytes, sizeof bytes, NEXUS_INT_UNSIGNED, &number, error);
        break;
    }
    case NEXUSGO_BIG:
        status = nexus_int_from_bytes(data, size, 0, &number, error);
        break;
    case NEXUSGO_COMPLEX:
        status = nexus_complex_new(real(token->word), real(token->size), &object, error);
        break;
    case NEXUSGO_FUNCTION:
        status = nexusgo_function(data, token->size, &object, error);
        break;
    default:
        return nexus_error_new(NEXUS_ERR_PANIC, "the Go package sent an unknown token", error);
    }
    if (status != NEXUS_OK) return status;
    drop_from(values, values->count - taken);
    push(values, object ? nexus_value_object(object) : number, 1);
    return NEXUS_OK;
}

/* Go functions that will not become objects are given back. */
void nexusgo_functions_drop(const nexusgo_token *tokens, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (tokens[i].kind == NEXUSGO_FUNCTION) nexusgoForget((uintptr_t)tokens[i].size);
    }
}

/* After a failure everything is released. */
NexusStatus nexusgo_values_make(nexusgo_values *values, const nexusgo_token *tokens, size_t count, const char *text,
                                NexusError **error)
{
    values->count = values->positional = values->name_count = 0;
    values->block = NULL;
    values->values = values->few_values;
    values->names = values->few_names;
    values->owned = values->few_owned;
    if (count > NEXUSGO_FEW) {
        values->block = malloc(count * (sizeof *values->values + sizeof *values->names + 1));
        if (!values->block) {
            nexusgo_functions_drop(tokens, count);
            return no_memory(error);
        }
        values->values = values->block;
        values->names = (const char **)(values->values + count);
        values->owned = (unsigned char *)(values->names + count);
    }
    for (size_t i = 0; i < count; i++) {
        const nexusgo_token *token = &tokens[i];
        switch (token->kind) {
        case NEXUS_KIND_NONE:
            push(values, nexus_value_none(), 0);
            break;
        case NEXUS_KIND_BOOLEAN:
            push(values, nexus_value_boolean(token->word != 0), 0);
            break;
        case NEXUS_KIND_INTEGER:
            push(values, nexus_value_integer((int64_t)token->word), 0);
            break;
        case NEXUS_KIND_REAL:
            push(values, nexus_value_real(real(token->word)), 0);
            break;
        case NEXUS_KIND_TEXT:
            push(values, nexus_value_text(text + token->word, (size_t)token->size), 0);
            break;
        case NEXUS_KIND_BYTES:
            push(values, nexus_value_bytes(text + token->word, (size_t)token->size), 0);
            break;
        case NEXUS_KIND_OBJECT:
            push(values, nexus_value_object(NEXUSGO_POINTER(NexusObject, token->word)), 0);
            break;
        case NEXUSGO_KEYWORD:
            if (values->name_count == 0) values->positional = values->count;
            values->names[values->name_count++] = text + token->word;
            break;
        default: {
            NexusStatus status = make(values, token, text, error);
            if (status != NEXUS_OK) {
                nexusgo_values_drop(values);
                nexusgo_functions_drop(tokens + i + 1, count - i - 1);
                return status;
            }
            break;
        }
        }
    }
    if (values->name_count == 0) values->positional = values->count;
    return NEXUS_OK;
}

void nexusgo_values_drop(nexusgo_values *values)
{
    drop_from(values, 0);
    free(values->block);
    values->block = NULL;
}
