/* Calling Python functions, and showing each call with what came of it. */
#ifndef EXAMPLE_CALLS_H
#define EXAMPLE_CALLS_H

#include <nexus_loader.h>
#include <stddef.h>

/* Calls `object.name(args…)` and prints one line: the call, named `owner.name`, and its result or the
 * exception that it raised. With `result`, hands the result on to the caller, who clears it. */
NexusStatus call_and_show(const NexusObject *object, const char *owner, const char *name,
                          const NexusValue *args, size_t arg_count, NexusValue *result);

/* Calls a few functions of the well-known modules that the loader has; returns how many modules. */
size_t call_known_modules(const NexusLoader *loader);

/* Calls "module.function" with arguments from a command line: whole numbers, numbers with a point, True,
 * False and None are taken as such, everything else as text. */
NexusStatus call_from_command_line(const NexusLoader *loader, const char *function,
                                   char *const *arguments, size_t argument_count, NexusError **error);

#endif
