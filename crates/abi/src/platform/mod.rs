//! What front and engine ask the operating system of the libraries in a process.

pub mod dyld;
#[cfg(windows)]
pub mod windows;

use std::path::PathBuf;

/// The files of all libraries in the process, as the dynamic linker knows them: one that was opened by a relative path
/// has that, and the kernel's has no file. The program is not among them on Unix, nor are macOS's own libraries.
#[must_use]
pub fn mapped_files() -> Vec<PathBuf> {
    walk()
}

#[cfg(all(unix, not(target_vendor = "apple")))]
fn walk() -> Vec<PathBuf> {
    use core::ffi::{c_int, c_void};

    unsafe extern "C" fn add(
        info: *mut libc::dl_phdr_info,
        _size: usize,
        list: *mut c_void,
    ) -> c_int {
        // SAFETY: the linker's filled struct, and the list that is passed below.
        unsafe { (*list.cast::<Vec<PathBuf>>()).extend(path((*info).dlpi_name)) };
        0
    }

    let mut list: Vec<PathBuf> = Vec::new();
    // SAFETY: `add` is called during this call only, with this list, and does not unwind.
    unsafe { libc::dl_iterate_phdr(Some(add), (&raw mut list).cast()) };
    list
}

#[cfg(target_vendor = "apple")]
fn walk() -> Vec<PathBuf> {
    use core::ffi::{c_char, c_void};

    unsafe extern "C" {
        // mach-o/dyld.h
        fn _dyld_image_count() -> u32;
        fn _dyld_get_image_name(index: u32) -> *const c_char;
        fn _dyld_get_image_header(index: u32) -> *const c_void;
        // crt_externs.h
        fn _NSGetMachExecuteHeader() -> *const c_void;
    }

    // SAFETY: an index past the end gives NULL, which `path` passes over. A name lives as long as its image is mapped;
    // dyld(3) has no way to hold the list still, and a host that closes libraries while another thread of it starts
    // Python breaks what dlclose(3) demands of it.
    let mut files: Vec<PathBuf> = unsafe {
        (0.._dyld_image_count())
            .filter(|index| _dyld_get_image_header(*index) != _NSGetMachExecuteHeader())
            .filter_map(|index| path(_dyld_get_image_name(index)))
            .collect()
    };
    files.retain(|file| !dyld::is_of_system(file));
    files
}

#[cfg(windows)]
fn walk() -> Vec<PathBuf> {
    windows::modules()
        .into_iter()
        .filter_map(windows::file_of)
        .collect()
}

/// The path of a mapped file; `None` for NULL and for the program, whose name is empty.
///
/// # Safety
/// `name` is NULL or the linker's own string.
#[cfg(unix)]
unsafe fn path(name: *const core::ffi::c_char) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    if name.is_null() {
        return None;
    }
    // SAFETY: not NULL; the linker's strings are NUL-terminated.
    let name = unsafe { core::ffi::CStr::from_ptr(name) }.to_bytes();
    (!name.is_empty()).then(|| std::ffi::OsStr::from_bytes(name).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_c_library_is_mapped_and_the_program_is_not() {
        let files = mapped_files();
        let is_c_library = |file: &PathBuf| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("libc.") || name.starts_with("ld-musl-") || name == "ntdll.dll"
        };
        assert!(
            cfg!(target_vendor = "apple") || files.iter().any(is_c_library),
            "{files:?}"
        );
        assert!(
            cfg!(windows) || !files.contains(&std::env::current_exe().unwrap()),
            "{files:?}"
        );
    }
}
