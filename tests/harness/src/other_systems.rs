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
        name if name.starts_with("windows") => windows(name, init),
        "macos" => Some(macos(macho_file::ARM64).bytes()),
        "macos_universal" => Some(macho_file::universal(&[
            macos(macho_file::ARM64),
            macos(macho_file::X86_64),
        ])),
        "macos_arm64e" => {
            let file = MachOFile {
                subtype: 2,
                ..macos(macho_file::ARM64)
            };
            Some(file.bytes())
        }
        "macos_encrypted" => {
            let file = MachOFile {
                commands: vec![vec![0x2c, 24, 0, 64, 1, 0]],
                ..macos(macho_file::ARM64)
            };
            Some(file.bytes())
        }
        "macos_cut" => Some(cut(macos(macho_file::ARM64).bytes())),
        "ios" => {
            let file = MachOFile {
                build_version: Some((2, 0x000d_0000)),
                ..macos(macho_file::ARM64)
            };
            Some(file.bytes())
        }
        _ => None,
    }
}

fn windows(system: &str, init: &'static str) -> Option<Vec<u8>> {
    let whole = PeFile {
        exports: vec![init],
        ..PeFile::default()
    };
    let file = match system {
        "windows" | "windows_cut" | "windows_unlinked" | "windows_16bit" => whole,
        "windows_i386" => PeFile {
            bits: 32,
            machine: 0x14c,
            ..whole
        },
        "windows_arm64" => PeFile {
            machine: 0xaa64,
            ..whole
        },
        "windows_arm64ec" => PeFile {
            hybrid: true,
            ..whole
        },
        "windows_program" => PeFile {
            dll: false,
            ..whole
        },
        "windows_driver" => PeFile {
            dll: false,
            subsystem: 1,
            ..whole
        },
        "windows_dotnet" => PeFile {
            exports: Vec::new(),
            imports: Vec::new(),
            managed: true,
            ..whole
        },
        "windows_relocations" => PeFile {
            relocations: vec![1; 40],
            ..whole
        },
        "windows_thread_local" => PeFile {
            thread_local: Some([1, 2, 3, 4]),
            ..whole
        },
        _ => return None,
    };
    let mut bytes = file.bytes();
    match system {
        "windows_cut" => bytes = cut(bytes),
        "windows_16bit" => bytes[pe_file::HEADER..][..2].copy_from_slice(b"NE"),
        // Without "linked without errors".
        "windows_unlinked" => bytes[pe_file::FLAGS] &= !2,
        _ => {}
    }
    Some(bytes)
}

/// The first three quarters.
fn cut(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() * 3 / 4);
    bytes
}
