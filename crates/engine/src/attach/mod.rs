//! Threads and the GIL.
//!
//! Every thread that calls keeps one Python thread state until the thread ends: making one for each
//! call costs four to seven times as much as the call. A thread that has a state already, because
//! Python or another library made it, keeps that one, and it is never freed here.

use crate::ffi;
use crate::services;
use core::cell::Cell;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use nexus_abi::{Failure, NexusStatus, Result};
use pyo3::ffi::PyThreadState;
use pyo3::prelude::*;
use std::sync::OnceLock;

mod api;
mod interrupt;
mod thread_end;
mod turn;

/// What differs between Python's versions.
struct Functions {
    current: ffi::CurrentThreadState,
    /// Until 3.11 the current thread state is the process's; since then each thread has its own.
    current_is_own: bool,
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
        current_is_own: ffi::python_minor_version() >= 12,
        finalizing,
    });
    thread_end::init()
}

/// What this library knows of a thread.
struct Thread {
    /// The state that it keeps because it came here; NULL if it has none, or one of others.
    kept: Cell<*mut PyThreadState>,
    /// How many calls it is inside of that have taken the GIL; read by threads that interrupt it.
    inside: AtomicU32,
}

thread_local! {
    static THREAD: Thread = const {
        Thread {
            kept: Cell::new(core::ptr::null_mut()),
            inside: AtomicU32::new(0),
        }
    };
}

/// While this lives, the thread holds the GIL.
#[must_use]
pub struct Attached {
    before: Before,
}

/// How the thread was when it attached, and will be again.
enum Before {
    /// It held the GIL.
    Held,
    /// It held the GIL, and an exception was pending: the host's, not ours to lose.
    Raising(Box<ffi::Pending>),
    /// It held no GIL. It has taken its turn with this number, or 0.
    Free(usize),
}

/// Takes the GIL, unless this thread holds it.
#[inline]
pub fn attach() -> Result<Attached> {
    if holds_gil() {
        // SAFETY: the GIL is held. Only reads.
        let raising = unsafe { !pyo3::ffi::PyErr_Occurred().is_null() };
        let before = if raising { set_aside() } else { Before::Held };
        return Ok(Attached { before });
    }
    check_open()?;
    THREAD.with(|thread| {
        let kept = thread.kept.get();
        let turn = if kept.is_null() {
            first_attach(thread);
            0
        } else {
            let me = kept.addr();
            let turn = if turn::take(me) { me } else { 0 };
            // SAFETY: this thread's own state, which is kept until the thread ends, and is not current.
            unsafe { pyo3::ffi::PyEval_RestoreThread(kept) };
            turn
        };
        // With the GIL held; only this thread writes it.
        let inside = thread.inside.load(Ordering::Relaxed);
        thread.inside.store(inside + 1, Ordering::Relaxed);
        Ok(Attached {
            before: Before::Free(turn),
        })
    })
}

#[cold]
fn set_aside() -> Before {
    Before::Raising(Box::new(ffi::Pending::take()))
}

#[inline]
fn functions() -> &'static Functions {
    FUNCTIONS.get().expect("set when the engine was opened")
}

/// Whether this thread may touch Python objects now.
#[inline]
fn holds_gil() -> bool {
    let functions = functions();
    // SAFETY: callable from any thread at any time, as CPython documents it.
    let current = unsafe { (functions.current)() };
    !current.is_null() && (functions.current_is_own || is_own(current))
}

/// Before 3.12 the current state is that of whichever thread holds the GIL.
fn is_own(current: *mut PyThreadState) -> bool {
    current == THREAD.with(|thread| thread.kept.get()) || current == own_state()
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
        match &mut self.before {
            Before::Held => {}
            Before::Raising(pending) => pending.put_back(),
            Before::Free(turn) => {
                THREAD.with(interrupt::leave);
                // SAFETY: this guard took the GIL, and everything in between gave back what it took.
                unsafe { pyo3::ffi::PyEval_SaveThread() };
                if *turn != 0 {
                    turn::give_back(*turn);
                }
            }
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

/// Whether this process is a child that has no working Python.
static FORKED: AtomicBool = AtomicBool::new(false);

/// In the child of a `fork` only the forking thread lives on. If that thread did not hold the GIL, nobody
/// can tell what state Python is in. If it held it, Python itself forked (`os.fork`, multiprocessing), and
/// mends its state (`PyOS_AfterFork_Child`).
#[cfg(unix)]
unsafe extern "C" fn after_fork() {
    FORKED.store(!holds_gil(), Ordering::Relaxed);
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
