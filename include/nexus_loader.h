/*
 * nexus_loader: open a directory of compiled Python extension modules and call them.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Generated from the Rust sources by the build. Do not edit.
 *
 * Conventions, kept by every function
 *
 * Outcome    NexusStatus nexus_<noun>_<verb>(self, inputs..., outputs..., NexusError **error).
 *            Outputs are NULL, 0 or NONE after a failure, and have a value only with NEXUS_OK. `error`
 *            may be NULL; otherwise it receives NULL, or an error that you free with
 *            nexus_error_free(). There is no "last error" of a thread. Expect status numbers that this
 *            header does not know.
 * Handles    NexusLoader, NexusObject, NexusReport, NexusNames and NexusError pointers are numbers in
 *            disguise: never dereferenced, checked on each use. A NULL, freed, foreign or invented one
 *            gives NEXUS_ERR_BAD_HANDLE (or false, 0, NULL), in every function and thread. Each has one
 *            free function; freeing twice, or NULL, does nothing. What a handle needs it keeps alive:
 *            the order of freeing does not matter.
 * Strings    In: names are NUL-terminated UTF-8, data is (pointer, length), paths are NUL-terminated in
 *            the platform's bytes. Out: NUL-terminated, owned by the handle they came from, valid until
 *            it is freed.
 * Values     NexusValue crosses by value; what a function returned, release with nexus_value_clear().
 * Threads    Any thread may call any function. None holds the GIL when it returns, but for the pair
 *            nexus_python_attach() and nexus_python_detach(). Unless a comment says "needs no GIL", a
 *            function waits for the GIL and may run Python code.
 * Structs    Set `struct_size` to sizeof the struct and the rest to zero before you fill one in.
 * Python     Started on first use, or by nexus_python_start(); one for the life of the process, never
 *            finalized. Opening a directory runs the code of the modules in it.
 * Never      No function prints to stdout, ends the process, or lets a Rust panic or Python exception
 *            out.
 */


#ifndef NEXUS_LOADER_H
#define NEXUS_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Version of this header; compare with nexus_version_number(), the library's. */
#define NEXUS_VERSION_MAJOR 0
#define NEXUS_VERSION_MINOR 1
#define NEXUS_VERSION_PATCH 0
#define NEXUS_VERSION_NUMBER (NEXUS_VERSION_MAJOR << 16 | NEXUS_VERSION_MINOR << 8 | NEXUS_VERSION_PATCH)
#define NEXUS_VERSION_STRING "0.1.0"
/** Version of the binary interface: the number in the libraries' SONAME. */
#define NEXUS_ABI 0


/**
 * Start without `site`: no `site-packages`, no `sitecustomize`.
 */
#define NEXUS_PYTHON_NO_SITE 1

/**
 * Honour `PYTHONHOME`, `PYTHONPATH` and the other inherited `PYTHON…` variables, which are otherwise
 * ignored: they were set for another program.
 */
#define NEXUS_PYTHON_USE_ENVIRONMENT 2

/**
 * Discover now, load each module at its first `nexus_loader_get`.
 */
#define NEXUS_LOADER_LAZY 1

/**
 * Descend into packages and plain folders.
 */
#define NEXUS_LOADER_RECURSIVE 2

/**
 * Import each module in a child process first.
 */
#define NEXUS_LOADER_TRIAL 4

/**
 * Open only the files that the directory's list of checksums names.
 */
#define NEXUS_LOADER_VERIFY 8

/**
 * When the loader is freed, call `cleanup()` of each of its modules that has one.
 */
#define NEXUS_LOADER_CLEANUP_ON_FREE 16

/**
 * What a function has to say about its outcome. Numbers are never reused; programs must expect
 * numbers that they do not know yet. 32 bits wide.
 */
