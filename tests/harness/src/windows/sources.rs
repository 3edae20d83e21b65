//! The test sources with Windows' names of modules in their texts.

use super::place;
use crate::fixtures::write;
use crate::paths;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder that has `c/` and `fixtures/`.
#[must_use]
pub fn folder() -> PathBuf {
    place::output().join("src")
}

/// Where a source of `tests/` lies: those of Windows alone are not copied.
#[must_use]
pub fn place_of(source: &str) -> PathBuf {
    if source.starts_with("windows/") {
        paths::root().join("tests").join(source)
    } else {
        folder().join(source)
    }
}

/// Copies the sources, those that have changed.
///
/// # Errors
/// What could not be read or written.
pub fn copy() -> Result<(), String> {
    for name in ["c", "fixtures"] {
        let to = folder().join(name);
        copy_folder(&paths::tests(name), &to)
            .map_err(|error| format!("{}: {error}", to.display()))?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else if matches!(
            path.extension().and_then(|extension| extension.to_str()),
            Some("c" | "h" | "cpp")
        ) {
            write(&target, translated(&fs::read_to_string(&path)?).as_bytes())?;
        }
    }
    Ok(())
}

/// With `.pyd` for `.so` at the end of names; not in `lib.so.1` or `.something`.
#[must_use]
pub fn translated(text: &str) -> String {
    let mut parts = text.split(".so");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let goes_on = part.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        let sentence = part.starts_with(". ") || part.starts_with(".\"") || part.starts_with(".\n");
        out.push_str(if goes_on && !sentence { ".so" } else { ".pyd" });
        out.push_str(part);
    }
    out
}
