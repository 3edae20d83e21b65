/* Checks and shortcuts around nexus_loader.h for tests that link it. */
#ifndef NEXUS_CHECK_H
#define NEXUS_CHECK_H

#include "check.h"
#include "nexus_loader.h"

#include <pthread.h>
#include <stdarg.h>

/* Where ctypes finds the functions that this program is linked with, and whose printf this one is. */
#ifdef _WIN32
#define CTYPES_LIBRARY "'nexus_loader'"
#define PRINTF_OF_C99 gnu_printf
#else
#define CTYPES_LIBRARY "None"
#define PRINTF_OF_C99 printf
#endif

/* What the calls of a program report to, each thread's own. A function that may be called between a failure
 * and its DROP has a local one instead. */
static __attribute__((unused)) _Thread_local NexusError *error;

/* A call that must return that status. It may use `&error`; see CHECK_OK. */
#define CHECK_STATUS(call, expected)                                                   \
    do {                                                                               \
        NexusStatus check_status = (call), check_expected = (expected);                \
        if (check_status != check_expected)                                            \
            FAIL("%s returned %d (%s), not %d (%s)", #call, (int)check_status,         \
                 nexus_status_string(check_status), (int)check_expected,               \
                 nexus_status_string(check_expected));                                 \
    } while (0)

/* A call that must succeed, with `error` for it to fill. */
#define CHECK_OK(call)                                                                 \
    do {                                                                               \
        NexusStatus check_status = (call);                                             \
        if (check_status != NEXUS_OK)                                                  \
            FAIL("%s returned %d (%s): %.4000s\n%.4000s", #call, (int)check_status,    \
                 nexus_status_string(check_status), nexus_error_message(error),        \
                 nexus_error_traceback(error));                                        \
        CHECK(error == NULL);                                                          \
    } while (0)

/* A call that must fail so, with an `error` that tells the same status. */
#define CHECK_ERROR(call, expected)                                                    \
    do {                                                                               \
        error = POISON;                                                                \
        CHECK_STATUS(call, expected);                                                  \
        CHECK(error != NULL);                                                          \
        CHECK_STATUS(nexus_error_status(error), expected);                             \
        CHECK_SEEN(nexus_error_message(error)[0] != '\0', "an empty message");         \
    } while (0)

/* A call that must fail with exactly that message. */
#define CHECK_FAILS_SAYING(call, expected, message)                                    \
    do {                                                                               \
        CHECK_ERROR(call, expected);                                                   \
        CHECK_TEXT(nexus_error_message(error), message);                               \
        DROP(error);                                                                   \
    } while (0)

/* A call that must end in that Python exception, with exactly that message. */
#define CHECK_RAISES_SAYING(call, exception_name, message)                             \
    do {                                                                               \
        CHECK_ERROR(call, NEXUS_ERR_EXCEPTION);                                        \
        CHECK_TEXT(nexus_error_exception(error), exception_name);                      \
        CHECK_TEXT(nexus_error_message(error), message);                               \
        DROP(error);                                                                   \
    } while (0)

/* A call that must succeed; and the number, or bool, that `seen` is after it. */
#define CHECK_GIVES(call, seen, expected)                                              \
    do {                                                                               \
        CHECK_OK(call);                                                                \
        CHECK_NUMBER(seen, expected);                                                  \
    } while (0)

/* The same for a text, which is released. */
#define CHECK_GIVES_TEXT(call, value, expected)                                        \
    do {                                                                               \
        CHECK_OK(call);                                                                \
        CHECK_NUMBER((value).kind, NEXUS_KIND_TEXT);                                   \
        CHECK_TEXT((value).as.text.data, expected);                                    \
        CHECK_NUMBER((value).as.text.size, strlen(expected));                          \
        nexus_value_clear(&(value));                                                   \
    } while (0)

/* What an output is before a call that must set it. */
#define POISON ((void *)(uintptr_t)0x5a5a5a5a5a5a5a5a)

/* Frees the error of a CHECK_ERROR. */
#define DROP(error_variable)                                                           \
    do {                                                                               \
        nexus_error_free(error_variable);                                              \
        (error_variable) = NULL;                                                       \
    } while (0)

/* A call that must fail so; the message does not matter. */
#define CHECK_REFUSED(call, expected)                                                  \
    do {                                                                               \
        CHECK_ERROR(call, expected);                                                   \
        DROP(error);                                                                   \
    } while (0)

