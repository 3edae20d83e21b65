//! Opening a directory: discover, inspect, choose, load.

use crate::interpreter::{self, Interpreter};
use crate::loader::discover::{self, Found};
use crate::loader::entry::Entry;
use crate::loader::{Loader, load};
use crate::services::log;
use nexus_abi::log::NexusLogLevel::{NEXUS_LOG_DEBUG, NEXUS_LOG_WARNING};
use nexus_abi::text::{c_string, python_set};
use nexus_abi::{Failure, NexusState, NexusStatus, Result};
use nexus_inspect::{Detail, FileName, Image, Problem, Suffix, Tag, Verdict, classify};
use rustc_hash::FxHashMap;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

/// What a host asks for, in Rust's terms.
pub struct Options {
    /// `NEXUS_LOADER_…` flags.
    pub flags: u32,
    /// `None`: all.
    pub modules: Option<Vec<String>>,
}

/// Opens a directory. Needs no GIL until it loads.
pub fn open(bin_path: &Path, options: Options) -> Result<Loader> {
    crate::attach::check_open()?;
    let folder = discover::folder(bin_path)?;
    let found = discover::scan(&folder)?;
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
    let mut loader = plan(bin_path, found, options);
    if !loader.lazy() {
        for entry in loader
            .entries
            .iter()
            .filter(|entry| entry.outcome().is_none())
        {
            load_entry(entry);
        }
    }
    settle_missing(&mut loader);
    Ok(loader)
}

/// Loads a module that waits for it.
pub fn load_entry(entry: &Entry) {
    let start = Instant::now();
    let result = load::load(&entry.real_path, &entry.path, &entry.name);
    let nanoseconds = nanoseconds_since(start);
    match result {
        Ok(module) => {
            entry.settle_loaded(module, nanoseconds);
            log(NEXUS_LOG_DEBUG, || {
                format!(
                    "loaded {} from {} in {nanoseconds} ns",
                    entry.name,
                    entry.path.display()
                )
            });
        }
        Err(failure) => settle_failed(entry, failure, nanoseconds),
    }
}

fn settle_failed(entry: &Entry, mut failure: Box<Failure>, nanoseconds: u64) {
    failure.message = format!("Failed to load module {}: {}", entry.name, failure.message);
    failure.module.clone_from(&entry.name);
    failure = failure.at_path(&entry.path);
    log(NEXUS_LOG_WARNING, || failure.message.clone());
    entry.settle(NexusState::NEXUS_STATE_FAILED, Some(failure), nanoseconds);
}

fn settle_skipped(entry: &Entry, detail: Detail, message: String, nanoseconds: u64) {
    log(NEXUS_LOG_DEBUG, || {
        format!("skipped {}: {message}", entry.path.display())
    });
    let failure = Failure::new(NexusStatus::NEXUS_OK, message)
        .with_detail(detail.number())
        .in_module(entry.name.as_str())
        .at_path(&entry.path);
    entry.settle(NexusState::NEXUS_STATE_SKIPPED, Some(failure), nanoseconds);
}

fn nanoseconds_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Sorts out what to load and in which order, and settles all that will not be loaded.
fn plan(bin_path: &Path, found: Vec<Found>, options: Options) -> Loader {
    let interpreter = interpreter::get();
    let mut by_name: FxHashMap<String, usize> = FxHashMap::default();
    let mut entries = Vec::with_capacity(found.len());
    let wanted = options.modules.as_ref().map(|modules| {
        modules
            .iter()
            .enumerate()
            .map(|(index, name)| (name.as_str(), index))
            .rev()
            .collect::<HashMap<_, _>>()
    });

    // The preferred file of each name comes first; the others only get a line in the report.
    let mut chosen: FxHashMap<&str, usize> = FxHashMap::default();
    for (index, file) in found.iter().enumerate() {
        chosen
            .entry(&file.name)
            .and_modify(|best| {
                if preference(interpreter, file) < preference(interpreter, &found[*best]) {
                    *best = index;
                }
            })
            .or_insert(index);
    }
    let mut order: Vec<usize> = (0..found.len()).collect();
    if let Some(wanted) = &wanted {
        // What was asked for loads in the order in which it was asked for.
        order.sort_by_key(|&index| {
            wanted
                .get(found[index].name.as_str())
                .copied()
                .unwrap_or(usize::MAX)
        });
    }

    let to_inspect: Vec<bool> = (0..found.len())
        .map(|index| {
            let file = &found[index];
            file.problem.is_none()
                && chosen[file.name.as_str()] == index
                && wanted
                    .as_ref()
                    .is_none_or(|wanted| wanted.contains_key(file.name.as_str()))
        })
        .collect();
    let verdicts = inspect_all(interpreter, &found, &to_inspect);

    for index in order {
        let file = &found[index];
        let entry = Entry::new(file.name.clone(), file.path.clone(), file.real_path.clone());
        let is_chosen = chosen[file.name.as_str()] == index;
        if let Some(problem) = &file.problem {
            settle_problem(&entry, problem, 0);
        } else if wanted
            .as_ref()
            .is_some_and(|wanted| !wanted.contains_key(file.name.as_str()))
        {
            settle_skipped(&entry, Detail::NOT_REQUESTED, "not asked for".into(), 0);
        } else if !is_chosen {
            let preferred = &found[chosen[file.name.as_str()]].path;
            let message = format!(
                "another file of this name is preferred: {}",
                preferred.file_name().unwrap_or_default().to_string_lossy()
            );
            settle_skipped(&entry, Detail::SHADOWED, message, 0);
        } else if let Some((verdict, nanoseconds)) = &verdicts[index] {
            match verdict {
                Verdict::Module { .. } => {}
                Verdict::Helper { detail, why } => {
                    settle_skipped(&entry, *detail, why.clone(), *nanoseconds)
                }
                Verdict::Hopeless(problem) => settle_problem(&entry, problem, *nanoseconds),
            }
        }
        if is_chosen && file.problem.is_none() {
            by_name.insert(file.name.clone(), entries.len());
        }
        entries.push(entry);
    }
    Loader {
        bin_path: c_string(bin_path.as_os_str().as_encoded_bytes()),
        requested: options.modules,
        flags: options.flags,
        entries,
        by_name,
        descriptions: Mutex::default(),
    }
}

