//! Calling functions and methods.

use crate::attach::attach;
use crate::exception;
use crate::ffi::{self, Arguments};
use crate::object::{convert, table};
use crate::services::guard;
use core::ffi::c_char;
use nexus_abi::ffi::{bad_handle, bytes_in, clear, output, slice_in};
use nexus_abi::{Failure, NexusError, NexusObject, NexusStatus, NexusValue, Result};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

/// Calls an object with positional arguments.
///
/// `args`: `arg_count` values, read during the call only; may be NULL when there are none. `result`
/// receives the value, which the caller releases with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` (callable, or a handle among the arguments),
/// `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an unknown kind, text that is not UTF-8), `NEXUS_ERR_EXCEPTION`
/// with what Python raised: SystemExit and KeyboardInterrupt are errors like any other. Any thread;
/// runs the callee's code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_call(
    callable: *const NexusObject,
    args: *const NexusValue,
    arg_count: usize,
    result: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        output("result", result, NexusValue::NONE)?;
        let _attached = attach()?;
        // SAFETY: the guard above holds the GIL until the end of this block.
        let py = unsafe { Python::assume_attached() };
        let function = table::get(callable).ok_or_else(|| bad_handle("callable", callable))?;
        // SAFETY: the contract of the header.
        let args = unsafe { slice_in("args", args, arg_count) }?;
        let mut stack = Arguments::with_capacity(args.len() + 1);
        // The callable goes along with the arguments: the host may free its handle during the call.
        // SAFETY: alive, since the GIL is held and the table had it; a new reference for the stack.
        unsafe { pyo3::ffi::Py_INCREF(function) };
        stack.push(function);
        push_all(py, &mut stack, args)?;
        // SAFETY: `stack` owns the callable and, after it, `arg_count` arguments; the slot before them
        // is the callable's, which the callee may write to and restores (PEP 590).
        let value = unsafe {
            ffi::PyObject_Vectorcall(
                function,
                stack.as_ptr().add(1),
                arg_count | ffi::ARGUMENTS_OFFSET,
                core::ptr::null_mut(),
            )
        };
        finish(py, value, result)
    })
}

/// Calls a method of an object, or a function of a module, by its name.
///
/// `name`: UTF-8. Everything else as for `nexus_object_call`. A missing method is Python's
/// `builtins.AttributeError`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_call_method(
    object: *const NexusObject,
    name: *const c_char,
    args: *const NexusValue,
    arg_count: usize,
    result: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        output("result", result, NexusValue::NONE)?;
        let _attached = attach()?;
        // SAFETY: the guard above holds the GIL until the end of this block.
        let py = unsafe { Python::assume_attached() };
        let target = table::get(object).ok_or_else(|| bad_handle("object", object))?;
        // SAFETY: the contract of the header.
        let args = unsafe { slice_in("args", args, arg_count) }?;
        let mut stack = Arguments::with_capacity(args.len() + 1);
        // SAFETY: alive, since the GIL is held and the table had it; a new reference for the stack.
        unsafe { pyo3::ffi::Py_INCREF(target) };
        stack.push(target);
        // SAFETY: the contract of the header.
        let name = name_to_python(py, unsafe { bytes_in("name", name) }?)?;
        push_all(py, &mut stack, args)?;
        // SAFETY: `stack` owns the object and `arg_count` arguments, with a free slot before them.
        let value = unsafe {
            ffi::PyObject_VectorcallMethod(
                name.as_ptr(),
                stack.as_ptr(),
                (arg_count + 1) | ffi::ARGUMENTS_OFFSET,
                core::ptr::null_mut(),
            )
        };
        finish(py, value, result)
    })
}

#[inline]
fn push_all(py: Python<'_>, stack: &mut Arguments, args: &[NexusValue]) -> Result<()> {
    for (index, value) in args.iter().enumerate() {
        stack.push(convert::to_python(py, "args", index, value)?);
    }
    Ok(())
}

#[inline]
fn finish(py: Python<'_>, value: *mut PyObject, result: *mut NexusValue) -> Result<()> {
    if value.is_null() {
        return Err(exception::taken(py));
    }
    clear(result, convert::from_python(py, value)?);
    Ok(())
}

/// An attribute's name as an interned `str`, with which lookups are by identity.
pub fn name_to_python<'py>(py: Python<'py>, name: &[u8]) -> Result<Bound<'py, PyAny>> {
    // SAFETY: the bytes live through the call; the GIL is held (`py`).
    unsafe {
        let mut string = pyo3::ffi::PyUnicode_DecodeUTF8(
            name.as_ptr().cast(),
            name.len() as isize,
            core::ptr::null(),
        );
        if string.is_null() {
            pyo3::ffi::PyErr_Clear();
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_INVALID_ARGUMENT,
                format!(
                    "argument 'name' is not UTF-8: {:?}",
                    String::from_utf8_lossy(name)
                ),
            ));
        }
        pyo3::ffi::PyUnicode_InternInPlace(&raw mut string);
        Ok(Bound::from_owned_ptr(py, string))
    }
}
