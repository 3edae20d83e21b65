//! The signals that tell of a crash. Hosts with a run-time system of their own handle them themselves, and go on:
//! Go, Java and C# make errors of nil pointers that way.

use super::signals::{handler, name};
use core::ffi::c_int;

/// Those that `faulthandler.enable()` takes (Modules/faulthandler.c).
const FATAL: [c_int; 5] = [
    libc::SIGSEGV,
    libc::SIGFPE,
    libc::SIGABRT,
    libc::SIGBUS,
    libc::SIGILL,
];

/// The host's handlers of them, and the stack that this thread has for handlers.
pub struct FatalSignals {
    handlers: [Option<libc::sigaction>; FATAL.len()],
    stack: Option<libc::stack_t>,
}

impl FatalSignals {
    /// Those of now.
    pub fn save() -> Self {
        let mut stack = core::mem::MaybeUninit::<libc::stack_t>::zeroed();
        // SAFETY: only asks; the struct is filled when it returns 0.
        let stack = unsafe {
            (libc::sigaltstack(core::ptr::null(), stack.as_mut_ptr()) == 0)
                .then(|| stack.assume_init())
        };
        Self {
            handlers: FATAL.map(handler),
            stack: stack.filter(|stack| stack.ss_flags & libc::SS_DISABLE == 0),
        }
    }

    /// Puts back the handlers that are functions of the host's, on the thread that has saved them, and gives
    /// their names. What the host has left alone stays as it is now.
    pub fn put_back(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (signal, saved) in FATAL.into_iter().zip(&self.handlers) {
            let (Some(saved), Some(now)) = (saved, handler(signal)) else {
                continue;
            };
            let is_function =
                saved.sa_sigaction != libc::SIG_DFL && saved.sa_sigaction != libc::SIG_IGN;
            if is_function && saved.sa_sigaction != now.sa_sigaction {
                // SAFETY: a handler that the host had installed for this very signal.
                unsafe { libc::sigaction(signal, saved, core::ptr::null_mut()) };
                names.push(name(signal));
            }
        }
        if let Some(stack) = self.stack.filter(|_| !names.is_empty()) {
            // SAFETY: a stack that this thread had for its handlers a moment ago.
            unsafe { libc::sigaltstack(&raw const stack, core::ptr::null_mut()) };
        }
        names
    }
}
