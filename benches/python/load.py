"""Loads a folder with the Python class and prints: modules, wall-clock and CPU nanoseconds.

The imports of the class (importlib.util, pathlib, typing: 15 to 20 ms) are not counted: a program has them
once.
"""

import sys
import time

sys.path.insert(0, sys.argv[1])
from nexus_loader import NexusLoader

wall, cpu = time.perf_counter_ns(), time.process_time_ns()
loader = NexusLoader(sys.argv[2])
wall, cpu = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
print(len(loader.list_loaded_modules()), wall, cpu, sep="\t")
