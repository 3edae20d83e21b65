//! What a thread has attached by `nexus_python_attach`, and on which level of calls.

use super::Attached;
use core::cell::{Cell, RefCell};

thread_local! {
    /// What the calls of `nexus_python_attach` on this thread took that is not given back yet.
    static EXPLICIT: RefCell<Vec<Attached>> = const { RefCell::new(Vec::new()) };
    /// How many of them were there when the host's function that runs now was called: not its to give back.
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
/// detach is given back in the end. It cannot give back what its callers have attached: they go on with
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

/// Keeps what `nexus_python_attach` took.
pub fn keep(attached: Attached) {
    EXPLICIT.with_borrow_mut(|taken| taken.push(attached));
}

/// What the last `nexus_python_attach` of this thread took; `None` if there is none on this level.
pub fn last() -> Option<Attached> {
    (attaches() > FLOOR.get())
        .then(|| EXPLICIT.with_borrow_mut(Vec::pop))
        .flatten()
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
