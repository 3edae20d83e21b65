//! Layouts of macOS, on any Unix: `layout.rs` once more, with the names and places of macOS.

use super::tree::Tree;
use super::{ask, installation, release, venv};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

mod platform {
    pub use crate::platform::macos_layout::{
        how_to_get_library, installation_in, is_stub_name, library_folders, library_names,
        version_of_library,
    };
    pub use crate::platform::{
        program_of, programs, standard_libraries, version_of_program, zipped_standard_libraries,
    };
    use nexus_inspect::{Format, Machine};
    use std::path::{Path, PathBuf};

    pub fn foreign_library(file: &Path) -> Option<String> {
        crate::platform::foreign_to(Format::MachO, Machine::Aarch64, file)
    }

    pub fn real_program(program: &Path) -> Result<PathBuf, String> {
        Ok(program.to_owned())
    }
}

// With another `platform` beside it, and without what only the search takes.
#[allow(clippy::duplicate_mod, dead_code)]
#[path = "layout.rs"]
mod layout;

use layout::resolve;

const ARM64: [u8; 32] = dylib(0x0c);
const X86_64: [u8; 32] = dylib(0x07);

/// The header of a dylib for that processor.
const fn dylib(cpu: u8) -> [u8; 32] {
    let mut header = [0; 32];
    let words = [
        [0xcf, 0xfa, 0xed, 0xfe],
        [cpu, 0, 0, 1],
        [0; 4],
        [6, 0, 0, 0],
    ];
    let mut at = 0;
    while at < 16 {
        header[at] = words[at / 4][at % 4];
        at += 1;
    }
    header
}

/// A framework in that folder, as python.org's installer and Homebrew lay it out.
fn framework(tree: &Tree, folder: &str, name: &str, version: &str, machine: &[u8]) -> String {
    let root = format!("{folder}/{name}.framework");
    let home = format!("{root}/Versions/{version}");
    tree.file(&format!("{home}/{name}"), machine)
        .file(&format!("{home}/bin/python{version}"), machine)
        .standard_library(&format!("{home}/lib/python{version}"));
    for (target, link) in [
        (format!("python{version}"), format!("{home}/bin/python3")),
        (
            format!("../{name}"),
            format!("{home}/lib/libpython{version}.dylib"),
        ),
        (version.to_owned(), format!("{root}/Versions/Current")),
        (format!("Versions/Current/{name}"), format!("{root}/{name}")),
    ] {
        symlink(target, tree.path(&link)).unwrap();
    }
    home
}

#[test]
fn a_framework_is_read_from_each_of_its_parts() {
    let tree = Tree::new("framework");
    let home = framework(&tree, "Frameworks", "Python", "3.13", &ARM64);
    let root = "Frameworks/Python.framework";
    for part in [
        root,
        &format!("{root}/Python"),
        &format!("{root}/Versions/Current"),
        &format!("{root}/Versions/Current/Python"),
        &home,
        &format!("{home}/Python"),
        &format!("{home}/bin/python3"),
        &format!("{home}/bin/python3.13"),
        &format!("{home}/lib/libpython3.13.dylib"),
    ] {
        let found = resolve(&tree.path(part)).unwrap_or_else(|why| panic!("{part}: {why}"));
        let home = tree.path(&home);
        assert_eq!(found.library, home.join("Python"), "{part}");
        assert_eq!(found.release.to_string(), "3.13", "{part}");
        assert_eq!(found.prefix.canonicalize().unwrap(), home, "{part}");
        assert!(found.program.is_file(), "{part}: {:?}", found.program);
        let library = found.standard_library.canonicalize().unwrap();
        assert_eq!(library, home.join("lib/python3.13"), "{part}");
    }
}

