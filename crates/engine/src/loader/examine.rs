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
        let mut folder = Folder::default();
        let read = |entry: &&Entry| Examined::read(entry, allow_list, Some(&mut folder));
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
    let examined = Examined::read(entry, allow_list, None);
    examined.settle(entry);
    examined.is_module()
}

/// What the reading of a file has told, and how long it took.
struct Examined {
    verdict: Result<Verdict>,
    nanoseconds: u64,
}

impl Examined {
    /// `folder`: the entry was found a moment ago.
    fn read(entry: &Entry, allow_list: Option<&AllowList>, folder: Option<&mut Folder>) -> Self {
        let start = Instant::now();
        Self {
            verdict: verdict(entry, allow_list, folder),
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

fn verdict(
    entry: &Entry,
    allow_list: Option<&AllowList>,
    folder: Option<&mut Folder>,
) -> Result<Verdict> {
    // Only a name that was asked for has no file, and it is settled as missing.
    let Some(file_name) = &entry.file_name else {
        return Ok(Verdict::Module {
            init: String::new(),
        });
    };
    let image = match allow_list {
        None => match folder.and_then(|folder| folder.open(entry)) {
            Some(file) => Image::of_file(file),
            None => Image::read(&entry.path),
        },
        Some(list) => Image::read(list.open(&entry.path)?.path()),
    };
    Ok(match image {
        Ok(image) => classify(&entry.path, &image, file_name, &interpreter::get().target),
        Err(problem) => Verdict::Hopeless(problem),
    })
}

/// The folder of the file that was read last, open: the system need not go through the whole path again for
/// the next one in it.
#[derive(Default)]
struct Folder {
    #[cfg(unix)]
    open: Option<(std::path::PathBuf, std::os::fd::OwnedFd)>,
}

#[cfg(unix)]
impl Folder {
    /// Opens the file of an entry that was found to be a regular one, which need not be asked again; it does
    /// not wait should it have become a FIFO. `None`: reading it by its path tells why.
    fn open(&mut self, entry: &Entry) -> Option<std::fs::File> {
        use rustix::fs::{CWD, Mode, OFlags, openat};
        if !entry.regular {
            return None;
        }
        let (folder, name) = (entry.path.parent()?, entry.path.file_name()?);
        if !matches!(&self.open, Some((path, _)) if path.as_os_str() == folder.as_os_str()) {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let opened = openat(CWD, folder, flags, Mode::empty()).ok()?;
            self.open = Some((folder.to_path_buf(), opened));
        }
        let (_, at) = self.open.as_ref()?;
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        openat(at, name, flags, Mode::empty())
            .ok()
            .map(std::fs::File::from)
    }
}

#[cfg(not(unix))]
impl Folder {
    fn open(&mut self, _entry: &Entry) -> Option<std::fs::File> {
        None
    }
}
