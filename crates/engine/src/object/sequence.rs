//! Lists, tuples and other sequences as arrays of values, or of numbers.

use crate::border::{give, guard};
use crate::call::convert;
use crate::exception::{OrRaised as _, wrong_type};
use crate::handles::{objects, of};
use crate::object::filling::Filling;
use crate::object::number::{double_of, int64_of};
use crate::{exception, gil};
use core::cell::Cell;
use nexus_abi::ffi::{Inputs, output};
use nexus_abi::{NexusError, NexusObject, NexusStatus, NexusValue, Result};
use pyo3::ffi::{Py_ssize_t, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt};

/// Makes a list of values.
///
/// `items`: `count` values, read during the call only; may be NULL when there are none. `list` receives a
/// handle that the caller frees with `nexus_object_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an unknown kind, text that is not UTF-8),
/// `NEXUS_ERR_BAD_HANDLE` (in an item), or what `nexus_python_start` returns.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_list_new(
    items: *const NexusValue,
    count: usize,
    list: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "list", list, |py, inputs| {
        let items = inputs.slice("items", items, count)?;
        objects::publish(new_list(py, inputs, "items", items)?)
    })
}

/// Makes a tuple of values; otherwise as `nexus_list_new`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_tuple_new(
    items: *const NexusValue,
    count: usize,
    tuple: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "tuple", tuple, |py, inputs| {
        let items = inputs.slice("items", items, count)?;
        // SAFETY: as in `new_list`.
        let made = unsafe {
            new_filled(
                py,
                items.len(),
                |size| pyo3::ffi::PyTuple_New(size),
                |tuple, index, item| pyo3::ffi::PyTuple_SetItem(tuple, index, item),
                |index| convert::to_python(py, inputs, "items", index, &items[index]),
            )
        }?;
        objects::publish(made)
    })
}

/// Makes a list of ints.
///
/// `numbers`: `count` of them; may be NULL when there are none. `list` receives a handle that the caller
/// frees with `nexus_object_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or what `nexus_python_start` returns.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_list_new_integers(
    numbers: *const i64,
    count: usize,
    list: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "list", list, |py, inputs| {
        let numbers = inputs.slice("numbers", numbers, count)?;
        let made = list_of(py, count, |index| {
            Ok(PyInt::new(py, numbers[index]).into_any().into_ptr())
        })?;
        objects::publish(made)
    })
}

/// Makes a list of floats; otherwise as `nexus_list_new_integers`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_list_new_reals(
    numbers: *const f64,
    count: usize,
    list: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "list", list, |py, inputs| {
        let numbers = inputs.slice("numbers", numbers, count)?;
        let made = list_of(py, count, |index| {
            Ok(PyFloat::new(py, numbers[index]).into_any().into_ptr())
        })?;
        objects::publish(made)
    })
}

/// A list of those values.
pub fn new_list<'py>(
    py: Python<'py>,
    inputs: Inputs<'_>,
    name: &str,
    items: &[NexusValue],
) -> Result<Bound<'py, PyAny>> {
    list_of(py, items.len(), |index| {
        convert::to_python(py, inputs, name, index, &items[index])
    })
}

/// A list of the objects that `item` makes, each a new reference.
pub fn list_of<'py>(
    py: Python<'py>,
    count: usize,
    item: impl Fn(usize) -> Result<*mut PyObject>,
) -> Result<Bound<'py, PyAny>> {
    // SAFETY: a list of that size, whose places are filled one after another, each with a new reference
    // that it takes over. Nobody else sees it meanwhile: making scalars runs no Python code.
    unsafe {
        new_filled(
            py,
            count,
            |size| pyo3::ffi::PyList_New(size),
            |list, index, item| pyo3::ffi::PyList_SetItem(list, index, item),
            item,
        )
    }
}

/// # Safety
/// `new` makes a container of that many empty places, and `set` fills one, taking over the reference.
unsafe fn new_filled<'py>(
    py: Python<'py>,
    count: usize,
    new: impl Fn(Py_ssize_t) -> *mut PyObject,
    set: impl Fn(*mut PyObject, Py_ssize_t, *mut PyObject) -> core::ffi::c_int,
    item: impl Fn(usize) -> Result<*mut PyObject>,
) -> Result<Bound<'py, PyAny>> {
    // SAFETY: a new reference, or NULL with an exception set. A container that is dropped with empty
    // places is fine.
    let container =
        unsafe { Bound::from_owned_ptr_or_err(py, new(count as Py_ssize_t)) }.or_raised(py)?;
    for index in 0..count {
        if set(container.as_ptr(), index as Py_ssize_t, item(index)?) != 0 {
            return Err(exception::taken(py));
        }
    }
    Ok(container)
}

/// Reads items of a list, tuple or other sequence in one crossing, from an index on.
///
/// `items`: room for `capacity` values; may be NULL when that is 0. All places become NONE, and then as many
/// receive an item as there are from `start` on, at most `capacity`; release them with `nexus_values_clear`.
/// Numbers, texts and bytes are copied or lent, never converted; see `NexusKind`. `count` receives how many: 0
/// at the end. With an array of fixed size, read again from `start + count` on; `nexus_object_length` tells how
/// large an array holds all.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_TYPE` when the object is not a sequence (for a dict, a set or
/// an iterator there are `nexus_dict_read`, `nexus_set_read` and `nexus_object_next_many`), or
/// `NEXUS_ERR_EXCEPTION` with what Python raised. After a failure every place is NONE. May run Python code for
/// types other than list and tuple.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_sequence_read(
    sequence: *const NexusObject,
    start: usize,
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
            let sequence = Sequence::new(of(py, "sequence", sequence)?)?;
            for index in sequence.range(start, filling.capacity()) {
                filling.push(py, sequence.item(index)?)?;
            }
            output("count", count, filling.finish())
        })
    })
}

