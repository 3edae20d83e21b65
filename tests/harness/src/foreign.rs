//! Wheels for other platforms and other Pythons, and what is to be said about each.

use crate::paths;
use crate::process;
use crate::pythons::Python;
use crate::wheels::{Entry, Inspected, LIMIT, Told};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A line of `foreign.txt`.
struct Line {
    folder: PathBuf,
    detail: String,
    built_for: String,
}

/// Downloads and unpacks the wheels of `foreign.txt`, unless that was done before: the folder above them.
///
/// # Errors
/// A text for people.
pub fn download() -> Result<PathBuf, String> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let mut command = Command::new(paths::tests("wheels").join("foreign.sh"));
            process::success(&mut command, LIMIT).map(|folder| folder.trim().into())
        })
        .clone()
}

fn lines(folder: &Path) -> Result<Vec<Line>, String> {
    let list = paths::tests("wheels").join("foreign.txt");
    let text = fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [name, _, _, _, _, _, detail, built_for @ ..] = words.as_slice() else {
                return Err(format!("{}: {line}", list.display()));
            };
            Ok(Line {
                folder: folder.join(name),
                detail: (*detail).into(),
                built_for: built_for.join(" "),
            })
        })
        .collect()
}

/// What this Python calls itself in messages.
fn this(python: &Python) -> String {
    let (major, minor, _) = python.version;
    format!(
        "CPython {major}.{minor} on linux {}",
        std::env::consts::ARCH
    )
}

/// Compares what was told about the whole folder with `foreign.txt`: a line for each difference.
///
/// # Errors
/// The list cannot be read.
pub fn differences(folder: &Path, python: &Python, told: &Told) -> Result<Vec<String>, String> {
    let lines = lines(folder)?;
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, entry) in &told.entries {
        let Some(line) = lines.iter().find(|line| path.starts_with(&line.folder)) else {
            found.push(format!("{}: of no line of the list", path.display()));
            continue;
        };
        seen.insert(&line.folder);
        let inspected = told.inspected.get(path);
        if let Err(text) = as_expected(line, python, entry) {
            found.push(format!("{}: {text}", path.display()));
        } else if entry.state == "failed"
            && !inspected
                .is_some_and(|it| it.verdict == "hopeless" && it.problems.contains(&line.built_for))
        {
            found.push(format!("{}: inspection says another thing", path.display()));
        } else if let Some(text) = inspected.and_then(|inspected| false_alarm(line, inspected)) {
            found.push(format!("{}: {text}", path.display()));
        }
        if told.mapped.contains(path) && entry.state != "loaded" {
            found.push(format!("{}: it was opened", path.display()));
        }
    }
    let unseen = lines.iter().filter(|line| !seen.contains(&line.folder));
    found.extend(unseen.map(|line| format!("{}: no module in it", line.folder.display())));
    Ok(found)
}

/// The wheels for Windows and macOS are whole and bring what they need: nothing is missing, wherever they are
/// looked at. Of those for other kinds of Linux, libraries of this one are looked for.
fn false_alarm(line: &Line, inspected: &Inspected) -> Option<String> {
    let name = line
        .folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    if !(name.starts_with("windows") || name.starts_with("macos")) {
        return None;
    }
    let alarm = [
        "MISSING_LIBRARY",
        "MISSING_FUNCTION",
        "DAMAGED_LIBRARY",
        "LIBRARY_OF_OTHER_MACHINE",
    ]
    .into_iter()
    .find(|name| inspected.problems.contains(name))?;
    Some(format!("{alarm}: {}", inspected.problems))
}

fn as_expected(line: &Line, python: &Python, entry: &Entry) -> Result<(), String> {
    let seen = || format!("{} {}: {}", entry.state, entry.detail, entry.message);
    let this = this(python);
    if line.detail == "HELPER_LIBRARY" {
        return match entry.state.as_str() {
            "skipped" if entry.detail == line.detail => Ok(()),
            _ => Err(seen()),
        };
    }
    if line.built_for == this {
        return match entry.state.as_str() {
            "loaded" => Ok(()),
            _ => Err(seen()),
        };
    }
    let (detail, message) = refusal(line, &this);
    let whole = format!("Failed to load module {}: {message}", entry.name);
    if entry.state != "failed" || entry.detail != detail || entry.message != whole {
        return Err(format!("{}\n    expected {detail}: {whole}", seen()));
    }
    Ok(())
}

