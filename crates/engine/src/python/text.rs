//! Between Python's texts and Rust's.

use pyo3::ffi::PyObject;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};
use std::path::Path;

/// The text of an exact or derived `str`, without copying: valid as long as the object. `None` with a
/// Python error set if it holds lone surrogates, which UTF-8 cannot hold.
#[inline]
pub fn utf8_of<'a>(string: *mut PyObject) -> Option<&'a [u8]> {
    let mut size = 0;
    // SAFETY: the caller holds the GIL and passes a `str`; the buffer belongs to it.
    unsafe {
        let data = pyo3::ffi::PyUnicode_AsUTF8AndSize(string, &raw mut size);
        (!data.is_null()).then(|| core::slice::from_raw_parts(data.cast::<u8>(), size as usize))
    }
}

/// `module.qualified_name` of a type, such as `builtins.ValueError`.
pub fn type_name(class: &Bound<'_, PyType>) -> String {
    let part = |name: &str| {
        class
            .getattr(name)
            .ok()
            .and_then(|text| text.cast_into::<PyString>().ok())
    };
    let qualified = part("__qualname__").or_else(|| part("__name__"));
    match (part("__module__"), qualified) {
        (Some(module), Some(name)) => format!("{}.{}", lossless(&module), lossless(&name)),
        (None, Some(name)) => lossless(&name),
        _ => "?".to_string(),
    }
}

/// A `str` as UTF-8; lone surrogates are escaped as `\udc80`, as `backslashreplace` does.
pub fn lossless(string: &Bound<'_, PyString>) -> String {
    if let Ok(text) = string.to_str() {
        return text.to_owned();
    }
    string
        .call_method1("encode", ("utf-8", "backslashreplace"))
        .and_then(|bytes| bytes.extract::<Vec<u8>>())
        .map_or_else(
            |_| String::new(),
            |bytes| String::from_utf8_lossy(&bytes).into_owned(),
        )
}

/// The platform's bytes as Python sees file names: undecodable bytes become lone surrogates (PEP 383).
pub fn path_to_python<'py>(py: Python<'py>, path: &Path) -> Bound<'py, PyString> {
    let Ok(string) = path.as_os_str().into_pyobject(py);
    string
}
