//! Where the front enters the engine, once.

use crate::border::guard;
use crate::loader::{class, dll_folders};
use crate::{call, exception, front, gil, interpreter, python};
use core::sync::atomic::{AtomicBool, Ordering};
use nexus_abi::services::FrontServices;
use nexus_abi::{Failure, NexusError, NexusStatus, Result};
use pyo3::prelude::*;

/// Makes the engine ready. The calling thread holds the GIL; `services` lives as long as the process.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_engine_init(
    services: *const FrontServices,
    error: *mut *mut NexusError,
) -> u32 {
    // SAFETY: the front passes what lives as long as the process.
    let Some(front) = (unsafe { services.as_ref() }) else {
        return NexusStatus::NEXUS_ERR_INVALID_ARGUMENT as u32;
    };
    if !front::set(front, exception::write_traceback) {
        // The front that comes second opens another engine.
        return NexusStatus::NEXUS_ERR_BUSY as u32;
    }
    let status = guard(error, |_| {
        // SAFETY: a NUL-terminated version text.
        let version = unsafe { core::ffi::CStr::from_ptr(front.version) };
        if version.to_bytes() != nexus_abi::VERSION.as_bytes() {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_ENGINE,
                format!(
                    "libnexus_loader is of version {}, the engine of {}: install both of one version",
                    version.to_string_lossy(),
                    nexus_abi::VERSION
                ),
            ));
        }
        // SAFETY: the front has the GIL.
        once(unsafe { Python::assume_attached() })?;
        gil::with(|py| class::register(py).map_err(|error| exception::failure(py, &error)))
    });
    if status != NexusStatus::NEXUS_OK {
        front::unset();
    }
    status as u32
}

/// Makes ready what does not depend on who opens the engine: the front, or Python, as an extension module.
pub fn once(_py: Python<'_>) -> Result<()> {
    static READY: AtomicBool = AtomicBool::new(false);
    if !READY.load(Ordering::Acquire) {
        gil::init()?;
        python::find_functions()?;
        python::refcount::init();
        call::direct::init();
        python::integers::init();
        gil::with(|py| {
            exception::init(py);
            python::at_exit(py, gil::close).map_err(|error| exception::failure(py, &error))?;
            interpreter::init(py)
        })?;
        dll_folders::add_of_python(&interpreter::library());
        READY.store(true, Ordering::Release);
    }
    gil::know_owner();
    Ok(())
}
