//! What the kernel tells of this process.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;

/// A file that stays open, on a descriptor above the standard streams: where the host has closed these, Python
/// would take it for one of them.
pub fn open(path: &str) -> Option<File> {
    let file = File::open(path).ok()?;
    // SAFETY: copies a descriptor that is open; the copy belongs to the `File` alone.
    unsafe {
        let copy = libc::fcntl(file.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 3);
        (copy >= 0).then(|| File::from_raw_fd(copy))
    }
}

/// What the kernel writes in /proc/self/status: one reading for what would take many calls.
pub struct Kernel {
    /// Kept open: opening it takes as long as reading it.
    file: Option<File>,
    /// Where in the text the lines were last time.
    places: [usize; 4],
}

impl Kernel {
    /// Of this process; says nothing where there is no /proc.
    pub fn open() -> Self {
        Self {
            file: open("/proc/self/status"),
            places: [0; 4],
        }
    }

    /// What is so now.
    pub fn status(&mut self) -> Option<Status> {
        let mut buffer = [0; 4096];
        let size = self.file.as_ref()?.read_at(&mut buffer, 0).ok()?;
        Status::parse(&buffer[..size], &mut self.places)
    }
}

/// Some of its lines.
pub struct Status {
    pub mask: libc::mode_t,
    pub threads: u64,
    pub caught: u64,
    pub ignored: u64,
}

impl Status {
    fn parse(text: &[u8], places: &mut [usize; 4]) -> Option<Self> {
        let [umask, threads, ignored, caught] = places;
        // Lines are mostly where they were: the kernel writes numbers with blanks before them.
        let number = |place: &mut usize, name: &[u8], radix| {
            if !text
                .get(*place..)
                .is_some_and(|rest| rest.starts_with(name))
            {
                *place = text.windows(name.len()).position(|part| part == name)?;
            }
            let rest = &text[*place + name.len()..];
            let line = &rest[..rest.iter().position(|byte| *byte == b'\n')?];
            u64::from_str_radix(core::str::from_utf8(line).ok()?.trim(), radix).ok()
        };
        Some(Self {
            mask: libc::mode_t::try_from(number(umask, b"\nUmask:", 8)?).ok()?,
            threads: number(threads, b"\nThreads:", 10)?,
            ignored: number(ignored, b"\nSigIgn:", 16)?,
            caught: number(caught, b"\nSigCgt:", 16)?,
        })
    }
}

/// The mode mask of new files. Linux tells it since 4.7; setting it is the only other way to read it.
pub fn mask(status: Option<&Status>) -> libc::mode_t {
    status.map_or_else(
        || {
            // SAFETY: changes a number for a moment, to the strictest one.
            unsafe {
                let mask = libc::umask(0o077);
                libc::umask(mask);
                mask
            }
        },
        |status| status.mask,
    )
}

const DESCRIPTORS: &str = "/proc/self/fd";

/// The open descriptors.
pub struct Descriptors {
    /// Kept open.
    list: Option<File>,
    numbers: BTreeSet<RawFd>,
}

impl Descriptors {
    /// Those of now; none where there is no /proc.
    pub fn now() -> Self {
        let mut descriptors = Self {
            list: open(DESCRIPTORS),
            numbers: BTreeSet::new(),
        };
        descriptors.opened();
        descriptors
    }

    /// What has been opened since, and is open now. Afterwards that counts as known.
    pub fn opened(&mut self) -> Vec<PathBuf> {
        // Their number since Linux 6.2, 0 before: proc_pid_fd(5).
        let count = self
            .list
            .as_ref()
            .and_then(|list| list.metadata().ok())
            .map_or(0, |metadata| metadata.size());
        if count != 0 && count == self.numbers.len() as u64 {
            return Vec::new();
        }
        let before = core::mem::take(&mut self.numbers);
        let kept = self.list.as_ref().map(|list| list.as_raw_fd());
        let mut opened = Vec::new();
        for entry in std::fs::read_dir(DESCRIPTORS)
            .into_iter()
            .flatten()
            .flatten()
        {
            let Some(number) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
            else {
                continue;
            };
            if before.contains(&number) || kept == Some(number) {
                self.numbers.insert(number);
            } else if let Ok(target) = std::fs::read_link(entry.path())
                // The reading of the list itself has one, which is closed afterwards.
                && !(target.starts_with("/proc") && target.ends_with("fd"))
            {
                self.numbers.insert(number);
                opened.push(target);
            }
        }
        opened
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_text_is_read() {
        let text = b"Name:\tx\nUmask:\t0022\nThreads:\t3\nSigIgn:\t0000000000001000\nSigCgt:\t0000000000000002\n";
        let mut places = [0; 4];
        for _ in 0..2 {
            let status = Status::parse(text, &mut places).unwrap();
            assert_eq!(
                (status.mask, status.threads, status.ignored, status.caught),
                (0o022, 3, 0x1000, 2)
            );
        }
        let shorter = &text[1..];
        assert_eq!(Status::parse(shorter, &mut places).unwrap().threads, 3);
        assert!(Status::parse(b"Name:\tx\n", &mut places).is_none());
        let mut kernel = Kernel::open();
        assert_eq!(kernel.status().unwrap().mask, kernel.status().unwrap().mask);
    }

    #[test]
    fn an_opened_file_is_told_once() {
        let mut descriptors = Descriptors::now();
        let file = File::open("/dev/null").unwrap();
        assert!(descriptors.opened().contains(&PathBuf::from("/dev/null")));
        assert!(!descriptors.opened().contains(&PathBuf::from("/dev/null")));
        drop(file);
    }
}
