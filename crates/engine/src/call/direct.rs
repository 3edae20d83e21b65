//! Calling the C function of a builtin without going through Python.

use crate::python::text::lossless;
use crate::python::{is_raising_in, probed, python_minor_version};
use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicBool, Ordering};
use pyo3::ffi::{PyMethodDef, PyObject, PyThreadState};
use pyo3::prelude::*;

/// The C function of a builtin, which can be called as Python would call it.
#[derive(Clone, Copy)]
pub struct Direct {
    function: *const c_void,
    object: *mut PyObject,
    /// How many arguments it takes, `MANY` or `UNKNOWN`.
    arity: usize,
}

/// Any number of arguments, in an array (`METH_FASTCALL`).
const MANY: usize = usize::MAX;
/// Python has to help. No call has so many arguments.
const UNKNOWN: usize = usize::MAX - 1;

/// What a builtin is (`PyCFunctionObject`): so since 3.0, but nothing that Python promises. So it is tried at
/// the start, and only on releases on which it was run before.
#[repr(C)]
struct Builtin {
    head: pyo3::ffi::PyObject,
    definition: *const PyMethodDef,
    object: *mut PyObject,
}

/// Whether builtins are what is expected.
static AS_EXPECTED: AtomicBool = AtomicBool::new(false);

/// Tries it. The caller holds the GIL.
pub fn init() {
    let found = probed(python_minor_version(), is_as_expected);
    AS_EXPECTED.store(found == Some(true), Ordering::Relaxed);
}

fn is_as_expected() -> bool {
    use pyo3::ffi as py;
    // SAFETY: the GIL is held. A builtin is at least as large as its three documented functions need.
    unsafe {
        let builtins = py::PyEval_GetBuiltins();
        [c"len", c"print", c"abs"].iter().all(|name| {
            let function = py::PyDict_GetItemString(builtins, name.as_ptr());
            if function.is_null() || py::Py_TYPE(function) != &raw mut py::PyCFunction_Type {
                return false;
            }
            let builtin = &*function.cast::<Builtin>();
            let Some(c_function) = py::PyCFunction_GetFunction(function) else {
                return false;
            };
            // A pointer is looked at only if it has been seen to be the object that it should be.
            builtin.object == py::PyCFunction_GetSelf(function)
                && !builtin.object.is_null()
                && has_words(
                    builtin.definition,
                    c_function,
                    py::PyCFunction_GetFlags(function),
                )
        })
    }
}

/// # Safety
/// A definition of a living builtin, as far as its layout tells.
unsafe fn has_words(
    definition: *const PyMethodDef,
    function: pyo3::ffi::PyCFunction,
    flags: c_int,
) -> bool {
    if definition.is_null() || !definition.is_aligned() {
        return false;
    }
    // SAFETY: the caller vouches for it; a union of function pointers has the size of one.
    unsafe {
        let found = (&raw const (*definition).ml_meth).cast::<usize>().read();
        found == function as usize && (*definition).ml_flags == flags
    }
}

impl Direct {
    /// Python has to help.
    pub const UNKNOWN: Self = Self {
        function: core::ptr::null(),
        object: core::ptr::null_mut(),
        arity: UNKNOWN,
    };

    /// Of a builtin function or method that needs no tuple, class or keywords; it lives as long
    /// as the object. The caller holds the GIL.
    #[inline(always)]
    pub fn of(callable: *mut PyObject) -> Self {
        use pyo3::ffi as py;
        // SAFETY: the GIL is held, and the object is of the very type that is tried above.
        unsafe {
            if py::Py_TYPE(callable) != &raw mut py::PyCFunction_Type
                || !AS_EXPECTED.load(Ordering::Relaxed)
            {
                return Self::UNKNOWN;
            }
            let builtin = &*callable.cast::<Builtin>();
            let definition = &*builtin.definition;
            let arity = match definition.ml_flags {
                py::METH_FASTCALL => MANY,
                py::METH_O => 1,
                py::METH_NOARGS => 0,
                _ => return Self::UNKNOWN,
            };
            Self {
                function: definition.ml_meth.PyCFunction as *const c_void,
                object: builtin.object,
                arity,
            }
        }
    }

    /// Whether it takes so many arguments. With any other number Python is to call it, and raises the error.
    #[inline(always)]
    pub fn takes(&self, count: usize) -> bool {
        self.arity == MANY || self.arity == count
    }

    /// Calls it with borrowed arguments: a new reference, or NULL with an exception set. `takes` has been
    /// asked. The caller holds the GIL with the thread state `state`, and a reference to the builtin,
    /// `callable`.
    #[inline(always)]
    pub fn call(
        &self,
        callable: *mut PyObject,
        state: *mut PyThreadState,
        args: *const *mut PyObject,
        count: usize,
    ) -> *mut PyObject {
        type Many =
            unsafe extern "C" fn(*mut PyObject, *const *mut PyObject, isize) -> *mut PyObject;
        type One = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject;
        // SAFETY: the number of arguments tells the function's type.
        let result = unsafe {
            if self.arity == MANY {
                let function = core::mem::transmute::<*const c_void, Many>(self.function);
                function(self.object, args, count.cast_signed())
            } else {
                let function = core::mem::transmute::<*const c_void, One>(self.function);
                let argument = if count == 0 {
                    core::ptr::null_mut()
                } else {
                    *args
                };
                function(self.object, argument)
            }
        };
        // What Python checks after each call: the one or the other.
        if result.is_null() != is_raising_in(state) {
            broken(callable, result);
            return core::ptr::null_mut();
        }
        result
    }
}

/// SystemError, as Python raises it for a function that breaks the rules (`_Py_CheckFunctionResult`). Takes
/// over the result, if there is one.
#[cold]
fn broken(callable: *mut PyObject, result: *mut PyObject) {
    Python::attach(|py| {
        let cause = PyErr::take(py);
        let text = if result.is_null() {
            "returned NULL without setting an exception"
        } else {
            "returned a result with an exception set"
        };
        // SAFETY: NULL or a new reference, which is given up; a living object.
        let callable = unsafe {
            pyo3::ffi::Py_XDECREF(result);
            Bound::from_borrowed_ptr(py, callable)
        };
        let name = callable
            .repr()
            .map_or_else(|_| "a builtin function".to_owned(), |name| lossless(&name));
        let error = pyo3::exceptions::PySystemError::new_err(format!("{name} {text}"));
        error.set_cause(py, cause);
        error.restore(py);
    });
}
