/*
 * nexus_loader: open a directory of compiled Python extension modules and call them.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Generated from the Rust sources by the build. Do not edit.
 *
 * Conventions, kept by every function
 *
 * Comments   say what a function does; what each parameter is; what it returns; who owns what it gives;
 *            and what it does with Python, threads and the GIL where that differs from this page. A
 *            parameter that this page explains (`self`, `error`) is left out, and so are
 *            NEXUS_ERR_BAD_HANDLE and NEXUS_ERR_NOT_STARTED where nothing is special about them.
 * Outcome    NexusStatus nexus_<noun>_<verb>(self, inputs..., outputs..., NexusError **error).
 *            Outputs are NULL, 0 or NONE after a failure, and have a value only with NEXUS_OK. `error`
 *            may be NULL; otherwise it receives NULL, or an error that you free with
 *            nexus_error_free(). There is no "last error" of a thread. Expect status numbers that this
 *            header does not know. NEXUS_ERR_END, the normal end of an iteration, comes without an error.
 * Handles    Pointers to NexusLoader, NexusObject and the other types without fields are numbers in
 *            disguise: never dereferenced, checked on each use. A NULL, freed, foreign or invented one
 *            gives NEXUS_ERR_BAD_HANDLE (or false, 0, NULL), in every function and thread. Each has one
 *            free function; freeing twice, or NULL, does nothing. What a handle needs it keeps alive:
 *            the order of freeing does not matter.
 * Strings    In: names are NUL-terminated UTF-8, data is (pointer, length), paths are NUL-terminated in
 *            the platform's bytes. Out: NUL-terminated, owned by the handle they came from, valid until
 *            it is freed.
 * Values     NexusValue crosses by value; what a function returned, release with nexus_value_clear(), an
 *            array of them with nexus_values_clear(). Conversions never guess: a number that does not fit
 *            is NEXUS_ERR_OVERFLOW, a value of another type NEXUS_ERR_TYPE.
 * Threads    Any thread may call any function. None holds the GIL when it returns, but for the pair
 *            nexus_python_attach() and nexus_python_detach(). What is about versions, errors, lists of
 *            names, inspections, detail codes and the log needs no Python, and no GIL: it works before
 *            the start. Every other function waits for the GIL, unless its comment says that it needs
 *            none, and runs Python code only if its comment says that it may.
 * Structs    Set `struct_size` to sizeof the struct and the rest to zero before you fill one in.
 * Python     nexus_python_start() starts it, or the first function that makes a loader, an object or a
 *            value out of no handle. Until then the functions that need it return
 *            NEXUS_ERR_NOT_STARTED (or false, 0, NULL). It is one for the life of the process, and never
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
#define NEXUS_ABI 1

/** What stands before each function: on Windows, that it comes from the DLL. A program that defines the
 * functions itself, or takes their addresses in initializers, defines this macro first, as nothing. */
#if !defined(NEXUS_API) && defined(_WIN32)
#define NEXUS_API __declspec(dllimport)
#elif !defined(NEXUS_API)
#define NEXUS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ==== Status and version ======================================================================== */

/**
 * @defgroup nexus_status Status and version
 * @{
 */

/**
 * The outcome of a function. Numbers are never reused; a program must expect numbers that it does not
 * know yet. 32 bits wide.
 */
typedef enum NexusStatus {
    /** Success. Only now have the outputs a value. */
    NEXUS_OK = 0,
    /** An argument is NULL, out of range, or not UTF-8; the message names it. */
    NEXUS_ERR_INVALID_ARGUMENT = 1,
    /** A handle was freed, is of another type, or was never given out. */
    NEXUS_ERR_BAD_HANDLE = 2,
    /** A path, an attribute or a name does not exist. */
    NEXUS_ERR_NOT_FOUND = 3,
    /** The path exists, but is not a directory. */
    NEXUS_ERR_NOT_A_DIRECTORY = 4,
    /** The directory has no file that ends in `.so` or `.pyd`. */
    NEXUS_ERR_NO_MODULES = 5,
    /** The loader has no loaded module of that name; the message lists those it has. */
    NEXUS_ERR_NOT_LOADED = 6,
    /** The name stands for several modules; the message lists them. */
    NEXUS_ERR_AMBIGUOUS = 7,
    /** A module was found and could not be loaded. */
    NEXUS_ERR_LOAD_FAILED = 8,
    /**
     * No usable Python on this machine; the message lists every candidate and why it was refused.
     */
    NEXUS_ERR_PYTHON_NOT_FOUND = 9,
    /** A Python was found, but did not start. */
    NEXUS_ERR_PYTHON_START = 10,
    /** Another Python runs in this process already, or two libpythons are in it. */
    NEXUS_ERR_PYTHON_CONFLICT = 11,
    /** The function needs Python, which nothing has started yet. */
    NEXUS_ERR_NOT_STARTED = 12,
    /** Python raised an exception; the error has its type, message and traceback. */
    NEXUS_ERR_EXCEPTION = 13,
    /** A value has another type than the function needs. */
    NEXUS_ERR_TYPE = 14,
    /** A number does not fit into the type that it was asked for as. */
    NEXUS_ERR_OVERFLOW = 15,
    /** The operating system refused to read a file or directory. */
    NEXUS_ERR_IO = 16,
    /** The engine library is not beside the front, or is of another version. */
    NEXUS_ERR_ENGINE = 17,
    /** No memory, or no free handle. */
    NEXUS_ERR_NO_MEMORY = 18,
    /** This thread is not attached, and has nothing to detach. */
    NEXUS_ERR_NOT_ATTACHED = 19,
    /** This process was forked from the one that started Python: it cannot call Python. */
    NEXUS_ERR_FORKED = 20,
    /** The interpreter that was adopted has been finalized by its owner. */
    NEXUS_ERR_CLOSED = 21,
    /** Something is still in use, so it cannot be taken back. */
    NEXUS_ERR_BUSY = 22,
    /** The host asked to stop. */
    NEXUS_ERR_CANCELLED = 23,
    /** A file is not allowed by the list that the host gave. */
    NEXUS_ERR_NOT_ALLOWED = 24,
    /** A time limit passed. */
    NEXUS_ERR_TIMEOUT = 25,
    /** An iteration has no further item. */
    NEXUS_ERR_END = 26,
    /** This build, platform or Python cannot do that. */
    NEXUS_ERR_NOT_SUPPORTED = 27,
    /** A defect in nexus_loader itself; the message is for its developers. */
    NEXUS_ERR_PANIC = 28,
} NexusStatus;

/**
 * Tells the version of the library that runs; the header's is `NEXUS_VERSION_STRING`.
 *
 * Returns a text such as `"0.1.0"`, valid for ever.
 */
NEXUS_API const char *nexus_version_string(void);

/**
 * Tells the version of the library that runs as a number; the header's is `NEXUS_VERSION_NUMBER`.
 *
 * Returns `major << 16 | minor << 8 | patch`.
 */
NEXUS_API uint32_t nexus_version_number(void);

/**
 * Says in English what a status means.
 *
 * `status`: any number.
 *
 * Returns a text that is never NULL and valid for ever; `"unknown status"` for a number that is no status.
 */
NEXUS_API
const char *nexus_status_string(NexusStatus status);

/** @} */

/* ==== Handles =================================================================================== */

/**
 * @defgroup nexus_handles Handles
 * @{
 */

/** The memory of a Python object, held for the host. Free with `nexus_buffer_free`. */
typedef struct NexusBuffer NexusBuffer;

/** A call that is made ready once and made many times. Free with `nexus_call_free`. */
typedef struct NexusCall NexusCall;

/** A failure with all that is known about it. Free with `nexus_error_free`. */
typedef struct NexusError NexusError;

/** What was found out about one file. Free with `nexus_inspection_free`. */
typedef struct NexusInspection NexusInspection;

/** The modules of a directory. Free with `nexus_loader_free`. */
typedef struct NexusLoader NexusLoader;

/** Memory of the host that Python may see. Free with `nexus_memory_free`. */
typedef struct NexusMemory NexusMemory;

/** A list of names. Free with `nexus_names_free`. */
typedef struct NexusNames NexusNames;

/** A Python object: module, function, class, anything. Free with `nexus_object_free`. */
typedef struct NexusObject NexusObject;

/** What became of each file and each requested name. Free with `nexus_report_free`. */
typedef struct NexusReport NexusReport;

/** A DLPack tensor of a Python object, held for the host. Free with `nexus_tensor_free`. */
typedef struct NexusTensor NexusTensor;

/** @} */

/* ==== Values ==================================================================================== */

/**
 * @defgroup nexus_values Values
 * @{
 */

/** What a `NexusValue` holds. 32 bits wide. */
typedef enum NexusKind {
    /** Python's `None`. */
    NEXUS_KIND_NONE = 0,
    /** A `bool`, in `as.boolean`. */
    NEXUS_KIND_BOOLEAN = 1,
    /** An `int` that fits into 64 bits with a sign, in `as.integer`. A larger one is an object. */
    NEXUS_KIND_INTEGER = 2,
    /** A `float`, in `as.real`. */
    NEXUS_KIND_REAL = 3,
    /**
     * A `str`, in `as.text`: UTF-8. One with lone surrogates, which UTF-8 cannot hold, is an object.
     */
    NEXUS_KIND_TEXT = 4,
    /** A `bytes`, in `as.text`. */
    NEXUS_KIND_BYTES = 5,
    /**
     * Anything else, in `as.object`. Instances of subclasses of the types above are objects too, so that
     * nothing about them is lost.
     */
    NEXUS_KIND_OBJECT = 6,
} NexusKind;

/**
 * Text or bytes. `data` may be NULL when `size` is 0. Text that nexus_loader returns is followed by a
 * NUL that `size` does not count; what it takes needs none, and may hold NULs.
 */
typedef struct NexusText {
    /** The first byte. */
    const char *data;
    /** How many bytes. */
    size_t size;
} NexusText;

/** The payload of a `NexusValue`, whose kind says which member counts. */
typedef union NexusPayload {
    /** For `NEXUS_KIND_BOOLEAN`. */
    bool boolean;
    /** For `NEXUS_KIND_INTEGER`. */
    int64_t integer;
    /** For `NEXUS_KIND_REAL`. */
    double real;
    /** For `NEXUS_KIND_TEXT` and `NEXUS_KIND_BYTES`. */
    NexusText text;
    /** For `NEXUS_KIND_OBJECT`. */
    NexusObject *object;
} NexusPayload;

/**
 * A value that host and library pass to each other. Release one that a function returned with
 * `nexus_value_clear`, whatever its kind. One that the host made stays the host's.
 */
typedef struct NexusValue {
    /** What it holds. */
    NexusKind kind;
    /** The value itself. */
    NexusPayload as;
    /** Keeps a returned text or bytes alive; NULL otherwise. */
    NexusObject *owner;
} NexusValue;

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

/* ---- Values and handles: from one to the other, and releasing them ----------------------------- */

/**
 * Makes the Python object of a value, for functions that take a handle: an `int` of an integer, a `str`
 * of a text, and so on; of an object, a second handle to it.
 *
 * `object` receives a handle that the caller frees with `nexus_object_free`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an unknown kind, text that is not UTF-8),
 * `NEXUS_ERR_BAD_HANDLE` (the value's), or what `nexus_python_start` returns.
 */
NEXUS_API
NexusStatus nexus_object_new(const NexusValue *value,
                             NexusObject **object,
                             NexusError **error);

/**
 * Reads an object as a value, as the result of a call is: see `NexusKind` for what becomes what. A text
 * with lone surrogates, which UTF-8 cannot hold, stays an object; its method `encode` with the arguments
 * `"utf-8"` and `"surrogatepass"` gives bytes.
 *
 * `value` receives it; release it with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` or `NEXUS_ERR_NO_MEMORY`.
 */
NEXUS_API
NexusStatus nexus_object_value(const NexusObject *object,
                               NexusValue *value,
                               NexusError **error);

/**
 * Makes a second handle to the same object, with a life of its own: for an argument that a host's function
 * wants to keep.
 *
 * `copy` receives a handle that the caller frees with `nexus_object_free`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` or `NEXUS_ERR_NO_MEMORY`.
 */
NEXUS_API
NexusStatus nexus_object_clone(const NexusObject *object,
                               NexusObject **copy,
                               NexusError **error);

/**
 * Frees a handle. NULL, or a handle that is freed already, does nothing. The object itself lives as long as
 * Python needs it. Needs no GIL when the object is a loaded module. May run Python code: the object's
 * destructor.
 */
NEXUS_API
void nexus_object_free(NexusObject *object);

/**
 * Releases what a returned value holds, its object or the owner of its text, and leaves
 * `NEXUS_KIND_NONE`: a second time does nothing. NULL does nothing. Needs no GIL when it holds neither; the
 * rest as for `nexus_object_free`.
 */
NEXUS_API
void nexus_value_clear(NexusValue *value);

/**
 * Releases an array of returned values in one crossing, each as `nexus_value_clear` does.
 *
 * `values`: `count` of them; NULL does nothing. Waits for the GIL once, and only if one of them holds an
 * object or a text.
 */
NEXUS_API
void nexus_values_clear(NexusValue *values,
                        size_t count);

/* ---- Lists of names ---------------------------------------------------------------------------- */

/**
 * Counts the names of a list.
 *
 * Returns how many; 0 for NULL or a freed list.
 */
NEXUS_API size_t nexus_names_count(const NexusNames *names);

/**
 * Gives a name of a list.
 *
 * `index`: from 0.
 *
 * Returns the name, UTF-8, valid until the list is freed; NULL past the end, and for NULL or a freed list.
 */
NEXUS_API
const char *nexus_names_at(const NexusNames *names,
                           size_t index);

/** Frees a list and the strings that came from it. For NULL or a freed list it does nothing. */
NEXUS_API void nexus_names_free(NexusNames *names);

/** @} */

/* ==== Errors ==================================================================================== */

/**
 * @defgroup nexus_errors Errors
 * @{
 */

/* ---- Errors: owned objects with everything that is known about a failure ----------------------- */

/**
 * Makes an error, for a function of the host that Python calls (`nexus_function_new`).
 *
 * `status`: any but `NEXUS_OK`. It decides which Python exception is raised: `NEXUS_ERR_TYPE` TypeError,
 * `NEXUS_ERR_INVALID_ARGUMENT` ValueError, `NEXUS_ERR_OVERFLOW` OverflowError, `NEXUS_ERR_NOT_FOUND`
 * LookupError, `NEXUS_ERR_IO` OSError, `NEXUS_ERR_TIMEOUT` TimeoutError, `NEXUS_ERR_NO_MEMORY`
 * MemoryError, `NEXUS_ERR_NOT_SUPPORTED` NotImplementedError, `NEXUS_ERR_END` StopIteration, all others
 * RuntimeError. For any other exception see `nexus_error_raise`. `message`: UTF-8; NULL: the status's text.
 * `error`: receives the error, which you free or hand on; NULL: no error is made.
 *
 * Returns `status`, so that the host's function can return it at once; `NEXUS_ERR_INVALID_ARGUMENT`, with
 * an error that says so, when `status` is no status, or `message` is not UTF-8.
 */
NEXUS_API
NexusStatus nexus_error_new(NexusStatus status,
                            const char *message,
                            NexusError **error);

