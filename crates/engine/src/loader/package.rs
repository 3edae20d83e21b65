//! Which dotted name a file has.
//!
//! A file of a package that is loaded by its path makes Python import the package, which imports the file
//! again: half-initialised modules, and crashes. So it is imported by its dotted name, with the folder
//! above the package on `sys.path`.

use nexus_abi::Result;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What the modules of a folder are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// By their stems: the folder is not a package.
    Plain {
        /// The folder as seen from the opened one, with a slash at its end; empty for the opened one. It
        /// tells two modules of one stem apart.
        label: String,
    },
    /// By this prefix and their stems.
    Package {
        /// The dotted name of the folder.
        prefix: String,
        /// What belongs on `sys.path`.
        root: PathBuf,
    },
}

impl Place {
    /// Of the directory that is opened: up the `__init__.py` to the first folder without one. A folder that has
    /// none itself and is below an entry of `search_path` (`sys.path`) where packages are installed is a namespace
    /// package (PEP 420).
    pub fn of(folder: &Path, search_path: impl FnOnce() -> Result<Vec<PathBuf>>) -> Result<Self> {
        let mut names = Vec::new();
        let mut root = folder;
        while is_package(root) {
            let (Some(name), Some(parent)) = (identifier(root.file_name()), root.parent()) else {
                break;
            };
            names.insert(0, name);
            root = parent;
        }
        let search_path = match names.is_empty() {
            true => search_path()?,
            false => Vec::new(),
        };
        if let Some((above, base)) = namespace(root, &search_path) {
            (names, root) = (above, base);
        }
        if names.is_empty() {
            return Ok(Self::Plain {
                label: String::new(),
            });
        }
        Ok(Self::Package {
            prefix: names.join("."),
            root: root.to_path_buf(),
        })
    }

    /// Of a folder in one of this place. `parent` is this place's folder.
    pub fn of_child(&self, parent: &Path, folder: &Path) -> Self {
        let Some(name) = identifier(folder.file_name()) else {
            let above = match self {
                Self::Package { prefix, .. } => format!("{}/", prefix.replace('.', "/")),
                Self::Plain { label } => label.clone(),
            };
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            return Self::Plain {
                label: format!("{above}{name}/"),
            };
        };
        match self {
            Self::Package { prefix, root } => Self::Package {
                prefix: format!("{prefix}.{name}"),
                root: root.clone(),
            },
            Self::Plain { .. } => Self::Package {
                prefix: name.to_string(),
                root: parent.to_path_buf(),
            },
        }
    }

    /// The name of a module in this place.
    pub fn module_name(&self, stem: &str) -> String {
        match self {
            Self::Package { prefix, .. } if stem == "__init__" => prefix.clone(),
            Self::Package { prefix, .. } => format!("{prefix}.{stem}"),
            Self::Plain { label } => format!("{label}{stem}"),
        }
    }

    /// What belongs on `sys.path` for this place's modules.
    pub fn root(&self) -> Option<&Path> {
        match self {
            Self::Package { root, .. } => Some(root),
            Self::Plain { .. } => None,
        }
    }
}

/// Whether packages are installed into that entry of `sys.path`. Other entries, such as a program's own folder,
/// may have any folder in them: `modules`, beside `main.py`, is mostly no package.
fn has_packages(entry: &Path) -> bool {
    entry
        .file_name()
        .is_some_and(|name| name == "site-packages" || name == "dist-packages")
}

/// The names between the longest such entry of `sys.path` above a folder and the folder, and that entry.
fn namespace<'a>(folder: &'a Path, search_path: &'a [PathBuf]) -> Option<(Vec<&'a str>, &'a Path)> {
    let base = search_path
        .iter()
        .filter(|entry| has_packages(entry) && folder != **entry && folder.starts_with(entry))
        .max_by_key(|entry| entry.as_os_str().len())?;
    let names: Option<Vec<&str>> = folder
        .strip_prefix(base)
        .ok()?
        .components()
        .map(|part| identifier(Some(part.as_os_str())))
        .collect();
    Some((names?, base))
}

/// Whether Python would take the folder for a regular package. An `__init__` may be compiled.
fn is_package(folder: &Path) -> bool {
    if folder.join("__init__.py").is_file() || folder.join("__init__.pyc").is_file() {
        return true;
    }
    crate::interpreter::get()
        .suffixes
        .iter()
        .any(|suffix| folder.join(format!("__init__{suffix}")).is_file())
}

/// A folder's name, if Python code can write it in an import (not `pkg.libs` or `x-1.dist-info`).
fn identifier(name: Option<&OsStr>) -> Option<&str> {
    let name = name?.to_str()?;
    let mut characters = name.chars();
    let starts = characters
        .next()
        .is_some_and(|c| c == '_' || c.is_alphabetic());
    (starts && characters.all(|c| c == '_' || c.is_alphanumeric())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_can_be_imported() {
        for good in ["numpy", "_core", "größe", "a1"] {
            assert_eq!(identifier(Some(OsStr::new(good))), Some(good));
        }
        for bad in ["numpy.libs", "x-1.dist-info", "1a", "", "a b"] {
            assert_eq!(identifier(Some(OsStr::new(bad))), None);
        }
    }

    #[test]
    fn children_extend_the_name() {
        let base = Path::new("/plugins");
        let opened = Place::Plain {
            label: String::new(),
        };
        assert_eq!(opened.module_name("crypto"), "crypto");
        let place = opened.of_child(base, Path::new("/plugins/a"));
        assert_eq!(place.module_name("x"), "a.x");
        assert_eq!(place.root(), Some(base));
        let deeper = place.of_child(Path::new("/plugins/a"), Path::new("/plugins/a/b"));
        assert_eq!(deeper.module_name("__init__"), "a.b");
        assert_eq!(deeper.root(), Some(base));
        let libraries =
            deeper.of_child(Path::new("/plugins/a/b"), Path::new("/plugins/a/b/c.libs"));
        assert_eq!(libraries.module_name("libz"), "a/b/c.libs/libz");
        assert_eq!(libraries.root(), None);
    }

    #[test]
    fn namespace_packages_are_named_from_the_search_path() {
        let site = "/lib/site-packages";
        let inner = "/lib/site-packages/vendored/dist-packages";
        let path = [site, inner, "/opt/myapp"].map(PathBuf::from);
        assert_eq!(
            namespace(Path::new("/lib/site-packages/google/upb"), &path),
            Some((vec!["google", "upb"], Path::new(site)))
        );
        assert_eq!(
            namespace(&Path::new(inner).join("x"), &path),
            Some((vec!["x"], Path::new(inner)))
        );
        for plain in [
            site,
            "/lib/site-packages/x.libs",
            "/opt/myapp/modules",
            "/other",
        ] {
            assert_eq!(namespace(Path::new(plain), &path), None);
        }
    }
}
