//! Generates, from the signatures and comments of the exported functions:
//!
//! - `include/nexus_loader.h`, which is committed (a build that changes it says so), and of it
//!   `include/nexus_loader.cdef`;
//! - `docs/details.md` and the constants of the detail codes, likewise, from their one table;
//! - the forwarders: for each function of the engine a one-instruction jump, its slot, and the stub
//!   that answers until the engine is open.
//!
//! A new function is written in one place: a `#[unsafe(no_mangle)] pub extern "C" fn nexus_…` in the
//! front or in the engine.

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
    println!("cargo:rerun-if-changed=build.rs");
    for watched in [
        "build",
        "src",
        "crates/abi/src",
        "crates/engine/src",
        "cbindgen.toml",
        "include/nexus_loader.h",
        "include/nexus_loader.cdef",
        "docs/details.md",
    ] {
        println!("cargo:rerun-if-changed={watched}");
    }

    let sources = sources::read(&root);
    std::fs::write(out.join("forwarders.rs"), forwarders::generate(&sources))
        .expect("OUT_DIR is writable");
    let header = header::write(&root, &sources);
    cdef::write(&root, &header);
    details::write(&root);
    version_info::write(
        "nexus_loader.dll",
        "Opens compiled Python modules for native programs",
    );
    nexus_abi::build_script::cdylib_arguments("nexus_loader");
    nexus_abi::build_script::soname_link("nexus_loader", profile_folder(&out));
}

/// `target/<profile>`, where cargo puts the library: three above `build/<package>/out`.
fn profile_folder(out: &Path) -> &Path {
    out.ancestors()
        .nth(3)
        .expect("OUT_DIR is deep in the target folder")
}
