//! The relocation tables: their place and size, and whether one asks for static thread-local storage.
//! The linker asserts some of this, which would end the process.

use super::{Elf, Tables, dynamic::Dynamic, dynamic::Table, header::Header};
use crate::detail::Detail;
use crate::machine::Machine;
use crate::problem::{Result, fail};
use object::elf;
use object::pod::{self, Pod};
use object::read::elf::{Rel, Rela};
use std::mem::size_of;

const DETAIL: Detail = Detail::BAD_RELOCATIONS;

/// Larger tables are not searched for thread-local relocations: linkers set DF_STATIC_TLS, so this is
/// for the rare one that does not.
const MOST_SEARCHED: u64 = 1 << 20;

/// Checks the tables. True if a relocation needs static thread-local storage although DF_STATIC_TLS is
/// not set.
pub(crate) fn check<E: Elf>(tables: &Tables, dynamic: &Dynamic, header: &Header) -> Result<bool> {
    let rela = check_table::<E::Rela>(tables, &dynamic.rela, "DT_RELA")?;
    let rel = check_table::<E::Rel>(tables, &dynamic.rel, "DT_REL")?;
    let word = if E::is_type_64_sized() { 8 } else { 4 };
    check_size(tables, &dynamic.relr, "DT_RELR", word)?;
    if dynamic.plt.address.is_some() {
        let entry = match dynamic.plt_kind.map(|kind| elf::DynamicTag(kind as i64)) {
            Some(elf::DT_RELA) => size_of::<E::Rela>(),
            Some(elf::DT_REL) => size_of::<E::Rel>(),
            _ => return fail(DETAIL, "damaged: DT_PLTREL is of no known kind"),
        };
        check_size(tables, &dynamic.plt, "DT_JMPREL", entry as u64)?;
    }
    let searched =
        tables.segments.tls.is_some() && dynamic.flags & u64::from(elf::DF_STATIC_TLS.0) == 0;
    let Some(wanted) = initial_exec(header.machine).filter(|_| searched) else {
        return Ok(false);
    };
    let endian = tables.endian;
    let any_rela = any::<E::Rela>(tables, rela, |entry| {
        wanted.contains(&entry.r_type(endian, false).0)
    })?;
    let any_rel = any::<E::Rel>(tables, rel, |entry| {
        wanted.contains(&entry.r_type(endian).0)
    })?;
    Ok(any_rela || any_rel)
}

/// The relocations of initial-exec accesses in each processor's ABI supplement: the variable's distance
/// from the thread pointer.
fn initial_exec(machine: Machine) -> Option<&'static [u32]> {
    Some(match machine {
        Machine::X86_64 | Machine::X32 => &[18, 23],
        Machine::I686 => &[14, 37],
        Machine::Aarch64 => &[1030],
        Machine::Armv7 => &[19],
        Machine::Riscv64 => &[11],
        Machine::Ppc64 | Machine::Ppc64le => &[73],
        Machine::S390x => &[56],
        _ => return None,
    })
}

fn check_table<T>(tables: &Tables, table: &Table, name: &str) -> Result<Option<(u64, u64)>> {
    let entry = size_of::<T>() as u64;
    if table.address.is_some() && table.entry.is_some_and(|size| size != entry) {
        return fail(
            DETAIL,
            format!("damaged: {name} has entries of a wrong size"),
        );
    }
    check_size(tables, table, name, entry)
}

/// The place of a table, if there is one.
fn check_size(
    tables: &Tables,
    table: &Table,
    name: &str,
    entry: u64,
) -> Result<Option<(u64, u64)>> {
    let Some(address) = table.address else {
        return Ok(None);
    };
    let Some(size) = table.size else {
        return fail(DETAIL, format!("damaged: {name} without a size"));
    };
    if size == 0 {
        return Ok(None);
    }
    if size % entry != 0 {
        return fail(DETAIL, format!("damaged: {name} has a part of an entry"));
    }
    if tables.segments.file_offset(address, size).is_none() {
        return fail(DETAIL, format!("damaged: {name} lies outside the file"));
    }
    Ok(Some((address, size)))
}

fn any<T: Pod>(
    tables: &Tables,
    table: Option<(u64, u64)>,
    wanted: impl Fn(&T) -> bool,
) -> Result<bool> {
    let Some((address, size)) = table.filter(|(_, size)| *size <= MOST_SEARCHED) else {
        return Ok(false);
    };
    let bytes = tables.at(address, size, DETAIL, "a relocation table")?;
    let count = bytes.len() / size_of::<T>();
    let (entries, _) = pod::slice_from_bytes::<T>(&bytes, count).unwrap_or((&[], &[]));
    Ok(entries.iter().any(wanted))
}
