//! Reading files before they load: what proves to be no module, or damaged, is never opened by the linker.

use crate::interpreter;
use crate::loader::entry::Entry;
use crate::loader::open::{nanoseconds_since, settle_problem, settle_refused, settle_skipped};
use crate::verify::AllowList;
use nexus_abi::NexusStatus::NEXUS_OK;
use nexus_abi::Result;
use nexus_inspect::{Image, Verdict, classify};
use std::time::Instant;

/// Reads the files of the entries that wait to be loaded, on several threads when there are many, and settles
/// those that cannot be modules. Runs nothing, needs no GIL.
pub fn all(entries: &[Entry], allow_list: Option<&AllowList>) {
    /// Starting a thread costs about as much as reading so many files.
    const WORTH_A_THREAD: usize = 32;
    let waiting: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.outcome().is_none())
        .collect();
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(waiting.len() / WORTH_A_THREAD)
        .max(1);
    let (mine, others) = waiting.split_at(waiting.len().div_ceil(threads));
    let read = |entries: &[&Entry]| -> Vec<Examined> {
        let read = |entry: &&Entry| Examined::read(entry, allow_list);
        entries.iter().map(read).collect()
    };
    let examined = std::thread::scope(|scope| {
        let others: Vec<_> = others
            .chunks(mine.len().max(1))
            .map(|share| (share.len(), scope.spawn(move || read(share))))
            .collect();
        let mut all: Vec<Option<Examined>> = read(mine).into_iter().map(Some).collect();
        for (count, other) in others {
            match other.join() {
                Ok(examined) => all.extend(examined.into_iter().map(Some)),
                // A thread that panicked leaves a gap: those files load without having been read.
                Err(_) => all.extend((0..count).map(|_| None)),
            }
        }
        all
    });
    // In their order and on this thread, for what the host's log is told.
    for (entry, examined) in waiting.iter().zip(examined) {
        if let Some(examined) = examined {
            examined.settle(entry);
        }
    }
}

/// Whether the file of one can be a module. Reads it and settles it, unless that was done.
pub fn one(entry: &Entry, allow_list: Option<&AllowList>) -> bool {
    if let Some(known) = entry.examined.get() {
        return *known;
    }
    let examined = Examined::read(entry, allow_list);
    examined.settle(entry);
    examined.is_module()
}

/// What the reading of a file has told, and how long it took.
struct Examined {
    verdict: Result<Verdict>,
    nanoseconds: u64,
}

impl Examined {
    fn read(entry: &Entry, allow_list: Option<&AllowList>) -> Self {
        let start = Instant::now();
        Self {
            verdict: verdict(entry, allow_list),
            nanoseconds: nanoseconds_since(start),
        }
    }

    fn is_module(&self) -> bool {
        matches!(self.verdict, Ok(Verdict::Module { .. }))
    }

    fn settle(&self, entry: &Entry) {
        match &self.verdict {
            Ok(Verdict::Module { .. }) => {}
            Ok(Verdict::Helper { detail, why }) => {
                settle_skipped(entry, *detail, NEXUS_OK, why.clone(), self.nanoseconds)
            }
            Ok(Verdict::Hopeless(problem)) => settle_problem(entry, problem, self.nanoseconds),
            Err(refusal) => settle_refused(entry, refusal, self.nanoseconds),
        }
        let _ = entry.examined.set(self.is_module());
    }
}

fn verdict(entry: &Entry, allow_list: Option<&AllowList>) -> Result<Verdict> {
    // Only a name that was asked for has no file, and it is settled as missing.
    let Some(file_name) = &entry.file_name else {
        return Ok(Verdict::Module {
            init: String::new(),
        });
    };
    let image = match allow_list {
        None => Image::read(&entry.path),
        Some(list) => Image::read(list.open(&entry.path)?.path()),
    };
    Ok(match image {
        Ok(image) => classify(&entry.path, &image, file_name, &interpreter::get().target),
        Err(problem) => Verdict::Hopeless(problem),
    })
}
