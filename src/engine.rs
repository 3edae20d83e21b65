//! Opens the engine that lies beside this library, and fills the forwarders.

use crate::platform;
use crate::python::Interpreter;
use core::ffi::c_void;
use core::sync::atomic::Ordering;
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_DEBUG;
use nexus_abi::services::{ENGINE_INIT, EngineInit, FrontServices};
use nexus_abi::{ABI, Failure, NexusError, NexusStatus, Result};
use std::path::{Path, PathBuf};

/// What a function that needs Python does first: starts it with the defaults, unless it runs.
pub fn start() -> Result<()> {
    nexus_abi::ffi::unpanicked(|| crate::python::start(None).map(drop))
}

/// Opens the engine for a running interpreter. The calling thread holds the GIL.
pub fn open(python: &'static Interpreter) -> Result<()> {
    let own = own_file();
    if let Ok(own) = &own {
        stay(own);
    }
    let services: &FrontServices = Box::leak(Box::new(crate::ffi::services(python)));
    // Python code may have imported the wheel, which is an engine, too. Two would not know of each other's
    // modules, and load files twice.
    for definition in platform::definitions(ENGINE_INIT) {
        let Ok(handle) = platform::hold(&definition) else {
            continue;
        };
        let entered = Engine::new(handle, &definition.file).enter(services);
        if entered.map_err(|failure| of_wheel(failure, &definition.file))? {
            return Ok(());
        }
    }
    let path = find(&own?)?;
    platform::prepare_engine(&python_library(python))
        .map_err(|why| Failure::new(NexusStatus::NEXUS_ERR_ENGINE, why).at_path(&path))?;
    // Locally, so that its functions, which have the forwarders' names, meet nobody else's.
    let handle = platform::open_library(&path, false).map_err(|linker| {
        Failure::new(
            NexusStatus::NEXUS_ERR_ENGINE,
            format!(
                "the engine {} cannot be opened: {}",
                path.display(),
                platform::explained(&linker)
            ),
        )
        .at_path(&path)
        .with_linker(linker)
    })?;
    let engine = Engine::new(handle, &path);
    if engine.enter(services)? {
        return Ok(());
    }
    Err(engine.mismatch("serves another libnexus_loader in this process"))
}

/// The file that has the interpreter.
fn python_library(python: &Interpreter) -> PathBuf {
    platform::from_bytes(python.library.as_bytes().to_vec()).into()
}

fn of_wheel(mut failure: Box<Failure>, file: &Path) -> Box<Failure> {
    failure.message = format!(
        "Python code in this process has imported the engine {}: {}",
        file.display(),
        failure.message
    );
    failure.at_path(file)
}

/// An engine that is mapped.
struct Engine<'a> {
    handle: platform::Library,
    path: &'a Path,
}

impl<'a> Engine<'a> {
    fn new(handle: platform::Library, path: &'a Path) -> Self {
        Self { handle, path }
    }

    fn mismatch(&self, what: &str) -> Box<Failure> {
        Failure::new(
            NexusStatus::NEXUS_ERR_ENGINE,
            format!(
                "the engine {} {what}: install libnexus_loader and libnexus_engine of one version ({})",
                self.path.display(),
                nexus_abi::VERSION
            ),
        )
        .at_path(self.path)
    }

    /// Makes it ready and fills the forwarders. False: it serves another front.
    fn enter(&self, services: &'static FrontServices) -> Result<bool> {
        crate::log::line(NEXUS_LOG_DEBUG, || {
            format!("engine: {}", self.path.display())
        });
        let init = platform::symbol(self.handle, ENGINE_INIT)
            .ok_or_else(|| self.mismatch("is no engine"))?;
        let mut addresses = Vec::with_capacity(crate::forward::SLOTS.len());
        for (name, _) in crate::forward::SLOTS {
            let address = platform::symbol(self.handle, name).ok_or_else(|| {
                self.mismatch(&format!("has no function {}", name.to_string_lossy()))
            })?;
            addresses.push(address);
        }
        let mut error: *mut NexusError = core::ptr::null_mut();
        // SAFETY: the symbol is the engine's entry, whose type both libraries take from `nexus_abi`.
        let status = unsafe {
            let init: EngineInit = crate::ffi::function(init);
            init(services, &raw mut error)
        };
        if status == NexusStatus::NEXUS_ERR_BUSY as u32 {
            return Ok(false);
        }
        if status != NexusStatus::NEXUS_OK as u32 {
            return Err(crate::error::take(error).unwrap_or_else(|| self.mismatch("did not start")));
        }
        for ((_, slot), address) in crate::forward::SLOTS.iter().zip(addresses) {
            slot.store(address.cast_mut(), Ordering::Release);
        }
        Ok(true)
    }
}

/// The file of this library.
fn own_file() -> Result<PathBuf> {
    platform::file_of_address(open as *const c_void).ok_or_else(|| {
        Failure::new(
            NexusStatus::NEXUS_ERR_ENGINE,
            "the operating system does not tell where libnexus_loader lies",
        )
    })
}

/// From now on Python has pointers into this library: a host that closes it must not unload it. Where it is not linked
/// so (`nexus_abi::build_script`), one more handle of it is what keeps it.
fn stay(own: &Path) {
    if cfg!(not(any(target_vendor = "apple", windows))) {
        return;
    }
    let _ = platform::hold(&platform::Definition {
        address: open as *const c_void,
        file: own.to_owned(),
        is_program: false,
    });
}

/// The engine's file: in the folder of this library, or in that of the file it is a link to.
fn find(own: &Path) -> Result<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for file in [Some(own.to_owned()), nexus_abi::path::real(own).ok()]
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
            .at_path(own)
        })
}
