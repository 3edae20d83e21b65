//! Complex numbers.
//!
//! No parameter is called `complex` or `imaginary`: those are macros of C's <complex.h>.

use crate::border::guard;
use crate::exception::wrong_type;
use crate::gil;
use crate::handles::{objects, of};
use nexus_abi::ffi::output;
use nexus_abi::{NexusError, NexusObject, NexusStatus};
use pyo3::prelude::*;
use pyo3::types::PyComplex;

/// Makes a complex number.
///
/// `number` receives a handle that the caller frees with `nexus_object_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or what `nexus_python_start` returns, since it starts Python if
/// nothing has. Any thread; waits for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_complex_new(
    real_part: f64,
    imaginary_part: f64,
    number: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        output("number", number, core::ptr::null_mut())?;
        gil::with(|py| {
            let made = PyComplex::from_doubles(py, real_part, imaginary_part);
            output("number", number, objects::publish(made.into_any())?)
        })
    })
}

/// Reads the parts of a complex number, or of an instance of a subclass.
///
/// Returns `NEXUS_ERR_TYPE` when it is none: an int or a float is none here. Otherwise
/// `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Any thread; waits for the GIL, runs no Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_complex_read(
    number: *const NexusObject,
    real_part: *mut f64,
    imaginary_part: *mut f64,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        let cleared = output("imaginary_part", imaginary_part, 0.0);
        output("real_part", real_part, 0.0)?;
        cleared?;
        gil::with(|py| {
            let object = of(py, "number", number)?;
            let complex = object
                .cast::<PyComplex>()
                .map_err(|_| wrong_type("number", &object, "a complex number"))?;
            output("real_part", real_part, complex.real())?;
            output("imaginary_part", imaginary_part, complex.imag())
        })
    })
}
