//! Modules of verified files, and imports from verified directories.

use super::list::Sum;
use super::{AllowList, Verified, linker};
use crate::exception::{self, OrRaised as _};
use crate::interpreter;
use crate::log::log;
use crate::python::text::path_to_python;
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_WARNING;
use nexus_abi::{Failure, NexusStatus, Result};
use nexus_inspect::Detail;
use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyCFunction, PyDict, PyList, PyString, PyTuple};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// The directories whose files are verified, for as long as the process lives: their modules live as
/// long, and may import at any time.
static DIRECTORIES: Mutex<Vec<Arc<AllowList>>> = Mutex::new(Vec::new());

/// Where what is loaded was mapped from. The same file again must be the same library.
static LOADED: LazyLock<Mutex<HashMap<(PathBuf, Sum), PathBuf>>> = LazyLock::new(Mutex::default);

/// The attributes that a refusal's ImportError carries.
const STATUS: &str = "nexus_status";
const DETAIL: &str = "nexus_detail";

/// From now on every import of a file of that directory goes through its list: extension modules, `.py`
/// and `.pyc`. A later list for the same directory takes the place of the earlier.
///
/// Code that opens files by itself, such as ctypes or `runpy`, does not come this way.
pub fn watch(py: Python<'_>, list: Arc<AllowList>) -> Result<()> {
    {
        let mut directories = lock(&DIRECTORIES);
        directories.retain(|other| other.folder() != list.folder());
        directories.push(list);
    }
    install(py).or_raised(py)
}

/// Puts the one finder in front, unless it is among them.
fn install(py: Python<'_>) -> PyResult<()> {
    static FINDER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let finder = FINDER.get_or_try_init(py, || new_finder(py))?;
    let finders = py
        .import("sys")?
        .getattr("meta_path")?
        .cast_into::<PyList>()?;
    if !finders.iter().any(|other| other.is(finder)) {
        finders.insert(0, finder)?;
    }
    Ok(())
}

/// The list that decides about a file, if any: of nested directories, the innermost.
fn list_of(path: &Path) -> Option<Arc<AllowList>> {
    // Not under the lock: it asks the file system.
    let directories = lock(&DIRECTORIES).clone();
    directories
        .into_iter()
        .filter(|list| list.covers(path))
        .max_by_key(|list| list.folder().components().count())
}

/// `_imp.create_dynamic` for a file on the list: gives the module, which is not executed yet. `path` is
/// the file; `spec.origin` must be it, too. Loads the libraries of the directory that it needs first.
///
/// What the list refuses is an ImportError of which [`refusal`] tells the codes.
pub fn create<'py>(
    py: Python<'py>,
    list: &AllowList,
    spec: &Bound<'py, PyAny>,
    path: &Path,
) -> PyResult<Bound<'py, PyAny>> {
    let name = spec.getattr("name")?;
    let refuse = |failure: Box<Failure>| import_error(py, &failure, Some(&name), path);
    let identity = list.identity(path).map_err(refuse)?;
    let known = lock(&LOADED).get(&identity).cloned();
    let verified = match known {
        Some(_) => None,
        None => Some(py.detach(|| open(list, path)).map_err(refuse)?),
    };
    let mapped = match (&known, &verified) {
        (Some(mapped), _) => mapped.as_path(),
        (None, Some(verified)) => verified.path(),
        (None, None) => path,
    };

    let origin = spec.getattr("origin")?;
    spec.setattr("origin", path_to_python(py, mapped))?;
    let result = interpreter::get().machinery.create_dynamic(spec);
    spec.setattr("origin", &origin)?;
    if verified.is_some() && linker::is_loaded(mapped) {
        lock(&LOADED).insert(identity, mapped.to_path_buf());
    }
    match result {
        Ok(module) => {
            // Single-phase modules have got the copy's path. An object that is not a module may refuse.
            let _ = module.setattr("__file__", &origin);
            Ok(module)
        }
        Err(error) => Err(exception::with_path(py, error, mapped, path, &name)),
    }
}

/// Whether the module of a file may be given out: it was made by [`create`], from what this list says, or the
/// file was never opened, since another module has made it (mypyc's do). What was opened before may have been
/// another file then.
pub fn is_from_list(list: &AllowList, path: &Path) -> Result<bool> {
    let identity = list.identity(path)?;
    let known = lock(&LOADED).contains_key(&identity);
    Ok(known || !linker::is_file_mapped(&identity.0))
}

/// Without the GIL: reading takes time, and constructors may wait for other threads.
fn open(list: &AllowList, path: &Path) -> Result<Verified> {
    let verified = list.open(path)?;
    // Windows' loader would give the library that it has, though another file may lie there now.
    if cfg!(windows) && linker::is_loaded(verified.path()) {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_NOT_ALLOWED,
            "it was loaded earlier in this process, and not from bytes that were compared with the list",
        )
        .with_detail(Detail::NOT_VERIFIED.number())
        .at_path(path));
    }
    list.load_libraries(&verified, &interpreter::get().target)?;
    Ok(verified)
}

