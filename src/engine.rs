//! Opens the engine that lies beside this library, and enters it.

use crate::platform;
use core::ffi::{CStr, c_char, c_void};
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_DEBUG;
use nexus_abi::services::{
    ENGINE_INIT, ENGINE_PREFIX, ENGINE_VERSION, EngineFacts, EngineInit, EngineStart,
};
use nexus_abi::{ABI, Failure, NexusError, NexusStatus, Result};
use nexus_inspect::Image;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The engine that serves this library, as soon as one does.
static ENGINE: OnceLock<Engine> = OnceLock::new();

/// What the engine says about the Python that runs.
pub struct Facts {
    /// `sys.executable`.
    pub executable: &'static CStr,
    /// `sys.prefix`.
    pub prefix: &'static CStr,
}

impl Facts {
    fn of(facts: &EngineFacts) -> Self {
        let text = |text: *const c_char| -> &'static CStr {
            if text.is_null() {
                return c"";
            }
            // SAFETY: the engine's NUL-terminated text, which lives as long as the process.
            unsafe { CStr::from_ptr(text) }
        };
        Self {
            executable: text(facts.executable),
            prefix: text(facts.prefix),
        }
    }
}

/// Opens the engine for the Python of that library, and has it do what `start` says. The calling thread holds the
/// GIL. After a failure it may be called again, from any thread: the engine does what is left to do.
pub fn enter(start: &EngineStart, python: &Path) -> Result<Facts> {
    if let Some(engine) = ENGINE.get() {
        return engine.enter(start)?.ok_or_else(|| engine.busy());
    }
    stay();
    // Python code may have imported the wheel, which is an engine, too. Two would not know of each other's
    // modules, and load files twice.
    for definition in platform::definitions(ENGINE_INIT) {
        let Ok(handle) = platform::hold(&definition) else {
            continue;
        };
        let path = Box::leak(definition.file.into_boxed_path());
        let entered = serve(Engine { handle, path }, start);
        if let Some(facts) = entered.map_err(|failure| of_wheel(failure, path))? {
            return Ok(facts);
        }
    }
    let path = find()?;
    platform::prepare_engine(python)
        .map_err(|why| Failure::new(NexusStatus::NEXUS_ERR_ENGINE, why).at_path(path))?;
    // Locally, so that its functions, which have the forwarders' names, meet nobody else's.
    let handle = platform::open_library(path, false).map_err(|linker| {
        let why = platform::explained(&linker);
        unusable(path, &format!("cannot be opened: {why}")).with_linker(linker)
    })?;
    let engine = Engine { handle, path };
    serve(engine, start)?.ok_or_else(|| engine.busy())
}

/// Enters an engine, which from then on serves this library. `None`: it serves another one.
fn serve(engine: Engine, start: &EngineStart) -> Result<Option<Facts>> {
    let outcome = engine.enter(start);
    let serves = match &outcome {
        Ok(facts) => facts.is_some(),
        // It may be the start that has failed, for which it is entered again.
        Err(failure) => failure.status != NexusStatus::NEXUS_ERR_ENGINE,
    };
    if serves {
        let _ = ENGINE.set(engine);
    }
    outcome
}

/// The addresses of those functions of the engine that serves this library.
pub fn functions(names: impl Iterator<Item = &'static CStr>) -> Result<Vec<*const c_void>> {
    let engine = ENGINE.get().ok_or_else(|| {
        Failure::new(
            NexusStatus::NEXUS_ERR_ENGINE,
            "Python runs without an engine that serves this library",
        )
    })?;
    names
        .map(|name| {
            platform::symbol(engine.handle, name).ok_or_else(|| {
                let what = format!("has no function {}", name.to_string_lossy());
                mismatch(engine.path, &what)
            })
        })
        .collect()
}

fn unusable(path: &Path, why: &str) -> Box<Failure> {
    let message = format!("the engine {} {why}", path.display());
    Failure::new(NexusStatus::NEXUS_ERR_ENGINE, message).at_path(path)
}

