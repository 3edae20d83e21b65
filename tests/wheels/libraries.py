"""Inspects the DLLs and dylibs in a folder and all below it: libraries.py LIBNEXUS_LOADER FOLDER.

Prints a line of JSON for each: its path, the verdict, and the names of its problems.
"""

import ctypes
import json
import os
import sys

nexus = ctypes.CDLL(sys.argv[1])
nexus.nexus_inspection_json.restype = ctypes.c_char_p
nexus.nexus_inspection_json.argtypes = [ctypes.c_void_p]
nexus.nexus_inspection_free.restype = None
nexus.nexus_inspection_free.argtypes = [ctypes.c_void_p]


def inspect(path):
    inspection = ctypes.c_void_p()
    status = nexus.nexus_inspect_for(os.fsencode(path), 0x030C00, ctypes.byref(inspection), None)
    if status != 0:
        sys.exit(f"{path}: status {status}")
    facts = json.loads(nexus.nexus_inspection_json(inspection))
    nexus.nexus_inspection_free(inspection)
    return facts


for folder, _, files in os.walk(sys.argv[2]):
    for name in files:
        if name.lower().endswith((".dll", ".dylib")):
            path = os.path.join(folder, name)
            facts = inspect(path)
            problems = [problem["name"] for problem in facts["problems"]]
            print(json.dumps({"path": path, "verdict": facts["verdict"], "problems": problems}))
