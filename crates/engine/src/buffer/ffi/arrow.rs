//! The pointer plumbing of Arrow's structs.

use crate::buffer::arrow::Owned;
use crate::buffer::outside::outside;
use core::ffi::{CStr, c_char, c_int, c_void};
use nexus_abi::ffi::guard_or;
use nexus_abi::{ArrowArray, ArrowArrayStream, ArrowSchema};
use pyo3::ffi as python;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::sync::Arc;

/// A struct of Arrow that is given back by its own function.
pub trait Released: Copy + 'static {
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
                    // SAFETY: by the caller's word.
                    unsafe { release(self) };
                }
            }
        }
    )* };
}
released!(ArrowSchema, ArrowArray, ArrowArrayStream);

/// The struct in a capsule of that name, if it is one, and has a content.
pub fn arrow_struct<T: Released>(capsule: &Bound<'_, PyAny>, name: &CStr) -> Option<*mut T> {
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
pub unsafe fn move_out<T: Released>(from: *mut T) -> T {
    // SAFETY: by the caller's word.
    unsafe {
        let content = *from;
        (*from).end();
        content
    }
}

/// Reads a struct, unless it was released.
///
/// # Safety
/// `pointer` is such a struct.
pub unsafe fn read_unreleased<T: Released>(pointer: *const c_void) -> Option<T> {
    // SAFETY: by the caller's word.
    let content = unsafe { pointer.cast::<T>().read() };
    (!content.is_released()).then_some(content)
}

/// Marks a struct as moved; NULL is none.
///
/// # Safety
/// `pointer` is NULL or such a struct, whose content lives elsewhere.
pub unsafe fn end_moved<T: Released>(pointer: *mut c_void) {
    // SAFETY: by the caller's word.
    if let Some(content) = unsafe { pointer.cast::<T>().as_mut() } {
        content.end();
    }
}

/// A capsule that owns a struct, and releases it unless a consumer has moved it out.
pub fn arrow_capsule<'py, T: Released>(
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
///
/// # Safety
/// `schema` is a schema.
pub unsafe fn check_schema(schema: *const ArrowSchema) -> Result<(), &'static str> {
    // SAFETY: by the caller's word.
    unsafe {
        check_tree(schema, &|node| match node.format.is_null() {
            true => Err("has no format"),
            false => Ok(()),
        })
    }
}

/// Checks a host's array as far as it is followed here.
///
/// # Safety
/// `array` is an array.
pub unsafe fn check_array(array: *const ArrowArray) -> Result<(), &'static str> {
    // SAFETY: by the caller's word.
    unsafe {
        check_tree(array, &|node| {
            if node.length < 0 || node.offset < 0 || node.n_buffers < 0 {
                Err("has a negative length, offset or number of buffers")
            } else if node.n_buffers > 0 && node.buffers.is_null() {
                Err("has no buffers")
            } else {
                Ok(())
            }
        })
    }
}

unsafe fn check_tree<T: Node>(
    node: *const T,
    check: &dyn Fn(&T) -> Result<(), &'static str>,
) -> Result<(), &'static str> {
    // SAFETY: by the caller's word, the children and the dictionary are such structs.
    unsafe {
        let node = &*node;
        check(node)?;
        let (children, count) = node.children();
        if count < 0 || (count > 0 && children.is_null()) {
            return Err("has a negative number of children, or none where it says so");
        }
        for index in 0..count as usize {
            let child = *children.add(index);
            if child.is_null() {
                return Err("has a child that is NULL");
            }
            check_tree(child, check)?;
        }
        if !node.dictionary().is_null() {
            check_tree(node.dictionary(), check)?;
        }
        Ok(())
    }
}

/// What a struct that was made here holds: its consumer may move each node away and release it alone.
struct Shared<T: Node> {
    children: Vec<*mut T>,
    dictionary: *mut T,
    _keep: Arc<Owned<T>>,
}

/// A schema of its own for a consumer; its texts are the host's.
pub fn share_schema(schema: &Arc<Owned<ArrowSchema>>) -> ArrowSchema {
    // SAFETY: it was checked when it was taken over, and is not changed.
    unsafe { share(schema, schema.pointer()) }
}

/// An array of its own for a consumer; its memory is the host's.
pub fn share_array(array: &Arc<Owned<ArrowArray>>) -> ArrowArray {
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
pub fn wrap_stream(stream: Arc<Owned<ArrowArrayStream>>) -> ArrowArrayStream {
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
