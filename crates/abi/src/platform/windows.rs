//! What front and engine ask Windows of the libraries in a process.

use core::ffi::c_void;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use windows_sys::Win32::Foundation::HMODULE;
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GetModuleFileNameW, GetModuleHandleExW,
    LOAD_LIBRARY_SEARCH_DEFAULT_DIRS, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR, LoadLibraryExW,
};
use windows_sys::Win32::System::ProcessStatus::K32EnumProcessModules;
use windows_sys::Win32::System::Threading::GetCurrentProcess;

/// The longest path of Windows, in UTF-16 units.
const LONGEST: u32 = 32_768;

/// A text as Windows takes it: UTF-16, NUL-terminated.
pub fn wide(text: impl AsRef<OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().chain([0]).collect()
}

/// The path that `fill` writes into a buffer of that many units, whose length it returns; `None`: 0, or it did not fit.
pub fn path_from(fill: impl FnOnce(*mut u16, u32) -> u32) -> Option<PathBuf> {
    let mut buffer = vec![0_u16; LONGEST as usize];
    let length = fill(buffer.as_mut_ptr(), LONGEST) as usize;
    let text = buffer.get(..length).filter(|text| !text.is_empty())?;
    Some(PathBuf::from(OsString::from_wide(text)))
}

/// Opens a library for as long as the process lives. Its own folder is searched for what it needs, as python3XX.dll
/// needs vcruntime140.dll.
///
/// # Safety
/// Its code runs: it must be sound.
pub unsafe fn open(path: &Path) -> io::Result<HMODULE> {
    // With these flags a path must be absolute, and have backslashes.
    let name = wide(std::path::absolute(path)?);
    // SAFETY: a NUL-terminated absolute path; the rest is handed on to the caller.
    let module = unsafe {
        LoadLibraryExW(
            name.as_ptr(),
            core::ptr::null_mut(),
            LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS,
        )
    };
    if module.is_null() {
        return Err(io::Error::last_os_error());
    }
    Ok(module)
}

/// The library that is mapped at an address. `flags`: `GET_MODULE_HANDLE_EX_FLAG_…`, whether it is held.
pub fn module_at(address: *const c_void, flags: u32) -> Option<HMODULE> {
    let mut module = core::ptr::null_mut();
    // SAFETY: with that flag the name is any address; the output is ours.
    let found = unsafe {
        GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | flags,
            address.cast(),
            &raw mut module,
        )
    };
    (found != 0).then_some(module)
}

/// The file of a mapped library.
pub fn file_of(module: HMODULE) -> Option<PathBuf> {
    // SAFETY: the buffer has that size; what is not a library has no file.
    path_from(|name, size| unsafe { GetModuleFileNameW(module, name, size) })
}

/// All libraries in the process, the program among them.
pub fn modules() -> Vec<HMODULE> {
    let mut modules: Vec<HMODULE> = vec![core::ptr::null_mut(); 1024];
    loop {
        let size = size_of_val(&modules[..]) as u32;
        let mut needed = 0;
        // SAFETY: the buffer has that size; the handle is the process's own.
        let done = unsafe {
            K32EnumProcessModules(
                GetCurrentProcess(),
                modules.as_mut_ptr(),
                size,
                &raw mut needed,
            )
        };
        if done == 0 {
            return Vec::new();
        }
        let count = needed as usize / size_of::<HMODULE>();
        if count <= modules.len() {
            modules.truncate(count);
            return modules;
        }
        // Some more, in case that another thread opens libraries meanwhile.
        modules.resize(count + 64, core::ptr::null_mut());
    }
}
