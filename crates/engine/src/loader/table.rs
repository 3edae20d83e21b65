//! The table behind `NexusLoader` handles.

use crate::handles::{Kept, no_handle};
use crate::loader::Loader;
use core::sync::atomic::{AtomicU64, Ordering};
use nexus_abi::ffi::bad_handle;
use nexus_abi::handle::Kind;
use nexus_abi::lookup::{Block, Seen};
use nexus_abi::slots::Slots;
use nexus_abi::{NexusLoader, Result};
use pyo3::prelude::*;
use rustc_hash::FxHashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// All open loaders.
pub static LOADERS: Loaders = Loaders {
    lookups: Slots::new(Kind::Loader),
    loaders: LazyLock::new(RwLock::default),
    count: AtomicU64::new(0),
};

/// What a handle stands for is in two places: the names for `nexus_loader_get`, which are read without a lock,
/// and the loader.
pub struct Loaders {
    lookups: Slots<Block>,
    loaders: LazyLock<RwLock<FxHashMap<u64, Open>>>,
    /// How many were opened so far.
    count: AtomicU64,
}

struct Open {
    loader: Arc<Loader>,
    /// How many were opened before it.
    order: u64,
    /// What it is for Python code, if that has asked for it.
    object: Option<Kept>,
}

impl Loaders {
    /// Makes a handle.
    pub fn publish(&self, loader: Arc<Loader>) -> Result<*mut NexusLoader> {
        let block = core::ptr::from_ref(loader.lookup.block()).cast_mut();
        let handle = self.lookups.insert(block).ok_or_else(no_handle)?;
        let open = Open {
            loader,
            order: self.count.fetch_add(1, Ordering::Relaxed),
            object: None,
        };
        self.table_to_change().insert(handle, open);
        Ok(handle as *mut NexusLoader)
    }

    /// The same as `get`, for a host's argument.
    pub fn living(&self, loader: *const NexusLoader) -> Result<Arc<Loader>> {
        self.get(loader as u64)
            .ok_or_else(|| bad_handle("loader", loader))
    }

    /// The loader of that handle, kept alive by what is returned.
    pub fn get(&self, handle: u64) -> Option<Arc<Loader>> {
        self.table()
            .get(&handle)
            .map(|open| Arc::clone(&open.loader))
    }

    /// All of them with their handles, the oldest first.
    pub fn open(&self) -> Vec<(u64, Arc<Loader>)> {
        let table = self.table();
        let mut open: Vec<_> = table.iter().collect();
        open.sort_by_key(|(_, open)| open.order);
        open.into_iter()
            .map(|(&handle, open)| (handle, Arc::clone(&open.loader)))
            .collect()
    }

    /// What it is for Python code, if that has asked for it before.
    pub fn object<'py>(&self, py: Python<'py>, handle: u64) -> Option<Bound<'py, PyAny>> {
        let table = self.table();
        Some(table.get(&handle)?.object.as_ref()?.bind(py))
    }

    /// Makes that object what it is for Python code, and returns it; if another thread was faster, that one's.
    pub fn remember_object<'py>(
        &self,
        handle: u64,
        object: Bound<'py, PyAny>,
    ) -> Bound<'py, PyAny> {
        let py = object.py();
        // No reference is given up while the table is locked: that may run Python code.
        let kept = Kept::new(object.clone());
        let mut table = self.table_to_change();
        let Some(open) = table.get_mut(&handle) else {
            drop(table);
            return object;
        };
        if let Some(first) = &open.object {
            let first = first.bind(py);
            drop(table);
            return first;
        }
        open.object = Some(kept);
        object
    }

    fn table(&self) -> RwLockReadGuard<'_, FxHashMap<u64, Open>> {
        self.loaders.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn table_to_change(&self) -> RwLockWriteGuard<'_, FxHashMap<u64, Open>> {
        self.loaders.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What its table of names tells. `None`: no living handle.
    #[inline]
    pub fn find(&self, handle: u64, name: &[u8]) -> Option<Seen> {
        self.lookups.look(handle, |block| {
            // SAFETY: blocks are never freed.
            unsafe { &*block }.find(name)
        })
    }

    /// Ends that handle and returns its loader. A second time, or for any other bits, `None`.
    pub fn remove(&self, handle: u64) -> Option<Arc<Loader>> {
        self.lookups.remove(handle)?;
        let removed = self.table_to_change().remove(&handle);
        removed.map(|open| open.loader)
    }
}
