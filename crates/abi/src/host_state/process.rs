//! What the kernel tells of this process.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// A few lines of /proc/self/status: one reading for what would take many calls.
pub struct Status {
    pub mask: libc::mode_t,
    pub threads: u64,
    pub caught: u64,
    pub ignored: u64,
}

impl Status {
    /// Of now; `None` where there is no /proc.
    pub fn now() -> Option<Self> {
        let mut buffer = [0; 4096];
        let size = File::open("/proc/self/status")
            .ok()?
            .read_at(&mut buffer, 0)
            .ok()?;
        Self::parse(&buffer[..size])
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let mut status = (None, None, None, None);
        // Sought from line to line: most of the text is of no interest.
        for line in text.split(|byte| *byte == b'\n') {
            let number = |radix| {
                let tab = line.iter().position(|byte| *byte == b'\t')?;
                let text = core::str::from_utf8(&line[tab + 1..]).ok()?;
                u64::from_str_radix(text.trim(), radix).ok()
            };
            if line.starts_with(b"Umask:") {
                status.0 = number(8);
            } else if line.starts_with(b"Threads:") {
                status.1 = number(10);
            } else if line.starts_with(b"SigIgn:") {
                status.2 = number(16);
            } else if line.starts_with(b"SigCgt:") {
                status.3 = number(16);
                break;
            }
        }
        let (mask, threads, ignored, caught) = status;
        Some(Self {
            mask: libc::mode_t::try_from(mask?).ok()?,
            threads: threads?,
            caught: caught?,
            ignored: ignored?,
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
    numbers: BTreeSet<u32>,
}

impl Descriptors {
    /// Those of now; none where there is no /proc.
    pub fn now() -> Self {
        Self {
            numbers: numbers().collect(),
        }
    }

    /// What has been opened since, and is open now. Afterwards that counts as known.
    pub fn opened(&mut self) -> Vec<PathBuf> {
        // Their number since Linux 6.2, 0 before: proc_pid_fd(5).
        let count = Path::new(DESCRIPTORS)
            .metadata()
            .map_or(0, |metadata| metadata.size());
        if count != 0 && count == self.numbers.len() as u64 {
            return Vec::new();
        }
        let now: BTreeSet<u32> = numbers().collect();
        let opened = now
            .difference(&self.numbers)
            .filter_map(|number| {
                std::fs::read_link(Path::new(DESCRIPTORS).join(number.to_string())).ok()
            })
            .collect();
        self.numbers = now;
        opened
    }
}

fn numbers() -> impl Iterator<Item = u32> {
    let list = std::fs::read_dir(DESCRIPTORS);
    list.into_iter().flatten().flatten().filter_map(|entry| {
        let number = entry.file_name().to_str()?.parse().ok()?;
        // The reading of the list itself has one, which leads to the list, and is closed by now.
        let target = std::fs::read_link(entry.path()).ok()?;
        let own = target.starts_with("/proc") && target.ends_with("fd");
        (!own).then_some(number)
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_text_is_read() {
        let text = b"Name:\tx\nUmask:\t0022\nThreads:\t3\nSigIgn:\t0000000000001000\nSigCgt:\t0000000000000002\n";
        let status = Status::parse(text).unwrap();
        assert_eq!(
            (status.mask, status.threads, status.ignored, status.caught),
            (0o022, 3, 0x1000, 2)
        );
        assert!(Status::parse(b"Name:\tx\n").is_none());
        assert!(Status::now().unwrap().threads >= 1);
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
