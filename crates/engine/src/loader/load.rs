//! From one file to one module.
//!
//! Without importlib's search of paths: `_imp.create_dynamic` and `_imp.exec_dynamic` with a real
//! `ModuleSpec`, so that single-phase modules, non-ASCII names and audit hooks work as in `import`.

use crate::front;
use crate::interpreter::{self, Interpreter};
use crate::loader::diagnose;
use crate::loader::encodable;
use crate::loader::entry::Entry;
use crate::loader::registry;
use crate::loader::search_path;
use crate::loader::session::Session;
use crate::loader::standard;
use crate::python::text::path_to_python;
use crate::{exception, gil, verify};
use core::sync::atomic::{AtomicU64, Ordering};
use nexus_abi::{Failure, NexusStatus, Result};
use nexus_inspect::Detail;
use pyo3::exceptions::{
    PyImportError, PyKeyboardInterrupt, PyMemoryError, PyModuleNotFoundError, PySystemError,
    PySystemExit,
};
use pyo3::ffi::PyObject;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;

/// What comes before an entry's file is opened in this process: the allow-list's word, and the trial. Gives what its
/// module is known by from now on.
pub fn prepare(session: &Session, entry: &Entry) -> Result<registry::Source> {
    let (list, is_own) = (session.allow_list(), standard::is_own(entry));
    if list.is_some() && is_own {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_NOT_SUPPORTED,
            "one of the interpreter's own modules, which the interpreter opens itself: nothing of it is verified",
        ));
    }
    session.try_in_child(entry, is_own || entry.root.is_some())?;
    // Of a verified file a copy is mapped.
    let source = registry::Source::new(&entry.real_path, &entry.load_name, list.is_none());
    if let Some(list) = list
        && registry::is_loaded(&source)
    {
        // It is not opened again, but must be what the list says.
        list.open(&entry.path)?;
    }
    Ok(source)
}

/// Loads an entry's file, or gives the module that was loaded from it before. What it gives lives as long as
/// the process.
pub fn load(session: &Session, entry: &Entry, source: &registry::Source) -> Result<*mut PyObject> {
    let module = gil::with(|py| {
        registry::load_once(source, || {
            // The reference is never given up.
            load_new(py, session, entry).map(Bound::into_ptr)
        })
    })?;
    if let Some(list) = session.allow_list()
        && !verify::python::is_from_list(list, &entry.path)?
    {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_NOT_ALLOWED,
            "it was loaded earlier in this process, and not from bytes that were compared with the list",
        )
        .with_detail(Detail::NOT_VERIFIED.number()));
    }
    Ok(module)
}

fn load_new<'py>(py: Python<'py>, session: &Session, entry: &Entry) -> Result<Bound<'py, PyAny>> {
    if standard::is_own(entry) {
        // By path they would be second copies, which damage the standard library.
        return import(py, entry, &entry.load_name).map(Bound::into_any);
    }
    let Some(folder) = entry.search_folder() else {
        return load_file(py, session, entry).map_err(|stage| stage.failure(py, entry));
    };
    let failed = |error: PyErr| exception::failure(py, &error);
    if entry.root.is_some() {
        session.ensure_on_search_path(py, folder).map_err(failed)?;
        return import_member(py, session, entry);
    }
    // For the modules beside it, which it may import.
    let _visible = if front::owned() {
        session.ensure_on_search_path(py, folder).map_err(failed)?;
        None
    } else {
        search_path::ensure_while(py, folder).map_err(failed)?
    };
    load_file(py, session, entry).map_err(|stage| stage.failure(py, entry))
}

fn import<'py>(py: Python<'py>, entry: &Entry, name: &str) -> Result<Bound<'py, PyModule>> {
    py.import(name)
        .map_err(|error| Stage::Import(error).failure(py, entry))
}

