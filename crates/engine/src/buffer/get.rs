//! Buffers: the memory of Python objects.

use crate::border::guard;
use crate::buffer::copy::{self, Direction, Strided};
use crate::buffer::give_with_info;
use crate::buffer::shape::Order;
use crate::buffer::view::View;
use crate::handles::{living, of};
use core::ffi::c_void;
use nexus_abi::ffi::{clear, guard_or, null, sized_out};
use nexus_abi::handle::Kind;
use nexus_abi::table::Table;
use nexus_abi::{
    Failure, NexusBuffer, NexusBufferInfo, NexusError, NexusObject, NexusStatus, Result,
};
use pyo3::prelude::*;

static BUFFERS: Table<View> = Table::new(Kind::Buffer);

/// Gets the memory of an object, without a copy: of a `bytes`, `bytearray`, `memoryview`, `array.array`,
/// numpy array, or whatever else has a buffer (PEP 3118). What it costs does not depend on the size.
///
/// `flags`: any of the `NEXUS_BUFFER_…` flags; 0 takes what the object gives, read-only or not, strided or
/// not. `buffer` receives a handle; until it is freed with `nexus_buffer_free`, the object and its memory
/// stay where they are (a `bytearray` cannot be resized meanwhile). `info`: NULL, or receives what the
/// memory is like.
///
/// Returns `NEXUS_ERR_TYPE` when the object has no buffer, none like `flags` ask for (writable, contiguous),
/// or one whose description contradicts itself; `NEXUS_ERR_EXCEPTION` when getting it raised anything else;
/// `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. May run Python code. The memory may be used from any
/// thread without the GIL; that nobody writes to it at the same time is up to the program.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_buffer_get(
    object: *const NexusObject,
    flags: u32,
    buffer: *mut *mut NexusBuffer,
    info: *mut NexusBufferInfo,
    error: *mut *mut NexusError,
) -> NexusStatus {
    let get = |py: Python<'_>| View::get(&of(py, "object", object)?, flags);
    let place = ("buffer", buffer);
    give_with_info(error, &BUFFERS, place, info, get, |view| *view.info())
}

/// Tells again what the memory of a buffer is like.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_buffer_info(
    buffer: *const NexusBuffer,
    info: *mut NexusBufferInfo,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        sized_out("info", info, None)?;
        sized_out(
            "info",
            info,
            Some(living(&BUFFERS, "buffer", buffer)?.info()),
        )
    })
}

/// Gives the memory of an object back: the pointers that came with it are no longer valid. NULL, or a
/// handle that is freed already, does nothing. Before or after the object's own handle. May run
/// the object's destructor.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_buffer_free(buffer: *mut NexusBuffer) {
    guard_or((), || drop(BUFFERS.remove(buffer as u64)));
}

/// Copies all items of a buffer, however they lie, into one block of the host's memory.
///
/// `order`: `NEXUS_ORDER_C` or `NEXUS_ORDER_F`, in which the items are to follow each other. `data`:
/// `capacity` bytes to write to; `NexusBufferInfo.size` tells how many are needed. `size`: NULL, or receives
/// how many were written.
///
/// Returns `NEXUS_ERR_OVERFLOW` when `capacity` is too small (nothing is written then),
/// `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_buffer_copy_out(
    buffer: *const NexusBuffer,
    order: u32,
    data: *mut c_void,
    capacity: usize,
    size: *mut usize,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        clear(size, 0);
        let view = living(&BUFFERS, "buffer", buffer)?;
        let needed = view.info().size;
        if needed > capacity {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_OVERFLOW,
                format!("the buffer's {needed} bytes do not fit into 'capacity', {capacity}"),
            ));
        }
        copy_all(&view, Order::from_c(order)?, data, Direction::Out)?;
        clear(size, needed);
        Ok(())
    })
}

/// Copies a block of the host's memory into all items of a buffer, however they lie.
///
/// `order`: as in `nexus_buffer_copy_out`. `data`: `size` bytes, exactly as many as the items have together.
///
/// Returns `NEXUS_ERR_TYPE` when the buffer is read-only, `NEXUS_ERR_INVALID_ARGUMENT` also when `size` is
/// another than the buffer's, `NEXUS_ERR_BAD_HANDLE`. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_buffer_copy_in(
    buffer: *const NexusBuffer,
    order: u32,
    data: *const c_void,
    size: usize,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        let view = living(&BUFFERS, "buffer", buffer)?;
        let info = view.info();
        if info.read_only != 0 {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_TYPE,
                "the buffer is read-only",
            ));
        }
        if size != info.size {
            return Err(Failure::invalid(format!(
                "argument 'size' is {size}, but the buffer has {} bytes",
                info.size
            )));
        }
        copy_all(&view, Order::from_c(order)?, data.cast_mut(), Direction::In)
    })
}

fn copy_all(view: &View, order: Order, data: *mut c_void, direction: Direction) -> Result<()> {
    if view.info().size == 0 {
        return Ok(());
    }
    if data.is_null() {
        return Err(null("data"));
    }
    let items = Strided {
        data: view.info().data.cast(),
        item_size: view.info().item_size,
        shape: view.shape(),
        strides: view.strides(),
        suboffsets: view.suboffsets(),
    };
    // SAFETY: the view's memory is held, and its description was checked. `data` is not NULL, and the host says that it
    // has as many bytes, writable for copying out; a host whose bytes overlap the items gets what it asked for.
    unsafe { copy::copy(&items, order, data.cast(), direction) };
    Ok(())
}
