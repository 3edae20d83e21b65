/* What the tests use of dlfcn.h, on Windows. */
#ifndef TEST_DLFCN_H
#define TEST_DLFCN_H

#include <string.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <psapi.h>

/* Words that tests use as names, which windows.h defines as nothing for programs of 1985. */
#undef near
#undef far
#undef interface

#define RTLD_DEFAULT ((void *)0)
#define RTLD_LAZY 1
#define RTLD_NOW 2
#define RTLD_LOCAL 0
#define RTLD_GLOBAL 0x100
#define RTLD_NOLOAD 4

/* The symbol of that library; with RTLD_DEFAULT of the first one in the process that has it. */
static inline void *dlsym(void *library, const char *name)
{
    HMODULE modules[1024];
    DWORD size = 0;
    void *found = NULL;
    if (library) return (void *)(UINT_PTR)GetProcAddress((HMODULE)library, name);
    if (!EnumProcessModules(GetCurrentProcess(), modules, sizeof modules, &size)) return NULL;
    for (DWORD i = 0; !found && i < size / sizeof *modules && i < 1024; i++)
        found = (void *)(UINT_PTR)GetProcAddress(modules[i], name);
    return found;
}

static inline void *dlopen(const char *file, int flags)
{
    if (!file) return GetModuleHandleA(NULL);
    return flags & RTLD_NOLOAD ? GetModuleHandleA(file) : LoadLibraryA(file);
}

static inline int dlclose(void *library)
{
    return FreeLibrary((HMODULE)library) ? 0 : -1;
}

static inline const char *dlerror(void)
{
    static _Thread_local char text[64];
    wsprintfA(text, "error %lu", GetLastError());
    return text;
}

typedef struct {
    const char *dli_fname;
    void *dli_fbase;
    const char *dli_sname;
    void *dli_saddr;
} Dl_info;

/* The file that an address is in, with forward slashes. */
static inline int dladdr(const void *address, Dl_info *info)
{
    static _Thread_local char name[MAX_PATH * 4];
    wchar_t wide[MAX_PATH];
    HMODULE module;
    const DWORD how = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    if (!GetModuleHandleExW(how, (LPCWSTR)address, &module) || !GetModuleFileNameW(module, wide, MAX_PATH)) return 0;
    WideCharToMultiByte(CP_UTF8, 0, wide, -1, name, sizeof name, NULL, NULL);
    for (char *c = name; *c; c++)
        if (*c == '\\') *c = '/';
    memset(info, 0, sizeof *info);
    info->dli_fname = name;
    info->dli_fbase = module;
    return 1;
}

#endif
