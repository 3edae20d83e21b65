//! Between `NexusValue` and Python objects. Conversions never guess.

use crate::exception;
use crate::handles::objects;
use crate::python::text::utf8_of;
use crate::python::{integers, refcount};
use core::ffi::c_char;
use nexus_abi::ffi::{Inputs, bad_handle, null};
use nexus_abi::{
    Failure, NexusKind, NexusPayload, NexusStatus, NexusText, NexusValue, RawKind, Result,
};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;
use pyo3::types::PyString;

const NONE: RawKind = NexusKind::NEXUS_KIND_NONE as RawKind;
const BOOLEAN: RawKind = NexusKind::NEXUS_KIND_BOOLEAN as RawKind;
const INTEGER: RawKind = NexusKind::NEXUS_KIND_INTEGER as RawKind;
const REAL: RawKind = NexusKind::NEXUS_KIND_REAL as RawKind;
const TEXT: RawKind = NexusKind::NEXUS_KIND_TEXT as RawKind;
const BYTES: RawKind = NexusKind::NEXUS_KIND_BYTES as RawKind;
const OBJECT: RawKind = NexusKind::NEXUS_KIND_OBJECT as RawKind;

/// Which argument a value is, for messages: `name`, or `name[index]`.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    index: Option<usize>,
}

impl core::fmt::Display for Place<'_> {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.index {
            Some(index) => write!(out, "{}[{index}]", self.name),
            None => out.write_str(self.name),
        }
    }
}

/// Makes the Python object of a host's value, one of an array: a new reference.
#[inline]
pub fn to_python(
    py: Python<'_>,
    inputs: Inputs<'_>,
    name: &str,
    index: usize,
    value: &NexusValue,
) -> Result<*mut PyObject> {
    let index = Some(index);
    make(py, inputs, Place { name, index }, value)
}

/// Makes the Python object of a value that the host points to.
#[inline]
pub fn value_in<'py>(
    py: Python<'py>,
    inputs: Inputs<'_>,
    name: &str,
    value: *const NexusValue,
) -> Result<Bound<'py, PyAny>> {
    let value = inputs.one(value).ok_or_else(|| null(name))?;
    let object = make(py, inputs, Place { name, index: None }, value)?;
    // SAFETY: a new reference.
    Ok(unsafe { Bound::from_owned_ptr(py, object) })
}

#[inline]
fn make(
    py: Python<'_>,
    inputs: Inputs<'_>,
    place: Place<'_>,
    value: &NexusValue,
) -> Result<*mut PyObject> {
    // SAFETY: the host's value, of which `inputs` vouches for the text; the GIL is held (`py`).
    let object = unsafe { quick_to_python(value) };
    if object.is_null() {
        return Err(not_made(py, inputs, place, value));
    }
    Ok(object)
}

/// Why a value has no object. An exception is set if Python said so.
#[cold]
fn not_made(
    py: Python<'_>,
    inputs: Inputs<'_>,
    place: Place<'_>,
    value: &NexusValue,
) -> Box<Failure> {
    if value.kind > OBJECT {
        return Failure::invalid(format!(
            "{place}.kind is {}; kinds are 0 to {OBJECT}",
            value.kind
        ));
    }
    if value.kind == OBJECT {
        // SAFETY: the kind says that this member counts; any bits are a pointer.
        let handle = unsafe { value.r#as.object };
        return bad_handle(&format!("{place}.as.object"), handle);
    }
    if value.kind == TEXT || value.kind == BYTES {
        // SAFETY: the kind says that this member counts; any bits are a text.
        let text = unsafe { &value.r#as.text };
        if let Err(failure) = inputs.counted(&place.to_string(), text) {
            return failure;
        }
    }
    let mut failure = exception::taken(py);
    if value.kind == TEXT {
        failure.status = NexusStatus::NEXUS_ERR_INVALID_ARGUMENT;
        failure.message = format!(
            "{place} is not UTF-8: {}; pass it as bytes",
            failure.message
        );
    }
    failure
}

/// Makes the `str` of a required name, interned, as Python's own names are.
#[inline]
pub fn name_in<'py>(
    py: Python<'py>,
    inputs: Inputs<'_>,
    name: &str,
    pointer: *const c_char,
) -> Result<Bound<'py, PyString>> {
    let bytes = inputs.bytes(name, pointer)?;
    // SAFETY: the bytes live through the call; the GIL is held (`py`); a new reference, which is a `str`.
    unsafe {
        let mut string = pyo3::ffi::PyUnicode_DecodeUTF8(
            bytes.as_ptr().cast(),
            bytes.len() as isize,
            core::ptr::null(),
        );
        if string.is_null() {
            pyo3::ffi::PyErr_Clear();
            return Err(Failure::invalid(format!(
                "argument '{name}' is not UTF-8: {:?}",
                String::from_utf8_lossy(bytes)
            )));
        }
        pyo3::ffi::PyUnicode_InternInPlace(&raw mut string);
        Ok(Bound::from_owned_ptr(py, string).cast_into_unchecked())
    }
}

