//! Arrow data of the host.

use crate::border::guard;
use crate::buffer::arrow::Owned;
use crate::buffer::arrow::object::{ArrayObject, SchemaObject, StreamObject};
use crate::buffer::ffi::{Released, check_array, check_schema, end_moved, read_unreleased};
use crate::exception;
use crate::gil;
use crate::handles::objects;
use core::ffi::c_void;
use nexus_abi::ffi::output;
use nexus_abi::*;
use pyo3::prelude::*;
use std::sync::Arc;

/// Makes an object with `__arrow_c_schema__` and `__arrow_c_array__` of an Arrow array of the host (a column,
/// or a record batch): for pyarrow, polars, pandas, duckdb, nanoarrow. Without a copy of the values, and as
/// often as they like.
///
/// `schema`, `array`: an `ArrowSchema` and an `ArrowArray` of the Arrow C data interface; `array` may be NULL,
/// for an object that has a schema only. On success they are moved: nexus_loader releases them, once each, and
/// the host's structs have `release` NULL. `release` is called without the GIL, on whichever thread gave up
/// the last use. On failure they stay the host's. `object` receives a handle that the caller frees with
/// `nexus_object_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` for a NULL, for a struct that was released, or one that contradicts
/// itself, or what `nexus_python_start` returns. Any thread; starts Python if nothing has.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_arrow_export_array(
    schema: *mut c_void,
    array: *mut c_void,
    object: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        output("object", object, core::ptr::null_mut())?;
        let owned_schema = take::<ArrowSchema>("schema", schema)?;
        // SAFETY: the contract of the header.
        unsafe { check_schema(owned_schema.pointer()) }
            .map_err(|why| invalid("schema", why, &owned_schema))?;
        let owned_array = match array.is_null() {
            true => None,
            false => {
                let owned =
                    take::<ArrowArray>("array", array).inspect_err(|_| owned_schema.leave())?;
                // SAFETY: the contract of the header.
                unsafe { check_array(owned.pointer()) }.map_err(|why| {
                    owned_schema.leave();
                    invalid("array", why, &owned)
                })?;
                Some(owned)
            }
        };
        let made = gil::with(|py| {
            let made = match &owned_array {
                None => Py::new(py, SchemaObject::new(Arc::clone(&owned_schema)))
                    .map(|object| object.into_bound(py).into_any()),
                Some(owned_array) => {
                    let content =
                        ArrayObject::new(Arc::clone(&owned_schema), Arc::clone(owned_array));
                    Py::new(py, content).map(|object| object.into_bound(py).into_any())
                }
            };
            objects::publish(made.map_err(|error| exception::failure(py, &error))?)
        });
        if made.is_err() {
            owned_schema.leave();
            owned_array.iter().for_each(|array| array.leave());
        }
        let made = made?;
        // SAFETY: the contract of the header; the structs live elsewhere now.
        unsafe {
            end_moved::<ArrowSchema>(schema);
            end_moved::<ArrowArray>(array);
        }
        output("object", object, made)
    })
}

/// Makes an object with `__arrow_c_stream__` of an Arrow stream of the host, which can be read once.
///
/// `stream`: an `ArrowArrayStream` of the Arrow C stream interface. On success it is moved, as with
/// `nexus_arrow_export_array`. Its functions are called without the GIL, on any thread, one at a time; those
/// of the arrays that it gives are called as their consumer likes. `object` receives a handle that the caller
/// frees with `nexus_object_free`.
///
/// Returns as `nexus_arrow_export_array`. Any thread; starts Python if nothing has.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_arrow_export_stream(
    stream: *mut c_void,
    object: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        output("object", object, core::ptr::null_mut())?;
        let owned = take::<ArrowArrayStream>("stream", stream)?;
        let made = gil::with(|py| {
            let made = Py::new(py, StreamObject::new(Arc::clone(&owned)))
                .map_err(|error| exception::failure(py, &error))?;
            objects::publish(made.into_bound(py).into_any())
        });
        if made.is_err() {
            owned.leave();
        }
        let made = made?;
        // SAFETY: the contract of the header; the struct lives elsewhere now.
        unsafe { end_moved::<ArrowArrayStream>(stream) };
        output("object", object, made)
    })
}

/// The content of a host's struct; the struct itself is not changed yet.
fn take<T: Released>(name: &str, pointer: *mut c_void) -> Result<Arc<Owned<T>>> {
    if pointer.is_null() {
        return Err(nexus_abi::ffi::null(name));
    }
    // SAFETY: the contract of the header.
    unsafe { read_unreleased::<T>(pointer) }
        .map(|content| Arc::new(Owned::new(content)))
        .ok_or_else(|| {
            Failure::new(
                NexusStatus::NEXUS_ERR_INVALID_ARGUMENT,
                format!("argument '{name}' was released or moved already: its 'release' is NULL"),
            )
        })
}

fn invalid<T: Released>(name: &str, why: &str, owned: &Owned<T>) -> Box<Failure> {
    owned.leave();
    Failure::new(
        NexusStatus::NEXUS_ERR_INVALID_ARGUMENT,
        format!("argument '{name}' {why}"),
    )
}
