/* An error with all that it holds, as one block of tokens:
 *   status, detail, message, module, path, linker, exception's type;
 *   and if there is one: its traceback, its notes (a list), the exception itself if it is to be kept,
 *   its cause (1 and an error, or 0), its members (their number, and as many errors). */
#include "bridge.h"

enum { DEEPEST = 32, MOST_MEMBERS = 100 };

static void read_error(nexusgo_writer *writer, const NexusError *error, int keep, int depth)
{
    nexusgo_write(writer, NEXUS_KIND_INTEGER, (uint64_t)nexus_error_status(error), 0);
    nexusgo_write(writer, NEXUS_KIND_INTEGER, nexus_error_detail(error), 0);
    nexusgo_write_text(writer, nexus_error_message(error));
    nexusgo_write_text(writer, nexus_error_module(error));
    nexusgo_write_text(writer, nexus_error_path(error));
    nexusgo_write_text(writer, nexus_error_linker(error));
    const char *exception = nexus_error_exception(error);
    nexusgo_write_text(writer, exception);
    if (*exception == '\0') return;

    nexusgo_write_text(writer, nexus_error_traceback(error));
    NexusNames *notes = NULL;
    nexus_error_notes(error, &notes, NULL);
    nexusgo_write_names(writer, notes);
    nexus_names_free(notes);
    NexusObject *object = NULL;
    if (keep) nexus_error_object(error, &object, NULL);
    nexusgo_write(writer, object ? NEXUS_KIND_OBJECT : NEXUS_KIND_NONE, NEXUSGO_NUMBER(object), 0);

    NexusError *cause = NULL;
    if (depth < DEEPEST) nexus_error_cause(error, &cause, NULL);
    nexusgo_write(writer, NEXUS_KIND_INTEGER, cause != NULL, 0);
    if (cause) read_error(writer, cause, 0, depth + 1);
    nexus_error_free(cause);

    size_t count = depth < DEEPEST ? nexus_error_group_count(error) : 0;
    if (count > MOST_MEMBERS) count = MOST_MEMBERS;
    nexusgo_write(writer, NEXUS_KIND_INTEGER, count, 0);
    for (size_t i = 0; i < count; i++) {
        NexusError *member = NULL;
        nexus_error_group_at(error, i, &member, NULL);
        read_error(writer, member, 0, depth + 1);
        nexus_error_free(member);
    }
}

uint64_t nexusgo_error_read(uint64_t number, uint32_t keep_exception, uint64_t *tokens)
{
    NexusError *error = NEXUSGO_POINTER(NexusError, number);
    nexusgo_writer writer = {0};
    int held = *nexus_error_exception(error) != '\0' && nexus_python_attach(NULL) == NEXUS_OK;
    read_error(&writer, error, keep_exception != 0, 0);
    nexus_error_free(error);
    if (held) nexus_python_detach(NULL);
    return nexusgo_writer_finish(&writer, tokens);
}
