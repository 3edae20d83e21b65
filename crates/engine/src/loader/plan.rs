//! Which of the files that were found may load, and in which order.

use crate::interpreter::{self, Interpreter};
use crate::loader::discover::Found;
use crate::loader::entry::Entry;
use crate::loader::names::Names;
use crate::loader::request::Request;
use crate::loader::settle;
use nexus_abi::NexusStatus::NEXUS_OK;
use nexus_inspect::{Detail, Suffix, Tag};
use rustc_hash::FxHashMap;
use std::path::Path;

/// The files in load order.
pub struct Plan {
    /// An entry each.
    pub entries: Vec<Entry>,
    /// For each the entry that is preferred to it, if there is one of its name.
    pub preferred: Vec<Option<usize>>,
}

/// Makes an entry of each file, in load order, and settles those that will not be read. Opens none of them.
pub fn plan(found: Vec<Found>, request: Option<&Request>) -> Plan {
    let chosen = choose(interpreter::get(), &found);
    let mut files: Vec<(Option<usize>, usize, Found)> = found
        .into_iter()
        .enumerate()
        .map(|(index, file)| {
            let wanted =
                request.map_or(Some(0), |request| request.position(&file.name, &file.stem));
            (wanted, index, file)
        })
        .collect();
    // What was asked for loads in the order in which it was asked for.
    files.sort_by_key(|(wanted, ..)| wanted.unwrap_or(usize::MAX));
    let mut entry_of = vec![0; files.len()];
    for (entry, (_, index, _)) in files.iter().enumerate() {
        entry_of[*index] = entry;
    }

    let mut plan = Plan {
        entries: Vec::with_capacity(files.len()),
        preferred: Vec::with_capacity(files.len()),
    };
    for (wanted, index, file) in files {
        let entry = Entry::of_file(file);
        if let Some(problem) = &entry.problem {
            settle::unreadable(&entry, problem, 0);
        } else if wanted.is_none() {
            settle::skipped(
                &entry,
                Detail::NOT_REQUESTED,
                NEXUS_OK,
                "not asked for".into(),
                0,
            );
        }
        plan.entries.push(entry);
        let preferred = chosen[index];
        plan.preferred
            .push((preferred != index).then(|| entry_of[preferred]));
    }
    plan
}

impl Plan {
    /// The table of names. Stems mean what may load, so it is made when the files were read, if they are, and
    /// before anything loads.
    pub fn names(&self) -> Names {
        let named = || {
            self.entries
                .iter()
                .enumerate()
                .zip(&self.preferred)
                .filter(|(_, preferred)| preferred.is_none())
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
