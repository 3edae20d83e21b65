//! `nexus list`: what became of each module of a directory.

use crate::arguments;
use crate::ffi::{self, Entry, Loader, Options};
use crate::files;
use crate::inspect;
use crate::names::meant;
use crate::output::{
    BAD, DOUBTFUL, FINE, GOOD, Output, QUIET, TITLE, Trouble, WRONG, described, say,
};
use crate::progress::Progress;
use crate::python::Started;
use crate::table::{self, Row};
use crate::text::{bytes_unless_utf8, duration, visible, visible_lines};
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::value::RawValue;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

/// A module of the report.
#[derive(Serialize)]
pub struct Module {
    pub name: String,
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_bytes: Option<Vec<u8>>,
    pub state: &'static str,
    pub status: u32,
    pub status_text: String,
    pub detail: u32,
    pub detail_name: String,
    pub message: String,
    pub cure: String,
    pub nanoseconds: u64,
    /// As Python prints it; empty where no exception was raised.
    pub traceback: String,
    pub effects: Vec<String>,
    #[serde(skip)]
    file: OsString,
}

impl Module {
    fn of(entry: Entry, loader: &Loader) -> Self {
        Self {
            traceback: traceback(&entry, loader),
            path: entry.path.to_string_lossy().into_owned(),
            path_bytes: bytes_unless_utf8(&entry.path).map(<[u8]>::to_vec),
            state: state(entry.state),
            status: entry.status,
            status_text: entry.status_text,
            detail: entry.detail,
            detail_name: ffi::detail_name(entry.detail),
            cure: ffi::detail_cure(entry.detail),
            name: entry.name,
            message: entry.message,
            nanoseconds: entry.nanoseconds,
            effects: entry.effects,
            file: entry.path,
        }
    }

    /// The file, byte by byte as it is called.
    pub fn file(&self) -> &Path {
        Path::new(&self.file)
    }

    /// Whether something is wrong with it.
    pub fn is_bad(&self) -> bool {
        !matches!(self.state, "loaded" | "lazy" | "skipped")
    }

    fn row(&self, details: Details) -> Row<5> {
        let style = match self.state {
            "loaded" => GOOD,
            "lazy" => AnsiColor::Cyan.on_default(),
            "skipped" => QUIET,
            _ => BAD,
        };
        let mut notes = Vec::new();
        if !self.message.is_empty() {
            let plain = if self.is_bad() { Style::new() } else { QUIET };
            notes.push((visible_lines(&self.message), plain));
        }
        if self.is_bad() && !self.cure.is_empty() {
            notes.push((format!("cure: {}", self.cure), TITLE));
        }
        if details.tracebacks && !self.traceback.is_empty() {
            notes.push((visible_lines(self.traceback.trim_end()), Style::new()));
        }
        if details.effects {
            let lines = self.effects.iter();
            notes.extend(lines.map(|line| (format!("effect: {}", visible_lines(line)), DOUBTFUL)));
        }
        Row {
            cells: [
                (visible(self.name.as_ref()), Style::new()),
                (self.state.to_owned(), style),
                (duration(self.nanoseconds), Style::new()),
                (self.detail_name.clone(), Style::new()),
                (visible(&self.file), QUIET),
            ],
            notes,
        }
    }
}

/// What the table shows beside the rows.
#[derive(Clone, Copy)]
pub struct Details {
    pub effects: bool,
    pub tracebacks: bool,
}

/// The error of getting a module that failed has the exception.
fn traceback(entry: &Entry, loader: &Loader) -> String {
    // Getting a lazy one would load it.
    if entry.state != ffi::FAILED {
        return String::new();
    }
    match loader.get(&entry.name) {
        // Of several with that name, it may be another's.
        Err(error) if error.path == entry.path => error.traceback,
        _ => String::new(),
    }
}

fn state(state: u32) -> &'static str {
    match state {
        ffi::LOADED => "loaded",
        ffi::LAZY_STATE => "lazy",
        ffi::FAILED => "failed",
        ffi::SKIPPED => "skipped",
        ffi::MISSING => "missing",
        _ => "unknown",
    }
}

/// All that became of a directory.
#[derive(Serialize)]
pub struct Listing {
    pub directory: String,
    /// None: there is none that could be used, and `inspections` has the files.
    pub python: Option<Started>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub python_error: Option<String>,
    pub modules: Vec<Module>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inspections: Vec<Box<RawValue>>,
    #[serde(skip)]
    pub looked_at: Vec<ffi::Inspection>,
}

impl Listing {
    /// Opens the directory, or looks at its files where there is no Python.
    pub fn of(options: &arguments::List, python: Option<&Path>) -> Result<Self, Trouble> {
        let directory = &options.directory;
        if !directory.is_dir() {
            let what = if directory.exists() {
                "is not a directory"
            } else {
                "does not exist"
            };
            let text = format!("Binary path {what}: {}", visible(directory.as_os_str()));
            return Err(Trouble::Usage(text));
        }
        let mut listing = Self {
            directory: directory.to_string_lossy().into_owned(),
            python: None,
            python_error: None,
            modules: Vec::new(),
            inspections: Vec::new(),
            looked_at: Vec::new(),
        };
        match Started::now(python) {
            Ok(started) => {
                listing.python = Some(started);
                listing.modules = loaded(options)?;
            }
            Err(error) => {
                listing.python_error = Some(error.message);
                listing.looked_at = inspected(options)?;
                let texts = listing.looked_at.iter().map(inspect::json);
                listing.inspections = texts.collect::<Result<_, _>>()?;
            }
        }
        Ok(listing)
    }

