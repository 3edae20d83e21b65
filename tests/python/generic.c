/* A module with the functions that the snippets of the Python class's documentation call. */
#include "../fixtures/module.h"

static PyObject *some_function(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    return PyLong_FromLong(42);
}

static PyMethodDef methods[] = {
    {"some_function", some_function, METH_NOARGS, "some_function() -> 42"},
    {"do_work", some_function, METH_NOARGS, "do_work() -> 42"},
    {"cleanup", some_function, METH_NOARGS, "cleanup() -> 42"},
    {NULL, NULL, 0, NULL},
};

static int fill(PyObject *module) {
    (void)module;
    return 0;
}

DEFINE_MODULE(methods, fill)
