//! Memory that crosses without a copy: how it is described.

use crate::value::RawBool;
use core::ffi::{c_char, c_void};

/// For `nexus_buffer_get`: memory that may be written to.
pub const NEXUS_BUFFER_WRITABLE: u32 = 1;
/// For `nexus_buffer_get`: one block, the last index varying fastest, as in C.
pub const NEXUS_BUFFER_C_CONTIGUOUS: u32 = 2;
/// For `nexus_buffer_get`: one block, the first index varying fastest, as in Fortran. Together with
/// `NEXUS_BUFFER_C_CONTIGUOUS`: one block in either order.
pub const NEXUS_BUFFER_F_CONTIGUOUS: u32 = 4;
/// For `nexus_buffer_get`: `suboffsets` are understood here. Without this flag an object that has some
/// is refused.
pub const NEXUS_BUFFER_INDIRECT: u32 = 8;

/// Items in the order of C: the last index varies fastest.
pub const NEXUS_ORDER_C: u32 = 0;
/// Items in the order of Fortran: the first index varies fastest.
pub const NEXUS_ORDER_F: u32 = 1;

/// The memory of a Python object (PEP 3118). The item at `i, j, …` lies at
/// `data + i * strides[0] + j * strides[1] + …`. All pointers are valid until `nexus_buffer_free`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusBufferInfo {
    /// `sizeof(NexusBufferInfo)`.
    pub struct_size: usize,
    /// The item whose indices are all 0. May be NULL when there is none.
    pub data: *mut c_void,
    /// Bytes of all items together: what a contiguous copy of them takes.
    pub size: usize,
    /// Bytes of one item.
    pub item_size: usize,
    /// How many dimensions; 0 for a single item.
    pub ndim: usize,
    /// `ndim` lengths, in items.
    pub shape: *const isize,
    /// `ndim` distances between neighbours, in bytes; they may be 0 or negative.
    pub strides: *const isize,
    /// NULL, or (only with `NEXUS_BUFFER_INDIRECT`) `ndim` numbers: where one is not negative, the
    /// address that the indices so far lead to holds a pointer, to which it is to be added.
    pub suboffsets: *const isize,
    /// One item in the notation of Python's `struct` module, such as `d`, with the additions of PEP
    /// 3118. `B`, or for larger items `8s` and so on, if the object does not tell. Never NULL.
    pub format: *const c_char,
    /// Whether it must not be written to.
    pub read_only: RawBool,
    /// Whether it is one block in the order of C.
    pub c_contiguous: RawBool,
    /// Whether it is one block in the order of Fortran.
    pub f_contiguous: RawBool,
}

/// For `NexusMemoryLayout.flags`: Python must not write to it.
pub const NEXUS_MEMORY_READ_ONLY: u32 = 1;

/// Memory of the host, as Python is to see it. What it points to but the memory itself is copied.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusMemoryLayout {
    /// `sizeof(NexusMemoryLayout)`.
    pub struct_size: usize,
    /// Any of the `NEXUS_MEMORY_…` flags.
    pub flags: u32,
    /// The item whose indices are all 0. NULL only if there is none.
    pub data: *mut c_void,
    /// How many bytes there are. With a `shape`: 0, or how many bytes its items may reach over.
    pub size: usize,
    /// Bytes of one item. 0: as `format` says.
    pub item_size: usize,
    /// One item in the notation of Python's `struct` module, such as `d`. NULL: `B`, bytes.
    pub format: *const c_char,
    /// How many dimensions; at most 64.
    pub ndim: usize,
    /// `ndim` lengths, in items. NULL with `ndim` 0: one dimension, as many items as `size` holds. Not
    /// NULL with `ndim` 0: a single item without a dimension.
    pub shape: *const isize,
    /// `ndim` distances between neighbours, in bytes. NULL: one block in the order of C.
    pub strides: *const isize,
}

/// Told that Python is done with memory of the host: `data` as it was given, and the host's own
/// `user_data`. Called once, without the GIL, on whichever thread gave up the last use. It may call any
/// nexus function, and must neither throw nor `longjmp`.
pub type NexusMemoryRelease =
    Option<unsafe extern "C" fn(data: *mut c_void, user_data: *mut c_void)>;

/// For `nexus_tensor_get`: memory of any device. Without this flag, what the processor cannot read is
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
