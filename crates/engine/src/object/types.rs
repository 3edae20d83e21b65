//! Types of objects.

use crate::border::give;
use crate::exception::OrRaised as _;
use crate::handles::{objects, of};
use nexus_abi::{NexusError, NexusObject, NexusStatus, RawBool, Result};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Gets the type of an object: `type(object)`.
///
/// `type` receives a handle that the caller frees with `nexus_object_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` or `NEXUS_ERR_NO_MEMORY`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_type(
    object: *const NexusObject,
    r#type: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "type", r#type, |py, _| {
        let found = of(py, "object", object)?.get_type();
        objects::publish(found.into_any())
    })
}

/// Whether an object is an instance of a type or of a subclass of it: `isinstance(object, type)`.
///
/// `type`: a class, or a tuple or union of classes.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError`
/// when `type` is not a class. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_is_instance(
    object: *const NexusObject,
    r#type: *const NexusObject,
    result: *mut RawBool,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "result", result, |py, _| {
        let object = of(py, "object", object)?;
        object
            .is_instance(&of(py, "type", r#type)?)
            .map(RawBool::from)
            .or_raised(py)
    })
}

/// Whether an object is an instance of any of some types: `isinstance(object, (a, b))`.
///
/// `types`: `count` handles; may be NULL when there are none, and the result is false then.
///
/// Returns as `nexus_object_is_instance`. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_is_instance_of_any(
    object: *const NexusObject,
    types: *const *const NexusObject,
    count: usize,
    result: *mut RawBool,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "result", result, |py, inputs| {
        let object = of(py, "object", object)?;
        let classes = inputs
            .slice("types", types, count)?
            .iter()
            .enumerate()
            .map(|(index, &class)| of(py, &format!("types[{index}]"), class))
            .collect::<Result<Vec<_>>>()?;
        PyTuple::new(py, classes)
            .and_then(|classes| object.is_instance(&classes))
            .map(RawBool::from)
            .or_raised(py)
    })
}

/// Whether an object can be called: `callable(object)`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_is_callable(
    object: *const NexusObject,
    result: *mut RawBool,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "result", result, |py, _| {
        let callable = of(py, "object", object)?.is_callable();
        Ok(RawBool::from(callable))
    })
}
