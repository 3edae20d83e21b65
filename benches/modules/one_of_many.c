/* One of the 1,000 modules that are loaded. NUMBER is its own, with four digits. */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000 /* one build serves every Python */
#include <Python.h>

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define QUOTE2(a) #a
#define QUOTE(a) QUOTE2(a)
#define NAME JOIN(many_, NUMBER)

static PyObject *number(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    return PyLong_FromString(QUOTE(NUMBER), NULL, 36);
}

static PyObject *twice(PyObject *self, PyObject *argument)
{
    (void)self;
    return PyNumber_Add(argument, argument);
}

static PyObject *refuse(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    PyErr_SetString(PyExc_ValueError, "module " QUOTE(NAME) " refuses");
    return NULL;
}

static PyMethodDef methods[] = {
    {"number", number, METH_NOARGS, "The number of this module."},
    {"twice", twice, METH_O, "An object added to itself."},
    {"refuse", refuse, METH_NOARGS, "Raises ValueError."},
    {NULL, NULL, 0, NULL},
};

static int fill(PyObject *module) { return PyModule_AddIntConstant(module, "version", 1); }

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)fill}, {0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = QUOTE(NAME), .m_size = 0,
                                 .m_methods = methods, .m_slots = slots};

PyMODINIT_FUNC JOIN(PyInit_, NAME)(void) { return PyModuleDef_Init(&definition); }
