//! Objects as text: `repr`, `str`, the name of the type, signature, documentation.

use crate::border::give;
use crate::call::convert;
use crate::exception::OrRaised as _;
use crate::exception::{self, failed, wrong_type};
use crate::handles::of;
use crate::python::text::{lossless, type_name};
use nexus_abi::{Failure, NexusError, NexusObject, NexusStatus, NexusValue, Result};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// As a text value, with lone surrogates escaped: what is meant for people is always text.
pub fn always_text(string: &Bound<'_, PyString>) -> Result<NexusValue> {
    let py = string.py();
    let plain = if string.is_exact_instance_of::<PyString>() && string.to_str().is_ok() {
        string.clone()
    } else {
        PyString::new(py, &lossless(string))
    };
    convert::from_python(py, plain.into_any().into_ptr())
}

/// Gives `repr(object)`.
///
/// `text` receives a text value; release it with `nexus_value_clear`. Lone surrogates in it are written as
/// `\udc80`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_repr(
    object: *const NexusObject,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "text", text, |py, _| {
        let made = of(py, "object", object)?.repr();
        always_text(&made.or_raised(py)?)
    })
}

/// Gives `str(object)`; otherwise as `nexus_object_repr`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_str(
    object: *const NexusObject,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "text", text, |py, _| {
        let made = of(py, "object", object)?.str();
        always_text(&made.or_raised(py)?)
    })
}

/// Gives the name of an object's type with its module, such as `builtins.dict`; otherwise as
/// `nexus_object_repr`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_type_name(
    object: *const NexusObject,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "text", text, |py, _| {
        let name = type_name(&of(py, "object", object)?.get_type());
        always_text(&PyString::new(py, &name))
    })
}

/// Gives the signature of a function, method or class, such as `(name, size=0, *, fast: bool = False) -> int`:
/// `inspect.signature`, else its `__text_signature__`.
///
/// `text` receives a text value; release it with `nexus_value_clear`. Lone surrogates in it are written as
/// `\udc80`.
///
/// Returns `NEXUS_ERR_NOT_FOUND` when the object does not tell it, as many functions written in C do not;
/// `NEXUS_ERR_TYPE` when it cannot be called; `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what
/// Python raised. May run Python code. The first call imports `inspect`, which takes some ten milliseconds.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_signature(
    object: *const NexusObject,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "text", text, |py, _| {
        let object = of(py, "object", object)?;
        if !object.is_callable() {
            return Err(wrong_type("object", &object, "callable"));
        }
        always_text(&signature(&object)?)
    })
}

fn signature<'py>(object: &Bound<'py, PyAny>) -> Result<Bound<'py, PyString>> {
    let py = object.py();
    let inspected = py
        .import("inspect")
        .and_then(|inspect| inspect.call_method1("signature", (object,)));
    match inspected {
        Ok(signature) => signature.str().or_raised(py),
        Err(error) if error.is_instance_of::<PyValueError>(py) => object
            .getattr_opt("__text_signature__")
            .or_raised(py)?
            .and_then(|text| text.cast_into().ok())
            .ok_or_else(|| {
                Failure::new(
                    NexusStatus::NEXUS_ERR_NOT_FOUND,
                    exception::message(error.value(py).as_any()),
                )
            }),
        Err(error) => Err(failed(py, error)),
    }
}

/// Gives the documentation of an object, without its indentation, as `help()` shows it: `inspect.getdoc`.
///
/// `text` receives a text value, or NONE when there is no documentation; release it with
/// `nexus_value_clear`. Lone surrogates in it are written as `\udc80`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised. May run Python code.
/// The first call imports `inspect`, which takes some ten milliseconds.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_doc(
    object: *const NexusObject,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "text", text, |py, _| {
        let object = of(py, "object", object)?;
        let found = py
            .import("inspect")
            .and_then(|inspect| inspect.call_method1("getdoc", (object,)))
            .or_raised(py)?;
        found
            .cast::<PyString>()
            .map_or(Ok(NexusValue::NONE), always_text)
    })
}
