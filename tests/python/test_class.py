"""The Python class beyond the snippets of its documentation."""

import copy
import gc
import logging
import os
import pathlib
import pickle
import re
import subprocess
import sys
import tempfile
import unittest
import weakref

import nexus_loader
from nexus_loader import NexusLoader

MODULES = pathlib.Path(os.environ["NEXUS_TEST_MODULES"])
DOCUMENTED = str(MODULES / "documented")
GENERIC = str(MODULES / "generic")


class Folder(unittest.TestCase):
    """With a folder of its own, `self.folder`."""

    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name).resolve()

    def link(self, *names, of="generic"):
        for name in names:
            (self.folder / f"{name}.so").symlink_to(MODULES / of / f"{name}.so")


class Modules(Folder):
    def test_every_way_to_a_module(self):
        loader = NexusLoader(DOCUMENTED)
        crypto = loader["crypto"]
        self.assertIs(crypto, loader.get_module("crypto"))
        self.assertIs(crypto, loader.get_module(name="crypto"))
        self.assertIs(crypto, loader.loaded_modules["crypto"])
        self.assertEqual(crypto.decrypt(crypto.encrypt("Hello, größe!")), "Hello, größe!")
        self.assertEqual(loader.list_loaded_modules(), ["crypto", "database", "network"])
        self.assertEqual(list(loader.loaded_modules), ["crypto", "database", "network"])
        self.assertIn("crypto", loader)
        self.assertNotIn("absent", loader)
        self.assertNotIn(1, loader)
        self.assertEqual(repr(loader), f"NexusLoader(bin_path='{DOCUMENTED}', loaded=3 modules)")
        self.assertEqual(str(loader), repr(loader))

    def test_one_load_per_file(self):
        first, second = NexusLoader(DOCUMENTED), NexusLoader(DOCUMENTED)
        self.assertIs(first["crypto"], second["crypto"])
        self.link("crypto", of="documented")
        self.assertIs(NexusLoader(str(self.folder))["crypto"], first["crypto"])
        sys.path.append(DOCUMENTED)
        self.addCleanup(sys.path.remove, DOCUMENTED)
        import crypto

        self.assertIs(crypto, first["crypto"])

    def test_a_module_that_was_imported_before_is_shared(self):
        self.link("module2")
        program = f"import sys; sys.path.append({str(self.folder)!r}); import module2\n" \
                  f"from nexus_loader import NexusLoader; assert NexusLoader({str(self.folder)!r})['module2'] is module2"
        subprocess.run([sys.executable, "-c", program], check=True)

    def test_the_standard_library_keeps_its_names(self):
        import json

        loader = NexusLoader(GENERIC, ["json"])
        self.assertEqual(loader["json"].some_function(), 42)
        self.assertIs(sys.modules["json"], json)
        self.assertEqual(json.loads("[1]"), [1])

    def test_sys_path_is_as_before(self):
        before = list(sys.path)
        NexusLoader(GENERIC)
        self.assertEqual(sys.path, before)

    def test_selection(self):
        loader = NexusLoader(GENERIC, ["module2", "module1", "module2"])
        self.assertEqual(loader.list_loaded_modules(), ["module2", "module1"])
        self.assertEqual(NexusLoader(GENERIC, modules=["module[12]"]).list_loaded_modules(), ["module1", "module2"])
        self.assertEqual(NexusLoader(GENERIC, ("module3",)).list_loaded_modules(), ["module3"])
        none = NexusLoader(GENERIC, [])
        self.assertEqual((none.list_loaded_modules(), none.modules_to_load), ([], []))
        self.assertIsNone(NexusLoader(GENERIC).modules_to_load)
        names = ["module1"]
        self.assertIs(NexusLoader(GENERIC, names).modules_to_load, names)

    def test_paths(self):
        loader = NexusLoader(pathlib.Path(DOCUMENTED))
        self.assertEqual(loader.bin_path, pathlib.Path(DOCUMENTED))
        self.assertIs(loader.bin_path, loader.bin_path)
        self.assertIsInstance(loader.bin_path, pathlib.Path)
        for text in DOCUMENTED + "//", DOCUMENTED.replace("/", "//", 2)[1:] + "/./", os.path.relpath(DOCUMENTED), "./" + os.path.relpath(DOCUMENTED):
            loader = NexusLoader(text)
            self.assertEqual(str(loader.bin_path), str(pathlib.Path(text)))
            self.assertEqual(repr(loader), f"NexusLoader(bin_path='{pathlib.Path(text)}', loaded=3 modules)")
        odd = self.folder / "größe 'x' \udcff"
        odd.mkdir()
        (odd / "module1.so").symlink_to(MODULES / "generic/module1.so")
        loader = NexusLoader(str(odd))
        self.assertEqual(loader.bin_path, odd)
        self.assertEqual(loader["module1"].some_function(), 42)

    def test_packages(self):
        (self.folder / "__init__.py").write_text("")
        self.link("module1")
        loader = NexusLoader(str(self.folder))
        whole = f"{self.folder.name}.module1"
        self.assertEqual(loader.list_loaded_modules(), [whole])
        self.assertIs(loader["module1"], loader[whole])
        self.assertIn("module1", loader)


