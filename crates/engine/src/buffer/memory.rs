//! Memory of the host that Python may see, and what Python sees of it.

use crate::border::{give_without_gil, guard};
use crate::buffer::host::{GiveBack, HostMemory, REVOKED_TEXT, describe};
use crate::buffer::tensor::{DEVICE, Wanted, memory_capsule};
use crate::exception::OrRaised as _;
use crate::gil;
use crate::handles::{self, Kept, living, objects};
use core::ffi::{c_int, c_void};
use nexus_abi::ffi::{guard_or, null};
use nexus_abi::handle::Kind;
use nexus_abi::table::Table;
use nexus_abi::{
    Failure, NexusError, NexusMemory, NexusMemoryLayout, NexusMemoryRelease, NexusObject,
    NexusStatus,
};
use pyo3::exceptions::{PyAttributeError, PyBufferError};
use pyo3::ffi::{self as python, Py_buffer};
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;
use std::sync::Arc;

struct Entry {
    memory: Arc<HostMemory>,
    /// What Python sees of it.
    object: Kept,
}

static MEMORIES: Table<Entry> = Table::new(Kind::Memory);

/// Lets Python see memory of the host, without a copy: as an object that `memoryview`, `numpy.asarray`,
/// `numpy.from_dlpack` and every function that takes a bytes-like object accept.
///
/// `layout`: where it is and what is in it. `release`: NULL, or called once when Python is done with it:
/// when the handle is freed and the last view is gone, or when it was revoked; see `NexusMemoryRelease`. It
/// is not called when this function fails, or if Python ends before. `memory` receives a handle that the
/// caller frees with `nexus_memory_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` when the layout contradicts itself (items that reach beyond `size`,
/// an item size that is not the format's), `NEXUS_ERR_NO_MEMORY`, or what `nexus_python_start` returns.
/// Starts Python if nothing has.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_memory_new(
    layout: *const NexusMemoryLayout,
    release: NexusMemoryRelease,
    user_data: *mut c_void,
    memory: *mut *mut NexusMemory,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "memory", memory, |inputs| {
        let layout = inputs
            .sized("layout", layout)?
            .ok_or_else(|| null("layout"))?;
        gil::with(|py| {
            let give_back = GiveBack::new(release, layout.data, user_data);
            let memory = Arc::new(describe(py, inputs, &layout, give_back)?);
            let object = Memory {
                memory: Arc::clone(&memory),
            };
            let object = Py::new(py, object).or_raised(py)?;
            let entry = Entry {
                memory: Arc::clone(&memory),
                object: Kept::new(object.into_bound(py).into_any()),
            };
            let handle = handles::publish(&MEMORIES, Arc::new(entry))?;
            // Last: on failure the host keeps its memory, and is told nothing.
            memory.give_back.arm();
            Ok(handle)
        })
    })
}

/// The object that Python sees: a new handle to it, always to the same object. It has a buffer
/// (`memoryview(object)`, `numpy.asarray(object)`), `__dlpack__` and `__dlpack_device__`, but is not a view
/// itself.
///
/// `object` receives a handle that the caller frees with `nexus_object_free`; before or after the memory's.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_memory_object(
    memory: *const NexusMemory,
    object: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "object", object, |_| {
        let entry = living(&MEMORIES, "memory", memory)?;
        gil::with(|py| objects::publish(entry.object.bind(py)))
    })
}

/// A new `memoryview` of the memory, writable unless it is read-only. Until it is freed and Python has let
/// go of it, or has called its `release()`, the memory cannot be revoked.
///
/// `view` receives a handle that the caller frees with `nexus_object_free`.
///
/// Returns `NEXUS_ERR_EXCEPTION` (`builtins.BufferError`) when the memory was revoked,
/// `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_memory_view(
    memory: *const NexusMemory,
    view: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "view", view, |_| {
        let entry = living(&MEMORIES, "memory", memory)?;
        gil::with(|py| {
            let seen = PyMemoryView::from(&entry.object.bind(py)).or_raised(py)?;
            objects::publish(seen.into_any())
        })
    })
}

