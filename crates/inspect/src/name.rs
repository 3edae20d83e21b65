//! What a file name says: the module's name and the ABI tag.
//!
//! CPython's import system knows a list of suffixes (`importlib.machinery.EXTENSION_SUFFIXES`); the tag
//! is the part before `.so` or `.pyd` (PEP 3149, PEP 384, PEP 803).

use crate::machine::{CLibrary, Machine, Platform};
use std::ffi::{OsStr, OsString};

/// A file name with a suffix of extension modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName {
    /// The name before tag and suffix, which is the last part of the module's dotted name. May be
    /// `__init__`, and may not be UTF-8.
    pub stem: OsString,
    /// The ABI tag.
    pub tag: Tag,
    /// The suffix.
    pub suffix: Suffix,
}

/// The last part of the file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suffix {
    /// `.so`, on everything but Windows.
    So,
    /// `.pyd`, Windows.
    Pyd,
}

/// The ABI tag of a file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// For one version of one implementation, as `.cpython-312-x86_64-linux-gnu.so`.
    Exact(ExactTag),
    /// `.abi3.so`: the stable ABI of CPython 3, with the GIL.
    Abi3,
    /// `.abi3t.so`: the stable ABI that free-threaded builds share, from CPython 3.15 (PEP 803).
    Abi3t,
    /// Another `.abiN.so`, as it is written: `abi4`.
    OtherAbi(String),
    /// No tag.
    Plain,
}

/// The parts of an exact tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExactTag {
    /// The whole tag, as `cpython-312-x86_64-linux-gnu`.
    pub text: String,
    /// "cpython", "pypy" or "graalpy".
    pub implementation: String,
    /// Major and minor version, if the tag has one.
    pub version: Option<(u8, u8)>,
    /// The letters after the version: `t` free-threaded, `d` debug, `m` and `u` of old versions.
    pub flags: String,
    /// The platform: `x86_64-linux-gnu`, `darwin`, `win_amd64`, or "".
    pub triple: String,
}

impl FileName {
    /// Parses a file name without its directory. `None` if it has no suffix of extension modules:
    /// `libfoo.so.1` is no module, nor is a file called just `.so`.
    pub fn parse(file_name: &OsStr) -> Option<FileName> {
        let bytes = file_name.as_encoded_bytes();
        let (rest, suffix) = strip_suffix(bytes)?;
        let (stem, tag) = match split_tag(rest) {
            Some((stem, tag)) if !stem.is_empty() => (stem, tag),
            _ => (rest, Tag::Plain),
        };
        if stem.is_empty() {
            return None;
        }
        Some(FileName {
            stem: prefix(file_name, stem.len()),
            tag,
            suffix,
        })
    }

    /// The stem as text, if it is UTF-8.
    pub fn module_name(&self) -> Option<&str> {
        self.stem.to_str()
    }
}

/// The first `length` bytes of a string; `length` must end before an ASCII character of it.
fn prefix(text: &OsStr, length: usize) -> OsString {
    let bytes = &text.as_encoded_bytes()[..length];
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        OsStr::from_bytes(bytes).to_os_string()
    }
    #[cfg(not(unix))]
    match std::str::from_utf8(bytes) {
        Ok(text) => OsString::from(text),
        Err(_) => OsString::from(String::from_utf8_lossy(bytes).into_owned()),
    }
}

fn strip_suffix(bytes: &[u8]) -> Option<(&[u8], Suffix)> {
    if let Some(rest) = bytes.strip_suffix(b".so") {
        return Some((rest, Suffix::So));
    }
    // Windows does not distinguish case.
    let (rest, suffix) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
    suffix
        .eq_ignore_ascii_case(b".pyd")
        .then_some((rest, Suffix::Pyd))
}

/// Splits `name.tag`; `None` where what follows the last dot is no tag.
fn split_tag(rest: &[u8]) -> Option<(&[u8], Tag)> {
    let dot = rest.iter().rposition(|byte| *byte == b'.')?;
    let (stem, tag) = (&rest[..dot], std::str::from_utf8(&rest[dot + 1..]).ok()?);
    Some((stem, parse_tag(tag)?))
}

