//! Sets as arrays of values.

use crate::border::{give, guard};
use crate::exception::{OrRaised as _, wrong_type};
use crate::gil;
use crate::handles::{objects, of};
use crate::object::filling::{Filling, too_small};
use crate::object::sequence::new_list;
use nexus_abi::ffi::{Inputs, output};
use nexus_abi::{NexusError, NexusObject, NexusStatus, NexusValue, Result};
use pyo3::PyTypeInfo;
use pyo3::prelude::*;
use pyo3::types::{PyFrozenSet, PySet};

/// Makes a set of values; equal ones are one.
///
/// `items`: `count` values, read during the call only; may be NULL when there are none. `set` receives a
/// handle that the caller frees with `nexus_object_free`.
///
/// Returns as `nexus_dict_new`. May run Python code: the items' `__hash__` and `__eq__`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_set_new(
    items: *const NexusValue,
    count: usize,
    set: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "set", set, |py, inputs| {
        new::<PySet>(py, inputs, items, count)
    })
}

/// Makes a frozenset, a set that cannot change and can be a key; otherwise as `nexus_set_new`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_frozenset_new(
    items: *const NexusValue,
    count: usize,
    frozenset: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "frozenset", frozenset, |py, inputs| {
        new::<PyFrozenSet>(py, inputs, items, count)
    })
}

/// An object of a class that takes an iterable.
fn new<T: PyTypeInfo>(
    py: Python<'_>,
    inputs: Inputs<'_>,
    items: *const NexusValue,
    count: usize,
) -> Result<*mut NexusObject> {
    let list = new_list(py, inputs, "items", inputs.slice("items", items, count)?)?;
    let made = py.get_type::<T>().call1((list,));
    objects::publish(made.or_raised(py)?)
}

/// Reads all items of a set or frozenset in one crossing, in no order.
///
/// `items`: room for `capacity` values; NULL with 0 to learn only `count`, how many there are. All places
/// become NONE, and then the first `count` receive an item; release them with `nexus_values_clear`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` (`count` is NULL; `capacity` is too small,
/// and the message says how much is needed), `NEXUS_ERR_TYPE` when the object is not a set, or
/// `NEXUS_ERR_EXCEPTION` with what Python raised. After a failure every place is NONE. May run Python code for
/// types other than set and frozenset.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_set_read(
    set: *const NexusObject,
    items: *mut NexusValue,
    capacity: usize,
    count: *mut usize,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        let counted = output("count", count, 0);
        let mut filling = Filling::new(inputs, "items", items, capacity)?;
        counted?;
        gil::with(move |py| {
            let set = of(py, "set", set)?;
            // SAFETY: a living object, and the GIL.
            if unsafe { pyo3::ffi::PyAnySet_Check(set.as_ptr()) } == 0 {
                return Err(wrong_type("set", &set, "a set or frozenset"));
            }
            if items.is_null() {
                let total = set.len().or_raised(py)?;
                return output("count", count, total);
            }
            for item in set.try_iter().or_raised(py)? {
                let item = item.or_raised(py)?;
                if filling.filled() == filling.capacity() {
                    let total = set.len().or_raised(py)?;
                    return Err(too_small(capacity, total));
                }
                filling.push(py, item.into_ptr())?;
            }
            output("count", count, filling.finish())
        })
    })
}
