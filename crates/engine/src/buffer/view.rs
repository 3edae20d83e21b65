//! The buffer of a Python object: held, checked, and with what its exporter left out.

use crate::buffer::shape::{self, MAX_NDIM, Order};
use crate::python::text::type_name;
use crate::{exception, gil};
use core::ffi::c_int;
use core::ptr::NonNull;
use nexus_abi::ffi::check_flags;
use nexus_abi::{
    Failure, NEXUS_BUFFER_C_CONTIGUOUS, NEXUS_BUFFER_F_CONTIGUOUS, NEXUS_BUFFER_INDIRECT,
    NEXUS_BUFFER_WRITABLE, NexusBufferInfo, NexusStatus, RawBool, Result,
};
use pyo3::ffi::{self as python, Py_buffer};
use pyo3::prelude::*;
use std::ffi::CString;

/// A buffer that Python has filled in, to be released once. It stays at one address: exporters point from
/// it into itself.
pub struct RawBuffer(NonNull<Py_buffer>);

// SAFETY: nothing changes the struct until it is released, which takes the GIL.
unsafe impl Send for RawBuffer {}
// SAFETY: likewise.
unsafe impl Sync for RawBuffer {}

impl RawBuffer {
    /// Asks an object for its buffer.
    pub fn get(object: &Bound<'_, PyAny>, request: c_int) -> PyResult<Self> {
        let raw = Box::into_raw(Box::new(Py_buffer::new()));
        // SAFETY: a living object, an empty struct to fill in, and the GIL.
        let failed = unsafe { python::PyObject_GetBuffer(object.as_ptr(), raw, request) } != 0;
        if failed {
            // SAFETY: made above. An exporter that fails has kept nothing of it (PEP 3118).
            drop(unsafe { Box::from_raw(raw) });
            return Err(PyErr::fetch(object.py()));
        }
        // SAFETY: a box is not at NULL.
        Ok(Self(unsafe { NonNull::new_unchecked(raw) }))
    }

    /// What the exporter wrote.
    pub fn fields(&self) -> &Py_buffer {
        // SAFETY: lives as long as this does, and is not changed meanwhile.
        unsafe { self.0.as_ref() }
    }

    fn numbers(&self, first: *const isize) -> &[isize] {
        if first.is_null() || self.fields().ndim <= 0 {
            return &[];
        }
        // SAFETY: an exporter gives NULL or `ndim` numbers that live as long as the buffer.
        unsafe { core::slice::from_raw_parts(first, self.fields().ndim as usize) }
    }

    /// The lengths, or nothing.
    pub fn shape(&self) -> &[isize] {
        self.numbers(self.fields().shape)
    }

    /// The distances, or nothing.
    pub fn strides(&self) -> &[isize] {
        self.numbers(self.fields().strides)
    }

    /// The suboffsets, or nothing.
    pub fn suboffsets(&self) -> &[isize] {
        self.numbers(self.fields().suboffsets)
    }
}

impl Drop for RawBuffer {
    fn drop(&mut self) {
        // Python is gone when this fails; its memory stays as it is, and so does the struct.
        if let Ok(_attached) = gil::attach() {
            // SAFETY: filled in by `get`, released once, with the GIL; then it is the box again.
            unsafe {
                python::PyBuffer_Release(self.0.as_ptr());
                drop(Box::from_raw(self.0.as_ptr()));
            }
        }
    }
}

/// A buffer that is held until this is dropped.
pub struct View {
    raw: RawBuffer,
    /// What the exporter left out; `info` points to it.
    filled_in: FilledIn,
    info: NexusBufferInfo,
}

// SAFETY: the pointers lead to memory that lives as long as the buffer is held, and is not changed; what
// `data` leads to is read and written only when the host says so.
unsafe impl Send for View {}
// SAFETY: likewise.
unsafe impl Sync for View {}

#[derive(Default)]
struct FilledIn {
    shape: Option<Box<[isize]>>,
    strides: Option<Box<[isize]>>,
    format: Option<CString>,
}