/**
 * Gives the status of an error: what the function that made it has returned.
 *
 * Returns the status; `NEXUS_ERR_BAD_HANDLE` for NULL or a freed error.
 */
NEXUS_API NexusStatus nexus_error_status(const NexusError *error);

/**
 * Gives the detail code of an error.
 *
 * Returns a `NexusDetail`, or a newer number; 0: none, and for NULL or a freed error.
 */
NEXUS_API uint32_t nexus_error_detail(const NexusError *error);

/**
 * Tells people what was wrong, with what, and what to do about it.
 *
 * Returns UTF-8, valid until the error is freed; never NULL, also for NULL or a freed error.
 */
NEXUS_API const char *nexus_error_message(const NexusError *error);

/**
 * Names the module that the error is about.
 *
 * Returns its name, UTF-8, valid until the error is freed; `""` when there is none.
 */
NEXUS_API const char *nexus_error_module(const NexusError *error);

/**
 * Names the file or directory that the error is about.
 *
 * Returns its path in the platform's bytes, valid until the error is freed; `""` when there is none.
 */
NEXUS_API
const char *nexus_error_path(const NexusError *error);

/**
 * Names the type of the Python exception that was raised.
 *
 * Returns the type with its module, such as `"builtins.ValueError"`, valid until the error is freed; `""`
 * when no exception was raised.
 */
NEXUS_API
const char *nexus_error_exception(const NexusError *error);

/**
 * Gives the traceback as Python prints it, with the chained causes.
 *
 * Returns UTF-8, valid until the error is freed; `""` when no exception was raised.
 *
 * The first call for an error may wait for the GIL and run Python code, which writes the traceback. Further
 * calls need no Python.
 */
NEXUS_API
const char *nexus_error_traceback(const NexusError *error);

/**
 * Gives what the dynamic linker said (`dlerror`).
 *
 * Returns its text, valid until the error is freed; `""` when the linker did not fail.
 */
NEXUS_API const char *nexus_error_linker(const NexusError *error);

/**
 * Frees an error and the strings that came from it. For NULL or a freed error it does nothing.
 *
 * Waits for the GIL when the error holds a Python exception.
 */
NEXUS_API void nexus_error_free(NexusError *error);

/* ---- What an error's Python exception holds: the object itself, what caused it, notes, members of a group  */

/**
 * Describes any exception object as an error: its type, message, traceback. For the members of an
 * exception group, or an exception that Python code returned.
 *
 * `exception`: an instance of `BaseException`. `described` receives the error, which the caller frees with
 * `nexus_error_free`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_TYPE` for another object. Waits for the GIL. May run
 * Python code: `str(exception)`.
 */
NEXUS_API
NexusStatus nexus_error_describe(const NexusObject *exception,
                                 NexusError **described,
                                 NexusError **error);

/**
 * Gives the exception object of an error, for what its message does not tell: the `errno` of an OSError, say.
 *
 * `of`: the error. `exception` receives a handle that the caller frees with `nexus_object_free`; it
 * outlives the error.
 *
 * Returns `NEXUS_ERR_NOT_FOUND` when the error comes from no Python exception, or from the loading of a
 * module, whose exception is not kept; or `NEXUS_ERR_INVALID_ARGUMENT`. Waits for the GIL.
 */
NEXUS_API
NexusStatus nexus_error_object(const NexusError *of,
                               NexusObject **exception,
                               NexusError **error);

/**
 * Gives what caused the exception of an error, as an error: its `__cause__` (`raise … from …`), or its
 * `__context__` (the exception that was being handled), unless the code has said `from None`.
 *
 * `of`: the error. `cause` receives an error that the caller frees with `nexus_error_free`.
 *
 * Returns `NEXUS_ERR_NOT_FOUND` at the end of the chain, and otherwise as `nexus_error_object`. Waits for the
 * GIL. May run Python code.
 */
NEXUS_API
NexusStatus nexus_error_cause(const NexusError *of,
                              NexusError **cause,
                              NexusError **error);

/**
 * Lists the notes of an error's exception (`add_note`, PEP 678), in their order.
 *
 * `of`: the error. `notes` receives a list, empty for most, that the caller frees with `nexus_names_free`.
 *
 * Returns as `nexus_error_object`. Waits for the GIL. May run Python code.
 */
NEXUS_API
NexusStatus nexus_error_notes(const NexusError *of,
                              NexusNames **notes,
                              NexusError **error);

/**
 * How many exceptions an error's exception group has in it (PEP 654); 0 for any other error. Waits for the GIL.
 * May run Python code.
 */
NEXUS_API
size_t nexus_error_group_count(const NexusError *of);

/**
 * Gives one of the exceptions of a group, as an error; it may be a group itself.
 *
 * `of`: the error. `index`: from 0. `member` receives an error that the caller frees with `nexus_error_free`.
 *
 * Returns `NEXUS_ERR_NOT_FOUND` for an index past the end, and otherwise as `nexus_error_object`. Waits for the
 * GIL. May run Python code.
 */
NEXUS_API
NexusStatus nexus_error_group_at(const NexusError *of,
                                 size_t index,
                                 NexusError **member,
                                 NexusError **error);

/** @} */

/* ==== Starting Python =========================================================================== */

/**
 * @defgroup nexus_start Starting Python
 * @{
 */

/** Start without `site`: no `site-packages`, no `sitecustomize`. */
#define NEXUS_PYTHON_NO_SITE 1

/**
 * Honour `PYTHONHOME`, `PYTHONPATH` and the other inherited `PYTHON…` variables, which are otherwise
 * ignored: they were set for another program.
 */
#define NEXUS_PYTHON_USE_ENVIRONMENT 2

/**
 * Which Python, and how to start it. All zero but `struct_size` means the defaults.
 *
 * Fields that a host's `struct_size` does not cover are taken as zero, so that a host built against
 * an older header goes on working.
 */
typedef struct NexusPythonConfig {
    /** `sizeof(NexusPythonConfig)`. */
    size_t struct_size;
    /** Any of the `NEXUS_PYTHON_…` flags. */
    uint32_t flags;
    /**
     * An interpreter, a virtual environment, an installation prefix or a libpython file; a path in
     * the platform's bytes. NULL: search.
     */
    const char *python;
    /** `sys.argv`, in the platform's bytes. NULL: `['']`. */
    const char *const *argv;
    /** How many strings `argv` has. */
    size_t argv_count;
} NexusPythonConfig;

/**
 * Which Python runs. The strings are NUL-terminated, never NULL, and live as long as the process.
 *
 * Fields that a host's `struct_size` does not cover are left alone.
 */
typedef struct NexusPythonInfo {
    /** `sizeof(NexusPythonInfo)`; set it before the call. */
    size_t struct_size;
    /** The version as one number, `major << 16 | minor << 8 | micro`. */
    uint32_t version;
    /** Whether nexus_loader has started it; otherwise it was in the process and was adopted. */
    bool owned;
    /** `sys.version`: the version with date and compiler. UTF-8. */
    const char *version_text;
    /**
     * The file of the libpython, or of the program that has Python inside. The platform's bytes.
     */
    const char *library;
    /** `sys.executable`, in the platform's bytes; `""` where no interpreter is installed. */
    const char *executable;
    /** `sys.prefix`: the virtual environment or installation. The platform's bytes. */
    const char *prefix;
    /** For people: where it was found, and why it was taken. UTF-8. */
    const char *reason;
} NexusPythonInfo;

/* ---- The C functions that start Python, and that list which one would be started --------------- */

/**
 * Starts Python and opens the engine. The other functions do it with the defaults when they need Python first.
 *
 * A Python that runs in this process already is adopted: it is never started, stopped or changed. Otherwise
 * the function looks for one, in this order: the one that `config` names; the one that the environment
 * variable `NEXUS_PYTHON` names; those of `VIRTUAL_ENV` and `CONDA_PREFIX`; `python3`, then `python3.15` to
 * `python3.11` on `PATH`; the system's libpython. One that is named is taken, or is an error; of the
 * others, the first that can be used is taken. `nexus_python_search` lists them.
 *
 * Python starts as `python3` would, `site` included, but ignores the inherited `PYTHON…` variables unless
 * `NEXUS_PYTHON_USE_ENVIRONMENT` is set. The calling thread becomes Python's main thread. Signal handlers,
 * locale, floating-point environment, working directory, umask and environment variables are afterwards as
 * before, also after a failure.
 *
 * `config`: NULL means the defaults. When Python runs already, it may name the same one, or none; its other
 * fields then have no effect.
 *
 * Returns `NEXUS_OK`; `NEXUS_ERR_INVALID_ARGUMENT`: a bad `config`; `NEXUS_ERR_ENGINE`: the engine library is
 * missing, damaged, another library, or of another version, and Python was not started for it;
 * `NEXUS_ERR_PYTHON_NOT_FOUND`: no Python can be used, and the message lists every candidate with the reason;
 * `NEXUS_ERR_PYTHON_START`: Python was found and did not start, or its `site`, `sitecustomize` or a `.pth`
 * file raised an exception, which the error has; `NEXUS_ERR_PYTHON_CONFLICT`: two Pythons are in the process,
 * or one that cannot be used, or another than `config` names; `NEXUS_ERR_CLOSED`: the adopted Python was
 * finalized; `NEXUS_ERR_FORKED`: another thread was starting Python when this process was forked. After a
 * failure you may call it again, from any thread: it goes on where it has stopped.
 *
 * Waits for other threads that start Python. Runs Python code: `site`. May run interpreters as child
 * processes, for ten seconds each at most.
 */
NEXUS_API
NexusStatus nexus_python_start(const NexusPythonConfig *config,
                               NexusError **error);

/**
 * Lists every Python that `nexus_python_start` would look at with that config, in order, one line of
 * text each: where it came from, and why it would be taken or is refused. Starts and opens nothing.
 *
 * `config`: NULL means the defaults. `candidates` receives the list: free it with `nexus_names_free`.
 *
 * Returns `NEXUS_OK`, also when no Python can be used; `NEXUS_ERR_INVALID_ARGUMENT`: `candidates` is NULL, or
 * a bad `config`; `NEXUS_ERR_NO_MEMORY`: no handle is free.
 *
 * Needs no GIL, and runs no Python code in this process. May run interpreters as child processes, for ten
 * seconds each at most.
 */
NEXUS_API
NexusStatus nexus_python_search(const NexusPythonConfig *config,
                                NexusNames **candidates,
                                NexusError **error);

/* ---- What a host is told about the Python that runs -------------------------------------------- */

/**
 * Tells which Python runs in this process, and why this one was taken.
 *
 * `info`: you set its `struct_size`; the function sets all other fields, after a failure to 0.
 *
 * Returns `NEXUS_OK`; `NEXUS_ERR_INVALID_ARGUMENT`: `info` is NULL, or its `struct_size` is not set;
 * `NEXUS_ERR_NOT_STARTED`: Python has not started yet, or not completely.
 *
 * Needs no GIL, and runs no Python code.
 */
NEXUS_API
NexusStatus nexus_python_info(NexusPythonInfo *info,
                              NexusError **error);

/** @} */

/* ==== The loader ================================================================================ */

/**
 * @defgroup nexus_loader The loader
 * @{
 */

/**
 * Find the files now, and read and load each at its first `nexus_loader_get`. Until then only its name is
 * known: a helper library is listed like a module, and getting it returns `NEXUS_ERR_NOT_LOADED`. With
 * `NEXUS_LOADER_VERIFY` the files are read at once.
 */
#define NEXUS_LOADER_LAZY 1

/** Descend into packages and plain folders. */
#define NEXUS_LOADER_RECURSIVE 2

/** Import each module in a child process first. */
#define NEXUS_LOADER_TRIAL 4

/** Open only the files that the directory's list of checksums names. */
#define NEXUS_LOADER_VERIFY 8

/**
 * With `NEXUS_LOADER_VERIFY`: refuse directories and lists that anyone but root and this user owns or may
 * write. Windows has neither such owners nor modes: opening returns `NEXUS_ERR_NOT_SUPPORTED` there.
 */
#define NEXUS_LOADER_STRICT 32

/** When the loader is freed, call `cleanup()` of each of its modules that has one. */
#define NEXUS_LOADER_CLEANUP_ON_FREE 16

/**
 * A function of the host that decides whether a module may load.
 *
 * `name`: the module's name, UTF-8. `path`: its file, in the platform's bytes. Both are valid during the
 * call only. `user_data`: that of the options.
 *
 * Returns 0: the module may not load, and the report says so; any other number: it may.
 *
 * It is called on the thread that opens the loader, without the GIL.
 */
typedef int32_t (*NexusModuleFilter)(const char *name, const char *path, void *user_data);

/**
 * A function of the host that is told of each module after it was loaded or has failed.
 *
 * `index`: of the module, from 0. `total`: how many modules are to load. `name`: UTF-8, valid during the
 * call only. `state`: what became of it, a `NexusState`. `nanoseconds`: the time that took. `user_data`:
 * that of the options.
 *
 * Returns 0: loading goes on; any other number: the modules after it are not loaded, and the report says so.
 *
 * It is called on the thread that opens the loader, without the GIL.
 */
typedef int32_t (*NexusLoadProgress)(size_t index,
                                     size_t total,
                                     const char *name,
                                     uint32_t state,
                                     uint64_t nanoseconds,
                                     void *user_data);

/** How to open a directory. All zero but `struct_size` means the defaults. */
typedef struct NexusLoaderOptions {
    /** `sizeof(NexusLoaderOptions)`. */
    size_t struct_size;
    /** Any of the `NEXUS_LOADER_…` flags. */
    uint32_t flags;
    /**
     * The names of the modules to load, UTF-8: dotted names, stems, or patterns with `*`, `?` and `[…]`.
     * They load in this order. NULL: all; not NULL with a count of 0: none.
     */
    const char *const *modules;
    /** How many strings `modules` has. */
    size_t module_count;
    /** Is asked before a module loads; NULL: all may load. */
    NexusModuleFilter filter;
    /** Is told after each module; NULL: nobody is told. */
    NexusLoadProgress progress;
    /**
     * Is handed to `filter` and `progress`. With `NEXUS_LOADER_LAZY` it must stay valid as long as the
     * loader.
     */
    void *user_data;
    /** With `NEXUS_LOADER_TRIAL`: how long one module may take, in milliseconds; 0: 10,000. */
    uint32_t trial_milliseconds;
    /**
     * With `NEXUS_LOADER_VERIFY`: the list of checksums, as `sha256sum` writes it; a path in the
     * platform's bytes. NULL: `SHA256SUMS` in the directory.
     */
    const char *allow_list;
} NexusLoaderOptions;

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
 * `NEXUS_ERR_IO`, `NEXUS_ERR_INVALID_ARGUMENT`, or what `nexus_python_start` returns.
 */
NEXUS_API
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
NEXUS_API
NexusStatus nexus_loader_open(const char *bin_path,
                              const NexusLoaderOptions *options,
                              NexusLoader **loader,
                              NexusError **error);

