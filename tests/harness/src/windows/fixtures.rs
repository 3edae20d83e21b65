//! The test modules as Windows has them: `tests/fixtures/modules.txt` for mingw-w64.

use super::not_here::NotHere;
use super::{place, sources};
use crate::compile::Job;
use crate::fixtures::{common, words, write};
use crate::paths;
use crate::pythons::Python;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of one Python's test modules.
#[must_use]
pub fn folder(python: &Python) -> PathBuf {
    place::output().join("fixtures").join(&python.tag)
}

/// A line of `modules.txt`.
#[derive(Clone, Debug)]
pub struct Line {
    /// As it is written there: `odd/m_good.so`.
    pub name: String,
    words: Vec<String>,
}

/// All lines of the list, and of that of Windows alone.
///
/// # Errors
/// It cannot be read.
pub fn lines() -> Result<Vec<Line>, String> {
    let mut text = String::new();
    for folder in ["fixtures", "windows"] {
        let list = paths::tests(folder).join("modules.txt");
        let list =
            fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
        text.push_str(&list);
    }
    let all = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(words);
    Ok(all
        .filter(|words| words.len() >= 2)
        .map(|words| Line {
            name: words[0].clone(),
            words,
        })
        .collect())
}

/// The compiler calls that make the modules, but for those that are not here.
///
/// # Errors
/// What is wrong with the list.
pub fn jobs(python: &Python, not_here: &NotHere) -> Result<Vec<Job>, String> {
    let lines = lines()?;
    let made = lines.iter().filter(|line| !not_here.lists(&line.name));
    made.map(|line| job(python, line)).collect()
}

fn job(python: &Python, line: &Line) -> Result<Job, String> {
    let mut words = line.words.iter().map(|word| placed(python, word));
    let output = folder(python).join(words.next().unwrap_or_default());
    let source = words.next().unwrap_or_default();
    let mut arguments = Vec::new();
    for word in words {
        match word.strip_prefix("-Wl,-soname,") {
            // What an ELF library says of itself, a DLL says with a line of its definition file.
            Some(soname) => arguments.push(definition(&output, soname)?),
            // There is no run path.
            None if word.starts_with("-Wl,") => {}
            None => arguments.push(word),
        }
    }
    let (compiler, dialect) = if source.ends_with(".cpp") {
        ("x86_64-w64-mingw32-g++", "-std=c++17")
    } else {
        ("x86_64-w64-mingw32-gcc", "-std=c11")
    };
    let (major, minor, _) = python.version;
    let import = format!("libs/libpython{major}{minor}.a");
    Ok(Job::new(compiler, output)
        .with([dialect, "-O1", "-shared", "-static", "-pthread"])
        .with(["-Wall", "-Wextra", "-Werror"])
        .with(super::programs::posix())
        // Python's own headers are not ours to judge.
        .with([format!("-isystem{}", python.include.display())])
        .with([source_file(&source).display()])
        .with(arguments)
        .with([python.prefix.join(import).display()]))
}

fn source_file(source: &str) -> PathBuf {
    if source.starts_with("windows/") {
        return sources::place_of(source);
    }
    sources::folder().join("fixtures").join(source)
}

/// A word of the list with what stands for this Python's own, and Windows' names.
fn placed(python: &Python, word: &str) -> String {
    let other = if python.version.1 == 12 { 13 } else { 12 };
    let word = word
        .replace("{tag}", &python.suffix)
        .replace("{other}", &format!(".cp3{other}-win_amd64.pyd"))
        .replace("{minor}", &python.version.1.to_string());
    // The stable ABI has no suffix of its own here.
    let word = if word.starts_with("which") {
        word
    } else {
        word.replace(".abi3.so", ".so")
    };
    // The texts of marks are read by Windows programs, the names of libraries by the linker.
    let folder = folder(python).display().to_string();
    let folder = if word.starts_with("-D") {
        format!("Z:{folder}")
    } else {
        folder
    };
    sources::translated(&word.replace("{fixtures}", &folder))
}

/// Writes a definition file with a DLL's name in it, and gives its path.
fn definition(output: &Path, name: &str) -> Result<String, String> {
    let mut file = output.as_os_str().to_owned();
    file.push(".def");
    let file = PathBuf::from(file);
    let made = fs::create_dir_all(file.parent().unwrap_or(Path::new("/")))
        .and_then(|()| write(&file, format!("LIBRARY \"{name}\"\n").as_bytes()));
    made.map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(file.display().to_string())
}

/// Makes what no compiler makes: damaged files, directories.
///
/// # Errors
/// What could not be made.
pub fn specials(python: &Python) -> Result<(), String> {
    common(&folder(python), "pyd")
        .map_err(|error| format!("test files for Python {}: {error}", python.tag))
}
