//! The dynamic symbol table and its strings.

use super::{Elf, Tables, dynamic::Dynamic, header::Header};
use crate::detail::Detail;
use crate::problem::{Result, fail};
use crate::symbols::{SymbolReport, concerns_us};
use object::read::elf::Sym;
use object::{elf, pod};
use std::borrow::Cow;
use std::ffi::OsString;
use std::mem::size_of;

/// The dynamic string table, which ends with a NUL byte.
pub(crate) struct Strings<'s>(Cow<'s, [u8]>);

impl<'s> Strings<'s> {
    pub(crate) fn read(tables: &Tables<'s, '_>, dynamic: &Dynamic) -> Result<Strings<'s>> {
        let bytes = tables.at(
            dynamic.strings,
            dynamic.strings_size,
            Detail::BAD_STRINGS,
            "the string table",
        )?;
        if bytes.last() != Some(&0) {
            return fail(Detail::BAD_STRINGS, "damaged: the string table has no end");
        }
        Ok(Strings(bytes))
    }

    /// The string at an offset, without its NUL.
    pub(crate) fn get(&self, offset: u64) -> Option<&[u8]> {
        let rest = self.0.get(usize::try_from(offset).ok()?..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        Some(&rest[..end])
    }

    fn checked(&self, offset: u64, what: &str) -> Result<&[u8]> {
        match self.get(offset) {
            Some(bytes) => Ok(bytes),
            None => fail(
                Detail::BAD_STRINGS,
                format!("damaged: the name of {what} lies outside the string table"),
            ),
        }
    }

    pub(crate) fn text(&self, offset: u64, what: &str) -> Result<String> {
        Ok(String::from_utf8_lossy(self.checked(offset, what)?).into_owned())
    }

    /// A list of directories, which need not be UTF-8.
    pub(crate) fn os_text(&self, offset: u64, what: &str) -> Result<OsString> {
        let bytes = self.checked(offset, what)?;
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStringExt;
            Ok(OsString::from_vec(bytes.to_vec()))
        }
        #[cfg(not(unix))]
        Ok(OsString::from(String::from_utf8_lossy(bytes).into_owned()))
    }
}

/// Looks at every symbol: its name must be in the table, and what concerns Python is reported.
pub(crate) fn read<E: Elf>(
    tables: &Tables,
    dynamic: &Dynamic,
    header: &Header,
    strings: &Strings,
    count: u64,
    report: &mut SymbolReport,
) -> Result<()> {
    let Some(length) = count.checked_mul(size_of::<E::Sym>() as u64) else {
        return fail(
            Detail::BAD_SYMBOLS,
            "damaged: an impossible number of symbols",
        );
    };
    let bytes = tables.at(
        dynamic.symbols,
        length,
        Detail::BAD_SYMBOLS,
        "the symbol table",
    )?;
    let (symbols, _) =
        pod::slice_from_bytes::<E::Sym>(&bytes, count as usize).unwrap_or((&[], &[]));
    let endian = tables.endian;
    for symbol in symbols {
        let Some(start) = strings.0.get(symbol.st_name(endian) as usize..) else {
            return fail(
                Detail::BAD_SYMBOLS,
                "damaged: a symbol's name lies outside the string table",
            );
        };
        if !concerns_us(start) {
            continue;
        }
        let bind = symbol.st_bind();
        if bind == elf::STB_LOCAL {
            continue;
        }
        let end = start
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(start.len());
        let name = &start[..end];
        if symbol.is_undefined(endian) {
            report.undefined(name, bind == elf::STB_WEAK);
            continue;
        }
        let visible = matches!(
            symbol.st_visibility(),
            elf::STV_DEFAULT | elf::STV_PROTECTED
        );
        if !visible {
            continue;
        }
        let function = matches!(
            symbol.st_type(),
            elf::STT_FUNC | elf::STT_NOTYPE | elf::STT_GNU_IFUNC
        );
        let before = report.init_symbols.len();
        report.defined(name, function);
        if report.init_symbols.len() > before && name.starts_with(b"Py") {
            check_function::<E>(tables, header, symbol, name)?;
        }
    }
    Ok(())
}

/// Python calls the init function, so it must be in code.
fn check_function<E: Elf>(
    tables: &Tables,
    header: &Header,
    symbol: &E::Sym,
    name: &[u8],
) -> Result<()> {
    let address: u64 = symbol.st_value(tables.endian).into();
    if header.is_function(tables.segments, address) {
        return Ok(());
    }
    fail(
        Detail::BAD_SYMBOLS,
        format!(
            "damaged: {} is not in the code",
            String::from_utf8_lossy(name)
        ),
    )
}
