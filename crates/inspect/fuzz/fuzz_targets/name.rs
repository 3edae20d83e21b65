//! Any bytes are a file name.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nexus_inspect::{FileName, Tag};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

fuzz_target!(|bytes: &[u8]| {
    if let Some(name) = FileName::parse(OsStr::from_bytes(bytes)) {
        assert!(!name.stem.is_empty());
        assert!(bytes.starts_with(name.stem.as_bytes()));
        if let Tag::Exact(tag) = &name.tag {
            let _ = (
                tag.machine(),
                tag.platform(),
                tag.c_library(),
                tag.free_threaded(),
            );
        }
    }
});
