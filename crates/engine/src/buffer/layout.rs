//! What a host says of its memory, checked.

use crate::buffer::ffi::calculated_size;
use crate::buffer::format::native_size;
use crate::buffer::host::{GiveBack, HostMemory, Uses};
use crate::buffer::shape::{self, MAX_NDIM, Order};
use crate::exception;
use nexus_abi::ffi::Inputs;

use nexus_abi::{Failure, NEXUS_MEMORY_READ_ONLY, NexusMemoryLayout, NexusStatus, Result};
use pyo3::prelude::*;
use std::ffi::CString;

fn invalid<T>(message: impl Into<String>) -> Result<T> {
    Err(Failure::new(
        NexusStatus::NEXUS_ERR_INVALID_ARGUMENT,
        message,
    ))
}

/// Checks a layout. What is returned makes the memory of it.
pub fn describe(
    py: Python<'_>,
    inputs: Inputs<'_>,
    layout: &NexusMemoryLayout,
) -> Result<impl FnOnce(GiveBack) -> HostMemory> {
    if layout.flags & !NEXUS_MEMORY_READ_ONLY != 0 {
        return invalid(format!(
            "layout->flags has bits that this version does not know: {:#x}",
            layout.flags & !NEXUS_MEMORY_READ_ONLY
        ));
    }
    let mut format = c"B".to_owned();
    if !layout.format.is_null() {
        let given = inputs.text("layout->format", layout.format)?;
        format = CString::new(given).unwrap_or_default();
    }
    let item_size = item_size(py, &format, layout.item_size)?;
    let shape: Box<[isize]> = if layout.shape.is_null() && layout.ndim == 0 {
        if !layout.size.is_multiple_of(item_size as usize) {
            return invalid(format!(
                "layout->size is {}, no multiple of the item size {item_size}",
                layout.size
            ));
        }
        Box::new([(layout.size / item_size as usize) as isize])
    } else {
        if layout.ndim > MAX_NDIM {
            return invalid(format!(
                "layout->ndim is {}, more than {MAX_NDIM}",
                layout.ndim
            ));
        }
        inputs
            .slice("layout->shape", layout.shape, layout.ndim)?
            .into()
    };
    let Some(size) = shape::size(&shape, item_size) else {
        return invalid(format!(
            "layout->shape {shape:?} of items of {item_size} bytes is negative, or more than memory"
        ));
    };
    let strides: Box<[isize]> = match layout.strides.is_null() {
        true => shape::contiguous_strides(&shape, item_size, Order::C),
        false => inputs
            .slice("layout->strides", layout.strides, shape.len())?
            .into(),
    };
    if size != 0 {
        if layout.data.is_null() {
            return invalid("layout->data is NULL");
        }
        let Some(reach) = shape::reach(&shape, &strides, item_size) else {
            return invalid("layout->strides lead beyond memory");
        };
        let bytes = reach.end().abs_diff(*reach.start()).saturating_add(1);
        if layout.size != 0 && bytes > layout.size {
            return invalid(format!(
                "the items reach over {bytes} bytes, but layout->size is {}",
                layout.size
            ));
        }
    }
    let contiguous = |order| shape::is_contiguous(&shape, &strides, item_size, order);
    let contiguous = (contiguous(Order::C), contiguous(Order::F));
    let (data, read_only) = (layout.data, layout.flags & NEXUS_MEMORY_READ_ONLY != 0);
    Ok(move |give_back| HostMemory {
        data,
        size,
        item_size,
        format,
        shape,
        strides,
        read_only,
        contiguous,
        uses: Uses::new(),
        give_back,
    })
}

/// Bytes of one item. `memoryview` reads as many as the format says, whatever the item size is, so they
/// must agree. Formats that only others know (numpy's records) are taken with the size that the host gives.
fn item_size(py: Python<'_>, format: &CString, given: usize) -> Result<isize> {
    if given > isize::MAX as usize {
        return invalid(format!("layout->item_size is {given}"));
    }
    let told = native_size(format.to_bytes())
        .map_or_else(|| calculated_size(py, format), |size| Ok(size as isize));
    match told {
        Ok(0) => invalid(format!("layout->format {format:?} has no bytes")),
        Ok(size) if given == 0 || given as isize == size => Ok(size),
        Ok(size) => invalid(format!(
            "layout->item_size is {given}, but layout->format {format:?} has {size} bytes"
        )),
        Err(_) if given != 0 => Ok(given as isize),
        Err(error) => invalid(format!(
            "layout->format {format:?}: {}; give its item_size",
            exception::message(error.value(py).as_any())
        )),
    }
}
