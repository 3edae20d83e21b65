//! Handles: typed opaque pointers that are never dereferenced.
//!
//! The 64 bits of a handle say which table, which slot, and which use of that slot it means:
//!
//! ```text
//! 63    58 57              32 31                0
//! +-------+------------------+------------------+
//! | kind  |      index       |    generation    |
//! +-------+------------------+------------------+
//! ```
//!
//! The kind is 1 to 62, so that the uppermost byte is neither 0x00 nor 0xff: on x86-64 and aarch64 no
//! such address can be mapped for a program, and a host that dereferences one by mistake faults at
//! once. A slot's generation grows with each use and the slot is retired before it would repeat, so a
//! freed handle never becomes valid again.

use core::num::NonZeroU64;

const _: () = assert!(size_of::<usize>() == 8, "handles need 64-bit pointers");

/// What a handle stands for. The number is part of the handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A `NexusError`.
    Error = 1,
    /// A `NexusNames`.
    Names = 2,
    /// A `NexusLoader`.
    Loader = 3,
    /// A `NexusReport`.
    Report = 4,
    /// A `NexusObject`.
    Object = 5,
    /// A `NexusInspection`.
    Inspection = 6,
    /// A `NexusCall`.
    Call = 7,
    /// A `NexusBuffer`.
    Buffer = 8,
    /// A `NexusMemory`.
    Memory = 9,
    /// A `NexusTensor`.
    Tensor = 10,
}

impl Kind {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Error,
        Self::Names,
        Self::Loader,
        Self::Report,
        Self::Object,
        Self::Inspection,
        Self::Call,
        Self::Buffer,
        Self::Memory,
        Self::Tensor,
    ];

    /// The name that the header uses.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Error => "NexusError",
            Self::Names => "NexusNames",
            Self::Loader => "NexusLoader",
            Self::Report => "NexusReport",
            Self::Object => "NexusObject",
            Self::Inspection => "NexusInspection",
            Self::Call => "NexusCall",
            Self::Buffer => "NexusBuffer",
            Self::Memory => "NexusMemory",
            Self::Tensor => "NexusTensor",
        }
    }
}

const INDEX_BITS: u32 = 26;
const KIND_SHIFT: u32 = 32 + INDEX_BITS;

/// How many handles of a kind can be alive at a time.
pub const MAX_HANDLES: u32 = 1 << INDEX_BITS;

/// A handle taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle {
    /// Which slot of its kind's table.
    pub index: u32,
    /// Which use of the slot; never 0 for a live one.
    pub generation: u32,
}

impl Handle {
    /// The bits of this handle for that kind.
    #[must_use]
    pub const fn encode(self, kind: Kind) -> NonZeroU64 {
        let bits = (kind as u64) << KIND_SHIFT | (self.index as u64) << 32 | self.generation as u64;
        NonZeroU64::new(bits).expect("a kind is not 0")
    }

    /// Takes apart what came from C; `None` if it is of another kind, or no handle at all.
    #[must_use]
    pub const fn decode(bits: u64, kind: Kind) -> Option<Self> {
        if bits >> KIND_SHIFT != kind as u64 {
            return None;
        }
        Some(Self {
            index: (bits >> 32) as u32 & (MAX_HANDLES - 1),
            generation: bits as u32,
        })
    }
}

/// An opaque type of the header and the kind of its handles.
pub trait Opaque {
    /// The kind of the handles that point to it.
    const KIND: Kind;
}

macro_rules! opaque {
    ($($name:ident => $kind:ident),* $(,)?) => { $(
        impl Opaque for $name { const KIND: Kind = Kind::$kind; }
    )* };
}

/// A failure with all that is known about it. Free with `nexus_error_free`.
pub struct NexusError {
    _opaque: [u8; 0],
}
/// A list of names. Free with `nexus_names_free`.
pub struct NexusNames {
    _opaque: [u8; 0],
}
/// The modules of a directory. Free with `nexus_loader_free`.
pub struct NexusLoader {
    _opaque: [u8; 0],
}
/// What became of each file and each requested name. Free with `nexus_report_free`.
pub struct NexusReport {
    _opaque: [u8; 0],
}
/// A Python object: module, function, class, anything. Free with `nexus_object_free`.
pub struct NexusObject {
    _opaque: [u8; 0],
}

/// What was found out about one file. Free with `nexus_inspection_free`.
pub struct NexusInspection {
    _opaque: [u8; 0],
}

/// A call that is made ready once and made many times. Free with `nexus_call_free`.
pub struct NexusCall {
    _opaque: [u8; 0],
}
/// The memory of a Python object, held for the host. Free with `nexus_buffer_free`.
pub struct NexusBuffer {
    _opaque: [u8; 0],
}
/// Memory of the host that Python may see. Free with `nexus_memory_free`.
pub struct NexusMemory {
    _opaque: [u8; 0],
}
/// A DLPack tensor of a Python object, held for the host. Free with `nexus_tensor_free`.
pub struct NexusTensor {
    _opaque: [u8; 0],
}

opaque! {
    NexusError => Error,
    NexusNames => Names,
    NexusLoader => Loader,
    NexusReport => Report,
    NexusObject => Object,
    NexusInspection => Inspection,
    NexusCall => Call,
    NexusBuffer => Buffer,
    NexusMemory => Memory,
    NexusTensor => Tensor,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_and_decodes_at_the_limits() {
        for handle in [
            Handle {
                index: 0,
                generation: 1,
            },
            Handle {
                index: MAX_HANDLES - 1,
                generation: u32::MAX,
            },
        ] {
            for kind in [Kind::Error, Kind::Object, Kind::Inspection] {
                let bits = handle.encode(kind).get();
                assert_eq!(Handle::decode(bits, kind), Some(handle));
                assert!(
                    !matches!(bits >> 56, 0 | 0xff),
                    "a mappable address: {bits:#x}"
                );
            }
            assert_eq!(
                Handle::decode(handle.encode(Kind::Error).get(), Kind::Names),
                None
            );
        }
        for pointer in [0, 1, 0x7fff_ffff_ffff, 0x5555_5555_4000, u64::MAX] {
            assert_eq!(Handle::decode(pointer, Kind::Object), None);
        }
    }
}
