//! PE files, the DLLs of Windows. A `.pyd` is a DLL that exports its init function.
//!
//! What is checked is what Windows checks before it maps a file (the section table and the numbers of the
//! headers), and what its loader trusts afterwards: imports, exports, relocations, thread-local storage.

mod directories;
mod exports;
mod imports;
mod layout;
mod sections;

use crate::detail::Detail;
use crate::image::Image;
use crate::machine::{Endian, Format, Machine, Platform};
use crate::problem::{Result, fail, size_text};
use crate::source::Source;
use crate::symbols::SymbolReport;
use object::LittleEndian as LE;
use object::pe::{self, ImageNtHeaders32, ImageNtHeaders64};
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader};
use sections::Sections;

pub(crate) use exports::{Exports, exports_of};

/// The headers with the section table end before this; real ones within a page.
const MOST_HEADERS: u64 = 1 << 20;

/// A longer name of a function or DLL is no name.
const MOST_NAME: usize = 4096;

pub(crate) fn read(source: &Source, report: Option<&mut SymbolReport>) -> Result<Image> {
    with_headers(source, report, None)
}

/// Reads a file, and on request which functions it exports.
fn with_headers(
    source: &Source,
    report: Option<&mut SymbolReport>,
    exports: Option<&mut Exports>,
) -> Result<Image> {
    let cut_off = |place: &str| {
        let size = size_text(source.size());
        fail(Detail::TRUNCATED, format!("cut off after {size}, {place}"))
    };
    // e_lfanew, the offset of the PE header.
    let Some(offset) = source.bytes(0x3c, 4)? else {
        return cut_off("in the middle of the DOS header");
    };
    let offset = u64::from(u32::from_le_bytes(
        offset.as_ref().try_into().unwrap_or_default(),
    ));
    let Some(start) = source.bytes(offset, 26)? else {
        return match source.bytes(offset, 2)? {
            Some(mark) => fail_old(&mark).or_else(|_| cut_off("before the PE header")),
            None => cut_off("before the PE header"),
        };
    };
    if !start.starts_with(b"PE\0\0") {
        return fail_old(&start);
    }
    if offset % 4 != 0 {
        return fail(Detail::BAD_HEADER, "damaged: the PE header is not aligned");
    }
    let half = |index: usize| u16::from_le_bytes([start[index], start[index + 1]]);
    // Signature 4, file header 20, optional header, 40 for each section.
    let length = offset + 24 + u64::from(half(20)) + 40 * u64::from(half(6));
    if length > MOST_HEADERS {
        return fail(Detail::BAD_HEADER, "damaged: the PE header is too large");
    }
    let Some(headers) = source.bytes(0, length)? else {
        return cut_off("in the middle of the PE header");
    };
    match half(24) {
        pe::IMAGE_NT_OPTIONAL_HDR32_MAGIC => {
            read_class::<ImageNtHeaders32>(source, &headers, offset, report, exports)
        }
        pe::IMAGE_NT_OPTIONAL_HDR64_MAGIC => {
            read_class::<ImageNtHeaders64>(source, &headers, offset, report, exports)
        }
        _ => fail(
            Detail::WRONG_CLASS,
            "damaged PE header: neither 32 nor 64 bits",
        ),
    }
}

/// Files for DOS and the systems between it and Windows NT.
fn fail_old<T>(mark: &[u8]) -> Result<T> {
    let what = match mark {
        [b'N', b'E', ..] => "built for 16-bit Windows or OS/2 (NE)",
        [b'L', b'E', ..] => "built as a driver of Windows 95 (LE)",
        [b'L', b'X', ..] => "built for OS/2 (LX)",
        _ => {
            return fail(
                Detail::BAD_HEADER,
                "no PE header: a program for DOS, or damaged",
            );
        }
    };
    fail(
        Detail::PLATFORM,
        format!("{what}, this is {}", Platform::host()),
    )
}

