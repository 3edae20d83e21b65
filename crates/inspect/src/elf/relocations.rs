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

/// So much of each table is looked at entry by entry. A table in the wrong place shows at once, and the
/// tables of large modules have megabytes.
const USUALLY_READ: u64 = 64 << 10;

/// The same where thread-local relocations are searched. Linkers set DF_STATIC_TLS, so this is for the
/// rare one that does not.
const MOST_READ: u64 = 1 << 20;

/// Checks the tables and what is in them; `count` is the number of symbols, 0 if unknown. True if a
/// relocation needs static thread-local storage although DF_STATIC_TLS is not set.
pub(crate) fn check<E: Elf>(
    tables: &Tables,
    dynamic: &Dynamic,
    header: &Header,
    count: u64,
) -> Result<bool> {
    let endian = tables.endian;
    let word = if E::is_type_64_sized() { 8 } else { 4 };
    let (rela_size, rel_size) = (size_of::<E::Rela>() as u64, size_of::<E::Rel>() as u64);
    let rela = place(tables, &dynamic.rela, "DT_RELA", Some(rela_size))?;
    let rel = place(tables, &dynamic.rel, "DT_REL", Some(rel_size))?;
    place(tables, &dynamic.relr, "DT_RELR", Some(word))?;
    let plt_rela = match dynamic.plt_kind.map(|kind| elf::DynamicTag(kind as i64)) {
        Some(elf::DT_RELA) => true,
        Some(elf::DT_REL) => false,
        None if dynamic.plt.address.is_none() => false,
        _ => return fail(DETAIL, "damaged: DT_PLTREL is of no known kind"),
    };
    let plt_size = if plt_rela { rela_size } else { rel_size };
    let plt = place(tables, &dynamic.plt, "DT_JMPREL", None)?;
    if plt.is_some_and(|(_, size)| size % plt_size != 0) {
        return fail(DETAIL, "damaged: DT_JMPREL has a part of an entry");
    }
    let Some(kinds) = Kinds::of(header.machine) else {
        return Ok(false);
    };
    let mut scan = Scan {
        tables,
        kinds,
        count,
        constructors: constructors(dynamic),
        text_relocations: dynamic.text_relocations,
        relocated: [0; 2],
        whole: true,
        initial_exec: false,
        limit: USUALLY_READ,
    };
    if tables.segments.tls.is_some() && dynamic.flags & elf::DF_STATIC_TLS.0 == 0 {
        scan.limit = MOST_READ;
    }
    let (plt_rela, plt_rel) = if plt_rela { (plt, None) } else { (None, plt) };
    for (table, relative) in [(rela, dynamic.rela_count), (plt_rela, 0)] {
        scan.read::<E::Rela>(table, relative, |entry| Entry {
            address: entry.r_offset(endian).into(),
            symbol: entry.r_sym(endian, false),
            kind: entry.r_type(endian, false).0,
            addend: Some(entry.r_addend(endian).into() as u64),
        })?;
    }
    for (table, relative) in [(rel, dynamic.rel_count), (plt_rel, 0)] {
        scan.read::<E::Rel>(table, relative, |entry| Entry {
            address: entry.r_offset(endian).into(),
            symbol: entry.r_sym(endian),
            kind: entry.r_type(endian).0,
            addend: None,
        })?;
    }
    // Nothing in a library is at the address that the file gives, so a constructor that no relocation moves
    // is a jump into nowhere. DT_RELR is another way to move it.
    let known = scan.whole && dynamic.relr.address.is_none() && (rela.is_some() || rel.is_some());
    let all = scan
        .constructors
        .iter()
        .zip(scan.relocated)
        .all(|((start, end), relocated)| relocated >= (end - start) / word);
    if known && !all && !header.is_executable {
        return fail(
            Detail::BAD_INITIALIZERS,
            "damaged: a constructor's address is not relocated",
        );
    }
    Ok(scan.initial_exec)
}

struct Entry {
    address: u64,
    symbol: u32,
    kind: u32,
    addend: Option<u64>,
}

struct Scan<'t, 's, 'a> {
    tables: &'t Tables<'s, 'a>,
    kinds: Kinds,
    count: u64,
    constructors: [(u64, u64); 2],
    text_relocations: bool,
    /// How many entries of each table of constructors are relocated.
    relocated: [u64; 2],
    /// Whether all relocations were looked at.
    whole: bool,
    initial_exec: bool,
    limit: u64,
}

