//! Buffers: the memory of Python objects.

use crate::border::guard;
use crate::buffer::view::View;
use crate::gil;
use crate::handles::no_handle;
use crate::handles::of;
use nexus_abi::ffi::{bad_handle, guard_or, output, sized_out};
use nexus_abi::handle::Kind;
use nexus_abi::table::Table;
use nexus_abi::{NexusBuffer, NexusBufferInfo, NexusError, NexusObject, NexusStatus, Result};
use std::sync::Arc;

static BUFFERS: Table<View> = Table::new(Kind::Buffer);

/// The buffer of a handle.
pub fn living(buffer: *const NexusBuffer) -> Result<Arc<View>> {
    BUFFERS
        .get(buffer as u64)
        .ok_or_else(|| bad_handle("buffer", buffer))
}

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
/// `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; may run Python code. The memory may be
/// used from any thread without the GIL; that nobody writes to it at the same time is up to the program.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_buffer_get(
    object: *const NexusObject,
    flags: u32,
    buffer: *mut *mut NexusBuffer,
    info: *mut NexusBufferInfo,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        let wants_info = !info.is_null();
        let cleared = match wants_info {
            true => sized_out("info", info, None),
            false => Ok(()),
        };
        output("buffer", buffer, core::ptr::null_mut())?;
        cleared?;
        let view = gil::with(|py| View::get(&of(py, "object", object)?, flags).map(Arc::new))?;
        let handle = BUFFERS.insert(Arc::clone(&view)).ok_or_else(no_handle)?;
        output("buffer", buffer, handle as *mut NexusBuffer)?;
        if wants_info {
            sized_out("info", info, Some(view.info()))?;
        }
        Ok(())
    })
}

/// Tells again what the memory of a buffer is like.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_buffer_info(
    buffer: *const NexusBuffer,
    info: *mut NexusBufferInfo,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        sized_out("info", info, None)?;
        sized_out("info", info, Some(living(buffer)?.info()))
    })
}

/// Gives the memory of an object back: the pointers that came with it are no longer valid. NULL, or a
/// handle that is freed already, does nothing. Before or after the object's own handle. Any thread; waits
/// for the GIL; may run the object's destructor.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_buffer_free(buffer: *mut NexusBuffer) {
    guard_or((), || drop(BUFFERS.remove(buffer as u64)));
}
