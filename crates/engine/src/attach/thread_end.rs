//! What is done when a thread ends: its kept state is freed.

use super::thread::{self, Thread};
use super::{api, check_open, interrupt, own_state};
use crate::ffi;
use core::ffi::c_void;
use core::sync::atomic::Ordering;
use nexus_abi::{Failure, NexusStatus, Result};
use pyo3::ffi::PyThreadState;
use std::sync::OnceLock;

/// Has the system tell of the ends of threads.
pub fn init() -> Result<()> {
    let key = system::new_key()
        .ok_or_else(|| Failure::new(NexusStatus::NEXUS_ERR_NO_MEMORY, system::NO_KEY))?;
    let _ = KEY.set(key);
    Ok(())
}

static KEY: OnceLock<system::Key> = OnceLock::new();

/// Sees to this thread's end. Called once for each thread.
pub fn watch(thread: &'static Thread) {
    interrupt::enter_thread(thread);
    if let Some(&key) = KEY.get() {
        // If there is no memory for it, the state outlives the thread.
        system::set(key, core::ptr::from_ref(thread).cast_mut().cast());
    }
}

/// # Safety
/// What `watch` has set for this thread, which is ending.
unsafe fn ended(thread: *const c_void) {
    nexus_abi::ffi::guard_or((), || {
        // SAFETY: what `watch` has stored, which is never freed.
        let thread: &'static Thread = unsafe { &*thread.cast::<Thread>() };
        // Windows ends thread-local variables after this, other systems before it.
        api::give_all_back();
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

#[cfg(unix)]
mod system {
    use super::super::state::after_fork;
    use core::ffi::c_void;

    pub const NO_KEY: &str = "no pthread key is left in this process";

    pub type Key = libc::pthread_key_t;

    pub fn new_key() -> Option<Key> {
        let mut key = 0;
        // SAFETY: a key to write to, and a destructor that lives as long as the library, which is
        // never unloaded.
        if unsafe { libc::pthread_key_create(&raw mut key, Some(ended)) } != 0 {
            return None;
        }
        // SAFETY: a handler that does nothing but read and write two words.
        unsafe { libc::pthread_atfork(None, None, Some(after_fork)) };
        Some(key)
    }

    pub fn set(key: Key, value: *mut c_void) {
        // SAFETY: a key of ours.
        unsafe { libc::pthread_setspecific(key, value) };
    }

    unsafe extern "C" fn ended(value: *mut c_void) {
        // SAFETY: what `set` has stored.
        unsafe { super::ended(value) };
    }
}

// The callbacks of fiber-local storage run before the loader's lock is taken, unlike those of thread-local
// storage: to wait there for the GIL would be a deadlock with whoever holds it and opens a library.
#[cfg(windows)]
mod system {
    use core::ffi::c_void;
    use windows_sys::Win32::System::Threading::{
        FLS_OUT_OF_INDEXES, FlsAlloc, FlsSetValue, IsThreadAFiber,
    };

    #[link(name = "ntdll", kind = "raw-dylib")]
    unsafe extern "system" {
        fn RtlDllShutdownInProgress() -> u8;
    }

    pub const NO_KEY: &str = "no fiber-local storage is left in this process";

    pub type Key = u32;

    pub fn new_key() -> Option<Key> {
        // SAFETY: a callback that lives as long as the library, which is never unloaded.
        let key = unsafe { FlsAlloc(Some(ended)) };
        (key != FLS_OUT_OF_INDEXES).then_some(key)
    }

    pub fn set(key: Key, value: *mut c_void) {
        // SAFETY: an index of ours.
        unsafe { FlsSetValue(key, value) };
    }

    unsafe extern "system" fn ended(value: *const c_void) {
        // The end of a process has ended all other threads, wherever they were: one may have had the GIL. The
        // end of a fiber is not that of its thread, and which of the two it is nobody tells.
        // SAFETY: two questions; then what `set` has stored.
        unsafe {
            if RtlDllShutdownInProgress() == 0 && IsThreadAFiber() == 0 {
                super::ended(value);
            }
        }
    }
}

/// Frees the state, and with it what Python code has kept for the thread (`threading.local`), whose destructors
/// may call the host and this library.
///
/// # Safety
/// The state that this thread keeps, which is not current.
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
