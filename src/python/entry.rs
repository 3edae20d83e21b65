//! The C functions that start Python, and that tell which one would be started.

use super::{in_process, search};
use nexus_abi::ffi::{guard, output};
use nexus_abi::text::c_string;
use nexus_abi::{NexusError, NexusNames, NexusPythonConfig, NexusStatus, Result};

/// Starts Python and opens the engine; the other functions do it with the defaults when they need
/// Python first.
///
/// A Python that runs in this process already is adopted: never started, stopped or changed. Otherwise
/// it is, in this order: the one that `config` names; the one that the environment variable
/// `NEXUS_PYTHON` names; those of `VIRTUAL_ENV` and `CONDA_PREFIX`; `python3`, then `python3.15` to
/// `python3.11` on `PATH`; the system's libpython. One that is named is taken or is an error; of the
/// others, the first that can be used. `nexus_python_search` tells what there is.
///
/// It starts as `python3` would, `site` included, but ignores the inherited `PYTHON…` variables unless
/// `NEXUS_PYTHON_USE_ENVIRONMENT` is set. The calling thread is Python's main thread, and holds no GIL
/// afterwards. Signal handlers, locale, floating-point environment, working directory, umask and
/// environment variables are afterwards as before, also after a failure.
///
/// `config` may be NULL: the defaults. When Python runs already, a config that names the same one, or
/// none, is fine; its other fields have no effect.
///
/// `NEXUS_OK`; `NEXUS_ERR_INVALID_ARGUMENT`: a bad `config`; `NEXUS_ERR_PYTHON_NOT_FOUND`: nothing
/// usable, the message lists every candidate with the reason; `NEXUS_ERR_PYTHON_START`: it was found and
/// did not start, or its `site`, `sitecustomize` or a `.pth` file raised an exception, which the error
/// has; `NEXUS_ERR_PYTHON_CONFLICT`: two Pythons are in the process, one that cannot be used, or another
/// than the one that `config` names; `NEXUS_ERR_ENGINE`: the engine library is missing or of another
/// version; `NEXUS_ERR_CLOSED`: the adopted Python was finalized; `NEXUS_ERR_FORKED`: another thread was
/// starting Python when this process was forked. After a failure it may be called again; if Python runs
/// by then, what is left is done.
///
/// Any thread; waits for other threads that start Python, and for the GIL of an adopted one. Runs
/// Python code: `site`. May run interpreters as child processes, for ten seconds each at most.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_python_start(
    config: *const NexusPythonConfig,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, crate::error::publish, |inputs| {
        super::start(crate::ffi::python_config(inputs, config)?)?;
        Ok(())
    })
}

/// Lists every Python that `nexus_python_start` would look at with that config, in order, one line of
/// text each: where it came from, and why it would be taken or is refused.
///
/// `config` may be NULL: the defaults. The list is the caller's, who frees it with `nexus_names_free`.
///
/// `NEXUS_OK`, also when there is no usable one; `NEXUS_ERR_INVALID_ARGUMENT`: `candidates` is NULL, or
/// a bad `config`; `NEXUS_ERR_NO_MEMORY`: no free handle.
///
/// Any thread; needs no GIL, starts and opens nothing, and runs no Python code in this process. May run
/// interpreters as child processes, for ten seconds each at most.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_python_search(
    config: *const NexusPythonConfig,
    candidates: *mut *mut NexusNames,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, crate::error::publish, |inputs| {
        output("candidates", candidates, core::ptr::null_mut())?;
        let config = crate::ffi::python_config(inputs, config)?.unwrap_or_default();
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

fn lines(config: &super::Config) -> Result<Vec<String>> {
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
