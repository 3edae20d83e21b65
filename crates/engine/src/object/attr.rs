//! Attributes of objects.

use crate::object::call::name_to_python;
use crate::object::{convert, of};
use crate::services::guard;
use crate::{attach, exception};
use core::ffi::c_char;
use nexus_abi::ffi::{bytes_in, output};
use nexus_abi::{NexusError, NexusObject, NexusStatus, NexusValue, RawBool};
use pyo3::prelude::*;

/// Gets an attribute: a module's function or constant, an object's method or field.
///
/// `name`: UTF-8. `value` receives it; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION`
/// (`builtins.AttributeError` when there is none of that name). Any thread; may run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_attr(
    object: *const NexusObject,
    name: *const c_char,
    value: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        output("value", value, NexusValue::NONE)?;
        attach::with(|py| {
            let object = of(py, "object", object)?;
            // SAFETY: the contract of the header.
            let name = name_to_python(py, unsafe { bytes_in("name", name) }?)?;
            // SAFETY: two living objects, and the GIL.
            let found = unsafe { pyo3::ffi::PyObject_GetAttr(object.as_ptr(), name.as_ptr()) };
            if found.is_null() {
                return Err(exception::taken(py));
            }
            output("value", value, convert::from_python(py, found)?)
        })
    })
}

/// Whether an object has an attribute of that name. An exception other than AttributeError that looking
/// for it raises is an error.
///
/// Returns as `nexus_object_attr`. Any thread; may run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_has_attr(
    object: *const NexusObject,
    name: *const c_char,
    result: *mut RawBool,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        output("result", result, 0)?;
        attach::with(|py| {
            let object = of(py, "object", object)?;
            // SAFETY: the contract of the header.
            let name = name_to_python(py, unsafe { bytes_in("name", name) }?)?;
            let name = name
                .cast::<pyo3::types::PyString>()
                .map_err(|error| exception::failure(py, &error.into()))?;
            let has = object
                .hasattr(name)
                .map_err(|error| exception::failure(py, &error))?;
            output("result", result, RawBool::from(has))
        })
    })
}
