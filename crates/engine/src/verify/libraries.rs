//! Libraries beside a module that it needs (`$ORIGIN`, `$ORIGIN/../pkg.libs`).
//!
//! A copy lies nowhere near them, so the linker would not find them; and what it found by itself would be
//! unverified. So they are loaded before the module, from verified copies, the needed before the needing:
//! the linker takes a loaded library of the wanted DT_SONAME before it looks for a file. Libraries outside
//! the directory are the system's and left to the linker.

use super::allow::{AllowList, Verified};
use super::linker;
use nexus_abi::{Failure, NexusStatus, Result};
use nexus_inspect::{Detail, Format, Image, Problem, Target};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

impl AllowList {
    /// Loads the libraries of the directory that a module needs and the process does not have yet. Runs
    /// their constructors. Any thread; needs no GIL.
    pub fn load_libraries(&self, module: &Verified, target: &Target) -> Result<()> {
        let image = read(module)?;
        if image.format != Format::Elf {
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
        let mut visited = HashSet::new();
        self.load_needed(module.original(), &image, &found, &mut visited)
    }

    fn load_needed(
        &self,
        needing: &Path,
        image: &Image,
        found: &HashMap<String, PathBuf>,
        visited: &mut HashSet<String>,
    ) -> Result<()> {
        for name in &image.needed {
            let Some(path) = found.get(name) else {
                continue;
            };
            if !visited.insert(name.clone()) || linker::is_loaded(Path::new(name)) {
                continue;
            }
            self.load_library(name, path, found, visited)
                .map_err(|mut failure| {
                    failure.message =
                        format!("it needs {name}, which was not loaded: {}", failure.message);
                    failure.at_path(needing)
                })?;
        }
        Ok(())
    }

    fn load_library(
        &self,
        name: &str,
        path: &Path,
        found: &HashMap<String, PathBuf>,
        visited: &mut HashSet<String>,
    ) -> Result<()> {
        let library = self.open(path)?;
        let image = read(&library)?;
        // The linker would look for a file of that name and map it unverified.
        if image.soname.as_deref() != Some(name) {
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
        self.load_needed(path, &image, found, visited)?;
        linker::load(library.path()).map_err(|text| {
            let text = text.replace(&*library.path().to_string_lossy(), &path.to_string_lossy());
            Failure::new(NexusStatus::NEXUS_ERR_LOAD_FAILED, text.clone())
                .with_detail(Detail::DLOPEN_FAILED.number())
                .with_linker(text)
                .at_path(path)
        })
    }
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
