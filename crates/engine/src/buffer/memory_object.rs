//! What Python sees of the host's memory.

use crate::buffer::ffi::{empty_view, fill_view};
use crate::buffer::host::{HostMemory, REVOKED_TEXT};
use crate::buffer::tensor::memory as tensor;
use core::ffi::c_int;
use pyo3::exceptions::{PyAttributeError, PyBufferError};
use pyo3::ffi::{self as python, Py_buffer};
use pyo3::prelude::*;
use std::sync::Arc;

/// Memory of the program that embeds Python: use memoryview(), numpy.asarray() or numpy.from_dlpack().
#[pyclass(frozen, module = "nexus_loader")]
pub struct Memory {
    memory: Arc<HostMemory>,
}

impl Memory {
    /// The object for that memory.
    pub fn new(memory: Arc<HostMemory>) -> Self {
        Self { memory }
    }
}

fn refuse<T>(why: &'static str) -> PyResult<T> {
    Err(PyBufferError::new_err(why))
}

#[pymethods]
impl Memory {
    /// # Safety
    /// Python calls it, with a struct to fill in.
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        view: *mut Py_buffer,
        request: c_int,
    ) -> PyResult<()> {
        // SAFETY: by Python's word.
        unsafe { empty_view(view) };
        let memory = &slf.get().memory;
        let wants = |flag| request & flag == flag;
        if wants(python::PyBUF_WRITABLE) && memory.read_only {
            return refuse("the host's memory is read-only");
        }
        let (c, f) = memory.contiguous;
        if wants(python::PyBUF_C_CONTIGUOUS) && !c {
            return refuse("the host's memory is not C-contiguous");
        }
        if wants(python::PyBUF_F_CONTIGUOUS) && !f {
            return refuse("the host's memory is not Fortran-contiguous");
        }
        if wants(python::PyBUF_ANY_CONTIGUOUS) && !c && !f {
            return refuse("the host's memory is not contiguous");
        }
        if wants(python::PyBUF_FORMAT) && !wants(python::PyBUF_ND) {
            return refuse("a format without a shape makes no sense");
        }
        if !wants(python::PyBUF_STRIDES) && !c {
            return refuse("the host's memory is strided");
        }
        if !memory.uses.enter() {
            return refuse(REVOKED_TEXT);
        }
        // SAFETY: a struct to fill in, by Python's word; the use was counted.
        unsafe { fill_view(slf.as_any(), memory, view, request) };
        Ok(())
    }

    /// # Safety
    /// Python calls it, once for each view.
    unsafe fn __releasebuffer__(&self, _view: *mut Py_buffer) {
        self.memory.uses.leave();
    }

    /// numpy asks for this where it gets no buffer, and would make an array of this object itself next.
    #[getter]
    fn __array_interface__(&self) -> PyResult<()> {
        if self.memory.uses.are_over() {
            return refuse(REVOKED_TEXT);
        }
        Err(PyAttributeError::new_err("__array_interface__"))
    }

    /// A DLPack capsule of the memory.
    #[pyo3(signature = (*, stream=None, max_version=None, dl_device=None, copy=None))]
    fn __dlpack__<'py>(
        &self,
        py: Python<'py>,
        stream: Option<Bound<'py, PyAny>>,
        max_version: Option<(u32, u32)>,
        dl_device: Option<(i32, i32)>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if stream.is_some() {
            return refuse("the processor's memory has no streams");
        }
        tensor::capsule(py, &self.memory, max_version, dl_device, copy)
    }

    /// (1, 0): the processor's memory.
    fn __dlpack_device__(&self) -> (i32, i32) {
        tensor::DEVICE
    }
}
