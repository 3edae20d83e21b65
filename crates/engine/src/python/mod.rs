//! What CPython has and PyO3 has not: functions beyond the limited API, and places that are read without a call.

mod beyond_limited;
pub mod current;
pub mod integers;
mod library;
pub mod refcount;
mod set_once;
pub mod text;

pub use beyond_limited::{
    PyObject_Vectorcall, PyObject_VectorcallMethod, PyThreadState_DeleteCurrent,
    init as find_functions,
};
pub use current::is_raising_in;
pub use library::library;
pub use set_once::SetOnce;

use core::ffi::{CStr, c_int, c_void};
use nexus_abi::supported::is_tested;
use pyo3::ffi::{PyObject, PyThreadState};
use pyo3::prelude::*;
use pyo3::types::PyDict;

// Exported by every libpython from 3.11 on.
unsafe extern "C" {
    /// The number by which Python knows a thread.
    fn PyThread_get_thread_ident() -> core::ffi::c_ulong;
    /// Has an exception raised in another thread, or takes it back.
    fn PyThreadState_SetAsyncExc(thread: core::ffi::c_ulong, exception: *mut PyObject) -> c_int;
}

/// Added to the argument count: the slot before the arguments may be used by the callee (PEP 590).
pub const ARGUMENTS_OFFSET: usize = 1 << (usize::BITS - 1);

/// A function of no arguments that returns the thread state.
pub type CurrentThreadState = unsafe extern "C" fn() -> *mut PyThreadState;

/// A function of libpython under the first of its names that this version has. Its names differ
/// between versions, so it cannot be bound by the linker.
///
/// # Safety
/// `F` is the type of the functions of these names.
pub unsafe fn python_function<F: Copy>(names: &[&CStr]) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
    names.iter().find_map(|name| {
        let address = library::symbol(name);
        // SAFETY: of the size of a pointer; the caller vouches for the type.
        (!address.is_null()).then(|| unsafe { core::mem::transmute_copy(&address) })
    })
}

/// Has a function called when Python ends. The caller holds the GIL.
pub fn at_exit(py: Python<'_>, function: fn()) -> PyResult<()> {
    use pyo3::ffi as api;
    static FUNCTION: std::sync::OnceLock<fn()> = std::sync::OnceLock::new();
    unsafe extern "C" fn call(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
        if let Some(function) = FUNCTION.get() {
            function();
        }
        // SAFETY: Python calls this with the GIL held.
        unsafe { api::Py_NewRef(api::Py_None()) }
    }
    let _ = FUNCTION.set(function);
    // A function refers to its definition for as long as it lives.
    let definition = Box::leak(Box::new(api::PyMethodDef {
        ml_name: c"nexus_loader".as_ptr(),
        ml_meth: api::PyMethodDefPointer { PyCFunction: call },
        ml_flags: api::METH_NOARGS,
        ml_doc: core::ptr::null(),
    }));
    // SAFETY: a definition that lives for ever; a new reference, or NULL with an exception set.
    let function = unsafe {
        let function =
            api::PyCFunction_NewEx(definition, core::ptr::null_mut(), core::ptr::null_mut());
        Bound::from_owned_ptr_or_err(py, function)?
    };
    py.import("atexit")?
        .call_method1("register", (function,))
        .map(drop)
}

/// A number that tells this thread from all others that live, read without a call; 0 where there is none.
#[inline(always)]
pub fn thread_pointer() -> usize {
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    {
        let pointer: usize;
        // SAFETY: the first word of a thread's own block is its address (ELF handling of thread-local
        // storage, x86-64).
        unsafe {
            core::arch::asm!("mov {}, qword ptr fs:[0]", out(reg) pointer,
                options(nostack, preserves_flags, readonly));
        }
        pointer
    }
    #[cfg(all(target_arch = "aarch64", target_os = "linux"))]
    {
        let pointer: usize;
        // SAFETY: reads a register that the kernel keeps for each thread.
        unsafe {
            core::arch::asm!("mrs {}, tpidr_el0", out(reg) pointer,
                options(nostack, preserves_flags, nomem));
        }
        pointer
    }
    #[cfg(all(target_arch = "x86_64", windows))]
    {
        let pointer: usize;
        // SAFETY: a thread's block holds its own address there (NtTib.Self, winnt.h).
        unsafe {
            core::arch::asm!("mov {}, qword ptr gs:[0x30]", out(reg) pointer,
                options(nostack, preserves_flags, readonly));
        }
        pointer
    }
    #[cfg(not(any(
        all(
            any(target_arch = "x86_64", target_arch = "aarch64"),
            target_os = "linux"
        ),
        all(target_arch = "x86_64", windows)
    )))]
    {
        0
    }
}

