//! Objects as text.

use crate::border::guard;
use crate::call::convert;
use crate::handles::of;
use crate::python::text::lossless;
use crate::python::text::type_name;
use crate::{exception, gil};
use nexus_abi::ffi::output;
use nexus_abi::{NexusError, NexusObject, NexusStatus, NexusValue, Result};
use pyo3::prelude::*;
use pyo3::types::PyString;

fn write(
    object: *const NexusObject,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
    make: impl for<'py> FnOnce(&Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>>,
) -> NexusStatus {
    guard(error, |_| {
        output("text", text, NexusValue::NONE)?;
        gil::with(|py| {
            let made =
                make(&of(py, "object", object)?).map_err(|error| exception::failure(py, &error))?;
            output("text", text, always_text(py, &made)?)
        })
    })
}

/// As a text value, with lone surrogates escaped: what is meant for people is always text.
pub fn always_text(py: Python<'_>, string: &Bound<'_, PyString>) -> Result<NexusValue> {
    let plain = if string.is_exact_instance_of::<PyString>() && string.to_str().is_ok() {
        string.clone()
    } else {
        PyString::new(py, &lossless(string))
    };
    convert::from_python(py, plain.into_any().into_ptr())
}

/// `repr(object)` as a text value; release it with `nexus_value_clear`. Lone surrogates in it are
/// written as `\udc80`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION`. Any thread;
/// may run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_repr(
    object: *const NexusObject,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    write(object, text, error, |object| object.repr())
}

/// `str(object)` as a text value; otherwise as `nexus_object_repr`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_str(
    object: *const NexusObject,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    write(object, text, error, |object| object.str())
}

/// The name of an object's type with its module, such as `builtins.dict`, as a text value; otherwise as
/// `nexus_object_repr`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_type_name(
    object: *const NexusObject,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    write(object, text, error, |object| {
        Ok(PyString::new(object.py(), &type_name(&object.get_type())))
    })
}
