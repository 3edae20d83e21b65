//! Arrow data of Python objects.

use crate::border::guard;
use crate::buffer::arrow::{ARRAY, SCHEMA, STREAM};
use crate::buffer::ffi::{Released, arrow_struct, move_out};
use crate::handles::of;
use crate::python::text::type_name;
use crate::{exception, gil};
use core::ffi::CStr;
use nexus_abi::ffi::output;
use nexus_abi::*;
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Moves the Arrow schema of an object that has `__arrow_c_schema__` into a struct of the host.
///
/// `schema`: an `ArrowSchema` of the Arrow C data interface, to be written to. The host calls its `release`,
/// once, on any thread.
///
/// Returns `NEXUS_ERR_TYPE` when the object has no `__arrow_c_schema__`, or one that gives something else;
/// `NEXUS_ERR_EXCEPTION` with what it raised; `NEXUS_ERR_BAD_HANDLE`, `NEXUS_ERR_INVALID_ARGUMENT`. The
/// struct is all zeros then. Any thread; runs Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_arrow_import_schema(
    object: *const NexusObject,
    schema: *mut ArrowSchema,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        output("schema", schema, ArrowSchema::RELEASED)?;
        gil::with(|py| {
            let object = of(py, "object", object)?;
            let given = call(&object, "__arrow_c_schema__")?;
            let given = pointer::<ArrowSchema>(&object, &given, SCHEMA)?;
            // SAFETY: a struct that was checked, and the GIL.
            output("schema", schema, unsafe { move_out(given) })
        })
    })
}

/// Moves the Arrow array of an object that has `__arrow_c_array__` (a column, or a record batch), and its
/// schema, into structs of the host: without a copy of the values.
///
/// `schema`, `array`: an `ArrowSchema` and an `ArrowArray` of the Arrow C data interface, to be written to.
/// The host calls the `release` of each, once, on any thread; the memory is valid until that of the array.
///
/// Returns as `nexus_arrow_import_schema`. Any thread; runs Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_arrow_import_array(
    object: *const NexusObject,
    schema: *mut ArrowSchema,
    array: *mut ArrowArray,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        let cleared = output("schema", schema, ArrowSchema::RELEASED);
        output("array", array, ArrowArray::RELEASED)?;
        cleared?;
        gil::with(|py| {
            let object = of(py, "object", object)?;
            let pair = call(&object, "__arrow_c_array__")?;
            let wrong = || not_arrow(&object, "a pair of an Arrow schema and an Arrow array");
            let pair = pair.cast::<PyTuple>().map_err(|_| wrong())?;
            if pair.len() != 2 {
                return Err(wrong());
            }
            let item = |index| pair.get_item(index).map_err(|_| wrong());
            let (given_schema, given_array) = (item(0)?, item(1)?);
            // Both, before either is moved.
            let given_schema = pointer::<ArrowSchema>(&object, &given_schema, SCHEMA)?;
            let given_array = pointer::<ArrowArray>(&object, &given_array, ARRAY)?;
            // SAFETY: structs that were checked, and the GIL.
            unsafe {
                output("schema", schema, move_out(given_schema))?;
                output("array", array, move_out(given_array))
            }
        })
    })
}

/// Moves the Arrow stream of an object that has `__arrow_c_stream__` (a table, a reader, a data frame) into a
/// struct of the host.
///
/// `stream`: an `ArrowArrayStream` of the Arrow C stream interface, to be written to. The host calls its
/// `release`, once, on any thread. It may call all its functions without the GIL; they may run Python code.
///
/// Returns as `nexus_arrow_import_schema`. Any thread; runs Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_arrow_import_stream(
    object: *const NexusObject,
    stream: *mut ArrowArrayStream,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |_| {
        output("stream", stream, ArrowArrayStream::RELEASED)?;
        gil::with(|py| {
            let object = of(py, "object", object)?;
            let given = call(&object, "__arrow_c_stream__")?;
            let given = pointer::<ArrowArrayStream>(&object, &given, STREAM)?;
            // SAFETY: a struct that was checked, and the GIL.
            output("stream", stream, unsafe { move_out(given) })
        })
    })
}

fn call<'py>(object: &Bound<'py, PyAny>, method: &str) -> Result<Bound<'py, PyAny>> {
    object.call_method0(method).map_err(|error| {
        let mut failure = exception::failure(object.py(), &error);
        // Only if it is not there at all; one that is there may raise the same.
        if error.is_instance_of::<PyAttributeError>(object.py())
            && !object.hasattr(method).unwrap_or(true)
        {
            let kind = type_name(&object.get_type());
            failure.status = NexusStatus::NEXUS_ERR_TYPE;
            failure.message = format!("a {kind} object has no {method}");
        }
        failure
    })
}

/// The struct in a capsule of that name, which nobody has taken yet. The capsule keeps it.
fn pointer<T: Released>(
    object: &Bound<'_, PyAny>,
    capsule: &Bound<'_, PyAny>,
    name: &CStr,
) -> Result<*mut T> {
    arrow_struct(capsule, name)
        .ok_or_else(|| not_arrow(object, &format!("a fresh capsule {name:?}")))
}

fn not_arrow(object: &Bound<'_, PyAny>, expected: &str) -> Box<Failure> {
    let kind = type_name(&object.get_type());
    Failure::new(
        NexusStatus::NEXUS_ERR_TYPE,
        format!("a {kind} object did not give {expected}"),
    )
}
