//! `NexusLoader` for Python code: the class that this library replaces, on the same engine.
//!
//! Objects are made by Python code, or stand for the loaders that the host has opened.

mod exceptions;
mod module;
mod path;

pub use module::{fill, register};

use crate::loader::open::{self, Options};
use crate::loader::request::Request;
use crate::loader::table::LOADERS;
use crate::loader::{Loader, api};
use crate::python::SetOnce;
use exceptions::{RequestError, raised};
use nexus_abi::NexusState;
use nexus_abi::text::python_repr;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use std::path::PathBuf;
use std::sync::Arc;

/// A dynamic module loader for .pyd (Windows) and .so (Linux/Unix) binary files.
///
/// Args:
///     bin_path: Path to the directory containing binary modules
///     modules: Optional list of module names to load. If None, loads all modules.
#[pyclass(
    name = "NexusLoader",
    module = "nexus_loader",
    frozen,
    subclass,
    dict,
    weakref
)]
pub struct Class {
    /// Set by `__init__`, as in a class of Python's: a class derived from it may have another one.
    state: SetOnce<State>,
}

struct State {
    loader: Arc<Loader>,
    /// The host's handle, if the host has opened it.
    handle: Option<u64>,
    bin_path: PathBuf,
    /// The same as a `pathlib.Path`, made when it is asked for: importing pathlib takes milliseconds.
    path: PyOnceLock<Py<PyAny>>,
    modules_to_load: Py<PyAny>,
    loaded_modules: Py<PyDict>,
}

impl State {
    fn new(
        py: Python<'_>,
        loader: Arc<Loader>,
        handle: Option<u64>,
        bin_path: PathBuf,
        modules_to_load: Py<PyAny>,
    ) -> PyResult<Self> {
        let state = Self {
            loader,
            handle,
            bin_path,
            path: PyOnceLock::new(),
            modules_to_load,
            loaded_modules: PyDict::new(py).unbind(),
        };
        state.add_loaded(py)?;
        Ok(state)
    }

    /// Puts what has been loaded since into the dictionary: a lazy loader of the host's loads on demand.
    fn add_loaded(&self, py: Python<'_>) -> PyResult<()> {
        let modules = self.loaded_modules.bind(py);
        for entry in &self.loader.entries {
            if let Some(module) = entry.module() {
                // SAFETY: modules live as long as the process.
                let module = unsafe { Bound::from_borrowed_ptr(py, module) };
                modules.set_item(&entry.name, module)?;
            }
        }
        Ok(())
    }

    fn is_lazy(&self) -> bool {
        self.loader.session.lazy()
    }

    /// A module that is not in the dictionary under that name: by the last part of its name, or a lazy one.
    #[cold]
    fn find<'py>(&self, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = name.py();
        let Ok(text) = name.cast::<PyString>() else {
            let name = name.str()?;
            return Err(raised(
                py,
                &api::not_loaded(&self.loader, &name.to_string_lossy()),
            ));
        };
        let text = text.to_string_lossy();
        let entry = self.loader.entry(&text);
        if let Some(entry) = entry
            && let Some(module) = self.loaded_modules.bind(py).get_item(&entry.name)?
        {
            return Ok(module);
        }
        let module = api::load_now(&self.loader, &text).map_err(|failure| {
            let error = raised(py, &failure);
            // Python shows it below the message.
            if let Some(reason) = entry.and_then(|entry| entry.failed()) {
                let _ = error.value(py).call_method1("add_note", (&reason.message,));
            }
            error
        })?;
        // SAFETY: modules live as long as the process.
        let module = unsafe { Bound::from_borrowed_ptr(py, module) };
        if let Some(entry) = entry {
            self.loaded_modules
                .bind(py)
                .set_item(&entry.name, &module)?;
        }
        Ok(module)
    }
}

impl Class {
    /// What stands for a loader of the host's.
    fn of_host(py: Python<'_>, handle: u64, loader: Arc<Loader>) -> PyResult<Self> {
        let bin_path = path::of_bytes(&loader.bin_path);
        let requested = match &loader.requested {
            Some(names) => PyList::new(py, names)?.into_any().unbind(),
            None => py.None(),
        };
        let class = Self {
            state: SetOnce::new(),
        };
        let bin_path = path::plain(bin_path);
        class
            .state
            .set(State::new(py, loader, Some(handle), bin_path, requested)?);
        Ok(class)
    }

    fn state(&self) -> PyResult<&State> {
        self.state.get().ok_or_else(|| {
            PyRuntimeError::new_err("NexusLoader.__init__() was not called for this object")
        })
    }

    /// The same, for what needs the host's loader to be open.
    #[inline]
    fn open_state(&self) -> PyResult<&State> {
        let state = self.state()?;
        match state.handle {
            Some(handle) if LOADERS.get(handle).is_none() => Err(closed(state)),
            _ => Ok(state),
        }
    }
}

#[cold]
fn closed(state: &State) -> PyErr {
    PyRuntimeError::new_err(format!(
        "this loader is closed: the program that opened {} has freed it",
        state.bin_path.display()
    ))
}

/// A module that raises KeyboardInterrupt does not load, and the next one does; but if it was Ctrl-C, that is
/// for the program.
fn was_interrupted(loader: &Loader) -> bool {
    loader.entries.iter().any(|entry| {
        entry
            .failed()
            .is_some_and(|failure| failure.exception == "builtins.KeyboardInterrupt")
    })
}

