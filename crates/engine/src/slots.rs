//! Tables of pointers behind handles, for what lives by Python's rules: objects, prepared calls.
//!
//! Reading takes no lock. A slot's generation is odd while it is in use. A reader that holds the GIL may
//! use what it read: a handle's end is marked first, and what it stands for is given up later, with the
//! GIL.

use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering, fence};
use nexus_abi::handle::{Handle, Kind, MAX_HANDLES};
use std::sync::{Mutex, MutexGuard, PoisonError};

struct Slot<T> {
    generation: AtomicU32,
    pointer: AtomicPtr<T>,
}

/// Slots never move: segment `n` has `FIRST << n` of them.
const FIRST: u32 = 1024;
const SEGMENTS: usize = (MAX_HANDLES / FIRST).ilog2() as usize + 1;

struct Free {
    indices: Vec<u32>,
    used: u32,
}

/// A table of one kind of handle.
pub struct Slots<T: 'static> {
    kind: Kind,
    segments: [AtomicPtr<Slot<T>>; SEGMENTS],
    free: Mutex<Free>,
}

/// Segment and place in it. Segment `n` begins at index `FIRST * (2^n - 1)`.
#[inline]
fn place(index: u32) -> (usize, usize) {
    let segment = (index / FIRST + 1).ilog2();
    (
        segment as usize,
        (index - FIRST * ((1 << segment) - 1)) as usize,
    )
}

impl<T: 'static> Slots<T> {
    /// An empty table.
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            segments: [const { AtomicPtr::new(core::ptr::null_mut()) }; SEGMENTS],
            free: Mutex::new(Free {
                indices: Vec::new(),
                used: 0,
            }),
        }
    }

    fn free_list(&self) -> MutexGuard<'_, Free> {
        // Nothing panics while the list is half changed.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn slot(&self, index: u32) -> Option<&'static Slot<T>> {
        let (segment, offset) = place(index);
        let base = self.segments.get(segment)?.load(Ordering::Acquire);
        // SAFETY: a segment is made whole before it is published, is never freed, and has more slots than
        // any offset that `place` computes for it.
        (!base.is_null()).then(|| unsafe { &*base.add(offset) })
    }

    fn grow(&self, segment: usize) {
        let count = (FIRST as usize) << segment;
        let slots: Box<[Slot<T>]> = (0..count)
            .map(|_| Slot {
                generation: AtomicU32::new(0),
                pointer: AtomicPtr::new(core::ptr::null_mut()),
            })
            .collect();
        self.segments[segment].store(Box::leak(slots).as_mut_ptr(), Ordering::Release);
    }

    /// Makes a handle; `None` when the table is full. Needs no GIL.
    pub fn insert(&self, pointer: *mut T) -> Option<u64> {
        let index = {
            let mut free = self.free_list();
            match free.indices.pop() {
                Some(index) => index,
                None if free.used < MAX_HANDLES => {
                    let index = free.used;
                    if self.slot(index).is_none() {
                        self.grow(place(index).0);
                    }
                    free.used += 1;
                    index
                }
                None => return None,
            }
        };
        let slot = self.slot(index)?;
        slot.pointer.store(pointer, Ordering::Relaxed);
        let generation = slot.generation.load(Ordering::Relaxed) + 1;
        slot.generation.store(generation, Ordering::Release);
        Some(Handle { index, generation }.encode(self.kind).get())
    }

    /// What a handle stands for: to use it, hold the GIL, and take a share in it before Python code can
    /// run.
    #[inline]
    pub fn get(&self, handle: u64) -> Option<*mut T> {
        let handle = Handle::decode(handle, self.kind)?;
        let slot = self.slot(handle.index)?;
        if handle.generation & 1 == 0
            || slot.generation.load(Ordering::Acquire) != handle.generation
        {
            return None;
        }
        let pointer = slot.pointer.load(Ordering::Relaxed);
        // The slot may have been freed and used again in between.
        fence(Ordering::Acquire);
        (slot.generation.load(Ordering::Relaxed) == handle.generation).then_some(pointer)
    }

    /// Ends a handle, and gives what it stood for to one caller. Needs no GIL.
    pub fn remove(&self, handle: u64) -> Option<*mut T> {
        let handle = Handle::decode(handle, self.kind)?;
        let slot = self.slot(handle.index)?;
        if handle.generation & 1 == 0 {
            return None;
        }
        let pointer = slot.pointer.load(Ordering::Relaxed);
        // Of several threads that free the handle at once, one wins.
        slot.generation
            .compare_exchange(
                handle.generation,
                handle.generation.wrapping_add(1),
                Ordering::AcqRel,
                Ordering::Relaxed,
            )
            .ok()?;
        // A slot whose generations are used up is never given out again.
        if handle.generation != u32::MAX {
            self.free_list().indices.push(handle.index);
        }
        Some(pointer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_follow_each_other_without_gaps() {
        assert_eq!(place(0), (0, 0));
        assert_eq!(place(FIRST - 1), (0, FIRST as usize - 1));
        assert_eq!(place(FIRST), (1, 0));
        assert_eq!(place(3 * FIRST - 1), (1, 2 * FIRST as usize - 1));
        assert_eq!(place(3 * FIRST), (2, 0));
        let (segment, offset) = place(MAX_HANDLES - 1);
        assert!(segment < SEGMENTS && offset < (FIRST as usize) << segment);
    }

    #[test]
    fn a_freed_handle_stays_bad() {
        static TABLE: Slots<u8> = Slots::new(Kind::Object);
        let pointer = 0x1000 as *mut u8;
        let first = TABLE.insert(pointer).unwrap();
        assert_eq!(TABLE.get(first), Some(pointer));
        assert_eq!(TABLE.remove(first), Some(pointer));
        assert_eq!(TABLE.remove(first), None);
        let second = TABLE.insert(pointer).unwrap();
        assert_ne!(first, second);
        assert_eq!(TABLE.get(first), None);
    }
}
