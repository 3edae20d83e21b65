//! Threads and the GIL.
//!
//! Every thread that calls keeps one Python thread state until the thread ends: making one for each
//! call costs four to seven times as much as the call. A thread that has a state already, because
//! Python or another library made it, keeps that one, and it is never freed here.

use crate::ffi;
use crate::services;
use core::cell::Cell;
use core::ffi::c_void;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use nexus_abi::{Failure, NexusStatus, Result};
use pyo3::ffi::PyThreadState;
use pyo3::prelude::*;

mod api;
mod interrupt;
mod state;
mod thread_end;
mod turn;

pub use state::check_open;

/// `PyThreadState_GetUnchecked`, which has another name before 3.13; NULL before `init`.
static CURRENT: AtomicPtr<c_void> = AtomicPtr::new(core::ptr::null_mut());
/// Until 3.11 the current thread state is the process's; since then each thread has its own.
static CURRENT_IS_OWN: AtomicBool = AtomicBool::new(false);
/// Whether somebody else has started Python: a thread that holds the GIL may be in the middle of anything.
static ADOPTED: AtomicBool = AtomicBool::new(false);

/// Looks up what differs between Python's versions. Called once, before anything attaches; the calling
/// thread holds the GIL.
pub fn init() -> Result<()> {
    // SAFETY: `PyThreadState *(void)` under its public name (3.13) and its older private one.
    let current: Option<ffi::CurrentThreadState> = unsafe {
        ffi::python_function(&[
            c"PyThreadState_GetUnchecked",
            c"_PyThreadState_UncheckedGet",
        ])
    };
    let Some(current) = current else {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_NOT_SUPPORTED,
            "this libpython exports neither PyThreadState_GetUnchecked nor _PyThreadState_UncheckedGet",
        ));
    };
    CURRENT_IS_OWN.store(ffi::python_minor_version() >= 12, Ordering::Relaxed);
    ADOPTED.store(!services::owned(), Ordering::Relaxed);
    CURRENT.store(current as *mut c_void, Ordering::Release);
    if services::owned() && is_main_thread() {
        // The main thread's state, which lives as long as Python.
        THREAD.with(|thread| {
            thread.kept.set(own_state());
            thread.is_main.set(true);
            thread_end::watch(thread);
        });
    }
    state::watch_end()?;
    thread_end::init()
}

/// A start that failed half-way may be finished on another thread.
fn is_main_thread() -> bool {
    let ask = |py: Python<'_>| -> PyResult<bool> {
        let main = py.import("threading")?.call_method0("main_thread")?;
        Ok(main.getattr("ident")?.extract::<u64>()? == ffi::thread_id())
    };
    Python::attach(|py| ask(py).unwrap_or(false))
}

/// What this library knows of a thread.
struct Thread {
    /// The state that it keeps because it came here; NULL if it has none, or one of others.
    kept: Cell<*mut PyThreadState>,
    /// Whether that is the main thread's state, which is not ours to free.
    is_main: Cell<bool>,
    /// How many calls it is inside of that have taken the GIL; read by threads that interrupt it.
    inside: AtomicU32,
}

thread_local! {
    static THREAD: Thread = const {
        Thread {
            kept: Cell::new(core::ptr::null_mut()),
            is_main: Cell::new(false),
            inside: AtomicU32::new(0),
        }
    };
}

/// While this lives, the thread holds the GIL. (It holds a pointer, so it stays on its thread.)
#[must_use]
pub struct Attached {
    /// The thread, if it held no GIL before; it gives it up again.
    thread: *const Thread,
    /// Whether it has taken its turn.
    turn: bool,
    /// The exception that was pending if it held the GIL before: the host's, not ours to lose.
    pending: Option<Box<ffi::Pending>>,
}

/// Takes the GIL, unless this thread holds it.
#[inline]
pub fn attach() -> Result<Attached> {
    quick_attach().ok_or_else(state::closed)
}

/// The same; `None` when Python can be called no more.
#[inline(always)]
pub fn quick_attach() -> Option<Attached> {
    if holds_gil() {
        return Some(Attached {
            thread: core::ptr::null(),
            turn: false,
            pending: if ADOPTED.load(Ordering::Relaxed) {
                set_aside()
            } else {
                None
            },
        });
    }
    if !state::is_open() {
        return None;
    }
    THREAD.with(|thread| {
        let kept = thread.kept.get();
        let mut turn = false;
        if kept.is_null() {
            first_attach(thread);
        } else {
            turn = interrupt::more_than_one_thread() && turn::take(kept.addr());
            // SAFETY: this thread's own state, which is kept until the thread ends, and is not current.
            unsafe { pyo3::ffi::PyEval_RestoreThread(kept) };
        }
        // With the GIL held; only this thread writes it.
        let inside = thread.inside.load(Ordering::Relaxed);
        thread.inside.store(inside + 1, Ordering::Relaxed);
        Some(Attached {
            thread: core::ptr::from_ref(thread),
            turn,
            pending: None,
        })
    })
}

/// The GIL is held.
fn set_aside() -> Option<Box<ffi::Pending>> {
    // SAFETY: the GIL is held. Only reads.
    let raising = unsafe { !pyo3::ffi::PyErr_Occurred().is_null() };
    raising.then(|| Box::new(ffi::Pending::take()))
}

impl Drop for Attached {
    #[inline(always)]
    fn drop(&mut self) {
        if self.thread.is_null() {
            if let Some(pending) = &mut self.pending {
                pending.put_back();
            }
            return;
        }
        // SAFETY: the variables of this very thread, which lives.
        let thread = unsafe { &*self.thread };
        interrupt::leave(thread);
        // SAFETY: this guard took the GIL, and everything in between gave back what it took.
        let state = unsafe { pyo3::ffi::PyEval_SaveThread() };
        if self.turn {
            turn::give_back(state.addr());
        }
    }
}

/// Whether this thread may touch Python objects now.
#[inline(always)]
fn holds_gil() -> bool {
    let current = CURRENT.load(Ordering::Relaxed);
    if current.is_null() {
        return false;
    }
    // SAFETY: `init` has stored a function of this type, which may be called from any thread at any time.
    let current = unsafe {
        let current: ffi::CurrentThreadState = core::mem::transmute(current);
        current()
    };
    !current.is_null() && (CURRENT_IS_OWN.load(Ordering::Relaxed) || is_own(current))
}

/// Before 3.12 the current state is that of whichever thread holds the GIL.
#[inline]
fn is_own(current: *mut PyThreadState) -> bool {
    let kept = THREAD.with(|thread| thread.kept.get());
    if kept.is_null() {
        current == own_state()
    } else {
        current == kept
    }
}

fn own_state() -> *mut PyThreadState {
    // SAFETY: callable from any thread once Python has started.
    unsafe { pyo3::ffi::PyGILState_GetThisThreadState() }
}

#[cold]
fn first_attach(thread: &Thread) {
    let state = own_state();
    if state.is_null() {
        // SAFETY: Python is started and not finalizing. This makes a thread state and counts one use
        // of it, which is never given back, so that nobody else's Release frees it.
        unsafe { pyo3::ffi::PyGILState_Ensure() };
        let state = own_state();
        thread.kept.set(state);
    } else {
        // SAFETY: the state that somebody else gave this thread, and that is not current: on 3.11 the
        // comparison in `attach` has shown it, since 3.12 nothing is current here.
        unsafe { pyo3::ffi::PyEval_RestoreThread(state) };
    }
    thread_end::watch(thread);
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
