//! Sets as arrays of values.

use crate::border::guard;
use crate::exception::{failed, wrong_type};
use crate::gil;
use crate::handles::{objects, of};
use crate::object::dict::too_small;
use crate::object::filling::Filling;
use crate::object::sequence::new_list;
use nexus_abi::ffi::{Inputs, output};
use nexus_abi::{NexusError, NexusObject, NexusStatus, NexusValue};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

/// Makes a set of values; equal ones are one.
///
/// `items`: `count` values, read during the call only; may be NULL when there are none. `set` receives a
/// handle that the caller frees with `nexus_object_free`.
///
/// Returns as `nexus_dict_new`. Any thread; may run Python code: the items' `__hash__` and `__eq__`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_set_new(
    items: *const NexusValue,
    count: usize,
    set: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        // SAFETY: the contract of the header; a function that makes a set of an iterable.
        unsafe { new(inputs, items, count, "set", set, pyo3::ffi::PySet_New) }
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
    guard(error, |inputs| {
        // SAFETY: as above.
        unsafe {
            new(
                inputs,
                items,
                count,
                "frozenset",
                frozenset,
                pyo3::ffi::PyFrozenSet_New,
            )
        }
    })
}

/// # Safety
/// `make` makes a new object of an iterable.
unsafe fn new(
    inputs: Inputs<'_>,
    items: *const NexusValue,
    count: usize,
    name: &str,
    set: *mut *mut NexusObject,
    make: unsafe extern "C" fn(*mut PyObject) -> *mut PyObject,
) -> nexus_abi::Result<()> {
    output(name, set, core::ptr::null_mut())?;
    gil::with(|py| {
        let list = new_list(py, inputs, "items", inputs.slice("items", items, count)?)?;
        // SAFETY: a living object, and the GIL; a new reference, or NULL with an exception set.
        let made = unsafe { Bound::from_owned_ptr_or_err(py, make(list.as_ptr())) }
            .map_err(|error| failed(py, error))?;
        output(name, set, objects::publish(made)?)
    })
}

/// Reads all items of a set or frozenset in one crossing, in no order.
///
/// `items` has room for `capacity` values; NULL with 0 to learn only `count`, how many there are. All
/// places become NONE, and then the first `count` receive an item. Release them with `nexus_values_clear`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT` (`count` is NULL; `capacity` is too small,
/// and the message says how much is needed), `NEXUS_ERR_TYPE` when the object is no set, or
/// `NEXUS_ERR_EXCEPTION` with what Python raised. After a failure every place is NONE. Any thread; runs
/// Python code only for types other than set and frozenset.
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
                let total = set.len().map_err(|error| failed(py, error))?;
                return output("count", count, total);
            }
            for item in set.try_iter().map_err(|error| failed(py, error))? {
                let item = item.map_err(|error| failed(py, error))?;
                if filling.filled() == filling.capacity() {
                    let total = set.len().map_err(|error| failed(py, error))?;
                    return Err(too_small(capacity, total));
                }
                filling.push(py, item.into_ptr())?;
            }
            output("count", count, filling.finish())
        })
    })
}
