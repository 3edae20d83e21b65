/* A host that is linked with a libpython of its own: built for each Python. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "nexus_check.h"

#include <signal.h>

/* As an embedding program does; leaves the GIL with this thread. */
static void host_starts_python(int install_signal_handlers) {
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    config.install_signal_handlers = install_signal_handlers;
    PyStatus status = PyConfig_SetBytesString(&config, &config.program_name, setting("NEXUS_TEST_EXECUTABLE"));
    char *argv[] = {"the-host", "its-argument"};
    config.parse_argv = 0;
    if (!PyStatus_Exception(status)) status = PyConfig_SetBytesArgv(&config, 2, argv);
    if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
    if (PyStatus_Exception(status)) FAIL("the host's own start: %s", status.err_msg);
    PyConfig_Clear(&config);
}

static NexusPythonInfo check_info(int owned) {
    NexusPythonInfo info = {.struct_size = sizeof info};
    CHECK_OK(nexus_python_info(&info, &error));
    CHECK_NUMBER(info.owned, owned);
    CHECK_NUMBER(info.version, Py_Version >> 8);
    CHECK_TEXT(info.version_text, Py_GetVersion());
    CHECK(info.reason[0] != '\0');
    return info;
}

static void use_fixtures(void) {
    NexusObject *values = module_of("values");
    NexusValue args[] = {nexus_value_integer(40), nexus_value_integer(2)};
    CHECK_NUMBER(integer_of(call(values, "add", args, 2)), 42);
    NexusValue text = text_value("raised"), result;
    CHECK_REFUSED(nexus_object_call_method(values, "raise_value_error", &text, 1, &result, &error),
                  NEXUS_ERR_EXCEPTION);
    run_python("import json, math, array, subprocess");
    nexus_object_free(values);
}

static void *uses_fixtures(void *unused) {
    use_fixtures();
    return unused;
}

static void in_thread(void *(*run)(void *)) {
    on_threads(1, run, NULL);
}

CASE(started_by_the_host) {
    host_starts_python(1);
    PyThreadState *state = PyEval_SaveThread();
    use_fixtures();
    check_info(0);
    CHECK_PYTHON("__import__('sys').argv == ['the-host', 'its-argument']");
    in_thread(uses_fixtures);
    PyEval_RestoreThread(state);
    CHECK(PyGILState_Check());
    CHECK(PyRun_SimpleString("assert 1 + 1 == 2") == 0);
    CHECK(Py_FinalizeEx() == 0);
}

/* The host's own Python code finds the loaders that the host has opened. */
CASE(python_code_sees_the_loaders) {
    host_starts_python(1);
    NexusLoader *loader = open_all("values");
    CHECK(PyRun_SimpleString("import nexus_loader\n"
                             "loader, = nexus_loader.loaders()\n"
                             "assert loader['values'].add(40, 2) == 42\n"
                             "assert nexus_loader.NexusLoader(str(loader.bin_path))['values'] is loader['values']\n") == 0);
    nexus_loader_free(loader);
    CHECK(PyRun_SimpleString("assert nexus_loader.loaders() == []\n"
                             "try:\n"
                             "    loader['values']\n"
                             "except RuntimeError as error:\n"
                             "    assert 'this loader is closed' in str(error)\n"
                             "else:\n"
                             "    raise AssertionError\n") == 0);
    CHECK(Py_FinalizeEx() == 0);
}

/* The calling thread holds the GIL, and still does afterwards, with the same thread state. */
CASE(host_holds_the_gil) {
    host_starts_python(1);
    PyThreadState *state = PyThreadState_Get();
    CHECK_OK(nexus_python_start(NULL, &error));
    CHECK(PyGILState_Check() && PyThreadState_Get() == state);
    use_fixtures();
    CHECK(PyGILState_Check() && PyThreadState_Get() == state);
    CHECK_OK(nexus_python_attach(&error));
    CHECK(PyGILState_Check());
    CHECK_OK(nexus_python_detach(&error));
    CHECK(PyGILState_Check() && PyThreadState_Get() == state);
    check_info(0);
    CHECK(PyRun_SimpleString("assert 1 + 1 == 2") == 0);
    /* Now and then without it. */
    Py_BEGIN_ALLOW_THREADS
    use_fixtures();
    in_thread(uses_fixtures);
    Py_END_ALLOW_THREADS
    CHECK(PyGILState_Check() && PyThreadState_Get() == state);
    CHECK(Py_FinalizeEx() == 0);
}

/* An exception that the host has pending is not ours to lose. */
CASE(host_has_an_exception_pending) {
    host_starts_python(1);
    use_fixtures();
    PyErr_SetString(PyExc_LookupError, "the host's own");
    NexusPythonInfo info = {.struct_size = sizeof info};
    CHECK_OK(nexus_python_info(&info, &error));
    NexusLoader *loader = NULL;
    NexusStatus status = nexus_loader_new(fixture("values"), NULL, 0, &loader, &error);
    CHECK_SEEN(status == NEXUS_OK, "%s", nexus_error_message(error));
    nexus_loader_free(loader);
    CHECK(PyErr_ExceptionMatches(PyExc_LookupError));
    PyErr_Clear();
    CHECK(Py_FinalizeEx() == 0);
}

static void *with_a_state_of_its_own(void *unused) {
    PyGILState_STATE state = PyGILState_Ensure();
    use_fixtures();
    CHECK(PyGILState_Check());
    PyGILState_Release(state);
    use_fixtures();
    state = PyGILState_Ensure();
    CHECK(PyRun_SimpleString("assert 1 + 1 == 2") == 0);
    PyGILState_Release(state);
    return unused;
}

