//! What is done when a thread ends: its kept state is freed.

use super::state::after_fork;
use super::thread::{self, Thread};
use super::{check_open, interrupt};
use crate::ffi;
use core::sync::atomic::Ordering;
use nexus_abi::{Failure, NexusStatus, Result};
use std::sync::OnceLock;

#[cfg(unix)]
static KEY: OnceLock<libc::pthread_key_t> = OnceLock::new();

#[cfg(unix)]
pub fn init() -> Result<()> {
    let mut key = 0;
    // SAFETY: a key to write to, and a destructor that lives as long as the library, which is
    // never unloaded.
    let failed = unsafe { libc::pthread_key_create(&raw mut key, Some(free_state)) };
    if failed != 0 {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_NO_MEMORY,
            "no pthread key is left in this process",
        ));
    }
    let _ = KEY.set(key);
    // SAFETY: a handler that does nothing but read and write two words.
    unsafe { libc::pthread_atfork(None, None, Some(after_fork)) };
    Ok(())
}

/// Sees to this thread's end. Called once for each thread.
#[cfg(unix)]
pub fn watch(thread: &'static Thread) {
    interrupt::enter_thread(thread);
    if let Some(&key) = KEY.get() {
        let thread = core::ptr::from_ref(thread).cast_mut();
        // SAFETY: a key of ours. If there is no memory for it, the state outlives the thread.
        unsafe { libc::pthread_setspecific(key, thread.cast()) };
    }
}

// glibc clears the values of keys without destructors, Python's own among them, before or after
// this runs; so PyGILState_Release, which reads Python's, would end the process here.
#[cfg(unix)]
unsafe extern "C" fn free_state(thread: *mut core::ffi::c_void) {
    nexus_abi::ffi::guard_or((), || {
        // SAFETY: what `watch` has stored, which is never freed.
        let thread: &'static Thread = unsafe { &*thread.cast::<Thread>() };
        interrupt::leave_thread(thread);
        let state = thread.kept.swap(core::ptr::null_mut(), Ordering::Relaxed);
        let is_main = thread.is_main.swap(false, Ordering::Relaxed);
        thread::leave(thread);
        if state.is_null() || is_main || check_open().is_err() {
            return;
        }
        // SAFETY: this thread's own state; nothing uses it after the thread's end.
        unsafe {
            pyo3::ffi::PyEval_RestoreThread(state);
            pyo3::ffi::PyThreadState_Clear(state);
            ffi::PyThreadState_DeleteCurrent();
        }
    });
}

#[cfg(not(unix))]
pub fn init() -> Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub fn watch(_thread: &'static Thread) {}
