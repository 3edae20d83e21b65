//! The structs of DLPack, by its specification (dmlc/dlpack, version 1), checking them, and giving them back once. In
//! the host's own code they come from `dlpack.h`; nexus_loader's header has none of them.

use crate::buffer::outside;
use crate::buffer::shape::{self, MAX_NDIM, Order};
use crate::gil;
use core::ffi::{CStr, c_void};
use core::sync::atomic::{AtomicBool, Ordering};
use pyo3::ffi as python;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// The version that is spoken here. Minor versions add numbers only, which are handed through.
pub const VERSION: DLPackVersion = DLPackVersion { major: 1, minor: 1 };

/// Names of capsules that hold a tensor, and what a consumer that took it renames them to.
pub const VERSIONED: &CStr = c"dltensor_versioned";
/// As [`VERSIONED`].
pub const VERSIONED_USED: &CStr = c"used_dltensor_versioned";
/// As [`VERSIONED`], before version 1.
pub const LEGACY: &CStr = c"dltensor";
/// As [`LEGACY`].
pub const LEGACY_USED: &CStr = c"used_dltensor";

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

// SAFETY: a description; who follows its pointers must know that they are good.
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

/// A description without contradictions.
#[derive(Clone)]
pub struct Checked {
    /// As it was given.
    pub tensor: DLTensor,
    /// Bytes of all items together.
    pub size: usize,
    /// The lengths.
    pub shape: Box<[i64]>,
    /// The distances, in items.
    pub strides: Box<[i64]>,
    /// Whether it is one block in the order of C.
    pub c_contiguous: bool,
}

/// Bytes of one item, if they are whole.
pub fn item_size(tensor: &DLTensor) -> Option<usize> {
    let bits = usize::from(tensor.dtype.bits) * usize::from(tensor.dtype.lanes);
    (bits != 0 && bits.is_multiple_of(8)).then_some(bits / 8)
}

impl Checked {
    /// Checks a tensor and copies its shape and strides. An error tells what is wrong with it.
    ///
    /// # Safety
    /// The arrays of the tensor are NULL or have `ndim` numbers.
    pub unsafe fn new(tensor: DLTensor, flags: u64) -> core::result::Result<Self, String> {
        let ndim = usize::try_from(tensor.ndim)
            .ok()
            .filter(|&ndim| ndim <= MAX_NDIM)
            .ok_or_else(|| format!("has {} dimensions", tensor.ndim))?;
        if ndim != 0 && tensor.shape.is_null() {
            return Err("has no shape".into());
        }
        // SAFETY: not NULL, or of no dimension; the caller says that there are `ndim` numbers.
        let lengths = unsafe { numbers(tensor.shape, ndim) };
        let bits = isize::from(tensor.dtype.bits) * tensor.dtype.lanes as isize;
        // Bits first: items may be less than a byte, packed or each in bytes of its own.
        let padded = bits >= 8 || flags & SUBBYTE_PADDED != 0;
        let total = match padded {
            true => shape::size(lengths, (bits + 7) / 8),
            false => shape::size(lengths, bits).map(|bits| bits / 8 + isize::from(bits % 8 != 0)),
        };
        let Some(size) = total else {
            return Err(format!(
                "has the shape {lengths:?}, which is negative or more than memory"
            ));
        };
        if size != 0 && tensor.data.is_null() && is_readable(tensor.device.device_type) {
            return Err("is at NULL".into());
        }
        let strides = match tensor.strides.is_null() {
            true => shape::contiguous_strides(lengths, 1, Order::C),
            // SAFETY: not NULL; the caller says that there are `ndim` numbers.
            false => unsafe { numbers(tensor.strides, ndim) }.into(),
        };
        Ok(Self {
            tensor,
            size: size as usize,
            c_contiguous: shape::is_contiguous(lengths, &strides, 1, Order::C),
            shape: lengths.iter().map(|&length| length as i64).collect(),
            strides: strides.iter().map(|&stride| stride as i64).collect(),
        })
    }
}

/// An array of a struct of C as a slice; NULL is an empty one.
///
/// # Safety
/// `first` is NULL or points to `count` numbers that live for `'a`.
unsafe fn numbers<'a>(first: *const i64, count: usize) -> &'a [isize] {
    const _: () = assert!(size_of::<isize>() == size_of::<i64>());
    if first.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: not NULL, so there are `count` numbers; `isize` has the size and alignment of `i64`.
    unsafe { core::slice::from_raw_parts(first.cast::<isize>(), count) }
}

#[derive(Clone, Copy)]
enum Struct {
    Legacy(*mut DLManagedTensor),
    Versioned(*mut DLManagedTensorVersioned),
}

