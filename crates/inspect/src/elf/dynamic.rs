//! The dynamic section: the list of tags from which the dynamic linker finds everything else.

use super::{Elf, header::Header, segments::Segments};
use crate::detail::Detail;
use crate::problem::{Result, fail};
use crate::source::Source;
use object::Endianness;
use object::read::elf::Dyn;
use object::{elf, pod};
use std::mem::size_of;

/// Addresses, sizes and offsets from the dynamic section. As in the dynamic linker, the last entry of a
/// tag wins, except for DT_NEEDED.
#[derive(Default)]
pub(crate) struct Dynamic {
    pub(crate) needed: Vec<u64>,
    pub(crate) soname: Option<u64>,
    pub(crate) rpath: Option<u64>,
    pub(crate) runpath: Option<u64>,
    pub(crate) strings: u64,
    pub(crate) strings_size: u64,
    pub(crate) symbols: u64,
    pub(crate) hash: Option<u64>,
    pub(crate) gnu_hash: Option<u64>,
    pub(crate) version_symbols: Option<u64>,
    pub(crate) version_needs: Option<u64>,
    pub(crate) version_definitions: Option<u64>,
    pub(crate) rela: Table,
    pub(crate) rel: Table,
    pub(crate) relr: Table,
    pub(crate) plt: Table,
    /// DT_PLTREL: the tag of the kind of relocations in `plt`.
    pub(crate) plt_kind: Option<u64>,
    pub(crate) init: Option<u64>,
    pub(crate) fini: Option<u64>,
    pub(crate) init_array: Table,
    pub(crate) fini_array: Table,
    pub(crate) flags: u64,
    pub(crate) flags_1: u64,
    /// DT_RELACOUNT and DT_RELCOUNT: so many relocations at the beginning are relative ones.
    pub(crate) rela_count: u64,
    pub(crate) rel_count: u64,
    /// DT_TEXTREL, or DF_TEXTREL in the flags: relocations may change read-only segments.
    pub(crate) text_relocations: bool,
}

/// A table that is described by up to three tags.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) address: Option<u64>,
    pub(crate) size: Option<u64>,
    pub(crate) entry: Option<u64>,
}

impl Dynamic {
    /// Where the tables begin that a linker may put behind the symbols.
    pub(crate) fn tables(&self) -> impl Iterator<Item = u64> {
        [
            Some(self.strings),
            self.hash,
            self.gnu_hash,
            self.version_symbols,
            self.version_needs,
            self.version_definitions,
            self.rela.address,
            self.rel.address,
            self.relr.address,
            self.plt.address,
        ]
        .into_iter()
        .flatten()
    }

