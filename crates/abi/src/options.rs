//! The structs and flags with which a host says what it wants.

use crate::failure::{Failure, Result};
use crate::ffi::check_flags;
use crate::status::NexusStatus;
use core::ffi::{c_char, c_void};

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
    /// The names of the modules to load, UTF-8: dotted names, stems, or patterns with `*`, `?` and `[…]`.
    /// They load in this order. NULL: all; not NULL with a count of 0: none.
    pub modules: *const *const c_char,
    /// How many strings `modules` has.
    pub module_count: usize,
    /// Asked before a module loads; NULL: all may.
    pub filter: NexusModuleFilter,
    /// Told after each module; NULL: nobody.
    pub progress: NexusLoadProgress,
    /// Handed to `filter` and `progress`. With `NEXUS_LOADER_LAZY` it must stay valid as long as the
    /// loader.
    pub user_data: *mut c_void,
    /// With `NEXUS_LOADER_TRIAL`: how long one module may take, in milliseconds; 0: 10,000.
    pub trial_milliseconds: u32,
    /// With `NEXUS_LOADER_VERIFY`: the list of checksums, as `sha256sum` writes it; a path in the
    /// platform's bytes. NULL: `SHA256SUMS` in the directory.
    pub allow_list: *const c_char,
}

/// Whether a module may load: name (UTF-8) and file (the platform's bytes), both valid during the call.
/// 0: no, and the report says so. Called on the thread that opens the loader, without the GIL.
pub type NexusModuleFilter = Option<
    unsafe extern "C" fn(name: *const c_char, path: *const c_char, user_data: *mut c_void) -> i32,
>;

/// Told after each of `total` modules that are to load, with its index from 0, name (UTF-8, valid during
/// the call), what became of it (`NexusState`), and the time it took in nanoseconds. Returning anything
/// but 0 cancels: the modules after it are not loaded, and the report says so. Called on the thread that
/// opens the loader, without the GIL.
pub type NexusLoadProgress = Option<
    unsafe extern "C" fn(
        index: usize,
        total: usize,
        name: *const c_char,
        state: u32,
        nanoseconds: u64,
        user_data: *mut c_void,
    ) -> i32,
>;

/// Find the files now; read and load each at its first `nexus_loader_get`. Until then only its name is known:
/// a helper library is listed like a module, and is `NEXUS_ERR_NOT_LOADED` when it is got. With
/// `NEXUS_LOADER_VERIFY` the files are read at once.
pub const NEXUS_LOADER_LAZY: u32 = 1;
/// Descend into packages and plain folders.
pub const NEXUS_LOADER_RECURSIVE: u32 = 2;
/// Import each module in a child process first.
pub const NEXUS_LOADER_TRIAL: u32 = 4;
/// Open only the files that the directory's list of checksums names.
pub const NEXUS_LOADER_VERIFY: u32 = 8;
/// With `NEXUS_LOADER_VERIFY`: refuse directories and lists that others than root and this user own or may
/// write. Windows has neither such owners nor modes: `NEXUS_ERR_NOT_SUPPORTED` there.
pub const NEXUS_LOADER_STRICT: u32 = 32;
/// When the loader is freed, call `cleanup()` of each of its modules that has one.
pub const NEXUS_LOADER_CLEANUP_ON_FREE: u32 = 16;

impl NexusLoaderOptions {
    /// The rules of the flags: which are known, and which go together.
    pub fn check_flags(flags: u32) -> Result<()> {
        let has = |flag| flags & flag != 0;
        if has(NEXUS_LOADER_STRICT) && !has(NEXUS_LOADER_VERIFY) {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_INVALID_ARGUMENT,
                "options->flags has NEXUS_LOADER_STRICT without NEXUS_LOADER_VERIFY: nothing would be checked",
            ));
        }
        check_flags(
            "options->flags",
            flags,
            NEXUS_LOADER_LAZY
                | NEXUS_LOADER_RECURSIVE
                | NEXUS_LOADER_TRIAL
                | NEXUS_LOADER_VERIFY
                | NEXUS_LOADER_STRICT
                | NEXUS_LOADER_CLEANUP_ON_FREE,
        )?;
        if has(NEXUS_LOADER_VERIFY) && has(NEXUS_LOADER_TRIAL) {
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_NOT_SUPPORTED,
                "NEXUS_LOADER_TRIAL with NEXUS_LOADER_VERIFY: the child process would run what is not on the list",
            ));
        }
        Ok(())
    }
}

/// For the bytes of an int: the most significant byte comes first. Without it, the least significant one,
/// as in the memory of x86-64 and aarch64.
pub const NEXUS_INT_BIG_ENDIAN: u32 = 1;
/// For the bytes of an int: no sign; without it, two's complement.
pub const NEXUS_INT_UNSIGNED: u32 = 2;