typedef enum NexusStatus {
    /**
     * Success. Only now have the outputs a value.
     */
    NEXUS_OK = 0,
    /**
     * An argument is NULL, out of range, or not UTF-8; the message names it.
     */
    NEXUS_ERR_INVALID_ARGUMENT = 1,
    /**
     * A handle was freed, belongs to another type, or was never given out.
     */
    NEXUS_ERR_BAD_HANDLE = 2,
    /**
     * A path, an attribute or a name does not exist.
     */
    NEXUS_ERR_NOT_FOUND = 3,
    /**
     * The path exists, but is no directory.
     */
    NEXUS_ERR_NOT_A_DIRECTORY = 4,
    /**
     * The directory has no file that ends in `.so` or `.pyd`.
     */
    NEXUS_ERR_NO_MODULES = 5,
    /**
     * The loader has no loaded module of that name; the message lists those it has.
     */
    NEXUS_ERR_NOT_LOADED = 6,
    /**
     * The name stands for several modules; the message lists them.
     */
    NEXUS_ERR_AMBIGUOUS = 7,
    /**
     * A module was found and could not be loaded.
     */
    NEXUS_ERR_LOAD_FAILED = 8,
    /**
     * No usable Python on this machine; the message lists every candidate and why it was refused.
     */
    NEXUS_ERR_PYTHON_NOT_FOUND = 9,
    /**
     * A Python was found, but did not start.
     */
    NEXUS_ERR_PYTHON_START = 10,
    /**
     * Another Python runs in this process already, or two libpythons are in it.
     */
    NEXUS_ERR_PYTHON_CONFLICT = 11,
    /**
     * The function needs Python, which nothing has started yet.
     */
    NEXUS_ERR_NOT_STARTED = 12,
    /**
     * Python raised an exception; the error has its type, message and traceback.
     */
    NEXUS_ERR_EXCEPTION = 13,
    /**
     * A value has another type than the function needs.
     */
    NEXUS_ERR_TYPE = 14,
    /**
     * A number does not fit into the type that it was asked for as.
     */
    NEXUS_ERR_OVERFLOW = 15,
    /**
     * The operating system refused to read a file or directory.
     */
    NEXUS_ERR_IO = 16,
    /**
     * The engine library is not beside the front, or is of another version.
     */
    NEXUS_ERR_ENGINE = 17,
    /**
     * No memory, or no free handle.
     */
    NEXUS_ERR_NO_MEMORY = 18,
    /**
     * This thread does not hold what it wants to give back.
     */
    NEXUS_ERR_NOT_ATTACHED = 19,
    /**
     * This process was forked from the one that started Python; nothing can be called here.
     */
    NEXUS_ERR_FORKED = 20,
    /**
     * The interpreter that was adopted has been finalized by its owner.
     */
    NEXUS_ERR_CLOSED = 21,
    /**
     * Something is still in use and cannot be taken back.
     */
    NEXUS_ERR_BUSY = 22,
    /**
     * The host asked to stop.
     */
    NEXUS_ERR_CANCELLED = 23,
    /**
     * A file is not allowed by the list that the host gave.
     */
    NEXUS_ERR_NOT_ALLOWED = 24,
    /**
     * A time limit passed.
     */
    NEXUS_ERR_TIMEOUT = 25,
    /**
     * An iteration has no further item.
     */
    NEXUS_ERR_END = 26,
    /**
     * This build, platform or Python cannot do that.
     */
    NEXUS_ERR_NOT_SUPPORTED = 27,
    /**
     * A defect in nexus_loader itself; the message is for its developers.
     */
    NEXUS_ERR_PANIC = 28,
} NexusStatus;

/**
 * What became of a file or of a requested name. 32 bits wide.
 */
typedef enum NexusState {
    /**
     * Loaded, and given out by `nexus_loader_get`.
     */
    NEXUS_STATE_LOADED = 0,
    /**
     * Found; loads at the first `nexus_loader_get` (`NEXUS_LOADER_LAZY`).
     */
    NEXUS_STATE_LAZY = 1,
    /**
     * Tried, or proven hopeless; status, detail and message say why.
     */
    NEXUS_STATE_FAILED = 2,
    /**
     * Not tried, with the reason: no Python module, or another file is preferred to it.
     */
    NEXUS_STATE_SKIPPED = 3,
    /**
     * Asked for, and not found in the directory.
     */
    NEXUS_STATE_MISSING = 4,
} NexusState;

/**
 * What a `NexusValue` holds. 32 bits wide.
 */
typedef enum NexusKind {
    /**
     * Python's `None`.
     */
    NEXUS_KIND_NONE = 0,
    /**
     * A `bool`, in `as.boolean`.
     */
    NEXUS_KIND_BOOLEAN = 1,
    /**
     * An `int` that fits into 64 bits with a sign, in `as.integer`. A larger one is an object.
     */
    NEXUS_KIND_INTEGER = 2,
    /**
     * A `float`, in `as.real`.
     */
    NEXUS_KIND_REAL = 3,
    /**
     * A `str`, in `as.text`: UTF-8. One with lone surrogates, which UTF-8 cannot hold, is an object.
     */
    NEXUS_KIND_TEXT = 4,
    /**
     * A `bytes`, in `as.text`.
     */
    NEXUS_KIND_BYTES = 5,
    /**
     * Anything else, in `as.object`; instances of subclasses of the types above too, so that nothing
     * about them is lost.
     */
    NEXUS_KIND_OBJECT = 6,
} NexusKind;

