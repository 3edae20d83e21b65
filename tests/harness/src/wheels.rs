//! Real wheels: installed as a user would, and what Python's own `import` makes of each of their files.

use crate::compile;
use crate::paths;
use crate::process;
use crate::programs::{Kind, Program};
use crate::pythons::Python;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// How long installing may take, or the imports of all wheels each in an interpreter of its own. Far beyond
/// what they need: it only ends what hangs.
pub const LIMIT: Duration = Duration::from_secs(3600);

/// A virtual environment with wheels in it.
pub struct Environment {
    /// Its folder.
    pub folder: PathBuf,
    /// Its interpreter.
    pub python: PathBuf,
    /// Its `site-packages`.
    pub packages: PathBuf,
}

/// What plain imports made of a file.
pub struct Imported {
    /// The name that was imported.
    pub name: String,
    /// The outcome in an interpreter of its own: `ok`, or what `reference.py` says.
    pub alone: String,
    /// The outcome in one interpreter for all, in the order of the paths.
    pub together: String,
    /// Whether the dynamic linker has opened it there.
    pub opened: bool,
}

/// The files by their paths.
pub type Reference = BTreeMap<PathBuf, Imported>;

/// The name of the list of wheels: `NEXUS_TEST_WHEELS`, or the smaller one.
#[must_use]
pub fn list() -> String {
    std::env::var("NEXUS_TEST_WHEELS").unwrap_or_else(|_| "some".into())
}

/// Installs the wheels of `tests/wheels/<list>.txt`, unless that was done before.
///
/// # Errors
/// A text for people.
pub fn install(python: &Python, list: &str) -> Result<Environment, String> {
    let mut command = Command::new(paths::tests("wheels").join("install.sh"));
    command.args([
        python.executable.as_os_str(),
        list.as_ref(),
        python.tag.as_ref(),
    ]);
    // Not `process::clean`: pip is configured by the environment.
    let folder = PathBuf::from(process::success(&mut command, LIMIT)?.trim());
    let (major, minor, _) = python.version;
    Ok(Environment {
        python: folder.join("bin/python"),
        packages: folder.join(format!("lib/python{major}.{minor}/site-packages")),
        folder,
    })
}

/// What `import` makes of each file of the environment. Found out once for each list and each version of the
/// script that does it.
///
/// # Errors
/// A text for people.
pub fn reference(environment: &Environment) -> Result<Reference, String> {
    // It takes all cores by itself, and other tests may want the same.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let script = paths::tests("wheels").join("reference.py");
    let result = environment.folder.join("reference.tsv");
    let script_of_result = environment.folder.join("reference.py");
    let same = match (fs::read(&script), fs::read(&script_of_result)) {
        (Ok(now), Ok(then)) => now == then && result.is_file(),
        _ => false,
    };
    if !same {
        let mut command = Command::new(&environment.python);
        process::clean(&mut command)
            .arg("-B")
            .args([&script, &environment.packages, &result]);
        process::success(&mut command, LIMIT)?;
        fs::copy(&script, &script_of_result).map_err(|error| error.to_string())?;
    }
    read(&result)
}

fn read(result: &Path) -> Result<Reference, String> {
    let text =
        fs::read_to_string(result).map_err(|error| format!("{}: {error}", result.display()))?;
    text.lines()
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [path, name, alone, together, opened] = fields[..] else {
                return Err(format!("{}: {line}", result.display()));
            };
            let imported = Imported {
                name: name.into(),
                alone: alone.into(),
                together: together.into(),
                opened: opened == "opened",
            };
            Ok((path.into(), imported))
        })
        .collect()
}

/// What `tests/c/tree.c` tells about a tree.
#[derive(Default)]
pub struct Told {
    /// Of each file.
    pub inspected: BTreeMap<PathBuf, Inspected>,
    /// Of each entry of the report, by its path.
    pub entries: BTreeMap<PathBuf, Entry>,
    /// What loading a file did to the process, a line each.
    pub effects: Vec<(PathBuf, String)>,
    /// The files of the tree that the dynamic linker has opened.
    pub mapped: BTreeSet<PathBuf>,
    /// What was measured.
    pub numbers: BTreeMap<String, u64>,
}

/// What `nexus_inspect` said.
pub struct Inspected {
    /// "module", "helper" or "hopeless".
    pub verdict: String,
    /// All problems; empty for none.
    pub problems: String,
}

