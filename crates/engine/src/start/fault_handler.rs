//! `faulthandler.enable()` takes the signals of crashes: SIGSEGV and others. Once it has, a nil pointer in Go ends
//! the program instead of being a panic, and so it is with null in Java and C#; pytest, and many a program's first
//! lines, call it. So a host that handles such a signal keeps it. The module's other functions, such as
//! `dump_traceback`, are left alone, and where the host has no handler, `enable` does all that it does.

use crate::log::log;
use nexus_abi::host_state::FatalSignals;
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_INFO;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};

/// `faulthandler.enable`.
static ORIGINAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Puts a function in the place of `faulthandler.enable`.
pub fn keep_host_signals(py: Python<'_>) -> PyResult<()> {
    let module = py.import("faulthandler")?;
    ORIGINAL.get_or_try_init(py, || module.getattr("enable").map(Bound::unbind))?;
    module.setattr("enable", wrap_pyfunction!(enable, py)?)
}

#[pyfunction]
#[pyo3(signature = (*arguments, **keywords))]
fn enable<'py>(
    py: Python<'py>,
    arguments: &Bound<'py, PyTuple>,
    keywords: Option<&Bound<'py, PyDict>>,
) -> PyResult<Option<Py<PyAny>>> {
    let Some(original) = ORIGINAL.get(py) else {
        return Ok(None);
    };
    let host = FatalSignals::save();
    let outcome = original.call(py, arguments, keywords);
    let kept = host.put_back();
    if !kept.is_empty() {
        log(NEXUS_LOG_INFO, || {
            format!(
                "faulthandler.enable(): the host handles {} and keeps doing so",
                kept.join(", ")
            )
        });
    }
    outcome.map(Some)
}
