//! The Python that a file is judged for.

use crate::python::Expected;
use nexus_abi::{Failure, Result, supported};
use nexus_inspect::{FileName, Image, SymbolSet, Tag, Target};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

/// What is known of the Python in question.
pub enum Python {
    /// The one of this process, or that would be started in it.
    Here(Arc<Here>),
    /// Any of that version, on a machine like this one.
    Version((u8, u8)),
    /// None was found: what depends on the version is not judged.
    Unknown,
}

/// A Python on this machine, with what was read from its libpython.
pub struct Here {
    expected: Expected,
    modified: Option<SystemTime>,
    exports: Option<Arc<SymbolSet>>,
    soname: Option<String>,
}

impl Python {
    /// From `major << 16 | minor << 8`; what the last byte says does not matter. 0: the one of this process.
    pub fn from_number(number: u32) -> Result<Self> {
        if number == 0 {
            return Ok(crate::python::expected()
                .map_or(Self::Unknown, |expected| Self::Here(read(expected))));
        }
        match number.to_be_bytes() {
            [0, major @ 3, minor, _] => Ok(Self::Version((major, minor))),
            _ => Err(Failure::invalid(format!(
                "argument 'python_version' is {number:#x}, no version of Python 3; pass major << 16 | minor << 8, \
                     such as 0x030c00 for 3.12, or 0 for the Python of this process"
            ))),
        }
    }

    /// What a file must fit.
    pub fn target(&self, name: &FileName, image: &Image) -> Target {
        match self {
            Self::Here(here) => {
                let mut target = Target::host(here.expected.version, here.expected.free_threaded);
                target.exports.clone_from(&here.exports);
                target
            }
            Self::Version(version) => Target::host(*version, false),
            Self::Unknown => as_it_says(name, image),
        }
    }

    /// For people: which Python; empty if none is known.
    pub fn describe(&self) -> String {
        let (major, minor) = match self {
            Self::Here(here) => here.expected.version,
            Self::Version(version) => *version,
            Self::Unknown => return String::new(),
        };
        let host = Target::host((major, minor), false);
        let text = format!(
            "CPython {major}.{minor} on {} {}",
            host.platform, host.machine
        );
        match self {
            Self::Here(here) => format!("{text} ({})", here.expected.library.display()),
            _ => text,
        }
    }

    /// The libpython with its soname: modules that are linked with it find it loaded.
    pub fn library(&self) -> Option<(String, PathBuf)> {
        match self {
            Self::Here(here) => Some((here.soname.clone()?, here.expected.library.clone())),
            _ => None,
        }
    }
}

/// A target of the version that the file was built for, so that it is no reason to refuse it.
fn as_it_says(name: &FileName, image: &Image) -> Target {
    let (version, free_threaded) = match &name.tag {
        Tag::Exact(tag) => (tag.version, tag.free_threaded()),
        _ => (
            image.python.version,
            image.python.free_threaded == Some(true),
        ),
    };
    // The newest accepts what older ones do.
    Target::host(version.unwrap_or((3, supported::NEWEST)), free_threaded)
}

static LAST: Mutex<Option<Arc<Here>>> = Mutex::new(None);

/// Reads the libpython, unless it is the same file as last time.
fn read(expected: Expected) -> Arc<Here> {
    let modified = expected
        .library
        .metadata()
        .and_then(|metadata| metadata.modified())
        .ok();
    // Not waited for: in a forked child the lock may be held by a thread that is not there.
    if let Ok(last) = LAST.try_lock()
        && let Some(here) = last.as_ref()
        && here.expected == expected
        && here.modified == modified
    {
        return here.clone();
    }
    let exports = SymbolSet::of_libpython(&expected.library)
        .ok()
        .filter(|names| !names.is_empty())
        .map(Arc::new);
    let soname = Image::read(&expected.library)
        .ok()
        .and_then(|image| image.soname);
    let here = Arc::new(Here {
        expected,
        modified,
        exports,
        soname,
    });
    if let Ok(mut last) = LAST.try_lock() {
        *last = Some(here.clone());
    }
    here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_from_numbers() {
        let version = |number| match Python::from_number(number).unwrap() {
            Python::Version(version) => version,
            _ => panic!("{number:#x}"),
        };
        assert_eq!(version(0x03_0c_00), (3, 12));
        assert_eq!(version(0x03_0b_07), (3, 11));
        for wrong in [1, 0x0c, 0x030c, 0x02_07_00, 0x01_03_0c_00, u32::MAX] {
            let failure = Python::from_number(wrong).err().unwrap();
            assert_eq!(
                failure.status,
                nexus_abi::NexusStatus::NEXUS_ERR_INVALID_ARGUMENT
            );
            assert!(failure.message.contains("python_version"), "{failure}");
        }
    }
}
