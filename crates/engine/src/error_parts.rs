//! What an error's Python exception holds: the object itself, what caused it, notes, members of a group.

use crate::border::{self, give, give_without_gil};
use crate::exception::{self, OrRaised as _, wrong_type};
use crate::handles::{objects, of};
use crate::python::text::lossless;
use crate::{front, gil};
use nexus_abi::ffi::{bad_handle, guard_or};
use nexus_abi::{Failure, NexusError, NexusNames, NexusObject, NexusStatus, Result};
use pyo3::exceptions::{PyBaseException, PyBaseExceptionGroup};
use pyo3::prelude::*;
use pyo3::types::PyString;

fn none(what: &str) -> Box<Failure> {
    Failure::new(
        NexusStatus::NEXUS_ERR_NOT_FOUND,
        format!("the error has no {what}"),
    )
}

fn exception_of<'py>(py: Python<'py>, of: *const NexusError) -> Result<Bound<'py, PyAny>> {
    let fields = front::look(of).ok_or_else(|| bad_handle("of", of))?;
    let object = objects::get(fields.object).ok_or_else(|| none("Python exception"))?;
    // SAFETY: alive, since the table had it; the GIL is held (`py`).
    Ok(unsafe { Bound::from_borrowed_ptr(py, object) })
}

fn attribute<'py>(exception: &Bound<'py, PyAny>, name: &str) -> Result<Option<Bound<'py, PyAny>>> {
    let value = exception.getattr_opt(name).or_raised(exception.py())?;
    Ok(value.filter(|value| !value.is_none()))
}

/// The error that describes the exception that `find` finds.
fn describe(
    error: *mut *mut NexusError,
    name: &str,
    place: *mut *mut NexusError,
    find: impl FnOnce(Python<'_>) -> Result<Bound<'_, PyAny>>,
) -> NexusStatus {
    give_without_gil(error, name, place, |_| {
        let failure = gil::with(|py| {
            let found = find(py)?;
            if !found.is_instance_of::<PyBaseException>() {
                return Err(wrong_type("exception", &found, "an exception"));
            }
            Ok(exception::failure(py, &PyErr::from_value(found)))
        })?;
        Ok(border::publish(&failure))
    })
}

/// Describes any exception object as an error: its type, message, traceback. For the members of an
/// exception group, or an exception that Python code returned.
///
/// `exception`: an instance of `BaseException`. `described` receives the error, which the caller frees with
/// `nexus_error_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_TYPE` for another object. Waits for the GIL. May run
/// Python code: `str(exception)`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_describe(
    exception: *const NexusObject,
    described: *mut *mut NexusError,
    error: *mut *mut NexusError,
) -> NexusStatus {
    describe(error, "described", described, |py| {
        of(py, "exception", exception)
    })
}

/// Gives the exception object of an error, for what its message does not tell: the `errno` of an OSError, say.
///
/// `of`: the error. `exception` receives a handle that the caller frees with `nexus_object_free`; it
/// outlives the error.
///
/// Returns `NEXUS_ERR_NOT_FOUND` when the error comes from no Python exception, or from the loading of a
/// module, whose exception is not kept; or `NEXUS_ERR_INVALID_ARGUMENT`. Waits for the GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_object(
    of: *const NexusError,
    exception: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "exception", exception, |py, _| {
        objects::publish(exception_of(py, of)?)
    })
}

/// Gives what caused the exception of an error, as an error: its `__cause__` (`raise … from …`), or its
/// `__context__` (the exception that was being handled), unless the code has said `from None`.
///
/// `of`: the error. `cause` receives an error that the caller frees with `nexus_error_free`.
///
/// Returns `NEXUS_ERR_NOT_FOUND` at the end of the chain, and otherwise as `nexus_error_object`. Waits for the
/// GIL. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_cause(
    of: *const NexusError,
    cause: *mut *mut NexusError,
    error: *mut *mut NexusError,
) -> NexusStatus {
    describe(error, "cause", cause, |py| {
        let exception = exception_of(py, of)?;
        let suppressed = attribute(&exception, "__suppress_context__")?
            .is_some_and(|value| value.is_truthy().unwrap_or(false));
        let found = match attribute(&exception, "__cause__")? {
            Some(cause) => Some(cause),
            None if suppressed => None,
            None => attribute(&exception, "__context__")?,
        };
        found.ok_or_else(|| none("cause"))
    })
}

/// Lists the notes of an error's exception (`add_note`, PEP 678), in their order.
///
/// `of`: the error. `notes` receives a list, empty for most, that the caller frees with `nexus_names_free`.
///
/// Returns as `nexus_error_object`. Waits for the GIL. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_notes(
    of: *const NexusError,
    notes: *mut *mut NexusNames,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "notes", notes, |py, _| {
        let mut texts = Vec::new();
        if let Some(list) = attribute(&exception_of(py, of)?, "__notes__")? {
            for note in list.try_iter().or_raised(py)? {
                let note = note.or_raised(py)?;
                texts.push(match note.cast::<PyString>() {
                    Ok(text) => lossless(text),
                    Err(_) => exception::message(&note),
                });
            }
        }
        border::names(texts.iter().map(String::as_str))
    })
}

/// The exceptions of an exception group; `None` for any other, whatever attributes it has.
fn members<'py>(py: Python<'py>, of: *const NexusError) -> Result<Option<Bound<'py, PyAny>>> {
    let exception = exception_of(py, of)?;
    if exception.is_instance_of::<PyBaseExceptionGroup>() {
        attribute(&exception, "exceptions")
    } else {
        Ok(None)
    }
}

/// How many exceptions an error's exception group has in it (PEP 654); 0 for any other error. Waits for the GIL.
/// May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_group_count(of: *const NexusError) -> usize {
    guard_or(0, || {
        gil::with(|py| Ok(members(py, of)?.map_or(0, |members| members.len().unwrap_or(0))))
            .unwrap_or(0)
    })
}

/// Gives one of the exceptions of a group, as an error; it may be a group itself.
///
/// `of`: the error. `index`: from 0. `member` receives an error that the caller frees with `nexus_error_free`.
///
/// Returns `NEXUS_ERR_NOT_FOUND` for an index past the end, and otherwise as `nexus_error_object`. Waits for the
/// GIL. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_group_at(
    of: *const NexusError,
    index: usize,
    member: *mut *mut NexusError,
    error: *mut *mut NexusError,
) -> NexusStatus {
    describe(error, "member", member, |py| {
        let found = members(py, of)?
            .and_then(|members| members.get_item(index).ok())
            .filter(|found| found.is_instance_of::<PyBaseException>());
        found.ok_or_else(|| none("such member"))
    })
}
