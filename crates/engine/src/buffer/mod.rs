//! Memory that crosses without a copy, both ways: buffers (PEP 3118), DLPack tensors, Arrow data.

mod arrow;
mod copy;
mod get;
mod host;
mod memory;
mod shape;
mod tensor;
mod view;

use crate::border::guard;
use crate::python::Pending;
use crate::{gil, handles};
use nexus_abi::ffi::{clear, output, sized_out};
use nexus_abi::handle::Opaque;
use nexus_abi::table::Table;
use nexus_abi::{NexusError, NexusStatus, Result};
use pyo3::prelude::*;
use std::sync::Arc;

/// Calls the host back without the GIL, whether this thread holds it or not: the host may wait in there for a thread
/// that needs it. This may be a destructor that Python runs while an exception is on its way, which the functions of
/// this library that are called in there must not see.
fn outside<R>(call: impl FnOnce() -> R) -> R {
    if !gil::holds_gil() {
        return call();
    }
    let _aside = Pending::take();
    gil::without(call)
}

/// The body of a function with two outputs: a handle to what `get` gives, and, unless it is NULL, the `info` that
/// `tell` makes of it.
fn give_with_info<T, H: Opaque, I: Copy>(
    error: *mut *mut NexusError,
    table: &Table<T>,
    (name, place): (&str, *mut *mut H),
    info: *mut I,
    get: impl FnOnce(Python<'_>) -> Result<T>,
    tell: impl FnOnce(&T) -> I,
) -> NexusStatus {
    guard(error, |_| {
        let wants_info = !info.is_null();
        let cleared = match wants_info {
            true => sized_out("info", info, None),
            false => Ok(()),
        };
        output(name, place, core::ptr::null_mut())?;
        cleared?;
        let content = gil::with(|py| get(py).map(Arc::new))?;
        clear(place, handles::publish(table, Arc::clone(&content))?);
        match wants_info {
            true => sized_out("info", info, Some(&tell(&content))),
            false => Ok(()),
        }
    })
}
