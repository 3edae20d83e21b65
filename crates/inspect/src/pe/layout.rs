//! The numbers of the headers and the section table, as Windows checks them before it maps a file: one
//! that is wrong gives "%1 is not a valid Win32 application" (ERROR_BAD_EXE_FORMAT) and no hint which.

use crate::detail::Detail;
use crate::problem::{Result, fail, size_text};
use crate::source::Source;
use object::LittleEndian as LE;
use object::pe;
use object::read::coff::SectionTable;
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader};

/// Windows maps no image with more (the PE format's specification, "COFF File Header").
const MOST_SECTIONS: usize = 96;

/// Below the size of a page everything is mapped at its offset in the file, and sections do not count.
const PAGE: u32 = 0x1000;

/// No image is larger (MM_SIZE_OF_LARGEST_IMAGE of Windows NT).
const LARGEST_IMAGE: u32 = 0x7700_0000;

/// An image begins at a multiple of this.
const BASE_ALIGNMENT: u64 = 0x1_0000;

pub(super) fn check<Pe: ImageNtHeaders>(
    source: &Source,
    header: &Pe,
    sections: &SectionTable,
) -> Result<()> {
    check_headers(source, header, sections.len())?;
    check_sections(source, header, sections)
}

fn check_headers<Pe: ImageNtHeaders>(source: &Source, header: &Pe, sections: usize) -> Result<()> {
    let optional = header.optional_header();
    let bad = |what: &str| fail(Detail::BAD_HEADER, format!("damaged PE header: {what}"));
    if header.file_header().characteristics.get(LE).0 & pe::IMAGE_FILE_EXECUTABLE_IMAGE.0 == 0 {
        return bad("it is not marked as linked without errors");
    }
    let (in_memory, in_file) = (optional.section_alignment(), optional.file_alignment());
    if !in_memory.is_power_of_two() || !in_file.is_power_of_two() || in_memory < in_file {
        return bad("impossible alignment of sections");
    }
    if in_file % 512 != 0 && in_file != in_memory {
        return bad("impossible alignment of sections in the file");
    }
    let (headers, image) = (optional.size_of_headers(), optional.size_of_image());
    if headers == 0 || headers >= image {
        return bad("impossible size of the headers");
    }
    if image > LARGEST_IMAGE {
        return bad("impossible size of the image");
    }
    if !optional.image_base().is_multiple_of(BASE_ALIGNMENT) {
        return bad("impossible base address");
    }
    if sections > MOST_SECTIONS {
        return bad("too many sections");
    }
    if u64::from(headers) > source.size() {
        return past_the_end(source, headers.into(), "headers");
    }
    Ok(())
}

fn check_sections<Pe: ImageNtHeaders>(
    source: &Source,
    header: &Pe,
    sections: &SectionTable,
) -> Result<()> {
    let optional = header.optional_header();
    let alignment = optional.section_alignment();
    let up = |size: u64| size.next_multiple_of(alignment.into());
    let mut next = up(optional.size_of_headers().into());
    let bad = |what: &str| fail(Detail::BAD_SECTIONS, format!("damaged: {what}"));
    for section in sections.iter() {
        let offset = u64::from(section.pointer_to_raw_data.get(LE));
        let in_file = u64::from(section.size_of_raw_data.get(LE));
        if offset != 0 && in_file != 0 && offset + in_file > source.size() {
            return past_the_end(source, offset + in_file, "sections");
        }
        let address = u64::from(section.virtual_address.get(LE));
        let in_memory = match section.virtual_size.get(LE) {
            0 => in_file,
            size => size.into(),
        };
        if address + in_memory > up(optional.size_of_image().into()) {
            return bad("a section reaches beyond the image");
        }
        if alignment < PAGE {
            continue;
        }
        if address != next {
            return bad("the sections do not follow each other");
        }
        next = up(address + in_memory.max(1));
    }
    Ok(())
}

fn past_the_end(source: &Source, end: u64, what: &str) -> Result<()> {
    fail(
        Detail::TRUNCATED,
        format!(
            "cut off: the file has {} and its {what} reach to {}",
            size_text(source.size()),
            size_text(end)
        ),
    )
}
