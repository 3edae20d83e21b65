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
#include <sys/types.h>
#include <unistd.h>

/* A name of io.h's that tests use for functions of their own. */
#define tell test_tell

#define O_CLOEXEC _O_NOINHERIT

/* Files are read as they are. */
__attribute__((constructor(101))) static void read_binary(void)
{
    _fmode = _O_BINARY;
}

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

struct _SECURITY_ATTRIBUTES;
__declspec(dllimport) int __stdcall CreateHardLinkA(const char *, const char *, struct _SECURITY_ATTRIBUTES *);

static inline int link(const char *from, const char *to)
{
    return CreateHardLinkA(to, from, NULL) ? 0 : -1;
}

/* Wine 8 makes none. */
static inline int symlink(const char *from, const char *to)
{
    (void)from, (void)to;
    return -1;
}

static inline ssize_t pread(int file, void *buffer, size_t size, off_t offset)
{
    const off_t before = lseek(file, 0, SEEK_CUR);
    if (before < 0 || lseek(file, offset, SEEK_SET) < 0) return -1;
    const ssize_t done = read(file, buffer, (unsigned)size);
    lseek(file, before, SEEK_SET);
    return done;
}

/* Any signal that a module may take. */
#define SIGUSR2 21

__declspec(dllimport) void __stdcall Sleep(unsigned long milliseconds);
static inline int pause(void)
{
    Sleep(1000);
    return -1;
}

#define _SC_PAGESIZE 30
static inline long sysconf(int name)
{
    (void)name;
    return 4096;
}

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
