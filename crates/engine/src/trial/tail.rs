//! The last lines of what a child has written.

/// What is kept of the output, in bytes; a message holds less.
const KEPT: usize = 8 * 1024;
const LONGEST: usize = 2 * 1024;
const MOST_LINES: usize = 20;

/// The end of a stream.
#[derive(Default)]
pub struct Tail {
    bytes: Vec<u8>,
    cut: bool,
}

impl Tail {
    /// Adds what was written next.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > 2 * KEPT {
            self.bytes.drain(..self.bytes.len() - KEPT);
            self.cut = true;
        }
    }

    /// Forgets it all.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.cut = false;
    }

    /// At most 20 lines and 2 KiB, without the last line's end. What is not UTF-8 and control characters
    /// are escaped (`\xff`); `…` stands for what was left out before. Empty: nothing was written.
    pub fn text(&self) -> String {
        let bytes = self.bytes.trim_ascii_end();
        let mut start = bytes.len().saturating_sub(LONGEST);
        if start > 0 {
            // A whole line, if there is one; else a whole character.
            match bytes[start..].iter().position(|byte| *byte == b'\n') {
                Some(end) => start += end + 1,
                None => {
                    let continues = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
                    start += bytes[start..].iter().take(3).take_while(continues).count();
                }
            }
        }
        let lines: Vec<&[u8]> = bytes[start..].split(|byte| *byte == b'\n').collect();
        let skipped = lines.len().saturating_sub(MOST_LINES);
        let mut text = String::new();
        if self.cut || start > 0 || skipped > 0 {
            text.push('…');
            if lines.len() > 1 {
                text.push('\n');
            }
        }
        for (index, line) in lines[skipped..].iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            escape(line.strip_suffix(b"\r").unwrap_or(line), &mut text);
        }
        text
    }
}

fn escape(line: &[u8], text: &mut String) {
    for chunk in line.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() && character != '\t' {
                text.push_str(&format!("\\x{:02x}", u32::from(character)));
            } else {
                text.push(character);
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        let mut tail = Tail::default();
        for part in bytes.chunks(1000) {
            tail.push(part);
        }
        tail.text()
    }

    #[test]
    fn short_output_is_kept_whole() {
        assert_eq!(text(b""), "");
        assert_eq!(text(b"\n\n"), "");
        assert_eq!(text(b"one\r\ntwo\n"), "one\ntwo");
    }

    #[test]
    fn it_becomes_utf8_without_control_characters() {
        assert_eq!(
            text(b"\x1b[31mred\xff\0 \xc3\xa9\t\xf0\x9f\n"),
            "\\x1b[31mred\\xff\\x00 é\t\\xf0\\x9f"
        );
    }

    #[test]
    fn the_last_lines_are_kept() {
        let lines: String = (0..30).map(|number| format!("line {number}\n")).collect();
        let kept = text(lines.as_bytes());
        assert_eq!(kept.lines().count(), 1 + MOST_LINES);
        assert!(
            kept.starts_with("…\nline 10\n") && kept.ends_with("line 29"),
            "{kept}"
        );
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        for shift in 0..4 {
            let kept = text(format!("{}{}", "x".repeat(shift), "€".repeat(100_000)).as_bytes());
            assert!(kept.len() <= LONGEST + "…".len(), "{}", kept.len());
            assert!(kept.starts_with("…€") && kept.ends_with('€'), "{kept}");
        }
    }

    #[test]
    fn a_part_of_a_line_is_not_shown_for_a_line() {
        let kept = text(format!("{}\nlast\n", "x".repeat(5000)).as_bytes());
        assert_eq!(kept, "…last");
        let kept = text(format!("{}\n{}\n", "x".repeat(5000), "y\n".repeat(5)).as_bytes());
        assert_eq!(kept, "…\ny\ny\ny\ny\ny");
    }
}
