//! Where the front enters the engine, once.

use crate::services;
use nexus_abi::services::FrontServices;
use nexus_abi::{Failure, NexusError, NexusStatus};

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
    services::set(front);
    let status = services::guard(error, || {
        // SAFETY: a NUL-terminated version text.
        let version = unsafe { core::ffi::CStr::from_ptr(front.version) };
        if version.to_bytes() != nexus_abi::VERSION.as_bytes() {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_ENGINE,
                format!(
                    "libnexus_loader is of version {}, the engine beside it of {}: install both of one version",
                    version.to_string_lossy(),
                    nexus_abi::VERSION
                ),
            ));
        }
        crate::attach::init()?;
        crate::ffi::refcount::init();
        crate::ffi::direct::init();
        crate::ffi::integers::init();
        crate::attach::with(|py| {
            crate::exception::init(py);
            crate::interpreter::init(py)
        })
    });
    status as u32
}
