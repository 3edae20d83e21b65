//! Linux, and the other systems with ELF and `dl_iterate_phdr`.

use core::ffi::{c_char, c_void};
use std::path::{Path, PathBuf};

/// Names of libpython's file for a version such as `3.13`, the real file first, then the link that only
/// development packages have.
pub fn library_names(version: &str) -> Vec<String> {
    vec![
        format!("libpython{version}.so.1.0"),
        format!("libpython{version}.so"),
    ]
}

/// The version that the path of a libpython tells, such as `3.13t` of `libpython3.13t.so.1.0`; `None`: it
/// is none.
pub fn version_of_library(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let (version, _) = name.strip_prefix("libpython")?.split_once(".so")?;
    version.contains('.').then(|| version.to_owned())
}

/// Whether that is the name of the stable ABI's stub, which has no interpreter in it.
pub fn is_stub_name(name: &str) -> bool {
    name == "libpython3.so"
}

/// Where the libpython of an installation may lie.
pub fn library_folders(prefix: &Path) -> Vec<PathBuf> {
    let mut folders = vec![prefix.join("lib"), prefix.join("lib64")];
    folders.extend(multiarch().map(|folder| prefix.join("lib").join(folder)));
    folders
}

// Debian's multiarch folders, such as x86_64-linux-gnu: the triplet with neither vendor nor, for 32-bit
// x86, the exact model.
fn multiarch() -> impl Iterator<Item = String> {
    let arch = match std::env::consts::ARCH {
        "x86" => "i386",
        "powerpc64" => "powerpc64le",
        other => other,
    };
    let environment = if cfg!(target_env = "musl") {
        "musl"
    } else {
        "gnu"
    };
    core::iter::once(format!("{arch}-linux-{environment}"))
}

/// Where the system's own libraries lie, as the dynamic linker is told: `LD_LIBRARY_PATH`, what
/// `/etc/ld.so.conf` includes (ldconfig(8)), and the folders that it has built in.
pub fn system_library_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(list) = super::user_variable("LD_LIBRARY_PATH") {
        folders.extend(super::split_path(&list));
    }
    folders.extend(nexus_inspect::configured_directories(Path::new(
        nexus_inspect::CONFIGURATION,
    )));
    for prefix in ["/usr/local", "/usr", "/"] {
        folders.extend(library_folders(Path::new(prefix)));
    }
    let mut known = Vec::new();
    folders.retain(|folder| {
        let real = nexus_abi::path::real(folder);
        real.is_ok_and(|real| {
            let new = !known.contains(&real);
            known.push(real);
            new
        })
    });
    folders
}

/// What to install when an interpreter of that version has no shared libpython.
pub fn how_to_get_library(version: &str) -> String {
    format!(
        "install the package libpython{version} (Debian, Ubuntu) or python3-libs (Fedora), or build Python with \
         --enable-shared (pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install {version})"
    )
}

/// What to install when there is no Python at all.
pub fn how_to_get_python() -> String {
    format!(
        "install one (Debian, Ubuntu: apt install libpython3.{} or a later one; Fedora: dnf install python3-libs)",
        nexus_abi::supported::OLDEST
    )
}

/// Names under which a library of ours may lie beside another, the preferred first.
pub fn versioned_library_names(stem: &str, abi: u32) -> Vec<String> {
    vec![format!("lib{stem}.so.{abi}"), format!("lib{stem}.so")]
}

/// Whether this process has more rights than its user (setuid, file capabilities): getauxval(3),
/// `AT_SECURE`.
pub fn is_privileged() -> bool {
    // SAFETY: reads a number that the kernel gave.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// The program's file; from the kernel's own record where /proc is not mounted.
pub(super) fn program_file() -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    if let Ok(file) = std::env::current_exe() {
        return Some(file);
    }
    // SAFETY: NULL, or a string that lives as long as the process (getauxval(3), `AT_EXECFN`).
    let path = unsafe {
        let path = libc::getauxval(libc::AT_EXECFN) as *const c_char;
        if path.is_null() {
            return None;
        }
        core::ffi::CStr::from_ptr(path)
    };
    let path = Path::new(std::ffi::OsStr::from_bytes(path.to_bytes()));
    path.is_absolute().then(|| path.to_owned())
}

/// Where the program itself is mapped.
pub(super) fn program_base() -> Option<*const c_void> {
    // SAFETY: as above. The program headers lie in the program's first segment.
    let headers = unsafe { libc::getauxval(libc::AT_PHDR) } as *const c_void;
    let mut info = core::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: `dladdr` takes any address and fills the struct when it returns other than 0.
    unsafe {
        if libc::dladdr(headers, info.as_mut_ptr()) == 0 {
            return None;
        }
        Some(info.assume_init().dli_fbase.cast_const())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_libraries() {
        let version = |path: &str| version_of_library(Path::new(path));
        assert_eq!(
            version("/usr/lib/libpython3.13.so.1.0").as_deref(),
            Some("3.13")
        );
        assert_eq!(version("libpython3.13t.so").as_deref(), Some("3.13t"));
        assert_eq!(version("/lib/libpython3.so"), None);
        assert_eq!(version("/lib/libssl.so.3"), None);
    }
}
