//! The border to C: what every exported function is made of.

use crate::handles::{Kept, no_handle};
use crate::{front, gil};
use nexus_abi::ffi::{Inputs, Output, clear, null, output};
use nexus_abi::services::ErrorFields;
use nexus_abi::{Failure, NexusError, NexusNames, NexusStatus, NexusText, Result};
use pyo3::prelude::*;

/// Makes the error that a host gets.
pub fn publish(failure: &Failure) -> *mut NexusError {
    let mut fields = ErrorFields::of(failure);
    if let Some(exception) = failure
        .raised
        .as_ref()
        .and_then(|raised| raised.downcast_ref::<Kept>())
        && let Some(handle) = exception.publish()
    {
        fields.object = handle;
    }
    front::new_error(&fields)
}

/// Runs the body of an exported function: no panic leaves it, and a failure becomes `error`.
#[inline]
pub fn guard(
    error: *mut *mut NexusError,
    body: impl for<'call> FnOnce(Inputs<'call>) -> Result<()>,
) -> NexusStatus {
    nexus_abi::ffi::guard(error, publish, body)
}

/// The same with the GIL, for a function that writes nothing.
pub fn with_python(
    error: *mut *mut NexusError,
    body: impl for<'call> FnOnce(Python<'_>, Inputs<'call>) -> Result<()>,
) -> NexusStatus {
    guard(error, |inputs| gil::with(|py| body(py, inputs)))
}

/// The same for a function with one output, `name`: it is cleared first, and written when all went well.
pub fn give<T: Output>(
    error: *mut *mut NexusError,
    name: &str,
    place: *mut T,
    body: impl for<'call> FnOnce(Python<'_>, Inputs<'call>) -> Result<T>,
) -> NexusStatus {
    give_without_gil(error, name, place, |inputs| {
        gil::with(|py| body(py, inputs))
    })
}

/// [`give`] for a function that looks at its arguments before it takes the GIL, or needs none.
#[inline]
pub fn give_without_gil<T: Output>(
    error: *mut *mut NexusError,
    name: &str,
    place: *mut T,
    body: impl for<'call> FnOnce(Inputs<'call>) -> Result<T>,
) -> NexusStatus {
    guard(error, |inputs| {
        output(name, place, T::EMPTY)?;
        clear(place, body(inputs)?);
        Ok(())
    })
}

/// [`give_without_gil`] for an output that the host may want in the place of an input: it is cleared when `body`
/// has read that.
pub fn give_in_place<T: Output>(
    error: *mut *mut NexusError,
    name: &str,
    place: *mut T,
    body: impl for<'call> FnOnce(Inputs<'call>) -> Result<T>,
) -> NexusStatus {
    guard(error, |inputs| {
        if place.is_null() {
            return Err(null(name));
        }
        let made = body(inputs);
        clear(place, *made.as_ref().unwrap_or(&T::EMPTY));
        made.map(drop)
    })
}

/// Makes a list of names.
pub fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<*mut NexusNames> {
    let texts: Vec<NexusText> = names
        .into_iter()
        .map(|name| NexusText::of(name.as_bytes()))
        .collect();
    let list = front::new_names(&texts);
    if list.is_null() {
        return Err(no_handle());
    }
    Ok(list)
}
