/* The module whose functions every contestant calls: they do next to nothing, so that what is measured is the
 * way to them. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *nothing(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    Py_RETURN_NONE;
}

static int exactly(Py_ssize_t count, Py_ssize_t wanted)
{
    if (count == wanted) return 1;
    PyErr_Format(PyExc_TypeError, "takes %zd arguments, got %zd", wanted, count);
    return 0;
}

static PyObject *add(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    (void)self;
    if (!exactly(count, 2)) return NULL;
    long long a = PyLong_AsLongLong(args[0]);
    if (a == -1 && PyErr_Occurred()) return NULL;
    long long b = PyLong_AsLongLong(args[1]);
    if (b == -1 && PyErr_Occurred()) return NULL;
    return PyLong_FromLongLong(a + b);
}

static PyObject *add_reals(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    (void)self;
    if (!exactly(count, 2)) return NULL;
    double a = PyFloat_AsDouble(args[0]);
    if (a == -1.0 && PyErr_Occurred()) return NULL;
    double b = PyFloat_AsDouble(args[1]);
    if (b == -1.0 && PyErr_Occurred()) return NULL;
    return PyFloat_FromDouble(a + b);
}

static PyObject *length(PyObject *self, PyObject *text)
{
    (void)self;
    Py_ssize_t size = PyUnicode_GetLength(text);
    return size < 0 ? NULL : PyLong_FromSsize_t(size);
}

/* A new string each time, as most functions make one. */
static PyObject *again(PyObject *self, PyObject *text)
{
    (void)self;
    Py_ssize_t size;
    const char *data = PyUnicode_AsUTF8AndSize(text, &size);
    return data ? PyUnicode_DecodeUTF8(data, size, NULL) : NULL;
}

/* First and last number: what handing the buffer over costs, whatever its size. */
static PyObject *ends(PyObject *self, PyObject *object)
{
    (void)self;
    Py_buffer view;
    if (PyObject_GetBuffer(object, &view, PyBUF_CONTIG_RO) < 0) return NULL;
    const double *numbers = view.buf;
    Py_ssize_t count = view.len / (Py_ssize_t)sizeof(double);
    double sum = count ? numbers[0] + numbers[count - 1] : 0;
    PyBuffer_Release(&view);
    return PyFloat_FromDouble(sum);
}

static PyMethodDef methods[] = {
    {"nothing", nothing, METH_NOARGS, NULL},
    {"add", (PyCFunction)(void (*)(void))add, METH_FASTCALL, NULL},
    {"add_reals", (PyCFunction)(void (*)(void))add_reals, METH_FASTCALL, NULL},
    {"length", length, METH_O, NULL},
    {"again", again, METH_O, NULL},
    {"ends", ends, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};
static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "callee", .m_size = 0, .m_methods = methods, .m_slots = slots};

PyMODINIT_FUNC PyInit_callee(void) { return PyModuleDef_Init(&definition); }
