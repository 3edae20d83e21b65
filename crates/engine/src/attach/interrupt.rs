//! Ending Python code that runs too long, from another thread.
//!
//! CPython can have an exception raised in another thread, at the next instruction of Python code that it
//! runs (`PyThreadState_SetAsyncExc`). If the call ends first, the exception would hit the thread's next
//! call: so a call that ends takes it back. All of this happens with the GIL held.

use super::attach;
use super::thread::Thread;
use crate::ffi;
use crate::services::guard;
use core::sync::atomic::{AtomicU32, Ordering};
use nexus_abi::ffi::guard_or;
use nexus_abi::{Failure, NexusError, NexusStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A thread that has called.
struct Known {
    id: u64,
    thread: &'static Thread,
    interrupted: bool,
}

static KNOWN: Mutex<Vec<Known>> = Mutex::new(Vec::new());
/// How many of them are interrupted and have not ended their calls yet.
static INTERRUPTED: AtomicU32 = AtomicU32::new(0);

fn known() -> MutexGuard<'static, Vec<Known>> {
    // Nothing panics while the list is half changed.
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread calls for the first time.
pub fn enter_thread(thread: &'static Thread) {
    known().push(Known {
        id: ffi::thread_id(),
        thread,
        interrupted: false,
    });
}

/// It ends.
pub fn leave_thread(thread: &Thread) {
    known().retain(|known| !core::ptr::eq(known.thread, thread));
}

/// A call of this thread ends, with the GIL still held.
#[inline]
pub fn leave(thread: &Thread) {
    let inside = thread.inside.load(Ordering::Relaxed) - 1;
    thread.inside.store(inside, Ordering::Relaxed);
    if inside == 0 && INTERRUPTED.load(Ordering::Relaxed) != 0 {
        take_back(thread);
    }
}

#[cold]
fn take_back(thread: &Thread) {
    for known in known()
        .iter_mut()
        .filter(|known| core::ptr::eq(known.thread, thread) && known.interrupted)
    {
        known.interrupted = false;
        INTERRUPTED.fetch_sub(1, Ordering::Relaxed);
        ffi::raise_in_thread(known.id, core::ptr::null_mut());
    }
}

/// A number for this thread, for `nexus_thread_interrupt`: Python's `threading.get_ident()`. The numbers of
/// threads that have ended are used again. 0 before Python has started. Any thread; needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_thread_id() -> u64 {
    guard_or(0, ffi::thread_id)
}

/// Ends the Python code that another thread runs in a call of this library: KeyboardInterrupt is raised
/// there before its next instruction of Python code, and the call returns `NEXUS_ERR_EXCEPTION` with
/// `builtins.KeyboardInterrupt`, unless the code catches it. Compiled code and system calls are not
/// interrupted: the exception waits for the next Python code of that call. A call that ends meanwhile has
/// ended well; no later call of that thread is affected.
///
/// `thread`: what `nexus_thread_id` gave there.
///
/// Returns `NEXUS_ERR_NOT_FOUND` when that thread is in no call now, or has none of this library's, and what
/// `nexus_python_attach` returns. Any thread; waits for the GIL, which Python code gives up every 5 ms.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_thread_interrupt(thread: u64, error: *mut *mut NexusError) -> NexusStatus {
    guard(error, || {
        let _attached = attach()?;
        let mut list = known();
        let inside = list
            .iter_mut()
            .find(|known| known.id == thread && known.thread.inside.load(Ordering::Relaxed) != 0);
        let Some(known) = inside else {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_NOT_FOUND,
                format!("thread {thread} is in no call of this library"),
            ));
        };
        if !known.interrupted {
            known.interrupted = true;
            INTERRUPTED.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: a type that lives as long as Python.
        ffi::raise_in_thread(thread, unsafe { pyo3::ffi::PyExc_KeyboardInterrupt });
        Ok(())
    })
}

/// Takes back a `nexus_thread_interrupt` of this thread that has not been raised yet: for a host whose
/// function, which Python has called, makes a call of its own, and whose interruption was meant for that one
/// alone. The end of a thread's outermost call does so of its own accord.
///
/// Returns what `nexus_python_attach` returns; `NEXUS_OK` also when there was nothing to take back. Any
/// thread; waits for the GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_thread_uninterrupt(error: *mut *mut NexusError) -> NexusStatus {
    guard(error, || {
        let _attached = attach()?;
        if INTERRUPTED.load(Ordering::Relaxed) != 0 {
            take_back(super::thread::mine());
        }
        Ok(())
    })
}
