//! Calling the C function of a builtin without going through Python.

use pyo3::ffi::PyObject;
use pyo3::prelude::*;

/// The C function of a builtin, which can be called as Python would call it.
#[derive(Clone, Copy)]
pub struct Direct {
    function: pyo3::ffi::PyCFunction,
    object: *mut PyObject,
    kind: Convention,
}

/// How it takes its arguments (`ml_flags` of `PyMethodDef`).
#[derive(Clone, Copy)]
enum Convention {
    None,
    One,
    Many,
}

impl Direct {
    /// Of a builtin function or method whose convention needs no tuple, class or keywords; it lives as long
    /// as the object. The caller holds the GIL.
    pub fn of(callable: *mut PyObject) -> Option<Self> {
        use pyo3::ffi as py;
        // SAFETY: the GIL is held, and the object is of the very type that these three functions are for.
        unsafe {
            if py::Py_TYPE(callable) != &raw mut py::PyCFunction_Type {
                return None;
            }
            let kind = match py::PyCFunction_GetFlags(callable) & !py::METH_STATIC {
                py::METH_NOARGS => Convention::None,
                py::METH_O => Convention::One,
                py::METH_FASTCALL => Convention::Many,
                _ => return None,
            };
            Some(Self {
                function: py::PyCFunction_GetFunction(callable)?,
                object: py::PyCFunction_GetSelf(callable),
                kind,
            })
        }
    }

    /// Whether so many arguments can be given; for another number Python has the words.
    #[inline(always)]
    pub fn takes(&self, count: usize) -> bool {
        match self.kind {
            Convention::None => count == 0,
            Convention::One => count == 1,
            Convention::Many => true,
        }
    }

    /// Calls it with borrowed arguments: a new reference, or NULL with an exception set. The caller holds
    /// the GIL and a reference to the builtin, `callable`.
    #[inline(always)]
    pub fn call(
        &self,
        callable: *mut PyObject,
        args: *const *mut PyObject,
        count: usize,
    ) -> *mut PyObject {
        type Many =
            unsafe extern "C" fn(*mut PyObject, *const *mut PyObject, isize) -> *mut PyObject;
        // SAFETY: the convention tells the function's type; `takes` has been asked.
        let result = unsafe {
            match self.kind {
                Convention::None => (self.function)(self.object, core::ptr::null_mut()),
                Convention::One => (self.function)(self.object, *args),
                Convention::Many => {
                    let function: Many =
                        core::mem::transmute::<pyo3::ffi::PyCFunction, Many>(self.function);
                    function(self.object, args, count as isize)
                }
            }
        };
        // What Python checks after each call: the one or the other.
        if result.is_null() != super::is_raising() {
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
        let name = callable.repr().map_or_else(
            |_| "a builtin function".to_owned(),
            |name| crate::exception::lossless(&name),
        );
        let error = pyo3::exceptions::PySystemError::new_err(format!("{name} {text}"));
        error.set_cause(py, cause);
        error.restore(py);
    });
}
