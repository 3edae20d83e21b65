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
pub fn system_library_folders(minors: impl Iterator<Item = u8>, arm: bool) -> Vec<PathBuf> {
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
}
