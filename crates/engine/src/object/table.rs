//! The table behind `NexusObject` handles.

use crate::slots::Slots;
use crate::{ffi, services};
use nexus_abi::handle::Kind;
use nexus_abi::{NexusObject, Result};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

/// A pointer's lowest bit says that the object is lent: it lives for ever, and no reference is held.
static OBJECTS: Slots<PyObject> = Slots::new(Kind::Object);

/// Makes a handle that owns the reference.
#[inline]
pub fn publish(object: Bound<'_, PyAny>) -> Result<*mut NexusObject> {
    let pointer = ffi::into_pointer(object);
    match OBJECTS.insert(pointer) {
        Some(bits) => Ok(bits as *mut NexusObject),
        None => {
            // SAFETY: the caller's `Bound` proves the GIL; the reference was its own.
            unsafe { pyo3::ffi::Py_DECREF(pointer) };
            Err(services::no_handle())
        }
    }
}

/// Makes a handle to an object that lives as long as the process. Needs no GIL.
pub fn publish_lent(object: *mut PyObject) -> Result<*mut NexusObject> {
    OBJECTS
        .insert(object.map_addr(|address| address | 1))
        .map(|bits| bits as *mut NexusObject)
        .ok_or_else(services::no_handle)
}

/// The object of a handle, borrowed: hold the GIL, and take a reference before Python code can run.
#[inline]
pub fn get(handle: *const NexusObject) -> Option<*mut PyObject> {
    let object = OBJECTS.get(handle as u64)?;
    Some(object.map_addr(|address| address & !1))
}

/// Ends a handle. Returns the reference that it owned; `None` if it owned none, or was no living handle.
/// Needs no GIL; giving up the reference does.
pub fn remove(handle: *const NexusObject) -> Option<*mut PyObject> {
    let object = OBJECTS.remove(handle as u64)?;
    (object.addr() & 1 == 0).then_some(object)
}
