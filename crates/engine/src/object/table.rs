//! The table behind `NexusObject` handles.
//!
//! Reading takes no lock. A slot's generation is odd while it is in use. A reader that holds the GIL may
//! use what it read: a handle's end is marked first, and the reference is given up later, with the GIL.

use crate::{ffi, services};
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering, fence};
use nexus_abi::handle::{Handle, Kind, MAX_HANDLES};
use nexus_abi::{NexusObject, Result};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError};

struct Slot {
    generation: AtomicU32,
    /// The object; its lowest bit says that it is lent: it lives for ever, and no reference is held.
    object: AtomicPtr<PyObject>,
}

/// Slots never move: segment `n` has `FIRST << n` of them.
const FIRST: u32 = 1024;
const SEGMENTS: usize = (MAX_HANDLES / FIRST).ilog2() as usize + 1;
static TABLE: [AtomicPtr<Slot>; SEGMENTS] =
    [const { AtomicPtr::new(core::ptr::null_mut()) }; SEGMENTS];

struct Free {
    indices: Vec<u32>,
    used: u32,
}
static FREE: Mutex<Free> = Mutex::new(Free {
    indices: Vec::new(),
    used: 0,
});

fn free_list() -> MutexGuard<'static, Free> {
    // Nothing panics while the list is half changed.
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
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

#[inline]
fn slot(index: u32) -> Option<&'static Slot> {
    let (segment, offset) = place(index);
    let base = TABLE.get(segment)?.load(Ordering::Acquire);
    // SAFETY: a segment is made whole before it is published, is never freed, and has more slots than
    // any offset that `place` computes for it.
    (!base.is_null()).then(|| unsafe { &*base.add(offset) })
}

fn grow(segment: usize) {
    let count = (FIRST as usize) << segment;
    let slots: Box<[Slot]> = (0..count)
        .map(|_| Slot {
            generation: AtomicU32::new(0),
            object: AtomicPtr::new(core::ptr::null_mut()),
        })
        .collect();
    TABLE[segment].store(Box::leak(slots).as_mut_ptr(), Ordering::Release);
}

fn insert(object: *mut PyObject) -> Option<*mut NexusObject> {
    let index = {
        let mut free = free_list();
        match free.indices.pop() {
            Some(index) => index,
            None if free.used < MAX_HANDLES => {
                let index = free.used;
                if slot(index).is_none() {
                    grow(place(index).0);
                }
                free.used += 1;
                index
            }
            None => return None,
        }
    };
    let slot = slot(index)?;
    slot.object.store(object, Ordering::Relaxed);
    let generation = slot.generation.load(Ordering::Relaxed) + 1;
    slot.generation.store(generation, Ordering::Release);
    Some(Handle { index, generation }.encode(Kind::Object).get() as *mut NexusObject)
}

/// Makes a handle that owns the reference.
#[inline]
pub fn publish(object: Bound<'_, PyAny>) -> Result<*mut NexusObject> {
    let pointer = ffi::into_pointer(object);
    insert(pointer).ok_or_else(|| {
        // SAFETY: the caller's `Bound` proves the GIL; the reference was its own.
        unsafe { pyo3::ffi::Py_DECREF(pointer) };
        services::no_handle()
    })
}

/// Makes a handle to an object that lives as long as the process. Needs no GIL.
pub fn publish_lent(object: *mut PyObject) -> Result<*mut NexusObject> {
    insert(object.map_addr(|address| address | 1)).ok_or_else(services::no_handle)
}

/// The object of a handle, borrowed: hold the GIL, and take a reference before Python code can run.
#[inline]
pub fn get(handle: *const NexusObject) -> Option<*mut PyObject> {
    let handle = Handle::decode(handle as u64, Kind::Object)?;
    let slot = slot(handle.index)?;
    if handle.generation & 1 == 0 || slot.generation.load(Ordering::Acquire) != handle.generation {
        return None;
    }
    let object = slot.object.load(Ordering::Relaxed);
    // The slot may have been freed and used again in between.
    fence(Ordering::Acquire);
    if slot.generation.load(Ordering::Relaxed) != handle.generation {
        return None;
    }
    Some(object.map_addr(|address| address & !1))
}

/// Ends a handle. Returns the reference that it owned; `None` if it owned none, or was no living handle.
/// Needs no GIL; giving up the reference does.
pub fn remove(handle: *const NexusObject) -> Option<*mut PyObject> {
    let handle = Handle::decode(handle as u64, Kind::Object)?;
    let slot = slot(handle.index)?;
    if handle.generation & 1 == 0 {
        return None;
    }
    let object = slot.object.load(Ordering::Relaxed);
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
        free_list().indices.push(handle.index);
    }
    (object.addr() & 1 == 0).then_some(object)
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
        let object = 0x1000 as *mut PyObject;
        let first = insert(object).unwrap();
        assert_eq!(get(first), Some(object));
        assert_eq!(remove(first), Some(object));
        assert_eq!(remove(first), None);
        let second = insert(object).unwrap();
        assert_ne!(first, second);
        assert_eq!(get(first), None);
        let lent = publish_lent(object).unwrap();
        assert_eq!(get(lent), Some(object));
        assert_eq!(remove(lent), None);
        assert_eq!(get(lent), None);
    }
}
