//! What differs between systems, and what a bug report says about this one.

use serde::Serialize;
use std::path::{Path, PathBuf};

fn library_name() -> String {
    use nexus_abi::ABI;
    if cfg!(windows) {
        "nexus_loader.dll".to_owned()
    } else if cfg!(target_os = "macos") {
        format!("libnexus_loader.{ABI}.dylib")
    } else {
        format!("libnexus_loader.so.{ABI}")
    }
}

/// Where libnexus_loader can be: beside this program, in the `lib` folder beside its `bin` (of Debian:
/// with the name of the architecture), or where the dynamic linker finds it by its name.
pub fn libraries() -> Vec<PathBuf> {
    let name = library_name();
    // Without /proc, the name it was called by is all there is.
    let called = || std::env::args_os().next().map(PathBuf::from);
    let program = std::env::current_exe().ok().or_else(called);
    let program = program.and_then(|path| std::fs::canonicalize(path).ok());
    let mut files = Vec::new();
    if let Some(bin) = program.as_deref().and_then(Path::parent) {
        files.push(bin.join(&name));
        if let Some(prefix) = bin.parent() {
            let architecture = format!("lib/{}-linux-gnu", std::env::consts::ARCH);
            for folder in ["lib", &architecture, "lib64"] {
                files.push(prefix.join(folder).join(&name));
            }
        }
    }
    files.push(name.into());
    files
}

/// This machine, in words.
#[derive(Serialize)]
pub struct Platform {
    pub system: String,
    pub machine: String,
    pub distribution: String,
    pub c_library: String,
}

impl Platform {
    pub fn of_this_machine() -> Self {
        Self {
            system: system(),
            machine: std::env::consts::ARCH.to_owned(),
            distribution: distribution(),
            c_library: c_library(),
        }
    }
}

#[cfg(unix)]
fn system() -> String {
    let uname = rustix::system::uname();
    [uname.sysname(), uname.release()]
        .map(|text| text.to_string_lossy().into_owned())
        .join(" ")
}

#[cfg(not(unix))]
fn system() -> String {
    std::env::consts::OS.to_owned()
}

/// `macOS 15.1`: sw_vers(1).
#[cfg(target_os = "macos")]
fn distribution() -> String {
    let said = std::process::Command::new("/usr/bin/sw_vers")
        .arg("-productVersion")
        .output();
    said.ok()
        .filter(|said| said.status.success())
        .map(|said| format!("macOS {}", String::from_utf8_lossy(&said.stdout).trim()))
        .unwrap_or_default()
}

/// `PRETTY_NAME` of os-release(5).
#[cfg(not(target_os = "macos"))]
fn distribution() -> String {
    let text = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .map(|name| name.trim_matches(['"', '\'']).to_owned())
        .unwrap_or_default()
}

/// `glibc 2.36`, if that is what this system's programs use.
fn c_library() -> String {
    let said = std::process::Command::new("getconf")
        .arg("GNU_LIBC_VERSION")
        .output();
    said.ok()
        .filter(|said| said.status.success())
        .map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned())
        .unwrap_or_default()
}

/// The environment variables that decide which Python and which libraries are taken, those that are set.
pub fn environment() -> Vec<(String, String)> {
    const NAMES: [&str; 5] = [
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "PATH",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
    ];
    let mut set: Vec<(String, String)> = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(name, _)| {
            NAMES.contains(&name.as_str())
                || name.starts_with("PYTHON")
                || name.starts_with("DYLD_")
                || name.starts_with("NEXUS_")
        })
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect();
    set.sort();
    set
}
