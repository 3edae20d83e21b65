//! The rules of macOS. Libraries are known by their install names, which are paths.

use super::{Dependencies, LibraryState, Node, Search, Tree, lock};
use crate::detail::Detail;
use crate::image::Image;
use crate::machine::{Format, Machine, Platform};
use crate::problem::Problem;
use crate::search::macos::{Places, after, is_of_system, split};
use std::path::{Path, PathBuf};

/// The paths of one library, in dyld's order.
#[derive(Default)]
struct Paths {
    all: Vec<PathBuf>,
    /// Whether there may be others, which only the module's own system has.
    uncertain: bool,
    /// Whether one of them is in the shared cache, where no file is.
    of_system: bool,
}

impl Paths {
    /// Elsewhere than on macOS only what is relative to the module means anything.
    fn push(&mut self, path: PathBuf, here: bool) {
        self.of_system |= is_of_system(&path);
        if here {
            self.all.push(path);
        } else {
            self.uncertain = true;
        }
    }
}

impl Dependencies {
    pub(super) fn walk_dylibs(&self, path: &Path, image: &Image) -> Tree {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let root = self.node(String::new(), path, None, image, None);
        self.walk_from(root, image, str::to_owned, |nodes, index, name| {
            self.find_dylib(nodes, index, name, image)
        })
    }

    /// The program, if it is one of the module's own system.
    fn program(&self) -> Option<&Path> {
        (self.options.platform == Platform::MacOs)
            .then_some(self.options.program.as_deref())
            .flatten()
    }

    fn find_dylib(&self, nodes: &[Node], index: usize, name: &str, root: &Image) -> Search {
        if is_of_system(Path::new(name)) {
            return Search::without_file(LibraryState::OfSystem);
        }
        let paths = self.paths(nodes, index, name, root);
        let mut search = self.first(paths.all.iter().cloned(), Format::MachO, root.machine);
        if search.state != LibraryState::Missing {
            return search;
        }
        if let Some(path) = self.loaded_dylib(name) {
            return self.has(path);
        }
        if paths.of_system {
            search.state = LibraryState::OfSystem;
        } else if paths.uncertain {
            search.state = LibraryState::NotLookedFor;
        } else {
            search.looked = paths.all;
        }
        search
    }

    fn paths(&self, nodes: &[Node], index: usize, name: &str, root: &Image) -> Paths {
        let here = self.options.platform == Platform::MacOs;
        let mut paths = Paths::default();
        let leaf = Path::new(name).file_name().unwrap_or_default();
        if here {
            let folders = self.options.library_path.iter();
            paths.all.extend(folders.map(|folder| folder.join(leaf)));
        }
        if let Some(rest) = after(name, "@rpath") {
            self.run_paths(nodes, index, root, rest, &mut paths);
            return paths;
        }
        let places = Places {
            file: &nodes[index].path,
            program: self.program(),
        };
        match places.expand(name) {
            Some(path) => paths.push(path, here || name.starts_with("@loader_path")),
            None => paths.uncertain = true,
        }
        if here && !name.starts_with('@') {
            let folders = self.options.default_directories.iter();
            paths.all.extend(folders.map(|folder| folder.join(leaf)));
        }
        paths
    }

    /// The run paths of the file, of those that lead to it, and of the program, which elsewhere is not known.
    fn run_paths(&self, nodes: &[Node], index: usize, root: &Image, rest: &str, paths: &mut Paths) {
        let here = self.options.platform == Platform::MacOs;
        let mut current = Some(index);
        while let Some(index) = current {
            let places = Places {
                file: &nodes[index].path,
                program: self.program(),
            };
            let list = self.image_of(nodes, index, root).runpath.as_deref();
            for part in split(list.unwrap_or_default()) {
                match places.expand(&part) {
                    // What is relative to the module is known everywhere.
                    Some(folder) => {
                        paths.push(folder.join(rest), here || part.starts_with("@loader_path"));
                    }
                    None => paths.uncertain = true,
                }
            }
            current = nodes[index].parent;
        }
        let program = self.options.ancestor_rpath.iter();
        if here {
            paths.all.extend(program.map(|folder| folder.join(rest)));
        } else {
            paths.uncertain = true;
        }
    }

    /// A library that the process has. One of the same install name will do; of most only the file's name is
    /// known.
    fn loaded_dylib(&self, name: &str) -> Option<PathBuf> {
        if self.options.platform != Platform::MacOs {
            return None;
        }
        let loaded = lock(&self.loaded);
        if let Some(path) = loaded.get(name) {
            return Some(path.clone());
        }
        let leaf = Path::new(name).file_name()?.to_str()?;
        let path = loaded.get(leaf)?;
        (name.starts_with('@') || path == Path::new(name)).then(|| path.clone())
    }

    /// Linkers for Apple silicon sign what they make; strip and install_name_tool of other systems do not.
    pub(super) fn signature_problem(&self, image: &Image) -> Option<Problem> {
        let here = self.options.platform == image.platform && image.format == Format::MachO;
        (here && image.machine == Machine::Aarch64 && !image.is_signed).then(|| {
            Problem::new(
                Detail::NOT_SIGNED,
                "it has no code signature, and on Apple silicon macOS loads no such file",
            )
        })
    }

    /// A module for a later macOS than this one.
    pub(super) fn system_problem(&self, image: &Image) -> Option<Problem> {
        let (minimum, system) = (image.minimum_system?, self.options.system_version?);
        let here = self.options.platform == image.platform;
        (here && minimum > system).then(|| {
            Problem::new(
                Detail::SYSTEM_TOO_OLD,
                format!(
                    "built for macOS {}.{} and later, this is macOS {}.{}",
                    minimum.0, minimum.1, system.0, system.1
                ),
            )
        })
    }
}
