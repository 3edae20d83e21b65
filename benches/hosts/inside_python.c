/* Python code that calls the same functions in a loop: what the calls cost without any border. */
#include "callables.h"

#include "contestant.h"

#include <stdio.h>
#include <stdlib.h>

static Callables callee;
static PyObject *loops;

static int run(const char *loop, PyObject *function, size_t count)
{
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *result = PyObject_CallMethod(loops, loop, "On", function, (Py_ssize_t)count);
    if (!result) PyErr_Print();
    Py_XDECREF(result);
    PyGILState_Release(state);
    return !result;
}

static int none(size_t count) { return run("nothing", callee.nothing, count); }
static int ints(size_t count) { return run("add", callee.add, count); }
static int big_ints(size_t count) { return run("add_big", callee.add, count); }
static int reals(size_t count) { return run("add_reals", callee.add_reals, count); }
static int text(size_t count) { return run("text", callee.length, count); }
static int text_back(size_t count) { return run("text", callee.again, count); }

#define NAME "inside Python, a loop"
static const Way ways[] = {
    {NAME, HOW_ATTACHED, WHAT_NONE, none},           {NAME, HOW_ATTACHED, WHAT_INTS, ints},
    {NAME, HOW_ATTACHED, WHAT_BIG_INTS, big_ints},   {NAME, HOW_ATTACHED, WHAT_REALS, reals},
    {NAME, HOW_ATTACHED, WHAT_TEXT, text},           {NAME, HOW_ATTACHED, WHAT_TEXT_BACK, text_back},
    {NULL, NULL, NULL, NULL},
};

/* BENCH_LOOPS: the path of loops.py, a macro of the build. */
static int prepare(const Setup *setup)
{
    (void)setup;
    static char source[1 << 16];
    FILE *file = fopen(BENCH_LOOPS, "r");
    if (!file) return -1;
    source[fread(source, 1, sizeof source - 1, file)] = '\0';
    fclose(file);
    PyGILState_STATE state = PyGILState_Ensure();
    int failed = get_callables(&callee);
    PyObject *code = failed ? NULL : Py_CompileString(source, BENCH_LOOPS, Py_file_input);
    loops = code ? PyImport_ExecCodeModule("bench_loops", code) : NULL;
    Py_XDECREF(code);
    if (!loops) PyErr_Print();
    PyGILState_Release(state);
    return loops ? 0 : -1;
}

const Contestant *contestant(void)
{
    static const Contestant self = {"inside Python", NULL, prepare, NULL, ways};
    return &self;
}
