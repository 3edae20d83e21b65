//! The program headers: what is mapped where.

use super::{Elf, header::Header};
use crate::detail::Detail;
use crate::machine::Machine;
use crate::problem::{Problem, Result, fail, size_text};
use crate::source::Source;
use object::Endianness;
use object::read::elf::ProgramHeader;
use object::{elf, pod};
use std::mem::size_of;

/// Every page size of every machine is a multiple of this one, and a mapping can only be made where
/// address and file offset agree modulo the page size.
const SMALLEST_PAGE: u64 = 4096;

/// And each divides this one.
const LARGEST_PAGE: u64 = 1 << 16;

/// No user address space is larger, so nothing of such a size can be mapped.
const LARGEST_SPAN: u64 = 1 << 56;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    pub(crate) offset: u64,
    pub(crate) address: u64,
    pub(crate) filesz: u64,
    pub(crate) memsz: u64,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    pub(crate) executable: bool,
}

pub(crate) struct Segments {
    /// PT_LOAD, ascending.
    pub(crate) loads: Vec<Segment>,
    pub(crate) dynamic: Option<Segment>,
    pub(crate) tls: Option<Segment>,
    pub(crate) notes: Vec<Segment>,
    interpreter: Option<Segment>,
    read_only: Option<Segment>,
    pub(crate) executable_stack: bool,
}

impl Segments {
    pub(crate) fn read<E: Elf>(
        source: &Source,
        endian: Endianness,
        header: &Header,
    ) -> Result<Segments> {
        let length = header.segment_count * size_of::<E::ProgramHeader>() as u64;
        if header.segment_offset > LARGEST_SPAN {
            return fail(
                Detail::BAD_HEADER,
                "damaged ELF header: program headers at an impossible place",
            );
        }
        let Some(bytes) = source.bytes(header.segment_offset, length)? else {
            return Err(truncated(
                source,
                header.segment_offset.saturating_add(length),
            ));
        };
        let mut segments = Segments {
            loads: Vec::new(),
            dynamic: None,
            tls: None,
            notes: Vec::new(),
            interpreter: None,
            read_only: None,
            executable_stack: false,
        };
        // The length is a multiple of the entry's size.
        let (entries, _) =
            pod::slice_from_bytes::<E::ProgramHeader>(&bytes, header.segment_count as usize)
                .unwrap_or((&[], &[]));
        for entry in entries {
            let flags = entry.p_flags(endian).0;
            let segment = Segment {
                offset: entry.p_offset(endian).into(),
                address: entry.p_vaddr(endian).into(),
                filesz: entry.p_filesz(endian).into(),
                memsz: entry.p_memsz(endian).into(),
                // What can be written can be read.
                readable: flags & (elf::PF_R.0 | elf::PF_W.0) != 0,
                writable: flags & elf::PF_W.0 != 0,
                executable: flags & elf::PF_X.0 != 0,
            };
            let align: u64 = entry.p_align(endian).into();
            match entry.p_type(endian) {
                elf::PT_LOAD => segments.add_load(source, segment, align)?,
                elf::PT_DYNAMIC => segments.dynamic = Some(segment),
                elf::PT_TLS => {
                    if segment.filesz > segment.memsz || !is_alignment(align) {
                        return fail(Detail::BAD_TLS, "damaged: impossible thread-local segment");
                    }
                    check_inside(source, &segment)?;
                    segments.tls = Some(segment);
                }
                elf::PT_INTERP => {
                    check_inside(source, &segment)?;
                    segments.interpreter = Some(segment);
                }
                elf::PT_NOTE => {
                    check_inside(source, &segment)?;
                    segments.notes.push(segment);
                }
                elf::PT_GNU_RELRO => segments.read_only = Some(segment),
                elf::PT_GNU_STACK => segments.executable_stack = segment.executable,
                _ => {}
            }
        }
        let (Some(first), Some(last)) = (segments.loads.first(), segments.loads.last()) else {
            return fail(Detail::BAD_SEGMENTS, "damaged: no loadable segment");
        };
        if last.address + last.memsz - first.address > LARGEST_SPAN {
            return fail(
                Detail::BAD_SEGMENTS,
                "damaged: a segment of impossible size",
            );
        }
        if let Some(dynamic) = segments.dynamic
            && dynamic.writable
            && segments
                .load_at(dynamic.address)
                .is_some_and(|load| !load.writable)
        {
            // The linker writes addresses into it.
            return fail(
                Detail::BAD_SEGMENTS,
                "damaged: the dynamic section lies in a read-only segment",
            );
        }
        if let Some(tls) = segments.tls {
            // The linker copies the initial values from memory.
            if tls.filesz > 0 && segments.file_offset(tls.address, tls.filesz).is_none() {
                return fail(
                    Detail::BAD_TLS,
                    "damaged: the thread-local segment lies outside the loaded ones",
                );
            }
        }
        if let Some(part) = segments.read_only {
            // The linker takes write permission from it, whatever lies there.
            let inside = segments.load_at(part.address).is_some_and(|load| {
                let limit = (load.address + load.memsz).checked_next_multiple_of(LARGEST_PAGE);
                let end = part.address.checked_add(part.memsz);
                end.is_some_and(|end| limit.is_none_or(|limit| end <= limit))
            });
            if part.memsz > 0 && !inside {
                return fail(
                    Detail::BAD_SEGMENTS,
                    "damaged: the read-only part lies outside the segments",
                );
            }
        }
        Ok(segments)
    }

