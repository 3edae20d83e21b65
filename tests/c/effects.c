/* What modules do to the host while they load is put back, and told. */
#include "report_check.h"

#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <sys/stat.h>

static void handler_of_the_host(int number) { (void)number; }

static void host_settings(void) {
    struct sigaction action = {.sa_handler = handler_of_the_host, .sa_flags = SA_RESTART};
    CHECK(sigaction(SIGUSR2, &action, NULL) == 0);
    CHECK(chdir(setting("NEXUS_TEST_SCRATCH")) == 0);
    umask(0027);
    CHECK(setlocale(LC_ALL, "C") != NULL);
    CHECK(fesetround(FE_UPWARD) == 0);
    CHECK(feenableexcept(FE_DIVBYZERO | FE_INVALID) != -1);
    unsetenv("SET_BY_A_MODULE");
    setenv("OF_THE_HOST", "as it was", 1);
}

static void same_settings(void) {
    struct sigaction action;
    CHECK(sigaction(SIGUSR2, NULL, &action) == 0);
    CHECK(action.sa_handler == handler_of_the_host);
    char folder[4096];
    CHECK(getcwd(folder, sizeof folder) != NULL);
    CHECK_TEXT(folder, setting("NEXUS_TEST_SCRATCH"));
    mode_t mask = umask(0027);
    CHECK_NUMBER(mask, 0027);
    CHECK_TEXT(setlocale(LC_ALL, NULL), "C");
    CHECK_NUMBER(fegetround(), FE_UPWARD);
    CHECK_NUMBER(fegetexcept(), FE_DIVBYZERO | FE_INVALID);
#ifdef __x86_64__
    unsigned control;
    __asm__ volatile("stmxcsr %0" : "=m"(control));
    CHECK((control & 0x8040) == 0);
#endif
    CHECK_TEXT(getenv("OF_THE_HOST"), "as it was");
    CHECK_PYTHON("__import__('sys').getrecursionlimit() == 1000");
}

static const Effect effects[] = {
    {"nothing", NULL},
    {"divide", NULL},
    {"directory", "it changed the working directory to /; put back to "},
    {"changes_variable", "it changed the environment: OF_THE_HOST; put back"},
    {"environment", "it set new environment variables: SET_BY_A_MODULE"},
    {"fails", "it changed the working directory to /; put back to "},
    {"file", "it has opened and not closed /dev/null"},
#ifdef __x86_64__
    {"flush", "it changed the arithmetic of numbers near zero"},
#endif
    {"language", "it set the locale to C.UTF-8; put back to C"},
    {"mask", "it set the umask to 0077; put back to 0027"},
    {"recursion", "it set the recursion limit to 4321; put back to 1000"},
    {"rounding", "it changed the rounding mode; put back"},
    {"signal_handler", "it took the signal SIGUSR2; put back"},
    {"thread", "it started a thread"},
};

static void told(const NexusLoader *loader) { check_effects(loader, effects, COUNT(effects)); }

CASE(put_back_and_told) {
    host_settings();
    NexusLoader *loader = open_all("effects");
    same_settings();
    told(loader);
    CHECK_NUMBER(nexus_loader_count(loader), 13);
    /* Its own libraries may read it later. */
    CHECK_TEXT(getenv("SET_BY_A_MODULE"), "1");
    nexus_loader_free(loader);
    /* What is loaded already does nothing again. */
    loader = open_all("effects");
    NexusReport *report = report_of(loader);
    for (size_t i = 0; i < nexus_report_count(report); i++) {
        NexusReportEntry entry;
        CHECK_STATUS(nexus_report_at(report, i, &entry), NEXUS_OK);
        NexusNames *lines = NULL;
        CHECK_STATUS(nexus_report_effects(report, i, &lines, NULL), NEXUS_OK);
        /* But for the one that failed and was tried again. */
        CHECK_NUMBER(nexus_names_count(lines), strcmp(entry.name, "fails") == 0);
        nexus_names_free(lines);
    }
    nexus_report_free(report);
    nexus_loader_free(loader);
    same_settings();
}

CASE(lazily) {
    host_settings();
    NexusLoader *loader = open_with(fixture("effects"), (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY});
    for (size_t i = COUNT(effects); i-- > 0;) {
        NexusObject *module = NULL;
        NexusStatus status = nexus_loader_get(loader, effects[i].module, &module, NULL);
        CHECK_STATUS(status, strcmp(effects[i].module, "fails") == 0 ? NEXUS_ERR_LOAD_FAILED : NEXUS_OK);
        same_settings();
        nexus_object_free(module);
    }
    told(loader);
    nexus_loader_free(loader);
}

static int32_t changes_directory(size_t index, size_t total, const char *name, uint32_t state, uint64_t nanoseconds,
                                 void *user_data) {
    (void)index, (void)total, (void)name, (void)state, (void)nanoseconds;
    CHECK_NUMBER(fegetround(), FE_UPWARD);
    CHECK(chdir(user_data) == 0);
    return 0;
}

/* The host's own functions, called between the modules, may change what they like. */
CASE(callbacks_of_the_host) {
    host_settings();
    NexusLoader *loader = open_with(fixture("effects"),
                                    (NexusLoaderOptions){.progress = changes_directory,
                                                         .user_data = (void *)setting("NEXUS_FIXTURES")});
    char folder[4096];
    CHECK(getcwd(folder, sizeof folder) != NULL);
    CHECK_TEXT(folder, setting("NEXUS_FIXTURES"));
    CHECK(chdir(setting("NEXUS_TEST_SCRATCH")) == 0);
    same_settings();
    told(loader);
    nexus_loader_free(loader);
}

CASE(misuse) {
    NexusLoader *loader = open_all("effects");
    NexusReport *report = report_of(loader);
    NexusNames *lines = (NexusNames *)(uintptr_t)1;
    CHECK_REFUSED(nexus_report_effects(report, 99, &lines, &error), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK(lines == NULL);
    CHECK_REFUSED(nexus_report_effects(report, 0, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT);
    lines = (NexusNames *)(uintptr_t)1;
    CHECK_REFUSED(nexus_report_effects(NULL, 0, &lines, &error), NEXUS_ERR_BAD_HANDLE);
    CHECK(lines == NULL);
    nexus_report_free(report);
    CHECK_REFUSED(nexus_report_effects(report, 0, &lines, &error), NEXUS_ERR_BAD_HANDLE);
    nexus_loader_free(loader);
}
