//! One thread starts Python at a time; the others wait without holding the GIL.
//!
//! A thread of an adopted interpreter may call while it holds the GIL, which the thread inside needs.

use super::in_process;
use crate::platform;
use nexus_abi::{Failure, NexusStatus, Result};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// A mutex that does not deadlock: not with the GIL, not with the thread that is inside, not in a
/// forked child.
pub struct Gate<T> {
    mutex: Mutex<T>,
    /// Who is inside: the address of a variable of that thread, and its process.
    thread: AtomicUsize,
    process: AtomicU32,
}

/// While this lives, the thread is inside.
pub struct Inside<'a, T> {
    gate: &'a Gate<T>,
    pub state: MutexGuard<'a, T>,
}

impl<T> Drop for Inside<'_, T> {
    fn drop(&mut self) {
        self.gate.thread.store(0, Ordering::Relaxed);
    }
}

thread_local!(static MARK: u8 = const { 0 });

fn this_thread() -> usize {
    MARK.with(|mark| core::ptr::from_ref(mark) as usize)
}

impl<T> Gate<T> {
    pub const fn new(value: T) -> Self {
        Self {
            mutex: Mutex::new(value),
            thread: AtomicUsize::new(0),
            process: AtomicU32::new(0),
        }
    }

    /// Waits until nobody else is inside. A call from code that runs inside is an error, and so is one
    /// in a child that was forked while another thread was inside: nobody would ever come out.
    pub fn enter(&self) -> Result<Inside<'_, T>> {
        if self.thread.load(Ordering::Relaxed) == this_thread() {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_PYTHON_START,
                "Python is being started by this very thread: nexus_loader was called from code that runs \
                 meanwhile (a sitecustomize, a .pth file or the log callback)",
            ));
        }
        let mut detached = None;
        let state = match self.mutex.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(state)) => state.into_inner(),
            Err(TryLockError::WouldBlock) => {
                let process = self.process.load(Ordering::Relaxed);
                if process != 0 && process != platform::process_id() {
                    return Err(Failure::new(
                        NexusStatus::NEXUS_ERR_FORKED,
                        "this process was forked while another thread was starting Python",
                    ));
                }
                detached = in_process::give_up_gil();
                self.mutex.lock().unwrap_or_else(PoisonError::into_inner)
            }
        };
        self.thread.store(this_thread(), Ordering::Relaxed);
        self.process
            .store(platform::process_id(), Ordering::Relaxed);
        let inside = Inside { gate: self, state };
        // Takes the GIL back: whoever holds it gives it up before waiting for this gate.
        drop(detached);
        Ok(inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_is_inside_at_a_time() {
        static GATE: Gate<u32> = Gate::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        *GATE.enter().unwrap().state += 1;
                    }
                });
            }
        });
        assert_eq!(*GATE.enter().unwrap().state, 8000);
    }

    #[test]
    fn a_thread_that_is_inside_is_told_so() {
        static GATE: Gate<()> = Gate::new(());
        let inside = GATE.enter().unwrap();
        assert!(
            GATE.enter()
                .err()
                .unwrap()
                .message
                .contains("this very thread")
        );
        drop(inside);
        assert!(GATE.enter().is_ok());
    }
}
