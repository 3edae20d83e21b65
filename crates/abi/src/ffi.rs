//! The pointer plumbing that both libraries share: what comes from C is checked here, and what goes
//! out is written here.

use crate::arrow::{ArrowArray, ArrowArrayStream, ArrowSchema};
use crate::failure::{Failure, Result};
use crate::handle::{NexusError, Opaque};
use crate::report::{NexusReportEntry, NexusState};
use crate::status::NexusStatus::{self, *};
use crate::value::{NexusText, NexusValue};
use core::cell::Cell;
use core::ffi::{CStr, c_char};
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Runs the body of an exported function: no panic leaves it, and a failure becomes the error that
/// `publish` makes, if the caller wants one.
pub fn guard(
    error: *mut *mut NexusError,
    publish: impl FnOnce(&Failure) -> *mut NexusError,
    body: impl for<'call> FnOnce(Inputs<'call>) -> Result<()>,
) -> NexusStatus {
    clear(error, core::ptr::null_mut());
    let Err(failure) = unpanicked(|| body(Inputs(PhantomData))) else {
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

/// The same for a function that has no status to return, but reads what the host passes.
pub fn answer<R>(otherwise: R, body: impl for<'call> FnOnce(Inputs<'call>) -> R) -> R {
    guard_or(otherwise, || body(Inputs(PhantomData)))
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

/// What a function writes for the host.
pub trait Output: Copy {
    /// What an output holds until there is something to write: NULL, 0, false, NONE.
    const EMPTY: Self;
}

impl<T> Output for *mut T {
    const EMPTY: Self = core::ptr::null_mut();
}

impl<T> Output for *const T {
    const EMPTY: Self = core::ptr::null();
}

impl Output for ArrowSchema {
    const EMPTY: Self = Self::RELEASED;
}

impl Output for ArrowArray {
    const EMPTY: Self = Self::RELEASED;
}

impl Output for ArrowArrayStream {
    const EMPTY: Self = Self::RELEASED;
}

impl Output for NexusReportEntry {
    const EMPTY: Self = Self {
        name: core::ptr::null(),
        path: core::ptr::null(),
        state: NexusState::NEXUS_STATE_LOADED,
        status: NEXUS_OK,
        detail: 0,
        message: core::ptr::null(),
        nanoseconds: 0,
    };
}

impl Output for NexusValue {
    const EMPTY: Self = Self::NONE;
}

macro_rules! numbers {
    ($($number:ty)*) => { $(impl Output for $number { const EMPTY: Self = 0 as $number; })* };
}

numbers!(u8 i32 u32 i64 u64 usize f64);

/// The failure for a NULL where something is needed.
#[must_use]
pub fn null(name: &str) -> Box<Failure> {
    Failure::new(
        NEXUS_ERR_INVALID_ARGUMENT,
        format!("argument '{name}' is NULL"),
    )
}

/// Flags are all among those that are `known`; an error names the others.
pub fn check_flags(name: &str, flags: u32, known: u32) -> Result<()> {
    if flags & !known == 0 {
        return Ok(());
    }
    Err(Failure::new(
        NEXUS_ERR_INVALID_ARGUMENT,
        format!(
            "argument '{name}' has bits that this version does not know: {:#x}",
            flags & !known
        ),
    ))
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

/// What a host has passed to an exported function. [`guard`] makes one for the function's body, and nothing that is
/// read through it outlives the call.
///
/// This is the place that takes the header's word for every pointer: that it is NULL, or points to what the header
/// says, as many as the count beside it says, and that nobody changes that during the call. So its functions take
/// pointers that the host has passed, or that lie in what it has passed, and no others.
#[derive(Clone, Copy)]
pub struct Inputs<'call>(PhantomData<&'call ()>);

impl<'call> Inputs<'call> {
    /// For what does not come from a host, but keeps the same rules: what the two libraries pass to each other.
    ///
    /// # Safety
    /// What is read through it lives for `'call`, and every pointer keeps the rules above.
    #[must_use]
    pub const unsafe fn assume() -> Self {
        Self(PhantomData)
    }

    /// A required NUL-terminated UTF-8 string.
    pub fn text(self, name: &str, pointer: *const c_char) -> Result<&'call str> {
        let bytes = self.bytes(name, pointer)?;
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

    /// The same; `None` for NULL.
    pub fn optional_text(self, name: &str, pointer: *const c_char) -> Result<Option<&'call str>> {
        if pointer.is_null() {
            return Ok(None);
        }
        self.text(name, pointer).map(Some)
    }

    /// A required NUL-terminated path in the platform's bytes.
    pub fn path(self, name: &str, pointer: *const c_char) -> Result<&'call Path> {
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            let bytes = self.bytes(name, pointer)?;
            Ok(Path::new(std::ffi::OsStr::from_bytes(bytes)))
        }
        // Windows paths cross as UTF-8.
        #[cfg(not(unix))]
        self.text(name, pointer).map(Path::new)
    }

    /// A required NUL-terminated string as bytes.
    pub fn bytes(self, name: &str, pointer: *const c_char) -> Result<&'call [u8]> {
        if pointer.is_null() {
            return Err(null(name));
        }
        // SAFETY: not NULL, and by the rules of `Inputs` a string with a NUL at its end.
        Ok(unsafe { CStr::from_ptr(pointer) }.to_bytes())
    }

    /// An array of `count`. NULL is an empty one if `count` is 0, and otherwise an error.
    #[inline]
    pub fn slice<T>(self, name: &str, pointer: *const T, count: usize) -> Result<&'call [T]> {
        if count == 0 {
            return Ok(&[]);
        }
        check_array(name, pointer, count)?;
        // SAFETY: not NULL, no larger than memory, and by the rules of `Inputs` so many values.
        Ok(unsafe { core::slice::from_raw_parts(pointer, count) })
    }

    /// An array of required NUL-terminated UTF-8 strings.
    pub fn texts(
        self,
        name: &str,
        pointer: *const *const c_char,
        count: usize,
    ) -> Result<Vec<&'call str>> {
        let strings = self.slice(name, pointer, count)?.iter().enumerate();
        strings
            .map(|(index, &string)| self.text(&format!("{name}[{index}]"), string))
            .collect()
    }

    /// The bytes of a (pointer, length) text.
    #[inline]
    pub fn counted(self, name: &str, text: &NexusText) -> Result<&'call [u8]> {
        self.slice(name, text.data.cast::<u8>(), text.size)
    }

    /// What a pointer points to; `None` for NULL. `T` is plain data of which any bits are a value.
    #[inline]
    pub fn one<T>(self, pointer: *const T) -> Option<&'call T> {
        // SAFETY: by the rules of `Inputs` NULL, or a value of that type.
        unsafe { pointer.as_ref() }
    }

    /// A struct that begins with its size: what the caller's older header does not have is zero. NULL
    /// gives `None`. `T` is plain data for which all zeros is a value.
    pub fn sized<T: Copy>(self, name: &str, pointer: *const T) -> Result<Option<T>> {
        if pointer.is_null() {
            return Ok(None);
        }
        let size = struct_size(name, pointer)?;
        let mut value = MaybeUninit::<T>::zeroed();
        // SAFETY: by the rules of `Inputs` the host's struct has `size` bytes; no more than fit are copied. Zeros are a
        // value of T.
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
    pub fn array_out<T: Copy>(
        self,
        name: &str,
        pointer: *mut T,
        capacity: usize,
        empty: T,
    ) -> Result<&'call [Cell<T>]> {
        if capacity == 0 {
            return Ok(&[]);
        }
        check_array(name, pointer, capacity)?;
        for index in 0..capacity {
            // SAFETY: by the rules of `Inputs` room for so many values; no larger than memory.
            unsafe { pointer.add(index).write(empty) };
        }
        // SAFETY: every place was written; a cell has the layout of what is in it.
        Ok(unsafe { core::slice::from_raw_parts(pointer.cast::<Cell<T>>(), capacity) })
    }
}

