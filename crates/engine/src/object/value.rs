//! Values and handles: from one to the other, and releasing them.

use crate::border::give;
use crate::call::convert;
use crate::gil;
use crate::handles::{objects, of};
use nexus_abi::ffi::{answer, clear, guard_or};
use nexus_abi::{NexusError, NexusObject, NexusStatus, NexusValue};

/// Makes the Python object of a value, for functions that take a handle: an `int` of an integer, a `str`
/// of a text, and so on; of an object, a second handle to it.
///
/// `object` receives a handle that the caller frees with `nexus_object_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an unknown kind, text that is not UTF-8),
/// `NEXUS_ERR_BAD_HANDLE` (the value's), or what `nexus_python_start` returns.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_new(
    value: *const NexusValue,
    object: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "object", object, |py, inputs| {
        objects::publish(convert::value_in(py, inputs, "value", value)?)
    })
}

/// Reads an object as a value, as the result of a call is: see `NexusKind` for what becomes what. A text
/// with lone surrogates, which UTF-8 cannot hold, stays an object; its method `encode` with the arguments
/// `"utf-8"` and `"surrogatepass"` gives bytes.
///
/// `value` receives it; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` or `NEXUS_ERR_NO_MEMORY`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_value(
    object: *const NexusObject,
    value: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "value", value, |py, _| {
        convert::from_python(py, of(py, "object", object)?.into_ptr())
    })
}

/// Makes a second handle to the same object, with a life of its own: for an argument that a host's function
/// wants to keep.
///
/// `copy` receives a handle that the caller frees with `nexus_object_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` or `NEXUS_ERR_NO_MEMORY`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_clone(
    object: *const NexusObject,
    copy: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "copy", copy, |py, _| {
        objects::publish(of(py, "object", object)?)
    })
}

/// Frees a handle. NULL, or a handle that is freed already, does nothing. The object itself lives as long as
/// Python needs it. Needs no GIL when the object is a loaded module. May run Python code: the object's
/// destructor.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_free(object: *mut NexusObject) {
    guard_or((), || objects::release(object));
}

/// Releases what a returned value holds, its object or the owner of its text, and leaves
/// `NEXUS_KIND_NONE`: a second time does nothing. NULL does nothing. Needs no GIL when it holds neither; the
/// rest as for `nexus_object_free`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_value_clear(value: *mut NexusValue) {
    answer((), |inputs| {
        if let Some(&held) = inputs.one(value.cast_const()) {
            clear(value, NexusValue::NONE);
            objects::release_value(held);
        }
    });
}

/// Releases an array of returned values in one crossing, each as `nexus_value_clear` does.
///
/// `values`: `count` of them; NULL does nothing. Waits for the GIL once, and only if one of them holds an
/// object or a text.
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
