//! Tells the linker how to make the engine.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    nexus_abi::link::cdylib_arguments("nexus_engine");
    // Python's symbols come from whichever libpython the front has opened.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("macos") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-undefined,dynamic_lookup");
    }
    let out = std::env::var_os("OUT_DIR").expect("cargo sets it");
    let folder = Path::new(&out)
        .ancestors()
        .nth(3)
        .expect("OUT_DIR is deep in the target folder");
    nexus_abi::link::soname_link("nexus_engine", folder);
}
