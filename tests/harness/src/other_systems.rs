//! Modules of other machines and systems, byte by byte: the builders are those of `nexus_inspect`'s tests.

#[path = "../../../crates/inspect/tests/support/elf_file.rs"]
#[allow(dead_code, missing_docs)]
mod elf_file;
#[path = "../../../crates/inspect/tests/support/macho_file.rs"]
#[allow(dead_code, missing_docs)]
mod macho_file;
#[path = "../../../crates/inspect/tests/support/pe_file.rs"]
#[allow(dead_code, missing_docs)]
mod pe_file;

use elf_file::ElfFile;
use macho_file::MachOFile;
use pe_file::PeFile;

/// A module for that system with that init function.
#[must_use]
pub fn module(system: &str, init: &'static str) -> Option<Vec<u8>> {
    let elf = |bits, big, machine| {
        let file = ElfFile {
            bits,
            big,
            machine,
            defined: vec![init],
            ..ElfFile::default()
        };
        Some(file.bytes())
    };
    // A name with an underscore in front, as macOS has them.
    let underscored: &'static str = format!("_{init}").leak();
    let macos = |cpu| MachOFile {
        cpu,
        defined: vec![underscored],
        ..MachOFile::default()
    };
    match system {
        "i386" => elf(32, false, 3),
        "arm" => elf(32, false, 40),
        "aarch64" => elf(64, false, 183),
        "riscv64" => elf(64, false, 243),
        "s390x" => elf(64, true, 22),
        "powerpc" => elf(32, true, 20),
        "musl" => {
            let file = ElfFile {
                machine: if cfg!(target_arch = "aarch64") {
                    183
                } else {
                    62
                },
                needed: vec!["libc.musl-x86_64.so.1"],
                defined: vec![init],
                ..ElfFile::default()
            };
            Some(file.bytes())
        }
        "windows" => {
            let file = PeFile {
                exports: vec![init],
                ..PeFile::default()
            };
            Some(file.bytes())
        }
        "macos" => Some(macos(macho_file::ARM64).bytes()),
        "macos_universal" => Some(macho_file::universal(&[
            macos(macho_file::ARM64),
            macos(macho_file::X86_64),
        ])),
        _ => None,
    }
}
