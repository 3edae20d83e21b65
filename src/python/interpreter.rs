//! The interpreter of this process.

use super::api::{Api, Gil};
use crate::platform;
use nexus_abi::text::c_string;
use std::ffi::{CString, OsStr};
use std::path::Path;
use std::thread::ThreadId;

/// The Python that runs. Made once, and never freed.
#[derive(Debug)]
pub struct Interpreter {
    /// The file of its libpython, or of the program that has Python inside.
    pub library: CString,
    /// Major, minor, micro.
    pub version: (u8, u8, u8),
    /// `sys.version`.
    pub version_text: CString,
    /// `sys.executable`.
    pub executable: CString,
    /// `sys.prefix`.
    pub prefix: CString,
    /// Whether we have started it.
    pub owned: bool,
    /// The thread that has started it, if we have.
    pub main_thread: Option<ThreadId>,
    /// Why this one.
    pub reason: CString,
}

impl Interpreter {
    /// What a running Python says of itself.
    pub fn read(
        gil: &Gil<'_>,
        api: &Api,
        library: &Path,
        main_thread: Option<ThreadId>,
        reason: &str,
    ) -> Self {
        let bytes = |text: &OsStr| c_string(platform::bytes_of(text));
        let of_sys = |name| bytes(&gil.sys_text(name).unwrap_or_default());
        let version = api.version_text();
        Self {
            library: bytes(library.as_os_str()),
            version: version_numbers(&version),
            version_text: c_string(version),
            executable: of_sys(c"executable"),
            prefix: of_sys(c"prefix"),
            owned: main_thread.is_some(),
            main_thread,
            reason: c_string(reason),
        }
    }

    /// For people: what it is.
    pub fn describe(&self) -> String {
        let (major, minor, micro) = self.version;
        format!(
            "Python {major}.{minor}.{micro} of {} ({})",
            self.prefix.to_string_lossy(),
            self.library.to_string_lossy()
        )
    }
}

/// The three numbers at the beginning of `sys.version`.
pub fn version_numbers(text: &str) -> (u8, u8, u8) {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .map_while(|number| number.parse().ok());
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version() {
        assert_eq!(
            version_numbers("3.11.7 (main, May  9 2026) [GCC 12.2.0]"),
            (3, 11, 7)
        );
        assert_eq!(version_numbers("3.15.0a1 (main)"), (3, 15, 0));
        assert_eq!(version_numbers("3.14 (main)"), (3, 14, 0));
    }
}
