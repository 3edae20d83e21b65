//! Which thread is the main thread, to Python 3.11 and 3.12: the one that first imports `threading`. Importing it
//! when Python starts, on the thread that starts it, would take half as long as the start. So its import is
//! waited for, and the main thread put right then: by a finder at the head of `sys.meta_path` that goes away.

use crate::call::script;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyModule, PyString};

/// Of the thread that has started Python: `_thread.get_ident()` and `get_native_id()`; the process; the finder.
type Facts = (Py<PyAny>, Py<PyAny>, u32, Py<PyAny>);

static FACTS: PyOnceLock<Facts> = PyOnceLock::new();

/// Makes the calling thread, which has started Python, its main thread.
pub fn set(sys: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = sys.py();
    if FACTS.get(py).is_some() {
        return Ok(());
    }
    let thread = py.import("_thread")?;
    // An object that has just the attributes that it is made with: a `types.SimpleNamespace`.
    let simple = sys.getattr("implementation")?.get_type();
    let attributes = PyDict::new(py);
    attributes.set_item("find_spec", wrap_pyfunction!(find_spec, py)?)?;
    let finder = simple.call((), Some(&attributes))?;
    let facts = (
        thread.call_method0("get_ident")?.unbind(),
        thread.call_method0("get_native_id")?.unbind(),
        std::process::id(),
        finder.clone().unbind(),
    );
    let _ = FACTS.set(py, facts);
    sys.getattr("meta_path")?
        .cast_into::<PyList>()?
        .insert(0, finder)
}

/// Python looks for a module.
#[pyfunction]
#[pyo3(signature = (name, path=None, target=None))]
fn find_spec<'py>(
    name: &Bound<'py, PyString>,
    path: Option<Bound<'py, PyAny>>,
    target: Option<Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = name.py();
    let (true, Some((ident, native_id, process, finder))) = (
        name.to_str().is_ok_and(|name| name == "threading"),
        FACTS.get(py),
    ) else {
        return Ok(None);
    };
    let [find_threading] = script::objects(
        py,
        "nexus_loader main thread",
        include_str!("main_thread.py"),
        ["find_threading"],
    )?;
    let arguments = (finder, (ident, native_id, process), name, path, target);
    find_threading.bind(py).call1(arguments).map(Some)
}
