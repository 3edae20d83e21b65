//! The pointer plumbing of the front, beside what `nexus_abi::ffi` has for both libraries.

use core::ffi::{CStr, c_char, c_void};
use nexus_abi::ffi::Inputs;
use nexus_abi::services::{EngineFacts, ErrorFields, FrontServices, TracebackWriter};
use nexus_abi::text::c_string;
use nexus_abi::{Failure, NexusError, NexusNames, NexusObject, NexusStatus, NexusText};
use std::sync::OnceLock;

/// A handle's bits as the pointer that C sees.
pub fn pointer<T>(bits: u64) -> *mut T {
    bits as *mut T
}

fn bytes(text: &NexusText) -> Vec<u8> {
    if text.data.is_null() {
        return Vec::new();
    }
    // SAFETY: the engine fills `ErrorFields` and name lists from slices that outlive the call.
    unsafe { core::slice::from_raw_parts(text.data.cast::<u8>(), text.size) }.to_vec()
}

fn string(text: &NexusText) -> String {
    String::from_utf8_lossy(&bytes(text)).into_owned()
}

unsafe extern "C" fn error_new(fields: *const ErrorFields) -> *mut NexusError {
    nexus_abi::ffi::guard_or(core::ptr::null_mut(), || {
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
    nexus_abi::ffi::guard_or(core::ptr::null_mut(), || {
        // SAFETY: the engine passes an array of that many texts.
        let inputs = unsafe { Inputs::assume() };
        let names = inputs.slice("names", names, count).unwrap_or(&[]);
        crate::names::publish(names.iter().map(|name| c_string(bytes(name))).collect())
    })
}

unsafe extern "C" fn log(level: u32, text: NexusText) {
    nexus_abi::ffi::guard_or((), || crate::log::write(level, &string(&text)));
}

unsafe extern "C" fn log_enabled(level: u32) -> u8 {
    nexus_abi::ffi::guard_or(0, || u8::from(crate::log::enabled(level)))
}

unsafe extern "C" fn error_look(error: *const NexusError, fields: *mut ErrorFields) -> u8 {
    nexus_abi::ffi::guard_or(0, || {
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

/// The traceback of an error's exception; `None` when there is no telling any more.
pub fn traceback(object: usize) -> Option<String> {
    unsafe extern "C" fn take(to: *mut c_void, text: NexusText) {
        nexus_abi::ffi::guard_or((), || {
            // SAFETY: the place below, during the call.
            unsafe { *to.cast::<Option<String>>() = Some(string(&text)) };
        });
    }
    let writer = TRACEBACK_WRITER.get()?;
    let mut text: Option<String> = None;
    // SAFETY: the engine's own function, which calls `take` during the call only.
    unsafe { writer(object as *const NexusObject, take, (&raw mut text).cast()) };
    text
}

static TRACEBACK_WRITER: OnceLock<TracebackWriter> = OnceLock::new();

unsafe extern "C" fn set_traceback_writer(writer: TracebackWriter) {
    let _ = TRACEBACK_WRITER.set(writer);
}

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
    set_traceback_writer,
};

/// What the engine has said about Python.
pub fn facts(facts: &EngineFacts) -> crate::engine::Facts {
    let text = |text: *const c_char| -> &'static CStr {
        if text.is_null() {
            return c"";
        }
        // SAFETY: the engine's NUL-terminated text, which lives as long as the process.
        unsafe { CStr::from_ptr(text) }
    };
    crate::engine::Facts {
        executable: text(facts.executable),
        prefix: text(facts.prefix),
    }
}

/// Frees the exception object that an error holds (0: none).
pub fn free_object(object: usize) {
    if object != 0 {
        crate::forward::nexus_object_free(object as *mut NexusObject);
    }
}

/// Turns an address found by name into a function pointer.
///
/// # Safety
/// `F` is the type of the function at that address.
pub unsafe fn function<F: Copy>(address: *const c_void) -> F {
    const { assert!(size_of::<F>() == size_of::<*const c_void>()) };
    // SAFETY: of the same size; the caller vouches for the type.
    unsafe { core::mem::transmute_copy(&address) }
}

/// Calls a host's destructor with the data that it is for.
pub fn destroy(destroy: nexus_abi::NexusDestructor, user_data: *mut c_void) {
    if let Some(destroy) = destroy {
        // SAFETY: the host gave the function and its data for this; called once.
        unsafe { destroy(user_data) };
    }
}

/// Fills an output with zeros, unless the caller passed NULL for it.
pub fn zero<T>(output: *mut T) {
    if !output.is_null() {
        // SAFETY: an output points to writable memory of its type, by the contract of the header; zeros
        // are the empty value of every output type: NULL, 0, false, `NEXUS_KIND_NONE`.
        unsafe { output.write_bytes(0, 1) }
    }
}

/// The same for an array of `capacity` values.
pub fn zero_array<T>(output: *mut T, capacity: usize) {
    let fits = capacity
        .checked_mul(size_of::<T>())
        .is_some_and(|size| size <= isize::MAX as usize);
    if fits && !output.is_null() {
        // SAFETY: as for `zero`; no larger than memory.
        unsafe { output.write_bytes(0, capacity) }
    }
}

/// The same for a struct that begins with its size, which stays.
pub fn zero_sized<T: Copy>(output: *mut T) {
    // One whose size is nonsense is left alone: the caller is told of something else.
    let _ = nexus_abi::ffi::sized_out("", output, None);
}

use crate::python::Config;
use nexus_abi::{NexusPythonConfig, NexusPythonInfo, Result};

/// What the host says about Python; `None` for NULL.
pub fn python_config(
    inputs: Inputs<'_>,
    config: *const NexusPythonConfig,
) -> Result<Option<Config>> {
    let Some(raw) = inputs.sized("config", config)? else {
        return Ok(None);
    };
    let python = match raw.python.is_null() {
        true => None,
        false => Some(inputs.path("config->python", raw.python)?.to_owned()),
    };
    let argv = match raw.argv.is_null() && raw.argv_count == 0 {
        true => None,
        false => Some(
            inputs
                .slice("config->argv", raw.argv, raw.argv_count)?
                .iter()
                .map(|text| Ok(inputs.path("config->argv", *text)?.as_os_str().to_owned()))
                .collect::<Result<_>>()?,
        ),
    };
    Ok(Some(Config {
        flags: raw.flags,
        python,
        argv,
    }))
}

/// Fills as much of an info as the host's struct has room for, with zeros for `None`. Its size, which
/// the host has set, stays.
pub fn python_info(info: *mut NexusPythonInfo, facts: Option<NexusPythonInfo>) -> Result<()> {
    nexus_abi::ffi::sized_out("info", info, facts.as_ref())
}
