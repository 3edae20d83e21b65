//! Attributes of objects.

use crate::border::{self, give, with_python};
use crate::call::convert;
use crate::exception::{self, OrRaised as _};
use crate::handles::of;
use crate::python::text::{lossless, type_name};
use core::ffi::c_char;
use nexus_abi::{
    Failure, NexusError, NexusNames, NexusObject, NexusStatus, NexusValue, RawBool, Result,
};
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Gets an attribute: a module's function or constant, an object's method or field.
///
/// `name`: UTF-8. `value` receives it; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised
/// (`builtins.AttributeError` when there is none of that name). May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_attr(
    object: *const NexusObject,
    name: *const c_char,
    value: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "value", value, |py, inputs| {
        let object = of(py, "object", object)?;
        let name = convert::name_in(py, inputs, "name", name)?;
        // SAFETY: two living objects, and the GIL.
        let found = unsafe { pyo3::ffi::PyObject_GetAttr(object.as_ptr(), name.as_ptr()) };
        if found.is_null() {
            return Err(exception::taken(py));
        }
        convert::from_python(py, found)
    })
}

/// Whether an object has an attribute of that name. Another exception than AttributeError on the way is an
/// error.
///
/// `name`: UTF-8.
///
/// Returns as `nexus_object_attr`. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_has_attr(
    object: *const NexusObject,
    name: *const c_char,
    result: *mut RawBool,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "result", result, |py, inputs| {
        let object = of(py, "object", object)?;
        let name = convert::name_in(py, inputs, "name", name)?;
        object.hasattr(name).map(RawBool::from).or_raised(py)
    })
}

/// Sets an attribute.
///
/// `name`: UTF-8.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` (object, or the handle in `value`), `NEXUS_ERR_INVALID_ARGUMENT`, or
/// `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.AttributeError` or `builtins.TypeError` when
/// the object does not allow it. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_set_attr(
    object: *const NexusObject,
    name: *const c_char,
    value: *const NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    with_python(error, |py, inputs| {
        let object = of(py, "object", object)?;
        let name = convert::name_in(py, inputs, "name", name)?;
        let value = convert::value_in(py, inputs, "value", value)?;
        // SAFETY: three living objects, and the GIL.
        let failed =
            unsafe { pyo3::ffi::PyObject_SetAttr(object.as_ptr(), name.as_ptr(), value.as_ptr()) };
        if failed != 0 {
            return Err(exception::taken(py));
        }
        Ok(())
    })
}

/// Deletes an attribute.
///
/// `name`: UTF-8.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised
/// (`builtins.AttributeError` when there is none of that name, or the object does not allow it). May run Python
/// code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_delete_attr(
    object: *const NexusObject,
    name: *const c_char,
    error: *mut *mut NexusError,
) -> NexusStatus {
    with_python(error, |py, inputs| {
        let object = of(py, "object", object)?;
        let name = convert::name_in(py, inputs, "name", name)?;
        object.delattr(name).or_raised(py)
    })
}

/// Lists the names of an object's attributes, in alphabetical order: `dir(object)`.
///
/// `names` receives a list that the caller frees with `nexus_names_free`. A NUL within a name is given as
/// U+2400, a lone surrogate as `\udc80`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_TYPE` when the object's `__dir__` gives something that is not
/// text, or `NEXUS_ERR_EXCEPTION` with what Python raised. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_dir(
    object: *const NexusObject,
    names: *mut *mut NexusNames,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "names", names, |py, _| {
        let object = of(py, "object", object)?;
        let listed = object.dir().or_raised(py)?;
        let texts: Vec<String> = listed
            .iter()
            .map(|name| match name.cast::<PyString>() {
                Ok(name) => Ok(lossless(name)),
                Err(_) => Err(Failure::new(
                    NexusStatus::NEXUS_ERR_TYPE,
                    format!(
                        "dir() lists a {} among the names",
                        type_name(&name.get_type())
                    ),
                )),
            })
            .collect::<Result<_>>()?;
        border::names(texts.iter().map(String::as_str))
    })
}
