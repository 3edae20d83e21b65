//! The vocabulary that the front and the engine of nexus_loader share: status codes, errors, values,
//! handles, and the few functions through which the two libraries know each other.
//!
//! Both libraries are built from the same sources and refuse each other otherwise, yet what crosses
//! between them is C only: structs of `repr(C)` and function pointers.

#![allow(non_camel_case_types)]

pub mod arrow;
pub mod buffer;
pub mod build_script;
pub mod comparison;
pub mod failure;
pub mod ffi;
pub mod function;
pub mod handle;
pub mod host_state;
pub mod loader;
pub mod log;
pub mod lookup;
pub mod memory;
pub mod path;
pub mod platform;
pub mod python;
pub mod report;
pub mod services;
pub mod slots;
pub mod status;
pub mod supported;
pub mod table;
pub mod tensor;
pub mod text;
pub mod value;

pub use arrow::*;
pub use buffer::*;
pub use comparison::*;
pub use failure::{Failure, Result};
pub use function::*;
pub use handle::*;
pub use loader::*;
pub use memory::*;
pub use python::*;
pub use report::*;
pub use status::*;
pub use tensor::*;
pub use value::*;

/// Version of the binary interface: the number in the SONAME of both libraries. It changes when a
/// program built against an older header would no longer work.
pub const ABI: u32 = 1;

/// Version of this build, as in Cargo.toml. The front takes only an engine of its own version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
