"""Runs the Python blocks of docs/python.md. A `text` block right after one is its exact output."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

DOCUMENT = pathlib.Path(__file__).parents[2] / "docs/python.md"
MODULES = os.environ["NEXUS_TEST_MODULES"] + "/documented"
PAIR = re.compile(r"^```python\n(.*?)^```\n(?:\n?```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


class Tutorial(unittest.TestCase):
    maxDiff = None


def add(line, block, expected):
    def test(self):
        code = f"directory = {MODULES!r}\n{block}"
        ran = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, text=True, timeout=60)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        if expected is not None:
            self.assertEqual(ran.stdout, expected.replace("<modules>", MODULES))

    setattr(Tutorial, f"test_line_{line}", test)


text = DOCUMENT.read_text(encoding="utf-8")
for match in PAIR.finditer(text):
    add(text.count("\n", 0, match.start()) + 1, match[1], match[2])

if __name__ == "__main__":
    unittest.main(verbosity=0)