/// The detail and the message for a file of that line.
fn refusal(line: &Line, this: &str) -> (String, String) {
    // That it is free-threaded matters where it is of this version.
    let detail = match line.built_for.strip_prefix("free-threaded ") {
        Some(built_for) if line.detail == "FREE_THREADED" && built_for != this => "PYTHON_VERSION",
        _ => &line.detail,
    };
    let c_library = if line.built_for.ends_with(')') {
        " (glibc)"
    } else {
        ""
    };
    let message = format!("built for {}, this is {this}{c_library}", line.built_for);
    (detail.to_owned(), message)
}

/// What is told wrongly of the DLLs and dylibs that the wheels bring: each is a helper library, whole, and with
/// all that it needs.
///
/// # Errors
/// The program that looks failed.
pub fn differences_of_libraries(folder: &Path, python: &Python) -> Result<Vec<String>, String> {
    let mut command = Command::new(&python.executable);
    command
        .arg(paths::tests("wheels").join("libraries.py"))
        .arg(paths::libraries().join("libnexus_loader.so"))
        .arg(folder);
    let told = process::success(&mut command, LIMIT)?;
    // Modules, too, though they are called libraries.
    let is_module = |path: &str| {
        ["pythoncom", "pywintypes"]
            .iter()
            .any(|it| path.contains(it))
    };
    let mut found = Vec::new();
    for line in told.lines() {
        let value: serde_json::Value =
            serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))?;
        let path = value["path"].as_str().unwrap_or_default();
        let fits = value["verdict"] == "helper"
            && value["problems"] == serde_json::json!(["HELPER_LIBRARY"]);
        if !fits && !is_module(path) {
            found.push(line.to_owned());
        }
    }
    if told.lines().count() < 30 {
        found.push(format!("only {} libraries", told.lines().count()));
    }
    Ok(found)
}

/// Puts the modules of one package for all platforms into one folder, as plugins are shipped, beside the
/// one for this Python, which `own` has.
///
/// # Errors
/// What could not be copied.
pub fn mix(folder: &Path, package: &str, own: &Path, mixed: &Path) -> Result<(), String> {
    let lines = lines(folder)?;
    let folders = lines.iter().map(|line| line.folder.join(package));
    let mut copied = 0;
    for source in folders.filter(|it| it.is_dir()).chain([own.join(package)]) {
        copied += copy(&source, &mixed.join(package))
            .map_err(|error| format!("{}: {error}", source.display()))?;
    }
    if copied < 8 {
        return Err(format!("only {copied} files of {package}"));
    }
    Ok(())
}

/// Copies the files of a folder, the last of a name wins; gives how many.
fn copy(from: &Path, to: &Path) -> std::io::Result<usize> {
    fs::create_dir_all(to)?;
    let mut copied = 0;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
            copied += 1;
        }
    }
    Ok(copied)
}

/// What is wrong with the report on a folder that [`mix`] has made: the module for this Python is loaded,
/// and each of the others is told as what it is.
#[must_use]
pub fn differences_of_mixed(python: &Python, told: &Told) -> Vec<String> {
    let mut found = Vec::new();
    for (path, entry) in &told.entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let fits = if name.ends_with(&python.suffix) {
            entry.state == "loaded"
        } else {
            let end = format!("{} is preferred", python.suffix);
            entry.state == "skipped"
                && entry.message.starts_with("built for ")
                && entry
                    .message
                    .contains(&format!(", this is {}", this(python)))
                && entry.message.ends_with(&end)
                && !told.mapped.contains(path)
        };
        if !fits {
            found.push(format!(
                "{name}: {} {}: {}",
                entry.state, entry.detail, entry.message
            ));
        }
    }
    if told
        .entries
        .values()
        .filter(|entry| entry.state == "loaded")
        .count()
        != 1
    {
        found.push("not one module is loaded".into());
    }
    found
}
