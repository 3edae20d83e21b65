//! Libraries beside a module that it needs (`$ORIGIN`, `$ORIGIN/../pkg.libs`).
//!
//! A copy lies nowhere near them, so the linker would not find them; and what it found by itself would be
//! unverified. So they are loaded before the module, from verified copies, the needed before the needing:
//! the linker takes a loaded library of the wanted DT_SONAME before it looks for a file. Libraries outside
//! the directory are the system's and left to the linker.
//!
//! Libraries that need each other (pillow's FreeType and HarfBuzz) have no such order. Their copies get
//! their names in a folder that only this user can enter, so that the linker finds one from the other.

use super::allow::{AllowList, Verified};
use super::linker;
use nexus_abi::{Failure, NexusStatus, Result};
use nexus_inspect::{Detail, Format, Image, Problem, Target};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Of libraries here.
const FORMAT: Format = if cfg!(windows) {
    Format::Pe
} else {
    Format::Elf
};

impl AllowList {
    /// Loads the libraries of the directory that a module needs and the process does not have yet. Runs
    /// their constructors. Needs no GIL.
    pub fn load_libraries(&self, module: &Verified, target: &Target) -> Result<()> {
        let image = read(module)?;
        if image.format != FORMAT {
            return Ok(());
        }
        // Where they are; what they need is read from their verified copies.
        let found: HashMap<String, PathBuf> = self
            .dependencies
            .check(module.original(), &image, target)
            .libraries
            .into_iter()
            .filter_map(|library| Some((library.name, library.path?)))
            .filter(|(_, path)| self.covers(path))
            .collect();
        let mut loading = Loading {
            list: self,
            found,
            visited: HashSet::new(),
            waiting: Vec::new(),
        };
        loading.load_needed(module.original(), &image)
    }
}

/// The libraries of one module while they load.
struct Loading<'a> {
    list: &'a AllowList,
    /// Where those of the directory are, by the names by which they are needed.
    found: HashMap<String, PathBuf>,
    visited: HashSet<String>,
    /// Those that need one that is in turn waiting for them, each after its own needs.
    waiting: Vec<Library>,
}

struct Library {
    name: String,
    file: Verified,
    needed: Vec<String>,
}

impl Loading<'_> {
    fn load_needed(&mut self, needing: &Path, image: &Image) -> Result<()> {
        for name in &image.needed {
            let Some(path) = self.found.get(name).cloned() else {
                continue;
            };
            if linker::is_loaded(Path::new(name)) || !self.visited.insert(name.clone()) {
                continue;
            }
            self.load_library(name, &path).map_err(|mut failure| {
                failure.message =
                    format!("it needs {name}, which was not loaded: {}", failure.message);
                failure.at_path(needing)
            })?;
        }
        Ok(())
    }

    fn load_library(&mut self, name: &str, path: &Path) -> Result<()> {
        let file = self.list.open(path)?;
        let image = read(&file)?;
        // The linker would look for a file of that name and map it unverified.
        if cfg!(not(windows)) && image.soname.as_deref() != Some(name) {
            let own = image.soname.as_deref().unwrap_or("none");
            return Err(Failure::new(
                NexusStatus::NEXUS_ERR_NOT_ALLOWED,
                format!(
                    "{} has the DT_SONAME {own}, so that it cannot stand for {name} without the linker \
                     opening it unverified; patchelf --set-soname mends it",
                    path.display()
                ),
            )
            .with_detail(Detail::MISSING_LIBRARY.number())
            .at_path(path));
        }
        let before = self.waiting.len();
        self.load_needed(path, &image)?;
        self.waiting.push(Library {
            name: name.to_owned(),
            file,
            needed: image.needed,
        });
        if self.last_can_be_loaded(before) {
            let libraries = self.waiting.split_off(before);
            load_together(&libraries)?;
        }
        Ok(())
    }

    /// Whether those that wait from that index on need nothing but each other and what is loaded.
    fn last_can_be_loaded(&self, from: usize) -> bool {
        let libraries = &self.waiting[from..];
        let mut needed = libraries.iter().flat_map(|library| &library.needed);
        needed.all(|name| {
            !self.found.contains_key(name)
                || libraries.iter().any(|library| library.name == *name)
                || linker::is_loaded(Path::new(name))
        })
    }
}

/// Loads the last of the libraries, which leads to all the others: they are all held open, so that nobody can change
/// what the loader finds.
#[cfg(windows)]
fn load_together(libraries: &[Library]) -> Result<()> {
    libraries
        .last()
        .map_or(Ok(()), |last| load(&last.file, last.file.path()))
}

/// Loads the last of the libraries, which leads to all the others.
#[cfg(unix)]
fn load_together(libraries: &[Library]) -> Result<()> {
    let Some((last, others)) = libraries.split_last() else {
        return Ok(());
    };
    if others.is_empty() {
        return load(&last.file, last.file.path());
    }
    use std::os::unix::fs::{PermissionsExt, symlink};
    let original = last.file.original();
    let failed = |error: std::io::Error| {
        Failure::new(NexusStatus::NEXUS_ERR_IO, error.to_string()).at_path(original)
    };
    let folder = tempfile::Builder::new()
        .prefix("nexus_loader-")
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir()
        .map_err(failed)?;
    for library in libraries {
        symlink(library.file.path(), folder.path().join(&library.name)).map_err(failed)?;
    }
    load(&last.file, &folder.path().join(&last.name))
}

fn load(library: &Verified, path: &Path) -> Result<()> {
    linker::load(path).map_err(|text| {
        let original = library.original();
        let text = text.replace(&*path.to_string_lossy(), &original.to_string_lossy());
        Failure::new(NexusStatus::NEXUS_ERR_LOAD_FAILED, text.clone())
            .with_detail(Detail::DLOPEN_FAILED.number())
            .with_linker(text)
            .at_path(original)
    })
}

fn read(file: &Verified) -> Result<Image> {
    Image::read(file.path()).map_err(|problem: Problem| {
        Failure::new(
            NexusStatus::NEXUS_ERR_LOAD_FAILED,
            format!("{}: {problem}", file.original().display()),
        )
        .with_detail(problem.detail.number())
        .at_path(file.original())
    })
}
