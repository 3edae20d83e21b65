//! Holding the GIL for a batch of calls.

use crate::border::guard;
use crate::gil::{self, levels};
use nexus_abi::{Failure, NexusError, NexusStatus};

/// Takes the GIL for this thread until `nexus_python_detach`, so that a batch of calls pays for it only
/// once. Nests: each call needs a `nexus_python_detach` on the same thread, and in the same function if it is
/// one that Python calls (`nexus_function_new`), at whose end it is given back otherwise. Other threads cannot
/// run Python meanwhile, so keep it short; a goroutine or fiber must not change threads in between.
///
/// Returns `NEXUS_ERR_NOT_STARTED` before a start, `NEXUS_ERR_CLOSED` when the program that owns an
/// adopted interpreter has finalized it.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_python_attach(error: *mut *mut NexusError) -> NexusStatus {
    guard(error, |_| {
        levels::keep(gil::attach()?);
        Ok(())
    })
}

/// Gives back what one `nexus_python_attach` took; the outermost frees the GIL.
///
/// Returns `NEXUS_ERR_NOT_ATTACHED` when this thread, or this function that Python has called, has no attach
/// to give back.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_python_detach(error: *mut *mut NexusError) -> NexusStatus {
    guard(error, |_| {
        let Some(last) = levels::last() else {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_NOT_ATTACHED,
                "nexus_python_detach without a nexus_python_attach on this thread, or in this function that Python has called",
            ));
        };
        if !gil::holds_gil() {
            // Python code in between gave the GIL up, and whoever did will take it back.
            levels::keep(last);
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_NOT_ATTACHED,
                "nexus_python_detach where the GIL is given up: detach on the level on which you attached",
            ));
        }
        drop(last);
        Ok(())
    })
}
