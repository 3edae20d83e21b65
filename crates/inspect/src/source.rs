//! Where the bytes come from: a file that is read piece by piece, or bytes in memory.
//!
//! Files are read with `pread`, never mapped: a mapping of a file that another process cuts short turns
//! every access into a SIGBUS, and this library is the one that is supposed to notice such files. Only
//! the tables that the dynamic linker needs are read, a few pieces of some kB each; a text segment of
//! 20 MB is not touched. Reading the pieces costs about 5 µs per file with a warm cache, `mmap` with
//! its page faults and `munmap` rather more.

use crate::detail::Detail;
use crate::problem::{Problem, Result, fail, size_text};
use std::borrow::Cow;
use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Larger files are refused: no extension module comes near it, and offsets stay far from overflow.
const MAX_SIZE: u64 = 64 << 30;

/// So much is read at once when a file is opened: the whole of a small module, and of a large one the
/// headers and usually the symbol tables, which linkers put first.
const HEAD_SIZE: u64 = 32 << 10;

thread_local! {
    /// The head of the file before last, kept: allocating and zeroing one for each file takes a tenth of
    /// the time of an inspection.
    static HEAD_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A readable file or slice of known size.
pub(crate) struct Source<'a> {
    backing: Backing<'a>,
    size: u64,
}

enum Backing<'a> {
    Bytes(&'a [u8]),
    File { file: File, head: Vec<u8> },
}

impl<'a> Source<'a> {
    /// Bytes in memory stand for the whole file.
    pub(crate) fn from_bytes(bytes: &'a [u8]) -> Source<'a> {
        Source {
            backing: Backing::Bytes(bytes),
            size: bytes.len() as u64,
        }
    }

    /// Opens a regular file without ever blocking: what is no regular file is not opened at all (opening
    /// a FIFO waits, opening a device may act), and `O_NONBLOCK` guards against a change in between.
    pub(crate) fn open(path: &Path) -> Result<Source<'static>> {
        let metadata = std::fs::metadata(path).map_err(|error| stat_problem(path, &error))?;
        check_regular(&metadata)?;
        let file = open_options()
            .open(path)
            .map_err(|error| stat_problem(path, &error))?;
        Self::of_file(file)
    }

    /// The contents of an open file, which must be a regular one.
    pub(crate) fn of_file(file: File) -> Result<Source<'static>> {
        let metadata = file.metadata().map_err(|error| read_problem(&error))?;
        check_regular(&metadata)?;
        let size = metadata.len();
        if size == 0 {
            return fail(Detail::EMPTY, "the file is empty");
        }
        if size > MAX_SIZE {
            return fail(
                Detail::TOO_LARGE,
                format!("{} is too large for an extension module", size_text(size)),
            );
        }
        let mut head = HEAD_BUFFER.try_with(Cell::take).unwrap_or_default();
        head.resize(size.min(HEAD_SIZE) as usize, 0);
        fill(&file, 0, &mut head)?;
        Ok(Source {
            backing: Backing::File { file, head },
            size,
        })
    }

    /// The size of the file in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The first bytes, at most `length` of them.
    pub(crate) fn head(&self, length: usize) -> &[u8] {
        let bytes = match &self.backing {
            Backing::Bytes(bytes) => bytes,
            Backing::File { head, .. } => head.as_slice(),
        };
        &bytes[..length.min(bytes.len())]
    }

    /// The bytes of a range. A range that is not wholly inside the file is `None`; the caller knows what
    /// it was for and says so. An error is a failure of reading.
    pub(crate) fn bytes(&self, offset: u64, length: u64) -> Result<Option<Cow<'_, [u8]>>> {
        let Some(end) = offset.checked_add(length).filter(|end| *end <= self.size) else {
            return Ok(None);
        };
        match &self.backing {
            Backing::Bytes(bytes) => Ok(slice(bytes, offset, end).map(Cow::Borrowed)),
            Backing::File { file, head } => {
                if let Some(bytes) = slice(head, offset, end) {
                    return Ok(Some(Cow::Borrowed(bytes)));
                }
                let Ok(length) = usize::try_from(length) else {
                    return Ok(None);
                };
                read_exactly(file, offset, length).map(|bytes| Some(Cow::Owned(bytes)))
            }
        }
    }
}

