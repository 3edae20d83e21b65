"""Every snippet of the Python class's documentation, unchanged, where the folders that it names exist.

usage: with_paths.sh FOLDER python test_document.py DOCUMENT MODULES
"""

import ast
import inspect
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import nexus_loader

if os.environ.get("NEXUS_TEST_PATHS") != "documented":
    sys.exit("run this with with_paths.sh: it deletes what is in /path/to, /opt/app and /opt/myapp")
DOCUMENT = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
# Its last snippet, the beginning of the class's source, is cut off.
if DOCUMENT.count("\n```") % 2:
    DOCUMENT += "```\n"
MODULES = pathlib.Path(sys.argv[2])
STUB = pathlib.Path(nexus_loader.__file__).with_name("_engine.pyi").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOLDERS = ["/path/to/binary/modules", "/path/to/modules", "/opt/app/modules", "/opt/myapp/modules"]
GENERIC = ["module_name", "module1", "module2", "module3", "my_module", "json"]
REAL = ["crypto", "network", "database"]

# What the reader has from the snippets before.
BEFORE = """\
from nexus_loader import NexusLoader
from typing import Any, Dict, List, Optional
loader = NexusLoader("/path/to/modules"{modules})
"""
# The package that the documentation's "Method 2" has the reader make.
PACKAGE = "from nexus_loader import NexusLoader as NexusLoader\n"


def blocks():
    for match in FENCE.finditer(DOCUMENT):
        if match[1] == "python":
            yield DOCUMENT.count("\n", 0, match.start()) + 1, match[2]


def outputs(block):
    return re.findall(r"^# Output: (.*)$", block, re.MULTILINE)


def names_in(output):
    listed = re.search(r"\[.*\]$", output)
    return ast.literal_eval(listed[0]) if listed else None


def lay_out(block):
    """Puts the modules into the folders that the snippet needs, and returns what the reader's loader loads."""
    wanted = GENERIC + REAL
    requested = None
    for output in outputs(block):
        if names := names_in(output):
            wanted = requested = names
        if count := re.search(r"loaded=(\d+) modules", output):
            wanted = (GENERIC + REAL)[: int(count[1])]
    for folder in map(pathlib.Path, FOLDERS):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in wanted:
            # The complete example calls functions of its own.
            kind = "documented" if name in REAL and "some_function" not in block else "generic"
            (folder / f"{name}.so").symlink_to(MODULES / kind / f"{name}.so")
    return requested


class Documented(unittest.TestCase):
    maxDiff = None

    def run_block(self, block):
        requested = lay_out(block)
        before = "" if "import NexusLoader" in block else BEFORE.format(modules=f", modules={requested!r}" if requested else "")
        if outputs(block) == ["NexusLoader(bin_path='/opt/app/modules', loaded=5 modules)"]:
            before = before.replace("/path/to/modules", "/opt/app/modules")
        with tempfile.TemporaryDirectory() as folder:
            project = pathlib.Path(folder)
            (project / "nexus").mkdir()
            (project / "nexus/__init__.py").touch()
            (project / "nexus/loader.py").write_text(PACKAGE)
            (project / "main.py").write_text(before + block, encoding="utf-8")
            return subprocess.run([sys.executable, "-X", "utf8", "main.py"], cwd=project, capture_output=True, text=True,
                                  encoding="utf-8", timeout=60, stdin=subprocess.DEVNULL)

    def check(self, block):
        ran = self.run_block(block)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        if "logging.INFO" in block:
            self.assertRegex(ran.stderr, r"\AINFO:__main__:Loaded modules: \['crypto', .*'network'\]\n\Z")
        else:
            self.assertEqual(ran.stderr, "")
        for output in outputs(block):
            self.assertIn(output, ran.stdout.splitlines())
        return ran.stdout


class Snippets(Documented):
    """A test for each, made below."""

    def check_signature(self, block):
        """The constructor's signature, which is no program: that of the stub."""
        of_stub = next(node for node in ast.parse(STUB).body if isinstance(node, ast.ClassDef) and node.name == "NexusLoader")
        made = next(node for node in of_stub.body if isinstance(node, ast.FunctionDef) and node.name == "__init__")
        documented = ast.parse(f"def {block.strip()}: ...").body[0].args
        made.args.args.pop(0)
        self.assertEqual(ast.unparse(made.args), ast.unparse(documented))
        self.assertEqual(list(inspect.signature(nexus_loader.NexusLoader).parameters), [a.arg for a in documented.args])


def add(line, block):
    if block.startswith("NexusLoader("):
        test = lambda self: self.check_signature(block)
    else:
        test = lambda self: self.check(block)
    setattr(Snippets, f"test_line_{line}", test)


for line, block in blocks():
    add(line, block)


