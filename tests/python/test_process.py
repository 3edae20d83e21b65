"""The wheel and what else happens in a process: threads, forks, subinterpreters, the C library."""

import os
import pathlib
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import unittest

MODULES = os.environ["NEXUS_TEST_MODULES"]
DOCUMENTED = MODULES + "/documented"
GENERIC = MODULES + "/generic"
FRONT = os.environ["NEXUS_TEST_FRONT"]
OPEN = f"""
    import ctypes
    front = ctypes.PyDLL({FRONT!r})
    front.nexus_error_message.restype = ctypes.c_char_p
    def host_open(folder, expected=0):
        loader, error = ctypes.c_void_p(), ctypes.c_void_p()
        status = front.nexus_loader_new(folder.encode(), None, ctypes.c_size_t(0), ctypes.byref(loader), ctypes.byref(error))
        assert status == expected, (status, front.nexus_error_message(error))
        return loader if status == 0 else front.nexus_error_message(error).decode()
    def engines():
        with open("/proc/self/maps") as maps:
            return {{line.split()[-1] for line in maps if "_engine" in line}}
    D, G = {DOCUMENTED!r}, {GENERIC!r}
"""


def python(program, before=""):
    code = textwrap.dedent(before) + textwrap.dedent(program)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


class Process(unittest.TestCase):
    def passes(self, program, before=""):
        ran = python(program, before)
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (0, "", ""))


class Threads(Process):
    def test_many_threads_share_modules(self):
        self.passes(f"""
            import sys, threading
            from nexus_loader import NexusLoader
            sys.setswitchinterval(1e-5)
            found, errors = [], []
            def work():
                try:
                    for _ in range(20):
                        loader = NexusLoader({GENERIC!r})
                        found.append(tuple(id(loader[name]) for name in loader.list_loaded_modules()))
                except BaseException as error:
                    errors.append(error)
            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            assert not errors, errors
            assert len(found) == 160 and len(set(found)) == 1
        """)

    def test_other_threads_run_while_it_waits(self):
        """Two loaders of one directory that wait for each other's module."""
        self.passes(f"""
            import concurrent.futures as futures
            from nexus_loader import NexusLoader
            with futures.ThreadPoolExecutor(4) as pool:
                loaders = list(pool.map(lambda _: NexusLoader({DOCUMENTED!r}), range(40)))
            assert all(loader["crypto"] is loaders[0]["crypto"] for loader in loaders)
        """)

    def test_at_exit(self):
        self.passes(f"""
            import atexit
            late = []
            atexit.register(lambda: late[0]["crypto"].encrypt("x"))
            from nexus_loader import NexusLoader
            late.append(NexusLoader({DOCUMENTED!r}))
            atexit.register(lambda: NexusLoader({GENERIC!r})["module1"].some_function())
        """)

    def test_signals_stay_python_s(self):
        self.passes(f"""
            import os, signal
            from nexus_loader import NexusLoader
            NexusLoader({DOCUMENTED!r})
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
            try:
                os.kill(os.getpid(), signal.SIGINT)
                while True: pass
            except KeyboardInterrupt:
                pass
        """)


class Forks(Process):
    def test_fork(self):
        self.passes(f"""
            import os, threading
            from nexus_loader import NexusLoader
            loader = NexusLoader({DOCUMENTED!r})
            def fork():
                child = os.fork()
                if child == 0:
                    ok = loader["crypto"].encrypt("Hello") == "2a24600860" and NexusLoader({GENERIC!r})["module1"].some_function() == 42
                    os._exit(0 if ok else 1)
                assert os.waitpid(child, 0)[1] == 0
            fork()
            thread = threading.Thread(target=fork)
            thread.start()
            thread.join()
        """, before="import warnings; warnings.simplefilter('ignore')\n")

    def test_multiprocessing(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder, "program.py")
            program.write_text(textwrap.dedent(f"""
                import multiprocessing, sys
                from nexus_loader import NexusLoader
                def work(text):
                    loader = NexusLoader({DOCUMENTED!r})
                    return loader["crypto"].encrypt(text)
                def fails(name):
                    return NexusLoader({DOCUMENTED!r})[name]
                if __name__ == "__main__":
                    for method in "fork", "spawn", "forkserver":
                        with multiprocessing.get_context(method).Pool(2) as pool:
                            assert pool.map(work, ["Hello"] * 4) == ["2a24600860"] * 4
                            try:
                                pool.apply(fails, ("absent",))
                            except KeyError as error:
                                assert "Module 'absent' not loaded" in str(error)
                            else:
                                raise AssertionError
            """))
            subprocess.run([sys.executable, "-W", "ignore", program], check=True, timeout=120)


