/* A program that has Python code within: opens directories with nexus_loader and runs a Python script, which may
 * call `host(command, argument)`.
 *
 * usage: host SCRIPT [ARGUMENT…]      in the script: sys.argv */
#include <nexus_loader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static NexusLoader *loaders[8];

/* host("open", folder), host("lazy", folder) give a number; host("free", number). */
static NexusStatus host(const NexusArguments *given, NexusValue *result, NexusError **error, void *data) {
    (void)data;
    const char *command = given->values[0].as.text.data;
    if (strcmp(command, "free") == 0) {
        size_t number = (size_t)given->values[1].as.integer;
        nexus_loader_free(loaders[number]);
        loaders[number] = NULL;
        return NEXUS_OK;
    }
    for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++) {
        if (!loaders[i]) {
            NexusLoaderOptions options = {.struct_size = sizeof options,
                                          .flags = strcmp(command, "lazy") == 0 ? NEXUS_LOADER_LAZY : 0};
            NexusStatus status = nexus_loader_open(given->values[1].as.text.data, &options, &loaders[i], error);
            *result = nexus_value_integer((int64_t)i);
            return status;
        }
    }
    return nexus_error_raise("builtins.RuntimeError", "no more than 8 loaders", error);
}

static void must(NexusStatus status, NexusError *error) {
    if (status != NEXUS_OK) {
        fprintf(stderr, "host: %s\n%s\n", nexus_error_message(error), nexus_error_traceback(error));
        exit(1);
    }
}

int main(int argc, char **argv) {
    NexusError *error = NULL;
    NexusPythonConfig config = {.struct_size = sizeof config, .argv = (const char *const *)argv + 1,
                                .argv_count = (size_t)argc - 1};
    must(nexus_python_start(&config, &error), error);
    NexusObject *runpy = NULL, *builtins = NULL, *function = NULL;
    must(nexus_import("builtins", &builtins, &error), error);
    must(nexus_function_new("host", NULL, 0, host, NULL, NULL, &function, &error), error);
    const NexusValue callable = nexus_value_object(function);
    must(nexus_object_set_attr(builtins, "host", &callable, &error), error);
    must(nexus_import("runpy", &runpy, &error), error);
    const NexusValue arguments[] = {nexus_value_text(argv[1], strlen(argv[1])), nexus_value_none(),
                                    nexus_value_text("__main__", 8)};
    NexusValue result;
    must(nexus_object_call_method(runpy, "run_path", arguments, 3, &result, &error), error);
    nexus_value_clear(&result);
    nexus_object_free(function);
    nexus_object_free(builtins);
    nexus_object_free(runpy);
    return 0;
}
