#include "text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char ELLIPSIS[] = "\xE2\x80\xA6";

/* Whether a byte is the second or later one of a UTF-8 character. */
static bool continues(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* The byte where the character number `columns` begins, or the end. */
static size_t byte_at(const char *text, size_t columns)
{
    size_t at = 0;
    while (text[at] != '\0') {
        if (!continues(text[at]) && columns-- == 0) {
            break;
        }
        at++;
    }
    return at;
}

void line_add(Line *line, const char *format, ...)
{
    const size_t room = sizeof line->data - sizeof ELLIPSIS - line->size;
    va_list arguments;
    va_start(arguments, format);
    const int needed = vsnprintf(line->data + line->size, room, format, arguments);
    va_end(arguments);
    if (needed < 0) {
        return;
    }
    if ((size_t)needed < room) {
        line->size += (size_t)needed;
        return;
    }
    line->size += room - 1;
    while (line->size > 0 && continues(line->data[line->size - 1])) {
        line->size--;
    }
    if (line->size > 0 && (unsigned char)line->data[line->size - 1] >= 0xC0) {
        line->size--;
    }
    memcpy(line->data + line->size, ELLIPSIS, sizeof ELLIPSIS);
}

void line_add_quoted(Line *line, const char *text, size_t size)
{
    line_add(line, "\"");
    for (size_t at = 0; at < size; at++) {
        const unsigned char byte = (unsigned char)text[at];
        if (byte == '\n') {
            line_add(line, "\\n");
        } else if (byte == '"' || byte == '\\') {
            line_add(line, "\\%c", byte);
        } else if (byte < 0x20 || byte == 0x7F) {
            line_add(line, "\\x%02x", byte);
        } else {
            line_add(line, "%c", byte);
        }
    }
    line_add(line, "\"");
}

void line_add_bytes(Line *line, const char *bytes, size_t size, size_t columns)
{
    const size_t end = line->size + 2 + columns;
    line_add(line, "b\"");
    for (size_t at = 0; at < size; at++) {
        if (line->size >= end) {
            line_add(line, "%s\" (%zu bytes)", ELLIPSIS, size);
            return;
        }
        const unsigned char byte = (unsigned char)bytes[at];
        if (byte == '"' || byte == '\\') {
            line_add(line, "\\%c", byte);
        } else if (byte < 0x20 || byte > 0x7E) {
            line_add(line, "\\x%02x", byte);
        } else {
            line_add(line, "%c", byte);
        }
    }
    line_add(line, "\"");
}

size_t text_columns(const char *text)
{
    size_t columns = 0;
    for (; *text != '\0'; text++) {
        columns += !continues(*text);
    }
    return columns;
}

size_t text_width(void)
{
    /* Asked once: a module that is loaded may change the environment (readline sets COLUMNS). */
    static size_t width = 0;
    if (width == 0) {
        const char *columns = getenv("COLUMNS");
        const long wanted = columns != NULL ? strtol(columns, NULL, 10) : 0;
        width = wanted >= 60 && wanted <= 300 ? (size_t)wanted : 100;
    }
    return width;
}

void text_print_padded(const char *text, size_t columns)
{
    const size_t length = text_columns(text);
    if (length > columns) {
        printf("%.*s%s", (int)byte_at(text, columns - 1), text, ELLIPSIS);
    } else {
        printf("%s%*s", text, (int)(columns - length), "");
    }
}

void text_print_wrapped(const char *text, size_t indent, size_t width, size_t lines)
{
    const size_t room = width > indent + 20 ? width - indent : 20;
    for (size_t line = 1;; line++) {
        const size_t whole = byte_at(text, room); /* as many bytes as fit */
        size_t end = strcspn(text, "\n");
        if (line == lines && text[end < whole ? end : whole] != '\0') {
            const size_t clipped = byte_at(text, room - 1);
            printf("%.*s%s\n", (int)(end < clipped ? end : clipped), text, ELLIPSIS);
            return;
        }
        if (end > whole) {
            for (end = whole; end > 0 && text[end] != ' '; end--) {
            }
            if (end == 0) {
                end = whole; /* a word longer than the line */
            }
        }
        const char *next = text + end;
        next += strspn(next, " \n");
        printf("%.*s\n", (int)end, text);
        if (*next == '\0') {
            return;
        }
        printf("%*s", (int)indent, "");
        text = next;
    }
}
