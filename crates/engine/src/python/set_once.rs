//! What an object of a Python class gets after it was made.

use core::sync::atomic::{AtomicPtr, Ordering};

/// A value that is set once, or never. All zero it is not set: CPython 3.11 and 3.12 make an object's dictionary
/// before PyO3 has filled the object, and the garbage collector may run then, and look into it. (All zero, Rust's
/// `OnceLock` is set on Linux.)
pub struct SetOnce<T>(AtomicPtr<T>);

impl<T> SetOnce<T> {
    /// Not set.
    pub fn new() -> Self {
        Self(AtomicPtr::new(core::ptr::null_mut()))
    }

    /// The value.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        // SAFETY: NULL, or what `set` has stored, which lives as long as this.
        unsafe { self.0.load(Ordering::Acquire).as_ref() }
    }

    /// Sets it, unless it is set.
    pub fn set(&self, value: T) {
        let none = core::ptr::null_mut();
        let new = Box::into_raw(Box::new(value));
        let set = self
            .0
            .compare_exchange(none, new, Ordering::AcqRel, Ordering::Relaxed);
        if set.is_err() {
            // SAFETY: made above, and stored nowhere.
            drop(unsafe { Box::from_raw(new) });
        }
    }
}

impl<T> Drop for SetOnce<T> {
    fn drop(&mut self) {
        let value = *self.0.get_mut();
        if !value.is_null() {
            // SAFETY: what `set` has stored; nobody borrows it any more.
            drop(unsafe { Box::from_raw(value) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_counts() {
        let once = SetOnce::new();
        assert!(once.get().is_none());
        once.set("first".to_string());
        once.set("second".to_string());
        assert_eq!(once.get().map(String::as_str), Some("first"));
        // SAFETY: zeros are an atomic pointer that is NULL.
        let zero: SetOnce<String> = unsafe { core::mem::zeroed() };
        assert!(zero.get().is_none());
    }
}
