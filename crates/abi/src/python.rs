//! Which Python is to run, and which one does.

use crate::value::RawBool;
use core::ffi::c_char;

/// Which Python, and how to start it. All zero but `struct_size` means the defaults.
///
/// Fields that a host's `struct_size` does not cover are taken as zero, so that a host built against
/// an older header goes on working.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusPythonConfig {
    /// `sizeof(NexusPythonConfig)`.
    pub struct_size: usize,
    /// Any of the `NEXUS_PYTHON_…` flags.
    pub flags: u32,
    /// An interpreter, a virtual environment, an installation prefix or a libpython file; a path in
    /// the platform's bytes. NULL: search.
    pub python: *const c_char,
    /// `sys.argv`, in the platform's bytes. NULL: `['']`.
    pub argv: *const *const c_char,
    /// How many strings `argv` has.
    pub argv_count: usize,
}

/// Start without `site`: no `site-packages`, no `sitecustomize`.
pub const NEXUS_PYTHON_NO_SITE: u32 = 1;
/// Honour `PYTHONHOME`, `PYTHONPATH` and the other inherited `PYTHON…` variables, which are otherwise
/// ignored: they were set for another program.
pub const NEXUS_PYTHON_USE_ENVIRONMENT: u32 = 2;

/// Which Python runs. The strings are NUL-terminated, never NULL, and live as long as the process.
///
/// Fields that a host's `struct_size` does not cover are left alone.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusPythonInfo {
    /// `sizeof(NexusPythonInfo)`; set it before the call.
    pub struct_size: usize,
    /// The version as one number, `major << 16 | minor << 8 | micro`.
    pub version: u32,
    /// Whether nexus_loader has started it; otherwise it was in the process and was adopted.
    pub owned: RawBool,
    /// `sys.version`: the version with date and compiler. UTF-8.
    pub version_text: *const c_char,
    /// The file of the libpython, or of the program that has Python inside. The platform's bytes.
    pub library: *const c_char,
    /// `sys.executable`, in the platform's bytes; `""` where no interpreter is installed.
    pub executable: *const c_char,
    /// `sys.prefix`: the virtual environment or installation. The platform's bytes.
    pub prefix: *const c_char,
    /// For people: where it was found, and why it was taken. UTF-8.
    pub reason: *const c_char,
}
