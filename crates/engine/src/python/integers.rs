//! Ints of one digit, without a call.
//!
//! CPython keeps the ints from -5 to 256 in one table, and an int is a size or tag and after it its digits of
//! 30 bits each. Neither is promised, so both are tried at the start with all values that matter, and only on releases on
//! which that was run before; where they do not hold, Python's own functions convert.

use super::refcount;
use core::sync::atomic::{AtomicPtr, AtomicU8, Ordering};
use pyo3::ffi::{PyLong_FromLongLong, PyObject};

/// The first and the last int of the table.
const SMALLEST: i64 = -5;
const LARGEST: i64 = 256;

/// What an int begins with.
#[repr(C)]
struct Int {
    head: PyObject,
    size: isize,
    digits: [u32; 2],
}

/// The object of `SMALLEST`; NULL: there is no such table.
static TABLE: AtomicPtr<Int> = AtomicPtr::new(core::ptr::null_mut());

/// How the size is to be read.
static FORM: AtomicU8 = AtomicU8::new(UNKNOWN);
const UNKNOWN: u8 = 0;
/// Until 3.11: the number of digits, negative for a negative int.
const SIGNED: u8 = 1;
/// Since 3.12: the number of digits above three bits, whose lower two are 0, 1 for zero, or 2 for a negative
/// int.
const TAGGED: u8 = 2;

/// Tries both. The caller holds the GIL.
pub fn init() {
    super::probed(super::python_minor_version(), || {
        let form = [SIGNED, TAGGED]
            .into_iter()
            .find(|form| is_read_right(*form));
        FORM.store(form.unwrap_or(UNKNOWN), Ordering::Relaxed);
        TABLE.store(table(), Ordering::Relaxed);
    });
}

/// Runs `look` with a new reference to an int.
fn with_int<R>(value: i64, look: impl FnOnce(*mut PyObject) -> R) -> Option<R> {
    // SAFETY: the GIL is held, as `init` demands; the reference is given up again.
    unsafe {
        let object = PyLong_FromLongLong(value);
        if object.is_null() {
            pyo3::ffi::PyErr_Clear();
            return None;
        }
        let seen = look(object);
        pyo3::ffi::Py_DecRef(object);
        Some(seen)
    }
}

fn table() -> *mut Int {
    let address_of = |value| with_int(value, |object| object.cast::<Int>());
    let Some(first) = address_of(SMALLEST) else {
        return core::ptr::null_mut();
    };
    let is_in_table =
        |value| address_of(value) == Some(first.wrapping_offset((value - SMALLEST) as isize));
    if (SMALLEST..=LARGEST).all(is_in_table) {
        first
    } else {
        core::ptr::null_mut()
    }
}

fn is_read_right(form: u8) -> bool {
    const DIGIT: i64 = (1 << 30) - 1;
    let one_digit = (SMALLEST..=LARGEST).chain([257, -6, -257, 1 << 15, -(1 << 15), DIGIT, -DIGIT]);
    let more = [DIGIT + 1, -DIGIT - 1, 1 << 60, i64::MAX, i64::MIN];
    // SAFETY: an int, which is at least as large as what is read of it if the form is right; a wrong form
    // reads its first digit, too.
    let read = |value| with_int(value, |object| unsafe { read_as(form, object) }).flatten();
    one_digit
        .into_iter()
        .all(|value| read(value) == Some(value))
        && more.into_iter().all(|value| read(value).is_none())
}

/// A new reference to the int, if it is one of the table.
#[inline(always)]
pub fn small(value: i64) -> Option<*mut PyObject> {
    let table = TABLE.load(Ordering::Relaxed);
    if table.is_null() || !(SMALLEST..=LARGEST).contains(&value) {
        return None;
    }
    // SAFETY: within the table, whose objects live as long as Python; the caller holds the GIL.
    unsafe {
        let object = table.offset((value - SMALLEST) as isize).cast();
        refcount::take(object);
        Some(object)
    }
}

/// The value of an int, if it has one digit.
///
/// # Safety
/// A living object whose type is `int` itself; the GIL is held.
#[inline(always)]
pub unsafe fn read(object: *mut PyObject) -> Option<i64> {
    // SAFETY: handed on to the caller.
    unsafe {
        match FORM.load(Ordering::Relaxed) {
            TAGGED => read_as(TAGGED, object),
            SIGNED => read_as(SIGNED, object),
            _ => None,
        }
    }
}

#[inline(always)]
unsafe fn read_as(form: u8, object: *mut PyObject) -> Option<i64> {
    // SAFETY: the caller vouches for the object.
    let (size, digit) = unsafe {
        let int = object.cast::<Int>();
        ((*int).size, i64::from((&raw const (*int).digits[0]).read()))
    };
    if form == SIGNED {
        return (-1..=1).contains(&size).then(|| size as i64 * digit);
    }
    (size.cast_unsigned() >> 3 <= 1).then(|| (1 - (size & 3) as i64) * digit)
}
