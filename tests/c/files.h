/* Files that tests make, and those that the process has mapped. */
#ifndef FILES_H
#define FILES_H

#include "check.h"

#include <fcntl.h>
#include <stdbool.h>

static inline void copy_file(const char *from, const char *to) {
    char buffer[65536];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0700);
    CHECK_SEEN(in >= 0 && out >= 0, "%s, %s", from, to);
    for (ssize_t size; (size = read(in, buffer, sizeof buffer)) != 0;)
        CHECK(size > 0 && write(out, buffer, (size_t)size) == size);
    CHECK(close(in) == 0 && close(out) == 0);
}

static inline void write_text(const char *path, const char *text) {
    FILE *stream = fopen(path, "w");
    CHECK_SEEN(stream && fputs(text, stream) >= 0 && fclose(stream) == 0, "%s", path);
}

static inline bool mapped(const char *part) {
    static char line[8192];
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    bool found = false;
    while (!found && fgets(line, sizeof line, maps)) found = strstr(line, part) != NULL;
    fclose(maps);
    return found;
}

#endif
