//! macOS: dylibs and frameworks. Compiled, linked and read, never run by its authors: the README says so.

pub use super::macos_layout::{
    how_to_get_library, installation_in, is_stub_name, library_folders, library_names,
    version_of_library,
};

use super::macos_layout::{self, STAND_IN};
use core::ffi::c_void;
use std::path::{Path, PathBuf};

/// Where libraries and frameworks of python.org, Homebrew, MacPorts and Xcode lie.
pub fn system_library_folders() -> Vec<PathBuf> {
    let mut folders = macos_layout::system_library_folders(
        nexus_abi::supported::MINORS.rev(),
        cfg!(target_arch = "aarch64"),
    );
    folders.retain(|folder| folder.is_dir());
    folders
}

/// The interpreter that a file on `PATH` starts, if it is Apple's stand-in for one. The error is why it must not be
/// run.
pub fn real_program(program: &Path) -> Result<PathBuf, String> {
    if program != Path::new(STAND_IN) {
        return Ok(program.to_owned());
    }
    let developer = super::user_variable("DEVELOPER_DIR").map(PathBuf::from);
    macos_layout::behind_stand_in(developer.as_deref())
        .into_iter()
        .find(|file| file.is_file())
        .ok_or_else(|| {
            "it is Apple's stand-in for the Python of the developer tools, which are not installed"
                .to_owned()
        })
}

/// What to install when there is no Python at all.
pub fn how_to_get_python() -> String {
    "install one (of python.org, or: brew install python)".to_owned()
}

/// Names under which a library of ours may lie beside another, the preferred first.
pub fn versioned_library_names(stem: &str, abi: u32) -> Vec<String> {
    vec![format!("lib{stem}.{abi}.dylib"), format!("lib{stem}.dylib")]
}

unsafe extern "C" {
    // crt_externs.h
    fn _NSGetMachExecuteHeader() -> *const c_void;
    // unistd.h
    fn issetugid() -> libc::c_int;
}

/// Whether this process has more rights than its user: issetugid(2).
pub fn is_privileged() -> bool {
    // SAFETY: reads a flag of the process.
    unsafe { issetugid() != 0 }
}

/// The program's file: `_NSGetExecutablePath`.
pub(super) fn program_file() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// Where the program itself is mapped.
pub(super) fn program_base() -> Option<*const c_void> {
    // SAFETY: the address of the program's header, which is never unloaded.
    let header = unsafe { _NSGetMachExecuteHeader() };
    (!header.is_null()).then_some(header)
}
