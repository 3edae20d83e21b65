//! From a host's failure to a Python exception.

use crate::border::guard;
use crate::{exception, gil};
use core::ffi::c_char;
use nexus_abi::{Failure, NexusError, NexusStatus};
use pyo3::exceptions::*;
use pyo3::prelude::*;

/// Makes an error that holds a Python exception, for a function of the host's that Python calls
/// (`nexus_function_new`): `return nexus_error_raise("builtins.KeyError", "no such user", error);`
///
/// `type`: the exception's class with its module, such as `"builtins.KeyError"` or `"json.JSONDecodeError"`;
/// its module is imported. `message`: UTF-8, its one argument; NULL: none. `error` receives the error, which
/// the caller frees or hands on; NULL: it is not made.
///
/// Returns `NEXUS_ERR_EXCEPTION`, which is what was asked for; with another exception in the error when the
/// class cannot be found or does not take one argument. `NEXUS_ERR_INVALID_ARGUMENT` for NULL or what is not
/// UTF-8, `NEXUS_ERR_TYPE` for a class that is not an exception. Waits for the GIL. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_raise(
    r#type: *const c_char,
    message: *const c_char,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        let name = inputs.text("type", r#type)?;
        let message = inputs.optional_text("message", message)?;
        gil::with(|py| Err(made(py, name, message)))
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
            format!("argument 'type' is {name}, which is not a class of exceptions"),
        ),
        Err(error) => exception::failure(py, &error),
    }
}
