//! DLPack tensors of the host: the function that takes one over, and what Python sees of it.

use crate::border::give_without_gil;
use crate::buffer::host::{HostMemory, REVOKED_TEXT};
use crate::buffer::tensor::capsule::{self, Tensor, Wanted};
use crate::buffer::tensor::dlpack::{
    self, Checked, DLDataType, DLDevice, DLPackVersion, DLTensor, Managed, code,
};
use crate::exception::OrRaised as _;
use crate::gil;
use crate::handles::objects;
use core::ffi::c_void;
use nexus_abi::ffi::null;
use nexus_abi::{Failure, NexusError, NexusObject, NexusStatus};
use pyo3::exceptions::PyBufferError;
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
/// `nexus_python_start` returns. Starts Python if nothing has.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_tensor_export(
    managed: *mut c_void,
    version_major: u32,
    object: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "object", object, |_| {
        if managed.is_null() {
            return Err(null("managed"));
        }
        // SAFETY: not NULL, so by the header a struct of that version. It stays one for this call, and if it is taken
        // over, until its deleter is called.
        let managed = unsafe { Managed::of_host(managed, version_major) }.ok_or_else(|| {
            Failure::invalid(format!(
                "argument 'version_major' is {version_major}; this version knows 0 and 1"
            ))
        })?;
        let tensor = HostTensor::new(managed)
            .map_err(|why| Failure::invalid(format!("argument 'managed' {why}")))?;
        let tensor = Arc::new(tensor);
        let made = gil::with(|py| {
            let object = TensorObject {
                tensor: Arc::clone(&tensor),
            };
            let made = Py::new(py, object).or_raised(py)?;
            objects::publish(made.into_bound(py).into_any())
        })?;
        tensor.managed.take_over();
        Ok(made)
    })
}

/// A host's `DLManagedTensor` or `DLManagedTensorVersioned`, whose deleter is called when this is dropped.
struct HostTensor {
    managed: Managed,
    checked: Checked,
}

impl HostTensor {
    /// Checks that its description can be handed on. It stays the host's until it is taken over.
    fn new(managed: Managed) -> core::result::Result<Self, String> {
        let checked = match managed.version() {
            Some(DLPackVersion { major, minor }) if major != dlpack::VERSION.major => {
                return Err(format!("is of DLPack version {major}.{minor}"));
            }
            // SAFETY: the host's own description, of a version that is known.
            _ => unsafe { Checked::new(managed.tensor(), managed.flags()) }?,
        };
        Ok(Self { managed, checked })
    }
}

/// A tensor of the program that embeds Python: use numpy.from_dlpack() and the like.
#[pyclass(frozen, module = "nexus_loader", name = "Tensor")]
struct TensorObject {
    tensor: Arc<HostTensor>,
}

#[pymethods]
impl TensorObject {
    /// A DLPack capsule of the tensor. The host has finished writing it: no stream needs to be waited for.
    #[pyo3(signature = (*, stream=None, max_version=None, dl_device=None, copy=None))]
    fn __dlpack__<'py>(
        &self,
        py: Python<'py>,
        stream: Option<Bound<'py, PyAny>>,
        max_version: Option<(u32, u32)>,
        dl_device: Option<(i32, i32)>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        drop(stream);
        let wanted = Wanted {
            max_version,
            device: dl_device,
            copy,
        };
        let managed = &self.tensor.managed;
        // Each consumer gets structs of its own, so that there may be many. None has it for itself.
        let tensor = Tensor {
            checked: self.tensor.checked.clone(),
            flags: managed.flags() & !dlpack::IS_COPIED,
            version: managed.version().unwrap_or(dlpack::VERSION),
            keep: Arc::clone(&self.tensor) as Arc<dyn Send + Sync>,
        };
        capsule::make(py, tensor, &wanted)
    }

    /// (type, number) of the device that the tensor is on.
    fn __dlpack_device__(&self) -> (i32, i32) {
        let device = self.tensor.checked.tensor.device;
        (device.device_type, device.device_id)
    }
}

/// The device of the host's memory.
pub const DEVICE: (i32, i32) = (dlpack::CPU, 0);

/// A use of the host's memory, which ends when this is dropped. Needs no GIL.
struct Use(Arc<HostMemory>);

impl Drop for Use {
    fn drop(&mut self) {
        self.0.uses.leave();
    }
}

/// What `__dlpack__` of the host's memory returns.
pub fn memory_capsule<'py>(
    py: Python<'py>,
    memory: &Arc<HostMemory>,
    wanted: &Wanted,
) -> PyResult<Bound<'py, PyAny>> {
    let item_size = memory.item_size;
    let Some((code, bits)) = tensor_type(memory.format.to_bytes(), item_size as usize) else {
        return Err(PyBufferError::new_err(format!(
            "DLPack has no type for items of the format {:?}",
            memory.format
        )));
    };
    // Its strides count items.
    if memory.strides.iter().any(|stride| stride % item_size != 0) {
        return Err(PyBufferError::new_err(
            "DLPack has no strides that are not multiples of the item size",
        ));
    }
    if !memory.uses.enter() {
        return Err(PyBufferError::new_err(REVOKED_TEXT));
    }
    let keep = Arc::new(Use(Arc::clone(memory)));
    let tensor = Tensor {
        checked: Checked {
            tensor: DLTensor {
                data: memory.data,
                device: DLDevice {
                    device_type: DEVICE.0,
                    device_id: DEVICE.1,
                },
                ndim: memory.shape.len() as i32,
                dtype: DLDataType {
                    code,
                    bits,
                    lanes: 1,
                },
                shape: core::ptr::null_mut(),
                strides: core::ptr::null_mut(),
                byte_offset: 0,
            },
            size: memory.size as usize,
            shape: memory.shape.iter().map(|&length| length as i64).collect(),
            strides: (memory.strides.iter())
                .map(|&stride| (stride / item_size) as i64)
                .collect(),
            c_contiguous: memory.contiguous.0,
        },
        flags: match memory.read_only {
            true => dlpack::READ_ONLY,
            false => 0,
        },
        version: dlpack::VERSION,
        keep,
    };
    capsule::make(py, tensor, wanted)
}

/// The code and the bits of the DLPack type of such items, if there is one.
fn tensor_type(format: &[u8], item_size: usize) -> Option<(u8, u8)> {
    // DLPack has the machine's own byte order only.
    const FOREIGN: &[u8] = if cfg!(target_endian = "little") {
        b">!"
    } else {
        b"<"
    };
    let plain = match format {
        [order, ..] if FOREIGN.contains(order) => return None,
        [b'@' | b'=' | b'<' | b'>' | b'!', rest @ ..] => rest,
        all => all,
    };
    let (code, sizes): (u8, &[usize]) = match plain {
        b"?" => (code::BOOL, &[1]),
        b"b" | b"h" | b"i" | b"l" | b"q" | b"n" => (code::INT, &[1, 2, 4, 8]),
        b"B" | b"H" | b"I" | b"L" | b"Q" | b"N" => (code::UINT, &[1, 2, 4, 8]),
        b"e" => (code::FLOAT, &[2]),
        b"f" => (code::FLOAT, &[4]),
        b"d" => (code::FLOAT, &[8]),
        b"Zf" | b"F" => (code::COMPLEX, &[8]),
        b"Zd" | b"D" => (code::COMPLEX, &[16]),
        _ => return None,
    };
    sizes
        .contains(&item_size)
        .then_some((code, item_size as u8 * 8))
}
