//! Strings for C.

use std::ffi::CString;

/// Makes a NUL-terminated copy. A NUL inside, which C would take for the end, becomes U+2400 (␀), so
/// that nothing after it is lost.
#[must_use]
pub fn c_string(text: impl Into<Vec<u8>>) -> CString {
    CString::new(text).unwrap_or_else(|error| {
        let bytes = error.into_vec();
        let mut clean = Vec::with_capacity(bytes.len() + 8);
        for byte in bytes {
            match byte {
                0 => clean.extend_from_slice("␀".as_bytes()),
                other => clean.push(other),
            }
        }
        CString::new(clean).unwrap_or_default()
    })
}

/// A list of names as Python prints one: `['a', 'b']`.
#[must_use]
pub fn python_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    bracketed(names, '[', ']')
}

/// A set of names as Python prints one: `{'a', 'b'}`.
#[must_use]
pub fn python_set<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    bracketed(names, '{', '}')
}

fn bracketed<'a>(names: impl IntoIterator<Item = &'a str>, open: char, close: char) -> String {
    let quoted: Vec<String> = names.into_iter().map(python_repr).collect();
    format!("{open}{}{close}", quoted.join(", "))
}

/// A string as Python's `repr` prints it, for the characters that names have: quotes, backslashes and
/// control characters are escaped.
#[must_use]
pub fn python_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                out.push_str(&format!("\\x{:02x}", c as u32))
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_look_like_pythons() {
        assert_eq!(python_list(["a", "b"]), "['a', 'b']");
        assert_eq!(python_list([]), "[]");
        assert_eq!(python_set(["it's"]), "{\"it's\"}");
        assert_eq!(python_repr("a'\"\\\n\u{1}é"), "'a\\'\"\\\\\\n\\x01é'");
    }

    #[test]
    fn an_inner_nul_does_not_cut_the_text() {
        assert_eq!(c_string("a\0b").to_str(), Ok("a␀b"));
    }
}