fn read_class<Pe: ImageNtHeaders>(
    source: &Source,
    headers: &[u8],
    mut offset: u64,
    report: Option<&mut SymbolReport>,
    exports: Option<&mut Exports>,
) -> Result<Image> {
    let bad =
        |error: object::Error| crate::Problem::new(Detail::BAD_HEADER, format!("damaged: {error}"));
    let (header, directories) = Pe::parse(headers, &mut offset).map_err(bad)?;
    let sections = header.sections(headers, offset).map_err(bad)?;
    let (file_header, optional) = (header.file_header(), header.optional_header());
    let bits = if header.is_type_64() { 64 } else { 32 };
    let machine = machine(file_header.machine.get(LE));
    if matches!(machine, Machine::Other(0xa641 | 0xa64e)) {
        return fail(
            Detail::BAD_HEADER,
            "damaged PE header: ARM64EC and ARM64X are machines of object files only",
        );
    }
    if machine.bits().is_some_and(|only| only != bits) {
        return fail(
            Detail::WRONG_CLASS,
            format!("damaged PE header: {bits}-bit code for {machine}"),
        );
    }
    let mut image = Image::new(Format::Pe, machine, bits, Endian::Little);
    let subsystem = optional.subsystem();
    // EFI_APPLICATION to EFI_ROM: programs and drivers of the firmware.
    image.platform = match subsystem.0 {
        10..=13 => Platform::Other,
        _ => Platform::Windows,
    };
    let is_dll = file_header.characteristics.get(LE).0 & pe::IMAGE_FILE_DLL.0 != 0;
    image.is_executable = !is_dll;
    image.is_driver = !is_dll && subsystem == pe::IMAGE_SUBSYSTEM_NATIVE;
    let Some(report) = report else {
        return Ok(image);
    };
    layout::check::<Pe>(source, header, &sections)?;
    let file = Sections {
        source,
        sections,
        image_base: optional.image_base(),
        image_size: optional.size_of_image(),
    };
    let range = |index: usize| {
        directories
            .get(index)
            .map(|directory| directory.address_range())
            .filter(|(address, _)| *address != 0)
    };
    file.check_entry_point(optional.address_of_entry_point())?;
    if let Some((address, size)) = range(pe::IMAGE_DIRECTORY_ENTRY_EXPORT) {
        image.soname = file.exports(address, size, report, exports)?;
    }
    if let Some((address, _)) = range(pe::IMAGE_DIRECTORY_ENTRY_IMPORT) {
        file.imports::<Pe>(address, report, &mut image)?;
    }
    if let Some((address, _)) = range(pe::IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT) {
        file.delayed_imports::<Pe>(address, report, &mut image)?;
    }
    if let Some((address, size)) = range(pe::IMAGE_DIRECTORY_ENTRY_BASERELOC) {
        file.check_relocations(address, size)?;
    }
    if let Some((address, _)) = range(pe::IMAGE_DIRECTORY_ENTRY_TLS) {
        image.tls_size = file.thread_local_storage(address, header.is_type_64())?;
    }
    image.is_managed = range(pe::IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR).is_some();
    if let Some((address, _)) = range(pe::IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG)
        && file.is_hybrid(address, header.is_type_64())?
    {
        match machine {
            // ARM64X: code for both.
            Machine::Aarch64 => image.machines = vec![Machine::Aarch64, Machine::Arm64ec],
            // The header of an ARM64EC file says x86_64.
            Machine::X86_64 => {
                image.machine = Machine::Arm64ec;
                image.machines = vec![Machine::Arm64ec];
            }
            _ => {}
        }
    }
    Ok(image)
}

fn machine(machine: pe::Machine) -> Machine {
    match machine {
        pe::IMAGE_FILE_MACHINE_AMD64 => Machine::X86_64,
        pe::IMAGE_FILE_MACHINE_I386 => Machine::I686,
        pe::IMAGE_FILE_MACHINE_ARM64 => Machine::Aarch64,
        pe::IMAGE_FILE_MACHINE_ARMNT | pe::IMAGE_FILE_MACHINE_ARM => Machine::Armv7,
        pe::IMAGE_FILE_MACHINE_IA64 => Machine::Ia64,
        pe::IMAGE_FILE_MACHINE_RISCV64 => Machine::Riscv64,
        other => Machine::Other(u32::from(other.0)),
    }
}
