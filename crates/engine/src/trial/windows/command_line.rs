//! One command line of several arguments, as the C run-time library of the other program takes it apart (Microsoft's
//! "Parsing C command-line arguments"). The standard library's own is not public.

use std::ffi::OsString;
use std::os::windows::ffi::OsStrExt;

/// The arguments, the program first, in UTF-16 and NUL-terminated.
pub fn join(arguments: &[OsString]) -> Vec<u16> {
    let mut line = Vec::new();
    for argument in arguments {
        if !line.is_empty() {
            line.push(u16::from(b' '));
        }
        quote(argument.encode_wide(), &mut line);
    }
    line.push(0);
    line
}

fn quote(argument: impl Iterator<Item = u16>, line: &mut Vec<u16>) {
    let [quote, backslash] = [b'"', b'\\'].map(u16::from);
    line.push(quote);
    // Backslashes are themselves, unless a quotation mark follows.
    let mut backslashes = 0;
    for unit in argument {
        if unit == quote {
            line.extend(std::iter::repeat_n(backslash, backslashes + 1));
        }
        backslashes = if unit == backslash {
            backslashes + 1
        } else {
            0
        };
        line.push(unit);
    }
    line.extend(std::iter::repeat_n(backslash, backslashes));
    line.push(quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotation_marks_and_backslashes() {
        let line = join(&[
            "C:\\a b\\".into(),
            "x\\y".into(),
            "say \\\"hi\"".into(),
            "".into(),
        ]);
        let text = String::from_utf16(&line).unwrap();
        assert_eq!(
            text,
            "\"C:\\a b\\\\\" \"x\\y\" \"say \\\\\\\"hi\\\"\" \"\"\0"
        );
    }
}