/// Reads the ints of a list, tuple or other sequence, from an index on, without making a handle.
///
/// `numbers`: room for `capacity` of them; may be NULL when that is 0. All become 0, and then as many
/// receive a number as there are items from `start` on, at most `capacity`. `count` receives how many.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_TYPE` when the object is not a sequence or an item is not an
/// int (a bool does not count), `NEXUS_ERR_OVERFLOW` when one does not fit, or `NEXUS_ERR_EXCEPTION` with what
/// Python raised; the message has the item's index. After a failure every number is 0. May run Python code for
/// types other than list and tuple. Arrays of numpy and the like are read much faster as buffers.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_sequence_read_integers(
    sequence: *const NexusObject,
    start: usize,
    numbers: *mut i64,
    capacity: usize,
    count: *mut usize,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        let counted = output("count", count, 0);
        let cells = inputs.array_out("numbers", numbers, capacity, 0)?;
        counted?;
        read_numbers(sequence, start, cells, count, int64_of)
    })
}

/// Reads the floats of a sequence as doubles, and ints that a double holds exactly; others are
/// `NEXUS_ERR_OVERFLOW`. The rest as for `nexus_sequence_read_integers`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_sequence_read_reals(
    sequence: *const NexusObject,
    start: usize,
    numbers: *mut f64,
    capacity: usize,
    count: *mut usize,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        let counted = output("count", count, 0);
        let cells = inputs.array_out("numbers", numbers, capacity, 0.0)?;
        counted?;
        read_numbers(sequence, start, cells, count, double_of)
    })
}

fn read_numbers<T: Copy + Default>(
    sequence: *const NexusObject,
    start: usize,
    cells: &[Cell<T>],
    count: *mut usize,
    convert: impl Fn(&dyn core::fmt::Display, &Bound<'_, PyAny>) -> Result<T>,
) -> Result<()> {
    let filled = gil::with(|py| {
        let sequence = Sequence::new(of(py, "sequence", sequence)?)?;
        let range = sequence.range(start, cells.len());
        let filled = range.len();
        for (cell, index) in cells.iter().zip(range) {
            // SAFETY: a new reference.
            let item = unsafe { Bound::from_owned_ptr(py, sequence.item(index)?) };
            cell.set(convert(&format_args!("sequence[{index}]"), &item)?);
        }
        Ok(filled)
    });
    if filled.is_err() {
        cells.iter().for_each(|cell| cell.set(T::default()));
    }
    output("count", count, filled?)
}

/// A sequence, and how to get at its items.
pub struct Sequence<'py> {
    object: Bound<'py, PyAny>,
    length: usize,
    get: unsafe extern "C" fn(*mut PyObject, Py_ssize_t) -> *mut PyObject,
    /// Whether `get` only lends the item.
    lends: bool,
}

impl<'py> Sequence<'py> {
    /// Any sequence but a dict; `NEXUS_ERR_TYPE` for everything else.
    pub fn new(object: Bound<'py, PyAny>) -> Result<Self> {
        let pointer = object.as_ptr();
        // SAFETY: a living object, and the GIL; each function is for the type that was found.
        unsafe {
            let (length, get, lends): (Py_ssize_t, unsafe extern "C" fn(_, _) -> _, bool) =
                if pyo3::ffi::PyList_CheckExact(pointer) != 0 {
                    let length = pyo3::ffi::PyList_Size(pointer);
                    (length, pyo3::ffi::PyList_GetItem, true)
                } else if pyo3::ffi::PyTuple_CheckExact(pointer) != 0 {
                    let length = pyo3::ffi::PyTuple_Size(pointer);
                    (length, pyo3::ffi::PyTuple_GetItem, true)
                } else if pyo3::ffi::PySequence_Check(pointer) != 0 {
                    let length = pyo3::ffi::PySequence_Size(pointer);
                    (length, pyo3::ffi::PySequence_GetItem, false)
                } else {
                    return Err(wrong_type(
                        "sequence",
                        &object,
                        "a list, tuple or other sequence",
                    ));
                };
            let length = usize::try_from(length).map_err(|_| exception::taken(object.py()))?;
            Ok(Self {
                object,
                length,
                get,
                lends,
            })
        }
    }

    /// The indices of the items from `start` on, at most `capacity`.
    pub fn range(&self, start: usize, capacity: usize) -> core::ops::Range<usize> {
        let start = start.min(self.length);
        start..self.length.min(start.saturating_add(capacity))
    }

    /// A new reference to an item.
    pub fn item(&self, index: usize) -> Result<*mut PyObject> {
        // SAFETY: the function of this type; a lent item is alive, since no Python code has run.
        unsafe {
            let item = (self.get)(self.object.as_ptr(), index as Py_ssize_t);
            if item.is_null() {
                return Err(exception::taken(self.object.py()));
            }
            if self.lends {
                pyo3::ffi::Py_INCREF(item);
            }
            Ok(item)
        }
    }
}