    /// `None` if there is no PT_DYNAMIC.
    pub(crate) fn read<E: Elf>(
        source: &Source,
        endian: Endianness,
        segments: &Segments,
    ) -> Result<Option<Dynamic>> {
        let Some(segment) = segments.dynamic else {
            return Ok(None);
        };
        if segment.filesz == 0 {
            return fail(
                Detail::DEBUG_INFORMATION_ONLY,
                "separate debug information without contents to load",
            );
        }
        // The linker reads at the address, whatever the file offset says.
        let bytes = match segments.file_offset(segment.address, segment.filesz) {
            Some(offset) => source.bytes(offset, segment.filesz)?,
            None => None,
        };
        let Some(bytes) = bytes else {
            return fail(
                Detail::BAD_DYNAMIC,
                "damaged: the dynamic section lies outside the loaded segments",
            );
        };
        let count = bytes.len() / size_of::<E::Dyn>();
        let (entries, _) = pod::slice_from_bytes::<E::Dyn>(&bytes, count).unwrap_or((&[], &[]));
        let mut dynamic = Dynamic::default();
        let (mut symbol_size, mut strings_size) = (None, None);
        let mut ended = false;
        let (mut has_strings, mut has_symbols) = (false, false);
        for entry in entries {
            let value = entry.val(endian);
            match entry.tag(endian) {
                elf::DT_NULL => {
                    ended = true;
                    break;
                }
                elf::DT_NEEDED => dynamic.needed.push(value),
                elf::DT_SONAME => dynamic.soname = Some(value),
                elf::DT_RPATH => dynamic.rpath = Some(value),
                elf::DT_RUNPATH => dynamic.runpath = Some(value),
                elf::DT_STRTAB => (dynamic.strings, has_strings) = (value, true),
                elf::DT_STRSZ => strings_size = Some(value),
                elf::DT_SYMTAB => (dynamic.symbols, has_symbols) = (value, true),
                elf::DT_SYMENT => symbol_size = Some(value),
                elf::DT_HASH => dynamic.hash = Some(value),
                elf::DT_GNU_HASH => dynamic.gnu_hash = Some(value),
                elf::DT_VERSYM => dynamic.version_symbols = Some(value),
                elf::DT_VERNEED => dynamic.version_needs = Some(value),
                elf::DT_VERDEF => dynamic.version_definitions = Some(value),
                elf::DT_RELA => dynamic.rela.address = Some(value),
                elf::DT_RELASZ => dynamic.rela.size = Some(value),
                elf::DT_RELAENT => dynamic.rela.entry = Some(value),
                elf::DT_REL => dynamic.rel.address = Some(value),
                elf::DT_RELSZ => dynamic.rel.size = Some(value),
                elf::DT_RELENT => dynamic.rel.entry = Some(value),
                elf::DT_RELR => dynamic.relr.address = Some(value),
                elf::DT_RELRSZ => dynamic.relr.size = Some(value),
                elf::DT_RELRENT => dynamic.relr.entry = Some(value),
                elf::DT_JMPREL => dynamic.plt.address = Some(value),
                elf::DT_PLTRELSZ => dynamic.plt.size = Some(value),
                elf::DT_PLTREL => dynamic.plt_kind = Some(value),
                elf::DT_INIT => dynamic.init = Some(value),
                elf::DT_FINI => dynamic.fini = Some(value),
                elf::DT_INIT_ARRAY => dynamic.init_array.address = Some(value),
                elf::DT_INIT_ARRAYSZ => dynamic.init_array.size = Some(value),
                elf::DT_FINI_ARRAY => dynamic.fini_array.address = Some(value),
                elf::DT_FINI_ARRAYSZ => dynamic.fini_array.size = Some(value),
                elf::DT_FLAGS => dynamic.flags = value,
                elf::DT_RELACOUNT => dynamic.rela_count = value,
                elf::DT_RELCOUNT => dynamic.rel_count = value,
                elf::DT_TEXTREL => dynamic.text_relocations = true,
                elf::DT_FLAGS_1 => dynamic.flags_1 = value,
                _ => {}
            }
        }
        if !ended {
            return fail(
                Detail::BAD_DYNAMIC,
                "damaged: the dynamic section has no end",
            );
        }
        // All four must be there (gABI, dynamic section).
        let (true, true, Some(strings_size), Some(symbol_size)) =
            (has_strings, has_symbols, strings_size, symbol_size)
        else {
            return fail(
                Detail::BAD_DYNAMIC,
                "damaged: the dynamic section lacks the symbol or string table",
            );
        };
        dynamic.strings_size = strings_size;
        dynamic.text_relocations |= dynamic.flags & elf::DF_TEXTREL.0 != 0;
        if symbol_size != size_of::<E::Sym>() as u64 {
            return fail(Detail::BAD_DYNAMIC, "damaged: symbols of a wrong size");
        }
        let versioned = dynamic.version_needs.is_some() || dynamic.version_definitions.is_some();
        if versioned && dynamic.version_symbols.is_none() {
            return fail(
                Detail::BAD_VERSIONS,
                "damaged: versions without the symbols' versions",
            );
        }
        Ok(Some(dynamic))
    }

    /// Constructors and destructors: the linker jumps to DT_INIT and to each address in the arrays.
    pub(crate) fn check_initializers<E: Elf>(
        &self,
        segments: &Segments,
        header: &Header,
    ) -> Result<()> {
        let word = if E::is_type_64_sized() { 8 } else { 4 };
        for (name, function) in [("DT_INIT", self.init), ("DT_FINI", self.fini)] {
            // Some linkers write 0 for none.
            let function = function.filter(|address| *address != 0);
            if function.is_some_and(|address| !header.is_function(segments, address)) {
                return fail(
                    Detail::BAD_INITIALIZERS,
                    format!("damaged: {name} is not in the code"),
                );
            }
        }
        for (name, table) in [
            ("DT_INIT_ARRAY", &self.init_array),
            ("DT_FINI_ARRAY", &self.fini_array),
        ] {
            let (Some(address), size) = (table.address, table.size) else {
                continue;
            };
            let Some(size) = size else {
                return fail(
                    Detail::BAD_INITIALIZERS,
                    format!("damaged: {name} without a size"),
                );
            };
            if size % word != 0
                || address % word != 0
                || (size > 0 && !segments.in_memory(address, size))
            {
                return fail(
                    Detail::BAD_INITIALIZERS,
                    format!("damaged: {name} lies outside the file"),
                );
            }
        }
        Ok(())
    }
}