/**
 * Gets a loaded module by its name; a lazy one is loaded now.
 *
 * `name`: the dotted name, as `nexus_loader_list` has it, or its last part where only one module has it.
 * `module` receives a handle that the caller frees with `nexus_object_free`; it does not need the
 * loader any more.
 *
 * Returns `NEXUS_ERR_NOT_LOADED` ("Module 'x' not loaded. Available modules: ['a', 'b']"; path, detail
 * and traceback of the error tell why, if the module failed), for a lazy module that fails now
 * `NEXUS_ERR_LOAD_FAILED`, `NEXUS_ERR_AMBIGUOUS` (the message lists the dotted names),
 * `NEXUS_ERR_BAD_HANDLE`, or `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL for a module that is loaded; runs
 * the code of a lazy one.
 */
NEXUS_API
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
 * Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
 */
NEXUS_API
NexusStatus nexus_loader_list(const NexusLoader *loader,
                              NexusNames **names,
                              NexusError **error);

/**
 * Whether `nexus_loader_get` would give a module for that name, as far as is known; false for a bad handle
 * or NULL. Needs no GIL.
 */
NEXUS_API
bool nexus_loader_contains(const NexusLoader *loader,
                           const char *name);

/** How many names `nexus_loader_list` has; 0 for a bad handle. Needs no GIL. */
NEXUS_API size_t nexus_loader_count(const NexusLoader *loader);

/**
 * The directory, as it was given. Valid until the loader is freed; NULL for a bad handle. Needs no
 * GIL.
 */
NEXUS_API const char *nexus_loader_bin_path(const NexusLoader *loader);

/**
 * The names that were asked for. `names` receives a list that the caller frees with
 * `nexus_names_free`, or NULL with `NEXUS_OK` when all modules were asked for.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
 */
NEXUS_API
NexusStatus nexus_loader_requested(const NexusLoader *loader,
                                   NexusNames **names,
                                   NexusError **error);

/**
 * A line for people: `NexusLoader(bin_path='/opt/app/modules', loaded=5 modules)`. UTF-8, valid until
 * the loader is freed; NULL for a bad handle. Needs no GIL.
 */
NEXUS_API
const char *nexus_loader_describe(const NexusLoader *loader);

/**
 * Frees a loader and the strings that came from it; with `NEXUS_LOADER_CLEANUP_ON_FREE` calls
 * `cleanup()` of each of its modules that has one, and logs what that raises. The modules stay loaded,
 * and handles to them valid. NULL, or a loader that is freed already, does nothing. Flushes Python's
 * output. May run Python code.
 */
NEXUS_API
void nexus_loader_free(NexusLoader *loader);

/** @} */

/* ==== The report ================================================================================ */

/**
 * @defgroup nexus_report The report
 * @{
 */

/** What became of a file or of a requested name. 32 bits wide. */
typedef enum NexusState {
    /** Loaded, and given out by `nexus_loader_get`. */
    NEXUS_STATE_LOADED = 0,
    /** Found; loads at the first `nexus_loader_get` (`NEXUS_LOADER_LAZY`). */
    NEXUS_STATE_LAZY = 1,
    /** Tried, or certain to fail; status, detail and message say why. */
    NEXUS_STATE_FAILED = 2,
    /**
     * Not tried: it is no Python module, or another file is preferred to it. The message has the reason.
     */
    NEXUS_STATE_SKIPPED = 3,
    /** Asked for, and not found in the directory. */
    NEXUS_STATE_MISSING = 4,
} NexusState;

/**
 * One file or requested name. The strings are NUL-terminated, never NULL, and live as long as the
 * report. This struct never grows; further facts get functions of their own.
 */
typedef struct NexusReportEntry {
    /** The module's name, as `nexus_loader_get` takes it. UTF-8. */
    const char *name;
    /** The file; the platform's bytes. Empty for a name that was not found. */
    const char *path;
    /** What became of it. */
    NexusState state;
    /** `NEXUS_OK`, or why it did not load. */
    NexusStatus status;
    /** What exactly is wrong: a `NexusDetail`, or a newer number; 0: none. */
    uint32_t detail;
    /** For people: why it failed or was skipped; empty when it was loaded. UTF-8. */
    const char *message;
    /** Wall-clock time that finding out took, in nanoseconds. */
    uint64_t nanoseconds;
} NexusReportEntry;

/**
 * Makes a report: one entry for each file that was found and each name that was asked for, in load
 * order. It is a snapshot: modules that load lazily later do not change it.
 *
 * `report` receives a handle that the caller frees with `nexus_report_free`; it outlives the loader.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
 */
NEXUS_API
NexusStatus nexus_loader_report(const NexusLoader *loader,
                                NexusReport **report,
                                NexusError **error);

/** How many entries the report has; 0 for NULL or a freed one. Needs no GIL. */
NEXUS_API size_t nexus_report_count(const NexusReport *report);

/**
 * Fills in the entry at an index from 0. Its strings live as long as the report.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE`, or `NEXUS_ERR_INVALID_ARGUMENT` for a NULL `entry` or an index past
 * the end; the entry is all zero then. Needs no GIL.
 */
NEXUS_API
NexusStatus nexus_report_at(const NexusReport *report,
                            size_t index,
                            NexusReportEntry *entry);

/**
 * What loading the module at an index from 0 did to the process, a line each: signal handlers, locale,
 * floating-point environment, working directory, umask, environment variables and recursion limit that it
 * changed, which were put back; environment variables that it added, threads that it started and files that
 * it left open, which were not.
 * Threads and files of the host that came at that moment count too. A module that another loader had
 * loaded before did nothing.
 *
 * `effects` receives a list, empty for most modules, that the caller frees with `nexus_names_free`.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE`, or `NEXUS_ERR_INVALID_ARGUMENT` for a NULL `effects` or an index past
 * the end. Needs no GIL.
 */
NEXUS_API
NexusStatus nexus_report_effects(const NexusReport *report,
                                 size_t index,
                                 NexusNames **effects,
                                 NexusError **error);

/**
 * Frees a report and the strings that came from it. NULL, or a report that is freed already, does
 * nothing. Needs no GIL.
 */
NEXUS_API void nexus_report_free(NexusReport *report);

/** @} */

/* ==== Objects =================================================================================== */

/**
 * @defgroup nexus_objects Objects
 * @{
 */

/* ---- Importing by name ------------------------------------------------------------------------- */

/**
 * Imports a module by its dotted name, as Python's `import` does, and gives the module that the whole
 * name means: `nexus_import("os.path", …)` gives `os.path`. Starts Python if nothing has.
 *
 * `name`: UTF-8. `module` receives a handle that the caller frees with `nexus_object_free`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, or not UTF-8), `NEXUS_ERR_EXCEPTION` with what Python
 * raised (`builtins.ModuleNotFoundError` when there is none of that name), or what
 * `nexus_python_start` returns. May run Python code: the module's.
 */
NEXUS_API
NexusStatus nexus_import(const char *name,
                         NexusObject **module,
                         NexusError **error);

/* ---- Attributes of objects --------------------------------------------------------------------- */

/**
 * Gets an attribute: a module's function or constant, an object's method or field.
 *
 * `name`: UTF-8. `value` receives it; release it with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised
 * (`builtins.AttributeError` when there is none of that name). May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_attr(const NexusObject *object,
                              const char *name,
                              NexusValue *value,
                              NexusError **error);

/**
 * Whether an object has an attribute of that name. Another exception than AttributeError on the way is an
 * error.
 *
 * `name`: UTF-8.
 *
 * Returns as `nexus_object_attr`. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_has_attr(const NexusObject *object,
                                  const char *name,
                                  bool *result,
                                  NexusError **error);

/**
 * Sets an attribute.
 *
 * `name`: UTF-8.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` (object, or the handle in `value`), `NEXUS_ERR_INVALID_ARGUMENT`, or
 * `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.AttributeError` or `builtins.TypeError` when
 * the object does not allow it. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_set_attr(const NexusObject *object,
                                  const char *name,
                                  const NexusValue *value,
                                  NexusError **error);

/**
 * Deletes an attribute.
 *
 * `name`: UTF-8.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised
 * (`builtins.AttributeError` when there is none of that name, or the object does not allow it). May run Python
 * code.
 */
NEXUS_API
NexusStatus nexus_object_delete_attr(const NexusObject *object,
                                     const char *name,
                                     NexusError **error);

/**
 * Lists the names of an object's attributes, in alphabetical order: `dir(object)`.
 *
 * `names` receives a list that the caller frees with `nexus_names_free`. A NUL within a name is given as
 * U+2400, a lone surrogate as `\udc80`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_TYPE` when the object's `__dir__` gives something that is not
 * text, or `NEXUS_ERR_EXCEPTION` with what Python raised. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_dir(const NexusObject *object,
                             NexusNames **names,
                             NexusError **error);

/* ---- Items of objects: by key, by index, length and membership --------------------------------- */

/**
 * Gets `object[key]`.
 *
 * `key`: a value of any kind. `value` receives the item; release it with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` (object, or the handle in `key`), `NEXUS_ERR_INVALID_ARGUMENT`, or
 * `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.KeyError` or `builtins.IndexError` when there is no
 * such item, `builtins.TypeError` when the object has no items, or no keys of that type. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_item(const NexusObject *object,
                              const NexusValue *key,
                              NexusValue *value,
                              NexusError **error);

/**
 * Gets `object[key]` if there is such an item. A missing item is not an error, and costs no error object; for
 * a dict not even an exception.
 *
 * `key`: a value of any kind. `value` receives the item; release it with `nexus_value_clear`. `found` says
 * whether there is one.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` (object, or the handle in `key`), `NEXUS_ERR_INVALID_ARGUMENT`, or
 * `NEXUS_ERR_EXCEPTION` with what Python raised, unless that is a LookupError. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_find_item(const NexusObject *object,
                                   const NexusValue *key,
                                   NexusValue *value,
                                   bool *found,
                                   NexusError **error);

/**
 * Sets `object[key]`.
 *
 * `key`, `value`: values of any kind.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` (object, or a handle in a value), `NEXUS_ERR_INVALID_ARGUMENT`, or
 * `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError` when the object cannot be changed,
 * or the key cannot be hashed. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_set_item(const NexusObject *object,
                                  const NexusValue *key,
                                  const NexusValue *value,
                                  NexusError **error);

/**
 * Deletes `object[key]`.
 *
 * `key`: a value of any kind.
 *
 * Returns as `nexus_object_item`. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_delete_item(const NexusObject *object,
                                     const NexusValue *key,
                                     NexusError **error);

/**
 * Gets `object[index]`: for a list or tuple, a negative index counts from the end; for a dict, it is a
 * key like others. Otherwise as `nexus_object_item`.
 */
NEXUS_API
NexusStatus nexus_object_item_at(const NexusObject *object,
                                 int64_t index,
                                 NexusValue *value,
                                 NexusError **error);

/**
 * Sets `object[index]`: the index as for `nexus_object_item_at`, the rest as for `nexus_object_set_item`.
 */
NEXUS_API
NexusStatus nexus_object_set_item_at(const NexusObject *object,
                                     int64_t index,
                                     const NexusValue *value,
                                     NexusError **error);

/**
 * Deletes `object[index]`: the index as for `nexus_object_item_at`, the rest as for
 * `nexus_object_delete_item`.
 */
NEXUS_API
NexusStatus nexus_object_delete_item_at(const NexusObject *object,
                                        int64_t index,
                                        NexusError **error);

/**
 * Gives how many items an object has: `len(object)`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError`
 * when the object has no length. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_length(const NexusObject *object,
                                size_t *length,
                                NexusError **error);

/**
 * Whether an object contains a value: `value in object`. A list does if it has an equal item, a dict such a
 * key, a text such a part.
 *
 * `value`: a value of any kind.
 *
 * Returns as `nexus_object_item`. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_contains(const NexusObject *object,
                                  const NexusValue *value,
                                  bool *result,
                                  NexusError **error);

/* ---- Objects as text: `repr`, `str`, the name of the type, signature, documentation ------------ */

/**
 * Gives `repr(object)`.
 *
 * `text` receives a text value; release it with `nexus_value_clear`. Lone surrogates in it are written as
 * `\udc80`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_repr(const NexusObject *object,
                              NexusValue *text,
                              NexusError **error);

/** Gives `str(object)`; otherwise as `nexus_object_repr`. */
NEXUS_API
NexusStatus nexus_object_str(const NexusObject *object,
                             NexusValue *text,
                             NexusError **error);

/**
 * Gives the name of an object's type with its module, such as `builtins.dict`; otherwise as
 * `nexus_object_repr`.
 */
NEXUS_API
NexusStatus nexus_object_type_name(const NexusObject *object,
                                   NexusValue *text,
                                   NexusError **error);

/**
 * Gives the signature of a function, method or class, such as `(name, size=0, *, fast: bool = False) -> int`:
 * `inspect.signature`, else its `__text_signature__`.
 *
 * `text` receives a text value; release it with `nexus_value_clear`. Lone surrogates in it are written as
 * `\udc80`.
 *
 * Returns `NEXUS_ERR_NOT_FOUND` when the object does not tell it, as many functions written in C do not;
 * `NEXUS_ERR_TYPE` when it cannot be called; `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what
 * Python raised. May run Python code. The first call imports `inspect`, which takes some ten milliseconds.
 */
NEXUS_API
NexusStatus nexus_object_signature(const NexusObject *object,
                                   NexusValue *text,
                                   NexusError **error);

/**
 * Gives the documentation of an object, without its indentation, as `help()` shows it: `inspect.getdoc`.
 *
 * `text` receives a text value, or NONE when there is no documentation; release it with
 * `nexus_value_clear`. Lone surrogates in it are written as `\udc80`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised. May run Python code.
 * The first call imports `inspect`, which takes some ten milliseconds.
 */
NEXUS_API
NexusStatus nexus_object_doc(const NexusObject *object,
                             NexusValue *text,
                             NexusError **error);

/** How two objects are compared. The numbers are those of `Py_LT` to `Py_GE`. 32 bits wide. */
typedef enum NexusComparison {
    /** `object < other`. */
    NEXUS_LESS = 0,
    /** `object <= other`. */
    NEXUS_LESS_OR_EQUAL = 1,
    /** `object == other`. */
    NEXUS_EQUAL = 2,
    /** `object != other`. */
    NEXUS_NOT_EQUAL = 3,
    /** `object > other`. */
    NEXUS_GREATER = 4,
    /** `object >= other`. */
    NEXUS_GREATER_OR_EQUAL = 5,
} NexusComparison;

/* ---- Comparing objects: order, equality, identity, truth and hash ------------------------------ */

/**
 * Whether `object < other`, `object == other` and so on.
 *
 * `comparison`: one of `NexusComparison`. `other`: a value of any kind.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` (object, or the handle in `other`), `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an
 * unknown comparison), or `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError` when the two have
 * no order, `builtins.RecursionError` when they are nested too deeply or contain themselves,
 * `builtins.ValueError` when the result is neither true nor false (that of two numpy arrays is an array: call
 * their `__eq__` with `nexus_object_call_method`). May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_compare(const NexusObject *object,
                                 NexusComparison comparison,
                                 const NexusValue *other,
                                 bool *result,
                                 NexusError **error);

/**
 * Whether two handles stand for the same object: `object is other`. Two handles of one object differ.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`.
 */
