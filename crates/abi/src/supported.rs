//! The releases of CPython 3 that this library is for, by their minor versions.

use core::ops::RangeInclusive;

/// The oldest that can be used: the first whose limited API has the buffer protocol.
pub const OLDEST: u8 = 11;

/// The newest that this version was made for. Later ones are tried: the stable ABI is for them.
pub const NEWEST: u8 = 15;

/// All between them.
pub const MINORS: RangeInclusive<u8> = OLDEST..=NEWEST;

/// Those on which all tests were run, and with them what relies on more than the stable ABI promises: a layout of
/// objects or threads that is CPython's own affair. A release is added here when the tests have passed on it.
pub const TESTED: [u8; 5] = [11, 12, 13, 14, 15];

/// Whether all tests were run on that release.
#[must_use]
pub const fn is_tested(minor: u8) -> bool {
    let mut index = 0;
    while index < TESTED.len() {
        if TESTED[index] == minor {
            return true;
        }
        index += 1;
    }
    false
}

const _: () = assert!(is_tested(OLDEST) && is_tested(NEWEST) && !is_tested(NEWEST + 1));
