//! Where things lie, on this machine and as Windows programs see them.

use crate::paths;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `target/windows`.
#[must_use]
pub fn target() -> PathBuf {
    paths::root().join("target/windows")
}

/// Where scripts/windows/build.sh puts the DLLs and import libraries.
#[must_use]
pub fn libraries() -> PathBuf {
    target().join("release")
}

/// Where everything that is compiled for these tests goes.
#[must_use]
pub fn output() -> PathBuf {
    target().join("hosts")
}

/// A path of this machine as Windows programs name it: `/` is drive Z.
#[must_use]
pub fn inside(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}

/// A script of `scripts/windows`.
#[must_use]
pub fn script(name: &str) -> Command {
    Command::new(paths::root().join("scripts/windows").join(name))
}

/// Runs a Windows program, with our DLLs on its `PATH`: what is to be added are its arguments.
#[must_use]
pub fn wine(program: &Path) -> Command {
    let mut command = script("wine.sh");
    command.arg(program).env("WINEPATH", inside(&libraries()));
    command
}
