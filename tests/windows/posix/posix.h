/* What the tests use of POSIX and mingw-w64 lacks. Included before all else by the compiler's -include, so that the
 * programs are the same for all systems. */
#ifndef TEST_POSIX_H
#define TEST_POSIX_H

#include <direct.h>
#include <fcntl.h>
#include <io.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>

#define O_CLOEXEC _O_NOINHERIT

/* The C library keeps a copy of the environment, and so does each other C library of the process; this changes the
 * process's own too, which children and nexus_loader see. */
static inline int setenv(const char *name, const char *value, int overwrite)
{
    if (!overwrite && getenv(name)) return 0;
    return _putenv_s(name, value);
}

static inline int unsetenv(const char *name)
{
    return _putenv_s(name, "");
}

static inline int test_mkdir(const char *path, unsigned mode)
{
    (void)mode;
    return _mkdir(path);
}
#define mkdir test_mkdir

/* Bytes that malloc has given out, of this program's C library. */
struct mallinfo2 {
    size_t uordblks, hblkhd;
};

static inline struct mallinfo2 mallinfo2(void)
{
    struct mallinfo2 info = {0, 0};
    _HEAPINFO entry = {0};
    while (_heapwalk(&entry) == _HEAPOK)
        if (entry._useflag == _USEDENTRY) info.uordblks += entry._size;
    return info;
}

#endif