#[pymethods]
impl Class {
    #[new]
    #[pyo3(signature = (*_args, **_keywords), text_signature = "(bin_path, modules=None)")]
    fn new(_args: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) -> Self {
        Self {
            state: SetOnce::new(),
        }
    }

    #[pyo3(signature = (bin_path, modules=None))]
    fn __init__(
        &self,
        py: Python<'_>,
        bin_path: PathBuf,
        modules: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        if self.state.get().is_some() {
            return Err(PyRuntimeError::new_err(
                "this NexusLoader has its modules already: make another object",
            ));
        }
        if bin_path.as_os_str().as_encoded_bytes().contains(&0) {
            return Err(PyValueError::new_err("bin_path has a null character in it"));
        }
        let bin_path = path::plain(bin_path);
        let request = match modules {
            None => None,
            Some(modules) => Some(request(modules)?),
        };
        let loader = open::open(&bin_path, Options::plain(request))
            .map_err(|failure| raised(py, &failure))?;
        if was_interrupted(&loader) {
            return Err(PyKeyboardInterrupt::new_err(()));
        }
        let modules = modules.map_or_else(|| py.None(), |modules| modules.clone().unbind());
        let state = State::new(py, Arc::new(loader), None, bin_path, modules)?;
        self.state.set(state);
        Ok(())
    }

    /// Retrieve a loaded module by name.
    ///
    /// Args:
    ///     name: Name of the module to retrieve
    ///
    /// Returns:
    ///     The loaded module object
    ///
    /// Raises:
    ///     KeyError: If the module was not loaded
    fn get_module<'py>(&self, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let state = self.open_state()?;
        match state.loaded_modules.bind(name.py()).get_item(name)? {
            Some(module) => Ok(module),
            None => state.find(name),
        }
    }

    fn __getitem__<'py>(&self, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.get_module(name)
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> PyResult<bool> {
        let state = self.open_state()?;
        let modules = state.loaded_modules.bind(name.py());
        if modules.contains(name)? {
            return Ok(true);
        }
        let Ok(text) = name.cast::<PyString>() else {
            return Ok(false);
        };
        match state.loader.entry(&text.to_string_lossy()) {
            Some(entry) if entry.state() == NexusState::NEXUS_STATE_LAZY => Ok(true),
            Some(entry) if state.is_lazy() => Ok(entry.module().is_some()),
            Some(entry) => modules.contains(&entry.name),
            None => Ok(false),
        }
    }

    /// Get a list of all successfully loaded module names.
    ///
    /// Returns:
    ///     List of module names
    fn list_loaded_modules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let state = self.open_state()?;
        if state.is_lazy() {
            return PyList::new(
                py,
                state
                    .loader
                    .available()
                    .map(|entry| entry.name.as_str())
                    .collect::<Vec<_>>(),
            );
        }
        Ok(state.loaded_modules.bind(py).keys())
    }

    /// Dictionary containing all successfully loaded modules, keyed by module name.
    #[getter]
    fn loaded_modules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let state = self.open_state()?;
        if state.is_lazy() {
            state.add_loaded(py)?;
        }
        Ok(state.loaded_modules.bind(py).clone())
    }

    /// Path object representing the binary modules directory.
    #[getter]
    fn bin_path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let state = self.state()?;
        let make = || -> PyResult<Py<PyAny>> {
            let class = py.import("pathlib")?.getattr("Path")?;
            let path = crate::python::text::path_to_python(py, &state.bin_path);
            Ok(class.call1((path,))?.unbind())
        };
        Ok(state.path.get_or_try_init(py, make)?.bind(py).clone())
    }

    /// List of specific modules to load, or None if loading all modules.
    #[getter]
    fn modules_to_load<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.state()?.modules_to_load.bind(py).clone())
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let Some(state) = self.state.get() else {
            return "NexusLoader(not initialized)".into();
        };
        let path = python_repr(&state.bin_path.to_string_lossy());
        if self.open_state().is_err() {
            return format!("NexusLoader(bin_path={path}, closed)");
        }
        let loaded = if state.is_lazy() {
            state.loader.loaded_count()
        } else {
            state.loaded_modules.bind(py).len()
        };
        format!("NexusLoader(bin_path={path}, loaded={loaded} modules)")
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // No `__clear__`: the dictionary's own breaks every cycle.
        if let Some(state) = self.state.get() {
            visit.call(&state.loaded_modules)?;
            visit.call(&state.modules_to_load)?;
        }
        Ok(())
    }
}

/// The names of modules that Python code asks for.
fn request(modules: &Bound<'_, PyAny>) -> PyResult<Request> {
    if modules.is_instance_of::<PyString>() {
        return Err(RequestError::new_err(
            "modules must be a list of names, not one str",
        ));
    }
    let mut names = Vec::new();
    for name in modules.try_iter()? {
        let name = name?;
        let text = name.cast::<PyString>().map_err(|_| {
            RequestError::new_err(format!(
                "modules must be a list of str, and one of them is of type {}",
                crate::python::text::type_name(&name.get_type())
            ))
        })?;
        names.push(text.to_string_lossy().into_owned());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Request::new(&names).map_err(|failure| raised(modules.py(), &failure))
}
