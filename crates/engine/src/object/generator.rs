//! Generators and coroutines, driven by hand.

use crate::border::{guard, with_python};
use crate::call::convert::{self, value_in};
use crate::exception::{self, OrRaised as _};
use crate::gil;
use crate::handles::of;
use nexus_abi::ffi::output;
use nexus_abi::{NexusError, NexusObject, NexusStatus, NexusValue, RawBool};
use pyo3::ffi::{PyIter_Send, PySendResult};
use pyo3::prelude::*;

/// Sends a value into a generator, as the result of its `yield`, and gets what it yields next; or, when it
/// ends, what it returns. Drives a coroutine, too: a host with an event loop of its own needs no more.
///
/// `value`: a value of any kind; None to start it. `result` receives what it yields or returns; release it
/// with `nexus_value_clear`. `finished` says which: false when it yielded, true when it returned. One that has
/// ended returns None.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` (generator, or the handle in `value`), `NEXUS_ERR_INVALID_ARGUMENT`, or
/// `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.AttributeError` when the object takes no values,
/// `builtins.TypeError` when it was not started with None. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_generator_send(
    generator: *const NexusObject,
    value: *const NexusValue,
    result: *mut NexusValue,
    finished: *mut RawBool,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        let cleared = output("finished", finished, 0);
        output("result", result, NexusValue::NONE)?;
        cleared?;
        gil::with(|py| {
            let generator = of(py, "generator", generator)?;
            let value = value_in(py, inputs, "value", value)?;
            let mut got = core::ptr::null_mut();
            // SAFETY: two living objects, a pointer to write to, and the GIL.
            let outcome = unsafe { PyIter_Send(generator.as_ptr(), value.as_ptr(), &raw mut got) };
            let ended = match outcome {
                PySendResult::PYGEN_NEXT => 0,
                PySendResult::PYGEN_RETURN => 1,
                PySendResult::PYGEN_ERROR => return Err(exception::taken(py)),
            };
            output("result", result, convert::from_python(py, got)?)?;
            output("finished", finished, ended)
        })
    })
}

/// Ends a generator or coroutine early: its `close()`, which runs its `finally` blocks. An iterator without a
/// `close` needs none, and nothing happens. Freeing the last handle does the same, but reports no errors.
///
/// Returns `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.RuntimeError` when it goes on to yield,
/// `builtins.ValueError` when it is running. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_generator_close(
    generator: *const NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    with_python(error, |py, _| {
        let generator = of(py, "generator", generator)?;
        generator
            .getattr_opt("close")
            .and_then(|close| close.map_or(Ok(()), |close| close.call0().map(drop)))
            .or_raised(py)
    })
}
