//! Functions that every libpython from 3.11 on exports, though they are not in the limited API, or only since
//! 3.12 (PEP 590's). On Windows python3.dll, which the engine is linked with, has no others than the limited
//! API's of its version: there they are looked up in python3XX.dll.

#![allow(non_snake_case)]

use pyo3::ffi::PyObject;

macro_rules! functions {
    ($($(#[$doc:meta])* pub fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        #[cfg(not(windows))]
        unsafe extern "C" {
            $($(#[$doc])* pub fn $name($($argument: $type),*) $(-> $result)?;)*
        }

        #[cfg(windows)]
        mod place {
            use core::ffi::c_void;
            use core::sync::atomic::AtomicPtr;
            $(
                #[allow(non_upper_case_globals)]
                pub static $name: AtomicPtr<c_void> = AtomicPtr::new(core::ptr::null_mut());
            )*
        }

        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// As the C function; `init` has been called.
            #[cfg(windows)]
            #[inline(always)]
            pub unsafe fn $name($($argument: $type),*) $(-> $result)? {
                type Function = unsafe extern "C" fn($($type),*) $(-> $result)?;
                let address = place::$name.load(core::sync::atomic::Ordering::Relaxed);
                // SAFETY: `init` has stored the function of that name, which has this type; the rest is handed on
                // to the caller.
                unsafe {
                    core::mem::transmute::<*mut core::ffi::c_void, Function>(address)($($argument),*)
                }
            }
        )*

        /// Looks them up, before the first of them is called.
        pub fn init() -> nexus_abi::Result<()> {
            #[cfg(windows)]
            for (place, name) in [$((&place::$name, concat!(stringify!($name), "\0"))),*] {
                let name = core::ffi::CStr::from_bytes_with_nul(name.as_bytes()).unwrap_or_default();
                let address = super::library::symbol(name);
                if address.is_null() {
                    return Err(nexus_abi::Failure::new(
                        nexus_abi::NexusStatus::NEXUS_ERR_PYTHON_START,
                        format!(
                            "{} has no {}: it is no CPython",
                            super::library().display(),
                            name.to_string_lossy()
                        ),
                    ));
                }
                place.store(address, core::sync::atomic::Ordering::Relaxed);
            }
            Ok(())
        }
    };
}

functions! {
    /// PEP 590.
    pub fn PyObject_Vectorcall(
        callable: *mut PyObject,
        args: *const *mut PyObject,
        nargsf: usize,
        kwnames: *mut PyObject
    ) -> *mut PyObject;
    /// PEP 590.
    pub fn PyObject_VectorcallMethod(
        name: *mut PyObject,
        args: *const *mut PyObject,
        nargsf: usize,
        kwnames: *mut PyObject
    ) -> *mut PyObject;
    /// Frees the current thread state and the GIL with it.
    pub fn PyThreadState_DeleteCurrent();
}
