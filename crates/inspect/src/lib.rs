//! Reads extension modules and other executable files **without running them**: no `dlopen`, no mapping
//! as code, no constructor. Nothing here panics, blocks or reads outside the file, whatever the bytes.
//!
//! - [`Image::read`] reads one ELF, PE or Mach-O file and checks what the dynamic linker would trust.
//! - [`FileName::parse`] reads the module name and the ABI tag out of a file name.
//! - [`classify`] puts both beside a [`Target`], the Python that would load the file, and says: a
//!   module, a helper library, or hopeless, with the reason.
//! - [`Dependencies`] walks the tree of needed libraries as the dynamic linker would, and tells all
//!   that is missing.
//! - [`Detail`] is the one table of detail codes of the whole project.
//!
//! Messages are one line, without the path of the file, for people: what was wrong and what it is.

mod classify;
mod dependencies;
mod detail;
mod elf;
mod image;
mod ldcache;
mod machine;
mod macho;
mod name;
mod pe;
mod problem;
mod punycode;
mod python_build;
mod read;
mod search;
mod source;
mod symbols;
mod target;

pub use classify::{Verdict, classify};
pub use dependencies::{
    Dependencies, LibraryState, MissingFunctions, MissingVersions, Report, Resolved,
};
pub use detail::Detail;
pub use image::{Image, Import, VersionNeed};
pub use machine::{CLibrary, Endian, Format, Machine, OpenMp, Platform};
pub use name::{ExactTag, FileName, Suffix, Tag};
pub use problem::Problem;
pub use python_build::PythonBuild;
pub use search::SearchOptions;
pub use search::configuration::{CONFIGURATION, configured_directories};
pub use symbols::{InitKind, InitSymbol, SymbolSet};
pub use target::Target;
