//! What is done when a thread ends: its kept state is freed.

use super::thread::{self, Thread};
use super::{check_open, interrupted};
use core::ffi::c_void;
use core::sync::atomic::Ordering;
use nexus_abi::{Failure, NexusStatus, Result};
use std::sync::OnceLock;

/// Has the system tell of the ends of threads.
pub fn init() -> Result<()> {
    let key = system::new_key()
        .ok_or_else(|| Failure::new(NexusStatus::NEXUS_ERR_NO_MEMORY, system::NO_KEY))?;
    let _ = KEY.set(key);
    thread::init(watch);
    Ok(())
}

static KEY: OnceLock<system::Key> = OnceLock::new();

/// Sees to this thread's end.
fn watch(thread: &'static Thread) {
    interrupted::enter_thread(thread);
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
        #[cfg(windows)]
        super::levels::give_all_back();
        let state = thread.kept.load(Ordering::Relaxed);
        let is_main = thread.is_main.swap(false, Ordering::Relaxed);
        if !state.is_null() && !is_main && check_open().is_ok() {
            #[cfg(not(windows))]
            // SAFETY: this thread's own state; nothing uses it after the thread's end.
            unsafe {
                at_once::free_kept(thread, state);
            }
            #[cfg(windows)]
            later::leave(state);
        }
        thread.kept.store(core::ptr::null_mut(), Ordering::Relaxed);
        interrupted::leave_thread(thread);
        thread::leave(thread);
    });
}

/// The states of threads that have ended. A thread that ends must not wait for the GIL on Windows: it holds a lock of the
/// system's, without which no thread begins or ends, and the process does not, either. So the next thread that has the
/// GIL frees them.
#[cfg(windows)]
mod later {
    use crate::python;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use pyo3::ffi::PyThreadState;
    use std::sync::{Mutex, PoisonError};

    static LEFT: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    /// How many there are: read after each attach, so that it is one number.
    static COUNT: AtomicUsize = AtomicUsize::new(0);

    pub fn leave(state: *mut PyThreadState) {
        let mut left = LEFT.lock().unwrap_or_else(PoisonError::into_inner);
        left.push(state.expose_provenance());
        COUNT.store(left.len(), Ordering::Relaxed);
    }

    #[inline(always)]
    pub fn free() {
        if COUNT.load(Ordering::Relaxed) != 0 {
            free_all();
        }
    }

    /// On a thread of its own, which this one waits for: since 3.12 to delete another thread's state takes this
    /// thread's state from Python's own key (`unbind_gilstate_tstate` in Python/pystate.c).
    #[cold]
    fn free_all() {
        let left = core::mem::take(&mut *LEFT.lock().unwrap_or_else(PoisonError::into_inner));
        COUNT.store(0, Ordering::Relaxed);
        let pending = python::Pending::take();
        // SAFETY: the GIL is held, and taken again with the same state.
        unsafe {
            let mine = pyo3::ffi::PyEval_SaveThread();
            // Without memory for a thread the states outlive their threads.
            if let Ok(thread) = std::thread::Builder::new().spawn(move || free_here(&left)) {
                let _ = thread.join();
            }
            pyo3::ffi::PyEval_RestoreThread(mine);
        }
        drop(pending);
    }

    fn free_here(left: &[usize]) {
        let states = || {
            left.iter()
                .map(|state| core::ptr::with_exposed_provenance_mut(*state))
        };
        // SAFETY: the states of threads that have ended, which nobody else frees, and which are current nowhere. What
        // Python code has kept for those threads is freed first, while this thread has a state that Python knows of:
        // destructors may call anything.
        unsafe {
            pyo3::ffi::PyGILState_Ensure();
            let mine = pyo3::ffi::PyThreadState_Get();
            states().for_each(|state| pyo3::ffi::PyThreadState_Clear(state));
            pyo3::ffi::PyThreadState_Clear(mine);
            states().for_each(|state| pyo3::ffi::PyThreadState_Delete(state));
            python::PyThreadState_DeleteCurrent();
        }
    }
}

/// Frees what threads have left that could not do it themselves. The caller holds the GIL.
#[inline(always)]
pub fn free_left() {
    #[cfg(windows)]
    later::free();
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

// The callbacks of fiber-local storage run before the loader's lock is taken, unlike those of thread-local storage.
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

#[cfg(not(windows))]
mod at_once {
    use super::super::own_state;
    use super::super::thread::Thread;
    use crate::python;
    use core::sync::atomic::Ordering;
    use pyo3::ffi::PyThreadState;

    /// Frees the state, and with it what Python code has kept for the thread (`threading.local`), whose destructors
    /// may call the host and this library.
    ///
    /// # Safety
    /// The state that this thread keeps, which is not current.
    pub unsafe fn free_kept(thread: &'static Thread, state: *mut PyThreadState) {
        // SAFETY: Python is not finalizing; all that is taken here is given back.
        unsafe {
            if own_state() == state {
                pyo3::ffi::PyEval_RestoreThread(state);
                pyo3::ffi::PyThreadState_Clear(state);
                python::PyThreadState_DeleteCurrent();
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
            python::PyThreadState_DeleteCurrent();
        }
    }
}
