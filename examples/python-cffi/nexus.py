"""nexus_loader through cffi: a thin layer over the C functions. Copy it into your program.

    import nexus
    loader = nexus.open("plugins")
    print(loader.get("crypto").call("encrypt", "Hello"))

The process is Python already: the library adopts this interpreter. What fails raises nexus.Failure, with
status, exception and traceback.
"""

import pathlib
import subprocess

import cffi

ffi = cffi.FFI()


def declarations():
    """The declarations: beside this file, in the source tree, or where `make install` put them."""
    here = pathlib.Path(__file__).resolve().parent
    for folder in here, here.parent.parent / "include", pathlib.Path("/usr/local/include"), pathlib.Path("/usr/include"):
        file = folder / "nexus_loader.cdef"
        if file.is_file():
            return file.read_text()
    asked = subprocess.run(["pkg-config", "--variable=cdef", "nexus_loader"], capture_output=True, text=True, check=True)
    return pathlib.Path(asked.stdout.strip()).read_text()


ffi.cdef(declarations())
C = ffi.dlopen("libnexus_loader.so.1")

STATES = {C.NEXUS_STATE_LOADED: "loaded", C.NEXUS_STATE_LAZY: "lazy", C.NEXUS_STATE_FAILED: "failed",
          C.NEXUS_STATE_SKIPPED: "skipped", C.NEXUS_STATE_MISSING: "missing"}


def text(pointer):
    return ffi.string(pointer).decode()


class Failure(Exception):
    def __init__(self, status, error):
        self.status, self.exception, self.traceback = status, text(C.nexus_error_exception(error)), text(C.nexus_error_traceback(error))
        message = text(C.nexus_error_message(error))
        super().__init__(f"{self.exception}: {message}" if self.exception else message)
        C.nexus_error_free(error)


def made(function, *arguments, output):
    """Calls a function whose last parameters are an output and the error; gives the output."""
    out, error = ffi.new(output + " *"), ffi.new("NexusError **")
    status = function(*arguments, out, error)
    if status != C.NEXUS_OK:
        raise Failure(status, error[0])
    return out[0]


# --- Values ---


def payload(value):
    return getattr(value, "as")  # the field's name is a keyword of Python's


def to_c(values):
    """An array of NexusValue, and what its texts point to."""
    array, kept = ffi.new("NexusValue[]", max(len(values), 1)), []
    for value, python in zip(array, values):
        if python is None:
            value.kind = C.NEXUS_KIND_NONE
        elif isinstance(python, bool):
            value.kind, payload(value).boolean = C.NEXUS_KIND_BOOLEAN, python
        elif isinstance(python, int):
            value.kind, payload(value).integer = C.NEXUS_KIND_INTEGER, python
        elif isinstance(python, float):
            value.kind, payload(value).real = C.NEXUS_KIND_REAL, python
        elif isinstance(python, Object):
            value.kind, payload(value).object = C.NEXUS_KIND_OBJECT, python.handle
        elif isinstance(python, (str, bytes)):
            value.kind = C.NEXUS_KIND_TEXT if isinstance(python, str) else C.NEXUS_KIND_BYTES
            data = python.encode() if isinstance(python, str) else python
            kept.append(ffi.from_buffer(data))
            payload(value).text.data, payload(value).text.size = kept[-1], len(data)
        else:
            raise TypeError(f"no value for {python!r}: a handle of it is an Object")
    return array, kept


def from_c(value):
    if value.kind == C.NEXUS_KIND_BOOLEAN:
        return payload(value).boolean
    if value.kind == C.NEXUS_KIND_INTEGER:
        return payload(value).integer
    if value.kind == C.NEXUS_KIND_REAL:
        return payload(value).real
    if value.kind in (C.NEXUS_KIND_TEXT, C.NEXUS_KIND_BYTES):
        data = ffi.buffer(payload(value).text.data, payload(value).text.size)[:] if payload(value).text.size else b""
        return data.decode() if value.kind == C.NEXUS_KIND_TEXT else data
    return Object(payload(value).object) if value.kind == C.NEXUS_KIND_OBJECT else None


def take(value):
    """The same for a value that is ours to clear."""
    python = from_c(value)
    if value.kind != C.NEXUS_KIND_OBJECT:
        C.nexus_value_clear(ffi.addressof(value))
    return python


# --- Handles ---


class Handle:
    """Freed with this object, or by free() at once."""

    def __init__(self, handle):
        self.handle = ffi.gc(handle, self.free_function)

    def free(self):
        ffi.release(self.handle)


