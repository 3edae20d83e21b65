//! The table of detail codes.

use core::ffi::c_char;
use nexus_abi::ffi::guard_or;
use nexus_abi::text::c_string;
use nexus_inspect::Detail;
use std::ffi::CString;
use std::sync::OnceLock;

/// The texts of one row, for C.
struct Row {
    number: u32,
    name: CString,
    meaning: CString,
    cause: CString,
    cure: CString,
}

/// Every row, ordered by number; made once, and never freed.
fn table() -> &'static [Row] {
    static TABLE: OnceLock<Vec<Row>> = OnceLock::new();
    TABLE.get_or_init(|| {
        Detail::all()
            .map(|detail| Row {
                number: detail.number(),
                name: c_string(detail.name()),
                meaning: c_string(detail.meaning()),
                cause: c_string(detail.cause()),
                cure: c_string(detail.cure()),
            })
            .collect()
    })
}

fn text(number: u32, pick: impl FnOnce(&'static Row) -> &'static CString) -> *const c_char {
    guard_or(c"".as_ptr(), || {
        let row = table()
            .binary_search_by_key(&number, |row| row.number)
            .ok()
            .map(|index| &table()[index]);
        row.map_or(c"".as_ptr(), |row| pick(row).as_ptr())
    })
}

/// Gives the name of a detail code.
///
/// `detail`: any number.
///
/// Returns text such as `"TRUNCATED"` for 203, which is never NULL and lives for ever; `""` for 0 and for a
/// number that is no detail code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_detail_name(detail: u32) -> *const c_char {
    text(detail, |row| &row.name)
}

/// Tells what a detail code means, in a few words.
///
/// `detail`: any number.
///
/// Returns UTF-8 such as `"the file is cut off"`, as `nexus_detail_name` does.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_detail_meaning(detail: u32) -> *const c_char {
    text(detail, |row| &row.meaning)
}

/// Tells how it comes about, in one or two sentences.
///
/// `detail`: any number.
///
/// Returns UTF-8, as `nexus_detail_name` does.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_detail_cause(detail: u32) -> *const c_char {
    text(detail, |row| &row.cause)
}

/// Tells what to do about it, in one or two sentences.
///
/// `detail`: any number.
///
/// Returns UTF-8, as `nexus_detail_name` does.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_detail_cure(detail: u32) -> *const c_char {
    text(detail, |row| &row.cure)
}

/// Returns how many detail codes this library knows.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_details_count() -> usize {
    guard_or(0, || table().len())
}

/// Gives the detail codes one by one, in ascending order.
///
/// `index`: from 0 to below `nexus_details_count`.
///
/// Returns the detail code at that index; 0 past the end.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_detail_at(index: usize) -> u32 {
    guard_or(0, || table().get(index).map_or(0, |row| row.number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_each_is_found() {
        for (index, detail) in Detail::all().enumerate() {
            assert_eq!(nexus_detail_at(index), detail.number());
            let row = &table()[index];
            assert_eq!(nexus_detail_name(detail.number()), row.name.as_ptr());
            assert_eq!(nexus_detail_cure(detail.number()), row.cure.as_ptr());
        }
        assert_eq!(nexus_details_count(), Detail::all().len());
        assert_eq!(nexus_detail_at(usize::MAX), 0);
    }
}
