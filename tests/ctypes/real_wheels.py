"""ctypes as the host of real wheels, orjson and numpy, with a callback and threads.

usage: real_wheels.py DIRECTORY SITE_PACKAGES
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_size_t, c_uint32, c_void_p

from nexus_ctypes import INTEGER, OUT, Nexus, Value


class Arguments(Structure):
    _fields_ = [("struct_size", c_size_t), ("values", POINTER(Value)), ("count", c_size_t), ("keywords", c_void_p),
                ("keyword_count", c_size_t)]


FUNCTION = CFUNCTYPE(c_uint32, POINTER(Arguments), POINTER(Value), OUT, c_void_p)


@FUNCTION
def add(arguments, result, error, user_data):
    a, b = arguments[0].values[0 : arguments[0].count]
    result[0].kind, result[0].payload.integer = INTEGER, a.payload.integer + b.payload.integer
    return 0


nexus = Nexus()
nexus.function_new = nexus.library.nexus_function_new
nexus.function_new.restype = c_uint32
nexus.function_new.argtypes = [c_char_p, c_char_p, c_uint32, FUNCTION, c_void_p, c_void_p, OUT, OUT]


def imported(name):
    module = c_void_p()
    nexus.check(getattr(nexus, "import"), name, byref(module))
    return module


loaders = [nexus.open(os.path.join(sys.argv[2], folder)) for folder in ("orjson", "numpy/_core")]
orjson, numpy = nexus.get(loaders[0], "orjson.orjson"), imported(b"numpy")
assert nexus.call(orjson, "dumps", "größe") == '"größe"'.encode()
assert nexus.call(nexus.call(nexus.call(numpy, "arange", 5), "sum"), "item") == 10
callable = c_void_p()
nexus.check(nexus.function_new, b"add", None, 0, add, None, None, byref(callable))
assert nexus.call(imported(b"functools"), "reduce", callable, nexus.call(orjson, "loads", b"[1, 2, 3]")) == 6
with ThreadPoolExecutor(4) as threads:
    calls = threads.map(lambda worker: sum(nexus.call(orjson, "loads", b"7") for _ in range(1000)), range(4))
    assert list(calls) == [7000] * 4
for loader in loaders:
    nexus.loader_free(loader)
print("ctypes has real wheels")
