//! Opening a directory: discover, choose, load.

use crate::loader::discover::{self, Found};
use crate::loader::effects::Watch;
use crate::loader::entry::Entry;
use crate::loader::package::Place;
use crate::loader::request::Request;
use crate::loader::session::{Callbacks, Policy, Session};
use crate::loader::{Loader, dll_folders, examine, load, plan, search_path, settle};
use crate::log::log;
use crate::{gil, interpreter};
use nexus_abi::log::NexusLogLevel::{NEXUS_LOG_DEBUG, NEXUS_LOG_INFO, NEXUS_LOG_WARNING};
use nexus_abi::text::{c_string, python_set};
use nexus_abi::{Failure, NEXUS_LOADER_RECURSIVE, NexusState, NexusStatus, Result};
use nexus_inspect::Detail;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

/// What a host asks for, in Rust's terms.
pub struct Options {
    /// `NEXUS_LOADER_…` flags.
    pub flags: u32,
    /// `None`: all.
    pub request: Option<Request>,
    /// The host's functions.
    pub callbacks: Callbacks,
    /// What limits the modules.
    pub policy: Policy,
}

impl Options {
    /// Those modules, or all, and nothing else.
    pub fn plain(request: Option<Request>) -> Self {
        Self {
            flags: 0,
            request,
            callbacks: Callbacks::NONE,
            policy: Policy::default(),
        }
    }
}

/// Opens a directory. Needs the GIL only while it loads.
pub fn open(bin_path: &Path, options: Options) -> Result<Loader> {
    gil::with(interpreter::read_standard_names)?;
    let folder = discover::directory(bin_path)?;
    let place = Place::of(&folder, || gil::with(|py| Ok(search_path::entries(py))))?;
    // Other threads of a Python program run meanwhile, and while the files are read.
    let found = gil::without(|| {
        discover::scan(&folder, place, options.flags & NEXUS_LOADER_RECURSIVE != 0)
    })?;
    let not_a_file = |found: &Found| {
        found
            .problem
            .as_ref()
            .is_some_and(|problem| problem.detail == Detail::NOT_REGULAR_FILE)
    };
    if found.iter().all(not_a_file) {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_NO_MODULES,
            format!("No binary modules found in: {}", bin_path.display()),
        )
        .at_path(bin_path));
    }
    let session = Session::new(&folder, options.flags, options.callbacks, &options.policy)?;
    // What is found there is not on any list.
    if session.allow_list().is_none() {
        dll_folders::add_of_directory(&folder);
    }
    let plan = plan::plan(found, options.request.as_ref());
    // What an allow-list refuses is to be known at once.
    if session.lazy() && session.allow_list().is_none() {
        examine::names_alone(&plan);
    } else {
        gil::without(|| examine::all(&plan, session.allow_list()));
    }
    let names = plan.names();
    let mut entries = plan.entries;
    if !session.lazy() {
        load_all(&session, &entries);
    }
    if let Some(request) = &options.request {
        add_missing(&mut entries, request);
    }
    let lookup = Loader::lookup_of(&entries, &names, session.lazy());
    Ok(Loader {
        bin_path: c_string(bin_path.as_os_str().as_encoded_bytes()),
        requested: options.request.map(|request| request.names().to_vec()),
        session,
        entries,
        names,
        lookup,
        descriptions: Mutex::default(),
    })
}

fn load_all(session: &Session, entries: &[Entry]) {
    let waiting: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.outcome().is_none())
        .collect();
    let mut cancelled = false;
    let mut watch = Watch::default();
    for (index, entry) in waiting.iter().enumerate() {
        if cancelled {
            let message = "the host cancelled before its turn";
            settle::skipped(
                entry,
                Detail::CANCELLED,
                NexusStatus::NEXUS_ERR_CANCELLED,
                message.into(),
                0,
            );
            continue;
        }
        load_watched(session, entry, &mut watch);
        cancelled = !session.goes_on(index, waiting.len(), entry);
    }
}

/// Loads a module that waits for it, if its file can be one.
pub fn load_entry(session: &Session, entry: &Entry) {
    if !examine::one(entry, session.allow_list()) {
        return;
    }
    load_watched(session, entry, &mut Watch::default());
}

fn load_watched(session: &Session, entry: &Entry, watch: &mut Watch) {
    let start = Instant::now();
    if !session.allows(entry) {
        settle::skipped(
            entry,
            Detail::FILTERED,
            NexusStatus::NEXUS_OK,
            "the host's filter said no".into(),
            0,
        );
        return;
    }
    let mut effects = Vec::new();
    let result = load::prepare(session, entry).and_then(|source| {
        watch.begin(session.has_callbacks());
        let result = load::load(session, entry, &source);
        effects = watch.end();
        result
    });
    for effect in &effects {
        log(NEXUS_LOG_INFO, || {
            format!("while module {} loaded, {effect}", entry.name)
        });
    }
    let nanoseconds = settle::nanoseconds_since(start);
    match result {
        Ok(module) => {
            entry.settle_loaded(module, nanoseconds, effects);
            log(NEXUS_LOG_DEBUG, || {
                format!(
                    "loaded {} from {} in {nanoseconds} ns",
                    entry.name,
                    entry.path.display()
                )
            });
        }
        Err(failure) => settle::failed(entry, failure, nanoseconds, effects),
    }
}

/// Adds the names that were asked for and that no file answers to, and says which of what was asked for is
/// not there.
fn add_missing(entries: &mut Vec<Entry>, request: &Request) {
    let mut known = vec![false; request.names().len()];
    let mut there = known.clone();
    for entry in entries.iter() {
        let available = matches!(
            entry.state(),
            NexusState::NEXUS_STATE_LOADED | NexusState::NEXUS_STATE_LAZY
        );
        request.each_match(&entry.name, &entry.stem, |index| {
            known[index] = true;
            there[index] |= available;
        });
    }
    let names_without = |answered: &[bool]| -> Vec<&str> {
        request
            .names()
            .iter()
            .zip(answered)
            .filter(|(_, answered)| !**answered)
            .map(|(name, _)| name.as_str())
            .collect()
    };
    let not_there = names_without(&there);
    if not_there.is_empty() {
        return;
    }
    let warning = format!(
        "Warning: Could not load requested modules: {}",
        python_set(not_there)
    );
    log(NEXUS_LOG_WARNING, || warning.clone());
    for name in names_without(&known) {
        let entry = Entry::missing(name);
        let failure = Failure::new(NexusStatus::NEXUS_ERR_NOT_FOUND, warning.clone())
            .with_detail(Detail::NOT_FOUND.number())
            .in_module(name);
        entry.settle(NexusState::NEXUS_STATE_MISSING, failure, 0, Vec::new());
        entries.push(entry);
    }
}
