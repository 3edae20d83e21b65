"""Opens a directory of modules and uses them, numpy among them.

usage: python complete.py DIRECTORY SITE_PACKAGES
"""

import re
import sys
from concurrent.futures import ThreadPoolExecutor

import nexus

directory, site_packages = sys.argv[1:]
print("Python", nexus.python_version().split()[0])

# Every file of the directory, and what became of it.
loader = nexus.open(directory)
for entry in loader.report():
    print(": ".join(filter(None, entry)))

# A call.
crypto = loader.get("crypto")
text = crypto.call("encrypt", "Hello")
print(f"encrypt: {text}, decrypt: {crypto.call('decrypt', text)}")

# An exception.
json = nexus.import_module("json")
try:
    json.call("loads", "{")
except nexus.Failure as failure:
    print(failure)
    print(re.sub("(?m)^(?=.)", "  | ", failure.traceback), end="")

# A function of this program as the library's callable, and its error.
numbers = json.call("loads", "[1, 2, 3, 4, 5]")
functools = nexus.import_module("functools")
add = nexus.callable("add", lambda a, b: a + b)
print("reduce:", functools.call("reduce", add, numbers))


def refuse(a, b):
    raise ValueError("not today")


try:
    functools.call("reduce", nexus.callable("refuse", refuse), numbers)
except nexus.Failure as failure:
    print(failure)

# A real package: numpy works on memory of cffi's, without a copy.
packages = nexus.open(site_packages, recursive=True, modules=["numpy.*", "orjson.*"])
print("orjson:", packages.get("orjson").call("dumps", numbers).decode())
numpy = nexus.import_module("numpy")
doubles = nexus.ffi.new("double[]", [float(number) for number in range(1, 1001)])
memory = nexus.Memory(doubles, "d")
view = memory.view()
array = numpy.call("asarray", view)
numpy.call("multiply", array, 2, array).free()  # the result is the array once more
print(f"doubled: {doubles[0]:.0f} to {doubles[999]:.0f}")
array.free()
view.free()
memory.free()

# In threads.
with ThreadPoolExecutor(4) as threads:
    calls = threads.map(lambda worker: sum(crypto.call("encrypt", "Hello") == text for _ in range(1000)), range(4))
    print("calls:", sum(calls))

# Handles go with their objects; free() does it at once. A freed one is an error, no crash.
handle = nexus.ffi.cast("NexusLoader *", loader.handle)
loader.free()
status = nexus.C.nexus_loader_get(handle, b"crypto", nexus.ffi.new("NexusObject **"), nexus.ffi.NULL)
print("freed:", nexus.status_string(status))
