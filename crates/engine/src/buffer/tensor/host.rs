//! A tensor of the host's own making.

use crate::buffer::ffi::Managed;
use crate::buffer::tensor::capsule::{self, Tensor, Wanted};
use crate::buffer::tensor::dlpack::{self, DLPackVersion};
use crate::buffer::tensor::held::Checked;
use pyo3::prelude::*;
use std::sync::Arc;

/// A host's `DLManagedTensor` or `DLManagedTensorVersioned`, whose deleter is called when this is dropped.
pub struct HostTensor {
    managed: Managed,
}

impl HostTensor {
    /// Takes a tensor over if its description can be handed on. Otherwise it stays the host's.
    pub fn new(managed: Managed) -> core::result::Result<Self, String> {
        let checked = match managed.version() {
            Some(DLPackVersion { major, minor }) if major != dlpack::VERSION.major => {
                Err(format!("is of DLPack version {major}.{minor}"))
            }
            // SAFETY: the host's own description, of a version that is known.
            _ => unsafe { Checked::new(managed.tensor(), managed.flags()) }.map(drop),
        };
        match checked {
            Ok(()) => Ok(Self { managed }),
            Err(why) => {
                managed.take();
                Err(why)
            }
        }
    }

    /// Leaves it to the host: it was not taken over in the end.
    pub fn leave(&self) {
        self.managed.take();
    }

    /// Its device.
    pub fn device(&self) -> (i32, i32) {
        let device = self.managed.tensor().device;
        (device.device_type, device.device_id)
    }

    /// What `__dlpack__` returns.
    pub fn capsule<'py>(
        self: &Arc<Self>,
        py: Python<'py>,
        wanted: &Wanted,
    ) -> PyResult<Bound<'py, PyAny>> {
        // Each consumer gets structs of its own, so that there may be many. None has it for itself.
        let flags = self.managed.flags() & !dlpack::IS_COPIED;
        // SAFETY: it was checked when it was taken over, and is not changed.
        let checked = unsafe { Checked::new(self.managed.tensor(), flags) }
            .map_err(pyo3::exceptions::PyBufferError::new_err)?;
        let tensor = Tensor {
            checked,
            flags,
            version: self.managed.version().unwrap_or(dlpack::VERSION),
            keep: Arc::clone(self) as Arc<dyn Send + Sync>,
        };
        capsule::make(py, tensor, wanted)
    }
}