/// Imports a module of a package by its dotted name, the packages above it first.
fn import_member<'py>(
    py: Python<'py>,
    session: &Session,
    entry: &Entry,
) -> Result<Bound<'py, PyAny>> {
    // One by one, from the outermost: of one that fails its code has run, and is not to run again for each
    // module below.
    for (end, _) in entry.load_name.match_indices('.') {
        let package = &entry.load_name[..end];
        if let Some(failure) = session.failed_package(package) {
            return Err(Box::new(failure));
        }
        if let Err(mut failure) = import(py, entry, package) {
            failure.message = format!("its package {package} does not import: {}", failure.message);
            // What the list refuses keeps its own.
            if failure.status != NexusStatus::NEXUS_ERR_NOT_ALLOWED {
                failure.detail = Detail::PACKAGE_FAILED.number();
            }
            session.remember_failed_package(package, &failure);
            return Err(failure);
        }
    }
    let module = import(py, entry, &entry.load_name)?.into_any();
    if is_file_of(&module, &entry.real_path) {
        return Ok(module);
    }
    let other = module
        .getattr("__file__")
        .and_then(|file| file.extract::<OsString>())
        .unwrap_or_default();
    Err(Failure::new(
        NexusStatus::NEXUS_ERR_LOAD_FAILED,
        format!(
            "`import {}` gives another file: {}",
            entry.load_name,
            other.to_string_lossy()
        ),
    )
    .with_detail(Detail::SHADOWED.number()))
}

/// Where loading failed.
enum Stage {
    /// An import by name: anything.
    Import(PyErr),
    /// Opening the file, or what its init function did.
    Create(PyErr),
    /// Running the module's code.
    Execute(PyErr),
}

impl Stage {
    fn failure(self, py: Python<'_>, entry: &Entry) -> Box<Failure> {
        let (Self::Import(error) | Self::Create(error) | Self::Execute(error)) = &self;
        let mut failure = exception::failure(py, error);
        failure.status = NexusStatus::NEXUS_ERR_LOAD_FAILED;
        // `SystemExit: 3` tells more than `3`.
        if !error.is_instance_of::<PyImportError>(py) && failure.message != failure.exception {
            let name = failure
                .exception
                .strip_prefix("builtins.")
                .unwrap_or(&failure.exception);
            failure.message = format!("{name}: {}", failure.message);
        }
        if let Some((status, detail)) = verify::python::refusal(py, error) {
            failure.status = status;
            return failure.with_detail(detail);
        }
        if !matches!(self, Self::Execute(_)) && is_about_file(py, error, &entry.path) {
            return diagnose::linker_failure(failure, &entry.path);
        }
        let detail = if error.is_instance_of::<PySystemExit>(py) {
            Detail::SYSTEM_EXIT
        } else if error.is_instance_of::<PyKeyboardInterrupt>(py) {
            Detail::KEYBOARD_INTERRUPT
        } else if error.is_instance_of::<PyMemoryError>(py) {
            Detail::OUT_OF_MEMORY
        } else if error.is_instance_of::<PyModuleNotFoundError>(py) {
            Detail::IMPORT_NOT_FOUND
        } else if error.is_instance_of::<PySystemError>(py) {
            of_system_error(&failure.message)
        } else {
            Detail::INIT_RAISED
        };
        failure.with_detail(detail.number())
    }
}

/// What CPython complains about in what a module's functions have returned (Python/importdl.c,
/// Objects/moduleobject.c, 3.11 to 3.13).
fn of_system_error(message: &str) -> Detail {
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if says(&[
        "did not return an extension module",
        "did not return a valid extension module",
        "did not return PyModuleDef",
        "returned uninitialized object",
    ]) {
        Detail::INIT_NOT_A_MODULE
    } else if says(&["failed without raising", "failed without setting"]) {
        Detail::INIT_RETURNED_NULL
    } else {
        Detail::INIT_RAISED
    }
}

/// Whether it is the ImportError of `dlopen` for that file. `from module import name` sets `path` too, and
/// its module may be this one: scipy's `_matfuncs_sqrtm_triu` imports from itself.
fn is_about_file(py: Python<'_>, error: &PyErr, path: &Path) -> bool {
    let value = error.value(py);
    error.get_type(py).is(py.get_type::<PyImportError>())
        && value
            .getattr("path")
            .and_then(|other| other.extract::<OsString>())
            .is_ok_and(|other| *other == *path.as_os_str())
        && !value
            .getattr("msg")
            .and_then(|text| text.extract::<String>())
            .is_ok_and(|text| text.starts_with("cannot import name "))
}

