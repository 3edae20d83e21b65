//! Releasing objects and values.

use crate::attach::attach;
use crate::object::table;
use nexus_abi::ffi::{clear, guard_or, slice_in};
use nexus_abi::{NexusKind, NexusObject, NexusValue, RawKind};

/// Frees a handle. NULL, or a handle that is freed already, does nothing. The object itself lives as
/// long as Python needs it. Any thread; waits for the GIL, unless the object is a loaded module; may run
/// the object's destructor.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_free(object: *mut NexusObject) {
    guard_or((), || release(object));
}

fn release(handle: *const NexusObject) {
    let Some(object) = table::remove(handle) else {
        return;
    };
    // Python is gone when this fails, and the object with it.
    if let Ok(_attached) = attach() {
        // SAFETY: the GIL is held, and the handle's reference is given up once.
        unsafe { pyo3::ffi::Py_DECREF(object) };
    }
}

/// Releases what a returned value holds, its object or the owner of its text, and leaves
/// `NEXUS_KIND_NONE`: a second time does nothing. NULL does nothing. Any thread; as
/// `nexus_object_free`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_value_clear(value: *mut NexusValue) {
    // SAFETY: NULL, or a value by the contract of the header; any bits are a value.
    let Some(held) = (unsafe { value.as_ref() }).copied() else {
        return;
    };
    clear(value, NexusValue::NONE);
    guard_or((), || clear_value(held));
}

/// Releases what a value holds.
pub fn clear_value(held: NexusValue) {
    release(held.owner);
    if is_object(&held) {
        // SAFETY: the kind says that this member counts; it is checked as a handle.
        release(unsafe { held.r#as.object });
    }
}

fn is_object(value: &NexusValue) -> bool {
    value.kind == NexusKind::NEXUS_KIND_OBJECT as RawKind
}

/// Releases an array of returned values in one crossing, each as `nexus_value_clear` does.
///
/// `values`: `count` of them; NULL does nothing. Any thread; waits for the GIL once, and only if one of them
/// holds an object or a text; may run destructors.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_values_clear(values: *mut NexusValue, count: usize) {
    guard_or((), || {
        // SAFETY: the contract of the header; any bits are a value.
        let Ok(held) = (unsafe { slice_in("values", values.cast_const(), count) }) else {
            return;
        };
        let needs_python = held
            .iter()
            .any(|value| is_object(value) || !value.owner.is_null());
        // Python is gone when this fails, and what the values hold with it.
        let _attached = needs_python.then(attach);
        for index in 0..count {
            nexus_value_clear(values.wrapping_add(index));
        }
    });
}