class Object(Handle):
    free_function = C.nexus_object_free

    def call(self, name, *arguments):
        """Calls a method, or a function of a module."""
        array, kept = to_c(arguments)
        return take(made(C.nexus_object_call_method, self.handle, name.encode(), array, len(arguments), output="NexusValue"))

    def __str__(self):
        return take(made(C.nexus_object_str, self.handle, output="NexusValue"))


class Loader(Handle):
    free_function = C.nexus_loader_free

    def get(self, name):
        return Object(made(C.nexus_loader_get, self.handle, name.encode(), output="NexusObject *"))

    def report(self):
        """(name, state, message) for each file and each requested name."""
        report = made(C.nexus_loader_report, self.handle, output="NexusReport *")
        entry = ffi.new("NexusReportEntry *")
        for index in range(C.nexus_report_count(report)):
            C.nexus_report_at(report, index, entry)
            yield text(entry.name), STATES.get(entry.state, entry.state), text(entry.message)
        C.nexus_report_free(report)


class Memory(Handle):
    """Memory of cffi's, which Python sees through view() without a copy."""

    free_function = C.nexus_memory_free

    def __init__(self, array, item_format):
        self.array = array  # lives as long
        kept = ffi.new("char[]", item_format.encode())
        size = ffi.sizeof(array)
        layout = ffi.new("NexusMemoryLayout *", {
            "struct_size": ffi.sizeof("NexusMemoryLayout"), "data": array, "size": size, "format": kept,
            "item_size": size // len(array)})
        super().__init__(made(C.nexus_memory_new, layout, ffi.NULL, ffi.NULL, output="NexusMemory *"))

    def view(self):
        return Object(made(C.nexus_memory_view, self.handle, output="NexusObject *"))

    def free(self):
        """Takes it back; a failure while there are views."""
        error = ffi.new("NexusError **")
        status = C.nexus_memory_revoke(self.handle, error)
        if status != C.NEXUS_OK:
            raise Failure(status, error[0])
        super().free()


# --- Functions ---


def open(directory, recursive=False, modules=None):
    names = [ffi.new("char[]", name.encode()) for name in modules or ()]
    array = ffi.new("const char *[]", names)
    options = ffi.new("NexusLoaderOptions *", {
        "struct_size": ffi.sizeof("NexusLoaderOptions"), "flags": C.NEXUS_LOADER_RECURSIVE if recursive else 0,
        "modules": ffi.NULL if modules is None else array, "module_count": len(names)})
    return Loader(made(C.nexus_loader_open, str(directory).encode(), options, output="NexusLoader *"))


def import_module(name):
    return Object(made(C.nexus_import, name.encode(), output="NexusObject *"))


def python_version():
    error, info = ffi.new("NexusError **"), ffi.new("NexusPythonInfo *", {"struct_size": ffi.sizeof("NexusPythonInfo")})
    status = C.nexus_python_start(ffi.NULL, error) or C.nexus_python_info(info, error)
    if status != C.NEXUS_OK:
        raise Failure(status, error[0])
    return text(info.version_text)


def callable(name, function):
    """A callable of a function: as any code in this process that is not Python would make one."""

    @ffi.callback("NexusFunction", error=C.NEXUS_ERR_PANIC)
    def run(arguments, result, error, user_data):
        try:
            given = []
            for value in arguments.values[0 : arguments.count]:
                if value.kind == C.NEXUS_KIND_OBJECT:  # lent: a handle of our own
                    given.append(Object(made(C.nexus_object_clone, payload(value).object, output="NexusObject *")))
                else:
                    given.append(from_c(value))
            array, kept = to_c([function(*given)])
            result[0] = array[0]
            if array[0].kind >= C.NEXUS_KIND_TEXT:  # handed over as an object, which needs no memory of ours
                result.kind = C.NEXUS_KIND_OBJECT
                payload(result).object = made(C.nexus_object_new, array, output="NexusObject *")
            return C.NEXUS_OK
        except BaseException as problem:  # none may leave through C
            return C.nexus_error_raise(b"builtins.RuntimeError", str(problem).encode(), error)

    CALLBACKS.append(run)
    return Object(made(C.nexus_function_new, name.encode(), ffi.NULL, 0, run, ffi.NULL, ffi.NULL, output="NexusObject *"))


CALLBACKS = []  # for the life of the program: somebody may still have the callable


def status_string(status):
    return text(C.nexus_status_string(status))
