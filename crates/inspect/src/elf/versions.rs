//! Symbol versions: what is needed of other libraries, and what a library defines.

use super::{Tables, dynamic::Dynamic, symbols::Strings};
use crate::detail::Detail;
use crate::image::VersionNeed;
use crate::problem::{Result, fail};
use object::Endianness;
use object::elf::{VER_FLG_BASE, VER_FLG_WEAK, Verdaux, Verdef, Vernaux, Verneed};
use object::pod::{self, Pod};
use std::mem::size_of;

const DETAIL: Detail = Detail::BAD_VERSIONS;

/// The highest version index is 15 bits wide, so a longer list is a circle or damage.
const MOST_ENTRIES: usize = 1 << 15;

#[derive(Default)]
pub(crate) struct Versions {
    pub(crate) needs: Vec<VersionNeed>,
    pub(crate) definitions: Vec<String>,
}

pub(crate) fn read(
    tables: &Tables,
    dynamic: &Dynamic,
    strings: &Strings,
    count: u64,
) -> Result<Versions> {
    let mut versions = Versions::default();
    let mut highest = 1;
    if let Some(address) = dynamic.version_needs {
        needs(tables, strings, address, &mut versions, &mut highest)?;
    }
    if let Some(address) = dynamic.version_definitions {
        definitions(tables, strings, address, &mut versions, &mut highest)?;
    }
    if let Some(address) = dynamic.version_symbols {
        check_symbols(tables, address, count, highest)?;
    }
    Ok(versions)
}

fn needs(
    tables: &Tables,
    strings: &Strings,
    start: u64,
    versions: &mut Versions,
    highest: &mut u16,
) -> Result<()> {
    let endian = tables.endian;
    let mut total = 0;
    let mut address = start;
    loop {
        let need: Verneed<Endianness> = entry(tables, address, "needed versions")?;
        let mut list = VersionNeed {
            library: strings.text(need.vn_file.get(endian).into(), "a versioned library")?,
            versions: Vec::new(),
        };
        let mut aux_address = step(address, need.vn_aux.get(endian))?;
        loop {
            let aux: Vernaux<Endianness> = entry(tables, aux_address, "needed versions")?;
            total += 1;
            if total > MOST_ENTRIES {
                return fail(DETAIL, "damaged: the list of needed versions has no end");
            }
            let name = strings.text(aux.vna_name.get(endian).into(), "a needed version")?;
            *highest = (*highest).max(aux.vna_other.get(endian).0 & 0x7fff);
            if aux.vna_flags.get(endian).0 & VER_FLG_WEAK.0 == 0 {
                list.versions.push(name);
            }
            match aux.vna_next.get(endian) {
                0 => break,
                next => aux_address = step(aux_address, next)?,
            }
        }
        versions.needs.push(list);
        match need.vn_next.get(endian) {
            0 => return Ok(()),
            next => address = step(address, next)?,
        }
    }
}

fn definitions(
    tables: &Tables,
    strings: &Strings,
    start: u64,
    versions: &mut Versions,
    highest: &mut u16,
) -> Result<()> {
    let endian = tables.endian;
    let mut address = start;
    for _ in 0..MOST_ENTRIES {
        let definition: Verdef<Endianness> = entry(tables, address, "defined versions")?;
        *highest = (*highest).max(definition.vd_ndx.get(endian).0 & 0x7fff);
        // The first name is the version's own, the others are those it inherits from.
        let aux_address = step(address, definition.vd_aux.get(endian))?;
        let aux: Verdaux<Endianness> = entry(tables, aux_address, "defined versions")?;
        let name = strings.text(aux.vda_name.get(endian).into(), "a defined version")?;
        if definition.vd_flags.get(endian).0 & VER_FLG_BASE.0 == 0 {
            versions.definitions.push(name);
        }
        match definition.vd_next.get(endian) {
            0 => return Ok(()),
            next => address = step(address, next)?,
        }
    }
    fail(DETAIL, "damaged: the list of defined versions has no end")
}

/// Each symbol's version index is an index into a table that the linker makes as large as the highest.
fn check_symbols(tables: &Tables, address: u64, count: u64, highest: u16) -> Result<()> {
    let bytes = tables.at(address, count * 2, DETAIL, "the table of symbol versions")?;
    let big = tables.endian == Endianness::Big;
    for pair in bytes.chunks_exact(2) {
        let pair = [pair[0], pair[1]];
        let index = if big {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        };
        if index & 0x7fff > highest {
            return fail(DETAIL, "damaged: a symbol has a version that is not there");
        }
    }
    Ok(())
}

fn step(address: u64, distance: u32) -> Result<u64> {
    match address.checked_add(distance.into()) {
        Some(next) => Ok(next),
        None => fail(DETAIL, "damaged: a version lies outside the file"),
    }
}

fn entry<T: Pod>(tables: &Tables, address: u64, what: &str) -> Result<T> {
    let bytes = tables.at(address, size_of::<T>() as u64, DETAIL, what)?;
    match pod::from_bytes::<T>(&bytes) {
        Ok((entry, _)) => Ok(*entry),
        Err(()) => fail(DETAIL, format!("damaged: {what} lie outside the file")),
    }
}