fn parse_tag(tag: &str) -> Option<Tag> {
    match tag {
        "abi3" => return Some(Tag::Abi3),
        "abi3t" => return Some(Tag::Abi3t),
        _ => {}
    }
    if let Some(rest) = tag.strip_prefix("abi") {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        return (digits.len() < rest.len() && digits.len() <= 2)
            .then(|| Tag::OtherAbi(tag.to_owned()));
    }
    let exact = |implementation: &str, rest: &str| {
        let (version, rest) = version(rest);
        let (flags, triple) = rest.split_once('-').unwrap_or((rest, ""));
        // Nothing but letters may follow the version: `cpuinfo` is no tag.
        (version.is_some()
            && flags.bytes().all(|byte| byte.is_ascii_lowercase())
            && flags.len() <= 4)
            .then(|| ExactTag {
                text: tag.to_owned(),
                implementation: implementation.to_owned(),
                version,
                flags: flags.to_owned(),
                triple: triple.to_owned(),
            })
    };
    let exact = if let Some(rest) = tag.strip_prefix("cpython-") {
        exact("cpython", rest)
    } else if let Some(rest) = tag.strip_prefix("pypy") {
        // pypy310-pp73-x86_64-linux-gnu: what follows the version is PyPy's own ABI number.
        exact("pypy", rest).map(|mut tag| {
            if let Some((_, triple)) = tag
                .triple
                .split_once('-')
                .filter(|_| tag.triple.starts_with("pp"))
            {
                tag.triple = triple.to_owned();
            }
            tag
        })
    } else if let Some(rest) = tag.strip_prefix("graalpy") {
        // graalpy-38-native-x86_64-linux, graalpy231-310-native-x86_64-linux
        let (_, rest) = rest.split_once('-')?;
        exact("graalpy", rest).map(|mut tag| {
            if let Some(triple) = tag.triple.strip_prefix("native-") {
                tag.triple = triple.to_owned();
            }
            tag
        })
    } else {
        // Windows: cp312-win_amd64, cp313t-win_arm64.
        exact("cpython", tag.strip_prefix("cp")?)
    };
    exact.map(Tag::Exact)
}

/// "312-…" is 3.12, "27mu-…" is 2.7.
fn version(text: &str) -> (Option<(u8, u8)>, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if !(2..=4).contains(&digits.len()) {
        return (None, rest);
    }
    let (major, minor) = digits.split_at(1);
    (major.parse().ok().zip(minor.parse().ok()), rest)
}

impl ExactTag {
    /// Whether the tag is of a free-threaded build.
    pub fn free_threaded(&self) -> bool {
        self.flags.contains('t')
    }

    /// Whether the tag is of a debug build.
    pub fn debug(&self) -> bool {
        self.flags.contains('d')
    }

    /// The operating system, if the triple names one that is known.
    pub fn platform(&self) -> Option<Platform> {
        let triple = self.triple.as_str();
        Some(if triple.starts_with("win") {
            Platform::Windows
        } else if triple.contains("android") {
            Platform::Android
        } else if triple.contains("linux") {
            Platform::Linux
        } else if triple.starts_with("darwin") {
            Platform::MacOs
        } else if triple.contains("iphone") {
            Platform::Ios
        } else if triple.contains("freebsd") {
            Platform::FreeBsd
        } else {
            return None;
        })
    }

    /// The machine, if the triple names one that is known.
    pub fn machine(&self) -> Option<Machine> {
        match self
            .triple
            .strip_prefix("win_")
            .or(self.triple.strip_prefix("win32").map(|_| "win32"))
        {
            Some(machine) => Machine::from_name(machine),
            None if self.triple.ends_with("gnux32") => Some(Machine::X32),
            None => Machine::from_name(self.triple.split('-').next()?),
        }
    }

