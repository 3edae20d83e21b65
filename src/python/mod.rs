//! Finds a CPython, starts it or adopts the one that runs already, and has the engine opened.
//!
//! No Python symbol is mentioned here: everything goes through `dlopen` and `dlsym` (`api.rs`).

mod adopt;
mod api;
mod ask;
mod bootstrap;
mod candidate;
mod config;
mod entry;
mod environment;
mod expected;
#[cfg(unix)]
mod fault_handler;
mod gate;
mod in_process;
mod info;
mod initconfig;
mod installation;
mod interpreter;
mod layout;
#[cfg(all(test, target_os = "linux"))]
mod layout_tests;
mod legacy;
#[cfg(all(test, unix))]
mod macos_layout_tests;
mod main_thread;
mod object;
mod release;
mod search;
mod start;
#[cfg(all(test, unix))]
mod tree;
mod venv;

pub use config::Config;
pub use expected::{Expected, expected};
pub use interpreter::Interpreter;

use crate::platform;
use api::Api;
use gate::Gate;
use in_process::InProcess;
use nexus_abi::host_state::HostState;
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_INFO;
use nexus_abi::{Failure, NexusStatus, Result};
use start::Started;
use std::sync::OnceLock;

// How far this process has come.
enum Stage {
    Nothing,
    // CPython has failed half-way: nothing can be started any more.
    Broken(Box<Failure>),
    // It runs, and `site` has failed.
    NeedsSite(Box<Started>),
    // It runs, and the engine could not be opened.
    NeedsEngine,
}

struct Running {
    interpreter: Interpreter,
    api: Api,
}

static STAGE: Gate<Stage> = Gate::new(Stage::Nothing);
// Set when Python runs with its `site`.
static PYTHON: OnceLock<Running> = OnceLock::new();
// Set when the engine is open, too.
static COMPLETE: OnceLock<&'static Interpreter> = OnceLock::new();

/// The interpreter, when it runs and the engine is open.
pub fn running() -> Option<&'static Interpreter> {
    COMPLETE.get().copied()
}

/// The interpreter as soon as it runs, whether or not the engine could be opened.
pub fn interpreter() -> Option<&'static Interpreter> {
    PYTHON.get().map(|running| &running.interpreter)
}

/// Starts Python, or adopts the one that runs in this process, and opens the engine. A further call
/// does nothing, unless it names another Python: that is an error. After a failure the next call tries
/// again what has not succeeded.
pub fn start(config: Option<Config>) -> Result<&'static Interpreter> {
    let config = config.unwrap_or_default();
    if running().is_none() {
        let mut inside = STAGE.enter()?;
        if running().is_none() {
            return advance(&mut inside.state, &config);
        }
    }
    let running = PYTHON.get().ok_or_else(adopt::closed)?;
    check_open(&running.api)?;
    adopt::agrees(&running.interpreter, &config)?;
    Ok(&running.interpreter)
}

fn check_open(api: &Api) -> Result<()> {
    if api.is_initialized() && !api.is_finalizing() {
        Ok(())
    } else {
        Err(adopt::closed())
    }
}

fn advance(stage: &mut Stage, config: &Config) -> Result<&'static Interpreter> {
    match stage {
        Stage::Nothing => match in_process::find()? {
            Some(python) if python.api.is_initialized() => adopt_running(stage, config, &python),
            mapped => start_new(stage, config, mapped.as_ref()),
        },
        Stage::Broken(failure) => Err(failure.clone()),
        Stage::NeedsSite(started) => {
            let api = started.api;
            check_open(&api)?;
            if let Some(named) = &config.python {
                check_same_installation(started, named)?;
            }
            let _host = HostState::save();
            let gil = api.attach();
            let interpreter = started.finish(&gil, config)?;
            run_engine(stage, interpreter, api)
        }
        Stage::NeedsEngine => {
            let running = PYTHON.get().ok_or_else(adopt::closed)?;
            check_open(&running.api)?;
            adopt::agrees(&running.interpreter, config)?;
            let _host = HostState::save();
            let _gil = running.api.attach();
            open_engine(running)
        }
    }
}

fn adopt_running(
    stage: &mut Stage,
    config: &Config,
    python: &InProcess,
) -> Result<&'static Interpreter> {
    check_open(&python.api)?;
    let gil = python.api.attach();
    let interpreter = adopt::adopt(&gil, python);
    adopt::check_names(&interpreter, config)?;
    run_engine(stage, interpreter, python.api)
}

fn start_new(
    stage: &mut Stage,
    config: &Config,
    mapped: Option<&InProcess>,
) -> Result<&'static Interpreter> {
    // Restored last, when the GIL is free again; on every way out.
    let _host = HostState::save();
    let mut started = match start::start(config, mapped) {
        Ok(started) => Box::new(started),
        Err(not_started) => {
            if not_started.for_good {
                *stage = Stage::Broken(not_started.failure.clone());
            }
            return Err(not_started.failure);
        }
    };
    let api = started.api;
    let gil = api.after_start();
    match started.finish(&gil, config) {
        Ok(interpreter) => run_engine(stage, interpreter, api),
        Err(failure) => {
            *stage = Stage::NeedsSite(started);
            Err(failure)
        }
    }
}

fn check_same_installation(started: &Started, named: &std::path::Path) -> Result<()> {
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

fn run_engine(
    stage: &mut Stage,
    interpreter: Interpreter,
    api: Api,
) -> Result<&'static Interpreter> {
    let running = PYTHON.get_or_init(|| Running { interpreter, api });
    *stage = Stage::NeedsEngine;
    crate::log::line(NEXUS_LOG_INFO, || {
        let python = &running.interpreter;
        let verb = if python.owned { "started" } else { "adopted" };
        format!(
            "{verb} {}: {}",
            python.describe(),
            python.reason.to_string_lossy()
        )
    });
    open_engine(running)
}

fn open_engine(running: &'static Running) -> Result<&'static Interpreter> {
    crate::engine::open(&running.interpreter)?;
    Ok(COMPLETE.get_or_init(|| &running.interpreter))
}
