//! Importing by name.

use crate::border::give_without_gil;
use crate::handles::objects;
use crate::{exception, gil};
use core::ffi::c_char;
use nexus_abi::{NexusError, NexusObject, NexusStatus};

/// Imports a module by its dotted name, as Python's `import` does, and gives the module that the whole
/// name means: `nexus_import("os.path", …)` gives `os.path`. Starts Python if nothing has.
///
/// `name`: UTF-8. `module` receives a handle that the caller frees with `nexus_object_free`.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, or not UTF-8), `NEXUS_ERR_EXCEPTION` with what Python
/// raised (`builtins.ModuleNotFoundError` when there is none of that name), or what
/// `nexus_python_start` returns. May run Python code: the module's.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_import(
    name: *const c_char,
    module: *mut *mut NexusObject,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "module", module, |inputs| {
        let name = inputs.text("name", name)?;
        gil::with(|py| {
            let found = py
                .import(name)
                .map_err(|error| exception::failure(py, &error).in_module(name))?;
            objects::publish(found.into_any())
        })
    })
}
