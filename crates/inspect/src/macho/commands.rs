//! The load commands: what dyld is told to do with the file.

use super::segments::{Constructors, Segments};
use super::{Part, damaged_header};
use crate::detail::Detail;
use crate::image::Image;
use crate::machine::Platform;
use crate::problem::{Problem, Result, fail};
use crate::python_build::PythonBuild;
use object::Endianness;
use object::macho::{self, LinkeditDataCommand};
use object::read::macho::{LoadCommandData, LoadCommandVariant, MachHeader};
use std::ffi::OsString;

/// A table of __LINKEDIT: its offset and size.
#[derive(Clone, Copy, Default)]
pub(super) struct Table {
    pub(super) offset: u32,
    pub(super) size: u32,
}

/// What the load commands say.
#[derive(Default)]
pub(super) struct Commands {
    pub(super) segments: Segments,
    /// The symbol table: its offset, number of symbols, and the strings.
    pub(super) symbols: Option<(u32, u32, Table)>,
    /// The functions that others can find, since macOS 10.6.
    pub(super) exports: Option<Table>,
    /// What it needs of others, since macOS 12.
    pub(super) chained_fixups: Option<Table>,
    /// All tables of __LINKEDIT.
    tables: Vec<Table>,
    /// Whether each needed library, in the order of the commands, is a Python; symbols name them by number.
    pub(super) libraries: Vec<bool>,
    /// Whether each undefined symbol says of which library it is.
    pub(super) two_level: bool,
}

impl Commands {
    pub(super) fn read<M: MachHeader<Endian = Endianness>>(
        header: &M,
        endian: Endianness,
        bytes: &[u8],
        image: &mut Image,
    ) -> Result<Commands> {
        let mut read = Commands {
            two_level: header.flags(endian).0 & macho::MH_TWOLEVEL.0 != 0,
            ..Commands::default()
        };
        let mut run_paths: Vec<String> = Vec::new();
        let mut platforms = Vec::new();
        let mut commands = header
            .load_commands(endian, bytes, 0)
            .map_err(damaged_header)?;
        while let Some(command) = commands.next().map_err(damaged_header)? {
            let text = |string| text(&command, endian, string);
            match command.variant().map_err(damaged_header)? {
                LoadCommandVariant::Segment32(segment, sections) => {
                    read.segments.add(segment, sections, endian)?;
                }
                LoadCommandVariant::Segment64(segment, sections) => {
                    read.segments.add(segment, sections, endian)?;
                }
                LoadCommandVariant::Symtab(table) => {
                    let strings = Table {
                        offset: table.stroff.get(endian),
                        size: table.strsize.get(endian),
                    };
                    read.tables.push(strings);
                    let (offset, count) = (table.symoff.get(endian), table.nsyms.get(endian));
                    read.symbols = Some((offset, count, strings));
                }
                LoadCommandVariant::Dylib(library) => {
                    let name = text(library.dylib.name)?;
                    let flags = command.dylib_use_flags(endian, library).ok().flatten();
                    let weak = flags
                        .is_some_and(|flags| flags.0 & macho::DYLIB_USE_WEAK_LINK.0 != 0)
                        || [macho::LC_LOAD_WEAK_DYLIB, macho::LC_LAZY_LOAD_DYLIB]
                            .contains(&command.cmd());
                    read.libraries.push(PythonBuild::is_python(&name));
                    match weak {
                        true => image.optional.push(name),
                        false => image.needed.push(name),
                    }
                }
                LoadCommandVariant::IdDylib(library) => {
                    image.soname = Some(text(library.dylib.name)?);
                }
                LoadCommandVariant::Rpath(path) => run_paths.push(text(path.path)?),
                LoadCommandVariant::LinkeditData(data) => {
                    image.is_signed |= command.cmd() == macho::LC_CODE_SIGNATURE;
                    read.linkedit(&command, data, endian);
                }
                LoadCommandVariant::DyldInfo(info) => {
                    for (offset, size) in [
                        (info.rebase_off, info.rebase_size),
                        (info.bind_off, info.bind_size),
                        (info.weak_bind_off, info.weak_bind_size),
                        (info.lazy_bind_off, info.lazy_bind_size),
                        (info.export_off, info.export_size),
                    ] {
                        read.table(offset.get(endian), size.get(endian));
                    }
                    let exports = (info.export_off.get(endian), info.export_size.get(endian));
                    read.exports = table_of(exports.0, exports.1).or(read.exports);
                }
                LoadCommandVariant::EncryptionInfo32(info) if info.cryptid.get(endian) != 0 => {
                    return encrypted();
                }
                LoadCommandVariant::EncryptionInfo64(info) if info.cryptid.get(endian) != 0 => {
                    return encrypted();
                }
                LoadCommandVariant::BuildVersion(version, _) => {
                    platforms.push((version.platform.get(endian), version.minos.get(endian).0));
                }
                LoadCommandVariant::VersionMin(version) => {
                    let platform = match command.cmd() {
                        macho::LC_VERSION_MIN_MACOSX => macho::PLATFORM_MACOS,
                        macho::LC_VERSION_MIN_IPHONEOS => macho::PLATFORM_IOS,
                        macho::LC_VERSION_MIN_TVOS => macho::PLATFORM_TVOS,
                        _ => macho::PLATFORM_WATCHOS,
                    };
                    platforms.push((platform, version.version.get(endian).0));
                }
                _ => {}
            }
        }
        if !run_paths.is_empty() {
            image.runpath = Some(OsString::from(run_paths.join(":")));
        }
        set_platform(image, &platforms);
        Ok(read)
    }

