//! `nexus python`: every candidate, taken or refused, and why.

use crate::arguments;
use crate::ffi;
pub use crate::ffi::Python as Started;
use crate::output::{BAD, DOUBTFUL, FINE, GOOD, Output, QUIET, Trouble, WRONG};
use crate::table::{self, Row};
use crate::text::visible;
use anstyle::Style;
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;

/// A Python that was looked at.
#[derive(Debug, PartialEq, Serialize)]
pub struct Candidate {
    pub source: String,
    pub path: String,
    pub verdict: &'static str,
    pub reason: String,
}

/// What the library's lines say of a candidate, and what they mean.
const VERDICTS: [(&str, &str, Style); 3] = [
    ("taken: ", "taken", GOOD),
    ("usable, but another comes first: ", "usable", DOUBTFUL),
    ("refused: ", "refused", BAD),
];
const ABSENT: &str = "absent";

impl Candidate {
    /// `source: path: taken: reason`, without a path `source: reason`.
    fn of(line: &str) -> Self {
        let (source, rest) = line.split_once(": ").unwrap_or(("", line));
        let judged = VERDICTS
            .iter()
            .filter_map(|(mark, verdict, _)| Some((rest.find(mark)?, mark.len(), *verdict)))
            .min();
        let (path, verdict, reason) = match judged {
            Some((at, length, verdict)) => (&rest[..at], verdict, &rest[at + length..]),
            None => ("", ABSENT, rest),
        };
        Self {
            source: source.to_owned(),
            path: path.strip_suffix(": ").unwrap_or(path).to_owned(),
            verdict,
            reason: reason.to_owned(),
        }
    }
}

impl Started {
    /// Starts Python, if it does not run yet, and asks it.
    pub fn now(python: Option<&Path>) -> Result<Self, ffi::Error> {
        ffi::start_python(python)?;
        ffi::python()
    }

    pub fn print(&self, out: &mut impl Write) -> io::Result<()> {
        for (title, text) in [
            ("version", &self.version),
            ("library", &self.library),
            ("executable", &self.executable),
            ("prefix", &self.prefix),
            ("reason", &self.reason),
        ] {
            writeln!(out, "  {title:<11} {}", visible(text.as_ref()))?;
        }
        Ok(())
    }
}

/// Every candidate in order.
pub fn candidates(python: Option<&Path>) -> Result<Vec<Candidate>, ffi::Error> {
    let lines = ffi::search_python(python)?;
    Ok(lines.iter().map(|line| Candidate::of(line)).collect())
}

pub fn print(out: &mut impl Write, candidates: &[Candidate]) -> io::Result<()> {
    let rows: Vec<Row<3>> = candidates
        .iter()
        .map(|candidate| {
            let known = VERDICTS
                .iter()
                .find(|(_, verdict, _)| *verdict == candidate.verdict);
            let style = known.map_or(QUIET, |(_, _, style)| *style);
            let (path, reason) = (
                visible(candidate.path.as_ref()),
                visible(candidate.reason.as_ref()),
            );
            // What has no path has room for its reason.
            let (cell, notes) = if path.is_empty() {
                ((reason, QUIET), Vec::new())
            } else {
                ((path, Style::new()), vec![(reason, QUIET)])
            };
            let source = (visible(candidate.source.as_ref()), Style::new());
            Row {
                cells: [(candidate.verdict.to_owned(), style), source, cell],
                notes,
            }
        })
        .collect();
    table::print(out, ["VERDICT", "FROM", "PATH"], &rows)
}

#[derive(Serialize)]
struct Answer {
    candidates: Vec<Candidate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<Started>,
}

pub fn run(
    options: &arguments::Python,
    python: Option<&Path>,
    json: bool,
    output: &mut Output,
) -> Result<u8, Trouble> {
    // Before the start: afterwards the one that runs is the only candidate.
    let candidates = candidates(python)?;
    let taken = candidates
        .iter()
        .any(|candidate| candidate.verdict == "taken");
    let started = if options.start && taken {
        Some(Started::now(python)?)
    } else {
        None
    };
    let answer = Answer {
        candidates,
        started,
    };
    if json {
        output.json(&answer)?;
    } else {
        print(output, &answer.candidates)?;
        if let Some(started) = &answer.started {
            writeln!(output, "\nstarted:")?;
            started.print(output)?;
        }
        if !taken {
            writeln!(output, "\n{BAD}no usable Python was found{BAD:#}")?;
        }
    }
    Ok(if taken { FINE } else { WRONG })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_apart() {
        let of = |line| {
            let Candidate {
                source,
                path,
                verdict,
                reason,
            } = Candidate::of(line);
            (source, path, verdict, reason)
        };
        let all = [
            of("this process: no Python in it"),
            of("PATH: /a: b/python3: taken: Python 3.12: fine"),
            of("PATH: /x: usable, but another comes first: Python 3.11"),
            of("this process: refused: two: taken: both"),
        ];
        let expected = [
            ("this process", "", "absent", "no Python in it"),
            ("PATH", "/a: b/python3", "taken", "Python 3.12: fine"),
            ("PATH", "/x", "usable", "Python 3.11"),
            ("this process", "", "refused", "two: taken: both"),
        ];
        for (found, (source, path, verdict, reason)) in all.into_iter().zip(expected) {
            assert_eq!(found, (source.into(), path.into(), verdict, reason.into()));
        }
    }
}
