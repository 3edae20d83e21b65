//! Runs the built `nexus` on folders of test modules.

use crate::compile::{self, Job};
use crate::pythons::Python;
use crate::{fixtures, paths, process};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The test modules that it is run on, by the beginnings of their names.
const FIXTURES: [&str; 12] = [
    "documented/",
    "one_bad/",
    "odd/prints",
    "odd/raises_chained",
    "effects/environment",
    "packages/shapes/_speed",
    "packages/top",
    "trial/",
    "trial_hang/",
    "tree/",
    "which/",
    "tool/",
];

/// Wants it to be there.
///
/// # Errors
/// How to build it.
pub fn is_built() -> Result<(), String> {
    let path = paths::libraries().join("nexus");
    if path.is_file() {
        Ok(())
    } else {
        Err(format!("no {}: run `make tool` first", path.display()))
    }
}

/// Compiles the modules that the tool's tests need.
///
/// # Errors
/// What is wrong with the list, or what the compiler says.
pub fn compile(pythons: &[Python]) -> Result<(), String> {
    let mut jobs = Vec::new();
    for python in pythons {
        let folder = fixtures::folder(python);
        let wanted = fixtures::jobs(python)?.into_iter().filter(|job| {
            let name = job.output.strip_prefix(&folder).unwrap_or(&job.output);
            let name = name.to_string_lossy();
            FIXTURES.iter().any(|start| name.starts_with(start))
        });
        jobs.extend(wanted);
    }
    // What is linked with another output comes after it: in `tree/`, three deep.
    while !jobs.is_empty() {
        let outputs: Vec<PathBuf> = jobs.iter().map(|job: &Job| job.output.clone()).collect();
        let (later, now): (Vec<Job>, Vec<Job>) = jobs
            .into_iter()
            .partition(|job| outputs.iter().any(|output| job.is_made_from(output)));
        compile::all(&now).into_iter().collect::<Result<(), _>>()?;
        jobs = later;
    }
    Ok(())
}

/// A folder of test modules for one test; gone with it.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// An empty one.
    ///
    /// # Errors
    /// What the system says.
    pub fn new() -> Result<Self, String> {
        let parent = paths::output().join("scratch");
        fs::create_dir_all(&parent)
            .and_then(|()| tempfile::Builder::new().prefix("tool-").tempdir_in(&parent))
            .map(Self)
            .map_err(|error| format!("{}: {error}", parent.display()))
    }

    /// One with these test modules, each a file of `modules.txt`, under its own last name.
    ///
    /// # Errors
    /// What the system says.
    pub fn with(python: &Python, modules: &[&str]) -> Result<Self, String> {
        let folder = Self::new()?;
        for module in modules {
            let name = Path::new(module).file_name().unwrap_or_default();
            folder.put(python, module, name)?;
        }
        Ok(folder)
    }

    /// Puts one in under a name.
    ///
    /// # Errors
    /// What the system says.
    pub fn put(
        &self,
        python: &Python,
        module: &str,
        name: impl AsRef<OsStr>,
    ) -> Result<(), String> {
        let from = fixtures::folder(python).join(module);
        let to = self.path().join(name.as_ref());
        let parent = to.parent().unwrap_or(self.path());
        fs::create_dir_all(parent)
            .and_then(|()| fs::copy(&from, &to).map(drop))
            .map_err(|error| format!("{} to {}: {error}", from.display(), to.display()))
    }

    /// Writes a file.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, name: impl AsRef<OsStr>, bytes: &[u8]) -> Result<(), String> {
        let path = self.path().join(name.as_ref());
        fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Links a file or folder into it.
    ///
    /// # Errors
    /// What the system says.
    pub fn link(&self, to: &Path, name: &str) -> Result<(), String> {
        symlink(to, self.path().join(name)).map_err(|error| format!("{name}: {error}"))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// What one run gave.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; -1 for a signal.
    pub code: i32,
    /// stdout.
    pub stdout: String,
    /// stderr.
    pub stderr: String,
}

impl Ran {
    /// Wants an exit code.
    ///
    /// # Errors
    /// All that was printed.
    pub fn exits(self, code: i32) -> Result<Self, String> {
        if self.code == code {
            Ok(self)
        } else {
            Err(format!("exit code {}, not {code}\n{self:#?}", self.code))
        }
    }

    /// Wants texts in what was printed to stdout.
    ///
    /// # Errors
    /// All that was printed.
    pub fn says(self, texts: &[&str]) -> Result<Self, String> {
        match texts.iter().find(|text| !self.stdout.contains(**text)) {
            None => Ok(self),
            Some(text) => Err(format!("stdout lacks {text:?}\n{self:#?}")),
        }
    }

    /// Wants texts in what was printed to stderr.
    ///
    /// # Errors
    /// All that was printed.
    pub fn complains(self, texts: &[&str]) -> Result<Self, String> {
        match texts.iter().find(|text| !self.stderr.contains(**text)) {
            None => Ok(self),
            Some(text) => Err(format!("stderr lacks {text:?}\n{self:#?}")),
        }
    }

    /// stdout as JSON.
    ///
    /// # Errors
    /// All that was printed, and what is wrong with it.
    pub fn json(&self) -> Result<Value, String> {
        serde_json::from_str(&self.stdout).map_err(|error| format!("{error}\n{self:#?}"))
    }
}

/// The tool, with a Python that is told by `NEXUS_PYTHON`, and no variable that would change its colours.
#[must_use]
pub fn command(python: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(paths::libraries().join("nexus"));
    process::clean(&mut command)
        .env("NEXUS_PYTHON", python)
        .env("TERM", "xterm-256color");
    command
}

/// Runs it with arguments.
///
/// # Errors
/// It did not start, or not end.
pub fn run<A: AsRef<OsStr>>(
    python: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Ran, String> {
    ran(command(python).args(arguments))
}

/// Runs a command.
///
/// # Errors
/// It did not start, or not end.
pub fn ran(command: &mut Command) -> Result<Ran, String> {
    let output = process::output(command, process::LIMIT)?;
    if let Some(signal) = output.status.signal() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("killed by signal {signal}: {command:?}\n{stderr}"));
    }
    Ok(Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
