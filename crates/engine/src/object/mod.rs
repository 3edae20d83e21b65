//! Python objects as handles and values.

pub mod attr;
pub mod call;
pub mod convert;
pub mod function;
mod prepared;
pub mod release;
pub mod table;
pub mod text;

use nexus_abi::ffi::bad_handle;
use nexus_abi::{NexusObject, Result};
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
