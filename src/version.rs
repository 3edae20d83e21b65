//! Version and status texts.

use core::ffi::c_char;
use nexus_abi::{RawStatus, status_text};

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// Tells the version of the library that runs; the header's is `NEXUS_VERSION_STRING`.
///
/// Returns a text such as `"0.1.0"`, valid for ever.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_version_string() -> *const c_char {
    VERSION.as_ptr().cast()
}

/// Tells the version of the library that runs as a number; the header's is `NEXUS_VERSION_NUMBER`.
///
/// Returns `major << 16 | minor << 8 | patch`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_version_number() -> u32 {
    const fn number(text: &str) -> u32 {
        let bytes = text.as_bytes();
        let (mut value, mut index) = (0, 0);
        while index < bytes.len() {
            assert!(bytes[index].is_ascii_digit());
            value = value * 10 + (bytes[index] - b'0') as u32;
            index += 1;
        }
        value
    }
    const NUMBER: u32 = number(env!("CARGO_PKG_VERSION_MAJOR")) << 16
        | number(env!("CARGO_PKG_VERSION_MINOR")) << 8
        | number(env!("CARGO_PKG_VERSION_PATCH"));
    NUMBER
}

/// Says in English what a status means.
///
/// `status`: any number.
///
/// Returns a text that is never NULL and valid for ever; `"unknown status"` for a number that is no status.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_status_string(status: RawStatus) -> *const c_char {
    status_text(status).as_ptr()
}
