//! Between Python's exceptions and failures, with everything that can be known about them.

use crate::handles::{Kept, objects};
use crate::python::text::{lossless, path_to_python, type_name};
use crate::{front, gil};
use core::ffi::c_void;
use nexus_abi::services::TakeText;
use nexus_abi::{Failure, NexusError, NexusObject, NexusStatus, NexusText};
use pyo3::exceptions::*;
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::path::Path;
use std::sync::Arc;

/// Longest message or traceback that is kept, in bytes: exceptions of many megabytes exist.
const LIMIT: usize = 64 * 1024;

/// Makes what `PyErr::fetch` needs: PyO3 makes the type of its panics when it looks at the first exception,
/// and hangs when that is a RecursionError, which fails the making.
pub fn init(py: Python<'_>) {
    let _ = py.get_type::<pyo3::panic::PanicException>();
}

/// The failure for the Python error that is set on this thread.
#[cold]
pub fn taken(_py: Python<'_>) -> Box<Failure> {
    // With PyO3's own token, without which it would put the giving up of references off.
    Python::attach(|py| failure(py, &PyErr::fetch(py)))
}

/// The failure for that exception.
#[cold]
pub fn failure(py: Python<'_>, error: &PyErr) -> Box<Failure> {
    // On 3.11 the traceback is beside the exception; this puts it into it.
    let value = error.clone_ref(py).into_value(py).into_bound(py).into_any();
    let value = &value;
    let mut failure = Failure::new(NexusStatus::NEXUS_ERR_EXCEPTION, message(value));
    failure.exception = type_name(&value.get_type());
    if failure.message.is_empty() {
        failure.message.clone_from(&failure.exception);
    }
    failure.raised = Some(Arc::new(Kept::new(value.clone())));
    failure
}

/// The failure for an exception that the caller has.
#[cold]
pub fn failed(py: Python<'_>, error: impl Into<PyErr>) -> Box<Failure> {
    failure(py, &error.into())
}

