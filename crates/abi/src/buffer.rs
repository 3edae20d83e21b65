//! The memory of Python objects, as it is described to the host.

use crate::value::RawBool;
use core::ffi::{c_char, c_void};

/// Flag of `nexus_buffer_get`: memory that may be written to.
pub const NEXUS_BUFFER_WRITABLE: u32 = 1;
/// Flag of `nexus_buffer_get`: one block, the last index varying fastest, as in C.
pub const NEXUS_BUFFER_C_CONTIGUOUS: u32 = 2;
/// Flag of `nexus_buffer_get`: one block, the first index varying fastest, as in Fortran. Together with
/// `NEXUS_BUFFER_C_CONTIGUOUS`: one block in either order.
pub const NEXUS_BUFFER_F_CONTIGUOUS: u32 = 4;
/// Flag of `nexus_buffer_get`: `suboffsets` are understood here. Without this flag an object that has some
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
