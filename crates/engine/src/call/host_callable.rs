//! A function of the host as a Python callable.

use crate::call::convert;
use crate::handles::objects;
use crate::{exception, front, gil, stack};
use core::ffi::{CStr, c_char, c_void};
use nexus_abi::ffi::Inputs;
use nexus_abi::{
    Failure, NEXUS_FUNCTION_HOLD_GIL, NexusArguments, NexusDestructor, NexusError, NexusFunction,
    NexusStatus, NexusValue, Result,
};
use pyo3::exceptions::{PyRecursionError, PyRuntimeError};
use pyo3::ffi::{self as api, PyObject};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use std::ffi::CString;

/// What a callable needs. Freed with it.
pub struct Host {
    /// Its `__name__`.
    pub name: CString,
    /// Its `__doc__`.
    pub documentation: CString,
    /// The host's function.
    pub function: NexusFunction,
    /// What the function and `destroy` are called with.
    pub user_data: usize,
    /// Called when the callable is freed.
    pub destroy: NexusDestructor,
    /// `NEXUS_FUNCTION_…`.
    pub flags: u32,
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            // Python gives objects up also while an exception is on its way, of which the host's calls must
            // neither see nor change anything.
            let _pending = gil::set_aside();
            let _level = gil::Level::begin();
            // SAFETY: the host gave the function and its data for this; called once.
            unsafe { destroy(self.user_data as *mut c_void) };
        }
    }
}

/// A builtin function around a function of the host's, which it owns.
pub fn host_callable(py: Python<'_>, host: Box<Host>) -> PyResult<Bound<'_, PyAny>> {
    let documentation = match host.documentation.as_c_str() {
        text if text.is_empty() => core::ptr::null(),
        text => text.as_ptr(),
    };
    let owned = Box::new(Owned {
        definition: api::PyMethodDef {
            ml_name: host.name.as_ptr(),
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

/// What the capsule that is the function's `self` points to.
struct Owned {
    definition: api::PyMethodDef,
    host: Box<Host>,
}

/// The name of that capsule.
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
            .and_then(|names| names.cast_into::<PyTuple>().ok());
        let keywords = names.as_ref().map_or(0, |names| names.len());
        let positional = count as usize;
        let arguments = match positional + keywords {
            0 => &[][..],
            all => core::slice::from_raw_parts(arguments, all),
        };
        let host = &(*owned).host;
        let called = nexus_abi::ffi::unpanicked(|| {
            Ok(call_host(py, host, arguments, positional, names.as_ref()))
        });
        match called {
            Ok(Ok(result)) => result,
            Ok(Err(raised)) => raise(raised),
            Err(panic) => raise(pyo3::exceptions::PySystemError::new_err(panic.message)),
        }
    }
}

/// Raises an error in Python, with PyO3's own token: without it PyO3 would put off giving references up.
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

/// Calls the host for Python: a new reference, or the exception that is to be raised. `values` are the
/// positional arguments and then those of `names`.
fn call_host(
    py: Python<'_>,
    host: &Host,
    arguments: &[*mut PyObject],
    positional: usize,
    names: Option<&Bound<'_, PyTuple>>,
) -> PyResult<*mut PyObject> {
    let Some(function) = host.function else {
        return Err(PyRuntimeError::new_err("the host's function is gone"));
    };
    if stack::is_nearly_full() {
        return Err(PyRecursionError::new_err(
            "calls between Python and the host are nested too deeply for this thread's stack",
        ));
    }
    let mut values = Given::with_capacity(arguments.len());
    for &argument in arguments {
        values
            .push(py, argument)
            .map_err(|failure| to_exception(&failure))?;
    }
    let keywords = names.map_or_else(|| Ok(Vec::new()), keywords_of)?;
    let pointers: Vec<*const c_char> = keywords.iter().map(|name| name.as_ptr()).collect();
    let given = NexusArguments {
        struct_size: size_of::<NexusArguments>(),
        values: values.values.as_ptr(),
        count: positional,
        keywords: pointers.as_ptr(),
        keyword_count: pointers.len(),
    };
    let mut result = NexusValue::NONE;
    let mut error: *mut NexusError = core::ptr::null_mut();
    let mut call = || {
        let _level = gil::Level::begin();
        // SAFETY: the host gave the function and its data for this; all that is passed outlives the call.
        unsafe {
            function(
                &raw const given,
                &raw mut result,
                &raw mut error,
                host.user_data as *mut c_void,
            )
        }
    };
    let status = if host.flags & NEXUS_FUNCTION_HOLD_GIL != 0 {
        call()
    } else {
        gil::without(call)
    };
    if status != NexusStatus::NEXUS_OK as u32 {
        objects::release_value(result);
        return Err(exception::exception_of(py, status, error));
    }
    front::free_error(error);
    // SAFETY: the host's function has filled the result, as the header says.
    let inputs = unsafe { Inputs::assume() };
    let converted = convert::to_python(py, inputs, "result", 0, &result);
    objects::release_value(result);
    converted.map_err(|failure| to_exception(&failure))
}

/// What is wrong between host and Python is raised in Python.
fn to_exception(failure: &Failure) -> PyErr {
    PyRuntimeError::new_err(failure.message.clone())
}

fn keywords_of(names: &Bound<'_, PyTuple>) -> PyResult<Vec<CString>> {
    names
        .iter()
        .map(|name| Ok(nexus_abi::text::c_string(name.extract::<String>()?)))
        .collect()
}

/// The arguments as the host sees them, for as long as its function runs. Text and bytes stay where Python
/// has them, which its caller keeps alive.
struct Given {
    values: Vec<NexusValue>,
    handles: usize,
}

impl Given {
    fn with_capacity(count: usize) -> Self {
        Self {
            values: Vec::with_capacity(count),
            handles: 0,
        }
    }

    fn push(&mut self, py: Python<'_>, object: *mut PyObject) -> Result<()> {
        let value = convert::borrowed(py, object)?;
        self.handles += usize::from(objects::is_object(&value));
        self.values.push(value);
        Ok(())
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        if self.handles > 0 {
            self.values.drain(..).for_each(objects::release_value);
        }
    }
}
