//! Attributes of objects.

use crate::border::{self, guard};
use crate::call::convert;
use crate::exception::failed;
use crate::handles::of;
use crate::object::call::name_to_python;
use crate::python::text::lossless;
use crate::python::text::type_name;
use crate::{exception, gil};
use core::ffi::c_char;
use nexus_abi::ffi::{bytes_in, output};
use nexus_abi::{
    Failure, NexusError, NexusNames, NexusObject, NexusStatus, NexusValue, RawBool, Result,
};
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Gets an attribute: a module's function or constant, an object's method or field.
///
/// `name`: UTF-8. `value` receives it; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION`
/// (`builtins.AttributeError` when there is none of that name). Any thread; may run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_attr(
    object: *const NexusObject,
    name: *const c_char,
    value: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        output("value", value, NexusValue::NONE)?;
        gil::with(|py| {
            let object = of(py, "object", object)?;
            // SAFETY: the contract of the header.
            let name = name_to_python(py, unsafe { bytes_in("name", name) }?)?;
            // SAFETY: two living objects, and the GIL.
            let found = unsafe { pyo3::ffi::PyObject_GetAttr(object.as_ptr(), name.as_ptr()) };
            if found.is_null() {
                return Err(exception::taken(py));
            }
            output("value", value, convert::from_python(py, found)?)
        })
    })
}

/// Whether an object has an attribute of that name. An exception other than AttributeError that looking
/// for it raises is an error.
///
/// Returns as `nexus_object_attr`. Any thread; may run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_has_attr(
    object: *const NexusObject,
    name: *const c_char,
    result: *mut RawBool,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        output("result", result, 0)?;
        gil::with(|py| {
            let object = of(py, "object", object)?;
            // SAFETY: the contract of the header.
            let name = name_to_python(py, unsafe { bytes_in("name", name) }?)?;
            let name = name
                .cast::<pyo3::types::PyString>()
                .map_err(|error| exception::failure(py, &error.into()))?;
            let has = object
                .hasattr(name)
                .map_err(|error| exception::failure(py, &error))?;
            output("result", result, RawBool::from(has))
        })
    })
}

/// Sets an attribute.
///
/// `name`: UTF-8.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` (object, or the handle in `value`), `NEXUS_ERR_INVALID_ARGUMENT`, or
/// `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.AttributeError` or `builtins.TypeError` when
/// the object does not allow it. Any thread; may run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_set_attr(
    object: *const NexusObject,
    name: *const c_char,
    value: *const NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        gil::with(|py| {
            let object = of(py, "object", object)?;
            // SAFETY: the contract of the header.
            let name = name_to_python(py, unsafe { bytes_in("name", name) }?)?;
            // SAFETY: the contract of the header.
            let value = unsafe { convert::value_in(py, "value", value) }?;
            // SAFETY: three living objects, and the GIL.
            let failed = unsafe {
                pyo3::ffi::PyObject_SetAttr(object.as_ptr(), name.as_ptr(), value.as_ptr())
            };
            if failed != 0 {
                return Err(exception::taken(py));
            }
            Ok(())
        })
    })
}

/// Deletes an attribute.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION`
/// (`builtins.AttributeError` when there is none of that name, or the object does not allow it). Any
/// thread; may run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_delete_attr(
    object: *const NexusObject,
    name: *const c_char,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        gil::with(|py| {
            let object = of(py, "object", object)?;
            // SAFETY: the contract of the header.
            let name = name_to_python(py, unsafe { bytes_in("name", name) }?)?;
            let name = name.cast::<PyString>().map_err(|error| failed(py, error))?;
            object.delattr(name).map_err(|error| failed(py, error))
        })
    })
}

/// Lists the names of an object's attributes, in alphabetical order: `dir(object)`.
///
/// `names` receives a list that the caller frees with `nexus_names_free`. A NUL within a name is given as
/// U+2400, a lone surrogate as `\udc80`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_TYPE` when the object's
/// `__dir__` gives something that is no text, or `NEXUS_ERR_EXCEPTION`. Any thread; may run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_dir(
    object: *const NexusObject,
    names: *mut *mut NexusNames,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        output("names", names, core::ptr::null_mut())?;
        gil::with(|py| {
            let object = of(py, "object", object)?;
            let listed = object.dir().map_err(|error| failed(py, error))?;
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
            output(
                "names",
                names,
                border::names(texts.iter().map(String::as_str))?,
            )
        })
    })
}
