//! `sys.path`.

use crate::front;
use crate::interpreter;
use crate::python::text::path_to_python;
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

/// A folder that is on `sys.path` for as long as this lives.
pub struct While<'py> {
    list: Bound<'py, PyList>,
    entry: Bound<'py, PyAny>,
}

/// Puts a folder at the end of it while a module loads, unless it is there: an adopted interpreter is
/// somebody else's, and is to look as before.
pub fn ensure_while<'py>(py: Python<'py>, folder: &Path) -> PyResult<Option<While<'py>>> {
    if entries(py).iter().any(|entry| entry == folder) {
        return Ok(None);
    }
    let list = list(py)?;
    let entry = path_to_python(py, folder).into_any();
    list.append(&entry)?;
    Ok(Some(While { list, entry }))
}

impl Drop for While<'_> {
    fn drop(&mut self) {
        // By identity, and from the end: the module may have changed the list, with an equal entry even.
        for index in (0..self.list.len()).rev() {
            if self
                .list
                .get_item(index)
                .is_ok_and(|entry| entry.is(&self.entry))
            {
                let _ = self.list.del_item(index);
                return;
            }
        }
    }
}

/// Puts a folder on it, unless it is there. In an interpreter of ours it goes behind the standard library,
/// which it must not hide, and before `site-packages`: what the host opens is meant. In an adopted one it
/// goes to the end.
pub fn ensure(py: Python<'_>, folder: &Path) -> PyResult<()> {
    let entries = entries(py);
    if entries.iter().any(|entry| entry == folder) {
        return Ok(());
    }
    let text = path_to_python(py, folder);
    if front::owned()
        && let Some(last) = entries
            .iter()
            .rposition(|entry| interpreter::get().own_folders().contains(entry))
    {
        return list(py)?.insert(last + 1, text);
    }
    list(py)?.append(text)
}
