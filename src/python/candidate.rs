//! What a search looked at, and what came of it.

use core::fmt;
use std::path::PathBuf;

/// What came of a candidate.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It is the one.
    Taken(String),
    /// It could be used, but one before it is taken.
    Usable(String),
    /// It cannot be used, for that reason.
    Refused(String),
    /// There is nothing to look at.
    Absent(String),
}

/// One line of a search.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Where it came from, such as `NEXUS_PYTHON`.
    pub source: &'static str,
    /// What was looked at.
    pub path: Option<PathBuf>,
    pub verdict: Verdict,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.source)?;
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        match &self.verdict {
            Verdict::Taken(what) => write!(f, "taken: {what}"),
            Verdict::Usable(what) => write!(f, "usable, but another comes first: {what}"),
            Verdict::Refused(why) => write!(f, "refused: {why}"),
            Verdict::Absent(why) => f.write_str(why),
        }
    }
}

/// The text of a search that has found nothing: every candidate on a line of its own, then what to do.
pub fn nothing_found(candidates: &[Candidate], how_to_get_python: &str) -> String {
    let mut text =
        String::from("no usable Python (3.11 or later, with a shared libpython) was found:\n");
    for candidate in candidates {
        text.push_str(&format!("  {candidate}\n"));
    }
    text.push_str(&format!(
        "{how_to_get_python}, or set NEXUS_PYTHON to an interpreter, a virtual environment, an installation or a libpython"
    ));
    text
}

/// The text for a Python that was named and cannot be used.
pub fn named_refused(candidate: &Candidate) -> String {
    format!(
        "the Python that was named cannot be used:\n  {candidate}\nno other was looked for, since this one was named; \
         name another, or none to search for one"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_lists_every_candidate_and_what_to_do() {
        let line = |source, path: &str, verdict| Candidate {
            source,
            path: Some(PathBuf::from(path)),
            verdict,
        };
        let candidates = [
            line(
                "VIRTUAL_ENV",
                "/v",
                Verdict::Refused("it does not exist".into()),
            ),
            line(
                "PATH",
                "/usr/bin/python3",
                Verdict::Refused("it is Python 3.9".into()),
            ),
            Candidate {
                source: "system",
                path: None,
                verdict: Verdict::Absent("no libpython".into()),
            },
        ];
        let text = nothing_found(&candidates, "install one");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "  VIRTUAL_ENV: /v: refused: it does not exist");
        assert_eq!(
            lines[2],
            "  PATH: /usr/bin/python3: refused: it is Python 3.9"
        );
        assert_eq!(lines[3], "  system: no libpython");
        assert!(
            lines[4].contains("install one") && lines[4].contains("NEXUS_PYTHON"),
            "{text}"
        );
        assert!(named_refused(&candidates[0]).contains("no other was looked for"));
    }
}
