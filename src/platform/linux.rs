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
    read_linker_configuration(Path::new("/etc/ld.so.conf"), &mut folders, 0);
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

fn read_linker_configuration(file: &Path, folders: &mut Vec<PathBuf>, depth: u32) {
    let Ok(text) = std::fs::read_to_string(file) else {
        return;
    };
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(pattern) = line.strip_prefix("include").map(str::trim) {
            // Distributions include one pattern, `/etc/ld.so.conf.d/*.conf`.
            if let (Some((folder, "*.conf")), true) = (pattern.rsplit_once('/'), depth < 4) {
                let Ok(entries) = std::fs::read_dir(folder) else {
                    continue;
                };
                let mut files: Vec<_> = entries
                    .filter_map(|entry| Some(entry.ok()?.path()))
                    .collect();
                files.retain(|file| {
                    file.extension()
                        .is_some_and(|extension| extension == "conf")
                });
                files.sort();
                for file in files {
                    read_linker_configuration(&file, folders, depth + 1);
                }
            }
        } else if line.starts_with('/') {
            folders.push(PathBuf::from(line));
        }
    }
}

/// What to install when an interpreter of that version has no shared libpython.
pub fn how_to_get_library(version: &str) -> String {
    format!(
        "install the package libpython{version} (Debian, Ubuntu) or python3-libs (Fedora), or build Python with \
         --enable-shared (pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install {version})"
    )
}

/// What to install when there is no Python at all.
pub fn how_to_get_python() -> &'static str {
    "install one (Debian, Ubuntu: apt install libpython3.11 or a later one; Fedora: dnf install python3-libs)"
}

/// Names under which a library of ours may lie beside another, the preferred first.
pub fn versioned_library_names(stem: &str, abi: u32) -> Vec<String> {
    vec![format!("lib{stem}.so.{abi}"), format!("lib{stem}.so")]
}

/// Why that file cannot be loaded into this process, told from its ELF header (the System V ABI, "ELF
/// Header"); `None`: it can. Opening it would say "wrong ELF class" at best.
pub fn foreign_library(file: &Path) -> Option<String> {
    use std::io::Read;
    let mut header = [0; 20];
    match std::fs::File::open(file).and_then(|mut file| file.read_exact(&mut header)) {
        Ok(()) => check_header(&header),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Some("it is no shared library: the file is too short".to_owned())
        }
        Err(error) => Some(format!("it cannot be read: {error}")),
    }
}

const OWN_MACHINE: Option<u16> = if cfg!(target_arch = "x86_64") {
    Some(62)
} else if cfg!(target_arch = "aarch64") {
    Some(183)
} else if cfg!(target_arch = "riscv64") {
    Some(243)
} else if cfg!(target_arch = "loongarch64") {
    Some(258)
} else if cfg!(target_arch = "powerpc64") {
    Some(21)
} else if cfg!(target_arch = "s390x") {
    Some(22)
} else {
    None
};

fn check_header(header: &[u8; 20]) -> Option<String> {
    if header[..4] != *b"\x7fELF" {
        return Some(
            "it is no shared library: the file does not begin with an ELF header".to_owned(),
        );
    }
    let (own_class, own_order) = (
        if cfg!(target_pointer_width = "64") {
            2
        } else {
            1
        },
        if cfg!(target_endian = "little") { 1 } else { 2 },
    );
    let machine = match header[5] {
        1 => u16::from_le_bytes([header[18], header[19]]),
        _ => u16::from_be_bytes([header[18], header[19]]),
    };
    if header[4] != own_class
        || header[5] != own_order
        || OWN_MACHINE.is_some_and(|own| own != machine)
    {
        return Some(format!(
            "it is built for another architecture: {}, and this process is {}",
            architecture(machine, header[4]),
            std::env::consts::ARCH
        ));
    }
    None
}

fn architecture(machine: u16, class: u8) -> String {
    let name = match machine {
        3 => "x86 (32 bits)",
        8 => "MIPS",
        20 => "powerpc (32 bits)",
        21 => "powerpc64",
        22 => "s390x",
        40 => "arm (32 bits)",
        62 if class == 1 => "x86_64 (x32)",
        62 => "x86_64",
        183 => "aarch64",
        243 => "riscv",
        258 => "loongarch",
        other => return format!("ELF machine {other}"),
    };
    name.to_owned()
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
    fn headers_of_other_machines_are_refused() {
        let mut header = [0; 20];
        header[..6].copy_from_slice(b"\x7fELF\x02\x01");
        header[18..].copy_from_slice(&OWN_MACHINE.unwrap().to_le_bytes());
        assert_eq!(check_header(&header), None);
        let other: u16 = if OWN_MACHINE == Some(183) { 62 } else { 183 };
        header[18..].copy_from_slice(&other.to_le_bytes());
        let text = check_header(&header).unwrap();
        assert!(
            text.contains("another architecture") && text.contains(std::env::consts::ARCH),
            "{text}"
        );
        header[4] = 1;
        header[18..].copy_from_slice(&3u16.to_le_bytes());
        assert!(check_header(&header).unwrap().contains("x86 (32 bits)"));
        header[..4].copy_from_slice(b"#!/b");
        assert!(check_header(&header).unwrap().contains("no shared library"));
    }

    #[test]
    fn the_file_of_this_program_is_not_foreign_and_a_short_file_is() {
        assert_eq!(foreign_library(&std::env::current_exe().unwrap()), None);
        assert!(
            foreign_library(Path::new("/dev/null"))
                .unwrap()
                .contains("too short")
        );
        assert!(
            foreign_library(Path::new("/no/such"))
                .unwrap()
                .contains("cannot be read")
        );
    }

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
