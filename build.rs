//! Generates, from the signatures and comments of the exported functions:
//!
//! - `include/nexus_loader.h`, and of it `include/nexus_loader.cdef`;
//! - the forwarders: for each function of the engine its signature, and what it does until the engine is
//!   open;
//! - `docs/details.md` and the constants of the detail codes, also those of Go, from their one table.
//!
//! All of them are committed, so that a review sees them: a build that changes one says so. A new function
//! is written in one place: a `#[unsafe(no_mangle)] pub extern "C" fn nexus_…` in the front or in the
//! engine.

#[path = "build/cdef.rs"]
mod cdef;
#[path = "build/details.rs"]
mod details;
#[path = "build/forwarders.rs"]
mod forwarders;
#[path = "build/header.rs"]
mod header;
#[path = "build/sources.rs"]
mod sources;
#[path = "build/version_info.rs"]
mod version_info;

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for watched in [
        "build.rs",
        "build",
        "src",
        "crates/abi/src",
        "crates/engine/src",
        "cbindgen.toml",
    ] {
        println!("cargo:rerun-if-changed={watched}");
    }

    let sources = sources::read(&root);
    let header = header::generate(&root, &sources);
    // All are made before one is written: what stops the build changes nothing.
    let generated = [
        ("include/nexus_loader.cdef", cdef::generate(&header)),
        ("include/nexus_loader.h", header),
        ("docs/details.md", details::page()),
        ("go/detail_codes.go", details::go()),
        (sources::FORWARDERS, forwarders::generate(&sources)),
    ];
    for (file, text) in &generated {
        commit(&root, file, text);
    }
    version_info::write(
        "nexus_loader.dll",
        "Opens compiled Python modules for native programs",
    );
    nexus_abi::build_script::cdylib_arguments("nexus_loader");
    nexus_abi::build_script::soname_link("nexus_loader", profile_folder(&out));
}

/// Compares a generated text with the committed file. A difference is written and said.
fn commit(root: &Path, file: &str, text: &str) {
    println!("cargo:rerun-if-changed={file}");
    let path = root.join(file);
    if std::fs::read_to_string(&path).unwrap_or_default() == text {
        return;
    }
    match std::fs::write(&path, text) {
        Ok(()) => println!(
            "cargo:warning={file} differed from the sources and was written anew: commit it"
        ),
        // A read-only source tree (a distribution's build) is no reason to fail: the check is CI's. But the
        // forwarders are compiled.
        Err(error) if file == sources::FORWARDERS => {
            panic!("{file} differs from the sources: {error}")
        }
        Err(error) => println!("cargo:warning={file} differs from the sources: {error}"),
    }
}

/// `target/<profile>`, where cargo puts the library: three above `build/<package>/out`.
fn profile_folder(out: &Path) -> &Path {
    out.ancestors()
        .nth(3)
        .expect("OUT_DIR is deep in the target folder")
}
