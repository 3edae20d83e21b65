#!/usr/bin/env python3
"""Compiles and runs every Go block of the README and the documents, on every CPython given.

A block with `package main` is a program. Any other is the body of a function that has opened the documented modules
(crypto, network, database) as `loader`, and may return an error. Programs get the folder of those modules as their
first argument. A `text` block right after a block is the exact output, with <modules> for that folder.

Run by test-go.sh, which has set up Go and the library.

usage: test-go-docs.py PYTHON...
"""

import concurrent.futures
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "target/go/documents"
# What a body may use without an import of its own.
PACKAGES = ["context", "errors", "fmt", "strings", "sync", "time", "nexus_loader/nexus"]
GO_MOD = f"module documents\n\ngo 1.24\n\nrequire nexus_loader/nexus v0.0.0\n\nreplace nexus_loader/nexus => {ROOT}/go\n"
MAIN = """\
package main

import (
	"fmt"
	"os"

	"nexus_loader/nexus"
)

var blocks = map[string]func(*nexus.Loader) error{}

func main() {
	loader, err := nexus.Open(os.Args[2])
	if err == nil {
		err = blocks[os.Args[1]](loader)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
"""


def documents():
    """The blocks as test-readme.py reads them, and its list of documents."""
    spec = importlib.util.spec_from_file_location("readme", ROOT / "scripts/test-readme.py")
    readme = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readme)
    readme.LANGUAGES = {"go": None}
    for document in readme.DOCUMENTS:
        for line, _, source, expected in readme.blocks(document):
            yield f"{document.relative_to(ROOT)}:{line}", source, expected


def body(name, source):
    """A block without `package` as a file of the one program that has them all: linking takes the time."""
    used = [package for package in PACKAGES if re.search(rf"\b{package.rsplit('/')[-1]}\.", source)]
    imports = "".join(f'\t"{package}"\n' for package in sorted({*used, "nexus_loader/nexus"}))
    return (
        f'package main\n\nimport (\n{imports})\n\nfunc init() {{\n\tblocks["{name}"] = func(loader *nexus.Loader) error {{\n'
        f"//line {name}\n{source}\n\t\treturn nil\n\t}}\n}}\n"
    )


def build(folder):
    (folder / "go.mod").write_text(GO_MOD, encoding="utf-8")
    made = subprocess.run(["go", "build", "-o", "program", "."], cwd=folder, capture_output=True, text=True)
    return made.stderr if made.returncode else ""


def main():
    shutil.rmtree(OUTPUT, ignore_errors=True)
    bodies = OUTPUT / "bodies"
    bodies.mkdir(parents=True)
    (bodies / "main.go").write_text(MAIN, encoding="utf-8")
    programs, folders = [], [bodies]
    for number, (where, source, expected) in enumerate(documents()):
        if "package main" in source:
            folder = OUTPUT / str(number)
            folder.mkdir()
            (folder / "main.go").write_text(source, encoding="utf-8")
            folders.append(folder)
            programs.append((where, [folder / "program"], expected))
        else:
            (bodies / f"block_{number}.go").write_text(body(where, source), encoding="utf-8")
            programs.append((where, [bodies / "program", where], expected))
    failures = [f"{folder} does not compile:\n{errors}" for folder in folders if (errors := build(folder))]
    jobs = []
    for python in sys.argv[1:] if not failures else []:
        modules = subprocess.run([ROOT / "scripts/documented.sh", python], check=True, capture_output=True, text=True).stdout.strip()
        jobs += [(python, modules, *program) for program in programs]

    def run(job):
        python, modules, where, command, expected = job
        ran = subprocess.run([*command, modules], env={**os.environ, "NEXUS_PYTHON": python}, capture_output=True,
                             text=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=120)
        wanted = expected and expected.replace("<modules>", modules)
        if ran.returncode != 0:
            return f"{where} on {python} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}"
        if wanted is not None and ran.stdout != wanted:
            return f"{where} on {python} printed:\n{ran.stdout}and not:\n{wanted}"
        return None

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, jobs))
    failures += [failure for failure in results if failure]
    passed = results.count(None)
    for failure in failures:
        print(failure, file=sys.stderr)
    print(f"go documents: {passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
