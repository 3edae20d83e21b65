//! Dicts as arrays of keys and values.

use crate::border::{give, guard};
use crate::call::convert::to_python;
use crate::exception::{OrRaised as _, wrong_type};
use crate::gil;
use crate::handles::{objects, of};
use crate::object::filling::{Filling, too_small};
use nexus_abi::ffi::output;
use nexus_abi::{NexusError, NexusObject, NexusStatus, NexusValue, Result};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Makes a dict of keys and values, in this order.
///
/// `keys` and `values`: `count` values each, read during the call only; may be NULL when there are none.
/// Of equal keys the last one's value counts. `dict` receives a handle that the caller frees with
/// `nexus_object_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an unknown kind, text that is not UTF-8),
/// `NEXUS_ERR_BAD_HANDLE` (in a key or value), `NEXUS_ERR_EXCEPTION` with what Python raised
/// (`builtins.TypeError` for a key that cannot be hashed, such as a list), or what `nexus_python_start`
/// returns. May run Python code: the keys' `__hash__` and `__eq__`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_dict_new(
    keys: *const NexusValue,
    values: *const NexusValue,
    count: usize,
    dict: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "dict", dict, |py, inputs| {
        let keys = inputs.slice("keys", keys, count)?;
        let values = inputs.slice("values", values, count)?;
        let made = PyDict::new(py);
        let object = |name: &str, index, value: &NexusValue| -> Result<Bound<'_, PyAny>> {
            // SAFETY: a new reference.
            Ok(unsafe { Bound::from_owned_ptr(py, to_python(py, inputs, name, index, value)?) })
        };
        for (index, (key, value)) in keys.iter().zip(values).enumerate() {
            let key = object("keys", index, key)?;
            made.set_item(key, object("values", index, value)?)
                .or_raised(py)?;
        }
        objects::publish(made.into_any())
    })
}

/// Reads all keys and values of a dict or other mapping in one crossing, in its order.
///
/// `keys`, `values`: room for `capacity` values each; either may be NULL when you do not want it, both to
/// learn only `count`, how many there are. All places become NONE, and then the first `count` of both receive
/// a key and its value; release them with `nexus_values_clear`. `nexus_object_length` tells how large the
/// arrays must be; stay attached (`nexus_python_attach`) in between if other threads change the dict.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` (`count` is NULL; `capacity` is too small, and the message says how
/// much is needed), `NEXUS_ERR_TYPE` when the object is not a mapping, or `NEXUS_ERR_EXCEPTION` with what
/// Python raised. After a failure every place is NONE. May run Python code for types other than dict, for
/// which it calls `items()`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_dict_read(
    dict: *const NexusObject,
    keys: *mut NexusValue,
    values: *mut NexusValue,
    capacity: usize,
    count: *mut usize,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        let counted = output("count", count, 0);
        let wanted = |array: *mut NexusValue| if array.is_null() { 0 } else { capacity };
        let keys_filling = Filling::new(inputs, "keys", keys, wanted(keys));
        let values_filling = Filling::new(inputs, "values", values, wanted(values));
        let mut entries = Entries {
            keys: (!keys.is_null()).then_some(keys_filling?),
            values: (!values.is_null()).then_some(values_filling?),
            capacity,
        };
        counted?;
        gil::with(move |py| {
            let dict = of(py, "dict", dict)?;
            let total = match dict.cast_exact::<PyDict>() {
                Ok(dict) => entries.read_dict(dict)?,
                Err(_) => entries.read_items(&dict)?,
            };
            entries.finish();
            output("count", count, total)
        })
    })
}

/// The host's two arrays.
struct Entries<'a> {
    keys: Option<Filling<'a>>,
    values: Option<Filling<'a>>,
    capacity: usize,
}

impl Entries<'_> {
    fn fits(&self, total: usize) -> Result<()> {
        let unlimited = self.keys.is_none() && self.values.is_none();
        if unlimited || total <= self.capacity {
            return Ok(());
        }
        Err(too_small(self.capacity, total))
    }

    fn push(&mut self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> Result<()> {
        let py = key.py();
        if let Some(keys) = &mut self.keys {
            keys.push(py, key.clone().into_ptr())?;
        }
        if let Some(values) = &mut self.values {
            values.push(py, value.clone().into_ptr())?;
        }
        Ok(())
    }

    fn read_dict(&mut self, dict: &Bound<'_, PyDict>) -> Result<usize> {
        let total = dict.len();
        self.fits(total)?;
        let (mut position, mut key, mut value) = (0, core::ptr::null_mut(), core::ptr::null_mut());
        // SAFETY: a dict, which nothing changes meanwhile: making values runs no Python code. What it
        // lends is alive as long.
        unsafe {
            while pyo3::ffi::PyDict_Next(
                dict.as_ptr(),
                &raw mut position,
                &raw mut key,
                &raw mut value,
            ) != 0
            {
                let key = Bound::from_borrowed_ptr(dict.py(), key);
                self.push(&key, &Bound::from_borrowed_ptr(dict.py(), value))?;
            }
        }
        Ok(total)
    }

    /// An OrderedDict has an order of its own, a subclass may have items of its own: `items()` gives them.
    fn read_items(&mut self, mapping: &Bound<'_, PyAny>) -> Result<usize> {
        let py = mapping.py();
        let items = mapping
            .getattr_opt("items")
            .or_raised(py)?
            .ok_or_else(|| wrong_type("dict", mapping, "a dict or other mapping"))?;
        let pairs = items
            .call0()
            .and_then(|items| items.try_iter()?.collect::<PyResult<Vec<_>>>())
            .or_raised(py)?;
        self.fits(pairs.len())?;
        for pair in &pairs {
            let (key, value) = pair
                .extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()
                .map_err(|_| wrong_type("dict", mapping, "a mapping: its items() are not pairs"))?;
            self.push(&key, &value)?;
        }
        Ok(pairs.len())
    }

    fn finish(self) {
        self.keys.map(Filling::finish);
        self.values.map(Filling::finish);
    }
}
