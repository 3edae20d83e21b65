//! What must hold for any bytes, whatever they are: nothing panics or overflows, and every problem has a
//! text of one printable line. The fuzz targets and `mutations.rs` share it.

use nexus_inspect::{FileName, Image, SymbolSet, Tag, Target, classify};
use std::ffi::OsStr;
use std::path::Path;
use std::sync::{Arc, LazyLock};

static NAMES: LazyLock<Vec<(&str, FileName)>> = LazyLock::new(|| {
    [
        "a.so",
        "a.cpython-311-x86_64-linux-gnu.so",
        "p/__init__.abi3.so",
        "libx.so",
        "a.pyd",
        "a.abi3t.so",
    ]
    .into_iter()
    .filter_map(|path| Some((path, FileName::parse(Path::new(path).file_name()?)?)))
    .collect()
});

static TARGETS: LazyLock<[Target; 3]> = LazyLock::new(|| {
    let exports: SymbolSet = [&b"PyModuleDef_Init"[..]].into_iter().collect();
    [
        Target::host((3, 11), false).with_exports(Arc::new(exports)),
        Target::host((3, 13), true),
        Target::host((3, 15), false),
    ]
});

/// The contents of a file. Returns whether they can be read as one.
pub fn image(bytes: &[u8]) -> bool {
    let image = match Image::parse(bytes) {
        Ok(image) => image,
        Err(problem) => {
            one_line(&problem.message);
            return false;
        }
    };
    for (path, name) in NAMES.iter() {
        for target in TARGETS.iter() {
            let verdict = classify(Path::new(path), &image, name, target);
            if let Some(problem) = verdict.problem() {
                one_line(&problem.message);
            }
        }
    }
    true
}

/// A file name. Returns whether it is one of a module.
pub fn name(bytes: &[u8]) -> bool {
    #[cfg(unix)]
    let name = <OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes);
    #[cfg(not(unix))]
    let Ok(name) = std::str::from_utf8(bytes).map(OsStr::new) else {
        return false;
    };
    let Some(name) = FileName::parse(name) else {
        return false;
    };
    assert!(!name.stem.is_empty());
    assert!(bytes.starts_with(name.stem.as_encoded_bytes()));
    if let Tag::Exact(tag) = &name.tag {
        let _ = (tag.machine(), tag.platform(), tag.c_library());
        let _ = (tag.free_threaded(), tag.debug());
    }
    true
}

fn one_line(message: &str) {
    assert!(!message.is_empty());
    assert!(!message.chars().any(char::is_control), "{message:?}");
}
