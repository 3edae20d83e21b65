//! What an object says about itself: signature and documentation.

use crate::border::guard;
use crate::exception;
use crate::exception::{failed, wrong_type};
use crate::gil;
use crate::handles::of;
use crate::object::text::always_text;
use nexus_abi::ffi::output;
use nexus_abi::{Failure, NexusError, NexusObject, NexusStatus, NexusValue, Result};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// The signature of a function, method or class, such as `(name, size=0, *, fast: bool = False) -> int`:
/// `inspect.signature`, else its `__text_signature__`.
///
/// `text` receives a text value; release it with `nexus_value_clear`. Lone surrogates in it are written as
/// `\udc80`.
///
/// Returns `NEXUS_ERR_NOT_FOUND` when it tells none, as many functions written in C; `NEXUS_ERR_TYPE` when
/// it cannot be called; `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION`. Any
/// thread; may run Python code. The first call imports `inspect`, which takes some ten milliseconds.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_signature(
    object: *const NexusObject,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        output("text", text, NexusValue::NONE)?;
        gil::with(|py| {
            let object = of(py, "object", object)?;
            if !object.is_callable() {
                return Err(wrong_type("object", &object, "callable"));
            }
            output("text", text, always_text(py, &signature(&object)?)?)
        })
    })
}

fn signature<'py>(object: &Bound<'py, PyAny>) -> Result<Bound<'py, PyString>> {
    let py = object.py();
    let inspected = py
        .import("inspect")
        .and_then(|inspect| inspect.call_method1("signature", (object,)));
    match inspected {
        Ok(signature) => signature.str().map_err(|error| failed(py, error)),
        Err(error) if error.is_instance_of::<PyValueError>(py) => object
            .getattr_opt("__text_signature__")
            .map_err(|error| failed(py, error))?
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

/// The documentation of an object, without its indentation, as `help()` shows it: `inspect.getdoc`.
///
/// `text` receives a text value, or NONE when there is no documentation; release it with
/// `nexus_value_clear`. Lone surrogates in it are written as `\udc80`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION`. Any thread; may
/// run Python code. The first call imports `inspect`, which takes some ten milliseconds.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_doc(
    object: *const NexusObject,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        output("text", text, NexusValue::NONE)?;
        gil::with(|py| {
            let object = of(py, "object", object)?;
            let found = py
                .import("inspect")
                .and_then(|inspect| inspect.call_method1("getdoc", (object,)))
                .map_err(|error| failed(py, error))?;
            match found.cast::<PyString>() {
                Ok(string) => output("text", text, always_text(py, string)?),
                Err(_) => Ok(()),
            }
        })
    })
}