/**
 * The weight of a log line. 32 bits wide.
 */
typedef enum NexusLogLevel {
    /**
     * Something the host asked for did not work.
     */
    NEXUS_LOG_ERROR = 1,
    /**
     * Something is odd; `Failed to load module …` is one of these.
     */
    NEXUS_LOG_WARNING = 2,
    /**
     * What was chosen and loaded.
     */
    NEXUS_LOG_INFO = 3,
    /**
     * What was searched, found and skipped, and why.
     */
    NEXUS_LOG_DEBUG = 4,
} NexusLogLevel;

/**
 * A failure with all that is known about it. Free with `nexus_error_free`.
 */
typedef struct NexusError NexusError;

/**
 * The modules of a directory. Free with `nexus_loader_free`.
 */
typedef struct NexusLoader NexusLoader;

/**
 * A list of names. Free with `nexus_names_free`.
 */
typedef struct NexusNames NexusNames;

/**
 * A Python object: module, function, class, anything. Free with `nexus_object_free`.
 */
typedef struct NexusObject NexusObject;

/**
 * What became of each file and each requested name. Free with `nexus_report_free`.
 */
typedef struct NexusReport NexusReport;

/**
 * Which Python runs. The strings are NUL-terminated, never NULL, and live as long as the process.
 *
 * Fields that a host's `struct_size` does not cover are left alone.
 */
typedef struct NexusPythonInfo {
    /**
     * `sizeof(NexusPythonInfo)`; set it before the call.
     */
    size_t struct_size;
    /**
     * The version as one number, `major << 16 | minor << 8 | micro`.
     */
    uint32_t version;
    /**
     * Whether nexus_loader has started it; otherwise it was in the process and was adopted.
     */
    bool owned;
    /**
     * `sys.version`: the version with date and compiler. UTF-8.
     */
    const char *version_text;
    /**
     * The file of the libpython, or of the program that has Python inside. The platform's bytes.
     */
    const char *library;
    /**
     * `sys.executable`, in the platform's bytes; `""` where no interpreter is installed.
     */
    const char *executable;
    /**
     * `sys.prefix`: the virtual environment or installation. The platform's bytes.
     */
    const char *prefix;
    /**
     * For people: where it was found, and why it was taken. UTF-8.
     */
    const char *reason;
} NexusPythonInfo;

/**
 * How to open a directory. All zero but `struct_size` means the defaults.
 */
typedef struct NexusLoaderOptions {
    /**
     * `sizeof(NexusLoaderOptions)`.
     */
    size_t struct_size;
    /**
     * Any of the `NEXUS_LOADER_…` flags.
     */
    uint32_t flags;
    /**
     * The names of the modules to load, UTF-8. NULL: all.
     */
    const char *const *modules;
    /**
     * How many strings `modules` has.
     */
    size_t module_count;
} NexusLoaderOptions;

/**
 * One file or requested name. The strings are NUL-terminated, never NULL, and live as long as the
 * report. This struct never grows; further facts get functions of their own.
 */
typedef struct NexusReportEntry {
    /**
     * The module's name, as `nexus_loader_get` takes it. UTF-8.
     */
    const char *name;
    /**
     * The file; the platform's bytes. Empty for a name that was not found.
     */
    const char *path;
    /**
     * What became of it.
     */
    NexusState state;
    /**
     * `NEXUS_OK`, or why it did not load.
     */
    NexusStatus status;
    /**
     * A finer code from the table in the documentation; 0: none.
     */
    uint32_t detail;
    /**
     * For people: why it failed or was skipped; empty when it was loaded. UTF-8.
     */
    const char *message;
    /**
     * Wall-clock time that finding out took, in nanoseconds.
     */
    uint64_t nanoseconds;
} NexusReportEntry;

/**
 * Text or bytes. `data` may be NULL when `size` is 0. Text that nexus_loader returns is followed by a
 * NUL that `size` does not count; what it takes needs none, and may hold NULs.
 */
typedef struct NexusText {
    /**
     * The first byte.
     */
    const char *data;
    /**
     * How many bytes.
     */
    size_t size;
} NexusText;

/**
 * The payload of a `NexusValue`; its kind says which member counts.
 */
