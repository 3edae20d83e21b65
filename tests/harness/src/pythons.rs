//! The CPythons of this machine.

use crate::process;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A CPython with a shared libpython and headers.
#[derive(Clone, Debug)]
pub struct Python {
    /// What tests call it: `3.12.1`, or `3.11.2-usr` for the system's.
    pub tag: String,
    /// The interpreter.
    pub executable: PathBuf,
    /// `(3, 12, 1)`.
    pub version: (u32, u32, u32),
    /// The folder of `Python.h`.
    pub include: PathBuf,
    /// The shared libpython.
    pub library: PathBuf,
    /// The suffix of its own extension modules, such as `.cpython-312-x86_64-linux-gnu.so`.
    pub suffix: String,
    /// `sys.prefix`.
    pub prefix: PathBuf,
    /// The folder of its own extension modules (`lib-dynload`).
    pub dynload: PathBuf,
}

/// The oldest that the library works with.
const OLDEST: (u32, u32) = (3, 11);

const QUESTION: &str = r#"
import os, sys, sysconfig
v = sysconfig.get_config_var
print(*sys.version_info[:3])
print(os.path.realpath(sys.executable))
print(sysconfig.get_path("include"))
print(os.path.join(v("LIBDIR") or "", v("INSTSONAME") or ""))
print(os.path.join(v("LIBDIR") or "", v("MULTIARCH") or "", v("INSTSONAME") or ""))
print(v("EXT_SUFFIX"))
print(sys.prefix)
print(v("DESTSHARED"))
"#;

impl Python {
    /// Asks an interpreter what it is.
    ///
    /// # Errors
    /// A text for people: it does not run, is too old, or lacks its libpython or headers.
    pub fn ask(executable: &Path) -> Result<Self, String> {
        let mut command = Command::new(executable);
        process::clean(&mut command).args(["-I", "-c", QUESTION]);
        let answer = process::success(&mut command, Duration::from_secs(20))?;
        let lines: Vec<&str> = answer.lines().collect();
        let [
            version,
            executable,
            include,
            library,
            multiarch,
            suffix,
            prefix,
            dynload,
        ] = lines[..]
        else {
            return Err(format!("{} answered {answer:?}", executable.display()));
        };
        let version: Vec<u32> = version
            .split(' ')
            .filter_map(|part| part.parse().ok())
            .collect();
        let [major, minor, micro] = version[..] else {
            return Err(format!("{executable} answered {answer:?}"));
        };
        if (major, minor) < OLDEST {
            return Err(format!(
                "{executable} is a Python {major}.{minor}, older than 3.11"
            ));
        }
        let library = [library, multiarch]
            .into_iter()
            .map(PathBuf::from)
            .find(|path| path.is_file())
            .ok_or_else(|| format!("{executable} has no shared libpython ({library})"))?;
        let include = PathBuf::from(include);
        if !include.join("Python.h").is_file() {
            return Err(format!(
                "{executable} has no Python.h in {} (python3-dev)",
                include.display()
            ));
        }
        let system = if prefix == "/usr" { "-usr" } else { "" };
        Ok(Self {
            tag: format!("{major}.{minor}.{micro}{system}"),
            executable: executable.into(),
            version: (major, minor, micro),
            include,
            library,
            suffix: suffix.to_owned(),
            prefix: prefix.into(),
            dynload: dynload.into(),
        })
    }

    /// The part of a suffix that names the version: `cpython-312`.
    #[must_use]
    pub fn cache_tag(&self) -> String {
        format!("cpython-{}{}", self.version.0, self.version.1)
    }
}

/// Every CPython from 3.11 up: those that `NEXUS_TEST_PYTHONS` names (interpreters, with colons
/// between), or else pyenv's and the system's. One that the machine has but that cannot be used (no
/// headers, no libpython) is an error: a test that does not run is no test.
///
/// # Errors
/// What is wrong with each interpreter that cannot be used, or that there is none.
pub fn all() -> Result<Vec<Python>, String> {
    let mut pythons: Vec<Python> = Vec::new();
    let mut wrong = Vec::new();
    for path in candidates() {
        match Python::ask(&path) {
            // A link to one that we have already, such as `python3`.
            Ok(python)
                if pythons
                    .iter()
                    .any(|other| other.executable == python.executable) => {}
            Ok(python) => pythons.push(python),
            Err(error) => wrong.push(error),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    if pythons.is_empty() {
        return Err(
            "no CPython from 3.11 up with a shared libpython on this machine: \
                    `make setup` installs one, NEXUS_TEST_PYTHONS names others"
                .into(),
        );
    }
    pythons.sort_by(|a, b| (a.version, &a.tag).cmp(&(b.version, &b.tag)));
    Ok(pythons)
}

fn candidates() -> BTreeSet<PathBuf> {
    if let Some(named) = env::var_os("NEXUS_TEST_PYTHONS") {
        return env::split_paths(&named).collect();
    }
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let pyenv = env::var_os("PYENV_ROOT").map_or_else(|| home.join(".pyenv"), PathBuf::from);
    let in_pyenv = entries(&pyenv.join("versions"))
        .filter(|version| minor(&name(version)).is_some())
        .map(|version| version.join("bin/python3"));
    let in_system = entries(Path::new("/usr/bin"))
        .filter(|file| {
            name(file)
                .strip_prefix("python")
                .and_then(minor_only)
                .is_some()
        })
        // An interpreter without its libpython is not one that a host can use (`libpython3.X`).
        .filter(|file| system_library(&name(file)));
    in_pyenv.chain(in_system).collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// `3.12.1` to 12, if that is new enough.
fn minor(version: &str) -> Option<u32> {
    let (minor, _) = version.strip_prefix("3.")?.split_once('.')?;
    minor_only(&format!("3.{minor}"))
}

fn minor_only(version: &str) -> Option<u32> {
    version
        .strip_prefix("3.")?
        .parse()
        .ok()
        .filter(|minor| *minor >= OLDEST.1)
}

fn system_library(python: &str) -> bool {
    [
        "/usr/lib",
        "/usr/lib64",
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
    ]
    .iter()
    .any(|folder| {
        Path::new(folder)
            .join(format!("lib{python}.so.1.0"))
            .exists()
    })
}
