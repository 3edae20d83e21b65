//! Memory of the host as a tensor.

use crate::buffer::format::tensor_type;
use crate::buffer::host::{HostMemory, REVOKED_TEXT};
use crate::buffer::tensor::capsule::{self, Tensor, Wanted};
use crate::buffer::tensor::dlpack::{self, DLDataType, DLDevice, DLTensor};
use crate::buffer::tensor::held::Checked;
use pyo3::exceptions::PyBufferError;
use pyo3::prelude::*;
use std::sync::Arc;

/// The device of the host's memory.
pub const DEVICE: (i32, i32) = (dlpack::CPU, 0);

/// A use of the memory, which ends when this is dropped. Needs no GIL.
struct Use(Arc<HostMemory>);

impl Drop for Use {
    fn drop(&mut self) {
        self.0.uses.leave();
    }
}

/// What `__dlpack__` of that memory returns.
pub fn capsule<'py>(
    py: Python<'py>,
    memory: &Arc<HostMemory>,
    max_version: Option<(u32, u32)>,
    device: Option<(i32, i32)>,
    copy: Option<bool>,
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
    let wanted = Wanted {
        max_version,
        device,
        copy,
    };
    capsule::make(py, tensor, &wanted)
}