typedef union NexusPayload {
    /**
     * For `NEXUS_KIND_BOOLEAN`.
     */
    bool boolean;
    /**
     * For `NEXUS_KIND_INTEGER`.
     */
    int64_t integer;
    /**
     * For `NEXUS_KIND_REAL`.
     */
    double real;
    /**
     * For `NEXUS_KIND_TEXT` and `NEXUS_KIND_BYTES`.
     */
    NexusText text;
    /**
     * For `NEXUS_KIND_OBJECT`.
     */
    NexusObject *object;
} NexusPayload;

/**
 * A value that crosses the border. One that a function returned is released with
 * `nexus_value_clear`, whatever its kind; one that the host made is the host's.
 */
typedef struct NexusValue {
    /**
     * What it holds.
     */
    NexusKind kind;
    /**
     * The value itself.
     */
    NexusPayload as;
    /**
     * Keeps a returned text or bytes alive; NULL otherwise.
     */
    NexusObject *owner;
} NexusValue;

/**
 * Gets one line of the log: its level (`NexusLogLevel`), its text (UTF-8, NUL-terminated, no line
 * end, valid during the call) and what the host gave with the callback. Called from any thread,
 * sometimes with the GIL held: it must not wait for another thread that calls nexus functions.
 */
typedef void (*NexusLogCallback)(uint32_t level, const char *text, void *user_data);

/**
 * Which Python, and how to start it. All zero but `struct_size` means the defaults.
 *
 * Fields that a host's `struct_size` does not cover are taken as zero, so that a host built against
 * an older header goes on working.
 */
typedef struct NexusPythonConfig {
    /**
     * `sizeof(NexusPythonConfig)`.
     */
    size_t struct_size;
    /**
     * Any of the `NEXUS_PYTHON_…` flags.
     */
    uint32_t flags;
    /**
     * An interpreter, a virtual environment, an installation prefix or a libpython file; a path in
     * the platform's bytes. NULL: search.
     */
    const char *python;
    /**
     * `sys.argv`, in the platform's bytes. NULL: `['']`.
     */
    const char *const *argv;
    /**
     * How many strings `argv` has.
     */
    size_t argv_count;
} NexusPythonConfig;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* ---- Version and status texts ------------------------------------------------------------------ */

/**
 * The version of the library that runs, such as `"0.1.0"`; the header's is `NEXUS_VERSION_STRING`.
 * Never NULL. Any thread; needs no Python.
 */
const char *nexus_version_string(void);

/**
 * The version of the library that runs as one number, `major << 16 | minor << 8 | patch`; the
 * header's is `NEXUS_VERSION_NUMBER`. Any thread; needs no Python.
 */
uint32_t nexus_version_number(void);

/**
 * The text of a status, in English; `"unknown status"` for a number that is none. Never NULL, and
 * valid for ever. Any thread; needs no Python.
 */
const char *nexus_status_string(NexusStatus status);

/* ---- What C is told about the interpreter ------------------------------------------------------ */

/**
 * Tells which Python runs in this process, and why this one.
 *
 * `info`: its `struct_size` is set by the caller; all other fields are set to 0, and on success to the
 * facts.
 *
 * `NEXUS_OK`; `NEXUS_ERR_INVALID_ARGUMENT`: `info` is NULL, or its `struct_size` is not set;
 * `NEXUS_ERR_NOT_STARTED`: Python was not started yet.
 *
 * Any thread; needs no GIL, and runs no Python code.
 */
NexusStatus nexus_python_info(NexusPythonInfo *info,
                              NexusError **error);

/* ---- The loader: the modules of a directory ---------------------------------------------------- */

/**
 * Opens a directory and loads its binary modules (`.so`, on Windows `.pyd`): all, or the named ones.
 * One that fails does not hinder the others; `nexus_loader_report` tells of each. Starts Python if
 * nothing has. **Runs the code of the modules.**
 *
 * `bin_path`: the directory, in the platform's bytes. `modules`: `module_count` names without suffix,
 * UTF-8; NULL for all. A name without a file becomes an entry of the report, not an error. `loader`
 * receives a handle that the caller frees with `nexus_loader_free`.
 *
 * Returns `NEXUS_ERR_NOT_FOUND` ("Binary path does not exist: …"), `NEXUS_ERR_NOT_A_DIRECTORY`
 * ("Binary path is not a directory: …"), `NEXUS_ERR_NO_MODULES` ("No binary modules found in: …"),
 * `NEXUS_ERR_IO`, `NEXUS_ERR_INVALID_ARGUMENT`, or what `nexus_python_start` returns. Any thread.
 */
