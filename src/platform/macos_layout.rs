//! Where Python lies on macOS, and what its files are called. Asks the system nothing beyond the paths that it is
//! given, so that it is compiled and tested on every Unix.
//!
//! A framework (Apple's "Framework Programming Guide", "Anatomy of Framework Bundles") has its library without a
//! suffix: `Python.framework/Versions/3.13/Python`. The installation is the folder `Versions/3.13`, with `bin`
//! and `lib/python3.13` in it. python.org, Homebrew, MacPorts and Apple make such ones; conda, uv
//! (python-build-standalone) and pyenv without `--enable-framework` have `lib/libpython3.13.dylib`.

use std::path::{Path, PathBuf};

/// The libraries of frameworks: python.org's and Homebrew's, Apple's, and the free-threaded one.
const FRAMEWORK_LIBRARIES: [&str; 3] = ["Python", "Python3", "PythonT"];

/// Names of libpython's file for a version such as `3.13`: a dylib, or a framework's own file.
pub fn library_names(version: &str) -> Vec<String> {
    let mut names = vec![format!("libpython{version}.dylib")];
    if version.ends_with('t') {
        names.push("PythonT".to_owned());
    } else {
        names.extend(["Python", "Python3"].map(str::to_owned));
    }
    names
}

/// The version that the path of a libpython tells: `libpython3.13.dylib`, or
/// `Python.framework/Versions/3.13/Python`; `None`: it is none, or a link in a framework, which leads to one.
pub fn version_of_library(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    if let Some(version) = name
        .strip_prefix("libpython")
        .and_then(|rest| rest.strip_suffix(".dylib"))
    {
        return version.contains('.').then(|| version.to_owned());
    }
    if !FRAMEWORK_LIBRARIES.contains(&name) {
        return None;
    }
    let folder = path.parent()?;
    if folder.parent()?.file_name()? != "Versions" {
        return None;
    }
    // Not `Current`.
    let version = folder.file_name()?.to_str()?;
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if name == "PythonT" && !version.ends_with('t') {
        return Some(format!("{version}t"));
    }
    Some(version.to_owned())
}

/// Whether that is the name of the stable ABI's stub. macOS has none.
pub fn is_stub_name(_: &str) -> bool {
    false
}

/// What to install when an interpreter of that version has no shared libpython.
pub fn how_to_get_library(version: &str) -> String {
    format!(
        "install Python {version} of python.org or Homebrew, or build Python with --enable-shared or \
         --enable-framework (pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install {version})"
    )
}

/// Where the libpython of an installation may lie: `lib`, or, of a framework's `Versions/3.13`, that folder
/// itself.
pub fn library_folders(prefix: &Path) -> Vec<PathBuf> {
    let mut folders = vec![prefix.join("lib")];
    if prefix
        .parent()
        .is_some_and(|parent| parent.ends_with("Versions"))
    {
        folders.push(prefix.to_owned());
    }
    folders
}

/// The installation in a framework that is named as a whole.
pub fn installation_in(folder: &Path) -> PathBuf {
    if folder
        .extension()
        .is_some_and(|extension| extension == "framework")
    {
        folder.join("Versions/Current")
    } else {
        folder.to_owned()
    }
}

/// Where libpython may lie, newest version first: programs that were started by the Finder have a `PATH` with nothing
/// of Homebrew's, MacPorts' or python.org's on it. `arm`: for a process of Apple's own processors, whose
/// Homebrew has a prefix of its own.
pub fn system_library_folders(minors: impl Iterator<Item = u32>, arm: bool) -> Vec<PathBuf> {
    let mut homebrew = ["/opt/homebrew", "/usr/local"];
    if !arm {
        homebrew.reverse();
    }
    let mut folders = Vec::new();
    for minor in minors {
        let version = format!("3.{minor}");
        let framework = |place: String, name: &str| {
            PathBuf::from(place)
                .join(format!("{name}.framework/Versions"))
                .join(&version)
        };
        // python.org; Homebrew; MacPorts; Xcode and its command line tools.
        folders.push(framework("/Library/Frameworks".to_owned(), "Python"));
        for prefix in homebrew {
            let keg = format!("{prefix}/opt/python@{version}/Frameworks");
            folders.push(framework(keg, "Python"));
        }
        folders.push(framework(
            "/opt/local/Library/Frameworks".to_owned(),
            "Python",
        ));
        for developer in [
            "/Library/Developer/CommandLineTools",
            "/Applications/Xcode.app/Contents/Developer",
        ] {
            folders.push(framework(
                format!("{developer}/Library/Frameworks"),
                "Python3",
            ));
        }
    }
    folders.extend(homebrew.map(|prefix| Path::new(prefix).join("lib")));
    folders.push(PathBuf::from("/opt/local/lib"));
    folders
}

