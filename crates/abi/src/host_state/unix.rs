//! The host's state on Linux, the BSDs and macOS.

use super::environment::Environment;
use super::floating_point::FloatingPoint;
use super::locale::{locale, put_back_locale};
use super::process::{Descriptors, Kernel, mask, open};
use super::signals::Signals;
use super::told;
use std::ffi::CString;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::PathBuf;

/// The signal handlers, locale, floating-point environment, working directory, umask and environment
/// variables of the host, and which threads and files it has. Dropping it puts back what differs, unless that
/// was done.
pub struct HostState {
    kernel: Kernel,
    signals: Signals,
    locale: Option<CString>,
    /// The host's, and what it is while this is held.
    floating_point: (FloatingPoint, FloatingPoint),
    directory: Option<Directory>,
    mask: libc::mode_t,
    environment: Environment,
    threads: Option<u64>,
    descriptors: Descriptors,
    held: bool,
}

impl HostState {
    /// Saves everything, and switches floating-point traps off for this thread until it is put back.
    pub fn save() -> Self {
        let mut kernel = Kernel::open();
        let status = kernel.status();
        Self {
            kernel,
            signals: Signals::of(status.as_ref()),
            locale: locale(),
            directory: Directory::now(),
            mask: mask(status.as_ref()),
            environment: Environment::now(),
            threads: status.map(|status| status.threads),
            descriptors: Descriptors::now(),
            floating_point: (FloatingPoint::hold(), FloatingPoint::now()),
            held: true,
        }
    }

    /// Holds on to what was saved for another load, on the same thread: cheaper than to save again, where
    /// nobody else can have changed anything since `put_back`.
    pub fn hold_again(&mut self) {
        self.floating_point = (FloatingPoint::hold(), FloatingPoint::now());
        self.held = true;
    }

    /// Puts back what differs and can be put back, and tells what it was, a line each.
    pub fn put_back(&mut self) -> Vec<String> {
        self.compare(false)
    }

    /// `strictly`: also the flags of signals that have no handler, which mean nothing, and take long; and new
    /// environment variables.
    fn compare(&mut self, strictly: bool) -> Vec<String> {
        self.held = false;
        let mut changes = Vec::new();
        let (host, held) = &self.floating_point;
        if let Some(what) = held.difference(&FloatingPoint::now()) {
            changes.push(told::floating_point(what));
        }
        host.put_back();
        let status = self.kernel.status();
        let known = status.as_ref().filter(|_| !strictly);
        changes.extend(self.signals.put_back(known));
        changes.extend(put_back_locale(&self.locale));
        changes.extend(self.directory.as_ref().and_then(Directory::put_back));
        let now = mask(status.as_ref());
        if now != self.mask {
            // SAFETY: changes a number.
            unsafe { libc::umask(self.mask) };
            changes.push(told::mask(now, self.mask));
        }
        changes.extend(self.environment.put_back(!strictly));
        changes.extend(self.threads_since(status.map(|status| status.threads)));
        let mut opened = self.descriptors.opened();
        // Those of folders are our own: see the engine's `encodable.rs`.
        opened.retain(|file| !file.is_dir());
        if !opened.is_empty() {
            let files: Vec<String> = opened
                .iter()
                .map(|file| file.display().to_string())
                .collect();
            changes.push(format!("it has opened and not closed {}", files.join(", ")));
        }
        changes
    }

    fn threads_since(&mut self, now: Option<u64>) -> Option<String> {
        let before = core::mem::replace(&mut self.threads, now)?;
        let started = now?.checked_sub(before).filter(|started| *started > 0)?;
        Some(match started {
            1 => "it started a thread".to_owned(),
            _ => format!("it started {started} threads"),
        })
    }
}

impl Drop for HostState {
    fn drop(&mut self) {
        if self.held {
            self.compare(true);
        }
    }
}

/// The working directory.
struct Directory {
    folder: File,
    path: PathBuf,
}

impl Directory {
    /// That of now.
    fn now() -> Option<Self> {
        Some(Self {
            folder: open(".")?,
            path: current_directory()?,
        })
    }

    fn put_back(&self) -> Option<String> {
        let now = current_directory();
        // As bytes: paths take long to compare part by part.
        if now.as_ref().map(|now| now.as_os_str()) == Some(self.path.as_os_str()) {
            return None;
        }
        // SAFETY: an open directory.
        unsafe { libc::fchdir(self.folder.as_raw_fd()) };
        Some(told::directory(now.as_deref(), &self.path))
    }
}

/// Quicker than to ask for its device and inode.
fn current_directory() -> Option<PathBuf> {
    std::env::current_dir().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::ffi::c_int;

    #[test]
    fn everything_is_put_back_and_told() {
        extern "C" fn ours(_: c_int) {}
        // SAFETY: this test is the only one that changes the process's state.
        unsafe {
            libc::setenv(c"NEXUS_OLD".as_ptr(), c"a=b".as_ptr(), 1);
            libc::setenv(c"NEXUS_GONE".as_ptr(), c"".as_ptr(), 1);
        }
        // Other tests start threads and open files meanwhile.
        let told = |state: &mut HostState| {
            let mut lines = state.compare(true);
            lines.retain(|line| !line.contains("thread") && !line.contains("opened"));
            lines.join("\n")
        };
        let mut state = HostState::save();
        assert_eq!(told(&mut state), "");
        state.hold_again();
        let directory = current_directory();
        let (locale_before, mask_before) = (locale(), state.mask);
        // SAFETY: as above.
        unsafe {
            libc::signal(libc::SIGUSR2, ours as *const () as libc::sighandler_t);
            libc::chdir(c"/".as_ptr());
            libc::umask(0o011);
            libc::setlocale(libc::LC_ALL, c"C.UTF-8".as_ptr());
            libc::setenv(c"NEXUS_NEW".as_ptr(), c"1".as_ptr(), 1);
            libc::setenv(c"NEXUS_OLD".as_ptr(), c"changed".as_ptr(), 1);
            libc::unsetenv(c"NEXUS_GONE".as_ptr());
        }
        let text = told(&mut state);
        assert_eq!(current_directory(), directory);
        assert_eq!(mask(None), mask_before);
        assert_eq!(locale(), locale_before);
        assert_eq!(std::env::var("NEXUS_OLD").as_deref(), Ok("a=b"));
        assert_eq!(std::env::var("NEXUS_GONE").as_deref(), Ok(""));
        assert!(std::env::var_os("NEXUS_NEW").is_none());
        for part in [
            "SIGUSR2",
            "C.UTF-8",
            "directory to /",
            "0011",
            "NEXUS_NEW, ",
            "NEXUS_GONE",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!(told(&mut state), "");
    }
}
