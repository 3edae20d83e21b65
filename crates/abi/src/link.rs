//! For the build scripts of both libraries: how they are linked.

use std::path::Path;

/// Tells cargo the linker's arguments: the SONAME with the ABI number; never unloaded, since threads
/// and Python keep pointers into the library (rust-lang/rust#52138); and own calls bound to own
/// functions, since front and engine export the same names.
pub fn cdylib_arguments(name: &str) {
    let abi = crate::ABI;
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/lib{name}.{abi}.dylib");
        }
        // The same sources give the same file. (MSVC's linker: /Brepro, which rustc passes on request only.)
        Ok("windows") => {
            if std::env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu") {
                println!("cargo:rustc-cdylib-link-arg=-Wl,--no-insert-timestamp");
            }
        }
        _ => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,lib{name}.so.{abi}");
            println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
            println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic");
        }
    }
}

/// Lays the SONAME's link beside the library that cargo will put into `folder`, so that a host linked
/// there runs there.
pub fn soname_link(name: &str, folder: &Path) {
    #[cfg(unix)]
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        let link = folder.join(format!("lib{name}.so.{}", crate::ABI));
        let target = format!("lib{name}.so");
        if std::fs::read_link(&link).ok().as_deref() != Some(Path::new(&target)) {
            let _ = std::fs::remove_file(&link);
            if let Err(error) = std::os::unix::fs::symlink(&target, &link) {
                println!("cargo:warning={}: {error}", link.display());
            }
        }
    }
    #[cfg(not(unix))]
    let _ = (name, folder);
}
