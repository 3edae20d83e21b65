//! Tables of pointers behind handles that are read without a lock: objects, prepared calls, what loaders hold.
//!
//! A slot's generation is odd while it is in use. A reader may use what it read if that is never freed, or,
//! for what lives by Python's rules, if it holds the GIL: a handle's end is marked first, and what it stands
//! for is given up later, with the GIL.

use crate::handle::{Handle, Kind, MAX_HANDLES};
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};
use std::sync::{Mutex, PoisonError};

struct Slot<T> {
    generation: AtomicU32,
    /// The next free slot's link, while this one is free.
    next_free: AtomicU32,
    pointer: AtomicPtr<T>,
}

/// Slots never move: segment `n` has `FIRST << n` of them.
const FIRST: u32 = 1024;
const SEGMENTS: usize = (MAX_HANDLES / FIRST).ilog2() as usize + 1;

/// A table of one kind of handle.
pub struct Slots<T: 'static> {
    kind: Kind,
    segments: [AtomicPtr<Slot<T>>; SEGMENTS],
    growing: Mutex<()>,
    /// How many slots were ever in use.
    used: AtomicU32,
    free: FreeList,
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
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            segments: [const { AtomicPtr::new(core::ptr::null_mut()) }; SEGMENTS],
            growing: Mutex::new(()),
            used: AtomicU32::new(0),
            free: FreeList(AtomicU64::new(0)),
        }
    }

    #[inline]
    fn slot(&self, index: u32) -> Option<&'static Slot<T>> {
        // Most handles are in the first segment.
        let (segment, offset) = if index < FIRST {
            (0, index as usize)
        } else {
            place(index)
        };
        let base = self.segments.get(segment)?.load(Ordering::Acquire);
        // SAFETY: a segment is made whole before it is published, is never freed, and has more slots than
        // any offset that `place` computes for it.
        (!base.is_null()).then(|| unsafe { &*base.add(offset) })
    }

    /// A slot that was never in use.
    #[cold]
    fn fresh(&self) -> Option<u32> {
        let one_more = |used: u32| (used < MAX_HANDLES).then_some(used + 1);
        let index = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .ok()?;
        if self.slot(index).is_none() {
            // Nothing panics while it is held.
            let _growing = self.growing.lock().unwrap_or_else(PoisonError::into_inner);
            if self.slot(index).is_none() {
                self.grow(place(index).0);
            }
        }
        Some(index)
    }

    fn grow(&self, segment: usize) {
        let count = (FIRST as usize) << segment;
        let slots: Box<[Slot<T>]> = (0..count)
            .map(|_| Slot {
                generation: AtomicU32::new(0),
                next_free: AtomicU32::new(0),
                pointer: AtomicPtr::new(core::ptr::null_mut()),
            })
            .collect();
        self.segments[segment].store(Box::leak(slots).as_mut_ptr(), Ordering::Release);
    }

    /// Makes a handle; `None` when the table is full. Needs no GIL.
    #[inline]
    pub fn insert(&self, pointer: *mut T) -> Option<u64> {
        let index = match self
            .free
            .pop(|index| self.slot(index).map(|slot| &slot.next_free))
        {
            Some(index) => index,
            None => self.fresh()?,
        };
        let slot = self.slot(index)?;
        // Whoever reads this pointer also sees that the handles before have ended.
        slot.pointer.store(pointer, Ordering::Release);
        let generation = slot.generation.load(Ordering::Relaxed) + 1;
        slot.generation.store(generation, Ordering::Release);
        Some(Handle { index, generation }.encode(self.kind).get())
    }

    /// What a handle stands for: to use it, hold the GIL, and take a share in it before Python code can
    /// run.
    #[inline]
    pub fn get(&self, handle: u64) -> Option<*mut T> {
        self.look(handle, |pointer| pointer)
    }

    /// Looks at what a handle stands for, if that was the case until the end of `look`. Meanwhile it may be
    /// somebody else's, so it must be memory that is never freed, and that is made of atomics.
    #[inline]
    pub fn look<R>(&self, handle: u64, look: impl FnOnce(*mut T) -> R) -> Option<R> {
        let handle = Handle::decode(handle, self.kind)?;
        let slot = self.slot(handle.index)?;
        if handle.generation & 1 == 0
            || slot.generation.load(Ordering::Acquire) != handle.generation
        {
            return None;
        }
        let seen = look(slot.pointer.load(Ordering::Acquire));
        // The slot may have been freed and used again in between.
        fence(Ordering::Acquire);
        (slot.generation.load(Ordering::Relaxed) == handle.generation).then_some(seen)
    }

    /// Ends a handle, and gives what it stood for to one caller. Needs no GIL.
    #[inline]
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
            self.free.push(handle.index, &slot.next_free);
        }
        Some(pointer)
    }
}

