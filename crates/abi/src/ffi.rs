//! The pointer plumbing that both libraries share: what comes from C is checked here, and what goes
//! out is written here.

use crate::failure::{Failure, Result};
use crate::handle::{NexusError, Opaque};
use crate::status::NexusStatus::{self, *};
use core::cell::Cell;
use core::ffi::{CStr, c_char};
use core::mem::MaybeUninit;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Runs the body of an exported function: no panic leaves it, and a failure becomes the error that
/// `publish` makes, if the caller wants one.
pub fn guard(
    error: *mut *mut NexusError,
    publish: impl FnOnce(&Failure) -> *mut NexusError,
    body: impl FnOnce() -> Result<()>,
) -> NexusStatus {
    clear(error, core::ptr::null_mut());
    let Err(failure) = unpanicked(body) else {
        return NEXUS_OK;
    };
    let status = failure.status;
    if !error.is_null() {
        // Making the error must not fail either; without one the status still tells.
        let made = catch_unwind(AssertUnwindSafe(|| publish(&failure)));
        clear(error, made.unwrap_or(core::ptr::null_mut()));
    }
    status
}

/// Turns a panic of `body` into a failure.
pub fn unpanicked<R>(body: impl FnOnce() -> Result<R>) -> Result<R> {
    catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|panic| Err(Failure::new(NEXUS_ERR_PANIC, panic_text(&*panic))))
}

/// The same as [`guard`] for a function that has no status to return.
pub fn guard_or<R>(otherwise: R, body: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(otherwise)
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text");
    format!("internal error, please report it: {text}")
}

/// Sets an output, unless the caller passed NULL for it.
pub fn clear<T>(output: *mut T, value: T) {
    if !output.is_null() {
        // SAFETY: the contract of the header: an output is NULL or points to writable memory of its
        // type. `write` does not read or drop the poison that it may hold.
        unsafe { output.write(value) }
    }
}

/// Sets a required output to its empty value; NULL is an error that names the argument.
pub fn output<T>(name: &str, output: *mut T, empty: T) -> Result<()> {
    if output.is_null() {
        return Err(null(name));
    }
    clear(output, empty);
    Ok(())
}

/// The failure for a NULL where something is needed.
#[must_use]
pub fn null(name: &str) -> Box<Failure> {
    Failure::new(
        NEXUS_ERR_INVALID_ARGUMENT,
        format!("argument '{name}' is NULL"),
    )
}

/// The failure for a handle that is none, or none any more.
#[must_use]
pub fn bad_handle<T: Opaque>(name: &str, pointer: *const T) -> Box<Failure> {
    let type_name = T::KIND.type_name();
    if pointer.is_null() {
        return Failure::new(
            NEXUS_ERR_BAD_HANDLE,
            format!("argument '{name}' is NULL, not a {type_name}"),
        );
    }
    Failure::new(
        NEXUS_ERR_BAD_HANDLE,
        format!(
            "argument '{name}' is no living {type_name}: it was freed, is of another type, or was never given out"
        ),
    )
}

/// A required NUL-terminated UTF-8 string.
///
/// # Safety
/// `pointer` is NULL or points to a NUL-terminated string that lives for `'a`.
pub unsafe fn text_in<'a>(name: &str, pointer: *const c_char) -> Result<&'a str> {
    // SAFETY: handed on to the caller.
    let bytes = unsafe { bytes_in(name, pointer) }?;
    core::str::from_utf8(bytes).map_err(|error| {
        Failure::new(
            NEXUS_ERR_INVALID_ARGUMENT,
            format!(
                "argument '{name}' is not UTF-8 (byte {} of {:?})",
                error.valid_up_to(),
                String::from_utf8_lossy(bytes)
            ),
        )
    })
}

/// A required NUL-terminated path in the platform's bytes.
///
/// # Safety
/// As for [`text_in`].
pub unsafe fn path_in<'a>(name: &str, pointer: *const c_char) -> Result<&'a Path> {
    // SAFETY: handed on to the caller.
    let bytes = unsafe { bytes_in(name, pointer) }?;
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Ok(Path::new(std::ffi::OsStr::from_bytes(bytes)))
    }
    // Windows paths cross as UTF-8.
    #[cfg(not(unix))]
    core::str::from_utf8(bytes).map(Path::new).map_err(|_| {
        Failure::new(
            NEXUS_ERR_INVALID_ARGUMENT,
            format!("argument '{name}' is not UTF-8"),
        )
    })
}