#[test]
fn homebrews_links_lead_to_its_framework() {
    let tree = Tree::new("homebrew");
    let keg = "Cellar/python@3.12/3.12.8";
    let home = framework(
        &tree,
        &format!("{keg}/Frameworks"),
        "Python",
        "3.12",
        &ARM64,
    );
    for folder in ["bin", "opt", &format!("{keg}/bin")] {
        fs::create_dir_all(tree.path(folder)).unwrap();
    }
    let program = "../Frameworks/Python.framework/Versions/3.12/bin/python3.12";
    for (target, link) in [
        (program, format!("{keg}/bin/python3.12")),
        (
            &format!("../{keg}/bin/python3.12"),
            "bin/python3.12".to_owned(),
        ),
        (&format!("../{keg}"), "opt/python@3.12".to_owned()),
    ] {
        symlink(target, tree.path(&link)).unwrap();
    }
    for part in [
        "bin/python3.12",
        "opt/python@3.12",
        "opt/python@3.12/bin/python3.12",
        "opt/python@3.12/Frameworks/Python.framework/Versions/3.12",
        "opt/python@3.12/Frameworks/Python.framework/Versions/3.12/Python",
    ] {
        let found = resolve(&tree.path(part)).unwrap_or_else(|why| panic!("{part}: {why}"));
        assert_eq!(found.library, tree.path(&home).join("Python"), "{part}");
    }
}

#[test]
fn a_virtual_environment_of_a_framework_leads_to_it() {
    let tree = Tree::new("framework-venv");
    let home = framework(&tree, "Frameworks", "Python", "3.11", &ARM64);
    let bin = tree.path(&home).join("bin");
    let text = format!("home = {}\nversion = 3.11.9\n", bin.display());
    tree.file("venv/pyvenv.cfg", text.as_bytes());
    fs::create_dir_all(tree.path("venv/bin")).unwrap();
    symlink(bin.join("python3.11"), tree.path("venv/bin/python3.11")).unwrap();
    symlink("python3.11", tree.path("venv/bin/python3")).unwrap();
    let found = resolve(&tree.path("venv")).unwrap();
    assert_eq!(found.prefix, tree.path("venv"));
    assert_eq!(found.base_prefix, tree.path(&home));
    assert_eq!(found.library, tree.path(&home).join("Python"));
}

#[test]
fn what_conda_and_uv_install_has_a_dylib() {
    let tree = Tree::new("dylib");
    tree.file("bin/python3.13", &ARM64)
        .file("lib/libpython3.13.dylib", &ARM64)
        .standard_library("lib/python3.13");
    // No framework, so that this is none of its files; where case does not count, it could be `python`.
    tree.file("Python", &X86_64);
    for part in ["", "bin/python3.13", "lib/libpython3.13.dylib"] {
        let found = resolve(&tree.path(part)).unwrap_or_else(|why| panic!("{part}: {why}"));
        assert_eq!(found.library, tree.path("lib/libpython3.13.dylib"));
    }
}

#[test]
fn what_cannot_be_used_is_told_apart() {
    let why = |path: &Path| resolve(path).unwrap_err();
    let tree = Tree::new("apple");
    let home = framework(&tree, "Frameworks", "Python3", "3.9", &ARM64);
    for part in ["bin/python3", "Python3"] {
        let text = why(&tree.path(&home).join(part));
        assert!(text.contains("it is Python 3.9; the oldest"), "{text}");
    }
    let tree = Tree::new("free-threaded");
    let home = framework(&tree, "Frameworks", "PythonT", "3.13", &ARM64);
    let text = why(&tree.path(&home).join("PythonT"));
    assert!(text.contains("free-threaded"), "{text}");
    let tree = Tree::new("rosetta");
    let home = framework(&tree, "Frameworks", "Python", "3.12", &X86_64);
    let text = why(&tree.path(&home));
    assert!(text.contains("another architecture: x86_64"), "{text}");
    let tree = Tree::new("no-installation");
    tree.file("A.framework/Versions/3.12/Python", &ARM64);
    let text = why(&tree.path("A.framework/Versions/3.12/Python"));
    assert!(text.contains("standard library is missing"), "{text}");
}