/// An array is there, and no larger than memory.
fn check_array<T>(name: &str, pointer: *const T, count: usize) -> Result<()> {
    let message = if pointer.is_null() {
        format!("argument '{name}' is NULL, but its count is {count}")
    } else if count > isize::MAX as usize / size_of::<T>().max(1) {
        format!("the count of argument '{name}', {count}, is larger than memory")
    } else {
        return Ok(());
    };
    Err(Failure::new(NEXUS_ERR_INVALID_ARGUMENT, message))
}

/// The size that a host's struct says it has.
fn struct_size<T>(name: &str, pointer: *const T) -> Result<usize> {
    // SAFETY: by the rules of `Inputs` a struct that begins with its size, a size_t.
    let size = unsafe { pointer.cast::<usize>().read() };
    if (size_of::<usize>()..=65_536).contains(&size) {
        return Ok(size);
    }
    Err(Failure::new(
        NEXUS_ERR_INVALID_ARGUMENT,
        format!(
            "'{name}->struct_size' is {size}; set it to the size of the struct ({})",
            size_of::<T>()
        ),
    ))
}

/// Fills as much of a struct that begins with its size as the host's has room for, with zeros for
/// `None`. Its size, which the host has set, stays.
pub fn sized_out<T: Copy>(name: &str, pointer: *mut T, value: Option<&T>) -> Result<()> {
    const START: usize = size_of::<usize>();
    if pointer.is_null() {
        return Err(null(name));
    }
    let size = struct_size(name, pointer)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn no_error(_: &Failure) -> *mut NexusError {
        core::ptr::null_mut()
    }

    #[test]
    fn a_panic_becomes_a_status() {
        let status = guard(core::ptr::null_mut(), no_error, |_| panic!("oh"));
        assert_eq!(status, NEXUS_ERR_PANIC);
        assert_eq!(guard(core::ptr::null_mut(), no_error, |_| Ok(())), NEXUS_OK);
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
        // SAFETY: structs that begin with their sizes.
        let inputs = unsafe { Inputs::assume() };
        let seen = inputs.sized("config", &raw const host).unwrap().unwrap();
        assert_eq!((seen.old, seen.new), (7, 0));
        let wrong = New {
            size: 3,
            old: 0,
            new: 0,
        };
        assert!(inputs.sized("config", &raw const wrong).is_err());
    }

    #[test]
    fn arrays_are_emptied_and_checked() {
        let mut numbers = [7_i64; 3];
        // SAFETY: an array of three, NULL, and an array that is larger than memory.
        let inputs = unsafe { Inputs::assume() };
        let first = numbers.as_mut_ptr();
        let cells = inputs.array_out("numbers", first, 2, 0).unwrap();
        cells[1].set(5);
        assert_eq!(cells.len(), 2);
        let none = core::ptr::null_mut::<i64>();
        assert!(inputs.array_out("none", none, 0, 0).unwrap().is_empty());
        assert!(inputs.array_out("none", none, 1, 0).is_err());
        assert!(
            inputs
                .array_out("numbers", first, usize::MAX / 4, 0)
                .is_err()
        );
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
        let inputs = unsafe { Inputs::assume() };
        let messages = [
            inputs.text("name", core::ptr::null()).unwrap_err().message,
            inputs.text("name", c"\xff".as_ptr()).unwrap_err().message,
            inputs
                .texts("names", core::ptr::null(), 3)
                .unwrap_err()
                .message,
        ];
        let wanted = ["'name' is NULL", "not UTF-8", "count is 3"];
        for (message, wanted) in messages.iter().zip(wanted) {
            assert!(message.contains(wanted), "{message}");
        }
    }
}
