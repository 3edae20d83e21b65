//! The structs of DLPack, by its specification (dmlc/dlpack, version 1). In the host's own code they come
//! from `dlpack.h`; nexus_loader's header has none of them.

use core::ffi::c_void;

/// The version that is spoken here. Minor versions add numbers only, which are handed through.
pub const VERSION: DLPackVersion = DLPackVersion { major: 1, minor: 1 };

/// Names of capsules that hold a tensor, and what a consumer that took it renames them to.
pub const VERSIONED: &core::ffi::CStr = c"dltensor_versioned";
/// As [`VERSIONED`].
pub const VERSIONED_USED: &core::ffi::CStr = c"used_dltensor_versioned";
/// As [`VERSIONED`], before version 1.
pub const LEGACY: &core::ffi::CStr = c"dltensor";
/// As [`LEGACY`].
pub const LEGACY_USED: &core::ffi::CStr = c"used_dltensor";

/// Flag of a tensor that must not be written to.
pub const READ_ONLY: u64 = 1;
/// Flag of a tensor that was copied for its consumer.
pub const IS_COPIED: u64 = 2;
/// Flag of a tensor whose items of less than a byte have a byte each.
pub const SUBBYTE_PADDED: u64 = 4;

/// The processor's memory.
pub const CPU: i32 = 1;

/// Whether the processor can read the memory of such a device: its own, what is pinned for CUDA (3) and ROCm
/// (11), and CUDA's managed memory (13).
pub fn is_readable(device_type: i32) -> bool {
    matches!(device_type, CPU | 3 | 11 | 13)
}

/// Codes of types.
pub mod code {
    pub const INT: u8 = 0;
    pub const UINT: u8 = 1;
    pub const FLOAT: u8 = 2;
    pub const COMPLEX: u8 = 5;
    pub const BOOL: u8 = 6;
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DLPackVersion {
    pub major: u32,
    pub minor: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DLDevice {
    pub device_type: i32,
    pub device_id: i32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DLDataType {
    pub code: u8,
    pub bits: u8,
    pub lanes: u16,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct DLTensor {
    pub data: *mut c_void,
    pub device: DLDevice,
    pub ndim: i32,
    pub dtype: DLDataType,
    pub shape: *mut i64,
    pub strides: *mut i64,
    pub byte_offset: u64,
}

// SAFETY: a description; that its pointers are good is up to whoever follows them.
unsafe impl Send for DLTensor {}
// SAFETY: likewise.
unsafe impl Sync for DLTensor {}

/// Before version 1.
#[repr(C)]
pub struct DLManagedTensor {
    pub dl_tensor: DLTensor,
    pub manager_ctx: *mut c_void,
    pub deleter: Option<unsafe extern "C" fn(*mut DLManagedTensor)>,
}

/// Everything up to `flags` stays where it is in all versions to come.
#[repr(C)]
pub struct DLManagedTensorVersioned {
    pub version: DLPackVersion,
    pub manager_ctx: *mut c_void,
    pub deleter: Option<unsafe extern "C" fn(*mut DLManagedTensorVersioned)>,
    pub flags: u64,
    pub dl_tensor: DLTensor,
}
