//! References that outlive a hold on the GIL.

use crate::gil;
use crate::handles::objects;
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

/// A reference that may be dropped on any thread, with or without the GIL. (PyO3's own type would wait for
/// the next time that PyO3 takes the GIL, which the hot paths never do.)
pub struct Kept(core::ptr::NonNull<PyObject>);

// SAFETY: the object is only touched with the GIL.
unsafe impl Send for Kept {}
// SAFETY: likewise.
unsafe impl Sync for Kept {}

impl Kept {
    /// Takes over a reference.
    pub fn new(object: Bound<'_, PyAny>) -> Self {
        // SAFETY: a reference is never NULL.
        Self(unsafe { core::ptr::NonNull::new_unchecked(object.into_ptr()) })
    }

    /// The object.
    pub fn bind<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        // SAFETY: alive, since this holds a reference to it; the GIL is held (`py`).
        unsafe { Bound::from_borrowed_ptr(py, self.0.as_ptr()) }
    }

    /// A handle to the object, with a reference of its own.
    pub fn publish(&self) -> Option<*mut nexus_abi::NexusObject> {
        let _attached = gil::attach().ok()?;
        // SAFETY: the GIL is held, and the object is alive.
        let object =
            unsafe { Bound::from_borrowed_ptr(Python::assume_attached(), self.0.as_ptr()) };
        objects::publish(object).ok()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // Python is gone when this fails, and the object with it.
        if let Ok(_attached) = gil::attach() {
            // SAFETY: the GIL is held, and the reference is given up once.
            unsafe { pyo3::ffi::Py_DECREF(self.0.as_ptr()) };
        }
    }
}
