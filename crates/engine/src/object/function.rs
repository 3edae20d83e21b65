//! Functions of the host as Python callables.

use crate::attach::{self, attach};
use crate::object::{convert, release, table};
use crate::services::guard;
use crate::{ffi, raise};
use core::ffi::{CStr, c_char, c_void};
use nexus_abi::ffi::{bytes_in, clear, output, text_in};
use nexus_abi::{
    Failure, NEXUS_FUNCTION_HOLD_GIL, NexusArguments, NexusDestructor, NexusError, NexusFunction,
    NexusKind, NexusObject, NexusStatus, NexusValue, RawKind, Result,
};
use pyo3::exceptions::{PyRecursionError, PyRuntimeError};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use std::ffi::CString;

/// What a callable needs. Freed with it.
pub struct Host {
    name: CString,
    documentation: CString,
    function: NexusFunction,
    user_data: usize,
    destroy: NexusDestructor,
    flags: u32,
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            // Python gives objects up also while an exception is on its way, of which the host's calls must
            // neither see nor change anything.
            let _pending = attach::set_aside();
            let _level = attach::Level::begin();
            // SAFETY: the host gave the function and its data for this; called once.
            unsafe { destroy(self.user_data as *mut c_void) };
        }
    }
}

impl Host {
    /// Its name, for Python.
    pub fn name(&self) -> &CStr {
        &self.name
    }

    /// Its documentation, for Python.
    pub fn documentation(&self) -> &CStr {
        &self.documentation
    }
}

/// Makes a Python callable of a function of the host's.
///
/// `name`: its `__name__`, UTF-8. `documentation`: its `__doc__`, UTF-8; NULL: none. `flags`: any of
/// `NEXUS_FUNCTION_…`. `function` is called on whichever thread Python calls it, also several at a time, with
/// `user_data`; `destroy`, if not NULL, is called once with `user_data` when Python needs the callable no
/// more, on whichever thread that is, with the GIL held; also when this function fails. `callable` receives
/// a handle that the caller frees with `nexus_object_free`; Python keeps the callable as long as it needs it.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_NO_MEMORY`, or what `nexus_python_start` returns. Any
/// thread; waits for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_function_new(
    name: *const c_char,
    documentation: *const c_char,
    flags: u32,
    function: NexusFunction,
    user_data: *mut c_void,
    destroy: NexusDestructor,
    callable: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        let mut host = Host {
            name: CString::default(),
            documentation: CString::default(),
            function,
            user_data: user_data as usize,
            destroy,
            flags,
        };
        output("callable", callable, core::ptr::null_mut())?;
        // SAFETY: the contract of the header.
        unsafe {
            text_in("name", name)?;
            host.name = nexus_abi::text::c_string(bytes_in("name", name)?);
            if !documentation.is_null() {
                text_in("documentation", documentation)?;
                host.documentation =
                    nexus_abi::text::c_string(bytes_in("documentation", documentation)?);
            }
        }
        if function.is_none() {
            return Err(nexus_abi::ffi::null("function"));
        }
        if flags & !NEXUS_FUNCTION_HOLD_GIL != 0 {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_INVALID_ARGUMENT,
                format!("argument 'flags' has bits that this version does not support: {flags:#x}"),
            ));
        }
        attach::with(|py| {
            let made = ffi::host_callable(py, Box::new(host))
                .map_err(|error| crate::exception::failure(py, &error))?;
            output("callable", callable, table::publish(made)?)
        })
    })
}

/// Calls the host for Python: a new reference, or the exception that is to be raised. `values` are the
/// positional arguments and then those of `names`.
pub fn call_host(
    py: Python<'_>,
    host: &Host,
    arguments: &[*mut PyObject],
    positional: usize,
    names: Option<&Bound<'_, PyTuple>>,
) -> PyResult<*mut PyObject> {
    let Some(function) = host.function else {
        return Err(PyRuntimeError::new_err("the host's function is gone"));
    };
    if crate::stack::is_nearly_full() {
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
        let _level = attach::Level::begin();
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
        attach::without(call)
    };
    if status != NexusStatus::NEXUS_OK as u32 {
        release::clear_value(result);
        return Err(raise::exception_of(py, status, error));
    }
    crate::services::free_error(error);
    let converted = convert::to_python(py, "result", 0, &result);
    release::clear_value(result);
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
        self.handles += usize::from(value.kind == NexusKind::NEXUS_KIND_OBJECT as RawKind);
        self.values.push(value);
        Ok(())
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        if self.handles > 0 {
            self.values.drain(..).for_each(release::clear_value);
        }
    }
}

/// A second handle to the same object, with a life of its own: for an argument that a host's function wants
/// to keep.
///
/// `copy` receives a handle that the caller frees with `nexus_object_free`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT` or `NEXUS_ERR_NO_MEMORY`. Any thread; waits
/// for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_clone(
    object: *const NexusObject,
    copy: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        output("copy", copy, core::ptr::null_mut())?;
        let _attached = attach()?;
        // SAFETY: the guard above holds the GIL until the end of this block.
        let py = unsafe { Python::assume_attached() };
        let handle = table::publish(crate::object::of(py, "object", object)?)?;
        clear(copy, handle);
        Ok(())
    })
}
