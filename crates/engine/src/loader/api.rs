//! The loader: the modules of a directory.

use crate::border::{self, give_without_gil};
use crate::gil;
use crate::handles::objects;
use crate::interpreter;
use crate::loader::Loader;
use crate::loader::names::Meaning;
use crate::loader::open::{self, Options};
use crate::loader::request::Request;
use crate::loader::session::{Callbacks, Policy};
use crate::loader::table::LOADERS;
use crate::log::log;
use core::ffi::c_char;
use nexus_abi::ffi::{Inputs, answer, guard_or};
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_WARNING;
use nexus_abi::lookup::Seen;
use nexus_abi::text::{python_list, python_repr};
use nexus_abi::{
    Failure, NEXUS_LOADER_CLEANUP_ON_FREE, NexusError, NexusLoader, NexusLoaderOptions, NexusNames,
    NexusObject, NexusState, NexusStatus, Result,
};
use nexus_inspect::Detail;
use pyo3::prelude::*;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Opens a directory and loads its binary modules (`.so`, on Windows `.pyd`): all, or the named ones.
/// One that fails does not hinder the others; `nexus_loader_report` tells of each. Starts Python if
/// nothing has. **Runs the code of the modules.**
///
/// `bin_path`: the directory, in the platform's bytes. `modules`: `module_count` names without suffix,
/// UTF-8; NULL for all. A name without a file becomes an entry of the report, not an error. `loader`
/// receives a handle that the caller frees with `nexus_loader_free`.
///
/// Returns `NEXUS_ERR_NOT_FOUND` ("Binary path does not exist: …"), `NEXUS_ERR_NOT_A_DIRECTORY`
/// ("Binary path is not a directory: …"), `NEXUS_ERR_NO_MODULES` ("No binary modules found in: …"),
/// `NEXUS_ERR_IO`, `NEXUS_ERR_INVALID_ARGUMENT`, or what `nexus_python_start` returns.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_loader_new(
    bin_path: *const c_char,
    modules: *const *const c_char,
    module_count: usize,
    loader: *mut *mut NexusLoader,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "loader", loader, |inputs| {
        let path = inputs.path("bin_path", bin_path)?;
        let request = request_in(inputs, "modules", modules, module_count)?;
        publish(path, Options::plain(request))
    })
}

/// Opens a directory with options; otherwise as `nexus_loader_new`.
///
/// `options`: NULL, or a struct that begins with its size. With `NEXUS_LOADER_LAZY` each module loads at
/// its first `nexus_loader_get`. Flags that this version does not know are
/// `NEXUS_ERR_INVALID_ARGUMENT`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_loader_open(
    bin_path: *const c_char,
    options: *const NexusLoaderOptions,
    loader: *mut *mut NexusLoader,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "loader", loader, |inputs| {
        let path = inputs.path("bin_path", bin_path)?;
        let options = match inputs.sized("options", options)? {
            None => Options::plain(None),
            Some(given) => {
                NexusLoaderOptions::check_flags(given.flags)?;
                let (modules, count) = (given.modules, given.module_count);
                let request = request_in(inputs, "options->modules", modules, count)?;
                let allow_list = (!given.allow_list.is_null())
                    .then(|| inputs.path("options->allow_list", given.allow_list))
                    .transpose()?
                    .map(Path::to_path_buf);
                let trial_limit = Duration::from_millis(given.trial_milliseconds.into());
                Options {
                    flags: given.flags,
                    request,
                    callbacks: Callbacks {
                        filter: given.filter,
                        progress: given.progress,
                        user_data: given.user_data as usize,
                    },
                    policy: Policy {
                        allow_list,
                        trial_limit,
                    },
                }
            }
        };
        publish(path, options)
    })
}

