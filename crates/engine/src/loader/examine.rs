//! Reading files before they load: what proves to be no module, or damaged, is never opened by the linker.

use crate::interpreter;
use crate::loader::entry::Entry;
use crate::loader::folder::{self, Folder};
use crate::loader::plan::Plan;
use crate::loader::{diagnose, settle, standard};
use crate::verify::AllowList;
use nexus_abi::NexusStatus::NEXUS_OK;
use nexus_abi::Result;
use nexus_inspect::{Dependencies, Detail, Image, Problem, Verdict, classify};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

/// Reads the files of the entries that are not settled, on several threads when there are many, and settles
/// those that cannot be modules, or whose name means another. Runs nothing, needs no GIL.
pub fn all(plan: &Plan, allow_list: Option<&AllowList>) {
    let examined = read_all(&plan.entries, allow_list);
    // In their order and on this thread, for what the host's log is told.
    for (index, entry) in plan.entries.iter().enumerate() {
        if entry.outcome().is_some() {
            continue;
        }
        match (plan.preferred[index], &examined[index]) {
            (Some(preferred), own) => settle_shadowed(
                entry,
                own.as_ref(),
                &plan.entries[preferred].path,
                examined[preferred].as_ref(),
            ),
            (None, Some(examined)) => examined.settle(entry),
            (None, None) => {}
        }
    }
}

/// Reads nothing: settles only those whose name means another.
pub fn names_alone(plan: &Plan) {
    for (entry, preferred) in plan.entries.iter().zip(&plan.preferred) {
        if let Some(preferred) = preferred
            && entry.outcome().is_none()
        {
            settle_shadowed(entry, None, &plan.entries[*preferred].path, None);
        }
    }
}

/// Whether the file of one can be a module. Reads it and settles it, unless that was done.
pub fn one(entry: &Entry, allow_list: Option<&AllowList>) -> bool {
    if let Some(known) = entry.examined.get() {
        return *known;
    }
    let libraries: Libraries = LazyLock::new(diagnose::dependencies);
    let examined = Examined::read(entry, allow_list, &libraries, None);
    examined.settle(entry);
    examined.is_module()
}

/// What the files of the entries hold; `None` for those that are settled.
fn read_all(entries: &[Entry], allow_list: Option<&AllowList>) -> Vec<Option<Examined>> {
    /// Starting a thread costs about as much as reading so many files.
    const WORTH_A_THREAD: usize = 32;
    let waiting: Vec<usize> = (0..entries.len())
        .filter(|index| entries[*index].outcome().is_none())
        .collect();
    folder::read_ahead(entries, &waiting);
    let libraries: Libraries = LazyLock::new(diagnose::dependencies);
    let read = |indices: &[usize]| -> Vec<Examined> {
        let mut folder = Folder::default();
        let read = |index: &usize| {
            Examined::read(&entries[*index], allow_list, &libraries, Some(&mut folder))
        };
        indices.iter().map(read).collect()
    };
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(waiting.len() / WORTH_A_THREAD)
        .max(1);
    let (mine, others) = waiting.split_at(waiting.len().div_ceil(threads));
    let mut all: Vec<Option<Examined>> = Vec::new();
    all.resize_with(entries.len(), || None);
    let mut keep = |indices: &[usize], examined: Vec<Examined>| {
        for (index, examined) in indices.iter().zip(examined) {
            all[*index] = Some(examined);
        }
    };
    let read = &read;
    std::thread::scope(|scope| {
        let others: Vec<_> = others
            .chunks(mine.len().max(1))
            .map(|share| (share, scope.spawn(move || read(share))))
            .collect();
        keep(mine, read(mine));
        for (share, other) in others {
            // A thread that panicked leaves a gap: those files load without having been read.
            keep(share, other.join().unwrap_or_default());
        }
    });
    all
}

/// What the reading of a file has told, and how long it took.
struct Examined {
    verdict: Result<Verdict>,
    nanoseconds: u64,
}