/// What Python raised, as a failure.
pub trait OrRaised<T> {
    fn or_raised(self, py: Python<'_>) -> nexus_abi::Result<T>;
}

impl<T, E: Into<PyErr>> OrRaised<T> for core::result::Result<T, E> {
    fn or_raised(self, py: Python<'_>) -> nexus_abi::Result<T> {
        self.map_err(|error| failed(py, error))
    }
}

/// The failure for an object of another type than is needed.
#[cold]
pub fn wrong_type(name: &str, object: &Bound<'_, PyAny>, needed: &str) -> Box<Failure> {
    Failure::new(
        NexusStatus::NEXUS_ERR_TYPE,
        format!(
            "argument '{name}' is a {}, not {needed}",
            type_name(&object.get_type())
        ),
    )
}

/// Writes the traceback of a failure's exception into it, and gives up the exception, which keeps alive
/// whatever its frames reach.
pub fn let_go(failure: &mut Failure) {
    let Some(raised) = failure.raised.take() else {
        return;
    };
    if let Some(kept) = raised.downcast_ref::<Kept>() {
        let _ = gil::with(|py| {
            failure.traceback = traceback(&kept.bind(py));
            Ok(())
        });
    }
}

/// Writes the traceback of an error's exception for the front.
pub unsafe extern "C" fn write_traceback(
    exception: *const NexusObject,
    take: TakeText,
    to: *mut c_void,
) {
    nexus_abi::ffi::guard_or((), || {
        let written =
            gil::with(|py| objects::of(py, "exception", exception).map(|value| traceback(&value)));
        if let Ok(text) = written {
            // SAFETY: the front's own function with its own data, as the front has passed them.
            unsafe { take(to, NexusText::of(text.as_bytes())) };
        }
    });
}

/// `str(value)`, which runs Python code and may itself raise anything.
pub fn message(value: &Bound<'_, PyAny>) -> String {
    match value.str() {
        Ok(text) => clip(lossless(&text)),
        Err(_) => format!("<unprintable {} object>", type_name(&value.get_type())),
    }
}

/// The traceback as Python prints it.
fn traceback(value: &Bound<'_, PyAny>) -> String {
    let is_none = |name: &str| {
        value
            .getattr(name)
            .is_ok_and(|attribute| attribute.is_none())
    };
    let plain = is_none("__traceback__")
        && is_none("__cause__")
        && is_none("__context__")
        && !value.hasattr("__notes__").unwrap_or(true);
    // Raised by C code, with nothing behind it: Python would print one line, and importing `traceback`
    // costs ten milliseconds. Syntax errors print their source line.
    if plain && !value.is_instance_of::<pyo3::exceptions::PySyntaxError>() {
        return last_line(value);
    }
    let formatted = || -> PyResult<String> {
        let py = value.py();
        let lines = py
            .import("traceback")?
            .call_method1("format_exception", (value,))?;
        let text = PyString::new(py, "").call_method1("join", (lines,))?;
        Ok(lossless(&text.cast_into::<PyString>()?))
    };
    formatted().map_or_else(|_| last_line(value), clip)
}

fn last_line(value: &Bound<'_, PyAny>) -> String {
    let exception = type_name(&value.get_type());
    let name = exception.strip_prefix("builtins.").unwrap_or(&exception);
    match message(value) {
        message if message.is_empty() => format!("{name}\n"),
        message => format!("{name}: {message}\n"),
    }
}

/// Keeps the beginning and the end of a long text, which tell the most.
fn clip(text: String) -> String {
    if text.len() <= LIMIT {
        return text;
    }
    let head = text.floor_char_boundary(LIMIT / 2);
    let tail = text.ceil_char_boundary(text.len() - LIMIT / 2);
    format!(
        "{}\n[… {} bytes left out …]\n{}",
        &text[..head],
        tail - head,
        &text[tail..]
    )
}

/// An ImportError about a file that was opened by another path: the linker and CPython name that one, people
/// know `path`.
pub fn with_path(
    py: Python<'_>,
    error: PyErr,
    opened: &Path,
    path: &Path,
    name: &Bound<'_, PyAny>,
) -> PyErr {
    let value = error.value(py);
    let is_about_it = error.is_instance_of::<PyImportError>(py)
        && value
            .getattr("path")
            .is_ok_and(|named| named.eq(path_to_python(py, opened)).unwrap_or(false));
    if !is_about_it {
        return error;
    }
    let text = message(value.as_any()).replace(&*opened.to_string_lossy(), &path.to_string_lossy());
    let renamed = PyImportError::new_err(text);
    let value = renamed.value(py);
    let _ = value.setattr("name", name);
    let _ = value.setattr("path", path_to_python(py, path));
    renamed
}

/// The exception for an error that a host has made or handed on: the exception that it holds, or one of a
/// type that says the same as its status. Frees the error.
pub fn exception_of(py: Python<'_>, status: u32, error: *mut NexusError) -> PyErr {
    let fields = front::look(error);
    let exception = fields.as_ref().and_then(|fields| {
        let object = objects::get(fields.object)?;
        // SAFETY: alive, since the table had it; the GIL is held.
        Some(unsafe { Bound::from_borrowed_ptr(py, object) })
    });
    let raised = match exception {
        Some(exception) => PyErr::from_value(exception),
        None => {
            let message = match &fields {
                Some(fields) => front::lossy(&fields.texts[0]),
                None => nexus_abi::status_text(status)
                    .to_string_lossy()
                    .into_owned(),
            };
            let status = fields.map_or(status, |fields| fields.status);
            of_status(status, message)
        }
    };
    front::free_error(error);
    raised
}

fn of_status(status: u32, message: String) -> PyErr {
    match NexusStatus::from_number(status) {
        Some(NexusStatus::NEXUS_ERR_TYPE) => PyTypeError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_INVALID_ARGUMENT) => PyValueError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_OVERFLOW) => PyOverflowError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_NOT_FOUND) => PyLookupError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_IO) => PyOSError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_TIMEOUT) => PyTimeoutError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_NO_MEMORY) => PyMemoryError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_NOT_SUPPORTED) => PyNotImplementedError::new_err(message),
        Some(NexusStatus::NEXUS_ERR_END) => PyStopIteration::new_err(message),
        _ => PyRuntimeError::new_err(message),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn long_texts_keep_both_ends() {
        let text = format!("begin{}end", "é".repeat(super::LIMIT));
        let clipped = super::clip(text);
        assert!(clipped.len() < super::LIMIT + 100);
        assert!(clipped.starts_with("begin") && clipped.ends_with("end"));
        assert_eq!(super::clip("short".into()), "short");
    }
}