/// Apple's stand-in for Python, which starts the one of the chosen developer tools. Where none are installed, it opens a
/// window that offers to install them, and so must not be run for a search.
#[cfg_attr(not(target_vendor = "apple"), expect(dead_code))]
pub const STAND_IN: &str = "/usr/bin/python3";

/// What Apple's stand-in would start, looked for as xcode-select(1) tells: in the folder of `DEVELOPER_DIR`; in the one
/// that was chosen, to which /var/db/xcode_select_link leads; then in the usual ones.
pub fn behind_stand_in(developer: Option<&Path>) -> Vec<PathBuf> {
    let usual = [
        "/var/db/xcode_select_link",
        "/Applications/Xcode.app/Contents/Developer",
        "/Library/Developer/CommandLineTools",
    ];
    developer
        .into_iter()
        .chain(usual.iter().map(Path::new))
        .map(|folder| folder.join("usr/bin/python3"))
        .collect()
}

// mach/machine.h
const CPU_TYPE_X86_64: u32 = 0x0100_0007;
const CPU_TYPE_ARM64: u32 = 0x0100_000c;

/// Why that file cannot be loaded into a process of that architecture; `None`: it can.
pub fn foreign_library(file: &Path, architecture: &str) -> Option<String> {
    use std::io::Read;
    let mut header = Vec::new();
    match std::fs::File::open(file).and_then(|file| file.take(4096).read_to_end(&mut header)) {
        Err(error) => Some(format!("it cannot be read: {error}")),
        Ok(_) => check_header(&header, architecture),
    }
}

