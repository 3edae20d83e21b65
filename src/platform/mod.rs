//! What differs between operating systems: the names and places of libpython, opening libraries, and what
//! is mapped in the process.
//!
//! Each system has a file of its own; what all Unix systems share is in `unix.rs`. They offer the same
//! functions, so nothing outside this folder asks which system it runs on.

#[cfg(all(unix, not(target_vendor = "apple")))]
mod linux;
#[cfg(target_vendor = "apple")]
mod macos;
#[cfg(any(target_vendor = "apple", all(unix, test)))]
pub mod macos_layout;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(all(unix, not(target_vendor = "apple")))]
pub use linux::*;
#[cfg(target_vendor = "apple")]
pub use macos::*;
#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;

use core::ffi::c_void;
#[cfg(not(target_vendor = "apple"))]
use std::path::Path;
use std::path::PathBuf;

/// The installation that a folder has inside, where a folder can stand for one: macOS's frameworks.
#[cfg(not(target_vendor = "apple"))]
pub fn installation_in(folder: &Path) -> PathBuf {
    folder.to_owned()
}

/// The dynamic linker's text, with what to do about it where that is not in the text.
pub fn explained(linker: &str) -> String {
    if cfg!(target_vendor = "apple") {
        nexus_abi::platform::dyld::explained(linker)
    } else {
        linker.to_owned()
    }
}

/// The interpreter behind one that must not be run for a search: macOS has such a one.
#[cfg(not(target_vendor = "apple"))]
pub fn real_program(program: &Path) -> Result<PathBuf, String> {
    Ok(program.to_owned())
}

/// An opened library. It stays open as long as the process unless `close` is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Library(usize);

/// Where a symbol is defined in this process.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The symbol's address.
    pub address: *const c_void,
    /// The file that defines it.
    pub file: PathBuf,
    /// Whether that file is the program itself.
    pub is_program: bool,
}
