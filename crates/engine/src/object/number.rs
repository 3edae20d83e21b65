//! Numbers of an exact type: conversions that check the range, and never guess.

use crate::border::{give_in_place, give_without_gil};
use crate::call::convert;
use crate::exception::{OrRaised as _, failed};
use crate::gil;
use crate::object::integer::{Scalar, int_of, int64, not_a, overflow, scalar, to_big};
use core::fmt::Display;
use nexus_abi::ffi::Inputs;
use nexus_abi::{NexusError, NexusStatus, NexusValue, Result};
use num_bigint::BigInt;
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt};

/// Reads an int as an `int64_t`: a value of `NEXUS_KIND_INTEGER`, or an object of type int or of a subclass.
/// A bool does not count, and a float never: see `nexus_value_as_index`.
///
/// Returns `NEXUS_ERR_OVERFLOW` when it does not fit, `NEXUS_ERR_TYPE` when it is not an int,
/// `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_BAD_HANDLE` (the value's). Needs no GIL for a value of that kind.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_value_to_int64(
    value: *const NexusValue,
    number: *mut i64,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "number", number, |inputs| {
        match scalar(inputs, "value", value)? {
            Scalar::Integer(found) => Ok(found),
            _ => of_object(inputs, value, int64_of),
        }
    })
}

/// Reads an int as a `uint64_t`; a negative one is `NEXUS_ERR_OVERFLOW`. Otherwise as
/// `nexus_value_to_int64`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_value_to_uint64(
    value: *const NexusValue,
    number: *mut u64,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "number", number, |inputs| {
        match scalar(inputs, "value", value)? {
            Scalar::Integer(found) => u64::try_from(found).map_err(|_| overflow(&PLACE, UINT64)),
            _ => of_object(inputs, value, uint64_of),
        }
    })
}

/// Reads a float as a `double`, or an int that a double holds exactly; another int, such as 2**53 + 1, is
/// `NEXUS_ERR_OVERFLOW`. Infinities, NaN and -0.0 stay what they are. Subclasses of float and int count too.
/// Otherwise as `nexus_value_to_int64`; a value of `NEXUS_KIND_REAL` needs no GIL either.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_value_to_double(
    value: *const NexusValue,
    number: *mut f64,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "number", number, |inputs| {
        match scalar(inputs, "value", value)? {
            Scalar::Integer(found) => exact(found).ok_or_else(|| overflow(&PLACE, DOUBLE)),
            Scalar::Real(found) => Ok(found),
            Scalar::Other => of_object(inputs, value, double_of),
        }
    })
}

/// Makes an int of anything that Python takes as one (`operator.index`, the `__index__` protocol): ints,
/// bools, numpy's integers; no floats.
///
/// `integer` receives the int, an object if 64 bits do not hold it; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_TYPE` when the value has no `__index__`, `NEXUS_ERR_INVALID_ARGUMENT`,
/// `NEXUS_ERR_BAD_HANDLE` (the value's), `NEXUS_ERR_EXCEPTION` with what Python raised, or what
/// `nexus_python_start` returns. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_value_as_index(
    value: *const NexusValue,
    integer: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_in_place(error, "integer", integer, |inputs| {
        gil::with(|py| {
            let object = convert::value_in(py, inputs, "value", value)?;
            // SAFETY: a living object, and the GIL.
            unsafe {
                if pyo3::ffi::PyIndex_Check(object.as_ptr()) == 0 {
                    return Err(not_a(&PLACE, &object, "an int, and has no __index__"));
                }
                let index = pyo3::ffi::PyNumber_Index(object.as_ptr());
                let index = Bound::from_owned_ptr_or_err(py, index);
                convert::from_python(py, index.or_raised(py)?.into_ptr())
            }
        })
    })
}

