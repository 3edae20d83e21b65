//! What Python sees of a tensor of the host.

use crate::buffer::tensor::capsule::Wanted;
use crate::buffer::tensor::host::HostTensor;
use pyo3::prelude::*;
use std::sync::Arc;

/// A tensor of the program that embeds Python: use numpy.from_dlpack() and the like.
#[pyclass(frozen, module = "nexus_loader", name = "Tensor")]
pub struct TensorObject {
    tensor: Arc<HostTensor>,
}

impl TensorObject {
    /// The object for that tensor.
    pub fn new(tensor: Arc<HostTensor>) -> Self {
        Self { tensor }
    }
}

#[pymethods]
impl TensorObject {
    /// A DLPack capsule of the tensor. The host has finished writing it: no stream needs to be waited for.
    #[pyo3(signature = (*, stream=None, max_version=None, dl_device=None, copy=None))]
    fn __dlpack__<'py>(
        &self,
        py: Python<'py>,
        stream: Option<Bound<'py, PyAny>>,
        max_version: Option<(u32, u32)>,
        dl_device: Option<(i32, i32)>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        drop(stream);
        let wanted = Wanted {
            max_version,
            device: dl_device,
            copy,
        };
        self.tensor.capsule(py, &wanted)
    }

    /// (type, number) of the device that the tensor is on.
    fn __dlpack_device__(&self) -> (i32, i32) {
        self.tensor.device()
    }
}
