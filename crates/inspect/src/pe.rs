//! PE files, the DLLs of Windows. A `.pyd` is a DLL that exports its init function.

use crate::detail::Detail;
use crate::image::Image;
use crate::machine::{Endian, Format, Machine, Platform};
use crate::problem::{Result, fail, size_text};
use crate::source::Source;
use crate::symbols::SymbolReport;
use object::LittleEndian as LE;
use object::pe::{self, ImageNtHeaders32, ImageNtHeaders64, ImageSectionHeader};
use object::read::coff::SectionTable;
use object::read::pe::{
    ExportTable, ImageNtHeaders, ImageOptionalHeader, ImageThunkData, ImportTable,
};
use std::borrow::Cow;

/// The headers with the section table end before this; real ones within a page.
const MOST_HEADERS: u64 = 1 << 20;

/// A longer name of a function or DLL is no name.
const MOST_NAME: usize = 1024;

/// More imported functions and DLLs than any file has: lists may overlap in a damaged file, and
/// reading them must end.
const MOST_IMPORTS: usize = 1 << 20;
const MOST_LIBRARIES: usize = 1 << 12;

pub(crate) fn read(source: &Source, report: &mut SymbolReport) -> Result<Image> {
    // e_lfanew, the offset of the PE header.
    let Some(offset) = source.bytes(0x3c, 4)? else {
        return fail(
            Detail::TRUNCATED,
            format!(
                "cut off after {}, in the middle of the DOS header",
                size_text(source.size())
            ),
        );
    };
    let offset = u64::from(u32::from_le_bytes(
        offset.as_ref().try_into().unwrap_or_default(),
    ));
    let Some(start) = source.bytes(offset, 26)? else {
        return fail(
            Detail::TRUNCATED,
            format!(
                "cut off after {}, before the PE header",
                size_text(source.size())
            ),
        );
    };
    if !start.starts_with(b"PE\0\0") {
        return fail(
            Detail::BAD_HEADER,
            "no PE header: a program for DOS, or damaged",
        );
    }
    let half = |index: usize| u16::from_le_bytes([start[index], start[index + 1]]);
    // Signature 4, file header 20, optional header, 40 for each section.
    let length = offset + 24 + u64::from(half(20)) + 40 * u64::from(half(6));
    if length > MOST_HEADERS {
        return fail(Detail::BAD_HEADER, "damaged: the PE header is too large");
    }
    let Some(headers) = source.bytes(0, length)? else {
        return fail(
            Detail::TRUNCATED,
            format!(
                "cut off after {}, in the middle of the PE header",
                size_text(source.size())
            ),
        );
    };
    match half(24) {
        pe::IMAGE_NT_OPTIONAL_HDR32_MAGIC => {
            read_class::<ImageNtHeaders32>(source, &headers, offset, report)
        }
        pe::IMAGE_NT_OPTIONAL_HDR64_MAGIC => {
            read_class::<ImageNtHeaders64>(source, &headers, offset, report)
        }
        _ => fail(
            Detail::WRONG_CLASS,
            "damaged PE header: neither 32 nor 64 bits",
        ),
    }
}

fn read_class<Pe: ImageNtHeaders>(
    source: &Source,
    headers: &[u8],
    mut offset: u64,
    report: &mut SymbolReport,
) -> Result<Image> {
    let bad =
        |error: object::Error| crate::Problem::new(Detail::BAD_HEADER, format!("damaged: {error}"));
    let (header, directories) = Pe::parse(headers, &mut offset).map_err(bad)?;
    let sections = header.sections(headers, offset).map_err(bad)?;
    let file_header = header.file_header();
    let bits = if header.is_type_64() { 64 } else { 32 };
    let machine = machine(file_header.machine.get(LE));
    if machine.bits().is_some_and(|only| only != bits) {
        return fail(
            Detail::WRONG_CLASS,
            format!("damaged PE header: {bits}-bit code for {machine}"),
        );
    }
    let mut image = Image::new(Format::Pe, machine, bits, Endian::Little);
    image.platform = Platform::Windows;
    image.is_executable = file_header.characteristics.get(LE).0 & pe::IMAGE_FILE_DLL.0 == 0;
    check_sections(source, &sections, header.optional_header().size_of_image())?;
    let file = Sections { source, sections };
    if let Some(directory) = directories.get(pe::IMAGE_DIRECTORY_ENTRY_EXPORT) {
        let (address, size) = directory.address_range();
        image.soname = file.exports(address, size, report)?;
    }
    if let Some(directory) = directories.get(pe::IMAGE_DIRECTORY_ENTRY_IMPORT) {
        image.needed = file.imports::<Pe>(directory.address_range().0, report)?;
    }
    Ok(image)
}

fn machine(machine: pe::Machine) -> Machine {
    match machine {
        pe::IMAGE_FILE_MACHINE_AMD64 => Machine::X86_64,
        pe::IMAGE_FILE_MACHINE_I386 => Machine::I686,
        // ARM64EC and ARM64X run on the same processors.
        pe::IMAGE_FILE_MACHINE_ARM64 | pe::Machine(0xa641 | 0xa64e) => Machine::Aarch64,
        pe::IMAGE_FILE_MACHINE_ARMNT | pe::IMAGE_FILE_MACHINE_ARM => Machine::Armv7,
        pe::IMAGE_FILE_MACHINE_IA64 => Machine::Ia64,
        pe::IMAGE_FILE_MACHINE_RISCV64 => Machine::Riscv64,
        other => Machine::Other(u32::from(other.0)),
    }
}