    fn linkedit(
        &mut self,
        command: &LoadCommandData<Endianness>,
        data: &LinkeditDataCommand<Endianness>,
        endian: Endianness,
    ) {
        let (offset, size) = (data.dataoff.get(endian), data.datasize.get(endian));
        self.table(offset, size);
        match command.cmd() {
            macho::LC_DYLD_EXPORTS_TRIE => {
                self.exports = table_of(offset, size).or(self.exports);
            }
            macho::LC_DYLD_CHAINED_FIXUPS => self.chained_fixups = table_of(offset, size),
            _ => {}
        }
    }

    fn table(&mut self, offset: u32, size: u32) {
        self.tables.extend(table_of(offset, size));
    }

    /// Every table, the signature among them, lies in the file; dyld asks no more.
    pub(super) fn check_tables(&self, part: &Part) -> Result<()> {
        for table in &self.tables {
            part.check_range(table.offset.into(), table.size.into())?;
        }
        Ok(())
    }

    /// Functions that dyld calls when the file is loaded.
    pub(super) fn check_constructors(&self, part: &Part, endian: Endianness) -> Result<()> {
        for list in &self.segments.constructors {
            let Constructors::Offsets { offset, size } = *list else {
                continue;
            };
            let bytes = part.bytes(offset.into(), size)?;
            let outside = bytes.chunks_exact(4).any(|bytes| {
                let bytes = bytes.try_into().unwrap_or_default();
                let offset = match endian {
                    Endianness::Little => u32::from_le_bytes(bytes),
                    Endianness::Big => u32::from_be_bytes(bytes),
                };
                !self.segments.is_code_at(offset.into())
            });
            if outside {
                return fail(
                    Detail::BAD_INITIALIZERS,
                    "damaged: a constructor is not in the code",
                );
            }
        }
        Ok(())
    }
}

fn table_of(offset: u32, size: u32) -> Option<Table> {
    (size != 0).then_some(Table { offset, size })
}

fn text(
    command: &LoadCommandData<Endianness>,
    endian: Endianness,
    string: macho::LcStr<Endianness>,
) -> Result<String> {
    let bytes = command.string(endian, string).map_err(damaged_header)?;
    if bytes.is_empty() {
        return Err(Problem::new(
            Detail::BAD_HEADER,
            "damaged: a load command with an empty name",
        ));
    }
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

fn encrypted<T>() -> Result<T> {
    fail(
        Detail::UNKNOWN_FORMAT,
        "the code is encrypted (LC_ENCRYPTION_INFO), as in an app of a store",
    )
}

/// A file can be for several systems, as macOS and the Mac version of iOS apps.
fn set_platform(image: &mut Image, platforms: &[(macho::Platform, u32)]) {
    let mac = platforms
        .iter()
        .find(|(platform, _)| *platform == macho::PLATFORM_MACOS);
    if let Some((_, version)) = mac {
        // xxxx.yy.zz in nibbles.
        let (major, minor) = ((version >> 16) as u16, (version >> 8) as u8);
        image.minimum_system = Some((major, minor.into()));
        return;
    }
    if let Some((platform, _)) = platforms.first() {
        image.platform = match *platform {
            macho::PLATFORM_MACCATALYST => Platform::MacOs,
            macho::PLATFORM_IOS | macho::PLATFORM_IOSSIMULATOR => Platform::Ios,
            _ => Platform::Other,
        };
    }
}
