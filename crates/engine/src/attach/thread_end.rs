//! What is done when a thread ends: its kept state is freed.

use super::state::after_fork;
use super::thread::{self, Thread};
use super::{check_open, interrupt, own_state};
use crate::ffi;
use core::sync::atomic::Ordering;
use nexus_abi::{Failure, NexusStatus, Result};
use pyo3::ffi::PyThreadState;
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

#[cfg(unix)]
unsafe extern "C" fn free_state(thread: *mut core::ffi::c_void) {
    nexus_abi::ffi::guard_or((), || {
        // SAFETY: what `watch` has stored, which is never freed.
        let thread: &'static Thread = unsafe { &*thread.cast::<Thread>() };
        let state = thread.kept.load(Ordering::Relaxed);
        let is_main = thread.is_main.swap(false, Ordering::Relaxed);
        if !state.is_null() && !is_main && check_open().is_ok() {
            // SAFETY: this thread's own state; nothing uses it after the thread's end.
            unsafe { free_kept(thread, state) };
        }
        thread.kept.store(core::ptr::null_mut(), Ordering::Relaxed);
        interrupt::leave_thread(thread);
        thread::leave(thread);
    });
}

/// Frees the state, and with it what Python code has kept for the thread (`threading.local`), whose destructors
/// may call the host and this library.
///
/// # Safety
/// The state that this thread keeps, which is not current.
#[cfg(unix)]
unsafe fn free_kept(thread: &'static Thread, state: *mut PyThreadState) {
    // SAFETY: Python is not finalizing; all that is taken here is given back.
    unsafe {
        if own_state() == state {
            pyo3::ffi::PyEval_RestoreThread(state);
            pyo3::ffi::PyThreadState_Clear(state);
            ffi::PyThreadState_DeleteCurrent();
            return;
        }
        // glibc clears the values of keys without destructors, Python's own among them, before or after this
        // runs. PyGILState_Ensure, which any code may call, then makes another state, and would wait for ever
        // for the GIL that this one had: so the other one is made first.
        pyo3::ffi::PyGILState_Ensure();
        let other = own_state();
        thread.kept.store(other, Ordering::Relaxed);
        pyo3::ffi::PyThreadState_Clear(state);
        // Since 3.12 this clears Python's own key, so that PyGILState_Release would end the process.
        pyo3::ffi::PyThreadState_Delete(state);
        pyo3::ffi::PyThreadState_Clear(other);
        ffi::PyThreadState_DeleteCurrent();
    }
}

#[cfg(not(unix))]
pub fn init() -> Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub fn watch(_thread: &'static Thread) {}
