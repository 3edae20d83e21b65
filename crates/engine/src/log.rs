//! The log: the host's, or where there is none Python's `logging`, under the name `nexus_loader`. A program that has
//! not set that up gets warnings on stderr, as they are.

use crate::{front, gil, interpreter};
use nexus_abi::log::NexusLogLevel::{self, NEXUS_LOG_WARNING};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Writes a line. The text is made only if the line will be seen.
pub fn log(level: NexusLogLevel, text: impl FnOnce() -> String) {
    match front::log_enabled(level) {
        Some(true) => front::log(level, &text()),
        Some(false) => {}
        // What a handler raises is `logging`'s to report; what else goes wrong is no reason not to load.
        None => {
            let _ = gil::with(|py| {
                let _ = to_python(py, level, text);
                Ok(())
            });
        }
    }
}

fn to_python(py: Python<'_>, level: NexusLogLevel, text: impl FnOnce() -> String) -> PyResult<()> {
    let Some(logger) = logger(py, level)? else {
        return Ok(());
    };
    // `logging.DEBUG` is 10, `logging.ERROR` 40.
    let number = 50 - 10 * level as u32;
    if logger
        .call_method1("isEnabledFor", (number,))?
        .is_truthy()?
    {
        logger.call_method1("log", (number, "%s", text()))?;
    }
    Ok(())
}

/// The logger. Importing `logging` takes milliseconds: if nobody has, nobody has asked for more than warnings.
fn logger(py: Python<'_>, level: NexusLogLevel) -> PyResult<Option<&Bound<'_, PyAny>>> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if let Some(logger) = LOGGER.get(py) {
        return Ok(Some(logger.bind(py)));
    }
    let modules = interpreter::get().machinery.modules.bind(py);
    if level > NEXUS_LOG_WARNING && !modules.contains("logging")? {
        return Ok(None);
    }
    let make = || -> PyResult<Py<PyAny>> {
        let logging = py.import("logging")?;
        Ok(logging
            .call_method1("getLogger", ("nexus_loader",))?
            .unbind())
    };
    Ok(Some(LOGGER.get_or_try_init(py, make)?.bind(py)))
}
