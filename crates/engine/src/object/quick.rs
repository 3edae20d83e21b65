//! The way that nearly all calls take: few arguments, and nothing wrong.
//!
//! It gives up without a trace where anything is unusual, before anything was called. Then the ordinary way
//! does it all again, and finds the words for what is wrong. Nothing on this way can panic but what
//! `guard` is around.

use crate::attach::quick_attach;
use crate::exception;
use crate::ffi::{self, Direct, refcount};
use crate::object::convert;
use crate::services::guard;
use core::mem::MaybeUninit;
use nexus_abi::ffi::clear;
use nexus_abi::{NexusError, NexusStatus, NexusValue};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

/// So many arguments need no heap.
const FEW: usize = 8;

/// What is called. Borrowed: alive as long as nothing runs.
pub struct Callee {
    /// The object.
    pub callable: *mut PyObject,
    /// The names of the last arguments, or NULL.
    pub keywords: *mut PyObject,
    /// How many there are.
    pub keyword_count: usize,
    /// The C function behind it, or NULL.
    pub direct: *const Direct,
}

/// Calls what `find` finds, which runs with the GIL held. `None`: nothing was done.
///
/// # Safety
/// The contract of the header for the three pointers, any of which may be NULL.
#[inline(always)]
pub unsafe fn call(
    find: impl FnOnce() -> Option<Callee>,
    args: *const NexusValue,
    arg_count: usize,
    result: *mut NexusValue,
    error: *mut *mut NexusError,
) -> Option<NexusStatus> {
    if arg_count > FEW || result.is_null() || (args.is_null() && arg_count != 0) {
        return None;
    }
    let _attached = quick_attach()?;
    let callee = find()?;
    let positional = arg_count.checked_sub(callee.keyword_count)?;
    // The first slot is the callee's to use (PEP 590).
    let mut stack = [MaybeUninit::<*mut PyObject>::uninit(); FEW + 1];
    let stack = stack.as_mut_ptr().cast::<*mut PyObject>();
    // SAFETY: the GIL is held until `_attached` is dropped. `args` has `arg_count` values, and `stack` room for
    // as many objects, whose references are this function's own; so is that to the callee, whose handle may
    // be freed while it runs. `result` can be written to.
    unsafe {
        let first = stack.add(1);
        for index in 0..arg_count {
            let object = convert::quick_to_python(&*args.add(index));
            if object.is_null() {
                pyo3::ffi::PyErr_Clear();
                give_up_all(first, index);
                return None;
            }
            first.add(index).write(object);
        }
        refcount::take(callee.callable);
        let value = if !callee.direct.is_null() && (*callee.direct).takes(arg_count) {
            (*callee.direct).call(callee.callable, first, arg_count)
        } else if callee.keywords.is_null() {
            let count = positional | ffi::ARGUMENTS_OFFSET;
            ffi::PyObject_Vectorcall(callee.callable, first, count, core::ptr::null_mut())
        } else {
            with_keywords(&callee, first, positional)
        };
        give_up_all(first, arg_count);
        refcount::give_up(callee.callable);
        if value.is_null() {
            return Some(failed(result, error));
        }
        if !convert::quick_from_python(value, result) {
            return Some(other_value(value, result, error));
        }
        if !error.is_null() {
            error.write(core::ptr::null_mut());
        }
        Some(NexusStatus::NEXUS_OK)
    }
}

/// # Safety
/// The stack of `call`; the GIL is held.
#[inline(never)]
unsafe fn with_keywords(
    callee: &Callee,
    first: *const *mut PyObject,
    positional: usize,
) -> *mut PyObject {
    // SAFETY: handed on to the caller. The names go along, as the handle may be freed.
    unsafe {
        refcount::take(callee.keywords);
        let value = ffi::PyObject_Vectorcall(
            callee.callable,
            first,
            positional | ffi::ARGUMENTS_OFFSET,
            callee.keywords,
        );
        refcount::give_up(callee.keywords);
        value
    }
}

/// # Safety
/// So many references of the caller's; the GIL is held.
#[inline(always)]
unsafe fn give_up_all(objects: *mut *mut PyObject, count: usize) {
    for index in 0..count {
        // SAFETY: handed on to the caller.
        unsafe { refcount::give_up(objects.add(index).read()) };
    }
}

/// The callee has raised an exception. The GIL is held.
#[cold]
fn failed(result: *mut NexusValue, error: *mut *mut NexusError) -> NexusStatus {
    guard(error, || {
        clear(result, NexusValue::NONE);
        // SAFETY: the GIL is held.
        Err(exception::taken(unsafe { Python::assume_attached() }))
    })
}

/// A result that is no number. The GIL is held; takes over the reference.
#[inline(never)]
fn other_value(
    value: *mut PyObject,
    result: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        clear(result, NexusValue::NONE);
        // SAFETY: the GIL is held.
        let py = unsafe { Python::assume_attached() };
        clear(result, convert::from_python(py, value)?);
        Ok(())
    })
}
