//! The inherited `PYTHON…` variables, if the host wants Python to use them: the start checks first those that
//! would make it fail for good.

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
    )?;
    hash_seed().map(drop)
}

/// The number that `PYTHONHASHSEED` asks for, if it asks for one. The isolated config with which 3.14 starts does
/// not read it.
pub fn hash_seed() -> Result<Option<u32>> {
    parse_hash_seed(platform::user_variable("PYTHONHASHSEED").as_deref())
}

fn parse_hash_seed(value: Option<&OsStr>) -> Result<Option<u32>> {
    let text = value.map(OsStr::to_string_lossy).unwrap_or_default();
    if text.is_empty() || text == "random" {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        Failure::new(
            NexusStatus::NEXUS_ERR_PYTHON_START,
            format!(
                "PYTHONHASHSEED is {text}, and must be \"random\" or an integer from 0 to 4294967295; unset it, or start \
                 without NEXUS_PYTHON_USE_ENVIRONMENT"
            ),
        )
    })
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
            "PYTHONMALLOC is {name}, which is not one of its allocators ({}); unset it, or start without NEXUS_PYTHON_USE_ENVIRONMENT",
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
