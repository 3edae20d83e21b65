//! What is known about one file or one requested name.

use core::sync::atomic::{AtomicPtr, Ordering};
use nexus_abi::{Failure, NexusState, NexusStatus};
use pyo3::ffi::PyObject;
use std::path::PathBuf;
use std::sync::OnceLock;

/// One file, or one requested name without a file.
pub struct Entry {
    /// The module's name.
    pub name: String,
    /// The file; empty without one. Absolute, so that a host may change its directory.
    pub path: PathBuf,
    /// The file with every link resolved.
    pub real_path: PathBuf,
    /// The module once it is loaded; it lives as long as the process.
    module: AtomicPtr<PyObject>,
    /// Unset: not tried yet.
    outcome: OnceLock<Outcome>,
}

/// What became of it.
pub struct Outcome {
    /// Loaded, failed, skipped or missing.
    pub state: NexusState,
    /// Why, unless it was loaded; the message is what the report shows.
    pub failure: Option<Box<Failure>>,
    /// How long it took.
    pub nanoseconds: u64,
}

impl Entry {
    /// One that waits to be loaded.
    pub fn new(name: String, path: PathBuf, real_path: PathBuf) -> Self {
        Self {
            name,
            path,
            real_path,
            module: AtomicPtr::new(core::ptr::null_mut()),
            outcome: OnceLock::new(),
        }
    }

    /// Settles what became of it, unless another thread has.
    pub fn settle(&self, state: NexusState, failure: Option<Box<Failure>>, nanoseconds: u64) {
        let _ = self.outcome.set(Outcome {
            state,
            failure,
            nanoseconds,
        });
    }

    /// Settles it as loaded. The module lives as long as the process.
    pub fn settle_loaded(&self, module: *mut PyObject, nanoseconds: u64) {
        self.settle(NexusState::NEXUS_STATE_LOADED, None, nanoseconds);
        self.module.store(module, Ordering::Release);
    }

    /// The module, if it is loaded.
    #[inline]
    pub fn module(&self) -> Option<*mut PyObject> {
        let module = self.module.load(Ordering::Acquire);
        (!module.is_null()).then_some(module)
    }

    /// What became of it, if it was tried.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.get()
    }

    /// Its state in a report.
    pub fn state(&self) -> NexusState {
        self.outcome()
            .map_or(NexusState::NEXUS_STATE_LAZY, |outcome| outcome.state)
    }

    /// Its failure's status, or success.
    pub fn status(&self) -> NexusStatus {
        self.failure()
            .map_or(NexusStatus::NEXUS_OK, |failure| failure.status)
    }

    /// Why it is not there.
    pub fn failure(&self) -> Option<&Failure> {
        self.outcome()
            .and_then(|outcome| outcome.failure.as_deref())
    }
}
