//! Items of objects: by key, by index, length and membership.

use crate::border::{give, guard, with_python};
use crate::call::convert::{self, value_in};
use crate::exception::OrRaised as _;
use crate::gil;
use crate::handles::of;
use nexus_abi::ffi::output;
use nexus_abi::{NexusError, NexusObject, NexusStatus, NexusValue, RawBool, Result};
use pyo3::exceptions::PyLookupError;
use pyo3::ffi::PyObject;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

/// Gets `object[key]`.
///
/// `key`: a value of any kind. `value` receives the item; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` (object, or the handle in `key`), `NEXUS_ERR_INVALID_ARGUMENT`, or
/// `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.KeyError` or `builtins.IndexError` when there is no
/// such item, `builtins.TypeError` when the object has no items, or no keys of that type. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_item(
    object: *const NexusObject,
    key: *const NexusValue,
    value: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "value", value, |py, inputs| {
        let object = of(py, "object", object)?;
        let key = value_in(py, inputs, "key", key)?;
        let found = object.get_item(key).or_raised(py)?;
        convert::from_python(py, found.into_ptr())
    })
}

/// Gets `object[key]` if there is such an item. A missing item is not an error, and costs no error object; for
/// a dict not even an exception.
///
/// `key`: a value of any kind. `value` receives the item; release it with `nexus_value_clear`. `found` says
/// whether there is one.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` (object, or the handle in `key`), `NEXUS_ERR_INVALID_ARGUMENT`, or
/// `NEXUS_ERR_EXCEPTION` with what Python raised, unless that is a LookupError. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_find_item(
    object: *const NexusObject,
    key: *const NexusValue,
    value: *mut NexusValue,
    found: *mut RawBool,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        let cleared = output("found", found, 0);
        output("value", value, NexusValue::NONE)?;
        cleared?;
        gil::with(|py| {
            let object = of(py, "object", object)?;
            let key = value_in(py, inputs, "key", key)?;
            let Some(item) = find(&object, &key).or_raised(py)? else {
                return Ok(());
            };
            output("value", value, convert::from_python(py, item.into_ptr())?)?;
            output("found", found, 1)
        })
    })
}

fn find<'py>(
    object: &Bound<'py, PyAny>,
    key: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    if let Ok(dict) = object.cast_exact::<pyo3::types::PyDict>() {
        return dict.get_item(key);
    }
    match object.get_item(key) {
        Ok(item) => Ok(Some(item)),
        Err(error) if error.is_instance_of::<PyLookupError>(object.py()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sets `object[key]`.
///
/// `key`, `value`: values of any kind.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` (object, or a handle in a value), `NEXUS_ERR_INVALID_ARGUMENT`, or
/// `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError` when the object cannot be changed,
/// or the key cannot be hashed. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_set_item(
    object: *const NexusObject,
    key: *const NexusValue,
    value: *const NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    with_python(error, |py, inputs| {
        let object = of(py, "object", object)?;
        let key = value_in(py, inputs, "key", key)?;
        let value = value_in(py, inputs, "value", value)?;
        object.set_item(key, value).or_raised(py)
    })
}

/// Deletes `object[key]`.
///
/// `key`: a value of any kind.
///
/// Returns as `nexus_object_item`. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_delete_item(
    object: *const NexusObject,
    key: *const NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    with_python(error, |py, inputs| {
        let object = of(py, "object", object)?;
        let key = value_in(py, inputs, "key", key)?;
        object.del_item(key).or_raised(py)
    })
}

/// Gets `object[index]`: for a list or tuple, a negative index counts from the end; for a dict, it is a
/// key like others. Otherwise as `nexus_object_item`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_item_at(
    object: *const NexusObject,
    index: i64,
    value: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "value", value, |py, _| {
        let object = of(py, "object", object)?;
        convert::from_python(py, at(&object, index)?)
    })
}

/// A new reference to `object[index]`; an index into a list or tuple needs no Python int.
fn at(object: &Bound<'_, PyAny>, index: i64) -> Result<*mut PyObject> {
    let place = usize::try_from(index).unwrap_or(usize::MAX);
    if let Ok(list) = object.cast_exact::<PyList>()
        && place < list.len()
        && let Ok(item) = list.get_item(place)
    {
        return Ok(item.into_ptr());
    }
    if let Ok(tuple) = object.cast_exact::<PyTuple>()
        && place < tuple.len()
        && let Ok(item) = tuple.get_item(place)
    {
        return Ok(item.into_ptr());
    }
    let found = object.get_item(index);
    found.map(Bound::into_ptr).or_raised(object.py())
}

/// Sets `object[index]`: the index as for `nexus_object_item_at`, the rest as for `nexus_object_set_item`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_set_item_at(
    object: *const NexusObject,
    index: i64,
    value: *const NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    with_python(error, |py, inputs| {
        let object = of(py, "object", object)?;
        let value = value_in(py, inputs, "value", value)?;
        object.set_item(index, value).or_raised(py)
    })
}

/// Deletes `object[index]`: the index as for `nexus_object_item_at`, the rest as for
/// `nexus_object_delete_item`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_delete_item_at(
    object: *const NexusObject,
    index: i64,
    error: *mut *mut NexusError,
) -> NexusStatus {
    with_python(error, |py, _| {
        of(py, "object", object)?.del_item(index).or_raised(py)
    })
}

/// Gives how many items an object has: `len(object)`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError`
/// when the object has no length. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_length(
    object: *const NexusObject,
    length: *mut usize,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "length", length, |py, _| {
        of(py, "object", object)?.len().or_raised(py)
    })
}

/// Whether an object contains a value: `value in object`. A list does if it has an equal item, a dict such a
/// key, a text such a part.
///
/// `value`: a value of any kind.
///
/// Returns as `nexus_object_item`. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_contains(
    object: *const NexusObject,
    value: *const NexusValue,
    result: *mut RawBool,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "result", result, |py, inputs| {
        let object = of(py, "object", object)?;
        let value = value_in(py, inputs, "value", value)?;
        object.contains(value).map(RawBool::from).or_raised(py)
    })
}