/// What became of a file.
pub struct Entry {
    /// The module's name.
    pub name: String,
    /// "loaded", "lazy", "failed", "skipped" or "missing".
    pub state: String,
    /// The name of the detail code; empty for none.
    pub detail: String,
    /// Why.
    pub message: String,
}

/// How `tests/c/tree.c` is to open a folder.
pub struct How<'a> {
    /// The interpreter or environment that it starts.
    pub executable: &'a Path,
    /// The folder.
    pub folder: &'a Path,
    /// `NEXUS_LOADER_…` flags beside `NEXUS_LOADER_RECURSIVE`.
    pub flags: u32,
}

/// Opens a folder with everything below it in a host program, and gives what that tells.
///
/// # Errors
/// A text for people: above all, the program did not end well.
pub fn open(python: &Python, how: &How, output: &Path) -> Result<Told, String> {
    let tree = Program::new("tree", Kind::Front, "c/tree.c");
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    BUILT
        .get_or_init(|| {
            let job = tree.job(python).ok_or("it is no C program")?;
            compile::all(&[job]).into_iter().collect()
        })
        .clone()?;
    let mut command = Command::new(tree.binary(python));
    process::clean(&mut command)
        .args([how.folder, output])
        .arg(how.flags.to_string())
        .env("NEXUS_PYTHON", how.executable);
    let printed = process::success(&mut command, LIMIT)?;
    if !printed.is_empty() {
        return Err(format!("printed to stdout: {printed}"));
    }
    told(output)
}

impl Told {
    /// The same about another path of the folder.
    #[must_use]
    pub fn moved(self, from: &Path, to: &Path) -> Self {
        let new = |path: PathBuf| match path.strip_prefix(from) {
            Ok(rest) => to.join(rest),
            Err(_) => path,
        };
        let inspected = self.inspected.into_iter();
        let entries = self.entries.into_iter().map(|(path, entry)| {
            let (from, to) = (from.to_string_lossy(), to.to_string_lossy());
            let message = entry.message.replace(&*from, &to);
            (new(path), Entry { message, ..entry })
        });
        Self {
            entries: entries.collect(),
            inspected: inspected.map(|(path, it)| (new(path), it)).collect(),
            ..self
        }
    }
}

/// Copies a tree without its `__pycache__`, and writes the list of the checksums of all its files into it.
///
/// # Errors
/// What did not work.
pub fn copy_with_checksums(tree: &Path, copy: &Path) -> Result<(), String> {
    const SCRIPT: &str = r#"
        cp -r "$1" "$2"
        cd "$2"
        find . -name __pycache__ -prune -exec rm -r {} +
        find . -type f -print0 | sed -z 's,^\./,,' | xargs -0 sha256sum >../SHA256SUMS
        mv ../SHA256SUMS .
    "#;
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", SCRIPT, "copy"]);
    process::success(command.args([tree, copy]), LIMIT).map(drop)
}

/// Reads what `tests/c/tree.c` has written.
fn told(output: &Path) -> Result<Told, String> {
    let text =
        fs::read_to_string(output).map_err(|error| format!("{}: {error}", output.display()))?;
    let mut told = Told::default();
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let new = match fields[..] {
            ["file", path, verdict, _, problems] => {
                let inspected = Inspected {
                    verdict: verdict.into(),
                    problems: problems.into(),
                };
                told.inspected.insert(path.into(), inspected).is_none()
            }
            ["entry", path, name, state, _, detail, message] => {
                let entry = Entry {
                    name: name.into(),
                    state: state.into(),
                    detail: detail.into(),
                    message: message.into(),
                };
                told.entries.insert(path.into(), entry).is_none()
            }
            ["effect", path, effect] => {
                told.effects.push((path.into(), effect.into()));
                true
            }
            ["mapped", path] => {
                told.mapped.insert(path.into());
                true
            }
            ["number", name, value] => {
                let value = value.parse().map_err(|_| line.to_owned())?;
                told.numbers.insert(name.into(), value).is_none()
            }
            _ => return Err(format!("{}: {line}", output.display())),
        };
        if !new {
            return Err(format!("{}: twice: {line}", output.display()));
        }
    }
    Ok(told)
}

