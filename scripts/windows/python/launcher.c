/* Scripts\python.exe of a virtual environment: starts the python.exe of the `home` in pyvenv.cfg with the same
 * arguments, and says in __PYVENV_LAUNCHER__ which program it was, as CPython's PC/launcher.c does. */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

enum { LONGEST = 4096 };

/* The value of `home = …` in a UTF-8 pyvenv.cfg. */
static int read_home(const wchar_t *file, wchar_t *home)
{
    char line[LONGEST], value[LONGEST];
    FILE *config = _wfopen(file, L"r");
    int found = 0;
    while (config && !found && fgets(line, sizeof line, config)) {
        found = sscanf(line, "home = %4095[^\r\n]", value) == 1;
    }
    if (config) fclose(config);
    return found && MultiByteToWideChar(CP_UTF8, 0, value, -1, home, LONGEST) > 0;
}

int wmain(void)
{
    wchar_t self[LONGEST], config[LONGEST], home[LONGEST], program[LONGEST + 16];
    GetModuleFileNameW(NULL, self, LONGEST);
    wcscpy(config, self);
    *wcsrchr(config, L'\\') = 0; /* Scripts */
    *wcsrchr(config, L'\\') = 0;
    wcscat(config, L"\\pyvenv.cfg");
    if (!read_home(config, home)) {
        fwprintf(stderr, L"no pyvenv.cfg with a home: %ls\n", config);
        return 106;
    }
    swprintf(program, LONGEST + 16, L"%ls\\python.exe", home);
    SetEnvironmentVariableW(L"__PYVENV_LAUNCHER__", self);

    STARTUPINFOW start = {.cb = sizeof start};
    PROCESS_INFORMATION process;
    DWORD code = 101;
    GetStartupInfoW(&start);
    if (!CreateProcessW(program, GetCommandLineW(), NULL, NULL, TRUE, 0, NULL, NULL, &start, &process)) {
        fwprintf(stderr, L"%ls cannot be started: error %lu\n", program, GetLastError());
        return 101;
    }
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}
