//! Holding the GIL for a batch of calls.

use super::{Attached, attach, holds_gil};
use crate::services::guard;
use core::cell::{Cell, RefCell};
use nexus_abi::{Failure, NexusError, NexusStatus};

thread_local! {
    /// What the calls of `nexus_python_attach` on this thread took that is not given back yet.
    static EXPLICIT: RefCell<Vec<Attached>> = const { RefCell::new(Vec::new()) };
    /// How many of them are of those who have called the host's function that runs now: not its to give back.
    static FLOOR: Cell<usize> = const { Cell::new(0) };
    /// How many functions of the host's run that Python has called.
    static LEVELS: Cell<usize> = const { Cell::new(0) };
}

/// Whether this thread is in no call, but attached by `nexus_python_attach`.
#[cold]
pub fn is_between_calls() -> bool {
    LEVELS.get() == 0 && attaches() > 0
}

/// While this lives, a function of the host's runs that Python has called. What it attaches and does not
/// detach is given back in the end, and what its callers have attached it cannot give back: they go on with
/// the GIL as they had it.
pub struct Level {
    below: usize,
}

impl Level {
    /// Begins one.
    pub fn begin() -> Self {
        LEVELS.set(LEVELS.get() + 1);
        Self {
            below: FLOOR.replace(attaches()),
        }
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        LEVELS.set(LEVELS.get() - 1);
        let floor = FLOOR.replace(self.below);
        while attaches() > floor {
            // The last one first, and not while the list is borrowed.
            drop(EXPLICIT.with_borrow_mut(Vec::pop));
        }
    }
}

/// A thread ends, and has its thread-local variables still: what it has attached is given back.
#[cfg(windows)]
pub fn give_all_back() {
    // The last one first, and not while the list is borrowed.
    while let Ok(Some(last)) = EXPLICIT.try_with(|taken| taken.borrow_mut().pop()) {
        drop(last);
    }
}

/// None on a thread that is ending, which may still call functions of the host.
fn attaches() -> usize {
    EXPLICIT.try_with(|taken| taken.borrow().len()).unwrap_or(0)
}

/// Takes the GIL for this thread until `nexus_python_detach`, so that a batch of calls pays for it only
/// once. Nests: each call needs a `nexus_python_detach` on the same thread, and in the same function if it is
/// one that Python calls (`nexus_function_new`), at whose end it is given back otherwise. Other threads cannot
/// run Python meanwhile, so keep it short; a goroutine or fiber must not change threads in between.
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
/// Returns `NEXUS_ERR_NOT_ATTACHED` when this thread, or this function that Python has called, has no attach
/// to give back. Any thread; runs no
/// Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_python_detach(error: *mut *mut NexusError) -> NexusStatus {
    guard(error, || {
        let mine = attaches() > FLOOR.get();
        let Some(last) = mine.then(|| EXPLICIT.with_borrow_mut(Vec::pop)).flatten() else {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_NOT_ATTACHED,
                "nexus_python_detach without a nexus_python_attach on this thread, or in this function that Python has called",
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