impl Examined {
    /// `folder`: for files that were found a moment ago.
    fn read(
        entry: &Entry,
        allow_list: Option<&AllowList>,
        libraries: &Libraries,
        folder: Option<&mut Folder>,
    ) -> Self {
        let start = Instant::now();
        Self {
            verdict: verdict(entry, allow_list, libraries, folder),
            nanoseconds: settle::nanoseconds_since(start),
        }
    }

    fn is_module(&self) -> bool {
        matches!(self.verdict, Ok(Verdict::Module { .. }))
    }

    fn settle(&self, entry: &Entry) {
        match &self.verdict {
            Ok(Verdict::Module { .. }) => {}
            Ok(Verdict::Helper { detail, why }) => {
                settle::skipped(entry, *detail, NEXUS_OK, why.clone(), self.nanoseconds)
            }
            Ok(Verdict::Hopeless(problem)) => settle::unreadable(entry, problem, self.nanoseconds),
            Err(refusal) => settle::failed(entry, refusal.clone(), self.nanoseconds, Vec::new()),
        }
        let _ = entry.examined.set(self.is_module());
    }

    /// What a file is not for, if it is for another platform or another Python.
    fn built_for_another(&self) -> Option<&Problem> {
        match &self.verdict {
            Ok(Verdict::Hopeless(problem)) if problem.detail.group() == 3 => Some(problem),
            _ => None,
        }
    }
}

/// A file whose name another one answers to. A folder may hold a module for every platform and version: those
/// for others are told as what they are, and are failures only where none of them is for this one.
fn settle_shadowed(
    entry: &Entry,
    own: Option<&Examined>,
    preferred: &Path,
    preferred_is: Option<&Examined>,
) {
    let nanoseconds = own.map_or(0, |own| own.nanoseconds);
    let name = settle::on_one_line(&preferred.file_name().unwrap_or_default().to_string_lossy());
    let (detail, message) = match own.and_then(Examined::built_for_another) {
        Some(problem) if preferred_is.is_some_and(|it| it.built_for_another().is_some()) => {
            return settle::unreadable(entry, problem, nanoseconds);
        }
        Some(problem) => (
            problem.detail,
            format!("{}; {name} is preferred", problem.message),
        ),
        None => (
            Detail::SHADOWED,
            format!("another file of this name is preferred: {name}"),
        ),
    };
    settle::skipped(entry, detail, NEXUS_OK, message, nanoseconds);
}

fn verdict(
    entry: &Entry,
    allow_list: Option<&AllowList>,
    libraries: &Libraries,
    folder: Option<&mut Folder>,
) -> Result<Verdict> {
    let image = match allow_list {
        None => match folder.and_then(|folder| folder.open(entry)) {
            Some(file) => Image::of_file(file),
            None => Image::read(&entry.path),
        },
        Some(list) => Image::read(list.open(&entry.path)?.path()),
    };
    let image = match image {
        Ok(image) => image,
        Err(problem) => return Ok(Verdict::Hopeless(problem)),
    };
    let target = &interpreter::get().target;
    let verdict = classify(&entry.path, &image, &entry.file_name, target);
    if !verdict.is_module() {
        return Ok(verdict);
    }
    if standard::is_other_build(entry, &image) {
        return Ok(Verdict::Hopeless(standard::problem(entry)));
    }
    let versioned = image.version_needs.iter().map(|need| &need.library);
    if !image
        .needed
        .iter()
        .chain(versioned)
        .all(|name| is_there(name))
    {
        let deadly = libraries.deadly(&entry.path, &image, target);
        return Ok(deadly.map_or(verdict, Verdict::Hopeless));
    }
    Ok(verdict)
}

/// Made when the first module needs a library that not every process has.
type Libraries = LazyLock<Dependencies, fn() -> Dependencies>;

/// Libraries that this process has had since it began: most modules need no other.
fn is_there(library: &str) -> bool {
    matches!(
        library,
        "libc.so.6" | "libm.so.6" | "libpthread.so.0" | "libdl.so.2" | "libgcc_s.so.1"
    )
}
