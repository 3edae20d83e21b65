//! The lines in which it is told what a module did, the same on every system.

use core::ffi::CStr;
use core::fmt;
use std::path::Path;

/// Environment variables: their names, since values can be secret.
pub fn environment(changed: &[String], new: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    if !changed.is_empty() {
        lines.push(format!(
            "it changed the environment: {}; put back",
            changed.join(", ")
        ));
    }
    if !new.is_empty() {
        lines.push(format!(
            "it set new environment variables: {}",
            new.join(", ")
        ));
    }
    lines
}

/// The C library's locale.
pub fn locale(now: &CStr, saved: &CStr) -> String {
    format!(
        "it set the locale to {}; put back to {}",
        now.to_string_lossy(),
        saved.to_string_lossy()
    )
}

/// The handlers of signals, by their names; `None`: of none.
pub fn signals<S: AsRef<str>>(taken: &[S]) -> Option<String> {
    let names: Vec<&str> = taken.iter().map(AsRef::as_ref).collect();
    (!names.is_empty()).then(|| format!("it took the signal {}; put back", names.join(", ")))
}

/// The umask, of whichever type the system has for it.
pub fn mask<M: fmt::Octal>(now: M, saved: M) -> String {
    format!("it set the umask to {now:04o}; put back to {saved:04o}")
}

/// The working directory.
pub fn directory(now: Option<&Path>, saved: &Path) -> String {
    format!(
        "it changed the working directory to {}; put back to {}",
        now.unwrap_or(Path::new("")).display(),
        saved.display()
    )
}

/// How floating-point numbers are computed.
pub fn floating_point(what: &str) -> String {
    format!("it changed {what}; put back")
}
