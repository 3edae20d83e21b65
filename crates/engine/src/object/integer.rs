//! Ints of any size, as the functions of numbers see them.

use crate::call::convert;
use crate::exception::failed;
use core::fmt::Display;
use nexus_abi::ffi::{Inputs, null};
use nexus_abi::{Failure, NexusKind, NexusStatus, NexusValue, RawKind, Result};
use num_bigint::BigInt;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt};

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
///
/// # Safety
/// `value` is NULL or points to a value.
pub unsafe fn scalar(name: &str, value: *const NexusValue) -> Result<Scalar> {
    const INTEGER: RawKind = NexusKind::NEXUS_KIND_INTEGER as RawKind;
    const REAL: RawKind = NexusKind::NEXUS_KIND_REAL as RawKind;
    // SAFETY: handed on to the caller; any bits are a value, and the kind says which member counts.
    unsafe {
        let value = value.as_ref().ok_or_else(|| null(name))?;
        Ok(match value.kind {
            INTEGER => Scalar::Integer(value.r#as.integer),
            REAL => Scalar::Real(value.r#as.real),
            _ => Scalar::Other,
        })
    }
}

/// The `int` of a value; `NEXUS_ERR_TYPE` for anything else.
pub fn int_in<'py>(
    py: Python<'py>,
    inputs: Inputs<'_>,
    name: &str,
    value: *const NexusValue,
) -> Result<Bound<'py, PyInt>> {
    let object = convert::value_in(py, inputs, name, value)?;
    int_of(&format_args!("argument '{name}'"), &object).cloned()
}

/// The object as an `int`, or one of a subclass. A `bool` is none here, although Python makes it one: who
/// asks for a number and gets a truth value has mixed something up.
pub fn int_of<'a, 'py>(
    place: &dyn Display,
    object: &'a Bound<'py, PyAny>,
) -> Result<&'a Bound<'py, PyInt>> {
    match object.cast::<PyInt>() {
        Ok(int) if !object.is_instance_of::<pyo3::types::PyBool>() => Ok(int),
        _ => Err(not_a(place, object, "an int")),
    }
}

/// The failure for something that is no such number.
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

/// How the bytes of an int lie in memory.
#[derive(Clone, Copy)]
pub struct Layout {
    /// The most significant byte comes first.
    pub big_endian: bool,
    /// Two's complement.
    pub signed: bool,
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
pub fn size(int: &Bound<'_, PyInt>, layout: Layout) -> PyResult<usize> {
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
pub fn to_bytes<'py>(
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
pub fn from_bytes<'py>(
    py: Python<'py>,
    bytes: &[u8],
    layout: Layout,
) -> PyResult<Bound<'py, PyAny>> {
    py.get_type::<PyInt>().call_method(
        "from_bytes",
        (PyBytes::new(py, bytes), layout.order()),
        Some(&layout.keywords(py)?),
    )
}

/// The number outside Python.
pub fn to_big(int: &Bound<'_, PyInt>) -> Result<BigInt> {
    let bytes = size(int, Layout::INNER).and_then(|size| to_bytes(int, size, Layout::INNER));
    let bytes = bytes.map_err(|error| failed(int.py(), error))?;
    Ok(BigInt::from_signed_bytes_le(bytes.as_bytes()))
}

/// The number inside Python.
pub fn from_big<'py>(py: Python<'py>, number: &BigInt) -> PyResult<Bound<'py, PyAny>> {
    from_bytes(py, &number.to_signed_bytes_le(), Layout::INNER)
}