/// The Python object of a host's value, a new reference; NULL, with an exception set or without, where
/// [`to_python`] has to say what is wrong.
///
/// # Safety
/// A text or bytes has as many bytes as it says; the GIL is held.
#[inline(always)]
pub unsafe fn quick_to_python(value: &NexusValue) -> *mut PyObject {
    // SAFETY: the GIL is held; the kind says which member of the union counts.
    unsafe {
        // In the order of how often they come.
        if value.kind == INTEGER {
            let integer = value.r#as.integer;
            return match integers::small(integer) {
                Some(object) => object,
                None => pyo3::ffi::PyLong_FromLongLong(integer),
            };
        }
        if value.kind == REAL {
            return pyo3::ffi::PyFloat_FromDouble(value.r#as.real);
        }
        if value.kind == TEXT || value.kind == BYTES {
            let text = &value.r#as.text;
            let (data, Ok(size)) = (text.data, isize::try_from(text.size)) else {
                return core::ptr::null_mut();
            };
            return match (value.kind == TEXT, data.is_null() && size != 0) {
                (_, true) => core::ptr::null_mut(),
                (true, _) => pyo3::ffi::PyUnicode_DecodeUTF8(data, size, core::ptr::null()),
                (false, _) if size == 0 => pyo3::ffi::PyBytes_FromStringAndSize(c"".as_ptr(), 0),
                (false, _) => pyo3::ffi::PyBytes_FromStringAndSize(data, size),
            };
        }
        let object = if value.kind == OBJECT {
            match objects::get(value.r#as.object) {
                Some(object) => object,
                None => return core::ptr::null_mut(),
            }
        } else if value.kind == NONE {
            pyo3::ffi::Py_None()
        } else if value.kind == BOOLEAN {
            if value.r#as.boolean == 0 {
                pyo3::ffi::Py_False()
            } else {
                pyo3::ffi::Py_True()
            }
        } else {
            return core::ptr::null_mut();
        };
        refcount::take(object);
        object
    }
}

/// Writes a number, a truth value or None into `result`, taking over the reference; false: it is none of
/// these, and nothing was done.
///
/// # Safety
/// `object` is a reference of the caller's, `result` can be written to; the GIL is held.
#[inline(always)]
pub unsafe fn quick_from_python(object: *mut PyObject, result: *mut NexusValue) -> bool {
    // SAFETY: the GIL is held, and the object alive.
    unsafe {
        let class = pyo3::ffi::Py_TYPE(object);
        let value = if class == &raw mut pyo3::ffi::PyLong_Type {
            let integer = match integers::read(object) {
                Some(integer) => integer,
                None => {
                    let mut overflow = 0;
                    let integer =
                        pyo3::ffi::PyLong_AsLongLongAndOverflow(object, &raw mut overflow);
                    if overflow != 0 {
                        return false;
                    }
                    integer
                }
            };
            (INTEGER, integer as u64)
        } else if class == &raw mut pyo3::ffi::PyFloat_Type {
            (REAL, pyo3::ffi::PyFloat_AsDouble(object).to_bits())
        } else if object == pyo3::ffi::Py_None() {
            (NONE, 0)
        } else if class == &raw mut pyo3::ffi::PyBool_Type {
            (BOOLEAN, u64::from(object == pyo3::ffi::Py_True()))
        } else {
            return false;
        };
        write_scalar(result, value.0, value.1);
        refcount::give_up(object);
        true
    }
}

#[inline]
fn new_reference(object: *mut PyObject) -> *mut PyObject {
    // SAFETY: a living object; the caller holds the GIL.
    unsafe { pyo3::ffi::Py_INCREF(object) };
    object
}