fn load_file<'py>(
    py: Python<'py>,
    session: &Session,
    entry: &Entry,
) -> core::result::Result<Bound<'py, PyAny>, Stage> {
    let interpreter = interpreter::get();
    let name = &entry.load_name;
    let modules = interpreter.machinery.modules.bind(py);
    let plain_name = PyString::new(py, name);
    let present = modules.get_item(&plain_name).map_err(Stage::Create)?;
    if let Some(module) = &present
        && is_file_of(module, &entry.real_path)
    {
        return Ok(module.clone());
    }
    // Python code that imports the plain name must go on getting what it got before: the standard
    // library's module, or the one that came first.
    let private = present.is_some() || interpreter::standard_names().all.contains(name);
    let (python_name, package) = if private {
        let package = private_package();
        let full_name = PyString::new(py, &format!("{package}.{name}"));
        (full_name, PyString::new(py, &package))
    } else {
        let package = name.rsplit_once('.').map_or("", |(package, _)| package);
        (plain_name.clone(), PyString::new(py, package))
    };

    let result = create_and_execute(
        py,
        interpreter,
        session,
        modules,
        (&python_name, &package),
        &entry.path,
    );
    // Single-phase modules register themselves under any name they like.
    let now = modules.get_item(&plain_name).ok().flatten();
    let changed = !same(present.as_ref(), now.as_ref());
    if (private || result.is_err()) && changed {
        let _ = match &present {
            Some(module) => modules.set_item(&plain_name, module),
            None => modules.del_item(&plain_name),
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
    session: &Session,
    modules: &Bound<'py, PyDict>,
    (name, package): (&Bound<'py, PyString>, &Bound<'py, PyString>),
    path: &Path,
) -> core::result::Result<Bound<'py, PyAny>, Stage> {
    let machinery = &interpreter.machinery;
    let create = || -> PyResult<Bound<'py, PyAny>> {
        let file = path;
        let path = path_to_python(py, path);
        let file_loader = machinery.extension_loader.bind(py).call1((name, &path))?;
        let spec = machinery.module_spec.bind(py).call1((name, &file_loader))?;
        let opened = encodable::path(file);
        let origin = match &opened {
            Cow::Borrowed(_) => path.clone(),
            Cow::Owned(other) => path_to_python(py, other),
        };
        spec.setattr(intern!(py, "origin"), origin)?;
        spec.setattr(intern!(py, "_set_fileattr"), true)?;
        let module = match session.allow_list() {
            Some(list) => verify::python::create(py, list, &spec, file)?,
            None => machinery
                .create_dynamic(&spec)
                .map_err(|error| exception::with_path(py, error, &opened, file, name.as_any()))?,
        };
        if matches!(opened, Cow::Owned(_)) {
            spec.setattr(intern!(py, "origin"), &path)?;
        }
        // What importlib's `_init_module_attrs` sets. An object that is not a module may refuse.
        let _ = module.setattr(intern!(py, "__loader__"), &file_loader);
        let _ = module.setattr(intern!(py, "__package__"), package);
        let _ = module.setattr(intern!(py, "__spec__"), &spec);
        let _ = module.setattr(intern!(py, "__file__"), &path);
        Ok(module)
    };
    let module = create().map_err(Stage::Create)?;
    let execute = || -> PyResult<Bound<'py, PyAny>> {
        modules.set_item(name, &module)?;
        machinery.exec_dynamic(&module)?;
        // A module may put another object in its place while it runs.
        Ok(modules.get_item(name)?.unwrap_or(module))
    };
    execute().map_err(|error| {
        let _ = modules.del_item(name);
        Stage::Execute(error)
    })
}

fn is_file_of(module: &Bound<'_, PyAny>, real_path: &Path) -> bool {
    module
        .getattr("__file__")
        .and_then(|file| file.extract::<OsString>())
        .is_ok_and(|file| nexus_abi::path::real(file).is_ok_and(|file| file == real_path))
}

/// A package that nothing else has: the last part of a module's name is what its init function is called after.
fn private_package() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!(
        "nexus_loader.private_{}",
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}
