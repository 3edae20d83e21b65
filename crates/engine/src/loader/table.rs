//! The table behind `NexusLoader` handles.

use crate::loader::Loader;
use nexus_abi::handle::Kind;
use nexus_abi::lookup::{Block, Seen};
use nexus_abi::slots::Slots;
use rustc_hash::FxHashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// All open loaders.
pub static LOADERS: Loaders = Loaders {
    lookups: Slots::new(Kind::Loader),
    loaders: LazyLock::new(RwLock::default),
};

/// What a handle stands for is in two places: the names for `nexus_loader_get`, which are read without a lock,
/// and the loader.
pub struct Loaders {
    lookups: Slots<Block>,
    loaders: LazyLock<RwLock<FxHashMap<u64, Arc<Loader>>>>,
}

impl Loaders {
    /// Takes a loader in and returns the bits of its handle; `None` when the table is full.
    pub fn insert(&self, loader: Arc<Loader>) -> Option<u64> {
        let block = core::ptr::from_ref(loader.lookup.block()).cast_mut();
        let handle = self.lookups.insert(block)?;
        self.loaders
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(handle, loader);
        Some(handle)
    }

    /// The loader of that handle, kept alive by what is returned.
    pub fn get(&self, handle: u64) -> Option<Arc<Loader>> {
        self.loaders
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&handle)
            .cloned()
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
        self.loaders
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&handle)
    }
}
