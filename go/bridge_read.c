/* From values to tokens: a result as the Go program wants it, containers and all.
 *
 * A shape is one letter, or several:
 *   a     as it is: scalars, and a handle for all else    n     nothing, whatever it is
 *   ? i u d c B   bool, int64, uint64, float, complex, int of any size
 *   s b o         text, bytes, handle of whatever it is
 *   *X            None, or an X
 *   I D           ints, floats: an array of numbers, or a list of tokens where there is none
 *   lX            everything that an iterable gives, each as X
 *   mXY           a mapping, keys as X and values as Y
 */
#include "bridge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 64 };

/* One of the types that everybody knows; NULL if there is none. The handle stays for good. */
static NexusObject *builtin(unsigned index)
{
    static const char *const names[] = {"list", "tuple", "str"};
    static NexusObject *known[3];
    NexusObject *type = __atomic_load_n(&known[index], __ATOMIC_ACQUIRE);
    if (type) return type;
    NexusObject *module = NULL;
    NexusValue value = nexus_value_none();
    if (nexus_import("builtins", &module, NULL) == NEXUS_OK) nexus_object_attr(module, names[index], &value, NULL);
    nexus_object_free(module);
    if (value.kind != NEXUS_KIND_OBJECT) {
        nexus_value_clear(&value);
        return NULL;
    }
    NexusObject *none = NULL;
    if (!__atomic_compare_exchange_n(&known[index], &none, value.as.object, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        nexus_object_free(value.as.object);
        return none;
    }
    return value.as.object;
}

int nexusgo_is_list_or_tuple(const NexusObject *object)
{
    const NexusObject *types[] = {builtin(0), builtin(1)};
    bool is = false;
    nexus_object_is_instance_of_any(object, types, 2, &is, NULL);
    return is;
}

static NexusStatus wrong_type(const NexusValue *value, const char *wanted, NexusError **error)
{
    static const char *const names[] = {"None", "a bool", "an int", "a float", "a str", "bytes"};
    char message[200];
    if (value->kind == NEXUS_KIND_OBJECT) {
        NexusValue name = nexus_value_none();
        nexus_object_type_name(value->as.object, &name, NULL);
        int known = name.kind == NEXUS_KIND_TEXT;
        snprintf(message, sizeof message, "the value is a %.100s, not %s", known ? name.as.text.data : "Python object",
                 wanted);
        nexus_value_clear(&name);
    } else {
        unsigned kind = (unsigned)value->kind;
        snprintf(message, sizeof message, "the value is %s, not %s", kind < 6 ? names[kind] : "of an unknown kind",
                 wanted);
    }
    return nexus_error_new(NEXUS_ERR_TYPE, message, error);
}

static void replace(NexusValue *value, NexusValue by)
{
    nexus_value_clear(value);
    *value = by;
}

static NexusStatus to_index(NexusValue *value, const char *wanted, NexusError **error)
{
    if (value->kind == NEXUS_KIND_INTEGER) return NEXUS_OK;
    if (value->kind != NEXUS_KIND_OBJECT) return wrong_type(value, wanted, error);
    NexusValue integer;
    NexusStatus status = nexus_value_as_index(value, &integer, error);
    if (status == NEXUS_OK) replace(value, integer);
    return status;
}

static NexusStatus to_real(NexusValue *value, double *number, NexusError **error)
{
    if (value->kind != NEXUS_KIND_REAL && value->kind != NEXUS_KIND_INTEGER && value->kind != NEXUS_KIND_OBJECT) {
        return wrong_type(value, "a float", error);
    }
    NexusStatus status = nexus_value_to_double(value, number, value->kind == NEXUS_KIND_OBJECT ? NULL : error);
    if (value->kind != NEXUS_KIND_OBJECT || status == NEXUS_OK) return status;
    if (status == NEXUS_ERR_TYPE) return nexus_value_as_float(value, number, error);
    return nexus_value_to_double(value, number, error);
}

/* The bytes of what has a buffer of bytes. */
static NexusStatus to_bytes(nexusgo_writer *writer, const NexusValue *value, NexusError **error)
{
    NexusBuffer *buffer = NULL;
    NexusBufferInfo info = {.struct_size = sizeof info};
    NexusStatus status = nexus_buffer_get(value->as.object, NEXUS_BUFFER_C_CONTIGUOUS, &buffer, &info, error);
    if (status != NEXUS_OK) return status;
    if (info.item_size == 1) {
        nexusgo_write_bytes(writer, NEXUS_KIND_BYTES, info.data, info.size);
    } else {
        status = wrong_type(value, "bytes", error);
    }
    nexus_buffer_free(buffer);
    return status;
}

/* The numbers of an array that lie as Go wants them; 0 if they do not. */
static int copy_numbers(nexusgo_writer *writer, const NexusObject *object, uint64_t kind, const char *formats)
{
    NexusBuffer *buffer = NULL;
    NexusBufferInfo info = {.struct_size = sizeof info};
    if (nexus_buffer_get(object, NEXUS_BUFFER_C_CONTIGUOUS, &buffer, &info, NULL) != NEXUS_OK) return 0;
    const char *format = info.format;
    if (*format == '@' || *format == '=' || *format == '<') format++; /* little-endian hosts only, see below */
    const uint16_t one = 1;
    int little = *(const unsigned char *)&one == 1;
    int fits = little && info.ndim == 1 && info.item_size == 8 && *format && !format[1] && strchr(formats, *format);
    if (fits) {
        void *room = nexusgo_write_room(writer, kind, info.size / 8, 8);
        if (room && info.size > 0) memcpy(room, info.data, info.size);
    }
    nexus_buffer_free(buffer);
    return fits;
}

static NexusStatus numbers(nexusgo_writer *writer, NexusObject *object, char shape, NexusError **error, int *done)
{
    uint64_t kind = shape == 'I' ? NEXUSGO_INTEGERS : NEXUSGO_REALS;
    *done = 1;
    if (!nexusgo_is_list_or_tuple(object)) {
        *done = copy_numbers(writer, object, kind, shape == 'I' ? "lq" : "d");
        return NEXUS_OK; /* else one by one, as for any iterable */
    }
    size_t length = 0, count = 0;
    NexusStatus status = nexus_object_length(object, &length, error);
    if (status != NEXUS_OK) return status;
    size_t tokens = writer->count, used = writer->used;
    void *room = nexusgo_write_room(writer, kind, length, 8);
    if (!room) return NEXUS_OK;
    status = shape == 'I' ? nexus_sequence_read_integers(object, 0, room, length, &count, NULL)
                          : nexus_sequence_read_reals(object, 0, room, length, &count, NULL);
    if (status == NEXUS_OK && count == length) return NEXUS_OK;
    /* An item is of another type, such as numpy's: one by one, which also tells what is wrong. */
    writer->count = tokens;
    writer->used = used;
    *done = 0;
    return NEXUS_OK;
}

static void skip(const char **shape)
{
    char letter = *(*shape)++;
    if (letter == 'l' || letter == '*') skip(shape);
    if (letter == 'm') {
        skip(shape);
        skip(shape);
    }
}

/* Writes items, each in the same shape, and releases them. */
static NexusStatus read_items(nexusgo_writer *writer, NexusValue *items, size_t count, const char *shape,
                              NexusError **error)
{
    NexusStatus status = NEXUS_OK;
    for (size_t i = 0; i < count && status == NEXUS_OK; i++) {
        const char *again = shape;
        status = nexusgo_read(writer, &items[i], &again, error);
    }
    nexus_values_clear(items, count);
    return status;
}

static NexusStatus iterate(nexusgo_writer *writer, NexusObject *object, const char *shape, NexusError **error)
{
    NexusObject *iterator = NULL;
    NexusStatus status = nexus_object_iterate(object, &iterator, error);
    if (status != NEXUS_OK) return status;
    size_t place = writer->count, all = 0;
    nexusgo_write(writer, NEXUSGO_LIST, 0, 0);
    NexusValue items[MANY];
    size_t count = MANY;
    while (count == MANY && status == NEXUS_OK && !writer->failed) {
        status = nexus_object_next_many(iterator, items, MANY, &count, error);
        if (status == NEXUS_OK) {
            status = read_items(writer, items, count, shape, error);
            all += count;
        }
    }
    nexus_object_free(iterator);
    if (status == NEXUS_ERR_END) status = NEXUS_OK;
    if (!writer->failed) writer->tokens[place].size = all;
    return status;
}

static NexusStatus mapping(nexusgo_writer *writer, const NexusValue *value, const char **shape, NexusError **error)
{
    const char *key_shape = *shape;
    skip(shape);
    const char *value_shape = *shape;
    skip(shape);
    if (value->kind != NEXUS_KIND_OBJECT) return wrong_type(value, "a mapping", error);
    size_t length = 0, count = 0;
    NexusStatus status = nexus_dict_read(value->as.object, NULL, NULL, 0, &length, error);
    if (status != NEXUS_OK) return status;
    NexusValue *keys = malloc((2 * length + 1) * sizeof *keys);
    if (!keys) {
        writer->failed = 1;
        return NEXUS_OK;
    }
    NexusValue *values = keys + length;
    status = nexus_dict_read(value->as.object, keys, values, length, &count, error);
    if (status == NEXUS_OK) {
        nexusgo_write(writer, NEXUSGO_DICT, 0, count);
        for (size_t i = 0; i < count && status == NEXUS_OK; i++) {
            const char *of_key = key_shape, *of_value = value_shape;
            status = nexusgo_read(writer, &keys[i], &of_key, error);
            if (status == NEXUS_OK) status = nexusgo_read(writer, &values[i], &of_value, error);
        }
        nexus_values_clear(keys, count);
        nexus_values_clear(values, count);
    }
    free(keys);
    return status;
}

/* A value that is one token, made what the shape says; 0 in `*single` if it is a container. */
static NexusStatus single_value(NexusValue *value, const char *shape, nexusgo_token *token, int *single,
                                NexusError **error)
{
    NexusStatus status = NEXUS_OK;
    NexusValue made = nexus_value_none();
    *single = 1;
    switch (*shape) {
    case 'a':
    case 'n':
        break;
    case '?':
        if (value->kind != NEXUS_KIND_BOOLEAN) return wrong_type(value, "a bool", error);
        break;
    case 'i':
        status = to_index(value, "an int", error);
        if (status != NEXUS_OK) return status;
        if (value->kind != NEXUS_KIND_INTEGER) {
            int64_t number;
            return nexus_value_to_int64(value, &number, error);
        }
        break;
    case 'u': {
        uint64_t number = 0;
        status = to_index(value, "an int", error);
        if (status == NEXUS_OK) status = nexus_value_to_uint64(value, &number, error);
        *token = (nexusgo_token){NEXUSGO_UNSIGNED, number, 0};
        *single = 2;
        return status;
    }
    case 'd': {
        double number = 0;
        status = to_real(value, &number, error);
        if (status == NEXUS_OK) replace(value, nexus_value_real(number));
        return status;
    }
    case 'c': {
        double real = 0, imaginary = 0;
        status = value->kind == NEXUS_KIND_OBJECT ? nexus_complex_read(value->as.object, &real, &imaginary, NULL)
                                                  : NEXUS_ERR_TYPE;
        if (status != NEXUS_OK) status = to_real(value, &real, error);
        *token = (nexusgo_token){NEXUSGO_COMPLEX, 0, 0};
        memcpy(&token->word, &real, sizeof real);
        memcpy(&token->size, &imaginary, sizeof imaginary);
        *single = 2;
        return status;
    }
    case 'B':
        status = to_index(value, "an int", error);
        if (status == NEXUS_OK && value->kind == NEXUS_KIND_OBJECT) {
            status = nexus_int_to_bytes(value, 0, &made, error);
            if (status == NEXUS_OK) replace(value, made);
        }
        return status;
    case 's':
        if (value->kind == NEXUS_KIND_TEXT) break;
        if (value->kind == NEXUS_KIND_OBJECT) {
            bool text = false;
            nexus_object_is_instance(value->as.object, builtin(2), &text, NULL);
            if (text) { /* of a subclass: its contents, whatever its __str__ says */
                const NexusValue encoding = nexus_value_text("utf-8", 5);
                status = nexus_object_call_method(value->as.object, "encode", &encoding, 1, &made, error);
                if (status != NEXUS_OK) return status;
                made.kind = NEXUS_KIND_TEXT;
                replace(value, made);
                break;
            }
        }
        return wrong_type(value, "a str", error);
    case 'b':
        if (value->kind == NEXUS_KIND_BYTES) break;
        if (value->kind != NEXUS_KIND_OBJECT) return wrong_type(value, "bytes", error);
        *single = 0;
        break;
    case 'o':
        if (value->kind != NEXUS_KIND_OBJECT) {
            NexusObject *object = NULL;
            status = nexus_object_new(value, &object, error);
            if (status == NEXUS_OK) replace(value, nexus_value_object(object));
        }
        return status;
    case '*':
        if (value->kind == NEXUS_KIND_NONE) break;
        return single_value(value, shape + 1, token, single, error);
    default:
        *single = 0;
        break;
    }
    return NEXUS_OK;
}

NexusStatus nexusgo_read(nexusgo_writer *writer, NexusValue *value, const char **shape, NexusError **error)
{
    const char *here = *shape;
    skip(shape);
    if (*here == 'n') return NEXUS_OK;
    nexusgo_token token;
    int single;
    NexusStatus status = single_value(value, here, &token, &single, error);
    if (status != NEXUS_OK) return status;
    if (single == 2) {
        nexusgo_write(writer, token.kind, token.word, token.size);
        return NEXUS_OK;
    }
    while (*here == '*') here++;
    if (single) {
        switch (value->kind) {
        case NEXUS_KIND_TEXT:
            nexusgo_write_bytes(writer, NEXUS_KIND_TEXT, value->as.text.data, value->as.text.size);
            break;
        case NEXUS_KIND_BYTES:
            nexusgo_write_bytes(writer, *here == 'B' ? NEXUSGO_BIG : NEXUS_KIND_BYTES, value->as.text.data,
                                value->as.text.size);
            break;
        case NEXUS_KIND_OBJECT:
            nexusgo_write(writer, NEXUS_KIND_OBJECT, NEXUSGO_NUMBER(value->as.object), 0);
            value->kind = NEXUS_KIND_NONE; /* it is Go's now */
            break;
        case NEXUS_KIND_BOOLEAN:
            nexusgo_write(writer, NEXUS_KIND_BOOLEAN, value->as.boolean, 0);
            break;
        default: {
            uint64_t bits = 0;
            if (value->kind != NEXUS_KIND_NONE) memcpy(&bits, &value->as, sizeof bits);
            nexusgo_write(writer, value->kind, bits, 0);
            break;
        }
        }
        return NEXUS_OK;
    }
    if (*here == 'm') {
        const char *of_parts = here + 1;
        return mapping(writer, value, &of_parts, error);
    }
    if (value->kind != NEXUS_KIND_OBJECT) return wrong_type(value, "iterable", error);
    switch (*here) {
    case 'b':
        return to_bytes(writer, value, error);
    case 'l':
        return iterate(writer, value->as.object, here + 1, error);
    case 'I':
    case 'D': {
        int done;
        status = numbers(writer, value->as.object, *here, error, &done);
        if (status != NEXUS_OK || done) return status;
        return iterate(writer, value->as.object, *here == 'I' ? "i" : "d", error);
    }
    default:
        return nexus_error_new(NEXUS_ERR_PANIC, "the Go package sent an unknown shape", error);
    }
}

/* Without a block, if it is one token and short. */
static int into_frame(nexusgo_frame *frame, NexusValue *value, int big)
{
    nexusgo_token *result = &frame->result;
    result->kind = value->kind;
    switch (value->kind) {
    case NEXUS_KIND_TEXT:
    case NEXUS_KIND_BYTES: {
        size_t size = value->as.text.size;
        if (big) result->kind = NEXUSGO_BIG;
        result->size = size;
        if (size <= NEXUSGO_SHORT) {
            if (size > 0) memcpy(frame->text, value->as.text.data, size);
            nexus_value_clear(value);
        } else {
            result->word = NEXUSGO_NUMBER(value->as.text.data);
            frame->owner = NEXUSGO_NUMBER(value->owner);
        }
        return 1;
    }
    case NEXUS_KIND_BOOLEAN:
        result->word = value->as.boolean;
        return 1;
    case NEXUS_KIND_OBJECT:
        result->word = NEXUSGO_NUMBER(value->as.object);
        return 1;
    case NEXUS_KIND_NONE:
        result->word = 0;
        return 1;
    default:
        memcpy(&result->word, &value->as, sizeof result->word);
        return 1;
    }
}

void nexusgo_result(nexusgo_frame *frame, NexusValue *value, const char *text, NexusError **error)
{
    const char *shape = text + frame->shape;
    if (*shape == 'a') {
        into_frame(frame, value, 0);
        return;
    }
    if (*shape == 'n') {
        nexus_value_clear(value);
        return;
    }
    int single;
    NexusStatus status = single_value(value, shape, &frame->result, &single, error);
    if (status == NEXUS_OK && single == 1) {
        while (*shape == '*') shape++;
        into_frame(frame, value, *shape == 'B');
        return;
    }
    if (status == NEXUS_OK && single == 0) {
        nexusgo_writer writer = nexusgo_writer_of(frame);
        status = nexusgo_read(&writer, value, &shape, error);
        if (status == NEXUS_OK && writer.failed) {
            status = nexus_error_new(NEXUS_ERR_NO_MEMORY, "no memory for the result", error);
        }
        if (status != NEXUS_OK) writer.failed = 1;
        if (!nexusgo_writer_finish_frame(&writer, frame) && status == NEXUS_OK) {
            status = nexus_error_new(NEXUS_ERR_NO_MEMORY, "no memory for the result", error);
        }
    }
    nexus_value_clear(value);
    frame->status = (int32_t)status;
}
