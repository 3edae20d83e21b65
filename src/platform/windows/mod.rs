//! Windows. Names and places follow CPython's installers, and PEP 514.

mod libraries;
mod registry;

pub use libraries::*;
pub use registry::registered;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Whether two paths are one file.
pub fn same_file(one: &Path, other: &Path) -> bool {
    match (nexus_abi::path::real(one), nexus_abi::path::real(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// The interpreters of an installation or a virtual environment, the likely ones first.
pub fn programs(prefix: &Path) -> Vec<PathBuf> {
    vec![
        prefix.join("Scripts").join("python.exe"),
        prefix.join("python.exe"),
    ]
}

/// The interpreter of that version in an installation.
pub fn program_of(prefix: &Path, _version: &str) -> PathBuf {
    prefix.join("python.exe")
}

/// The version of an interpreter: its name may tell it, as `python3.13.exe` does; else the only libpython beside
/// it does, if there are not several.
pub fn version_of_program(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?.to_ascii_lowercase();
    let version = name.strip_suffix(".exe")?.strip_prefix("python")?;
    if version.contains('.') {
        return Some(version.to_owned());
    }
    if !matches!(version, "" | "3" | "w") {
        return None;
    }
    let mut versions = file
        .parent()?
        .read_dir()
        .ok()?
        .filter_map(|entry| version_of_library(&entry.ok()?.path()));
    let version = versions.next()?;
    versions.next().is_none().then_some(version)
}

/// A Python that lies beside the program: the embeddable package, or a whole installation in a folder of its own.
pub fn beside_program() -> Option<Vec<PathBuf>> {
    let program = std::env::current_exe().ok()?;
    let beside = program.parent()?;
    let mut folders = vec![beside.to_owned(), beside.join("python")];
    folders.retain(|folder| {
        folder.read_dir().is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| version_of_library(&entry.path()).is_some())
        })
    });
    Some(folders)
}

/// Where an installation has the standard library.
pub fn standard_libraries(prefix: &Path, _version: &str) -> Vec<PathBuf> {
    vec![prefix.join("Lib")]
}

/// The same as one zip file, as the embeddable package has it.
pub fn zipped_standard_libraries(prefix: &Path, version: &str) -> Vec<PathBuf> {
    vec![prefix.join(format!("python{}.zip", digits(version)))]
}

fn digits(version: &str) -> String {
    version.chars().filter(|c| *c != '.').collect()
}

/// Names of libpython's file for a version such as `3.13`.
pub fn library_names(version: &str) -> Vec<String> {
    match version.strip_suffix('d') {
        Some(release) => vec![format!("python{}_d.dll", digits(release))],
        None => vec![format!("python{}.dll", digits(version))],
    }
}

/// The version that the path of a libpython tells, such as `3.13t` of `python313t.dll`; `None`: it is none.
pub fn version_of_library(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let name = name.strip_suffix(".dll")?.strip_prefix("python3")?;
    let (minor, debug) = name
        .strip_suffix("_d")
        .map_or((name, ""), |minor| (minor, "d"));
    let known = minor.trim_end_matches('t');
    let valid = !known.is_empty() && known.chars().all(|c| c.is_ascii_digit());
    valid.then(|| format!("3.{minor}{debug}"))
}

/// Whether that is the name of the stable ABI's stub, which forwards to a libpython.
pub fn is_stub_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("python3.dll")
}

/// Where the libpython of an installation may lie; an installation for all users may have it in System32.
pub fn library_folders(prefix: &Path) -> Vec<PathBuf> {
    vec![prefix.to_owned()]
}

/// Where CPython's installers put installations of the user, and of all users.
pub fn system_library_folders() -> Vec<PathBuf> {
    let roots = [("LOCALAPPDATA", "Programs\\Python"), ("ProgramFiles", "")];
    let mut folders = Vec::new();
    for (variable, below) in roots {
        let Some(root) = user_variable(variable) else {
            continue;
        };
        folders.extend(
            nexus_abi::supported::MINORS
                .rev()
                .map(|minor| Path::new(&root).join(below).join(format!("Python3{minor}"))),
        );
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

/// What to install when an interpreter of that version has no python3XX.dll.
pub fn how_to_get_library(version: &str) -> String {
    format!("install Python {version} of python.org")
}

/// What to install when there is no Python at all.
pub fn how_to_get_python() -> String {
    "install one of python.org".to_owned()
}

/// The directories of a `PATH`-like list, without relative ones.
pub fn split_path(list: &OsStr) -> Vec<PathBuf> {
    std::env::split_paths(list)
        .filter(|folder| folder.is_absolute())
        .collect()
}

/// An environment variable that the user has set.
pub fn user_variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// `PATH`.
pub fn search_path() -> OsString {
    user_variable("PATH").unwrap_or_default()
}

/// The interpreters' names that are looked for on `PATH`, in that order. The store's aliases of these names, which
/// lead to no file, are passed over.
pub fn names_on_path() -> Vec<String> {
    vec!["python.exe".to_owned(), "python3.exe".to_owned()]
}

/// For the text that there is none on `PATH`.
pub fn none_on_path() -> String {
    "no python.exe, nor python3.exe".to_owned()
}

/// Names of the engine's file for that ABI number, the preferred first.
pub fn engine_file_names(abi: u32) -> Vec<String> {
    vec![
        format!("nexus_engine-{abi}.dll"),
        "nexus_engine.dll".to_owned(),
    ]
}

/// Windows has no programs with more rights than their user in the sense of setuid.
pub fn is_privileged() -> bool {
    false
}

/// Text as Python's `wchar_t` strings hold it: UTF-16, NUL-terminated.
pub fn wide(text: &OsStr) -> Vec<libc::wchar_t> {
    nexus_abi::platform::windows::wide(text)
}

/// The bytes that C sees of a path or an argument: UTF-8.
pub fn bytes_of(text: &OsStr) -> Vec<u8> {
    text.to_string_lossy().into_owned().into_bytes()
}

/// A path or an argument from its bytes.
pub fn from_bytes(bytes: Vec<u8>) -> OsString {
    OsString::from(String::from_utf8_lossy(&bytes).into_owned())
}

/// Opens no console window for a child process.
pub fn own_group(command: &mut std::process::Command) {
    use std::os::windows::process::CommandExt;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

/// Ends a child process.
pub fn kill_group(child: &mut std::process::Child) {
    let _ = child.kill();
}

/// The calling process's number.
pub fn process_id() -> u32 {
    std::process::id()
}
