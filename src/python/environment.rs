//! The inherited `PYTHON…` variables, where the host wants them honoured: those that would make a start
//! fail for good are checked first.

use super::installation::{Installation, missing_landmark};
use crate::platform;
use nexus_abi::{Failure, NexusStatus, Result};
use std::ffi::OsStr;

// PEP 445; "mimalloc" since 3.13. `default` and `debug` are always known.
const ALLOCATORS: [&str; 8] = [
    "default",
    "debug",
    "malloc",
    "malloc_debug",
    "pymalloc",
    "pymalloc_debug",
    "mimalloc",
    "mimalloc_debug",
];

/// Refuses what CPython would refuse by ending the process, or in the middle of a start.
pub fn check(installation: &Installation) -> Result<()> {
    check_values(
        installation,
        platform::user_variable("PYTHONHOME").as_deref(),
        platform::user_variable("PYTHONMALLOC").as_deref(),
    )
}

fn check_values(
    installation: &Installation,
    home: Option<&OsStr>,
    allocator: Option<&OsStr>,
) -> Result<()> {
    let refuse = |message: String| Err(Failure::new(NexusStatus::NEXUS_ERR_PYTHON_START, message));
    if let Some(name) = allocator
        .map(OsStr::to_string_lossy)
        .filter(|name| !ALLOCATORS.contains(&&**name))
    {
        return refuse(format!(
            "PYTHONMALLOC is {name}, which is no allocator ({}); unset it, or start without NEXUS_PYTHON_USE_ENVIRONMENT",
            ALLOCATORS.join(", ")
        ));
    }
    if let Some(home) = home {
        // PREFIX or PREFIX:EXEC_PREFIX.
        let prefix = std::env::split_paths(home).next().unwrap_or_default();
        let version = installation.release.to_string().replace('d', "");
        let mut places = platform::standard_libraries(&prefix, &version);
        places.extend(platform::zipped_standard_libraries(&prefix, &version));
        let first = places
            .first()
            .and_then(|place| missing_landmark(place))
            .unwrap_or_default();
        if places.iter().all(|place| missing_landmark(place).is_some()) {
            return refuse(format!(
                "PYTHONHOME is {}, where the standard library of Python {} is missing (no {}); unset it, or start \
                 without NEXUS_PYTHON_USE_ENVIRONMENT",
                home.to_string_lossy(),
                installation.release,
                first.display()
            ));
        }
    }
    Ok(())
}
