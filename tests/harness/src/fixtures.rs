//! The directories of test modules, made from `tests/fixtures` for each Python.

use crate::compile::Job;
use crate::process;
use crate::pythons::Python;
use crate::{corpus, paths};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The folder of one Python's test modules.
#[must_use]
pub fn folder(python: &Python) -> PathBuf {
    paths::output().join("fixtures").join(&python.tag)
}

/// The folder of the libraries of `tests/wheels/exchange.txt` for one Python; those of one minor version share it.
#[must_use]
pub fn wheels(python: &Python) -> PathBuf {
    paths::output()
        .join("wheels")
        .join(format!("cp{}{}", python.version.0, python.version.1))
}

/// Installs them, unless they are there.
///
/// # Errors
/// What pip says.
pub fn install_wheels(python: &Python) -> Result<(), String> {
    // With the environment as it is: pip may need to be told where its index is.
    let mut command = Command::new(paths::root().join("scripts/wheels.sh"));
    command
        .arg(&python.executable)
        .arg(wheels(python))
        .arg(paths::tests("wheels/exchange.txt"));
    process::success(&mut command, Duration::from_secs(600)).map(drop)
}

/// The modules that `modules.txt` lists, and those of the corpus, as compiler calls.
///
/// # Errors
/// What is wrong with the list.
pub fn jobs(python: &Python) -> Result<Vec<Job>, String> {
    let list = paths::tests("fixtures").join("modules.txt");
    let text = fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let mut jobs = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| job(python, line).ok_or_else(|| format!("{}: {line}", list.display())))
        .collect::<Result<Vec<_>, _>>()?;
    jobs.extend(corpus::jobs(python)?);
    Ok(jobs)
}

/// `file source [argument…]`.
fn job(python: &Python, line: &str) -> Option<Job> {
    let mut words = words(line)
        .into_iter()
        .map(|word| placed(python, &word))
        .collect::<Vec<_>>()
        .into_iter();
    let output = folder(python).join(words.next()?);
    let source = words.next()?;
    Some(module(python, output, &source, words))
}

/// The compiler call that makes a module of a source in `tests/fixtures`.
pub(crate) fn module(
    python: &Python,
    output: PathBuf,
    source: &str,
    arguments: impl IntoIterator<Item = String>,
) -> Job {
    let (compiler, dialect) = if source.ends_with(".cpp") {
        ("g++", "-std=c++17")
    } else {
        ("gcc", "-std=c11")
    };
    Job::new(compiler, output)
        .with([
            dialect,
            "-O1",
            "-fPIC",
            "-shared",
            "-fvisibility=hidden",
            "-Wall",
            "-Wextra",
            "-Werror",
        ])
        // Python's own headers are not ours to judge.
        .with([format!("-isystem{}", python.include.display())])
        .with([paths::tests("fixtures").join(source).display()])
        .with(arguments)
}

/// A word of a list with what stands for this Python's own.
pub(crate) fn placed(python: &Python, word: &str) -> String {
    word.replace("{tag}", &python.suffix)
        .replace("{other}", &other_suffix(python))
        .replace("{minor}", &python.version.1.to_string())
        .replace("{fixtures}", &folder(python).display().to_string())
}

/// The suffix that a Python of another version would give its modules.
fn other_suffix(python: &Python) -> String {
    python.suffix.replace(
        &python.cache_tag(),
        if python.version.1 == 12 {
            "cpython-313"
        } else {
            "cpython-312"
        },
    )
}

/// Splits at blanks, but not between single quotes.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(String::new()),
            c => words.last_mut().unwrap_or(&mut String::new()).push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Makes what no compiler makes: damaged files, directories, pipes, links.
///
/// # Errors
/// What could not be made.
pub fn specials(python: &Python) -> Result<(), String> {
    let failed = |error: String| format!("test files for Python {}: {error}", python.tag);
    make(python).map_err(|error| failed(error.to_string()))?;
    corpus::make(python).map_err(failed)
}

/// Python sources beside the modules.
const SOURCES: &[(&str, &str)] = &[
    ("packages/shapes/__init__.py", "ready = True\n"),
    ("packages/shapes/round/__init__.py", ""),
    (
        "packages/broken/__init__.py",
        "import sys, broken.helper\n\
         sys.broken_runs = getattr(sys, 'broken_runs', 0) + 1\n\
         raise RuntimeError('this package is broken')\n",
    ),
    ("packages/broken/helper.py", ""),
    ("packages/broken/deep/__init__.py", ""),
    ("packages_too/shapes/__init__.py", "ready = 'too'\n"),
    ("wheel/pkg/__init__.py", "from pkg import _core\n"),
];

/// What every system has, in the folder of a Python's test modules, whose names end with `.suffix`.
pub(crate) fn common(here: &Path, suffix: &str) -> io::Result<()> {
    for (file, text) in SOURCES {
        let file = here.join(file);
        fs::create_dir_all(file.parent().unwrap_or(here))?;
        fs::write(file, text)?;
    }
    let odd = |name: &str| here.join("odd").join(name).with_extension(suffix);
    fs::create_dir_all(here.join("odd"))?;
    fs::write(
        odd("text"),
        "This is no shared library, it only has the name of one.\n",
    )?;
    fs::write(odd("empty"), "")?;
    let whole = fs::read(here.join("documented/crypto").with_extension(suffix))?;
    fs::write(odd("truncated"), &whole[..whole.len() / 2])?;
    fs::create_dir_all(odd("directory"))?;

    let none = here.join("none");
    fs::create_dir_all(&none)?;
    fs::write(none.join("README.txt"), "No module here.\n")?;
    fs::write(none.join("plain.py"), "which = 'python'\n")?;
    fs::create_dir_all(here.join("empty"))?;
    Ok(())
}

fn make(python: &Python) -> io::Result<()> {
    let here = folder(python);
    common(&here, "so")?;
    let odd = here.join("odd");
    again(symlink("nothing_of_that_name.so", odd.join("dangling.so")))?;
    again(pipe(&odd.join("pipe.so")))?;

    let libraries = here.join("corpus_libraries");
    fs::create_dir_all(&libraries)?;
    let whole = fs::read(here.join("libcut.so"))?;
    fs::write(
        libraries.join("libcut_for_test.so"),
        &whole[..whole.len() / 2],
    )?;

    // A folder that leads back up, and one that leads to another.
    fs::create_dir_all(here.join("circle/inner"))?;
    write(
        &here.join("circle/inner/leaf3.so"),
        &fs::read(here.join("packages/space/leaf2.so"))?,
    )?;
    again(symlink("..", here.join("circle/inner/up")))?;
    again(symlink("inner", here.join("circle/same")))?;

    // The same files under another name of the directory.
    again(symlink("documented", here.join("documented_link")))?;
    Ok(())
}

fn pipe(path: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    Ok(mknodat(
        CWD,
        path,
        FileType::Fifo,
        Mode::RUSR | Mode::WUSR,
        0,
    )?)
}

/// What an earlier run has made need not be made again.
pub(crate) fn again(made: io::Result<()>) -> io::Result<()> {
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// Only if it is not that already: what is unchanged keeps its age, and another run may have it mapped.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let _ = fs::remove_file(path);
    fs::write(path, bytes)
}
