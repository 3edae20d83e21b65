//! Holding the GIL for a batch of calls.

use super::{Attached, attach, holds_gil};
use crate::services::guard;
use core::cell::RefCell;
use nexus_abi::{Failure, NexusError, NexusStatus};

thread_local! {
    /// What the calls of `nexus_python_attach` on this thread took that is not given back yet.
    static EXPLICIT: RefCell<Vec<Attached>> = const { RefCell::new(Vec::new()) };
}

/// Takes the GIL for this thread until `nexus_python_detach`, so that a batch of calls pays for it only
/// once. Nests: each call needs a `nexus_python_detach` on the same thread. Other threads cannot run
/// Python meanwhile, so keep it short; a goroutine or fiber must not change threads in between.
///
/// Returns `NEXUS_ERR_NOT_STARTED` before a start, `NEXUS_ERR_CLOSED` when the program that owns an
/// adopted interpreter has finalized it. Any thread; waits for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_python_attach(error: *mut *mut NexusError) -> NexusStatus {
    guard(error, || {
        let attached = attach()?;
        EXPLICIT.with_borrow_mut(|taken| taken.push(attached));
        Ok(())
    })
}

/// Gives back what one `nexus_python_attach` took; the outermost frees the GIL.
///
/// Returns `NEXUS_ERR_NOT_ATTACHED` when this thread has no attach to give back. Any thread; runs no
/// Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_python_detach(error: *mut *mut NexusError) -> NexusStatus {
    guard(error, || {
        let Some(last) = EXPLICIT.with_borrow_mut(Vec::pop) else {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_NOT_ATTACHED,
                "nexus_python_detach without a nexus_python_attach on this thread",
            ));
        };
        if !holds_gil() {
            // Python code in between gave the GIL up, and whoever did will take it back.
            EXPLICIT.with_borrow_mut(|taken| taken.push(last));
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_NOT_ATTACHED,
                "nexus_python_detach where the GIL is given up: detach on the level on which you attached",
            ));
        }
        drop(last);
        Ok(())
    })
}
