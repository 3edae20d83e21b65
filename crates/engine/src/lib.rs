//! The engine of nexus_loader: everything that happens inside Python.
//!
//! It is not linked to libpython: its Python symbols bind to the one that the front has opened a moment
//! before. Hot paths (a call, a lookup) use `pyo3::ffi`; the rest uses PyO3's safe types.

mod border;
mod buffer;
mod call;
mod error_parts;
mod exception;
mod front;
mod gil;
mod handles;
mod import;
mod init;
mod interpreter;
mod loader;
mod log;
mod object;
mod python;
mod raise;
mod stack;
mod start;
mod threads;
mod trial;
mod verify;
mod wheel;
