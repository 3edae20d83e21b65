//! macOS: dylibs and frameworks. Compiled and read, never run by its authors: the README says so.

use core::ffi::{c_char, c_void};
use std::ffi::CString;
use std::path::{Path, PathBuf};

/// Names of libpython's file for a version such as `3.13`: a dylib, or the framework's own file.
pub fn library_names(version: &str) -> Vec<String> {
    let framework = if version.ends_with('t') {
        "PythonT"
    } else {
        "Python"
    };
    vec![format!("libpython{version}.dylib"), framework.to_owned()]
}

/// The version that the path of a libpython tells: `libpython3.13.dylib`, or
/// `Python.framework/Versions/3.13/Python`; `None`: it is none.
pub fn version_of_library(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    if let Some(version) = name
        .strip_prefix("libpython")
        .and_then(|rest| rest.strip_suffix(".dylib"))
    {
        return version.contains('.').then(|| version.to_owned());
    }
    let folder = path.parent()?;
    if folder.parent()?.file_name()? != "Versions" {
        return None;
    }
    let version = folder.file_name()?.to_str()?;
    match name {
        "Python" => Some(version.to_owned()),
        "PythonT" => Some(format!("{version}t")),
        _ => None,
    }
}

/// Whether that is the name of the stable ABI's stub. macOS has none.
pub fn is_stub_name(_: &str) -> bool {
    false
}

/// Where the libpython of an installation may lie: `lib`, or, of a framework's
/// `Versions/3.13`, that folder itself.
pub fn library_folders(prefix: &Path) -> Vec<PathBuf> {
    vec![prefix.join("lib"), prefix.to_owned()]
}

/// Where libraries and frameworks of python.org, Homebrew and Xcode lie.
pub fn system_library_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = ["/usr/local/lib", "/opt/homebrew/lib"]
        .into_iter()
        .map(PathBuf::from)
        .collect();
    for frameworks in [
        "/Library/Frameworks",
        "/opt/homebrew/Frameworks",
        "/usr/local/Frameworks",
        "/Library/Developer/CommandLineTools/Library/Frameworks",
        "/Applications/Xcode.app/Contents/Developer/Library/Frameworks",
    ] {
        for (framework, flag) in [("Python.framework", ""), ("PythonT.framework", "t")] {
            let versions = Path::new(frameworks).join(framework).join("Versions");
            folders.extend(
                (11..=15)
                    .rev()
                    .map(|minor| versions.join(format!("3.{minor}{flag}"))),
            );
        }
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

/// What to install when an interpreter of that version has no shared libpython.
pub fn how_to_get_library(version: &str) -> String {
    format!(
        "install Python {version} of python.org or Homebrew, or build Python with --enable-shared or \
         --enable-framework (pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install {version})"
    )
}

/// What to install when there is no Python at all.
pub fn how_to_get_python() -> &'static str {
    "install one (of python.org, or: brew install python)"
}

/// Names under which a library of ours may lie beside another, the preferred first.
pub fn versioned_library_names(stem: &str, abi: u32) -> Vec<String> {
    vec![format!("lib{stem}.{abi}.dylib"), format!("lib{stem}.dylib")]
}

// mach/machine.h
const CPU_TYPE_X86_64: u32 = 0x0100_0007;
const CPU_TYPE_ARM64: u32 = 0x0100_000c;
const OWN_CPU_TYPE: u32 = if cfg!(target_arch = "aarch64") {
    CPU_TYPE_ARM64
} else {
    CPU_TYPE_X86_64
};

/// Why that file cannot be loaded into this process, told from its Mach-O header; `None`: it can.
pub fn foreign_library(file: &Path) -> Option<String> {
    use std::io::Read;
    let mut header = Vec::new();
    match std::fs::File::open(file).and_then(|file| file.take(4096).read_to_end(&mut header)) {
        Err(error) => Some(format!("it cannot be read: {error}")),
        Ok(_) => check_header(&header),
    }
}

fn check_header(header: &[u8]) -> Option<String> {
    let word = |at: usize| {
        header
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok())
    };
    let big = |at: usize| word(at).map(u32::from_be_bytes);
    // mach-o/fat.h and mach-o/loader.h: a universal file has big-endian entries of 20 bytes after the
    // count; a plain one has its CPU type after the magic number, in its own order.
    let types: Vec<u32> = match big(0) {
        Some(0xcafe_babe) => (0..big(4).unwrap_or(0).min(16) as usize)
            .filter_map(|index| big(8 + 20 * index))
            .collect(),
        Some(0xcffa_edfe) => word(4).map(u32::from_le_bytes).into_iter().collect(),
        _ => {
            return Some(
                "it is no shared library: the file does not begin with a Mach-O header".to_owned(),
            );
        }
    };
    if types.contains(&OWN_CPU_TYPE) {
        return None;
    }
    let names: Vec<String> = types
        .iter()
        .map(|cpu| match *cpu {
            CPU_TYPE_X86_64 => "x86_64".to_owned(),
            CPU_TYPE_ARM64 => "arm64".to_owned(),
            other => format!("CPU type {other:#x}"),
        })
        .collect();
    Some(format!(
        "it is built for another architecture: {}, and this process is {}",
        names.join(", "),
        std::env::consts::ARCH
    ))
}

unsafe extern "C" {
    // mach-o/dyld.h
    fn _dyld_image_count() -> u32;
    fn _dyld_get_image_name(index: u32) -> *const c_char;
    fn _dyld_get_image_header(index: u32) -> *const c_void;
    // unistd.h
    fn issetugid() -> libc::c_int;
}

/// Whether this process has more rights than its user: issetugid(2).
pub fn is_privileged() -> bool {
    // SAFETY: reads a flag of the process.
    unsafe { issetugid() != 0 }
}

/// The program's file.
pub(super) fn program_file() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// Where the program itself is mapped: the first image.
pub(super) fn program_base() -> Option<*const c_void> {
    // SAFETY: the first image is the program, and is never unloaded.
    let header = unsafe { _dyld_get_image_header(0) };
    (!header.is_null()).then_some(header)
}

/// The names of all mapped files but the program, as the linker knows them.
pub fn mapped_objects() -> Vec<CString> {
    super::collect_names(|each| {
        // SAFETY: an index past the end gives NULL, which `each` passes over; names are never freed while
        // their image is mapped.
        unsafe {
            for index in 1.._dyld_image_count() {
                each(_dyld_get_image_name(index));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_libraries() {
        let version = |path: &str| version_of_library(Path::new(path));
        assert_eq!(
            version("/p/lib/libpython3.13.dylib").as_deref(),
            Some("3.13")
        );
        assert_eq!(
            version("/L/Python.framework/Versions/3.12/Python").as_deref(),
            Some("3.12")
        );
        assert_eq!(
            version("/L/PythonT.framework/Versions/3.13/PythonT").as_deref(),
            Some("3.13t")
        );
        assert_eq!(version("/bin/Python"), None);
    }

    #[test]
    fn headers_of_other_machines_are_refused() {
        let mut header = 0xfeed_facf_u32.to_le_bytes().to_vec();
        header.extend(OWN_CPU_TYPE.to_le_bytes());
        assert_eq!(check_header(&header), None);
        header[4] ^= 0x40;
        assert!(check_header(&header).is_some_and(|text| text.contains("another architecture")));
        assert!(check_header(b"#!/bin/sh").is_some_and(|text| text.contains("no shared library")));
    }
}
