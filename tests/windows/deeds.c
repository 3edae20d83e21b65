/* A module that does one thing to its process when it is initialized, and says so on stderr before: DEED is the name of
 * one of the functions below. */
#include "../fixtures/module.h"

#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <sys/stat.h>
#include <windows.h>

#define FUNCTION(name) __attribute__((unused)) static void name(void)

static volatile int zero;

FUNCTION(nothing) {}
FUNCTION(reads_null) { zero = *(volatile int *)(intptr_t)zero; }
FUNCTION(exits_3) { exit(3); }
FUNCTION(ends_with_0) { ExitProcess(0); }
FUNCTION(waits) { Sleep(INFINITE); }
FUNCTION(throws) { RaiseException(0xe06d7363, EXCEPTION_NONCONTINUABLE, 0, NULL); }

/* Whoever runs tests at a terminal must not be waited for. */
FUNCTION(reads_input) {
    if (getchar() != EOF) exit(9);
}

/* Its number goes into a file beside the module's log. */
FUNCTION(leaves_a_process) {
    wchar_t program[MAX_PATH];
    wchar_t line[] = L"python.exe -c \"import time; time.sleep(1000)\"";
    GetModuleFileNameW(NULL, program, MAX_PATH);
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    if (!CreateProcessW(program, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process)) exit(8);
    FILE *file = fopen(getenv("NEXUS_TEST_PROCESS"), "w");
    if (!file) exit(7);
    fprintf(file, "%lu\n", process.dwProcessId);
    fclose(file);
    exit(0);
}

FUNCTION(changes_directory) { SetCurrentDirectoryA("C:\\"); }
FUNCTION(sets_a_variable) { SetEnvironmentVariableA("SET_BY_A_MODULE", "1"); }
FUNCTION(changes_a_variable) { SetEnvironmentVariableA("OF_THE_HOST", "changed"); }
FUNCTION(sets_the_mask) { _umask(_S_IREAD | _S_IWRITE); }
static void handler(int number) { (void)number; }
FUNCTION(takes_a_signal) { signal(SIGTERM, handler); }

FUNCTION(rounds) {
    const unsigned upward = (__builtin_ia32_stmxcsr() & ~0x6000u) | 0x4000;
    __builtin_ia32_ldmxcsr(upward);
}

FUNCTION(flushes) { __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040); }

static int execute(PyObject *module)
{
    (void)module;
    fprintf(stderr, "%s: %s\n", QUOTE(MODULE), QUOTE(DEED));
    fflush(stderr);
    DEED();
    return 0;
}

DEFINE_MODULE(NULL, execute)