/* A call that must end in that Python exception. */
#define CHECK_RAISES(call, exception_name)                                             \
    do {                                                                               \
        CHECK_ERROR(call, NEXUS_ERR_EXCEPTION);                                        \
        CHECK_TEXT(nexus_error_exception(error), exception_name);                      \
        DROP(error);                                                                   \
    } while (0)

/* A call that must fail so, with a message that has that in it. */
#define CHECK_FAILS(call, expected, part)                                              \
    do {                                                                               \
        CHECK_ERROR(call, expected);                                                   \
        CHECK_CONTAINS(nexus_error_message(error), part);                              \
        DROP(error);                                                                   \
    } while (0)

static inline const char *setting(const char *name) {
    const char *value = getenv(name);
    if (!value) FAIL("%s is not set: run this with `cargo test -p nexus_tests`", name);
    return value;
}

/* A text as of printf, in one of sixteen buffers that take turns. */
__attribute__((format(PRINTF_OF_C99, 1, 2))) static inline char *formatted(const char *format, ...) {
    static _Thread_local char buffers[16][4096];
    static _Thread_local unsigned turn;
    /* An argument may be one of the buffers. */
    char text[sizeof buffers[0]];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) >= (int)sizeof text) FAIL("a text that long: %s", text);
    va_end(arguments);
    return strcpy(buffers[turn++ % 16], text);
}

/* "<base>/<name>", in such a buffer. */
static inline const char *joined(const char *base, const char *name) {
    char *text = formatted("%s/%s", base, name);
#ifdef _WIN32
    /* As Windows itself writes it. */
    for (char *c = text; *c; c++)
        if (*c == '/') *c = '\\';
#endif
    return text;
}

static inline const char *fixture(const char *name) { return joined(setting("NEXUS_FIXTURES"), name); }
static inline const char *scratch(const char *name) { return joined(setting("NEXUS_TEST_SCRATCH"), name); }

static inline NexusValue text_value(const char *text) { return nexus_value_text(text, strlen(text)); }

/* Frees handles of objects, in that order. */
#define FREE_OBJECTS(...)                                                              \
    do {                                                                               \
        NexusObject *check_objects[] = {__VA_ARGS__};                                  \
        for (size_t check_i = 0; check_i < COUNT(check_objects); check_i++)            \
            nexus_object_free(check_objects[check_i]);                                 \
    } while (0)

/* Frees loaders, in that order. */
#define FREE_LOADERS(...)                                                              \
    do {                                                                               \
        NexusLoader *check_loaders[] = {__VA_ARGS__};                                  \
        for (size_t check_i = 0; check_i < COUNT(check_loaders); check_i++)            \
            nexus_loader_free(check_loaders[check_i]);                                 \
    } while (0)

/* Releases values, in that order. */
#define CLEAR_VALUES(...)                                                              \
    do {                                                                               \
        NexusValue *check_values[] = {__VA_ARGS__};                                    \
        for (size_t check_i = 0; check_i < COUNT(check_values); check_i++)             \
            nexus_value_clear(check_values[check_i]);                                  \
    } while (0)

/* What a value is before a call that must set it. */
static inline NexusValue poison(void) {
    NexusValue value;
    memset(&value, 0xa5, sizeof value);
    return value;
}

static inline void gives_none(NexusValue value) { CHECK_NUMBER(value.kind, NEXUS_KIND_NONE); }

/* Releases a value that nobody wants. */
static inline void discard(NexusValue value) { nexus_value_clear(&value); }

/* A loader of a directory with options, whose size is set here. */
static inline NexusLoader *open_with(const char *directory, NexusLoaderOptions options) {
    NexusError *error = NULL;
    NexusLoader *loader = NULL;
    options.struct_size = sizeof options;
    CHECK_OK(nexus_loader_open(directory, &options, &loader, &error));
    CHECK(loader != NULL);
    return loader;
}

/* A loader of all modules of one fixture directory. */
static inline NexusLoader *open_all(const char *directory) {
    NexusError *error = NULL;
    NexusLoader *loader = NULL;
    CHECK_OK(nexus_loader_new(fixture(directory), NULL, 0, &loader, &error));
    CHECK(loader != NULL);
    return loader;
}

/* So many modules are loaded; frees the loader. */
static inline void loaded(NexusLoader *loader, size_t count) {
    CHECK_NUMBER(nexus_loader_count(loader), count);
    nexus_loader_free(loader);
}

