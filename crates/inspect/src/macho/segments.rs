//! The segments, which dyld maps into memory.

use super::{Part, truncated};
use crate::detail::Detail;
use crate::problem::{Problem, Result, fail};
use object::Endianness;
use object::macho;
use object::read::macho::{Section, Segment};

#[derive(Default)]
pub(super) struct Segments {
    all: Vec<Range>,
    pub(super) constructors: Vec<Constructors>,
}

/// One segment.
struct Range {
    name: [u8; 16],
    address: u64,
    size: u64,
    file_offset: u64,
    file_size: u64,
    code: bool,
}

/// A list of functions that run at load.
pub(super) enum Constructors {
    /// Addresses, which dyld computes first.
    Pointers,
    /// Their distances from the beginning of the image.
    Offsets { offset: u32, size: u64 },
}

impl Segments {
    pub(super) fn add<S: Segment<Endian = Endianness>>(
        &mut self,
        segment: &S,
        sections: &[u8],
        endian: Endianness,
    ) -> Result<()> {
        let (file_offset, file_size) = segment.file_range(endian);
        let range = Range {
            name: *segment.segname(),
            address: segment.vmaddr(endian).into(),
            size: segment.vmsize(endian).into(),
            file_offset,
            file_size,
            code: segment.initprot(endian).0 & macho::VM_PROT_EXECUTE.0 != 0,
        };
        let sections = segment
            .sections(endian, sections)
            .map_err(|_| bad("the sections of a segment do not fit into its load command"))?;
        for section in sections {
            let (address, size) = (section.addr(endian).into(), section.size(endian).into());
            // Some tools leave the addresses of empty sections behind.
            if size != 0 && !inside(address, size, range.address, range.size) {
                return Err(bad("a section lies outside its segment"));
            }
            match section.flags(endian).0 & macho::SECTION_TYPE {
                kind if kind == u32::from(macho::S_INIT_FUNC_OFFSETS.0) => {
                    let offset = section.offset(endian);
                    self.constructors
                        .push(Constructors::Offsets { offset, size });
                }
                kind if kind == u32::from(macho::S_MOD_INIT_FUNC_POINTERS.0) => {
                    self.constructors.push(Constructors::Pointers);
                }
                _ => {}
            }
        }
        self.all.push(range);
        Ok(())
    }

    /// `header`: the size of the header with its load commands, which must be in the first segment.
    pub(super) fn check(&self, part: &Part, header: u64) -> Result<()> {
        for range in &self.all {
            part.check_range(range.file_offset, range.file_size)?;
            if range.file_size > range.size {
                return Err(bad("a segment is larger in the file than in memory"));
            }
            if range.address.checked_add(range.size).is_none() {
                return Err(bad("a segment of impossible size"));
            }
        }
        let mut sorted: Vec<&Range> = self.all.iter().filter(|range| range.size > 0).collect();
        sorted.sort_by_key(|range| range.address);
        let overlap = |pair: &[&Range]| pair[0].address + pair[0].size > pair[1].address;
        if sorted.windows(2).any(overlap) {
            return Err(bad("two segments overlap"));
        }
        match self.named(b"__TEXT") {
            Some(text) if text.file_offset == 0 && text.file_size >= header => {}
            Some(_) => return Err(bad("the __TEXT segment does not begin with the header")),
            None => return Err(bad("no __TEXT segment")),
        }
        if self.named(b"__LINKEDIT").is_none() {
            return Err(bad("no __LINKEDIT segment"));
        }
        Ok(())
    }

    fn named(&self, name: &[u8]) -> Option<&Range> {
        self.all.iter().find(|range| {
            let rest = range.name.strip_prefix(name);
            rest.is_some_and(|rest| rest.iter().all(|byte| *byte == 0))
        })
    }

    /// Whether code is at an address.
    pub(super) fn is_code(&self, address: u64) -> bool {
        self.all
            .iter()
            .any(|range| range.code && inside(address, 1, range.address, range.size))
    }

    /// The same for the distance from the beginning of the image.
    pub(super) fn is_code_at(&self, offset: u64) -> bool {
        let base = self.named(b"__TEXT").map_or(0, |text| text.address);
        base.checked_add(offset)
            .is_some_and(|address| self.is_code(address))
    }
}

fn inside(address: u64, size: u64, start: u64, length: u64) -> bool {
    address
        .checked_sub(start)
        .and_then(|at| at.checked_add(size))
        .is_some_and(|end| end <= length)
}

fn bad(what: &str) -> Problem {
    Problem::new(Detail::BAD_SEGMENTS, format!("damaged: {what}"))
}

impl Part<'_, '_> {
    /// Whether a range lies in the file; no bytes of it are read.
    pub(super) fn check_range(&self, offset: u64, size: u64) -> Result<()> {
        match offset.checked_add(size) {
            Some(end) if size == 0 || end <= self.size => Ok(()),
            Some(end) => Err(truncated(self.source, self.offset.saturating_add(end))),
            None => fail(
                Detail::BAD_SEGMENTS,
                "damaged: a segment of impossible size",
            ),
        }
    }
}