NexusStatus nexus_loader_new(const char *bin_path,
                             const char *const *modules,
                             size_t module_count,
                             NexusLoader **loader,
                             NexusError **error);

/**
 * Opens a directory with options; otherwise as `nexus_loader_new`.
 *
 * `options`: NULL, or a struct that begins with its size. With `NEXUS_LOADER_LAZY` each module loads at
 * its first `nexus_loader_get`. Flags that this version does not know are
 * `NEXUS_ERR_INVALID_ARGUMENT`.
 */
NexusStatus nexus_loader_open(const char *bin_path,
                              const NexusLoaderOptions *options,
                              NexusLoader **loader,
                              NexusError **error);

/**
 * Gets a loaded module by its name; a lazy one is loaded now.
 *
 * `module` receives a handle that the caller frees with `nexus_object_free`; it does not need the
 * loader any more.
 *
 * Returns `NEXUS_ERR_NOT_LOADED` ("Module 'x' not loaded. Available modules: ['a', 'b']"; path, detail
 * and traceback of the error tell why, if the module failed), for a lazy module that fails now
 * `NEXUS_ERR_LOAD_FAILED`, `NEXUS_ERR_BAD_HANDLE`, or `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; needs
 * no GIL for a module that is loaded, runs its code for a lazy one.
 */
NexusStatus nexus_loader_get(const NexusLoader *loader,
                             const char *name,
                             NexusObject **module,
                             NexusError **error);

/**
 * The names of the modules that can be got, in load order: the loaded ones, and with
 * `NEXUS_LOADER_LAZY` those that have not been tried.
 *
 * `names` receives a list that the caller frees with `nexus_names_free`.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; needs no GIL.
 */
NexusStatus nexus_loader_list(const NexusLoader *loader,
                              NexusNames **names,
                              NexusError **error);

/**
 * Whether `nexus_loader_list` has that name; false for a bad handle or NULL. Any thread; needs no GIL.
 */
bool nexus_loader_contains(const NexusLoader *loader,
                           const char *name);

/**
 * How many names `nexus_loader_list` has; 0 for a bad handle. Any thread; needs no GIL.
 */
size_t nexus_loader_count(const NexusLoader *loader);

/**
 * The directory, as it was given. Valid until the loader is freed; NULL for a bad handle. Any thread;
 * needs no GIL.
 */
const char *nexus_loader_bin_path(const NexusLoader *loader);

/**
 * The names that were asked for. `names` receives a list that the caller frees with
 * `nexus_names_free`, or NULL with `NEXUS_OK` when all modules were asked for.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; needs no GIL.
 */
NexusStatus nexus_loader_requested(const NexusLoader *loader,
                                   NexusNames **names,
                                   NexusError **error);

/**
 * A line for people: `NexusLoader(bin_path='/opt/app/modules', loaded=5 modules)`. UTF-8, valid until
 * the loader is freed; NULL for a bad handle. Any thread; needs no GIL.
 */
const char *nexus_loader_describe(const NexusLoader *loader);

/**
 * Frees a loader and the strings that came from it; with `NEXUS_LOADER_CLEANUP_ON_FREE` calls
 * `cleanup()` of each of its modules that has one, and logs what that raises. The modules stay loaded,
 * and handles to them valid. NULL, or a loader that is freed already, does nothing. Any thread; waits
 * for the GIL to flush Python's output.
 */
void nexus_loader_free(NexusLoader *loader);

/* ---- Reports: what became of each file and each requested name --------------------------------- */

/**
 * Makes a report: one entry for each file that was found and each name that was asked for, in load
 * order. It is a snapshot: modules that load lazily later do not change it.
 *
 * `report` receives a handle that the caller frees with `nexus_report_free`; it outlives the loader.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; needs no GIL.
 */
NexusStatus nexus_loader_report(const NexusLoader *loader,
                                NexusReport **report,
                                NexusError **error);

/**
 * How many entries the report has; 0 for NULL or a freed one. Any thread; needs no GIL.
 */
size_t nexus_report_count(const NexusReport *report);

/**
 * Fills in the entry at an index from 0. Its strings live as long as the report.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE`, or `NEXUS_ERR_INVALID_ARGUMENT` for a NULL `entry` or an index past
 * the end; the entry is all zero then. Any thread; needs no GIL.
 */
NexusStatus nexus_report_at(const NexusReport *report,
                            size_t index,
                            NexusReportEntry *entry);

/**
 * Frees a report and the strings that came from it. NULL, or a report that is freed already, does
 * nothing. Any thread; needs no GIL.
 */