NEXUS_API
NexusStatus nexus_object_is(const NexusObject *object,
                            const NexusObject *other,
                            bool *result,
                            NexusError **error);

/**
 * Whether an object counts as true: `bool(object)`. Empty containers and texts, zeros and None do not.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_truth(const NexusObject *object,
                               bool *result,
                               NexusError **error);

/**
 * Gives `hash(object)`: equal objects have the same. That of a text differs from process to process.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError`
 * for a list, dict or set, which have no hash. Python does not limit how deep it goes: a tuple that is nested
 * some hundred thousand deep exhausts the stack. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_hash(const NexusObject *object,
                              int64_t *hash,
                              NexusError **error);

/* ---- Types of objects -------------------------------------------------------------------------- */

/**
 * Gets the type of an object: `type(object)`.
 *
 * `type` receives a handle that the caller frees with `nexus_object_free`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` or `NEXUS_ERR_NO_MEMORY`.
 */
NEXUS_API
NexusStatus nexus_object_type(const NexusObject *object,
                              NexusObject **type,
                              NexusError **error);

/**
 * Whether an object is an instance of a type or of a subclass of it: `isinstance(object, type)`.
 *
 * `type`: a class, or a tuple or union of classes.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError`
 * when `type` is not a class. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_is_instance(const NexusObject *object,
                                     const NexusObject *type,
                                     bool *result,
                                     NexusError **error);

/**
 * Whether an object is an instance of any of some types: `isinstance(object, (a, b))`.
 *
 * `types`: `count` handles; may be NULL when there are none, and the result is false then.
 *
 * Returns as `nexus_object_is_instance`. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_is_instance_of_any(const NexusObject *object,
                                            const NexusObject *const *types,
                                            size_t count,
                                            bool *result,
                                            NexusError **error);

/**
 * Whether an object can be called: `callable(object)`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`.
 */
NEXUS_API
NexusStatus nexus_object_is_callable(const NexusObject *object,
                                     bool *result,
                                     NexusError **error);

/* ---- JSON text in and out ---------------------------------------------------------------------- */

/**
 * Makes an object of JSON text (RFC 8259), with Python's `json`: objects become dicts, arrays lists,
 * numbers ints of any size and floats. Of equal keys the last one counts. `NaN` and `Infinity`, which
 * are not JSON, are refused. An escaped lone surrogate, such as `"\ud800"`, becomes one in the str.
 *
 * `text`: `size` bytes of UTF-8. `value` receives what it says; release it with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, or not UTF-8), `NEXUS_ERR_OVERFLOW` for a number beyond the
 * largest float, `NEXUS_ERR_EXCEPTION` with what Python raised (`json.decoder.JSONDecodeError` with line
 * and column; `builtins.ValueError` for `NaN`, and for ints beyond `sys.get_int_max_str_digits`;
 * `builtins.RecursionError`), or what `nexus_python_start` returns. May run Python code, of the standard library
 * alone. The first call imports `json`.
 */
NEXUS_API
NexusStatus nexus_object_from_json(const char *text,
                                   size_t size,
                                   NexusValue *value,
                                   NexusError **error);

/**
 * Writes an object as JSON text, with Python's `json`, on one line and without blanks between: dicts,
 * lists, tuples, texts, ints, floats, bools and None, and instances of subclasses of those. Keys that are
 * ints, floats, bools or None become texts, as Python's `json` has it, so that two keys may become one.
 * A lone surrogate becomes its escape, such as `\ud800`.
 *
 * `text` receives a text value; release it with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError`
 * for another type or another key, `builtins.ValueError` for NaN and infinities, for a container that contains
 * itself, and for ints beyond `sys.get_int_max_str_digits`, `builtins.RecursionError` for one that is nested too
 * deeply. May run Python code. The first call imports `json`.
 */
NEXUS_API
NexusStatus nexus_object_to_json(const NexusObject *object,
                                 NexusValue *text,
                                 NexusError **error);

/** @} */

/* ==== Calls ===================================================================================== */

/**
 * @defgroup nexus_calls Calls
 * @{
 */

/* ---- Calling functions and methods ------------------------------------------------------------- */

/**
 * Calls an object with positional arguments.
 *
 * `args`: `arg_count` values, read during the call only; may be NULL when there are none. `result`
 * receives the value, which the caller releases with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` (callable, or a handle among the arguments),
 * `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an unknown kind, text that is not UTF-8), or `NEXUS_ERR_EXCEPTION`
 * with what Python raised: SystemExit and KeyboardInterrupt are errors like any other. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_call(const NexusObject *callable,
                              const NexusValue *args,
                              size_t arg_count,
                              NexusValue *result,
                              NexusError **error);

/**
 * Calls an object with positional and keyword arguments: `f(1, 2, key=3)`.
 *
 * `keywords`: `keyword_count` names, UTF-8, and `keyword_values` as many values; both may be NULL when
 * there are none. A name that is given twice is `NEXUS_ERR_INVALID_ARGUMENT`. Everything else as for
 * `nexus_object_call`. To make a call many times with the same names, see `nexus_call_prepare`.
 */
NEXUS_API
NexusStatus nexus_object_call_keywords(const NexusObject *callable,
                                       const NexusValue *args,
                                       size_t arg_count,
                                       const char *const *keywords,
                                       const NexusValue *keyword_values,
                                       size_t keyword_count,
                                       NexusValue *result,
                                       NexusError **error);

/**
 * Calls a method of an object, or a function of a module, by its name.
 *
 * `name`: UTF-8. Everything else as for `nexus_object_call`. A missing method is Python's
 * `builtins.AttributeError`.
 */
NEXUS_API
NexusStatus nexus_object_call_method(const NexusObject *object,
                                     const char *name,
                                     const NexusValue *args,
                                     size_t arg_count,
                                     NexusValue *result,
                                     NexusError **error);

/* ---- Calls that are made ready once and made many times ---------------------------------------- */

/**
 * Makes a call ready: what does not change from call to call is looked up once. A function that is written
 * in C is then called without going through Python.
 *
 * `callable`: any callable object; its handle may be freed afterwards. `keywords`: the names of the last
 * `keyword_count` arguments, UTF-8; may be NULL when there are none. `call` receives a handle that the caller
 * frees with `nexus_call_free`, and that any number of threads may use.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, a name that is not UTF-8 or is given twice), `NEXUS_ERR_TYPE`
 * when the object cannot be called, or `NEXUS_ERR_NO_MEMORY`.
 */
NEXUS_API
NexusStatus nexus_call_prepare(const NexusObject *callable,
                               const char *const *keywords,
                               size_t keyword_count,
                               NexusCall **call,
                               NexusError **error);

/**
 * Makes a prepared call.
 *
 * `args`: `arg_count` values: the positional arguments, then those of the prepared keywords in their
 * order. Everything else as for `nexus_object_call`.
 */
NEXUS_API
NexusStatus nexus_call_invoke(const NexusCall *call,
                              const NexusValue *args,
                              size_t arg_count,
                              NexusValue *result,
                              NexusError **error);

/**
 * Makes a prepared call many times, in one crossing and with the GIL taken once: far faster than one by
 * one. The GIL is given up for a moment every 5 ms, so that other threads get on.
 *
 * `args`: `args_per_call` values for each of `call_count` calls, one call's after another's. `results`:
 * room for `call_count` values; NULL when you do not want them. `done` receives how many calls have
 * succeeded; may be NULL.
 *
 * Stops at the first call that fails, and returns what that call returned. Then `results` has the values of
 * the calls before it, which the caller releases with `nexus_values_clear`, and NONE for it and those after
 * it. All calls are made also when the handle is freed meanwhile. Everything else as for
 * `nexus_call_invoke`.
 */
NEXUS_API
NexusStatus nexus_call_invoke_many(const NexusCall *call,
                                   const NexusValue *args,
                                   size_t args_per_call,
                                   size_t call_count,
                                   NexusValue *results,
                                   size_t *done,
                                   NexusError **error);

/**
 * Frees a prepared call. A call that is being made meanwhile ends well. NULL, or a handle that is freed
 * already, does nothing.
 */
NEXUS_API
void nexus_call_free(NexusCall *call);

/* ---- Generators and coroutines, driven by hand ------------------------------------------------- */

/**
 * Sends a value into a generator, as the result of its `yield`, and gets what it yields next; or, when it
 * ends, what it returns. Drives a coroutine, too: a host with an event loop of its own needs no more.
 *
 * `value`: a value of any kind; None to start it. `result` receives what it yields or returns; release it
 * with `nexus_value_clear`. `finished` says which: false when it yielded, true when it returned. One that has
 * ended returns None.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` (generator, or the handle in `value`), `NEXUS_ERR_INVALID_ARGUMENT`, or
 * `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.AttributeError` when the object takes no values,
 * `builtins.TypeError` when it was not started with None. May run Python code.
 */
NEXUS_API
NexusStatus nexus_generator_send(const NexusObject *generator,
                                 const NexusValue *value,
                                 NexusValue *result,
                                 bool *finished,
                                 NexusError **error);

/**
 * Ends a generator or coroutine early: its `close()`, which runs its `finally` blocks. An iterator without a
 * `close` needs none, and nothing happens. Freeing the last handle does the same, but reports no errors.
 *
 * Returns `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.RuntimeError` when it goes on to yield,
 * `builtins.ValueError` when it is running. May run Python code.
 */
NEXUS_API
NexusStatus nexus_generator_close(const NexusObject *generator,
                                  NexusError **error);

/* ---- Awaitables, run to their end -------------------------------------------------------------- */

/**
 * Runs a coroutine or another awaitable to its end, in a new event loop on the calling thread, and gives
 * what it returns: `asyncio.run`. Runs an asynchronous iterable to its end, too, such as the generator of an
 * `async def` with `yield`, and gives a list of its items. Several threads may do so at once.
 *
 * `result` receives what it returns; release it with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_TYPE` when the object is none of these (an `async def` function must be called first),
 * `NEXUS_ERR_BUSY` when an event loop runs on this thread already, as within a callback that it called:
 * the awaitable is untouched then; `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python
 * raised (`builtins.RuntimeError` for a coroutine that has ended). May run Python code; other threads can run
 * theirs while it waits. As after `asyncio.run`, the thread has no current event loop afterwards. The first call
 * imports `asyncio`, which takes some fifty milliseconds.
 */
NEXUS_API
NexusStatus nexus_object_await(const NexusObject *awaitable,
                               NexusValue *result,
                               NexusError **error);

/** @} */

/* ==== Callbacks ================================================================================= */

/**
 * @defgroup nexus_callbacks Callbacks
 * @{
 */

/**
 * Flag of `nexus_function_new`: the GIL is held while the function runs. That is 50 to 100 ns faster, and
 * other threads wait. It is not for functions that wait for a lock or another thread.
 */
#define NEXUS_FUNCTION_HOLD_GIL 1

/** The arguments of a call from Python. All of it is valid during the call only. */
typedef struct NexusArguments {
    /** `sizeof(NexusArguments)` in the library that calls. */
    size_t struct_size;
    /**
     * The positional arguments, and after them those with keywords. Their text, bytes and handles are lent:
     * `nexus_object_clone` makes a handle that stays.
     */
    const NexusValue *values;
    /** How many positional arguments. */
    size_t count;
    /** The names of the keyword arguments, UTF-8. */
    const char *const *keywords;
    /** How many keyword arguments. */
    size_t keyword_count;
} NexusArguments;

/**
 * A function of the host that Python calls. It may call any function of this library. No C++ exception or
 * longjmp may leave it.
 *
 * `arguments`: what Python calls it with. `result`: None; the function sets it and hands it over: the
 * library frees an object or owner in it, and copies text and bytes without an owner at once. `error`: may
 * receive an error from `nexus_error_new`, `nexus_error_raise` or any call that failed, which the function
 * hands over too. `user_data`: what the host gave to `nexus_function_new`.
 *
 * Returns `NEXUS_OK`, or another status, which is raised as a Python exception. The exception of a call that
 * failed is raised again as it is.
 *
 * The GIL is not held during the call, unless `NEXUS_FUNCTION_HOLD_GIL` was given.
 */
typedef NexusStatus (*NexusFunction)(const NexusArguments *arguments,
                                     NexusValue *result,
                                     NexusError **error,
                                     void *user_data);

/**
 * A function of the host that is called once, when the library does not need `user_data` any more.
 */
typedef void (*NexusDestructor)(void *user_data);

/* ---- Functions of the host as Python callables ------------------------------------------------- */

/**
 * Makes a Python callable of a function of the host's.
 *
 * `name`: its `__name__`, UTF-8. `documentation`: its `__doc__`, UTF-8; NULL: none. `flags`: any of
 * `NEXUS_FUNCTION_…`. `function` is called with `user_data` on whichever thread Python calls it, also on
 * several at a time. `destroy`, if not NULL, is called once with `user_data` when Python no longer needs the
 * callable, on whichever thread that is, with the GIL held; also when `nexus_function_new` fails. `callable`
 * receives a handle that the caller frees with `nexus_object_free`; Python keeps the callable as long as it
 * needs it.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_NO_MEMORY`, or what `nexus_python_start` returns.
 */
NEXUS_API
NexusStatus nexus_function_new(const char *name,
                               const char *documentation,
                               uint32_t flags,
                               NexusFunction function,
                               void *user_data,
                               NexusDestructor destroy,
                               NexusObject **callable,
                               NexusError **error);

/* ---- From a host's failure to a Python exception ----------------------------------------------- */

/**
 * Makes an error that holds a Python exception, for a function of the host's that Python calls
 * (`nexus_function_new`): `return nexus_error_raise("builtins.KeyError", "no such user", error);`
 *
 * `type`: the exception's class with its module, such as `"builtins.KeyError"` or `"json.JSONDecodeError"`;
 * its module is imported. `message`: UTF-8, its one argument; NULL: none. `error` receives the error, which
 * the caller frees or hands on; NULL: it is not made.
 *
 * Returns `NEXUS_ERR_EXCEPTION`, which is what was asked for; with another exception in the error when the
 * class cannot be found or does not take one argument. `NEXUS_ERR_INVALID_ARGUMENT` for NULL or what is not
 * UTF-8, `NEXUS_ERR_TYPE` for a class that is not an exception. Waits for the GIL. May run Python code.
 */
NEXUS_API
NexusStatus nexus_error_raise(const char *type,
                              const char *message,
                              NexusError **error);

/** @} */

/* ==== Containers ================================================================================ */

/**
 * @defgroup nexus_containers Containers
 * @{
 */

/* ---- Iteration, one item or many at a time ----------------------------------------------------- */

