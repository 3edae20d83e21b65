//! Using a Python that somebody else has started: it is never started, stopped or changed by us.

use super::config::Config;
use super::in_process::InProcess;
use super::running::Running;
use super::search;
use crate::{engine, platform};
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_WARNING;
use nexus_abi::services::EngineStart;
use nexus_abi::{Failure, NexusStatus, Result};
use std::path::{Path, PathBuf};

/// The failure for a Python that its owner ends, or has ended.
pub fn closed() -> Box<Failure> {
    Failure::new(
        NexusStatus::NEXUS_ERR_CLOSED,
        "the Python of this process was finalized by its owner",
    )
}

/// Has the engine opened in the Python that runs. The calling thread holds the GIL.
pub fn adopt(python: &InProcess, config: &Config) -> Result<Running> {
    let place = if python.definition.is_program {
        "inside the program"
    } else {
        "in this process already"
    };
    let file = &python.definition.file;
    let reason = format!("it runs {place}: {}", file.display());
    let facts = engine::enter(&EngineStart::default(), file)?;
    let running = Running::new(python.api, file, false, &reason, facts);
    check_names(&running, config)?;
    Ok(running)
}

/// What the host names must be the Python that runs; what `NEXUS_PYTHON` names comes too late, and is ignored.
fn check_names(running: &Running, config: &Config) -> Result<()> {
    if config.python.is_some() {
        return agrees(running, config);
    }
    if let Some(python) = platform::user_variable("NEXUS_PYTHON")
        && let Err(difference) = compare(running, Path::new(&python))
    {
        crate::log::line(NEXUS_LOG_WARNING, || {
            format!("NEXUS_PYTHON is ignored: {difference}")
        });
    }
    Ok(())
}

/// Whether the Python that the host names, if any, is the one that runs.
pub fn agrees(running: &Running, config: &Config) -> Result<()> {
    let Some(named) = &config.python else {
        return Ok(());
    };
    compare(running, named).map_err(|difference| {
        Failure::new(
            NexusStatus::NEXUS_ERR_PYTHON_CONFLICT,
            format!("{difference}; a process has one Python, for as long as it runs"),
        )
        .at_path(named)
    })
}

fn compare(running: &Running, named: &Path) -> core::result::Result<(), String> {
    let different = |what: &str| {
        format!(
            "{} runs in this process, but {} was named, {what}",
            running.describe(),
            named.display()
        )
    };
    let other = search::resolve_named(named)
        .map_err(|reason| different(&format!("which cannot be used: {reason}")))?;
    let path =
        |text: &std::ffi::CStr| PathBuf::from(platform::from_bytes(text.to_bytes().to_vec()));
    let same_library = platform::same_file(&path(&running.library), &other.library);
    let (major, minor, _) = running.version;
    let same_release =
        (u32::from(major), u32::from(minor)) == (other.release.major, other.release.minor);
    let same_prefix = platform::same_file(&path(running.prefix), &other.prefix);
    let names_library = platform::same_file(named, &other.library);
    // An executable with Python inside has no library file to compare.
    let same = if names_library {
        same_library
    } else {
        same_release && same_prefix && (same_library || !running.owned)
    };
    if same {
        Ok(())
    } else {
        Err(different(&format!("which is {}", other.describe())))
    }
}
