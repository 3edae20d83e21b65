//! How the front and the engine know each other: C structs and function pointers, so that nothing of
//! Rust's own layout crosses between the two libraries.

use crate::failure::Failure;
use crate::handle::{NexusError, NexusNames, NexusObject};
use crate::value::NexusText;
use core::ffi::{CStr, c_char, c_void};

/// What the front does for the engine. It lives as long as the process.
#[repr(C)]
pub struct FrontServices {
    /// The front's `nexus_abi::VERSION`, NUL-terminated.
    pub version: *const c_char,
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
    /// Remembers what writes the traceback of an exception that an error holds, and what frees its handle.
    pub set_exception_functions:
        unsafe extern "C" fn(write_traceback: TracebackWriter, free: ExceptionFree),
}

/// Gives `take` the traceback of an exception, with `to`; does not call it when there is none any more.
pub type TracebackWriter =
    unsafe extern "C" fn(exception: *const NexusObject, take: TakeText, to: *mut c_void);

/// Frees the handle of an exception.
pub type ExceptionFree = unsafe extern "C" fn(exception: *mut NexusObject);

/// Takes a text that is valid during the call only.
pub type TakeText = unsafe extern "C" fn(to: *mut c_void, text: NexusText);

// SAFETY: its text is constant for the life of the process, and its functions callable from any thread.
unsafe impl Sync for FrontServices {}

/// What the engine does with the Python that runs. Valid during the call.
#[repr(C)]
#[derive(Default)]
pub struct EngineStart {
    /// Any of the `START_…` flags.
    pub flags: u32,
    /// `sys.argv`: NUL-terminated texts in the platform's bytes.
    pub argv: *const *const c_char,
    /// How many there are.
    pub argv_count: usize,
    /// `sys.executable`: a NUL-terminated path in the platform's bytes, `""` if there is no such file.
    pub executable: *const c_char,
    /// `sys._base_executable`, likewise.
    pub base_executable: *const c_char,
}

/// The front has started this Python, and the engine finishes the start. Without it, Python was adopted,
/// and is left as it is: the other fields have no meaning.
pub const START_OWNED: u32 = 1;
/// The calling thread is the one that has started Python: Python's main thread.
pub const START_ON_MAIN_THREAD: u32 = 2;
/// `site` runs.
pub const START_SITE: u32 = 4;

/// What the engine says about the Python that runs: NUL-terminated texts in the platform's bytes, which live
/// as long as the process.
#[repr(C)]
#[derive(Default)]
pub struct EngineFacts {
    /// `sys.executable`.
    pub executable: *const c_char,
    /// `sys.prefix`.
    pub prefix: *const c_char,
}

/// Name of the engine's entry: an [`EngineInit`].
pub const ENGINE_INIT: &CStr = c"nexus_engine_init";

/// What the names of the engine's entry and of its version begin with.
pub const ENGINE_PREFIX: &str = "nexus_engine_";

/// Name of a variable that an engine of this version exports: a front takes no other.
pub const ENGINE_VERSION: &CStr = {
    let name = concat!("nexus_engine_", env!("CARGO_PKG_VERSION"), "\0");
    match CStr::from_bytes_with_nul(name.as_bytes()) {
        Ok(name) => name,
        Err(_) => panic!(),
    }
};

/// The engine's entry. The calling thread holds the GIL. Returns a `NexusStatus` number, and an error on
/// failure; `NEXUS_ERR_BUSY` without one: the engine serves another front. After a failure it may be called
/// again, from any thread, and does what is left to do.
pub type EngineInit = unsafe extern "C" fn(
    services: *const FrontServices,
    start: *const EngineStart,
    facts: *mut EngineFacts,
    error: *mut *mut NexusError,
) -> u32;

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