/// A required NUL-terminated string as bytes.
///
/// # Safety
/// As for [`text_in`].
pub unsafe fn bytes_in<'a>(name: &str, pointer: *const c_char) -> Result<&'a [u8]> {
    if pointer.is_null() {
        return Err(null(name));
    }
    // SAFETY: not NULL, and the caller vouches for the NUL at its end.
    Ok(unsafe { CStr::from_ptr(pointer) }.to_bytes())
}

/// An array; NULL is an empty one if `count` is 0, and otherwise an error.
///
/// # Safety
/// `pointer` is NULL or points to `count` values that live for `'a`.
pub unsafe fn slice_in<'a, T>(name: &str, pointer: *const T, count: usize) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(Failure::new(
            NEXUS_ERR_INVALID_ARGUMENT,
            format!("argument '{name}' is NULL, but its count is {count}"),
        ));
    }
    if count
        .checked_mul(size_of::<T>())
        .is_none_or(|size| size > isize::MAX as usize)
    {
        return Err(Failure::new(
            NEXUS_ERR_INVALID_ARGUMENT,
            format!("the count of argument '{name}', {count}, is larger than memory"),
        ));
    }
    // SAFETY: not NULL, no larger than memory, and the caller vouches for the rest.
    Ok(unsafe { core::slice::from_raw_parts(pointer, count) })
}

/// An array of required NUL-terminated UTF-8 strings.
///
/// # Safety
/// As for [`slice_in`], and each string as for [`text_in`].
pub unsafe fn texts_in<'a>(
    name: &str,
    pointer: *const *const c_char,
    count: usize,
) -> Result<Vec<&'a str>> {
    // SAFETY: handed on to the caller.
    let strings = unsafe { slice_in(name, pointer, count) }?;
    strings
        .iter()
        .enumerate()
        // SAFETY: handed on to the caller.
        .map(|(index, &string)| unsafe { text_in(&format!("{name}[{index}]"), string) })
        .collect()
}

/// A struct that begins with its size: what the caller's older header does not have is zero. NULL
/// gives `None`.
///
/// # Safety
/// `pointer` is NULL or points to a struct whose first field, a `size_t`, tells its size in bytes; `T`
/// is plain data for which all zeros is a value.
pub unsafe fn sized_in<T: Copy>(name: &str, pointer: *const T) -> Result<Option<T>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; the struct begins with a size_t.
    let size = unsafe { pointer.cast::<usize>().read() };
    if size < size_of::<usize>() || size > 65_536 {
        return Err(Failure::new(
            NEXUS_ERR_INVALID_ARGUMENT,
            format!(
                "'{name}->struct_size' is {size}; set it to the size of the struct ({})",
                size_of::<T>()
            ),
        ));
    }
    let mut value = core::mem::MaybeUninit::<T>::zeroed();
    // SAFETY: the caller's struct has `size` bytes; no more than fit are copied. Zeros are a value of T.
    unsafe {
        core::ptr::copy_nonoverlapping(
            pointer.cast::<u8>(),
            value.as_mut_ptr().cast::<u8>(),
            size.min(size_of::<T>()),
        );
        Ok(Some(value.assume_init()))
    }
}

/// An array that the host wants filled, `empty` in each place; NULL is an array of none if `capacity` is 0,
/// and otherwise an error. As cells, since two of a host's arrays may be the same memory.
///
/// # Safety
/// `pointer` is NULL or points to writable memory for `capacity` values of plain data, which lives for
/// `'a`; it may hold anything.
pub unsafe fn array_out<'a, T: Copy>(
    name: &str,
    pointer: *mut T,
    capacity: usize,
    empty: T,
) -> Result<&'a [Cell<T>]> {
    // Checks the same as for an input; nothing is read through it.
    // SAFETY: uninitialized memory is fine behind `MaybeUninit`; the rest is handed on to the caller.
    let uninit = unsafe { slice_in(name, pointer.cast::<MaybeUninit<T>>(), capacity) }?;
    for index in 0..uninit.len() {
        // SAFETY: within the array.
        unsafe { pointer.add(index).write(empty) };
    }
    if uninit.is_empty() {
        return Ok(&[]);
    }
    // SAFETY: every place was written; a cell has the layout of what is in it.
    Ok(unsafe { core::slice::from_raw_parts(pointer.cast::<Cell<T>>(), capacity) })
}

