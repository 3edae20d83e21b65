//! A module that crashes takes this process with it; then its name is the last thing that is said.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};

/// What is being run, cut off at so many bytes: a signal handler may not ask for memory.
static NAME: [AtomicU8; 200] = [const { AtomicU8::new(0) }; 200];
static LENGTH: AtomicUsize = AtomicUsize::new(0);

/// From now on, a crash is that module's or function's.
pub fn running(name: &str) {
    let visible = crate::text::visible(name.as_ref());
    let length = visible.len().min(NAME.len());
    for (place, byte) in NAME.iter().zip(visible.bytes()) {
        place.store(byte, Relaxed);
    }
    LENGTH.store(length, Relaxed);
}

/// From now on, a crash is nobody's.
pub fn over() {
    LENGTH.store(0, Relaxed);
}

/// Has the name told when a crash ends this process. The crash itself goes on as it would have.
#[cfg(unix)]
pub fn tell() {
    for signal in [
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGILL,
        libc::SIGFPE,
        libc::SIGABRT,
    ] {
        // SAFETY: all zero is an empty set of signals and no flags.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = crashed as *const () as usize;
        // The default action is back when the handler returns, and the instruction that crashed is run again.
        // The main thread has a second stack from Rust's run-time library, for a first that overflowed.
        action.sa_flags = libc::SA_RESETHAND | libc::SA_ONSTACK;
        // SAFETY: a valid action, whose handler does only what signal-safety(7) allows.
        unsafe { libc::sigaction(signal, &action, std::ptr::null_mut()) };
    }
}

#[cfg(not(unix))]
pub fn tell() {}

#[cfg(unix)]
extern "C" fn crashed(_signal: libc::c_int) {
    let length = LENGTH.load(Relaxed);
    if length == 0 {
        return;
    }
    let mut name = [0; NAME.len()];
    for (byte, place) in name.iter_mut().zip(&NAME) {
        *byte = place.load(Relaxed);
    }
    for part in [
        b"nexus: crashed in ".as_slice(),
        &name[..length],
        b"; `nexus list --trial` and `nexus doctor` try each module in a process of its own\n",
    ] {
        // SAFETY: write(2) of bytes that are there; allowed in a signal handler.
        unsafe { libc::write(libc::STDERR_FILENO, part.as_ptr().cast(), part.len()) };
    }
}
