/* The contract: types, sizes, offsets, numbers and signatures that programs compile against. */
#include "nexus_loader.h"
#include "nexus_loader.h"

#include "contract_signatures.h"
#include "nexus_check.h"

#define IS(expression, number) _Static_assert((expression) == (number), #expression)

IS(sizeof(NexusStatus), 4);
IS(sizeof(NexusKind), 4);
IS(sizeof(NexusState), 4);

IS(NEXUS_OK, 0);
IS(NEXUS_ERR_INVALID_ARGUMENT, 1);
IS(NEXUS_ERR_BAD_HANDLE, 2);
IS(NEXUS_ERR_NOT_FOUND, 3);
IS(NEXUS_ERR_NOT_A_DIRECTORY, 4);
IS(NEXUS_ERR_NO_MODULES, 5);
IS(NEXUS_ERR_NOT_LOADED, 6);
IS(NEXUS_ERR_AMBIGUOUS, 7);
IS(NEXUS_ERR_LOAD_FAILED, 8);
IS(NEXUS_ERR_PYTHON_NOT_FOUND, 9);
IS(NEXUS_ERR_PYTHON_START, 10);
IS(NEXUS_ERR_PYTHON_CONFLICT, 11);
IS(NEXUS_ERR_NOT_STARTED, 12);
IS(NEXUS_ERR_EXCEPTION, 13);
IS(NEXUS_ERR_TYPE, 14);
IS(NEXUS_ERR_OVERFLOW, 15);
IS(NEXUS_ERR_IO, 16);
IS(NEXUS_ERR_ENGINE, 17);
IS(NEXUS_ERR_NO_MEMORY, 18);
IS(NEXUS_ERR_NOT_ATTACHED, 19);
IS(NEXUS_ERR_FORKED, 20);
IS(NEXUS_ERR_CLOSED, 21);
IS(NEXUS_ERR_BUSY, 22);
IS(NEXUS_ERR_CANCELLED, 23);
IS(NEXUS_ERR_NOT_ALLOWED, 24);
IS(NEXUS_ERR_TIMEOUT, 25);
IS(NEXUS_ERR_END, 26);
IS(NEXUS_ERR_NOT_SUPPORTED, 27);
IS(NEXUS_ERR_PANIC, 28);

IS(NEXUS_KIND_NONE, 0);
IS(NEXUS_KIND_BOOLEAN, 1);
IS(NEXUS_KIND_INTEGER, 2);
IS(NEXUS_KIND_REAL, 3);
IS(NEXUS_KIND_TEXT, 4);
IS(NEXUS_KIND_BYTES, 5);
IS(NEXUS_KIND_OBJECT, 6);

IS(NEXUS_STATE_LOADED, 0);
IS(NEXUS_STATE_LAZY, 1);
IS(NEXUS_STATE_FAILED, 2);
IS(NEXUS_STATE_SKIPPED, 3);
IS(NEXUS_STATE_MISSING, 4);

IS(NEXUS_LOG_ERROR, 1);
IS(NEXUS_LOG_WARNING, 2);
IS(NEXUS_LOG_INFO, 3);
IS(NEXUS_LOG_DEBUG, 4);

IS(NEXUS_LOADER_LAZY, 1);
IS(NEXUS_LOADER_RECURSIVE, 2);
IS(NEXUS_LOADER_TRIAL, 4);
IS(NEXUS_LOADER_VERIFY, 8);
IS(NEXUS_LOADER_CLEANUP_ON_FREE, 16);
IS(NEXUS_PYTHON_NO_SITE, 1);
IS(NEXUS_PYTHON_USE_ENVIRONMENT, 2);

IS(sizeof(NexusComparison), 4);
IS(NEXUS_LESS, 0);
IS(NEXUS_LESS_OR_EQUAL, 1);
IS(NEXUS_EQUAL, 2);
IS(NEXUS_NOT_EQUAL, 3);
IS(NEXUS_GREATER, 4);
IS(NEXUS_GREATER_OR_EQUAL, 5);
IS(NEXUS_INT_BIG_ENDIAN, 1);
IS(NEXUS_INT_UNSIGNED, 2);

