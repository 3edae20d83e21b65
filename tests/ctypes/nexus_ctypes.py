"""The contract's functions through ctypes."""

import ctypes
import os
from ctypes import POINTER, Structure, Union, byref, c_bool, c_char_p, c_double, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

NONE, BOOLEAN, INTEGER, REAL, TEXT, BYTES, OBJECT = range(7)
OK, BAD_HANDLE, NOT_FOUND, NOT_LOADED, CONFLICT, EXCEPTION = 0, 2, 3, 6, 11, 13


class Text(Structure):
    _fields_ = [("data", c_void_p), ("size", c_size_t)]


class Payload(Union):
    _fields_ = [("boolean", c_bool), ("integer", c_int64), ("real", c_double), ("text", Text), ("object", c_void_p)]


class Value(Structure):
    _fields_ = [("kind", c_uint32), ("payload", Payload), ("owner", c_void_p)]


class PythonConfig(Structure):
    _fields_ = [("struct_size", c_size_t), ("flags", c_uint32), ("python", c_char_p)]


class PythonInfo(Structure):
    _fields_ = [("struct_size", c_size_t), ("version", c_uint32), ("owned", c_bool), ("version_text", c_char_p),
                ("library", c_char_p), ("executable", c_char_p), ("prefix", c_char_p), ("reason", c_char_p)]


class ReportEntry(Structure):
    _fields_ = [("name", c_char_p), ("path", c_char_p), ("state", c_uint32), ("status", c_uint32),
                ("detail", c_uint32), ("message", c_char_p), ("nanoseconds", c_uint64)]


HANDLE, OUT, VALUES = c_void_p, POINTER(c_void_p), POINTER(Value)

SIGNATURES = {
    "version_string": (c_char_p, []),
    "python_start": (c_uint32, [POINTER(PythonConfig), OUT]),
    "python_info": (c_uint32, [POINTER(PythonInfo), OUT]),
    "python_attach": (c_uint32, [OUT]),
    "python_detach": (c_uint32, [OUT]),
    "import": (c_uint32, [c_char_p, OUT, OUT]),
    "loader_new": (c_uint32, [c_char_p, POINTER(c_char_p), c_size_t, OUT, OUT]),
    "loader_get": (c_uint32, [HANDLE, c_char_p, OUT, OUT]),
    "loader_list": (c_uint32, [HANDLE, OUT, OUT]),
    "loader_contains": (c_bool, [HANDLE, c_char_p]),
    "loader_count": (c_size_t, [HANDLE]),
    "loader_report": (c_uint32, [HANDLE, OUT, OUT]),
    "loader_free": (None, [HANDLE]),
    "names_count": (c_size_t, [HANDLE]),
    "names_at": (c_char_p, [HANDLE, c_size_t]),
    "names_free": (None, [HANDLE]),
    "report_count": (c_size_t, [HANDLE]),
    "report_at": (c_uint32, [HANDLE, c_size_t, POINTER(ReportEntry)]),
    "report_free": (None, [HANDLE]),
    "object_attr": (c_uint32, [HANDLE, c_char_p, VALUES, OUT]),
    "object_call": (c_uint32, [HANDLE, VALUES, c_size_t, VALUES, OUT]),
    "object_call_method": (c_uint32, [HANDLE, c_char_p, VALUES, c_size_t, VALUES, OUT]),
    "object_free": (None, [HANDLE]),
    "value_clear": (None, [VALUES]),
    "error_status": (c_uint32, [HANDLE]),
    "error_message": (c_char_p, [HANDLE]),
    "error_exception": (c_char_p, [HANDLE]),
    "error_free": (None, [HANDLE]),
}


class Failure(Exception):
    def __init__(self, status, message, exception):
        super().__init__(f"{status}: {message}")
        self.status, self.message, self.exception = status, message, exception


class Nexus:
    """The front, opened with CDLL (calls give up the GIL) or PyDLL (they keep it)."""

    def __init__(self, opener=ctypes.CDLL):
        self.library = opener(os.path.join(os.environ["NEXUS_TEST_LIBRARIES"], "libnexus_loader.so"))
        for name, (result, arguments) in SIGNATURES.items():
            function = self.library["nexus_" + name]
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    def check(self, function, *arguments):
        """Calls a function that has `error` as its last parameter, and raises Failure."""
        error = c_void_p()
        status = function(*arguments, byref(error))
        if status == OK:
            assert not error.value
            return
        assert self.error_status(error) == status
        failure = Failure(status, self.error_message(error).decode(), self.error_exception(error).decode())
        self.error_free(error)
        raise failure

    def open(self, directory):
        loader = c_void_p()
        path = os.path.join(os.environ["NEXUS_FIXTURES"], directory)
        self.check(self.loader_new, os.fsencode(path), None, 0, byref(loader))
        return loader

    def get(self, loader, name):
        module = c_void_p()
        self.check(self.loader_get, loader, name.encode(), byref(module))
        return module

    def call(self, module, method, *arguments):
        keep = [self.value(argument) for argument in arguments]
        array = (Value * max(len(keep), 1))(*(value for value, _ in keep))
        result = Value()
        self.check(self.object_call_method, module, method.encode(), array, len(keep), byref(result))
        python = self.python(result)
        if result.kind != OBJECT:
            self.value_clear(byref(result))
        return python

    @staticmethod
    def value(argument):
        """The argument as a Value, and what keeps its bytes alive."""
        value = Value()
        if argument is None:
            return value, None
        if isinstance(argument, bool):
            value.kind, value.payload.boolean = BOOLEAN, argument
        elif isinstance(argument, int):
            value.kind, value.payload.integer = INTEGER, argument
        elif isinstance(argument, float):
            value.kind, value.payload.real = REAL, argument
        elif isinstance(argument, c_void_p):
            value.kind, value.payload.object = OBJECT, argument.value
        else:
            data = argument.encode() if isinstance(argument, str) else argument
            buffer = ctypes.create_string_buffer(data, len(data) + 1)
            value.kind = TEXT if isinstance(argument, str) else BYTES
            value.payload.text.data, value.payload.text.size = ctypes.addressof(buffer), len(data)
            return value, buffer
        return value, None

    @staticmethod
    def python(value):
        if value.kind == NONE:
            return None
        if value.kind == BOOLEAN:
            return value.payload.boolean
        if value.kind == INTEGER:
            return value.payload.integer
        if value.kind == REAL:
            return value.payload.real
        if value.kind == OBJECT:
            return c_void_p(value.payload.object)
        data = ctypes.string_at(value.payload.text.data, value.payload.text.size)
        return data.decode() if value.kind == TEXT else data
