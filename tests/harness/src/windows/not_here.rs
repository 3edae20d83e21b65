//! The list of what is not tested on Windows, with the reasons.

use crate::paths;
use std::fs;

/// `tests/windows/not-here.txt`.
#[derive(Clone, Debug, Default)]
pub struct NotHere {
    entries: Vec<String>,
}

impl NotHere {
    /// Reads the list.
    ///
    /// # Errors
    /// It cannot be read, or an entry has no reason.
    pub fn read() -> Result<Self, String> {
        let file = paths::tests("windows").join("not-here.txt");
        let text =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut entries = Vec::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.split_once(char::is_whitespace) {
                Some((entry, _)) => entries.push(entry.to_owned()),
                None => return Err(format!("{}: `{line}` has no reason", file.display())),
            }
        }
        Ok(Self { entries })
    }

    /// Whether a program (`c/fork.c`), a case (`trial/crash`) or a test module (`odd/pipe.so`) is listed.
    #[must_use]
    pub fn lists(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry == name)
    }

    /// The entries that are none of these.
    #[must_use]
    pub fn unknown(&self, known: &[String]) -> Vec<&str> {
        self.entries
            .iter()
            .filter(|entry| !known.contains(entry))
            .map(String::as_str)
            .collect()
    }
}
