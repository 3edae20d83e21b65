//! What else the loader of Windows reads: relocations, thread-local storage, the load configuration.

use super::sections::Sections;
use crate::detail::Detail;
use crate::problem::{Problem, Result};
use object::LittleEndian as LE;
use object::pe::{ImageTlsDirectory32, ImageTlsDirectory64};
use object::pod::{self, Pod};
use object::read::pe::RelocationBlockIterator;

/// No file has more functions that run when a thread begins; the list ends with a 0.
const MOST_CALLBACKS: u32 = 4096;

/// CHPEMetadataPointer of IMAGE_LOAD_CONFIG_DIRECTORY64 (winnt.h): not 0 in files with ARM64EC code.
const HYBRID_METADATA: u32 = 0xc8;

impl Sections<'_, '_> {
    /// Windows adds the distance to the preferred address at each place that the table names.
    pub(super) fn check_relocations(&self, address: u32, size: u32) -> Result<()> {
        let damaged = |what: &str| {
            Problem::new(
                Detail::BAD_RELOCATIONS,
                format!("damaged: the relocation table {what}"),
            )
        };
        if size == 0 {
            return Ok(());
        }
        let bytes = self
            .from(address, size.into())?
            .filter(|bytes| bytes.len() == size as usize)
            .ok_or_else(|| damaged("lies outside the file"))?;
        let mut blocks = RelocationBlockIterator::new(&bytes);
        // An empty block, which some linkers put at the end, is an error for the iterator and none for Windows.
        while let Ok(Some(block)) = blocks.next() {
            if block.virtual_address() >= self.image_size {
                return Err(damaged("has an address outside the image"));
            }
        }
        self.check_block_sizes(&bytes)
            .ok_or_else(|| damaged("has a block of impossible size"))
    }

    fn check_block_sizes(&self, bytes: &[u8]) -> Option<()> {
        let mut at = 0;
        while at + 8 <= bytes.len() {
            let size = word(bytes.get(at + 4..at + 8)?);
            // Zeros that fill the section.
            if size == 0 {
                return Some(());
            }
            at = at.checked_add(size as usize)?;
            if size < 8 || !size.is_multiple_of(2) || at > bytes.len() {
                return None;
            }
        }
        Some(())
    }

    /// The size of the thread-local variables.
    pub(super) fn thread_local_storage(&self, address: u32, wide: bool) -> Result<u64> {
        let damaged = || {
            Problem::new(
                Detail::BAD_TLS,
                "damaged: the table of thread-local storage points outside the image",
            )
        };
        let (start, end, index, callbacks, zeros) = if wide {
            let table: ImageTlsDirectory64 = self.table(address)?.ok_or_else(damaged)?;
            (
                table.start_address_of_raw_data.get(LE),
                table.end_address_of_raw_data.get(LE),
                table.address_of_index.get(LE),
                table.address_of_call_backs.get(LE),
                table.size_of_zero_fill.get(LE),
            )
        } else {
            let table: ImageTlsDirectory32 = self.table(address)?.ok_or_else(damaged)?;
            (
                table.start_address_of_raw_data.get(LE).into(),
                table.end_address_of_raw_data.get(LE).into(),
                table.address_of_index.get(LE).into(),
                table.address_of_call_backs.get(LE).into(),
                table.size_of_zero_fill.get(LE),
            )
        };
        let inside = |address: u64| self.relative(address).is_some();
        let size = end.checked_sub(start).ok_or_else(damaged)?;
        if size > 0 && !(inside(start) && inside(end - 1)) || index != 0 && !inside(index) {
            return Err(damaged());
        }
        if callbacks != 0 {
            self.check_callbacks(callbacks, wide).ok_or_else(damaged)?;
        }
        Ok(size + u64::from(zeros))
    }

    /// The functions that run when the file is loaded and when a thread begins or ends.
    fn check_callbacks(&self, list: u64, wide: bool) -> Option<()> {
        let start = self.relative(list)?;
        let width = if wide { 8 } else { 4 };
        for index in 0..MOST_CALLBACKS {
            let at = start.checked_add(index * width)?;
            let Some(bytes) = self.from(at, width.into()).ok()? else {
                // Beyond what the file holds of a section there are zeros.
                return self
                    .sections
                    .iter()
                    .any(|it| in_memory(it, at))
                    .then_some(());
            };
            if bytes.len() < width as usize {
                return Some(());
            }
            let callback = match wide {
                true => u64::from_le_bytes(bytes.as_ref().try_into().ok()?),
                false => word(&bytes).into(),
            };
            if callback == 0 {
                return Some(());
            }
            if !self.is_code(self.relative(callback)?) {
                return None;
            }
        }
        None
    }

    /// Whether code of ARM64EC is in the file.
    pub(super) fn is_hybrid(&self, address: u32, wide: bool) -> Result<bool> {
        if !wide {
            return Ok(false);
        }
        // The table begins with its size; older ones end before.
        let size = self.from(address, 4)?.map_or(0, |bytes| word(&bytes));
        if size < HYBRID_METADATA + 8 {
            return Ok(false);
        }
        let metadata = self.from(address.saturating_add(HYBRID_METADATA), 8)?;
        Ok(metadata.is_some_and(|bytes| bytes.iter().any(|byte| *byte != 0)))
    }

    fn table<T: Pod>(&self, address: u32) -> Result<Option<T>> {
        let bytes = self.from(address, size_of::<T>() as u64)?;
        Ok(bytes.and_then(|bytes| pod::from_bytes::<T>(&bytes).ok().map(|(table, _)| *table)))
    }
}

fn in_memory(section: &object::pe::ImageSectionHeader, address: u32) -> bool {
    address
        .checked_sub(section.virtual_address.get(LE))
        .is_some_and(|at| at < section.virtual_size.get(LE))
}

fn word(bytes: &[u8]) -> u32 {
    bytes.try_into().map_or(0, u32::from_le_bytes)
}
