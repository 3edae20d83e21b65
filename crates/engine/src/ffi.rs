//! The pointer plumbing of the engine: what neither `nexus_abi::ffi` nor PyO3 has.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::mem::MaybeUninit;
use nexus_abi::NexusText;
use pyo3::ffi::{PyObject, PyThreadState};
use pyo3::prelude::*;

// Exported by every libpython from 3.11 on, though the limited API names some of them only later.
unsafe extern "C" {
    /// PEP 590; in the limited API since 3.12.
    pub fn PyObject_Vectorcall(
        callable: *mut PyObject,
        args: *const *mut PyObject,
        nargsf: usize,
        kwnames: *mut PyObject,
    ) -> *mut PyObject;
    /// PEP 590; in the limited API since 3.12.
    pub fn PyObject_VectorcallMethod(
        name: *mut PyObject,
        args: *const *mut PyObject,
        nargsf: usize,
        kwnames: *mut PyObject,
    ) -> *mut PyObject;
    /// Frees the current thread state and the GIL with it.
    pub fn PyThreadState_DeleteCurrent();
}

/// Added to the argument count: the slot before the arguments may be used by the callee (PEP 590).
pub const ARGUMENTS_OFFSET: usize = 1 << (usize::BITS - 1);

/// A function of no arguments that returns the thread state.
pub type CurrentThreadState = unsafe extern "C" fn() -> *mut PyThreadState;
/// A function of no arguments that returns a truth value.
pub type Predicate = unsafe extern "C" fn() -> c_int;

/// A function of libpython under the first of its names that this version has. Its names differ
/// between versions, so it cannot be bound by the linker.
///
/// # Safety
/// `F` is the type of the functions of these names.
pub unsafe fn python_function<F: Copy>(names: &[&CStr]) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
    names.iter().find_map(|name| {
        let address = global_symbol(name);
        // SAFETY: of the size of a pointer; the caller vouches for the type.
        (!address.is_null()).then(|| unsafe { core::mem::transmute_copy(&address) })
    })
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

/// The exception that is pending on a thread, set aside.
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

    /// Makes it pending again, in place of any other. The caller holds the GIL.
    pub fn put_back(&mut self) {
        let [kind, value, traceback] = core::mem::replace(&mut self.0, [core::ptr::null_mut(); 3]);
        // SAFETY: the references that `take` got are given back, once.
        unsafe { pyo3::ffi::PyErr_Restore(kind, value, traceback) };
    }
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

#[cfg(unix)]
fn global_symbol(name: &CStr) -> *mut c_void {
    // SAFETY: a NUL-terminated name. The front opened libpython globally.
    unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) }
}

#[cfg(not(unix))]
fn global_symbol(_name: &CStr) -> *mut c_void {
    core::ptr::null_mut()
}

/// Bytes as C sees them, for as long as they live.
pub fn text(bytes: &[u8]) -> NexusText {
    NexusText {
        data: bytes.as_ptr().cast::<c_char>(),
        size: bytes.len(),
    }
}

/// Most calls have few arguments: so many, with the callable or `self`, need no heap.
const ON_STACK: usize = 10;

/// The arguments of a call, on the stack if they are few; with one free slot in front, as vectorcall
/// likes it.
pub struct Arguments {
    stack: [MaybeUninit<*mut PyObject>; ON_STACK],
    heap: Vec<*mut PyObject>,
    owned: usize,
}

impl Arguments {
    /// Room for `count` arguments.
    #[inline]
    pub fn with_capacity(count: usize) -> Self {
        let heap = if count + 1 > ON_STACK {
            vec![core::ptr::null_mut(); count + 1]
        } else {
            Vec::new()
        };
        Self {
            stack: [MaybeUninit::uninit(); ON_STACK],
            heap,
            owned: 0,
        }
    }

    #[inline]
    fn base(&mut self) -> *mut *mut PyObject {
        if self.heap.is_empty() {
            self.stack.as_mut_ptr().cast()
        } else {
            self.heap.as_mut_ptr()
        }
    }

    /// Adds an argument, taking over its reference. No more than the capacity.
    #[inline]
    pub fn push(&mut self, object: *mut PyObject) {
        let index = self.owned + 1;
        debug_assert!(index < ON_STACK.max(self.heap.len()));
        // SAFETY: `with_capacity` made room for this many.
        unsafe { self.base().add(index).write(object) };
        self.owned = index;
    }

    /// The first argument; the slot before it may be written to.
    #[inline]
    pub fn as_ptr(&mut self) -> *const *mut PyObject {
        // SAFETY: slot 0 is always there.
        unsafe { self.base().add(1).cast_const() }
    }
}

impl Drop for Arguments {
    #[inline]
    fn drop(&mut self) {
        for index in 1..=self.owned {
            // SAFETY: `push` filled these slots, each with a reference of its own; arguments are made
            // and dropped with the GIL held.
            unsafe { pyo3::ffi::Py_DECREF(self.base().add(index).read()) };
        }
    }
}

/// The text of an exact or derived `str`, without copying: valid as long as the object. `None` with a
/// Python error set if it holds lone surrogates, which UTF-8 cannot hold.
#[inline]
pub fn utf8_of<'a>(string: *mut PyObject) -> Option<&'a [u8]> {
    let mut size = 0;
    // SAFETY: the caller holds the GIL and passes a `str`; the buffer belongs to it.
    unsafe {
        let data = pyo3::ffi::PyUnicode_AsUTF8AndSize(string, &raw mut size);
        (!data.is_null()).then(|| core::slice::from_raw_parts(data.cast::<u8>(), size as usize))
    }
}

/// An owned reference as the pointer that goes into the object table.
pub fn into_pointer(object: Bound<'_, PyAny>) -> *mut PyObject {
    object.into_ptr()
}

/// The files of all libraries in the process.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub fn loaded_libraries() -> Vec<std::path::PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    unsafe extern "C" fn add(
        info: *mut libc::dl_phdr_info,
        _size: usize,
        list: *mut c_void,
    ) -> c_int {
        // SAFETY: the linker passes a filled struct, and the list that was given to it.
        unsafe {
            if !(*info).dlpi_name.is_null() {
                let name = CStr::from_ptr((*info).dlpi_name).to_bytes();
                (*list.cast::<Vec<std::path::PathBuf>>())
                    .push(std::ffi::OsStr::from_bytes(name).into());
            }
        }
        0
    }
    let mut list: Vec<std::path::PathBuf> = Vec::new();
    // SAFETY: `add` is called during this call only, with this list.
    unsafe { libc::dl_iterate_phdr(Some(add), (&raw mut list).cast()) };
    list.retain(|path| path.is_absolute());
    list
}

/// Not asked elsewhere: the linkers there are not searched for.
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
pub fn loaded_libraries() -> Vec<std::path::PathBuf> {
    Vec::new()
}
