//! Where the dynamic linker looks for a library: the directories, their order and their variables
//! (man 8 ld.so; for musl, its `ldso/dynlink.c`). Those of Windows and macOS are in the modules of that name.

pub(crate) mod configuration;
pub(crate) mod macos;
pub(crate) mod windows;

use crate::image::Image;
use crate::ldcache::Cache;
use crate::machine::{CLibrary, Machine, Platform};
use configuration::{CONFIGURATION, configured_directories};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// What a process brings to the search. The fields can be filled by hand, for tests and for the Python
/// of another process.
#[derive(Debug, Clone)]
pub struct SearchOptions {
    /// The system whose folders are looked at. Of files for another one only those libraries are looked for
    /// that must lie beside the module.
    pub platform: Platform,
    /// LD_LIBRARY_PATH as it was when the process started; later changes have no effect on the linker. On
    /// macOS DYLD_LIBRARY_PATH.
    pub library_path: Vec<PathBuf>,
    /// The DT_RPATH directories, expanded, of the program and of the library that calls `dlopen`. On macOS the
    /// LC_RPATH directories of the program.
    pub ancestor_rpath: Vec<PathBuf>,
    /// The program that the process runs: Windows looks in its folder, and so does `@executable_path`.
    pub program: Option<PathBuf>,
    /// The folders of `AddDllDirectory`. Windows only.
    pub dll_directories: Vec<PathBuf>,
    /// The version of macOS, as (14, 5).
    pub system_version: Option<(u16, u16)>,
    /// Sonames that the process has loaded already, with their paths.
    pub loaded: HashMap<String, PathBuf>,
    /// The linker's cache. glibc only.
    pub cache: PathBuf,
    /// The directories that are searched last. Empty: those of the system.
    pub default_directories: Vec<PathBuf>,
}

impl Default for SearchOptions {
    fn default() -> Self {
        SearchOptions {
            platform: Platform::host(),
            library_path: Vec::new(),
            ancestor_rpath: Vec::new(),
            program: None,
            dll_directories: Vec::new(),
            system_version: None,
            loaded: HashMap::new(),
            cache: PathBuf::from("/etc/ld.so.cache"),
            default_directories: Vec::new(),
        }
    }
}

impl SearchOptions {
    /// Those of this process: the environment that it was started with, unless it is privileged, and what its
    /// program says. What is loaded is for the caller to add, and so are the folders of `AddDllDirectory`,
    /// which Windows does not tell.
    pub fn of_process() -> SearchOptions {
        let mut options = SearchOptions {
            program: std::env::current_exe().ok(),
            ..SearchOptions::default()
        };
        match options.platform {
            Platform::Windows => options.default_directories = windows::system_folders(),
            Platform::MacOs => macos::of_process(&mut options),
            _ => options.read_process(),
        }
        options
    }

    /// On systems with ELF files, from `/proc`.
    fn read_process(&mut self) {
        if !is_privileged() {
            self.library_path = initial_library_path();
        }
        if let Some(program) = &self.program
            && let Ok(image) = Image::read(program)
            && let (Some(rpath), None) = (&image.rpath, &image.runpath)
        {
            self.ancestor_rpath = Variables::of(program, image.machine).expand_list(rpath);
        }
    }
}

