//! Any bytes are read as a file and classified: nothing may panic, overflow or take long.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nexus_inspect::{FileName, Image, SymbolSet, Target, classify};
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

fuzz_target!(|bytes: &[u8]| {
    match Image::parse(bytes) {
        Ok(image) => {
            for (path, name) in NAMES.iter() {
                for target in TARGETS.iter() {
                    let verdict = classify(Path::new(path), &image, name, target);
                    if let Some(problem) = verdict.problem() {
                        assert!(!problem.message.is_empty());
                        assert!(!problem.message.chars().any(char::is_control));
                    }
                }
            }
        }
        Err(problem) => {
            assert!(!problem.message.is_empty());
            assert!(!problem.message.chars().any(char::is_control));
        }
    }
});
