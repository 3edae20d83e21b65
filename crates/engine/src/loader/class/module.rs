//! The Python module: `nexus_loader` within a program that has opened this library, and
//! `nexus_loader._engine` in the wheel, whose package takes all from it.
//!
//! One engine per process: whichever comes first is remembered by the interpreter, and what comes later hands
//! out the same objects.

use super::Class;
use crate::loader::table::LOADERS;
use crate::{gil, python};
use nexus_abi::{Failure, Result};
use pyo3::exceptions::{PyAttributeError, PyImportError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyModule, PyString};

/// What the interpreter remembers the module under.
const KEY: &str = "nexus_loader._engine";
const NAMES: [&str; 3] = ["NexusLoader", "loaders", "__version__"];

/// The loaders that the host program has opened through the C interface and not freed yet, the oldest first.
/// Each is a NexusLoader, always the same object for the same loader; once the program frees it, its use
/// raises RuntimeError.
#[pyfunction]
fn loaders(py: Python<'_>) -> PyResult<Bound<'_, PyList>> {
    let open = LOADERS.open();
    let objects = PyList::empty(py);
    for (handle, loader) in open {
        let object = match LOADERS.object(py, handle) {
            Some(object) => object,
            None => {
                let object = Bound::new(py, Class::of_host(py, handle, loader)?)?.into_any();
                LOADERS.remember_object(handle, object)
            }
        };
        objects.append(object)?;
    }
    Ok(objects)
}

/// Fills the wheel's `nexus_loader._engine`. The first one makes the engine ready before.
pub fn fill(
    module: &Bound<'_, PyModule>,
    make_ready: fn(Python<'_>) -> Result<()>,
) -> PyResult<()> {
    let py = module.py();
    let refused = |failure: Box<Failure>| PyImportError::new_err(failure.message.clone());
    // What was made in an interpreter that has ended is no good in a second one.
    gil::check_open().map_err(refused)?;
    let remembered = python::interpreter_dict(py)?;
    if let Some(other) = remembered.get_item(KEY)? {
        for name in NAMES {
            module.setattr(name, other.getattr(name)?)?;
        }
        return Ok(());
    }
    make_ready(py).map_err(refused)?;
    add(module)?;
    remembered.set_item(KEY, module)
}

fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.setattr("NexusLoader", py.get_type::<Class>())?;
    module.setattr("loaders", wrap_pyfunction!(loaders, module)?)?;
    module.setattr("__version__", nexus_abi::VERSION)
}

/// Fills the module when Python code wants something of it (PEP 562): most programs have none that does, and to make
/// the class takes time and memory.
#[pyfunction]
#[pyo3(name = "__getattr__", pass_module)]
fn attribute<'py>(
    module: &Bound<'py, PyModule>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    let text = name.to_string_lossy();
    if NAMES.contains(&&*text) {
        add(module)?;
        if let Some(value) = module.dict().get_item(name)? {
            return Ok(value);
        }
    }
    Err(PyAttributeError::new_err(format!(
        "module 'nexus_loader' has no attribute '{text}'"
    )))
}

#[pyfunction]
#[pyo3(name = "__dir__")]
fn names() -> [&'static str; 3] {
    NAMES
}

/// Gives Python code in a program that has opened this library the module `nexus_loader`, unless it has
/// imported one already.
pub fn register(py: Python<'_>) -> PyResult<()> {
    let remembered = python::interpreter_dict(py)?;
    if remembered.contains(KEY)? {
        return Ok(());
    }
    let module = PyModule::new(py, "nexus_loader")?;
    module.setattr(
        "__doc__",
        "Loads the compiled extension modules of a directory; part of the program that runs Python here.",
    )?;
    module.setattr("__all__", NAMES)?;
    module.setattr("__getattr__", wrap_pyfunction!(attribute, &module)?)?;
    module.setattr("__dir__", wrap_pyfunction!(names, py)?)?;
    let machinery = &crate::interpreter::get().machinery;
    let spec = machinery
        .module_spec
        .bind(py)
        .call1(("nexus_loader", py.None()))?;
    module.setattr("__spec__", spec)?;
    remembered.set_item(KEY, &module)?;
    let modules: &Bound<'_, PyDict> = machinery.modules.bind(py);
    if !modules.contains("nexus_loader")? {
        modules.set_item("nexus_loader", module)?;
    }
    Ok(())
}