CASE(host_thread_with_a_state_of_its_own) {
    host_starts_python(1);
    PyThreadState *state = PyEval_SaveThread();
    in_thread(with_a_state_of_its_own);
    with_a_state_of_its_own(NULL);
    PyEval_RestoreThread(state);
    CHECK(Py_FinalizeEx() == 0);
}

/* Called from Python code of the host, through a function of the host's. */
static PyObject *called_from_python(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    use_fixtures();
    CHECK(PyGILState_Check());
    return PyLong_FromLong(42);
}

CASE(called_from_the_hosts_python_code) {
    host_starts_python(1);
    static PyMethodDef method = {"call", called_from_python, METH_NOARGS, NULL};
    PyObject *function = PyCFunction_New(&method, NULL), *main = PyImport_AddModule("__main__");
    CHECK(function && main && PyObject_SetAttrString(main, "call", function) == 0);
    Py_DECREF(function);
    CHECK(PyRun_SimpleString("assert call() == 42\n"
                             "import threading\n"
                             "threads = [threading.Thread(target=call) for _ in range(4)]\n"
                             "for thread in threads: thread.start()\n"
                             "for thread in threads: thread.join()\n") == 0);
    CHECK(Py_FinalizeEx() == 0);
}

/* The host's signal handlers, argv and standard streams are as it left them. */
CASE(nothing_of_the_hosts_is_touched) {
    host_starts_python(1);
    CHECK(PyRun_SimpleString("import signal, sys, io\n"
                             "handler = signal.getsignal(signal.SIGINT)\n"
                             "assert handler is signal.default_int_handler\n"
                             "sys.stdout = own = io.StringIO()\n"
                             "before = sys.executable, sys.prefix, list(sys.path), sys.argv\n") == 0);
    struct sigaction before, after;
    CHECK(sigaction(SIGINT, NULL, &before) == 0);
    Py_BEGIN_ALLOW_THREADS
    use_fixtures();
    Py_END_ALLOW_THREADS
    CHECK(sigaction(SIGINT, NULL, &after) == 0);
    CHECK(before.sa_handler == after.sa_handler && before.sa_flags == after.sa_flags);
    CHECK(PyRun_SimpleString("assert signal.getsignal(signal.SIGINT) is handler\n"
                             "assert sys.stdout is own and own.getvalue() == ''\n"
                             "assert before == (sys.executable, sys.prefix, list(sys.path), sys.argv)\n") == 0);
    CHECK(Py_FinalizeEx() == 0);
}

/* The host asks for another Python than the one that it has started. */
CASE(host_asks_for_another_python) {
    host_starts_python(1);
    PyThreadState *state = PyEval_SaveThread();
    NexusPythonConfig config = {.struct_size = sizeof config, .python = "/no/such/python"};
    NexusStatus status = nexus_python_start(&config, &error);
    CHECK(status == NEXUS_ERR_PYTHON_CONFLICT || status == NEXUS_ERR_PYTHON_NOT_FOUND);
    CHECK_CONTAINS(nexus_error_message(error), "/no/such/python");
    DROP(error);
    use_fixtures();
    PyEval_RestoreThread(state);
    CHECK(Py_FinalizeEx() == 0);
}

/* Linked, but not started: we start this one, and no other. */
CASE(mapped_but_not_started) {
    CHECK(!Py_IsInitialized());
    use_fixtures();
    CHECK(Py_IsInitialized());
    CHECK(!PyGILState_Check());
    check_info(1);
    CHECK_PYTHON("__import__('sys').argv == ['']");
    PyGILState_STATE state = PyGILState_Ensure();
    CHECK(PyRun_SimpleString("assert 1 + 1 == 2") == 0);
    PyGILState_Release(state);
    use_fixtures();
}

CASE(mapped_but_not_started_and_nothing_named) {
    unsetenv("NEXUS_PYTHON");
    setenv("PATH", "/no/such/folder", 1);
    use_fixtures();
    check_info(1);
}

/* After the host has finalized its Python calls return a status. */
CASE(finalized_by_the_host) {
    host_starts_python(1);
    NexusLoader *loader = open_all("values");
    NexusObject *values = get(loader, "values"), *other = NULL;
    NexusValue text = call1(values, "make", text_value("text_wide")), result, one = nexus_value_integer(1);
    CHECK(Py_FinalizeEx() == 0);
    memset(&result, 0xa5, sizeof result);
    CHECK_REFUSED(nexus_object_call_method(values, "echo", &one, 1, &result, &error), NEXUS_ERR_CLOSED);
    CHECK_NUMBER(result.kind, NEXUS_KIND_NONE);
    CHECK_REFUSED(nexus_import("sys", &other, &error), NEXUS_ERR_CLOSED);
    CHECK(other == NULL);
    CHECK_REFUSED(nexus_python_attach(&error), NEXUS_ERR_CLOSED);
    nexus_value_clear(&text);
    nexus_object_free(values);
    nexus_loader_free(loader);
}

/* Finalizing while handles are alive harms nobody, either. */
CASE(finalized_with_everything_open) {
    host_starts_python(1);
    NexusLoader *loader = open_all("values");
    get(loader, "values");
    Py_BEGIN_ALLOW_THREADS
    in_thread(uses_fixtures);
    Py_END_ALLOW_THREADS
    CHECK(Py_FinalizeEx() == 0);
}
