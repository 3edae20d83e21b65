//! Opens the engine that lies beside this library, and fills the forwarders.

use crate::platform;
use crate::python::Interpreter;
use core::ffi::c_void;
use core::sync::atomic::Ordering;
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_DEBUG;
use nexus_abi::services::{ENGINE_INIT, EngineInit};
use nexus_abi::{ABI, Failure, NexusError, NexusStatus, Result};
use std::path::PathBuf;

/// What a function that needs Python does first: starts it with the defaults, unless it runs.
pub fn start() -> Result<()> {
    nexus_abi::ffi::unpanicked(|| crate::python::start(None).map(drop))
}

/// Opens the engine for a running interpreter. The calling thread holds the GIL.
pub fn open(python: &'static Interpreter) -> Result<()> {
    let path = find()?;
    crate::log::line(NEXUS_LOG_DEBUG, || format!("engine: {}", path.display()));
    // Locally, so that its functions, which have the forwarders' names, meet nobody else's.
    let handle = platform::open_library(&path, false).map_err(|linker| {
        Failure::new(
            NexusStatus::NEXUS_ERR_ENGINE,
            format!("the engine {} cannot be opened: {linker}", path.display()),
        )
        .at_path(&path)
        .with_linker(linker)
    })?;
    let mismatch = |what: &str| {
        Failure::new(
            NexusStatus::NEXUS_ERR_ENGINE,
            format!(
                "the engine {} {what}: install libnexus_loader and libnexus_engine of one version ({})",
                path.display(),
                nexus_abi::VERSION
            ),
        )
        .at_path(&path)
    };
    let init = platform::symbol(handle, ENGINE_INIT).ok_or_else(|| mismatch("is no engine"))?;
    let services = Box::leak(Box::new(crate::ffi::services(python)));
    let mut error: *mut NexusError = core::ptr::null_mut();
    // SAFETY: the symbol is the engine's entry, whose type both libraries take from `nexus_abi`.
    let status = unsafe {
        let init: EngineInit = crate::ffi::function(init);
        init(services, &raw mut error)
    };
    if status != NexusStatus::NEXUS_OK as u32 {
        return Err(crate::error::take(error).unwrap_or_else(|| mismatch("did not start")));
    }
    let mut addresses = Vec::with_capacity(crate::forward::SLOTS.len());
    for (name, _) in crate::forward::SLOTS {
        let address = platform::symbol(handle, name)
            .ok_or_else(|| mismatch(&format!("has no function {}", name.to_string_lossy())))?;
        addresses.push(address);
    }
    for ((_, slot), address) in crate::forward::SLOTS.iter().zip(addresses) {
        slot.store(address.cast_mut(), Ordering::Release);
    }
    Ok(())
}

/// The engine's file: in the folder of this library, or in that of the file it is a link to.
fn find() -> Result<PathBuf> {
    let own = platform::file_of_address(open as *const c_void).ok_or_else(|| {
        Failure::new(
            NexusStatus::NEXUS_ERR_ENGINE,
            "the operating system does not tell where libnexus_loader lies",
        )
    })?;
    let mut folders: Vec<PathBuf> = Vec::new();
    for file in [Some(own.clone()), own.canonicalize().ok()]
        .into_iter()
        .flatten()
    {
        let folder = file.parent().map(PathBuf::from).unwrap_or_default();
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
        .iter()
        .flat_map(|folder| {
            platform::engine_file_names(ABI)
                .into_iter()
                .map(move |name| folder.join(name))
        })
        .find(|path| path.is_file())
        .ok_or_else(|| {
            Failure::new(
                NexusStatus::NEXUS_ERR_ENGINE,
                format!(
                    "the engine {} is not beside {}: ship both libraries in one folder",
                    platform::engine_file_names(ABI)[0],
                    own.display()
                ),
            )
            .at_path(&own)
        })
}
