//! From a host's failure to a Python exception.

use crate::object::{of, table};
use crate::services::{self, guard};
use crate::{attach, exception};
use core::ffi::c_char;
use nexus_abi::ffi::text_in;
use nexus_abi::{Failure, NexusError, NexusObject, NexusStatus, Result};
use pyo3::exceptions::*;
use pyo3::prelude::*;

/// The exception for an error that a host has made or handed on: the exception that it holds, or one of a
/// type that says the same as its status. Frees the error.
pub fn exception_of(py: Python<'_>, status: u32, error: *mut NexusError) -> PyErr {
    let fields = services::look(error);
    let exception = fields.as_ref().and_then(|fields| {
        let object = table::get(fields.object)?;
        // SAFETY: alive, since the table had it; the GIL is held.
        Some(unsafe { Bound::from_borrowed_ptr(py, object) })
    });
    let raised = match exception {
        Some(exception) => PyErr::from_value(exception),
        None => {
            let message = match &fields {
                Some(fields) => crate::ffi::lossy(&fields.texts[0]),
                None => nexus_abi::status_text(status)
                    .to_string_lossy()
                    .into_owned(),
            };
            let status = fields.map_or(status, |fields| fields.status);
            of_status(status, message)
        }
    };
    services::free_error(error);
    raised
}

fn of_status(status: u32, message: String) -> PyErr {
    match NexusStatus::from_number(status) {
        Some(NexusStatus::NEXUS_ERR_TYPE) => PyTypeError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_INVALID_ARGUMENT) => PyValueError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_OVERFLOW) => PyOverflowError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_NOT_FOUND) => PyLookupError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_IO) => PyOSError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_TIMEOUT) => PyTimeoutError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_NO_MEMORY) => PyMemoryError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_NOT_SUPPORTED) => PyNotImplementedError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_END) => PyStopIteration::new_err(message),
        _ => PyRuntimeError::new_err(message),
    }
}

/// Makes an error that holds a Python exception, for a function of the host's that Python calls
/// (`nexus_function_new`): `return nexus_error_raise("builtins.KeyError", "no such user", error);`
///
/// `type`: the exception's class with its module, such as `"builtins.KeyError"` or `"json.JSONDecodeError"`;
/// its module is imported. `message`: UTF-8, its one argument; NULL: none. `error` receives the error, which
/// the caller frees or hands on; NULL: it is not made.
///
/// Returns `NEXUS_ERR_EXCEPTION`, which is what was asked for; with another exception in the error when the
/// class cannot be found or does not take one argument. `NEXUS_ERR_INVALID_ARGUMENT` for NULL or what is not
/// UTF-8, `NEXUS_ERR_TYPE` for a class that is no exception. Any thread; may run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_raise(
    r#type: *const c_char,
    message: *const c_char,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        // SAFETY: the contract of the header.
        let (name, message) = unsafe {
            let message = (!message.is_null()).then(|| text_in("message", message));
            (text_in("type", r#type)?, message.transpose()?)
        };
        attach::with(|py| Err(made(py, name, message)))
    })
}

fn made(py: Python<'_>, name: &str, message: Option<&str>) -> Box<Failure> {
    let (module, class) = name.rsplit_once('.').unwrap_or(("builtins", name));
    let make = || -> PyResult<Bound<'_, PyAny>> {
        let class = py.import(module)?.getattr(class)?;
        match message {
            Some(message) => class.call1((message,)),
            None => class.call0(),
        }
    };
    match make() {
        Ok(value) if value.is_instance_of::<PyBaseException>() => {
            exception::failure(py, &PyErr::from_value(value))
        }
        Ok(_) => Failure::new(
            NexusStatus::NEXUS_ERR_TYPE,
            format!("argument 'type' is {name}, which is no class of exceptions"),
        ),
        Err(error) => exception::failure(py, &error),
    }
}

/// Describes any exception object as an error: its type, message, traceback. For the members of an
/// exception group, or an exception that Python code returned.
///
/// `exception`: an instance of `BaseException`. `described` receives the error, which the caller frees.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_TYPE` for another object. Any
/// thread; may run Python code (`str(exception)`).
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_describe(
    exception: *const NexusObject,
    described: *mut *mut NexusError,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        nexus_abi::ffi::output("described", described, core::ptr::null_mut())?;
        let failure = attach::with(|py| describe(&of(py, "exception", exception)?))?;
        nexus_abi::ffi::output("described", described, services::publish(&failure))
    })
}

/// The failure for an exception object.
pub fn describe(exception: &Bound<'_, PyAny>) -> Result<Box<Failure>> {
    if exception.is_instance_of::<PyBaseException>() {
        return Ok(exception::failure(
            exception.py(),
            &PyErr::from_value(exception.clone()),
        ));
    }
    Err(Failure::new(
        NexusStatus::NEXUS_ERR_TYPE,
        format!(
            "argument 'exception' is no exception, but of the type {}",
            exception::type_name(&exception.get_type())
        ),
    ))
}
