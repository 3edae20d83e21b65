//! The pointer plumbing of buffers.

mod arrow;
mod tensor;

pub use arrow::*;
pub use tensor::{Managed, numbers, tensor_capsule};

use crate::buffer::host::HostMemory;
use crate::buffer::shape::{Order, is_contiguous};
use crate::gil;
use core::ffi::{CStr, c_int};
use core::ptr::NonNull;
use pyo3::ffi::{self as python, Py_buffer};
use pyo3::prelude::*;

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

/// Bytes of one item, as Python's `struct` module calculates them.
pub fn calculated_size(py: Python<'_>, format: &CStr) -> PyResult<isize> {
    // SAFETY: a NUL-terminated text, and the GIL.
    let size = unsafe { python::PyBuffer_SizeFromFormat(format.as_ptr()) };
    if size < 0 {
        return Err(PyErr::fetch(py));
    }
    Ok(size)
}

/// Items that lie apart.
pub struct Strided<'a> {
    /// The item whose indices are all 0.
    pub data: *mut u8,
    /// Bytes of one item.
    pub item_size: usize,
    /// The lengths.
    pub shape: &'a [isize],
    /// As many distances, in bytes.
    pub strides: &'a [isize],
    /// As many suboffsets, if any counts.
    pub suboffsets: Option<&'a [isize]>,
}

/// Which way to copy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the items to the block.
    Out,
    /// From the block to the items.
    In,
}

/// Copies between items that lie apart and a block of all of them in that order.
///
/// # Safety
/// The description is true, no item overlaps the block, and `block` has room for all; what is copied to
/// may be written to. There is at least one item.
pub unsafe fn copy(items: &Strided<'_>, order: Order, block: *mut u8, direction: Direction) {
    // SAFETY: handed on to the caller.
    unsafe {
        if let Some(suboffsets) = items.suboffsets {
            return copy_indirect(items, suboffsets, order, block, direction);
        }
        if is_contiguous(items.shape, items.strides, items.item_size as isize, order) {
            let size = items.shape.iter().product::<isize>() as usize * items.item_size;
            return transfer(items.data, block, size, direction);
        }
        let mut dimensions: Vec<(isize, isize)> = (items.shape.iter().copied())
            .zip(items.strides.iter().copied())
            .collect();
        if order == Order::F {
            dimensions.reverse();
        }
        copy_level(items.data, &dimensions, items.item_size, block, direction);
    }
}

/// Copies all items below one level of dimensions, the slowest first; returns where in the block the next
/// ones go.
unsafe fn copy_level(
    items: *mut u8,
    dimensions: &[(isize, isize)],
    item_size: usize,
    mut block: *mut u8,
    direction: Direction,
) -> *mut u8 {
    // SAFETY: all addresses are those of items, and of as many places in the block, by the caller's word.
    unsafe {
        match dimensions {
            [] => {
                transfer(items, block, item_size, direction);
                block.add(item_size)
            }
            &[(length, stride)] => {
                match item_size {
                    1 => copy_row::<1>(items, length, stride, block, direction),
                    2 => copy_row::<2>(items, length, stride, block, direction),
                    4 => copy_row::<4>(items, length, stride, block, direction),
                    8 => copy_row::<8>(items, length, stride, block, direction),
                    16 => copy_row::<16>(items, length, stride, block, direction),
                    _ => {
                        for index in 0..length {
                            let place = block.add(index as usize * item_size);
                            transfer(items.offset(index * stride), place, item_size, direction);
                        }
                    }
                }
                block.add(length as usize * item_size)
            }
            [(length, stride), faster @ ..] => {
                for index in 0..*length {
                    let row = items.offset(index * stride);
                    block = copy_level(row, faster, item_size, block, direction);
                }
                block
            }
        }
    }
}

