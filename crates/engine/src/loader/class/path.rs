//! Paths as Python's `pathlib` shows them.

use std::ffi::CStr;
use std::path::PathBuf;

/// A path as a loader keeps it.
pub fn of_bytes(bytes: &CStr) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        std::ffi::OsStr::from_bytes(bytes.to_bytes()).into()
    }
    // UTF-8 there.
    #[cfg(not(unix))]
    bytes.to_string_lossy().into_owned().into()
}

/// The path without what `pathlib.Path` leaves out: empty parts and `.`.
#[cfg(unix)]
pub fn plain(path: PathBuf) -> PathBuf {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let bytes = path.as_os_str().as_bytes();
    // POSIX leaves two slashes at the beginning to the system, and `pathlib` leaves them alone.
    let root: &[u8] = match bytes {
        [b'/', b'/', b'/', ..] => b"/",
        [b'/', b'/', ..] => b"//",
        [b'/', ..] => b"/",
        _ => b"",
    };
    let parts: Vec<&[u8]> = bytes
        .split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty() && *part != b".")
        .collect();
    let plain = [root, &parts.join(&b'/')].concat();
    if plain.is_empty() {
        return PathBuf::from(".");
    }
    std::ffi::OsString::from_vec(plain).into()
}

/// The path as it is.
#[cfg(not(unix))]
pub fn plain(path: PathBuf) -> PathBuf {
    path
}

#[cfg(all(test, unix))]
mod tests {
    #[test]
    fn paths_are_as_pathlib_has_them() {
        for (given, plain) in [
            ("/opt/app/modules", "/opt/app/modules"),
            ("/opt//app/./modules/", "/opt/app/modules"),
            ("./modules", "modules"),
            ("../a/../b", "../a/../b"),
            ("", "."),
            (".", "."),
            ("/", "/"),
            ("//net/x", "//net/x"),
            ("///net", "/net"),
        ] {
            assert_eq!(super::plain(given.into()).to_str(), Some(plain));
        }
    }
}
