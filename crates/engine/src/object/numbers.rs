//! Lists of numbers as plain arrays.

use crate::border::guard;
use crate::gil;
use crate::handles::{objects, of};
use crate::object::number;
use crate::object::sequence::{Sequence, list_of};
use core::cell::Cell;
use nexus_abi::ffi::output;
use nexus_abi::{NexusError, NexusObject, NexusStatus, Result};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt};

/// Makes a list of ints.
///
/// `numbers`: `count` of them; may be NULL when there are none. `list` receives a handle that the caller
/// frees with `nexus_object_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or what `nexus_python_start` returns, since it starts Python if
/// nothing has. Any thread; waits for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_list_new_integers(
    numbers: *const i64,
    count: usize,
    list: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        output("list", list, core::ptr::null_mut())?;
        gil::with(|py| {
            let numbers = inputs.slice("numbers", numbers, count)?;
            let made = list_of(py, count, |index| {
                Ok(PyInt::new(py, numbers[index]).into_any().into_ptr())
            })?;
            output("list", list, objects::publish(made)?)
        })
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
    guard(error, |inputs| {
        output("list", list, core::ptr::null_mut())?;
        gil::with(|py| {
            let numbers = inputs.slice("numbers", numbers, count)?;
            let made = list_of(py, count, |index| {
                Ok(PyFloat::new(py, numbers[index]).into_any().into_ptr())
            })?;
            output("list", list, objects::publish(made)?)
        })
    })
}

/// Reads the ints of a list, tuple or other sequence, from an index on, without making a handle.
///
/// `numbers` has room for `capacity` of them; may be NULL when that is 0. All become 0, and then as many
/// receive a number as there are items from `start` on, at most `capacity`; `count` receives how many.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_TYPE` when the object is no
/// sequence or an item is no int (a bool is none), `NEXUS_ERR_OVERFLOW` when one does not fit, or
/// `NEXUS_ERR_EXCEPTION`; the message has the item's index. After a failure every number is 0. Any thread;
/// runs Python code only for types other than list and tuple. Arrays of numpy and the like are read much
/// faster as buffers.
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
        read(sequence, start, cells, count, number::int64_of)
    })
}

/// Reads the floats of a sequence as doubles; ints are taken if a double holds them exactly, otherwise
/// they are `NEXUS_ERR_OVERFLOW`. The rest as for `nexus_sequence_read_integers`.
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
        read(sequence, start, cells, count, number::double_of)
    })
}

fn read<T: Copy + Default>(
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