    fn add_load(&mut self, source: &Source, segment: Segment, align: u64) -> Result<()> {
        if segment.filesz > segment.memsz {
            return fail(
                Detail::BAD_SEGMENTS,
                "damaged: a segment is larger in the file than in memory",
            );
        }
        if segment.address.checked_add(segment.memsz).is_none() {
            return fail(
                Detail::BAD_SEGMENTS,
                "damaged: a segment of impossible size",
            );
        }
        if !is_alignment(align) {
            return fail(
                Detail::BAD_SEGMENTS,
                "damaged: a segment of impossible alignment",
            );
        }
        if segment.filesz > 0 {
            check_inside(source, &segment)?;
            if segment.address % SMALLEST_PAGE != segment.offset % SMALLEST_PAGE {
                return fail(
                    Detail::BAD_SEGMENTS,
                    "damaged: a segment's address and file offset do not fit together",
                );
            }
        }
        if let Some(previous) = self.loads.last()
            && segment.address < previous.address + previous.memsz
        {
            return fail(
                Detail::BAD_SEGMENTS,
                "damaged: segments overlap or are out of order",
            );
        }
        self.loads.push(segment);
        Ok(())
    }

    /// Where the bytes of an address range are in the file; `None` unless the range lies wholly in the
    /// file's part of one loaded segment that the linker can read.
    pub(crate) fn file_offset(&self, address: u64, length: u64) -> Option<u64> {
        let end = address.checked_add(length)?;
        let load = self.loads.iter().find(|load| {
            load.readable && load.address <= address && end <= load.address + load.filesz
        })?;
        Some(load.offset + (address - load.address))
    }

    /// Whether an address range lies wholly in one loaded segment, the zeroed part included.
    pub(crate) fn in_memory(&self, address: u64, length: u64) -> bool {
        address.checked_add(length).is_some_and(|end| {
            self.loads
                .iter()
                .any(|load| load.address <= address && end <= load.address + load.memsz)
        })
    }

    /// The loaded segment that an address belongs to.
    pub(crate) fn load_at(&self, address: u64) -> Option<&Segment> {
        self.loads
            .iter()
            .find(|load| load.address <= address && address < load.address + load.memsz)
    }

    /// Whether there is code at an address: in a segment that can be executed, and in the file.
    pub(crate) fn is_code(&self, address: u64) -> bool {
        self.load_at(address)
            .is_some_and(|load| load.executable && address < load.address + load.filesz)
    }

    /// How many bytes of the file follow an address in its segment.
    pub(crate) fn file_bytes_after(&self, address: u64) -> u64 {
        self.loads
            .iter()
            .find(|load| load.address <= address && address < load.address + load.filesz)
            .map_or(0, |load| load.address + load.filesz - address)
    }

    /// The path of the program interpreter.
    pub(crate) fn interpreter(&self, source: &Source) -> Result<Option<String>> {
        let Some(segment) = &self.interpreter else {
            return Ok(None);
        };
        let length = segment.filesz.min(SMALLEST_PAGE);
        let bytes = source.bytes(segment.offset, length)?.unwrap_or_default();
        let end = bytes
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(bytes.len());
        Ok(Some(String::from_utf8_lossy(&bytes[..end]).into_owned()))
    }
}

impl Header {
    /// Whether a function can be at an address. On some machines a function's address is not that of its
    /// code, but of a descriptor in the data.
    pub(crate) fn is_function(&self, segments: &Segments, address: u64) -> bool {
        match self.machine {
            Machine::Ppc64 | Machine::Ia64 | Machine::Hppa => segments.load_at(address).is_some(),
            _ => segments.is_code(address),
        }
    }
}

/// Zero and one both mean none.
fn is_alignment(align: u64) -> bool {
    align == 0 || align.is_power_of_two()
}

fn check_inside(source: &Source, segment: &Segment) -> Result<()> {
    match segment.offset.checked_add(segment.filesz) {
        Some(end) if end <= source.size() => Ok(()),
        // A file that large can never have been there.
        Some(end) if end <= LARGEST_SPAN => Err(truncated(source, end)),
        _ => fail(
            Detail::BAD_SEGMENTS,
            "damaged: a segment of impossible size",
        ),
    }
}

fn truncated(source: &Source, needed: u64) -> Problem {
    Problem::new(
        Detail::TRUNCATED,
        format!(
            "cut off: the file has {} and its segments reach to {}",
            size_text(source.size()),
            size_text(needed)
        ),
    )
}
