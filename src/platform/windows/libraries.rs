//! What is mapped in the process, and opening more.

use crate::platform::{Definition, Library};
use core::ffi::{CStr, c_void};
use nexus_abi::platform::windows::{file_of, module_at, modules};
use std::path::{Path, PathBuf};
use windows_sys::Win32::Foundation::{FreeLibrary, HMODULE};
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_PIN, GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, GetModuleHandleW,
    GetProcAddress,
};
use windows_sys::core::w;

/// Opens a library. Windows binds by library and name, so there is nothing global about it.
pub fn open_library(path: &Path, _global: bool) -> Result<Library, String> {
    // SAFETY: callers open a libpython or the engine.
    unsafe { nexus_abi::platform::windows::open(path) }
        .map(|module| Library(module.expose_provenance()))
        .map_err(|error| error.to_string())
}

fn handle(library: Library) -> HMODULE {
    core::ptr::with_exposed_provenance_mut(library.0)
}

/// The library of a definition, held as long as the process.
pub fn promote(definition: &Definition) -> Result<Library, String> {
    module_at(definition.address, GET_MODULE_HANDLE_EX_FLAG_PIN)
        .map(|module| Library(module.expose_provenance()))
        .ok_or_else(|| std::io::Error::last_os_error().to_string())
}

/// The same: here nothing is more or less visible.
pub fn hold(definition: &Definition) -> Result<Library, String> {
    promote(definition)
}

/// Gives a library back that turned out to be of no use.
pub fn close(library: Library) {
    // SAFETY: the handle came from `LoadLibraryExW`, and its user has kept no address of it.
    unsafe { FreeLibrary(handle(library)) };
}

/// The address of a symbol of that library.
pub fn symbol(library: Library, name: &CStr) -> Option<*const c_void> {
    // SAFETY: a module's handle and a NUL-terminated name.
    unsafe { GetProcAddress(handle(library), name.as_ptr().cast()) }
        .map(|address| address as *const c_void)
}

/// The file that is mapped at an address.
pub fn file_of_address(address: *const c_void) -> Option<PathBuf> {
    file_of(module_at(
        address,
        GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
    )?)
}

/// Every definition of a symbol in the process, each once: python3.dll forwards to python3XX.dll.
pub fn definitions(name: &CStr) -> Vec<Definition> {
    let mut found: Vec<Definition> = Vec::new();
    let program = std::env::current_exe().ok();
    for module in modules() {
        let Some(address) = symbol(Library(module.expose_provenance()), name) else {
            continue;
        };
        if found.iter().any(|known| known.address == address) {
            continue;
        }
        if let Some(file) = file_of_address(address) {
            let is_program = program.as_ref() == Some(&file);
            found.push(Definition {
                address,
                file,
                is_program,
            });
        }
    }
    found
}

/// Before the engine is opened for that Python: maps its python3.dll, which the engine needs. Windows takes what is
/// mapped under that name for it, and would find another one, or none, by itself.
pub fn prepare_engine(python: &Path) -> Result<(), String> {
    let forwarder = python.with_file_name("python3.dll");
    open_library(&forwarder, false).map_err(|why| {
        format!(
            "the engine reaches Python through {}, which cannot be opened: {why}; it comes with Python, copy the one \
             of the same version to that folder",
            forwarder.display()
        )
    })?;
    // Windows opens a second library of that name by its path; the engine gets the first.
    // SAFETY: a NUL-terminated name.
    let first = Library(unsafe { GetModuleHandleW(w!("python3.dll")) }.expose_provenance());
    let leads_to = symbol(first, c"Py_GetVersion").and_then(file_of_address);
    if !leads_to
        .as_deref()
        .is_some_and(|file| super::same_file(file, python))
    {
        return Err(format!(
            "{} does not lead to {}, but to {}: another python3.dll was opened before by this program",
            forwarder.display(),
            python.display(),
            leads_to.unwrap_or_default().display()
        ));
    }
    Ok(())
}
