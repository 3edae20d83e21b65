//! Ints of any size: as decimal text and as bytes.

use crate::border::{give_in_place, give_without_gil, guard};
use crate::call::convert;
use crate::exception::{OrRaised as _, failed};
use crate::gil;
use core::ffi::{c_char, c_void};
use core::fmt::Display;
use nexus_abi::ffi::{Inputs, null};
use nexus_abi::{
    Failure, NexusError, NexusKind, NexusPayload, NexusStatus, NexusValue, RawKind, Result,
};
use num_bigint::BigInt;
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt, PyString};

/// Flag of the bytes of an int: the most significant byte comes first. Without it the least significant one
/// does, as in the memory of x86-64 and aarch64.
pub const NEXUS_INT_BIG_ENDIAN: u32 = 1;
/// Flag of the bytes of an int: there is no sign. Without it they are two's complement.
pub const NEXUS_INT_UNSIGNED: u32 = 2;

/// Makes an int of decimal text, of any length: Python's limit of 4,300 digits
/// (`sys.set_int_max_str_digits`) does not hold here, and is not changed.
///
/// `text`: `size` bytes, an optional sign and then digits; no blanks, no underscores. `integer` receives
/// the int, an object if 64 bits do not hold it; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, or not a decimal number; the message says where), or what
/// `nexus_python_start` returns. Holds no GIL while it reads the text. The time grows with the square of the
/// length: a million digits take seconds.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_int_from_text(
    text: *const c_char,
    size: usize,
    integer: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "integer", integer, |inputs| {
        let text = decimal(inputs.slice("text", text.cast::<u8>(), size)?)?;
        if let Ok(integer) = text.parse::<i64>() {
            return Ok(NexusValue::new(
                NexusKind::NEXUS_KIND_INTEGER,
                NexusPayload { integer },
            ));
        }
        let number: BigInt = gil::without(|| text.parse()).map_err(|error| {
            Failure::invalid(format!("argument 'text' is not a decimal number: {error}"))
        })?;
        gil::with(|py| {
            let made = from_bytes(py, &number.to_signed_bytes_le(), Layout::INNER).or_raised(py)?;
            convert::from_python(py, made.into_ptr())
        })
    })
}

/// The text, if it is a sign and digits.
fn decimal(text: &[u8]) -> Result<&str> {
    let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+"));
    let digits = digits.unwrap_or(text);
    let wrong = digits.iter().position(|byte| !byte.is_ascii_digit());
    let why = match wrong {
        None if digits.is_empty() => "it has no digit".to_string(),
        None => return Ok(core::str::from_utf8(text).unwrap_or_default()),
        Some(at) => format!("byte {} is not a digit", at + text.len() - digits.len()),
    };
    Err(Failure::invalid(format!(
        "argument 'text' is not a sign and decimal digits: {why}"
    )))
}

/// Writes an int as decimal text, of any length: Python's limit of 4,300 digits
/// (`sys.set_int_max_str_digits`) does not hold here, and is not changed.
///
/// `integer`: a value of `NEXUS_KIND_INTEGER`, or an object of type int or of a subclass. `text` receives a
/// text value; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_TYPE` when the value is not an int (a bool does not count),
/// `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_BAD_HANDLE` (the value's), or what `nexus_python_start` returns.
/// Holds no GIL while it makes the text. The time grows with the square of the length: a million digits take
/// seconds.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_int_to_text(
    integer: *const NexusValue,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_in_place(error, "text", text, |inputs| {
        let written = match scalar(inputs, "integer", integer)? {
            Scalar::Integer(number) => number.to_string(),
            _ => {
                let number = gil::with(|py| to_big(&int_in(py, inputs, "integer", integer)?))?;
                gil::without(|| number.to_string())
            }
        };
        gil::with(|py| {
            let made = PyString::new(py, &written);
            convert::from_python(py, made.into_any().into_ptr())
        })
    })
}

/// Makes an int of its bytes: two's complement, the least significant byte first, unless the flags say
/// otherwise. No bytes are 0.
///
/// `bytes`: `size` bytes; may be NULL when there are none. `flags`: any of `NEXUS_INT_BIG_ENDIAN` and
/// `NEXUS_INT_UNSIGNED`. `integer` receives the int, an object if 64 bits do not hold it; release it with
/// `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or what `nexus_python_start` returns.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_int_from_bytes(
    bytes: *const c_void,
    size: usize,
    flags: u32,
    integer: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "integer", integer, |inputs| {
        let layout = layout(flags)?;
        let bytes = inputs.slice("bytes", bytes.cast::<u8>(), size)?;
        gil::with(|py| {
            let made = from_bytes(py, bytes, layout).or_raised(py)?;
            convert::from_python(py, made.into_ptr())
        })
    })
}