fn request_in(
    inputs: Inputs<'_>,
    argument: &str,
    names: *const *const c_char,
    count: usize,
) -> Result<Option<Request>> {
    if names.is_null() && count == 0 {
        return Ok(None);
    }
    let names = inputs.texts(argument, names, count)?;
    Request::new(&names).map(Some)
}

fn publish(path: &Path, options: Options) -> Result<*mut NexusLoader> {
    LOADERS.publish(Arc::new(open::open(path, options)?))
}

/// Gets a loaded module by its name; a lazy one is loaded now.
///
/// `name`: the dotted name, as `nexus_loader_list` has it, or its last part where only one module has it.
/// `module` receives a handle that the caller frees with `nexus_object_free`; it does not need the
/// loader any more.
///
/// Returns `NEXUS_ERR_NOT_LOADED` ("Module 'x' not loaded. Available modules: ['a', 'b']"; path, detail
/// and traceback of the error tell why, if the module failed), for a lazy module that fails now
/// `NEXUS_ERR_LOAD_FAILED`, `NEXUS_ERR_AMBIGUOUS` (the message lists the dotted names),
/// `NEXUS_ERR_BAD_HANDLE`, or `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL for a module that is loaded; runs
/// the code of a lazy one.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_loader_get(
    loader: *const NexusLoader,
    name: *const c_char,
    module: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "module", module, |inputs| {
        let bytes = inputs.bytes("name", name)?;
        let object = match LOADERS.find(loader as u64, bytes) {
            Some(Seen::Address(address)) => core::ptr::with_exposed_provenance_mut(address),
            _ => {
                let name = inputs.text("name", name)?;
                load_now(&*LOADERS.living(loader)?, name)?
            }
        };
        objects::publish_lent(object)
    })
}

#[cold]
pub fn load_now(loader: &Loader, name: &str) -> Result<*mut pyo3::ffi::PyObject> {
    let entry = loader.entry(name);
    if let Some(entry) = entry {
        let lazy = loader.session.lazy();
        if lazy && entry.outcome().is_none() {
            open::load_entry(&loader.session, entry);
        }
        // Also without LAZY: `Loaders::remove` ends the table of names before the loader, and this thread may have
        // come in between.
        if let Some(module) = entry.module() {
            loader.remember(entry, module);
            return Ok(module);
        }
        if let Some(failure) = entry.failed().filter(|_| lazy) {
            return Err(Box::new(failure.clone()));
        }
    }
    if let Some(Meaning::Several(indices)) = loader.names.get(name) {
        let choices = python_list(
            indices
                .iter()
                .map(|&index| loader.entries[index].name.as_str()),
        );
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_AMBIGUOUS,
            format!(
                "Module {} is ambiguous. Choose one of: {choices}",
                python_repr(name)
            ),
        )
        .with_detail(Detail::AMBIGUOUS_NAME.number())
        .in_module(name));
    }
    let mut failure = not_loaded(loader, name);
    if let Some(reason) = entry.and_then(|entry| entry.failure()) {
        failure = Box::new(Failure {
            status: failure.status,
            message: failure.message.clone(),
            ..reason.clone()
        });
    }
    failure.module = name.to_string();
    Err(failure)
}

/// The failure for a name that means no module which is loaded.
pub fn not_loaded(loader: &Loader, name: &str) -> Box<Failure> {
    let available = python_list(loader.available().map(|entry| entry.name.as_str()));
    let quoted = python_repr(name);
    Failure::new(
        NexusStatus::NEXUS_ERR_NOT_LOADED,
        format!("Module {quoted} not loaded. Available modules: {available}"),
    )
}

/// The names of the modules that can be got, in load order: the loaded ones, and with
/// `NEXUS_LOADER_LAZY` those that have not been tried.
///
/// `names` receives a list that the caller frees with `nexus_names_free`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_loader_list(
    loader: *const NexusLoader,
    names: *mut *mut NexusNames,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "names", names, |_| {
        let loader = LOADERS.living(loader)?;
        border::names(loader.available().map(|entry| entry.name.as_str()))
    })
}

