# Run by an interpreter that a search has found (any version: no syntax that Python 2 lacks), as
# `python -I -S -c …`: prints what the search wants to know, each fact ended by a NUL.
import sys

sys.path[:] = [folder for folder in sys.path if folder not in ("", ".")]


def fact(name, value):
    if value is None:
        value = ""
    value = str(value)
    if not isinstance(value, bytes):
        value = value.encode("utf-8", "surrogateescape")
    stdout = getattr(sys.stdout, "buffer", sys.stdout)
    stdout.write(name.encode("ascii") + b"=" + value + b"\0")


def main():
    import os

    fact("nexus", 1)
    fact("version", "%d.%d.%d" % sys.version_info[:3])
    fact("executable", sys.executable)
    if sys.version_info[:2] >= (3, 11):
        import sysconfig

        fact("implementation", sys.implementation.name)
        fact("base_executable", getattr(sys, "_base_executable", None))
        fact("base_prefix", sys.base_prefix)
        fact("stdlib", os.path.dirname(os.__file__))
        for name in ("LDLIBRARY", "INSTSONAME", "LIBDIR", "LIBPL", "MULTIARCH", "Py_ENABLE_SHARED"):
            fact(name, sysconfig.get_config_var(name))
        fact("framework", sysconfig.get_config_var("PYTHONFRAMEWORKPREFIX"))
        fact("free_threaded", sysconfig.get_config_var("Py_GIL_DISABLED") or 0)
        fact("flags", getattr(sys, "abiflags", ""))
    fact("end", 1)
    sys.stdout.flush()


main()
