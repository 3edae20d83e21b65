//! What makes the engine an extension module of Python's, for the wheel.

use core::ffi::c_int;
use pyo3::ffi::{self as api, PyModuleDef, PyModuleDef_HEAD_INIT, PyModuleDef_Slot, PyObject};
use pyo3::prelude::*;
use pyo3::types::PyModule;

/// A definition in memory that Python writes to.
struct Definition(core::cell::UnsafeCell<PyModuleDef>, [PyModuleDef_Slot; 2]);

// SAFETY: only Python writes to it, with the GIL held.
unsafe impl Sync for Definition {}

static DEFINITION: Definition = Definition(
    core::cell::UnsafeCell::new(PyModuleDef {
        m_base: PyModuleDef_HEAD_INIT,
        m_name: c"_engine".as_ptr(),
        m_doc: core::ptr::null(),
        m_size: 0,
        m_methods: core::ptr::null_mut(),
        m_slots: (&raw const DEFINITION.1).cast_mut().cast(),
        m_traverse: None,
        m_clear: None,
        m_free: None,
    }),
    [
        PyModuleDef_Slot {
            slot: api::Py_mod_exec,
            value: execute as *mut core::ffi::c_void,
        },
        PyModuleDef_Slot {
            slot: 0,
            value: core::ptr::null_mut(),
        },
    ],
);

/// The init function of `nexus_loader._engine` (PEP 489).
#[unsafe(no_mangle)]
pub extern "C" fn PyInit__engine() -> *mut PyObject {
    // SAFETY: Python calls this with the GIL held; the definition lives for ever.
    unsafe { api::PyModuleDef_Init(DEFINITION.0.get()) }
}

unsafe extern "C" fn execute(module: *mut PyObject) -> c_int {
    // Before PyO3 is asked for anything: `PyGILState_Ensure`, which it calls, knows the main interpreter alone, and
    // waits for ever in another one (CPython 3.11).
    if interpreter_id() != 0 {
        const REFUSED: &core::ffi::CStr = c"nexus_loader cannot be imported in a subinterpreter: many extension modules crash there; import it in the main interpreter";
        // SAFETY: Python calls this with the GIL held.
        unsafe { api::PyErr_SetString(api::PyExc_ImportError, REFUSED.as_ptr()) };
        return -1;
    }
    nexus_abi::ffi::guard_or(-1, || {
        Python::attach(|py| {
            // SAFETY: Python passes the new module, which lives through the call.
            let module = unsafe { Bound::from_borrowed_ptr(py, module) };
            let filled = module
                .cast_into::<PyModule>()
                .map_err(PyErr::from)
                .and_then(|module| crate::loader::class::fill(&module, crate::init::once));
            match filled {
                Ok(()) => 0,
                Err(error) => {
                    error.restore(py);
                    -1
                }
            }
        })
    })
}

/// The number of the interpreter that this thread runs; the main one is 0.
fn interpreter_id() -> i64 {
    // SAFETY: the caller holds the GIL.
    unsafe { api::PyInterpreterState_GetID(api::PyInterpreterState_Get()) }
}
