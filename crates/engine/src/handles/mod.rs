//! What the handles of the host stand for, and references that outlive a hold on the GIL.

mod kept;
pub mod objects;

pub use kept::Kept;
pub use objects::of;

use nexus_abi::{Failure, NexusStatus};

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
