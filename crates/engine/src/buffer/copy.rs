//! Copies between buffers and the host's own memory.

use crate::border::guard;
use crate::buffer::ffi::{self, Direction, Strided};
use crate::buffer::get::living;
use crate::buffer::shape::Order;
use crate::buffer::view::View;
use core::ffi::c_void;
use nexus_abi::ffi::{clear, null};
use nexus_abi::{Failure, NexusBuffer, NexusError, NexusStatus, Result};

/// Copies all items of a buffer, however they lie, into one block of the host's memory.
///
/// `order`: `NEXUS_ORDER_C` or `NEXUS_ORDER_F`, in which the items are to follow each other. `data`:
/// `capacity` bytes to write to; `NexusBufferInfo.size` tells how many are needed. `size`: NULL, or receives
/// how many were written.
///
/// Returns `NEXUS_ERR_OVERFLOW` when `capacity` is too small (nothing is written then),
/// `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; needs no GIL.
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
        let view = living(buffer)?;
        let needed = view.info().size;
        if needed > capacity {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_OVERFLOW,
                format!("the buffer's {needed} bytes do not fit into 'capacity', {capacity}"),
            ));
        }
        copy(&view, Order::from_c(order)?, data, Direction::Out)?;
        clear(size, needed);
        Ok(())
    })
}

/// Copies a block of the host's memory into all items of a buffer, however they lie.
///
/// `order`: as in `nexus_buffer_copy_out`. `data`: `size` bytes, exactly as many as the items have together.
///
/// Returns `NEXUS_ERR_TYPE` when the buffer is read-only, `NEXUS_ERR_INVALID_ARGUMENT` also when `size` is
/// another than the buffer's, `NEXUS_ERR_BAD_HANDLE`. Any thread; needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_buffer_copy_in(
    buffer: *const NexusBuffer,
    order: u32,
    data: *const c_void,
    size: usize,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        let view = living(buffer)?;
        let info = view.info();
        if info.read_only != 0 {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_TYPE,
                "the buffer is read-only",
            ));
        }
        if size != info.size {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_INVALID_ARGUMENT,
                format!(
                    "argument 'size' is {size}, but the buffer has {} bytes",
                    info.size
                ),
            ));
        }
        copy(&view, Order::from_c(order)?, data.cast_mut(), Direction::In)
    })
}

fn copy(view: &View, order: Order, data: *mut c_void, direction: Direction) -> Result<()> {
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
    // SAFETY: the view's memory is held and its description was checked; by the contract of the header
    // `data` has as many bytes, writable for copying out, and no other thread writes to either.
    unsafe { ffi::copy(&items, order, data.cast(), direction) };
    Ok(())
}
