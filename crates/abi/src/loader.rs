//! How a directory is opened.

use crate::failure::{Failure, Result};
use crate::ffi::check_flags;
use crate::status::NexusStatus;
use core::ffi::{c_char, c_void};

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
    /// Is asked before a module loads; NULL: all may load.
    pub filter: NexusModuleFilter,
    /// Is told after each module; NULL: nobody is told.
    pub progress: NexusLoadProgress,
    /// Is handed to `filter` and `progress`. With `NEXUS_LOADER_LAZY` it must stay valid as long as the
    /// loader.
    pub user_data: *mut c_void,
    /// With `NEXUS_LOADER_TRIAL`: how long one module may take, in milliseconds; 0: 10,000.
    pub trial_milliseconds: u32,
    /// With `NEXUS_LOADER_VERIFY`: the list of checksums, as `sha256sum` writes it; a path in the
    /// platform's bytes. NULL: `SHA256SUMS` in the directory.
    pub allow_list: *const c_char,
}

/// A function of the host that decides whether a module may load.
///
/// `name`: the module's name, UTF-8. `path`: its file, in the platform's bytes. Both are valid during the
/// call only. `user_data`: that of the options.
///
/// Returns 0: the module may not load, and the report says so; any other number: it may.
///
/// It is called on the thread that opens the loader, without the GIL.
pub type NexusModuleFilter = Option<
    unsafe extern "C" fn(name: *const c_char, path: *const c_char, user_data: *mut c_void) -> i32,
>;

/// A function of the host that is told of each module after it was loaded or has failed.
///
/// `index`: of the module, from 0. `total`: how many modules are to load. `name`: UTF-8, valid during the
/// call only. `state`: what became of it, a `NexusState`. `nanoseconds`: the time that took. `user_data`:
/// that of the options.
///
/// Returns 0: loading goes on; any other number: the modules after it are not loaded, and the report says so.
///
/// It is called on the thread that opens the loader, without the GIL.
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

/// Find the files now, and read and load each at its first `nexus_loader_get`. Until then only its name is
/// known: a helper library is listed like a module, and getting it returns `NEXUS_ERR_NOT_LOADED`. With
/// `NEXUS_LOADER_VERIFY` the files are read at once.
pub const NEXUS_LOADER_LAZY: u32 = 1;
/// Descend into packages and plain folders.
pub const NEXUS_LOADER_RECURSIVE: u32 = 2;
/// Import each module in a child process first.
pub const NEXUS_LOADER_TRIAL: u32 = 4;
/// Open only the files that the directory's list of checksums names.
pub const NEXUS_LOADER_VERIFY: u32 = 8;
/// With `NEXUS_LOADER_VERIFY`: refuse directories and lists that anyone but root and this user owns or may
/// write. Windows has neither such owners nor modes: opening returns `NEXUS_ERR_NOT_SUPPORTED` there.
pub const NEXUS_LOADER_STRICT: u32 = 32;
/// When the loader is freed, call `cleanup()` of each of its modules that has one.
pub const NEXUS_LOADER_CLEANUP_ON_FREE: u32 = 16;

impl NexusLoaderOptions {
    /// The rules of the flags: which are known, and which go together.
    pub fn check_flags(flags: u32) -> Result<()> {
        let has = |flag| flags & flag != 0;
        if has(NEXUS_LOADER_STRICT) && !has(NEXUS_LOADER_VERIFY) {
            return Err(Failure::invalid(
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
