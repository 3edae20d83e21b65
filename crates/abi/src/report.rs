//! The entries of a report.

use crate::status::NexusStatus;
use core::ffi::c_char;

/// What became of a file or of a requested name. 32 bits wide.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NexusState {
    /// Loaded, and given out by `nexus_loader_get`.
    NEXUS_STATE_LOADED = 0,
    /// Found; loads at the first `nexus_loader_get` (`NEXUS_LOADER_LAZY`).
    NEXUS_STATE_LAZY = 1,
    /// Tried, or certain to fail; status, detail and message say why.
    NEXUS_STATE_FAILED = 2,
    /// Not tried: it is no Python module, or another file is preferred to it. The message has the reason.
    NEXUS_STATE_SKIPPED = 3,
    /// Asked for, and not found in the directory.
    NEXUS_STATE_MISSING = 4,
}

/// One file or requested name. The strings are NUL-terminated, never NULL, and live as long as the
/// report. This struct never grows; further facts get functions of their own.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusReportEntry {
    /// The module's name, as `nexus_loader_get` takes it. UTF-8.
    pub name: *const c_char,
    /// The file; the platform's bytes. Empty for a name that was not found.
    pub path: *const c_char,
    /// What became of it.
    pub state: NexusState,
    /// `NEXUS_OK`, or why it did not load.
    pub status: NexusStatus,
    /// What exactly is wrong: a `NexusDetail`, or a newer number; 0: none.
    pub detail: u32,
    /// For people: why it failed or was skipped; empty when it was loaded. UTF-8.
    pub message: *const c_char,
    /// Wall-clock time that finding out took, in nanoseconds.
    pub nanoseconds: u64,
}
