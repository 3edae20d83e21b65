//! Ending Python code that runs too long, from another thread.
//!
//! CPython can have an exception raised in another thread, at the next instruction of Python code that it
//! runs (`PyThreadState_SetAsyncExc`). If the call ends first, the exception would hit the thread's next
//! call: so a call that ends takes it back. All of this happens with the GIL held.

use super::thread::{self, Thread};
use super::{api, attach};
use crate::object::run;
use crate::services::guard;
use crate::{exception, ffi};
use core::sync::atomic::{AtomicU32, Ordering};
use nexus_abi::ffi::guard_or;
use nexus_abi::{Failure, NexusError, NexusStatus, Result};
use pyo3::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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
    if INTERRUPTED.load(Ordering::Relaxed) != 0 && api::is_between_calls() {
        let mine = thread::mine();
        take_back(|known| core::ptr::eq(known.thread, mine));
    }
}

/// KeyboardInterrupt, if that is what waits for this thread's next Python code: in the middle of a call that
/// runs none of its own. The GIL is held.
#[inline]
pub fn check(thread: &Thread) -> Result<()> {
    if INTERRUPTED.load(Ordering::Relaxed) != 0 && is_interrupted(thread) {
        // The interpreter looks before the first instruction.
        return Python::attach(|py| {
            let ran = py.eval(c"None", None, None);
            ran.map(drop)
                .map_err(|error| exception::failure(py, &error))
        });
    }
    Ok(())
}

#[cold]
fn is_interrupted(thread: &Thread) -> bool {
    known()
        .iter()
        .any(|known| core::ptr::eq(known.thread, thread) && known.interrupted)
}

#[cold]
fn take_back(whose: impl Fn(&Known) -> bool) {
    for known in known()
        .iter_mut()
        .filter(|known| known.interrupted && whose(known))
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
/// interrupted: the exception waits for the next Python code of that call; `nexus_call_invoke_many` ends
/// between two calls, and an event loop of `nexus_object_run` that waits is woken. A call that ends meanwhile has ended well; no later call of that thread is affected.
/// Code that takes a lock otherwise than by `with` may leave it locked, as with Ctrl-C in a program of
/// Python's; the import system is spared that.
///
/// `thread`: what `nexus_thread_id` gave there.
///
/// Returns `NEXUS_ERR_NOT_FOUND` when that thread is in no call now, or has none of this library's,
/// `NEXUS_ERR_BUSY` when it was in the code of the import system for a tenth of a second: nothing was done,
/// try again; and what `nexus_python_attach` returns. Any thread; waits for the GIL, which Python code gives
/// up every 5 ms.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_thread_interrupt(thread: u64, error: *mut *mut NexusError) -> NexusStatus {
    const TRIES: u32 = 100;
    guard(error, || {
        for _ in 0..TRIES {
            if interrupt(thread)? {
                return Ok(());
            }
            super::without(|| std::thread::sleep(Duration::from_millis(1)));
        }
        Err(Failure::new(
            NexusStatus::NEXUS_ERR_BUSY,
            format!("thread {thread} is in the middle of an import; try again"),
        ))
    })
}

/// Takes back what `nexus_thread_interrupt` has sent to a thread and Python has not raised there yet: for a host that
/// interrupts one call and no other. A call that a function of the host's makes, which Python has called, may end
/// before it is hit, and then the call around it would be. And while `nexus_thread_interrupt` waits for an import to
/// end, the call that was meant may end, and another begin. (What has not been raised when the outermost call of a
/// thread ends is taken back anyway.)
///
/// `thread`: what `nexus_thread_id` gave there.
///
/// Returns what `nexus_python_attach` returns; `NEXUS_OK` also when there was nothing to take back, and for a
/// thread that is not known. Any thread; waits for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_thread_uninterrupt(
    thread: u64,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        let _attached = attach()?;
        take_back(|known| known.id == thread);
        Ok(())
    })
}

/// False: not now.
fn interrupt(thread: u64) -> Result<bool> {
    let attached = attach()?;
    let mine = thread::mine();
    let is_inside = |known: &Known| {
        let calls = known.thread.inside.load(Ordering::Relaxed);
        let inside = if core::ptr::eq(known.thread, mine) {
            // This call itself is none that could be meant.
            calls > u32::from(attached.is_first()) && !api::is_between_calls()
        } else {
            calls != 0
        };
        known.id == thread && inside
    };
    // Runs Python's code: not while the list is locked.
    if known().iter().any(is_inside) && Python::attach(|py| is_importing(py, thread)) {
        return Ok(false);
    }
    let mut list = known();
    let Some(known) = list.iter_mut().find(|known| is_inside(known)) else {
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
    // This thread does not wait, and would be hit in the code that wakes.
    let is_other = !core::ptr::eq(known.thread, mine);
    drop(list);
    if is_other {
        Python::attach(|py| run::wake(py, thread));
    }
    Ok(true)
}

/// Whether the code that the exception would hit is that of the import system. It locks each module that it
/// imports, in Python code that an exception between two instructions leaves locked for ever. (What it calls
/// meanwhile, such as the code of the module, may be hit.)
fn is_importing(py: Python<'_>, thread: u64) -> bool {
    let ask = || -> PyResult<bool> {
        let frames = py.import("sys")?.call_method0("_current_frames")?;
        let Ok(frame) = frames.get_item(thread) else {
            return Ok(false);
        };
        let file = frame.getattr("f_code")?.getattr("co_filename")?;
        Ok(file.extract::<String>()?.starts_with("<frozen importlib"))
    };
    ask().unwrap_or(false)
}
