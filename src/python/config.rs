//! What the host wants, owned.

use nexus_abi::ffi::Inputs;
use nexus_abi::{NexusPythonConfig, Result};
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
    /// What the host says about Python; `None` for NULL.
    pub fn of(inputs: Inputs<'_>, config: *const NexusPythonConfig) -> Result<Option<Self>> {
        let Some(raw) = inputs.sized("config", config)? else {
            return Ok(None);
        };
        let python = match raw.python.is_null() {
            true => None,
            false => Some(inputs.path("config->python", raw.python)?.to_owned()),
        };
        let argv = match raw.argv.is_null() && raw.argv_count == 0 {
            true => None,
            false => Some(
                inputs
                    .slice("config->argv", raw.argv, raw.argv_count)?
                    .iter()
                    .map(|text| Ok(inputs.path("config->argv", *text)?.as_os_str().to_owned()))
                    .collect::<Result<_>>()?,
            ),
        };
        Ok(Some(Self {
            flags: raw.flags,
            python,
            argv,
        }))
    }

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
