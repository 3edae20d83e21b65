//! The host programs of `tests/c` and `tests/windows` as Windows programs, under Wine, on the Windows CPythons that
//! scripts/windows/python.sh has made.
//!
//! The sources are the same as for other systems, with `.pyd` for `.so` in their texts; what has no meaning on Windows
//! is listed in `tests/windows/not-here.txt`.

pub mod fixtures;
pub mod not_here;
pub mod place;
pub mod programs;
pub mod pythons;
pub mod sources;