/// A tensor struct that is to be given back by its deleter, once.
pub struct Managed {
    pointer: Struct,
    /// Whether the host made it; else a Python library.
    of_host: bool,
    /// Whether its deleter is to be called here.
    owned: AtomicBool,
}

// SAFETY: nobody changes the struct, and its deleter may be called on any thread.
unsafe impl Send for Managed {}
// SAFETY: likewise.
unsafe impl Sync for Managed {}

impl Managed {
    /// Takes the tensor out of a capsule, which is renamed, so that nobody else does; `None` if there is
    /// none in it.
    pub fn take_from(capsule: &Bound<'_, PyCapsule>) -> Option<Self> {
        let capsule = capsule.as_ptr();
        let pointer = take_out(capsule, VERSIONED, VERSIONED_USED)
            .map(|pointer| Struct::Versioned(pointer.cast()))
            .or_else(|| {
                take_out(capsule, LEGACY, LEGACY_USED).map(|pointer| Struct::Legacy(pointer.cast()))
            })?;
        Some(Self {
            pointer,
            of_host: false,
            owned: AtomicBool::new(true),
        })
    }

    /// A struct of the host, of version 0 or 1, which is the host's until `take_over`.
    ///
    /// # Safety
    /// `managed` is such a struct, and stays one until this is dropped, or for good if it is taken over.
    pub unsafe fn of_host(managed: *mut c_void, version_major: u32) -> Option<Self> {
        let pointer = match version_major {
            0 => Struct::Legacy(managed.cast()),
            1 => Struct::Versioned(managed.cast()),
            _ => return None,
        };
        Some(Self {
            pointer,
            of_host: true,
            owned: AtomicBool::new(false),
        })
    }

    /// The struct itself.
    pub fn pointer(&self) -> *mut c_void {
        match self.pointer {
            Struct::Legacy(pointer) => pointer.cast(),
            Struct::Versioned(pointer) => pointer.cast(),
        }
    }

    /// Its version; `None` for the struct from before version 1.
    pub fn version(&self) -> Option<DLPackVersion> {
        match self.pointer {
            Struct::Legacy(_) => None,
            // SAFETY: alive until its deleter is called. The version is at its place in all versions.
            Struct::Versioned(pointer) => Some(unsafe { (*pointer).version }),
        }
    }

    /// Its flags; the older struct has none.
    pub fn flags(&self) -> u64 {
        match self.pointer {
            Struct::Legacy(_) => 0,
            // SAFETY: alive until its deleter is called. The flags are at their place in all versions.
            Struct::Versioned(pointer) => unsafe { (*pointer).flags },
        }
    }

    /// The tensor in it. Of a struct of another major version it means nothing.
    pub fn tensor(&self) -> DLTensor {
        // SAFETY: alive until its deleter is called.
        unsafe {
            match self.pointer {
                Struct::Legacy(pointer) => (*pointer).dl_tensor,
                Struct::Versioned(pointer) => (*pointer).dl_tensor,
            }
        }
    }

    /// From now on its deleter is called here.
    pub fn take_over(&self) {
        self.owned.store(true, Ordering::Release);
    }

    /// Lets go of the struct: its deleter is somebody else's to call. `None` if that was so already.
    pub fn take(&self) -> Option<*mut c_void> {
        self.owned
            .swap(false, Ordering::AcqRel)
            .then(|| self.pointer())
    }
}

impl Drop for Managed {
    fn drop(&mut self) {
        if self.take().is_none() {
            return;
        }
        let pointer = self.pointer;
        // SAFETY: the struct is given back by its own function, once; that may be NULL.
        let delete = move || unsafe {
            match pointer {
                Struct::Legacy(pointer) => {
                    if let Some(deleter) = (*pointer).deleter {
                        deleter(pointer);
                    }
                }
                Struct::Versioned(pointer) => {
                    if let Some(deleter) = (*pointer).deleter {
                        deleter(pointer);
                    }
                }
            }
        };
        if self.of_host {
            outside(delete);
        } else if let Ok(_attached) = gil::attach() {
            // Not every producer takes the GIL itself. Python is gone if it cannot be had, and the producer
            // with it.
            delete();
        }
    }
}

/// The pointer of a capsule of that name, which is renamed.
pub fn take_out(
    capsule: *mut python::PyObject,
    name: &'static CStr,
    renamed: &'static CStr,
) -> Option<*mut c_void> {
    // SAFETY: a living capsule, names that live for ever, and the GIL. Of a valid capsule the pointer can
    // be had and the name set.
    unsafe {
        if python::PyCapsule_IsValid(capsule, name.as_ptr()) == 0 {
            return None;
        }
        let pointer = python::PyCapsule_GetPointer(capsule, name.as_ptr());
        python::PyCapsule_SetName(capsule, renamed.as_ptr());
        Some(pointer)
    }
}
