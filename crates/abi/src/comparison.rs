//! The comparisons of two objects.

/// How two objects are compared. The numbers are those of `Py_LT` to `Py_GE`. 32 bits wide.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NexusComparison {
    /// `object < other`.
    NEXUS_LESS = 0,
    /// `object <= other`.
    NEXUS_LESS_OR_EQUAL = 1,
    /// `object == other`.
    NEXUS_EQUAL = 2,
    /// `object != other`.
    NEXUS_NOT_EQUAL = 3,
    /// `object > other`.
    NEXUS_GREATER = 4,
    /// `object >= other`.
    NEXUS_GREATER_OR_EQUAL = 5,
}

/// A comparison as it arrives from C: any number. The header shows it as `NexusComparison`.
pub type RawComparison = u32;
