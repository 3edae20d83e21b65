//! The list's text: what `sha256sum` writes (also with `--tag`), and `shasum -a 256` and BSD's `sha256`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// A SHA-256 sum.
pub type Sum = [u8; 32];

/// A sum as it is written.
pub fn hex(sum: &Sum) -> String {
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The listed paths with their sums. `base` is the directory to which the list's paths are relative,
/// absolute. An error names the line, counted from 1.
pub fn parse(text: &[u8], base: &Path) -> Result<HashMap<PathBuf, Sum>, String> {
    let mut sums: HashMap<PathBuf, (Sum, usize)> = HashMap::new();
    // Windows editors begin a file with a byte order mark.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.trim_ascii().is_empty() || line.starts_with(b"#") {
            continue;
        }
        let (sum, name) = parse_line(line).map_err(|why| format!("line {number}: {why}"))?;
        let path = to_path(&name)
            .ok_or_else(|| format!("line {number}: the path is not UTF-8"))
            .map(|name| normal(&base.join(name)))?;
        if let Some((other, first)) = sums.insert(path.clone(), (sum, number))
            && other != sum
        {
            return Err(format!(
                "lines {first} and {number} give different sums for {}",
                path.display()
            ));
        }
    }
    Ok(sums
        .into_iter()
        .map(|(path, (sum, _))| (path, sum))
        .collect())
}

