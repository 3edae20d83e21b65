//! Environment variables, as C sees them: not Python's copy in `os.environ`.

use crate::text::c_string;
use core::ffi::{CStr, c_char};
use std::ffi::CString;

#[cfg(not(target_vendor = "apple"))]
unsafe extern "C" {
    static mut environ: *const *const c_char;
}

/// The list of now, or NULL.
#[cfg(not(target_vendor = "apple"))]
fn list() -> *const *const c_char {
    // SAFETY: POSIX: a variable of the C library. Whoever changes it from another thread meanwhile breaks the
    // rules of setenv(3) already.
    unsafe { environ }
}

/// environ(7) of macOS: a shared library has no access to the variable, and asks this function.
#[cfg(target_vendor = "apple")]
fn list() -> *const *const c_char {
    unsafe extern "C" {
        // crt_externs.h
        fn _NSGetEnviron() -> *mut *const *const c_char;
    }
    // SAFETY: the address of the variable.
    unsafe { *_NSGetEnviron() }
}

/// All variables.
pub struct Environment(Vec<CString>);

impl Environment {
    /// Those of now.
    pub fn now() -> Self {
        let mut entries = Vec::new();
        // SAFETY: NUL-terminated strings.
        each(|entry| entries.push(unsafe { CStr::from_ptr(entry) }.to_owned()));
        Self(entries)
    }

    /// Whether all are the same, in the same order.
    fn is_now(&self) -> bool {
        let mut saved = self.0.iter();
        let mut same = true;
        each(|entry| {
            // SAFETY: NUL-terminated strings. This goes over them once.
            let is_same = |saved: &CString| unsafe { libc::strcmp(saved.as_ptr(), entry) == 0 };
            same = same && saved.next().is_some_and(is_same);
        });
        same && saved.next().is_none()
    }

    /// Puts back what differs, and tells which variables that was: their names, since values can be secret.
    /// `keep_new`: those that the host did not have stay, as a module's own libraries may read them later
    /// (netCDF4's HDF5_PLUGIN_PATH); they count as the host's from then on.
    pub fn put_back(&mut self, keep_new: bool) -> Vec<String> {
        if self.is_now() {
            return Vec::new();
        }
        let now = Self::now();
        let (mut changed, mut new) = (Vec::new(), Vec::new());
        for entry in &now.0 {
            let name = name_of(entry);
            if !self.0.iter().any(|old| name_of(old) == name) {
                let name = c_string(name);
                let shown = name.to_string_lossy().into_owned();
                if keep_new {
                    new.push(shown);
                    continue;
                }
                // SAFETY: a NUL-terminated name.
                unsafe { libc::unsetenv(name.as_ptr()) };
                changed.push(shown);
            }
        }
        for entry in self.0.iter().filter(|old| !now.0.contains(old)) {
            let bytes = entry.to_bytes();
            let name = name_of(entry);
            if name.len() == bytes.len() {
                continue;
            }
            let (name, value) = (c_string(name), c_string(&bytes[name.len() + 1..]));
            // SAFETY: NUL-terminated strings, which setenv(3) copies.
            unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) };
            changed.push(name.to_string_lossy().into_owned());
        }
        *self = Self::now();
        super::told::environment(&changed, &new)
    }
}

fn each(mut look: impl FnMut(*const c_char)) {
    let mut entry = list();
    // SAFETY: POSIX: NULL or an array of strings that ends with NULL. Whoever changes it from another thread
    // meanwhile breaks the rules of setenv(3) already.
    unsafe {
        while !entry.is_null() && !(*entry).is_null() {
            look(*entry);
            entry = entry.add(1);
        }
    }
}

fn name_of(entry: &CStr) -> &[u8] {
    let bytes = entry.to_bytes();
    bytes
        .iter()
        .position(|byte| *byte == b'=')
        .map_or(bytes, |end| &bytes[..end])
}
