//! What the host wants, owned.

use std::ffi::OsString;
use std::path::PathBuf;

/// `NexusPythonConfig` after its pointers were read.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Any of the `NEXUS_PYTHON_…` flags.
    pub flags: u32,
    /// An interpreter, a virtual environment, an installation prefix or a libpython.
    pub python: Option<PathBuf>,
    /// `sys.argv`.
    pub argv: Option<Vec<OsString>>,
}

impl Config {
    /// Whether `site` is left out.
    pub fn no_site(&self) -> bool {
        self.flags & nexus_abi::NEXUS_PYTHON_NO_SITE != 0
    }

    /// Whether the inherited `PYTHON…` variables count. Never in a program with more rights than its
    /// user.
    pub fn use_environment(&self) -> bool {
        self.flags & nexus_abi::NEXUS_PYTHON_USE_ENVIRONMENT != 0
            && !crate::platform::is_privileged()
    }
}
