//! What differs between operating systems: the names and places of libpython, opening libraries, and what
//! is mapped in the process.
//!
//! Each system has a file of its own; what all Unix systems share is in `unix.rs`. They offer the same
//! functions, so nothing outside this folder asks which system it runs on.

#[cfg(all(unix, not(target_vendor = "apple")))]
mod linux;
#[cfg(target_vendor = "apple")]
mod macos;
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
use std::path::PathBuf;

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
