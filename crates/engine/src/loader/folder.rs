//! Opening the files of a directory: each by its folder, and many ahead of their turn.

use crate::loader::entry::Entry;

/// The folder of the file that was read last, open: the system need not go through the whole path again for
/// the next one in it.
#[derive(Default)]
pub struct Folder {
    #[cfg(unix)]
    open: Option<(std::path::PathBuf, std::os::fd::OwnedFd)>,
}

#[cfg(unix)]
impl Folder {
    /// Opens the file of an entry that was found to be a regular one, which is not asked again; it does not wait if
    /// the file has become a FIFO. `None`: reading it by its path tells why.
    pub fn open(&mut self, entry: &Entry) -> Option<std::fs::File> {
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
    pub fn open(&mut self, _entry: &Entry) -> Option<std::fs::File> {
        None
    }
}

/// Has the system read the files of these entries, if most of those that are tried are not in memory. Files that are
/// on the disk alone come in about half the time when they are asked for together. For files in memory the asking
/// would be lost time, so a few are tried first.
#[cfg(target_os = "linux")]
pub fn read_ahead(entries: &[Entry], waiting: &[usize]) {
    use rustix::fs::{Advice, fadvise};

    /// Of fewer files it is not worth while.
    const MANY: usize = 32;
    /// So many are tried.
    const TRIED: usize = 8;
    if waiting.len() < MANY {
        return;
    }
    let mut folder = Folder::default();
    let cold = waiting
        .iter()
        .step_by(waiting.len() / TRIED)
        .filter_map(|index| folder.open(&entries[*index]))
        .filter(|file| !is_in_memory(file))
        .count();
    if cold <= TRIED / 2 {
        return;
    }
    for index in waiting {
        if let Some(file) = folder.open(&entries[*index]) {
            let _ = fadvise(file, 0, None, Advice::WillNeed);
        }
    }
}

/// Whether the beginning of a file can be read without waiting; also where the system cannot tell.
#[cfg(target_os = "linux")]
fn is_in_memory(file: &std::fs::File) -> bool {
    use rustix::io::{Errno, ReadWriteFlags, preadv2};
    let mut byte = [0];
    let mut buffers = [std::io::IoSliceMut::new(&mut byte)];
    preadv2(file, &mut buffers, 0, ReadWriteFlags::NOWAIT) != Err(Errno::AGAIN)
}

/// Not tried elsewhere.
#[cfg(not(target_os = "linux"))]
pub fn read_ahead(_entries: &[Entry], _waiting: &[usize]) {}