/// Fills as much of a struct that begins with its size as the host's has room for, with zeros for
/// `None`. Its size, which the host has set, stays.
pub fn sized_out<T: Copy>(name: &str, pointer: *mut T, value: Option<&T>) -> Result<()> {
    const START: usize = size_of::<usize>();
    if pointer.is_null() {
        return Err(null(name));
    }
    // SAFETY: the contract of the header: the struct begins with its size, a size_t.
    let size = unsafe { pointer.cast::<usize>().read() };
    if !(START..=65_536).contains(&size) {
        return Err(Failure::new(
            NEXUS_ERR_INVALID_ARGUMENT,
            format!(
                "'{name}->struct_size' is {size}; set it to the size of the struct ({})",
                size_of::<T>()
            ),
        ));
    }
    // SAFETY: the struct has `size` bytes; no more are written, and no more than `T` has are read.
    unsafe {
        let fields = pointer.cast::<u8>().add(START);
        match value {
            None => fields.write_bytes(0, size - START),
            Some(value) => {
                let source = core::ptr::from_ref(value).cast::<u8>().add(START);
                core::ptr::copy_nonoverlapping(source, fields, size.min(size_of::<T>()) - START);
            }
        }
    }
    Ok(())
}

/// The bytes of a (pointer, length) text.
///
/// # Safety
/// `text.data` is NULL with size 0, or points to `text.size` bytes that live for `'a`.
pub unsafe fn counted_in<'a>(name: &str, text: &crate::value::NexusText) -> Result<&'a [u8]> {
    // SAFETY: handed on to the caller.
    unsafe { slice_in(name, text.data.cast::<u8>(), text.size) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_error(_: &Failure) -> *mut NexusError {
        core::ptr::null_mut()
    }

    #[test]
    fn a_panic_becomes_a_status() {
        let status = guard(core::ptr::null_mut(), no_error, || panic!("oh"));
        assert_eq!(status, NEXUS_ERR_PANIC);
        assert_eq!(guard(core::ptr::null_mut(), no_error, || Ok(())), NEXUS_OK);
    }

    #[test]
    fn an_older_struct_is_filled_with_zeros() {
        #[repr(C)]
        #[derive(Clone, Copy)]
        struct New {
            size: usize,
            old: u64,
            new: u64,
        }
        let host = New {
            size: 16,
            old: 7,
            new: 99,
        };
        // SAFETY: a struct that begins with its size.
        let seen = unsafe { sized_in("config", &raw const host) }
            .unwrap()
            .unwrap();
        assert_eq!((seen.old, seen.new), (7, 0));
        let wrong = New {
            size: 3,
            old: 0,
            new: 0,
        };
        // SAFETY: likewise.
        assert!(unsafe { sized_in("config", &raw const wrong) }.is_err());
    }

    #[test]
    fn arrays_are_emptied_and_checked() {
        let mut numbers = [7_i64; 3];
        // SAFETY: an array of three, NULL, and an array that is larger than memory.
        unsafe {
            let cells = array_out("numbers", numbers.as_mut_ptr(), 2, 0).unwrap();
            cells[1].set(5);
            assert_eq!(cells.len(), 2);
            let none = core::ptr::null_mut::<i64>();
            assert!(array_out("none", none, 0, 0).unwrap().is_empty());
            assert!(array_out("none", none, 1, 0).is_err());
            assert!(array_out("numbers", numbers.as_mut_ptr(), usize::MAX / 4, 0).is_err());
        }
        assert_eq!(numbers, [0, 5, 7]);
    }

    #[test]
    fn no_more_is_written_than_the_host_has_room_for() {
        #[repr(C)]
        #[derive(Clone, Copy)]
        struct New {
            size: usize,
            old: u64,
            new: u64,
        }
        let ours = New {
            size: 0,
            old: 7,
            new: 8,
        };
        let mut host = New {
            size: 16,
            old: 1,
            new: 99,
        };
        assert!(sized_out("info", &raw mut host, Some(&ours)).is_ok());
        assert_eq!((host.size, host.old, host.new), (16, 7, 99));
        assert!(sized_out::<New>("info", &raw mut host, None).is_ok());
        assert_eq!((host.size, host.old, host.new), (16, 0, 99));
        host.size = 7;
        assert!(sized_out("info", &raw mut host, Some(&ours)).is_err());
    }

    #[test]
    fn bad_strings_are_named() {
        // SAFETY: NULL and NUL-terminated strings.
        unsafe {
            assert!(
                text_in("name", core::ptr::null())
                    .unwrap_err()
                    .message
                    .contains("'name' is NULL")
            );
            assert!(
                text_in("name", c"\xff".as_ptr())
                    .unwrap_err()
                    .message
                    .contains("not UTF-8")
            );
            assert!(
                texts_in("names", core::ptr::null(), 3)
                    .unwrap_err()
                    .message
                    .contains("count is 3")
            );
        }
    }
}
