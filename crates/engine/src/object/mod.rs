//! Python objects as handles and values.

pub mod attr;
pub mod call;
pub mod compare;
pub mod complex;
pub mod convert;
pub mod dict;
pub mod filling;
pub mod function;
pub mod generator;
pub mod help;
pub mod int_bytes;
pub mod int_text;
pub mod integer;
pub mod item;
pub mod iterate;
pub mod json;
pub mod number;
pub mod numbers;
mod prepared;
mod quick;
pub mod release;
pub mod run;
pub mod script;
pub mod sequence;
pub mod set;
pub mod table;
pub mod text;
pub mod types;
pub mod value;

use crate::exception;
use nexus_abi::ffi::bad_handle;
use nexus_abi::{Failure, NexusObject, NexusStatus, Result};
use pyo3::prelude::*;

/// The object of a handle, with a reference of its own: the host may free the handle while the object is
/// in use.
pub fn of<'py>(
    py: Python<'py>,
    name: &str,
    handle: *const NexusObject,
) -> Result<Bound<'py, PyAny>> {
    let object = table::get(handle).ok_or_else(|| bad_handle(name, handle))?;
    // SAFETY: alive, since the table had it a moment ago and its reference is given up only with the
    // GIL, which this thread holds.
    Ok(unsafe { Bound::from_borrowed_ptr(py, object) })
}

/// The failure for an exception, with which `map_err` reads well.
#[cold]
pub fn failed(py: Python<'_>, error: impl Into<PyErr>) -> Box<Failure> {
    exception::failure(py, &error.into())
}

/// The failure for an object of another type than is needed.
#[cold]
pub fn wrong_type(name: &str, object: &Bound<'_, PyAny>, needed: &str) -> Box<Failure> {
    Failure::new(
        NexusStatus::NEXUS_ERR_TYPE,
        format!(
            "argument '{name}' is a {}, not {needed}",
            exception::type_name(&object.get_type())
        ),
    )
}
