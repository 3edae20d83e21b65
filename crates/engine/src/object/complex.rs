//! Complex numbers.
//!
//! No parameter is called `complex` or `imaginary`: those are macros of C's <complex.h>.

use crate::border::{give, guard};
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
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or what `nexus_python_start` returns.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_complex_new(
    real_part: f64,
    imaginary_part: f64,
    number: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "number", number, |py, _| {
        let made = PyComplex::from_doubles(py, real_part, imaginary_part);
        objects::publish(made.into_any())
    })
}

/// Reads the parts of a complex number, or of an instance of a subclass.
///
/// Returns `NEXUS_ERR_TYPE` when the object is not one (an int or a float does not count), or
/// `NEXUS_ERR_INVALID_ARGUMENT`.
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
