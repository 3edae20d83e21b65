//! From one file to one module.
//!
//! Without importlib's search of paths: `_imp.create_dynamic` and `_imp.exec_dynamic` with a real
//! `ModuleSpec`, so that single-phase modules, non-ASCII names and audit hooks work as in `import`.

use crate::interpreter::{self, Interpreter};
use crate::loader::registry;
use crate::{attach, exception};
use core::sync::atomic::{AtomicU64, Ordering};
use nexus_abi::{Failure, NexusStatus, Result};
use nexus_inspect::Detail;
use pyo3::exceptions::{PyImportError, PyKeyboardInterrupt, PyMemoryError, PySystemExit};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::ffi::OsString;
use std::path::Path;

/// Loads a file under that name, or gives the module that was loaded from it before. What it gives lives
/// as long as the process.
pub fn load(real_path: &Path, path: &Path, name: &str) -> Result<*mut PyObject> {
    attach::with(|py| {
        registry::load_once(real_path, || {
            let interpreter = interpreter::get();
            let result = if interpreter.owns(real_path) {
                // By path they would be second copies, which damage the standard library.
                py.import(name).map(Bound::into_any).map_err(Stage::Init)
            } else {
                load_file(py, interpreter, real_path, path, name)
            };
            // The reference is never given up.
            result
                .map(Bound::into_ptr)
                .map_err(|stage| stage.failure(py, path))
        })
    })
}

/// Where loading failed.
enum Stage {
    /// Opening the file, or what its init function did.
    Create(PyErr),
    /// Running the module's code.
    Init(PyErr),
}

impl Stage {
    fn failure(self, py: Python<'_>, path: &Path) -> Box<Failure> {
        let (Self::Create(error) | Self::Init(error)) = &self;
        let mut failure = exception::failure(py, error);
        failure.status = NexusStatus::NEXUS_ERR_LOAD_FAILED;
        let of_this_file = || {
            error.is_instance_of::<PyImportError>(py)
                && error
                    .value(py)
                    .getattr("path")
                    .and_then(|path| path.extract::<OsString>())
                    .is_ok_and(|other| *other == *path.as_os_str())
        };
        let detail = if matches!(self, Self::Create(_)) && of_this_file() {
            if failure
                .message
                .starts_with("dynamic module does not define")
            {
                Detail::NO_INIT_SYMBOL
            } else {
                failure.linker.clone_from(&failure.message);
                Detail::DLOPEN_FAILED
            }
        } else if error.is_instance_of::<PySystemExit>(py) {
            Detail::SYSTEM_EXIT
        } else if error.is_instance_of::<PyKeyboardInterrupt>(py) {
            Detail::KEYBOARD_INTERRUPT
        } else if error.is_instance_of::<PyMemoryError>(py) {
            Detail::OUT_OF_MEMORY
        } else if error.is_instance_of::<PyImportError>(py) {
            Detail::IMPORT_NOT_FOUND
        } else {
            Detail::INIT_RAISED
        };
        // `SystemExit: 3` tells more than `3`.
        if !failure.exception.ends_with("ImportError") && failure.message != failure.exception {
            let name = failure
                .exception
                .strip_prefix("builtins.")
                .unwrap_or(&failure.exception);
            failure.message = format!("{name}: {}", failure.message);
        }
        failure.with_detail(detail.number())
    }
}

fn load_file<'py>(
    py: Python<'py>,
    interpreter: &Interpreter,
    real_path: &Path,
    path: &Path,
    name: &str,
) -> core::result::Result<Bound<'py, PyAny>, Stage> {
    let modules = interpreter
        .machinery
        .modules
        .bind(py)
        .cast::<PyDict>()
        .map_err(|error| Stage::Create(error.into()))?;
    let present = modules.get_item(name).map_err(Stage::Create)?;
    if let Some(module) = &present
        && is_file_of(module, real_path)
    {
        return Ok(module.clone());
    }
    // Python code that imports the plain name must go on getting what it got before: the standard
    // library's module, or the one that came first.
    let private = present.is_some() || interpreter.standard_names.contains(name);
    let full_name = if private {
        private_name(name)
    } else {
        name.to_string()
    };
    let python_name = PyString::new(py, &full_name);

    let result = create_and_execute(py, interpreter, modules, &python_name, path);
    // Single-phase modules register themselves under any name they like.
    let now = modules.get_item(name).ok().flatten();
    let changed = !same(present.as_ref(), now.as_ref());
    if (private || result.is_err()) && changed {
        let _ = match &present {
            Some(module) => modules.set_item(name, module),
            None => modules.del_item(name),
        };
    }
    if private && result.is_err() {
        let _ = modules.del_item(&python_name);
    }
    result
}

fn same(one: Option<&Bound<'_, PyAny>>, other: Option<&Bound<'_, PyAny>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.is(other),
        (None, None) => true,
        _ => false,
    }
}

fn create_and_execute<'py>(
    py: Python<'py>,
    interpreter: &Interpreter,
    modules: &Bound<'py, PyDict>,
    name: &Bound<'py, PyString>,
    path: &Path,
) -> core::result::Result<Bound<'py, PyAny>, Stage> {
    let machinery = &interpreter.machinery;
    let create = || -> PyResult<Bound<'py, PyAny>> {
        let path = interpreter::path_to_python(py, path);
        let file_loader = machinery.extension_loader.bind(py).call1((name, &path))?;
        let arguments = PyDict::new(py);
        arguments.set_item("origin", &path)?;
        let spec = machinery
            .module_spec
            .bind(py)
            .call((name, &file_loader), Some(&arguments))?;
        spec.setattr("_set_fileattr", true)?;
        let module = machinery.create_dynamic.bind(py).call1((&spec,))?;
        // What importlib's `_init_module_attrs` sets. An object that is no module may refuse.
        let package = spec.getattr("parent")?;
        for (attribute, value) in [
            ("__loader__", &file_loader),
            ("__package__", &package),
            ("__spec__", &spec),
            ("__file__", path.as_any()),
        ] {
            let _ = module.setattr(attribute, value);
        }
        Ok(module)
    };
    let module = create().map_err(Stage::Create)?;
    let execute = || -> PyResult<Bound<'py, PyAny>> {
        modules.set_item(name, &module)?;
        machinery.exec_dynamic.bind(py).call1((&module,))?;
        // A module may put another object in its place while it runs.
        Ok(modules.get_item(name)?.unwrap_or(module))
    };
    execute().map_err(|error| {
        let _ = modules.del_item(name);
        Stage::Init(error)
    })
}

fn is_file_of(module: &Bound<'_, PyAny>, real_path: &Path) -> bool {
    module
        .getattr("__file__")
        .and_then(|file| file.extract::<OsString>())
        .is_ok_and(|file| {
            Path::new(&file)
                .canonicalize()
                .is_ok_and(|file| file == real_path)
        })
}

/// A name that nothing else has, whose last part is what the init function is called after.
fn private_name(name: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!(
        "nexus_loader.private_{}.{name}",
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}