static inline NexusObject *get(const NexusLoader *loader, const char *name) {
    NexusError *error = NULL;
    NexusObject *module = NULL;
    CHECK_OK(nexus_loader_get(loader, name, &module, &error));
    CHECK(module != NULL);
    return module;
}

/* The module cannot be got, for that reason. */
static inline void get_fails(const NexusLoader *loader, const char *name, NexusStatus status, uint32_t detail) {
    NexusError *error = NULL;
    NexusObject *module = POISON;
    CHECK_ERROR(nexus_loader_get(loader, name, &module, &error), status);
    CHECK(module == NULL);
    CHECK_NUMBER(nexus_error_detail(error), detail);
    DROP(error);
}

/* The only module of a fixture directory, which has the same name; the caller frees it. */
static inline NexusObject *module_of(const char *directory) {
    NexusLoader *loader = open_all(directory);
    NexusObject *module = get(loader, directory);
    nexus_loader_free(loader);
    return module;
}

static inline NexusObject *import(const char *name) {
    NexusError *error = NULL;
    NexusObject *module = NULL;
    CHECK_OK(nexus_import(name, &module, &error));
    CHECK(module != NULL);
    return module;
}

static inline NexusValue call(const NexusObject *object, const char *method, const NexusValue *args, size_t count) {
    NexusError *error = NULL;
    NexusValue result = poison();
    CHECK_OK(nexus_object_call_method(object, method, args, count, &result, &error));
    return result;
}

static inline NexusValue call0(const NexusObject *object, const char *method) { return call(object, method, NULL, 0); }

static inline NexusValue call1(const NexusObject *object, const char *method, NexusValue argument) {
    return call(object, method, &argument, 1);
}

static inline int64_t integer_of(NexusValue value) {
    CHECK_NUMBER(value.kind, NEXUS_KIND_INTEGER);
    return value.as.integer;
}

/* Copies a text result into a buffer of the caller's and releases it. */
static inline const char *text_of(NexusValue value, char *buffer, size_t size) {
    CHECK_NUMBER(value.kind, NEXUS_KIND_TEXT);
    CHECK(value.as.text.size < size);
    memcpy(buffer, value.as.text.data, value.as.text.size + 1);
    nexus_value_clear(&value);
    return buffer;
}

