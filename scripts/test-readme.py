#!/usr/bin/env python3
"""Compiles and runs every C and C++ block of the README and the documents, on every CPython given.

A block with `int main` is a program; any other is the body of one that has opened the documented
modules (crypto, network, database) as `loader`. Programs get the folder of those modules as their first
argument. A `text` block right after such a block is the exact output, with <modules> for that folder. A C++
block that begins with `// compile with -flags` is compiled with those.

usage: test-readme.py PYTHON...
"""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBRARIES = ROOT / "target/release"
OUTPUT = ROOT / "target/readme"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "examples").glob("*/README.md"))]

BEFORE_C = """\
#include <nexus_loader.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    NexusError *error = NULL;
    NexusLoader *loader = NULL;
    const char *directory = argc > 1 ? argv[1] : ".";
    NexusStatus status = nexus_loader_new(directory, NULL, 0, &loader, &error);
    if (status != NEXUS_OK) {
        fprintf(stderr, "%s\\n", nexus_error_message(error));
        return EXIT_FAILURE;
    }
"""
AFTER_C = """\
    nexus_loader_free(loader);
    return status == NEXUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
"""
BEFORE_CPP = """\
#include <nexus_loader.hpp>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

int main(int argc, char **argv)
try {
    const nexus::Loader loader(argc > 1 ? argv[1] : ".");
"""
AFTER_CPP = """\
} catch (const nexus::Error &error) {
    std::cerr << error << '\\n';
    return EXIT_FAILURE;
}
"""
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
# Of each language: suffix, compiler, what is before and after a body.
LANGUAGES = {
    "c": (".c", [os.environ.get("CC", "cc"), "-std=c11", *WARNINGS], BEFORE_C, AFTER_C),
    "cpp": (
        ".cpp",
        [os.environ.get("CXX", "c++"), "-std=c++17", *WARNINGS, "-pedantic", "-Wconversion", "-Wshadow"],
        BEFORE_CPP,
        AFTER_CPP,
    ),
}
FLAGS = re.compile(r"// compile with (-.*)\n")

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(document):
    """Gives (line, language, source, expected output or None) for each C and C++ block."""
    text = document.read_text(encoding="utf-8")
    found = list(FENCE.finditer(text))
    for index, match in enumerate(found):
        if match[1] not in LANGUAGES:
            continue
        after = found[index + 1] if index + 1 < len(found) else None
        adjacent = after and after[1] == "text" and len(text[match.end() : after.start()].strip().splitlines()) <= 1
        yield text.count("\n", 0, match.start()) + 1, match[1], match[2], after[2] if adjacent else None


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, **more)


def main():
    pythons = sys.argv[1:]
    OUTPUT.mkdir(parents=True, exist_ok=True)
    passed, failures = 0, []
    programs = []
    for document in DOCUMENTS:
        for line, language, source, expected in blocks(document):
            where = f"{document.relative_to(ROOT)}:{line}"
            suffix, compiler, before, after = LANGUAGES[language]
            flags = FLAGS.match(source)
            if "int main" not in source:
                source = before + source + after
            stem = OUTPUT / re.sub(r"\W", "_", where)
            stem.with_suffix(suffix).write_text(source, encoding="utf-8")
            made = run([*compiler, *(flags[1].split() if flags else []), f"-I{ROOT}/include", stem.with_suffix(suffix),
                        f"-L{LIBRARIES}", "-lnexus_loader", f"-Wl,-rpath,{LIBRARIES}", "-o", stem])
            if made.returncode == 0:
                programs.append((where, stem, expected))
            else:
                failures.append(f"{where} does not compile:\n{made.stderr}")
    for python in pythons:
        folder = run([ROOT / "scripts/documented.sh", python], check=True).stdout.strip()
        environment = {**os.environ, "NEXUS_PYTHON": python}
        for where, program, expected in programs:
            ran = run([program, folder], env=environment, stdin=subprocess.DEVNULL)
            wanted = expected and expected.replace("<modules>", folder)
            if ran.returncode != 0:
                failures.append(f"{where} on {python} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
            elif wanted is not None and ran.stdout != wanted:
                failures.append(f"{where} on {python} printed:\n{ran.stdout}and not:\n{wanted}")
            else:
                passed += 1
    for failure in failures:
        print(failure, file=sys.stderr)
    print(f"documents: {passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