/// Gives the bytes of an int, as few as hold it and one at least.
///
/// `integer`: a value of `NEXUS_KIND_INTEGER`, or an object of type int or of a subclass. `flags`: as for
/// `nexus_int_from_bytes`. `bytes` receives a bytes value; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_OVERFLOW` for a negative int with `NEXUS_INT_UNSIGNED`, `NEXUS_ERR_TYPE` when the
/// value is not an int (a bool does not count), `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_BAD_HANDLE` (the
/// value's), or what `nexus_python_start` returns.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_int_to_bytes(
    integer: *const NexusValue,
    flags: u32,
    bytes: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_in_place(error, "bytes", bytes, |inputs| {
        gil::with(|py| {
            let layout = layout(flags)?;
            let int = int_in(py, inputs, "integer", integer)?;
            let size = size(&int, layout).or_raised(py)?;
            let made = to_bytes(&int, size, layout)
                .map_err(|error| too_large(py, error, &format!("{size} bytes without a sign")))?;
            convert::from_python(py, made.into_any().into_ptr())
        })
    })
}

/// Writes the bytes of an int into the caller's memory: all `capacity` of them, the rest filled with the
/// sign.
///
/// `bytes`: room for `capacity` bytes; may be NULL when that is 0, into which only 0 fits. The rest as for
/// `nexus_int_to_bytes`.
///
/// Returns `NEXUS_ERR_OVERFLOW` when the int does not fit; otherwise as `nexus_int_to_bytes`. After a
/// failure every byte is 0.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_int_write_bytes(
    integer: *const NexusValue,
    flags: u32,
    bytes: *mut u8,
    capacity: usize,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        let cells = inputs.array_out("bytes", bytes, capacity, 0)?;
        let layout = layout(flags)?;
        gil::with(|py| {
            let int = int_in(py, inputs, "integer", integer)?;
            let made = to_bytes(&int, capacity, layout).map_err(|error| {
                let sign = if layout.signed { "with" } else { "without" };
                too_large(py, error, &format!("{capacity} bytes {sign} a sign"))
            })?;
            for (cell, byte) in cells.iter().zip(made.as_bytes()) {
                cell.set(*byte);
            }
            Ok(())
        })
    })
}

fn too_large(py: Python<'_>, error: PyErr, into: &str) -> Box<Failure> {
    if error.is_instance_of::<PyOverflowError>(py) {
        return overflow(&"argument 'integer'", into);
    }
    failed(py, error)
}

/// How the bytes of an int lie in memory.
#[derive(Clone, Copy)]
struct Layout {
    /// The most significant byte comes first.
    big_endian: bool,
    /// Two's complement.
    signed: bool,
}

fn layout(flags: u32) -> Result<Layout> {
    let unknown = flags & !(NEXUS_INT_BIG_ENDIAN | NEXUS_INT_UNSIGNED);
    if unknown != 0 {
        return Err(Failure::invalid(format!(
            "argument 'flags' has bits that mean nothing: {unknown:#x}"
        )));
    }
    Ok(Layout {
        big_endian: flags & NEXUS_INT_BIG_ENDIAN != 0,
        signed: flags & NEXUS_INT_UNSIGNED == 0,
    })
}

impl Layout {
    /// What [`BigInt::from_signed_bytes_le`] takes.
    const INNER: Self = Self {
        big_endian: false,
        signed: true,
    };

    fn order(self) -> &'static str {
        if self.big_endian { "big" } else { "little" }
    }

    fn keywords(self, py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
        let keywords = PyDict::new(py);
        keywords.set_item("signed", self.signed)?;
        Ok(keywords)
    }
}

/// How many bytes an int takes: one at least.
fn size(int: &Bound<'_, PyInt>, layout: Layout) -> PyResult<usize> {
    // Of the type itself: a subclass may have a `bit_length` of its own.
    let class = int.py().get_type::<PyInt>();
    let bits: usize = class.call_method1("bit_length", (int,))?.extract()?;
    if !layout.signed {
        return Ok(bits.div_ceil(8).max(1));
    }
    // The sign takes a bit more, but for -2^(8n-1), which just fits.
    let tight = bits / 8;
    let just_fits = bits > 0 && bits.is_multiple_of(8) && to_bytes(int, tight, layout).is_ok();
    Ok(if just_fits { tight } else { tight + 1 })
}

