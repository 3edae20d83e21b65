//! Ints of any size as bytes.

use crate::border::guard;
use crate::call::convert;
use crate::exception::failed;
use crate::gil;
use crate::object::integer::{self, Layout, int_in, overflow};
use core::ffi::c_void;
use nexus_abi::ffi::{null, output};
use nexus_abi::{Failure, NexusError, NexusStatus, NexusValue, Result};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;

/// Flag of the bytes of an int: the most significant byte comes first. Without it the least significant one
/// does, as in the memory of x86-64 and aarch64.
pub const NEXUS_INT_BIG_ENDIAN: u32 = 1;
/// Flag of the bytes of an int: there is no sign. Without it they are two's complement.
pub const NEXUS_INT_UNSIGNED: u32 = 2;

/// Makes an int of its bytes: two's complement, the least significant byte first, unless the flags say
/// otherwise. No bytes are 0.
///
/// `bytes`: `size` bytes; may be NULL when there are none. `flags`: any of `NEXUS_INT_BIG_ENDIAN` and
/// `NEXUS_INT_UNSIGNED`. `integer` receives the int, an object if 64 bits do not hold it; release it with
/// `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or what `nexus_python_start` returns, since it starts Python if
/// nothing has. Any thread; waits for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_int_from_bytes(
    bytes: *const c_void,
    size: usize,
    flags: u32,
    integer: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        output("integer", integer, NexusValue::NONE)?;
        let layout = layout(flags)?;
        let bytes = inputs.slice("bytes", bytes.cast::<u8>(), size)?;
        gil::with(|py| {
            let made = integer::from_bytes(py, bytes, layout).map_err(|error| failed(py, error))?;
            output(
                "integer",
                integer,
                convert::from_python(py, made.into_ptr())?,
            )
        })
    })
}

/// Gives the bytes of an int, as few as hold it and one at least.
///
/// `integer`: a value of `NEXUS_KIND_INTEGER`, or an object of type int or of a subclass. `flags`: as for
/// `nexus_int_from_bytes`. `bytes` receives a bytes value; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_OVERFLOW` for a negative int with `NEXUS_INT_UNSIGNED`, `NEXUS_ERR_TYPE` when the
/// value is no int (a bool is none here), `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_BAD_HANDLE` (the
/// value's), or what `nexus_python_start` returns, since it starts Python if nothing has. Any thread; waits
/// for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_int_to_bytes(
    integer: *const NexusValue,
    flags: u32,
    bytes: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        if bytes.is_null() {
            return Err(null("bytes"));
        }
        // Read first: the host may want the bytes in the place of the int.
        let made = gil::with(|py| {
            let layout = layout(flags)?;
            // SAFETY: the contract of the header.
            let int = int_in(py, inputs, "integer", integer)?;
            let size = integer::size(&int, layout).map_err(|error| failed(py, error))?;
            let made = integer::to_bytes(&int, size, layout)
                .map_err(|error| too_large(py, error, &format!("{size} bytes without a sign")))?;
            convert::from_python(py, made.into_any().into_ptr())
        });
        output("bytes", bytes, NexusValue::NONE)?;
        output("bytes", bytes, made?)
    })
}

/// Writes the bytes of an int into the caller's memory: all `capacity` of them, the rest filled with the
/// sign.
///
/// `bytes`: room for `capacity` bytes; may be NULL when that is 0, into which only 0 fits. The rest as for
/// `nexus_int_to_bytes`.
///
/// Returns `NEXUS_ERR_OVERFLOW` when the int does not fit; otherwise as `nexus_int_to_bytes`. After a
/// failure every byte is 0. Any thread; waits for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_int_write_bytes(
    integer: *const NexusValue,
    flags: u32,
    bytes: *mut u8,
    capacity: usize,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        let cells = inputs.array_out("bytes", bytes, capacity, 0)?;
        let layout = layout(flags)?;
        gil::with(|py| {
            // SAFETY: the contract of the header.
            let int = int_in(py, inputs, "integer", integer)?;
            let made = integer::to_bytes(&int, capacity, layout).map_err(|error| {
                let sign = if layout.signed { "with" } else { "without" };
                too_large(py, error, &format!("{capacity} bytes {sign} a sign"))
            })?;
            for (cell, byte) in cells.iter().zip(made.as_bytes()) {
                cell.set(*byte);
            }
            Ok(())
        })
    })
}

fn too_large(py: Python<'_>, error: PyErr, into: &str) -> Box<Failure> {
    if error.is_instance_of::<PyOverflowError>(py) {
        return overflow(&"argument 'integer'", into);
    }
    failed(py, error)
}

fn layout(flags: u32) -> Result<Layout> {
    let unknown = flags & !(NEXUS_INT_BIG_ENDIAN | NEXUS_INT_UNSIGNED);
    if unknown != 0 {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_INVALID_ARGUMENT,
            format!("argument 'flags' has bits that mean nothing: {unknown:#x}"),
        ));
    }
    Ok(Layout {
        big_endian: flags & NEXUS_INT_BIG_ENDIAN != 0,
        signed: flags & NEXUS_INT_UNSIGNED == 0,
    })
}
