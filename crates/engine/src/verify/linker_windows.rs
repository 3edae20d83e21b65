//! Windows' loader, for the libraries that a verified module needs.

use std::os::windows::ffi::OsStrExt;
use std::path::Path;
use windows_sys::Win32::System::LibraryLoader::{
    GetModuleHandleW, LOAD_LIBRARY_SEARCH_DEFAULT_DIRS, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR,
    LoadLibraryExW,
};

fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}

/// Whether the process has a library of that path or file name.
pub fn is_loaded(name: &Path) -> bool {
    let name = wide(name);
    // SAFETY: a NUL-terminated name.
    !unsafe { GetModuleHandleW(name.as_ptr()) }.is_null()
}

/// Whether the file of that path is mapped, or one that lay there before.
pub fn is_file_mapped(real_path: &Path) -> bool {
    is_loaded(real_path)
}

/// Loads a library for as long as the process lives. Whoever needs one of its file name gets it.
pub fn load(path: &Path) -> Result<(), String> {
    let name = wide(path);
    // SAFETY: a NUL-terminated absolute path. The code that runs is what the host put on its list.
    let handle = unsafe {
        LoadLibraryExW(
            name.as_ptr(),
            core::ptr::null_mut(),
            LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS,
        )
    };
    if handle.is_null() {
        return Err(std::io::Error::last_os_error().to_string());
    }
    Ok(())
}
