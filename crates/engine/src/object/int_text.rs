//! Ints of any size as decimal text.

use crate::border::guard;
use crate::call::convert;
use crate::exception::failed;
use crate::gil;
use crate::object::integer::{Scalar, from_big, int_in, scalar, to_big};
use core::ffi::c_char;
use nexus_abi::ffi::{null, output};
use nexus_abi::{Failure, NexusError, NexusKind, NexusPayload, NexusStatus, NexusValue, Result};
use num_bigint::BigInt;
use pyo3::types::PyString;

/// Makes an int of decimal text, of any length: Python's limit of 4,300 digits
/// (`sys.set_int_max_str_digits`) does not hold here, and is not changed.
///
/// `text`: `size` bytes, an optional sign and then digits; no blanks, no underscores. `integer` receives
/// the int, an object if 64 bits do not hold it; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, or no decimal number; the message says where), or what
/// `nexus_python_start` returns, since it starts Python if nothing has. Any thread; waits for the GIL, but
/// works without it: the time grows with the square of the length, a million digits take seconds.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_int_from_text(
    text: *const c_char,
    size: usize,
    integer: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        output("integer", integer, NexusValue::NONE)?;
        let text = inputs.slice("text", text.cast::<u8>(), size)?;
        let text = decimal(text)?;
        if let Ok(number) = text.parse::<i64>() {
            let payload = NexusPayload { integer: number };
            let value = NexusValue::new(NexusKind::NEXUS_KIND_INTEGER, payload);
            return output("integer", integer, value);
        }
        let number: BigInt = gil::without(|| text.parse()).map_err(|error| {
            Failure::new(
                NexusStatus::NEXUS_ERR_INVALID_ARGUMENT,
                format!("argument 'text' is no decimal number: {error}"),
            )
        })?;
        gil::with(|py| {
            let made = from_big(py, &number).map_err(|error| failed(py, error))?;
            output(
                "integer",
                integer,
                convert::from_python(py, made.into_ptr())?,
            )
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
        Some(at) => format!("byte {} is none", at + text.len() - digits.len()),
    };
    Err(Failure::new(
        NexusStatus::NEXUS_ERR_INVALID_ARGUMENT,
        format!("argument 'text' is not a sign and decimal digits: {why}"),
    ))
}

/// Writes an int as decimal text, of any length: Python's limit of 4,300 digits
/// (`sys.set_int_max_str_digits`) does not hold here, and is not changed.
///
/// `integer`: a value of `NEXUS_KIND_INTEGER`, or an object of type int or of a subclass. `text` receives a
/// text value; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_TYPE` when the value is no int (a bool is none here), `NEXUS_ERR_INVALID_ARGUMENT`,
/// `NEXUS_ERR_BAD_HANDLE` (the value's), or what `nexus_python_start` returns, since it starts Python if
/// nothing has. Any thread; waits for the GIL, but works without it: the time grows with the square of the
/// length, a million digits take seconds.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_int_to_text(
    integer: *const NexusValue,
    text: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        if text.is_null() {
            return Err(null("text"));
        }
        // Read first: the host may want the text in the place of the int.
        // SAFETY: the contract of the header.
        let written = match unsafe { scalar("integer", integer) } {
            Ok(Scalar::Integer(number)) => Ok(number.to_string()),
            Ok(_) => {
                // SAFETY: the contract of the header.
                gil::with(|py| to_big(&int_in(py, inputs, "integer", integer)?))
                    .map(|number| gil::without(|| number.to_string()))
            }
            Err(failure) => Err(failure),
        };
        output("text", text, NexusValue::NONE)?;
        let written = written?;
        gil::with(|py| {
            let made = PyString::new(py, &written);
            output(
                "text",
                text,
                convert::from_python(py, made.into_any().into_ptr())?,
            )
        })
    })
}
