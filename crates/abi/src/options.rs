//! The structs and flags with which a host says what it wants.

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

/// How to open a directory. All zero but `struct_size` means the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusLoaderOptions {
    /// `sizeof(NexusLoaderOptions)`.
    pub struct_size: usize,
    /// Any of the `NEXUS_LOADER_…` flags.
    pub flags: u32,
    /// The names of the modules to load, UTF-8. NULL: all.
    pub modules: *const *const c_char,
    /// How many strings `modules` has.
    pub module_count: usize,
}

/// Discover now, load each module at its first `nexus_loader_get`.
pub const NEXUS_LOADER_LAZY: u32 = 1;
/// Descend into packages and plain folders.
pub const NEXUS_LOADER_RECURSIVE: u32 = 2;
/// Import each module in a child process first.
pub const NEXUS_LOADER_TRIAL: u32 = 4;
/// Open only the files that the directory's list of checksums names.
pub const NEXUS_LOADER_VERIFY: u32 = 8;
/// When the loader is freed, call `cleanup()` of each of its modules that has one.
pub const NEXUS_LOADER_CLEANUP_ON_FREE: u32 = 16;
