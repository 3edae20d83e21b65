/* What modules do to the host while they load is put back, and told, in the C runtime that Python and its modules
 * use. */
#include "report_check.h"

#include <windows.h>

static const Effect effects[] = {
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
    const size_t count = sizeof effects / sizeof *effects;
    for (size_t i = 0; i < count; i++) check_entry(loader, effects[i].module, NEXUS_STATE_LOADED, 0, "");
    check_effects(loader, effects, count);

    CHECK(GetCurrentDirectoryA(sizeof now, now) > 0);
    CHECK_TEXT(now, folder);
    CHECK(GetEnvironmentVariableA("OF_THE_HOST", value, sizeof value) > 0);
    CHECK_TEXT(value, "as it was");
    CHECK_NUMBER(__builtin_ia32_stmxcsr() & 0xffc0, control);
    nexus_loader_free(loader);
}