/// Python's number for this thread.
pub fn thread_id() -> u64 {
    // SAFETY: callable from any thread at any time.
    unsafe { PyThread_get_thread_ident() as u64 }
}

/// Has an exception of that type raised in a thread, or NULL: takes it back. The caller holds the GIL.
pub fn raise_in_thread(thread: u64, exception: *mut PyObject) {
    // SAFETY: the GIL is held; a type, of which Python takes a reference, or NULL.
    unsafe { PyThreadState_SetAsyncExc(thread as core::ffi::c_ulong, exception) };
}

/// The 12 of 3.12, of the Python that runs.
pub fn python_minor_version() -> u32 {
    // SAFETY: callable at any time; a static NUL-terminated text, such as `3.12.1 (main, …`.
    let text = unsafe { CStr::from_ptr(pyo3::ffi::Py_GetVersion()) }.to_bytes();
    text.split(|byte| !byte.is_ascii_digit())
        .nth(1)
        .and_then(|minor| core::str::from_utf8(minor).ok()?.parse().ok())
        .unwrap_or(0)
}

/// What `probe` finds out about the private layout of the Python 3.`minor` that runs. `None`, and nothing is tried, on a
/// release on which that was never run, since no Python promises such a layout: its own functions do the work there.
pub fn probed<R>(minor: u32, probe: impl FnOnce() -> R) -> Option<R> {
    u8::try_from(minor).is_ok_and(is_tested).then(probe)
}

/// The exception that is pending on a thread, or none, set aside as long as this lives. Then it is pending again,
/// in place of any other.
pub struct Pending([*mut PyObject; 3]);

impl Pending {
    /// Takes it; the thread, which holds the GIL, has none afterwards.
    pub fn take() -> Self {
        let mut parts = [core::ptr::null_mut(); 3];
        let [kind, value, traceback] = &mut parts;
        // SAFETY: three places to write to; the caller holds the GIL.
        unsafe { pyo3::ffi::PyErr_Fetch(kind, value, traceback) };
        Self(parts)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let [kind, value, traceback] = self.0;
        // SAFETY: the references that `take` got are given back, once, on the same thread, with the GIL held.
        unsafe { pyo3::ffi::PyErr_Restore(kind, value, traceback) };
    }
}

/// Whether an exception is pending. The caller holds the GIL.
#[inline(always)]
pub fn is_raising() -> bool {
    // SAFETY: the GIL is held. Only reads.
    unsafe { !pyo3::ffi::PyErr_Occurred().is_null() }
}

/// `sys.getrecursionlimit()`; the caller holds the GIL.
pub fn recursion_limit() -> i32 {
    // SAFETY: the GIL is held.
    unsafe { pyo3::ffi::Py_GetRecursionLimit() }
}

/// `sys.setrecursionlimit()`; the caller holds the GIL.
pub fn set_recursion_limit(limit: i32) {
    // SAFETY: the GIL is held.
    unsafe { pyo3::ffi::Py_SetRecursionLimit(limit) };
}

/// A dictionary of the interpreter's, out of the reach of Python code.
pub fn interpreter_dict(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    // SAFETY: the GIL is held; a borrowed reference, or NULL without an exception.
    let dict = unsafe {
        let dict = pyo3::ffi::PyInterpreterState_GetDict(pyo3::ffi::PyInterpreterState_Get());
        Bound::from_borrowed_ptr_or_opt(py, dict)
    };
    match dict {
        Some(dict) => Ok(dict.cast_into::<PyDict>()?),
        None => Err(pyo3::exceptions::PyMemoryError::new_err(())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_abi::supported::TESTED;

    #[test]
    fn no_other_release_is_probed() {
        for minor in [0, 10, 16, 17, 99, 256 + 12] {
            assert!(probed(minor, || unreachable!("3.{minor} was probed")).is_none());
        }
        for minor in TESTED.map(u32::from) {
            assert_eq!(probed(minor, || minor), Some(minor));
        }
    }
}