/* Runs it on that many threads at once, to their end, all with the same argument. */
static inline void on_threads(int count, void *(*run)(void *), void *argument) {
    pthread_t threads[64];
    for (int i = 0; i < count; i++) CHECK(pthread_create(&threads[i], NULL, run, argument) == 0);
    for (int i = 0; i < count; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}

/* The same, each with its number, from 0 on. */
static inline void on_numbered_threads(int count, void *(*run)(void *)) {
    pthread_t threads[64];
    for (intptr_t i = 0; i < count; i++) CHECK(pthread_create(&threads[i], NULL, run, (void *)i) == 0);
    for (int i = 0; i < count; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}

/* Names for code to run in. Classes that it makes have a `__module__`, which messages of 3.15 need. */
static inline NexusValue namespace_for_code(NexusObject *builtins) {
    NexusValue names = call0(builtins, "dict");
    NexusValue item[2] = {text_value("__name__"), text_value("test")};
    discard(call(names.as.object, "__setitem__", item, 2));
    return names;
}

/* Whether that Python expression, evaluated with the module's value as `it`, is true; a raised
 * exception fails the test. `it` may be NONE. */
static inline NexusValue evaluate_with(const char *expression, NexusValue it) {
    NexusObject *builtins = import("builtins");
    NexusValue names = namespace_for_code(builtins);
    NexusValue item[2] = {nexus_value_text("it", 2), it};
    discard(call(names.as.object, "__setitem__", item, 2));
    NexusValue args[2] = {text_value(expression), nexus_value_object(names.as.object)};
    NexusValue result = call(builtins, "eval", args, 2);
    nexus_value_clear(&names);
    nexus_object_free(builtins);
    return result;
}

/* The text that an expression gives, in a buffer as of formatted. */
static inline const char *text_with(const char *expression, NexusValue it) {
    char text[4096];
    return formatted("%s", text_of(evaluate_with(expression, it), text, sizeof text));
}

/* What Python's id() says of an object. */
static inline int64_t id_of(NexusObject *object) {
    return integer_of(evaluate_with("id(it)", nexus_value_object(object)));
}

static inline NexusValue evaluate(const char *expression) { return evaluate_with(expression, nexus_value_none()); }

/* What an expression gave is True. */
#define CHECK_TRUE_IN_PYTHON(expression, value)                                            \
    do {                                                                               \
        NexusValue check_value = (value);                                              \
        CHECK_NUMBER(check_value.kind, NEXUS_KIND_BOOLEAN);                            \
        if (!check_value.as.boolean) FAIL("not so in Python: %s", (const char *)(expression)); \
    } while (0)
#define CHECK_WITH(expression, it) CHECK_TRUE_IN_PYTHON(expression, evaluate_with(expression, it))
#define CHECK_PYTHON(expression) CHECK_TRUE_IN_PYTHON(expression, evaluate(expression))

/* `builtins.BufferError: the text`, or what else that expression about `it` raises. */
static inline const char *raised(const char *expression, NexusValue it) {
    static _Thread_local char text[512];
    NexusError *error = NULL;
    NexusObject *builtins = import("builtins");
    NexusValue names = namespace_for_code(builtins), result;
    NexusValue item[2] = {nexus_value_text("it", 2), it};
    discard(call(names.as.object, "__setitem__", item, 2));
    NexusValue args[2] = {text_value(expression), names};
    CHECK_ERROR(nexus_object_call_method(builtins, "eval", args, 2, &result, &error), NEXUS_ERR_EXCEPTION);
    snprintf(text, sizeof text, "%s: %s", nexus_error_exception(error), nexus_error_message(error));
    DROP(error);
    nexus_value_clear(&names);
    nexus_object_free(builtins);
    return text;
}

static inline void *calls_python(void *unused) {
    CHECK_PYTHON("2 + 2 == 4");
    return unused;
}

/* Runs Python statements; a raised exception fails the test and shows its traceback. */
static inline void run_python(const char *source) {
    NexusObject *builtins = import("builtins");
    NexusValue names = namespace_for_code(builtins);
    NexusValue args[2] = {text_value(source), nexus_value_object(names.as.object)};
    discard(call(builtins, "exec", args, 2));
    nexus_value_clear(&names);
    nexus_object_free(builtins);
}

/* What comes after the folder in a path. */
static inline const char *file_name(const char *path) {
    const char *name = path;
    for (; *path; path++) {
        bool ends = *path == '/';
#ifdef _WIN32
        ends |= *path == '\\';
#endif
        if (ends) name = path + 1;
    }
    return name;
}

/* A path as Python's repr() writes it; in a buffer for each thread. */
static inline const char *quoted(const char *path) {
    static _Thread_local char buffer[2 * 4096];
    char *to = buffer;
    *to++ = '\'';
    for (; *path; *to++ = *path++)
        if (*path == '\\') *to++ = '\\';
    strcpy(to, "'");
    return buffer;
}

/* The report's entry for a name and, unless NULL, a file name within its path; fails if there is none.
 * Returns how many such entries there are. The strings live as long as the report. */
static inline size_t entries_of(const NexusReport *report, const char *name, const char *file,
                                NexusReportEntry *found) {
    size_t count = 0;
    *found = (NexusReportEntry){.name = "", .path = "", .message = ""};
    for (size_t i = nexus_report_count(report); i-- > 0;) {
        NexusReportEntry entry;
        CHECK_STATUS(nexus_report_at(report, i, &entry), NEXUS_OK);
        const char *base = file_name(entry.path);
        if ((name && strcmp(entry.name, name) != 0) || (file && strcmp(base, file) != 0)) continue;
        *found = entry;
        count++;
    }
    return count;
}

static inline NexusReport *report_of(const NexusLoader *loader) {
    NexusError *error = NULL;
    NexusReport *report = NULL;
    CHECK_OK(nexus_loader_report(loader, &report, &error));
    CHECK(report != NULL);
    return report;
}

/* So many files, or missing names, are told of. */
static inline void reported(const NexusLoader *loader, size_t count) {
    NexusReport *report = report_of(loader);
    CHECK_NUMBER(nexus_report_count(report), count);
    nexus_report_free(report);
}

/* The log's lines of this process, one after another, from the first call on. */
typedef struct Log {
    char text[65536];
    size_t size, longest;
} Log;

static inline void log_line(uint32_t level, const char *text, void *user_data) {
    Log *log = user_data;
    if (strlen(text) > log->longest) log->longest = strlen(text);
    int written = snprintf(log->text + log->size, sizeof log->text - log->size, "%u %s\n", level, text);
    if (written > 0 && log->size + (size_t)written < sizeof log->text) log->size += (size_t)written;
}

#endif
