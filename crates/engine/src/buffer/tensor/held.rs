//! A tensor that was handed over, with everything about it checked.

use crate::buffer::ffi::{Managed, numbers};
use crate::buffer::shape::{self, MAX_NDIM, Order};
use crate::buffer::tensor::dlpack::{self, DLPackVersion, DLTensor};
use nexus_abi::*;

/// A description without contradictions.
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
        // SAFETY: handed on to the caller.
        let lengths = unsafe { numbers(tensor.shape, ndim) };
        let bits = isize::from(tensor.dtype.bits) * tensor.dtype.lanes as isize;
        // Bits first: items may be less than a byte, packed or each in bytes of its own.
        let padded = bits >= 8 || flags & dlpack::SUBBYTE_PADDED != 0;
        let total = match padded {
            true => shape::size(lengths, (bits + 7) / 8),
            false => shape::size(lengths, bits).map(|bits| bits / 8 + isize::from(bits % 8 != 0)),
        };
        let Some(size) = total else {
            return Err(format!(
                "has the shape {lengths:?}, which is negative or more than memory"
            ));
        };
        if size != 0 && tensor.data.is_null() && dlpack::is_readable(tensor.device.device_type) {
            return Err("is at NULL".into());
        }
        let strides = match tensor.strides.is_null() {
            true => shape::contiguous_strides(lengths, 1, Order::C),
            // SAFETY: handed on to the caller.
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

/// A tensor of a Python object.
pub struct Held {
    managed: Managed,
    // Copied, since the struct may be taken away at any time.
    checked: Checked,
    version: Option<DLPackVersion>,
    flags: u64,
}

impl Held {
    /// Checks what a producer has handed over; it is given back if something is wrong with it.
    pub fn new(managed: Managed, flags: u32) -> core::result::Result<Self, String> {
        let version = managed.version();
        if let Some(version) = version
            && version.major != dlpack::VERSION.major
        {
            return Err(format!(
                "is of DLPack version {}.{}, which is not known here",
                version.major, version.minor
            ));
        }
        // SAFETY: a producer's own description, of a version that is known.
        let checked = unsafe { Checked::new(managed.tensor(), managed.flags()) }?;
        let device = checked.tensor.device.device_type;
        if flags & NEXUS_TENSOR_ANY_DEVICE == 0 && !dlpack::is_readable(device) {
            return Err(format!(
                "is in the memory of a device of type {device}, which the processor cannot read; \
                 NEXUS_TENSOR_ANY_DEVICE allows it"
            ));
        }
        Ok(Self {
            checked,
            version,
            flags: managed.flags(),
            managed,
        })
    }

    /// What the host is told.
    pub fn info(&self) -> NexusTensorInfo {
        let Checked {
            tensor,
            size,
            shape,
            strides,
            c_contiguous,
        } = &self.checked;
        let Self { version, flags, .. } = *self;
        NexusTensorInfo {
            struct_size: 0,
            managed: self.managed.pointer(),
            data: match dlpack::is_readable(tensor.device.device_type) {
                true => tensor.data.wrapping_byte_add(tensor.byte_offset as usize),
                false => tensor.data,
            },
            size: *size,
            ndim: shape.len(),
            shape: shape.as_ptr(),
            strides: strides.as_ptr(),
            version_major: version.map_or(0, |version| version.major),
            version_minor: version.map_or(0, |version| version.minor),
            device_type: tensor.device.device_type,
            device_id: tensor.device.device_id,
            type_code: tensor.dtype.code,
            type_bits: tensor.dtype.bits,
            type_lanes: tensor.dtype.lanes,
            read_only: RawBool::from(flags & dlpack::READ_ONLY != 0),
            copied: RawBool::from(flags & dlpack::IS_COPIED != 0),
            c_contiguous: RawBool::from(*c_contiguous),
        }
    }

    /// Hands the tensor over: it is not given back here any more. `None` if somebody else was faster.
    pub fn take(&self) -> Option<*mut core::ffi::c_void> {
        self.managed.take()
    }
}
