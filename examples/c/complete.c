/* The "Complete Example" of the Python class NexusLoader, as a C program: the same steps, the same
 * lines of output.
 *
 *     complete [DIRECTORY]
 */
#include <nexus_loader.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static NexusValue text(const char *string)
{
    return nexus_value_text(string, strlen(string));
}

/* Prints the names of the loaded modules as Python prints a list. */
static void print_available(const NexusLoader *loader)
{
    NexusNames *names = NULL;
    if (nexus_loader_list(loader, &names, NULL) != NEXUS_OK) {
        return;
    }
    printf("Available modules: [");
    for (size_t index = 0; index < nexus_names_count(names); index++) {
        printf("%s'%s'", index > 0 ? ", " : "", nexus_names_at(names, index));
    }
    printf("]\n");
    nexus_names_free(names);
}

/* What ended the program; the one place where an error is printed and released. */
static int report(const NexusLoader *loader, NexusStatus status, NexusError *error)
{
    switch (status) {
    case NEXUS_ERR_NOT_FOUND: /* FileNotFoundError and NotADirectoryError in Python */
    case NEXUS_ERR_NO_MODULES:
    case NEXUS_ERR_NOT_A_DIRECTORY:
        fprintf(stderr, "\u2717 Error: %s\n", nexus_error_message(error));
        break;
    case NEXUS_ERR_NOT_LOADED: /* KeyError in Python */
        fprintf(stderr, "\u2717 Module error: %s\n", nexus_error_message(error));
        print_available(loader);
        break;
    default:
        fprintf(stderr, "\u2717 Unexpected error: %s\n", nexus_error_message(error));
    }
    nexus_error_free(error);
    return EXIT_FAILURE;
}

/* Prints a value as Python's str() writes it, and releases it. */
static NexusStatus print_and_clear(const char *label, NexusValue *value, NexusError **error)
{
    NexusStatus status = NEXUS_OK;
    if (value->kind == NEXUS_KIND_TEXT) {
        printf("%s: %.*s\n", label, (int)value->as.text.size, value->as.text.data);
    } else if (value->kind == NEXUS_KIND_OBJECT) {
        NexusValue string;
        status = nexus_object_str(value->as.object, &string, error);
        if (status == NEXUS_OK) {
            printf("%s: %.*s\n", label, (int)string.as.text.size, string.as.text.data);
        }
        nexus_value_clear(&string);
    } else {
        printf("%s: a value of another kind (%d)\n", label, (int)value->kind);
    }
    nexus_value_clear(value);
    return status;
}

static NexusStatus use_crypto(const NexusLoader *loader, NexusError **error)
{
    printf("\n--- Using Crypto Module ---\n");
    NexusObject *crypto;
    NexusStatus status = nexus_loader_get(loader, "crypto", &crypto, error);
    if (status != NEXUS_OK) {
        return status;
    }
    NexusValue encrypted, decrypted;
    const NexusValue message = text("Hello, World!");
    status = nexus_object_call_method(crypto, "encrypt", &message, 1, &encrypted, error);
    if (status == NEXUS_OK) {
        status = nexus_object_call_method(crypto, "decrypt", &encrypted, 1, &decrypted, error);
        if (status == NEXUS_OK) {
            status = print_and_clear("Encrypted data", &encrypted, error);
        }
        if (status == NEXUS_OK) {
            status = print_and_clear("Decrypted data", &decrypted, error);
        }
        nexus_value_clear(&decrypted);
    }
    nexus_value_clear(&encrypted);
    nexus_object_free(crypto);
    return status;
}

static NexusStatus use_network(const NexusLoader *loader, NexusError **error)
{
    printf("\n--- Using Network Module ---\n");
    NexusObject *network;
    NexusStatus status = nexus_loader_get(loader, "network", &network, error);
    if (status != NEXUS_OK) {
        return status;
    }
    NexusValue nothing, answer;
    const NexusValue address[] = {text("192.168.1.1"), nexus_value_integer(8080)};
    status = nexus_object_call_method(network, "connect", address, 2, &nothing, error);
    nexus_value_clear(&nothing);
    if (status == NEXUS_OK) {
        status = nexus_object_call_method(network, "get_status", NULL, 0, &answer, error);
        if (status == NEXUS_OK) {
            status = print_and_clear("Connection status", &answer, error);
        }
    }
    nexus_object_free(network);
    return status;
}

static NexusStatus use_database(const NexusLoader *loader, NexusError **error)
{
    printf("\n--- Using Database Module ---\n");
    NexusObject *database;
    NexusStatus status = nexus_loader_get(loader, "database", &database, error);
    if (status != NEXUS_OK) {
        return status;
    }
    NexusValue nothing, rows;
    const NexusValue where[] = {text("localhost"), nexus_value_integer(5432), text("mydb")};
    const NexusValue query = text("SELECT * FROM users LIMIT 5");
    status = nexus_object_call_method(database, "connect", where, 3, &nothing, error);
    nexus_value_clear(&nothing);
    if (status == NEXUS_OK) {
        status = nexus_object_call_method(database, "query", &query, 1, &rows, error);
        if (status == NEXUS_OK) {
            status = print_and_clear("Query result", &rows, error);
        }
    }
    nexus_object_free(database);
    return status;
}

/* Prints the names of the loaded modules, then those that are wanted and not there. */
static NexusStatus show_loaded(const NexusLoader *loader, const char *const *required, size_t count, NexusError **error)
{
    NexusNames *loaded;
    const NexusStatus status = nexus_loader_list(loader, &loaded, error);
    if (status != NEXUS_OK) {
        return status;
    }
    printf("\n\u2713 Successfully loaded %zu modules:\n", nexus_names_count(loaded));
    for (size_t index = 0; index < nexus_names_count(loaded); index++) {
        printf("  - %s\n", nexus_names_at(loaded, index));
    }
    nexus_names_free(loaded);

    bool any = false;
    for (size_t index = 0; index < count; index++) {
        if (!nexus_loader_contains(loader, required[index])) {
            printf("%s'%s'", any ? ", " : "\n\u26a0 Warning: Missing modules: {", required[index]);
            any = true;
        }
    }
    if (any) {
        printf("}\n");
    }
    return NEXUS_OK;
}

int main(int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : "/opt/myapp/modules";
    const char *const required[] = {"crypto", "network", "database"};
    const size_t count = sizeof required / sizeof required[0];
    NexusLoader *loader = NULL;
    NexusError *error = NULL;

    printf("Loading modules from: %s\n", directory);
    NexusStatus status = nexus_loader_new(directory, required, count, &loader, &error);
    if (status == NEXUS_OK) {
        status = show_loaded(loader, required, count, &error);
    }
    if (status == NEXUS_OK && nexus_loader_contains(loader, "crypto")) {
        status = use_crypto(loader, &error);
    }
    if (status == NEXUS_OK && nexus_loader_contains(loader, "network")) {
        status = use_network(loader, &error);
    }
    if (status == NEXUS_OK && nexus_loader_contains(loader, "database")) {
        status = use_database(loader, &error);
    }
    if (status == NEXUS_OK) {
        printf("\n%s\n", nexus_loader_describe(loader));
    }
    const int code = status == NEXUS_OK ? EXIT_SUCCESS : report(loader, status, error);
    nexus_loader_free(loader);
    return code;
}
