//! What belongs to the host and not to the code that is loaded into it: compared around a start and
//! around each load, put back, and told.

#[cfg(windows)]
mod c_runtime;
#[cfg(unix)]
mod environment;
#[cfg(unix)]
mod fatal_signals;
mod floating_point;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use fatal_signals::FatalSignals;
#[cfg(unix)]
pub use unix::HostState;
#[cfg(windows)]
pub use windows::HostState;

use core::ffi::CStr;
#[cfg(unix)]
use std::ffi::CString;

/// What a module did to environment variables: their names, since values can be secret.
fn environment_lines(changed: &[String], new: &[String]) -> Vec<String> {
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

#[cfg(unix)]
fn locale() -> Option<CString> {
    // SAFETY: only asks. The text is copied before anyone can change the locale on this thread.
    unsafe {
        let name = libc::setlocale(libc::LC_ALL, core::ptr::null());
        (!name.is_null()).then(|| CStr::from_ptr(name).to_owned())
    }
}

/// Puts the locale back; a line if it was another.
#[cfg(unix)]
fn put_back_locale(saved: &Option<CString>) -> Option<String> {
    let saved = saved.as_ref()?;
    let now = locale();
    if now.as_ref() == Some(saved) {
        return None;
    }
    // SAFETY: a locale's name as `setlocale` gave it.
    unsafe { libc::setlocale(libc::LC_ALL, saved.as_ptr()) };
    Some(locale_line(now.as_deref().unwrap_or_default(), saved))
}

fn locale_line(now: &CStr, saved: &CStr) -> String {
    format!(
        "it set the locale to {}; put back to {}",
        now.to_string_lossy(),
        saved.to_string_lossy()
    )
}
