//! Arrow data of Python objects.

use crate::border::{give, guard};
use crate::buffer::arrow::{ARRAY, Released, SCHEMA, STREAM, arrow_struct, move_out};
use crate::handles::of;
use crate::python::text::type_name;
use crate::{exception, gil};
use core::ffi::CStr;
use nexus_abi::ffi::{Output, clear, output};
use nexus_abi::{
    ArrowArray, ArrowArrayStream, ArrowSchema, Failure, NexusError, NexusObject, NexusStatus,
    Result,
};
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
/// struct is all zeros then. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_arrow_import_schema(
    object: *const NexusObject,
    schema: *mut ArrowSchema,
    error: *mut *mut NexusError,
) -> NexusStatus {
    import(
        object,
        ("schema", schema),
        ("__arrow_c_schema__", SCHEMA),
        error,
    )
}

/// Moves the Arrow array of an object that has `__arrow_c_array__` (a column, or a record batch), and its
/// schema, into structs of the host: without a copy of the values.
///
/// `schema`, `array`: an `ArrowSchema` and an `ArrowArray` of the Arrow C data interface, to be written to.
/// The host calls the `release` of each, once, on any thread; the memory is valid until that of the array.
///
/// Returns what `nexus_arrow_import_schema` returns. May run Python code.
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
            let (schema_capsule, array_capsule) = (item(0)?, item(1)?);
            // Both, before either is moved.
            let given_schema = pointer::<ArrowSchema>(&object, &schema_capsule, SCHEMA)?;
            let given_array = pointer::<ArrowArray>(&object, &array_capsule, ARRAY)?;
            // SAFETY: the structs of two living capsules, with a content; with the GIL nobody else takes it.
            unsafe {
                clear(schema, move_out(given_schema));
                clear(array, move_out(given_array));
            }
            Ok(())
        })
    })
}

/// Moves the Arrow stream of an object that has `__arrow_c_stream__` (a table, a reader, a data frame) into a
/// struct of the host.
///
/// `stream`: an `ArrowArrayStream` of the Arrow C stream interface, to be written to. The host calls its
/// `release`, once, on any thread. It may call all its functions without the GIL; they may run Python code.
///
/// Returns what `nexus_arrow_import_schema` returns. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_arrow_import_stream(
    object: *const NexusObject,
    stream: *mut ArrowArrayStream,
    error: *mut *mut NexusError,
) -> NexusStatus {
    import(
        object,
        ("stream", stream),
        ("__arrow_c_stream__", STREAM),
        error,
    )
}

/// Moves a struct out of the capsule of that name that a method gives.
fn import<T: Released + Output>(
    object: *const NexusObject,
    (name, place): (&str, *mut T),
    (method, capsule): (&str, &CStr),
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, name, place, |py, _| {
        let object = of(py, "object", object)?;
        let given = call(&object, method)?;
        let content = pointer::<T>(&object, &given, capsule)?;
        // SAFETY: the struct of a living capsule, with a content; with the GIL nobody else takes it.
        Ok(unsafe { move_out(content) })
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
