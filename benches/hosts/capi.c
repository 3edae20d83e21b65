/* The raw C API, written by hand as its documentation recommends: what every wrapper is measured against. */
#include "callables.h"

#include "contestant.h"

#include <dirent.h>
#include <string.h>

static Callables callee;
static PyObject *modules; /* name to module, as the Python class keeps them */
static const char *const *names;
static size_t name_count;
static double *doubles;

/* ---- The calls, with a cached callable and no tuple (PEP 590); holding the GIL ------------------------- */

static inline int vectorcall_none(size_t i)
{
    (void)i;
    PyObject *stack[1] = {NULL};
    PyObject *result = PyObject_Vectorcall(callee.nothing, stack + 1, PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    if (!result) return -1;
    int wrong = result != Py_None;
    Py_DECREF(result);
    return wrong;
}

static inline int vectorcall_longs(long long a, long long b)
{
    PyObject *stack[3] = {NULL, PyLong_FromLongLong(a), NULL};
    if (!stack[1]) return -1;
    stack[2] = PyLong_FromLongLong(b);
    if (!stack[2]) {
        Py_DECREF(stack[1]);
        return -1;
    }
    PyObject *result = PyObject_Vectorcall(callee.add, stack + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    Py_DECREF(stack[1]);
    Py_DECREF(stack[2]);
    if (!result) return -1;
    long long sum = PyLong_AsLongLong(result);
    if (sum == -1 && PyErr_Occurred()) {
        Py_DECREF(result);
        return -1;
    }
    Py_DECREF(result);
    return sum != a + b;
}

static inline int vectorcall_ints(size_t i) { return vectorcall_longs(SMALL_A(i), SMALL_B(i)); }
static inline int vectorcall_big_ints(size_t i) { return vectorcall_longs(BIG_A(i), BIG_B(i)); }

static inline int vectorcall_reals(size_t i)
{
    PyObject *stack[3] = {NULL, PyFloat_FromDouble(REAL_A(i)), NULL};
    if (!stack[1]) return -1;
    stack[2] = PyFloat_FromDouble(REAL_B(i));
    if (!stack[2]) {
        Py_DECREF(stack[1]);
        return -1;
    }
    PyObject *result = PyObject_Vectorcall(callee.add_reals, stack + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    Py_DECREF(stack[1]);
    Py_DECREF(stack[2]);
    if (!result) return -1;
    double sum = PyFloat_AsDouble(result);
    if (sum == -1.0 && PyErr_Occurred()) {
        Py_DECREF(result);
        return -1;
    }
    Py_DECREF(result);
    return sum != REAL_A(i) + REAL_B(i);
}

static inline PyObject *vectorcall_one(PyObject *function, PyObject *argument)
{
    PyObject *stack[2] = {NULL, argument};
    if (!argument) return NULL;
    PyObject *result = PyObject_Vectorcall(function, stack + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    Py_DECREF(argument);
    return result;
}

static inline int vectorcall_text(size_t i)
{
    (void)i;
    PyObject *result = vectorcall_one(callee.length, PyUnicode_DecodeUTF8(TEXT_32, sizeof TEXT_32 - 1, NULL));
    if (!result) return -1;
    long long size = PyLong_AsLongLong(result);
    Py_DECREF(result);
    return size != (long long)sizeof TEXT_32 - 1;
}

static inline int vectorcall_text_back(size_t i)
{
    (void)i;
    PyObject *result = vectorcall_one(callee.again, PyUnicode_DecodeUTF8(TEXT_32, sizeof TEXT_32 - 1, NULL));
    if (!result) return -1;
    Py_ssize_t size;
    const char *data = PyUnicode_AsUTF8AndSize(result, &size);
    int wrong = !data || size != (Py_ssize_t)sizeof TEXT_32 - 1 || memcmp(data, TEXT_32, (size_t)size) != 0;
    Py_DECREF(result);
    return wrong;
}

static inline int vectorcall_buffer(size_t count)
{
    PyObject *view = PyMemoryView_FromMemory((char *)doubles, (Py_ssize_t)(count * sizeof *doubles), PyBUF_READ);
    PyObject *result = vectorcall_one(callee.ends, view);
    if (!result) return -1;
    double sum = PyFloat_AsDouble(result);
    Py_DECREF(result);
    return sum != doubles[0] + doubles[count - 1];
}

static inline int vectorcall_few_doubles(size_t i) { return (void)i, vectorcall_buffer(FEW_DOUBLES); }
static inline int vectorcall_doubles(size_t i) { return (void)i, vectorcall_buffer(DOUBLES); }

/* ---- The same by name, with a format string: the first thing that tutorials show ----------------------- */

static inline int by_name_none(size_t i)
{
    (void)i;
    PyObject *result = PyObject_CallMethod(callee.module, "nothing", NULL);
    if (!result) return -1;
    Py_DECREF(result);
    return 0;
}

static inline int by_name_longs(long long a, long long b)
{
    PyObject *result = PyObject_CallMethod(callee.module, "add", "LL", a, b);
    if (!result) return -1;
    long long sum = PyLong_AsLongLong(result);
    Py_DECREF(result);
    return sum != a + b;
}

static inline int by_name_ints(size_t i) { return by_name_longs(SMALL_A(i), SMALL_B(i)); }
static inline int by_name_big_ints(size_t i) { return by_name_longs(BIG_A(i), BIG_B(i)); }

static inline int by_name_reals(size_t i)
{
    PyObject *result = PyObject_CallMethod(callee.module, "add_reals", "dd", REAL_A(i), REAL_B(i));
    if (!result) return -1;
    double sum = PyFloat_AsDouble(result);
    Py_DECREF(result);
    return sum != REAL_A(i) + REAL_B(i);
}

static inline int by_name_text(size_t i)
{
    (void)i;
    PyObject *result = PyObject_CallMethod(callee.module, "length", "s#", TEXT_32, (Py_ssize_t)sizeof TEXT_32 - 1);
    if (!result) return -1;
    long long size = PyLong_AsLongLong(result);
    Py_DECREF(result);
    return size != (long long)sizeof TEXT_32 - 1;
}

/* ---- Lookups ------------------------------------------------------------------------------------------- */

static inline int lookup_contains(size_t i) { return !PyDict_GetItemString(modules, names[i % name_count]); }

static inline int lookup_get(size_t i)
{
    PyObject *module = PyDict_GetItemString(modules, names[i % name_count]);
    if (!module) return -1;
    Py_INCREF(module);
    Py_DECREF(module);
    return 0;
}

/* ---- Each with the GIL held, and taken for each call or for 100 ---------------------------------------- */

#define WAYS_OF(call)                                                                                        \
    static int call##_attached(size_t count)                                                                 \
    {                                                                                                        \
        int wrong = 0;                                                                                       \
        PyGILState_STATE state = PyGILState_Ensure();                                                        \
        for (size_t i = 0; i < count; i++) wrong |= call(i);                                                 \
        PyGILState_Release(state);                                                                           \
        return wrong;                                                                                        \
    }                                                                                                        \
    static int call##_per_call(size_t count)                                                                 \
    {                                                                                                        \
        int wrong = 0;                                                                                       \
        for (size_t i = 0; i < count; i++) {                                                                 \
            PyGILState_STATE state = PyGILState_Ensure();                                                    \
            wrong |= call(i);                                                                                \
            PyGILState_Release(state);                                                                       \
        }                                                                                                    \
        return wrong;                                                                                        \
    }

WAYS_OF(vectorcall_none)
WAYS_OF(vectorcall_ints)
WAYS_OF(vectorcall_big_ints)
WAYS_OF(vectorcall_reals)
WAYS_OF(vectorcall_text)
WAYS_OF(vectorcall_text_back)
WAYS_OF(vectorcall_few_doubles)
WAYS_OF(vectorcall_doubles)
WAYS_OF(by_name_none)
WAYS_OF(by_name_ints)
WAYS_OF(by_name_big_ints)
WAYS_OF(by_name_reals)
WAYS_OF(by_name_text)
WAYS_OF(lookup_contains)
WAYS_OF(lookup_get)

static int vectorcall_ints_batch(size_t count)
{
    int wrong = 0;
    for (size_t i = 0; i < count;) {
        PyGILState_STATE state = PyGILState_Ensure();
        for (size_t end = i + 100; i < end && i < count; i++) wrong |= vectorcall_ints(i);
        PyGILState_Release(state);
    }
    return wrong;
}

#define VECTORCALL "C API, vectorcall"
#define BY_NAME "C API, CallMethod by name"
#define DICT "C API, PyDict_GetItemString"

static const Way ways[] = {
    BOTH(VECTORCALL, WHAT_NONE, vectorcall_none),
    BOTH(VECTORCALL, WHAT_INTS, vectorcall_ints),
    BOTH(VECTORCALL, WHAT_BIG_INTS, vectorcall_big_ints),
    BOTH(VECTORCALL, WHAT_REALS, vectorcall_reals),
    BOTH(VECTORCALL, WHAT_TEXT, vectorcall_text),
    BOTH(VECTORCALL, WHAT_TEXT_BACK, vectorcall_text_back),
    BOTH(VECTORCALL, WHAT_FEW_DOUBLES, vectorcall_few_doubles),
    BOTH(VECTORCALL, WHAT_DOUBLES, vectorcall_doubles),
    {VECTORCALL, HOW_BATCH, WHAT_INTS, vectorcall_ints_batch},
    BOTH(BY_NAME, WHAT_NONE, by_name_none),
    BOTH(BY_NAME, WHAT_INTS, by_name_ints),
    BOTH(BY_NAME, WHAT_BIG_INTS, by_name_big_ints),
    BOTH(BY_NAME, WHAT_REALS, by_name_reals),
    BOTH(BY_NAME, WHAT_TEXT, by_name_text),
    BOTH(DICT, WHAT_CONTAINS, lookup_contains),
    BOTH(DICT, WHAT_GET, lookup_get),
    {NULL, NULL, NULL, NULL},
};

/* ---- Start, preparation, loading ----------------------------------------------------------------------- */

static int start(const char *python, int site)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = site;
    PyStatus status = PyConfig_SetBytesString(&config, &config.program_name, python);
    if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) return -1;
    PyEval_SaveThread();
    return 0;
}

static int prepare_held(const Setup *setup)
{
    if (get_callables(&callee) < 0) return -1;
    doubles = setup->doubles;
    names = setup->names;
    name_count = setup->name_count;
    modules = PyDict_New();
    PyObject *loaded = PyImport_GetModuleDict();
    if (!modules || !loaded) return -1;
    for (size_t i = 0; i < name_count; i++) {
        PyObject *module = PyDict_GetItemString(loaded, names[i]);
        if (!module || PyDict_SetItemString(modules, names[i], module) < 0) return -1;
    }
    return 0;
}

static int prepare(const Setup *setup)
{
    PyGILState_STATE state = PyGILState_Ensure();
    int failed = prepare_held(setup);
    if (PyErr_Occurred()) PyErr_Print();
    PyGILState_Release(state);
    return failed;
}

/* The folder on `sys.path`, and an import of each name. */
static long load_held(const char *folder)
{
    PyObject *path = PySys_GetObject("path");
    PyObject *text = PyUnicode_DecodeFSDefault(folder);
    if (!path || !text || PyList_Append(path, text) < 0) return -1;
    Py_DECREF(text);
    DIR *directory = opendir(folder);
    if (!directory) return -1;
    long loaded = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        const char *suffix = strchr(entry->d_name, '.');
        if (!suffix || suffix == entry->d_name || strcmp(suffix, ".so") != 0) continue;
        char name[256];
        memcpy(name, entry->d_name, (size_t)(suffix - entry->d_name));
        name[suffix - entry->d_name] = '\0';
        PyObject *module = PyImport_ImportModule(name);
        if (module) loaded++;
        else PyErr_Print();
    }
    closedir(directory);
    return loaded;
}

static long load(const char *folder, int lazy)
{
    (void)lazy;
    PyGILState_STATE state = PyGILState_Ensure();
    long loaded = load_held(folder);
    PyGILState_Release(state);
    return loaded;
}

const Contestant *contestant(void)
{
    static const Contestant self = {"C API", start, prepare, load, ways};
    return &self;
}
