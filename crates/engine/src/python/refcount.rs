//! Counting references without a call.
//!
//! Under the stable ABI of 3.11 `Py_INCREF` and `Py_DECREF` are not functions: an extension adds to the
//! first word of an object itself, and CPython keeps that word in its place for such extensions. Since
//! 3.12 an object whose count is negative as 32 bits lives for ever, and is left alone (PEP 683). Only the
//! lower half is written here: that fits 3.11 and 3.12, whose counts have 64 bits and never get so high,
//! as well as 3.14, whose upper half is something else.
//!
//! None of this is promised for later versions, so it is tried at the start, and only on releases on which it was run
//! before; where it does not hold, Python's own functions count.

use core::sync::atomic::{AtomicBool, Ordering};
use pyo3::ffi::PyObject;

/// Whether Python's counts are where they are expected.
static AS_EXPECTED: AtomicBool = AtomicBool::new(false);

/// Tries it. The caller holds the GIL.
pub fn init() {
    let found = super::probed(super::python_minor_version(), is_as_expected);
    AS_EXPECTED.store(found == Some(true), Ordering::Relaxed);
}

#[cfg(all(target_pointer_width = "64", target_endian = "little"))]
fn is_as_expected() -> bool {
    // SAFETY: the GIL is held; a new object of our own, which no other reference leads to.
    unsafe {
        let object = pyo3::ffi::PyList_New(0);
        if object.is_null() {
            pyo3::ffi::PyErr_Clear();
            return false;
        }
        let first = word(object).read();
        pyo3::ffi::Py_IncRef(object);
        let second = word(object).read();
        word(object).write(second - 1);
        let back = pyo3::ffi::Py_REFCNT(object);
        let last = word(object).read();
        pyo3::ffi::Py_DecRef(object);
        let immortal = word(pyo3::ffi::Py_None()).read().cast_signed() < 0;
        first == 1
            && (second, back, last) == (2, 1, 1)
            && (immortal || super::python_minor_version() < 12)
    }
}

#[cfg(not(all(target_pointer_width = "64", target_endian = "little")))]
fn is_as_expected() -> bool {
    false
}

#[inline(always)]
fn word(object: *mut PyObject) -> *mut u32 {
    object.cast()
}

/// Takes a reference.
///
/// # Safety
/// A living object; the GIL is held.
#[inline(always)]
pub unsafe fn take(object: *mut PyObject) {
    // SAFETY: `AS_EXPECTED`: the count is the first word; the caller vouches for the rest.
    unsafe {
        if AS_EXPECTED.load(Ordering::Relaxed) {
            let count = word(object).read();
            if count.cast_signed() >= 0 {
                word(object).write(count + 1);
            }
        } else {
            pyo3::ffi::Py_IncRef(object);
        }
    }
}

/// Gives a reference up; the last one frees the object, which may run Python code.
///
/// # Safety
/// A reference of the caller's; the GIL is held.
#[inline(always)]
pub unsafe fn give_up(object: *mut PyObject) {
    // SAFETY: as above. The last reference is Python's to give up.
    unsafe {
        if AS_EXPECTED.load(Ordering::Relaxed) {
            let count = word(object).read();
            if count.cast_signed() < 0 {
                return;
            }
            if count != 1 {
                word(object).write(count - 1);
                return;
            }
        }
        last(object);
    }
}

#[inline(never)]
unsafe fn last(object: *mut PyObject) {
    // SAFETY: handed on to the caller.
    unsafe { pyo3::ffi::Py_DecRef(object) };
}