void nexus_report_free(NexusReport *report);

/* ---- Importing by name ------------------------------------------------------------------------- */

/**
 * Imports a module by its dotted name, as Python's `import` does, and gives the module that the whole
 * name means: `nexus_import("os.path", …)` gives `os.path`. Starts Python if nothing has.
 *
 * `name`: UTF-8. `module` receives a handle that the caller frees with `nexus_object_free`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, or not UTF-8), `NEXUS_ERR_EXCEPTION` with what Python
 * raised (`builtins.ModuleNotFoundError` when there is none of that name), or what
 * `nexus_python_start` returns. Any thread; runs the module's code.
 */
NexusStatus nexus_import(const char *name,
                         NexusObject **module,
                         NexusError **error);

/* ---- Calling functions and methods ------------------------------------------------------------- */

/**
 * Calls an object with positional arguments.
 *
 * `args`: `arg_count` values, read during the call only; may be NULL when there are none. `result`
 * receives the value, which the caller releases with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` (callable, or a handle among the arguments),
 * `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an unknown kind, text that is not UTF-8), `NEXUS_ERR_EXCEPTION`
 * with what Python raised: SystemExit and KeyboardInterrupt are errors like any other. Any thread;
 * runs the callee's code.
 */
NexusStatus nexus_object_call(const NexusObject *callable,
                              const NexusValue *args,
                              size_t arg_count,
                              NexusValue *result,
                              NexusError **error);

/**
 * Calls a method of an object, or a function of a module, by its name.
 *
 * `name`: UTF-8. Everything else as for `nexus_object_call`. A missing method is Python's
 * `builtins.AttributeError`.
 */
NexusStatus nexus_object_call_method(const NexusObject *object,
                                     const char *name,
                                     const NexusValue *args,
                                     size_t arg_count,
                                     NexusValue *result,
                                     NexusError **error);

/* ---- Attributes of objects --------------------------------------------------------------------- */

/**
 * Gets an attribute: a module's function or constant, an object's method or field.
 *
 * `name`: UTF-8. `value` receives it; release it with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION`
 * (`builtins.AttributeError` when there is none of that name). Any thread; may run Python code.
 */
NexusStatus nexus_object_attr(const NexusObject *object,
                              const char *name,
                              NexusValue *value,
                              NexusError **error);

/**
 * Whether an object has an attribute of that name. An exception other than AttributeError that looking
 * for it raises is an error.
 *
 * Returns as `nexus_object_attr`. Any thread; may run Python code.
 */
NexusStatus nexus_object_has_attr(const NexusObject *object,
                                  const char *name,
                                  bool *result,
                                  NexusError **error);

/* ---- Objects as text --------------------------------------------------------------------------- */

/**
 * `repr(object)` as a text value; release it with `nexus_value_clear`. Lone surrogates in it are
 * written as `\udc80`.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION`. Any thread;
 * may run Python code.
 */
NexusStatus nexus_object_repr(const NexusObject *object,
                              NexusValue *text,
                              NexusError **error);

/**
 * `str(object)` as a text value; otherwise as `nexus_object_repr`.
 */
NexusStatus nexus_object_str(const NexusObject *object,
                             NexusValue *text,
                             NexusError **error);

/**
 * The name of an object's type with its module, such as `builtins.dict`, as a text value; otherwise as
 * `nexus_object_repr`.
 */
NexusStatus nexus_object_type_name(const NexusObject *object,
                                   NexusValue *text,
                                   NexusError **error);

/* ---- Releasing objects and values -------------------------------------------------------------- */

/**
 * Frees a handle. NULL, or a handle that is freed already, does nothing. The object itself lives as
 * long as Python needs it. Any thread; waits for the GIL, unless the object is a loaded module; may run
 * the object's destructor.
 */
void nexus_object_free(NexusObject *object);

/**
 * Releases what a returned value holds, its object or the owner of its text, and leaves
 * `NEXUS_KIND_NONE`: a second time does nothing. NULL does nothing. Any thread; as
 * `nexus_object_free`.
 */
void nexus_value_clear(NexusValue *value);

/* ---- Errors: owned objects with everything that is known about a failure ----------------------- */

/**
 * The status of an error: what the function that filled it has returned. `NEXUS_ERR_BAD_HANDLE` for
 * NULL or a freed error. Any thread; needs no Python.
 */
NexusStatus nexus_error_status(const NexusError *error);

/**
 * The detail code of an error, from the table in the documentation; 0: none. Any thread; needs no
 * Python.
 */
