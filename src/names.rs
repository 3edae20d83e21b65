//! Lists of names.

use crate::ffi;
use core::ffi::c_char;
use nexus_abi::NexusNames;
use nexus_abi::ffi::guard_or;
use nexus_abi::handle::Kind;
use nexus_abi::table::Table;
use std::ffi::CString;
use std::sync::Arc;

static NAMES: Table<Vec<CString>> = Table::new(Kind::Names);

/// Makes the handle of a list; NULL only when the table is full.
pub fn publish(names: Vec<CString>) -> *mut NexusNames {
    NAMES
        .insert(Arc::new(names))
        .map_or(core::ptr::null_mut(), ffi::pointer)
}

/// Counts the names of a list.
///
/// Returns how many; 0 for NULL or a freed list.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_names_count(names: *const NexusNames) -> usize {
    guard_or(0, || {
        NAMES.with(names as u64, |names| names.len()).unwrap_or(0)
    })
}

/// Gives a name of a list.
///
/// `index`: from 0.
///
/// Returns the name, UTF-8, valid until the list is freed; NULL past the end, and for NULL or a freed list.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_names_at(names: *const NexusNames, index: usize) -> *const c_char {
    guard_or(core::ptr::null(), || {
        NAMES
            .with(names as u64, |names| {
                names
                    .get(index)
                    .map_or(core::ptr::null(), |name| name.as_ptr())
            })
            .unwrap_or(core::ptr::null())
    })
}

/// Frees a list and the strings that came from it. For NULL or a freed list it does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_names_free(names: *mut NexusNames) {
    guard_or((), || drop(NAMES.remove(names as u64)));
}