class WordForWord(Documented):
    """What is more to some snippets, and what is no Python."""

    def test_class_comment(self):
        block = next(block for _, block in blocks() if block.startswith("class NexusLoader:"))
        documented = ast.get_docstring(ast.parse(block).body[0])
        self.assertEqual(inspect.getdoc(nexus_loader.NexusLoader), documented)

    def test_members(self):
        """Each heading of the reference, such as `get_module(name: str) -> Any`, is in the stub as it is."""
        class_ = next(node for node in ast.parse(STUB).body if isinstance(node, ast.ClassDef))
        made = {}
        for node in class_.body:
            if isinstance(node, ast.FunctionDef):
                is_property = any(getattr(one, "id", "") == "property" for one in node.decorator_list)
                node.args.args.pop(0)
                returns = ast.unparse(node.returns)
                made[node.name] = f"{node.name}: {returns}" if is_property else f"{node.name}({ast.unparse(node.args)}) -> {returns}"
        headings = re.findall(r"^#### `(\w+)(.*)`$", DOCUMENT, re.MULTILINE)
        self.assertEqual(len(headings), 8)
        for name, rest in headings:
            self.assertEqual(made[name], name + rest)

    def test_complete_example(self):
        block = max((block for _, block in blocks()), key=len)
        output = self.check(block)
        for line in [
            "Loading modules from: /opt/myapp/modules",
            "✓ Successfully loaded 3 modules:",
            "Decrypted data: Hello, World!",
            "Connection status: connected to 192.168.1.1:8080",
            "NexusLoader(bin_path='/opt/myapp/modules', loaded=3 modules)",
        ]:
            self.assertIn(line, output.splitlines())
        lay_out(block)

    def test_directory_structures(self):
        """Modules beside the program, whose folder is on `sys.path`."""
        for structure, program in ("Basic Structure", "main.py"), ("Package Structure", "main.py"), ("Package Structure", "tests/test_loader.py"):
            tree = FENCE.search(DOCUMENT, DOCUMENT.index(f"### {structure}"))[2]
            self.assertIn("main.py", tree)
            project = pathlib.Path("/opt/myapp")
            shutil.rmtree(project / "modules", ignore_errors=True)
            (project / "modules").mkdir()
            for name in REAL:
                self.assertIn(f"{name}.so", tree)
                (project / f"modules/{name}.so").symlink_to(MODULES / f"documented/{name}.so")
            (project / "tests").mkdir(exist_ok=True)
            (project / program).write_text("from nexus_loader import NexusLoader; print(NexusLoader('/opt/myapp/modules').list_loaded_modules())")
            ran = subprocess.run([sys.executable, project / program], capture_output=True, text=True, timeout=60,
                                 env={**os.environ, "PYTHONPATH": str(project)})
            self.assertEqual((ran.stdout, ran.stderr), ("['crypto', 'database', 'network']\n", ""))

    def test_error_messages(self):
        """The documented messages, as Python prints them when nobody catches them."""
        texts = [text for kind, text in FENCE.findall(DOCUMENT) if not kind and re.match(r"\w+( to load module|:)", text)]
        self.assertEqual(len(texts), 6)
        programs = {
            "FileNotFoundError: Binary path does not": "NexusLoader('/path/to/modules')",
            "NotADirectoryError": "NexusLoader('/path/to/file')",
            "FileNotFoundError: No binary": "NexusLoader('/path/to/modules')",
            "KeyError": "NexusLoader('/path/to/modules')['module_name']",
            "Failed to load": "NexusLoader('/path/to/modules')",
            "Warning": "NexusLoader('/path/to/modules', modules=['module1', 'module2'])",
        }
        folder = pathlib.Path("/path/to/modules")
        file = pathlib.Path("/path/to/file")
        file.touch()
        self.addCleanup(file.unlink)
        for start, program in programs.items():
            text = next(text.strip() for text in texts if text.startswith(start))
            shutil.rmtree(folder, ignore_errors=True)
            if "does not exist" not in text:
                folder.mkdir()
            if start == "KeyError":
                for name in ["module1", "module2"]:
                    (folder / f"{name}.so").symlink_to(MODULES / f"generic/{name}.so")
            if start == "Failed to load":
                (folder / "crypto.so").write_text("no library at all")
                text = text.replace("[error details]", "the file is no binary module: ")
            if start == "Warning":
                (folder / "crypto.so").symlink_to(MODULES / "generic/crypto.so")
            ran = subprocess.run([sys.executable, "-c", f"from nexus_loader import NexusLoader; {program}"],
                                 capture_output=True, text=True, timeout=60)
            last = ran.stderr.splitlines()[-1]
            with self.subTest(start):
                if start == "Failed to load":
                    self.assertRegex(last, "^Failed to load module crypto: .")
                else:
                    self.assertEqual(last, text)
                self.assertEqual(ran.returncode, 0 if start in ["Warning", "Failed to load"] else 1)
                self.assertEqual(ran.stdout, "")

    def test_the_snippets_that_are_shell(self):
        """`ldd` of a module."""
        lay_out("")
        self.assertIn("ldd /path/to/module.so", DOCUMENT)
        shutil.copy("/path/to/modules/crypto.so", "/path/to/module.so")
        self.assertIn("libc.so", subprocess.run(["ldd", "/path/to/module.so"], capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(verbosity=0).run(tests)
    sys.exit(not result.wasSuccessful() or result.testsRun < 40)
