//! `sys.path`.

use crate::{interpreter, services};
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

fn list<'py>(py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
    Ok(py.import("sys")?.getattr("path")?.cast_into::<PyList>()?)
}

/// Its entries, as far as they are paths.
pub fn entries(py: Python<'_>) -> Vec<PathBuf> {
    let Ok(list) = list(py) else {
        return Vec::new();
    };
    list.iter()
        .filter_map(|entry| entry.extract::<OsString>().ok().map(PathBuf::from))
        .collect()
}

/// Puts a folder on it, unless it is there. In an interpreter of ours it goes behind the standard library,
/// which it must not hide, and before `site-packages`: what the host opens is meant. In an adopted one it
/// goes to the end.
pub fn ensure(py: Python<'_>, folder: &Path) -> PyResult<()> {
    let entries = entries(py);
    if entries.iter().any(|entry| entry == folder) {
        return Ok(());
    }
    let text = interpreter::path_to_python(py, folder);
    if services::owned()
        && let Some(last) = entries
            .iter()
            .rposition(|entry| interpreter::get().own_folders.contains(entry))
    {
        return list(py)?.insert(last + 1, text);
    }
    list(py)?.append(text)
}