fn settle_problem(entry: &Entry, problem: &Problem, nanoseconds: u64) {
    if problem.detail == Detail::NOT_REGULAR_FILE {
        settle_skipped(entry, problem.detail, problem.message.clone(), nanoseconds);
    } else {
        let failure = Failure::new(NexusStatus::NEXUS_ERR_LOAD_FAILED, problem.message.clone())
            .with_detail(problem.detail.number());
        settle_failed(entry, failure, nanoseconds);
    }
}

/// The interpreter's own order for files of one name (its list of suffixes); files it would not look at
/// come last. Smaller is better.
fn preference(interpreter: &Interpreter, file: &Found) -> (usize, bool) {
    let place = file.path.file_name().and_then(|name| {
        let stem = file.file_name.stem.as_encoded_bytes().len();
        let suffix = name.as_encoded_bytes().get(stem..)?;
        interpreter
            .suffixes
            .iter()
            .position(|known| known.as_bytes() == suffix)
    });
    let native = if cfg!(windows) {
        Suffix::Pyd
    } else {
        Suffix::So
    };
    let foreign = !matches!(file.file_name.tag, Tag::Plain) || file.file_name.suffix != native;
    (place.unwrap_or(usize::MAX), foreign)
}

type Inspected = Option<(Verdict, u64)>;

/// Reads the files that may be loaded, on several threads when there are many.
fn inspect_all(interpreter: &Interpreter, found: &[Found], wanted: &[bool]) -> Vec<Inspected> {
    /// Starting a thread costs about as much as reading so many files.
    const WORTH_A_THREAD: usize = 32;
    let inspect = |index: usize| -> Inspected {
        if !wanted[index] {
            return None;
        }
        let start = Instant::now();
        let verdict = inspect_one(interpreter, &found[index].path, &found[index].file_name);
        Some((verdict, nanoseconds_since(start)))
    };
    let count = wanted.iter().filter(|wanted| **wanted).count();
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(count / WORTH_A_THREAD)
        .max(1);
    let share = found.len().div_ceil(threads);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|thread| {
                let range =
                    (thread * share).min(found.len())..((thread + 1) * share).min(found.len());
                scope.spawn(move || range.map(inspect).collect::<Vec<_>>())
            })
            .collect();
        let mut all: Vec<Inspected> = (0..share.min(found.len())).map(inspect).collect();
        for other in others {
            all.extend(other.join().unwrap_or_default());
        }
        // A thread that panicked left a gap: those files are loaded without having been read.
        all.resize_with(found.len(), || None);
        all
    })
}

fn inspect_one(interpreter: &Interpreter, path: &Path, file_name: &FileName) -> Verdict {
    match Image::read(path) {
        Ok(image) => classify(path, &image, file_name, &interpreter.target),
        Err(problem) => Verdict::Hopeless(problem),
    }
}

/// Adds the names that were asked for and have no file, and says which could not be loaded.
fn settle_missing(loader: &mut Loader) {
    let Some(requested) = &loader.requested else {
        return;
    };
    let not_there: Vec<&str> = requested
        .iter()
        .map(String::as_str)
        .filter(|name| {
            loader.entry(name).is_none_or(|entry| {
                !matches!(
                    entry.state(),
                    NexusState::NEXUS_STATE_LOADED | NexusState::NEXUS_STATE_LAZY
                )
            })
        })
        .collect();
    if not_there.is_empty() {
        return;
    }
    let warning = format!(
        "Warning: Could not load requested modules: {}",
        python_set(not_there.iter().copied())
    );
    log(NEXUS_LOG_WARNING, || warning.clone());
    let missing: Vec<String> = not_there
        .iter()
        .filter(|name| {
            !loader.by_name.contains_key(**name)
                && !loader.entries.iter().any(|entry| entry.name == **name)
        })
        .map(|name| (*name).to_string())
        .collect();
    for name in missing {
        let entry = Entry::new(name.clone(), PathBuf::new(), PathBuf::new());
        let failure = Failure::new(NexusStatus::NEXUS_ERR_NOT_FOUND, warning.clone())
            .with_detail(Detail::NOT_FOUND.number())
            .in_module(name);
        entry.settle(NexusState::NEXUS_STATE_MISSING, Some(failure), 0);
        loader.entries.push(entry);
    }
}
