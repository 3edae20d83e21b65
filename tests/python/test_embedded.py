"""Python code within a program that has opened nexus_loader (host.c): with the wheel installed, and without."""

import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

HOST = os.environ["NEXUS_TEST_HOST"]
MODULES = os.environ["NEXUS_TEST_MODULES"]
BEFORE = f"""
import sys
D, G = {MODULES + "/documented"!r}, {MODULES + "/generic"!r}
def raises(kind, use):
    try:
        use()
    except kind as error:
        return str(error)
    raise AssertionError("nothing was raised")
"""


class Embedded(unittest.TestCase):
    python = sys.executable

    def run_host(self, script, **environment):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "script.py")
            path.write_text(BEFORE + textwrap.dedent(script))
            environment = {**os.environ, "NEXUS_PYTHON": self.python, **environment}
            return subprocess.run([HOST, path], capture_output=True, text=True, timeout=60, env=environment)

    def passes(self, script, **environment):
        ran = self.run_host(script, **environment)
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (0, "", ""))

    def test_import(self):
        self.passes("""
            assert "nexus_loader" in sys.modules
            import nexus_loader
            from nexus_loader import NexusLoader
            assert not hasattr(nexus_loader, "__file__")
            assert nexus_loader.__spec__.name == nexus_loader.__name__ == "nexus_loader"
            assert sorted(nexus_loader.__all__) == dir(nexus_loader) == ["NexusLoader", "__version__", "loaders"]
            assert raises(AttributeError, lambda: nexus_loader.absent) == "module 'nexus_loader' has no attribute 'absent'"
            from nexus_loader import *
            assert raises(ImportError, lambda: exec("from nexus_loader import absent")).startswith("cannot import name 'absent'")
            assert nexus_loader.__doc__ and NexusLoader.__module__ == "nexus_loader"
            import importlib.util, pickle
            assert importlib.util.find_spec("nexus_loader") is nexus_loader.__spec__
            assert pickle.loads(pickle.dumps(NexusLoader)) is NexusLoader
        """)

    def test_the_class(self):
        self.passes("""
            import pathlib
            from nexus_loader import NexusLoader
            loader = NexusLoader(D, ["network", "crypto"])
            assert loader.list_loaded_modules() == ["network", "crypto"]
            assert loader["crypto"].encrypt("Hello") == "2a24600860"
            assert repr(loader) == f"NexusLoader(bin_path='{D}', loaded=2 modules)"
            assert loader.bin_path == pathlib.Path(D) and loader.modules_to_load == ["network", "crypto"]
            assert raises(KeyError, lambda: loader["x"]) == "Module 'x' not loaded. Available modules: ['network', 'crypto']"
            assert raises(FileNotFoundError, lambda: NexusLoader("/no/such")) == "Binary path does not exist: /no/such"
            assert raises(NotADirectoryError, lambda: NexusLoader(D + "/crypto.so")) == f"Binary path is not a directory: {D}/crypto.so"
            class Mine(NexusLoader): pass
            assert "crypto" in Mine(D)
        """)

    def test_loaders_of_the_host(self):
        self.passes("""
            import nexus_loader
            from nexus_loader import NexusLoader, loaders
            assert loaders() == []
            mine = NexusLoader(D)
            assert loaders() == []
            first, second = host("open", D + "/"), host("open", G)
            one, two = loaders()
            assert type(one) is NexusLoader and [one, two] == loaders() and one is loaders()[0]
            assert repr(one) == f"NexusLoader(bin_path='{D}', loaded=3 modules)" and one.modules_to_load is None
            assert one.list_loaded_modules() == ["crypto", "database", "network"]
            assert one["crypto"] is mine["crypto"] is one.loaded_modules["crypto"] is one.get_module("crypto")
            assert "absent" not in one and "module1" in two
            assert "Module 'x' not loaded" in raises(KeyError, lambda: one["x"])
            crypto = one["crypto"]
            host("free", first)
            assert loaders() == [two]
            third = host("open", D)
            assert loaders()[0] is two and loaders()[1] is not one
            for use in (lambda: one["crypto"], lambda: one.get_module("crypto"), lambda: "crypto" in one,
                        lambda: one.list_loaded_modules(), lambda: one.loaded_modules):
                assert raises(RuntimeError, use) == f"this loader is closed: the program that opened {D} has freed it"
            assert repr(one) == f"NexusLoader(bin_path='{D}', closed)"
            assert str(one.bin_path) == D
            assert crypto.encrypt("Hello") == "2a24600860"
            host("free", second); host("free", third)
            assert loaders() == []
        """)

    def test_collections_while_an_object_is_made(self):
        self.passes("""
            import gc
            from nexus_loader import loaders
            gc.set_threshold(1)
            for _ in range(20):
                number = host("open", D)
                held = [{} for _ in range(200)]
                assert loaders()[0]["crypto"].encrypt("Hello") == "2a24600860"
                host("free", number)
        """)

    def test_lazy_loader_of_the_host(self):
        self.passes("""
            from nexus_loader import loaders
            host("lazy", D)
            loader, = loaders()
            assert loader.list_loaded_modules() == ["crypto", "database", "network"]
            assert loader.loaded_modules == {} and "loaded=0 modules" in repr(loader)
            assert "crypto" in loader and "crypto" not in sys.modules
            crypto = loader["crypto"]
            assert loader["crypto"] is crypto and loader.loaded_modules == {"crypto": crypto}
            assert "loaded=1 modules" in repr(loader)
            host("open", D)
            eager = loaders()[1]
            assert eager["crypto"] is crypto and eager["network"] is loader["network"]
        """)

    def test_threads(self):
        self.passes("""
            import threading
            from nexus_loader import NexusLoader, loaders
            host("open", D)
            seen, errors = set(), []
            def work():
                try:
                    for _ in range(50):
                        seen.add(id(loaders()[0]))
                        loaders()[0]["crypto"].encrypt("x")
                        number = host("open", G)
                        NexusLoader(G)["module1"].some_function()
                        host("free", number)
                except BaseException as error:
                    errors.append(error)
            threads = [threading.Thread(target=work) for _ in range(6)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            assert not errors, errors
            assert len(seen) == 1
        """)

    def test_ones_own_file_of_that_name_is_no_harm(self):
        """The documentation has people copy a `nexus_loader.py`: the program's own goes before it."""
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "nexus_loader.py").write_text("raise AssertionError('the copy was imported')")
            self.passes(f"sys.path.insert(0, {folder!r}); from nexus_loader import NexusLoader; NexusLoader(D)")

    def test_log_is_the_hosts(self):
        ran = self.run_host("from nexus_loader import NexusLoader; NexusLoader(D, ['absent'])")
        self.assertEqual((ran.returncode, ran.stdout), (0, ""), ran.stderr)
        self.assertEqual(ran.stderr, "nexus_loader: warning: Warning: Could not load requested modules: {'absent'}\n")