IS(sizeof(NexusText), 16);
IS(offsetof(NexusText, data), 0);
IS(offsetof(NexusText, size), 8);

IS(sizeof(NexusValue), 32);
IS(offsetof(NexusValue, kind), 0);
IS(offsetof(NexusValue, as), 8);
IS(sizeof(((NexusValue *)0)->as), 16);
IS(sizeof(((NexusValue *)0)->as.boolean), 1);
IS(sizeof(((NexusValue *)0)->as.integer), 8);
IS(sizeof(((NexusValue *)0)->as.real), 8);
IS(offsetof(NexusValue, as.text), 8);
IS(offsetof(NexusValue, as.object), 8);
IS(offsetof(NexusValue, owner), 24);

IS(offsetof(NexusPythonConfig, struct_size), 0);
IS(offsetof(NexusPythonConfig, flags), 8);
IS(offsetof(NexusPythonConfig, python), 16);
IS(offsetof(NexusLoaderOptions, struct_size), 0);
IS(offsetof(NexusLoaderOptions, flags), 8);
IS(offsetof(NexusLoaderOptions, modules), 16);
IS(offsetof(NexusLoaderOptions, module_count), 24);

IS(sizeof(NexusReportEntry), 48);
IS(offsetof(NexusReportEntry, name), 0);
IS(offsetof(NexusReportEntry, path), 8);
IS(offsetof(NexusReportEntry, state), 16);
IS(offsetof(NexusReportEntry, status), 20);
IS(offsetof(NexusReportEntry, detail), 24);
IS(offsetof(NexusReportEntry, message), 32);
IS(offsetof(NexusReportEntry, nanoseconds), 40);

#define IS_TYPE(expression, type) _Static_assert(_Generic((expression), type: 1, default: 0), #expression)

IS_TYPE(((NexusValue *)0)->as.boolean, bool);
IS_TYPE(((NexusValue *)0)->as.integer, int64_t);
IS_TYPE(((NexusValue *)0)->as.real, double);
IS_TYPE(((NexusValue *)0)->as.text.data, const char *);
IS_TYPE(((NexusValue *)0)->as.text.size, size_t);
IS_TYPE(((NexusValue *)0)->as.object, NexusObject *);
IS_TYPE(((NexusValue *)0)->owner, NexusObject *);
IS_TYPE(((NexusPythonConfig *)0)->flags, uint32_t);
IS_TYPE(((NexusPythonConfig *)0)->python, const char *);
IS_TYPE(((NexusLoaderOptions *)0)->modules, const char *const *);
IS_TYPE(((NexusLoaderOptions *)0)->module_count, size_t);
IS_TYPE(((NexusReportEntry *)0)->name, const char *);
IS_TYPE(((NexusReportEntry *)0)->detail, uint32_t);
IS_TYPE(((NexusReportEntry *)0)->nanoseconds, uint64_t);
IS_TYPE(nexus_value_text("", 0), NexusValue);

/* In the other unit. */
int second_unit(void);

/* That it compiles is most of the test; here the functions are also found when it runs. */
CASE(signatures) {
    const void *const *functions = (const void *const *)&contract_signatures;
    for (size_t i = 0; i < sizeof contract_signatures / sizeof *functions; i++) CHECK(functions[i] != NULL);
    CHECK_NUMBER(second_unit(), 42);
}

CASE(versions) {
    uint32_t number = nexus_version_number();
    CHECK_NUMBER(number, NEXUS_VERSION_NUMBER);
    CHECK_TEXT(nexus_version_string(), NEXUS_VERSION_STRING);
    char text[64];
    snprintf(text, sizeof text, "%u.%u.%u", number >> 16, number >> 8 & 255, number & 255);
    CHECK_TEXT(nexus_version_string(), text);
}

/* A host may take a handle's bits for a pointer by mistake: no such address can be mapped. */
CASE(handles_are_no_addresses) {
    NexusObject *module = import("sys");
    uintptr_t bits = (uintptr_t)module;
    CHECK(bits >> 47 != 0 && bits >> 47 != 0x1ffff);
    nexus_object_free(module);
}
