"""What a plain `import` makes of every `.so` below a folder: the truth that the loader is held to.

    python reference.py FOLDER OUTPUT

Each module is imported in an interpreter of its own, as `python -c "import it"` would; then all of them, in
the order of their paths, in one more interpreter: a module may need that another was imported before, and
a process with all of them in it is what the loader makes. OUTPUT gets a line for each file: path, name,
outcome alone, outcome together, and `opened` or `closed`: whether the dynamic linker has opened it in that last
interpreter. Tabs are between. An outcome is `ok`, `exit N`, `signal N`, or an exception's type, a blank, and its
text.
"""

import concurrent.futures
import importlib.machinery
import os
import subprocess
import sys

# Run in an interpreter of its own: imports what the arguments name (name, path, name, path, ...), and writes
# a line for each to the pipe, then one for each file that is mapped, which begins with a tab.
IMPORTS = r"""
import sys
pipe = open(int(sys.argv[1]), "w", errors="backslashreplace")
arguments = sys.argv[2:]
sys.argv[:] = [""]

def outcome(name, path):
    import importlib, os
    try:
        module = importlib.import_module(name)
    except BaseException as error:
        return " ".join(f"{type(error).__name__} {error}".split())
    file = getattr(module, "__file__", None) or ""
    return "ok" if file and os.path.realpath(file) == os.path.realpath(path) else f"OtherFile {file}"

for name, path in zip(arguments[::2], arguments[1::2]):
    print(outcome(name, path), file=pipe, flush=True)
with open("/proc/self/maps") as maps:
    for path in {line.split(None, 5)[-1].rstrip("\n") for line in maps if "/" in line}:
        print("\t" + path, file=pipe)
pipe.flush()
# What happens when the interpreter ends is not our subject.
import os
os._exit(0)
"""


def dotted(folder, path):
    """The name that `import` knows a file by. Where there is none, the import will fail and say so."""
    relative = os.path.relpath(path, folder)
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        if relative.endswith(suffix):
            relative = relative[: -len(suffix)]
            break
    else:
        relative = relative.rsplit(".", 1)[0]
    return relative.replace(os.sep, ".").removesuffix(".__init__")


def outcomes(folder, files):
    """The outcomes of importing files one after the other in one interpreter, which may not reach the last, and
    the paths that are mapped in the end."""
    reader, writer = os.pipe()
    arguments = [part for path in files for part in (dotted(folder, path), path)]
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    # The folder is this environment's own site-packages: nothing needs to be put on the path.
    with subprocess.Popen(
        [sys.executable, "-c", IMPORTS, str(writer), *arguments],
        pass_fds=[writer],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
    ) as process:
        os.close(writer)
        with open(reader, encoding="utf-8") as lines:
            seen = lines.read().splitlines()
        code = process.wait()
    end = f"signal {-code}" if code < 0 else f"exit {code}"
    mapped = {line[1:] for line in seen if line.startswith("\t")}
    seen = [line for line in seen if not line.startswith("\t")]
    return seen + [end] * (len(files) - len(seen)), mapped


def main(folder, output):
    files = sorted(
        (
            os.path.join(where, name)
            for where, _, names in os.walk(folder)
            for name in names
            if name.endswith((".so", ".pyd"))
        ),
        key=os.fsencode,
    )
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        together = pool.submit(outcomes, folder, files)
        alone = list(pool.map(lambda path: outcomes(folder, [path])[0][0], files))
    partial = output + ".part"
    with open(partial, "w", encoding="utf-8") as lines:
        last, mapped = together.result()
        for path, one, all_of_them in zip(files, alone, last):
            opened = "opened" if path in mapped else "closed"
            print(path, dotted(folder, path), one, all_of_them, opened, sep="\t", file=lines)
    os.replace(partial, output)


if __name__ == "__main__":
    main(*sys.argv[1:])