/// Whether `nexus_loader_get` would give a module for that name, as far as is known; false for a bad handle
/// or NULL. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_loader_contains(loader: *const NexusLoader, name: *const c_char) -> bool {
    answer(false, |inputs| {
        let Ok(bytes) = inputs.bytes("name", name) else {
            return false;
        };
        match LOADERS.find(loader as u64, bytes) {
            None | Some(Seen::Nothing) => false,
            Some(Seen::Address(_)) => true,
            Some(Seen::Unknown) => can_be_got(loader, bytes),
        }
    })
}

#[cold]
fn can_be_got(loader: *const NexusLoader, name: &[u8]) -> bool {
    let (Some(loader), Ok(name)) = (LOADERS.get(loader as u64), core::str::from_utf8(name)) else {
        return false;
    };
    loader.entry(name).is_some_and(|entry| {
        entry.module().is_some() || entry.state() == NexusState::NEXUS_STATE_LAZY
    })
}

/// How many names `nexus_loader_list` has; 0 for a bad handle. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_loader_count(loader: *const NexusLoader) -> usize {
    guard_or(0, || {
        LOADERS
            .get(loader as u64)
            .map_or(0, |loader| loader.available().count())
    })
}

/// The directory, as it was given. Valid until the loader is freed; NULL for a bad handle. Needs no
/// GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_loader_bin_path(loader: *const NexusLoader) -> *const c_char {
    guard_or(core::ptr::null(), || {
        LOADERS
            .get(loader as u64)
            .map_or(core::ptr::null(), |loader| loader.bin_path.as_ptr())
    })
}

/// The names that were asked for. `names` receives a list that the caller frees with
/// `nexus_names_free`, or NULL with `NEXUS_OK` when all modules were asked for.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_loader_requested(
    loader: *const NexusLoader,
    names: *mut *mut NexusNames,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "names", names, |_| {
        match &LOADERS.living(loader)?.requested {
            Some(requested) => border::names(requested.iter().map(String::as_str)),
            None => Ok(core::ptr::null_mut()),
        }
    })
}

/// A line for people: `NexusLoader(bin_path='/opt/app/modules', loaded=5 modules)`. UTF-8, valid until
/// the loader is freed; NULL for a bad handle. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_loader_describe(loader: *const NexusLoader) -> *const c_char {
    guard_or(core::ptr::null(), || {
        LOADERS
            .get(loader as u64)
            .map_or(core::ptr::null(), |loader| loader.describe())
    })
}

/// Frees a loader and the strings that came from it; with `NEXUS_LOADER_CLEANUP_ON_FREE` calls
/// `cleanup()` of each of its modules that has one, and logs what that raises. The modules stay loaded,
/// and handles to them valid. NULL, or a loader that is freed already, does nothing. Flushes Python's
/// output. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_loader_free(loader: *mut NexusLoader) {
    guard_or((), || {
        if let Some(loader) = LOADERS.remove(loader as u64) {
            if loader.session.has(NEXUS_LOADER_CLEANUP_ON_FREE) {
                clean_up(&loader);
            }
            interpreter::flush_output();
        }
    });
}

fn clean_up(loader: &Loader) {
    let _ = gil::with(|py| {
        for entry in &loader.entries {
            let Some(module) = entry.module() else {
                continue;
            };
            // SAFETY: modules live as long as the process.
            let module = unsafe { Bound::from_borrowed_ptr(py, module) };
            let called = match module.getattr_opt("cleanup") {
                Ok(Some(cleanup)) => cleanup.call0().map(drop),
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = called {
                let failure = crate::exception::failure(py, &error);
                log(NEXUS_LOG_WARNING, || {
                    format!(
                        "cleanup() of module {}: {}: {}",
                        entry.name, failure.exception, failure.message
                    )
                });
            }
        }
        Ok(())
    });
}
