//! What opening a directory keeps for the modules that load later.

use crate::gil;
use crate::loader::entry::Entry;
use crate::loader::search_path;
use crate::trial::{Subject, Trial};
use crate::verify::{self, AllowList};
use core::ffi::c_void;
use nexus_abi::{
    Failure, NEXUS_LOADER_LAZY, NEXUS_LOADER_STRICT, NEXUS_LOADER_TRIAL, NEXUS_LOADER_VERIFY,
    NexusLoadProgress, NexusModuleFilter, Result,
};
use pyo3::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The host's wishes, and what was learnt while loading. Its locks are held for moments only, never while
/// Python runs.
pub struct Session {
    flags: u32,
    callbacks: Callbacks,
    allow_list: Option<Arc<AllowList>>,
    trial: Option<Mutex<Trial>>,
    on_search_path: Mutex<FxHashSet<OsString>>,
    failed_packages: Mutex<FxHashMap<String, Failure>>,
}

/// The host's functions.
pub struct Callbacks {
    /// Whether a module may load.
    pub filter: NexusModuleFilter,
    /// Told after each module.
    pub progress: NexusLoadProgress,
    /// For both.
    pub user_data: usize,
}

/// What limits the modules.
#[derive(Default)]
pub struct Policy {
    /// The list of checksums; `None`: the one in the directory.
    pub allow_list: Option<PathBuf>,
    /// How long a trial may take; zero: the default.
    pub trial_limit: Duration,
}

impl Callbacks {
    /// Nobody to ask or to tell.
    pub const NONE: Self = Self {
        filter: None,
        progress: None,
        user_data: 0,
    };
}

impl Session {
    /// A new one for a directory. Reads the allow-list and prepares the trials, if they are asked for.
    pub fn new(folder: &Path, flags: u32, callbacks: Callbacks, policy: &Policy) -> Result<Self> {
        let allow_list = if flags & NEXUS_LOADER_VERIFY != 0 {
            let mut list = AllowList::read(folder, policy.allow_list.as_deref())?;
            if flags & NEXUS_LOADER_STRICT != 0 {
                list.trust_only_owner()?;
            }
            let list = Arc::new(list);
            gil::with(|py| verify::python::watch(py, Arc::clone(&list)))?;
            Some(list)
        } else {
            None
        };
        let trial = (flags & NEXUS_LOADER_TRIAL != 0)
            .then(|| Mutex::new(Trial::new(policy.trial_limit, Vec::new())));
        Ok(Self {
            flags,
            callbacks,
            allow_list,
            trial,
            on_search_path: Mutex::default(),
            failed_packages: Mutex::default(),
        })
    }

    /// The list of what may be opened, if there is one.
    pub fn allow_list(&self) -> Option<&AllowList> {
        self.allow_list.as_deref()
    }

    /// Imports the module in a child process first, if that was asked for.
    pub fn try_in_child(&self, entry: &Entry, by_import: bool) -> Result<()> {
        let Some(trial) = &self.trial else {
            return Ok(());
        };
        let search_path = gil::with(|py| {
            let mut entries = search_path::entries(py);
            // As it will be when the module loads here.
            if let Some(folder) = entry.search_folder()
                && !entries.iter().any(|entry| entry == folder)
            {
                entries.push(folder.to_path_buf());
            }
            Ok(entries.into_iter().map(PathBuf::into_os_string).collect())
        })?;
        // Who holds the lock may need the GIL.
        let mut trial = gil::without(|| trial.lock().unwrap_or_else(PoisonError::into_inner));
        trial.set_search_path(search_path);
        trial.try_one(&Subject {
            name: &entry.load_name,
            path: &entry.path,
            by_import,
        })
    }

    /// Whether functions of the host run between modules.
    pub fn has_callbacks(&self) -> bool {
        self.callbacks.filter.is_some() || self.callbacks.progress.is_some()
    }

    /// Whether modules wait for their first use.
    pub fn lazy(&self) -> bool {
        self.flags & NEXUS_LOADER_LAZY != 0
    }

    /// Whether that flag was given.
    pub fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Puts a folder on `sys.path`, once.
    pub fn ensure_on_search_path(&self, py: Python<'_>, folder: &Path) -> PyResult<()> {
        let known = |set: &FxHashSet<OsString>| set.contains(folder.as_os_str());
        if known(
            &self
                .on_search_path
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        ) {
            return Ok(());
        }
        search_path::ensure(py, folder)?;
        self.on_search_path
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(folder.as_os_str().to_owned());
        Ok(())
    }

    /// Why a package could not be imported earlier: each try would run its code again.
    pub fn failed_package(&self, name: &str) -> Option<Failure> {
        self.failed_packages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
    }

    /// Remembers that a package could not be imported.
    pub fn remember_failed_package(&self, name: &str, failure: &Failure) {
        let mut failure = failure.clone();
        crate::exception::let_go(&mut failure);
        self.failed_packages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_string(), failure);
    }

    /// Asks the host whether a module may load.
    pub fn allows(&self, entry: &Entry) -> bool {
        let Some(filter) = self.callbacks.filter else {
            return true;
        };
        let (texts, data) = (entry.texts(), self.callbacks.user_data as *mut c_void);
        // SAFETY: the host gave the function and its data for this; the strings live through the call.
        unsafe { filter(texts.name.as_ptr(), texts.path.as_ptr(), data) != 0 }
    }

    /// Tells the host what became of a module. False: it wants to stop.
    pub fn goes_on(&self, index: usize, total: usize, entry: &Entry) -> bool {
        let Some(progress) = self.callbacks.progress else {
            return true;
        };
        let (name, state) = (&entry.texts().name, entry.state() as u32);
        let data = self.callbacks.user_data as *mut c_void;
        // SAFETY: the host gave the function and its data for this; the string lives through the call.
        unsafe {
            progress(
                index,
                total,
                name.as_ptr(),
                state,
                entry.nanoseconds(),
                data,
            ) == 0
        }
    }
}
