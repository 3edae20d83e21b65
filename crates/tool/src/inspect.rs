//! `nexus inspect`: why a module will not load, in words, with the cure.

use crate::arguments;
use crate::ffi::{self, Inspection};
use crate::files;
use crate::output::{BAD, DOUBTFUL, FINE, GOOD, Output, TITLE, Trouble, WRONG};
use crate::text::visible_lines;
use serde_json::value::RawValue;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Whether a module of that file can be expected to load.
pub fn is_fine(inspection: &Inspection) -> bool {
    inspection.verdict == "module" && inspection.detail == 0
}

/// A verdict in a word.
pub fn verdict(inspection: &Inspection) -> (&'static str, anstyle::Style) {
    match inspection.verdict.as_str() {
        "module" if inspection.detail == 0 => ("module", GOOD),
        "module" => ("doubtful", DOUBTFUL),
        "helper" => ("helper", DOUBTFUL),
        _ => ("hopeless", BAD),
    }
}

/// The library's JSON as it is.
pub fn json(inspection: &Inspection) -> Result<Box<RawValue>, Trouble> {
    serde_json::from_str(&inspection.json)
        .map_err(|error| Trouble::Usage(format!("the library gave bad JSON: {error}")))
}

/// The library's text, with its first line, its verdict and the cures picked out.
pub fn print(out: &mut impl Write, inspection: &Inspection) -> io::Result<()> {
    let (_, colour) = verdict(inspection);
    for (index, line) in visible_lines(&inspection.report).lines().enumerate() {
        let style = if index == 0 || line.trim_start().starts_with("cure: ") {
            TITLE
        } else if line.starts_with("  verdict ") {
            colour
        } else {
            anstyle::Style::new()
        };
        writeln!(out, "{style}{line}{style:#}")?;
    }
    Ok(())
}

pub fn run(
    options: &arguments::Inspect,
    python: Option<&Path>,
    json_wanted: bool,
    output: &mut Output,
) -> Result<u8, Trouble> {
    if python.is_some() {
        // Files are judged for the Python that runs.
        ffi::start_python(python)?;
    }
    let version = options.version.unwrap_or(0);
    let mut all = Vec::new();
    for path in expanded(&options.files, options.recursive)? {
        all.push(ffi::inspect(&path, version)?);
    }
    if json_wanted {
        let list = all.iter().map(json).collect::<Result<Vec<_>, _>>()?;
        output.json(&list)?;
    } else {
        for (index, inspection) in all.iter().enumerate() {
            if index > 0 {
                writeln!(output)?;
            }
            print(output, inspection)?;
        }
    }
    Ok(if all.iter().all(is_fine) { FINE } else { WRONG })
}

/// Directories replaced by the modules in them.
fn expanded(paths: &[PathBuf], recursive: bool) -> Result<Vec<PathBuf>, Trouble> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let found = files::modules(path, recursive)
            .map_err(|error| Trouble::Usage(format!("{}: {error}", path.display())))?;
        if found.is_empty() {
            let text = format!("No binary modules found in: {}", path.display());
            return Err(Trouble::Usage(text));
        }
        files.extend(found);
    }
    Ok(files)
}
