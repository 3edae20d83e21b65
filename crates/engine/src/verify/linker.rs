//! The dynamic linker, for the libraries that a verified module needs.

use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Whether the process has a library of that path or soname.
pub fn is_loaded(name: &Path) -> bool {
    open(name, libc::RTLD_LAZY | libc::RTLD_NOLOAD).is_ok()
}

/// Whether the file of that path, with every link resolved, is mapped, or one that lay there before.
pub fn is_file_mapped(real_path: &Path) -> bool {
    let Ok(maps) = std::fs::read("/proc/self/maps") else {
        // Other systems, and where /proc is forbidden: what the linker says.
        return nexus_abi::platform::mapped_files().iter().any(|library| {
            library == real_path || nexus_abi::path::real(library).is_ok_and(|it| it == real_path)
        });
    };
    // A line's end in a name is the one character that the kernel escapes there (proc(5)).
    let wanted = real_path.as_os_str().as_bytes();
    let wanted: Vec<u8> = wanted
        .split(|byte| *byte == b'\n')
        .collect::<Vec<_>>()
        .join(&b"\\012"[..]);
    maps.split(|byte| *byte == b'\n').any(|line| {
        let Some(start) = line.iter().position(|byte| *byte == b'/') else {
            return false;
        };
        let path = &line[start..];
        path.strip_suffix(b" (deleted)").unwrap_or(path) == wanted
    })
}

/// Loads a library for as long as the process lives. Its symbols serve those who name it as needed, and
/// nobody else. Functions are bound when they are called, so that a library may take some from the module,
/// as it may when the linker loads both at once.
pub fn load(path: &Path) -> Result<(), String> {
    open(path, libc::RTLD_LAZY | libc::RTLD_LOCAL)
}

/// The handle is never given back: that is what keeps the library.
fn open(path: &Path, flags: libc::c_int) -> Result<(), String> {
    let path = CString::new(path.as_os_str().as_bytes()).map_err(|error| error.to_string())?;
    // SAFETY: a NUL-terminated path. The code that runs is what the host put on its list.
    let handle = unsafe { libc::dlopen(path.as_ptr(), flags) };
    if !handle.is_null() {
        return Ok(());
    }
    // SAFETY: NULL, or a text that lives until this thread's next call of the linker.
    let text = unsafe { libc::dlerror().as_ref() };
    let Some(text) = text else {
        return Err("the linker gave no reason".to_string());
    };
    // SAFETY: as above; it ends with NUL.
    let text = unsafe { CStr::from_ptr(text) };
    Err(text.to_string_lossy().into_owned())
}
