//! Memory that crosses without a copy, both ways: buffers (PEP 3118), DLPack tensors, Arrow data.

mod arrow;
mod copy;
mod ffi;
mod format;
mod get;
mod host;
mod layout;
mod memory;
mod memory_object;
mod outside;
mod shape;
mod tensor;
mod view;
