//! Arrow: the C data and C stream interfaces handed through, by capsules (the Arrow PyCapsule interface).

mod export;
mod import;

use crate::buffer::outside;
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::sync::atomic::{AtomicBool, Ordering};
use nexus_abi::ffi::{Inputs, clear, guard_or};
use nexus_abi::{ArrowArray, ArrowArrayStream, ArrowSchema};
use pyo3::ffi as python;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::sync::Arc;

/// The names of the capsules that hold an `ArrowSchema`, an `ArrowArray`, an `ArrowArrayStream`.
const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";
const STREAM: &CStr = c"arrow_array_stream";

/// A struct of Arrow that is given back by its own function.
trait Released: Copy + 'static {
    /// Whether it was given back, or moved elsewhere.
    fn is_released(&self) -> bool;

    /// Marks it so, without giving anything back.
    fn end(&mut self);

    /// Gives it back.
    ///
    /// # Safety
    /// Its producer's own function is called; nobody uses it any more.
    unsafe fn release(&mut self);
}

macro_rules! released {
    ($($name:ty),*) => { $(
        impl Released for $name {
            fn is_released(&self) -> bool {
                self.release.is_none()
            }

            fn end(&mut self) {
                self.release = None;
            }

            unsafe fn release(&mut self) {
                if let Some(release) = self.release {
                    // SAFETY: the producer's own function, with its struct, which the caller gives up.
                    unsafe { release(self) };
                }
            }
        }
    )* };
}
released!(ArrowSchema, ArrowArray, ArrowArrayStream);

/// A struct of the host that was moved here, and is released when this is dropped.
struct Owned<T: Released> {
    content: UnsafeCell<T>,
    /// Until all has gone well it stays the host's.
    taken_over: AtomicBool,
}

// SAFETY: the interfaces allow the structs to be used and released on any thread; who uses the pointer sees to it
// that only one thread does so at a time.
unsafe impl<T: Released> Send for Owned<T> {}
// SAFETY: likewise.
unsafe impl<T: Released> Sync for Owned<T> {}

impl<T: Released> Owned<T> {
    /// The content of a host's struct, which is the host's until `take_over`.
    fn new(content: T) -> Self {
        Self {
            content: UnsafeCell::new(content),
            taken_over: AtomicBool::new(false),
        }
    }

    /// Moves it here for good: `host` is the struct that it was in.
    fn take_over(&self, host: *mut T) {
        self.taken_over.store(true, Ordering::Release);
        // SAFETY: the content was read from there, and nobody changes it meanwhile.
        let mut moved = unsafe { *self.pointer() };
        moved.end();
        clear(host, moved);
    }

    /// The struct.
    fn pointer(&self) -> *mut T {
        self.content.get()
    }
}

impl<T: Released> Drop for Owned<T> {
    fn drop(&mut self) {
        if *self.taken_over.get_mut() {
            let content = self.content.get_mut();
            // SAFETY: moved here, and nobody else has it.
            outside(|| unsafe { T::release(content) });
        }
    }
}

/// The struct in a capsule of that name, if it is one, and has a content.
fn arrow_struct<T: Released>(capsule: &Bound<'_, PyAny>, name: &CStr) -> Option<*mut T> {
    let capsule = capsule.cast::<PyCapsule>().ok()?;
    let pointer = capsule.pointer_checked(Some(name)).ok()?.cast::<T>();
    // SAFETY: by its name the capsule has such a struct, which lives as long as the capsule.
    let has_content = pointer.is_aligned() && !unsafe { pointer.as_ref() }.is_released();
    has_content.then_some(pointer.as_ptr())
}

/// Moves a struct's content out.
///
/// # Safety
/// `from` is a struct with a content; nobody else uses it now.
unsafe fn move_out<T: Released>(from: *mut T) -> T {
    // SAFETY: a struct with a content, which nobody else uses now, as the caller says.
    unsafe {
        let content = *from;
        (*from).end();
        content
    }
}

