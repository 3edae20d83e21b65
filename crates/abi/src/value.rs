//! Values that cross by value.

use crate::handle::NexusObject;
use core::ffi::c_char;

/// What a `NexusValue` holds. 32 bits wide.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NexusKind {
    /// Python's `None`.
    NEXUS_KIND_NONE = 0,
    /// A `bool`, in `as.boolean`.
    NEXUS_KIND_BOOLEAN = 1,
    /// An `int` that fits into 64 bits with a sign, in `as.integer`. A larger one is an object.
    NEXUS_KIND_INTEGER = 2,
    /// A `float`, in `as.real`.
    NEXUS_KIND_REAL = 3,
    /// A `str`, in `as.text`: UTF-8. One with lone surrogates, which UTF-8 cannot hold, is an object.
    NEXUS_KIND_TEXT = 4,
    /// A `bytes`, in `as.text`.
    NEXUS_KIND_BYTES = 5,
    /// Anything else, in `as.object`. Instances of subclasses of the types above are objects too, so that
    /// nothing about them is lost.
    NEXUS_KIND_OBJECT = 6,
}

/// A kind as it arrives from C: any number. The header shows it as `NexusKind`.
pub type RawKind = u32;

/// A truth value as it arrives from C: any byte. The header shows it as `bool`.
pub type RawBool = u8;

/// Text or bytes. `data` may be NULL when `size` is 0. Text that nexus_loader returns is followed by a
/// NUL that `size` does not count; what it takes needs none, and may hold NULs.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusText {
    /// The first byte.
    pub data: *const c_char,
    /// How many bytes.
    pub size: usize,
}

impl NexusText {
    /// Bytes as C sees them, for as long as they live.
    #[must_use]
    pub const fn of(bytes: &[u8]) -> Self {
        Self {
            data: bytes.as_ptr().cast(),
            size: bytes.len(),
        }
    }
}

/// The payload of a `NexusValue`, whose kind says which member counts.
#[repr(C)]
#[derive(Clone, Copy)]
pub union NexusPayload {
    /// For `NEXUS_KIND_BOOLEAN`.
    pub boolean: RawBool,
    /// For `NEXUS_KIND_INTEGER`.
    pub integer: i64,
    /// For `NEXUS_KIND_REAL`.
    pub real: f64,
    /// For `NEXUS_KIND_TEXT` and `NEXUS_KIND_BYTES`.
    pub text: NexusText,
    /// For `NEXUS_KIND_OBJECT`.
    pub object: *mut NexusObject,
}

/// A value that host and library pass to each other. Release one that a function returned with
/// `nexus_value_clear`, whatever its kind. One that the host made stays the host's.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusValue {
    /// What it holds.
    pub kind: RawKind,
    /// The value itself.
    pub r#as: NexusPayload,
    /// Keeps a returned text or bytes alive; NULL otherwise.
    pub owner: *mut NexusObject,
}

impl NexusValue {
    /// None, owning nothing: what an output holds before and after everything.
    pub const NONE: Self = Self::new(
        NexusKind::NEXUS_KIND_NONE,
        NexusPayload {
            text: NexusText {
                data: core::ptr::null(),
                size: 0,
            },
        },
    );

    /// A value without an owner.
    #[must_use]
    pub const fn new(kind: NexusKind, payload: NexusPayload) -> Self {
        Self {
            kind: kind as RawKind,
            r#as: payload,
            owner: core::ptr::null_mut(),
        }
    }
}
