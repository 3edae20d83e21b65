//! The Python with which extension modules would be loaded here. Nothing is started or opened to find out.

use super::config::Config;
use super::installation::Installation;
use super::release::Release;
use super::{running, search};
use crate::platform;
use std::ffi::{CStr, OsString};
use std::path::PathBuf;
use std::sync::Mutex;

/// A Python that runs here, or that a start would take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub version: (u8, u8),
    pub free_threaded: bool,
    /// Its libpython, or the program that has Python inside.
    pub library: PathBuf,
}

/// The Python that runs in this process; else one that is mapped; else the one that a start without a
/// config would take. `None`: there is none. Starts and opens nothing; the search may ask an interpreter
/// about itself (`ask.rs`), once for the same environment.
pub fn expected() -> Option<Expected> {
    if let Some(python) = running() {
        let (major, minor, _) = python.version;
        let library = platform::from_bytes(python.library.as_bytes().to_vec()).into();
        return Some(Expected {
            version: (major, minor),
            free_threaded: false,
            library,
        });
    }
    mapped().or_else(|| {
        let installation = searched()?;
        let Release {
            major,
            minor,
            ref flags,
        } = installation.release;
        Some(Expected {
            version: (major.try_into().ok()?, minor.try_into().ok()?),
            free_threaded: flags.contains('t'),
            library: installation.library,
        })
    })
}

/// The Python that the host has brought. Only its version is read, which any CPython gives before it is started:
/// `in_process.rs` would make its symbols global.
fn mapped() -> Option<Expected> {
    type GetVersion = unsafe extern "C" fn() -> *const core::ffi::c_char;
    let definition = platform::definitions(c"Py_GetVersion").into_iter().next()?;
    // SAFETY: the function has that type in every CPython, works before Python runs, and returns a static string.
    let text = unsafe {
        let get: GetVersion = crate::ffi::function(definition.address);
        CStr::from_ptr(get()).to_string_lossy().into_owned()
    };
    let release = Release::parse(&text)?;
    Some(Expected {
        version: (
            release.major.try_into().ok()?,
            release.minor.try_into().ok()?,
        ),
        free_threaded: text.contains("free-threading"),
        library: definition.file,
    })
}

/// The variables on which the outcome of a search depends, beside the disk.
type Environment = [Option<OsString>; 5];

fn environment() -> Environment {
    [
        "NEXUS_PYTHON",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "PATH",
        "LD_LIBRARY_PATH",
    ]
    .map(platform::user_variable)
}

static LAST: Mutex<Option<(Environment, Option<Installation>)>> = Mutex::new(None);

fn searched() -> Option<Installation> {
    let environment = environment();
    // Not waited for: in a forked child the lock may be held by a thread that is not there.
    if let Ok(last) = LAST.try_lock()
        && let Some((known, found)) = last.as_ref()
        && *known == environment
    {
        return found.clone();
    }
    let found = search::find(&Config::default(), None, &mut |_| Ok(()))
        .ok()
        .map(|found| found.installation);
    if let Ok(mut last) = LAST.try_lock() {
        *last = Some((environment, found.clone()));
    }
    found
}
