//! The files of all libraries in the process.

use std::path::PathBuf;

/// Their paths, without those that are not files, such as the kernel's.
pub fn loaded() -> Vec<PathBuf> {
    let mut list = system::loaded();
    list.retain(|path| path.is_absolute());
    list
}

#[cfg(all(unix, not(target_vendor = "apple")))]
mod system {
    use core::ffi::{CStr, c_int, c_void};
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::PathBuf;

    pub fn loaded() -> Vec<PathBuf> {
        unsafe extern "C" fn add(
            info: *mut libc::dl_phdr_info,
            _size: usize,
            list: *mut c_void,
        ) -> c_int {
            // SAFETY: the linker passes a filled struct, and the list that was given to it.
            unsafe {
                if !(*info).dlpi_name.is_null() {
                    let name = CStr::from_ptr((*info).dlpi_name).to_bytes();
                    (*list.cast::<Vec<PathBuf>>()).push(OsStr::from_bytes(name).into());
                }
            }
            0
        }
        let mut list: Vec<PathBuf> = Vec::new();
        // SAFETY: `add` is called during this call only, with this list.
        unsafe { libc::dl_iterate_phdr(Some(add), (&raw mut list).cast()) };
        list
    }
}

#[cfg(target_vendor = "apple")]
mod system {
    use core::ffi::{CStr, c_char};
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::PathBuf;

    unsafe extern "C" {
        // mach-o/dyld.h
        fn _dyld_image_count() -> u32;
        fn _dyld_get_image_name(index: u32) -> *const c_char;
    }

    pub fn loaded() -> Vec<PathBuf> {
        let mut list: Vec<PathBuf> = Vec::new();
        // SAFETY: an index past the end gives NULL; a name lives as long as its image is mapped.
        unsafe {
            for index in 0.._dyld_image_count() {
                let name = _dyld_get_image_name(index);
                if !name.is_null() {
                    list.push(OsStr::from_bytes(CStr::from_ptr(name).to_bytes()).into());
                }
            }
        }
        list
    }
}

#[cfg(windows)]
mod system {
    use nexus_abi::windows::{file_of, modules};
    use std::path::PathBuf;

    pub fn loaded() -> Vec<PathBuf> {
        modules().into_iter().filter_map(file_of).collect()
    }
}
