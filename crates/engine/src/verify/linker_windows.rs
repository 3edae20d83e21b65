//! Windows' loader, for the libraries that a verified module needs.

use nexus_abi::platform::windows;
use std::path::Path;
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;

/// Whether the process has a library of that path or file name.
pub fn is_loaded(name: &Path) -> bool {
    let name = windows::wide(name);
    // SAFETY: a NUL-terminated name.
    !unsafe { GetModuleHandleW(name.as_ptr()) }.is_null()
}

/// Whether the file of that path is mapped, or one that lay there before.
pub fn is_file_mapped(real_path: &Path) -> bool {
    is_loaded(real_path)
}

/// Loads a library for as long as the process lives. Whoever needs one of its file name gets it.
pub fn load(path: &Path) -> Result<(), String> {
    // SAFETY: the code that runs is what the host put on its list.
    unsafe { windows::open(path) }
        .map(drop)
        .map_err(|error| error.to_string())
}
