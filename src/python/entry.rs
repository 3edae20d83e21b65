//! The C functions that start Python, and that list which one would be started.

use super::config::Config;
use super::{in_process, search};
use nexus_abi::ffi::{guard, output};
use nexus_abi::text::c_string;
use nexus_abi::{NexusError, NexusNames, NexusPythonConfig, NexusStatus, Result};

/// Starts Python and opens the engine. The other functions do it with the defaults when they need Python first.
///
/// A Python that runs in this process already is adopted: it is never started, stopped or changed. Otherwise
/// the function looks for one, in this order: the one that `config` names; the one that the environment
/// variable `NEXUS_PYTHON` names; those of `VIRTUAL_ENV` and `CONDA_PREFIX`; `python3`, then `python3.15` to
/// `python3.11` on `PATH`; the system's libpython. One that is named is taken, or is an error; of the
/// others, the first that can be used is taken. `nexus_python_search` lists them.
///
/// Python starts as `python3` would, `site` included, but ignores the inherited `PYTHON…` variables unless
/// `NEXUS_PYTHON_USE_ENVIRONMENT` is set. The calling thread becomes Python's main thread. Signal handlers,
/// locale, floating-point environment, working directory, umask and environment variables are afterwards as
/// before, also after a failure.
///
/// `config`: NULL means the defaults. When Python runs already, it may name the same one, or none; its other
/// fields then have no effect.
///
/// Returns `NEXUS_OK`; `NEXUS_ERR_INVALID_ARGUMENT`: a bad `config`; `NEXUS_ERR_ENGINE`: the engine library is
/// missing, damaged, another library, or of another version, and Python was not started for it;
/// `NEXUS_ERR_PYTHON_NOT_FOUND`: no Python can be used, and the message lists every candidate with the reason;
/// `NEXUS_ERR_PYTHON_START`: Python was found and did not start, or its `site`, `sitecustomize` or a `.pth`
/// file raised an exception, which the error has; `NEXUS_ERR_PYTHON_CONFLICT`: two Pythons are in the process,
/// or one that cannot be used, or another than `config` names; `NEXUS_ERR_CLOSED`: the adopted Python was
/// finalized; `NEXUS_ERR_FORKED`: another thread was starting Python when this process was forked. After a
/// failure you may call it again, from any thread: it goes on where it has stopped.
///
/// Waits for other threads that start Python. Runs Python code: `site`. May run interpreters as child
/// processes, for ten seconds each at most.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_python_start(
    config: *const NexusPythonConfig,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, crate::error::publish, |inputs| {
        crate::forward::start(Config::of(inputs, config)?)
    })
}

/// Lists every Python that `nexus_python_start` would look at with that config, in order, one line of
/// text each: where it came from, and why it would be taken or is refused. Starts and opens nothing.
///
/// `config`: NULL means the defaults. `candidates` receives the list: free it with `nexus_names_free`.
///
/// Returns `NEXUS_OK`, also when no Python can be used; `NEXUS_ERR_INVALID_ARGUMENT`: `candidates` is NULL, or
/// a bad `config`; `NEXUS_ERR_NO_MEMORY`: no handle is free.
///
/// Needs no GIL, and runs no Python code in this process. May run interpreters as child processes, for ten
/// seconds each at most.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_python_search(
    config: *const NexusPythonConfig,
    candidates: *mut *mut NexusNames,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, crate::error::publish, |inputs| {
        output("candidates", candidates, core::ptr::null_mut())?;
        let config = Config::of(inputs, config)?.unwrap_or_default();
        let lines = lines(&config)?;
        let names = crate::names::publish(lines.into_iter().map(c_string).collect());
        if names.is_null() {
            return Err(nexus_abi::Failure::new(
                NexusStatus::NEXUS_ERR_NO_MEMORY,
                "no free handle is left",
            ));
        }
        nexus_abi::ffi::clear(candidates, names);
        Ok(())
    })
}

fn lines(config: &Config) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let mapped = match in_process::look() {
        Err(failure) => {
            lines.push(format!("{}: refused: {failure}", search::PROCESS));
            return Ok(lines);
        }
        Ok(mapped) => mapped,
    };
    if let Some(python) = mapped.as_ref().filter(|python| python.api.is_initialized()) {
        lines.push(format!(
            "{}: taken: {} runs already",
            search::PROCESS,
            python.describe()
        ));
        return Ok(lines);
    }
    lines.extend(
        search::survey(config, mapped.as_ref())
            .iter()
            .map(ToString::to_string),
    );
    Ok(lines)
}