/**
 * Makes an iterator over an object: `iter(object)`. `nexus_object_next` gives its items.
 *
 * `iterator` receives a handle that the caller frees with `nexus_object_free`. The iterator keeps the object
 * alive.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError`
 * when the object cannot be iterated. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_iterate(const NexusObject *object,
                                 NexusObject **iterator,
                                 NexusError **error);

/**
 * Gets the next item of an iterator or generator.
 *
 * `value` receives it; release it with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_END` when there is no further item: the normal end, for which no error is made, so
 * that `*error` is NULL then. Otherwise `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_TYPE` when the object is not an
 * iterator (make one with `nexus_object_iterate`), or `NEXUS_ERR_EXCEPTION` with what Python raised:
 * `builtins.RuntimeError` when a dict has been changed meanwhile. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_next(const NexusObject *iterator,
                              NexusValue *value,
                              NexusError **error);

/**
 * Gets the next items of an iterator or generator in one crossing.
 *
 * `values`: room for `capacity` values, at least one. All places become NONE, and then as many receive an item
 * as there are left, at most `capacity`; release them with `nexus_values_clear`. `count` receives how many:
 * fewer than `capacity` means that the iterator has ended.
 *
 * Returns `NEXUS_ERR_END`, without an error, when there was no item left; otherwise as
 * `nexus_object_next`. After a failure the items that were got before it are lost: take them one by one
 * if an iterator may fail and they matter. May run Python code.
 */
NEXUS_API
NexusStatus nexus_object_next_many(const NexusObject *iterator,
                                   NexusValue *values,
                                   size_t capacity,
                                   size_t *count,
                                   NexusError **error);

/* ---- Lists, tuples and other sequences as arrays of values, or of numbers ---------------------- */

/**
 * Makes a list of values.
 *
 * `items`: `count` values, read during the call only; may be NULL when there are none. `list` receives a
 * handle that the caller frees with `nexus_object_free`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an unknown kind, text that is not UTF-8),
 * `NEXUS_ERR_BAD_HANDLE` (in an item), or what `nexus_python_start` returns.
 */
NEXUS_API
NexusStatus nexus_list_new(const NexusValue *items,
                           size_t count,
                           NexusObject **list,
                           NexusError **error);

/** Makes a tuple of values; otherwise as `nexus_list_new`. */
NEXUS_API
NexusStatus nexus_tuple_new(const NexusValue *items,
                            size_t count,
                            NexusObject **tuple,
                            NexusError **error);

/**
 * Makes a list of ints.
 *
 * `numbers`: `count` of them; may be NULL when there are none. `list` receives a handle that the caller
 * frees with `nexus_object_free`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or what `nexus_python_start` returns.
 */
NEXUS_API
NexusStatus nexus_list_new_integers(const int64_t *numbers,
                                    size_t count,
                                    NexusObject **list,
                                    NexusError **error);

/** Makes a list of floats; otherwise as `nexus_list_new_integers`. */
NEXUS_API
NexusStatus nexus_list_new_reals(const double *numbers,
                                 size_t count,
                                 NexusObject **list,
                                 NexusError **error);

/**
 * Reads items of a list, tuple or other sequence in one crossing, from an index on.
 *
 * `items`: room for `capacity` values; may be NULL when that is 0. All places become NONE, and then as many
 * receive an item as there are from `start` on, at most `capacity`; release them with `nexus_values_clear`.
 * Numbers, texts and bytes are copied or lent, never converted; see `NexusKind`. `count` receives how many: 0
 * at the end. With an array of fixed size, read again from `start + count` on; `nexus_object_length` tells how
 * large an array holds all.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_TYPE` when the object is not a sequence (for a dict, a set or
 * an iterator there are `nexus_dict_read`, `nexus_set_read` and `nexus_object_next_many`), or
 * `NEXUS_ERR_EXCEPTION` with what Python raised. After a failure every place is NONE. May run Python code for
 * types other than list and tuple.
 */
NEXUS_API
NexusStatus nexus_sequence_read(const NexusObject *sequence,
                                size_t start,
                                NexusValue *items,
                                size_t capacity,
                                size_t *count,
                                NexusError **error);

/**
 * Reads the ints of a list, tuple or other sequence, from an index on, without making a handle.
 *
 * `numbers`: room for `capacity` of them; may be NULL when that is 0. All become 0, and then as many
 * receive a number as there are items from `start` on, at most `capacity`. `count` receives how many.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_TYPE` when the object is not a sequence or an item is not an
 * int (a bool does not count), `NEXUS_ERR_OVERFLOW` when one does not fit, or `NEXUS_ERR_EXCEPTION` with what
 * Python raised; the message has the item's index. After a failure every number is 0. May run Python code for
 * types other than list and tuple. Arrays of numpy and the like are read much faster as buffers.
 */
NEXUS_API
NexusStatus nexus_sequence_read_integers(const NexusObject *sequence,
                                         size_t start,
                                         int64_t *numbers,
                                         size_t capacity,
                                         size_t *count,
                                         NexusError **error);

/**
 * Reads the floats of a sequence as doubles, and ints that a double holds exactly; others are
 * `NEXUS_ERR_OVERFLOW`. The rest as for `nexus_sequence_read_integers`.
 */
NEXUS_API
NexusStatus nexus_sequence_read_reals(const NexusObject *sequence,
                                      size_t start,
                                      double *numbers,
                                      size_t capacity,
                                      size_t *count,
                                      NexusError **error);

/* ---- Dicts as arrays of keys and values -------------------------------------------------------- */

/**
 * Makes a dict of keys and values, in this order.
 *
 * `keys` and `values`: `count` values each, read during the call only; may be NULL when there are none.
 * Of equal keys the last one's value counts. `dict` receives a handle that the caller frees with
 * `nexus_object_free`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an unknown kind, text that is not UTF-8),
 * `NEXUS_ERR_BAD_HANDLE` (in a key or value), `NEXUS_ERR_EXCEPTION` with what Python raised
 * (`builtins.TypeError` for a key that cannot be hashed, such as a list), or what `nexus_python_start`
 * returns. May run Python code: the keys' `__hash__` and `__eq__`.
 */
NEXUS_API
NexusStatus nexus_dict_new(const NexusValue *keys,
                           const NexusValue *values,
                           size_t count,
                           NexusObject **dict,
                           NexusError **error);

/**
 * Reads all keys and values of a dict or other mapping in one crossing, in its order.
 *
 * `keys`, `values`: room for `capacity` values each; either may be NULL when you do not want it, both to
 * learn only `count`, how many there are. All places become NONE, and then the first `count` of both receive
 * a key and its value; release them with `nexus_values_clear`. `nexus_object_length` tells how large the
 * arrays must be; stay attached (`nexus_python_attach`) in between if other threads change the dict.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` (`count` is NULL; `capacity` is too small, and the message says how
 * much is needed), `NEXUS_ERR_TYPE` when the object is not a mapping, or `NEXUS_ERR_EXCEPTION` with what
 * Python raised. After a failure every place is NONE. May run Python code for types other than dict, for
 * which it calls `items()`.
 */
NEXUS_API
NexusStatus nexus_dict_read(const NexusObject *dict,
                            NexusValue *keys,
                            NexusValue *values,
                            size_t capacity,
                            size_t *count,
                            NexusError **error);

/* ---- Sets as arrays of values ------------------------------------------------------------------ */

/**
 * Makes a set of values; equal ones are one.
 *
 * `items`: `count` values, read during the call only; may be NULL when there are none. `set` receives a
 * handle that the caller frees with `nexus_object_free`.
 *
 * Returns as `nexus_dict_new`. May run Python code: the items' `__hash__` and `__eq__`.
 */
NEXUS_API
NexusStatus nexus_set_new(const NexusValue *items,
                          size_t count,
                          NexusObject **set,
                          NexusError **error);

/** Makes a frozenset, a set that cannot change and can be a key; otherwise as `nexus_set_new`. */
NEXUS_API
NexusStatus nexus_frozenset_new(const NexusValue *items,
                                size_t count,
                                NexusObject **frozenset,
                                NexusError **error);

/**
 * Reads all items of a set or frozenset in one crossing, in no order.
 *
 * `items`: room for `capacity` values; NULL with 0 to learn only `count`, how many there are. All places
 * become NONE, and then the first `count` receive an item; release them with `nexus_values_clear`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` (`count` is NULL; `capacity` is too small,
 * and the message says how much is needed), `NEXUS_ERR_TYPE` when the object is not a set, or
 * `NEXUS_ERR_EXCEPTION` with what Python raised. After a failure every place is NONE. May run Python code for
 * types other than set and frozenset.
 */
NEXUS_API
NexusStatus nexus_set_read(const NexusObject *set,
                           NexusValue *items,
                           size_t capacity,
                           size_t *count,
                           NexusError **error);

/** @} */

/* ==== Numbers =================================================================================== */

/**
 * @defgroup nexus_numbers Numbers
 * @{
 */

/* ---- Numbers of an exact type: conversions that check the range, and never guess --------------- */

/**
 * Reads an int as an `int64_t`: a value of `NEXUS_KIND_INTEGER`, or an object of type int or of a subclass.
 * A bool does not count, and a float never: see `nexus_value_as_index`.
 *
 * Returns `NEXUS_ERR_OVERFLOW` when it does not fit, `NEXUS_ERR_TYPE` when it is not an int,
 * `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_BAD_HANDLE` (the value's). Needs no GIL for a value of that kind.
 */
NEXUS_API
NexusStatus nexus_value_to_int64(const NexusValue *value,
                                 int64_t *number,
                                 NexusError **error);

/**
 * Reads an int as a `uint64_t`; a negative one is `NEXUS_ERR_OVERFLOW`. Otherwise as
 * `nexus_value_to_int64`.
 */
NEXUS_API
NexusStatus nexus_value_to_uint64(const NexusValue *value,
                                  uint64_t *number,
                                  NexusError **error);

/**
 * Reads a float as a `double`, or an int that a double holds exactly; another int, such as 2**53 + 1, is
 * `NEXUS_ERR_OVERFLOW`. Infinities, NaN and -0.0 stay what they are. Subclasses of float and int count too.
 * Otherwise as `nexus_value_to_int64`; a value of `NEXUS_KIND_REAL` needs no GIL either.
 */
NEXUS_API
NexusStatus nexus_value_to_double(const NexusValue *value,
                                  double *number,
                                  NexusError **error);

/**
 * Makes an int of anything that Python takes as one (`operator.index`, the `__index__` protocol): ints,
 * bools, numpy's integers; no floats.
 *
 * `integer` receives the int, an object if 64 bits do not hold it; release it with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_TYPE` when the value has no `__index__`, `NEXUS_ERR_INVALID_ARGUMENT`,
 * `NEXUS_ERR_BAD_HANDLE` (the value's), `NEXUS_ERR_EXCEPTION` with what Python raised, or what
 * `nexus_python_start` returns. May run Python code.
 */
NEXUS_API
NexusStatus nexus_value_as_index(const NexusValue *value,
                                 NexusValue *integer,
                                 NexusError **error);

/**
 * Makes a `double` of anything that Python takes as a real number (the `__float__` and `__index__`
 * protocols): floats, ints, bools, numpy's numbers, `Fraction`, `Decimal`. Rounds to the nearest, as
 * Python's `float()` does, but reads no text.
 *
 * Returns `NEXUS_ERR_OVERFLOW` for an int beyond the largest double, `NEXUS_ERR_TYPE` when the value has
 * neither `__float__` nor `__index__`, `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_BAD_HANDLE` (the value's),
 * or `NEXUS_ERR_EXCEPTION` with what Python raised. Needs no GIL for a value of `NEXUS_KIND_INTEGER` or
 * `NEXUS_KIND_REAL`. May run Python code.
 */
NEXUS_API
NexusStatus nexus_value_as_float(const NexusValue *value,
                                 double *number,
                                 NexusError **error);

/**
 * Flag of the bytes of an int: the most significant byte comes first. Without it the least significant one
 * does, as in the memory of x86-64 and aarch64.
 */
#define NEXUS_INT_BIG_ENDIAN 1

/** Flag of the bytes of an int: there is no sign. Without it they are two's complement. */
#define NEXUS_INT_UNSIGNED 2

/* ---- Ints of any size: as decimal text and as bytes -------------------------------------------- */

/**
 * Makes an int of decimal text, of any length: Python's limit of 4,300 digits
 * (`sys.set_int_max_str_digits`) does not hold here, and is not changed.
 *
 * `text`: `size` bytes, an optional sign and then digits; no blanks, no underscores. `integer` receives
 * the int, an object if 64 bits do not hold it; release it with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, or not a decimal number; the message says where), or what
 * `nexus_python_start` returns. Holds no GIL while it reads the text. The time grows with the square of the
 * length: a million digits take seconds.
 */
NEXUS_API
NexusStatus nexus_int_from_text(const char *text,
                                size_t size,
                                NexusValue *integer,
                                NexusError **error);

/**
 * Writes an int as decimal text, of any length: Python's limit of 4,300 digits
 * (`sys.set_int_max_str_digits`) does not hold here, and is not changed.
 *
 * `integer`: a value of `NEXUS_KIND_INTEGER`, or an object of type int or of a subclass. `text` receives a
 * text value; release it with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_TYPE` when the value is not an int (a bool does not count),
 * `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_BAD_HANDLE` (the value's), or what `nexus_python_start` returns.
 * Holds no GIL while it makes the text. The time grows with the square of the length: a million digits take
 * seconds.
 */
NEXUS_API
NexusStatus nexus_int_to_text(const NexusValue *integer,
                              NexusValue *text,
                              NexusError **error);

/**
 * Makes an int of its bytes: two's complement, the least significant byte first, unless the flags say
 * otherwise. No bytes are 0.
 *
 * `bytes`: `size` bytes; may be NULL when there are none. `flags`: any of `NEXUS_INT_BIG_ENDIAN` and
 * `NEXUS_INT_UNSIGNED`. `integer` receives the int, an object if 64 bits do not hold it; release it with
 * `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or what `nexus_python_start` returns.
 */
NEXUS_API
NexusStatus nexus_int_from_bytes(const void *bytes,
                                 size_t size,
                                 uint32_t flags,
                                 NexusValue *integer,
                                 NexusError **error);

/**
 * Gives the bytes of an int, as few as hold it and one at least.
 *
 * `integer`: a value of `NEXUS_KIND_INTEGER`, or an object of type int or of a subclass. `flags`: as for
 * `nexus_int_from_bytes`. `bytes` receives a bytes value; release it with `nexus_value_clear`.
 *
 * Returns `NEXUS_ERR_OVERFLOW` for a negative int with `NEXUS_INT_UNSIGNED`, `NEXUS_ERR_TYPE` when the
 * value is not an int (a bool does not count), `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_BAD_HANDLE` (the
 * value's), or what `nexus_python_start` returns.
 */
NEXUS_API
NexusStatus nexus_int_to_bytes(const NexusValue *integer,
                               uint32_t flags,
                               NexusValue *bytes,
                               NexusError **error);

/**
 * Writes the bytes of an int into the caller's memory: all `capacity` of them, the rest filled with the
 * sign.
 *
 * `bytes`: room for `capacity` bytes; may be NULL when that is 0, into which only 0 fits. The rest as for
 * `nexus_int_to_bytes`.
 *
 * Returns `NEXUS_ERR_OVERFLOW` when the int does not fit; otherwise as `nexus_int_to_bytes`. After a
 * failure every byte is 0.
 */
NEXUS_API
NexusStatus nexus_int_write_bytes(const NexusValue *integer,
                                  uint32_t flags,
                                  uint8_t *bytes,
                                  size_t capacity,
                                  NexusError **error);

/* ---- Complex numbers --------------------------------------------------------------------------- */

/**
 * Makes a complex number.
 *
 * `number` receives a handle that the caller frees with `nexus_object_free`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT`, or what `nexus_python_start` returns.
 */