class Errors(Folder):
    def test_key_error(self):
        loader = NexusLoader(DOCUMENTED)
        with self.assertRaises(KeyError) as caught:
            loader["absent"]
        message = "Module 'absent' not loaded. Available modules: ['crypto', 'database', 'network']"
        self.assertEqual(caught.exception.args, (message,))
        self.assertEqual(str(caught.exception), message)
        for error in pickle.loads(pickle.dumps(caught.exception)), copy.copy(caught.exception):
            self.assertEqual((type(error), error.args), (KeyError, (message,)))
        with self.assertRaisesRegex(KeyError, "Module '1' not loaded"):
            loader[1]
        with self.assertRaises(TypeError):
            loader[[]]

    def test_directories(self):
        for path, kind, message in [
            (self.folder / "absent", FileNotFoundError, "Binary path does not exist: {}"),
            (MODULES / "documented/crypto.so", NotADirectoryError, "Binary path is not a directory: {}"),
            (self.folder, FileNotFoundError, "No binary modules found in: {}"),
        ]:
            with self.assertRaises(kind) as caught:
                NexusLoader(str(path))
            self.assertEqual(str(caught.exception), message.format(path))

    def test_arguments(self):
        for arguments in [(), (1,), (None,), (DOCUMENTED, "crypto"), (DOCUMENTED, [1]), (DOCUMENTED, 1), (DOCUMENTED, None, 3)]:
            with self.assertRaises(TypeError):
                NexusLoader(*arguments)
        with self.assertRaises(TypeError):
            NexusLoader(DOCUMENTED, names=["crypto"])
        with self.assertRaisesRegex(TypeError, "not one str"):
            NexusLoader(DOCUMENTED, "crypto")
        with self.assertRaisesRegex(ValueError, "null character"):
            NexusLoader(DOCUMENTED + "\0")
        with self.assertRaisesRegex(ValueError, "pattern"):
            NexusLoader(DOCUMENTED, ["a[["])

    def test_one_bad_module(self):
        self.link("module1")
        (self.folder / "broken.so").write_text("no library")
        with self.assertLogs("nexus_loader", logging.WARNING) as logs:
            loader = NexusLoader(str(self.folder), ["module1", "broken", "absent"])
        self.assertEqual(loader.list_loaded_modules(), ["module1"])
        first, second = [record.getMessage() for record in logs.records]
        self.assertTrue(first.startswith("Failed to load module broken: "), first)
        self.assertEqual(second, "Warning: Could not load requested modules: {'broken', 'absent'}")
        self.assertNotIn("broken", loader)
        with self.assertRaises(KeyError) as caught:
            loader["broken"]
        self.assertEqual(str(caught.exception), "Module 'broken' not loaded. Available modules: ['module1']")
        self.assertEqual(caught.exception.__notes__, [first])

    def test_modules_that_raise(self):
        self.link("broken", "leaves", of="odd")
        self.link("module1")
        with self.assertLogs("nexus_loader", logging.WARNING) as logs:
            loader = NexusLoader(str(self.folder))
        self.assertEqual(loader.list_loaded_modules(), ["module1"])
        self.assertEqual([record.getMessage() for record in logs.records], [
            "Failed to load module broken: ValueError: no licence",
            "Failed to load module leaves: SystemExit: 3",
        ])
        self.assertNotIn("broken", sys.modules)

    def test_ctrl_c_is_the_program_s(self):
        self.link("interrupted", of="odd")
        self.link("module1")
        with self.assertLogs("nexus_loader", logging.WARNING), self.assertRaises(KeyboardInterrupt):
            NexusLoader(str(self.folder))

    def test_the_process_stays_as_it_was(self):
        self.link("moves", "handles", of="odd")
        before = os.getcwd()
        handled = lambda: int(re.search(r"^SigCgt:\s*(\w+)", pathlib.Path("/proc/self/status").read_text(), re.MULTILINE)[1], 16)
        signals = handled()
        with self.assertLogs("nexus_loader", logging.INFO) as logs:
            loader = NexusLoader(str(self.folder))
        self.assertEqual(loader.list_loaded_modules(), ["handles", "moves"])
        self.assertEqual((os.getcwd(), handled()), (before, signals))
        self.assertEqual(len(logs.records), 2, logs.output)

    def test_debug_log(self):
        with self.assertLogs("nexus_loader", logging.DEBUG) as logs:
            NexusLoader(DOCUMENTED)
        self.assertTrue(any("crypto" in line for line in logs.output), logs.output)

    def test_nothing_is_printed(self):
        (self.folder / "broken.so").write_text("no library")
        program = f"from nexus_loader import NexusLoader; NexusLoader({str(self.folder)!r})"
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        self.assertEqual(ran.stdout, "")
        self.assertRegex(ran.stderr, r"\AFailed to load module broken: .*\n\Z")
        quiet = "import logging; logging.getLogger('nexus_loader').setLevel(logging.ERROR)\n"
        ran = subprocess.run([sys.executable, "-c", quiet + program], capture_output=True, text=True, check=True)
        self.assertEqual((ran.stdout, ran.stderr), ("", ""))


