//! The table behind `NexusObject` handles.

use crate::gil;
use crate::handles::no_handle;
use nexus_abi::ffi::bad_handle;
use nexus_abi::handle::Kind;
use nexus_abi::slots::Slots;
use nexus_abi::{NexusKind, NexusObject, NexusValue, RawKind, Result};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

/// A pointer's lowest bit says that the object is lent: it lives for ever, and no reference is held.
static OBJECTS: Slots<PyObject> = Slots::new(Kind::Object);

/// Makes a handle that owns the reference.
#[inline]
pub fn publish(object: Bound<'_, PyAny>) -> Result<*mut NexusObject> {
    let pointer = object.into_ptr();
    match OBJECTS.insert(pointer) {
        Some(bits) => Ok(bits as *mut NexusObject),
        None => {
            // SAFETY: the caller's `Bound` proves the GIL; the reference was its own.
            unsafe { pyo3::ffi::Py_DECREF(pointer) };
            Err(no_handle())
        }
    }
}

/// Makes a handle to an object that lives as long as the process. Needs no GIL.
pub fn publish_lent(object: *mut PyObject) -> Result<*mut NexusObject> {
    OBJECTS
        .insert(object.map_addr(|address| address | 1))
        .map(|bits| bits as *mut NexusObject)
        .ok_or_else(no_handle)
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

/// The object of a handle, with a reference of its own: the host may free the handle while the object is
/// in use.
pub fn of<'py>(
    py: Python<'py>,
    name: &str,
    handle: *const NexusObject,
) -> Result<Bound<'py, PyAny>> {
    let object = get(handle).ok_or_else(|| bad_handle(name, handle))?;
    // SAFETY: alive, since the table had it a moment ago and its reference is given up only with the
    // GIL, which this thread holds.
    Ok(unsafe { Bound::from_borrowed_ptr(py, object) })
}

/// Ends a handle, and gives up its reference.
pub fn release(handle: *const NexusObject) {
    let Some(object) = remove(handle) else {
        return;
    };
    // Python is gone when this fails, and the object with it.
    if let Ok(_attached) = gil::attach() {
        // SAFETY: the GIL is held, and the handle's reference is given up once.
        unsafe { pyo3::ffi::Py_DECREF(object) };
    }
}

/// Releases what a value holds.
pub fn release_value(held: NexusValue) {
    release(held.owner);
    if is_object(&held) {
        // SAFETY: the kind says that this member counts; it is checked as a handle.
        release(unsafe { held.r#as.object });
    }
}

/// Whether a value holds an object.
pub fn is_object(value: &NexusValue) -> bool {
    value.kind == NexusKind::NEXUS_KIND_OBJECT as RawKind
}