NEXUS_API
NexusStatus nexus_complex_new(double real_part,
                              double imaginary_part,
                              NexusObject **number,
                              NexusError **error);

/**
 * Reads the parts of a complex number, or of an instance of a subclass.
 *
 * Returns `NEXUS_ERR_TYPE` when the object is not one (an int or a float does not count), or
 * `NEXUS_ERR_INVALID_ARGUMENT`.
 */
NEXUS_API
NexusStatus nexus_complex_read(const NexusObject *number,
                               double *real_part,
                               double *imaginary_part,
                               NexusError **error);

/** @} */

/* ==== Buffers =================================================================================== */

/**
 * @defgroup nexus_buffers Buffers
 * @{
 */

/** Flag of `nexus_buffer_get`: memory that may be written to. */
#define NEXUS_BUFFER_WRITABLE 1

/** Flag of `nexus_buffer_get`: one block, the last index varying fastest, as in C. */
#define NEXUS_BUFFER_C_CONTIGUOUS 2

/**
 * Flag of `nexus_buffer_get`: one block, the first index varying fastest, as in Fortran. Together with
 * `NEXUS_BUFFER_C_CONTIGUOUS`: one block in either order.
 */
#define NEXUS_BUFFER_F_CONTIGUOUS 4

/**
 * Flag of `nexus_buffer_get`: `suboffsets` are understood here. Without this flag an object that has some
 * is refused.
 */
#define NEXUS_BUFFER_INDIRECT 8

/** Items in the order of C: the last index varies fastest. */
#define NEXUS_ORDER_C 0

/** Items in the order of Fortran: the first index varies fastest. */
#define NEXUS_ORDER_F 1

/**
 * The memory of a Python object (PEP 3118). The item at `i, j, …` lies at
 * `data + i * strides[0] + j * strides[1] + …`. All pointers are valid until `nexus_buffer_free`.
 */
typedef struct NexusBufferInfo {
    /** `sizeof(NexusBufferInfo)`. */
    size_t struct_size;
    /** The item whose indices are all 0. May be NULL when there is none. */
    void *data;
    /** Bytes of all items together: what a contiguous copy of them takes. */
    size_t size;
    /** Bytes of one item. */
    size_t item_size;
    /** How many dimensions; 0 for a single item. */
    size_t ndim;
    /** `ndim` lengths, in items. */
    const ptrdiff_t *shape;
    /** `ndim` distances between neighbours, in bytes; they may be 0 or negative. */
    const ptrdiff_t *strides;
    /**
     * NULL, or (only with `NEXUS_BUFFER_INDIRECT`) `ndim` numbers: where one is not negative, the
     * address that the indices so far lead to holds a pointer, to which it is to be added.
     */
    const ptrdiff_t *suboffsets;
    /**
     * One item in the notation of Python's `struct` module, such as `d`, with the additions of PEP
     * 3118. `B`, or for larger items `8s` and so on, if the object does not tell. Never NULL.
     */
    const char *format;
    /** Whether it must not be written to. */
    bool read_only;
    /** Whether it is one block in the order of C. */
    bool c_contiguous;
    /** Whether it is one block in the order of Fortran. */
    bool f_contiguous;
} NexusBufferInfo;

/**
 * Gets the memory of an object, without a copy: of a `bytes`, `bytearray`, `memoryview`, `array.array`,
 * numpy array, or whatever else has a buffer (PEP 3118). What it costs does not depend on the size.
 *
 * `flags`: any of the `NEXUS_BUFFER_…` flags; 0 takes what the object gives, read-only or not, strided or
 * not. `buffer` receives a handle; until it is freed with `nexus_buffer_free`, the object and its memory
 * stay where they are (a `bytearray` cannot be resized meanwhile). `info`: NULL, or receives what the
 * memory is like.
 *
 * Returns `NEXUS_ERR_TYPE` when the object has no buffer, none like `flags` ask for (writable, contiguous),
 * or one whose description contradicts itself; `NEXUS_ERR_EXCEPTION` when getting it raised anything else;
 * `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. May run Python code. The memory may be used from any
 * thread without the GIL; that nobody writes to it at the same time is up to the program.
 */
NEXUS_API
NexusStatus nexus_buffer_get(const NexusObject *object,
                             uint32_t flags,
                             NexusBuffer **buffer,
                             NexusBufferInfo *info,
                             NexusError **error);

/**
 * Tells again what the memory of a buffer is like.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
 */
NEXUS_API
NexusStatus nexus_buffer_info(const NexusBuffer *buffer,
                              NexusBufferInfo *info,
                              NexusError **error);

/**
 * Gives the memory of an object back: the pointers that came with it are no longer valid. NULL, or a
 * handle that is freed already, does nothing. Before or after the object's own handle. May run
 * the object's destructor.
 */
NEXUS_API
void nexus_buffer_free(NexusBuffer *buffer);

/**
 * Copies all items of a buffer, however they lie, into one block of the host's memory.
 *
 * `order`: `NEXUS_ORDER_C` or `NEXUS_ORDER_F`, in which the items are to follow each other. `data`:
 * `capacity` bytes to write to; `NexusBufferInfo.size` tells how many are needed. `size`: NULL, or receives
 * how many were written.
 *
 * Returns `NEXUS_ERR_OVERFLOW` when `capacity` is too small (nothing is written then),
 * `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
 */
NEXUS_API
NexusStatus nexus_buffer_copy_out(const NexusBuffer *buffer,
                                  uint32_t order,
                                  void *data,
                                  size_t capacity,
                                  size_t *size,
                                  NexusError **error);

/**
 * Copies a block of the host's memory into all items of a buffer, however they lie.
 *
 * `order`: as in `nexus_buffer_copy_out`. `data`: `size` bytes, exactly as many as the items have together.
 *
 * Returns `NEXUS_ERR_TYPE` when the buffer is read-only, `NEXUS_ERR_INVALID_ARGUMENT` also when `size` is
 * another than the buffer's, `NEXUS_ERR_BAD_HANDLE`. Needs no GIL.
 */
NEXUS_API
NexusStatus nexus_buffer_copy_in(const NexusBuffer *buffer,
                                 uint32_t order,
                                 const void *data,
                                 size_t size,
                                 NexusError **error);

/** @} */

/* ==== Memory ==================================================================================== */

/**
 * @defgroup nexus_memory Memory
 * @{
 */

/** Flag of `NexusMemoryLayout`: Python must not write to the memory. */
#define NEXUS_MEMORY_READ_ONLY 1

/**
 * Memory of the host, as Python is to see it. All that it points to is copied, but not the memory itself.
 */
typedef struct NexusMemoryLayout {
    /** `sizeof(NexusMemoryLayout)`. */
    size_t struct_size;
    /** Any of the `NEXUS_MEMORY_…` flags. */
    uint32_t flags;
    /** The item whose indices are all 0. NULL only if there is none. */
    void *data;
    /** How many bytes there are. With a `shape`: 0, or how many bytes its items may reach over. */
    size_t size;
    /** Bytes of one item. 0: as `format` says. */
    size_t item_size;
    /** One item in the notation of Python's `struct` module, such as `d`. NULL: `B`, bytes. */
    const char *format;
    /** How many dimensions; at most 64. */
    size_t ndim;
    /**
     * `ndim` lengths, in items. NULL with `ndim` 0: one dimension, as many items as `size` holds. Not
     * NULL with `ndim` 0: a single item without a dimension.
     */
    const ptrdiff_t *shape;
    /** `ndim` distances between neighbours, in bytes. NULL: one block in the order of C. */
    const ptrdiff_t *strides;
} NexusMemoryLayout;

/**
 * A function of the host that is told once that Python does not use its memory any more.
 *
 * `data`: as the host gave it. `user_data`: what the host gave to `nexus_memory_new`.
 *
 * It is called without the GIL, on the thread that gave up the last use. It may call any function of this
 * library, and must neither throw nor `longjmp`.
 */
typedef void (*NexusMemoryRelease)(void *data, void *user_data);

/**
 * Lets Python see memory of the host, without a copy: as an object that `memoryview`, `numpy.asarray`,
 * `numpy.from_dlpack` and every function that takes a bytes-like object accept.
 *
 * `layout`: where it is and what is in it. `release`: NULL, or called once when Python is done with it:
 * when the handle is freed and the last view is gone, or when it was revoked; see `NexusMemoryRelease`. It
 * is not called when this function fails, or if Python ends before. `memory` receives a handle that the
 * caller frees with `nexus_memory_free`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` when the layout contradicts itself (items that reach beyond `size`,
 * an item size that is not the format's), `NEXUS_ERR_NO_MEMORY`, or what `nexus_python_start` returns.
 * Starts Python if nothing has.
 */
NEXUS_API
NexusStatus nexus_memory_new(const NexusMemoryLayout *layout,
                             NexusMemoryRelease release,
                             void *user_data,
                             NexusMemory **memory,
                             NexusError **error);

/**
 * The object that Python sees: a new handle to it, always to the same object. It has a buffer
 * (`memoryview(object)`, `numpy.asarray(object)`), `__dlpack__` and `__dlpack_device__`, but is not a view
 * itself.
 *
 * `object` receives a handle that the caller frees with `nexus_object_free`; before or after the memory's.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`.
 */
NEXUS_API
NexusStatus nexus_memory_object(const NexusMemory *memory,
                                NexusObject **object,
                                NexusError **error);

/**
 * A new `memoryview` of the memory, writable unless it is read-only. Until it is freed and Python has let
 * go of it, or has called its `release()`, the memory cannot be revoked.
 *
 * `view` receives a handle that the caller frees with `nexus_object_free`.
 *
 * Returns `NEXUS_ERR_EXCEPTION` (`builtins.BufferError`) when the memory was revoked,
 * `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`.
 */
NEXUS_API
NexusStatus nexus_memory_view(const NexusMemory *memory,
                              NexusObject **view,
                              NexusError **error);

/**
 * Takes the memory back while its object is still known to Python: from now on, whoever uses it there gets
 * a `BufferError`. `release` is called before this returns. A second time does nothing.
 *
 * Returns `NEXUS_ERR_BUSY` while Python has views of it (`memoryview`, numpy arrays, tensors), which are
 * counted in the message, and leaves everything as it is; `NEXUS_ERR_BAD_HANDLE`. Needs no GIL.
 */
NEXUS_API
NexusStatus nexus_memory_revoke(const NexusMemory *memory,
                                NexusError **error);

/**
 * Frees the handle. NULL, or a handle that is freed already, does nothing. Python may go on using the
 * memory; `release` is called when nothing there can reach it any more, now or later.
 */
NEXUS_API
void nexus_memory_free(NexusMemory *memory);

/** @} */

/* ==== Tensors =================================================================================== */

/**
 * @defgroup nexus_tensors Tensors
 * @{
 */

/**
 * Flag of `nexus_tensor_get`: memory of any device. Without this flag, what the processor cannot read is
 * refused.
 */
#define NEXUS_TENSOR_ANY_DEVICE 1

/**
 * A DLPack tensor. Numbers are those of the DLPack specification, version 1. All pointers are valid
 * until `nexus_tensor_free`.
 */
typedef struct NexusTensorInfo {
    /** `sizeof(NexusTensorInfo)`. */
    size_t struct_size;
    /**
     * The `DLManagedTensorVersioned`, or with `version_major` 0 the older `DLManagedTensor`. It is
     * nexus_loader's until `nexus_tensor_take`.
     */
    void *managed;
    /**
     * The item whose indices are all 0: `data` and `byte_offset` of the tensor, added. On a device whose
     * memory the processor cannot read, `data` alone: there it may be no address.
     */
    void *data;
    /** Bytes of all items together. */
    size_t size;
    /** How many dimensions; 0 for a single item. */
    size_t ndim;
    /** `ndim` lengths, in items. */
    const int64_t *shape;
    /**
     * `ndim` distances between neighbours, **in items**; they may be 0 or negative. Never NULL with a
     * dimension, also where the tensor's own are.
     */
    const int64_t *strides;
    /** The tensor's version of DLPack; 0.0 for a `DLManagedTensor`. */
    uint32_t version_major;
    /** As `version_major`. */
    uint32_t version_minor;
    /** `DLDeviceType`: 1 is the processor's memory. */
    int32_t device_type;
    /** Which device of that type. */
    int32_t device_id;
    /** `DLDataTypeCode`: 0 int, 1 uint, 2 float, 4 bfloat, 5 complex, 6 bool, … */
    uint8_t type_code;
    /** Bits of one number. */
    uint8_t type_bits;
    /** Numbers in one item; 1 but for vector types. */
    uint16_t type_lanes;
    /** Whether it must not be written to. A `DLManagedTensor` cannot tell. */
    bool read_only;
    /** Whether it is a copy that was made for the host. */
    bool copied;
    /** Whether it is one block in the order of C. */
    bool c_contiguous;
} NexusTensorInfo;

/* ---- DLPack tensors of Python objects ---------------------------------------------------------- */

/**
 * Gets the tensor of an object that has `__dlpack__`, without a copy: of a numpy, PyTorch or CuPy array,
 * for instance, none of which the host needs to know.
 *
 * `flags`: 0, or `NEXUS_TENSOR_ANY_DEVICE`. `tensor` receives a handle; until it is freed with
 * `nexus_tensor_free`, the memory stays where it is. `info`: NULL, or receives what it is like.
 *
 * Returns `NEXUS_ERR_TYPE` when the object has no `__dlpack__`, or what it gives is not a DLPack capsule, is of
 * another major version, in memory that the processor cannot read, or contradicts itself;
 * `NEXUS_ERR_EXCEPTION` with what `__dlpack__` raised; `NEXUS_ERR_BAD_HANDLE`,
 * `NEXUS_ERR_INVALID_ARGUMENT`. May run Python code.
 */
NEXUS_API
NexusStatus nexus_tensor_get(const NexusObject *object,
                             uint32_t flags,
                             NexusTensor **tensor,
                             NexusTensorInfo *info,
                             NexusError **error);

/**
 * Tells again what a tensor is like.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
 */
NEXUS_API
NexusStatus nexus_tensor_info(const NexusTensor *tensor,
                              NexusTensorInfo *info,
                              NexusError **error);

/**
 * Hands the DLPack struct itself over and frees the handle: for a host whose own code takes a
 * `DLManagedTensorVersioned *`, or a `DLManagedTensor *` where `NexusTensorInfo.version_major` is 0.
 *
 * `managed` receives the pointer. The host calls its `deleter`, once, if that is not NULL; some producers
 * want the GIL for that (`nexus_python_attach`). Pointers of a `NexusTensorInfo` are no longer valid.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
 */
NEXUS_API
NexusStatus nexus_tensor_take(NexusTensor *tensor,
                              void **managed,
                              NexusError **error);

/**
 * Gives a tensor back: calls its `deleter`, with the GIL. NULL, or a handle that is freed already, does
 * nothing. May run Python code.
 */
NEXUS_API
void nexus_tensor_free(NexusTensor *tensor);

/* ---- DLPack tensors of the host: the function that takes one over, and what Python sees of it -- */

