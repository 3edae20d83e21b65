//! Which of the files that were found load, and in which order.

use crate::interpreter::{self, Interpreter};
use crate::loader::diagnose;
use crate::loader::discover::Found;
use crate::loader::entry::Entry;
use crate::loader::names::Names;
use crate::loader::open::{
    nanoseconds_since, on_one_line, settle_problem, settle_refused, settle_skipped,
};
use crate::loader::request::Request;
use crate::loader::standard;
use crate::verify::AllowList;
use nexus_abi::NexusStatus::NEXUS_OK;
use nexus_abi::Result;
use nexus_inspect::{Dependencies, Detail, Image, Problem, Suffix, Tag, Verdict, classify};
use rustc_hash::FxHashMap;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

/// Makes an entry of each file, in load order, settles those that will not be tried, and makes the table of
/// names. Opens the files to read them, runs nothing, needs no GIL.
pub fn plan(
    found: &[Found],
    request: Option<&Request>,
    allow_list: Option<&AllowList>,
) -> (Vec<Entry>, Names) {
    let interpreter = interpreter::get();
    let chosen = choose(interpreter, found);
    let wanted: Vec<Option<usize>> = found
        .iter()
        .map(|file| request.map_or(Some(0), |request| request.position(&file.name, &file.stem)))
        .collect();
    let readable: Vec<bool> = (0..found.len())
        .map(|index| found[index].problem.is_none() && wanted[index].is_some())
        .collect();
    let verdicts = inspect_all(interpreter, found, &readable, allow_list);

    // What was asked for loads in the order in which it was asked for.
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|&index| wanted[index].unwrap_or(usize::MAX));
    let entries: Vec<Entry> = order
        .iter()
        .map(|&index| {
            let entry = Entry::of_file(&found[index]);
            if let Some(problem) = &found[index].problem {
                settle_problem(&entry, problem, 0);
            } else if wanted[index].is_none() {
                settle_skipped(
                    &entry,
                    Detail::NOT_REQUESTED,
                    NEXUS_OK,
                    "not asked for".into(),
                    0,
                );
            } else if chosen[index] != index {
                let preferred = chosen[index];
                settle_shadowed(
                    &entry,
                    verdicts[index].as_ref(),
                    &found[preferred].path,
                    verdicts[preferred].as_ref(),
                );
            } else if let Some((verdict, nanoseconds)) = &verdicts[index] {
                match verdict {
                    Ok(verdict) => settle_verdict(&entry, verdict, *nanoseconds),
                    Err(refusal) => settle_refused(&entry, refusal, *nanoseconds),
                }
            }
            entry
        })
        .collect();

    let named = || {
        order
            .iter()
            .enumerate()
            .filter(|(_, file)| chosen[**file] == **file)
    };
    let whole = named().map(|(entry, _)| (entries[entry].name.as_str(), entry));
    let stems = named()
        .filter(|(entry, _)| entries[*entry].outcome().is_none())
        .map(|(entry, _)| (entries[entry].stem.as_str(), entry));
    let names = Names::new(whole, stems);
    (entries, names)
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

/// A file whose name another one answers to. A folder may hold a module for every platform and version: those
/// for others are told as what they are, and are failures only where none of them is for this one.
fn settle_shadowed(
    entry: &Entry,
    own: Option<&(Result<Verdict>, u64)>,
    preferred: &Path,
    preferred_is: Option<&(Result<Verdict>, u64)>,
) {
    let (own, nanoseconds) = own.map_or((None, 0), |(verdict, time)| (Some(verdict), *time));
    let name = on_one_line(&preferred.file_name().unwrap_or_default().to_string_lossy());
    let (detail, message) = match own.and_then(built_for_another) {
        Some(problem) if preferred_is.is_some_and(|(it, _)| built_for_another(it).is_some()) => {
            return settle_problem(entry, problem, nanoseconds);
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
    settle_skipped(entry, detail, NEXUS_OK, message, nanoseconds);
}

/// What a file is not for, if it is for another platform or another Python.
fn built_for_another(verdict: &Result<Verdict>) -> Option<&Problem> {
    match verdict {
        Ok(Verdict::Hopeless(problem)) if problem.detail.group() == 3 => Some(problem),
        _ => None,
    }
}

fn settle_verdict(entry: &Entry, verdict: &Verdict, nanoseconds: u64) {
    match verdict {
        Verdict::Module { .. } => {}
        Verdict::Helper { detail, why } => {
            settle_skipped(entry, *detail, NEXUS_OK, why.clone(), nanoseconds)
        }
        Verdict::Hopeless(problem) => settle_problem(entry, problem, nanoseconds),
    }
}

type Inspected = Option<(Result<Verdict>, u64)>;

/// Reads the files that may load, on several threads when there are many.
fn inspect_all(
    interpreter: &Interpreter,
    found: &[Found],
    readable: &[bool],
    allow_list: Option<&AllowList>,
) -> Vec<Inspected> {
    /// Starting a thread costs about as much as reading so many files.
    const WORTH_A_THREAD: usize = 32;
    let libraries: Libraries = LazyLock::new(diagnose::dependencies);
    let inspect_at = |index: usize| -> Inspected {
        if !readable[index] {
            return None;
        }
        let start = Instant::now();
        let verdict = inspect(interpreter, &found[index], allow_list, &libraries);
        Some((verdict, nanoseconds_since(start)))
    };
    let count = readable.iter().filter(|readable| **readable).count();
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
                scope.spawn(move || range.map(inspect_at).collect::<Vec<_>>())
            })
            .collect();
        let mut all: Vec<Inspected> = (0..share.min(found.len())).map(inspect_at).collect();
        for other in others {
            all.extend(other.join().unwrap_or_default());
        }
        // A thread that panicked leaves a gap: those files load without having been read.
        all.resize_with(found.len(), || None);
        all
    })
}

fn inspect(
    interpreter: &Interpreter,
    file: &Found,
    allow_list: Option<&AllowList>,
    libraries: &Libraries,
) -> Result<Verdict> {
    let image = match allow_list {
        None => Image::read(&file.path),
        Some(list) => Image::read(list.open(&file.path)?.path()),
    };
    let image = match image {
        Ok(image) => image,
        Err(problem) => return Ok(Verdict::Hopeless(problem)),
    };
    let target = &interpreter.target;
    let verdict = classify(&file.path, &image, &file.file_name, target);
    let versioned = image.version_needs.iter().map(|need| &need.library);
    if verdict.is_module() && standard::is_other_build(file, &image) {
        return Ok(Verdict::Hopeless(standard::problem(file)));
    }
    if verdict.is_module()
        && !image
            .needed
            .iter()
            .chain(versioned)
            .all(|name| is_there(name))
    {
        let deadly = libraries.deadly(&file.path, &image, target);
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
