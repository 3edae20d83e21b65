//! Functions of the host as Python callables.

use crate::border::guard;
use crate::call::host_callable::{Host, host_callable};
use crate::gil;
use crate::handles::objects;
use core::ffi::{c_char, c_void};
use nexus_abi::ffi::output;
use nexus_abi::text::c_string;
use nexus_abi::{
    Failure, NEXUS_FUNCTION_HOLD_GIL, NexusDestructor, NexusError, NexusFunction, NexusObject,
    NexusStatus,
};
use std::ffi::CString;

/// Makes a Python callable of a function of the host's.
///
/// `name`: its `__name__`, UTF-8. `documentation`: its `__doc__`, UTF-8; NULL: none. `flags`: any of
/// `NEXUS_FUNCTION_…`. `function` is called with `user_data` on whichever thread Python calls it, also on
/// several at a time. `destroy`, if not NULL, is called once with `user_data` when Python no longer needs the
/// callable, on whichever thread that is, with the GIL held; also when `nexus_function_new` fails. `callable`
/// receives a handle that the caller frees with `nexus_object_free`; Python keeps the callable as long as it
/// needs it.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, `NEXUS_ERR_NO_MEMORY`, or what `nexus_python_start` returns.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_function_new(
    name: *const c_char,
    documentation: *const c_char,
    flags: u32,
    function: NexusFunction,
    user_data: *mut c_void,
    destroy: NexusDestructor,
    callable: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, |inputs| {
        let mut host = Host {
            name: CString::default(),
            documentation: CString::default(),
            function,
            user_data: user_data as usize,
            destroy,
            flags,
        };
        output("callable", callable, core::ptr::null_mut())?;
        host.name = c_string(inputs.text("name", name)?);
        if let Some(text) = inputs.optional_text("documentation", documentation)? {
            host.documentation = c_string(text);
        }
        if function.is_none() {
            return Err(nexus_abi::ffi::null("function"));
        }
        if flags & !NEXUS_FUNCTION_HOLD_GIL != 0 {
            return Err(Failure::invalid(format!(
                "argument 'flags' has bits that this version does not support: {flags:#x}"
            )));
        }
        gil::with(|py| {
            let made = host_callable(py, Box::new(host))
                .map_err(|error| crate::exception::failure(py, &error))?;
            output("callable", callable, objects::publish(made)?)
        })
    })
}
