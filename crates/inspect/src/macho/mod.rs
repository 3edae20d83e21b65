//! Mach-O files of macOS, also universal ones with parts for several machines.
//!
//! What is checked is what dyld checks before it maps a file (segments and load commands), and what it trusts
//! afterwards: the tables of __LINKEDIT and the constructors.

mod commands;
mod segments;
mod symbols;
mod trie;

use crate::detail::Detail;
use crate::image::Image;
use crate::machine::{Endian, Format, Machine, Platform};
use crate::problem::{Problem, Result, fail, size_text};
use crate::source::Source;
use crate::symbols::SymbolReport;
use commands::Commands;
use object::Endianness;
use object::macho::{self, FatArch32, FatArch64, MachHeader32, MachHeader64};
use object::pod;
use object::read::macho::{FatArch, MachHeader};
use std::mem::size_of;

/// No universal file has more parts; a Java class has the same magic number, and its version, 45 or
/// more, in this place.
const MOST_PARTS: u32 = 40;

/// All load commands together; real ones take some kB.
const MOST_COMMANDS: u64 = 4 << 20;

pub(crate) fn is_magic(magic: &[u8]) -> bool {
    matches!(
        magic,
        [0xfe, 0xed, 0xfa, 0xce | 0xcf]
            | [0xce | 0xcf, 0xfa, 0xed, 0xfe]
            | [0xca, 0xfe, 0xba, 0xbe | 0xbf]
    )
}

pub(crate) fn read(source: &Source, report: Option<&mut SymbolReport>) -> Result<Image> {
    match source.head(4) {
        [0xca, 0xfe, 0xba, 0xbe] => read_universal::<FatArch32>(source, report),
        [0xca, 0xfe, 0xba, 0xbf] => read_universal::<FatArch64>(source, report),
        _ => Part {
            source,
            offset: 0,
            size: source.size(),
        }
        .read(report),
    }
}

fn read_universal<Fat: FatArch>(
    source: &Source,
    report: Option<&mut SymbolReport>,
) -> Result<Image> {
    let count = match source.bytes(4, 4)? {
        Some(bytes) => u32::from_be_bytes(bytes.as_ref().try_into().unwrap_or_default()),
        None => return Err(truncated(source, 8)),
    };
    if count >= MOST_PARTS {
        return fail(
            Detail::UNKNOWN_FORMAT,
            "a Java class, or a damaged universal file",
        );
    }
    if count == 0 {
        return fail(
            Detail::BAD_HEADER,
            "damaged: a universal file without parts",
        );
    }
    let length = u64::from(count) * size_of::<Fat>() as u64;
    let Some(bytes) = source.bytes(8, length)? else {
        return Err(truncated(source, 8 + length));
    };
    let (parts, _) = pod::slice_from_bytes::<Fat>(&bytes, count as usize).unwrap_or((&[], &[]));
    let mut machines = Vec::new();
    for part in parts {
        let (offset, size) = part.file_range();
        match offset.checked_add(size) {
            Some(end) if end <= source.size() => {}
            Some(end) => return Err(truncated(source, end)),
            None => return fail(Detail::BAD_HEADER, "damaged: a part of impossible size"),
        }
        machines.push(machine(part.cputype(), part.cpusubtype()));
    }
    let best = machines
        .iter()
        .position(|machine| *machine == Machine::host())
        .unwrap_or(0);
    let Some((offset, size)) = parts.get(best).map(FatArch::file_range) else {
        return fail(
            Detail::BAD_HEADER,
            "damaged: a universal file without parts",
        );
    };
    let mut image = Part {
        source,
        offset,
        size,
    }
    .read(report)?;
    image.machines = machines;
    Ok(image)
}

/// The part of a file that is a Mach-O file; all its offsets count from its beginning.
struct Part<'s, 'a> {
    source: &'s Source<'a>,
    offset: u64,
    size: u64,
}

impl Part<'_, '_> {
    fn read(&self, report: Option<&mut SymbolReport>) -> Result<Image> {
        let magic = self.bytes(0, 4)?;
        match magic.as_ref() {
            [0xfe, 0xed, 0xfa, 0xce] | [0xce, 0xfa, 0xed, 0xfe] => {
                self.read_class::<MachHeader32<Endianness>>(report)
            }
            [0xfe, 0xed, 0xfa, 0xcf] | [0xcf, 0xfa, 0xed, 0xfe] => {
                self.read_class::<MachHeader64<Endianness>>(report)
            }
            _ => fail(
                Detail::BAD_HEADER,
                "damaged: a part of the universal file is no Mach-O file",
            ),
        }
    }

