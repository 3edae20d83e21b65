//! Tensors: DLPack, both ways.

pub mod capsule;
pub mod dlpack;
mod export;
mod get;
mod held;
mod host;
pub mod memory;
mod object;