/**
 * Makes an object with `__dlpack__` of a tensor of the host, on whatever device, for `numpy.from_dlpack`,
 * `torch.from_dlpack` and the like. (Memory that `nexus_memory_new` describes has `__dlpack__` already.)
 *
 * `managed`: a `DLManagedTensorVersioned` with `version_major` 1, or a `DLManagedTensor` with
 * `version_major` 0. It is nexus_loader's from then on; its `deleter` is called once, without the GIL, on
 * whichever thread gave up the last use of it. On failure it stays the host's. `object` receives a handle
 * that the caller frees with `nexus_object_free`. Everything that writes the tensor must have been waited
 * for before.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` when the description contradicts itself, or what
 * `nexus_python_start` returns. Starts Python if nothing has.
 */
NEXUS_API
NexusStatus nexus_tensor_export(void *managed,
                                uint32_t version_major,
                                NexusObject **object,
                                NexusError **error);

/** @} */

/* ==== Arrow ===================================================================================== */

/**
 * @defgroup nexus_arrow Arrow
 * @{
 */

/* ---- Arrow data of Python objects -------------------------------------------------------------- */

/**
 * Moves the Arrow schema of an object that has `__arrow_c_schema__` into a struct of the host.
 *
 * `schema`: an `ArrowSchema` of the Arrow C data interface, to be written to. The host calls its `release`,
 * once, on any thread.
 *
 * Returns `NEXUS_ERR_TYPE` when the object has no `__arrow_c_schema__`, or one that gives something else;
 * `NEXUS_ERR_EXCEPTION` with what it raised; `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. The
 * struct is all zeros then. May run Python code.
 */
NEXUS_API
NexusStatus nexus_arrow_import_schema(const NexusObject *object,
                                      void *schema,
                                      NexusError **error);

/**
 * Moves the Arrow array of an object that has `__arrow_c_array__` (a column, or a record batch), and its
 * schema, into structs of the host: without a copy of the values.
 *
 * `schema`, `array`: an `ArrowSchema` and an `ArrowArray` of the Arrow C data interface, to be written to.
 * The host calls the `release` of each, once, on any thread; the memory is valid until that of the array.
 *
 * Returns what `nexus_arrow_import_schema` returns. May run Python code.
 */
NEXUS_API
NexusStatus nexus_arrow_import_array(const NexusObject *object,
                                     void *schema,
                                     void *array,
                                     NexusError **error);

/**
 * Moves the Arrow stream of an object that has `__arrow_c_stream__` (a table, a reader, a data frame) into a
 * struct of the host.
 *
 * `stream`: an `ArrowArrayStream` of the Arrow C stream interface, to be written to. The host calls its
 * `release`, once, on any thread. It may call all its functions without the GIL; they may run Python code.
 *
 * Returns what `nexus_arrow_import_schema` returns. May run Python code.
 */
NEXUS_API
NexusStatus nexus_arrow_import_stream(const NexusObject *object,
                                      void *stream,
                                      NexusError **error);

/* ---- Arrow data of the host: the functions that take it over, and what Python sees of it ------- */

/**
 * Makes an object with `__arrow_c_schema__` and `__arrow_c_array__` of an Arrow array of the host (a column,
 * or a record batch): for pyarrow, polars, pandas, duckdb, nanoarrow. Without a copy of the values, and as
 * often as they like.
 *
 * `schema`, `array`: an `ArrowSchema` and an `ArrowArray` of the Arrow C data interface; `array` may be NULL,
 * for an object that has a schema only. On success they are moved: nexus_loader releases them, once each, and
 * the host's structs have `release` NULL. `release` is called without the GIL, on whichever thread gave up
 * the last use. On failure they stay the host's. `object` receives a handle that the caller frees with
 * `nexus_object_free`.
 *
 * Returns `NEXUS_ERR_INVALID_ARGUMENT` for a NULL, for a struct that was released, or one that contradicts
 * itself, or what `nexus_python_start` returns. Starts Python if nothing has.
 */
NEXUS_API
NexusStatus nexus_arrow_export_array(void *schema,
                                     void *array,
                                     NexusObject **object,
                                     NexusError **error);

/**
 * Makes an object with `__arrow_c_stream__` of an Arrow stream of the host, which can be read once.
 *
 * `stream`: an `ArrowArrayStream` of the Arrow C stream interface. On success it is moved, as with
 * `nexus_arrow_export_array`. Its functions are called without the GIL, on any thread, one at a time; those
 * of the arrays that it gives are called as their consumer likes. `object` receives a handle that the caller
 * frees with `nexus_object_free`.
 *
 * Returns what `nexus_arrow_export_array` returns. Starts Python if nothing has.
 */
NEXUS_API
NexusStatus nexus_arrow_export_stream(void *stream,
                                      NexusObject **object,
                                      NexusError **error);

/** @} */

/* ==== Threads =================================================================================== */

/**
 * @defgroup nexus_threads Threads
 * @{
 */

/* ---- Holding the GIL for a batch of calls ------------------------------------------------------ */

/**
 * Takes the GIL for this thread until `nexus_python_detach`, so that a batch of calls pays for it only
 * once. Nests: each call needs a `nexus_python_detach` on the same thread, and in the same function if it is
 * one that Python calls (`nexus_function_new`), at whose end it is given back otherwise. Other threads cannot
 * run Python meanwhile, so keep it short; a goroutine or fiber must not change threads in between.
 *
 * Returns `NEXUS_ERR_NOT_STARTED` before a start, `NEXUS_ERR_CLOSED` when the program that owns an
 * adopted interpreter has finalized it.
 */
NEXUS_API
NexusStatus nexus_python_attach(NexusError **error);

/**
 * Gives back what one `nexus_python_attach` took; the outermost frees the GIL.
 *
 * Returns `NEXUS_ERR_NOT_ATTACHED` when this thread, or this function that Python has called, has no attach
 * to give back.
 */
NEXUS_API
NexusStatus nexus_python_detach(NexusError **error);

/* ---- Ending Python code that runs too long, from another thread -------------------------------- */

/**
 * A number for this thread, for `nexus_thread_interrupt`: Python's `threading.get_ident()`. The numbers of
 * threads that have ended are used again. 0 before Python has started. Needs no
 * GIL.
 */
NEXUS_API
uint64_t nexus_thread_id(void);

/**
 * Ends the Python code that another thread runs in a call of this library: KeyboardInterrupt is raised
 * there before its next instruction of Python code, and the call returns `NEXUS_ERR_EXCEPTION` with
 * `builtins.KeyboardInterrupt`, unless the code catches it. Compiled code and system calls are not
 * interrupted: the exception waits for the next Python code of that call; `nexus_call_invoke_many` ends
 * between two calls, and an event loop of `nexus_object_await` that waits is woken. A call that ends meanwhile
 * has ended well; no later call of that thread is affected.
 * Code that takes a lock otherwise than by `with` may leave it locked, as with Ctrl-C in a program of
 * Python's; the import system is spared that.
 *
 * `thread`: what `nexus_thread_id` gave there.
 *
 * Returns `NEXUS_ERR_NOT_FOUND` when that thread is in no call now, or has none of this library's,
 * `NEXUS_ERR_BUSY` when it was in the code of the import system for a tenth of a second: nothing was done,
 * try again; and what `nexus_python_attach` returns. Waits for the GIL, which Python code gives up every 5 ms.
 */
NEXUS_API
NexusStatus nexus_thread_interrupt(uint64_t thread,
                                   NexusError **error);

/**
 * Takes back what `nexus_thread_interrupt` has sent to a thread and Python has not raised there yet: for a host that
 * interrupts one call and no other. A call that a function of the host's makes, which Python has called, may end
 * before it is hit, and then the call around it would be. And while `nexus_thread_interrupt` waits for an import to
 * end, the call that was meant may end, and another begin. (What has not been raised when the outermost call of a
 * thread ends is taken back anyway.)
 *
 * `thread`: what `nexus_thread_id` gave there.
 *
 * Returns what `nexus_python_attach` returns; `NEXUS_OK` also when there was nothing to take back, and for a
 * thread that is not known.
 */
NEXUS_API
NexusStatus nexus_thread_uninterrupt(uint64_t thread,
                                     NexusError **error);

/** @} */

/* ==== Inspection ================================================================================ */

/**
 * @defgroup nexus_inspection Inspection
 * @{
 */

/** What a file is for the Python that it was judged for. 32 bits wide. */
typedef enum NexusVerdict {
    /** Nothing was found out: there is no such inspection. */
    NEXUS_VERDICT_NONE = 0,
    /** A Python module that can be tried. If it has a detail code, loading is likely to fail. */
    NEXUS_VERDICT_MODULE = 1,
    /** A shared library and no Python module: not to be opened, for its constructors would run. */
    NEXUS_VERDICT_HELPER = 2,
    /** Nothing that can be loaded as a module here; the detail code says why. */
    NEXUS_VERDICT_HOPELESS = 3,
} NexusVerdict;

/** A list of texts. */
typedef struct NexusTextList {
    /** The texts, each NUL-terminated UTF-8; NULL if there is none. */
    const char *const *items;
    /** How many there are. */
    size_t count;
} NexusTextList;

/**
 * What was found out about a file. What a file does not tell is `""`, 0, false or an empty list. Texts are
 * NUL-terminated UTF-8 and never NULL. Texts and lists live as long as the inspection.
 *
 * Fields that a host's `struct_size` does not cover are left alone.
 */
typedef struct NexusInspectionFacts {
    /** `sizeof(NexusInspectionFacts)`; set it before the call. */
    size_t struct_size;
    /** What the file is. */
    NexusVerdict verdict;
    /**
     * The detail code (`NexusDetail`) of the first problem, which is the reason of the verdict if the file is
     * no module; 0: there is no problem. A module with a code can be tried, but is likely to fail: a library
     * that is missing now may be loaded by its package before.
     */
    uint32_t detail;
    /** The first problem in one line about this file, such as `cut off after 2048 bytes: …`. */
    const char *message;
    /** What to do about the first problem: the text of `nexus_detail_cure`. */
    const char *cure;
    /**
     * The Python that the file was judged for, such as
     * `CPython 3.12 on linux x86_64 (/usr/lib/libpython3.12.so.1.0)`; `""`: none was found.
     */
    const char *judged_for;
    /**
     * The dotted name of the module: the file's name after those of the packages around it, the directories
     * with an `__init__` file. `""` also for a helper library, and for a name that is not UTF-8.
     */
    const char *module_name;
    /** The function through which Python will enter the module, such as `PyInit_crypto`. */
    const char *init_symbol;
    /** The container format: `"ELF"`, `"PE"` or `"Mach-O"`. */
    const char *format;
    /** The operating system: `"linux"`, `"windows"`, `"macos"` and others. */
    const char *platform;
    /**
     * The processor, as `uname -m` calls it: `"x86_64"`, `"aarch64"`; all of a universal Mach-O file, separated
     * by `", "`.
     */
    const char *machine;
    /** The C library that the file was linked with: `"glibc"` or `"musl"`. */
    const char *c_library;
    /**
     * The ABI tag in the file's name (PEP 3149, PEP 384): `"cpython-312-x86_64-linux-gnu"`, `"abi3"`.
     */
    const char *abi_tag;
    /** The width of an address in bits, 32 or 64. */
    uint32_t bits;
    /**
     * The version of Python that the file was built for, `major << 16 | minor << 8`, from its tag or the
     * libpython that it is linked with.
     */
    uint32_t python_version;
    /** The size of the file's thread-local variables in bytes. */
    uint64_t tls_size;
    /**
     * Whether those must be in the static block (DF_STATIC_TLS, initial-exec relocations), which has little
     * room once a process runs: glibc keeps 1664 bytes for all libraries that are opened later.
     */
    bool static_tls;
    /**
     * Whether the file claims the stable ABI: by its tag (`abi3`, `abi3t`), or on Windows, where no tag tells
     * it, by being linked with `python3.dll`.
     */
    bool stable_abi;
    /** Whether the tag or the contents are for free-threaded Python (PEP 703). */
    bool free_threaded;
    /**
     * All problems, one line each with the detail code first, such as
     * `501 MISSING_LIBRARY: libfoo.so.1 is missing, needed by libbar.so`. The first is that of `detail`.
     */
    NexusTextList problems;
    /**
     * The functions through which Python could enter the file: `PyInit_…`, `PyInitU_…` (punycode, PEP 489),
     * `PyModExport_…` (PEP 793). Some files have those of several modules.
     */
    NexusTextList init_symbols;
    /**
     * The libraries that the file itself needs, in its order (DT_NEEDED, imported DLLs, LC_LOAD_DYLIB).
     */
    NexusTextList needed;
    /**
     * All libraries that are nowhere to be found, of the whole tree, each with who needs it:
     * `libfoo.so.1 (needed by libbar.so, needed by module.so)`. They are looked for as ld.so(8) does it, with
     * DT_RPATH, LD_LIBRARY_PATH, DT_RUNPATH, `$ORIGIN` and the cache; what this process has loaded already is
     * there.
     */
    NexusTextList missing;
    /**
     * All symbol versions that the libraries found here lack, as of a system that is too old, each with who
     * needs it: `GLIBC_2.38 of libc.so.6 (needed by module.so)`.
     */
    NexusTextList missing_versions;
    /**
     * The functions and objects of Python that the file needs and that neither the libpython of `judged_for`
     * nor a library of the tree has. Empty if a library is missing, and after `nexus_inspect_for` with a
     * version: then nothing is known of them.
     */
    NexusTextList missing_python_symbols;
    /**
     * The OpenMP run-time libraries among the needed libraries and in this process, with their paths, such as
     * `libgomp (/usr/lib/libgomp.so.1.0.0)`; two kinds of them in one process can abort or hang it.
     */
    NexusTextList openmp;
} NexusInspectionFacts;

/**
 * Tells what a file is: a Python module, a helper library, or nothing that can be loaded, and everything
 * that is wrong with it. Nothing of the file is run or mapped, and it is read only if it is a regular
 * file: a FIFO does not block, and a damaged file does no harm.
 *
 * It is judged for the Python that runs in this process; without one, for the Python that
 * `nexus_python_start(NULL, …)` would take; if there is none, whatever needs no Python version is judged
 * all the same. Needed libraries are looked for as the dynamic linker of this process would do it.
 *
 * `path`: a file of any name, in the platform's bytes.
 *
 * `inspection`: receives a handle that the caller frees with `nexus_inspection_free`. It is of this moment
 * and does not change when the file does.
 *
 * Returns `NEXUS_OK` also for a file that is missing, damaged or no file: the verdict is then
 * `NEXUS_VERDICT_HOPELESS`, with a detail code; `NEXUS_ERR_INVALID_ARGUMENT`: `path` or `inspection` is
 * NULL; `NEXUS_ERR_NO_MEMORY`: no free handle.
 *
 * Starts no Python. The first search for one may run interpreters as child processes, for ten seconds each
 * at most; `nexus_inspect_for` with a version does not.
 */
NEXUS_API
NexusStatus nexus_inspect(const char *path,
                          NexusInspection **inspection,
                          NexusError **error);

