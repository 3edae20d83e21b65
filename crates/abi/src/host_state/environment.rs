//! Environment variables, as C sees them: not Python's copy in `os.environ`.

use crate::text::c_string;
use core::ffi::{CStr, c_char};
use core::hash::Hasher;
use std::ffi::CString;
use std::hash::DefaultHasher;

unsafe extern "C" {
    static mut environ: *const *const c_char;
}

/// All variables.
pub struct Environment {
    entries: Vec<CString>,
    hash: u64,
}

impl Environment {
    /// Those of now.
    pub fn now() -> Self {
        let mut entries = Vec::new();
        each(|entry| entries.push(entry.to_owned()));
        Self {
            entries,
            hash: hash(),
        }
    }

    /// Puts back what differs, and tells which variables that was: their names, since values can be secret.
    /// `keep_new`: those that the host did not have stay, as a module's own libraries may read them later
    /// (netCDF4's HDF5_PLUGIN_PATH); they count as the host's from then on.
    pub fn put_back(&mut self, keep_new: bool) -> Vec<String> {
        if hash() == self.hash {
            return Vec::new();
        }
        let now = Self::now();
        let (mut changed, mut new) = (Vec::new(), Vec::new());
        for entry in &now.entries {
            let name = name_of(entry);
            if !self.entries.iter().any(|old| name_of(old) == name) {
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
        for entry in self.entries.iter().filter(|old| !now.entries.contains(old)) {
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
        let mut lines = Vec::new();
        if !changed.is_empty() {
            lines.push(format!(
                "it changed the environment: {}; put back",
                changed.join(", ")
            ));
        }
        if !new.is_empty() {
            lines.push(format!(
                "it set new environment variables: {}",
                new.join(", ")
            ));
        }
        lines
    }
}

fn each(mut look: impl FnMut(&CStr)) {
    // SAFETY: POSIX: `environ` is NULL or an array of strings that ends with NULL. Whoever changes it
    // from another thread meanwhile breaks the rules of setenv(3) already.
    unsafe {
        let mut entry = environ;
        while !entry.is_null() && !(*entry).is_null() {
            look(CStr::from_ptr(*entry));
            entry = entry.add(1);
        }
    }
}

/// Of all entries in their order; put back they may stand in another one, which costs a comparison.
fn hash() -> u64 {
    let mut hasher = DefaultHasher::new();
    each(|entry| {
        hasher.write(entry.to_bytes_with_nul());
    });
    hasher.finish()
}

fn name_of(entry: &CStr) -> &[u8] {
    let bytes = entry.to_bytes();
    bytes
        .iter()
        .position(|byte| *byte == b'=')
        .map_or(bytes, |end| &bytes[..end])
}
