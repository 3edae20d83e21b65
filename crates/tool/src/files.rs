//! The files of a directory that could be modules, found without Python.

use std::io;
use std::path::{Path, PathBuf};

/// Those that end in `.so` or `.pyd`, in the order of their names; links to folders are not followed.
pub fn modules(directory: &Path, recursive: bool) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                if recursive {
                    folders.push(path);
                }
            } else if ends_as_module(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn ends_as_module(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.ends_with(b".so") || name.ends_with(b".pyd")
}
