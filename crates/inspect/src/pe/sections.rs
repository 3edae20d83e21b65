//! Addresses and the bytes of the file at them.

use super::MOST_NAME;
use crate::detail::Detail;
use crate::problem::{Problem, Result, fail};
use crate::source::Source;
use object::LittleEndian as LE;
use object::pe::{self, ImageSectionHeader};
use object::read::coff::SectionTable;
use std::borrow::Cow;

pub(super) struct Sections<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    pub(super) sections: SectionTable<'s>,
    pub(super) image_base: u64,
    pub(super) image_size: u32,
}

impl<'s> Sections<'s, '_> {
    /// The bytes from an address to the end of its section, at most `limit`.
    pub(super) fn from(&self, address: u32, limit: u64) -> Result<Option<Cow<'s, [u8]>>> {
        match self.sections.pe_file_range_at(address) {
            Some((offset, size)) => self.source.bytes(offset.into(), u64::from(size).min(limit)),
            None => Ok(None),
        }
    }

    /// The whole section around an address, and where it begins.
    pub(super) fn around(&self, address: u32) -> Result<Option<(Cow<'s, [u8]>, u32)>> {
        let Some(section) = self.sections.section_containing(address) else {
            return Ok(None);
        };
        let start = section.virtual_address.get(LE);
        Ok(self.from(start, u64::MAX)?.map(|bytes| (bytes, start)))
    }

    /// The string at an address, from the section that is in memory or another.
    pub(super) fn name<'b>(
        &self,
        bytes: &'b [u8],
        start: u32,
        rva: u32,
    ) -> Result<Option<Cow<'b, [u8]>>> {
        let index = rva
            .checked_sub(start)
            .and_then(|index| usize::try_from(index).ok());
        if let Some(rest) = index
            .and_then(|index| bytes.get(index..))
            .filter(|rest| !rest.is_empty())
        {
            return Ok(string(rest).map(Cow::Borrowed));
        }
        let piece = self.from(rva, MOST_NAME as u64)?.unwrap_or_default();
        Ok(string(&piece).map(|name| Cow::Owned(name.to_vec())))
    }

    /// Whether code is at an address.
    pub(super) fn is_code(&self, address: u32) -> bool {
        let execute = |section: &&ImageSectionHeader| {
            section.characteristics.get(LE).0 & pe::IMAGE_SCN_MEM_EXECUTE.0 != 0
        };
        self.sections
            .iter()
            .filter(execute)
            .any(|section| section.contains_rva(address))
    }

    /// Windows calls DllMain without asking whether it is code.
    pub(super) fn check_entry_point(&self, address: u32) -> Result<()> {
        if address == 0 || self.is_code(address) {
            return Ok(());
        }
        fail(
            Detail::BAD_INITIALIZERS,
            "damaged: the entry point is not in the code",
        )
    }

    /// The relative address of an absolute one, if it lies in the image.
    pub(super) fn relative(&self, address: u64) -> Option<u32> {
        u32::try_from(address.checked_sub(self.image_base)?)
            .ok()
            .filter(|address| *address < self.image_size)
    }
}

/// The bytes before the NUL, which must come soon.
pub(super) fn string(bytes: &[u8]) -> Option<&[u8]> {
    let bytes = &bytes[..bytes.len().min(MOST_NAME)];
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some(&bytes[..end])
}

pub(super) fn outside(table: &str) -> Problem {
    Problem::new(
        Detail::BAD_IMPORTS,
        format!("damaged: the {table} table lies outside the file"),
    )
}