/// The environment that the process was started with.
fn initial_library_path() -> Vec<PathBuf> {
    const NAME: &[u8] = b"LD_LIBRARY_PATH=";
    let environment = std::fs::read("/proc/self/environ").unwrap_or_default();
    let value = environment
        .split(|byte| *byte == 0)
        .find_map(|variable| variable.strip_prefix(NAME));
    match value {
        // The linker takes semicolons too, and an empty part is the current directory.
        Some(value) if !value.is_empty() => value
            .split(|byte| matches!(byte, b':' | b';'))
            .map(|part| match part {
                b"" => PathBuf::from("."),
                part => bytes_path(part),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// AT_SECURE: the linker ignores the environment of a setuid program.
fn is_privileged() -> bool {
    const AT_SECURE: usize = 23;
    const WORD: usize = size_of::<usize>();
    let vector = std::fs::read("/proc/self/auxv").unwrap_or_default();
    vector.chunks_exact(2 * WORD).any(|pair| {
        let word = |bytes: &[u8]| bytes.try_into().map_or(0, usize::from_ne_bytes);
        word(&pair[..WORD]) == AT_SECURE && word(&pair[WORD..]) != 0
    })
}

#[cfg(unix)]
pub(crate) fn bytes_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(crate) fn bytes_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// The values of `$ORIGIN`, `$LIB` and `$PLATFORM` for one library.
pub(crate) struct Variables {
    origin: PathBuf,
    machine: Machine,
}

impl Variables {
    /// Of the library at this path, links not resolved, as the linker does.
    pub(crate) fn of(path: &Path, machine: Machine) -> Variables {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let origin = path.parent().map(Path::to_owned).unwrap_or_default();
        Variables { origin, machine }
    }

    /// The directories of a DT_RPATH or DT_RUNPATH. An empty part is the current directory.
    pub(crate) fn expand_list(&self, list: &OsStr) -> Vec<PathBuf> {
        let bytes = list.as_encoded_bytes();
        bytes
            .split(|byte| *byte == b':')
            .flat_map(|part| match part {
                b"" => vec![PathBuf::from(".")],
                part => self.expand(part),
            })
            .collect()
    }

    /// One directory. `$LIB` is what the distribution chose when it built glibc, so it becomes several.
    fn expand(&self, part: &[u8]) -> Vec<PathBuf> {
        if !part.contains(&b'$') {
            return vec![bytes_path(part)];
        }
        let libs: Vec<Vec<u8>> = if find(part, b"LIB").is_some() {
            let multiarch = multiarch(self.machine).map(|triple| format!("lib/{triple}"));
            let names = ["lib64", "lib", "lib32"].map(str::to_owned);
            multiarch
                .into_iter()
                .chain(names)
                .map(String::into_bytes)
                .collect()
        } else {
            vec![Vec::new()]
        };
        libs.iter()
            .map(|lib| {
                let mut text = part.to_vec();
                replace(
                    &mut text,
                    b"ORIGIN",
                    self.origin.as_os_str().as_encoded_bytes(),
                );
                replace(&mut text, b"LIB", lib);
                replace(&mut text, b"PLATFORM", self.machine.name().as_bytes());
                clean(&bytes_path(&text))
            })
            .collect()
    }
}

/// The position and length of `$NAME` or `${NAME}`.
fn find(text: &[u8], name: &[u8]) -> Option<(usize, usize)> {
    (0..text.len())
        .filter(|start| text[*start] == b'$')
        .find_map(|start| {
            let rest = &text[start + 1..];
            if rest
                .strip_prefix(b"{")
                .and_then(|rest| rest.strip_prefix(name))
                .is_some_and(|rest| rest.starts_with(b"}"))
            {
                return Some((start, name.len() + 3));
            }
            let after = rest.strip_prefix(name)?;
            let ends = after
                .first()
                .is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
            ends.then_some((start, name.len() + 1))
        })
}

fn replace(text: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    // A value that holds the variable itself must not be expanded again and again.
    for _ in 0..8 {
        match find(text, name) {
            Some((start, length)) => {
                drop(text.splice(start..start + length, value.iter().copied()))
            }
            None => return,
        }
    }
}

/// `a/pkg/../pkg.libs` reads better as `a/pkg.libs`; only where no link can be in between.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir
                if matches!(result.components().next_back(), Some(Component::Normal(_))) =>
            {
                if std::fs::symlink_metadata(&result).is_ok_and(|metadata| metadata.is_dir()) {
                    result.pop();
                } else {
                    result.push("..");
                }
            }
            other => result.push(other),
        }
    }
    result
}

/// Debian's name of the machine in library directories.
fn multiarch(machine: Machine) -> Option<&'static str> {
    Some(match machine {
        Machine::X86_64 => "x86_64-linux-gnu",
        Machine::X32 => "x86_64-linux-gnux32",
        Machine::I686 => "i386-linux-gnu",
        Machine::Aarch64 => "aarch64-linux-gnu",
        Machine::Armv7 => "arm-linux-gnueabihf",
        Machine::Riscv64 => "riscv64-linux-gnu",
        Machine::Ppc64le => "powerpc64le-linux-gnu",
        Machine::S390x => "s390x-linux-gnu",
        Machine::Loongarch64 => "loongarch64-linux-gnu",
        _ => return None,
    })
}

/// What is the same for all libraries of one machine and C library.
pub(crate) struct System {
    cache: Cache,
    directories: Vec<PathBuf>,
    musl: bool,
}

/// musl is all of these in one file; it never searches for them (`ldso/dynlink.c`, load_library).
const MUSL_OWN: [&str; 7] = ["c", "pthread", "rt", "m", "dl", "util", "xnet"];

impl System {
    pub(crate) fn new(options: &SearchOptions, machine: Machine, c_library: CLibrary) -> System {
        let musl = c_library == CLibrary::Musl;
        let mut cache = Cache::default();
        let mut directories = options.default_directories.clone();
        if musl {
            if directories.is_empty() {
                directories = musl_directories(machine);
            }
        } else {
            let bytes = std::fs::read(&options.cache).ok();
            let parsed = bytes.as_deref().and_then(Cache::parse);
            if directories.is_empty() {
                if parsed.is_none() {
                    directories = configured_directories(Path::new(CONFIGURATION));
                }
                directories.extend(glibc_directories(machine));
            }
            cache = parsed.unwrap_or_default();
        }
        System {
            cache,
            directories,
            musl,
        }
    }

