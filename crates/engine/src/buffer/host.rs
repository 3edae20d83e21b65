//! Memory of the host: who uses it, and giving it back once.

use crate::buffer::outside::outside;
use core::ffi::c_void;
use core::sync::atomic::{AtomicBool, AtomicIsize, Ordering};
use nexus_abi::NexusMemoryRelease;
use std::ffi::CString;

/// What the host has described, and who uses it.
pub struct HostMemory {
    /// The item whose indices are all 0.
    pub data: *mut c_void,
    /// Bytes of all items together.
    pub size: isize,
    /// Bytes of one item.
    pub item_size: isize,
    /// One item in the notation of the `struct` module.
    pub format: CString,
    /// The lengths.
    pub shape: Box<[isize]>,
    /// The distances, in bytes.
    pub strides: Box<[isize]>,
    /// Whether Python must not write.
    pub read_only: bool,
    /// Whether it is one block in the order of C, and of Fortran.
    pub contiguous: (bool, bool),
    /// How Python got to it: so many views are alive, or [`REVOKED`].
    pub uses: Uses,
    /// Tells the host that it is done with.
    pub give_back: GiveBack,
}

// SAFETY: what the pointers lead to is the host's, who lets Python's threads read and write it, and has its
// own callback called with its own user data on any thread.
unsafe impl Send for HostMemory {}
// SAFETY: likewise.
unsafe impl Sync for HostMemory {}

/// How many views are alive.
pub struct Uses(AtomicIsize);

/// Instead of a number of views: there can be none any more.
const REVOKED: isize = -1;

/// What a consumer of such memory is told.
pub const REVOKED_TEXT: &str = "the host has revoked this memory";

impl Uses {
    /// None yet.
    pub const fn new() -> Self {
        Self(AtomicIsize::new(0))
    }

    /// One more, unless the memory was revoked.
    pub fn enter(&self) -> bool {
        self.0
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, |uses| {
                (uses != REVOKED).then_some(uses + 1)
            })
            .is_ok()
    }

    /// One less.
    pub fn leave(&self) {
        // What was done to the memory is done before anybody can revoke it.
        self.0.fetch_sub(1, Ordering::Release);
    }

    /// No more from now on; an error tells how many there are still. A second time is no error.
    pub fn revoke(&self) -> Result<(), isize> {
        match self
            .0
            .compare_exchange(0, REVOKED, Ordering::AcqRel, Ordering::Relaxed)
        {
            Ok(_) | Err(REVOKED) => Ok(()),
            Err(uses) => Err(uses),
        }
    }

    /// Whether it was revoked.
    pub fn are_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) == REVOKED
    }
}

/// The host's callback, called once.
pub struct GiveBack {
    release: NexusMemoryRelease,
    data: *mut c_void,
    user_data: *mut c_void,
    done: AtomicBool,
}

impl GiveBack {
    /// Nothing is called before [`GiveBack::now`].
    pub fn new(release: NexusMemoryRelease, data: *mut c_void, user_data: *mut c_void) -> Self {
        Self {
            release,
            data,
            user_data,
            done: AtomicBool::new(false),
        }
    }

    /// Tells the host, the first time only.
    pub fn now(&self) {
        if self.done.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Some(release) = self.release {
            // SAFETY: the host's own function with its own arguments, by the contract of the header.
            outside(|| unsafe { release(self.data, self.user_data) });
        }
    }
}

impl GiveBack {
    /// Never tells the host: it was not taken in the first place.
    pub fn never(&self) {
        self.done.store(true, Ordering::Release);
    }
}

impl Drop for HostMemory {
    fn drop(&mut self) {
        self.give_back.now();
    }
}