/// Everything in which the loader and `import` differ, a line each.
#[must_use]
pub fn differences(reference: &Reference, told: &Told) -> Vec<String> {
    let mut lines = Vec::new();
    for path in told
        .entries
        .keys()
        .filter(|path| !reference.contains_key(*path))
    {
        lines.push(format!("{}: an entry for no file", path.display()));
    }
    for (path, imported) in reference {
        let shown = path.display();
        match (told.entries.get(path), told.inspected.get(path)) {
            (Some(entry), Some(inspected)) => lines.extend(
                difference(imported, entry, inspected).map(|text| format!("{shown}: {text}")),
            ),
            (None, _) => lines.push(format!("{shown}: not in the report")),
            (_, None) => lines.push(format!("{shown}: not inspected")),
        }
        if told.mapped.contains(path) && !imported.opened {
            lines.push(format!("{shown}: opened, which `import` does not do"));
        }
    }
    lines
}

fn difference(imported: &Imported, entry: &Entry, inspected: &Inspected) -> Option<String> {
    let Imported {
        alone, together, ..
    } = imported;
    // Some modules import only after others of their package; one process of all has them.
    if alone == "ok" || together == "ok" {
        return if entry.state != "loaded" {
            Some(format!(
                "{} ({}), but `import {}` works",
                entry.state, entry.message, imported.name
            ))
        } else if entry.name != imported.name {
            Some(format!("called {}, not {}", entry.name, imported.name))
        } else if inspected.verdict != "module" || !inspected.problems.is_empty() {
            Some(format!(
                "a false alarm of nexus_inspect: {} {}",
                inspected.verdict, inspected.problems
            ))
        } else {
            None
        };
    }
    let reason = || format!("{} {} ({})", entry.state, entry.detail, entry.message);
    if !is_true_reason(together, entry, inspected) && !is_true_reason(alone, entry, inspected) {
        return Some(format!(
            "{}; inspected: {} {}; `import {}`: {alone}; after all others: {together}",
            reason(),
            inspected.verdict,
            inspected.problems,
            imported.name
        ));
    }
    None
}

/// Whether the loader and the inspection say in their words what `import` says.
fn is_true_reason(outcome: &str, entry: &Entry, inspected: &Inspected) -> bool {
    let (exception, text) = outcome.split_once(' ').unwrap_or((outcome, ""));
    if entry.state == "skipped" {
        // A helper: `import` opens it and finds no module in it, or its folder can have none.
        return entry.detail == "HELPER_LIBRARY"
            && inspected.verdict == "helper"
            && (text.starts_with("dynamic module does not define module export function")
                || exception == "ModuleNotFoundError");
    }
    if let Some((library, _)) = text.split_once(": cannot open shared object file") {
        let missing = format!("{library} is missing");
        return entry.state == "failed"
            && entry.detail == "MISSING_LIBRARY"
            && entry.message.contains(&missing)
            && inspected.problems.contains(&missing);
    }
    let detail = match exception {
        "ModuleNotFoundError" => "IMPORT_NOT_FOUND",
        "SystemExit" => "SYSTEM_EXIT",
        "MemoryError" => "OUT_OF_MEMORY",
        _ => "INIT_RAISED",
    };
    let message = entry
        .message
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    entry.state == "failed"
        && (entry.detail == detail || entry.detail == "PACKAGE_FAILED")
        && inspected.verdict == "module"
        && inspected.problems.is_empty()
        && message.contains(text)
}

/// A line with what was found and measured, then a table of what did not load: for people.
#[must_use]
pub fn summary(reference: &Reference, told: &Told) -> String {
    let count = |state: &str| {
        let entries = told.entries.values();
        entries.filter(|entry| entry.state == state).count()
    };
    let number = |name: &str| told.numbers.get(name).copied().unwrap_or(0);
    let alone = reference.values().filter(|it| it.alone == "ok").count();
    let together = reference.values().filter(|it| it.together == "ok").count();
    let mut text = format!(
        "{} files: {} loaded, {} failed, {} skipped; `import` loads {alone} alone and {together} together; \
         opened in {} ms, inspected in {} ms, {} MB, {} threads",
        told.entries.len(),
        count("loaded"),
        count("failed"),
        count("skipped"),
        number("open_ms"),
        number("inspection_ms"),
        number("peak_mb"),
        number("threads"),
    );
    for entry in told
        .entries
        .values()
        .filter(|entry| entry.state == "failed")
    {
        let message = &entry.message;
        let prefix = format!("Failed to load module {}: ", entry.name);
        let why = message.strip_prefix(&prefix).unwrap_or(message);
        text += &format!("\n    {:<40} {:<18} {why:.120}", entry.name, entry.detail);
    }
    text
}
