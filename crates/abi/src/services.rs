//! How the front and the engine know each other: C structs and function pointers, so that nothing of
//! Rust's own layout crosses between the two libraries.

use crate::failure::Failure;
use crate::handle::{NexusError, NexusNames, NexusObject};
use crate::value::NexusText;
use core::ffi::{c_char, c_void};

/// What the front does for the engine. It lives as long as the process.
#[repr(C)]
pub struct FrontServices {
    /// The front's `nexus_abi::VERSION`, NUL-terminated.
    pub version: *const c_char,
    /// 1 if we started the interpreter, 0 if we adopted it.
    pub owned: u8,
    /// 1 if the thread that opens the engine is the one that started the interpreter: Python's main thread.
    pub on_main_thread: u8,
    /// Makes a `NexusError` of these fields, which it copies. Takes over `fields.object`.
    pub error_new: unsafe extern "C" fn(fields: *const ErrorFields) -> *mut NexusError,
    /// Makes a `NexusNames` of these names, which it copies; NULL when there is no free handle.
    pub names_new: unsafe extern "C" fn(names: *const NexusText, count: usize) -> *mut NexusNames,
    /// Writes a log line (`NexusLogLevel`, UTF-8 text).
    pub log: unsafe extern "C" fn(level: u32, text: NexusText),
    /// Whether a line of that level would be seen.
    pub log_enabled: unsafe extern "C" fn(level: u32) -> u8,
    /// Reads the fields of a `NexusError` into `fields`, whose texts live as long as the error; 0: it is none.
    pub error_look: unsafe extern "C" fn(error: *const NexusError, fields: *mut ErrorFields) -> u8,
    /// Frees a `NexusError`.
    pub error_free: unsafe extern "C" fn(error: *mut NexusError),
    /// Remembers what writes the traceback of an error that comes with an exception and without one.
    pub set_traceback_writer: unsafe extern "C" fn(writer: TracebackWriter),
    /// Path of the libpython or executable that has the interpreter, NUL-terminated, or empty.
    pub library: *const c_char,
}

/// Gives `take` the traceback of an exception, with `to`; does not call it when there is none any more.
pub type TracebackWriter =
    unsafe extern "C" fn(exception: *const NexusObject, take: TakeText, to: *mut c_void);

/// Takes a text that is valid during the call only.
pub type TakeText = unsafe extern "C" fn(to: *mut c_void, text: NexusText);

// SAFETY: its texts are constant for the life of the process, and its functions callable from any thread.
unsafe impl Sync for FrontServices {}

/// Name of the engine's entry: an [`EngineInit`].
pub const ENGINE_INIT: &core::ffi::CStr = c"nexus_engine_init";

/// The engine's entry. Called once, with the GIL held by the calling thread; returns a `NexusStatus`
/// number, and an error on failure.
pub type EngineInit =
    unsafe extern "C" fn(services: *const FrontServices, error: *mut *mut NexusError) -> u32;

/// A [`Failure`] on its way to the front.
#[repr(C)]
pub struct ErrorFields {
    /// A `NexusStatus` number.
    pub status: u32,
    /// Detail code, or 0.
    pub detail: u32,
    /// Message, module, path, exception, traceback, linker.
    pub texts: [NexusText; 6],
    /// The exception object's handle, or NULL.
    pub object: *mut NexusObject,
}

impl ErrorFields {
    /// Borrows the failure's fields: valid as long as it is.
    #[must_use]
    pub fn of(failure: &Failure) -> Self {
        Self {
            status: failure.status as u32,
            detail: failure.detail,
            texts: [
                NexusText::of(failure.message.as_bytes()),
                NexusText::of(failure.module.as_bytes()),
                NexusText::of(&failure.path),
                NexusText::of(failure.exception.as_bytes()),
                NexusText::of(failure.traceback.as_bytes()),
                NexusText::of(failure.linker.as_bytes()),
            ],
            object: failure.object as *mut NexusObject,
        }
    }
}
