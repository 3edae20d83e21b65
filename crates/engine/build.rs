//! Tells the linker how to make the engine.

#[path = "../../build/version_info.rs"]
mod version_info;

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../../build/version_info.rs");
    version_info::write(
        &format!("nexus_engine-{}.dll", nexus_abi::ABI),
        "The part of nexus_loader that talks to Python",
    );
    nexus_abi::build_script::cdylib_arguments("nexus_engine");
    // Python's symbols come from whichever libpython the front has opened.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("macos") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-undefined,dynamic_lookup");
    }
    let out = std::env::var_os("OUT_DIR").expect("cargo sets it");
    let folder = Path::new(&out)
        .ancestors()
        .nth(3)
        .expect("OUT_DIR is deep in the target folder");
    nexus_abi::build_script::soname_link("nexus_engine", folder);
}
