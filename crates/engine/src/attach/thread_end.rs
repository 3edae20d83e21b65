//! What is done when a thread ends: its kept state is freed.

use super::{Thread, after_fork, check_open, interrupt};
use crate::ffi;
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

/// Sees to this thread's end. May be called again: a thread whose state is not kept comes here each time.
#[cfg(unix)]
pub fn watch(thread: &Thread) {
    let Some(&key) = KEY.get() else { return };
    let address: *const core::ffi::c_void = core::ptr::from_ref(thread).cast();
    // SAFETY: a key of ours. If there is no memory for its value, the state outlives the thread.
    unsafe {
        if libc::pthread_getspecific(key).cast_const() == address {
            return;
        }
        libc::pthread_setspecific(key, address);
    }
    interrupt::enter_thread(thread);
}

// glibc clears the values of keys without destructors, Python's own among them, before or after
// this runs; so PyGILState_Release, which reads Python's, would end the process here.
#[cfg(unix)]
unsafe extern "C" fn free_state(thread: *mut core::ffi::c_void) {
    nexus_abi::ffi::guard_or((), || {
        // SAFETY: thread-local variables, which live longer than the values of keys.
        let thread = unsafe { &*thread.cast::<Thread>() };
        interrupt::leave_thread(thread);
        let state = thread.kept.replace(core::ptr::null_mut());
        if state.is_null() || check_open().is_err() {
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
pub fn watch(_thread: &Thread) {}
