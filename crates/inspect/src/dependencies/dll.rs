//! The rules of Windows. DLLs are known by their file names, in any case.

use super::{Candidate, Dependencies, MissingFunctions, Node, Search, Tree, lock};
use crate::classify::missing_python_symbols;
use crate::dependencies::{LibraryState, Report};
use crate::detail::Detail;
use crate::image::{Image, Import};
use crate::machine::{Format, Platform};
use crate::name::Tag;
use crate::pe::{self, Exports};
use crate::problem::{Problem, list_text};
use crate::python_build::PythonBuild;
use crate::search::windows;
use crate::target::Target;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The places for one module and all that it needs.
struct Folders {
    /// In Windows's order.
    all: Vec<PathBuf>,
    /// Whether there are no others.
    complete: bool,
}

impl Dependencies {
    pub(super) fn walk_dlls(&self, path: &Path, image: &Image) -> Tree {
        let root = Node {
            name: String::new(),
            path: path.to_owned(),
            parent: None,
            rpath: Vec::new(),
            runpath: Vec::new(),
            has_runpath: false,
            candidate: None,
            optional: false,
        };
        let folders = self.folders(path);
        self.walk_from(root, image, file_name, |_, _, name| {
            self.find_dll(&folders, name, image)
        })
    }

    fn folders(&self, module: &Path) -> Folders {
        let here = self.options.platform == Platform::Windows;
        let own = std::path::absolute(module).unwrap_or_else(|_| module.to_owned());
        let mut all: Vec<PathBuf> = own.parent().map(Path::to_owned).into_iter().collect();
        if here {
            let program = self.options.program.as_deref().and_then(Path::parent);
            all.extend(program.map(Path::to_owned));
            // Python loads python3.dll from there when it starts.
            let python = lock(&self.loaded)
                .iter()
                .find(|(name, _)| PythonBuild::version_of_library(name).is_some())
                .and_then(|(_, path)| path.parent().map(Path::to_owned));
            all.extend(python);
            all.extend(self.options.dll_directories.iter().cloned());
        }
        all.extend(windows::vendored_folders(module));
        if here {
            all.extend(self.options.default_directories.iter().cloned());
        }
        Folders {
            all,
            complete: here,
        }
    }

    fn find_dll(&self, folders: &Folders, name: &str, image: &Image) -> Search {
        let file = file_name(name);
        if windows::is_api_set(&file) {
            return Search::without_file(LibraryState::OfSystem);
        }
        let loaded = lock(&self.loaded)
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&file))
            .map(|(_, path)| path.clone());
        if let Some(path) = loaded {
            return self.has(path);
        }
        if windows::is_known(&file) {
            return Search::without_file(LibraryState::OfSystem);
        }
        let paths = folders.all.iter().map(|folder| beside(folder, name, &file));
        let search = self.first(paths, Format::Pe, image.machine);
        if search.state != LibraryState::Missing {
            return search;
        }
        let certain =
            windows::is_vendored(&file) || folders.complete && !windows::is_side_by_side(&file);
        if !certain {
            return Search::without_file(LibraryState::NotLookedFor);
        }
        Search {
            looked: folders.all.clone(),
            ..search
        }
    }

    /// Windows refuses a module, too, when a DLL lacks a function that it names ("The specified procedure could
    /// not be found"), and does not say which.
    pub(super) fn check_functions(&self, tree: &Tree, root: &Image, report: &mut Report) {
        if root.format != Format::Pe {
            return;
        }
        for (index, node) in tree.nodes.iter().enumerate() {
            if node.optional {
                continue;
            }
            for import in &self.image_of(&tree.nodes, index, root).imports {
                let found = tree
                    .seen
                    .get(&file_name(&import.library))
                    .and_then(|index| tree.libraries[*index].path.as_deref());
                let Some(path) = found.filter(|_| !import.delayed) else {
                    continue;
                };
                let functions = self.missing_functions(import, path);
                if !functions.is_empty() {
                    report.missing_functions.push(MissingFunctions {
                        library: import.library.clone(),
                        path: path.to_owned(),
                        functions,
                        needed_by: (index > 0).then(|| node.name.clone()),
                    });
                }
            }
        }
    }

    fn missing_functions(&self, import: &Import, path: &Path) -> Vec<String> {
        let Some(exports) = self.exports_of(path) else {
            return Vec::new();
        };
        let names = import.names.iter().filter(|name| !exports.has_name(name));
        let ordinals = import
            .ordinals
            .iter()
            .filter(|ordinal| !exports.has_ordinal(**ordinal));
        names
            .cloned()
            .chain(ordinals.map(|ordinal| format!("#{ordinal}")))
            .collect()
    }

    fn exports_of(&self, path: &Path) -> Option<Arc<Exports>> {
        if let Some(exports) = lock(&self.exports).get(path) {
            return Some(exports.clone());
        }
        // What cannot be read is told as damaged.
        let Candidate::Library(_) = self.candidate(path).as_ref() else {
            return None;
        };
        let exports = Arc::new(pe::exports_of(path).ok()?);
        lock(&self.exports).insert(path.to_owned(), exports.clone());
        Some(exports)
    }
}

pub(super) fn function_problem(
    missing: &MissingFunctions,
    root: &Image,
    target: &Target,
) -> Problem {
    let names: Vec<&str> = missing.functions.iter().map(String::as_str).collect();
    let is_python = root
        .python
        .library
        .as_deref()
        .is_some_and(|library| library.eq_ignore_ascii_case(&missing.library));
    if is_python && missing.needed_by.is_none() && root.platform == target.platform {
        return missing_python_symbols(&names, root, &Tag::Plain, target);
    }
    let who = match &missing.needed_by {
        Some(library) => format!("{library} needs"),
        None => "needs".to_owned(),
    };
    Problem::new(
        Detail::MISSING_FUNCTION,
        format!(
            "{who} {} of {}, which {} does not have",
            list_text(&names, 3),
            missing.library,
            missing.path.display()
        ),
    )
}

/// The name by which Windows knows a DLL; without an extension it is `.dll`.
fn file_name(name: &str) -> String {
    let mut name = name.to_ascii_lowercase();
    if !name.contains('.') {
        name.push_str(".dll");
    }
    name
}

/// The file of that name in a folder. Where case matters, the file may be written as the module has it, or in
/// lower case, as linkers do.
fn beside(folder: &Path, name: &str, file: &str) -> PathBuf {
    let path = folder.join(name);
    if cfg!(windows) || path.exists() {
        return path;
    }
    let lower = folder.join(file);
    if lower.exists() {
        return lower;
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .find(|path| {
            let name = path.file_name().unwrap_or_default();
            name.eq_ignore_ascii_case(file)
        })
        .unwrap_or(path)
}
