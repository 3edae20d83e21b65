//! Threads and the GIL.
//!
//! Every thread that calls keeps one Python thread state until the thread ends: making one for each
//! call costs four to seven times as much as the call. A thread that has a state already, because
//! Python or another library made it, keeps that one, and it is never freed here.

use crate::{front, python};
use core::ffi::c_void;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use nexus_abi::{Failure, NexusStatus, Result};
use pyo3::ffi::PyThreadState;
use pyo3::prelude::*;

pub mod interrupted;
pub mod levels;
mod state;
pub mod thread;
mod thread_end;
mod turn;

pub use levels::Level;
pub use state::{check_open, close};
use thread::Thread;

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
    let current: Option<python::CurrentThreadState> = unsafe {
        python::python_function(&[
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
    thread_end::init()?;
    let _pending = python::Pending::take();
    python::current::init(current);
    CURRENT_IS_OWN.store(python::python_minor_version() >= 12, Ordering::Relaxed);
    CURRENT.store(current as *mut c_void, Ordering::Release);
    // Before the first attach, which would keep the main thread's state as its own.
    know_owner();
    Ok(())
}

/// Remembers who has started Python. Called again when a front comes after the wheel.
pub fn know_owner() {
    ADOPTED.store(!front::owned(), Ordering::Relaxed);
    if front::opened_on_main_thread() {
        // The main thread's state, which lives as long as Python.
        let main = thread::mine();
        main.kept.store(own_state(), Ordering::Relaxed);
        main.is_main.store(true, Ordering::Relaxed);
    }
}

/// While this lives, the thread holds the GIL. It stays on its thread.
#[must_use]
pub struct Held {
    /// Its thread state.
    state: *mut PyThreadState,
    /// The thread, if it held no GIL before; it gives it up again.
    thread: Option<&'static Thread>,
    /// Whether it has taken its turn.
    turn: bool,
    _not_send: core::marker::PhantomData<*const ()>,
}

/// The same, with no exception pending.
#[must_use]
pub struct Attached {
    /// The exception that was pending if the thread held the GIL before: the host's, not ours to lose. Put
    /// back first.
    _pending: Option<python::Pending>,
    held: Held,
}

/// Takes the GIL, unless this thread holds it.
#[inline]
pub fn attach() -> Result<Attached> {
    let held = hold().ok_or_else(state::closed)?;
    Ok(Attached {
        _pending: held.may_be_raising().then(python::Pending::take),
        held,
    })
}

/// Sets the exception that is pending on this thread aside, if it holds the GIL, until what is returned is
/// dropped: for functions of the host's that are called in the middle of anything.
pub fn set_aside() -> Option<python::Pending> {
    (holds_gil() && python::is_raising()).then(python::Pending::take)
}

/// The same; `None` when Python can be called no more, or when an exception is pending.
#[inline(always)]
pub fn quick_attach() -> Option<Held> {
    let held = hold()?;
    if held.may_be_raising() && python::is_raising_in(held.state) {
        return None;
    }
    Some(held)
}

#[inline(always)]
fn hold() -> Option<Held> {
    let current = own_current();
    if !current.is_null() {
        return Some(Held {
            state: current,
            thread: None,
            turn: false,
            _not_send: core::marker::PhantomData,
        });
    }
    if !state::is_open() {
        return None;
    }
    let thread = thread::mine();
    let mut kept = thread.kept.load(Ordering::Relaxed);
    let mut turn = false;
    if kept.is_null() {
        kept = first_attach(thread);
    } else {
        turn = thread::more_than_one() && turn::take(kept.addr());
        // SAFETY: this thread's own state, which is kept until the thread ends, and is not current.
        unsafe { pyo3::ffi::PyEval_RestoreThread(kept) };
    }
    thread_end::free_left();
    // With the GIL held; only this thread writes it.
    let inside = thread.inside.load(Ordering::Relaxed);
    thread.inside.store(inside + 1, Ordering::Relaxed);
    Some(Held {
        state: kept,
        thread: Some(thread),
        turn,
        _not_send: core::marker::PhantomData,
    })
}

impl Held {
    /// The thread state with which it holds the GIL.
    #[inline(always)]
    pub fn state(&self) -> *mut PyThreadState {
        self.state
    }

    /// Whether an exception may be pending: in the middle of the code of whoever has started Python. Code
    /// that we run has none when it calls a function of the host.
    #[inline(always)]
    fn may_be_raising(&self) -> bool {
        self.thread.is_none() && ADOPTED.load(Ordering::Relaxed)
    }
}

impl Attached {
    /// Whether the thread did not have the GIL before.
    pub fn is_first(&self) -> bool {
        self.held.thread.is_some()
    }

    /// The thread state with which it holds the GIL.
    pub fn state(&self) -> *mut PyThreadState {
        self.held.state
    }

    /// Lets other threads take the GIL for a moment, in the middle of a call; does nothing if this thread had it
    /// before. Whatever holds that this thread has the GIL ends before, a `Python` token above all.
    pub fn pause(&mut self) {
        if self.held.thread.is_none() {
            return;
        }
        // SAFETY: this guard took the GIL, and takes it again at once.
        unsafe {
            let state = pyo3::ffi::PyEval_SaveThread();
            if self.held.turn {
                turn::give_back(state.addr());
            }
            self.held.turn = thread::more_than_one() && turn::take(state.addr());
            pyo3::ffi::PyEval_RestoreThread(state);
        }
    }
}

impl Held {
    /// What dropping it does, once.
    #[inline(always)]
    pub fn end(&self) {
        let Some(thread) = self.thread else {
            interrupted::leave_attached();
            return;
        };
        interrupted::leave(thread);
        // SAFETY: this guard took the GIL, and everything in between gave back what it took.
        let state = unsafe { pyo3::ffi::PyEval_SaveThread() };
        if self.turn {
            turn::give_back(state.addr());
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether this thread may touch Python objects now.
#[inline]
pub fn holds_gil() -> bool {
    !own_current().is_null()
}

/// The thread state with which this thread holds the GIL; NULL if it does not.
#[inline(always)]
fn own_current() -> *mut PyThreadState {
    let thread = thread::known();
    let place = thread.map_or(core::ptr::null_mut(), |thread| {
        thread.current.load(Ordering::Relaxed)
    });
    // SAFETY: NULL, or this thread's variable of libpython, or that of all threads: there as long as both.
    let current = match unsafe { place.as_ref() } {
        Some(place) => place.load(Ordering::Relaxed),
        None => asked(),
    };
    if current.is_null() || CURRENT_IS_OWN.load(Ordering::Relaxed) || is_own(thread, current) {
        current
    } else {
        core::ptr::null_mut()
    }
}

#[inline(never)]
fn asked() -> *mut PyThreadState {
    let current = CURRENT.load(Ordering::Relaxed);
    if current.is_null() {
        return core::ptr::null_mut();
    }
    // SAFETY: `init` has stored a function of this type, which may be called from any thread at any time.
    unsafe {
        let current: python::CurrentThreadState = core::mem::transmute(current);
        current()
    }
}

/// Before 3.12 the current state is that of whichever thread holds the GIL.
#[inline(always)]
fn is_own(thread: Option<&Thread>, current: *mut PyThreadState) -> bool {
    let kept = thread.map_or(core::ptr::null_mut(), |thread| {
        thread.kept.load(Ordering::Relaxed)
    });
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

/// The thread state that the thread has now.
#[cold]
fn first_attach(thread: &Thread) -> *mut PyThreadState {
    let state = own_state();
    if state.is_null() {
        // SAFETY: Python is started and not finalizing. This makes a thread state and counts one use
        // of it, which is never given back, so that nobody else's Release frees it.
        unsafe { pyo3::ffi::PyGILState_Ensure() };
        let state = own_state();
        thread.kept.store(state, Ordering::Relaxed);
        state
    } else {
        // SAFETY: the state that somebody else gave this thread, and that is not current: on 3.11 the
        // comparison in `attach` has shown it, since 3.12 nothing is current here.
        unsafe { pyo3::ffi::PyEval_RestoreThread(state) };
        state
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
    if !holds_gil() || !state::is_open() {
        return body();
    }
    // SAFETY: this thread holds the GIL.
    let _restore = Restore(unsafe { pyo3::ffi::PyEval_SaveThread() });
    body()
}
