//! The host's state on Windows: what the C runtimes and the process have. Which threads and files a module leaves
//! open, nobody tells quickly there.

use super::c_runtime::CRuntime;
use super::floating_point::FloatingPoint;
use super::told;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The locale, signal handlers and umask of each C runtime, the floating-point environment, the working directory and
/// the environment variables of the host. Dropping it puts back what differs, unless that was done.
pub struct HostState {
    runtimes: Vec<CRuntime>,
    /// The host's, and what it is while this is held.
    floating_point: (FloatingPoint, FloatingPoint),
    directory: Option<PathBuf>,
    environment: HashMap<OsString, OsString>,
    held: bool,
}

impl HostState {
    /// Saves everything, and switches floating-point traps off for this thread until it is put back.
    pub fn save() -> Self {
        Self {
            runtimes: CRuntime::all(),
            directory: std::env::current_dir().ok(),
            environment: std::env::vars_os().collect(),
            floating_point: (FloatingPoint::hold(), FloatingPoint::now()),
            held: true,
        }
    }

    /// Holds on to what was saved for another load, on the same thread.
    pub fn hold_again(&mut self) {
        self.floating_point = (FloatingPoint::hold(), FloatingPoint::now());
        self.held = true;
    }

    /// Puts back what differs and can be put back, and tells what it was, a line each.
    pub fn put_back(&mut self) -> Vec<String> {
        self.compare(true)
    }

    /// `keep_new`: environment variables that the host did not have stay, as a module's own libraries may read them
    /// later.
    fn compare(&mut self, keep_new: bool) -> Vec<String> {
        self.held = false;
        let mut changes = Vec::new();
        let (host, held) = &self.floating_point;
        if let Some(what) = held.difference(&FloatingPoint::now()) {
            changes.push(told::floating_point(what));
        }
        host.put_back();
        let lines = self.runtimes.iter().flat_map(CRuntime::put_back);
        changes.extend(lines);
        changes.extend(self.put_back_directory());
        changes.extend(self.put_back_environment(keep_new));
        changes
    }

    fn put_back_directory(&self) -> Option<String> {
        let now = std::env::current_dir().ok();
        let saved = self.directory.as_ref()?;
        if now.as_ref().map(|now| now.as_os_str()) == Some(saved.as_os_str()) {
            return None;
        }
        let _ = std::env::set_current_dir(saved);
        Some(told::directory(now.as_deref(), saved))
    }

    // The process's own variables; each C runtime has a copy, which `SetEnvironmentVariable` does not change.
    fn put_back_environment(&mut self, keep_new: bool) -> Vec<String> {
        let now: HashMap<OsString, OsString> = std::env::vars_os().collect();
        if now == self.environment {
            return Vec::new();
        }
        let shown = |name: &OsStr| name.to_string_lossy().into_owned();
        let (mut changed, mut new) = (Vec::new(), Vec::new());
        for name in now.keys() {
            if self.environment.contains_key(name) {
                continue;
            }
            if keep_new {
                new.push(shown(name));
            } else {
                // SAFETY: Windows has a lock of its own for them.
                unsafe { std::env::remove_var(name) };
                changed.push(shown(name));
            }
        }
        for (name, value) in &self.environment {
            if now.get(name) != Some(value) {
                // SAFETY: as above.
                unsafe { std::env::set_var(name, value) };
                changed.push(shown(name));
            }
        }
        self.environment = std::env::vars_os().collect();
        changed.sort();
        new.sort();
        told::environment(&changed, &new)
    }
}

impl Drop for HostState {
    fn drop(&mut self) {
        if self.held {
            self.compare(false);
        }
    }
}
