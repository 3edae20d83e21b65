//! The export table: through which functions others, and Python, can enter the file.

use super::sections::{Sections, outside, string};
use crate::detail::Detail;
use crate::problem::{Result, fail};
use crate::source::Source;
use crate::symbols::SymbolReport;
use object::LittleEndian as LE;
use object::read::pe::ExportTable;
use std::borrow::Cow;
use std::collections::HashSet;
use std::path::Path;

/// What other files can import of a DLL.
#[derive(Default)]
pub(crate) struct Exports {
    names: HashSet<Box<[u8]>>,
    ordinals: HashSet<u16>,
}

impl Exports {
    pub(crate) fn has_name(&self, name: &str) -> bool {
        self.names.contains(name.as_bytes())
    }

    pub(crate) fn has_ordinal(&self, ordinal: u16) -> bool {
        self.ordinals.contains(&ordinal)
    }
}

/// All that the DLL at a path exports.
pub(crate) fn exports_of(path: &Path) -> Result<Exports> {
    let mut exports = Exports::default();
    super::with_headers(
        &Source::open(path)?,
        Some(&mut SymbolReport::default()),
        Some(&mut exports),
    )?;
    Ok(exports)
}

impl Sections<'_, '_> {
    /// The name of the DLL; the exported functions go to the report, and all of them to `all`.
    pub(super) fn exports(
        &self,
        address: u32,
        size: u32,
        report: &mut SymbolReport,
        mut all: Option<&mut Exports>,
    ) -> Result<Option<String>> {
        let damaged = || outside("export");
        let bytes = self.from(address, u64::MAX)?.ok_or_else(damaged)?;
        let table = ExportTable::parse(&bytes, address).map_err(|_| damaged())?;
        let name_at = |rva: u32| -> Result<Option<Cow<[u8]>>> { self.name(&bytes, address, rva) };
        // What lies in the table itself is no function but the name of one of another DLL.
        let is_forward = |target: u32| target.checked_sub(address).is_some_and(|at| at < size);
        for (pointer, index) in table.name_iter() {
            let name = name_at(pointer)?.ok_or_else(damaged)?;
            let target = table.address_by_index(index).map_err(|_| damaged())?;
            let forward = is_forward(target);
            if forward {
                let start = (target - address) as usize;
                let text = bytes.get(start..).and_then(string);
                if !text.is_some_and(|text| text.contains(&b'.')) {
                    return Err(damaged());
                }
            }
            let function = forward || self.is_code(target);
            if !function && name.starts_with(b"PyInit") {
                return fail(
                    Detail::BAD_SYMBOLS,
                    format!(
                        "damaged: {} is not in the code",
                        String::from_utf8_lossy(&name)
                    ),
                );
            }
            report.defined(&name, function);
            if let Some(all) = &mut all {
                all.names.insert(name.into_owned().into());
            }
        }
        if let Some(all) = &mut all {
            for (_, ordinal, target) in table.address_iter() {
                if target != 0 {
                    all.ordinals.insert(ordinal.0);
                }
            }
        }
        Ok(name_at(table.directory().name.get(LE))?
            .map(|name| String::from_utf8_lossy(&name).into_owned()))
    }
}
