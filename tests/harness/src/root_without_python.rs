//! A root directory with one program and the libraries that it needs: no Python is in reach there.

use crate::{paths, process};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Gone with this.
pub struct Root(tempfile::TempDir);

/// Makes one with that program in `/bin`, and the libraries of nexus_loader beside it.
///
/// # Errors
/// What the system says.
pub fn make(program: &Path) -> Result<Root, String> {
    let root = tempfile::tempdir().map_err(|error| error.to_string())?;
    let libraries = ["libnexus_loader.so.1", "libnexus_engine.so.1"];
    let own: Vec<PathBuf> = libraries
        .iter()
        .map(|name| paths::libraries().join(name))
        .collect();
    let bin = root.path().join("bin");
    for file in [program]
        .into_iter()
        .chain(own.iter().map(PathBuf::as_path))
    {
        copy(file, &bin.join(file.file_name().unwrap_or_default()))?;
    }
    for file in [program, &own[0]] {
        for needed in needed(file)? {
            copy(
                &needed,
                &root
                    .path()
                    .join(needed.strip_prefix("/").unwrap_or(&needed)),
            )?;
        }
    }
    Ok(Root(root))
}

/// What ldd(1) says of a file: `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`.
fn needed(file: &Path) -> Result<Vec<PathBuf>, String> {
    let mut command = Command::new("ldd");
    let text = process::success(process::clean(&mut command).arg(file), process::LIMIT)?;
    let words = text.split_whitespace();
    Ok(words
        .filter(|word| word.starts_with('/'))
        .map(PathBuf::from)
        .collect())
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::create_dir_all(to.parent().unwrap_or(to))
        .and_then(|()| fs::copy(from, to).map(drop))
        .map_err(|error| format!("{} to {}: {error}", from.display(), to.display()))
}

impl Root {
    /// The directory that is the root there.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A program of it, to be run in it, with an empty environment.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        // Root may change its root directory; others may, in a user namespace of their own.
        let mut command = if rustix::process::geteuid().is_root() {
            Command::new("chroot")
        } else {
            let mut command = Command::new("unshare");
            command.args(["--map-root-user", "chroot"]);
            command
        };
        process::clean(&mut command).arg(self.path()).arg(program);
        command
    }
}
