//! The ELF header: class, machine, system, kind of file.

use super::Elf;
use crate::detail::Detail;
use crate::machine::{Machine, Platform};
use crate::problem::{Result, fail, size_text};
use crate::source::Source;
use object::Endianness;
use object::{elf, pod};
use std::mem::size_of;

pub(crate) struct Header {
    pub(crate) machine: Machine,
    pub(crate) bits: u8,
    /// The system, where the header names one.
    pub(crate) platform: Option<Platform>,
    pub(crate) is_executable: bool,
    pub(crate) segment_offset: u64,
    pub(crate) segment_count: u64,
}

pub(crate) fn cut_off<T>(source: &Source) -> Result<T> {
    let size = size_text(source.size());
    fail(
        Detail::TRUNCATED,
        format!("cut off after {size}, in the middle of the ELF header"),
    )
}

impl Header {
    pub(crate) fn read<E: Elf>(source: &Source, endian: Endianness) -> Result<Header> {
        let size = size_of::<E>() as u64;
        let bytes = source.head(size as usize);
        let Ok((header, _)) = pod::from_bytes::<E>(bytes) else {
            return cut_off(source);
        };
        if header.e_version(endian) == 1u32.swap_bytes() {
            return fail(
                Detail::WRONG_CLASS,
                "damaged ELF header: its numbers are in the other byte order than it says",
            );
        }
        if header.e_ident().version.0 != 1 || header.e_version(endian) != 1 {
            return fail(Detail::BAD_HEADER, "damaged ELF header: unknown version");
        }
        let bits = if header.is_type_64() { 64 } else { 32 };
        let machine = machine(header.e_machine(endian), bits, endian);
        check_class(machine, bits, endian)?;
        let is_executable = match header.e_type(endian) {
            elf::ET_DYN => false,
            elf::ET_EXEC => true,
            elf::ET_REL => {
                return fail(
                    Detail::OBJECT_FILE,
                    format!(
                        "an object file for {machine} that was not linked into a shared library"
                    ),
                );
            }
            elf::ET_CORE => return fail(Detail::CORE_DUMP, "the core dump of a crashed process"),
            other => {
                return fail(
                    Detail::BAD_HEADER,
                    format!("damaged ELF header: file type {}", other.0),
                );
            }
        };
        let entry_size = u64::from(header.e_phentsize(endian));
        let segment_count = u64::from(header.e_phnum(endian));
        if segment_count == 0 {
            return fail(Detail::BAD_HEADER, "damaged ELF header: no program headers");
        }
        if entry_size != size_of::<E::ProgramHeader>() as u64 {
            return fail(
                Detail::BAD_HEADER,
                format!("damaged ELF header: program headers of {entry_size} bytes"),
            );
        }
        Ok(Header {
            machine,
            bits,
            platform: platform(header.e_ident().os_abi),
            is_executable,
            segment_offset: header.e_phoff(endian).into(),
            segment_count,
        })
    }
}

fn machine(machine: elf::Machine, bits: u8, endian: Endianness) -> Machine {
    let is_64 = bits == 64;
    match machine {
        elf::EM_X86_64 if is_64 => Machine::X86_64,
        elf::EM_X86_64 => Machine::X32,
        elf::EM_386 => Machine::I686,
        elf::EM_AARCH64 => Machine::Aarch64,
        elf::EM_ARM => Machine::Armv7,
        elf::EM_RISCV if is_64 => Machine::Riscv64,
        elf::EM_RISCV => Machine::Riscv32,
        elf::EM_PPC64 if endian == Endianness::Little => Machine::Ppc64le,
        elf::EM_PPC64 => Machine::Ppc64,
        elf::EM_PPC => Machine::Ppc,
        elf::EM_S390 if is_64 => Machine::S390x,
        elf::EM_S390 => Machine::S390,
        elf::EM_LOONGARCH if is_64 => Machine::Loongarch64,
        elf::EM_LOONGARCH => Machine::Loongarch32,
        elf::EM_MIPS if is_64 => Machine::Mips64,
        elf::EM_MIPS => Machine::Mips,
        elf::EM_SPARC | elf::EM_SPARC32PLUS => Machine::Sparc,
        elf::EM_SPARCV9 => Machine::Sparc64,
        elf::EM_ALPHA => Machine::Alpha,
        elf::EM_IA_64 => Machine::Ia64,
        elf::EM_PARISC => Machine::Hppa,
        elf::EM_68K => Machine::M68k,
        elf::EM_SH => Machine::Sh4,
        other => Machine::Other(u32::from(other.0)),
    }
}

/// A machine that has only one word size or byte order, and a header that says otherwise.
fn check_class(machine: Machine, bits: u8, endian: Endianness) -> Result<()> {
    let only_bits = match machine {
        Machine::I686 | Machine::Armv7 | Machine::Ppc | Machine::M68k => Some(32),
        Machine::Ppc64 | Machine::Ppc64le | Machine::Alpha | Machine::Sparc64 => Some(64),
        _ => None,
    };
    let only_endian = match machine {
        Machine::X86_64 | Machine::X32 | Machine::I686 | Machine::Riscv64 | Machine::Riscv32 => {
            Some(Endianness::Little)
        }
        Machine::S390x | Machine::S390 | Machine::Sparc64 => Some(Endianness::Big),
        _ => None,
    };
    if only_bits.is_some_and(|only| only != bits) || only_endian.is_some_and(|only| only != endian)
    {
        let order = if endian == Endianness::Little {
            "little"
        } else {
            "big"
        };
        return fail(
            Detail::WRONG_CLASS,
            format!("damaged ELF header: {bits}-bit {order}-endian code for {machine}"),
        );
    }
    Ok(())
}

/// GNU and System V (0) are what Linux uses; 0 is also used by systems that mark themselves in a note.
fn platform(os_abi: elf::OsAbi) -> Option<Platform> {
    match os_abi {
        elf::ELFOSABI_SYSV => None,
        elf::ELFOSABI_GNU => Some(Platform::Linux),
        elf::ELFOSABI_FREEBSD => Some(Platform::FreeBsd),
        elf::ELFOSABI_NETBSD => Some(Platform::NetBsd),
        elf::ELFOSABI_OPENBSD => Some(Platform::OpenBsd),
        elf::ELFOSABI_SOLARIS => Some(Platform::Solaris),
        // Older ARM tools put 97 there.
        elf::OsAbi(97) => None,
        _ => Some(Platform::Other),
    }
}
