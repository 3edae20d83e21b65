//! For the build scripts of both libraries: how they are linked.

use std::path::Path;

/// Tells cargo the linker's arguments: the SONAME with the ABI number; never unloaded, since threads
/// and Python keep pointers into the library (rust-lang/rust#52138); and own calls bound to own
/// functions, since front and engine export the same names.
pub fn cdylib_arguments(name: &str) {
    let abi = crate::ABI;
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => {
            let version = crate::VERSION;
            // A program asks for at least the version that it was linked with, as dyld compares: with each
            // minor version there can be new functions.
            let compatible = version.rsplit_once('.').map_or(version, |(minor, _)| minor);
            for argument in [
                format!("-install_name,@rpath/lib{name}.{abi}.dylib"),
                format!("-current_version,{version}"),
                format!("-compatibility_version,{compatible}"),
                // Room for whoever changes the name with install_name_tool.
                "-headerpad_max_install_names".to_owned(),
            ] {
                println!("cargo:rustc-cdylib-link-arg=-Wl,{argument}");
            }
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

/// Lays the link with the ABI number beside the library that cargo will put into `folder`, so that a host linked
/// there runs there.
pub fn soname_link(name: &str, folder: &Path) {
    #[cfg(unix)]
    {
        let abi = crate::ABI;
        let (link, target) = match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
            Ok("linux") => (format!("lib{name}.so.{abi}"), format!("lib{name}.so")),
            Ok("macos") => (format!("lib{name}.{abi}.dylib"), format!("lib{name}.dylib")),
            _ => return,
        };
        let link = folder.join(link);
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
