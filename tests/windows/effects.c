/* What modules do to the host while they load is put back, and told, in the C runtime that Python and its modules
 * use. */
#include "nexus_check.h"

#include <windows.h>

static const struct Effect {
    const char *module, *line;
} effects[] = {
    {"directory", "it changed the working directory to C:\\; put back to "},
    {"flush", "it changed the arithmetic of numbers near zero"},
    {"mask", "it set the umask to 0600; put back to "},
    {"new", "it set new environment variables: SET_BY_A_MODULE"},
    {"nothing", NULL},
    {"old", "it changed the environment: OF_THE_HOST; put back"},
    {"rounding", "it changed the rounding mode; put back"},
    {"taken", "it took the signal SIGTERM; put back"},
};

CASE(put_back_and_told)
{
    char folder[4096], now[4096], value[64];
    CHECK(SetEnvironmentVariableA("OF_THE_HOST", "as it was"));
    CHECK(SetEnvironmentVariableA("SET_BY_A_MODULE", NULL));
    CHECK(GetCurrentDirectoryA(sizeof folder, folder) > 0);
    const unsigned control = __builtin_ia32_stmxcsr() & 0xffc0;

    NexusLoader *loader = open_all("windows_effects");
    NexusError *error = NULL;
    NexusReport *report = report_of(loader);
    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++) {
        size_t index = 0;
        NexusReportEntry entry;
        while (nexus_report_at(report, index, &entry) == NEXUS_OK && strcmp(entry.name, effects[i].module) != 0) index++;
        CHECK_SEEN(entry.state == NEXUS_STATE_LOADED, "%s: %s", effects[i].module, entry.message);
        NexusNames *lines = NULL;
        CHECK_OK(nexus_report_effects(report, index, &lines, &error));
        const char *first = nexus_names_at(lines, 0);
        CHECK_SEEN(nexus_names_count(lines) == (effects[i].line != NULL), "%s: %zu lines: %s", effects[i].module,
                   nexus_names_count(lines), first ? first : "");
        if (first) CHECK_CONTAINS(first, effects[i].line);
        nexus_names_free(lines);
    }
    nexus_report_free(report);

    CHECK(GetCurrentDirectoryA(sizeof now, now) > 0);
    CHECK_TEXT(now, folder);
    CHECK(GetEnvironmentVariableA("OF_THE_HOST", value, sizeof value) > 0);
    CHECK_TEXT(value, "as it was");
    CHECK_NUMBER(__builtin_ia32_stmxcsr() & 0xffc0, control);
    nexus_loader_free(loader);
}
