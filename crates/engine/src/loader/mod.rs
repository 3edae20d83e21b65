//! The modules of a directory.

mod api;
mod diagnose;
mod discover;
mod effects;
mod encodable;
mod entry;
mod load;
mod names;
mod open;
mod package;
mod plan;
mod registry;
mod report;
mod request;
mod search_path;
mod session;
mod standard;

use core::ffi::CStr;
use entry::Entry;
use names::Names;
use nexus_abi::NexusState;
use nexus_abi::handle::Kind;
use nexus_abi::table::Table;
use session::Session;
use std::ffi::CString;
use std::sync::{Mutex, PoisonError};

/// An opened directory. What is found is fixed when it is opened; only lazy entries change later.
pub struct Loader {
    /// As the host gave it.
    bin_path: CString,
    requested: Option<Vec<String>>,
    session: Session,
    /// In the order in which they load.
    entries: Vec<Entry>,
    names: Names,
    /// Descriptions given out so far, by the count in them: their texts live as long as the loader.
    descriptions: Mutex<Vec<(usize, CString)>>,
}

static LOADERS: Table<Loader> = Table::new(Kind::Loader);

impl Loader {
    fn entry(&self, name: &str) -> Option<&Entry> {
        self.names.one(name).map(|index| &self.entries[index])
    }

    /// The entries whose modules the host can get, in load order.
    fn available(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| {
            matches!(
                entry.state(),
                NexusState::NEXUS_STATE_LOADED | NexusState::NEXUS_STATE_LAZY
            )
        })
    }

    /// `NexusLoader(bin_path='/opt/app/modules', loaded=5 modules)`, as the Python class's `repr`.
    fn describe(&self) -> *const core::ffi::c_char {
        let loaded = self
            .entries
            .iter()
            .filter(|entry| entry.state() == NexusState::NEXUS_STATE_LOADED)
            .count();
        let mut made = self
            .descriptions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, text)) = made.iter().find(|(count, _)| *count == loaded) {
            return text.as_ptr();
        }
        let path = nexus_abi::text::python_repr(&self.bin_path.to_string_lossy());
        let text = nexus_abi::text::c_string(format!(
            "NexusLoader(bin_path={path}, loaded={loaded} modules)"
        ));
        // The vector may move, the text's bytes do not.
        let pointer = CStr::as_ptr(&text);
        made.push((loaded, text));
        pointer
    }
}