uint32_t nexus_error_detail(const NexusError *error);

/**
 * What was wrong, with what, and what to do about it: UTF-8, for people. Never NULL, also for a NULL
 * or freed error; valid until the error is freed. Any thread; needs no Python.
 */
const char *nexus_error_message(const NexusError *error);

/**
 * The name of the module that the error is about, UTF-8; `""` when there is none. Valid until the
 * error is freed. Any thread; needs no Python.
 */
const char *nexus_error_module(const NexusError *error);

/**
 * The file or directory that the error is about, in the platform's bytes; `""` when there is none.
 * Valid until the error is freed. Any thread; needs no Python.
 */
const char *nexus_error_path(const NexusError *error);

/**
 * The type of the Python exception with its module, such as `"builtins.ValueError"`; `""` when no
 * exception was raised. Valid until the error is freed. Any thread; needs no Python.
 */
const char *nexus_error_exception(const NexusError *error);

/**
 * The traceback as Python prints it, with the chained causes; `""` when no exception was raised.
 * Valid until the error is freed. Any thread; needs no Python.
 */
const char *nexus_error_traceback(const NexusError *error);

/**
 * What the dynamic linker said (`dlerror`), when it is behind the failure; `""` otherwise. Valid
 * until the error is freed. Any thread; needs no Python.
 */
const char *nexus_error_linker(const NexusError *error);

/**
 * Frees an error and the strings that came from it. NULL, or an error that is freed already, does
 * nothing. Any thread; may wait for the GIL when the error holds a Python exception.
 */
void nexus_error_free(NexusError *error);

/* ---- Lists of names ---------------------------------------------------------------------------- */

/**
 * How many names the list has; 0 for NULL or a freed list. Any thread; needs no Python.
 */
size_t nexus_names_count(const NexusNames *names);

/**
 * The name at an index from 0; NULL past the end, or for NULL or a freed list. UTF-8, valid until the
 * list is freed. Any thread; needs no Python.
 */
const char *nexus_names_at(const NexusNames *names,
                           size_t index);

/**
 * Frees a list and the strings that came from it. NULL, or a list that is freed already, does
 * nothing. Any thread; needs no Python.
 */
void nexus_names_free(NexusNames *names);

/* ---- The log: lines for the host's callback, or for stderr. Never stdout ----------------------- */

/**
 * Sends the log to a callback, from that level on upwards in weight; a NULL callback sends it to
 * stderr. Until this is called, the environment variable `NEXUS_LOG` (`error`, `warning`, `info`,
 * `debug` or `off`) sets the level of what goes to stderr; without it, `warning`.
 *
 * `level` is a `NexusLogLevel`, or 0 for silence; a larger number means `NEXUS_LOG_DEBUG`.
 * `user_data` is handed to the callback and must stay valid until another callback is set and calls
 * under way have ended. Any thread; needs no Python.
 */
void nexus_log_set(NexusLogCallback callback, void *user_data, uint32_t level);

/* ---- Threads and the GIL ----------------------------------------------------------------------- */

/**
 * Takes the GIL for this thread until `nexus_python_detach`, so that a batch of calls pays for it only
 * once. Nests: each call needs a `nexus_python_detach` on the same thread. Other threads cannot run
 * Python meanwhile, so keep it short; a goroutine or fiber must not change threads in between.
 *
 * Returns `NEXUS_ERR_NOT_STARTED` before a start, `NEXUS_ERR_CLOSED` when the program that owns an
 * adopted interpreter has finalized it. Any thread; waits for the GIL, runs no Python code.
 */
NexusStatus nexus_python_attach(NexusError **error);

/**
 * Gives back what one `nexus_python_attach` took; the outermost frees the GIL.
 *
 * Returns `NEXUS_ERR_NOT_ATTACHED` when this thread has no attach to give back. Any thread; runs no
 * Python code.
 */
NexusStatus nexus_python_detach(NexusError **error);

/* ---- The C functions that start Python, and that tell which one would be started --------------- */

