/* Lines of a table in a terminal: clipped, padded and wrapped without cutting a character in two. */
#ifndef EXAMPLE_TEXT_H
#define EXAMPLE_TEXT_H

#include <stddef.h>

/* One line under construction. What does not fit is dropped, and shown as an ellipsis. */
typedef struct Line {
    char data[1024];
    size_t size;
} Line;

/* Adds as printf does. */
void line_add(Line *line, const char *format, ...);

/* Adds `size` bytes of UTF-8 between double quotes; control characters are escaped. */
void line_add_quoted(Line *line, const char *text, size_t size);

/* Adds `size` bytes as Python writes a bytes literal; after that many columns, their number instead. */
void line_add_bytes(Line *line, const char *bytes, size_t size, size_t columns);

/* How many characters a UTF-8 string has. A terminal may draw some of them two columns wide. */
size_t text_columns(const char *text);

/* How wide lines may be: COLUMNS from the environment within reason, or 100. */
size_t text_width(void);

/* Prints exactly `columns` columns: clipped with an ellipsis, or padded with blanks. */
void text_print_padded(const char *text, size_t columns);

/* Prints text from column `indent`, where the cursor stands, to column `width`: broken at blanks where
 * possible, further lines indented, and cut with an ellipsis after `lines` lines. Ends the line. */
void text_print_wrapped(const char *text, size_t indent, size_t width, size_t lines);

#endif