/// Why a library with that beginning cannot be loaded into a process of that architecture, as Rust calls it; `None`: it
/// can.
fn check_header(header: &[u8], architecture: &str) -> Option<String> {
    let own = if architecture == "aarch64" {
        CPU_TYPE_ARM64
    } else {
        CPU_TYPE_X86_64
    };
    let word = |at: usize| {
        header
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok())
    };
    let big = |at: usize| word(at).map(u32::from_be_bytes);
    // mach-o/fat.h and mach-o/loader.h: a universal file has big-endian entries after the count, of 20 bytes, or of 32
    // where files may be large; a plain one has its CPU type after the magic number, in its own order.
    let universal = |size: usize| -> Vec<u32> {
        (0..big(4).unwrap_or(0).min(16) as usize)
            .filter_map(|index| big(8 + size * index))
            .collect()
    };
    let types: Vec<u32> = match big(0) {
        Some(0xcafe_babe) => universal(20),
        Some(0xcafe_babf) => universal(32),
        // Of 64 bits, and of 32.
        Some(0xcffa_edfe | 0xcefa_edfe) => word(4).map(u32::from_le_bytes).into_iter().collect(),
        _ => {
            return Some(
                "it is no shared library: the file does not begin with a Mach-O header".to_owned(),
            );
        }
    };
    if types.contains(&own) {
        return None;
    }
    let names: Vec<String> = types
        .iter()
        .map(|cpu| match *cpu {
            7 => "i386".to_owned(),
            12 => "arm (32 bits)".to_owned(),
            CPU_TYPE_X86_64 => "x86_64".to_owned(),
            CPU_TYPE_ARM64 => "arm64".to_owned(),
            other => format!("CPU type {other:#x}"),
        })
        .collect();
    Some(format!(
        "it is built for another architecture: {}, and this process is {architecture}",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_libraries() {
        let version = |path: &str| version_of_library(Path::new(path));
        for (path, expected) in [
            ("/p/lib/libpython3.13.dylib", Some("3.13")),
            ("/p/lib/libpython3.13t.dylib", Some("3.13t")),
            ("/p/lib/libpython3.dylib", None),
            ("/L/Python.framework/Versions/3.12/Python", Some("3.12")),
            ("/L/Python3.framework/Versions/3.9/Python3", Some("3.9")),
            ("/L/PythonT.framework/Versions/3.13/PythonT", Some("3.13t")),
            ("/L/Python.framework/Versions/Current/Python", None),
            ("/L/Python.framework/Python", None),
            ("/L/Python.framework/Versions/3.12/Headers", None),
            (
                "/L/Python.framework/Versions/3.12/Resources/Python.app/Contents/MacOS/Python",
                None,
            ),
            ("/bin/Python", None),
        ] {
            assert_eq!(version(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn every_name_of_a_libpython_tells_its_version() {
        for wanted in ["3.11", "3.13t"] {
            for name in library_names(wanted) {
                let path = Path::new("/L/P.framework/Versions/3.11").join(&name);
                let version = version_of_library(&path).unwrap();
                assert_eq!(version.ends_with('t'), wanted.ends_with('t'), "{name}");
            }
        }
    }

    #[test]
    fn only_a_framework_has_its_library_at_its_root() {
        // Where case does not count, /opt/tools/Python would be a file or folder `python`.
        assert_eq!(
            library_folders(Path::new("/opt/tools")),
            [Path::new("/opt/tools/lib")]
        );
        let framework = Path::new("/Library/Frameworks/Python.framework/Versions/3.13");
        assert_eq!(
            library_folders(framework),
            [&framework.join("lib"), framework]
        );
        assert_eq!(
            installation_in(Path::new("/A.app/Contents/Frameworks/Python.framework")),
            Path::new("/A.app/Contents/Frameworks/Python.framework/Versions/Current")
        );
        assert_eq!(
            installation_in(Path::new("/opt/python")),
            Path::new("/opt/python")
        );
    }

    #[test]
    fn the_newest_version_and_the_own_homebrew_come_first() {
        let at = |arm: bool, path: &str| {
            let folders = system_library_folders([13, 12].into_iter(), arm);
            let found = folders.iter().position(|folder| folder == Path::new(path));
            found.unwrap_or_else(|| panic!("{path} is not in {folders:?}"))
        };
        let of =
            |version: &str, place: &str| format!("{place}/Python.framework/Versions/{version}");
        let arm = of("3.12", "/opt/homebrew/opt/python@3.12/Frameworks");
        let intel = of("3.12", "/usr/local/opt/python@3.12/Frameworks");
        assert!(at(true, &arm) < at(true, &intel));
        assert!(at(false, &intel) < at(false, &arm));
        let macports = of("3.13", "/opt/local/Library/Frameworks");
        assert!(at(true, &macports) < at(true, &of("3.12", "/Library/Frameworks")));
        assert!(at(true, &of("3.12", "/Library/Frameworks")) < at(true, "/opt/homebrew/lib"));
        let tools = "/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.12";
        assert!(at(true, tools) > at(true, &arm));
    }

    #[test]
    fn the_chosen_developer_tools_come_first() {
        let places = behind_stand_in(Some(Path::new("/X/Developer")));
        assert_eq!(places[0], Path::new("/X/Developer/usr/bin/python3"));
        assert_eq!(
            behind_stand_in(None).first().unwrap(),
            Path::new("/var/db/xcode_select_link/usr/bin/python3")
        );
    }

    #[test]
    fn headers_of_other_machines_are_refused() {
        let thin = |cpu: u32| [0xfeed_facf_u32.to_le_bytes(), cpu.to_le_bytes()].concat();
        assert_eq!(check_header(&thin(CPU_TYPE_ARM64), "aarch64"), None);
        assert_eq!(check_header(&thin(CPU_TYPE_X86_64), "x86_64"), None);
        let text = check_header(&thin(CPU_TYPE_X86_64), "aarch64").unwrap();
        assert!(
            text.contains("another architecture: x86_64, and this process is aarch64"),
            "{text}"
        );
        let old = [0xfeed_face_u32.to_le_bytes(), 7_u32.to_le_bytes()].concat();
        assert!(check_header(&old, "x86_64").unwrap().contains("i386"));
        assert!(
            check_header(b"#!/bin/sh", "x86_64")
                .unwrap()
                .contains("no shared library")
        );
        assert!(
            check_header(b"", "x86_64")
                .unwrap()
                .contains("no shared library")
        );
    }

    #[test]
    fn one_part_of_a_universal_file_is_enough() {
        for (magic, size) in [(0xcafe_babe_u32, 20), (0xcafe_babf, 32)] {
            let mut file = [magic.to_be_bytes(), 2_u32.to_be_bytes()].concat();
            for cpu in [CPU_TYPE_X86_64, CPU_TYPE_ARM64] {
                let entry = file.len();
                file.extend(cpu.to_be_bytes());
                file.resize(entry + size, 0);
            }
            assert_eq!(check_header(&file, "aarch64"), None);
            assert_eq!(check_header(&file, "x86_64"), None);
            let text = check_header(&file[..8 + 4], "aarch64").unwrap();
            assert!(text.contains("x86_64"), "{text}");
        }
    }
}
