//! Memory of the host that Python may see.

use crate::buffer::ffi::calculated_size;
use crate::buffer::format::native_size;
use crate::buffer::host::{GiveBack, HostMemory, Uses};
use crate::buffer::memory_object::Memory;
use crate::buffer::shape::{self, MAX_NDIM, Order};
use crate::object::table;
use crate::services::{guard, no_handle};
use crate::{attach, exception};
use core::ffi::c_void;
use nexus_abi::ffi::{bad_handle, guard_or, null, output, sized_in, slice_in, text_in};
use nexus_abi::handle::Kind;
use nexus_abi::table::Table;
use nexus_abi::*;
use pyo3::prelude::*;
use std::ffi::CString;
use std::sync::Arc;

struct Entry {
    memory: Arc<HostMemory>,
    /// What Python sees of it.
    object: Option<Py<Memory>>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else {
            return;
        };
        // Not by its own `Drop`, which would put the reference off if PyO3 does not know that the GIL is
        // held. Python is gone when this fails, and the object with it.
        let _ = attach::with(|py| {
            object.drop_ref(py);
            Ok(())
        });
    }
}

static MEMORIES: Table<Entry> = Table::new(Kind::Memory);

fn living(memory: *const NexusMemory) -> Result<Arc<Entry>> {
    MEMORIES
        .get(memory as u64)
        .ok_or_else(|| bad_handle("memory", memory))
}

/// Lets Python see memory of the host, without a copy: as an object that `memoryview`, `numpy.asarray`,
/// `numpy.from_dlpack` and every function that takes a bytes-like object accept.
///
/// `layout`: where it is and what is in it. `release`: NULL, or called once when Python is done with it:
/// when the handle is freed and the last view is gone, or when it was revoked; see `NexusMemoryRelease`. It
/// is not called when this function fails, or if Python ends before. `memory` receives a handle that the
/// caller frees with `nexus_memory_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` when the layout contradicts itself (items that reach beyond `size`,
/// an item size that is not the format's), `NEXUS_ERR_NO_MEMORY`, or what `nexus_python_start` returns. Any
/// thread; starts Python if nothing has.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_memory_new(
    layout: *const NexusMemoryLayout,
    release: NexusMemoryRelease,
    user_data: *mut c_void,
    memory: *mut *mut NexusMemory,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        output("memory", memory, core::ptr::null_mut())?;
        // SAFETY: the contract of the header; zeros are a value of the layout.
        let layout = unsafe { sized_in("layout", layout) }?.ok_or_else(|| null("layout"))?;
        attach::with(|py| {
            // The callback comes last: nothing before it may give the memory back.
            let described = describe(py, &layout)?;
            let entry = Arc::new(Entry {
                memory: Arc::new(described(GiveBack::new(release, layout.data, user_data))),
                object: None,
            });
            let handle = publish(py, entry)?;
            output("memory", memory, handle as *mut NexusMemory)
        })
    })
}

/// Makes the object and the handle. On failure the host keeps its memory, and is told nothing.
fn publish(py: Python<'_>, mut entry: Arc<Entry>) -> Result<u64> {
    let memory = Arc::clone(&entry.memory);
    let made = Py::new(py, Memory::new(Arc::clone(&memory)))
        .map_err(|error| exception::failure(py, &error))
        .and_then(|object| {
            if let Some(entry) = Arc::get_mut(&mut entry) {
                entry.object = Some(object);
            }
            MEMORIES.insert(Arc::clone(&entry)).ok_or_else(no_handle)
        });
    if made.is_err() {
        memory.give_back.never();
    }
    made
}

/// The object that Python sees: a new handle to it, always to the same object. It has a buffer
/// (`memoryview(object)`, `numpy.asarray(object)`), `__dlpack__` and `__dlpack_device__`; it is no view
/// itself.
///
/// `object` receives a handle that the caller frees with `nexus_object_free`; before or after the memory's.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; waits for the GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_memory_object(
    memory: *const NexusMemory,
    object: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        output("object", object, core::ptr::null_mut())?;
        let entry = living(memory)?;
        attach::with(|py| {
            let seen = entry.object(py)?.into_any();
            output("object", object, table::publish(seen)?)
        })
    })
}

/// A new `memoryview` of the memory, writable unless it is read-only. Until it is freed and Python has let
/// go of it, or has called its `release()`, the memory cannot be revoked.
///
/// `view` receives a handle that the caller frees with `nexus_object_free`.
///
/// Returns `NEXUS_ERR_EXCEPTION` (`builtins.BufferError`) when the memory was revoked,
/// `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; waits for the GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_memory_view(
    memory: *const NexusMemory,
    view: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        output("view", view, core::ptr::null_mut())?;
        let entry = living(memory)?;
        attach::with(|py| {
            let seen = pyo3::types::PyMemoryView::from(&entry.object(py)?.into_any())
                .map_err(|error| exception::failure(py, &error))?;
            output("view", view, table::publish(seen.into_any())?)
        })
    })
}

impl Entry {
    fn object<'py>(&self, py: Python<'py>) -> Result<Bound<'py, Memory>> {
        self.object
            .as_ref()
            .map(|object| object.bind(py).clone())
            .ok_or_else(no_handle)
    }
}

/// Takes the memory back while its object is still known to Python: from now on, whoever uses it there gets
/// a `BufferError`. `release` is called before this returns. A second time does nothing.
///
/// Returns `NEXUS_ERR_BUSY` while Python has views of it (`memoryview`, numpy arrays, tensors), which are
/// counted in the message, and leaves everything as it is; `NEXUS_ERR_BAD_HANDLE`. Any thread; needs no
/// GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_memory_revoke(
    memory: *const NexusMemory,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, || {
        let entry = living(memory)?;
        entry.memory.uses.revoke().map_err(|views| {
            Failure::new(
                NexusStatus::NEXUS_ERR_BUSY,
                format!(
                    "Python has views of the memory ({views}): free them, and let Python drop its own"
                ),
            )
        })?;
        entry.memory.give_back.now();
        Ok(())
    })
}

/// Frees the handle. NULL, or a handle that is freed already, does nothing. Python may go on using the
/// memory; `release` is called when nothing there can reach it any more, now or later. Any thread; waits
/// for the GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_memory_free(memory: *mut NexusMemory) {
    guard_or((), || drop(MEMORIES.remove(memory as u64)));
}

fn invalid<T>(message: impl Into<String>) -> Result<T> {
    Err(Failure::new(
        NexusStatus::NEXUS_ERR_INVALID_ARGUMENT,
        message,
    ))
}

/// Checks a layout. What is returned makes the memory of it.
fn describe(
    py: Python<'_>,
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
        // SAFETY: the contract of the header.
        let given = unsafe { text_in("layout->format", layout.format) }?;
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
        // SAFETY: the contract of the header.
        unsafe { slice_in("layout->shape", layout.shape, layout.ndim) }?.into()
    };
    let Some(size) = shape::size(&shape, item_size) else {
        return invalid(format!(
            "layout->shape {shape:?} of items of {item_size} bytes is negative, or more than memory"
        ));
    };
    let strides: Box<[isize]> = match layout.strides.is_null() {
        true => shape::contiguous_strides(&shape, item_size, Order::C),
        // SAFETY: the contract of the header.
        false => unsafe { slice_in("layout->strides", layout.strides, shape.len()) }?.into(),
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
