/* Blocks of tokens and bytes that grow: what the bridge hands to Go when the size is not known before. */
#include "bridge.h"

#include <stdlib.h>
#include <string.h>

nexusgo_writer nexusgo_writer_of(nexusgo_frame *frame)
{
    return (nexusgo_writer){.tokens = frame->few,
                            .room = NEXUSGO_FEW_TOKENS,
                            .bytes = frame->text,
                            .space = NEXUSGO_SHORT,
                            .tokens_lent = 1,
                            .bytes_lent = 1};
}

/* More memory, with what is in it already; NULL if there is none. */
static void *grown(void *memory, size_t used, size_t size, int *lent)
{
    if (!*lent) return realloc(memory, size);
    void *own = malloc(size);
    if (!own) return NULL;
    memcpy(own, memory, used);
    *lent = 0;
    return own;
}

/* Room for one more. */
static int more_tokens(nexusgo_writer *writer)
{
    if (writer->count < writer->room) return 1;
    size_t room = writer->room ? writer->room * 2 : 32;
    nexusgo_token *tokens = grown(writer->tokens, writer->count * sizeof *tokens, room * sizeof *tokens, &writer->tokens_lent);
    if (!tokens) {
        writer->failed = 1;
        return 0;
    }
    writer->tokens = tokens;
    writer->room = room;
    return 1;
}

static int more_bytes(nexusgo_writer *writer, size_t size)
{
    /* Numbers are read in place, so everything begins where an int64_t may. */
    writer->used = (writer->used + 7) & ~(size_t)7;
    if (writer->space - writer->used >= size && writer->bytes) return 1;
    size_t space = writer->space ? writer->space : 512;
    while (space - writer->used < size) {
        if (space > SIZE_MAX / 2) {
            writer->failed = 1;
            return 0;
        }
        space *= 2;
    }
    char *bytes = grown(writer->bytes, writer->used < writer->space ? writer->used : writer->space, space, &writer->bytes_lent);
    if (!bytes) {
        writer->failed = 1;
        return 0;
    }
    writer->bytes = bytes;
    writer->space = space;
    return 1;
}

void nexusgo_write(nexusgo_writer *writer, uint64_t kind, uint64_t word, uint64_t size)
{
    if (more_tokens(writer)) {
        writer->tokens[writer->count++] = (nexusgo_token){kind, word, size};
    } else if (kind == NEXUS_KIND_OBJECT) {
        nexus_object_free(NEXUSGO_POINTER(NexusObject, word));
    }
}

/* A token with room for `count` things of `each` bytes; NULL if there is no memory. */
void *nexusgo_write_room(nexusgo_writer *writer, uint64_t kind, size_t count, size_t each)
{
    if (count > SIZE_MAX / each || !more_tokens(writer) || !more_bytes(writer, count * each)) {
        writer->failed = 1;
        return NULL;
    }
    nexusgo_write(writer, kind, writer->used, count);
    void *room = writer->bytes + writer->used;
    writer->used += count * each;
    return room;
}

void nexusgo_write_bytes(nexusgo_writer *writer, uint64_t kind, const void *data, size_t size)
{
    void *room = nexusgo_write_room(writer, kind, size, 1);
    if (room && size > 0) memcpy(room, data, size);
}

void nexusgo_write_text(nexusgo_writer *writer, const char *text)
{
    nexusgo_write_bytes(writer, NEXUS_KIND_TEXT, text, strlen(text));
}

void nexusgo_write_names(nexusgo_writer *writer, const NexusNames *names)
{
    size_t count = nexus_names_count(names);
    nexusgo_write(writer, NEXUSGO_LIST, 0, count);
    for (size_t i = 0; i < count; i++) nexusgo_write_text(writer, nexus_names_at(names, i));
}

/* The block, to be freed with nexusgo_block_free (0 if nothing is), and the address of its tokens; that is 0 without
 * memory: then all that it held is released. */
uint64_t nexusgo_writer_finish(nexusgo_writer *writer, uint64_t *tokens)
{
    int all_lent = writer->tokens_lent && writer->bytes_lent;
    nexusgo_token **block = writer->failed || all_lent ? NULL : malloc(2 * sizeof *block);
    if (writer->failed || (!block && !all_lent)) {
        for (size_t i = 0; i < writer->count; i++) {
            if (writer->tokens[i].kind == NEXUS_KIND_OBJECT) {
                nexus_object_free(NEXUSGO_POINTER(NexusObject, writer->tokens[i].word));
            }
        }
        if (!writer->tokens_lent) free(writer->tokens);
        if (!writer->bytes_lent) free(writer->bytes);
        *tokens = 0;
        return 0;
    }
    for (size_t i = 0; i < writer->count; i++) {
        nexusgo_token *token = &writer->tokens[i];
        switch (token->kind) {
        case NEXUS_KIND_TEXT:
        case NEXUS_KIND_BYTES:
        case NEXUSGO_INTEGERS:
        case NEXUSGO_REALS:
        case NEXUSGO_BIG:
            token->word += NEXUSGO_NUMBER(writer->bytes);
            break;
        default:
            break;
        }
    }
    *tokens = NEXUSGO_NUMBER(writer->tokens);
    if (!block) return 0;
    block[0] = writer->tokens_lent ? NULL : writer->tokens;
    block[1] = writer->bytes_lent ? NULL : (nexusgo_token *)(void *)writer->bytes;
    return NEXUSGO_NUMBER(block);
}

int nexusgo_writer_finish_frame(nexusgo_writer *writer, nexusgo_frame *frame)
{
    frame->block = nexusgo_writer_finish(writer, &frame->tokens);
    return frame->tokens != 0;
}

void nexusgo_block_free(uint64_t number)
{
    nexusgo_token **block = NEXUSGO_POINTER(nexusgo_token *, number);
    if (!block) return;
    free(block[0]);
    free(block[1]);
    free(block);
}
