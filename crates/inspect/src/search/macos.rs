//! Where dyld looks for the libraries of a module (man 1 dyld).
//!
//! A library is needed by its install name, which is a path: an absolute one, or one that begins with
//! `@loader_path` (the folder of the file that needs it), `@executable_path` (the program's), or `@rpath`
//! (each LC_RPATH of the file, of those that lead to it, and of the program).

use super::{SearchOptions, clean};
use crate::image::Image;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What the environment, the program and the system say. The linker does not look at DYLD_ variables that
/// were set after the start, but there is no telling them from others.
pub(super) fn of_process(options: &mut SearchOptions) {
    let list = |name: &str| -> Vec<PathBuf> {
        let value = std::env::var_os(name).unwrap_or_default();
        std::env::split_paths(&value).collect()
    };
    options.library_path = list("DYLD_LIBRARY_PATH");
    options.default_directories = list("DYLD_FALLBACK_LIBRARY_PATH");
    if options.default_directories.is_empty() {
        options.default_directories = ["/usr/local/lib", "/usr/lib"].map(PathBuf::from).to_vec();
    }
    options.system_version =
        std::fs::read_to_string("/System/Library/CoreServices/SystemVersion.plist")
            .ok()
            .as_deref()
            .and_then(product_version);
    if let Some(program) = &options.program
        && let Ok(image) = Image::read(program)
        && let Some(runpath) = &image.runpath
    {
        let places = Places {
            file: program,
            program: Some(program),
        };
        options.ancestor_rpath = split(runpath)
            .filter_map(|path| places.expand(&path))
            .collect();
    }
}

/// `<key>ProductVersion</key> <string>14.5</string>`
fn product_version(list: &str) -> Option<(u16, u16)> {
    let (_, rest) = list.split_once("<key>ProductVersion</key>")?;
    let (_, rest) = rest.split_once("<string>")?;
    let (version, _) = rest.split_once("</string>")?;
    let mut numbers = version.trim().split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next().unwrap_or(Some(0))?))
}

/// Libraries of the system, which are no files since macOS 11 but parts of one cache.
pub(crate) fn is_of_system(path: &Path) -> bool {
    ["/usr/lib", "/System"]
        .iter()
        .any(|folder| path.starts_with(folder))
}

/// What the variables in a path stand for.
pub(crate) struct Places<'p> {
    /// The file whose load commands have the path.
    pub(crate) file: &'p Path,
    /// The program, if it is known.
    pub(crate) program: Option<&'p Path>,
}

impl Places<'_> {
    /// A path without variables; `None` if one of them is not known. `@rpath` is for the caller.
    pub(crate) fn expand(&self, path: &str) -> Option<PathBuf> {
        let (base, rest) = if let Some(rest) = after(path, "@loader_path") {
            (self.file, rest)
        } else if let Some(rest) = after(path, "@executable_path") {
            (self.program?, rest)
        } else {
            return Some(PathBuf::from(path));
        };
        let base = std::path::absolute(base).unwrap_or_else(|_| base.to_owned());
        Some(clean(&base.parent()?.join(rest)))
    }
}

/// The LC_RPATH directories, unexpanded.
pub(crate) fn split(list: &OsStr) -> impl Iterator<Item = String> {
    list.as_encoded_bytes()
        .split(|byte| *byte == b':')
        .filter(|part| !part.is_empty())
        .map(|part| String::from_utf8_lossy(part).into_owned())
}

/// What follows a variable and its slash.
pub(crate) fn after<'p>(path: &'p str, variable: &str) -> Option<&'p str> {
    match path.strip_prefix(variable)? {
        "" => Some(""),
        rest => rest.strip_prefix('/'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let places = Places {
            file: Path::new("/nonexistent/pkg/a.so"),
            program: None,
        };
        let expand = |path: &str| places.expand(path);
        assert_eq!(
            expand("@loader_path/.dylibs/libz.dylib").unwrap(),
            Path::new("/nonexistent/pkg/.dylibs/libz.dylib")
        );
        assert_eq!(expand("@executable_path/../lib"), None);
        assert_eq!(expand("/usr/lib").unwrap(), Path::new("/usr/lib"));
        assert_eq!(
            expand("@loader_pathological").unwrap(),
            Path::new("@loader_pathological")
        );
        assert_eq!(
            split(OsStr::new("@loader_path/../lib:/opt")).collect::<Vec<_>>(),
            ["@loader_path/../lib", "/opt"]
        );
        assert!(is_of_system(Path::new("/usr/lib/libSystem.B.dylib")));
        assert!(!is_of_system(Path::new("/usr/local/lib/libz.dylib")));
    }

    #[test]
    fn versions() {
        let list = "<dict><key>ProductName</key><string>macOS</string>\n<key>ProductVersion</key>\n\t<string>14.5.1</string>";
        assert_eq!(product_version(list), Some((14, 5)));
        assert_eq!(
            product_version("<key>ProductVersion</key><string>15</string>"),
            Some((15, 0))
        );
        assert_eq!(
            product_version("<key>ProductVersion</key><string>new</string>"),
            None
        );
    }
}
