//! Paths with every link resolved.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The path with every link resolved; on Windows without the prefix `\\?\`, which Python and people do not expect,
/// unless it is too long without.
///
/// Some of Windows' file systems, those of disks in memory for one, cannot tell (`GetFinalPathNameByHandle`), and Wine 8
/// cannot for long paths: then it is the absolute path.
pub fn real(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    let path = path.as_ref();
    dunce::canonicalize(path).or_else(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::NotADirectory => Err(error),
        _ if cfg!(windows) && path.try_exists()? => std::path::absolute(path),
        _ => Err(error),
    })
}

/// The path without the prefix `\\?\` of Windows, where it does without.
pub fn simplified(path: &Path) -> &Path {
    dunce::simplified(path)
}
