//! A Python that is in the process already: linked into the host, opened by it, or the host itself.

use super::api::{Api, Detached};
use super::installation::Installation;
use super::release::{Release, free_threaded};
use crate::platform::{self, Definition, Library};
use nexus_abi::{Failure, NexusStatus, Result};

/// The symbol by which a Python is known: in every libpython, and in an executable that has Python
/// inside and lets extension modules use it.
const LANDMARK: &core::ffi::CStr = c"Py_IsInitialized";

/// A Python that is mapped.
pub struct InProcess {
    pub definition: Definition,
    pub library: Library,
    pub api: Api,
    pub release: Release,
}

impl InProcess {
    /// For people: what and where it is.
    pub fn describe(&self) -> String {
        format!(
            "Python {} ({})",
            self.release,
            self.definition.file.display()
        )
    }

    /// Whether an installation is of this very Python. An executable with Python inside is of the same
    /// build as an installation only in so far as the version tells.
    pub fn fits(&self, installation: &Installation) -> bool {
        if self.definition.is_program {
            return self.release.same_minor(&installation.release);
        }
        platform::same_file(&self.definition.file, &installation.library)
    }
}

/// The Python that is in the process, its symbols from now on visible to extension modules. Two of them,
/// and one that is too old or free-threaded, are errors.
pub fn find() -> Result<Option<InProcess>> {
    find_by(platform::promote)
}

/// The same, with everything left as it is.
pub fn look() -> Result<Option<InProcess>> {
    find_by(platform::hold)
}

type Reopen = fn(&Definition) -> core::result::Result<Library, String>;

fn find_by(reopen: Reopen) -> Result<Option<InProcess>> {
    let mut definitions = platform::definitions(LANDMARK);
    if let [first, second, ..] = &definitions[..] {
        return Err(conflict(format!(
            "there are two Pythons in this process, {} and {}; extension modules could meet either: \
             remove one of them",
            first.file.display(),
            second.file.display()
        )));
    }
    let Some(definition) = definitions.pop() else {
        return Ok(None);
    };
    let file = definition.file.display().to_string();
    let library = reopen(&definition).map_err(|linker| {
        conflict(format!(
            "the Python that is in this process, {file}, cannot be used: {linker}"
        ))
        .at_path(&definition.file)
        .with_linker(linker)
    })?;
    let refused = |reason: String| {
        conflict(format!(
            "the Python that is in this process, {file}, cannot be used: {reason}"
        ))
        .at_path(&definition.file)
    };
    let release = release_of(library).map_err(refused)?;
    let api = Api::load(library).map_err(refused)?;
    Ok(Some(InProcess {
        definition,
        library,
        api,
        release,
    }))
}

/// The release of an opened libpython, if it can be used.
pub fn release_of(library: Library) -> core::result::Result<Release, String> {
    let text = version_text(library).ok_or("it has no Py_GetVersion")?;
    let release = Release::parse(&text)
        .ok_or_else(|| format!("it calls itself \"{text}\", which is not a version of Python"))?;
    if let Some(refusal) = release.refusal() {
        return Err(refusal);
    }
    // "3.13.0 experimental free-threading build (…)", and without the first word since 3.14.
    if text.contains("free-threading") {
        return Err(free_threaded(&release.to_string()));
    }
    Ok(release)
}

// Before `Api::load`, whose functions an older Python need not have.
fn version_text(library: Library) -> Option<String> {
    type GetVersion = unsafe extern "C" fn() -> *const core::ffi::c_char;
    let address = platform::symbol(library, c"Py_GetVersion")?;
    // SAFETY: the function has that type in every CPython, works before Python runs, and returns a static string.
    unsafe {
        let get: GetVersion = crate::ffi::function(address);
        Some(
            core::ffi::CStr::from_ptr(get())
                .to_string_lossy()
                .into_owned(),
        )
    }
}

fn conflict(message: String) -> Box<Failure> {
    Failure::new(NexusStatus::NEXUS_ERR_PYTHON_CONFLICT, message)
}

/// Gives up the GIL of whichever Python this thread holds it of, before it waits for a thread that may
/// want it.
pub fn give_up_gil() -> Option<Detached> {
    platform::definitions(LANDMARK)
        .into_iter()
        .find_map(|definition| {
            let library = platform::hold(&definition).ok()?;
            let api = Api::load(library).ok()?;
            (api.is_initialized() && api.holds_gil()).then(|| api.detach())
        })
}