impl Scan<'_, '_, '_> {
    fn read<T: Pod>(
        &mut self,
        table: Option<(u64, u64)>,
        relative: u64,
        entry: impl Fn(&T) -> Entry,
    ) -> Result<()> {
        let Some((address, size)) = table else {
            return Ok(());
        };
        self.whole &= size <= self.limit;
        let count = size.min(self.limit) / size_of::<T>() as u64;
        let length = count * size_of::<T>() as u64;
        let bytes = self
            .tables
            .at(address, length, DETAIL, "a relocation table")?;
        let (entries, _) = pod::slice_from_bytes::<T>(&bytes, count as usize).unwrap_or((&[], &[]));
        for (index, entry) in entries.iter().map(entry).enumerate() {
            // glibc asserts it, which ends the process.
            if (index as u64) < relative && entry.kind != self.kinds.relative {
                return fail(
                    DETAIL,
                    "damaged: a relocation is not of the kind that its place promises",
                );
            }
            self.check(&entry)?;
        }
        Ok(())
    }

    fn check(&mut self, entry: &Entry) -> Result<()> {
        // R_…_NONE is 0 everywhere.
        if entry.kind == 0 {
            return Ok(());
        }
        match self.tables.segments.load_at(entry.address) {
            None => {
                return fail(
                    DETAIL,
                    "damaged: a relocation changes memory outside the file",
                );
            }
            Some(load) if !load.writable && !self.text_relocations => {
                return fail(
                    DETAIL,
                    "damaged: a relocation changes memory that is read-only",
                );
            }
            Some(_) => {}
        }
        if self.count > 0 && u64::from(entry.symbol) >= self.count {
            return fail(
                DETAIL,
                "damaged: a relocation names a symbol that is not there",
            );
        }
        for ((start, end), relocated) in self.constructors.iter().zip(&mut self.relocated) {
            *relocated += u64::from((*start..*end).contains(&entry.address));
        }
        if self.kinds.initial_exec.contains(&entry.kind) {
            self.initial_exec = true;
        }
        // The linker calls the function there to learn the address.
        if self.kinds.indirect == entry.kind
            && entry
                .addend
                .is_some_and(|addend| !self.tables.segments.is_code(addend))
        {
            return fail(
                DETAIL,
                "damaged: a relocation asks a function that is not in the code",
            );
        }
        if self.kinds.relative == entry.kind
            && let Some(addend) = entry.addend
        {
            let of_constructor = self
                .constructors
                .iter()
                .any(|(start, end)| (*start..*end).contains(&entry.address));
            if of_constructor && !self.tables.segments.is_code(addend) {
                return fail(
                    Detail::BAD_INITIALIZERS,
                    "damaged: a constructor is not in the code",
                );
            }
        }
        Ok(())
    }
}

/// Where the addresses of constructors and destructors are.
fn constructors(dynamic: &Dynamic) -> [(u64, u64); 2] {
    [&dynamic.init_array, &dynamic.fini_array].map(|table| {
        let start = table.address.unwrap_or_default();
        (start, start.saturating_add(table.size.unwrap_or_default()))
    })
}

/// Numbers from each processor's ABI supplement.
struct Kinds {
    /// Adds the load address to the addend.
    relative: u32,
    /// Calls a function, which gives the value (R_…_IRELATIVE).
    indirect: u32,
    /// A thread-local variable's distance from the thread pointer.
    initial_exec: &'static [u32],
}

impl Kinds {
    /// `None` for machines whose tables have peculiarities that are not known here.
    fn of(machine: Machine) -> Option<Kinds> {
        let (relative, indirect, initial_exec): (u32, u32, &[u32]) = match machine {
            Machine::X86_64 | Machine::X32 => (8, 37, &[18, 23]),
            Machine::I686 => (8, 42, &[14, 37]),
            Machine::Aarch64 => (1027, 1032, &[1030]),
            Machine::Armv7 => (23, 160, &[19]),
            Machine::Riscv64 | Machine::Riscv32 => (3, 58, &[10, 11]),
            Machine::Ppc64le => (22, 248, &[73]),
            Machine::S390x => (12, 61, &[56]),
            Machine::Loongarch64 => (3, 12, &[10, 11]),
            _ => return None,
        };
        Some(Kinds {
            relative,
            indirect,
            initial_exec,
        })
    }
}

/// The address and size of a table, if there is one that is not empty. `entry` is the size that its third
/// tag must have; all three must be there if one is (gABI, dynamic section).
fn place(
    tables: &Tables,
    table: &Table,
    name: &str,
    entry: Option<u64>,
) -> Result<Option<(u64, u64)>> {
    let (address, size) = match (table.address, table.size) {
        (Some(address), Some(size)) if size > 0 => (address, size),
        (Some(_), Some(_)) | (None, None | Some(0)) => return Ok(None),
        (Some(_), None) => return fail(DETAIL, format!("damaged: {name} without a size")),
        (None, Some(_)) => return fail(DETAIL, format!("damaged: {name} is missing")),
    };
    if let Some(entry) = entry {
        if table.entry != Some(entry) {
            return fail(
                DETAIL,
                format!("damaged: {name} has entries of a wrong size"),
            );
        }
        if size % entry != 0 {
            return fail(DETAIL, format!("damaged: {name} has a part of an entry"));
        }
    }
    if tables.segments.file_offset(address, size).is_none() {
        return fail(DETAIL, format!("damaged: {name} lies outside the file"));
    }
    Ok(Some((address, size)))
}
