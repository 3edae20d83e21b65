//! What the handles of the host stand for, and references that outlive a hold on the GIL.

mod kept;
pub mod objects;

pub use kept::Kept;
pub use objects::of;

use nexus_abi::ffi::bad_handle;
use nexus_abi::handle::Opaque;
use nexus_abi::table::Table;
use nexus_abi::{Failure, NexusStatus, Result};
use std::sync::Arc;

/// What a handle stands for, kept alive by what is returned.
pub fn living<T, H: Opaque>(table: &Table<T>, name: &str, handle: *const H) -> Result<Arc<T>> {
    table
        .get(handle as u64)
        .ok_or_else(|| bad_handle(name, handle))
}

/// Makes a handle.
pub fn publish<T, H: Opaque>(table: &Table<T>, content: Arc<T>) -> Result<*mut H> {
    let bits = table.insert(content).ok_or_else(no_handle)?;
    Ok(bits as *mut H)
}

/// The failure for a full table.
pub fn no_handle() -> Box<Failure> {
    Failure::new(
        NexusStatus::NEXUS_ERR_NO_MEMORY,
        format!(
            "{} handles of one kind are alive; free some",
            nexus_abi::handle::MAX_HANDLES
        ),
    )
}
