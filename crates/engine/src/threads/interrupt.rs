//! Ending Python code that runs too long, from another thread.

use crate::border::guard;
use crate::exception::OrRaised as _;
use crate::gil::{self, attach, interrupted, levels, thread};
use crate::object::awaitable;
use crate::python;
use core::sync::atomic::Ordering;
use nexus_abi::ffi::guard_or;
use nexus_abi::{Failure, NexusError, NexusStatus, Result};
use pyo3::prelude::*;
use std::time::Duration;

/// Raises the KeyboardInterrupt that waits for this thread's next Python code, if one does: for a call that runs no
/// Python code of its own between two others. The GIL is held.
#[inline]
pub fn check() -> Result<()> {
    if !interrupted::waits() {
        return Ok(());
    }
    Python::attach(|py| {
        // The interpreter looks before the first instruction.
        let ran = py.eval(c"None", None, None);
        ran.map(drop).or_raised(py)
    })
}

/// A number for this thread, for `nexus_thread_interrupt`: Python's `threading.get_ident()`. The numbers of
/// threads that have ended are used again. 0 before Python has started. Needs no
/// GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_thread_id() -> u64 {
    guard_or(0, python::thread_id)
}

/// Ends the Python code that another thread runs in a call of this library: KeyboardInterrupt is raised
/// there before its next instruction of Python code, and the call returns `NEXUS_ERR_EXCEPTION` with
/// `builtins.KeyboardInterrupt`, unless the code catches it. Compiled code and system calls are not
/// interrupted: the exception waits for the next Python code of that call; `nexus_call_invoke_many` ends
/// between two calls, and an event loop of `nexus_object_await` that waits is woken. A call that ends meanwhile
/// has ended well; no later call of that thread is affected.
/// Code that takes a lock otherwise than by `with` may leave it locked, as with Ctrl-C in a program of
/// Python's; the import system is spared that.
///
/// `thread`: what `nexus_thread_id` gave there.
///
/// Returns `NEXUS_ERR_NOT_FOUND` when that thread is in no call now, or has none of this library's,
/// `NEXUS_ERR_BUSY` when it was in the code of the import system for a tenth of a second: nothing was done,
/// try again; and what `nexus_python_attach` returns. Waits for the GIL, which Python code gives up every 5 ms.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_thread_interrupt(thread: u64, error: *mut *mut NexusError) -> NexusStatus {
    const TRIES: u32 = 100;
    guard(error, |_| {
        for _ in 0..TRIES {
            if interrupt(thread)? {
                return Ok(());
            }
            gil::without(|| std::thread::sleep(Duration::from_millis(1)));
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
/// thread that is not known.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_thread_uninterrupt(
    thread: u64,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        let _attached = attach()?;
        interrupted::take_back(|known| known.id == thread);
        Ok(())
    })
}

/// False: not now.
fn interrupt(thread: u64) -> Result<bool> {
    let attached = attach()?;
    let mine = thread::mine();
    let is_inside = |known: &interrupted::Known| {
        let calls = known.thread.inside.load(Ordering::Relaxed);
        let inside = if core::ptr::eq(known.thread, mine) {
            // This call itself cannot be meant.
            calls > u32::from(attached.is_first()) && !levels::is_between_calls()
        } else {
            calls != 0
        };
        known.id == thread && inside
    };
    // Runs Python's code: not while the list is locked.
    if interrupted::known().iter().any(is_inside) && Python::attach(|py| is_importing(py, thread)) {
        return Ok(false);
    }
    let mut list = interrupted::known();
    let Some(known) = list.iter_mut().find(|known| is_inside(known)) else {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_NOT_FOUND,
            format!("thread {thread} is in no call of this library"),
        ));
    };
    known.interrupt();
    // This thread does not wait, and would be hit in the code that wakes.
    let is_other = !core::ptr::eq(known.thread, mine);
    drop(list);
    if is_other {
        Python::attach(|py| awaitable::wake(py, thread));
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
