//! Failures as the exceptions that the Python class is documented to raise.

use nexus_abi::{Failure, NexusStatus};
use pyo3::exceptions::{
    PyBaseException, PyFileNotFoundError, PyImportError, PyKeyError, PyNotADirectoryError,
    PyOSError, PyRuntimeError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

/// For arguments of a wrong type.
pub type RequestError = PyTypeError;

/// The exception for a failure of a loader.
pub fn raised(py: Python<'_>, failure: &Failure) -> PyErr {
    let message = failure.message.clone();
    match failure.status {
        NexusStatus::NEXUS_ERR_NOT_FOUND | NexusStatus::NEXUS_ERR_NO_MODULES => {
            PyFileNotFoundError::new_err(message)
        }
        NexusStatus::NEXUS_ERR_NOT_A_DIRECTORY => PyNotADirectoryError::new_err(message),
        NexusStatus::NEXUS_ERR_IO => PyOSError::new_err(message),
        NexusStatus::NEXUS_ERR_INVALID_ARGUMENT => PyValueError::new_err(message),
        NexusStatus::NEXUS_ERR_NOT_LOADED | NexusStatus::NEXUS_ERR_AMBIGUOUS => {
            key_error(py, message)
        }
        NexusStatus::NEXUS_ERR_LOAD_FAILED => {
            let error = PyImportError::new_err(message);
            let path = String::from_utf8_lossy(&failure.path).into_owned();
            let _ = error.value(py).setattr("name", &failure.module);
            let _ = error.value(py).setattr("path", path);
            error
        }
        _ => PyRuntimeError::new_err(message),
    }
}

/// A KeyError that is shown as `KeyError: Module 'x' not loaded. …`. Python's own shows the `repr` of what it is
/// given, as that is a key mostly; here it is a sentence.
fn key_error(py: Python<'_>, message: String) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let make = || -> PyResult<Py<PyType>> {
        let base = py.get_type::<PyKeyError>();
        let names = PyDict::new(py);
        names.set_item("__module__", "builtins")?;
        names.set_item(
            "__str__",
            py.get_type::<PyBaseException>().getattr("__str__")?,
        )?;
        let class = py
            .get_type::<PyType>()
            .call1(("KeyError", (&base,), names))?
            .cast_into::<PyType>()?;
        // Pickled and copied it is the plain one, which every process has.
        let reduce = wrap_pyfunction!(reduce, py)?;
        py.import("copyreg")?
            .call_method1("pickle", (&class, reduce))?;
        Ok(class.unbind())
    };
    match CLASS.get_or_try_init(py, make) {
        Ok(class) => PyErr::from_type(class.bind(py).clone(), message),
        Err(_) => PyKeyError::new_err(message),
    }
}

#[pyfunction]
fn reduce<'py>(error: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
    let arguments = error.getattr("args")?.cast_into::<PyTuple>()?;
    Ok((error.py().get_type::<PyKeyError>(), arguments))
}
