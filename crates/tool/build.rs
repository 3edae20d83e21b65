//! Puts the version into the program where it is built for Windows.

#[path = "../../build/version_info.rs"]
mod version_info;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../../build/version_info.rs");
    version_info::write("nexus.exe", "Shows what becomes of compiled Python modules");
}
