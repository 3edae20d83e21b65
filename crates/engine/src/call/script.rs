//! Small pieces of Python that the engine brings along.

use pyo3::exceptions::PyNameError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

/// Runs a source once, as a module that is not in `sys.modules`, and gives the objects of those names.
pub fn objects<const N: usize>(
    py: Python<'_>,
    title: &str,
    source: &str,
    names: [&str; N],
) -> PyResult<[Py<PyAny>; N]> {
    let globals = PyDict::new(py);
    let builtins = py.import("builtins")?;
    globals.set_item("__name__", title)?;
    globals.set_item("__builtins__", &builtins)?;
    let file = format!("<{title}>");
    let code = builtins.call_method1("compile", (PyString::new(py, source), file, "exec"))?;
    builtins.call_method1("exec", (code, &globals))?;
    let mut found = Vec::with_capacity(N);
    for name in names {
        let object = globals.get_item(name)?;
        found.push(
            object
                .ok_or_else(|| PyNameError::new_err(name.to_owned()))?
                .unbind(),
        );
    }
    found
        .try_into()
        .map_err(|_| PyNameError::new_err("another number of names"))
}
