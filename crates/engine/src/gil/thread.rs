//! What this library knows of each thread.

use crate::python::current::{self, Place};
use crate::python::thread_pointer;
use core::cell::Cell;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use pyo3::ffi::PyThreadState;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A thread that has called. Never freed, but used again for another thread after this one's end.
pub struct Thread {
    /// Whose it is: a number that no other living thread has; 0: nobody's.
    pointer: AtomicUsize,
    /// Where Python has the current thread state; NULL if that is not known.
    pub current: AtomicPtr<Place>,
    /// The state that the thread keeps because it came here; NULL if it has none, or one that others made.
    pub kept: AtomicPtr<PyThreadState>,
    /// Whether that is the main thread's state, which is not ours to free.
    pub is_main: AtomicBool,
    /// How many calls it is inside of that have taken the GIL; read by threads that interrupt it.
    pub inside: AtomicU32,
}

thread_local! {
    static MINE: Cell<Option<&'static Thread>> = const { Cell::new(None) };
}

/// The first thread that has called. Most hosts have no other, and thread-local variables of a library that
/// was opened by a program cost a call.
static FIRST: AtomicPtr<Thread> = AtomicPtr::new(core::ptr::null_mut());
/// Those of threads that have ended.
static UNUSED: Mutex<Vec<&'static Thread>> = Mutex::new(Vec::new());
/// How many threads there are that have called.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Sees to a new thread's end.
static WATCH: OnceLock<fn(&'static Thread)> = OnceLock::new();

/// Has `watch` called once for each thread that calls from now on.
pub fn init(watch: fn(&'static Thread)) {
    let _ = WATCH.set(watch);
}

/// Whether anybody can get into this thread's way at the GIL.
#[inline]
pub fn more_than_one() -> bool {
    COUNT.load(Ordering::Relaxed) > 1
}

/// This thread's own.
#[inline(always)]
pub fn mine() -> &'static Thread {
    known().unwrap_or_else(enter)
}

/// The same, if it has called before.
#[inline(always)]
pub fn known() -> Option<&'static Thread> {
    let first = FIRST.load(Ordering::Acquire);
    // SAFETY: NULL, or one that is never freed.
    if let Some(first) = unsafe { first.as_ref() }
        && is_mine(first)
    {
        return Some(first);
    }
    variable()
}

#[inline(always)]
fn is_mine(thread: &Thread) -> bool {
    let me = thread_pointer();
    // Only this thread writes this number, and takes it back at its end.
    me != 0 && thread.pointer.load(Ordering::Relaxed) == me
}

#[inline(never)]
fn variable() -> Option<&'static Thread> {
    MINE.get()
}

/// It calls for the first time.
#[cold]
fn enter() -> &'static Thread {
    let unused = UNUSED.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let thread: &'static Thread = unused.unwrap_or_else(|| {
        Box::leak(Box::new(Thread {
            pointer: AtomicUsize::new(0),
            current: AtomicPtr::new(core::ptr::null_mut()),
            kept: AtomicPtr::new(core::ptr::null_mut()),
            is_main: AtomicBool::new(false),
            inside: AtomicU32::new(0),
        }))
    });
    thread.pointer.store(thread_pointer(), Ordering::Relaxed);
    thread
        .current
        .store(current::of_this_thread(), Ordering::Relaxed);
    MINE.set(Some(thread));
    COUNT.fetch_add(1, Ordering::Relaxed);
    let _ = FIRST.compare_exchange(
        core::ptr::null_mut(),
        core::ptr::from_ref(thread).cast_mut(),
        Ordering::Release,
        Ordering::Relaxed,
    );
    if let Some(watch) = WATCH.get() {
        watch(thread);
    }
    thread
}

/// It ends; its state is freed.
pub fn leave(thread: &'static Thread) {
    COUNT.fetch_sub(1, Ordering::Relaxed);
    MINE.set(None);
    thread.pointer.store(0, Ordering::Relaxed);
    thread.inside.store(0, Ordering::Relaxed);
    UNUSED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(thread);
}
