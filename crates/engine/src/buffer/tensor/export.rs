//! DLPack tensors of the host.

use crate::border::guard;
use crate::buffer::ffi::Managed;
use crate::buffer::tensor::host::HostTensor;
use crate::buffer::tensor::object::TensorObject;
use crate::exception;
use crate::gil;
use crate::handles::objects;
use core::ffi::c_void;
use nexus_abi::ffi::{null, output};
use nexus_abi::{Failure, NexusError, NexusObject, NexusStatus};
use pyo3::prelude::*;
use std::sync::Arc;

/// Makes an object with `__dlpack__` of a tensor of the host, on whatever device, for `numpy.from_dlpack`,
/// `torch.from_dlpack` and the like. (Memory that `nexus_memory_new` describes has `__dlpack__` already.)
///
/// `managed`: a `DLManagedTensorVersioned` with `version_major` 1, or a `DLManagedTensor` with
/// `version_major` 0. It is nexus_loader's from then on; its `deleter` is called once, without the GIL, on
/// whichever thread gave up the last use of it. On failure it stays the host's. `object` receives a handle
/// that the caller frees with `nexus_object_free`. Everything that writes the tensor must have been waited
/// for before.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` when the description contradicts itself, or what
/// `nexus_python_start` returns. Any thread; starts Python if nothing has.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_tensor_export(
    managed: *mut c_void,
    version_major: u32,
    object: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        output("object", object, core::ptr::null_mut())?;
        let invalid =
            |message: String| Failure::new(NexusStatus::NEXUS_ERR_INVALID_ARGUMENT, message);
        if managed.is_null() {
            return Err(null("managed"));
        }
        // SAFETY: the contract of the header.
        let taken = unsafe { Managed::of_host(managed, version_major) }.ok_or_else(|| {
            invalid(format!(
                "argument 'version_major' is {version_major}; this version knows 0 and 1"
            ))
        })?;
        let tensor =
            HostTensor::new(taken).map_err(|why| invalid(format!("argument 'managed' {why}")))?;
        let tensor = Arc::new(tensor);
        let made = gil::with(|py| {
            let made = Py::new(py, TensorObject::new(Arc::clone(&tensor)))
                .map_err(|error| exception::failure(py, &error))?;
            objects::publish(made.into_bound(py).into_any())
        });
        if made.is_err() {
            tensor.leave();
        }
        output("object", object, made?)
    })
}
