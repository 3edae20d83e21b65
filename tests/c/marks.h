/* The marks that test libraries leave when they are opened (tests/fixtures/marks.h). */
#ifndef MARKS_H
#define MARKS_H

#include "nexus_check.h"

typedef struct Marks {
    struct {
        char name[512];
        long process;
    } list[4096];
    size_t count;
} Marks;

static inline void begin_marks(void) {
    char self[32];
    snprintf(self, sizeof self, "%ld", (long)getpid());
    CHECK(setenv("NEXUS_TEST_MARKS", scratch("marks"), 1) == 0);
    CHECK(setenv("NEXUS_TEST_HOST", self, 1) == 0);
}

static inline const Marks *read_marks(void) {
    static Marks marks;
    marks.count = 0;
    FILE *stream = fopen(scratch("marks"), "r");
    if (!stream) return &marks;
    /* A name may have blanks in it, and a line's end. */
    while (fscanf(stream, "%511[^\t]\t%ld", marks.list[marks.count].name, &marks.list[marks.count].process) == 2) {
        fgetc(stream);
        CHECK(++marks.count < sizeof marks.list / sizeof *marks.list);
    }
    fclose(stream);
    return &marks;
}

/* How often a file was opened by this process, or by others. */
static inline size_t opened(const Marks *marks, const char *name, bool here) {
    size_t count = 0;
    for (size_t i = 0; i < marks->count; i++)
        count += strcmp(marks->list[i].name, name) == 0 && (marks->list[i].process == (long)getpid()) == here;
    return count;
}

/* How many processes other than this one have opened something. */
static inline size_t other_processes(const Marks *marks) {
    size_t count = 0;
    for (size_t i = 0; i < marks->count; i++) {
        bool known = marks->list[i].process == (long)getpid();
        for (size_t j = 0; j < i; j++) known |= marks->list[j].process == marks->list[i].process;
        count += !known;
    }
    return count;
}

#endif
