//! Where Windows looks for the DLLs that modules need, beside each module's own folder, the program's and the system's:
//! CPython opens modules with `LOAD_LIBRARY_SEARCH_DEFAULT_DIRS` (Python/dynload_win.c), which takes in what
//! `AddDllDirectory` was told. Elsewhere the files themselves say where.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Python's own folder: its program has it as the program's folder, a host does not. C++ modules need vcruntime140_1.dll,
/// which lies there and libpython does not open. Conda's Python has more in another.
pub fn add_of_python(library: &Path) {
    if let Some(folder) = library.parent().filter(|_| cfg!(windows)) {
        add(folder);
        add(&folder.join("Library").join("bin"));
    }
}

/// A directory that a host opens, and the folders in it where delvewheel puts what wheels need. Packages name them
/// themselves when they are imported; modules outside of packages cannot.
pub fn add_of_directory(folder: &Path) {
    if !cfg!(windows) {
        return;
    }
    add(folder);
    let Ok(entries) = folder.read_dir() else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if Path::new(&name)
            .extension()
            .is_some_and(|end| end == "libs")
        {
            add(&entry.path());
        }
    }
}

/// Those that were added so far.
static KNOWN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn lock() -> MutexGuard<'static, Vec<PathBuf>> {
    // Nothing panics while it is half changed.
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Those that were added so far.
pub fn known() -> Vec<PathBuf> {
    lock().clone()
}

#[cfg(windows)]
fn add(folder: &Path) {
    use windows_sys::Win32::System::LibraryLoader::AddDllDirectory;

    // Absolute, and as the host spells it: it may be a link that is to be followed later.
    let Ok(folder) = std::path::absolute(folder) else {
        return;
    };
    let mut known = lock();
    if !folder.is_dir() || known.contains(&folder) {
        return;
    }
    let name = nexus_abi::platform::windows::wide(&folder);
    // SAFETY: a NUL-terminated absolute path. Never taken back, since modules may open more at any time.
    unsafe { AddDllDirectory(name.as_ptr()) };
    known.push(folder);
}

#[cfg(not(windows))]
fn add(_folder: &Path) {}
