//! The arguments of a call on their way to Python.

use core::mem::MaybeUninit;
use pyo3::ffi::PyObject;

/// Most calls have few arguments: so many, with the callable or `self`, need no heap.
const ON_STACK: usize = 10;

/// The arguments of a call, on the stack if they are few; with one free slot in front, as vectorcall
/// likes it.
pub struct Arguments {
    stack: [MaybeUninit<*mut PyObject>; ON_STACK],
    heap: Vec<*mut PyObject>,
    owned: usize,
}

impl Arguments {
    /// Room for `count` arguments.
    #[inline]
    pub fn with_capacity(count: usize) -> Self {
        let heap = if count + 1 > ON_STACK {
            vec![core::ptr::null_mut(); count + 1]
        } else {
            Vec::new()
        };
        Self {
            stack: [MaybeUninit::uninit(); ON_STACK],
            heap,
            owned: 0,
        }
    }

    #[inline]
    fn base(&mut self) -> *mut *mut PyObject {
        if self.heap.is_empty() {
            self.stack.as_mut_ptr().cast()
        } else {
            self.heap.as_mut_ptr()
        }
    }

    /// Adds an argument, taking over its reference. No more than the capacity.
    #[inline]
    pub fn push(&mut self, object: *mut PyObject) {
        let index = self.owned + 1;
        debug_assert!(index < ON_STACK.max(self.heap.len()));
        // SAFETY: `with_capacity` made room for this many.
        unsafe { self.base().add(index).write(object) };
        self.owned = index;
    }

    /// The first argument; the slot before it may be written to.
    #[inline]
    pub fn as_ptr(&mut self) -> *const *mut PyObject {
        // SAFETY: slot 0 is always there.
        unsafe { self.base().add(1).cast_const() }
    }
}

impl Drop for Arguments {
    #[inline]
    fn drop(&mut self) {
        for index in 1..=self.owned {
            // SAFETY: `push` filled these slots, each with a reference of its own; arguments are made
            // and dropped with the GIL held.
            unsafe { pyo3::ffi::Py_DECREF(self.base().add(index).read()) };
        }
    }
}
