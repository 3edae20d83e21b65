//! Making DLPack capsules.

use crate::buffer::copy::{self, Direction, Strided};
use crate::buffer::shape::{self, Order};
use crate::buffer::tensor::dlpack::{
    self, Checked, DLManagedTensor, DLManagedTensorVersioned, DLPackVersion, DLTensor, item_size,
    take_out,
};
use core::ffi::{CStr, c_void};
use nexus_abi::ffi::guard_or;
use pyo3::exceptions::PyBufferError;
use pyo3::ffi as python;
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
    match versioned {
        true => capsule::<DLManagedTensorVersioned>(py, tensor),
        false => capsule::<DLManagedTensor>(py, tensor),
    }
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
        unsafe { copy::copy(&items, Order::C, data.cast(), Direction::Out) };
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

/// One of the two structs of DLPack, in a capsule of its own name.
trait Struct: 'static {
    const NAME: &CStr;
    /// What a consumer that took it renames the capsule to.
    const USED: &CStr;

    fn new(dl_tensor: DLTensor, version: DLPackVersion, flags: u64) -> Self;
    fn manager_ctx(&mut self) -> &mut *mut c_void;
}

impl Struct for DLManagedTensorVersioned {
    const NAME: &CStr = dlpack::VERSIONED;
    const USED: &CStr = dlpack::VERSIONED_USED;

    fn new(dl_tensor: DLTensor, version: DLPackVersion, flags: u64) -> Self {
        Self {
            version,
            manager_ctx: core::ptr::null_mut(),
            deleter: Some(delete),
            flags,
            dl_tensor,
        }
    }

    fn manager_ctx(&mut self) -> &mut *mut c_void {
        &mut self.manager_ctx
    }
}

impl Struct for DLManagedTensor {
    const NAME: &CStr = dlpack::LEGACY;
    const USED: &CStr = dlpack::LEGACY_USED;

    fn new(dl_tensor: DLTensor, _: DLPackVersion, _: u64) -> Self {
        Self {
            dl_tensor,
            manager_ctx: core::ptr::null_mut(),
            deleter: Some(delete),
        }
    }

    fn manager_ctx(&mut self) -> &mut *mut c_void {
        &mut self.manager_ctx
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
fn capsule<M: Struct>(py: Python<'_>, tensor: Tensor) -> PyResult<Bound<'_, PyAny>> {
    let (mut shape, mut strides) = (tensor.checked.shape, tensor.checked.strides);
    let dl_tensor = DLTensor {
        shape: shape.as_mut_ptr(),
        strides: strides.as_mut_ptr(),
        ..tensor.checked.tensor
    };
    let made = Box::into_raw(Box::new(Made {
        managed: M::new(dl_tensor, tensor.version, tensor.flags),
        _shape: shape,
        _strides: strides,
        _keep: tensor.keep,
    }));
    // SAFETY: made above, and nobody else has it yet; its deleter gives it back. The name lives for ever, and the GIL is
    // held.
    unsafe {
        *(*made).managed.manager_ctx() = made.cast();
        let managed = &raw mut (*made).managed;
        let capsule = python::PyCapsule_New(managed.cast(), M::NAME.as_ptr(), Some(end::<M>));
        Bound::from_owned_ptr_or_err(py, capsule).inspect_err(|_| delete(managed))
    }
}

/// The deleter of a struct that was made here.
unsafe extern "C" fn delete<M: Struct>(managed: *mut M) {
    // SAFETY: a struct of `capsule`, whose consumer is done with it.
    guard_or((), || unsafe {
        drop(Box::from_raw((*managed).manager_ctx().cast::<Made<M>>()));
    });
}

/// The end of a capsule. One that was used has another name.
unsafe extern "C" fn end<M: Struct>(capsule: *mut python::PyObject) {
    if let Some(pointer) = take_out(capsule, M::NAME, M::USED) {
        // SAFETY: what `capsule` put in under that name, which nobody has taken.
        unsafe { delete(pointer.cast::<M>()) };
    }
}
