//! One load per file and process.
//!
//! A file that is loaded twice aborts the process (nanobind), raises (numpy), or gives a second module
//! with state of its own. So what is loaded is kept for ever, by its real path, and shared.
//!
//! Two names of one file, linked to each other either way, are two modules if the file has an init function
//! for both (PEP 489, "Multiple modules in one library").

use crate::gil;
use core::sync::atomic::{AtomicUsize, Ordering};
use nexus_abi::{Failure, NexusStatus, Result};
use pyo3::ffi::PyObject;
use rustc_hash::FxHashMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

#[derive(Clone, Copy)]
enum State {
    Loading(ThreadId),
    /// A reference that is never given up.
    Loaded(usize),
}

/// What makes two loads the same.
pub struct Source {
    /// As bytes: paths take long to hash part by part.
    path: (OsString, String),
    /// Device and inode: hard links, as uv makes them, are one file for the dynamic linker, too. While a
    /// library is mapped no other file can get its inode.
    inode: Option<(u64, u64, String)>,
}

impl Source {
    /// A file by its real path, and the module in it by its name. `is_mapped`: it is the file itself that the
    /// linker maps, and not a copy.
    pub fn new(real_path: &Path, name: &str, is_mapped: bool) -> Self {
        let name = name.rsplit('.').next().unwrap_or(name).to_string();
        Self {
            inode: is_mapped
                .then(|| inode(real_path))
                .flatten()
                .map(|(device, inode)| (device, inode, name.clone())),
            path: (real_path.as_os_str().to_owned(), name),
        }
    }
}

#[cfg(unix)]
fn inode(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let metadata = path.metadata().ok()?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn inode(_path: &Path) -> Option<(u64, u64)> {
    None
}

#[derive(Default)]
struct Files {
    by_path: FxHashMap<(OsString, String), State>,
    by_inode: FxHashMap<(u64, u64, String), State>,
}

impl Files {
    fn get(&self, source: &Source) -> Option<State> {
        let by_inode = || self.by_inode.get(source.inode.as_ref()?);
        self.by_path.get(&source.path).or_else(by_inode).copied()
    }

    fn set(&mut self, source: &Source, state: State) {
        self.by_path.insert(source.path.clone(), state);
        if let Some(inode) = &source.inode {
            self.by_inode.insert(inode.clone(), state);
        }
    }

    fn remove(&mut self, source: &Source) {
        self.by_path.remove(&source.path);
        if let Some(inode) = &source.inode {
            self.by_inode.remove(inode);
        }
    }
}

static FILES: LazyLock<Mutex<Files>> = LazyLock::new(Mutex::default);
static CHANGED: Condvar = Condvar::new();
/// How many wait for that.
static WAITING: AtomicUsize = AtomicUsize::new(0);

fn files() -> MutexGuard<'static, Files> {
    // Nothing panics while the maps are half changed.
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The module of a file: the one that was loaded before, or what `load` gives. `load` returns a
/// reference that is kept for ever. A failed load is not remembered: another try may succeed.
pub fn load_once(
    source: &Source,
    load: impl FnOnce() -> Result<*mut PyObject>,
) -> Result<*mut PyObject> {
    if let Some(module) = begin(source)? {
        return Ok(module);
    }
    // Whatever happens in `load`, those who wait are woken.
    let mut finish = Finish {
        source,
        loaded: None,
    };
    let module = load()?;
    finish.loaded = Some(module.addr());
    Ok(module)
}

/// Whether the file was loaded before.
pub fn is_loaded(source: &Source) -> bool {
    matches!(files().get(source), Some(State::Loaded(_)))
}

/// Waits while another thread loads the file. `None`: this thread is to load it.
fn begin(source: &Source) -> Result<Option<*mut PyObject>> {
    let me = std::thread::current().id();
    loop {
        let mut table = files();
        match table.get(source) {
            Some(State::Loaded(module)) => return Ok(Some(module as *mut PyObject)),
            Some(State::Loading(thread)) if thread == me => {
                let real_path = Path::new(&source.path.0);
                return Err(Failure::new(
                    NexusStatus::NEXUS_ERR_LOAD_FAILED,
                    format!(
                        "{} is being loaded: its own initialisation asks for it",
                        real_path.display()
                    ),
                )
                .at_path(real_path));
            }
            Some(State::Loading(_)) => {
                drop(table);
                // The other thread needs the GIL to finish.
                gil::without(|| {
                    let table = files();
                    WAITING.fetch_add(1, Ordering::Relaxed);
                    drop(CHANGED.wait_while(table, |table| {
                        matches!(table.get(source), Some(State::Loading(_)))
                    }));
                    WAITING.fetch_sub(1, Ordering::Relaxed);
                });
            }
            None => {
                table.set(source, State::Loading(me));
                return Ok(None);
            }
        }
    }
}

struct Finish<'a> {
    source: &'a Source,
    loaded: Option<usize>,
}

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        let mut table = files();
        match self.loaded {
            Some(module) => table.set(self.source, State::Loaded(module)),
            None => table.remove(self.source),
        }
        // It is counted with the lock held, and waking costs a system call.
        if WAITING.load(Ordering::Relaxed) > 0 {
            CHANGED.notify_all();
        }
    }
}
