//! The way that nearly all calls take: few arguments, and nothing wrong.
//!
//! It gives up without a trace where anything is unusual, before anything was called. Then the ordinary way
//! does it all again, and finds the words for what is wrong. Nothing on this way can panic but what
//! `guard` is around.

use crate::border::guard;
use crate::call::convert;
use crate::call::direct::Direct;
use crate::exception;
use crate::gil::quick_attach;
use crate::python::{self, refcount};
use core::borrow::Borrow;
use core::mem::{ManuallyDrop, MaybeUninit};
use nexus_abi::ffi::clear;
use nexus_abi::{NexusError, NexusStatus, NexusValue};
use pyo3::ffi::{PyObject, PyThreadState};
use pyo3::prelude::*;

/// So many arguments need no heap.
pub const FEW: usize = 8;

/// What is called. Borrowed: alive as long as nothing runs.
pub struct Callee<D> {
    /// The object.
    pub callable: *mut PyObject,
    /// The names of the last arguments, or NULL.
    pub keywords: *mut PyObject,
    /// How many there are.
    pub keyword_count: usize,
    /// The C function behind it.
    pub direct: D,
}

/// Calls what `find` finds, which runs with the GIL held. `None`: nothing was done.
///
/// # Safety
/// `args` is NULL, or points to `arg_count` values; one that is a text or bytes has as many bytes as it says. `result`
/// and `error` are NULL, or can be written to. Nobody else changes any of this during the call.
#[inline(always)]
pub unsafe fn call<D: Borrow<Direct>>(
    find: impl FnOnce() -> Option<Callee<D>>,
    args: *const NexusValue,
    arg_count: usize,
    result: *mut NexusValue,
    error: *mut *mut NexusError,
) -> Option<NexusStatus> {
    if arg_count > FEW || result.is_null() || (args.is_null() && arg_count != 0) {
        return None;
    }
    // Ended by hand: there is nothing in between that could panic.
    let attached = ManuallyDrop::new(quick_attach()?);
    // SAFETY: handed on to the caller; the GIL is held.
    let status = unsafe { attached_call(find, attached.state(), args, arg_count, result, error) };
    attached.end();
    status
}

/// # Safety
/// As for `call`; the GIL is held with the thread state `state`.
#[inline(always)]
unsafe fn attached_call<D: Borrow<Direct>>(
    find: impl FnOnce() -> Option<Callee<D>>,
    state: *mut PyThreadState,
    args: *const NexusValue,
    arg_count: usize,
    result: *mut NexusValue,
    error: *mut *mut NexusError,
) -> Option<NexusStatus> {
    let callee = find()?;
    let callable = callee.callable;
    // SAFETY: the reference to the callee is this function's
    // own, as its handle may be freed while it runs. `result` can be written to.
    unsafe {
        refcount::take(callable);
        let value = make(&callee, state, args, arg_count);
        refcount::give_up(callable);
        let value = value?;
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

/// Makes a call with at most `FEW` arguments: a new reference, or NULL with an exception set. `None`: nothing was
/// done.
///
/// # Safety
/// As for `call`; the GIL is held with the thread state `state`, and the callee lives until the end of this.
#[inline(always)]
pub unsafe fn make<D: Borrow<Direct>>(
    callee: &Callee<D>,
    state: *mut PyThreadState,
    args: *const NexusValue,
    arg_count: usize,
) -> Option<*mut PyObject> {
    let positional = arg_count.checked_sub(callee.keyword_count)?;
    // The first slot is the callee's to use (PEP 590).
    let mut stack = [MaybeUninit::<*mut PyObject>::uninit(); FEW + 1];
    let stack = stack.as_mut_ptr().cast::<*mut PyObject>();
    // SAFETY: `args` has `arg_count` values, and `stack` room for as many objects, whose references are this
    // function's own.
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
        let direct = callee.direct.borrow();
        let value = if direct.takes(arg_count) {
            direct.call(callee.callable, state, first, arg_count)
        } else if callee.keywords.is_null() {
            let count = positional | python::ARGUMENTS_OFFSET;
            python::PyObject_Vectorcall(callee.callable, first, count, core::ptr::null_mut())
        } else {
            with_keywords(callee.callable, callee.keywords, first, positional)
        };
        give_up_all(first, arg_count);
        Some(value)
    }
}

/// # Safety
/// The stack of `call`; the GIL is held.
#[inline(never)]
unsafe fn with_keywords(
    callable: *mut PyObject,
    keywords: *mut PyObject,
    first: *const *mut PyObject,
    positional: usize,
) -> *mut PyObject {
    // SAFETY: handed on to the caller. The names go along, as the handle may be freed.
    unsafe {
        refcount::take(keywords);
        let count = positional | python::ARGUMENTS_OFFSET;
        let value = python::PyObject_Vectorcall(callable, first, count, keywords);
        refcount::give_up(keywords);
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
    guard(error, |_| {
        clear(result, NexusValue::NONE);
        // SAFETY: the GIL is held.
        Err(exception::taken(unsafe { Python::assume_attached() }))
    })
}

/// A result that is not a number. The GIL is held; takes over the reference.
#[inline(never)]
fn other_value(
    value: *mut PyObject,
    result: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        clear(result, NexusValue::NONE);
        // SAFETY: the GIL is held.
        let py = unsafe { Python::assume_attached() };
        clear(result, convert::from_python(py, value)?);
        Ok(())
    })
}
