//! What differs between operating systems: the names and places of libpython, opening libraries, and what
//! is mapped in the process.
//!
//! Each system has a file of its own; what all Unix systems share is in `unix.rs`. They offer the same
//! functions, so nothing outside this folder asks which system it runs on.

#[cfg(all(unix, not(target_vendor = "apple")))]
mod linux;
#[cfg(target_vendor = "apple")]
mod macos;
#[cfg(any(target_vendor = "apple", all(unix, test)))]
pub mod macos_layout;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(all(unix, not(target_vendor = "apple")))]
pub use linux::*;
#[cfg(target_vendor = "apple")]
pub use macos::*;
#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;

use core::ffi::c_void;
use nexus_inspect::{Endian, Format, Image, Machine};
use std::path::{Path, PathBuf};

/// The installation that a folder has inside, where a folder can stand for one: macOS's frameworks.
#[cfg(not(target_vendor = "apple"))]
pub fn installation_in(folder: &Path) -> PathBuf {
    folder.to_owned()
}

/// Why that file cannot be loaded into this process, told from its headers; `None`: it can. Opening it would say "wrong
/// ELF class" at best.
pub fn foreign_library(file: &Path) -> Option<String> {
    let format = if cfg!(target_vendor = "apple") {
        Format::MachO
    } else if cfg!(windows) {
        Format::Pe
    } else {
        Format::Elf
    };
    foreign_to(format, Machine::host(), file)
}

/// The same for a process of a system with files of that format.
pub fn foreign_to(format: Format, machine: Machine, file: &Path) -> Option<String> {
    let image = match Image::read_headers(file) {
        Ok(image) => image,
        Err(problem) => return Some(format!("it cannot be loaded: {problem}")),
    };
    if image.format != format {
        return Some("it cannot be loaded: it is built for another system".to_owned());
    }
    let order = if cfg!(target_endian = "little") {
        Endian::Little
    } else {
        Endian::Big
    };
    // Apple's own libraries have signed pointers, which do not hinder.
    let fits = |other: &Machine| {
        *other == machine || (*other, machine) == (Machine::Arm64e, Machine::Aarch64)
    };
    if image.endian == order && image.machines.iter().any(fits) {
        return None;
    }
    let machines: Vec<String> = image.machines.iter().map(|other| other.name()).collect();
    Some(format!(
        "it is built for another architecture: {}, and this process is {machine}",
        machines.join(", ")
    ))
}

/// The dynamic linker's text, with what to do about it where that is not in the text.
pub fn explained(linker: &str) -> String {
    if cfg!(target_vendor = "apple") {
        nexus_abi::platform::dyld::explained(linker)
    } else {
        linker.to_owned()
    }
}

/// The interpreter behind one that must not be run for a search: macOS has such a one.
#[cfg(not(target_vendor = "apple"))]
pub fn real_program(program: &Path) -> Result<PathBuf, String> {
    Ok(program.to_owned())
}

/// An opened library. It stays open as long as the process unless `close` is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Library(usize);

/// Where a symbol is defined in this process.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The symbol's address.
    pub address: *const c_void,
    /// The file that defines it.
    pub file: PathBuf,
    /// Whether that file is the program itself.
    pub is_program: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_loaded_is_told_apart() {
        let own = std::env::current_exe().unwrap();
        assert_eq!(foreign_library(&own), None);
        let file = std::env::temp_dir().join(format!("nexus-foreign-{}", std::process::id()));
        let foreign = |bytes: &[u8], format, machine| {
            std::fs::write(&file, bytes).unwrap();
            foreign_to(format, machine, &file)
        };
        // A universal file of two parts of 32 bytes, headers alone.
        let mut universal = [0xcafe_babe_u32, 2].map(u32::to_be_bytes).concat();
        let cpus = [0x0100_0007_u32, 0x0100_000c];
        for (offset, cpu) in [48_u32, 80].into_iter().zip(cpus) {
            universal.extend([cpu, 0, offset, 32, 0].map(u32::to_be_bytes).concat());
        }
        for cpu in cpus {
            let header = [0xfeed_facf, cpu, 0, 6, 0, 0, 0, 0_u32];
            universal.extend(header.map(u32::to_le_bytes).concat());
        }
        for machine in [Machine::X86_64, Machine::Aarch64] {
            assert_eq!(foreign(&universal, Format::MachO, machine), None);
        }
        let text = foreign(&universal, Format::MachO, Machine::Riscv64).unwrap();
        assert_eq!(
            text,
            "it is built for another architecture: x86_64, aarch64, and this process is riscv64"
        );
        let text = foreign(&universal, Format::Elf, Machine::X86_64).unwrap();
        assert!(text.contains("another system"), "{text}");
        let text = foreign(b"#!/bin/sh\n", Format::Elf, Machine::X86_64).unwrap();
        assert_eq!(text, "it cannot be loaded: a script, not a compiled module");
        std::fs::remove_file(&file).unwrap();
        assert!(
            foreign_library(&file)
                .unwrap()
                .starts_with("it cannot be loaded: ")
        );
    }
}
