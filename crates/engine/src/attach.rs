//! Threads and the GIL.
//!
//! Every thread that calls keeps one Python thread state until the thread ends: making one for each
//! call costs four to seven times as much as the call. A thread that has a state already, because
//! Python or another library made it, keeps that one, and it is never freed here.

use crate::ffi;
use crate::services::{self, guard};
use core::cell::{Cell, RefCell};
use core::sync::atomic::{AtomicBool, Ordering};
use nexus_abi::{Failure, NexusError, NexusStatus, Result};
use pyo3::ffi::PyThreadState;
use pyo3::prelude::*;
use std::sync::OnceLock;

/// What differs between Python's versions.
struct Functions {
    current: ffi::CurrentThreadState,
    finalizing: ffi::Predicate,
}

static FUNCTIONS: OnceLock<Functions> = OnceLock::new();

/// Looks the functions up. Called once, before anything attaches.
pub fn init() -> Result<()> {
    // SAFETY: `PyThreadState *(void)` under its public name (3.13) and its older private one.
    let current = unsafe {
        ffi::python_function(&[
            c"PyThreadState_GetUnchecked",
            c"_PyThreadState_UncheckedGet",
        ])
    };
    // SAFETY: `int (void)` under its public name (3.13) and its older private one.
    let finalizing = unsafe { ffi::python_function(&[c"Py_IsFinalizing", c"_Py_IsFinalizing"]) };
    let (Some(current), Some(finalizing)) = (current, finalizing) else {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_NOT_SUPPORTED,
            "this libpython exports neither PyThreadState_GetUnchecked nor _PyThreadState_UncheckedGet",
        ));
    };
    let _ = FUNCTIONS.set(Functions {
        current,
        finalizing,
    });
    thread_end::init()
}

thread_local! {
    /// The state that this thread keeps because it came here; NULL if it has none, or one of others.
    static KEPT: Cell<*mut PyThreadState> = const { Cell::new(core::ptr::null_mut()) };
    /// What the calls of `nexus_python_attach` on this thread took that is not given back yet.
    static EXPLICIT: RefCell<Vec<Attached>> = const { RefCell::new(Vec::new()) };
}

/// While this lives, the thread holds the GIL.
#[must_use]
pub struct Attached {
    release: bool,
}

/// Takes the GIL, unless this thread holds it.
#[inline]
pub fn attach() -> Result<Attached> {
    if holds_gil() {
        return Ok(Attached { release: false });
    }
    check_open()?;
    let kept = KEPT.get();
    if kept.is_null() {
        first_attach();
    } else {
        // SAFETY: this thread's own state, which is kept until the thread ends, and is not current.
        unsafe { pyo3::ffi::PyEval_RestoreThread(kept) };
    }
    Ok(Attached { release: true })
}

#[inline]
fn functions() -> &'static Functions {
    FUNCTIONS.get().expect("set when the engine was opened")
}

/// Whether this thread may touch Python objects now.
#[inline]
pub fn holds_gil() -> bool {
    // SAFETY: callable from any thread at any time, as CPython documents it. On 3.11 it tells which
    // state holds the GIL, of whatever thread; since 3.12 which one this thread is attached with.
    let current = unsafe { (functions().current)() };
    !current.is_null() && (current == KEPT.get() || current == own_state())
}

fn own_state() -> *mut PyThreadState {
    // SAFETY: callable from any thread once Python has started.
    unsafe { pyo3::ffi::PyGILState_GetThisThreadState() }
}

#[cold]
fn first_attach() {
    let state = own_state();
    if state.is_null() {
        // SAFETY: Python is started and not finalizing. This makes a thread state and counts one use
        // of it, which is never given back, so that nobody else's Release frees it.
        unsafe { pyo3::ffi::PyGILState_Ensure() };
        let state = own_state();
        KEPT.set(state);
        thread_end::watch(state);
    } else {
        // SAFETY: the state that somebody else gave this thread, and that is not current: on 3.11 the
        // comparison in `attach` has shown it, since 3.12 nothing is current here.
        unsafe { pyo3::ffi::PyEval_RestoreThread(state) };
    }
}

/// Whether Python can still be called. An adopted interpreter may be finalized by its owner: to wait for
/// its GIL then would end the thread (up to 3.13) or hang it for ever (3.14).
#[inline]
pub fn check_open() -> Result<()> {
    if FORKED.load(Ordering::Relaxed) {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_FORKED,
            "this process was forked while Python ran on other threads; start a new program instead (fork, then exec)",
        ));
    }
    // SAFETY: both are callable from any thread at any time.
    if unsafe { pyo3::ffi::Py_IsInitialized() != 0 && (functions().finalizing)() == 0 } {
        return Ok(());
    }
    Err(Failure::new(
        NexusStatus::NEXUS_ERR_CLOSED,
        "Python was finalized by the program that started it",
    ))
}

