//! Arrow: the C data and C stream interfaces handed through, by capsules (the Arrow PyCapsule interface).

mod export;
mod import;
mod object;
mod owned;

/// Names of capsules, and what is in them: an `ArrowSchema`, an `ArrowArray`, an `ArrowArrayStream`.
pub const SCHEMA: &core::ffi::CStr = c"arrow_schema";
/// As [`SCHEMA`].
pub const ARRAY: &core::ffi::CStr = c"arrow_array";
/// As [`SCHEMA`].
pub const STREAM: &core::ffi::CStr = c"arrow_array_stream";

pub use owned::Owned;
