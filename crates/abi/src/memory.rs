//! Memory of the host, as it is described to Python.

use core::ffi::{c_char, c_void};

/// Flag of `NexusMemoryLayout`: Python must not write to the memory.
pub const NEXUS_MEMORY_READ_ONLY: u32 = 1;

/// Memory of the host, as Python is to see it. All that it points to is copied, but not the memory itself.
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

/// A function of the host that is told once that Python does not use its memory any more.
///
/// `data`: as the host gave it. `user_data`: what the host gave to `nexus_memory_new`.
///
/// It is called without the GIL, on the thread that gave up the last use. It may call any function of this
/// library, and must neither throw nor `longjmp`.
pub type NexusMemoryRelease =
    Option<unsafe extern "C" fn(data: *mut c_void, user_data: *mut c_void)>;
