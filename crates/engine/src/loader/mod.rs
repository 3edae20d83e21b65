//! The modules of a directory.

mod api;
pub mod class;
mod diagnose;
mod discover;
pub mod dll_folders;
mod effects;
mod encodable;
mod entry;
mod examine;
mod folder;
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
mod settle;
mod standard;
mod table;

use core::ffi::CStr;
use entry::Entry;
use names::{Meaning, Names};
use nexus_abi::NexusState;
use nexus_abi::lookup::Lookup;
use pyo3::ffi::PyObject;
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
    /// The same for those who want a module that is loaded.
    lookup: Lookup,
    /// Descriptions given out so far, by the count in them: their texts live as long as the loader.
    descriptions: Mutex<Vec<(usize, CString)>>,
}

impl Loader {
    /// A table of the modules that are loaded.
    fn lookup_of(entries: &[Entry], names: &Names, lazy: bool) -> Lookup {
        let modules = names.unambiguous().map(|(name, index)| {
            let module = entries[index].module();
            (name, module.map_or(0, |module| module.expose_provenance()))
        });
        Lookup::new(modules, !lazy)
    }

    /// The next time these names are looked up, it is known that the module is loaded.
    fn remember(&self, entry: &Entry, module: *mut PyObject) {
        for name in [&entry.name, &entry.stem] {
            if let Some(Meaning::One(index)) = self.names.get(name)
                && core::ptr::eq(&self.entries[*index], entry)
            {
                self.lookup.set(name, module.expose_provenance());
            }
        }
    }

    /// The entry that a name means. Reads the files of lazy ones that share it: helper libraries do not count.
    fn entry(&self, name: &str) -> Option<&Entry> {
        match self.names.get(name)? {
            Meaning::One(index) => Some(&self.entries[*index]),
            Meaning::Several(indices) if self.session.lazy() => {
                let list = self.session.allow_list();
                let mut modules = indices
                    .iter()
                    .map(|&index| &self.entries[index])
                    .filter(|entry| examine::one(entry, list));
                modules.next().filter(|_| modules.next().is_none())
            }
            Meaning::Several(_) => None,
        }
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

    /// How many of them are loaded.
    fn loaded_count(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.state() == NexusState::NEXUS_STATE_LOADED)
            .count()
    }

    /// `NexusLoader(bin_path='/opt/app/modules', loaded=5 modules)`, as the Python class's `repr`.
    fn describe(&self) -> *const core::ffi::c_char {
        let loaded = self.loaded_count();
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
