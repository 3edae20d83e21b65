//! Finds a CPython, starts it or adopts the one that runs already, and has the engine opened, which does what is
//! left of the start.
//!
//! No Python symbol is mentioned here: everything goes through `dlopen` and `dlsym` (`api.rs`).

mod adopt;
mod api;
mod ask;
mod candidate;
mod config;
mod entry;
mod environment;
mod expected;
mod gate;
mod in_process;
mod info;
mod initconfig;
mod installation;
mod layout;
#[cfg(all(test, target_os = "linux"))]
mod layout_tests;
mod legacy;
#[cfg(all(test, unix))]
mod macos_layout_tests;
mod release;
mod running;
mod search;
mod start;
#[cfg(all(test, unix))]
mod tree;
mod venv;

pub use config::Config;
pub use expected::{Expected, expected};

// Also for `layout.rs`, which macOS's tests give another one.
use crate::platform;
use api::Api;
use gate::Gate;
use in_process::InProcess;
use nexus_abi::host_state::HostState;
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_INFO;
use nexus_abi::{Failure, NexusStatus, Result};
use running::Running;
use start::Started;
use std::path::Path;
use std::sync::OnceLock;

/// How far this process has come.
enum Stage {
    Nothing,
    /// CPython has failed half-way: nothing can be started any more.
    Broken(Box<Failure>),
    /// It runs, and the engine could not be opened, or could not finish the start: `site` has failed.
    Started(Box<Started>),
}

static STAGE: Gate<Stage> = Gate::new(Stage::Nothing);
/// Set when Python runs with its `site`, and the engine is open.
static RUNNING: OnceLock<Running> = OnceLock::new();

/// The Python that runs, when the engine is open.
pub fn running() -> Option<&'static Running> {
    RUNNING.get()
}

/// Starts Python, or adopts the one that runs in this process, and opens the engine. A further call
/// does nothing, unless it names another Python: that is an error. After a failure the next call tries
/// again what has not succeeded.
pub fn start(config: Option<Config>) -> Result<&'static Running> {
    let config = config.unwrap_or_default();
    if running().is_none() {
        let mut inside = STAGE.enter()?;
        if running().is_none() {
            return advance(&mut inside.state, &config);
        }
    }
    let running = running().ok_or_else(adopt::closed)?;
    check_open(&running.api)?;
    adopt::agrees(running, &config)?;
    Ok(running)
}

fn check_open(api: &Api) -> Result<()> {
    if api.is_initialized() && !api.is_finalizing() {
        Ok(())
    } else {
        Err(adopt::closed())
    }
}

fn advance(stage: &mut Stage, config: &Config) -> Result<&'static Running> {
    match stage {
        Stage::Nothing => match in_process::find()? {
            Some(python) if python.api.is_initialized() => {
                check_open(&python.api)?;
                let _gil = python.api.attach();
                complete(adopt::adopt(&python, config)?)
            }
            mapped => start_new(stage, config, mapped.as_ref()),
        },
        Stage::Broken(failure) => Err(failure.clone()),
        Stage::Started(started) => {
            check_open(&started.api)?;
            if let Some(named) = &config.python {
                check_same_installation(started, named)?;
            }
            let _host = HostState::save();
            let _gil = started.api.attach();
            complete(started.finish(config)?)
        }
    }
}

fn start_new(
    stage: &mut Stage,
    config: &Config,
    mapped: Option<&InProcess>,
) -> Result<&'static Running> {
    // A process has one start of Python: without an engine it would be in vain.
    crate::engine::find()?;
    // Put back last, when the GIL is free again; on every way out.
    let _host = HostState::save();
    let started = match start::start(config, mapped) {
        Ok(started) => Box::new(started),
        Err(not_started) => {
            if not_started.for_good {
                *stage = Stage::Broken(not_started.failure.clone());
            }
            return Err(not_started.failure);
        }
    };
    let api = started.api;
    let _gil = api.after_start();
    match started.finish(config) {
        Ok(running) => complete(running),
        Err(failure) => {
            *stage = Stage::Started(started);
            Err(failure)
        }
    }
}

fn check_same_installation(started: &Started, named: &Path) -> Result<()> {
    let conflict = |what: &str| {
        Failure::new(
            NexusStatus::NEXUS_ERR_PYTHON_CONFLICT,
            format!(
                "{} was started in this process, but {} was named, {what}",
                started.installation.describe(),
                named.display()
            ),
        )
    };
    let other = search::resolve_named(named)
        .map_err(|reason| conflict(&format!("which cannot be used: {reason}")))?;
    if other.prefix == started.installation.prefix && other.library == started.installation.library
    {
        return Ok(());
    }
    Err(conflict(&format!("which is {}", other.describe())))
}

fn complete(running: Running) -> Result<&'static Running> {
    crate::log::line(NEXUS_LOG_INFO, || {
        let verb = if running.owned { "started" } else { "adopted" };
        format!(
            "{verb} {}: {}",
            running.describe(),
            running.reason.to_string_lossy()
        )
    });
    Ok(RUNNING.get_or_init(|| running))
}
