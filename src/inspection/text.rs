//! A text that C, JSON and people can be given.

use core::ffi::c_char;
use core::fmt;
use nexus_abi::text::c_string;
use serde::{Serialize, Serializer};
use std::ffi::CString;
use std::path::Path;

/// A NUL-terminated text: UTF-8, or a path in the platform's bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(CString);

impl Text {
    /// A path, whose bytes C gets as they are.
    pub fn of_path(path: &Path) -> Self {
        Self(c_string(crate::platform::bytes_of(path.as_os_str())))
    }

    /// For C; valid as long as this lives.
    pub fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Texts as an array for C.
pub struct TextList(
    Vec<*const c_char>,
    #[expect(dead_code, reason = "what the pointers lead to")] Vec<CString>,
);

impl TextList {
    pub fn of<T: fmt::Display>(items: &[T]) -> Self {
        let texts: Vec<CString> = items
            .iter()
            .map(|item| c_string(item.to_string()))
            .collect();
        Self(texts.iter().map(|text| text.as_ptr()).collect(), texts)
    }

    /// For C; valid as long as this lives. NULL if there is none.
    pub fn as_array(&self) -> (*const *const c_char, usize) {
        match self.0.as_slice() {
            [] => (core::ptr::null(), 0),
            pointers => (pointers.as_ptr(), pointers.len()),
        }
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self(c_string(text.into()))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_string_lossy())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
