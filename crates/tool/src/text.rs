//! Foreign text on a terminal: names of files and messages of modules must not move the cursor.

use std::ffi::OsStr;
use std::fmt::Write;

/// One line: what is no UTF-8 as `\xff`, control characters and marks that turn the direction of writing
/// (Unicode, UAX 9) as escapes.
pub fn visible(text: &OsStr) -> String {
    escaped(text.as_encoded_bytes(), false)
}

/// The same for text of several lines.
pub fn visible_lines(text: &str) -> String {
    escaped(text.as_bytes(), true)
}

fn escaped(bytes: &[u8], lines: bool) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' | '\t' if lines => out.push(c),
                c if c.is_control() || turns_direction(c) => out.extend(c.escape_default()),
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The bytes of a path, where it is not UTF-8: JSON has no other way to tell them.
pub fn bytes_unless_utf8(path: &OsStr) -> Option<&[u8]> {
    path.to_str().is_none().then_some(path.as_encoded_bytes())
}

/// `1.2 ms`.
pub fn duration(nanoseconds: u64) -> String {
    // Exact up to months.
    let n = nanoseconds as f64;
    match nanoseconds {
        0 => String::new(),
        1..1_000_000 => format!("{:.0} µs", (n / 1e3).max(1.0)),
        1_000_000..1_000_000_000 => format!("{:.1} ms", n / 1e6),
        _ => format!("{:.2} s", n / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn foreign_text_cannot_act() {
        use std::os::unix::ffi::OsStrExt;
        let path = OsStr::from_bytes(b"gr\xc3\xb6\xc3\x9fe-\xff\x1b[31m\n.so");
        assert_eq!(visible(path), "größe-\\xff\\u{1b}[31m\\n.so");
        assert_eq!(visible_lines("a\u{202e}b\nc\x07"), "a\\u{202e}b\nc\\u{7}");
        assert!(bytes_unless_utf8(path).is_some());
        assert!(bytes_unless_utf8(OsStr::new("größe")).is_none());
    }

    #[test]
    fn durations() {
        let all = [0, 300, 12_345, 1_250_000, 2_500_000_000].map(duration);
        assert_eq!(all, ["", "1 µs", "12 µs", "1.2 ms", "2.50 s"]);
    }
}
