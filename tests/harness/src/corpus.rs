//! The corpus: one directory with every kind of good, odd, damaged and hostile file, made as
//! `tests/fixtures/corpus.txt` says, which also says what is to become of each.

use crate::compile::Job;
use crate::elf_patch::{Elf, PATCHES};
use crate::pythons::Python;
use crate::{fixtures, other_systems, paths, process};
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// One line of the list.
struct File {
    /// The file's name, as bytes.
    name: Vec<u8>,
    /// What is to become of it: without a trial, and after one.
    expected: [String; 2],
    /// Parts of the message, with `&` between.
    says: String,
    /// How it is made.
    recipe: Vec<String>,
}

impl File {
    fn path(&self, python: &Python) -> PathBuf {
        folder(python).join(OsStr::from_bytes(&self.name))
    }

    fn word(&self, index: usize) -> &str {
        self.recipe.get(index).map_or("", String::as_str)
    }

    /// What comes before the first suffix that the list's own names have.
    fn stem(&self) -> String {
        let name = String::from_utf8_lossy(&self.name).into_owned();
        let end = [
            ".cpython-",
            ".cp3",
            ".abi3",
            ".abi4",
            ".pypy",
            ".graalpy",
            ".so",
            ".pyd",
            ".PYD",
        ]
        .iter()
        .filter_map(|suffix| name.find(suffix))
        .min();
        name[..end.unwrap_or(name.len())].to_owned()
    }

    /// The init function that a file made of the base is to have, if it is one.
    fn init_symbol(&self) -> Option<String> {
        match (self.word(0), self.word(1)) {
            ("base", symbol) if !symbol.is_empty() => Some(symbol.to_owned()),
            ("base" | "patch" | "cut" | "tool" | "unreadable", _) => {
                Some(format!("PyInit_{}", self.stem().replace('-', "_")))
            }
            _ => None,
        }
    }

    fn is_compiled(&self) -> bool {
        self.word(0) == "program" || is_source(self.word(0))
    }
}

fn is_source(word: &str) -> bool {
    word.ends_with(".c") || word.ends_with(".cpp")
}

fn folder(python: &Python) -> PathBuf {
    fixtures::folder(python).join("corpus")
}

/// What the damaged files are made of: with either kind of hash table.
fn base(python: &Python, patch: &str) -> PathBuf {
    let name = if patch.starts_with("sysv_") {
        "base_sysv.so"
    } else {
        "base.so"
    };
    fixtures::folder(python).join("corpus_parts").join(name)
}

fn list(python: &Python) -> Result<Vec<File>, String> {
    let path = paths::tests("fixtures").join("corpus.txt");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| parse(python, line).ok_or_else(|| format!("{}: {line}", path.display())))
        .collect()
}

/// `file alone after_trial says recipe…`
fn parse(python: &Python, line: &str) -> Option<File> {
    let mut words = fixtures::words(line).into_iter();
    let name = bytes(&fixtures::placed(python, &words.next()?))?;
    let alone = words.next()?;
    let after_trial = match words.next()?.as_str() {
        "=" => alone.clone(),
        other => other.to_owned(),
    };
    let expected = [alone, after_trial].map(|column| of_version(python, &column).to_owned());
    let says = words.next()?;
    let recipe: Vec<String> = words.map(|word| fixtures::placed(python, &word)).collect();
    (!recipe.is_empty()).then_some(File {
        name,
        expected,
        says,
        recipe,
    })
}

/// Of `A,3.15:B` the one for this Python.
fn of_version<'a>(python: &Python, text: &'a str) -> &'a str {
    let mut chosen = text.split(',').next().unwrap_or(text);
    for part in text.split(',').skip(1) {
        if let Some((version, state)) = part.split_once(':')
            && let Some(minor) = version
                .strip_prefix("3.")
                .and_then(|minor| minor.parse().ok())
            && python.version >= (3, minor, 0)
        {
            chosen = state;
        }
    }
    chosen
}

