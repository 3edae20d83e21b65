//! Inspection: what a file is for the Python in question, told without running anything of it.
//!
//! `nexus_inspect` reads the file (`crates/inspect` does) and keeps all facts in plain values (`Facts`);
//! the C functions, the text for people and the JSON text each show the same facts.

mod api;
mod details;
mod facts;
mod judged_for;
mod libraries;
mod name;
mod report;
mod text;