    /// Whether the C library itself answers to this name, with no file of that name.
    pub(crate) fn is_built_in(&self, name: &str) -> bool {
        if !self.musl {
            return name.starts_with("linux-vdso.so") || name.starts_with("linux-gate.so");
        }
        let base = name
            .strip_prefix("lib")
            .and_then(|rest| rest.split('.').next());
        base.is_some_and(|base| MUSL_OWN.contains(&base))
    }

    /// Paths at which a library may be after all other places, in order.
    pub(crate) fn candidates(&self, name: &str) -> Vec<PathBuf> {
        let mut paths = self.cache.paths(name).to_vec();
        paths.extend(
            self.directories
                .iter()
                .map(|directory| directory.join(name)),
        );
        paths
    }

    /// Puts the directories of RPATH, LD_LIBRARY_PATH and RUNPATH into this C library's order.
    pub(crate) fn order<'p>(
        &self,
        rpath: &'p [PathBuf],
        library_path: &'p [PathBuf],
        runpath: &'p [PathBuf],
    ) -> Vec<&'p Path> {
        let parts = if self.musl {
            [library_path, rpath, runpath]
        } else {
            [rpath, library_path, runpath]
        };
        parts.into_iter().flatten().map(PathBuf::as_path).collect()
    }
}

fn glibc_directories(machine: Machine) -> Vec<PathBuf> {
    let mut directories = Vec::new();
    if let Some(triple) = multiarch(machine) {
        directories.extend([format!("/lib/{triple}"), format!("/usr/lib/{triple}")]);
    }
    let word = match machine.bits() {
        Some(32) => "lib32",
        _ => "lib64",
    };
    directories.extend([
        format!("/{word}"),
        format!("/usr/{word}"),
        "/lib".into(),
        "/usr/lib".into(),
    ]);
    let mut directories: Vec<PathBuf> = directories.into_iter().map(PathBuf::from).collect();
    directories.retain(|directory| directory.is_dir());
    directories
}

fn musl_directories(machine: Machine) -> Vec<PathBuf> {
    let name = match machine {
        Machine::I686 => "i386".to_owned(),
        Machine::Armv7 => "armhf".to_owned(),
        machine => machine.name(),
    };
    match std::fs::read_to_string(format!("/etc/ld-musl-{name}.path")) {
        Ok(text) => text
            .split([':', '\n'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(PathBuf::from)
            .collect(),
        Err(_) => ["/lib", "/usr/local/lib", "/usr/lib"]
            .map(PathBuf::from)
            .to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables() {
        let variables = Variables {
            origin: PathBuf::from("/nonexistent/pkg"),
            machine: Machine::X86_64,
        };
        let expand = |text: &str| variables.expand_list(OsStr::new(text));
        assert_eq!(expand("/a:/b"), [Path::new("/a"), Path::new("/b")]);
        assert_eq!(expand("$ORIGIN"), [Path::new("/nonexistent/pkg")]);
        assert_eq!(expand("${ORIGIN}/sub"), [Path::new("/nonexistent/pkg/sub")]);
        // The directory is not there, so its parent is left to the system.
        assert_eq!(
            expand("$ORIGIN/../x.libs"),
            [Path::new("/nonexistent/pkg/../x.libs")]
        );
        assert_eq!(
            expand("/opt/$LIB")[0],
            Path::new("/opt/lib/x86_64-linux-gnu")
        );
        assert_eq!(expand("/opt/$PLATFORM"), [Path::new("/opt/x86_64")]);
        assert_eq!(expand("$ORIGINAL"), [Path::new("$ORIGINAL")]);
        assert_eq!(expand("a::b")[1], Path::new("."));
    }

    #[test]
    fn a_variable_in_its_own_value_ends() {
        let mut text = b"$LIB".to_vec();
        replace(&mut text, b"LIB", b"x$LIB");
        assert!(text.len() < 100);
    }

    #[test]
    fn musl_has_its_own() {
        let options = SearchOptions::default();
        let musl = System::new(&options, Machine::X86_64, CLibrary::Musl);
        assert!(musl.is_built_in("libc.so.6") && musl.is_built_in("libpthread.so.0"));
        assert!(!musl.is_built_in("libcrypto.so.3") && !musl.is_built_in("libstdc++.so.6"));
        let glibc = System::new(&options, Machine::X86_64, CLibrary::Glibc);
        assert!(!glibc.is_built_in("libc.so.6"));
    }

    #[test]
    fn order() {
        let options = SearchOptions::default();
        let (rpath, library_path, runpath) = (["/r".into()], ["/l".into()], ["/u".into()]);
        let glibc = System::new(&options, Machine::X86_64, CLibrary::Glibc);
        let order = glibc.order(&rpath, &library_path, &runpath);
        assert_eq!(order, ["/r", "/l", "/u"].map(Path::new));
        let musl = System::new(&options, Machine::X86_64, CLibrary::Musl);
        let order = musl.order(&rpath, &library_path, &runpath);
        assert_eq!(order, ["/l", "/r", "/u"].map(Path::new));
    }
}
