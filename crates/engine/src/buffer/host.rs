//! Memory of the host: what it says of it, checked; who uses it; and giving it back once.

use crate::buffer::outside;
use crate::buffer::shape::{self, MAX_NDIM, Order};
use crate::exception;
use core::ffi::{CStr, c_void};
use core::sync::atomic::{AtomicBool, AtomicIsize, Ordering};
use nexus_abi::ffi::{Inputs, check_flags};
use nexus_abi::{Failure, NEXUS_MEMORY_READ_ONLY, NexusMemoryLayout, NexusMemoryRelease, Result};
use pyo3::prelude::*;
use std::ffi::CString;

/// What the host has described, and who uses it.
pub struct HostMemory {
    /// The item whose indices are all 0.
    pub data: *mut c_void,
    /// Bytes of all items together.
    pub size: isize,
    /// Bytes of one item.
    pub item_size: isize,
    /// One item in the notation of the `struct` module.
    pub format: CString,
    /// The lengths.
    pub shape: Box<[isize]>,
    /// The distances, in bytes.
    pub strides: Box<[isize]>,
    /// Whether Python must not write.
    pub read_only: bool,
    /// Whether it is one block in the order of C, and of Fortran.
    pub contiguous: (bool, bool),
    /// Who uses it.
    pub uses: Uses,
    /// Tells the host that it is done with.
    pub give_back: GiveBack,
}

// SAFETY: what the pointers lead to is the host's, who lets Python's threads read and write it, and has its
// own callback called with its own user data on any thread.
unsafe impl Send for HostMemory {}
// SAFETY: likewise.
unsafe impl Sync for HostMemory {}

/// How many views are alive.
pub struct Uses(AtomicIsize);

/// Instead of a number of views: there can be none any more.
const REVOKED: isize = -1;

/// What a consumer of such memory is told.
pub const REVOKED_TEXT: &str = "the host has revoked this memory";

impl Uses {
    /// None yet.
    pub const fn new() -> Self {
        Self(AtomicIsize::new(0))
    }

    /// One more, unless the memory was revoked.
    pub fn enter(&self) -> bool {
        self.0
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, |uses| {
                (uses != REVOKED).then_some(uses + 1)
            })
            .is_ok()
    }

    /// One less.
    pub fn leave(&self) {
        // What was done to the memory is done before anybody can revoke it.
        self.0.fetch_sub(1, Ordering::Release);
    }

    /// No more from now on; an error tells how many there are still. A second time is not an error.
    pub fn revoke(&self) -> core::result::Result<(), isize> {
        match self
            .0
            .compare_exchange(0, REVOKED, Ordering::AcqRel, Ordering::Relaxed)
        {
            Ok(_) | Err(REVOKED) => Ok(()),
            Err(uses) => Err(uses),
        }
    }

    /// Whether it was revoked.
    pub fn are_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) == REVOKED
    }
}

/// The host's callback, called once.
pub struct GiveBack {
    release: NexusMemoryRelease,
    data: *mut c_void,
    user_data: *mut c_void,
    /// Whether it is still to be called.
    armed: AtomicBool,
}

impl GiveBack {
    /// Not armed yet: until all has gone well, the memory stays the host's.
    pub fn new(release: NexusMemoryRelease, data: *mut c_void, user_data: *mut c_void) -> Self {
        Self {
            release,
            data,
            user_data,
            armed: AtomicBool::new(false),
        }
    }

    /// From now on the host is to be told.
    pub fn arm(&self) {
        self.armed.store(true, Ordering::Release);
    }

    /// Tells the host, the first time only.
    pub fn now(&self) {
        if !self.armed.swap(false, Ordering::AcqRel) {
            return;
        }
        if let Some(release) = self.release {
            // SAFETY: the host's own function with what the host gave for it; nobody uses the memory any more, and it
            // is called once.
            outside(|| unsafe { release(self.data, self.user_data) });
        }
    }
}

impl Drop for HostMemory {
    fn drop(&mut self) {
        self.give_back.now();
    }
}

fn invalid<T>(message: impl Into<String>) -> Result<T> {
    Err(Failure::invalid(message))
}

/// Checks a layout, and makes the memory of it.
pub fn describe(
    py: Python<'_>,
    inputs: Inputs<'_>,
    layout: &NexusMemoryLayout,
    give_back: GiveBack,
) -> Result<HostMemory> {
    check_flags("layout->flags", layout.flags, NEXUS_MEMORY_READ_ONLY)?;
    let mut format = c"B".to_owned();
    if !layout.format.is_null() {
        let given = inputs.text("layout->format", layout.format)?;
        format = CString::new(given).unwrap_or_default();
    }
    let item_size = item_size(py, &format, layout.item_size)?;
    let shape: Box<[isize]> = if layout.shape.is_null() && layout.ndim == 0 {
        if !layout.size.is_multiple_of(item_size as usize) {
            return invalid(format!(
                "layout->size is {}, not a multiple of the item size {item_size}",
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
    Ok(HostMemory {
        data: layout.data,
        size,
        item_size,
        format,
        shape,
        strides,
        read_only: layout.flags & NEXUS_MEMORY_READ_ONLY != 0,
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

/// Bytes of one item of a format of one letter in the machine's own sizes, which is what nearly all
/// memory has. Other formats are for Python to judge.
fn native_size(format: &[u8]) -> Option<usize> {
    let letter = match format.strip_prefix(b"@").unwrap_or(format) {
        [letter] => letter,
        // Complex numbers, as PEP 3118 and numpy write them.
        b"Zf" => return Some(8),
        b"Zd" => return Some(16),
        _ => return None,
    };
    Some(match letter {
        b'c' | b'b' | b'B' | b'?' => 1,
        b'h' | b'H' => size_of::<core::ffi::c_short>(),
        b'i' | b'I' => size_of::<core::ffi::c_int>(),
        b'l' | b'L' => size_of::<core::ffi::c_long>(),
        b'q' | b'Q' => size_of::<core::ffi::c_longlong>(),
        b'n' | b'N' | b'P' => size_of::<usize>(),
        b'e' => 2,
        b'f' => 4,
        b'd' => 8,
        _ => return None,
    })
}

/// Bytes of one item, as Python's `struct` module calculates them.
fn calculated_size(py: Python<'_>, format: &CStr) -> PyResult<isize> {
    // SAFETY: a NUL-terminated text, and the GIL.
    let size = unsafe { pyo3::ffi::PyBuffer_SizeFromFormat(format.as_ptr()) };
    if size < 0 {
        return Err(PyErr::fetch(py));
    }
    Ok(size)
}
