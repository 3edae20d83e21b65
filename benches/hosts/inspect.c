/* Inspects every module of a folder, with no Python in the process. Prints: modules, wall and CPU nanoseconds.
 *
 *   inspect FOLDER PYTHON      PYTHON: the version to inspect for, such as 3.12 */
#include "samples.h"

#include <nexus_loader.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    unsigned major, minor;
    size_t count = 0, modules = 0;
    if (argc != 3 || sscanf(argv[2], "%u.%u", &major, &minor) != 2) return 2;
    const char *const *names = module_names(argv[1], &count);
    if (!names) return 1;
    Clock began = now();
    for (size_t i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.so", argv[1], names[i]);
        NexusInspection *inspection;
        NexusInspectionFacts facts = {.struct_size = sizeof facts};
        nexus_inspect_for(path, major << 16 | minor << 8, &inspection, NULL);
        if (nexus_inspection_facts(inspection, &facts, NULL) == NEXUS_OK)
            modules += facts.verdict == NEXUS_VERDICT_MODULE;
        nexus_inspection_free(inspection);
    }
    Clock took = since(began);
    printf("%zu\t%.0f\t%.0f\n", modules, took.wall, took.cpu);
    return modules == count ? 0 : 1;
}
