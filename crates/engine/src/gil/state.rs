//! Whether Python can be called at all.

use core::sync::atomic::{AtomicU8, Ordering};
use nexus_abi::{Failure, NexusStatus, Result};

const OPEN: u8 = 0;
const FORKED: u8 = 1;
const CLOSED: u8 = 2;

/// Read before each call, so that it is one number.
static STATE: AtomicU8 = AtomicU8::new(OPEN);

/// Whether Python can still be called. An interpreter may be finalized, by its owner or by a program that
/// does not know of us: to wait for its GIL then would end the thread (up to 3.13) or hang it for ever
/// (3.14).
#[inline]
pub fn is_open() -> bool {
    STATE.load(Ordering::Relaxed) == OPEN
}

/// The same, with the reason.
pub fn check_open() -> Result<()> {
    if is_open() { Ok(()) } else { Err(closed()) }
}

/// Why not.
#[cold]
pub fn closed() -> Box<Failure> {
    match STATE.load(Ordering::Relaxed) {
        FORKED => Failure::new(
            NexusStatus::NEXUS_ERR_FORKED,
            "this process was forked while Python ran on other threads; start a new program instead (fork, then exec)",
        ),
        _ => Failure::new(
            NexusStatus::NEXUS_ERR_CLOSED,
            "Python was finalized by the program that started it",
        ),
    }
}

/// Python ends, or has ended.
pub fn close() {
    STATE.store(CLOSED, Ordering::Relaxed);
}

/// In the child of a `fork` only the forking thread lives on. If that thread did not hold the GIL, nobody
/// can tell what state Python is in. If it held it, Python itself forked (`os.fork`, multiprocessing), and
/// mends its state (`PyOS_AfterFork_Child`).
#[cfg(unix)]
pub unsafe extern "C" fn after_fork() {
    if !super::holds_gil() {
        STATE.store(FORKED, Ordering::Relaxed);
    }
}
