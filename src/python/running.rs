//! The Python of this process.

use super::api::Api;
use super::release::version_numbers;
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
