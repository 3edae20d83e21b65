//! Paths that are not UTF-8.
//!
//! Since 3.12 CPython keeps what it has loaded under the path as UTF-8 (`hashtable_key_from_2_strings` in
//! Python/import.c), and refuses a path that has none. So it is given another path to the same file:
//! through a descriptor of the folder, which stays open, since the linker finds `$ORIGIN` by that path.

use std::borrow::Cow;
use std::path::Path;

/// A path to that file that CPython can encode: mostly the path itself.
#[cfg(target_os = "linux")]
pub fn path(path: &Path) -> Cow<'_, Path> {
    use std::collections::HashMap;
    use std::fs::{File, OpenOptions};
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::PathBuf;
    use std::sync::{LazyLock, Mutex, PoisonError};

    static FOLDERS: LazyLock<Mutex<HashMap<PathBuf, File>>> = LazyLock::new(Mutex::default);

    if path.to_str().is_some() {
        return Cow::Borrowed(path);
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Cow::Borrowed(path);
    };
    let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
    if !folders.contains_key(folder) {
        // Some folders may be entered and not read.
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_PATH)
            .open(folder);
        let Ok(opened) = opened else {
            return Cow::Borrowed(path);
        };
        folders.insert(folder.to_path_buf(), opened);
    }
    let descriptor = folders[folder].as_raw_fd();
    Cow::Owned(
        Path::new("/proc/self/fd")
            .join(descriptor.to_string())
            .join(name),
    )
}

/// Elsewhere the systems' paths are Unicode.
#[cfg(not(target_os = "linux"))]
pub fn path(path: &Path) -> Cow<'_, Path> {
    Cow::Borrowed(path)
}