/**
 * Does the same as `nexus_inspect`, for another version of Python: so that a build machine can check what it
 * has built for each.
 *
 * `path`: as for `nexus_inspect`.
 *
 * `python_version`: `major << 16 | minor << 8`, such as 0x030c00 for 3.12; the last byte does not
 * matter, so a `NexusPythonInfo.version` will do. The build with the GIL on a machine and system like
 * this one is meant; what its libpython exports is not known, so missing Python functions are not told.
 * 0: as `nexus_inspect`.
 *
 * `inspection`: as for `nexus_inspect`.
 *
 * Returns the statuses of `nexus_inspect`; `NEXUS_ERR_INVALID_ARGUMENT` also for a number that is no version
 * of Python 3.
 */
NEXUS_API
NexusStatus nexus_inspect_for(const char *path,
                              uint32_t python_version,
                              NexusInspection **inspection,
                              NexusError **error);

/**
 * Tells what was found out about a file.
 *
 * `inspection`: what `nexus_inspect` gave.
 *
 * `facts`: its `struct_size` is set by the caller; all other fields are set to 0, and on success to the
 * facts, which the inspection owns.
 *
 * Returns `NEXUS_ERR_BAD_HANDLE`; `NEXUS_ERR_INVALID_ARGUMENT`: `facts` is NULL, or its `struct_size` is not
 * set.
 */
NEXUS_API
NexusStatus nexus_inspection_facts(const NexusInspection *inspection,
                                   NexusInspectionFacts *facts,
                                   NexusError **error);

/**
 * Gives everything as one text of several lines, for people.
 *
 * Returns UTF-8 that lives as long as the inspection; `""` for NULL or a freed inspection.
 */
NEXUS_API const char *nexus_inspection_report(const NexusInspection *inspection);

/**
 * Gives everything as one JSON object, for programs. Its fields have the names of `NexusInspectionFacts`, and
 * there are more of them, such as the whole tree of libraries; versions are texts such as `"3.12"`. What a
 * file does not tell is empty, 0 or false, and later versions may add fields.
 *
 * Returns UTF-8 that lives as long as the inspection; other bytes in paths become U+FFFD. `""` for NULL or a
 * freed inspection.
 */
NEXUS_API
const char *nexus_inspection_json(const NexusInspection *inspection);

/**
 * Frees an inspection, and with it the texts that came from it. NULL, or an inspection that is freed already,
 * does nothing.
 */
NEXUS_API
void nexus_inspection_free(NexusInspection *inspection);

/** @} */

/* ==== The log =================================================================================== */

/**
 * @defgroup nexus_log The log
 * @{
 */

/** The weight of a log line. 32 bits wide. */
typedef enum NexusLogLevel {
    /** Something that the host asked for did not work. */
    NEXUS_LOG_ERROR = 1,
    /** Something is odd; `Failed to load module …` is one of these. */
    NEXUS_LOG_WARNING = 2,
    /** What was chosen and loaded. */
    NEXUS_LOG_INFO = 3,
    /** What was searched, found and skipped, and why. */
    NEXUS_LOG_DEBUG = 4,
} NexusLogLevel;

/**
 * A function of the host that receives a line of the log.
 *
 * `level`: a `NexusLogLevel`. `text`: UTF-8, NUL-terminated, without a line end, valid during the call.
 * `user_data`: what the host gave to `nexus_log_set`.
 *
 * It is called on any thread, sometimes with the GIL held: it must not wait for another thread that calls
 * functions of this library.
 */
typedef void (*NexusLogCallback)(uint32_t level, const char *text, void *user_data);

/**
 * Says where the log goes, and how much of it. Until you call this, the log goes to stderr, and the
 * environment variable `NEXUS_LOG` (`error`, `warning`, `info`, `debug` or `off`) sets its level; without
 * the variable, that is `warning`.
 *
 * `callback`: receives each line; NULL: stderr. `user_data`: is handed to the callback; it must stay valid
 * until you have set another callback and the calls under way have ended. `level`: the lightest
 * `NexusLogLevel` that is logged, or 0 for silence; a larger number means `NEXUS_LOG_DEBUG`.
 */
NEXUS_API
void nexus_log_set(NexusLogCallback callback,
                   void *user_data,
                   uint32_t level);

/** @} */

/* ==== Detail codes ============================================================================== */

/**
 * @defgroup nexus_details Detail codes
 * @{
 */

/**
 * Detail codes: what exactly is wrong with a file, or went wrong with a module. Functions give them as
 * uint32_t. docs/details.md and nexus_detail_cause() have the cause and cure of each.
 */
typedef enum NexusDetail {
    /** Nothing to report. */
    NEXUS_DETAIL_NONE = 0,
    /** Not a regular file. */
    NEXUS_DETAIL_NOT_REGULAR_FILE = 101,
    /** The file cannot be read. */
    NEXUS_DETAIL_UNREADABLE = 102,
    /** The file is not there. */
    NEXUS_DETAIL_VANISHED = 103,
    /** The file is empty. */
    NEXUS_DETAIL_EMPTY = 104,
    /** The module name is too long. */
    NEXUS_DETAIL_NAME_TOO_LONG = 105,
    /** The file is too large. */
    NEXUS_DETAIL_TOO_LARGE = 106,
    /** Reading the file failed. */
    NEXUS_DETAIL_READ_FAILED = 107,
    /** The file changed while it was read. */
    NEXUS_DETAIL_CHANGED = 108,
    /** The symbolic link leads nowhere. */
    NEXUS_DETAIL_BROKEN_LINK = 109,
    /** The module name is not UTF-8. */
    NEXUS_DETAIL_NAME_NOT_UTF8 = 110,
    /** A text file, not a compiled module. */
    NEXUS_DETAIL_TEXT_FILE = 201,
    /** No known executable format. */
    NEXUS_DETAIL_UNKNOWN_FORMAT = 202,
    /** The file is cut off. */
    NEXUS_DETAIL_TRUNCATED = 203,
    /** The file header is damaged. */
    NEXUS_DETAIL_BAD_HEADER = 204,
    /** The segment table is damaged. */
    NEXUS_DETAIL_BAD_SEGMENTS = 205,
    /** The dynamic section is damaged. */
    NEXUS_DETAIL_BAD_DYNAMIC = 206,
    /** The string table is damaged. */
    NEXUS_DETAIL_BAD_STRINGS = 207,
    /** The symbol table is damaged. */
    NEXUS_DETAIL_BAD_SYMBOLS = 208,
    /** A relocation table is damaged. */
    NEXUS_DETAIL_BAD_RELOCATIONS = 209,
    /** The table of constructors is damaged. */
    NEXUS_DETAIL_BAD_INITIALIZERS = 210,
    /** The symbol version tables are damaged. */
    NEXUS_DETAIL_BAD_VERSIONS = 211,
    /** The word size contradicts the machine. */
    NEXUS_DETAIL_WRONG_CLASS = 212,
    /** The symbol hash table is damaged. */
    NEXUS_DETAIL_BAD_HASH_TABLE = 213,
    /** The thread-local segment is damaged. */
    NEXUS_DETAIL_BAD_TLS = 214,
    /** A section lies outside the file. */
    NEXUS_DETAIL_BAD_SECTIONS = 215,
    /** The file holds only zero bytes. */
    NEXUS_DETAIL_ZERO_FILLED = 216,
    /** Separate debug information, no code. */
    NEXUS_DETAIL_DEBUG_INFORMATION_ONLY = 217,
    /** The import or export table is damaged. */
    NEXUS_DETAIL_BAD_IMPORTS = 218,
    /** Built for another machine. */
    NEXUS_DETAIL_MACHINE = 301,
    /** Built for another word size. */
    NEXUS_DETAIL_BITS = 302,
    /** Built for another operating system. */
    NEXUS_DETAIL_PLATFORM = 303,
    /** Built for another C library. */
    NEXUS_DETAIL_C_LIBRARY = 304,
    /** Built for another version of Python. */
    NEXUS_DETAIL_PYTHON_VERSION = 305,
    /** Built for free-threaded Python. */
    NEXUS_DETAIL_FREE_THREADED = 306,
    /** Not built for free-threaded Python. */
    NEXUS_DETAIL_NOT_FREE_THREADED = 307,
    /** Built for a debug build of Python. */
    NEXUS_DETAIL_DEBUG_PYTHON = 308,
    /** Built for another implementation of Python. */
    NEXUS_DETAIL_IMPLEMENTATION = 309,
    /** A stable ABI that this Python does not have. */
    NEXUS_DETAIL_STABLE_ABI = 310,
    /** The file name contradicts the contents. */
    NEXUS_DETAIL_TAG_DISAGREES = 311,
    /** A shared library, not a Python module. */
    NEXUS_DETAIL_HELPER_LIBRARY = 401,
    /** An executable program. */
    NEXUS_DETAIL_EXECUTABLE = 402,
    /** An object file that was not linked. */
    NEXUS_DETAIL_OBJECT_FILE = 403,
    /** A static library. */
    NEXUS_DETAIL_STATIC_ARCHIVE = 404,
    /** No PyInit function is exported. */
    NEXUS_DETAIL_NO_INIT_SYMBOL = 405,
    /** The file name is not the module's name. */
    NEXUS_DETAIL_INIT_SYMBOL_NAME = 406,
    /** A Python interpreter library. */
    NEXUS_DETAIL_IS_LIBPYTHON = 407,
    /** A core dump. */
    NEXUS_DETAIL_CORE_DUMP = 408,
    /** A text file for the linker. */
    NEXUS_DETAIL_LINKER_SCRIPT = 409,
    /** A needed library is missing. */
    NEXUS_DETAIL_MISSING_LIBRARY = 501,
    /** A needed library is for another machine. */
    NEXUS_DETAIL_LIBRARY_OF_OTHER_MACHINE = 502,
    /** The system's C library is too old. */
    NEXUS_DETAIL_GLIBC_TOO_OLD = 503,
    /** The C++ run-time library is too old. */
    NEXUS_DETAIL_GLIBCXX_TOO_OLD = 504,
    /** Python functions that this Python does not have. */
    NEXUS_DETAIL_MISSING_PYTHON_SYMBOL = 505,
    /** No room for static thread-local storage. */
    NEXUS_DETAIL_STATIC_TLS = 506,
    /** Two OpenMP run-time libraries. */
    NEXUS_DETAIL_TWO_OPENMP_RUNTIMES = 507,
    /** A needed library is damaged. */
    NEXUS_DETAIL_DAMAGED_LIBRARY = 508,
    /** A needed library is too old. */
    NEXUS_DETAIL_LIBRARY_TOO_OLD = 509,
    /** It would bring a second libpython. */
    NEXUS_DETAIL_SECOND_LIBPYTHON = 510,
    /** A needed library lacks a function. */
    NEXUS_DETAIL_MISSING_FUNCTION = 511,
    /** The operating system is too old. */
    NEXUS_DETAIL_SYSTEM_TOO_OLD = 512,
    /** It has no code signature. */
    NEXUS_DETAIL_NOT_SIGNED = 513,
    /** The dynamic linker refused the file. */
    NEXUS_DETAIL_DLOPEN_FAILED = 601,
    /** The module's init raised an exception. */
    NEXUS_DETAIL_INIT_RAISED = 602,
    /** The init function did not return a module. */
    NEXUS_DETAIL_INIT_NOT_A_MODULE = 603,
    /** The init function failed without an exception. */
    NEXUS_DETAIL_INIT_RETURNED_NULL = 604,
    /** A module that it imports is not installed. */
    NEXUS_DETAIL_IMPORT_NOT_FOUND = 605,
    /** The package around it failed to import. */
    NEXUS_DETAIL_PACKAGE_FAILED = 606,
    /** The module tried to exit. */
    NEXUS_DETAIL_SYSTEM_EXIT = 607,
    /** The import was interrupted. */
    NEXUS_DETAIL_KEYBOARD_INTERRUPT = 608,
    /** The name belongs to the standard library. */
    NEXUS_DETAIL_STANDARD_LIBRARY_NAME = 609,
    /** Several modules have this name. */
    NEXUS_DETAIL_AMBIGUOUS_NAME = 610,
    /** Memory ran out during init. */
    NEXUS_DETAIL_OUT_OF_MEMORY = 611,
    /** No file of that name. */
    NEXUS_DETAIL_NOT_FOUND = 612,
    /** A C++ exception left the init function. */
    NEXUS_DETAIL_NATIVE_EXCEPTION = 613,
    /** The trial process was killed by a signal. */
    NEXUS_DETAIL_TRIAL_SIGNAL = 701,
    /** The trial process exited during the import. */
    NEXUS_DETAIL_TRIAL_EXIT = 702,
    /** The trial did not end in time. */
    NEXUS_DETAIL_TRIAL_HANG = 703,
    /** The trial process could not be started. */
    NEXUS_DETAIL_TRIAL_NOT_STARTED = 704,
    /** The trial process broke the connection. */
    NEXUS_DETAIL_TRIAL_LOST = 705,
    /** Not on the allow-list. */
    NEXUS_DETAIL_NOT_ON_ALLOW_LIST = 801,
    /** The contents differ from the allow-list. */
    NEXUS_DETAIL_HASH_DIFFERS = 802,
    /** The host's filter said no. */
    NEXUS_DETAIL_FILTERED = 803,
    /** Cancelled before its turn. */
    NEXUS_DETAIL_CANCELLED = 804,
    /** A link leads out of the directory. */
    NEXUS_DETAIL_OUTSIDE_DIRECTORY = 806,
    /** Others may write the directory. */
    NEXUS_DETAIL_WRITABLE_DIRECTORY = 807,
    /** Another file of the same module is preferred. */
    NEXUS_DETAIL_SHADOWED = 808,
    /** Not asked for. */
    NEXUS_DETAIL_NOT_REQUESTED = 809,
    /** The file belongs to another user. */
    NEXUS_DETAIL_UNTRUSTED_OWNER = 810,
    /** Loaded before without the list. */
    NEXUS_DETAIL_NOT_VERIFIED = 811,
} NexusDetail;

/**
 * Gives the name of a detail code.
 *
 * `detail`: any number.
 *
 * Returns text such as `"TRUNCATED"` for 203, which is never NULL and lives for ever; `""` for 0 and for a
 * number that is no detail code.
 */
NEXUS_API
const char *nexus_detail_name(uint32_t detail);

/**
 * Tells what a detail code means, in a few words.
 *
 * `detail`: any number.
 *
 * Returns UTF-8 such as `"the file is cut off"`, as `nexus_detail_name` does.
 */
NEXUS_API const char *nexus_detail_meaning(uint32_t detail);

/**
 * Tells how it comes about, in one or two sentences.
 *
 * `detail`: any number.
 *
 * Returns UTF-8, as `nexus_detail_name` does.
 */
NEXUS_API const char *nexus_detail_cause(uint32_t detail);

/**
 * Tells what to do about it, in one or two sentences.
 *
 * `detail`: any number.
 *
 * Returns UTF-8, as `nexus_detail_name` does.
 */
NEXUS_API const char *nexus_detail_cure(uint32_t detail);

/** Returns how many detail codes this library knows. */
NEXUS_API size_t nexus_details_count(void);

/**
 * Gives the detail codes one by one, in ascending order.
 *
 * `index`: from 0 to below `nexus_details_count`.
 *
 * Returns the detail code at that index; 0 past the end.
 */
NEXUS_API uint32_t nexus_detail_at(size_t index);

/** @} */

#ifdef __cplusplus
}
#endif

#endif /* NEXUS_LOADER_H */
