"""The declaration file and the header say the same, and LuaJIT and cffi understand the file alike.

cffi makes C code of the declaration file that the compiler checks against the header: types of functions,
sizes and offsets of structs, values of constants. What cffi has learned that way is asked of LuaJIT.

usage: agrees.py INCLUDE LIBRARIES SCRATCH
"""

import importlib.util
import pathlib
import re
import subprocess
import sys
import sysconfig

import cffi

include, libraries, scratch = map(pathlib.Path, sys.argv[1:])
# On Windows something stands before each function.
header = re.sub(r"\bNEXUS_API\b( __declspec.*|\n)?", "", (include / "nexus_loader.h").read_text())
cdef = (include / "nexus_loader.cdef").read_text()


def compiled():
    """The module of which the compiler has checked all against the header."""
    ffi = cffi.FFI()
    ffi.cdef(cdef)
    ffi.set_source("agrees_checked", '#include "nexus_loader.h"')
    source, module = scratch / "agrees_checked.c", scratch / "agrees_checked.so"
    ffi.emit_c_code(str(source))
    # cffi converts between a typedef of uint32_t and the enum of the same width, and leaves casts out.
    subprocess.run(["gcc", "-shared", "-fPIC", "-O0", "-Wall", "-Werror", f"-I{include}",
                    f"-I{sysconfig.get_path('include')}", source, f"-L{libraries}", "-lnexus_loader",
                    f"-Wl,-rpath,{libraries}", "-o", module], check=True)
    spec = importlib.util.spec_from_file_location("agrees_checked", module)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded.ffi, loaded.lib


def declarations(text):
    """A text without its comments and inline functions."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"^static inline .*?^}\n", "", text, flags=re.DOTALL | re.MULTILINE)


def names_of_header():
    """What the header declares, read without any parser of C: its constants, types and functions."""
    text = declarations(header)
    constants = set(re.findall(r"^#define (NEXUS_\w+) (?!\")", text, re.MULTILINE))
    constants |= set(re.findall(r"^    (NEXUS_\w+) = ", text, re.MULTILINE))
    types = set(re.findall(r"^(?:typedef struct (\w+) \1|\} (\w+));$", text, re.MULTILINE))
    types = {name for pair in types for name in pair if name} | set(re.findall(r"^typedef .*\(\*(\w+)\)", text, re.MULTILINE))
    functions = set(re.findall(r"^[\w ]+?\**(nexus_\w+)\(", text, re.MULTILINE))
    return constants, types, functions


def prototypes(text):
    """Every function and type of a function, as it is written: C converts integers of another width in silence."""
    return {" ".join(found.split())
            for found in re.findall(r"^[\w ]+[ *]+(?:nexus_\w+|\(\*\w+\))\([^;]*\);", declarations(text), re.MULTILINE)}


def exported():
    listed = subprocess.run(["nm", "-D", "--defined-only", libraries / "libnexus_loader.so"], capture_output=True, text=True, check=True)
    return set(re.findall(r" T (nexus_\w+)", listed.stdout))


ffi, lib = compiled()
constants, types, functions = names_of_header()
assert len(constants) > 100 and len(types) > 30 and len(functions) > 100, (len(constants), len(types), len(functions))

# Complete, both ways.
known = set(dir(lib))
assert {name for name in known if name.startswith("NEXUS_")} == constants
assert {name for name in known if name.startswith("nexus_")} == functions == exported(), functions ^ exported()
typedefs, structs, unions = ffi.list_types()
assert set(typedefs) == types, set(typedefs) ^ types
assert not any("#" in line for line in cdef.splitlines())

assert prototypes(header) == prototypes(cdef), prototypes(header) ^ prototypes(cdef)
assert len(prototypes(cdef)) == len(functions) + len(re.findall(r"\(\*\w+\)\(", cdef))

# The same for LuaJIT: a line for each constant, size and offset.
facts = [f"constant {name} {getattr(lib, name)}" for name in sorted(constants)]
plain = cffi.FFI()  # knows the fields from the declarations alone
plain.cdef(cdef)
plain_lib = plain.dlopen(str(libraries / "libnexus_loader.so"))
assert all(getattr(plain_lib, name) == getattr(lib, name) for name in constants)
for name in typedefs:
    kind = plain.typeof(name)
    if kind.kind in ("struct", "union") and kind.fields:
        assert plain.sizeof(name) == ffi.sizeof(name), name
        facts.append(f"size {name} {ffi.sizeof(name)}")
        for field, description in kind.fields:
            assert description.offset == ffi.offsetof(name, field), (name, field)
            facts.append(f"offset {name} {field} {ffi.offsetof(name, field)}")
    elif kind.kind == "primitive":
        facts.append(f"size {name} {ffi.sizeof(name)}")
assert sum(fact.startswith("offset") for fact in facts) > 60, facts
facts += [f"function {name}" for name in sorted(functions)]
script = pathlib.Path(__file__).with_name("agrees.lua")
subprocess.run(["luajit", script, include / "nexus_loader.cdef", libraries / "libnexus_loader.so"],
               input="\n".join(facts), text=True, check=True)
print(len(facts), "facts agree")
