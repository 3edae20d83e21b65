//! DLPack tensors, as they are described to the host.

use crate::value::RawBool;
use core::ffi::c_void;

/// Flag of `nexus_tensor_get`: memory of any device. Without this flag, what the processor cannot read is
/// refused.
pub const NEXUS_TENSOR_ANY_DEVICE: u32 = 1;

/// A DLPack tensor. Numbers are those of the DLPack specification, version 1. All pointers are valid
/// until `nexus_tensor_free`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusTensorInfo {
    /// `sizeof(NexusTensorInfo)`.
    pub struct_size: usize,
    /// The `DLManagedTensorVersioned`, or with `version_major` 0 the older `DLManagedTensor`. It is
    /// nexus_loader's until `nexus_tensor_take`.
    pub managed: *mut c_void,
    /// The item whose indices are all 0: `data` and `byte_offset` of the tensor, added. On a device whose
    /// memory the processor cannot read, `data` alone: there it may be no address.
    pub data: *mut c_void,
    /// Bytes of all items together.
    pub size: usize,
    /// How many dimensions; 0 for a single item.
    pub ndim: usize,
    /// `ndim` lengths, in items.
    pub shape: *const i64,
    /// `ndim` distances between neighbours, **in items**; they may be 0 or negative. Never NULL with a
    /// dimension, also where the tensor's own are.
    pub strides: *const i64,
    /// The tensor's version of DLPack; 0.0 for a `DLManagedTensor`.
    pub version_major: u32,
    /// As `version_major`.
    pub version_minor: u32,
    /// `DLDeviceType`: 1 is the processor's memory.
    pub device_type: i32,
    /// Which device of that type.
    pub device_id: i32,
    /// `DLDataTypeCode`: 0 int, 1 uint, 2 float, 4 bfloat, 5 complex, 6 bool, …
    pub type_code: u8,
    /// Bits of one number.
    pub type_bits: u8,
    /// Numbers in one item; 1 but for vector types.
    pub type_lanes: u16,
    /// Whether it must not be written to. A `DLManagedTensor` cannot tell.
    pub read_only: RawBool,
    /// Whether it is a copy that was made for the host.
    pub copied: RawBool,
    /// Whether it is one block in the order of C.
    pub c_contiguous: RawBool,
}
