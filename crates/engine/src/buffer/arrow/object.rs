//! What Python sees of the host's Arrow data.

use crate::buffer::arrow::{ARRAY, Owned, SCHEMA, STREAM};
use crate::buffer::ffi::{arrow_capsule, share_array, share_schema, wrap_stream};
use nexus_abi::{ArrowArray, ArrowArrayStream, ArrowSchema};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};

/// An Arrow schema of the program that embeds Python.
#[pyclass(frozen, module = "nexus_loader", name = "ArrowSchema")]
pub struct SchemaObject {
    schema: Arc<Owned<ArrowSchema>>,
}

impl SchemaObject {
    /// The object for that schema.
    pub fn new(schema: Arc<Owned<ArrowSchema>>) -> Self {
        Self { schema }
    }
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
pub struct ArrayObject {
    schema: Arc<Owned<ArrowSchema>>,
    array: Arc<Owned<ArrowArray>>,
}

impl ArrayObject {
    /// The object for that array.
    pub fn new(schema: Arc<Owned<ArrowSchema>>, array: Arc<Owned<ArrowArray>>) -> Self {
        Self { schema, array }
    }
}

#[pymethods]
impl ArrayObject {
    /// A capsule with the schema.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        arrow_capsule(py, share_schema(&self.schema), SCHEMA)
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
            arrow_capsule(py, share_schema(&self.schema), SCHEMA)?,
            arrow_capsule(py, share_array(&self.array), ARRAY)?,
        ))
    }
}

/// A stream of Arrow data of the program that embeds Python, to be read once.
#[pyclass(frozen, module = "nexus_loader", name = "ArrowStream")]
pub struct StreamObject {
    stream: Mutex<Option<Arc<Owned<ArrowArrayStream>>>>,
}

impl StreamObject {
    /// The object for that stream.
    pub fn new(stream: Arc<Owned<ArrowArrayStream>>) -> Self {
        Self {
            stream: Mutex::new(Some(stream)),
        }
    }
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