impl Drop for Source<'_> {
    fn drop(&mut self) {
        if let Backing::File { head, .. } = &mut self.backing {
            // Fails only while the thread ends, when nobody needs the buffer.
            let _ = HEAD_BUFFER.try_with(|buffer| buffer.set(std::mem::take(head)));
        }
    }
}

fn slice(bytes: &[u8], start: u64, end: u64) -> Option<&[u8]> {
    bytes.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

fn check_regular(metadata: &std::fs::Metadata) -> Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    fail(
        Detail::NOT_REGULAR_FILE,
        format!("{}, not a regular file", kind_text(metadata)),
    )
}

#[cfg(unix)]
fn kind_text(metadata: &std::fs::Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else {
        "something else"
    }
}

#[cfg(not(unix))]
fn kind_text(metadata: &std::fs::Metadata) -> &'static str {
    if metadata.is_dir() {
        "a directory"
    } else {
        "something else"
    }
}

#[cfg(unix)]
fn open_options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    // O_CLOEXEC is set by the standard library.
    options
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    options
}

#[cfg(not(unix))]
fn open_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

fn read_exactly(file: &File, offset: u64, length: usize) -> Result<Vec<u8>> {
    let mut buffer = Vec::new();
    if buffer.try_reserve_exact(length).is_err() {
        return fail(
            Detail::READ_FAILED,
            format!("no memory for {} of the file", size_text(length as u64)),
        );
    }
    buffer.resize(length, 0);
    fill(file, offset, &mut buffer)?;
    Ok(buffer)
}

fn fill(file: &File, offset: u64, buffer: &mut [u8]) -> Result<()> {
    let mut done = 0;
    while done < buffer.len() {
        match read_at(file, &mut buffer[done..], offset + done as u64) {
            // The size was checked before, so the file has become shorter since.
            Ok(0) => {
                return fail(Detail::CHANGED, "the file became shorter while it was read");
            }
            Ok(count) => done += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(read_problem(&error)),
        }
    }
    Ok(())
}

fn read_problem(error: &io::Error) -> Problem {
    Problem::new(Detail::READ_FAILED, format!("cannot be read: {error}"))
}

/// What a failed `stat` or `open` means.
pub(crate) fn stat_problem(path: &Path, error: &io::Error) -> Problem {
    let is_link = || std::fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_symlink());
    #[cfg(unix)]
    match error.raw_os_error() {
        Some(libc::ELOOP) => {
            return Problem::new(Detail::BROKEN_LINK, "symbolic links in a circle");
        }
        Some(libc::ENAMETOOLONG) => {
            return Problem::new(Detail::NAME_TOO_LONG, "the path is too long for the system");
        }
        // A socket or a device without driver, put there after the check.
        Some(libc::ENXIO) => {
            return Problem::new(Detail::NOT_REGULAR_FILE, "not a regular file");
        }
        _ => {}
    }
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory if is_link() => {
            let target = std::fs::read_link(path).unwrap_or_default();
            Problem::new(
                Detail::BROKEN_LINK,
                format!(
                    "a symbolic link to {}, which is not there",
                    target.display()
                ),
            )
        }
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            Problem::new(Detail::VANISHED, "the file is not there")
        }
        ErrorKind::PermissionDenied => {
            Problem::new(Detail::UNREADABLE, "no permission to read the file")
        }
        _ => read_problem(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_outside_are_none() {
        let source = Source::from_bytes(b"0123456789");
        assert_eq!(source.bytes(2, 3).unwrap().unwrap().as_ref(), b"234");
        assert!(source.bytes(8, 3).unwrap().is_none());
        assert!(source.bytes(u64::MAX, 2).unwrap().is_none());
        assert!(source.bytes(11, 0).unwrap().is_none());
        assert_eq!(source.bytes(10, 0).unwrap().unwrap().len(), 0);
        assert_eq!(source.head(100).len(), 10);
    }

    #[test]
    fn missing_file() {
        let problem = Source::open(Path::new("/nonexistent/x.so")).err().unwrap();
        assert_eq!(problem.detail, Detail::VANISHED);
    }
}
