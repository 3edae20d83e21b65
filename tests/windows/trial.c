/* NEXUS_LOADER_TRIAL on Windows: modules are imported in a child process first. */
#include "report_check.h"

#include <windows.h>

static NexusLoader *open_tried(const char *path)
{
    NexusLoader *loader = open_with(path,
                                    (NexusLoaderOptions){.flags = NEXUS_LOADER_TRIAL, .trial_milliseconds = 5000});
    CHECK(loader != NULL);
    return loader;
}

/* The host lives on, and each end has its words and its number. */
CASE(ends_of_all_kinds)
{
    NexusLoader *loader = open_tried(fixture("windows_trial"));
    check_entry(loader, "a_good", NEXUS_STATE_LOADED, 0, "");
    check_entry(loader, "crashes", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_SIGNAL,
                "Failed to load module crashes: killed by exception 0xC0000005 (access violation) during its trial import");
    check_entry(loader, "crashes", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_SIGNAL,
                "its last output:\n  crashes: reads_null");
    check_entry(loader, "exits", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_EXIT,
                "exited with code 3 during its trial import");
    check_entry(loader, "ends", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_EXIT,
                "exited with code 0 during its trial import");
    check_entry(loader, "throws", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_SIGNAL,
                "killed by exception 0xE06D7363 (C++ exception that nobody caught)");
    check_entry(loader, "waits", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_HANG,
                "did not finish its trial import within 5 s and was killed");
    check_entry(loader, "z_good", NEXUS_STATE_LOADED, 0, "");
    nexus_loader_free(loader);
}

/* A module that reads finds the end of its input at once. */
CASE(input_is_empty)
{
    const char *const names[] = {"reads"};
    NexusLoader *loader =
        open_with(fixture("windows_trial"),
                  (NexusLoaderOptions){.flags = NEXUS_LOADER_TRIAL, .modules = names, .module_count = 1});
    check_entry(loader, "reads", NEXUS_STATE_LOADED, 0, "");
    nexus_loader_free(loader);
}

/* What is known of an unchanged file is not found out again: a hang would take five seconds more. */
CASE(verdicts_are_remembered)
{
    nexus_loader_free(open_tried(fixture("windows_trial")));
    const ULONGLONG start = GetTickCount64();
    NexusLoader *loader = open_tried(fixture("windows_trial"));
    CHECK(GetTickCount64() - start < 5000);
    check_entry(loader, "waits", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_HANG, "did not finish");
    check_entry(loader, "crashes", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_SIGNAL, "0xC0000005");
    nexus_loader_free(loader);
}

CASE(what_it_has_started_ends_with_it)
{
    const char *file = scratch("process");
    CHECK(SetEnvironmentVariableA("NEXUS_TEST_PROCESS", file));
    NexusLoader *loader = open_tried(fixture("windows_process"));
    check_entry(loader, "leaves", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_EXIT, "exited with code 0");
    nexus_loader_free(loader);
    FILE *stream = fopen(file, "r");
    CHECK_SEEN(stream != NULL, "%s: the module has started nothing", file);
    unsigned long number = 0;
    CHECK(fscanf(stream, "%lu", &number) == 1);
    fclose(stream);
    HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, number);
    if (process) {
        /* Ends with the test's time limit if it does not. */
        CHECK(WaitForSingleObject(process, INFINITE) == WAIT_OBJECT_0);
        CloseHandle(process);
    }
}

CASE(no_handles_are_left)
{
    DWORD before = 0, after = 0;
    nexus_loader_free(open_tried(fixture("documented")));
    CHECK(GetProcessHandleCount(GetCurrentProcess(), &before));
    for (int i = 0; i < 3; i++) nexus_loader_free(open_tried(fixture("windows_trial")));
    CHECK(GetProcessHandleCount(GetCurrentProcess(), &after));
    /* Python and Windows keep a few of their own. */
    CHECK_SEEN(after < before + 20, "%lu handles before, %lu after", before, after);
}
