//! Signal handlers.

use super::process::Status;
use core::ffi::c_int;

// Signals 1 to 64 on Linux (signal(7)), 1 to 31 on macOS.
const LAST: c_int = if cfg!(target_vendor = "apple") {
    31
} else {
    64
};

/// The handler of each signal.
pub struct Signals {
    handlers: Vec<Option<libc::sigaction>>,
    /// Which are caught or ignored, a bit each, where the system tells.
    masks: Option<(u64, u64)>,
}

impl Signals {
    /// Those of now.
    pub fn of(status: Option<&Status>) -> Self {
        Self {
            handlers: (1..=LAST).map(handler).collect(),
            masks: status.map(|status| (status.caught, status.ignored)),
        }
    }

    /// Puts back those that differ, and tells which they were.
    pub fn put_back(&self, status: Option<&Status>) -> Option<String> {
        // A system call for each of 64 signals takes as long as all else that is compared. What was the
        // default and is the default needs none.
        let doubtful = match (self.masks, status) {
            (Some((caught, ignored)), Some(now)) => {
                (caught ^ now.caught) | (ignored ^ now.ignored) | now.caught
            }
            _ => u64::MAX,
        };
        let mut changed = Vec::new();
        for (signal, saved) in (1..).zip(&self.handlers) {
            if doubtful >> (signal - 1) & 1 == 0 {
                continue;
            }
            let (Some(saved), Some(now)) = (saved, handler(signal)) else {
                continue;
            };
            if saved.sa_sigaction != now.sa_sigaction || flags(saved) != flags(&now) {
                // SAFETY: a handler that the host had installed for this very signal.
                unsafe { libc::sigaction(signal, saved, core::ptr::null_mut()) };
                changed.push(name(signal));
            }
        }
        super::told::signals(&changed)
    }
}

/// The handler of a signal, if it can have one.
pub fn handler(signal: c_int) -> Option<libc::sigaction> {
    let mut action = core::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: only asks; the struct is filled when it returns 0. Signals that the C library keeps for
    // itself give an error.
    unsafe {
        (libc::sigaction(signal, core::ptr::null(), action.as_mut_ptr()) == 0)
            .then(|| action.assume_init())
    }
}

// The C library sets SA_RESTORER of its own accord (sigreturn(2)).
fn flags(action: &libc::sigaction) -> c_int {
    const SA_RESTORER: c_int = 0x0400_0000;
    if cfg!(target_os = "linux") {
        action.sa_flags & !SA_RESTORER
    } else {
        action.sa_flags
    }
}

/// A signal's name.
pub fn name(signal: c_int) -> String {
    const NAMES: &[(c_int, &str)] = &[
        (libc::SIGHUP, "SIGHUP"),
        (libc::SIGINT, "SIGINT"),
        (libc::SIGQUIT, "SIGQUIT"),
        (libc::SIGILL, "SIGILL"),
        (libc::SIGTRAP, "SIGTRAP"),
        (libc::SIGABRT, "SIGABRT"),
        (libc::SIGBUS, "SIGBUS"),
        (libc::SIGFPE, "SIGFPE"),
        (libc::SIGUSR1, "SIGUSR1"),
        (libc::SIGSEGV, "SIGSEGV"),
        (libc::SIGUSR2, "SIGUSR2"),
        (libc::SIGPIPE, "SIGPIPE"),
        (libc::SIGALRM, "SIGALRM"),
        (libc::SIGTERM, "SIGTERM"),
        (libc::SIGCHLD, "SIGCHLD"),
        (libc::SIGCONT, "SIGCONT"),
        (libc::SIGTSTP, "SIGTSTP"),
        (libc::SIGTTIN, "SIGTTIN"),
        (libc::SIGTTOU, "SIGTTOU"),
        (libc::SIGURG, "SIGURG"),
        (libc::SIGXCPU, "SIGXCPU"),
        (libc::SIGXFSZ, "SIGXFSZ"),
        (libc::SIGVTALRM, "SIGVTALRM"),
        (libc::SIGPROF, "SIGPROF"),
        (libc::SIGWINCH, "SIGWINCH"),
        (libc::SIGIO, "SIGIO"),
        (libc::SIGSYS, "SIGSYS"),
    ];
    NAMES
        .iter()
        .find(|(number, _)| *number == signal)
        .map_or_else(|| signal.to_string(), |(_, name)| (*name).to_owned())
}