/// `\xff` is a byte, and `{x*200}` so many letters.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let mut result = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(digits) = rest.strip_prefix("\\x") {
            result.push(u8::from_str_radix(digits.get(..2)?, 16).ok()?);
            rest = &digits[2..];
        } else if let Some(repeated) = rest.strip_prefix('{') {
            let (inside, after) = repeated.split_once('}')?;
            let (letter, count) = inside.split_once('*')?;
            result.extend(letter.repeat(count.parse().ok()?).bytes());
            rest = after;
        } else {
            result.extend(c.encode_utf8(&mut [0; 4]).bytes());
            rest = &rest[c.len_utf8()..];
        }
    }
    Some(result)
}

/// What has to be compiled.
///
/// # Errors
/// What is wrong with the list.
pub fn jobs(python: &Python) -> Result<Vec<Job>, String> {
    let files = list(python)?;
    let mut aliases: Vec<String> = files.iter().filter_map(File::init_symbol).collect();
    aliases.sort();
    aliases.dedup();
    let aliases: Vec<String> = aliases
        .iter()
        .filter_map(|symbol| String::from_utf8(bytes(symbol)?).ok())
        .map(|symbol| format!("ALIAS(\"{symbol}\")"))
        .collect();
    let mut jobs: Vec<Job> = [("", "gnu"), ("sysv_", "sysv")]
        .into_iter()
        .map(|(patch, style)| {
            let arguments = [
                format!("-DALIASES={}", aliases.join(" ")),
                format!("-Wl,--hash-style={style}"),
                "-Wl,-soname,base_for_test.so".into(),
                "-Wl,-rpath,$ORIGIN,--enable-new-dtags".into(),
                "-Wl,-z,lazy,-z,relro".into(),
                "-lm".into(),
            ];
            fixtures::module(python, base(python, patch), "base.c", arguments)
        })
        .collect();
    for file in files.iter().filter(|file| file.is_compiled()) {
        let output = file.path(python);
        jobs.push(if file.word(0) == "program" {
            let source = paths::tests("fixtures").join(file.word(1));
            Job::new("gcc", output)
                .with([source.display()])
                .with(&file.recipe[2..])
        } else {
            fixtures::module(python, output, file.word(0), file.recipe[1..].to_vec())
        });
    }
    Ok(jobs)
}

/// Makes the files that no compiler makes, and the table that the tests read.
///
/// # Errors
/// What could not be made.
pub fn make(python: &Python) -> Result<(), String> {
    let files = list(python)?;
    fs::create_dir_all(folder(python)).map_err(|error| error.to_string())?;
    for file in files.iter().filter(|file| !file.is_compiled()) {
        let name = String::from_utf8_lossy(&file.name);
        make_one(python, file).map_err(|error| format!("{name}: {error}"))?;
    }
    remove_others(python, &files).map_err(|error| error.to_string())?;
    let table: String = files.iter().map(table_line).collect();
    fs::write(fixtures::folder(python).join("corpus.table"), table)
        .map_err(|error| error.to_string())
}

/// Tabs between, and what is not plain ASCII in the name as `\xff`: a line that C reads easily.
fn table_line(file: &File) -> String {
    let name: String = file
        .name
        .iter()
        .map(|byte| match byte {
            b'!'..=b'[' | b']'..=b'~' => char::from(*byte).to_string(),
            byte => format!("\\x{byte:02x}"),
        })
        .collect();
    let [alone, after_trial] = &file.expected;
    format!("{name}\t{alone}\t{after_trial}\t{}\n", file.says)
}

/// Takes away what an earlier list had.
fn remove_others(python: &Python, files: &[File]) -> io::Result<()> {
    for entry in fs::read_dir(folder(python))? {
        let name = entry?.file_name();
        let of_compiler = [".cmd", ".d", ".part"]
            .iter()
            .any(|end| name.as_bytes().ends_with(end.as_bytes()));
        if !of_compiler && !files.iter().any(|file| file.name == name.as_bytes()) {
            let path = folder(python).join(&name);
            fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path))?;
        }
    }
    Ok(())
}

