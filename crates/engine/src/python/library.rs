//! The library that has the interpreter: its path, and functions that are looked up by name.

pub use system::{library, symbol};

#[cfg(unix)]
mod system {
    use core::ffi::{CStr, c_void};
    use std::os::unix::ffi::OsStrExt;
    use std::path::{Path, PathBuf};

    /// The file that has the interpreter: a libpython, or the program.
    pub fn library() -> PathBuf {
        let mut info = core::mem::MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: `dladdr` takes any address and fills the struct when it returns other than 0; its name is the
        // linker's own string, or NULL.
        let name = unsafe {
            let address = pyo3::ffi::Py_GetVersion as *const c_void;
            if libc::dladdr(address, info.as_mut_ptr()) == 0 || (*info.as_ptr()).dli_fname.is_null()
            {
                return PathBuf::new();
            }
            CStr::from_ptr((*info.as_ptr()).dli_fname)
        };
        let file = Path::new(std::ffi::OsStr::from_bytes(name.to_bytes()));
        // The program's is its argv[0], which need not be a path.
        if file.is_absolute() {
            file.to_path_buf()
        } else {
            std::env::current_exe().unwrap_or_default()
        }
    }

    /// The address of what libpython exports, or NULL.
    pub fn symbol(name: &CStr) -> *mut c_void {
        // SAFETY: a NUL-terminated name. The front opened libpython globally.
        unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) }
    }
}

#[cfg(windows)]
mod system {
    use core::ffi::{CStr, c_void};
    use nexus_abi::platform::windows::{file_of, module_at};
    use std::path::PathBuf;
    use std::sync::OnceLock;
    use windows_sys::Win32::Foundation::HMODULE;
    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, GetModuleHandleW, GetProcAddress,
    };
    use windows_sys::core::w;

    /// python3XX.dll, to which the python3.dll that this library imports forwards.
    fn module() -> HMODULE {
        static MODULE: OnceLock<usize> = OnceLock::new();
        let find = || {
            // SAFETY: a mapped library, as this one needs it, and a NUL-terminated name.
            let address = unsafe {
                let forwarder = GetModuleHandleW(w!("python3.dll"));
                GetProcAddress(forwarder, c"Py_GetVersion".as_ptr().cast())?
            };
            let flags = GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
            Some(module_at(address as *const c_void, flags)?.addr())
        };
        core::ptr::without_provenance_mut(*MODULE.get_or_init(|| find().unwrap_or(0)))
    }

    /// The file that has the interpreter.
    pub fn library() -> PathBuf {
        file_of(module()).unwrap_or_default()
    }

    /// The address of what python3XX.dll exports, or NULL.
    pub fn symbol(name: &CStr) -> *mut c_void {
        let module = module();
        if module.is_null() {
            return core::ptr::null_mut();
        }
        // SAFETY: a mapped library and a NUL-terminated name.
        unsafe { GetProcAddress(module, name.as_ptr().cast()) }
            .map_or(core::ptr::null_mut(), |address| address as *mut c_void)
    }
}