/// A capsule that owns a struct, and releases it unless a consumer has moved it out.
fn arrow_capsule<'py, T: Released>(
    py: Python<'py>,
    content: T,
    name: &'static CStr,
) -> PyResult<Bound<'py, PyAny>> {
    let pointer = Box::into_raw(Box::new(content));
    // SAFETY: a box that the capsule's destructor frees, a name that lives for ever, and the GIL.
    unsafe {
        let capsule = python::PyCapsule_New(pointer.cast(), name.as_ptr(), Some(end_capsule::<T>));
        Bound::from_owned_ptr_or_err(py, capsule).inspect_err(|_| {
            (*pointer).release();
            drop(Box::from_raw(pointer));
        })
    }
}

unsafe extern "C" fn end_capsule<T: Released>(capsule: *mut python::PyObject) {
    // SAFETY: a capsule of `arrow_capsule`, which Python ends; its name has not been changed, since nobody
    // renames capsules of Arrow.
    guard_or((), || unsafe {
        let name = python::PyCapsule_GetName(capsule);
        let pointer = python::PyCapsule_GetPointer(capsule, name).cast::<T>();
        if let Some(content) = pointer.as_mut() {
            content.release();
            drop(Box::from_raw(pointer));
        }
    });
}

/// The two structs that are trees.
trait Node: Released {
    fn children(&self) -> (*mut *mut Self, i64);
    fn dictionary(&self) -> *mut Self;
    /// Points it to other children and another dictionary, and makes it ours.
    fn rebuild(&mut self, children: *mut *mut Self, dictionary: *mut Self, private: *mut c_void);
    fn private(&self) -> *mut c_void;
}

macro_rules! node {
    ($name:ty) => {
        impl Node for $name {
            fn children(&self) -> (*mut *mut Self, i64) {
                (self.children, self.n_children)
            }

            fn dictionary(&self) -> *mut Self {
                self.dictionary
            }

            fn rebuild(
                &mut self,
                children: *mut *mut Self,
                dictionary: *mut Self,
                private: *mut c_void,
            ) {
                self.children = children;
                self.dictionary = dictionary;
                self.private_data = private;
                self.release = Some(release_shared::<Self>);
            }

            fn private(&self) -> *mut c_void {
                self.private_data
            }
        }
    };
}
node!(ArrowSchema);
node!(ArrowArray);

