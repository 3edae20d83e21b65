/* The callables of callee.so for the contestants that are written against Python's own API. */
#ifndef BENCH_CALLABLES_H
#define BENCH_CALLABLES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

typedef struct Callables {
    PyObject *module, *nothing, *add, *add_reals, *length, *again, *ends;
} Callables;

/* Holding the GIL. The driver has loaded callee.so already. */
static inline int get_callables(Callables *callables)
{
    PyObject *module = PyImport_ImportModule("callee");
    if (!module) return -1;
    callables->module = module;
    callables->nothing = PyObject_GetAttrString(module, "nothing");
    callables->add = PyObject_GetAttrString(module, "add");
    callables->add_reals = PyObject_GetAttrString(module, "add_reals");
    callables->length = PyObject_GetAttrString(module, "length");
    callables->again = PyObject_GetAttrString(module, "again");
    callables->ends = PyObject_GetAttrString(module, "ends");
    return PyErr_Occurred() ? -1 : 0;
}

#endif