/// The status and the detail, if the exception comes of what a list refused. Packages like numpy raise
/// their own ImportError from it.
pub fn refusal(py: Python<'_>, error: &PyErr) -> Option<(NexusStatus, u32)> {
    /// Chains are short; a circle of them is possible.
    const MOST: usize = 32;
    let mut value = error.value(py).as_any().clone();
    for _ in 0..MOST {
        let number = |name: &str| value.getattr(name).ok()?.extract::<u32>().ok();
        if let (Some(status), Some(detail)) = (number(STATUS), number(DETAIL)) {
            return Some((NexusStatus::from_number(status)?, detail));
        }
        let next = |name: &str| value.getattr(name).ok().filter(|next| !next.is_none());
        value = next("__cause__").or_else(|| next("__context__"))?;
    }
    None
}

/// Logged as well: modules take an ImportError for "not installed" and go on without.
fn import_error(
    py: Python<'_>,
    failure: &Failure,
    name: Option<&Bound<'_, PyAny>>,
    path: &Path,
) -> PyErr {
    log(NEXUS_LOG_WARNING, || failure.message.clone());
    let error = PyImportError::new_err(failure.message.clone());
    let value = error.value(py);
    let _ = value.setattr("name", name);
    let _ = value.setattr("path", path_to_python(py, path));
    let _ = value.setattr(STATUS, failure.status as u32);
    let _ = value.setattr(DETAIL, failure.detail);
    error
}

fn new_finder(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let globals = PyDict::new(py);
    globals.set_item("__name__", "nexus_loader_verify")?;
    globals.set_item("__builtins__", py.import("builtins")?)?;
    globals.set_item(
        "covers",
        PyCFunction::new_closure(py, Some(c"covers"), None, |arguments, _| {
            let path: Option<PathBuf> = arguments.get_item(0)?.extract()?;
            Ok::<_, PyErr>(path.is_some_and(|path| list_of(&path).is_some()))
        })?,
    )?;
    globals.set_item(
        "read",
        PyCFunction::new_closure(py, Some(c"read"), None, |arguments, _| {
            let (list, path) = decide(&arguments.get_item(0)?)?;
            let py = arguments.py();
            let bytes = py
                .detach(|| list.open(&path)?.bytes())
                .map_err(|failure| import_error(py, &failure, None, &path))?;
            Ok::<_, PyErr>(PyBytes::new(py, &bytes).unbind())
        })?,
    )?;
    globals.set_item(
        "create",
        PyCFunction::new_closure(py, Some(c"create"), None, create_from_python)?,
    )?;
    globals.set_item(
        "refusal",
        PyCFunction::new_closure(py, Some(c"refusal"), None, |arguments, _| {
            let path: PathBuf = arguments.get_item(1)?.extract()?;
            let failure = unverifiable(&path, arguments.get_item(2)?.extract()?);
            let name = arguments.get_item(0)?;
            let error = import_error(arguments.py(), &failure, Some(&name), &path);
            Ok::<_, PyErr>(error.into_value(arguments.py()))
        })?,
    )?;
    let builtins = py.import("builtins")?;
    let source = PyString::new(py, include_str!("finder.py"));
    let code = builtins.call_method1("compile", (source, "<nexus_loader verify>", "exec"))?;
    builtins.call_method1("exec", (code, &globals))?;
    let finder = globals.get_item("Finder")?;
    Ok(finder
        .ok_or_else(|| PyImportError::new_err("finder.py defines no Finder"))?
        .unbind())
}

fn create_from_python(
    arguments: &Bound<'_, PyTuple>,
    _keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<Py<PyAny>> {
    let (list, path) = decide(&arguments.get_item(1)?)?;
    let spec = arguments.get_item(0)?;
    create(arguments.py(), &list, &spec, &path).map(Bound::unbind)
}

/// The list for a path that `covers` has said yes to.
fn decide(path: &Bound<'_, PyAny>) -> PyResult<(Arc<AllowList>, PathBuf)> {
    let py = path.py();
    let path: PathBuf = path.extract()?;
    let list = list_of(&path).ok_or_else(|| {
        let message = format!("{} has left its verified directory", path.display());
        import_error(py, &unverifiable(&path, message), None, &path)
    })?;
    Ok((list, path))
}

/// For what no list can decide about.
fn unverifiable(path: &Path, message: String) -> Box<Failure> {
    Failure::new(NexusStatus::NEXUS_ERR_NOT_ALLOWED, message)
        .with_detail(Detail::NOT_ON_ALLOW_LIST.number())
        .at_path(path)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while they are half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
