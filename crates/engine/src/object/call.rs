//! Calling functions and methods.

use crate::border::give_without_gil;
use crate::call::arguments::Arguments;
use crate::call::convert;
use crate::call::direct::Direct;
use crate::call::quick::{self, Callee};
use crate::exception::{self, OrRaised as _};
use crate::gil::attach;
use crate::handles::objects;
use crate::python;
use core::ffi::c_char;
use nexus_abi::ffi::{Inputs, bad_handle};
use nexus_abi::{Failure, NexusError, NexusObject, NexusStatus, NexusValue, Result};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Calls an object with positional arguments.
///
/// `args`: `arg_count` values, read during the call only; may be NULL when there are none. `result`
/// receives the value, which the caller releases with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` (callable, or a handle among the arguments),
/// `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an unknown kind, text that is not UTF-8), or `NEXUS_ERR_EXCEPTION`
/// with what Python raised: SystemExit and KeyboardInterrupt are errors like any other. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_call(
    callable: *const NexusObject,
    args: *const NexusValue,
    arg_count: usize,
    result: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    let find = || {
        let callable = objects::get(callable)?;
        Some(Callee {
            callable,
            keywords: core::ptr::null_mut(),
            keyword_count: 0,
            direct: Direct::of(callable),
        })
    };
    // SAFETY: what the host has passed as the header describes it, which is what `quick::call` requires.
    if let Some(status) = unsafe { quick::call(find, args, arg_count, result, error) } {
        return status;
    }
    give_without_gil(error, "result", result, |inputs| {
        let args = inputs.slice("args", args, arg_count)?;
        let _attached = attach()?;
        // SAFETY: the guard above holds the GIL until the end of this block.
        let py = unsafe { Python::assume_attached() };
        value_of(py, call(py, inputs, callable, args, None)?)
    })
}

/// Calls an object with positional and keyword arguments: `f(1, 2, key=3)`.
///
/// `keywords`: `keyword_count` names, UTF-8, and `keyword_values` as many values; both may be NULL when
/// there are none. A name that is given twice is `NEXUS_ERR_INVALID_ARGUMENT`. Everything else as for
/// `nexus_object_call`. To make a call many times with the same names, see `nexus_call_prepare`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_call_keywords(
    callable: *const NexusObject,
    args: *const NexusValue,
    arg_count: usize,
    keywords: *const *const c_char,
    keyword_values: *const NexusValue,
    keyword_count: usize,
    result: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "result", result, |inputs| {
        let args = inputs.slice("args", args, arg_count)?;
        let names = inputs.slice("keywords", keywords, keyword_count)?;
        let values = inputs.slice("keyword_values", keyword_values, keyword_count)?;
        let _attached = attach()?;
        // SAFETY: the guard above holds the GIL until the end of this block.
        let py = unsafe { Python::assume_attached() };
        let names = keyword_names(py, inputs, names)?;
        let keywords = names.as_ref().map(|names| (names, values));
        value_of(py, call(py, inputs, callable, args, keywords)?)
    })
}

/// The result, or NULL with an exception set.
#[inline]
fn call(
    py: Python<'_>,
    inputs: Inputs<'_>,
    callable: *const NexusObject,
    args: &[NexusValue],
    keywords: Option<(&Bound<'_, PyTuple>, &[NexusValue])>,
) -> Result<*mut PyObject> {
    let function = objects::get(callable).ok_or_else(|| bad_handle("callable", callable))?;
    let (names, values) = keywords.map_or((core::ptr::null_mut(), &[][..]), |(names, values)| {
        (names.as_ptr(), values)
    });
    let mut stack = Arguments::with_capacity(args.len() + values.len() + 1);
    // The callable goes along with the arguments: the host may free its handle during the call.
    // SAFETY: alive, since the GIL is held and the table had it; a new reference for the stack.
    unsafe { pyo3::ffi::Py_INCREF(function) };
    stack.push(function);
    push_all(py, inputs, &mut stack, "args", args)?;
    push_all(py, inputs, &mut stack, "keyword_values", values)?;
    // SAFETY: `stack` owns the callable and, after it, the arguments; the slot before them is the
    // callable's, which the callee may write to and restores (PEP 590). The names are as many as the
    // values, and live through the call.
    Ok(unsafe {
        python::PyObject_Vectorcall(
            function,
            stack.as_ptr().add(1),
            args.len() | python::ARGUMENTS_OFFSET,
            names,
        )
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
    give_without_gil(error, "result", result, |inputs| {
        let args = inputs.slice("args", args, arg_count)?;
        let _attached = attach()?;
        // SAFETY: the guard above holds the GIL until the end of this block.
        let py = unsafe { Python::assume_attached() };
        let target = objects::get(object).ok_or_else(|| bad_handle("object", object))?;
        let mut stack = Arguments::with_capacity(args.len() + 1);
        // SAFETY: alive, since the GIL is held and the table had it; a new reference for the stack.
        unsafe { pyo3::ffi::Py_INCREF(target) };
        stack.push(target);
        let name = convert::name_in(py, inputs, "name", name)?;
        push_all(py, inputs, &mut stack, "args", args)?;
        // SAFETY: `stack` owns the object and the arguments, with a free slot before them.
        let value = unsafe {
            python::PyObject_VectorcallMethod(
                name.as_ptr(),
                stack.as_ptr(),
                (args.len() + 1) | python::ARGUMENTS_OFFSET,
                core::ptr::null_mut(),
            )
        };
        value_of(py, value)
    })
}

/// Puts values onto the stack of a call; `name` is the argument's.
#[inline]
pub fn push_all(
    py: Python<'_>,
    inputs: Inputs<'_>,
    stack: &mut Arguments,
    name: &str,
    values: &[NexusValue],
) -> Result<()> {
    for (index, value) in values.iter().enumerate() {
        stack.push(convert::to_python(py, inputs, name, index, value)?);
    }
    Ok(())
}

/// The host's value of what a call has returned: a new reference, or NULL with an exception set.
#[inline(always)]
pub fn value_of(py: Python<'_>, value: *mut PyObject) -> Result<NexusValue> {
    if value.is_null() {
        return Err(exception::taken(py));
    }
    let mut number = NexusValue::NONE;
    // SAFETY: a reference of the caller's, which is taken over; the GIL is held.
    if unsafe { convert::quick_from_python(value, &raw mut number) } {
        return Ok(number);
    }
    convert::from_python(py, value)
}

/// The names of keyword arguments as vectorcall takes them; `None` when there are none.
pub fn keyword_names<'py>(
    py: Python<'py>,
    inputs: Inputs<'_>,
    names: &[*const c_char],
) -> Result<Option<Bound<'py, PyTuple>>> {
    if names.is_empty() {
        return Ok(None);
    }
    let mut objects = Vec::with_capacity(names.len());
    for name in names {
        objects.push(convert::name_in(py, inputs, "keywords", *name)?);
    }
    // The call itself would take the last of two.
    for (index, name) in objects.iter().enumerate() {
        if objects[..index].iter().any(|other| other.is(name)) {
            let message = format!("keyword argument '{name}' is given twice");
            return Err(Failure::invalid(message));
        }
    }
    PyTuple::new(py, objects).map(Some).or_raised(py)
}
