"""Checks the type hints of the wheel with mypy --strict: on each snippet of the documentation, on code that must be
wrong, and against the class itself (stubtest). Run by a Python that has mypy and the wheel's files on its path; prints
how many checks passed.

usage: check_types.py PYTHON DOCUMENT FOLDER
"""

import pathlib
import re
import subprocess
import sys

FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BEFORE = """\
from typing import Any, Dict, List, Optional
from nexus_loader import NexusLoader
loader = NexusLoader("/path/to/modules")
"""
# A line each, and what mypy must say of it.
WRONG = {
    "NexusLoader(1)": "arg-type",
    'NexusLoader("x", modules="crypto")': "arg-type",
    'NexusLoader("x", names=[])': "call-arg",
    "loader.no_such_method()": "attr-defined",
    "loader[1]": "index",
    "text: str = loader.bin_path": "assignment",
    "number: int = loader.list_loaded_modules()": "assignment",
    "loader.loaded_modules = {}": "misc",
}


def mypy(folder, *more):
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--python-executable", sys.argv[1],
               "--cache-dir", str(folder.parent / "types-cache"), *more, str(folder)]
    return subprocess.run(command, capture_output=True, text=True)


def main():
    document = pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
    folder = pathlib.Path(sys.argv[3])
    (folder / "strict/nexus").mkdir(parents=True, exist_ok=True)
    (folder / "untyped").mkdir(exist_ok=True)
    (folder / "wrong").mkdir(exist_ok=True)
    (folder / "strict/nexus/__init__.py").touch()
    (folder / "strict/nexus/loader.py").write_text("from nexus_loader import NexusLoader as NexusLoader\n")
    passed, failures = 0, []

    count = 0
    for match in FENCE.finditer(document):
        block = match[1]
        line = document.count("\n", 0, match.start()) + 1
        # The constructor's signature, and the class's head: tests/python/test_document.py compares them.
        if block.startswith(("NexusLoader(", "class NexusLoader:")):
            continue
        # Some snippets have functions without annotations.
        untyped = re.search(r"def main\(\):|def __init__\(self, path", block)
        source = block if "import NexusLoader" in block and "loader = " in block else BEFORE + block
        (folder / ("untyped" if untyped else "strict") / f"line_{line}.py").write_text(source, encoding="utf-8")
        count += 1
    for name, more in ("strict", []), ("untyped", ["--allow-untyped-defs", "--allow-untyped-calls"]):
        ran = mypy(folder / name, *more)
        if ran.returncode != 0:
            failures.append(ran.stdout + ran.stderr)
    passed += count if not failures else 0

    for index, (line, expected) in enumerate(WRONG.items()):
        (folder / f"wrong/line_{index}.py").write_text(f"{BEFORE}{line}\n")
    told = mypy(folder / "wrong").stdout
    for index, (line, expected) in enumerate(WRONG.items()):
        if re.search(rf"line_{index}\.py:4: error: .*\[{expected}\]", told):
            passed += 1
        else:
            failures.append(f"{line}: mypy does not say {expected}:\n{told}")

    # The stub has the signatures of the documentation, where these two are not said.
    ran = subprocess.run([sys.executable, "-m", "mypy.stubtest", "--ignore-disjoint-bases", "--ignore-positional-only", "nexus_loader"],
                         capture_output=True, text=True, cwd=folder)
    if ran.returncode == 0 and "Success" in ran.stdout:
        passed += 1
    else:
        failures.append(ran.stdout + ran.stderr)

    for failure in failures:
        print(failure, file=sys.stderr)
    print(passed)
    return 1 if failures or count < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
