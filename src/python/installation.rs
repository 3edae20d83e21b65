//! A Python that can be started: what the search is for.

use super::release::Release;
use std::path::{Path, PathBuf};

/// A Python as it lies on the disk.
#[derive(Clone, Debug)]
pub struct Installation {
    pub release: Release,
    /// Its libpython.
    pub library: PathBuf,
    /// The interpreter: `sys.executable`. It need not exist where only a libpython is installed.
    pub program: PathBuf,
    /// The interpreter outside of the virtual environment: `sys._base_executable`.
    pub base_program: PathBuf,
    /// The virtual environment or installation: `sys.prefix`.
    pub prefix: PathBuf,
    /// The virtual environment's installation, or `prefix` again: `sys.base_prefix`.
    pub base_prefix: PathBuf,
    /// The directory, or zip file, of the standard library.
    pub standard_library: PathBuf,
}

impl Installation {
    /// For people: what it is.
    pub fn describe(&self) -> String {
        let kind = if self.prefix == self.base_prefix {
            format!("installation {}", self.prefix.display())
        } else {
            format!(
                "virtual environment {} of {}",
                self.prefix.display(),
                self.base_prefix.display()
            )
        };
        format!(
            "CPython {}, {}, {kind}",
            self.release,
            self.library.display()
        )
    }
}

/// Where the standard library is missing in that directory, if it is: CPython aborts the process when
/// it cannot import `encodings`.
pub fn missing_landmark(standard_library: &Path) -> Option<PathBuf> {
    if standard_library
        .extension()
        .is_some_and(|extension| extension == "zip")
    {
        return (!standard_library.is_file()).then(|| standard_library.to_owned());
    }
    [
        "os",
        "encodings/__init__",
        "encodings/aliases",
        "encodings/utf_8",
    ]
    .into_iter()
    .find(|name| {
        !["py", "pyc"]
            .iter()
            .any(|end| standard_library.join(format!("{name}.{end}")).is_file())
    })
    .map(|name| standard_library.join(format!("{name}.py")))
}