/// A stack of free slots. Its head is a link, which is an index and one, or 0 for none, and above it a number
/// that changes with each use: a thread that was interrupted in `pop` sees that others came in between.
struct FreeList(AtomicU64);

const LINK_BITS: u32 = MAX_HANDLES.ilog2() + 1;

impl FreeList {
    #[inline]
    fn head(before: u64, link: u32) -> u64 {
        ((before >> LINK_BITS).wrapping_add(1) << LINK_BITS) | u64::from(link)
    }

    #[inline]
    fn link(head: u64) -> u32 {
        (head & ((1 << LINK_BITS) - 1)) as u32
    }

    #[inline]
    fn pop<'a>(&self, next_of: impl Fn(u32) -> Option<&'a AtomicU32>) -> Option<u32> {
        let mut head = self.0.load(Ordering::Acquire);
        loop {
            let index = Self::link(head).checked_sub(1)?;
            let next = next_of(index)?.load(Ordering::Relaxed);
            match self.0.compare_exchange_weak(
                head,
                Self::head(head, next),
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return Some(index),
                Err(now) => head = now,
            }
        }
    }

    #[inline]
    fn push(&self, index: u32, next: &AtomicU32) {
        let mut head = self.0.load(Ordering::Relaxed);
        loop {
            next.store(Self::link(head), Ordering::Relaxed);
            match self.0.compare_exchange_weak(
                head,
                Self::head(head, index + 1),
                Ordering::AcqRel,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
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
        assert_eq!(TABLE.look(second, |_| TABLE.remove(second)), None);
    }

    #[test]
    fn a_slot_is_retired_before_its_generations_repeat() {
        static TABLE: Slots<u8> = Slots::new(Kind::Object);
        let first = TABLE.insert(0x1000 as *mut u8).unwrap();
        let slot = TABLE.slot(0).unwrap();
        slot.generation.store(u32::MAX, Ordering::Relaxed);
        assert_eq!(TABLE.get(first), None);
        let last = Handle {
            index: 0,
            generation: u32::MAX,
        };
        assert!(TABLE.remove(last.encode(Kind::Object).get()).is_some());
        let next = TABLE.insert(0x1000 as *mut u8).unwrap();
        assert_eq!(Handle::decode(next, Kind::Object).unwrap().index, 1);
    }

    #[test]
    fn threads_never_share_a_slot() {
        static TABLE: Slots<u8> = Slots::new(Kind::Object);
        let worker = |number: usize| {
            let mut mine = Vec::new();
            for i in 0..20_000 {
                let pointer = (number << 32 | i << 4) as *mut u8;
                mine.push((TABLE.insert(pointer).unwrap(), pointer));
                if i % 3 != 0 {
                    let (handle, pointer) = mine.swap_remove(i * 7 % mine.len());
                    assert_eq!(TABLE.get(handle), Some(pointer));
                    assert_eq!(TABLE.remove(handle), Some(pointer));
                    assert_eq!(TABLE.get(handle), None);
                }
            }
            for (handle, pointer) in mine {
                assert_eq!(TABLE.remove(handle), Some(pointer));
            }
        };
        std::thread::scope(|scope| {
            for number in 1..=4 {
                scope.spawn(move || worker(number));
            }
        });
        let used = TABLE.used.load(Ordering::Relaxed);
        let mut free = 0;
        while TABLE
            .free
            .pop(|index| TABLE.slot(index).map(|slot| &slot.next_free))
            .is_some()
        {
            free += 1;
        }
        assert_eq!(free, used);
    }
}
