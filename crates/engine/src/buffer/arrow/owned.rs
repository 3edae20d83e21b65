//! Arrow structs of the host that were moved here.

use crate::buffer::ffi::Released;
use crate::buffer::outside::outside;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

/// A struct that is released when this is dropped.
pub struct Owned<T: Released> {
    content: UnsafeCell<T>,
    left: AtomicBool,
}

// SAFETY: the interfaces allow the structs to be used and released on any thread; that it is one at a time
// is up to whoever uses the pointer.
unsafe impl<T: Released> Send for Owned<T> {}
// SAFETY: likewise.
unsafe impl<T: Released> Sync for Owned<T> {}

impl<T: Released> Owned<T> {
    /// Takes over a struct.
    pub fn new(content: T) -> Self {
        Self {
            content: UnsafeCell::new(content),
            left: AtomicBool::new(false),
        }
    }

    /// Leaves it to the host: it was not taken over in the end.
    pub fn leave(&self) {
        self.left.store(true, Ordering::Release);
    }

    /// The struct.
    pub fn pointer(&self) -> *mut T {
        self.content.get()
    }
}

impl<T: Released> Drop for Owned<T> {
    fn drop(&mut self) {
        if !*self.left.get_mut() {
            let content = self.content.get_mut();
            // SAFETY: moved here, and nobody else has it.
            outside(|| unsafe { T::release(content) });
        }
    }
}
