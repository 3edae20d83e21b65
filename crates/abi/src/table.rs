//! Tables behind the handles whose things are Rust values: errors, names, reports.
//!
//! (Objects, prepared calls and loaders are in `slots.rs`, which is read without a lock.)

use crate::handle::{Handle, Kind, MAX_HANDLES};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

struct Slot<T> {
    generation: u32,
    value: Option<Arc<T>>,
}

struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

/// A table of shared values, reached by generation-checked handles from any thread.
pub struct Table<T> {
    kind: Kind,
    slots: RwLock<Slots<T>>,
}

impl<T> Table<T> {
    /// An empty table for handles of that kind.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            slots: RwLock::new(Slots {
                slots: Vec::new(),
                free: Vec::new(),
            }),
        }
    }

    // A panic while the lock was held cannot have left the table half changed: nothing in here
    // panics between two writes. So a poisoned lock is as good as any.
    fn read(&self) -> RwLockReadGuard<'_, Slots<T>> {
        self.slots
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Slots<T>> {
        self.slots
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Takes the value in and returns the bits of its handle; `None` when the table is full.
    pub fn insert(&self, value: Arc<T>) -> Option<u64> {
        let mut table = self.write();
        let index = match table.free.pop() {
            Some(index) => index,
            None => {
                let index = u32::try_from(table.slots.len())
                    .ok()
                    .filter(|&i| i < MAX_HANDLES)?;
                table.slots.push(Slot {
                    generation: 0,
                    value: None,
                });
                index
            }
        };
        let slot = &mut table.slots[index as usize];
        slot.generation += 1;
        slot.value = Some(value);
        Some(
            Handle {
                index,
                generation: slot.generation,
            }
            .encode(self.kind)
            .get(),
        )
    }

    /// The value of that handle, kept alive by what is returned.
    pub fn get(&self, bits: u64) -> Option<Arc<T>> {
        self.with(bits, Arc::clone)
    }

    /// Looks at the value without touching its count; the table cannot change meanwhile, so `look`
    /// must be short and must not call back into the table.
    pub fn with<R>(&self, bits: u64, look: impl FnOnce(&Arc<T>) -> R) -> Option<R> {
        let handle = Handle::decode(bits, self.kind)?;
        let table = self.read();
        let slot = table.slots.get(handle.index as usize)?;
        if slot.generation != handle.generation {
            return None;
        }
        slot.value.as_ref().map(look)
    }

    /// Ends that handle and returns its value. A second time, or for any other bits, `None`.
    pub fn remove(&self, bits: u64) -> Option<Arc<T>> {
        let handle = Handle::decode(bits, self.kind)?;
        let mut table = self.write();
        let slot = table.slots.get_mut(handle.index as usize)?;
        if slot.generation != handle.generation {
            return None;
        }
        let value = slot.value.take()?;
        // A slot whose generations are used up is never given out again.
        if slot.generation != u32::MAX {
            table.free.push(handle.index);
        }
        Some(value)
    }

    /// How many handles are alive.
    pub fn len(&self) -> usize {
        self.read()
            .slots
            .iter()
            .filter(|slot| slot.value.is_some())
            .count()
    }

    /// Whether no handle is alive.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_handle_stays_bad_when_its_slot_is_used_again() {
        let table = Table::new(Kind::Names);
        let first = table.insert(Arc::new(1)).unwrap();
        assert_eq!(table.remove(first).as_deref(), Some(&1));
        assert!(table.remove(first).is_none());
        let second = table.insert(Arc::new(2)).unwrap();
        assert_ne!(first, second);
        assert!(table.get(first).is_none());
        assert_eq!(table.get(second).as_deref(), Some(&2));
        assert_eq!(table.len(), 1);
    }

    #[test]
    fn a_slot_is_retired_before_its_generations_repeat() {
        let table = Table::new(Kind::Names);
        let first = table.insert(Arc::new(1)).unwrap();
        table.write().slots[0].generation = u32::MAX - 1;
        assert!(table.remove(first).is_none());
        table.write().slots[0].generation = u32::MAX;
        let last = Handle {
            index: 0,
            generation: u32::MAX,
        }
        .encode(Kind::Names)
        .get();
        assert!(table.remove(last).is_some());
        let next = table.insert(Arc::new(2)).unwrap();
        assert_eq!(Handle::decode(next, Kind::Names).unwrap().index, 1);
    }

    #[test]
    fn threads_agree() {
        let table = Table::new(Kind::Names);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for i in 0..1000 {
                        let bits = table.insert(Arc::new(i)).unwrap();
                        assert_eq!(table.get(bits).as_deref(), Some(&i));
                        assert!(table.remove(bits).is_some());
                    }
                });
            }
        });
        assert!(table.is_empty());
    }
}