/// The bytes of an int, exactly that many; OverflowError if it does not fit.
fn to_bytes<'py>(
    int: &Bound<'py, PyInt>,
    size: usize,
    layout: Layout,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = int.py();
    let bytes = py.get_type::<PyInt>().call_method(
        "to_bytes",
        (int, size, layout.order()),
        Some(&layout.keywords(py)?),
    )?;
    Ok(bytes.cast_into()?)
}

/// The int of bytes.
fn from_bytes<'py>(py: Python<'py>, bytes: &[u8], layout: Layout) -> PyResult<Bound<'py, PyAny>> {
    py.get_type::<PyInt>().call_method(
        "from_bytes",
        (PyBytes::new(py, bytes), layout.order()),
        Some(&layout.keywords(py)?),
    )
}

/// The number outside Python.
pub fn to_big(int: &Bound<'_, PyInt>) -> Result<BigInt> {
    let bytes = size(int, Layout::INNER).and_then(|size| to_bytes(int, size, Layout::INNER));
    let bytes = bytes.or_raised(int.py())?;
    Ok(BigInt::from_signed_bytes_le(bytes.as_bytes()))
}

/// A value that is a number by itself, which needs no Python.
pub enum Scalar {
    /// Of `NEXUS_KIND_INTEGER`.
    Integer(i64),
    /// Of `NEXUS_KIND_REAL`.
    Real(f64),
    /// Anything else.
    Other,
}

/// The number that a value holds, if it does.
#[inline]
pub fn scalar(inputs: Inputs<'_>, name: &str, value: *const NexusValue) -> Result<Scalar> {
    const INTEGER: RawKind = NexusKind::NEXUS_KIND_INTEGER as RawKind;
    const REAL: RawKind = NexusKind::NEXUS_KIND_REAL as RawKind;
    let value = inputs.one(value).ok_or_else(|| null(name))?;
    // SAFETY: the kind says which member counts; any bits are a number.
    unsafe {
        Ok(match value.kind {
            INTEGER => Scalar::Integer(value.r#as.integer),
            REAL => Scalar::Real(value.r#as.real),
            _ => Scalar::Other,
        })
    }
}

/// The `int` of a value; `NEXUS_ERR_TYPE` for anything else.
fn int_in<'py>(
    py: Python<'py>,
    inputs: Inputs<'_>,
    name: &str,
    value: *const NexusValue,
) -> Result<Bound<'py, PyInt>> {
    let object = convert::value_in(py, inputs, name, value)?;
    int_of(&format_args!("argument '{name}'"), &object).cloned()
}

/// The object as an `int`, or one of a subclass. A `bool` does not count, although it is an int for
/// Python: who asks for a number and gets a truth value has mixed something up.
pub fn int_of<'a, 'py>(
    place: &dyn Display,
    object: &'a Bound<'py, PyAny>,
) -> Result<&'a Bound<'py, PyInt>> {
    match object.cast::<PyInt>() {
        Ok(int) if !object.is_instance_of::<pyo3::types::PyBool>() => Ok(int),
        _ => Err(not_a(place, object, "an int")),
    }
}

/// The failure for something that is not such a number.
#[cold]
pub fn not_a(place: &dyn Display, object: &Bound<'_, PyAny>, needed: &str) -> Box<Failure> {
    let class = crate::python::text::type_name(&object.get_type());
    Failure::new(
        NexusStatus::NEXUS_ERR_TYPE,
        format!("{place} is a {class}, not {needed}"),
    )
}

/// The failure for a number that does not fit.
#[cold]
pub fn overflow(place: &dyn Display, into: &str) -> Box<Failure> {
    Failure::new(
        NexusStatus::NEXUS_ERR_OVERFLOW,
        format!("{place} does not fit into {into}"),
    )
}

/// The number, if 64 bits with a sign hold it. Runs no code of a subclass.
pub fn int64(int: &Bound<'_, PyInt>) -> Option<i64> {
    let mut overflow = 0;
    // SAFETY: an int, and the GIL.
    let number =
        unsafe { pyo3::ffi::PyLong_AsLongLongAndOverflow(int.as_ptr(), &raw mut overflow) };
    (overflow == 0).then_some(number)
}
