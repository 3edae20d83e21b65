//! The pointer plumbing of the front, beside what `nexus_abi::ffi` has for both libraries.

use core::ffi::c_void;
use nexus_abi::services::{ExceptionFree, TracebackWriter};
use nexus_abi::{NexusObject, NexusText};
use std::sync::OnceLock;

/// A handle's bits as the pointer that C sees.
pub fn pointer<T>(bits: u64) -> *mut T {
    bits as *mut T
}

/// The bytes of a text of the engine's.
pub fn bytes(text: &NexusText) -> Vec<u8> {
    if text.data.is_null() {
        return Vec::new();
    }
    // SAFETY: the engine fills `ErrorFields` and name lists from slices that outlive the call.
    unsafe { core::slice::from_raw_parts(text.data.cast::<u8>(), text.size) }.to_vec()
}

/// The same as text, with what is not UTF-8 replaced.
pub fn string(text: &NexusText) -> String {
    String::from_utf8_lossy(&bytes(text)).into_owned()
}

/// The traceback of an error's exception; `None` when there is no telling any more.
pub fn traceback(object: usize) -> Option<String> {
    unsafe extern "C" fn take(to: *mut c_void, text: NexusText) {
        nexus_abi::ffi::guard_or((), || {
            // SAFETY: the place below, during the call.
            unsafe { *to.cast::<Option<String>>() = Some(string(&text)) };
        });
    }
    let (writer, _) = EXCEPTION_FUNCTIONS.get()?;
    let mut text: Option<String> = None;
    // SAFETY: the engine's own function, which calls `take` during the call only.
    unsafe { writer(object as *const NexusObject, take, (&raw mut text).cast()) };
    text
}

static EXCEPTION_FUNCTIONS: OnceLock<(TracebackWriter, ExceptionFree)> = OnceLock::new();

/// Remembers what the engine does with the exception of an error.
pub unsafe extern "C" fn set_exception_functions(
    write_traceback: TracebackWriter,
    free: ExceptionFree,
) {
    let _ = EXCEPTION_FUNCTIONS.set((write_traceback, free));
}

/// Frees the exception object that an error holds (0: none).
pub fn free_object(object: usize) {
    if object != 0
        && let Some((_, free)) = EXCEPTION_FUNCTIONS.get()
    {
        // SAFETY: the engine's own function, which takes any bits.
        unsafe { free(object as *mut NexusObject) };
    }
}

/// Turns an address found by name into a function pointer.
///
/// # Safety
/// `F` is the type of the function at that address.
pub unsafe fn function<F: Copy>(address: *const c_void) -> F {
    const { assert!(size_of::<F>() == size_of::<*const c_void>()) };
    // SAFETY: of the same size; the caller vouches for the type.
    unsafe { core::mem::transmute_copy(&address) }
}

/// Calls a host's destructor with the data that it is for.
pub fn destroy(destroy: nexus_abi::NexusDestructor, user_data: *mut c_void) {
    if let Some(destroy) = destroy {
        // SAFETY: the host gave the function and its data for this; called once.
        unsafe { destroy(user_data) };
    }
}

/// Fills an output with zeros, unless the caller passed NULL for it.
pub fn zero<T>(output: *mut T) {
    if !output.is_null() {
        // SAFETY: an output points to writable memory of its type, by the contract of the header; zeros
        // are the empty value of every output type: NULL, 0, false, `NEXUS_KIND_NONE`.
        unsafe { output.write_bytes(0, 1) }
    }
}

/// The same for an array of `capacity` values.
pub fn zero_array<T>(output: *mut T, capacity: usize) {
    let fits = capacity
        .checked_mul(size_of::<T>())
        .is_some_and(|size| size <= isize::MAX as usize);
    if fits && !output.is_null() {
        // SAFETY: as for `zero`; no larger than memory.
        unsafe { output.write_bytes(0, capacity) }
    }
}

/// The same for a struct that begins with its size, which stays.
pub fn zero_sized<T: Copy>(output: *mut T) {
    // One whose size is nonsense is left alone: the caller is told of something else.
    let _ = nexus_abi::ffi::sized_out("", output, None);
}
