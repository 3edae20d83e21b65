//! A function of the host as Python sees it.

use crate::object::function::Host;
use core::ffi::CStr;
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

/// A builtin function around a function of the host's, which it owns.
pub fn host_callable(py: Python<'_>, host: Box<Host>) -> PyResult<Bound<'_, PyAny>> {
    use pyo3::ffi as api;

    /// What the capsule that is the function's `self` points to.
    struct Owned {
        definition: api::PyMethodDef,
        host: Box<Host>,
    }
    const NAME: &CStr = c"nexus_loader.host_function";

    unsafe extern "C" fn call(
        capsule: *mut PyObject,
        arguments: *const *mut PyObject,
        count: isize,
        names: *mut PyObject,
    ) -> *mut PyObject {
        // SAFETY: Python calls this with the GIL held, with the capsule that the function was made with, and
        // with arguments, positional ones and those of the names, that live through the call (PEP 590).
        unsafe {
            let py = Python::assume_attached();
            let owned = api::PyCapsule_GetPointer(capsule, NAME.as_ptr()).cast::<Owned>();
            if owned.is_null() {
                return core::ptr::null_mut();
            }
            let names = Bound::from_borrowed_ptr_or_opt(py, names)
                .and_then(|names| names.cast_into::<pyo3::types::PyTuple>().ok());
            let keywords = names.as_ref().map_or(0, |names| names.len());
            let positional = count as usize;
            let arguments = match positional + keywords {
                0 => &[][..],
                all => core::slice::from_raw_parts(arguments, all),
            };
            let host = &(*owned).host;
            let called = nexus_abi::ffi::unpanicked(|| {
                Ok(crate::object::function::call_host(
                    py,
                    host,
                    arguments,
                    positional,
                    names.as_ref(),
                ))
            });
            match called {
                Ok(Ok(result)) => result,
                Ok(Err(raised)) => raise(raised),
                Err(panic) => raise(pyo3::exceptions::PySystemError::new_err(panic.message)),
            }
        }
    }

    /// Makes it pending, with PyO3's own token, without which it would put the giving up of references off.
    fn raise(error: PyErr) -> *mut PyObject {
        Python::attach(|py| {
            let value = error.value(py).as_ptr();
            // SAFETY: a living exception, and the GIL. As `raise` does it, a new exception gets the one that is
            // being handled for its context; one that comes from Python has what it got there.
            unsafe {
                let context = api::PyException_GetContext(value);
                if context.is_null() {
                    api::PyErr_SetObject(api::Py_TYPE(value).cast(), value);
                } else {
                    api::Py_DECREF(context);
                    error.restore(py);
                }
            }
        });
        core::ptr::null_mut()
    }

    unsafe extern "C" fn destroy(capsule: *mut PyObject) {
        // SAFETY: the capsule's pointer is a `Box` of ours, which is freed once. The function, which refers
        // to the definition, is gone before its `self` (CPython's meth_dealloc).
        unsafe {
            let owned = api::PyCapsule_GetPointer(capsule, NAME.as_ptr()).cast::<Owned>();
            if !owned.is_null() {
                nexus_abi::ffi::guard_or((), || drop(Box::from_raw(owned)));
            }
        }
    }

    let documentation = match host.documentation() {
        text if text.is_empty() => core::ptr::null(),
        text => text.as_ptr(),
    };
    let owned = Box::new(Owned {
        definition: api::PyMethodDef {
            ml_name: host.name().as_ptr(),
            ml_meth: api::PyMethodDefPointer {
                PyCFunctionFastWithKeywords: call,
            },
            ml_flags: api::METH_FASTCALL | api::METH_KEYWORDS,
            ml_doc: documentation,
        },
        host,
    });
    // SAFETY: the GIL is held. The capsule owns the box from when it is made; the function owns the capsule,
    // so the definition and its texts outlive the function.
    unsafe {
        let owned = Box::into_raw(owned);
        let capsule = api::PyCapsule_New(owned.cast(), NAME.as_ptr(), Some(destroy));
        if capsule.is_null() {
            drop(Box::from_raw(owned));
            return Err(PyErr::fetch(py));
        }
        let capsule = Bound::from_owned_ptr(py, capsule);
        let function = api::PyCFunction_NewEx(
            &raw mut (*owned).definition,
            capsule.as_ptr(),
            core::ptr::null_mut(),
        );
        Bound::from_owned_ptr_or_err(py, function)
    }
}
