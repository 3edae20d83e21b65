//! What the engine is given to call: errors, lists of names and the log are this library's.

use crate::ffi::{bytes, set_exception_functions, string};
use core::ffi::c_char;
use nexus_abi::ffi::{Inputs, guard_or};
use nexus_abi::services::{ErrorFields, FrontServices};
use nexus_abi::text::c_string;
use nexus_abi::{Failure, NexusError, NexusNames, NexusStatus, NexusText};

/// What the engine is given to call.
pub static SERVICES: FrontServices = FrontServices {
    version: concat!(env!("CARGO_PKG_VERSION"), "\0")
        .as_ptr()
        .cast::<c_char>(),
    error_new,
    names_new,
    log,
    log_enabled,
    error_look,
    error_free,
    set_exception_functions,
};

unsafe extern "C" fn error_new(fields: *const ErrorFields) -> *mut NexusError {
    guard_or(core::ptr::null_mut(), || {
        // SAFETY: the engine passes a pointer to fields on its stack.
        let fields = unsafe { &*fields };
        let [message, module, path, exception, traceback, linker] = &fields.texts;
        crate::error::publish(&Failure {
            status: NexusStatus::from_number(fields.status).unwrap_or(NexusStatus::NEXUS_ERR_PANIC),
            detail: fields.detail,
            message: string(message),
            module: string(module),
            path: bytes(path),
            exception: string(exception),
            traceback: string(traceback),
            linker: string(linker),
            object: fields.object as usize,
            raised: None,
        })
    })
}

unsafe extern "C" fn names_new(names: *const NexusText, count: usize) -> *mut NexusNames {
    guard_or(core::ptr::null_mut(), || {
        // SAFETY: the engine passes an array of that many texts.
        let inputs = unsafe { Inputs::assume() };
        let names = inputs.slice("names", names, count).unwrap_or(&[]);
        crate::names::publish(names.iter().map(|name| c_string(bytes(name))).collect())
    })
}

unsafe extern "C" fn log(level: u32, text: NexusText) {
    guard_or((), || crate::log::write(level, &string(&text)));
}

unsafe extern "C" fn log_enabled(level: u32) -> u8 {
    guard_or(0, || u8::from(crate::log::enabled(level)))
}

unsafe extern "C" fn error_look(error: *const NexusError, fields: *mut ErrorFields) -> u8 {
    guard_or(0, || {
        let found = crate::error::look(error);
        u8::from(found.is_some_and(|found| {
            nexus_abi::ffi::clear(fields, found);
            true
        }))
    })
}

unsafe extern "C" fn error_free(error: *mut NexusError) {
    crate::error::nexus_error_free(error);
}
