//! Where the front enters the engine.

use crate::border::guard;
use crate::exception::OrRaised as _;
use crate::front::{self, Entering};
use crate::loader::{class, dll_folders};
use crate::object::value::nexus_object_free;
use crate::{call, exception, gil, interpreter, python, start};
use core::sync::atomic::{AtomicBool, Ordering};
use nexus_abi::ffi::Inputs;
use nexus_abi::services::{EngineFacts, EngineStart, FrontServices};
use nexus_abi::{Failure, NexusError, NexusStatus, Result};
use pyo3::prelude::*;

/// The version of this engine, for whoever looks for the name: [`nexus_abi::services::ENGINE_VERSION`].
#[unsafe(export_name = concat!("nexus_engine_", env!("CARGO_PKG_VERSION")))]
pub static VERSION: u8 = 0;

/// Makes the engine ready, and finishes the start of a Python that the front has started: a
/// [`nexus_abi::services::EngineInit`].
#[unsafe(no_mangle)]
pub extern "C" fn nexus_engine_init(
    services: *const FrontServices,
    start: *const EngineStart,
    facts: *mut EngineFacts,
    error: *mut *mut NexusError,
) -> u32 {
    // SAFETY: the front passes services that live as long as the process, and a start that lives through the call.
    let (Some(front), Some(start)) = (unsafe { services.as_ref() }, unsafe { start.as_ref() })
    else {
        return NexusStatus::NEXUS_ERR_INVALID_ARGUMENT as u32;
    };
    let mut ready = match front::set(front, exception::write_traceback, nexus_object_free) {
        Entering::First => false,
        Entering::Again => true,
        // The front that comes second opens another engine.
        Entering::Other => return NexusStatus::NEXUS_ERR_BUSY as u32,
    };
    let status = guard(error, |inputs| {
        // That of an adopted Python's owner, who may call in the middle of anything.
        let _pending = python::Pending::take();
        enter(inputs, front, start, facts, &mut ready).map_err(|mut failure| {
            // The front cannot free an exception before it can forward to this engine.
            exception::let_go(&mut failure);
            failure
        })
    });
    if !ready {
        front::unset();
    }
    status as u32
}

fn enter(
    inputs: Inputs<'_>,
    front: &FrontServices,
    start: &EngineStart,
    facts: *mut EngineFacts,
    ready: &mut bool,
) -> Result<()> {
    if !*ready {
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
        front::set_flags(start.flags);
        // SAFETY: the front has the GIL.
        once(unsafe { Python::assume_attached() })?;
    }
    gil::with(|py| {
        if !*ready {
            class::register(py).or_raised(py)?;
            *ready = true;
        }
        start::finish(py, inputs, start)?;
        let known = start::facts(py).or_raised(py)?;
        nexus_abi::ffi::clear(facts, known);
        Ok(())
    })
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
            python::at_exit(py, gil::close).or_raised(py)?;
            interpreter::init(py)
        })?;
        dll_folders::add_of_python(&python::library());
        READY.store(true, Ordering::Release);
    }
    gil::know_owner();
    Ok(())
}
