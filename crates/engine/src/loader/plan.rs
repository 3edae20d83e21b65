//! Which of the files that were found may load, and in which order.

use crate::interpreter::{self, Interpreter};
use crate::loader::discover::Found;
use crate::loader::entry::Entry;
use crate::loader::names::Names;
use crate::loader::open::{settle_problem, settle_skipped};
use crate::loader::request::Request;
use nexus_abi::NexusStatus::NEXUS_OK;
use nexus_inspect::{Detail, Suffix, Tag};
use rustc_hash::FxHashMap;
use std::path::Path;

/// The files in load order.
pub struct Plan {
    /// An entry each.
    pub entries: Vec<Entry>,
    /// Whether its names mean the entry: not where another file of the name is preferred.
    named: Vec<bool>,
}

/// Makes an entry of each file, in load order, and settles those that will not be tried. Opens none of them.
pub fn plan(found: Vec<Found>, request: Option<&Request>) -> Plan {
    let interpreter = interpreter::get();
    let preferred: Vec<Option<String>> = choose(interpreter, &found)
        .into_iter()
        .enumerate()
        .map(|(index, chosen)| {
            (chosen != index).then(|| {
                let file_name = found[chosen].path.file_name().unwrap_or_default();
                file_name.to_string_lossy().into_owned()
            })
        })
        .collect();
    let mut files: Vec<(Option<usize>, Found, Option<String>)> = found
        .into_iter()
        .zip(preferred)
        .map(|(file, preferred)| {
            let wanted =
                request.map_or(Some(0), |request| request.position(&file.name, &file.stem));
            (wanted, file, preferred)
        })
        .collect();
    // What was asked for loads in the order in which it was asked for.
    files.sort_by_key(|(wanted, ..)| wanted.unwrap_or(usize::MAX));

    let mut plan = Plan {
        entries: Vec::with_capacity(files.len()),
        named: Vec::with_capacity(files.len()),
    };
    for (wanted, mut file, preferred) in files {
        let problem = file.problem.take();
        let entry = Entry::of_file(file);
        if let Some(problem) = &problem {
            settle_problem(&entry, problem, 0);
        } else if wanted.is_none() {
            settle_skipped(
                &entry,
                Detail::NOT_REQUESTED,
                NEXUS_OK,
                "not asked for".into(),
                0,
            );
        } else if let Some(preferred) = &preferred {
            settle_shadowed(&entry, preferred);
        }
        plan.entries.push(entry);
        plan.named.push(preferred.is_none());
    }
    plan
}

impl Plan {
    /// The table of names. Stems mean what has not been settled, so it is made before anything loads.
    pub fn names(&self) -> Names {
        let named = || {
            self.entries
                .iter()
                .enumerate()
                .zip(&self.named)
                .filter(|(_, named)| **named)
                .map(|(entry, _)| entry)
        };
        Names::new(
            named().map(|(index, entry)| (entry.name.as_str(), index)),
            named()
                .filter(|(_, entry)| entry.outcome().is_none())
                .map(|(index, entry)| (entry.stem.as_str(), index)),
        )
    }
}

/// For each file the one that is preferred among those of its name: itself, mostly.
fn choose(interpreter: &Interpreter, found: &[Found]) -> Vec<usize> {
    let mut best: FxHashMap<(&str, Option<&Path>), usize> = FxHashMap::default();
    for (index, file) in found.iter().enumerate() {
        best.entry((file.name.as_str(), file.root.as_deref()))
            .and_modify(|best| {
                if preference(interpreter, file) < preference(interpreter, &found[*best]) {
                    *best = index;
                }
            })
            .or_insert(index);
    }
    found
        .iter()
        .map(|file| best[&(file.name.as_str(), file.root.as_deref())])
        .collect()
}

/// The interpreter's own order for files of one name (its list of suffixes); files it would not look at
/// come last. Smaller is better.
fn preference(interpreter: &Interpreter, file: &Found) -> (bool, usize, bool) {
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
    (file.problem.is_some(), place.unwrap_or(usize::MAX), foreign)
}

fn settle_shadowed(entry: &Entry, preferred: &str) {
    let message = format!("another file of this name is preferred: {preferred}");
    settle_skipped(entry, Detail::SHADOWED, NEXUS_OK, message, 0);
}
