"""The library as a guest in a process that is Python already: it adopts this interpreter.

Run with --list, or with the name of a case.
"""

import ctypes
import gc
import os
import signal
import sys
import threading
from ctypes import byref, c_void_p

from nexus_ctypes import CONFLICT, EXCEPTION, NOT_FOUND, NOT_LOADED, BAD_HANDLE, Failure, Nexus, PythonConfig, PythonInfo, ReportEntry

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def both(function):
    """Two cases: with CDLL the calling thread has given up the GIL, with PyDLL it holds it."""
    for opener in ctypes.CDLL, ctypes.PyDLL:
        CASES[f"{function.__name__}_{opener.__name__}"] = lambda opener=opener: function(Nexus(opener))
    return function


def expect(failing, status):
    try:
        failing()
    except Failure as failure:
        assert failure.status == status, failure
        return failure
    raise AssertionError("it did not fail")


def use_fixtures(nexus):
    loader = nexus.open("documented")
    assert nexus.loader_count(loader) == 3
    crypto = nexus.get(loader, "crypto")
    assert nexus.call(crypto, "decrypt", nexus.call(crypto, "encrypt", "Hello, größe!")) == "Hello, größe!"
    nexus.object_free(crypto)
    nexus.loader_free(loader)

    loader = nexus.open("values")
    values = nexus.get(loader, "values")
    assert nexus.call(values, "add", 40, 2) == 42
    assert nexus.call(values, "add_reals", 0.5, 1.0) == 1.5
    for value in None, True, False, 2**63 - 1, -(2**63), -0.5, "größe\0🐍", b"\0\xff", "", b"":
        result = nexus.call(values, "echo", value)
        assert result == value and type(result) is type(value), (result, value)
    failure = expect(lambda: nexus.call(values, "raise_value_error", "on purpose"), EXCEPTION)
    assert failure.exception == "builtins.ValueError" and "on purpose" in failure.message
    expect(lambda: nexus.call(values, "raise_system_exit", 3), EXCEPTION)
    expect(lambda: nexus.call(values, "raise_keyboard_interrupt"), EXCEPTION)
    nexus.object_free(values)
    nexus.loader_free(loader)
    expect(lambda: nexus.get(loader, "values"), BAD_HANDLE)


@both
def fixtures(nexus):
    use_fixtures(nexus)


@both
def adopts_this_interpreter(nexus):
    nexus.check(nexus.python_start, None)
    info = PythonInfo(struct_size=ctypes.sizeof(PythonInfo))
    nexus.check(nexus.python_info, byref(info))
    assert not info.owned
    assert info.version == sys.hexversion >> 8
    assert info.version_text.decode() == sys.version or sys.version.startswith(info.version_text.decode()[:6])
    assert os.path.samefile(info.prefix.decode(), sys.prefix)
    assert info.reason


@both
def the_same_objects(nexus):
    """What is imported is what this program has imported."""
    module = c_void_p()
    nexus.check(getattr(nexus, "import"), b"sys", byref(module))
    result = nexus.call(module, "getrefcount", None)
    assert result > 1
    sys.nexus_mark = 42
    builtins = c_void_p()
    nexus.check(getattr(nexus, "import"), b"builtins", byref(builtins))
    assert nexus.call(builtins, "getattr", module, "nexus_mark") == 42
    assert nexus.call(builtins, "id", module) == id(sys)


@both
def messages(nexus):
    failure = expect(lambda: nexus.open("no_such_folder"), NOT_FOUND)
    assert failure.message == "Binary path does not exist: " + os.path.join(os.environ["NEXUS_FIXTURES"], "no_such_folder")
    loader = nexus.open("documented")
    failure = expect(lambda: nexus.get(loader, "x"), NOT_LOADED)
    assert failure.message == "Module 'x' not loaded. Available modules: ['crypto', 'database', 'network']"


@both
def every_odd_module(nexus):
    loader = nexus.open("odd")
    report = c_void_p()
    nexus.check(nexus.loader_report, loader, byref(report))
    entry, states = ReportEntry(), {}
    for index in range(nexus.report_count(report)):
        assert nexus.report_at(report, index, byref(entry)) == 0
        states[os.path.basename(entry.path)] = entry.state
    nexus.report_free(report)
    assert states[b"a_good.so"] == states[b"z_good.so"] == 0
    assert states[b"raises_system_exit.so"] == states[b"raises_interrupt.so"] == 2
    assert "registers_and_raises" not in sys.modules


