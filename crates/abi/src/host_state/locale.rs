//! The locale of the C library.

use super::told;
use core::ffi::CStr;
use std::ffi::CString;

/// That of now.
pub fn locale() -> Option<CString> {
    // SAFETY: only asks. The text is copied before anyone can change the locale on this thread.
    unsafe {
        let name = libc::setlocale(libc::LC_ALL, core::ptr::null());
        (!name.is_null()).then(|| CStr::from_ptr(name).to_owned())
    }
}

/// Puts the locale back; a line if it was another.
pub fn put_back_locale(saved: &Option<CString>) -> Option<String> {
    let saved = saved.as_ref()?;
    let now = locale();
    if now.as_ref() == Some(saved) {
        return None;
    }
    // SAFETY: a locale's name as `setlocale` gave it.
    unsafe { libc::setlocale(libc::LC_ALL, saved.as_ptr()) };
    Some(told::locale(now.as_deref().unwrap_or_default(), saved))
}