class WithoutWheel(Embedded):
    python = sys._base_executable

    def test_there_is_no_wheel(self):
        ran = subprocess.run([self.python, "-c", "import nexus_loader"], capture_output=True)
        self.assertNotEqual(ran.returncode, 0)


class ImportedAtTheStart(Embedded):
    """A sitecustomize imports nexus_loader. The engine is open by then, and gives it the program's."""

    source = "import nexus_loader\n"
    engines = ["libnexus_engine"]

    @classmethod
    def setUpClass(cls):
        import nexus_loader

        cls.folder = tempfile.TemporaryDirectory()
        pathlib.Path(cls.folder.name, "sitecustomize.py").write_text(cls.source + textwrap.dedent("""
            import os
            if modules := os.environ.get("NEXUS_TEST_USE"):
                crypto = nexus_loader.NexusLoader(modules)["crypto"]
                assert crypto.encrypt("Hello") == "2a24600860"
                assert nexus_loader.loaders() == []
        """))
        # Debian has a sitecustomize, too: this one comes before it.
        cls.pth = pathlib.Path(nexus_loader.__file__).parents[1] / "customized.pth"
        cls.pth.write_text(f"import sys; sys.path.insert(0, {cls.folder.name!r})\n")

    @classmethod
    def tearDownClass(cls):
        cls.pth.unlink()
        cls.folder.cleanup()

    def test_engines(self):
        self.passes(f"""
            import sitecustomize
            assert sitecustomize.nexus_loader is sys.modules["nexus_loader"]
            with open("/proc/self/maps") as maps:
                engines = {{line.split()[-1].rsplit("/", 1)[-1].split(".")[0] for line in maps if "_engine" in line}}
            assert sorted(engines) == {self.engines}, engines
        """)

    def test_use_by_sitecustomize(self):
        self.passes("""
            from nexus_loader import NexusLoader, loaders
            assert NexusLoader(D)["crypto"] is sys.modules["sitecustomize"].crypto
            host("open", D)
            assert loaders()[0]["crypto"] is sys.modules["sitecustomize"].crypto
        """, NEXUS_TEST_USE=MODULES + "/documented")


class WheelImportedAtTheStart(ImportedAtTheStart):
    """A sitecustomize insists on the wheel, which is an engine of its own: it hands out what the first engine has."""

    source = "import sys\ndel sys.modules['nexus_loader']\nimport nexus_loader\n"
    engines = ["_engine", "libnexus_engine"]

    def test_import(self):
        self.passes("""
            import nexus_loader
            assert nexus_loader.__file__.endswith("__init__.py")
            assert sorted(nexus_loader.__all__) == ["NexusLoader", "__version__", "loaders"]
        """)


if __name__ == "__main__":
    unittest.main(verbosity=0)
