//! The border to C: what every exported function is made of.

use crate::front;
use crate::handles::{Kept, no_handle};
use nexus_abi::services::ErrorFields;
use nexus_abi::{Failure, NexusError, NexusNames, NexusStatus, NexusText, Result};

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

/// Runs the body of an exported function that returns a status.
#[inline]
pub fn guard(error: *mut *mut NexusError, body: impl FnOnce() -> Result<()>) -> NexusStatus {
    nexus_abi::ffi::guard(error, publish, body)
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
