//! Files that are on the disk and not in memory: asked for together they come in about half the time that they
//! take one by one. For files in memory the asking would be lost time, so a few are tried first.

use crate::loader::entry::Entry;

/// Has the system read the files of these entries, if most of those that are tried are not in memory.
#[cfg(target_os = "linux")]
pub fn if_cold(entries: &[Entry], waiting: &[usize]) {
    use crate::loader::examine::Folder;
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
pub fn if_cold(_entries: &[Entry], _waiting: &[usize]) {}
