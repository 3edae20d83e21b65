//! What a host is told about the Python that runs.

use super::running::Running;
use nexus_abi::ffi::{guard, sized_out};
use nexus_abi::{Failure, NexusError, NexusPythonInfo, NexusStatus};

/// Tells which Python runs in this process, and why this one was taken.
///
/// `info`: you set its `struct_size`; the function sets all other fields, after a failure to 0.
///
/// Returns `NEXUS_OK`; `NEXUS_ERR_INVALID_ARGUMENT`: `info` is NULL, or its `struct_size` is not set;
/// `NEXUS_ERR_NOT_STARTED`: Python has not started yet, or not completely.
///
/// Needs no GIL, and runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_python_info(
    info: *mut NexusPythonInfo,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, crate::error::publish, |_| {
        sized_out("info", info, None)?;
        let python = super::running().ok_or_else(|| {
            Failure::new(
                NexusStatus::NEXUS_ERR_NOT_STARTED,
                "Python is not started: call nexus_python_start first",
            )
        })?;
        sized_out("info", info, Some(&facts(python)))
    })
}

fn facts(python: &Running) -> NexusPythonInfo {
    let (major, minor, micro) = python.version;
    NexusPythonInfo {
        struct_size: size_of::<NexusPythonInfo>(),
        version: u32::from(major) << 16 | u32::from(minor) << 8 | u32::from(micro),
        owned: python.owned.into(),
        version_text: python.version_text.as_ptr(),
        library: python.library.as_ptr(),
        executable: python.executable.as_ptr(),
        prefix: python.prefix.as_ptr(),
        reason: python.reason.as_ptr(),
    }
}
