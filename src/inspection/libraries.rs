//! Where the libraries of a module are looked for: the system's rules, and what this process has loaded.

use super::judged_for::Python;
use nexus_inspect::SearchOptions;
use std::ffi::OsStr;
use std::path::Path;

/// The search as the dynamic linker of this process would make it.
pub fn search(python: &Python) -> SearchOptions {
    let mut options = SearchOptions::of_process();
    for path in nexus_abi::platform::mapped_files() {
        // The linker opens libraries by their soname, so that is the file's name, links not followed.
        if let Some(name) = path.file_name().and_then(OsStr::to_str) {
            options.loaded.insert(name.to_owned(), path);
        }
    }
    // Its folder is one of those that the engine adds on Windows.
    let library = python.library();
    let folder = library.as_ref().and_then(|(_, path)| path.parent());
    options.dll_directories.extend(folder.map(Path::to_owned));
    options.loaded.extend(library);
    options
}
