//! The front of nexus_loader: the library that hosts link.
//!
//! It has no Python symbol in it. It finds a CPython, opens and starts it, opens the engine that lies
//! beside it, and from then on passes each call on with one instruction. What must answer without
//! Python lives here: versions, texts, errors, names, the log, and the search for Python.

mod engine;
mod error;
mod ffi;
mod forward;
mod inspection;
mod log;
mod names;
mod platform;
mod python;
mod services;
mod version;
