//! Releasing objects and values.

use crate::gil;
use crate::handles::objects;
use nexus_abi::ffi::{answer, clear, guard_or};
use nexus_abi::{NexusObject, NexusValue};

/// Frees a handle. NULL, or a handle that is freed already, does nothing. The object itself lives as
/// long as Python needs it. Any thread; waits for the GIL, unless the object is a loaded module; may run
/// the object's destructor.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_free(object: *mut NexusObject) {
    guard_or((), || objects::release(object));
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
    guard_or((), || objects::release_value(held));
}

/// Releases an array of returned values in one crossing, each as `nexus_value_clear` does.
///
/// `values`: `count` of them; NULL does nothing. Any thread; waits for the GIL once, and only if one of them
/// holds an object or a text; may run destructors.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_values_clear(values: *mut NexusValue, count: usize) {
    answer((), |inputs| {
        let Ok(held) = inputs.slice("values", values.cast_const(), count) else {
            return;
        };
        let needs_python = held
            .iter()
            .any(|value| objects::is_object(value) || !value.owner.is_null());
        // Python is gone when this fails, and what the values hold with it.
        let _attached = needs_python.then(gil::attach);
        for index in 0..count {
            nexus_value_clear(values.wrapping_add(index));
        }
    });
}
