/* The smallest frame for tests that each run in a process of their own.
 *
 *     CASE(name) { CHECK(1 + 1 == 2); }
 *
 * The program run with --list prints its cases; run with a name it runs that case and exits with 0, or
 * at the first check that does not hold with 1. Include it in one unit only: it has main in it, unless
 * CHECK_OWN_MAIN is defined. */
#ifndef CHECK_H
#define CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Says where and what, and ends the process, from whichever thread. */
#define FAIL(...)                                                                      \
    do {                                                                               \
        fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                \
        fprintf(stderr, __VA_ARGS__);                                                  \
        fputc('\n', stderr);                                                           \
        fflush(NULL);                                                                  \
        _exit(1);                                                                      \
    } while (0)

#define CHECK(condition)                                                               \
    do {                                                                               \
        if (!(condition)) FAIL("not so: %s", #condition);                              \
    } while (0)

/* CHECK with a printf text that shows what was seen. */
#define CHECK_SEEN(condition, ...)                                                     \
    do {                                                                               \
        if (!(condition)) {                                                            \
            fprintf(stderr, __VA_ARGS__);                                              \
            fputc('\n', stderr);                                                       \
            FAIL("not so: %s", #condition);                                            \
        }                                                                              \
    } while (0)

#define CHECK_NUMBER(seen, expected)                                                   \
    do {                                                                               \
        long long check_seen = (long long)(seen), check_expected = (long long)(expected); \
        if (check_seen != check_expected)                                              \
            FAIL("%s is %lld, not %lld", #seen, check_seen, check_expected);           \
    } while (0)

#define CHECK_TEXT(seen, expected)                                                     \
    do {                                                                               \
        const char *check_seen = (seen), *check_expected = (expected);                 \
        if (!check_seen) FAIL("%s is NULL, not \"%s\"", #seen, check_expected);        \
        if (strcmp(check_seen, check_expected) != 0)                                   \
            FAIL("%s is\n    \"%s\", not\n    \"%s\"", #seen, check_seen, check_expected); \
    } while (0)

#define CHECK_CONTAINS(seen, part)                                                     \
    do {                                                                               \
        const char *check_seen = (seen), *check_part = (part);                         \
        if (!check_seen) FAIL("%s is NULL, without \"%s\"", #seen, check_part);        \
        if (!strstr(check_seen, check_part))                                           \
            FAIL("%s has no \"%s\" in it:\n    \"%.4000s\"", #seen, check_part, check_seen); \
    } while (0)

#ifndef CHECK_OWN_MAIN
typedef struct Case {
    const char *name;
    void (*run)(void);
    struct Case *next;
} Case;

static Case *first_case, **last_case = &first_case;

#define CASE(case_name)                                                                \
    static void case_name(void);                                                       \
    __attribute__((constructor)) static void register_##case_name(void) {              \
        static Case entry = {#case_name, case_name, NULL};                             \
        *last_case = &entry;                                                           \
        last_case = &entry.next;                                                       \
    }                                                                                  \
    static void case_name(void)

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s --list | CASE\n", argv[0]);
        return 2;
    }
    if (strcmp(argv[1], "--list") == 0) {
        for (Case *entry = first_case; entry; entry = entry->next) puts(entry->name);
        return 0;
    }
    for (Case *entry = first_case; entry; entry = entry->next) {
        if (strcmp(entry->name, argv[1]) == 0) {
            entry->run();
            return 0;
        }
    }
    fprintf(stderr, "%s has no case %s\n", argv[0], argv[1]);
    return 2;
}
#endif

#endif