fn mismatch(path: &Path, what: &str) -> Box<Failure> {
    unusable(
        path,
        &format!(
            "{what}: install libnexus_loader and libnexus_engine of one version ({})",
            nexus_abi::VERSION
        ),
    )
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
#[derive(Clone, Copy)]
struct Engine {
    handle: platform::Library,
    path: &'static Path,
}

impl Engine {
    fn busy(&self) -> Box<Failure> {
        mismatch(self.path, "serves another libnexus_loader in this process")
    }

    /// `None`: it serves another front.
    fn enter(&self, start: &EngineStart) -> Result<Option<Facts>> {
        crate::log::line(NEXUS_LOG_DEBUG, || {
            format!("engine: {}", self.path.display())
        });
        let init = platform::symbol(self.handle, ENGINE_INIT)
            .ok_or_else(|| mismatch(self.path, "has no entry"))?;
        let mut error: *mut NexusError = core::ptr::null_mut();
        let mut facts = EngineFacts::default();
        // SAFETY: the symbol is the engine's entry, whose type both libraries take from `nexus_abi`. The calling
        // thread holds the GIL.
        let status = unsafe {
            let init: EngineInit = crate::ffi::function(init);
            init(
                &raw const crate::services::SERVICES,
                start,
                &raw mut facts,
                &raw mut error,
            )
        };
        if status == NexusStatus::NEXUS_ERR_BUSY as u32 {
            return Ok(None);
        }
        if status != NexusStatus::NEXUS_OK as u32 {
            return Err(
                crate::error::take(error).unwrap_or_else(|| mismatch(self.path, "did not start"))
            );
        }
        Ok(Some(Facts::of(&facts)))
    }
}

/// The file of this library.
fn own_file() -> Result<PathBuf> {
    platform::file_of_address(enter as *const c_void).ok_or_else(|| {
        Failure::new(
            NexusStatus::NEXUS_ERR_ENGINE,
            "the operating system does not tell where libnexus_loader lies",
        )
    })
}

/// From now on Python has pointers into this library: a host that closes it must not unload it. Where it is not linked
/// so (`nexus_abi::build_script`), one more handle of it is what keeps it.
fn stay() {
    if cfg!(any(target_vendor = "apple", windows))
        && let Ok(file) = own_file()
    {
        let _ = platform::hold(&platform::Definition {
            address: enter as *const c_void,
            file,
            is_program: false,
        });
    }
}

/// The engine's file: in the folder of this library, or in that of the file it is a link to. It is an engine of this
/// version: nothing of it is run to know that.
pub fn find() -> Result<&'static Path> {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    if let Some(found) = FOUND.get() {
        return Ok(found);
    }
    let own = own_file()?;
    let mut folders: Vec<PathBuf> = Vec::new();
    for file in [Some(own.clone()), nexus_abi::path::real(&own).ok()]
        .into_iter()
        .flatten()
    {
        let folder = file.parent().map(PathBuf::from).unwrap_or_default();
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    let found = folders
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
        })?;
    check(&found)?;
    Ok(FOUND.get_or_init(|| found))
}

/// Whether a file is an engine of this version.
fn check(path: &Path) -> Result<()> {
    let useless = |why: String| unusable(path, &format!("cannot be used: {why}"));
    if let Some(why) = platform::foreign_library(path) {
        return Err(useless(why));
    }
    let image = Image::read(path).map_err(|problem| useless(problem.message))?;
    let exports = |name: &CStr| {
        let mut names = image.engine.iter();
        names.any(|exported| exported.as_bytes() == name.to_bytes())
    };
    if !exports(ENGINE_INIT) {
        let entry = ENGINE_INIT.to_string_lossy();
        return Err(useless(format!(
            "it is another library, which does not export {entry}"
        )));
    }
    if !exports(ENGINE_VERSION) {
        let mut names = image.engine.iter();
        let version = names.find_map(|name| {
            let version = name.strip_prefix(ENGINE_PREFIX)?;
            version
                .starts_with(|c: char| c.is_ascii_digit())
                .then_some(version)
        });
        let version = version.map_or("another version".to_owned(), |version| {
            format!("version {version}")
        });
        return Err(mismatch(path, &format!("is of {version}")));
    }
    Ok(())
}