    pub fn print(&self, out: &mut impl Write, details: Details) -> io::Result<()> {
        if self.python.is_none() {
            let rows: Vec<Row<4>> = self.looked_at.iter().map(inspection_row).collect();
            table::print(out, ["NAME", "VERDICT", "DETAIL", "PATH"], &rows)?;
            return writeln!(out, "\nnothing was loaded: there is no usable Python");
        }
        let rows: Vec<Row<5>> = self
            .modules
            .iter()
            .map(|module| module.row(details))
            .collect();
        table::print(out, ["NAME", "STATE", "TIME", "DETAIL", "PATH"], &rows)?;
        writeln!(out, "\n{}", self.summary())
    }

    /// `3 loaded, 1 failed`.
    fn summary(&self) -> String {
        let states = ["loaded", "lazy", "failed", "skipped", "missing", "unknown"];
        let counts = states.map(|state| {
            let count = self
                .modules
                .iter()
                .filter(|module| module.state == state)
                .count();
            (count > 0).then(|| format!("{count} {state}"))
        });
        counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn code(&self) -> u8 {
        if self.python.is_some() && !self.modules.iter().any(Module::is_bad) {
            FINE
        } else {
            WRONG
        }
    }
}

fn loaded(options: &arguments::List) -> Result<Vec<Module>, ffi::Error> {
    let mut flags = 0;
    let trial = options.trial || options.timeout.is_some();
    for (wanted, flag) in [
        (options.recursive, ffi::RECURSIVE),
        (options.lazy, ffi::LAZY),
        (trial, ffi::TRIAL),
        (options.verify.is_some(), ffi::VERIFY),
    ] {
        flags |= if wanted { flag } else { 0 };
    }
    let progress = Progress::new(&options.except);
    let loader = Loader::open(
        &options.directory,
        &Options {
            flags,
            only: options.only.clone(),
            trial_milliseconds: options.timeout.unwrap_or(0),
            checksums: options.verify.as_ref().and_then(Option::as_deref),
            watch: Some(&progress),
        },
    );
    drop(progress);
    let loader = loader?;
    let entries = loader.report()?;
    Ok(entries
        .into_iter()
        .map(|mut entry| {
            // A lazy loader asks at the first get, which never comes.
            if entry.state == ffi::LAZY_STATE && meant(&options.except, &entry.name) {
                entry.state = ffi::SKIPPED;
                entry.detail = ffi::FILTERED;
                entry.message = "left out by --except".to_owned();
            }
            Module::of(entry, &loader)
        })
        .collect())
}

fn inspected(options: &arguments::List) -> Result<Vec<ffi::Inspection>, Trouble> {
    let directory = &options.directory;
    let files = files::modules(directory, options.recursive)
        .map_err(|error| Trouble::Usage(format!("{}: {error}", visible(directory.as_os_str()))))?;
    let only: Vec<glob::Pattern> = options
        .only
        .iter()
        .map(|name| {
            // As the library: what is no pattern is a name.
            let plain = || glob::Pattern::new(&glob::Pattern::escape(name));
            glob::Pattern::new(name).or_else(|_| plain())
        })
        .collect::<Result<_, _>>()
        .map_err(|error| Trouble::Usage(error.to_string()))?;
    let mut found = Vec::new();
    for file in files {
        let inspection = ffi::inspect(&file, 0)?;
        let name = &inspection.module_name;
        if (only.is_empty() || meant(&only, name)) && !meant(&options.except, name) {
            found.push(inspection);
        }
    }
    Ok(found)
}

fn inspection_row(inspection: &ffi::Inspection) -> Row<4> {
    let (word, style) = inspect::verdict(inspection);
    let mut notes = Vec::new();
    if !inspection.message.is_empty() {
        notes.push((visible_lines(&inspection.message), Style::new()));
        notes.push((format!("cure: {}", inspection.cure), TITLE));
    }
    let path = inspection.report.lines().next().unwrap_or_default();
    Row {
        cells: [
            (visible(inspection.module_name.as_ref()), Style::new()),
            (word.to_owned(), style),
            (ffi::detail_name(inspection.detail), Style::new()),
            (visible(path.as_ref()), QUIET),
        ],
        notes,
    }
}

pub fn run(
    options: &arguments::List,
    python: Option<&Path>,
    json: bool,
    output: &mut Output,
) -> Result<u8, Trouble> {
    let listing = Listing::of(options, python)?;
    if let Some(error) = &listing.python_error {
        say(&visible_lines(error));
    }
    if json {
        output.json(&listing)?;
    } else {
        let details = Details {
            effects: options.effects,
            tracebacks: options.traceback,
        };
        listing.print(output, details)?;
    }
    Ok(listing.code())
}

/// What a directory that could not be opened at all is told as.
pub fn failure(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Usage(text) => text.clone(),
        Trouble::Library(error) => described(error),
        Trouble::Write(error) => error.to_string(),
    }
}
