//! Any bytes are a file name.

#![no_main]

#[path = "../../tests/support/judge.rs"]
#[allow(dead_code)]
mod judge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    judge::name(bytes);
});
