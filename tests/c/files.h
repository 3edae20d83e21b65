/* Files that tests make. */
#ifndef FILES_H
#define FILES_H

#include "check.h"

#include <fcntl.h>

static inline void copy_file(const char *from, const char *to) {
    char buffer[65536];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0700);
    CHECK_SEEN(in >= 0 && out >= 0, "%s, %s", from, to);
    for (ssize_t size; (size = read(in, buffer, sizeof buffer)) != 0;)
        CHECK(size > 0 && write(out, buffer, (size_t)size) == size);
    CHECK(close(in) == 0 && close(out) == 0);
}

#endif
