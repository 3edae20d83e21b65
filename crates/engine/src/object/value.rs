//! Between values and handles.

use crate::border::guard;
use crate::call::convert;
use crate::gil;
use crate::handles::{objects, of};
use nexus_abi::ffi::output;
use nexus_abi::{NexusError, NexusObject, NexusStatus, NexusValue};

/// Makes the Python object of a value, for functions that take a handle: an `int` of an integer, a `str`
/// of a text, and so on; of an object, a second handle to it.
///
/// `object` receives a handle that the caller frees with `nexus_object_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an unknown kind, text that is not UTF-8),
/// `NEXUS_ERR_BAD_HANDLE` (the value's), or what `nexus_python_start` returns, since it starts Python if
/// nothing has. Any thread; waits for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_new(
    value: *const NexusValue,
    object: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        output("object", object, core::ptr::null_mut())?;
        gil::with(|py| {
            let made = convert::value_in(py, inputs, "value", value)?;
            output("object", object, objects::publish(made)?)
        })
    })
}

/// Reads an object as a value, as the result of a call is: see `NexusKind` for what becomes what. A text
/// with lone surrogates, which UTF-8 cannot hold, stays an object; its method `encode` with the arguments
/// `"utf-8"` and `"surrogatepass"` gives bytes.
///
/// `value` receives it; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT` or `NEXUS_ERR_NO_MEMORY`. Any thread; waits
/// for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_value(
    object: *const NexusObject,
    value: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        output("value", value, NexusValue::NONE)?;
        gil::with(|py| {
            let object = of(py, "object", object)?;
            output("value", value, convert::from_python(py, object.into_ptr())?)
        })
    })
}
