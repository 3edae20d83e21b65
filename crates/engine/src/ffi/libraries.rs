//! The files of all libraries in the process.

use std::path::PathBuf;

/// Their paths, without those that are no files, such as the kernel's.
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
    use std::path::PathBuf;
    use windows_sys::Win32::Foundation::HMODULE;
    use windows_sys::Win32::System::ProcessStatus::K32EnumProcessModules;
    use windows_sys::Win32::System::Threading::GetCurrentProcess;

    pub fn loaded() -> Vec<PathBuf> {
        let mut modules: Vec<HMODULE> = vec![core::ptr::null_mut(); 4096];
        let mut needed = 0;
        // SAFETY: the buffer has that size; the handle is the process's own.
        let done = unsafe {
            let size = size_of_val(&modules[..]) as u32;
            let process = GetCurrentProcess();
            K32EnumProcessModules(process, modules.as_mut_ptr(), size, &raw mut needed)
        };
        if done == 0 {
            return Vec::new();
        }
        modules.truncate(needed as usize / size_of::<HMODULE>());
        let files = modules.into_iter();
        files.map(crate::ffi::python::file_of).collect()
    }
}