const KNOWN: u32 = NEXUS_BUFFER_WRITABLE
    | NEXUS_BUFFER_C_CONTIGUOUS
    | NEXUS_BUFFER_F_CONTIGUOUS
    | NEXUS_BUFFER_INDIRECT;

impl View {
    /// Gets the buffer of an object.
    pub fn get(object: &Bound<'_, PyAny>, flags: u32) -> Result<Self> {
        check_flags("flags", flags, KNOWN)?;
        let raw = RawBuffer::get(object, request(flags))
            .map_err(|error| refused(object, flags, &error))?;
        // Exporters err, and some do not look at what they are asked for.
        Self::check(raw, flags).map_err(|why| {
            let kind = type_name(&object.get_type());
            Failure::new(
                NexusStatus::NEXUS_ERR_TYPE,
                format!("the buffer of a {kind} object {why}"),
            )
        })
    }

    /// What the host is told.
    pub fn info(&self) -> &NexusBufferInfo {
        &self.info
    }

    /// The lengths.
    pub fn shape(&self) -> &[isize] {
        match &self.filled_in.shape {
            Some(shape) => shape,
            None => self.raw.shape(),
        }
    }

    /// The distances between neighbours, in bytes.
    pub fn strides(&self) -> &[isize] {
        match &self.filled_in.strides {
            Some(strides) => strides,
            None => self.raw.strides(),
        }
    }

    /// The suboffsets, if there are any that count.
    pub fn suboffsets(&self) -> Option<&[isize]> {
        let suboffsets = self.raw.suboffsets();
        suboffsets
            .iter()
            .any(|&offset| offset >= 0)
            .then_some(suboffsets)
    }

    fn check(raw: RawBuffer, flags: u32) -> core::result::Result<Self, String> {
        let fields = raw.fields();
        if !usize::try_from(fields.ndim).is_ok_and(|ndim| ndim <= MAX_NDIM) {
            return Err(format!("has {} dimensions", fields.ndim));
        }
        let item_size = fields.itemsize;
        let mut view = Self {
            filled_in: FilledIn::default(),
            info: NexusBufferInfo {
                struct_size: 0,
                data: fields.buf,
                size: 0,
                item_size: 0,
                ndim: fields.ndim as usize,
                shape: core::ptr::null(),
                strides: core::ptr::null(),
                suboffsets: core::ptr::null(),
                format: core::ptr::null(),
                read_only: RawBool::from(fields.readonly != 0),
                c_contiguous: 0,
                f_contiguous: 0,
            },
            raw,
        };
        let fields = view.raw.fields();
        if fields.shape.is_null() && fields.ndim != 0 {
            // Allowed for one dimension only.
            if fields.ndim != 1 || item_size <= 0 {
                return Err("has no shape".into());
            }
            view.filled_in.shape = Some(Box::new([fields.len / item_size]));
        }
        if fields.strides.is_null() {
            let strides = shape::contiguous_strides(view.shape(), item_size, Order::C);
            view.filled_in.strides = Some(strides);
        }
        if fields.format.is_null() {
            view.filled_in.format = (item_size != 1)
                .then(|| CString::new(format!("{item_size}s")))
                .transpose()
                .map_err(|error| error.to_string())?;
        }
        // Before the size: with a NULL shape and a nonsensical item size there is none.
        match shape::size(view.shape(), item_size) {
            Some(size) if size == fields.len => {}
            _ => {
                return Err(format!(
                    "contradicts itself: {} bytes, but items of {item_size} in the shape {:?}",
                    fields.len,
                    view.shape()
                ));
            }
        }
        if fields.buf.is_null() && fields.len != 0 {
            return Err("is at NULL".into());
        }
        view.fill_info();
        view.keeps_to(flags)?;
        Ok(view)
    }

