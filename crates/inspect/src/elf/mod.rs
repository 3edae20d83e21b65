//! ELF files, read as the dynamic linker reads them: program headers, the dynamic section and the tables
//! it points to. Section headers are not consulted: the linker does not need them, and tools such as
//! `strip` and `sstrip` may leave none or wrong ones.

mod dynamic;
mod hash;
mod header;
mod notes;
mod relocations;
mod segments;
mod symbols;
mod versions;

use crate::detail::Detail;
use crate::image::Image;
use crate::machine::{CLibrary, Endian, Format, Platform};
use crate::problem::{Result, fail};
use crate::source::Source;
use crate::symbols::SymbolReport;
use object::Endianness;
use object::elf::{DF_1_PIE, DF_STATIC_TLS, FileHeader32, FileHeader64};
use object::read::elf::FileHeader;

/// The header types of either class, with the byte order decided at run time.
pub(crate) trait Elf: FileHeader<Endian = Endianness> {}
impl Elf for FileHeader32<Endianness> {}
impl Elf for FileHeader64<Endianness> {}

pub(crate) fn read(source: &Source, symbols: Option<&mut SymbolReport>) -> Result<Image> {
    let ident = source.head(16);
    if ident.len() < 16 {
        return header::cut_off(source);
    }
    let endian = match ident[5] {
        1 => Endianness::Little,
        2 => Endianness::Big,
        other => {
            return fail(
                Detail::BAD_HEADER,
                format!("damaged ELF header: byte order {other}"),
            );
        }
    };
    match ident[4] {
        1 => read_class::<FileHeader32<Endianness>>(source, endian, symbols),
        2 => read_class::<FileHeader64<Endianness>>(source, endian, symbols),
        other => fail(
            Detail::WRONG_CLASS,
            format!("damaged ELF header: class {other}"),
        ),
    }
}

/// Reads no more than the header and the segments, whose bytes must be in the file.
pub(crate) fn check_mapping(source: &Source) -> Result<()> {
    let check = |endian| match source.head(5).last() {
        Some(1) => map_class::<FileHeader32<Endianness>>(source, endian),
        _ => map_class::<FileHeader64<Endianness>>(source, endian),
    };
    check(match source.head(6).last() {
        Some(2) => Endianness::Big,
        _ => Endianness::Little,
    })
}

fn map_class<E: Elf>(source: &Source, endian: Endianness) -> Result<()> {
    let header = header::Header::read::<E>(source, endian)?;
    segments::Segments::read::<E>(source, endian, &header).map(drop)
}

fn read_class<E: Elf>(
    source: &Source,
    endian: Endianness,
    report: Option<&mut SymbolReport>,
) -> Result<Image> {
    let header = header::Header::read::<E>(source, endian)?;
    let mut image = Image::new(
        Format::Elf,
        header.machine,
        header.bits,
        match endian {
            Endianness::Little => Endian::Little,
            Endianness::Big => Endian::Big,
        },
    );
    image.is_executable = header.is_executable;
    let Some(report) = report else {
        return Ok(image);
    };
    let segments = segments::Segments::read::<E>(source, endian, &header)?;
    image.executable_stack = segments.executable_stack;
    image.platform = match header.platform {
        Some(platform) => platform,
        None => notes::platform(source, endian, &segments)?.unwrap_or(Platform::Linux),
    };
    image.interpreter = segments.interpreter(source)?;
    if let Some(tls) = &segments.tls {
        image.tls_size = tls.memsz;
    }
    let Some(dynamic) = dynamic::Dynamic::read::<E>(source, endian, &segments)? else {
        if image.is_executable {
            return Ok(image);
        }
        return fail(
            Detail::BAD_DYNAMIC,
            "no dynamic section: a statically linked program, or damaged",
        );
    };
    let tables = Tables {
        source,
        endian,
        segments: &segments,
    };
    let strings = symbols::Strings::read(&tables, &dynamic)?;
    for offset in &dynamic.needed {
        image
            .needed
            .push(strings.text(*offset, "a needed library")?);
    }
    if let Some(offset) = dynamic.soname {
        image.soname = Some(strings.text(offset, "the soname")?);
    }
    if let Some(offset) = dynamic.rpath {
        image.rpath = Some(strings.os_text(offset, "DT_RPATH")?);
    }
    if let Some(offset) = dynamic.runpath {
        image.runpath = Some(strings.os_text(offset, "DT_RUNPATH")?);
    }
    image.static_tls = dynamic.flags & DF_STATIC_TLS.0 != 0;
    image.is_executable |= dynamic.flags_1 & DF_1_PIE.0 != 0;

    dynamic.check_initializers::<E>(&segments, &header)?;
    let count = hash::symbol_count(&tables, &dynamic, &header, E::is_type_64_sized())?;
    image.static_tls |= relocations::check::<E>(&tables, &dynamic, &header, count)?;
    symbols::read::<E>(&tables, &dynamic, &header, &strings, count, report)?;
    let versions = versions::read(&tables, &dynamic, &strings, count)?;
    image.version_needs = versions.needs;
    image.version_definitions = versions.definitions;
    image.c_library = c_library(&image);
    Ok(image)
}

/// What the tables' readers need: where bytes come from, and where addresses are.
pub(crate) struct Tables<'s, 'a> {
    pub(crate) source: &'s Source<'a>,
    pub(crate) endian: Endianness,
    pub(crate) segments: &'s segments::Segments,
}

impl<'s> Tables<'s, '_> {
    /// The bytes at an address, which must lie wholly in the file's part of one loaded segment.
    pub(crate) fn at(
        &self,
        address: u64,
        length: u64,
        detail: Detail,
        what: &str,
    ) -> Result<std::borrow::Cow<'s, [u8]>> {
        if let Some(offset) = self.segments.file_offset(address, length)
            && let Some(bytes) = self.source.bytes(offset, length)?
        {
            return Ok(bytes);
        }
        fail(
            detail,
            format!("damaged: {what} lies outside the file (address {address:#x}, {length} bytes)"),
        )
    }
}

/// glibc or musl, from the needed libraries, the interpreter and the versions. Android's libc is neither.
fn c_library(image: &Image) -> CLibrary {
    if image.platform != Platform::Linux {
        return CLibrary::Unknown;
    }
    let interpreter = image.interpreter.as_deref().unwrap_or_default();
    let soname = image.soname.as_deref().unwrap_or_default();
    let mut names = image.needed.iter().map(String::as_str).chain([soname]);
    if names
        .clone()
        .any(|name| name.starts_with("libc.musl-") || name.starts_with("ld-musl-"))
        || interpreter.contains("/ld-musl-")
    {
        CLibrary::Musl
    } else if names
        .clone()
        .any(|name| name == "libc.so.6" || name.starts_with("ld-linux"))
        || interpreter.contains("/ld-linux")
        || image
            .version_needs
            .iter()
            .chain([])
            .flat_map(|need| &need.versions)
            .any(|version| version.starts_with("GLIBC_2."))
    {
        CLibrary::Glibc
    } else if names.any(|name| name == "libc.so") {
        // The name of musl's own library where a distribution did not rename it.
        CLibrary::Musl
    } else {
        CLibrary::Unknown
    }
}