/// Checks a host's schema as far as it is followed here.
fn check_schema(inputs: Inputs<'_>, schema: &ArrowSchema) -> Result<(), &'static str> {
    check_tree(inputs, schema, &|node| match node.format.is_null() {
        true => Err("has no format"),
        false => Ok(()),
    })
}

/// Checks a host's array as far as it is followed here.
fn check_array(inputs: Inputs<'_>, array: &ArrowArray) -> Result<(), &'static str> {
    check_tree(inputs, array, &|node| {
        if node.length < 0 || node.offset < 0 || node.n_buffers < 0 {
            Err("has a negative length, offset or number of buffers")
        } else if node.n_buffers > 0 && node.buffers.is_null() {
            Err("has no buffers")
        } else {
            Ok(())
        }
    })
}

fn check_tree<T: Node>(
    inputs: Inputs<'_>,
    node: &T,
    check: &dyn Fn(&T) -> Result<(), &'static str>,
) -> Result<(), &'static str> {
    check(node)?;
    let (children, count) = node.children();
    let children = usize::try_from(count)
        .ok()
        .and_then(|count| inputs.slice("children", children.cast_const(), count).ok())
        .ok_or("has a negative number of children, or none where it says so")?;
    for &child in children {
        let child = inputs.one(child).ok_or("has a child that is NULL")?;
        check_tree(inputs, child, check)?;
    }
    match inputs.one(node.dictionary()) {
        Some(dictionary) => check_tree(inputs, dictionary, check),
        None => Ok(()),
    }
}

/// What a struct that was made here holds: its consumer may move each node away and release it alone.
struct Shared<T: Node> {
    children: Vec<*mut T>,
    dictionary: *mut T,
    _keep: Arc<Owned<T>>,
}

/// A schema of its own for a consumer; its texts are the host's.
fn share_schema(schema: &Arc<Owned<ArrowSchema>>) -> ArrowSchema {
    // SAFETY: it was checked when it was taken over, and is not changed.
    unsafe { share(schema, schema.pointer()) }
}

/// An array of its own for a consumer; its memory is the host's.
fn share_array(array: &Arc<Owned<ArrowArray>>) -> ArrowArray {
    // SAFETY: likewise.
    unsafe { share(array, array.pointer()) }
}

unsafe fn share<T: Node>(keep: &Arc<Owned<T>>, node: *const T) -> T {
    // SAFETY: a node of the tree that `keep` owns, which was checked.
    unsafe {
        let mut copy = *node;
        let (children, count) = copy.children();
        let own = |child: *mut T| Box::into_raw(Box::new(share(keep, child)));
        let shared = Box::into_raw(Box::new(Shared {
            children: (0..count as usize)
                .map(|index| own(*children.add(index)))
                .collect(),
            dictionary: match copy.dictionary().is_null() {
                true => core::ptr::null_mut(),
                false => own(copy.dictionary()),
            },
            _keep: Arc::clone(keep),
        }));
        let children = match count {
            0 => core::ptr::null_mut(),
            _ => (*shared).children.as_mut_ptr(),
        };
        copy.rebuild(children, (*shared).dictionary, shared.cast());
        copy
    }
}

unsafe extern "C" fn release_shared<T: Node>(node: *mut T) {
    // SAFETY: a struct of `share`, which its consumer gives back once. Children that were moved away are
    // released elsewhere; their structs here are still to be freed.
    guard_or((), || unsafe {
        let shared = Box::from_raw((*node).private().cast::<Shared<T>>());
        let dictionary = (!shared.dictionary.is_null()).then_some(shared.dictionary);
        for &child in shared.children.iter().chain(&dictionary) {
            (*child).release();
            drop(Box::from_raw(child));
        }
        (*node).end();
    });
}

/// A stream that calls the host's without the GIL.
fn wrap_stream(stream: Arc<Owned<ArrowArrayStream>>) -> ArrowArrayStream {
    ArrowArrayStream {
        get_schema: Some(get_schema),
        get_next: Some(get_next),
        get_last_error: Some(get_last_error),
        release: Some(release_stream),
        private_data: Arc::into_raw(stream).cast_mut().cast(),
    }
}

/// The host's stream behind ours.
unsafe fn inner(stream: *mut ArrowArrayStream) -> *mut ArrowArrayStream {
    // SAFETY: a stream of `wrap_stream` that is not released, by the consumer's word.
    unsafe { (*(*stream).private_data.cast::<Owned<ArrowArrayStream>>()).pointer() }
}

/// A stream that lacks a function says so with this `errno`.
const MISSING: c_int = libc::ENOSYS;

unsafe extern "C" fn get_schema(stream: *mut ArrowArrayStream, out: *mut ArrowSchema) -> c_int {
    // SAFETY: the host's own function, called for the consumer.
    guard_or(libc::EIO, || unsafe {
        let host = inner(stream);
        match (*host).get_schema {
            Some(function) => outside(|| function(host, out)),
            None => MISSING,
        }
    })
}

unsafe extern "C" fn get_next(stream: *mut ArrowArrayStream, out: *mut ArrowArray) -> c_int {
    // SAFETY: likewise.
    guard_or(libc::EIO, || unsafe {
        let host = inner(stream);
        match (*host).get_next {
            Some(function) => outside(|| function(host, out)),
            None => MISSING,
        }
    })
}

unsafe extern "C" fn get_last_error(stream: *mut ArrowArrayStream) -> *const c_char {
    // SAFETY: likewise.
    guard_or(core::ptr::null(), || unsafe {
        let host = inner(stream);
        match (*host).get_last_error {
            Some(function) => outside(|| function(host)),
            None => core::ptr::null(),
        }
    })
}

unsafe extern "C" fn release_stream(stream: *mut ArrowArrayStream) {
    // SAFETY: a stream of `wrap_stream`, which its consumer gives back once.
    guard_or((), || unsafe {
        drop(Arc::from_raw(
            (*stream).private_data.cast::<Owned<ArrowArrayStream>>(),
        ));
        (*stream).end();
    });
}