    fn fill_info(&mut self) {
        let fields = self.raw.fields();
        let direct = self.suboffsets().is_none();
        let contiguous = |order| {
            let fits = shape::is_contiguous(self.shape(), self.strides(), fields.itemsize, order);
            RawBool::from(direct && fits)
        };
        let info = NexusBufferInfo {
            size: fields.len as usize,
            item_size: fields.itemsize as usize,
            shape: self.shape().as_ptr(),
            strides: self.strides().as_ptr(),
            suboffsets: self
                .suboffsets()
                .map_or(core::ptr::null(), <[isize]>::as_ptr),
            format: match &self.filled_in.format {
                Some(format) => format.as_ptr(),
                None if fields.format.is_null() => c"B".as_ptr(),
                None => fields.format,
            },
            c_contiguous: contiguous(Order::C),
            f_contiguous: contiguous(Order::F),
            ..self.info
        };
        self.info = info;
    }

    /// Whether the exporter gave what was asked for.
    fn keeps_to(&self, flags: u32) -> core::result::Result<(), String> {
        let has = |flag| flags & flag != 0;
        let (c, f) = (self.info.c_contiguous != 0, self.info.f_contiguous != 0);
        let contiguous = match (
            has(NEXUS_BUFFER_C_CONTIGUOUS),
            has(NEXUS_BUFFER_F_CONTIGUOUS),
        ) {
            (true, true) => c || f,
            (true, false) => c,
            (false, true) => f,
            (false, false) => true,
        };
        if !contiguous
            || (has(NEXUS_BUFFER_WRITABLE) && self.info.read_only != 0)
            || (!has(NEXUS_BUFFER_INDIRECT) && !self.info.suboffsets.is_null())
        {
            return Err(format!("is not {}", wanted(flags)));
        }
        Ok(())
    }
}

/// The flags of PEP 3118. Format and strides are always wanted.
fn request(flags: u32) -> c_int {
    let has = |flag| flags & flag != 0;
    let mut request = python::PyBUF_RECORDS_RO;
    if has(NEXUS_BUFFER_WRITABLE) {
        request |= python::PyBUF_WRITABLE;
    }
    if has(NEXUS_BUFFER_INDIRECT) {
        request |= python::PyBUF_INDIRECT;
    }
    request
        | match (
            has(NEXUS_BUFFER_C_CONTIGUOUS),
            has(NEXUS_BUFFER_F_CONTIGUOUS),
        ) {
            (true, true) => python::PyBUF_ANY_CONTIGUOUS,
            (true, false) => python::PyBUF_C_CONTIGUOUS,
            (false, true) => python::PyBUF_F_CONTIGUOUS,
            (false, false) => 0,
        }
}

/// The request in words.
fn wanted(flags: u32) -> String {
    let mut words = Vec::new();
    let has = |flag| flags & flag != 0;
    if has(NEXUS_BUFFER_WRITABLE) {
        words.push("writable");
    }
    match (
        has(NEXUS_BUFFER_C_CONTIGUOUS),
        has(NEXUS_BUFFER_F_CONTIGUOUS),
    ) {
        (true, true) => words.push("contiguous"),
        (true, false) => words.push("C-contiguous"),
        (false, true) => words.push("Fortran-contiguous"),
        (false, false) => {}
    }
    if !has(NEXUS_BUFFER_INDIRECT) {
        words.push("without suboffsets");
    }
    words.join(", ")
}

/// Why an object gave no buffer: it has none, has none like that one, or getting it went wrong. Exporters
/// raise this or that exception for the second, so ask again for any buffer.
#[cold]
fn refused(object: &Bound<'_, PyAny>, flags: u32, error: &PyErr) -> Box<Failure> {
    let mut failure = exception::failure(object.py(), error);
    let kind = type_name(&object.get_type());
    let why = &failure.message;
    // SAFETY: a living object, and the GIL.
    if unsafe { python::PyObject_CheckBuffer(object.as_ptr()) } == 0 {
        failure.message = format!("a {kind} object has no buffer: {why}");
        failure.status = NexusStatus::NEXUS_ERR_TYPE;
    } else if flags != NEXUS_BUFFER_INDIRECT
        && RawBuffer::get(object, python::PyBUF_FULL_RO).is_ok()
    {
        failure.message = format!(
            "the buffer of a {kind} object is not {}: {why}",
            wanted(flags)
        );
        failure.status = NexusStatus::NEXUS_ERR_TYPE;
    }
    failure
}
