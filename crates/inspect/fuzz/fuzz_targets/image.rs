//! Any bytes are read as a file and classified.

#![no_main]

#[path = "../../tests/support/judge.rs"]
#[allow(dead_code)]
mod judge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    judge::image(bytes);
});