/// Makes a `double` of anything that Python takes as a real number (the `__float__` and `__index__`
/// protocols): floats, ints, bools, numpy's numbers, `Fraction`, `Decimal`. Rounds to the nearest, as
/// Python's `float()` does, but reads no text.
///
/// Returns `NEXUS_ERR_OVERFLOW` for an int beyond the largest double, `NEXUS_ERR_TYPE` when the value has
/// neither `__float__` nor `__index__`, `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_BAD_HANDLE` (the value's),
/// or `NEXUS_ERR_EXCEPTION` with what Python raised. Needs no GIL for a value of `NEXUS_KIND_INTEGER` or
/// `NEXUS_KIND_REAL`. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_value_as_float(
    value: *const NexusValue,
    number: *mut f64,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "number", number, |inputs| {
        match scalar(inputs, "value", value)? {
            // Rounds to the nearest, ties to even, as Python does.
            Scalar::Integer(found) => Ok(found as f64),
            Scalar::Real(found) => Ok(found),
            Scalar::Other => of_object(inputs, value, rounded),
        }
    })
}

const PLACE: &str = "argument 'value'";
const INT64: &str = "64 bits with a sign";
const UINT64: &str = "64 bits without a sign";
const DOUBLE: &str = "a double exactly";

fn of_object<T>(
    inputs: Inputs<'_>,
    value: *const NexusValue,
    read: impl FnOnce(&dyn Display, &Bound<'_, PyAny>) -> Result<T>,
) -> Result<T> {
    gil::with(|py| {
        let object = convert::value_in(py, inputs, "value", value)?;
        read(&PLACE, &object)
    })
}

/// What `float()` makes of anything but a text.
fn rounded(place: &dyn Display, object: &Bound<'_, PyAny>) -> Result<f64> {
    let py = object.py();
    // SAFETY: a living object, and the GIL; -1 may be a value or stand for an exception.
    let found = unsafe { pyo3::ffi::PyFloat_AsDouble(object.as_ptr()) };
    match PyErr::take(py) {
        None => Ok(found),
        Some(error) if error.is_instance_of::<PyOverflowError>(py) && is_int(object) => {
            Err(overflow(place, "a double"))
        }
        Some(_) if !has_float(object) => Err(not_a(
            place,
            object,
            "a number: it has neither __float__ nor __index__",
        )),
        Some(error) => Err(failed(py, error)),
    }
}

fn is_int(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyInt>()
}

fn has_float(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: a living object, and the GIL.
    let has_index = unsafe { pyo3::ffi::PyIndex_Check(object.as_ptr()) } != 0;
    has_index || object.get_type().hasattr("__float__").unwrap_or(true)
}

/// An int as 64 bits with a sign.
pub fn int64_of(place: &dyn Display, object: &Bound<'_, PyAny>) -> Result<i64> {
    int64(int_of(place, object)?).ok_or_else(|| overflow(place, INT64))
}

fn uint64_of(place: &dyn Display, object: &Bound<'_, PyAny>) -> Result<u64> {
    let int = int_of(place, object)?;
    // SAFETY: an int, and the GIL; -1 may be a value or stand for an OverflowError.
    let number = unsafe { pyo3::ffi::PyLong_AsUnsignedLongLong(int.as_ptr()) };
    match PyErr::take(object.py()) {
        None => Ok(number),
        Some(_) => Err(overflow(place, UINT64)),
    }
}

/// A float, or an int that a double holds exactly.
pub fn double_of(place: &dyn Display, object: &Bound<'_, PyAny>) -> Result<f64> {
    if let Ok(float) = object.cast::<PyFloat>() {
        return Ok(float.value());
    }
    let int = int_of(place, object).map_err(|_| not_a(place, object, "a float or an int"))?;
    let exactly = match int64(int) {
        Some(number) => exact(number),
        None => exact_large(int, &to_big(int)?),
    };
    exactly.ok_or_else(|| overflow(place, DOUBLE))
}

fn exact(number: i64) -> Option<f64> {
    let double = number as f64;
    (double as i128 == i128::from(number)).then_some(double)
}

/// A double has 53 bits, and numbers below 2^1024.
fn exact_large(int: &Bound<'_, PyInt>, number: &BigInt) -> Option<f64> {
    let significant = number.bits() - number.trailing_zeros().unwrap_or(0);
    if significant > f64::MANTISSA_DIGITS.into() || number.bits() > f64::MAX_EXP as u64 {
        return None;
    }
    // SAFETY: an int that fits, and the GIL.
    Some(unsafe { pyo3::ffi::PyLong_AsDouble(int.as_ptr()) })
}
