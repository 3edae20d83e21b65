//! Which release of CPython something is of, and whether it can be used.

use core::fmt;
use nexus_abi::supported;

/// The oldest CPython that can be used.
pub const OLDEST: (u32, u32) = (3, supported::OLDEST as u32);
/// The newest that this version was made for.
pub const NEWEST: (u32, u32) = (3, supported::NEWEST as u32);

/// Major and minor version with the ABI flags of a file name, such as 3.13t.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub major: u32,
    pub minor: u32,
    /// `t`: free-threaded, `d`: debug build (PEP 3149, PEP 703).
    pub flags: String,
}

impl Release {
    /// From text that begins like `3.13t` or `3.11.7`; what follows the minor version's flags is left out.
    pub fn parse(text: &str) -> Option<Self> {
        let (major, rest) = text.trim().split_once('.')?;
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let flags = rest[end..]
            .chars()
            .take_while(char::is_ascii_lowercase)
            .collect();
        Some(Self {
            major: major.parse().ok()?,
            minor: rest[..end].parse().ok()?,
            flags,
        })
    }

    /// Of a file name's version (`3.13t`), which has nothing after the flags.
    pub fn exact(text: &str) -> Option<Self> {
        Self::parse(text).filter(|release| release.to_string() == text)
    }

    /// Why it cannot be used, if so.
    pub fn refusal(&self) -> Option<String> {
        if (self.major, self.minor) < OLDEST {
            return Some(format!(
                "it is Python {self}; the oldest that can be used is {}.{}",
                OLDEST.0, OLDEST.1
            ));
        }
        if self.flags.contains('t') {
            return Some(free_threaded(&self.to_string()));
        }
        None
    }

    /// Whether major and minor version are the same.
    pub fn same_minor(&self, other: &Self) -> bool {
        (self.major, self.minor) == (other.major, other.minor)
    }
}

/// The text for a free-threaded build.
pub fn free_threaded(version: &str) -> String {
    format!(
        "it is the free-threaded build of Python {version}, which has no stable ABI (PEP 703); install the ordinary build"
    )
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}{}", self.major, self.minor, self.flags)
    }
}

/// The three numbers at the beginning of `sys.version`.
pub fn version_numbers(text: &str) -> (u8, u8, u8) {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .map_while(|number| number.parse().ok());
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_file_names_and_configurations_say() {
        let release = Release::parse("3.11.7.final.0").unwrap();
        assert_eq!(
            (release.major, release.minor, release.flags.as_str()),
            (3, 11, "")
        );
        assert_eq!(Release::exact("3.13t").unwrap().to_string(), "3.13t");
        assert_eq!(Release::exact("3.11-config"), None);
        assert_eq!(Release::parse("three"), None);
        assert_eq!(Release::parse("3.99999999999"), None);
    }

    #[test]
    fn old_and_free_threaded_ones_are_refused() {
        let refusal = |text| Release::parse(text).unwrap().refusal();
        assert!(refusal("3.10").unwrap().contains("3.10"));
        assert!(refusal("2.7").unwrap().contains("2.7"));
        assert!(refusal("3.13t").unwrap().contains("free-threaded"));
        assert_eq!(refusal("3.11"), None);
        assert_eq!(refusal("3.12d"), None);
        assert_eq!(refusal("3.16"), None);
        assert_eq!(refusal("4.0"), None);
    }

    #[test]
    fn reads_the_version() {
        assert_eq!(
            version_numbers("3.11.7 (main, May  9 2026) [GCC 12.2.0]"),
            (3, 11, 7)
        );
        assert_eq!(version_numbers("3.15.0a1 (main)"), (3, 15, 0));
        assert_eq!(version_numbers("3.14 (main)"), (3, 14, 0));
    }
}