def state_of_this_program():
    return {
        "sys.argv": list(sys.argv),
        "sys.path": list(sys.path),
        "sys.meta_path": list(sys.meta_path),
        "sys.executable": sys.executable,
        "sys.prefix": sys.prefix,
        "sys.stdout": sys.stdout,
        "sys.stderr": sys.stderr,
        "sys.excepthook": sys.excepthook,
        "directory": os.getcwd(),
        "environment": dict(os.environ),
        "main thread": threading.main_thread(),
        "gc": (gc.isenabled(), gc.get_threshold()),
        "signals": [signal.getsignal(number) for number in range(1, 30)],
        "switch interval": sys.getswitchinterval(),
        "recursion limit": sys.getrecursionlimit(),
    }


@both
def nothing_is_touched(nexus):
    before = state_of_this_program()
    use_fixtures(nexus)
    after = state_of_this_program()
    for name, value in before.items():
        assert value == after[name], f"{name} was {value!r}, is {after[name]!r}"
    # Ctrl-C still is a KeyboardInterrupt.
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        return
    raise AssertionError("no KeyboardInterrupt")


def in_threads(count, function):
    failures = []

    def run():
        try:
            function()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


@both
def second_thread(nexus):
    in_threads(1, lambda: use_fixtures(nexus))
    use_fixtures(nexus)


@both
def many_threads(nexus):
    loader = nexus.open("values")
    values = nexus.get(loader, "values")

    def calls():
        for number in range(300):
            assert nexus.call(values, "add", number, 1) == number + 1

    in_threads(8, calls)
    in_threads(8, lambda: use_fixtures(nexus))


@both
def race_for_the_first_call(nexus):
    in_threads(16, lambda: use_fixtures(nexus))


@case
def attach():
    """Only with PyDLL: CDLL wants the GIL back itself after each call, and would wait for its own thread."""
    nexus = Nexus(ctypes.PyDLL)
    nexus.check(nexus.python_start, None)
    for _ in range(3):
        nexus.check(nexus.python_attach)
        nexus.check(nexus.python_attach)
        nexus.check(nexus.python_detach)
        nexus.check(nexus.python_detach)
    use_fixtures(nexus)


@both
def calls_back_into_this_program(nexus):
    """A function of this script, called by a module that the library has loaded, calls the library."""
    loader = nexus.open("values")
    values = nexus.get(loader, "values")
    sys.modules["only_here"] = here = type(sys)("only_here")
    here.again = lambda number: nexus.call(values, "add", number, 1)
    module = c_void_p()
    nexus.check(getattr(nexus, "import"), b"only_here", byref(module))
    builtins = c_void_p()
    nexus.check(getattr(nexus, "import"), b"builtins", byref(builtins))
    function = nexus.call(builtins, "getattr", module, "again")
    assert nexus.call(values, "call_back", function, 41) == 42


@both
def an_exception_that_is_being_handled(nexus):
    try:
        raise LookupError("of this program")
    except LookupError as error:
        use_fixtures(nexus)
        assert sys.exc_info()[1] is error


@both
def another_python_is_refused(nexus):
    config = PythonConfig(ctypes.sizeof(PythonConfig), 0, b"/no/such/python")
    try:
        nexus.check(nexus.python_start, byref(config))
    except Failure as failure:
        assert failure.status in (CONFLICT, NOT_FOUND), failure
    else:
        raise AssertionError("it did not fail")
    use_fixtures(nexus)


@both
def ends_with_handles_open(nexus):
    """The interpreter is finalized while handles, and threads that have called, are still there."""
    sys.kept = [nexus.open("values"), nexus.open("documented")]
    sys.kept.append(nexus.get(sys.kept[0], "values"))
    in_threads(4, lambda: nexus.call(sys.kept[2], "add", 1, 1))
    barrier = threading.Barrier(2)

    def calls_for_ever():
        barrier.wait()
        while True:
            nexus.call(sys.kept[2], "sleep_without_gil", 1)

    threading.Thread(target=calls_for_ever, daemon=True).start()
    barrier.wait()


@both
def calls_at_exit(nexus):
    """`atexit` and destructors may still call."""
    import atexit

    loader = nexus.open("values")
    values = nexus.get(loader, "values")

    def last():
        if nexus.call(values, "add", 1, 1) != 2:
            os._exit(9)
        nexus.object_free(values)
        nexus.loader_free(loader)

    atexit.register(last)


@both
def thousand_loaders(nexus):
    def blocks():
        gc.collect()
        return sys.getallocatedblocks()

    def once():
        loader = nexus.open("documented")
        module = nexus.get(loader, "network")
        assert nexus.call(module, "get_status") == "not connected"
        nexus.object_free(module)
        nexus.loader_free(loader)

    # Caches fill up for a while; what leaks grows in each round.
    growth = []
    for _ in range(5):
        before = blocks()
        for _ in range(250):
            once()
        growth.append(blocks() - before)
    assert min(growth) < 25, growth


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(CASES))
        return
    CASES[sys.argv[1]]()


main()
