//! Arrow data of the host: the functions that take it over, and what Python sees of it.

use crate::border::give_without_gil;
use crate::buffer::arrow::{
    ARRAY, Owned, Released, SCHEMA, STREAM, arrow_capsule, check_array, check_schema, share_array,
    share_schema, wrap_stream,
};
use crate::exception::OrRaised as _;
use crate::gil;
use crate::handles::objects;
use core::ffi::c_void;
use nexus_abi::ffi::{Inputs, null};
use nexus_abi::{
    ArrowArray, ArrowArrayStream, ArrowSchema, Failure, NexusError, NexusObject, NexusStatus,
    Result,
};
use pyo3::PyClass;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};

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
/// itself, or what `nexus_python_start` returns. Starts Python if nothing has.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_arrow_export_array(
    schema: *mut c_void,
    array: *mut c_void,
    object: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    let (schema, array) = (schema.cast::<ArrowSchema>(), array.cast::<ArrowArray>());
    give_without_gil(error, "object", object, |inputs| {
        let owned_schema = read(inputs, "schema", schema, check_schema)?;
        let owned_array = match array.is_null() {
            true => None,
            false => Some(read(inputs, "array", array, check_array)?),
        };
        let schema_object = SchemaObject {
            schema: Arc::clone(&owned_schema),
        };
        let made = match &owned_array {
            None => publish(schema_object)?,
            Some(owned_array) => publish(ArrayObject {
                schema: schema_object,
                array: Arc::clone(owned_array),
            })?,
        };
        owned_schema.take_over(schema);
        if let Some(owned_array) = owned_array {
            owned_array.take_over(array);
        }
        Ok(made)
    })
}

/// Makes an object with `__arrow_c_stream__` of an Arrow stream of the host, which can be read once.
///
/// `stream`: an `ArrowArrayStream` of the Arrow C stream interface. On success it is moved, as with
/// `nexus_arrow_export_array`. Its functions are called without the GIL, on any thread, one at a time; those
/// of the arrays that it gives are called as their consumer likes. `object` receives a handle that the caller
/// frees with `nexus_object_free`.
///
/// Returns what `nexus_arrow_export_array` returns. Starts Python if nothing has.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_arrow_export_stream(
    stream: *mut c_void,
    object: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    let stream = stream.cast::<ArrowArrayStream>();
    give_without_gil(error, "object", object, |inputs| {
        let owned = read(inputs, "stream", stream, |_, _| Ok(()))?;
        let made = publish(StreamObject {
            stream: Mutex::new(Some(Arc::clone(&owned))),
        })?;
        owned.take_over(stream);
        Ok(made)
    })
}

/// The content of a host's struct, checked. The struct itself is not changed yet.
fn read<T: Released>(
    inputs: Inputs<'_>,
    name: &str,
    pointer: *const T,
    check: impl FnOnce(Inputs<'_>, &T) -> core::result::Result<(), &'static str>,
) -> Result<Arc<Owned<T>>> {
    let content = inputs.one(pointer).ok_or_else(|| null(name))?;
    let checked = match content.is_released() {
        true => Err("was released or moved already: its 'release' is NULL"),
        false => check(inputs, content),
    };
    match checked {
        Ok(()) => Ok(Arc::new(Owned::new(*content))),
        Err(why) => Err(Failure::invalid(format!("argument '{name}' {why}"))),
    }
}

/// A handle to a new object.
fn publish<T: PyClass>(content: impl Into<PyClassInitializer<T>>) -> Result<*mut NexusObject> {
    gil::with(|py| {
        let made = Py::new(py, content).or_raised(py)?;
        objects::publish(made.into_bound(py).into_any())
    })
}

/// An Arrow schema of the program that embeds Python.
#[pyclass(frozen, module = "nexus_loader", name = "ArrowSchema")]
struct SchemaObject {
    schema: Arc<Owned<ArrowSchema>>,
}

#[pymethods]
impl SchemaObject {
    /// A capsule with the schema.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        arrow_capsule(py, share_schema(&self.schema), SCHEMA)
    }
}

/// Arrow data of the program that embeds Python: use pyarrow.array(), polars.from_arrow() and the like.
#[pyclass(frozen, module = "nexus_loader", name = "ArrowArray")]
struct ArrayObject {
    schema: SchemaObject,
    array: Arc<Owned<ArrowArray>>,
}

#[pymethods]
impl ArrayObject {
    /// A capsule with the schema.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.schema.__arrow_c_schema__(py)
    }

    /// Capsules with the schema and the array. Another schema is not converted to: it is a wish.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        drop(requested_schema);
        Ok((
            self.schema.__arrow_c_schema__(py)?,
            arrow_capsule(py, share_array(&self.array), ARRAY)?,
        ))
    }
}

/// A stream of Arrow data of the program that embeds Python, to be read once.
#[pyclass(frozen, module = "nexus_loader", name = "ArrowStream")]
struct StreamObject {
    stream: Mutex<Option<Arc<Owned<ArrowArrayStream>>>>,
}

#[pymethods]
impl StreamObject {
    /// A capsule with the stream, once. Another schema is not converted to: it is a wish.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        drop(requested_schema);
        let stream = self
            .stream
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .ok_or_else(|| PyValueError::new_err("the host's stream was read already"))?;
        arrow_capsule(py, wrap_stream(stream), STREAM)
    }
}
