//! The Python of this process.

use super::api::Api;
use crate::engine::Facts;
use crate::platform;
use nexus_abi::text::c_string;
use std::ffi::{CStr, CString};
use std::path::Path;

/// The Python that runs. Made once, and never freed.
pub struct Running {
    pub api: Api,
    /// The file of its libpython, or of the program that has Python inside.
    pub library: CString,
    /// Major, minor, micro.
    pub version: (u8, u8, u8),
    /// `sys.version`.
    pub version_text: CString,
    /// `sys.executable`.
    pub executable: &'static CStr,
    /// `sys.prefix`.
    pub prefix: &'static CStr,
    /// Whether we have started it.
    pub owned: bool,
    /// Why this one.
    pub reason: CString,
}

impl Running {
    /// The Python of that library, with what the engine says about it.
    pub fn new(api: Api, library: &Path, owned: bool, reason: &str, facts: Facts) -> Self {
        let version = api.version_text();
        Self {
            api,
            library: c_string(platform::bytes_of(library.as_os_str())),
            version: version_numbers(&version),
            version_text: c_string(version),
            executable: facts.executable,
            prefix: facts.prefix,
            owned,
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
