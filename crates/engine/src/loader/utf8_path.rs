//! Paths that are not UTF-8.
//!
//! CPython 3.12 and later keep what they load under its path and name in UTF-8 (`hashtable_key_from_2_strings`
//! in Python/import.c), so that a module below such a directory raises UnicodeEncodeError; `import` has the
//! same fault. Linux has another path to every open directory.

use std::path::{Path, PathBuf};

/// Another path to the file, which is UTF-8 and belongs to no other file as long as the process lives.
/// `None`: its own will do, or there is none.
#[cfg(target_os = "linux")]
pub fn of(file: &Path) -> Option<PathBuf> {
    use std::collections::HashMap;
    use std::fs::{File, OpenOptions};
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    use std::sync::{LazyLock, Mutex, PoisonError};

    /// Never closed: CPython would take another file under the same number for this one.
    static FOLDERS: LazyLock<Mutex<HashMap<PathBuf, File>>> = LazyLock::new(Mutex::default);

    if file.to_str().is_some() {
        return None;
    }
    // A module's name is UTF-8, so its folder is not.
    let (folder, name) = (file.parent()?, file.file_name()?.to_str()?);
    let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
    if !folders.contains_key(folder) {
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_PATH | libc::O_DIRECTORY)
            .open(folder)
            .ok()?;
        folders.insert(folder.to_path_buf(), opened);
    }
    let number = folders.get(folder)?.as_raw_fd();
    let other = PathBuf::from(format!("/proc/self/fd/{number}/{name}"));
    other.exists().then_some(other)
}

/// Elsewhere file names are Unicode.
#[cfg(not(target_os = "linux"))]
pub fn of(_file: &Path) -> Option<PathBuf> {
    None
}
