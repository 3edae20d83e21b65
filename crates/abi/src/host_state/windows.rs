//! The host's state on Windows: what the C runtime and the process have.

use super::floating_point::FloatingPoint;
use super::{locale, put_back_locale};
use core::ffi::c_int;
use std::ffi::CString;
use std::path::PathBuf;

/// The locale, floating-point environment, working directory and SIGINT handler of the host. Dropping it
/// puts back what differs, unless that was done.
pub struct HostState {
    locale: Option<CString>,
    floating_point: FloatingPoint,
    directory: Option<PathBuf>,
    interrupt: libc::sighandler_t,
    held: bool,
}

impl HostState {
    /// Saves everything, and switches floating-point traps off for this thread until it is put back.
    pub fn save() -> Self {
        Self {
            locale: locale(),
            floating_point: FloatingPoint::hold(),
            directory: std::env::current_dir().ok(),
            interrupt: interrupt(),
            held: true,
        }
    }

    /// Holds on to what was saved for another load, on the same thread.
    pub fn hold_again(&mut self) {
        self.floating_point = FloatingPoint::hold();
        self.held = true;
    }

    /// Puts back what differs, and tells what it was, a line each.
    pub fn put_back(&mut self) -> Vec<String> {
        self.held = false;
        let mut changes = Vec::new();
        self.floating_point.put_back();
        if interrupt() != self.interrupt {
            // SAFETY: a handler that the host had installed for this very signal.
            unsafe { libc::signal(libc::SIGINT as c_int, self.interrupt) };
            changes.push("it took the signal SIGINT; put back".to_owned());
        }
        changes.extend(put_back_locale(&self.locale));
        let now = std::env::current_dir().ok();
        if let Some(directory) = self
            .directory
            .as_ref()
            .filter(|saved| now.as_ref() != Some(saved))
        {
            let _ = std::env::set_current_dir(directory);
            changes.push(format!(
                "it changed the working directory to {}; put back to {}",
                now.unwrap_or_default().display(),
                directory.display()
            ));
        }
        changes
    }
}

impl Drop for HostState {
    fn drop(&mut self) {
        if self.held {
            self.put_back();
        }
    }
}

// The C runtime tells a handler only when another is set.
fn interrupt() -> libc::sighandler_t {
    // SAFETY: the handler is put back at once.
    unsafe {
        let handler = libc::signal(libc::SIGINT as c_int, libc::SIG_IGN);
        libc::signal(libc::SIGINT as c_int, handler);
        handler
    }
}
