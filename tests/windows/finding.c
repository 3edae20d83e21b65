/* Says which Python nexus_loader starts, and why: a line each. test-finding.sh runs it where there are several.
 *
 * usage: finding [PYTHON]           PYTHON is named by the host
 *        finding --adopt DLL HOME   the host has started that one itself */
#include <nexus_loader.h>

#include <stdio.h>
#include <string.h>
#include <windows.h>

/* Starts the Python of that DLL as an older host does; aborts the program where it cannot. */
static void start_oneself(const char *dll, const char *home)
{
    static wchar_t wide[4096];
    const HMODULE library = LoadLibraryExA(dll, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    void (*set_home)(const wchar_t *);
    void (*initialize)(int);
    void *(*save)(void);
    if (!library) {
        fprintf(stderr, "%s: error %lu\n", dll, GetLastError());
        exit(3);
    }
    *(FARPROC *)&set_home = GetProcAddress(library, "Py_SetPythonHome");
    *(FARPROC *)&initialize = GetProcAddress(library, "Py_InitializeEx");
    *(FARPROC *)&save = GetProcAddress(library, "PyEval_SaveThread");
    MultiByteToWideChar(CP_UTF8, 0, home, -1, wide, 4096);
    set_home(wide);
    initialize(0);
    save();
}

int main(int argc, char **argv)
{
    NexusError *error = NULL;
    NexusPythonConfig config = {.struct_size = sizeof config};
    NexusPythonInfo info = {.struct_size = sizeof info};
    if (argc == 4 && strcmp(argv[1], "--adopt") == 0) {
        start_oneself(argv[2], argv[3]);
    } else if (argc == 2) {
        config.python = argv[1];
    }
    if (nexus_python_start(&config, &error) != NEXUS_OK || nexus_python_info(&info, &error) != NEXUS_OK) {
        printf("error: %s\n", nexus_error_message(error));
        return 1;
    }
    printf("version: %s\nlibrary: %s\nprefix: %s\nreason: %s\nowned: %d\n", info.version_text, info.library, info.prefix,
           info.reason, info.owned);
    return 0;
}