fn parse_line(line: &[u8]) -> Result<(Sum, Cow<'_, [u8]>), &'static str> {
    // A leading backslash says that the name is escaped.
    let (line, escaped) = match line.strip_prefix(b"\\") {
        Some(rest) => (rest, true),
        None => (line, false),
    };
    let (digits, name) = match line.strip_prefix(b"SHA256 (") {
        Some(rest) => {
            const MIDDLE: &[u8] = b") = ";
            // The name may itself hold these characters, the sum cannot.
            let at = rest
                .windows(MIDDLE.len())
                .rposition(|window| window == MIDDLE)
                .ok_or("expected `SHA256 (path) = sum`")?;
            (&rest[at + MIDDLE.len()..], &rest[..at])
        }
        None => {
            let (digits, rest) = line
                .split_at_checked(64)
                .ok_or("expected 64 hexadecimal digits, two spaces and a path")?;
            let name = rest
                .strip_prefix(b"  ")
                .or_else(|| rest.strip_prefix(b" *"))
                .ok_or("expected two spaces, or a space and `*`, after 64 hexadecimal digits")?;
            (digits, name)
        }
    };
    let sum = parse_sum(digits).ok_or("the sum is not 64 hexadecimal digits")?;
    let name = if escaped {
        Cow::Owned(unescape(name).ok_or("an unknown escape; \\\\, \\n and \\r are known")?)
    } else {
        Cow::Borrowed(name)
    };
    if name.is_empty() {
        return Err("the path is empty");
    }
    if name.contains(&0) {
        return Err("the path holds a NUL byte");
    }
    Ok((sum, name))
}

fn parse_sum(digits: &[u8]) -> Option<Sum> {
    let mut sum = Sum::default();
    if digits.len() != 2 * sum.len() {
        return None;
    }
    for (byte, pair) in sum.iter_mut().zip(digits.chunks_exact(2)) {
        let value = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(value(pair[0])? * 16 + value(pair[1])?).ok()?;
    }
    Some(sum)
}

fn unescape(name: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = name.iter();
    let mut result = Vec::with_capacity(name.len());
    while let Some(byte) = bytes.next() {
        result.push(match byte {
            b'\\' => match bytes.next()? {
                b'\\' => b'\\',
                b'n' => b'\n',
                b'r' => b'\r',
                _ => return None,
            },
            byte => *byte,
        });
    }
    Some(result)
}

#[cfg(unix)]
fn to_path(name: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(std::ffi::OsStr::from_bytes(name).into())
}

#[cfg(not(unix))]
fn to_path(name: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(name).ok().map(PathBuf::from)
}

/// Without `.` and `..`, read as text: the list means names, wherever links lead.
fn normal(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(result.pop()),
            other => result.push(other),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "00000000000000000000000000000000000000000000000000000000000000B1";

    fn names(text: &str) -> Vec<String> {
        let mut names: Vec<String> = parse(text.as_bytes(), Path::new("/d"))
            .unwrap()
            .keys()
            .map(|path| path.to_str().unwrap().to_string())
            .collect();
        names.sort();
        names
    }

    fn error(text: &str) -> String {
        parse(text.as_bytes(), Path::new("/d")).unwrap_err()
    }

    #[test]
    fn what_sha256sum_writes() {
        let text = format!(
            "# made by hand\n\n{A}  one.so\n{B} *pkg/two.so\r\n  \nSHA256 (a) = b.so) = {A}\n"
        );
        assert_eq!(names(&text), ["/d/a) = b.so", "/d/one.so", "/d/pkg/two.so"]);
        let sums = parse(text.as_bytes(), Path::new("/d")).unwrap();
        assert_eq!(hex(&sums[Path::new("/d/pkg/two.so")]), B.to_lowercase());
        assert_eq!(names(&format!("\u{feff}{A}  one.so")), ["/d/one.so"]);
        assert!(names("").is_empty());
    }

    #[test]
    fn names_as_they_come() {
        assert_eq!(names(&format!("{A}   two spaces ")), ["/d/ two spaces "]);
        assert_eq!(names(&format!("{A}  *star")), ["/d/*star"]);
        assert_eq!(names(&format!("{A} **star")), ["/d/*star"]);
        assert_eq!(names(&format!("{A}  a\\nb")), ["/d/a\\nb"]);
        assert_eq!(names(&format!("\\{A}  a\\nb\\\\c\\rd")), ["/d/a\nb\\c\rd"]);
        assert_eq!(names(&format!("\\SHA256 (a\\nb) = {A}")), ["/d/a\nb"]);
        assert_eq!(names(&format!("{A}  ./a//b/../c.so")), ["/d/a/c.so"]);
        assert_eq!(names(&format!("{A}  /e/./f.so")), ["/e/f.so"]);
        assert_eq!(names(&format!("{A}  ../f.so")), ["/f.so"]);
    }

    #[cfg(unix)]
    #[test]
    fn names_in_any_bytes() {
        let line = [A.as_bytes(), b"  \xff.so"].concat();
        assert_eq!(parse(&line, Path::new("/d")).unwrap().len(), 1);
    }

    #[test]
    fn malformed_lines_are_named() {
        for (line, why) in [
            (format!("{}  a.so", &A[1..]), "after 64 hexadecimal digits"),
            (format!("{A} a.so"), "expected two spaces"),
            (format!("{A}\ta.so"), "expected two spaces"),
            (format!("{A}  "), "the path is empty"),
            (A.to_string(), "expected two spaces"),
            (A[..20].to_string(), "expected 64 hexadecimal digits"),
            (format!("{}g  a.so", &A[1..]), "is not 64 hexadecimal"),
            (format!("é{}  a.so", &A[2..]), "is not 64 hexadecimal"),
            (format!("\\{A}  a\\t"), "unknown escape"),
            (format!("\\{A}  a\\"), "unknown escape"),
            (format!("{A}  a\0b"), "NUL byte"),
            (format!("SHA256 (a.so) = {}", &A[1..]), "is not 64"),
            (format!("SHA256 (a.so = {A}"), "expected `SHA256"),
            (format!("MD5 (a.so) = {A}"), "expected two spaces"),
            ("hello".to_string(), "expected 64"),
        ] {
            let text = error(&format!("{A}  good.so\n{line}\n"));
            assert!(text.starts_with("line 2: "), "{line}: {text}");
            assert!(text.contains(why), "{line}: {text}");
        }
    }

    #[test]
    fn the_same_file_twice() {
        assert_eq!(names(&format!("{A}  a.so\n{A} *./a.so")), ["/d/a.so"]);
        let text = error(&format!("{A}  a.so\n\n{B}  ./a.so"));
        assert_eq!(text, "lines 1 and 3 give different sums for /d/a.so");
    }
}