impl Drop for Attached {
    #[inline]
    fn drop(&mut self) {
        if self.release {
            // SAFETY: this guard took the GIL, and everything in between gave back what it took.
            unsafe { pyo3::ffi::PyEval_SaveThread() };
        }
    }
}

/// Runs `body` with the GIL and PyO3's token for it. For everything but the hottest paths.
pub fn with<R>(body: impl FnOnce(Python<'_>) -> Result<R>) -> Result<R> {
    let _attached = attach()?;
    Python::attach(body)
}

/// Runs `body` without the GIL if this thread holds it: for waiting on what another thread may need the
/// GIL to finish.
pub fn without<R>(body: impl FnOnce() -> R) -> R {
    struct Restore(*mut PyThreadState);
    impl Drop for Restore {
        fn drop(&mut self) {
            // SAFETY: the state that this thread was attached with a moment ago.
            unsafe { pyo3::ffi::PyEval_RestoreThread(self.0) };
        }
    }
    if !holds_gil() {
        return body();
    }
    // SAFETY: this thread holds the GIL.
    let _restore = Restore(unsafe { pyo3::ffi::PyEval_SaveThread() });
    body()
}

/// Takes the GIL for this thread until `nexus_python_detach`, so that a batch of calls pays for it only
/// once. Nests: each call needs a `nexus_python_detach` on the same thread. Other threads cannot run
/// Python meanwhile, so keep it short; a goroutine or fiber must not change threads in between.
///
/// Returns `NEXUS_ERR_NOT_STARTED` before a start, `NEXUS_ERR_CLOSED` when the program that owns an
/// adopted interpreter has finalized it. Any thread; waits for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_python_attach(error: *mut *mut NexusError) -> NexusStatus {
    guard(error, || {
        let attached = attach()?;
        EXPLICIT.with_borrow_mut(|taken| taken.push(attached));
        Ok(())
    })
}

/// Gives back what one `nexus_python_attach` took; the outermost frees the GIL.
///
/// Returns `NEXUS_ERR_NOT_ATTACHED` when this thread has no attach to give back. Any thread; runs no
/// Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_python_detach(error: *mut *mut NexusError) -> NexusStatus {
    guard(error, || {
        let Some(last) = EXPLICIT.with_borrow_mut(Vec::pop) else {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_NOT_ATTACHED,
                "nexus_python_detach without a nexus_python_attach on this thread",
            ));
        };
        if !holds_gil() {
            // Python code in between gave the GIL up, and whoever did will take it back.
            EXPLICIT.with_borrow_mut(|taken| taken.push(last));
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_NOT_ATTACHED,
                "nexus_python_detach where the GIL is given up: detach on the level on which you attached",
            ));
        }
        drop(last);
        Ok(())
    })
}

/// Whether this process is a child that has no working Python.
static FORKED: AtomicBool = AtomicBool::new(false);

/// In the child of a `fork` only the forking thread lives on. If that thread did not hold the GIL, nobody
/// can tell what state Python is in. If it held it, Python itself forked (`os.fork`, multiprocessing), and
/// mends its state (`PyOS_AfterFork_Child`).
#[cfg(unix)]
unsafe extern "C" fn after_fork() {
    FORKED.store(!holds_gil(), Ordering::Relaxed);
}

/// Frees a thread's kept state when the thread ends.
mod thread_end {
    use super::*;

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

    #[cfg(unix)]
    pub fn watch(state: *mut PyThreadState) {
        if let Some(&key) = KEY.get() {
            // SAFETY: a key of ours. If there is no memory for it, the state outlives the thread.
            unsafe { libc::pthread_setspecific(key, state.cast()) };
        }
    }

    // glibc clears the values of keys without destructors, Python's own among them, before or after
    // this runs; so PyGILState_Release, which reads Python's, would end the process here.
    #[cfg(unix)]
    unsafe extern "C" fn free_state(state: *mut core::ffi::c_void) {
        nexus_abi::ffi::guard_or((), || {
            if check_open().is_err() {
                return;
            }
            KEPT.set(core::ptr::null_mut());
            // SAFETY: this thread's own state; nothing uses it after the thread's end.
            unsafe {
                pyo3::ffi::PyEval_RestoreThread(state.cast());
                pyo3::ffi::PyThreadState_Clear(state.cast());
                ffi::PyThreadState_DeleteCurrent();
            }
        });
    }

    #[cfg(not(unix))]
    pub fn init() -> Result<()> {
        Ok(())
    }

    #[cfg(not(unix))]
    pub fn watch(_state: *mut PyThreadState) {}
}

/// Gives the host what Python has written so far: a host may end with `_exit`, which flushes nothing.
pub fn flush_output() {
    if services::owned() {
        let _ = with(|py| {
            for stream in ["stdout", "stderr"] {
                if let Ok(stream) = py.import("sys").and_then(|sys| sys.getattr(stream)) {
                    let _ = stream.call_method0("flush");
                }
            }
            Ok(())
        });
    }
}
