//! The threads that call, and which of them are interrupted.
//!
//! CPython can have an exception raised in another thread, at the next instruction of Python code that it
//! runs (`PyThreadState_SetAsyncExc`). If the call ends first, the exception would hit the thread's next
//! call: so a call that ends takes it back. All of this happens with the GIL held.

use super::levels;
use super::thread::{self, Thread};
use crate::python;
use core::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A thread that has called.
pub struct Known {
    /// Python's number for it.
    pub id: u64,
    pub thread: &'static Thread,
    interrupted: bool,
}

impl Known {
    /// Has KeyboardInterrupt raised there. The GIL is held.
    pub fn interrupt(&mut self) {
        if !self.interrupted {
            self.interrupted = true;
            INTERRUPTED.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: a type that lives as long as Python.
        python::raise_in_thread(self.id, unsafe { pyo3::ffi::PyExc_KeyboardInterrupt });
    }
}

static KNOWN: Mutex<Vec<Known>> = Mutex::new(Vec::new());
/// How many of them are interrupted and have not ended their calls yet.
static INTERRUPTED: AtomicU32 = AtomicU32::new(0);

/// All of them.
pub fn known() -> MutexGuard<'static, Vec<Known>> {
    // Nothing panics while the list is half changed.
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread calls for the first time.
pub fn enter_thread(thread: &'static Thread) {
    known().push(Known {
        id: python::thread_id(),
        thread,
        interrupted: false,
    });
}

/// It ends.
pub fn leave_thread(thread: &Thread) {
    let mut list = known();
    list.retain(|known| {
        let is_it = core::ptr::eq(known.thread, thread);
        if is_it && known.interrupted {
            INTERRUPTED.fetch_sub(1, Ordering::Relaxed);
        }
        !is_it
    });
}

/// A call of this thread ends, with the GIL still held.
#[inline]
pub fn leave(thread: &Thread) {
    let inside = thread.inside.load(Ordering::Relaxed) - 1;
    thread.inside.store(inside, Ordering::Relaxed);
    if inside == 0 && INTERRUPTED.load(Ordering::Relaxed) != 0 {
        take_back(|known| core::ptr::eq(known.thread, thread));
    }
}

/// A call ends in a thread that had the GIL before. If that is by `nexus_python_attach`, and not in the middle of
/// another call, the next call is another one, too.
#[inline(always)]
pub fn leave_attached() {
    if INTERRUPTED.load(Ordering::Relaxed) != 0 && levels::is_between_calls() {
        let mine = thread::mine();
        take_back(|known| core::ptr::eq(known.thread, mine));
    }
}

/// Whether an interrupt waits for this thread's next Python code.
#[inline]
pub fn waits() -> bool {
    INTERRUPTED.load(Ordering::Relaxed) != 0 && is_interrupted(thread::mine())
}

#[cold]
fn is_interrupted(thread: &Thread) -> bool {
    known()
        .iter()
        .any(|known| core::ptr::eq(known.thread, thread) && known.interrupted)
}

/// Takes back what Python has not raised yet.
#[cold]
pub fn take_back(whose: impl Fn(&Known) -> bool) {
    for known in known()
        .iter_mut()
        .filter(|known| known.interrupted && whose(known))
    {
        known.interrupted = false;
        INTERRUPTED.fetch_sub(1, Ordering::Relaxed);
        python::raise_in_thread(known.id, core::ptr::null_mut());
    }
}