fn check_sections(source: &Source, sections: &SectionTable, image_size: u32) -> Result<()> {
    for section in sections.iter() {
        let offset = u64::from(section.pointer_to_raw_data.get(LE));
        let size = u64::from(section.size_of_raw_data.get(LE));
        if offset != 0 && offset + size > source.size() {
            return fail(
                Detail::TRUNCATED,
                format!(
                    "cut off: the file has {} and its sections reach to {}",
                    size_text(source.size()),
                    size_text(offset + size)
                ),
            );
        }
        let address = u64::from(section.virtual_address.get(LE));
        if address + u64::from(section.virtual_size.get(LE))
            > u64::from(image_size).next_multiple_of(1 << 16)
        {
            return fail(
                Detail::BAD_SECTIONS,
                "damaged: a section reaches beyond the image",
            );
        }
    }
    Ok(())
}

struct Sections<'s, 'a> {
    source: &'s Source<'a>,
    sections: SectionTable<'s>,
}

impl<'s> Sections<'s, '_> {
    /// The bytes from an address to the end of its section, at most `limit`.
    fn from(&self, address: u32, limit: u64) -> Result<Option<Cow<'s, [u8]>>> {
        match self.sections.pe_file_range_at(address) {
            Some((offset, size)) => self.source.bytes(offset.into(), u64::from(size).min(limit)),
            None => Ok(None),
        }
    }

    /// The name of the DLL; the exported functions go to the report.
    fn exports(
        &self,
        address: u32,
        size: u32,
        report: &mut SymbolReport,
    ) -> Result<Option<String>> {
        let damaged = || {
            crate::Problem::new(
                Detail::BAD_IMPORTS,
                "damaged: the export table lies outside the file",
            )
        };
        let bytes = self.from(address, size.into())?.ok_or_else(damaged)?;
        let table = ExportTable::parse(&bytes, address).map_err(|_| damaged())?;
        let name_at = |rva: u32| {
            let start = usize::try_from(rva.checked_sub(address)?).ok()?;
            string(bytes.get(start..)?)
        };
        for (pointer, index) in table.name_iter() {
            let name = name_at(pointer).ok_or_else(damaged)?;
            let target = table.address_by_index(index).map_err(|_| damaged())?;
            let function = table.is_forward(target) || self.is_code(target);
            if !function && name.starts_with(b"PyInit_") {
                return fail(
                    Detail::BAD_SYMBOLS,
                    format!(
                        "damaged: {} is not in the code",
                        String::from_utf8_lossy(name)
                    ),
                );
            }
            report.defined(name, function);
        }
        Ok(name_at(table.directory().name.get(LE))
            .map(|name| String::from_utf8_lossy(name).into_owned()))
    }

    /// The names of the DLLs; the functions of Python's go to the report. DLLs that are loaded only when
    /// first used are left out.
    fn imports<Pe: ImageNtHeaders>(
        &self,
        address: u32,
        report: &mut SymbolReport,
    ) -> Result<Vec<String>> {
        let damaged = || {
            crate::Problem::new(
                Detail::BAD_IMPORTS,
                "damaged: the import table lies outside the file",
            )
        };
        let section = self
            .sections
            .section_containing(address)
            .ok_or_else(damaged)?;
        let start = section.virtual_address.get(LE);
        let bytes = self.from(start, u64::MAX)?.ok_or_else(damaged)?;
        let name_at = |rva: u32| self.name(&bytes, start, rva);
        let table = ImportTable::new(&bytes, start, address);
        let mut descriptors = table.descriptors().map_err(|_| damaged())?;
        let mut libraries = Vec::new();
        let mut count = 0;
        while let Some(descriptor) = descriptors.next().map_err(|_| damaged())? {
            let library = name_at(descriptor.name.get(LE))?.ok_or_else(damaged)?;
            let library = String::from_utf8_lossy(&library).into_owned();
            if is_python(&library) {
                // The second list is overwritten with addresses when the file is loaded.
                let list = match descriptor.original_first_thunk.get(LE) {
                    0 => descriptor.first_thunk.get(LE),
                    list => list,
                };
                let mut thunks = table.thunks(list).map_err(|_| damaged())?;
                while let Some(thunk) = thunks.next::<Pe>().map_err(|_| damaged())? {
                    count += 1;
                    if count > MOST_IMPORTS {
                        return Err(damaged());
                    }
                    if !thunk.is_ordinal() {
                        // Two bytes of a hint come before the name.
                        let name = name_at(thunk.address().wrapping_add(2))?.ok_or_else(damaged)?;
                        report.undefined(&name, false);
                    }
                }
            }
            libraries.push(library);
            if libraries.len() > MOST_LIBRARIES {
                return Err(damaged());
            }
        }
        Ok(libraries)
    }

    /// The string at an address, from the section that is in memory or another.
    fn name<'b>(&self, bytes: &'b [u8], start: u32, rva: u32) -> Result<Option<Cow<'b, [u8]>>> {
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

    fn is_code(&self, address: u32) -> bool {
        let execute = |section: &&ImageSectionHeader| {
            section.characteristics.get(LE).0 & pe::IMAGE_SCN_MEM_EXECUTE.0 != 0
        };
        self.sections
            .iter()
            .filter(execute)
            .any(|section| section.contains_rva(address))
    }
}

/// The bytes before the NUL, which must come soon.
fn string(bytes: &[u8]) -> Option<&[u8]> {
    let bytes = &bytes[..bytes.len().min(MOST_NAME)];
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some(&bytes[..end])
}

fn is_python(library: &str) -> bool {
    let library = library.to_ascii_lowercase();
    ["python", "libpython", "libpypy"]
        .iter()
        .any(|start| library.starts_with(start))
}
