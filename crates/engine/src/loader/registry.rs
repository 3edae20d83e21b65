//! One load per file and process.
//!
//! A file that is loaded twice aborts the process (nanobind), raises (numpy), or gives a second module
//! with state of its own. So what is loaded is kept for ever, by its real path, and shared.

use crate::attach;
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

/// By real path, as bytes: paths take long to hash part by part.
type Files = FxHashMap<OsString, State>;

static FILES: LazyLock<Mutex<Files>> = LazyLock::new(Mutex::default);
static CHANGED: Condvar = Condvar::new();
/// How many wait for that.
static WAITING: AtomicUsize = AtomicUsize::new(0);

fn files() -> MutexGuard<'static, Files> {
    // Nothing panics while the map is half changed.
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The module of a file: the one that was loaded before, or what `load` gives. `load` returns a
/// reference that is kept for ever. A failed load is not remembered: another try may succeed.
pub fn load_once(
    real_path: &Path,
    load: impl FnOnce() -> Result<*mut PyObject>,
) -> Result<*mut PyObject> {
    if let Some(module) = begin(real_path)? {
        return Ok(module);
    }
    // Whatever happens in `load`, those who wait are woken.
    let mut finish = Finish {
        real_path,
        loaded: None,
    };
    let module = load()?;
    finish.loaded = Some(module.addr());
    Ok(module)
}

/// Whether the file was loaded before.
pub fn is_loaded(real_path: &Path) -> bool {
    matches!(files().get(real_path.as_os_str()), Some(State::Loaded(_)))
}

/// Waits while another thread loads the file. `None`: this thread is to load it.
fn begin(real_path: &Path) -> Result<Option<*mut PyObject>> {
    let me = std::thread::current().id();
    loop {
        let mut table = files();
        match table.get(real_path.as_os_str()) {
            Some(State::Loaded(module)) => return Ok(Some(*module as *mut PyObject)),
            Some(State::Loading(thread)) if *thread == me => {
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
                attach::without(|| {
                    let table = files();
                    WAITING.fetch_add(1, Ordering::Relaxed);
                    drop(CHANGED.wait_while(table, |table| {
                        matches!(table.get(real_path.as_os_str()), Some(State::Loading(_)))
                    }));
                    WAITING.fetch_sub(1, Ordering::Relaxed);
                });
            }
            None => {
                table.insert(real_path.as_os_str().to_owned(), State::Loading(me));
                return Ok(None);
            }
        }
    }
}

struct Finish<'a> {
    real_path: &'a Path,
    loaded: Option<usize>,
}

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        let mut table = files();
        let real_path = self.real_path.as_os_str();
        match (self.loaded, table.get_mut(real_path)) {
            (Some(module), Some(state)) => *state = State::Loaded(module),
            _ => drop(table.remove(real_path)),
        }
        // It is counted with the lock held, and waking costs a system call.
        if WAITING.load(Ordering::Relaxed) > 0 {
            CHANGED.notify_all();
        }
    }
}