    fn read_class<M: MachHeader<Endian = Endianness>>(
        &self,
        report: Option<&mut SymbolReport>,
    ) -> Result<Image> {
        let bytes = self.bytes(0, size_of::<M>() as u64)?;
        let header = M::parse(bytes.as_ref(), 0).map_err(damaged_header)?;
        let endian = header.endian().map_err(damaged_header)?;
        let bits = if header.is_type_64() { 64 } else { 32 };
        let machine = machine(header.cputype(endian), header.cpusubtype(endian));
        if machine.bits().is_some_and(|only| only != bits) {
            return fail(
                Detail::WRONG_CLASS,
                format!("damaged Mach-O header: {bits}-bit code for {machine}"),
            );
        }
        let order = match endian {
            Endianness::Little => Endian::Little,
            Endianness::Big => Endian::Big,
        };
        let mut image = Image::new(Format::MachO, machine, bits, order);
        image.platform = Platform::MacOs;
        match header.filetype(endian) {
            macho::MH_BUNDLE | macho::MH_DYLIB => {}
            macho::MH_EXECUTE => image.is_executable = true,
            macho::MH_OBJECT => {
                return fail(
                    Detail::OBJECT_FILE,
                    format!("an object file for {machine} that was not linked"),
                );
            }
            macho::MH_CORE => return fail(Detail::CORE_DUMP, "the core dump of a crashed process"),
            macho::MH_DSYM => {
                return fail(
                    Detail::DEBUG_INFORMATION_ONLY,
                    "separate debug information without contents to load",
                );
            }
            other => {
                return fail(
                    Detail::BAD_HEADER,
                    format!("damaged Mach-O header: file type {}", other.0),
                );
            }
        }
        let Some(report) = report else {
            return Ok(image);
        };
        let length = size_of::<M>() as u64 + u64::from(header.sizeofcmds(endian));
        if length > MOST_COMMANDS {
            return fail(Detail::BAD_HEADER, "damaged: too many load commands");
        }
        let bytes = self.bytes(0, length)?;
        let commands = Commands::read::<M>(header, endian, &bytes, &mut image)?;
        commands.segments.check(self, length)?;
        commands.check_tables(self)?;
        commands.check_constructors(self, endian)?;
        commands.symbols::<M>(self, endian, report)?;
        Ok(image)
    }

    fn bytes(&self, offset: u64, length: u64) -> Result<std::borrow::Cow<'_, [u8]>> {
        let end = offset.saturating_add(length);
        if end <= self.size
            && let Some(bytes) = self
                .source
                .bytes(self.offset.saturating_add(offset), length)?
        {
            return Ok(bytes);
        }
        Err(truncated(self.source, self.offset.saturating_add(end)))
    }
}

fn machine(cpu: macho::CpuType, kind: macho::CpuSubtype) -> Machine {
    /// The upper byte has flags.
    const SUBTYPE: u32 = 0x00ff_ffff;
    match cpu {
        macho::CPU_TYPE_ARM64 if kind.0 & SUBTYPE == macho::CPU_SUBTYPE_ARM64E.0 => {
            return Machine::Arm64e;
        }
        _ => {}
    }
    match cpu {
        macho::CPU_TYPE_X86_64 => Machine::X86_64,
        macho::CPU_TYPE_X86 => Machine::I686,
        macho::CPU_TYPE_ARM64 => Machine::Aarch64,
        macho::CPU_TYPE_ARM => Machine::Armv7,
        macho::CPU_TYPE_POWERPC => Machine::Ppc,
        macho::CPU_TYPE_POWERPC64 => Machine::Ppc64,
        other => Machine::Other(other.0),
    }
}

fn damaged_header(error: object::Error) -> Problem {
    Problem::new(Detail::BAD_HEADER, format!("damaged: {error}"))
}

fn truncated(source: &Source, needed: u64) -> Problem {
    Problem::new(
        Detail::TRUNCATED,
        format!(
            "cut off: the file has {} and its contents reach to {}",
            size_text(source.size()),
            size_text(needed)
        ),
    )
}