/// Takes the memory back while its object is still known to Python: from now on, whoever uses it there gets
/// a `BufferError`. `release` is called before this returns. A second time does nothing.
///
/// Returns `NEXUS_ERR_BUSY` while Python has views of it (`memoryview`, numpy arrays, tensors), which are
/// counted in the message, and leaves everything as it is; `NEXUS_ERR_BAD_HANDLE`. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_memory_revoke(
    memory: *const NexusMemory,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        let entry = living(&MEMORIES, "memory", memory)?;
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
/// memory; `release` is called when nothing there can reach it any more, now or later.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_memory_free(memory: *mut NexusMemory) {
    guard_or((), || drop(MEMORIES.remove(memory as u64)));
}

/// Memory of the program that embeds Python: use memoryview(), numpy.asarray() or numpy.from_dlpack().
#[pyclass(frozen, module = "nexus_loader")]
struct Memory {
    memory: Arc<HostMemory>,
}

fn refuse<T>(why: &'static str) -> PyResult<T> {
    Err(PyBufferError::new_err(why))
}

#[pymethods]
impl Memory {
    /// # Safety
    /// Python calls it, with a struct to fill in.
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        view: *mut Py_buffer,
        request: c_int,
    ) -> PyResult<()> {
        // SAFETY: Python's struct to fill in. It is empty where this fails (PEP 3118).
        unsafe { view.write(Py_buffer::new()) };
        let memory = &slf.get().memory;
        let wants = |flag| request & flag == flag;
        if wants(python::PyBUF_WRITABLE) && memory.read_only {
            return refuse("the host's memory is read-only");
        }
        let (c, f) = memory.contiguous;
        if wants(python::PyBUF_C_CONTIGUOUS) && !c {
            return refuse("the host's memory is not C-contiguous");
        }
        if wants(python::PyBUF_F_CONTIGUOUS) && !f {
            return refuse("the host's memory is not Fortran-contiguous");
        }
        if wants(python::PyBUF_ANY_CONTIGUOUS) && !c && !f {
            return refuse("the host's memory is not contiguous");
        }
        if wants(python::PyBUF_FORMAT) && !wants(python::PyBUF_ND) {
            return refuse("a format without a shape makes no sense");
        }
        if !wants(python::PyBUF_STRIDES) && !c {
            return refuse("the host's memory is strided");
        }
        if !memory.uses.enter() {
            return refuse(REVOKED_TEXT);
        }
        // SAFETY: Python's struct to fill in; the use was counted.
        unsafe { fill_view(slf.as_any(), memory, view, request) };
        Ok(())
    }

    /// # Safety
    /// Python calls it, once for each view.
    unsafe fn __releasebuffer__(&self, _view: *mut Py_buffer) {
        self.memory.uses.leave();
    }

    /// numpy asks for this where it gets no buffer, and would make an array of this object itself next.
    #[getter]
    fn __array_interface__(&self) -> PyResult<()> {
        if self.memory.uses.are_over() {
            return refuse(REVOKED_TEXT);
        }
        Err(PyAttributeError::new_err("__array_interface__"))
    }

    /// A DLPack capsule of the memory.
    #[pyo3(signature = (*, stream=None, max_version=None, dl_device=None, copy=None))]
    fn __dlpack__<'py>(
        &self,
        py: Python<'py>,
        stream: Option<Bound<'py, PyAny>>,
        max_version: Option<(u32, u32)>,
        dl_device: Option<(i32, i32)>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if stream.is_some() {
            return refuse("the processor's memory has no streams");
        }
        let wanted = Wanted {
            max_version,
            device: dl_device,
            copy,
        };
        memory_capsule(py, &self.memory, &wanted)
    }

    /// (1, 0): the processor's memory.
    fn __dlpack_device__(&self) -> (i32, i32) {
        DEVICE
    }
}

/// Fills in a view of the host's memory, for a consumer that takes at least what `request` says.
///
/// # Safety
/// `view` is to be filled in; `owner` keeps the memory alive, and was told of the view.
unsafe fn fill_view(
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
    // SAFETY: the caller passes a struct to fill in. The arrays live as long as the owner, to which the view refers.
    unsafe { view.write(filled) };
}
