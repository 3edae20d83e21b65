//! Which functions the file has for others, and which it needs: from the exports trie and the chained fixups,
//! which dyld reads, as far as the file has them, otherwise from the symbol table.

use super::commands::{Commands, Table};
use super::{Part, trie};
use crate::detail::Detail;
use crate::problem::{Problem, Result, fail};
use crate::symbols::{SymbolReport, concerns_us};
use object::Endianness;
use object::macho;
use object::pod::{self, Pod};
use object::read::macho::{DyldChainedFixups, MachHeader, Nlist};
use std::borrow::Cow;

/// Ordinals up to this are libraries; the others are special, such as "look in all" (MAX_LIBRARY_ORDINAL).
const LAST_LIBRARY: i32 = 253;

impl Commands {
    pub(super) fn symbols<M: MachHeader<Endian = Endianness>>(
        &self,
        part: &Part,
        endian: Endianness,
        report: &mut SymbolReport,
    ) -> Result<()> {
        let before = report.undefined_python.len();
        if let Some(table) = self.exports {
            self.exported(part, table, report)?;
        }
        self.symbol_table::<M>(part, endian, report)?;
        // A stripped file need not have the symbols in the table.
        if report.undefined_python.len() == before
            && let Some(table) = self.chained_fixups
        {
            self.chained(part, endian, table, report)?;
        }
        Ok(())
    }

    fn exported(&self, part: &Part, table: Table, report: &mut SymbolReport) -> Result<()> {
        let bytes = part.table(table)?;
        let mut misplaced = None;
        trie::for_each(
            &bytes,
            &[b"_Py", b"__Py", b"_init", b"_nexus_engine_"],
            |name, entry| {
                let name = &name[1..];
                let function = entry.is_elsewhere() || self.segments.is_code_at(entry.address);
                if !function && name.starts_with(b"PyInit") {
                    misplaced = Some(String::from_utf8_lossy(name).into_owned());
                }
                report.defined(name, function);
            },
        )
        .ok_or_else(|| {
            Problem::new(
                Detail::BAD_IMPORTS,
                "damaged: the exports trie leads outside of itself",
            )
        })?;
        match misplaced {
            Some(name) => not_code(&name),
            None => Ok(()),
        }
    }

    fn symbol_table<M: MachHeader<Endian = Endianness>>(
        &self,
        part: &Part,
        endian: Endianness,
        report: &mut SymbolReport,
    ) -> Result<()> {
        let Some((offset, count, strings)) = self.symbols else {
            return Ok(());
        };
        let length = u64::from(count) * size_of::<M::Nlist>() as u64;
        let bytes = part.bytes(offset.into(), length)?;
        let strings = part.table(strings)?;
        for symbol in symbol_slice::<M::Nlist>(&bytes, count) {
            // Debugging entries, and those that are private to the file.
            if symbol.is_stab() || symbol.n_type().0 & macho::N_EXT.0 == 0 {
                continue;
            }
            let Some(start) = strings.get(symbol.n_strx(endian) as usize..) else {
                return fail(
                    Detail::BAD_SYMBOLS,
                    "damaged: a symbol's name lies outside the string table",
                );
            };
            let Some(name) = python_name(start) else {
                continue;
            };
            let description = symbol.n_desc(endian).0;
            if symbol.is_undefined() {
                let weak = description & macho::N_WEAK_REF.0 != 0;
                let ordinal = i32::from(description >> 8);
                self.undefined(name, weak, ordinal, report);
            } else if self.exports.is_none() && symbol.n_type().0 & macho::N_PEXT.0 == 0 {
                let function = self.segments.is_code(symbol.n_value(endian).into());
                if !function && name.starts_with(b"PyInit") {
                    return not_code(&String::from_utf8_lossy(name));
                }
                report.defined(name, function);
            }
        }
        Ok(())
    }

    fn chained(
        &self,
        part: &Part,
        endian: Endianness,
        table: Table,
        report: &mut SymbolReport,
    ) -> Result<()> {
        let damaged = |_| {
            Problem::new(
                Detail::BAD_RELOCATIONS,
                "damaged: the chained fixups lead outside of themselves",
            )
        };
        let bytes = part.table(table)?;
        let fixups = DyldChainedFixups::parse(endian, &bytes).map_err(damaged)?;
        let mut imports = fixups.imports(endian).map_err(damaged)?;
        while let Some(import) = imports.next().map_err(damaged)? {
            if let Some(name) = python_name(import.name) {
                self.undefined(name, import.weak_import, import.dylib.0, report);
            }
        }
        Ok(())
    }

    /// A name that begins like Python's; with a two-level namespace it may be another library's.
    fn undefined(&self, name: &[u8], weak: bool, ordinal: i32, report: &mut SymbolReport) {
        let library = usize::try_from(ordinal - 1)
            .ok()
            .filter(|_| self.two_level && ordinal <= LAST_LIBRARY)
            .and_then(|index| self.libraries.get(index));
        report.undefined(name, weak || library == Some(&false));
    }
}

impl Part<'_, '_> {
    fn table(&self, table: Table) -> Result<Cow<'_, [u8]>> {
        self.bytes(table.offset.into(), table.size.into())
    }
}

/// The name, if it concerns us. C names have an underscore in front.
fn python_name(start: &[u8]) -> Option<&[u8]> {
    let start = start.strip_prefix(b"_")?;
    if !concerns_us(start) {
        return None;
    }
    let end = start
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(start.len());
    Some(&start[..end])
}

fn not_code(name: &str) -> Result<()> {
    fail(
        Detail::BAD_SYMBOLS,
        format!("damaged: {name} is not in the code"),
    )
}

fn symbol_slice<T: Pod>(bytes: &[u8], count: u32) -> &[T] {
    pod::slice_from_bytes::<T>(bytes, count as usize).map_or(&[], |(symbols, _)| symbols)
}
