//! Making DLPack capsules.

use crate::buffer::ffi::{self, Direction, Strided};
use crate::buffer::shape::{self, Order};
use crate::buffer::tensor::dlpack::{self, DLPackVersion, DLTensor};
use crate::buffer::tensor::held::{Checked, item_size};
use pyo3::exceptions::PyBufferError;
use pyo3::prelude::*;
use std::sync::Arc;

/// What a consumer asks for: the arguments of `__dlpack__`, as the array API standard has them.
pub struct Wanted {
    /// The newest version that it understands; `None`: one from before version 1.
    pub max_version: Option<(u32, u32)>,
    /// Where it wants the memory to be.
    pub device: Option<(i32, i32)>,
    /// Whether it must be a copy, must not be one, or may be.
    pub copy: Option<bool>,
}

/// A tensor, and what keeps its memory where it is.
pub struct Tensor {
    /// What it is like.
    pub checked: Checked,
    /// DLPack's flags.
    pub flags: u64,
    /// Its version.
    pub version: DLPackVersion,
    /// Dropped, on whatever thread, when the consumer is done with it.
    pub keep: Arc<dyn Send + Sync>,
}

fn refuse<T>(why: impl Into<String>) -> PyResult<T> {
    Err(PyBufferError::new_err(why.into()))
}

/// A capsule for that consumer.
pub fn make<'py>(
    py: Python<'py>,
    mut tensor: Tensor,
    wanted: &Wanted,
) -> PyResult<Bound<'py, PyAny>> {
    let device = tensor.checked.tensor.device;
    if let Some(device_wanted) = wanted.device
        && device_wanted != (device.device_type, device.device_id)
    {
        return refuse(format!(
            "the memory is on device {:?}, not on {device_wanted:?}",
            (device.device_type, device.device_id)
        ));
    }
    if wanted.copy == Some(true) {
        tensor = copied(tensor)?;
    }
    let versioned = wanted.max_version.is_some_and(|(major, _)| major >= 1);
    if !versioned && tensor.flags & dlpack::READ_ONLY != 0 {
        return refuse("the memory is read-only, which DLPack before version 1 cannot tell");
    }
    if !versioned && tensor.flags & dlpack::SUBBYTE_PADDED != 0 {
        return refuse("the items are padded, which DLPack before version 1 cannot tell");
    }
    ffi::tensor_capsule(py, tensor, versioned)
}

/// A copy of all items, in one block.
fn copied(tensor: Tensor) -> PyResult<Tensor> {
    let Checked {
        tensor: original,
        size,
        shape,
        strides,
        ..
    } = &tensor.checked;
    let readable = dlpack::is_readable(original.device.device_type);
    let Some(item) = item_size(original).filter(|_| readable) else {
        return refuse("the host cannot copy this memory");
    };
    let lengths: Box<[isize]> = shape.iter().map(|&length| length as isize).collect();
    let distances: Box<[isize]> = (strides.iter())
        .map(|&stride| (stride as isize).wrapping_mul(item as isize))
        .collect();
    // Of 64-bit words, so that the copy is aligned for every type.
    let mut block: Box<[u64]> = vec![0; size.div_ceil(8)].into();
    let items = Strided {
        data: original
            .data
            .cast::<u8>()
            .wrapping_add(original.byte_offset as usize),
        item_size: item,
        shape: &lengths,
        strides: &distances,
        suboffsets: None,
    };
    let data = block.as_mut_ptr();
    if *size != 0 {
        // SAFETY: the tensor was checked, and is kept; the block has room for all of it.
        unsafe { ffi::copy(&items, Order::C, data.cast(), Direction::Out) };
    }
    let strides = shape::contiguous_strides(&lengths, 1, Order::C);
    Ok(Tensor {
        checked: Checked {
            tensor: DLTensor {
                data: data.cast(),
                byte_offset: 0,
                ..*original
            },
            size: *size,
            shape: shape.clone(),
            strides: strides.iter().map(|&stride| stride as i64).collect(),
            c_contiguous: true,
        },
        flags: (tensor.flags & !dlpack::READ_ONLY) | dlpack::IS_COPIED,
        version: tensor.version,
        keep: Arc::new(block),
    })
}
