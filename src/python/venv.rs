//! Virtual environments: `pyvenv.cfg` (PEP 405).

use super::release::Release;
use std::path::{Path, PathBuf};

/// A virtual environment as its `pyvenv.cfg` describes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Venv {
    /// The directory of `pyvenv.cfg`.
    pub root: PathBuf,
    /// Where the interpreter lies from which it was made.
    pub home: PathBuf,
    /// The Python for which it was made: `version` (venv) or `version_info` (virtualenv, uv).
    pub release: Option<Release>,
    /// `CPython`, `PyPy`, … where virtualenv or uv has made it.
    pub implementation: Option<String>,
}

impl Venv {
    /// The environment in that directory. As CPython does, one without `home` is taken for none.
    pub fn read(root: &Path) -> Option<Self> {
        let text = std::fs::read(root.join("pyvenv.cfg")).ok()?;
        Self::parse(root, &String::from_utf8_lossy(&text))
    }

    /// The environment that a program belongs to: CPython looks one level above the program, then
    /// beside it.
    pub fn of_program(program: &Path) -> Option<Self> {
        let folder = program.parent()?;
        folder
            .parent()
            .and_then(Self::read)
            .or_else(|| Self::read(folder))
    }

    fn parse(root: &Path, text: &str) -> Option<Self> {
        let value = |key: &str| {
            text.trim_start_matches('\u{feff}')
                .lines()
                .find_map(|line| {
                    let (name, value) = line.split_once('=')?;
                    let value = value.trim();
                    (name.trim().eq_ignore_ascii_case(key) && !value.is_empty()).then_some(value)
                })
        };
        Some(Self {
            root: root.to_owned(),
            home: PathBuf::from(value("home")?),
            release: value("version")
                .or_else(|| value("version_info"))
                .and_then(Release::parse),
            implementation: value("implementation").map(String::from),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_venv_virtualenv_and_uv_write() {
        let venv = Venv::parse(
            Path::new("/v"),
            "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\nexecutable = /usr/bin/python3.11\n",
        )
        .unwrap();
        assert_eq!(venv.home, Path::new("/usr/bin"));
        assert_eq!(venv.release.unwrap().to_string(), "3.11");
        assert_eq!(venv.implementation, None);
        let venv = Venv::parse(
            Path::new("/v"),
            "HOME=/o p/bin \r\nimplementation = CPython\r\nversion_info = 3.12.1.final.0\r\n",
        )
        .unwrap();
        assert_eq!(venv.home, Path::new("/o p/bin"));
        assert_eq!(venv.release.unwrap().to_string(), "3.12");
        assert_eq!(venv.implementation.as_deref(), Some("CPython"));
    }

    #[test]
    fn what_is_no_environment_is_taken_for_none() {
        assert_eq!(Venv::parse(Path::new("/v"), ""), None);
        assert_eq!(Venv::parse(Path::new("/v"), "home =\nversion = 3.11"), None);
        assert_eq!(Venv::parse(Path::new("/v"), "home\n\0\u{fffd}= x"), None);
        assert_eq!(Venv::read(Path::new("/no/such")), None);
    }
}
