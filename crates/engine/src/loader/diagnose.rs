//! Why the dynamic linker refused a file.
//!
//! Its own text names one missing library at a time, and not who needs it. This looks afterwards, so that
//! what loads pays nothing, and a library that another module had brought is not a false alarm.

use crate::interpreter;
use crate::loader::dll_folders;
use nexus_abi::Failure;
use nexus_inspect::{Dependencies, Detail, Image, SearchOptions, SymbolSet, Target};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Puts the true reasons into a failure whose message is the linker's.
pub fn linker_failure(mut failure: Box<Failure>, path: &Path) -> Box<Failure> {
    if failure
        .message
        .starts_with("dynamic module does not define")
    {
        return failure.with_detail(Detail::NO_INIT_SYMBOL.number());
    }
    failure.linker.clone_from(&failure.message);
    let image = match Image::read(path) {
        Ok(image) => image,
        // The file was in order when it was examined; somebody has changed it since.
        Err(problem) => {
            failure.message = problem.message;
            return failure.with_detail(problem.detail.number());
        }
    };
    let problems = dependencies().check(path, &image, &target()).problems();
    match problems.as_slice() {
        [] => {
            if cfg!(target_vendor = "apple") {
                failure.message = nexus_abi::platform::dyld::explained(&failure.message);
            }
            failure.with_detail(Detail::DLOPEN_FAILED.number())
        }
        [first, ..] => {
            let texts: Vec<&str> = problems
                .iter()
                .map(|problem| problem.message.as_str())
                .collect();
            failure.message = texts.join("; ");
            let detail = first.detail.number();
            failure.with_detail(detail)
        }
    }
}

/// Finds the libraries that modules need, from what this process has now.
pub fn dependencies() -> Dependencies {
    let search = Dependencies::new(SearchOptions {
        dll_directories: dll_folders::known(),
        ..SearchOptions::of_process()
    });
    for library in nexus_abi::platform::mapped_files() {
        let soname = library
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        search.add_loaded(soname, library);
    }
    search
}

/// The interpreter with the names that it exports, which are read at the first need.
fn target() -> Target {
    static EXPORTS: OnceLock<Option<Arc<SymbolSet>>> = OnceLock::new();
    let target = interpreter::get().target.clone();
    let exports = EXPORTS.get_or_init(|| {
        SymbolSet::of_libpython(&crate::interpreter::library())
            .ok()
            .map(Arc::new)
    });
    match exports {
        Some(exports) => target.with_exports(Arc::clone(exports)),
        None => target,
    }
}
