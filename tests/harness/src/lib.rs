//! Compiles the host programs and test modules of `tests/` and runs each case of each program on each
//! CPython of the machine, in a process of its own.
//!
//! The programs tell their cases themselves: run with `--list` they print one name per line, run with
//! a name they run that case and exit with 0 if it holds.

pub mod abi_list;
pub mod compile;
pub mod corpus;
pub mod elf_patch;
pub mod fixtures;
pub mod foreign;
pub mod languages;
pub mod other_systems;
pub mod paths;
pub mod process;
pub mod programs;
pub mod pythons;
pub mod quotations;
pub mod root_without_python;
pub mod shape;
pub mod terminal;
pub mod tool;
pub mod wheels;
pub mod windows;