fn make_one(python: &Python, file: &File) -> Result<(), String> {
    let path = file.path(python);
    let init = file.init_symbol().unwrap_or_default();
    let whole = || fs::read(base(python, file.word(1))).map_err(|error| error.to_string());
    let written = match (file.word(0), file.word(1)) {
        ("base", _) => fixtures::write(&path, &whole()?),
        ("patch", name) => {
            let (_, patch) = PATCHES
                .iter()
                .find(|(known, _)| *known == name)
                .ok_or_else(|| format!("no damage is called {name}"))?;
            let mut elf = Elf::new(whole()?, &init);
            patch(&mut elf);
            fixtures::write(&path, &elf.into_bytes())
        }
        ("cut", size) => {
            let elf = Elf::new(whole()?, &init);
            let ends = (elf.end_of_headers(), elf.end_of_segments());
            let bytes = elf.into_bytes();
            let size = match size {
                "headers" => ends.0,
                "segments" => ends.1,
                "almost_segments" => ends.1 - 1,
                _ => match size.strip_suffix('%') {
                    Some(part) => bytes.len() * number(part)? / 100,
                    None => number(size)?,
                },
            };
            fixtures::write(&path, &bytes[..size])
        }
        ("foreign", system) => {
            let init: &'static str = format!("PyInit_{}", file.stem()).leak();
            let bytes = other_systems::module(system, init)
                .ok_or_else(|| format!("no foreign system is called {system}"))?;
            fixtures::write(&path, &bytes)
        }
        ("bytes", text) => fixtures::write(&path, &bytes(text).ok_or("a bad escape")?),
        ("unreadable", _) => {
            let whole = whole()?;
            let _ = fs::set_permissions(&path, Permissions::from_mode(0o600));
            fixtures::write(&path, &whole)
                .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o000)))
        }
        ("sparse", size) => fs::File::create(&path)
            .and_then(|file| file.set_len(1 << size.parse::<u32>().unwrap_or(0))),
        ("fifo", _) => special(&path, rustix::fs::FileType::Fifo),
        ("socket", _) => special(&path, rustix::fs::FileType::Socket),
        ("directory", _) => fs::create_dir_all(&path),
        ("link", target) => link(target.as_ref(), &path),
        ("hard_link", target) => {
            let _ = fs::remove_file(&path);
            fs::hard_link(folder(python).join(target), &path)
        }
        ("link_to_own", _) => link(&own(python)?, &path),
        ("link_to_libpython", _) => link(&python.library, &path),
        ("tool", _) => return tool(python, file, &path),
        (other, _) => return Err(format!("no recipe is called {other}")),
    };
    written.map_err(|error| error.to_string())
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

fn link(target: &Path, path: &Path) -> io::Result<()> {
    if fs::read_link(path).is_ok_and(|there| there == target) {
        return Ok(());
    }
    let _ = fs::remove_file(path);
    symlink(target, path)
}

fn special(path: &Path, kind: rustix::fs::FileType) -> io::Result<()> {
    use rustix::fs::{CWD, Mode, mknodat};
    fixtures::again(mknodat(CWD, path, kind, Mode::RUSR | Mode::WUSR, 0).map_err(io::Error::from))
}

/// The first of the interpreter's own modules: which it has besides those that are built in differs.
fn own(python: &Python) -> Result<PathBuf, String> {
    let files = fs::read_dir(&python.dynload).map_err(|error| error.to_string())?;
    let mut own: Vec<PathBuf> = files
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(&python.suffix))
        .collect();
    own.sort();
    let first = own.into_iter().next();
    first.ok_or_else(|| format!("no module in {}", python.dynload.display()))
}

/// A program that makes the file: `{base}` and `{out}` stand for what it reads and writes.
fn tool(python: &Python, file: &File, path: &Path) -> Result<(), String> {
    let base = base(python, "");
    let age = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
    if age(path).is_ok_and(|made| age(&base).is_ok_and(|base| base <= made)) {
        return Ok(());
    }
    let _ = fs::remove_file(path);
    let place = |word: &String| {
        word.replace("{base}", &base.to_string_lossy())
            .replace("{out}", &path.to_string_lossy())
    };
    let mut command = Command::new(file.word(1));
    process::clean(&mut command).args(file.recipe[2..].iter().map(place));
    process::success(&mut command, Duration::from_secs(20)).map(drop)
}
