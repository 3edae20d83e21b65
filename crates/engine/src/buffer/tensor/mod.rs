//! Tensors: DLPack, both ways.

mod capsule;
mod dlpack;
mod export;
mod get;

pub use capsule::Wanted;
pub use export::{DEVICE, memory_capsule};
