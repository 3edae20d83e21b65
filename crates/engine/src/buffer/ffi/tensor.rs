//! The pointer plumbing of DLPack.

use crate::buffer::outside::outside;
use crate::buffer::tensor::capsule::Tensor;
use crate::buffer::tensor::dlpack::{
    self, DLManagedTensor, DLManagedTensorVersioned, DLPackVersion, DLTensor,
};
use crate::gil;
use core::ffi::{CStr, c_void};
use core::sync::atomic::{AtomicBool, Ordering};
use nexus_abi::ffi::guard_or;
use pyo3::ffi as python;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::sync::Arc;

/// An array of a struct of C as a slice; NULL is an empty one.
///
/// # Safety
/// `first` is NULL or points to `count` numbers that live for `'a`.
pub unsafe fn numbers<'a>(first: *const i64, count: usize) -> &'a [isize] {
    const _: () = assert!(size_of::<isize>() == size_of::<i64>());
    if first.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: by the caller's word; `isize` has the size and alignment of `i64`.
    unsafe { core::slice::from_raw_parts(first.cast::<isize>(), count) }
}

#[derive(Clone, Copy)]
enum Struct {
    Legacy(*mut DLManagedTensor),
    Versioned(*mut DLManagedTensorVersioned),
}

/// A tensor struct that is to be given back by its deleter, once.
pub struct Managed {
    pointer: Struct,
    /// Whether the host made it; else a Python library.
    of_host: bool,
    taken: AtomicBool,
}

// SAFETY: nobody changes the struct, and its deleter may be called on any thread.
unsafe impl Send for Managed {}
// SAFETY: likewise.
unsafe impl Sync for Managed {}

impl Managed {
    /// Takes the tensor out of a capsule, which is renamed, so that nobody else does; `None` if there is
    /// none in it.
    pub fn take_from(capsule: &Bound<'_, PyCapsule>) -> Option<Self> {
        let capsule = capsule.as_ptr();
        let pointer = take_out(capsule, dlpack::VERSIONED, dlpack::VERSIONED_USED)
            .map(|pointer| Struct::Versioned(pointer.cast()))
            .or_else(|| {
                take_out(capsule, dlpack::LEGACY, dlpack::LEGACY_USED)
                    .map(|pointer| Struct::Legacy(pointer.cast()))
            })?;
        Some(Self {
            pointer,
            of_host: false,
            taken: AtomicBool::new(false),
        })
    }

    /// A struct of the host: of version 0 or 1.
    ///
    /// # Safety
    /// `managed` is such a struct, and is given over.
    pub unsafe fn of_host(managed: *mut c_void, version_major: u32) -> Option<Self> {
        let pointer = match version_major {
            0 => Struct::Legacy(managed.cast()),
            1 => Struct::Versioned(managed.cast()),
            _ => return None,
        };
        Some(Self {
            pointer,
            of_host: true,
            taken: AtomicBool::new(false),
        })
    }

    /// The struct itself.
    pub fn pointer(&self) -> *mut c_void {
        match self.pointer {
            Struct::Legacy(pointer) => pointer.cast(),
            Struct::Versioned(pointer) => pointer.cast(),
        }
    }

    /// Its version; `None` for the struct from before version 1.
    pub fn version(&self) -> Option<DLPackVersion> {
        match self.pointer {
            Struct::Legacy(_) => None,
            // SAFETY: alive until its deleter is called. The version is at its place in all versions.
            Struct::Versioned(pointer) => Some(unsafe { (*pointer).version }),
        }
    }

    /// Its flags; the older struct has none.
    pub fn flags(&self) -> u64 {
        match self.pointer {
            Struct::Legacy(_) => 0,
            // SAFETY: alive until its deleter is called. The flags are at their place in all versions.
            Struct::Versioned(pointer) => unsafe { (*pointer).flags },
        }
    }

    /// The tensor in it. Of a struct of another major version it means nothing.
    pub fn tensor(&self) -> DLTensor {
        // SAFETY: alive until its deleter is called.
        unsafe {
            match self.pointer {
                Struct::Legacy(pointer) => (*pointer).dl_tensor,
                Struct::Versioned(pointer) => (*pointer).dl_tensor,
            }
        }
    }

    /// Lets go of the struct: its deleter is somebody else's to call. `None` if that was so already.
    pub fn take(&self) -> Option<*mut c_void> {
        (!self.taken.swap(true, Ordering::AcqRel)).then(|| self.pointer())
    }
}

