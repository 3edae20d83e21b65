//! DLPack tensors of Python objects.

use crate::border::guard;
use crate::buffer::ffi::Managed;
use crate::buffer::tensor::dlpack::{self, VERSION};
use crate::buffer::tensor::held::Held;
use crate::handles::no_handle;
use crate::handles::of;
use crate::python::text::type_name;
use crate::{exception, gil};
use core::ffi::c_void;
use nexus_abi::ffi::{bad_handle, guard_or, output, sized_out};
use nexus_abi::handle::Kind;
use nexus_abi::table::Table;
use nexus_abi::*;
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use std::sync::Arc;

static TENSORS: Table<Held> = Table::new(Kind::Tensor);

fn living(tensor: *const NexusTensor) -> Result<Arc<Held>> {
    TENSORS
        .get(tensor as u64)
        .ok_or_else(|| bad_handle("tensor", tensor))
}

/// Gets the tensor of an object that has `__dlpack__`, without a copy: of a numpy, PyTorch or CuPy array,
/// for instance, none of which the host needs to know.
///
/// `flags`: 0, or `NEXUS_TENSOR_ANY_DEVICE`. `tensor` receives a handle; until it is freed with
/// `nexus_tensor_free`, the memory stays where it is. `info`: NULL, or receives what it is like.
///
/// Returns `NEXUS_ERR_TYPE` when the object has no `__dlpack__`, or what it gives is no DLPack capsule, of
/// another major version, in memory that the processor cannot read, or contradicts itself;
/// `NEXUS_ERR_EXCEPTION` with what `__dlpack__` raised; `NEXUS_ERR_BAD_HANDLE`,
/// `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; runs Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_tensor_get(
    object: *const NexusObject,
    flags: u32,
    tensor: *mut *mut NexusTensor,
    info: *mut NexusTensorInfo,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        let wants_info = !info.is_null();
        let cleared = match wants_info {
            true => sized_out("info", info, None),
            false => Ok(()),
        };
        output("tensor", tensor, core::ptr::null_mut())?;
        cleared?;
        if flags & !NEXUS_TENSOR_ANY_DEVICE != 0 {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_INVALID_ARGUMENT,
                format!(
                    "argument 'flags' has bits that this version does not know: {:#x}",
                    flags & !NEXUS_TENSOR_ANY_DEVICE
                ),
            ));
        }
        let held = gil::with(|py| get(&of(py, "object", object)?, flags).map(Arc::new))?;
        let handle = TENSORS.insert(Arc::clone(&held)).ok_or_else(no_handle)?;
        output("tensor", tensor, handle as *mut NexusTensor)?;
        if wants_info {
            sized_out("info", info, Some(&held.info()))?;
        }
        Ok(())
    })
}

fn get(object: &Bound<'_, PyAny>, flags: u32) -> Result<Held> {
    let kind = || type_name(&object.get_type());
    let wrong = |message: String| Failure::new(NexusStatus::NEXUS_ERR_TYPE, message);
    let capsule = capsule_of(object).map_err(|error| {
        let mut failure = exception::failure(object.py(), &error);
        // Only if it is not there at all; one that is there may raise the same.
        if error.is_instance_of::<PyAttributeError>(object.py())
            && !object.hasattr("__dlpack__").unwrap_or(true)
        {
            failure.status = NexusStatus::NEXUS_ERR_TYPE;
            failure.message = format!("a {} object has no __dlpack__", kind());
        }
        failure
    })?;
    let managed = capsule
        .cast::<PyCapsule>()
        .ok()
        .and_then(Managed::take_from)
        .ok_or_else(|| {
            wrong(format!(
                "__dlpack__ of a {} object gave no DLPack capsule",
                kind()
            ))
        })?;
    Held::new(managed, flags)
        .map_err(|why| wrong(format!("the tensor of a {} object {why}", kind())))
}

/// Asks for a tensor of our version; producers from before version 1 do not know how to be asked.
fn capsule_of<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    let method = object.getattr(intern!(py, "__dlpack__"))?;
    let keywords = PyDict::new(py);
    keywords.set_item(intern!(py, "max_version"), (VERSION.major, VERSION.minor))?;
    method.call((), Some(&keywords)).or_else(|error| {
        if error.is_instance_of::<PyTypeError>(py) {
            method.call0()
        } else {
            Err(error)
        }
    })
}

/// Tells again what a tensor is like.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_tensor_info(
    tensor: *const NexusTensor,
    info: *mut NexusTensorInfo,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        sized_out("info", info, None)?;
        sized_out("info", info, Some(&living(tensor)?.info()))
    })
}

/// Hands the DLPack struct itself over and frees the handle: for a host whose own code takes a
/// `DLManagedTensorVersioned *`, or a `DLManagedTensor *` where `NexusTensorInfo.version_major` is 0.
///
/// `managed` receives the pointer. The host calls its `deleter`, once, if that is not NULL; some producers
/// want the GIL for that (`nexus_python_attach`). Pointers of a `NexusTensorInfo` are no longer valid.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_tensor_take(
    tensor: *mut NexusTensor,
    managed: *mut *mut c_void,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        output("managed", managed, core::ptr::null_mut())?;
        let taken = TENSORS.remove(tensor as u64).and_then(|held| held.take());
        output(
            "managed",
            managed,
            taken.ok_or_else(|| bad_handle("tensor", tensor))?,
        )
    })
}

/// Gives a tensor back: calls its `deleter`, with the GIL. NULL, or a handle that is freed already, does
/// nothing. Any thread; waits for the GIL; may run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_tensor_free(tensor: *mut NexusTensor) {
    guard_or((), || drop(TENSORS.remove(tensor as u64)));
}

// The version that a consumer is told must be the one that its structs are checked against.
const _: () = assert!(dlpack::VERSION.major == 1);
