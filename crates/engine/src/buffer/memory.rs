//! Memory of the host that Python may see.

use crate::border::guard;
use crate::buffer::host::{GiveBack, HostMemory};
use crate::buffer::layout::describe;
use crate::buffer::memory_object::Memory;
use crate::handles::no_handle;
use crate::handles::objects;
use crate::{exception, gil};
use core::ffi::c_void;
use nexus_abi::ffi::{bad_handle, guard_or, null, output};
use nexus_abi::handle::Kind;
use nexus_abi::table::Table;
use nexus_abi::*;
use pyo3::prelude::*;
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
        let _ = gil::with(|py| {
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
    guard(error, |inputs| {
        output("memory", memory, core::ptr::null_mut())?;
        // SAFETY: the contract of the header; zeros are a value of the layout.
        let layout = inputs
            .sized("layout", layout)?
            .ok_or_else(|| null("layout"))?;
        gil::with(|py| {
            // The callback comes last: nothing before it may give the memory back.
            let described = describe(py, inputs, &layout)?;
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
    guard(error, |_| {
        output("object", object, core::ptr::null_mut())?;
        let entry = living(memory)?;
        gil::with(|py| {
            let seen = entry.object(py)?.into_any();
            output("object", object, objects::publish(seen)?)
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
    guard(error, |_| {
        output("view", view, core::ptr::null_mut())?;
        let entry = living(memory)?;
        gil::with(|py| {
            let seen = pyo3::types::PyMemoryView::from(&entry.object(py)?.into_any())
                .map_err(|error| exception::failure(py, &error))?;
            output("view", view, objects::publish(seen.into_any())?)
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
    guard(error, |_| {
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
