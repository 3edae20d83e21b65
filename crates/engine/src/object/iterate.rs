//! Iteration, one item or many at a time.

use crate::border::{give, guard};
use crate::call::convert;
use crate::exception::{self, OrRaised as _, wrong_type};
use crate::gil;
use crate::handles::{objects, of};
use crate::object::filling::Filling;
use nexus_abi::ffi::output;
use nexus_abi::{Failure, NexusError, NexusObject, NexusStatus, NexusValue, Result};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

/// Makes an iterator over an object: `iter(object)`. `nexus_object_next` gives its items.
///
/// `iterator` receives a handle that the caller frees with `nexus_object_free`. The iterator keeps the object
/// alive.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError`
/// when the object cannot be iterated. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_iterate(
    object: *const NexusObject,
    iterator: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "iterator", iterator, |py, _| {
        let made = of(py, "object", object)?.try_iter().or_raised(py)?;
        objects::publish(made.into_any())
    })
}

/// Gets the next item of an iterator or generator.
///
/// `value` receives it; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_END` when there is no further item: the normal end, for which no error is made, so
/// that `*error` is NULL then. Otherwise `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_TYPE` when the object is not an
/// iterator (make one with `nexus_object_iterate`), or `NEXUS_ERR_EXCEPTION` with what Python raised:
/// `builtins.RuntimeError` when a dict has been changed meanwhile. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_next(
    iterator: *const NexusObject,
    value: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    let mut ended = false;
    let status = give(error, "value", value, |py, _| {
        if let Some(item) = next(&iterator_of(py, iterator)?)? {
            return convert::from_python(py, item);
        }
        ended = true;
        Ok(NexusValue::NONE)
    });
    if ended {
        NexusStatus::NEXUS_ERR_END
    } else {
        status
    }
}

/// Gets the next items of an iterator or generator in one crossing.
///
/// `values`: room for `capacity` values, at least one. All places become NONE, and then as many receive an item
/// as there are left, at most `capacity`; release them with `nexus_values_clear`. `count` receives how many:
/// fewer than `capacity` means that the iterator has ended.
///
/// Returns `NEXUS_ERR_END`, without an error, when there was no item left; otherwise as
/// `nexus_object_next`. After a failure the items that were got before it are lost: take them one by one
/// if an iterator may fail and they matter. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_next_many(
    iterator: *const NexusObject,
    values: *mut NexusValue,
    capacity: usize,
    count: *mut usize,
    error: *mut *mut NexusError,
) -> NexusStatus {
    let mut ended = false;
    let status = guard(error, |inputs| {
        // Both outputs are cleared, whichever of them is refused.
        let counted = output("count", count, 0);
        let mut filling = Filling::new(inputs, "values", values, capacity)?;
        counted?;
        if capacity == 0 {
            return Err(Failure::invalid(
                "argument 'capacity' is 0: there must be room for one item at least",
            ));
        }
        gil::with(move |py| {
            let iterator = iterator_of(py, iterator)?;
            while filling.filled() < filling.capacity()
                && let Some(item) = next(&iterator)?
            {
                filling.push(py, item)?;
            }
            let filled = filling.finish();
            output("count", count, filled)?;
            Ok(filled == 0)
        })
        .map(|nothing_left| ended = nothing_left)
    });
    if ended {
        NexusStatus::NEXUS_ERR_END
    } else {
        status
    }
}

/// Python would jump to address 0 for the next item of something that is not an iterator.
fn iterator_of<'py>(py: Python<'py>, handle: *const NexusObject) -> Result<Bound<'py, PyAny>> {
    let iterator = of(py, "iterator", handle)?;
    // SAFETY: a living object, and the GIL.
    if unsafe { pyo3::ffi::PyIter_Check(iterator.as_ptr()) } == 0 {
        return Err(wrong_type(
            "iterator",
            &iterator,
            "an iterator: nexus_object_iterate makes one",
        ));
    }
    Ok(iterator)
}

/// A new reference to the next item; `None` at the end.
fn next(iterator: &Bound<'_, PyAny>) -> Result<Option<*mut PyObject>> {
    // SAFETY: an iterator, and the GIL.
    let item = unsafe { pyo3::ffi::PyIter_Next(iterator.as_ptr()) };
    if !item.is_null() {
        return Ok(Some(item));
    }
    match PyErr::take(iterator.py()) {
        None => Ok(None),
        Some(error) => Err(exception::failure(iterator.py(), &error)),
    }
}