/// A row of items of a size that the compiler knows.
unsafe fn copy_row<const SIZE: usize>(
    items: *mut u8,
    length: isize,
    stride: isize,
    block: *mut u8,
    direction: Direction,
) {
    for index in 0..length {
        // SAFETY: an item of the row, and its place in the block, by the caller's word; arrays of bytes
        // need no alignment.
        unsafe {
            let item = items.offset(index * stride).cast::<[u8; SIZE]>();
            let place = block.add(index as usize * SIZE).cast::<[u8; SIZE]>();
            match direction {
                Direction::Out => place.write(item.read()),
                Direction::In => item.write(place.read()),
            }
        }
    }
}

/// The same, item by item, where pointers are to be followed on the way.
unsafe fn copy_indirect(
    items: &Strided<'_>,
    suboffsets: &[isize],
    order: Order,
    mut block: *mut u8,
    direction: Direction,
) {
    let ndim = items.shape.len();
    let mut indices = vec![0_isize; ndim];
    loop {
        // SAFETY: the exporter's description is true, by the caller's word.
        unsafe {
            let mut item = items.data;
            for dimension in 0..ndim {
                item = item.offset(indices[dimension] * items.strides[dimension]);
                if suboffsets[dimension] >= 0 {
                    item = item
                        .cast::<*mut u8>()
                        .read_unaligned()
                        .offset(suboffsets[dimension]);
                }
            }
            transfer(item, block, items.item_size, direction);
            block = block.add(items.item_size);
        }
        let next = |dimension: usize| {
            indices[dimension] += 1;
            if indices[dimension] == items.shape[dimension] {
                indices[dimension] = 0;
            }
            indices[dimension] != 0
        };
        let more = match order {
            Order::C => (0..ndim).rev().any(next),
            Order::F => (0..ndim).any(next),
        };
        if !more {
            return;
        }
    }
}

/// Copies that many bytes.
unsafe fn transfer(item: *mut u8, place: *mut u8, size: usize, direction: Direction) {
    // SAFETY: by the caller's word. A host may pass a block that overlaps the items: it gets what it
    // asked for, but no undefined behaviour from here.
    unsafe {
        match direction {
            Direction::Out => core::ptr::copy(item, place, size),
            Direction::In => core::ptr::copy(place, item, size),
        }
    }
}

/// Marks a view as not filled in, as it must be where getting it fails (PEP 3118).
///
/// # Safety
/// `view` may be written to.
pub unsafe fn empty_view(view: *mut Py_buffer) {
    // SAFETY: by the caller's word.
    unsafe { view.write(Py_buffer::new()) };
}

/// Fills in a view of the host's memory, for a consumer that takes at least what `request` says.
///
/// # Safety
/// `view` is to be filled in; `owner` keeps the memory alive, and was told of the view.
pub unsafe fn fill_view(
    owner: &Bound<'_, PyAny>,
    memory: &HostMemory,
    view: *mut Py_buffer,
    request: c_int,
) {
    let wants = |flag| request & flag == flag;
    let shaped = wants(python::PyBUF_ND);
    let when = |wanted: bool, numbers: &[isize]| match wanted && !numbers.is_empty() {
        true => numbers.as_ptr().cast_mut(),
        false => core::ptr::null_mut(),
    };
    let filled = Py_buffer {
        buf: memory.data,
        obj: owner.clone().into_ptr(),
        len: memory.size,
        itemsize: memory.item_size,
        readonly: c_int::from(memory.read_only),
        // Without a shape it is a row of bytes.
        ndim: if shaped {
            memory.shape.len() as c_int
        } else {
            1
        },
        format: match wants(python::PyBUF_FORMAT) {
            true => memory.format.as_ptr().cast_mut(),
            false => core::ptr::null_mut(),
        },
        shape: when(shaped, &memory.shape),
        strides: when(wants(python::PyBUF_STRIDES), &memory.strides),
        suboffsets: core::ptr::null_mut(),
        internal: core::ptr::null_mut(),
    };
    // SAFETY: by the caller's word. The arrays live as long as the owner, to which the view refers.
    unsafe { view.write(filled) };
}