class Objects(unittest.TestCase):
    def test_a_class_of_ones_own(self):
        class Mine(NexusLoader):
            def __init__(self, path, *, extra):
                super().__init__(path, ["crypto"])
                self.extra = extra

            def get_module(self, name):
                return "mine"

        mine = Mine(DOCUMENTED, extra=5)
        self.assertEqual((mine.extra, mine.list_loaded_modules()), (5, ["crypto"]))
        self.assertIsInstance(mine, NexusLoader)

        class Forgetful(NexusLoader):
            def __init__(self):
                pass

        forgetful = Forgetful()
        self.assertEqual(repr(forgetful), "NexusLoader(not initialized)")
        for use in lambda: forgetful["x"], lambda: forgetful.bin_path, lambda: "x" in forgetful, forgetful.list_loaded_modules:
            with self.assertRaisesRegex(RuntimeError, "__init__"):
                use()

    def test_attributes(self):
        loader = NexusLoader(DOCUMENTED)
        loader.note = "mine"
        self.assertEqual(loader.note, "mine")
        self.assertEqual(type(loader).__module__, "nexus_loader")
        self.assertEqual(loader, loader)
        self.assertNotEqual(loader, NexusLoader(DOCUMENTED))
        loader.loaded_modules["extra"] = 42
        self.assertEqual((loader["extra"], "extra" in loader, len(loader.list_loaded_modules())), (42, True, 4))
        del loader.loaded_modules["crypto"]
        self.assertNotIn("crypto", loader)
        with self.assertRaises(RuntimeError):
            loader.__init__(DOCUMENTED)

    def test_cycles_are_collected(self):
        class Cycle(NexusLoader):
            pass

        for name in "self", "loaded_modules":
            loader = Cycle(DOCUMENTED)
            if name == "self":
                loader.self = loader
            else:
                loader.loaded_modules["self"] = loader
            seen = weakref.ref(loader)
            del loader
            gc.collect()
            self.assertIsNone(seen(), name)

    def test_collections_while_an_object_is_made(self):
        self.addCleanup(gc.set_threshold, *gc.get_threshold())
        gc.set_threshold(1)
        for _ in range(20):
            # Python has no memory of dictionaries in reserve then, and asks the collector first.
            held = [{} for _ in range(200)]
            loader = NexusLoader(DOCUMENTED)
            loader.note = loader
            self.assertEqual((len(held), len(loader.loaded_modules)), (200, 3))

    def test_nothing_is_lost_when_many_are_made(self):
        import resource

        def used():
            return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

        for _ in range(200):
            NexusLoader(GENERIC)
        before = used()
        for _ in range(1500):
            NexusLoader(GENERIC)
        self.assertLess(used() - before, 2 << 20)

    def test_module(self):
        self.assertEqual(set(nexus_loader.__all__), {"NexusLoader", "loaders", "__version__"})
        self.assertRegex(nexus_loader.__version__, r"^\d+\.\d+\.\d+$")
        self.assertEqual(nexus_loader.loaders(), [])


if __name__ == "__main__":
    unittest.main(verbosity=0)
