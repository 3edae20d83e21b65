//! Addresses by name, for readers that take no lock.
//!
//! A reader reaches a table through a handle, which may end at any moment. So the memory of a table is never
//! given back to the system, only used again for later tables; it is made of atomics; and what was read counts
//! only if the handle was good until the end (`Slots::look`).

use core::hash::Hasher;
use core::sync::atomic::{AtomicU64, Ordering, fence};
use rustc_hash::FxHasher;
use std::sync::{Mutex, PoisonError};

/// What a table tells of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Its address.
    Address(usize),
    /// There is none, and never will be.
    Nothing,
    /// This table cannot tell.
    Unknown,
}

/// A table of fixed names, whose addresses may become known later.
pub struct Lookup {
    block: &'static Block,
}

/// The memory of a table, in words: how many buckets there are, less one; whether names that have no address
/// never will; the buckets; the names. A bucket is a hash, where the name is and how long, and its address; all
/// are 0 for none.
pub struct Block(Box<[AtomicU64]>);

const HEADER: usize = 2;
const BUCKET: usize = 3;

/// Memory that is not in use.
static SPARE: Mutex<Vec<&'static Block>> = Mutex::new(Vec::new());

impl Lookup {
    /// A table of names and addresses; 0: not known. `complete`: it never will be.
    pub fn new<'a>(
        entries: impl Iterator<Item = (&'a str, usize)> + Clone,
        complete: bool,
    ) -> Self {
        let count = entries.clone().count();
        let buckets = (count * 2 + 1).next_power_of_two();
        let names = HEADER + buckets * BUCKET;
        let name_words: usize = entries
            .clone()
            .map(|(name, _)| words(name.as_bytes()).count())
            .sum();
        let block = Block::of_size(names + name_words);
        // Whoever reads what is written from here on also sees that the handles before have ended.
        fence(Ordering::Release);
        block.set(0, buckets as u64 - 1);
        block.set(1, u64::from(complete));
        for word in HEADER..names {
            block.set(word, 0);
        }
        let mut free = names;
        for (name, address) in entries {
            let hash = hash(name.as_bytes());
            let mut bucket = hash as usize & (buckets - 1);
            while block.get(HEADER + bucket * BUCKET) != Some(0) {
                bucket = (bucket + 1) & (buckets - 1);
            }
            let at = HEADER + bucket * BUCKET;
            block.set(at, hash);
            block.set(at + 1, (free as u64) << 32 | name.len() as u64);
            block.set(at + 2, address as u64);
            for word in words(name.as_bytes()) {
                block.set(free, word);
                free += 1;
            }
        }
        Self { block }
    }

    /// Where its readers look.
    #[must_use]
    pub fn block(&self) -> &'static Block {
        self.block
    }

    /// Sets the address of a name, if it has that name.
    pub fn set(&self, name: &str, address: usize) {
        if let Some(bucket) = self.block.bucket(name.as_bytes()) {
            self.block.set(bucket + 2, address as u64);
        }
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        spare().push(self.block);
    }
}

fn spare() -> std::sync::MutexGuard<'static, Vec<&'static Block>> {
    // Nothing panics while the list is half changed.
    SPARE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Block {
    /// One that is large enough, and not so large that much is wasted.
    fn of_size(size: usize) -> &'static Self {
        let size = size.next_power_of_two();
        let mut spare = spare();
        match spare.iter().position(|block| block.0.len() == size) {
            Some(index) => spare.swap_remove(index),
            None => Box::leak(Box::new(Self(
                (0..size).map(|_| AtomicU64::new(0)).collect(),
            ))),
        }
    }

    #[inline]
    fn get(&self, word: usize) -> Option<u64> {
        Some(self.0.get(word)?.load(Ordering::Relaxed))
    }

    fn set(&self, word: usize, value: u64) {
        self.0[word].store(value, Ordering::Relaxed);
    }

    /// Where the bucket of that name is. Whatever it reads, which may be another table's by now, it ends.
    #[inline]
    fn bucket(&self, name: &[u8]) -> Option<usize> {
        let mask = self.get(0)? as usize;
        let hash = hash(name);
        let mut bucket = hash as usize & mask;
        for _ in 0..self.0.len() {
            let at = bucket.wrapping_mul(BUCKET).wrapping_add(HEADER);
            let found = self.get(at)?;
            if found == hash && self.has_name(self.get(at + 1)?, name) {
                return Some(at);
            }
            if found == 0 {
                return None;
            }
            bucket = bucket.wrapping_add(1) & mask;
        }
        None
    }

    #[inline]
    fn has_name(&self, place: u64, name: &[u8]) -> bool {
        place & u64::from(u32::MAX) == name.len() as u64
            && words(name)
                .zip((place >> 32) as usize..)
                .all(|(word, at)| self.get(at) == Some(word))
    }

    /// What it tells of a name.
    #[inline]
    pub fn find(&self, name: &[u8]) -> Seen {
        let address = self
            .bucket(name)
            .and_then(|bucket| self.get(bucket + 2))
            .unwrap_or(0);
        if address != 0 {
            Seen::Address(address as usize)
        } else if self.get(1) == Some(1) {
            Seen::Nothing
        } else {
            Seen::Unknown
        }
    }
}

