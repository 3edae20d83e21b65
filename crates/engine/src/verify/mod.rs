//! `NEXUS_LOADER_VERIFY`: an allow-list of SHA-256 sums. Only files that it names are opened, and the
//! bytes that were hashed are the bytes that are mapped.
//!
//! - [`AllowList::read`] reads a list as `sha256sum` writes it.
//! - [`AllowList::open`] opens a listed file without leaving the directory, copies it to where nobody can
//!   change it, and compares the copy's sum. What is inspected, mapped or compiled afterwards is the copy. (On
//!   Windows the copy is the file itself, held open so that nobody can change it.)
//! - [`python::create`] makes a module of such a copy, after the libraries beside it that it needs.
//! - [`python::watch`] sends every later import of a file of that directory the same way, so that what a
//!   verified module imports is verified too.
//!
//! Only [`python`] knows Python.

mod allow;
mod copy;
mod folder;
mod libraries;
#[cfg_attr(windows, path = "linker_windows.rs")]
mod linker;
mod list;
pub mod python;
#[cfg(all(test, unix))]
mod tests;

pub use allow::{AllowList, Verified};