impl Drop for Managed {
    fn drop(&mut self) {
        if self.take().is_none() {
            return;
        }
        let pointer = self.pointer;
        // SAFETY: the struct is given back by its own function, once; that may be NULL.
        let delete = move || unsafe {
            match pointer {
                Struct::Legacy(pointer) => {
                    if let Some(deleter) = (*pointer).deleter {
                        deleter(pointer);
                    }
                }
                Struct::Versioned(pointer) => {
                    if let Some(deleter) = (*pointer).deleter {
                        deleter(pointer);
                    }
                }
            }
        };
        if self.of_host {
            outside(delete);
        } else if let Ok(_attached) = gil::attach() {
            // Not every producer takes the GIL itself. Python is gone if it cannot be had, and the producer
            // with it.
            delete();
        }
    }
}

/// The pointer of a capsule of that name, which is renamed.
fn take_out(
    capsule: *mut python::PyObject,
    name: &'static CStr,
    renamed: &'static CStr,
) -> Option<*mut c_void> {
    // SAFETY: a living capsule, names that live for ever, and the GIL. Of a valid capsule the pointer can
    // be had and the name set.
    unsafe {
        if python::PyCapsule_IsValid(capsule, name.as_ptr()) == 0 {
            return None;
        }
        let pointer = python::PyCapsule_GetPointer(capsule, name.as_ptr());
        python::PyCapsule_SetName(capsule, renamed.as_ptr());
        Some(pointer)
    }
}

/// A struct that was made here, with what it points to.
struct Made<M> {
    managed: M,
    /// Dropped with the struct.
    _shape: Box<[i64]>,
    _strides: Box<[i64]>,
    _keep: Arc<dyn Send + Sync>,
}

/// A capsule with a struct of its own.
pub fn tensor_capsule(
    py: Python<'_>,
    tensor: Tensor,
    versioned: bool,
) -> PyResult<Bound<'_, PyAny>> {
    let (mut shape, mut strides) = (tensor.checked.shape, tensor.checked.strides);
    let dl_tensor = DLTensor {
        shape: shape.as_mut_ptr(),
        strides: strides.as_mut_ptr(),
        ..tensor.checked.tensor
    };
    if versioned {
        let made = Box::into_raw(Box::new(Made {
            managed: DLManagedTensorVersioned {
                version: tensor.version,
                manager_ctx: core::ptr::null_mut(),
                deleter: Some(delete_versioned),
                flags: tensor.flags,
                dl_tensor,
            },
            _shape: shape,
            _strides: strides,
            _keep: tensor.keep,
        }));
        // SAFETY: made above; its deleter gives it back.
        unsafe {
            (*made).managed.manager_ctx = made.cast();
            let managed = &raw mut (*made).managed;
            let capsule = python::PyCapsule_New(
                managed.cast(),
                dlpack::VERSIONED.as_ptr(),
                Some(end_versioned),
            );
            Bound::from_owned_ptr_or_err(py, capsule).inspect_err(|_| delete_versioned(managed))
        }
    } else {
        let made = Box::into_raw(Box::new(Made {
            managed: DLManagedTensor {
                dl_tensor,
                manager_ctx: core::ptr::null_mut(),
                deleter: Some(delete_legacy),
            },
            _shape: shape,
            _strides: strides,
            _keep: tensor.keep,
        }));
        // SAFETY: made above; its deleter gives it back.
        unsafe {
            (*made).managed.manager_ctx = made.cast();
            let managed = &raw mut (*made).managed;
            let capsule =
                python::PyCapsule_New(managed.cast(), dlpack::LEGACY.as_ptr(), Some(end_legacy));
            Bound::from_owned_ptr_or_err(py, capsule).inspect_err(|_| delete_legacy(managed))
        }
    }
}

unsafe extern "C" fn delete_versioned(managed: *mut DLManagedTensorVersioned) {
    // SAFETY: a struct of `tensor_capsule`, whose consumer is done with it.
    guard_or((), || unsafe {
        let made = (*managed)
            .manager_ctx
            .cast::<Made<DLManagedTensorVersioned>>();
        drop(Box::from_raw(made));
    });
}

unsafe extern "C" fn delete_legacy(managed: *mut DLManagedTensor) {
    // SAFETY: as above.
    guard_or((), || unsafe {
        let made = (*managed).manager_ctx.cast::<Made<DLManagedTensor>>();
        drop(Box::from_raw(made));
    });
}

/// The end of a capsule. One that was used has another name.
unsafe extern "C" fn end_versioned(capsule: *mut python::PyObject) {
    if let Some(pointer) = take_out(capsule, dlpack::VERSIONED, dlpack::VERSIONED_USED) {
        // SAFETY: what `tensor_capsule` put in.
        unsafe { delete_versioned(pointer.cast()) };
    }
}

unsafe extern "C" fn end_legacy(capsule: *mut python::PyObject) {
    if let Some(pointer) = take_out(capsule, dlpack::LEGACY, dlpack::LEGACY_USED) {
        // SAFETY: as above.
        unsafe { delete_legacy(pointer.cast()) };
    }
}
