//! DLPack tensors of Python objects.

use crate::border::{give_without_gil, guard};
use crate::buffer::give_with_info;
use crate::buffer::tensor::dlpack::{self, Checked, DLPackVersion, Managed, VERSION};
use crate::exception;
use crate::handles::{living, of};
use crate::python::text::type_name;
use core::ffi::c_void;
use nexus_abi::ffi::{bad_handle, check_flags, guard_or, sized_out};
use nexus_abi::handle::Kind;
use nexus_abi::table::Table;
use nexus_abi::{
    Failure, NEXUS_TENSOR_ANY_DEVICE, NexusError, NexusObject, NexusStatus, NexusTensor,
    NexusTensorInfo, RawBool, Result,
};
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

static TENSORS: Table<Held> = Table::new(Kind::Tensor);

/// Gets the tensor of an object that has `__dlpack__`, without a copy: of a numpy, PyTorch or CuPy array,
/// for instance, none of which the host needs to know.
///
/// `flags`: 0, or `NEXUS_TENSOR_ANY_DEVICE`. `tensor` receives a handle; until it is freed with
/// `nexus_tensor_free`, the memory stays where it is. `info`: NULL, or receives what it is like.
///
/// Returns `NEXUS_ERR_TYPE` when the object has no `__dlpack__`, or what it gives is not a DLPack capsule, is of
/// another major version, in memory that the processor cannot read, or contradicts itself;
/// `NEXUS_ERR_EXCEPTION` with what `__dlpack__` raised; `NEXUS_ERR_BAD_HANDLE`,
/// `NEXUS_ERR_INVALID_ARGUMENT`. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_tensor_get(
    object: *const NexusObject,
    flags: u32,
    tensor: *mut *mut NexusTensor,
    info: *mut NexusTensorInfo,
    error: *mut *mut NexusError,
) -> NexusStatus {
    let get = |py: Python<'_>| {
        check_flags("flags", flags, NEXUS_TENSOR_ANY_DEVICE)?;
        get(&of(py, "object", object)?, flags)
    };
    give_with_info(error, &TENSORS, ("tensor", tensor), info, get, Held::info)
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
                "__dlpack__ of a {} object did not give a DLPack capsule",
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
/// Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_tensor_info(
    tensor: *const NexusTensor,
    info: *mut NexusTensorInfo,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        sized_out("info", info, None)?;
        sized_out(
            "info",
            info,
            Some(&living(&TENSORS, "tensor", tensor)?.info()),
        )
    })
}

/// Hands the DLPack struct itself over and frees the handle: for a host whose own code takes a
/// `DLManagedTensorVersioned *`, or a `DLManagedTensor *` where `NexusTensorInfo.version_major` is 0.
///
/// `managed` receives the pointer. The host calls its `deleter`, once, if that is not NULL; some producers
/// want the GIL for that (`nexus_python_attach`). Pointers of a `NexusTensorInfo` are no longer valid.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_tensor_take(
    tensor: *mut NexusTensor,
    managed: *mut *mut c_void,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "managed", managed, |_| {
        let taken = TENSORS.remove(tensor as u64).and_then(|held| held.take());
        taken.ok_or_else(|| bad_handle("tensor", tensor))
    })
}

/// Gives a tensor back: calls its `deleter`, with the GIL. NULL, or a handle that is freed already, does
/// nothing. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_tensor_free(tensor: *mut NexusTensor) {
    guard_or((), || drop(TENSORS.remove(tensor as u64)));
}

/// A tensor of a Python object.
pub struct Held {
    managed: Managed,
    // Copied, since the struct may be taken away at any time.
    checked: Checked,
    version: Option<DLPackVersion>,
    flags: u64,
}

impl Held {
    /// Checks what a producer has handed over; it is given back if something is wrong with it.
    pub fn new(managed: Managed, flags: u32) -> core::result::Result<Self, String> {
        let version = managed.version();
        if let Some(version) = version
            && version.major != dlpack::VERSION.major
        {
            return Err(format!(
                "is of DLPack version {}.{}, which is not known here",
                version.major, version.minor
            ));
        }
        // SAFETY: a producer's own description, of a version that is known.
        let checked = unsafe { Checked::new(managed.tensor(), managed.flags()) }?;
        let device = checked.tensor.device.device_type;
        if flags & NEXUS_TENSOR_ANY_DEVICE == 0 && !dlpack::is_readable(device) {
            return Err(format!(
                "is in the memory of a device of type {device}, which the processor cannot read; \
                 NEXUS_TENSOR_ANY_DEVICE allows it"
            ));
        }
        Ok(Self {
            checked,
            version,
            flags: managed.flags(),
            managed,
        })
    }

    /// What the host is told.
    pub fn info(&self) -> NexusTensorInfo {
        let Checked {
            tensor,
            size,
            shape,
            strides,
            c_contiguous,
        } = &self.checked;
        let Self { version, flags, .. } = *self;
        NexusTensorInfo {
            struct_size: 0,
            managed: self.managed.pointer(),
            data: match dlpack::is_readable(tensor.device.device_type) {
                true => tensor.data.wrapping_byte_add(tensor.byte_offset as usize),
                false => tensor.data,
            },
            size: *size,
            ndim: shape.len(),
            shape: shape.as_ptr(),
            strides: strides.as_ptr(),
            version_major: version.map_or(0, |version| version.major),
            version_minor: version.map_or(0, |version| version.minor),
            device_type: tensor.device.device_type,
            device_id: tensor.device.device_id,
            type_code: tensor.dtype.code,
            type_bits: tensor.dtype.bits,
            type_lanes: tensor.dtype.lanes,
            read_only: RawBool::from(flags & dlpack::READ_ONLY != 0),
            copied: RawBool::from(flags & dlpack::IS_COPIED != 0),
            c_contiguous: RawBool::from(*c_contiguous),
        }
    }

    /// Hands the tensor over: it is not given back here any more. `None` if another thread was faster.
    pub fn take(&self) -> Option<*mut c_void> {
        self.managed.take()
    }
}