/// A name in words. The last one of a long name has bytes of the one before in it.
#[inline]
fn words(name: &[u8]) -> impl Iterator<Item = u64> + Clone + '_ {
    let (whole, rest) = name.as_chunks::<8>();
    let last = match name.last_chunk::<8>() {
        _ if rest.is_empty() => None,
        Some(last) => Some(u64::from_le_bytes(*last)),
        None => {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            Some(u64::from_le_bytes(word))
        }
    };
    let whole = whole.iter().map(|word| u64::from_le_bytes(*word));
    whole.chain(last)
}

/// Never 0.
#[inline]
fn hash(name: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(name);
    hasher.finish() | 1 << 63
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<(String, usize)> {
        (1..300)
            .map(|i| (format!("{}{i}", "n".repeat(i % 20)), i * 8))
            .collect()
    }

    #[test]
    fn names_of_every_length_are_found() {
        let names = names();
        let table = Lookup::new(
            names
                .iter()
                .map(|(name, address)| (name.as_str(), *address)),
            true,
        );
        for (name, address) in &names {
            assert_eq!(
                table.block().find(name.as_bytes()),
                Seen::Address(*address),
                "{name}"
            );
            assert_eq!(
                table.block().find(format!("{name}x").as_bytes()),
                Seen::Nothing
            );
            assert_eq!(
                table.block().find(format!("x{name}").as_bytes()),
                Seen::Nothing
            );
        }
        assert_eq!(table.block().find(b""), Seen::Nothing);
        assert_eq!(
            Lookup::new([].into_iter(), false).block().find(b"x"),
            Seen::Unknown
        );
    }

    #[test]
    fn an_address_becomes_known() {
        let table = Lookup::new([("a", 0), ("b", 16)].into_iter(), false);
        assert_eq!(table.block().find(b"a"), Seen::Unknown);
        table.set("a", 32);
        table.set("absent", 48);
        assert_eq!(table.block().find(b"a"), Seen::Address(32));
        assert_eq!(table.block().find(b"b"), Seen::Address(16));
        assert_eq!(table.block().find(b"absent"), Seen::Unknown);
    }

    #[test]
    fn readers_of_a_table_that_ends_see_nothing_of_the_next() {
        use crate::handle::Kind;
        use crate::slots::Slots;
        use std::sync::atomic::AtomicBool;
        static TABLES: Slots<Block> = Slots::new(Kind::Loader);
        static HANDLE: AtomicU64 = AtomicU64::new(0);
        static ENDED: AtomicBool = AtomicBool::new(false);
        let publish = |address: usize| {
            let names: Vec<String> = (0..50)
                .map(|i| format!("module_{}", i * address % 61))
                .collect();
            let table = Lookup::new(names.iter().map(|name| (name.as_str(), address)), true);
            let pointer = core::ptr::from_ref(table.block()).cast_mut();
            let handle = TABLES.insert(pointer).unwrap();
            // The address of all its names is in the handle's place.
            HANDLE.store(handle, Ordering::Release);
            (handle, table)
        };
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut seen = 0;
                    while !ENDED.load(Ordering::Acquire) {
                        let handle = HANDLE.load(Ordering::Acquire);
                        let find = |block: *mut Block| {
                            // SAFETY: blocks are never freed.
                            unsafe { &*block }.find(b"module_7")
                        };
                        let before = TABLES.look(handle, find);
                        let after = TABLES.look(handle, find);
                        if let (Some(before), Some(after)) = (before, after) {
                            assert_eq!(before, after);
                            seen += 1;
                        }
                    }
                    seen
                });
            }
            let mut last = publish(1);
            for address in 2..3_000 {
                let next = publish(address);
                TABLES.remove(last.0);
                last = next;
            }
            ENDED.store(true, Ordering::Release);
        });
    }
}