/// Turns an object into a host's value, taking over the reference. Exact `bool`, `int`, `float`, `str`,
/// `bytes` and `None` become scalars if they fit; everything else a handle.
#[inline]
pub fn from_python(py: Python<'_>, object: *mut PyObject) -> Result<NexusValue> {
    // SAFETY: this thread holds the GIL and owns a reference to the object, which each branch either
    // gives up or hands on.
    unsafe {
        let class = pyo3::ffi::Py_TYPE(object);
        if class == &raw mut pyo3::ffi::PyLong_Type {
            let mut overflow = 0;
            let integer = pyo3::ffi::PyLong_AsLongLongAndOverflow(object, &raw mut overflow);
            if overflow == 0 {
                pyo3::ffi::Py_DECREF(object);
                return Ok(NexusValue::new(
                    NexusKind::NEXUS_KIND_INTEGER,
                    NexusPayload { integer },
                ));
            }
        } else if class == &raw mut pyo3::ffi::PyFloat_Type {
            let real = pyo3::ffi::PyFloat_AsDouble(object);
            pyo3::ffi::Py_DECREF(object);
            return Ok(NexusValue::new(
                NexusKind::NEXUS_KIND_REAL,
                NexusPayload { real },
            ));
        } else if object == pyo3::ffi::Py_None() {
            pyo3::ffi::Py_DECREF(object);
            return Ok(NexusValue::NONE);
        } else if class == &raw mut pyo3::ffi::PyBool_Type {
            let boolean = u8::from(object == pyo3::ffi::Py_True());
            pyo3::ffi::Py_DECREF(object);
            return Ok(NexusValue::new(
                NexusKind::NEXUS_KIND_BOOLEAN,
                NexusPayload { boolean },
            ));
        } else if class == &raw mut pyo3::ffi::PyUnicode_Type {
            match utf8_of(object) {
                Some(text) => return owned_text(py, object, text, NexusKind::NEXUS_KIND_TEXT),
                None => pyo3::ffi::PyErr_Clear(),
            }
        } else if class == &raw mut pyo3::ffi::PyBytes_Type {
            let data = pyo3::ffi::PyBytes_AsString(object).cast::<u8>();
            let bytes = core::slice::from_raw_parts(data, pyo3::ffi::PyBytes_Size(object) as usize);
            return owned_text(py, object, bytes, NexusKind::NEXUS_KIND_BYTES);
        }
        let object = objects::publish(Bound::from_owned_ptr(py, object))?;
        Ok(NexusValue::new(
            NexusKind::NEXUS_KIND_OBJECT,
            NexusPayload { object },
        ))
    }
}

/// An object as a host's value that is valid while somebody else keeps the object alive: text and bytes
/// have no owner. Everything that is not a scalar gets a handle, which is to be freed.
pub fn borrowed(py: Python<'_>, object: *mut PyObject) -> Result<NexusValue> {
    // SAFETY: a living object, and the GIL; the text belongs to the object.
    unsafe {
        let class = pyo3::ffi::Py_TYPE(object);
        if class == &raw mut pyo3::ffi::PyUnicode_Type {
            match utf8_of(object) {
                Some(text) => return Ok(text_value(text, NexusKind::NEXUS_KIND_TEXT)),
                None => pyo3::ffi::PyErr_Clear(),
            }
        } else if class == &raw mut pyo3::ffi::PyBytes_Type {
            let data = pyo3::ffi::PyBytes_AsString(object).cast::<u8>();
            let bytes = core::slice::from_raw_parts(data, pyo3::ffi::PyBytes_Size(object) as usize);
            return Ok(text_value(bytes, NexusKind::NEXUS_KIND_BYTES));
        }
    }
    from_python(py, new_reference(object))
}

fn text_value(bytes: &[u8], kind: NexusKind) -> NexusValue {
    let text = NexusText::of(bytes);
    NexusValue::new(kind, NexusPayload { text })
}

/// Text or bytes that stay where Python has them; the value's owner keeps the object alive.
///
/// # Safety
/// `object` is a reference that the caller gives up, `bytes` belongs to it.
unsafe fn owned_text(
    py: Python<'_>,
    object: *mut PyObject,
    bytes: &[u8],
    kind: NexusKind,
) -> Result<NexusValue> {
    let text = NexusText::of(bytes);
    // SAFETY: the caller's own reference.
    let owner = objects::publish(unsafe { Bound::from_owned_ptr(py, object) })?;
    Ok(NexusValue {
        owner,
        ..NexusValue::new(kind, NexusPayload { text })
    })
}

/// Writes a scalar field by field: a whole value would be put together in memory first, and read from there
/// before it has arrived.
///
/// # Safety
/// `value` can be written to; `bits` are those of the member that the kind names.
#[inline(always)]
unsafe fn write_scalar(value: *mut NexusValue, kind: u32, bits: u64) {
    // SAFETY: within the value. Each member of the union begins at its address, and 64 bits are no more than
    // the union has; on little-endian machines a boolean is the lowest byte.
    unsafe {
        (&raw mut (*value).kind).write(kind);
        let payload = (&raw mut (*value).r#as).cast::<u64>();
        payload.write(
            if cfg!(target_endian = "big") && kind == NexusKind::NEXUS_KIND_BOOLEAN as u32 {
                bits << 56
            } else {
                bits
            },
        );
        payload.add(1).write(0);
        (&raw mut (*value).owner).write(core::ptr::null_mut());
    }
}