/**
 * Starts Python and opens the engine; the other functions do it with the defaults when they need
 * Python first.
 *
 * A Python that runs in this process already is adopted: never started, stopped or changed. Otherwise
 * it is, in this order: the one that `config` names; the one that the environment variable
 * `NEXUS_PYTHON` names; those of `VIRTUAL_ENV` and `CONDA_PREFIX`; `python3`, then `python3.15` to
 * `python3.11` on `PATH`; the system's libpython. One that is named is taken or is an error; of the
 * others, the first that can be used. `nexus_python_search` tells what there is.
 *
 * It starts as `python3` would, `site` included, but ignores the inherited `PYTHON…` variables unless
 * `NEXUS_PYTHON_USE_ENVIRONMENT` is set. The calling thread is Python's main thread, and holds no GIL
 * afterwards. Signal handlers, locale, floating-point environment, working directory, umask and
 * environment variables are afterwards as before, also after a failure.
 *
 * `config` may be NULL: the defaults. When Python runs already, a config that names the same one, or
 * none, is fine; its other fields have no effect.
 *
 * `NEXUS_OK`; `NEXUS_ERR_INVALID_ARGUMENT`: a bad `config`; `NEXUS_ERR_PYTHON_NOT_FOUND`: nothing
 * usable, the message lists every candidate with the reason; `NEXUS_ERR_PYTHON_START`: it was found and
 * did not start, or its `site`, `sitecustomize` or a `.pth` file raised an exception, which the error
 * has; `NEXUS_ERR_PYTHON_CONFLICT`: two Pythons are in the process, one that cannot be used, or another
 * than the one that `config` names; `NEXUS_ERR_ENGINE`: the engine library is missing or of another
 * version; `NEXUS_ERR_CLOSED`: the adopted Python was finalized; `NEXUS_ERR_FORKED`: another thread was
 * starting Python when this process was forked. After a failure it may be called again; if Python runs
 * by then, what is left is done.
 *
 * Any thread; waits for other threads that start Python, and for the GIL of an adopted one. Runs
 * Python code: `site`. May run interpreters as child processes, for ten seconds each at most.
 */
NexusStatus nexus_python_start(const NexusPythonConfig *config,
                               NexusError **error);

/**
 * Lists every Python that `nexus_python_start` would look at with that config, in order, one line of
 * text each: where it came from, and why it would be taken or is refused.
 *
 * `config` may be NULL: the defaults. The list is the caller's, who frees it with `nexus_names_free`.
 *
 * `NEXUS_OK`, also when there is no usable one; `NEXUS_ERR_INVALID_ARGUMENT`: `candidates` is NULL, or
 * a bad `config`; `NEXUS_ERR_NO_MEMORY`: no free handle.
 *
 * Any thread; needs no GIL, starts and opens nothing, and runs no Python code in this process. May run
 * interpreters as child processes, for ten seconds each at most.
 */
NexusStatus nexus_python_search(const NexusPythonConfig *config,
                                NexusNames **candidates,
                                NexusError **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* NEXUS_LOADER_H */

#ifdef __cplusplus
extern "C" {
#endif

/** None. */
static inline NexusValue nexus_value_none(void)
{
    NexusValue value;
    value.kind = NEXUS_KIND_NONE;
    value.as.text.data = NULL;
    value.as.text.size = 0;
    value.owner = NULL;
    return value;
}

/** True or False. */
static inline NexusValue nexus_value_boolean(bool boolean)
{
    NexusValue value = nexus_value_none();
    value.kind = NEXUS_KIND_BOOLEAN;
    value.as.boolean = boolean;
    return value;
}

/** An int. */
static inline NexusValue nexus_value_integer(int64_t integer)
{
    NexusValue value = nexus_value_none();
    value.kind = NEXUS_KIND_INTEGER;
    value.as.integer = integer;
    return value;
}

/** A float. */
static inline NexusValue nexus_value_real(double real)
{
    NexusValue value = nexus_value_none();
    value.kind = NEXUS_KIND_REAL;
    value.as.real = real;
    return value;
}

/** A str of `size` bytes of UTF-8, which stay the caller's and are read during the call only. */
static inline NexusValue nexus_value_text(const char *data, size_t size)
{
    NexusValue value = nexus_value_none();
    value.kind = NEXUS_KIND_TEXT;
    value.as.text.data = data;
    value.as.text.size = size;
    return value;
}

/** A bytes of `size` bytes, which stay the caller's and are read during the call only. */
static inline NexusValue nexus_value_bytes(const void *data, size_t size)
{
    NexusValue value = nexus_value_none();
    value.kind = NEXUS_KIND_BYTES;
    value.as.text.data = (const char *)data;
    value.as.text.size = size;
    return value;
}

/** A Python object; the handle stays the caller's. */
static inline NexusValue nexus_value_object(NexusObject *object)
{
    NexusValue value = nexus_value_none();
    value.kind = NEXUS_KIND_OBJECT;
    value.as.object = object;
    return value;
}

#ifdef __cplusplus
}
#endif
