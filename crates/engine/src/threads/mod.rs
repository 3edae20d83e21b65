//! What hosts ask for threads: to keep the GIL, and to interrupt one another.

mod attach;
pub mod interrupt;
