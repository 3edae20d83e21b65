//! What is left to do in a Python that the front has just started: preparations, then `site`.
//!
//! Nothing here imports a module that `python3` itself would not import by then: imports are what a start
//! takes its time for.

mod bootstrap;
#[cfg(unix)]
mod fault_handler;
mod main_thread;

pub use bootstrap::finish;

use core::ffi::c_char;
use nexus_abi::services::EngineFacts;
use nexus_abi::text::c_string;
use pyo3::prelude::*;
use std::ffi::{CString, OsString};
use std::sync::OnceLock;

/// What the front wants to know of the Python that runs.
pub fn facts(py: Python<'_>) -> PyResult<EngineFacts> {
    static TEXTS: OnceLock<[CString; 2]> = OnceLock::new();
    let sys = py.import("sys")?;
    // An owner may have set them to anything.
    let text = |name: &str| {
        let value = sys
            .getattr(name)
            .and_then(|value| value.extract::<OsString>());
        c_string(value.unwrap_or_default().as_encoded_bytes())
    };
    let [executable, prefix] = TEXTS.get_or_init(|| ["executable", "prefix"].map(text));
    let pointer = |text: &'static CString| -> *const c_char { text.as_ptr() };
    Ok(EngineFacts {
        executable: pointer(executable),
        prefix: pointer(prefix),
    })
}