    /// The C library, if the triple names one.
    pub fn c_library(&self) -> CLibrary {
        match self.triple.rsplit('-').next() {
            Some(last) if last.starts_with("gnu") => CLibrary::Glibc,
            Some(last) if last.starts_with("musl") => CLibrary::Musl,
            _ => CLibrary::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str) -> FileName {
        FileName::parse(OsStr::new(name)).unwrap()
    }

    fn exact(name: &str) -> ExactTag {
        match parse(name).tag {
            Tag::Exact(tag) => tag,
            tag => panic!("{name}: {tag:?}"),
        }
    }

    #[test]
    fn exact_tags() {
        let tag = exact("a.cpython-312-x86_64-linux-gnu.so");
        assert_eq!(tag.version, Some((3, 12)));
        assert_eq!(tag.machine(), Some(Machine::X86_64));
        assert_eq!(tag.platform(), Some(Platform::Linux));
        assert_eq!(tag.c_library(), CLibrary::Glibc);
        let tag = exact("a.cpython-313td-aarch64-linux-musl.so");
        assert!(tag.free_threaded() && tag.debug());
        assert_eq!(tag.c_library(), CLibrary::Musl);
        let tag = exact("a.cp313-win_amd64.pyd");
        assert_eq!(
            (tag.version, tag.machine()),
            (Some((3, 13)), Some(Machine::X86_64))
        );
        assert_eq!(tag.platform(), Some(Platform::Windows));
        let tag = exact("a.cp311-win32.pyd");
        assert_eq!(
            (tag.version, tag.machine()),
            (Some((3, 11)), Some(Machine::I686))
        );
        assert_eq!(
            exact("a.cpython-312-darwin.so").platform(),
            Some(Platform::MacOs)
        );
        let tag = exact("a.pypy310-pp73-x86_64-linux-gnu.so");
        assert_eq!(
            (tag.implementation.as_str(), tag.version),
            ("pypy", Some((3, 10)))
        );
        assert_eq!(tag.machine(), Some(Machine::X86_64));
        let tag = exact("a.graalpy231-310-native-x86_64-linux.so");
        assert_eq!(
            (tag.implementation.as_str(), tag.version),
            ("graalpy", Some((3, 10)))
        );
        assert_eq!(tag.machine(), Some(Machine::X86_64));
        assert_eq!(exact("a.cpython-36m-x86_64-linux-gnu.so").flags, "m");
        assert_eq!(exact("a.cpython-311.so").triple, "");
        assert_eq!(
            exact("a.cpython-311-arm-linux-gnueabihf.so").machine(),
            Some(Machine::Armv7)
        );
        assert_eq!(
            exact("a.cpython-311-i386-linux-gnu.so").machine(),
            Some(Machine::I686)
        );
    }

    #[test]
    fn other_tags() {
        assert_eq!(parse("a.abi3.so").tag, Tag::Abi3);
        assert_eq!(parse("a.abi3t.so").tag, Tag::Abi3t);
        assert_eq!(parse("a.abi4.so").tag, Tag::OtherAbi("abi4".into()));
        assert_eq!(parse("a.so").tag, Tag::Plain);
        // Of a debug build on Windows: any other Python takes the letter for a part of the name.
        assert_eq!(parse("a_d.pyd").stem, "a_d");
        assert_eq!(parse("a_d.cp312-win_amd64.PYD").stem, "a_d");
        assert_eq!(
            parse("__init__.cpython-312-x86_64-linux-gnu.so").stem,
            "__init__"
        );
        for plain in [
            "a.b.so",
            "a.cpuinfo.so",
            "a.cp.so",
            "a.abi.so",
            "a.abiding.so",
            "a.cpython-x.so",
        ] {
            let name = parse(plain);
            assert_eq!(name.tag, Tag::Plain, "{plain}");
            assert_eq!(name.stem.to_str(), plain.strip_suffix(".so"));
        }
        // A dash, spaces, unicode.
        assert_eq!(parse("a-b c.so").stem, "a-b c");
        assert_eq!(parse("lančmít.so").module_name(), Some("lančmít"));
        // The tag alone is a name.
        assert_eq!(parse("abi3.so").stem, "abi3");
        assert_eq!(parse(".abi3.so").tag, Tag::Plain);
    }

    #[test]
    fn not_a_module_name() {
        for name in [
            "libfoo.so.1",
            ".so",
            "so",
            "",
            "foo.dll",
            "foo.pyd.bak",
            ".pyd",
            "foo.SO",
        ] {
            assert_eq!(FileName::parse(OsStr::new(name)), None, "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn not_utf8() {
        use std::os::unix::ffi::OsStrExt;
        let name = FileName::parse(OsStr::from_bytes(b"caf\xe9.abi3.so")).unwrap();
        assert_eq!(name.stem.as_bytes(), b"caf\xe9");
        assert_eq!(name.tag, Tag::Abi3);
        assert_eq!(name.module_name(), None);
    }
}
