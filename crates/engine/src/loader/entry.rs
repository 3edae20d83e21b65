//! What is known about one file or one requested name.

use crate::loader::discover::Found;
use core::ops::Deref;
use core::sync::atomic::{AtomicPtr, Ordering};
use nexus_abi::text::c_string;
use nexus_abi::{Failure, NexusState, NexusStatus};
use nexus_inspect::{FileName, Suffix, Tag};
use pyo3::ffi::PyObject;
use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// One file, or one requested name without a file.
pub struct Entry {
    found: Found,
    /// Whether what the file holds can be a module. Unset: it was not read yet.
    pub examined: OnceLock<bool>,
    /// Whether it is the interpreter's own. Unset: not asked yet, which may mean reading the file.
    pub own: OnceLock<bool>,
    /// The module once it is loaded; it lives as long as the process.
    module: AtomicPtr<PyObject>,
    /// Unset: not tried yet.
    outcome: OnceLock<Outcome>,
    /// Made when a host first asks.
    texts: OnceLock<Arc<Texts>>,
}

impl Deref for Entry {
    type Target = Found;

    fn deref(&self) -> &Found {
        &self.found
    }
}

/// What hosts see of an entry. The loader shares it with reports, which outlive it.
pub struct Texts {
    /// The module's name.
    pub name: CString,
    /// The file's path; empty without one.
    pub path: CString,
}

/// What became of it.
pub struct Outcome {
    /// Loaded, failed, skipped or missing.
    pub state: NexusState,
    /// Why, unless it was loaded; the message is what the report shows.
    pub failure: Option<Box<Failure>>,
    /// How long it took.
    pub nanoseconds: u64,
    /// What loading it changed in the process, a line each.
    pub effects: Vec<String>,
}

impl Entry {
    /// A file that waits to be loaded.
    pub fn of_file(found: Found) -> Self {
        Self {
            found,
            examined: OnceLock::new(),
            own: OnceLock::new(),
            module: AtomicPtr::new(core::ptr::null_mut()),
            outcome: OnceLock::new(),
            texts: OnceLock::new(),
        }
    }

    /// A name that was asked for and has no file.
    pub fn missing(name: &str) -> Self {
        Self {
            examined: OnceLock::from(false),
            own: OnceLock::from(false),
            ..Self::of_file(Found {
                name: name.to_string(),
                stem: name.to_string(),
                load_name: name.to_string(),
                root: None,
                path: PathBuf::new(),
                real_path: PathBuf::new(),
                file_name: FileName {
                    stem: name.into(),
                    tag: Tag::Plain,
                    suffix: Suffix::So,
                },
                problem: None,
                regular: false,
            })
        }
    }

    /// Its name and path as hosts get them.
    pub fn texts(&self) -> &Arc<Texts> {
        self.texts.get_or_init(|| {
            Arc::new(Texts {
                name: c_string(self.name.as_str()),
                path: c_string(self.path.as_os_str().as_encoded_bytes()),
            })
        })
    }

    /// Settles why it is not there, unless another thread has settled it. The failure's message is what
    /// the report shows.
    pub fn settle(
        &self,
        state: NexusState,
        mut failure: Box<Failure>,
        nanoseconds: u64,
        effects: Vec<String>,
    ) {
        // The exception would keep alive what its traceback reaches, half a module perhaps.
        crate::exception::let_go(&mut failure);
        let _ = self.outcome.set(Outcome {
            state,
            failure: Some(failure),
            nanoseconds,
            effects,
        });
    }

    /// Settles it as loaded. The module lives as long as the process.
    pub fn settle_loaded(&self, module: *mut PyObject, nanoseconds: u64, effects: Vec<String>) {
        let state = NexusState::NEXUS_STATE_LOADED;
        let _ = self.outcome.set(Outcome {
            state,
            failure: None,
            nanoseconds,
            effects,
        });
        self.module.store(module, Ordering::Release);
    }

    /// The folder that is to be on `sys.path` when it loads: for its packages, or for the modules beside it.
    pub fn search_folder(&self) -> Option<&Path> {
        self.root.as_deref().or(self.path.parent())
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

    /// How long it took so far.
    pub fn nanoseconds(&self) -> u64 {
        self.outcome().map_or(0, |outcome| outcome.nanoseconds)
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

    /// Why it failed, if it did.
    pub fn failed(&self) -> Option<&Failure> {
        self.failure()
            .filter(|_| self.state() == NexusState::NEXUS_STATE_FAILED)
    }
}
