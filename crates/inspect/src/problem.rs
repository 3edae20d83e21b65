//! A problem with one file: a detail code and a sentence about this file.

use crate::detail::Detail;
use std::fmt;

/// What is wrong with a file. The message is one line about this very file; the general cause and cure
/// are in the detail's row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The kind, with its stable number, cause and cure.
    pub detail: Detail,
    /// One line, without the file's path, without a full stop at the end.
    pub message: String,
}

impl Problem {
    /// Makes a problem; control characters that came out of the file are replaced, so that the message
    /// stays one printable line.
    pub fn new(detail: Detail, message: impl Into<String>) -> Problem {
        let mut message = message.into();
        if message.chars().any(char::is_control) {
            message = message
                .chars()
                .map(|c| if c.is_control() { '\u{fffd}' } else { c })
                .collect();
        }
        Problem { detail, message }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

pub(crate) type Result<T> = std::result::Result<T, Problem>;

/// Shorthand for `Err(Problem::new(…))`.
pub(crate) fn fail<T>(detail: Detail, message: impl Into<String>) -> Result<T> {
    Err(Problem::new(detail, message))
}

/// A size for people: bytes below 10 kB, then kB and MB (powers of 1000).
pub(crate) fn size_text(size: u64) -> String {
    match size {
        1 => "1 byte".to_owned(),
        0..10_000 => format!("{size} bytes"),
        10_000..10_000_000 => format!("{} kB", size / 1000),
        _ => format!("{} MB", size / 1_000_000),
    }
}

/// A list for people: at most `limit` items, then "and N more".
pub(crate) fn list_text<T: AsRef<str>>(items: &[T], limit: usize) -> String {
    let mut text = items
        .iter()
        .take(limit)
        .map(AsRef::as_ref)
        .collect::<Vec<_>>()
        .join(", ");
    if items.len() > limit {
        text.push_str(&format!(" and {} more", items.len() - limit));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_printable_line() {
        let problem = Problem::new(Detail::MISSING_LIBRARY, "needs lib\n\x1b[31m.so");
        assert!(!problem.message.chars().any(char::is_control));
    }

    #[test]
    fn texts() {
        assert_eq!(size_text(9_999), "9999 bytes");
        assert_eq!(size_text(20_480), "20 kB");
        assert_eq!(size_text(20_000_000), "20 MB");
        assert_eq!(list_text(&["a", "b", "c"], 2), "a, b and 1 more");
        assert_eq!(list_text(&["a", "b"], 2), "a, b");
    }
}