class Subinterpreters(Process):
    WITHIN = """
        import sys
        try:
            import nexus_loader
        except ImportError as error:
            assert "subinterpreter" in str(error), error
        else:
            raise AssertionError("it was imported")
    """

    def run_in_one(self, before, isolated):
        name = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
        create = {
            "_interpreters": f"interpreters.create({'' if isolated else repr('legacy')})",
            "_xxsubinterpreters": f"interpreters.create(isolated={isolated})",
        }[name]
        self.passes(f"""
            import {name} as interpreters
            {before}
            one = {create}
            failure = interpreters.run_string(one, {textwrap.dedent(self.WITHIN)!r})
            assert failure is None, failure
            interpreters.destroy(one)
            from nexus_loader import NexusLoader
            assert NexusLoader({DOCUMENTED!r})["crypto"].encrypt("Hello") == "2a24600860"
        """)

    def test_refused(self):
        for isolated in True, False:
            for before in "", "import nexus_loader":
                with self.subTest(isolated=isolated, before=before):
                    self.run_in_one(before, isolated)


class SecondStart(Process):
    def test_refused(self):
        import nexus_loader

        variables = sysconfig.get_config_vars()
        folders = variables["LIBDIR"], os.path.join(variables["LIBDIR"], variables.get("MULTIARCH") or "")
        library = next(path for folder in folders if os.path.exists(path := os.path.join(folder, variables["INSTSONAME"])))
        ran = subprocess.run([os.environ["NEXUS_TEST_TWICE"], library, pathlib.Path(nexus_loader.__file__).parents[1]],
                             capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONHOME": sys.base_prefix})
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (0, "", ""))


class WithTheCLibrary(Process):
    """A Python program that has the wheel and opens libnexus_loader, too: they agree on one engine."""

    def test_wheel_first(self):
        self.passes("""
            import nexus_loader
            from nexus_loader import NexusLoader
            mine = NexusLoader(D)
            assert nexus_loader.loaders() == []
            handle = host_open(D)
            assert len(engines()) == 1 and engines().pop().endswith("_engine.abi3.so"), engines()
            host, = nexus_loader.loaders()
            assert type(host) is NexusLoader and host["crypto"] is mine["crypto"]
            assert nexus_loader.__file__.endswith("__init__.py")
            front.nexus_loader_free(handle)
            assert nexus_loader.loaders() == []
        """, OPEN)

    def test_c_library_first(self):
        self.passes("""
            handle = host_open(G)
            import nexus_loader
            host, = nexus_loader.loaders()
            assert nexus_loader.NexusLoader(G)["module1"] is host["module1"]
            assert not hasattr(nexus_loader, "__file__")
            # The wheel's own package, by force: it hands out the same.
            import sys
            del sys.modules["nexus_loader"]
            import nexus_loader as wheel
            assert wheel.__file__.endswith("__init__.py") and wheel is not nexus_loader
            assert wheel.NexusLoader is nexus_loader.NexusLoader
            assert wheel.loaders() == [host]
        """, OPEN)

    def test_errors_and_log_are_the_hosts(self):
        ran = python(f"""
            import nexus_loader
            assert host_open("/no/such/folder", {self.status("NOT_FOUND")}) == "Binary path does not exist: /no/such/folder"
            nexus_loader.NexusLoader(D, ["crypto", "absent"])
        """, OPEN)
        self.assertEqual((ran.returncode, ran.stdout), (0, ""), ran.stderr)
        self.assertEqual(ran.stderr, "nexus_loader: warning: Warning: Could not load requested modules: {'absent'}\n")

    def test_another_version(self):
        """A C library of another version: an error that names both, and the wheel goes on."""
        with tempfile.TemporaryDirectory() as folder:
            import nexus_loader

            version = nexus_loader.__version__
            front = pathlib.Path(FRONT).read_bytes()
            changed = front.replace(version.encode() + b"\0", b"9.9.9\0")
            self.assertNotEqual(changed, front)
            other = pathlib.Path(folder, "libnexus_loader.so.1")
            other.write_bytes(changed)
            self.passes(f"""
                import nexus_loader
                message = host_open(D, {self.status("ENGINE")})
                assert nexus_loader.__file__[:-11] in message and "9.9.9" in message and {version!r} in message, message
                assert nexus_loader.NexusLoader(D)["crypto"].encrypt("Hello") == "2a24600860"
                assert nexus_loader.loaders() == []
            """, OPEN.replace(FRONT, str(other)))

    def status(self, name):
        header = pathlib.Path(__file__).parents[2] / "include/nexus_loader.h"
        line = next(line for line in header.read_text().splitlines() if f"NEXUS_ERR_{name} = " in line)
        return int(line.split("=")[1].strip(" ,"))


if __name__ == "__main__":
    unittest.main(verbosity=0)
