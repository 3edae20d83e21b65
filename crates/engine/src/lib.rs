//! The engine of nexus_loader: everything that happens inside Python.
//!
//! It is not linked to libpython: its Python symbols bind to the one that the front has opened a moment
//! before. Hot paths (a call, a lookup) use `pyo3::ffi`; the rest uses PyO3's safe types.

mod attach;
mod buffer;
mod error_parts;
mod exception;
mod ffi;
mod import;
mod init;
mod interpreter;
mod loader;
mod object;
mod python_log;
mod raise;
mod services;
mod stack;
use nexus_abi::slots;
mod trial;
mod verify;
