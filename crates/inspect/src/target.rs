//! The Python that would load a file.

use crate::machine::{CLibrary, Machine, Platform};
use crate::symbols::SymbolSet;
use std::sync::Arc;

/// A Python interpreter in a process: what files must fit to be loaded there.
#[derive(Debug, Clone)]
pub struct Target {
    /// Major and minor version, as (3, 11).
    pub version: (u8, u8),
    /// Whether it is a free-threaded build (Py_GIL_DISABLED, "3.13t").
    pub free_threaded: bool,
    /// The processor of the process.
    pub machine: Machine,
    /// The operating system.
    pub platform: Platform,
    /// The C library of the process.
    pub c_library: CLibrary,
    /// `sysconfig.get_config_var("SOABI")`, as `cpython-311-x86_64-linux-gnu`; `None` if unknown.
    pub soabi: Option<String>,
    /// The `Py…` and `_Py…` names that libpython exports ([`SymbolSet::of_libpython`]); `None`: do not
    /// compare.
    pub exports: Option<Arc<SymbolSet>>,
}

impl Target {
    /// A CPython of this version in this very process.
    pub fn host(version: (u8, u8), free_threaded: bool) -> Target {
        Target {
            version,
            free_threaded,
            machine: Machine::host(),
            platform: Platform::host(),
            c_library: CLibrary::host(),
            soabi: None,
            exports: None,
        }
    }

    /// The same with the exported names of a libpython.
    pub fn with_exports(mut self, exports: Arc<SymbolSet>) -> Target {
        self.exports = Some(exports);
        self
    }

    /// "CPython 3.11 on linux x86_64", for messages. The C library is added on request.
    pub(crate) fn describe(&self, c_library: bool) -> String {
        describe(
            Some(("cpython", Some(self.version))),
            self.free_threaded,
            self.platform,
            self.machine,
            if c_library {
                self.c_library
            } else {
                CLibrary::Unknown
            },
        )
    }
}

/// "free-threaded CPython 3.13 on linux x86_64 (musl)"; without an implementation just
/// "linux x86_64".
pub(crate) fn describe(
    python: Option<(&str, Option<(u8, u8)>)>,
    free_threaded: bool,
    platform: Platform,
    machine: Machine,
    c_library: CLibrary,
) -> String {
    let mut text = String::new();
    if let Some((implementation, version)) = python {
        if free_threaded {
            text.push_str("free-threaded ");
        }
        text.push_str(match implementation {
            "cpython" => "CPython",
            "pypy" => "PyPy",
            "graalpy" => "GraalPy",
            other => other,
        });
        if let Some((major, minor)) = version {
            text.push_str(&format!(" {major}.{minor}"));
        }
        text.push_str(" on ");
    }
    text.push_str(&format!("{platform} {machine}"));
    if c_library != CLibrary::Unknown {
        text.push_str(&format!(" ({})", c_library.name()));
    }
    text
}
