#!/usr/bin/env python3
"""Checks what scripts/macos/build.sh has made: load commands, exported names, what is left to the dynamic linker, and
that our own inspection reads it right. Nothing of it is run. Every sentence of docs/macos.md about the files is
asserted here.

usage: check.py UNIVERSAL VERSION ABI MINIMUM LLVM_OBJDUMP ABI3INFO NEXUS LINUX_LIBRARIES
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import macho

SYSTEM_LIBRARY = "/usr/lib/libSystem.B.dylib"
# PEP 590: exported by every libpython since 3.9, and of the stable ABI since 3.12 (crates/engine/src/python/beyond_limited.rs).
EXPORTED_BEFORE = {"PyObject_Vectorcall", "PyObject_VectorcallMethod"}
# Pages of 16 kB on arm64, of 4 kB on x86_64, as bits.
PAGE_BITS = {"arm64": 14, "x86_64": 12}
problems = []
checked = 0


def require(condition, text):
    global checked
    checked += 1
    if not condition:
        problems.append(text)


def same(found, expected, what):
    if isinstance(expected, set):
        missing, extra = sorted(expected - found), sorted(found - expected)
        require(found == expected, f"{what}: missing {missing}, more than expected {extra}")
    else:
        require(found == expected, f"{what}: {found!r}, and it must be {expected!r}")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Names:
    """The names that a part exports and imports, as llvm-objdump reads them from what dyld reads."""

    def __init__(self, objdump, file, machine):
        say = lambda *flags: output(objdump, "--macho", f"--arch={machine}", *flags, str(file))
        self.exported = set(re.findall(r"^0x[0-9A-F]+\s+_(\S+)", say("--exports-trie"), re.MULTILINE))
        # segment, section, address, [type, addend,] library, name
        table = re.compile(r"^__\S+\s+__\S+\s+0x[0-9A-F]+\s+(?:pointer\s+-?\d+\s+)?(\S+)\s+_(\S+)", re.MULTILINE)
        self.imported = set(table.findall(say("--bind", "--lazy-bind")))
        self.weak = set(re.findall(r"^__\S+.*", say("--weak-bind"), re.MULTILINE))

    def from_library(self, library):
        return {name for origin, name in self.imported if origin == library}


def of_python(names):
    return {name for name in names if re.match(r"_?Py[A-Z_]", name)}


def check_image(image, what, minimum):
    same(image.platform, macho.PLATFORM_MACOS, f"{what}: platform")
    same(image.minimum, minimum, f"{what}: the oldest system")
    require(image.flags & macho.MH_TWOLEVEL, f"{what}: it has no two-level namespace")
    # Without that flag dyld makes no thread-local variables, and the first use of one ends the process.
    has_variables = b"__thread_vars\0" in image.data[: image.commands_end]
    same(bool(image.flags & macho.MH_HAS_TLV_DESCRIPTORS), has_variables, f"{what}: thread-local variables")
    page = 1 << PAGE_BITS[image.machine]
    for name, address, length, offset, _, _, protection in image.segments:
        require(address % page == 0 and offset % page == 0, f"{what}: the segment {name} is not aligned to a page")
        require(protection & 6 != 6, f"{what}: the segment {name} can be written to and run")
    # Apple's processors run nothing that is not signed.
    if image.machine == "arm64":
        require(image.signature, f"{what}: it is not signed")
    if image.signature:
        try:
            image.check_signature()
            require(True, "")
        except ValueError as error:
            require(False, f"{what}: {error}")


def check_library(image, what, name, version, abi):
    same(image.file_type, "DYLIB", f"{what}: the kind of file")
    minor = version.rsplit(".", 1)[0] + ".0"
    same(image.id, (f"@rpath/lib{name}.{abi}.dylib", version, minor), f"{what}: name, current and compatible version")
    same(image.needed, [SYSTEM_LIBRARY], f"{what}: the libraries that it needs")
    same(image.search_paths, [], f"{what}: where it searches libraries")


def linux_exports(file):
    text = output("nm", "-D", "--defined-only", str(file))
    return set(re.findall(r" T (\S+)$", text, re.MULTILINE))


def stable_abi(folder):
    sys.path.insert(0, str(folder))
    import abi3info

    every = [*abi3info.FUNCTIONS.values(), *abi3info.DATAS.values()]
    # What a feature macro guards is not there on every system.
    until = lambda minor: {
        item.symbol.name
        for item in every
        if item.added <= abi3info.models.PyVersion(3, minor) and item.ifdef is None
    }
    same(EXPORTED_BEFORE & until(12) - until(11), EXPORTED_BEFORE, "names that came to the stable ABI with 3.12")
    return until(11) | EXPORTED_BEFORE


def check_front(names, what, declared):
    same(names.exported, declared, f"{what}: exported names")
    same(of_python({name for _, name in names.imported}), set(), f"{what}: names of Python's")
    same({origin for origin, _ in names.imported}, {"libSystem"}, f"{what}: where its names come from")
    same(names.weak, set(), f"{what}: weak names")


def check_engine(names, what, linux, abi3):
    same(names.exported, linux, f"{what}: exported names, beside those of the Linux engine")
    dynamic = names.from_library("flat-namespace")
    require(len(dynamic) > 100, f"{what}: only {len(dynamic)} names are Python's")
    same(dynamic - abi3, set(), f"{what}: names that are looked for in the process and are not of the stable ABI of 3.11")
    same(of_python({name for _, name in names.imported}), dynamic, f"{what}: names of Python's")
    same({origin for origin, _ in names.imported}, {"libSystem", "flat-namespace"}, f"{what}: where its names come from")
    same(names.weak, set(), f"{what}: weak names")


def inspect(nexus, file):
    """What our own inspection, on this machine, says of a file that it can only look at."""
    run = subprocess.run([nexus, "inspect", "--json", str(file)], capture_output=True, text=True)
    return json.loads(run.stdout)[0]


def check_inspected_library(found, abi):
    what = f"inspect {Path(found['path']).name}"
    same((found["format"], found["platform"], found["bits"]), ("Mach-O", "macos", 64), what)
    same(found["verdict"], "helper", f"{what}: the verdict")
    same(found["needed"], [SYSTEM_LIBRARY], f"{what}: the libraries that it needs")
    name = Path(found["path"]).name.split(".")[0]
    same(found["soname"], f"@rpath/{name}.{abi}.dylib", f"{what}: its own name")


def check_inspected_module(found, tag):
    what = f"inspect {Path(found['path']).name}"
    same((found["verdict"], found["detail"], found["platform"]), ("hopeless", 303, "macos"), what)
    same((found["init_symbols"], found["abi_tag"]), (["PyInit_values"], tag), f"{what}: symbol and tag")
    same(set(found["machine"].split(", ")), {"aarch64", "x86_64"}, f"{what}: its machines")
    same(found["problems"][0]["name"], "PLATFORM", f"{what}: the problem")
    require("macos" in found["message"] and "linux" in found["message"], f"{what}: it says {found['message']!r}")


def main():
    universal, version, abi, minimum, objdump, abi3info, nexus, linux = sys.argv[1:]
    universal, linux = Path(universal), Path(linux)
    minimum = f"{minimum}.0"
    declared = set(re.findall(r"^function .*?\b(nexus_\w+) \(", Path("tests/abi.txt").read_text(), re.MULTILINE))
    require(len(declared) > 100, f"tests/abi.txt has only {len(declared)} functions")
    abi3 = stable_abi(abi3info)
    libraries = [universal / f"lib{name}.dylib" for name in ("nexus_loader", "nexus_engine")]
    programs = [universal / "nexus", *sorted((universal / "examples").iterdir())]
    same([file.name for file in programs], ["nexus", "complete", "complete_cpp", "modules"], "the programs")
    for file in [*libraries, *programs]:
        parts = list(macho.slices(file.read_bytes()))
        same({machine for machine, _, _ in parts}, {"arm64", "x86_64"}, f"{file.name}: its machines")
        for machine, align, data in parts:
            what = f"{file.name} ({machine})"
            require(align >= PAGE_BITS[machine], f"{what}: aligned to 2^{align} in the universal file")
            image = macho.Image(data)
            same(image.machine, machine, f"{what}: the machine in its header")
            check_image(image, what, minimum)
            if file in libraries:
                name = file.name.split(".")[0].removeprefix("lib")
                check_library(image, what, name, version, abi)
                names = Names(objdump, file, machine)
                if name == "nexus_loader":
                    check_front(names, what, declared)
                else:
                    check_engine(names, what, linux_exports(linux / "libnexus_engine.so"), abi3)
            else:
                same(image.file_type, "EXECUTE", f"{what}: the kind of file")
                require(image.flags & macho.MH_PIE, f"{what}: it is not position-independent")
                if file.parent.name == "examples":
                    loader = f"@rpath/libnexus_loader.{abi}.dylib"
                    same(sorted(image.needed), [SYSTEM_LIBRARY, loader], f"{what}: the libraries that it needs")
                    same(image.search_paths, ["@loader_path/.."], f"{what}: where it searches libraries")
                else:
                    same(image.needed, [SYSTEM_LIBRARY], f"{what}: the libraries that it needs")
    check_inspected_library(inspect(nexus, libraries[0]), abi)
    (module,) = universal.glob("modules/*.so")
    check_inspected_module(inspect(nexus, module), module.name.split(".")[1])
    for problem in problems:
        print(f"macos: {problem}", file=sys.stderr)
    print(f"macos: {checked - len(problems)} passed, {len(problems)} failed")
    sys.exit(bool(problems))


main()
