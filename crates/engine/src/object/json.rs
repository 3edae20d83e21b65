//! JSON text in and out.

use crate::border::{give, give_without_gil};
use crate::call::convert;
use crate::call::script;
use crate::exception::{OrRaised as _, failed};
use crate::gil;
use crate::handles::of;
use crate::object::text::always_text;
use core::ffi::c_char;
use nexus_abi::{Failure, NexusError, NexusObject, NexusStatus, NexusValue};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

/// The two functions of `json.py`.
struct Json {
    decode: Py<PyAny>,
    encode: Py<PyAny>,
}

fn json(py: Python<'_>) -> PyResult<&'static Json> {
    static JSON: PyOnceLock<Json> = PyOnceLock::new();
    JSON.get_or_try_init(py, || {
        let title = "nexus_loader json";
        let names = ["decode", "encode"];
        let [decode, encode] = script::objects(py, title, include_str!("json.py"), names)?;
        Ok(Json { decode, encode })
    })
}

/// Makes an object of JSON text (RFC 8259), with Python's `json`: objects become dicts, arrays lists,
/// numbers ints of any size and floats. Of equal keys the last one counts. `NaN` and `Infinity`, which
/// are not JSON, are refused. An escaped lone surrogate, such as `"\ud800"`, becomes one in the str.
///
/// `text`: `size` bytes of UTF-8. `value` receives what it says; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, or not UTF-8), `NEXUS_ERR_OVERFLOW` for a number beyond the
/// largest float, `NEXUS_ERR_EXCEPTION` with what Python raised (`json.decoder.JSONDecodeError` with line
/// and column; `builtins.ValueError` for `NaN`, and for ints beyond `sys.get_int_max_str_digits`;
/// `builtins.RecursionError`), or what `nexus_python_start` returns. May run Python code, of the standard library
/// alone. The first call imports `json`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_from_json(
    text: *const c_char,
    size: usize,
    value: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "value", value, |inputs| {
        let text = inputs.slice("text", text.cast::<u8>(), size)?;
        let text = core::str::from_utf8(text)
            .map_err(|error| Failure::invalid(format!("argument 'text' is not UTF-8: {error}")))?;
        gil::with(|py| {
            let read = json(py)
                .and_then(|json| json.decode.bind(py).call1((text,)))
                .map_err(|error| out_of_range(py, error))?;
            convert::from_python(py, read.into_ptr())
        })
    })
}

/// Only `json.py` raises this, for a number.
fn out_of_range(py: Python<'_>, error: PyErr) -> Box<Failure> {
    let overflow = error.is_instance_of::<PyOverflowError>(py);
    let mut failure = failed(py, error);
    if overflow {
        failure.status = NexusStatus::NEXUS_ERR_OVERFLOW;
    }
    failure
}

/// Writes an object as JSON text, with Python's `json`, on one line and without blanks between: dicts,
/// lists, tuples, texts, ints, floats, bools and None, and instances of subclasses of those. Keys that are
/// ints, floats, bools or None become texts, as Python's `json` has it, so that two keys may become one.
/// A lone surrogate becomes its escape, such as `\ud800`.
///
/// `text` receives a text value; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError`
/// for another type or another key, `builtins.ValueError` for NaN and infinities, for a container that contains
/// itself, and for ints beyond `sys.get_int_max_str_digits`, `builtins.RecursionError` for one that is nested too
/// deeply. May run Python code. The first call imports `json`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_to_json(
    object: *const NexusObject,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "text", text, |py, _| {
        let object = of(py, "object", object)?;
        let written = json(py)
            .and_then(|json| json.encode.bind(py).call1((object,)))
            .and_then(|written| Ok(written.cast_into::<PyString>()?))
            .or_raised(py)?;
        always_text(&written)
    })
}
