//! Errors: owned objects with everything that is known about a failure.

use crate::ffi;
use core::ffi::c_char;
use nexus_abi::ffi::guard_or;
use nexus_abi::handle::Kind;
use nexus_abi::services::ErrorFields;
use nexus_abi::table::Table;
use nexus_abi::text::c_string;
use nexus_abi::{Failure, NexusError, NexusObject, NexusStatus, NexusText, RawStatus};
use std::ffi::{CStr, CString};
use std::sync::{Arc, OnceLock};

/// What a `NexusError` stands for: the failure with its texts ready for C.
pub struct Error {
    status: NexusStatus,
    detail: u32,
    message: CString,
    module: CString,
    path: CString,
    exception: CString,
    /// Written when it is asked for, since few ask and it costs more than all else about an error.
    traceback: OnceLock<CString>,
    linker: CString,
    object: usize,
}

static ERRORS: Table<Error> = Table::new(Kind::Error);

const NO_TEXT: NexusText = NexusText {
    data: core::ptr::null(),
    size: 0,
};

/// Makes the handle that a host gets; NULL only when the table is full.
pub fn publish(failure: &Failure) -> *mut NexusError {
    let text = |text: &str| c_string(text);
    let error = Error {
        status: failure.status,
        detail: failure.detail,
        message: text(&failure.message),
        module: text(&failure.module),
        path: c_string(failure.path.clone()),
        exception: text(&failure.exception),
        traceback: OnceLock::new(),
        linker: text(&failure.linker),
        object: failure.object,
    };
    if error.object == 0 || !failure.traceback.is_empty() {
        let _ = error.traceback.set(text(&failure.traceback));
    }
    ERRORS
        .insert(Arc::new(error))
        .map_or(core::ptr::null_mut(), |bits| bits as *mut NexusError)
}

/// Takes an error back that was made in here, as the failure that it came from.
pub fn take(error: *mut NexusError) -> Option<Box<Failure>> {
    let error = ERRORS.remove(error as u64)?;
    let text = |text: &CString| text.to_string_lossy().into_owned();
    Some(Box::new(Failure {
        status: error.status,
        detail: error.detail,
        message: text(&error.message),
        module: text(&error.module),
        path: error.path.as_bytes().to_vec(),
        exception: text(&error.exception),
        traceback: error.traceback.get().map(text).unwrap_or_default(),
        linker: text(&error.linker),
        object: error.object,
        raised: None,
    }))
}

/// The fields of an error: borrowed, valid until it is freed.
pub fn look(error: *const NexusError) -> Option<ErrorFields> {
    let text = |text: &CString| NexusText {
        data: text.as_ptr(),
        size: text.as_bytes().len(),
    };
    ERRORS.with(error as u64, |error| ErrorFields {
        status: error.status as u32,
        detail: error.detail,
        texts: [
            text(&error.message),
            text(&error.module),
            text(&error.path),
            text(&error.exception),
            error.traceback.get().map_or(NO_TEXT, text),
            text(&error.linker),
        ],
        object: error.object as *mut NexusObject,
    })
}

/// Makes an error, for a function of the host that Python calls (`nexus_function_new`).
///
/// `status`: any but `NEXUS_OK`. It decides which Python exception is raised: `NEXUS_ERR_TYPE` TypeError,
/// `NEXUS_ERR_INVALID_ARGUMENT` ValueError, `NEXUS_ERR_OVERFLOW` OverflowError, `NEXUS_ERR_NOT_FOUND`
/// LookupError, `NEXUS_ERR_IO` OSError, `NEXUS_ERR_TIMEOUT` TimeoutError, `NEXUS_ERR_NO_MEMORY`
/// MemoryError, `NEXUS_ERR_NOT_SUPPORTED` NotImplementedError, `NEXUS_ERR_END` StopIteration, all others
/// RuntimeError. For any other exception see `nexus_error_raise`. `message`: UTF-8; NULL: the status's text.
/// `error`: receives the error, which you free or hand on; NULL: no error is made.
///
/// Returns `status`, so that the host's function can return it at once; `NEXUS_ERR_INVALID_ARGUMENT`, with
/// an error that says so, when `status` is no status, or `message` is not UTF-8.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_new(
    status: RawStatus,
    message: *const c_char,
    error: *mut *mut NexusError,
) -> NexusStatus {
    nexus_abi::ffi::guard(error, publish, |inputs| {
        let known = NexusStatus::from_number(status)
            .filter(|status| *status != NexusStatus::NEXUS_OK)
            .ok_or_else(|| {
                Failure::invalid(format!("argument 'status' is {status}: no NEXUS_ERR_…"))
            })?;
        let message = match inputs.optional_text("message", message)? {
            Some(message) => message.to_owned(),
            None => nexus_abi::status_text(status)
                .to_string_lossy()
                .into_owned(),
        };
        Err(Failure::new(known, message))
    })
}

// The text lives in the table's own entry, so the pointer stays valid until the handle is freed.
fn text_of(error: *const NexusError, pick: impl Fn(&Error) -> &CString) -> Option<*const c_char> {
    ERRORS.with(error as u64, |error| pick(error).as_ptr())
}

fn text_or_empty(error: *const NexusError, pick: impl Fn(&Error) -> &CString) -> *const c_char {
    guard_or(c"".as_ptr(), || {
        text_of(error, pick).unwrap_or(c"".as_ptr())
    })
}

/// Gives the status of an error: what the function that made it has returned.
///
/// Returns the status; `NEXUS_ERR_BAD_HANDLE` for NULL or a freed error.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_status(error: *const NexusError) -> NexusStatus {
    guard_or(NexusStatus::NEXUS_ERR_PANIC, || {
        ERRORS
            .with(error as u64, |error| error.status)
            .unwrap_or(NexusStatus::NEXUS_ERR_BAD_HANDLE)
    })
}

/// Gives the detail code of an error.
///
/// Returns a `NexusDetail`, or a newer number; 0: none, and for NULL or a freed error.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_detail(error: *const NexusError) -> u32 {
    guard_or(0, || {
        ERRORS.with(error as u64, |error| error.detail).unwrap_or(0)
    })
}

/// Tells people what was wrong, with what, and what to do about it.
///
/// Returns UTF-8, valid until the error is freed; never NULL, also for NULL or a freed error.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_message(error: *const NexusError) -> *const c_char {
    guard_or(c"".as_ptr(), || {
        text_of(error, |error| &error.message).unwrap_or(if error.is_null() {
            c"no error".as_ptr()
        } else {
            c"no living NexusError: it was freed, is of another type, or was never given out"
                .as_ptr()
        })
    })
}

/// Names the module that the error is about.
///
/// Returns its name, UTF-8, valid until the error is freed; `""` when there is none.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_module(error: *const NexusError) -> *const c_char {
    text_or_empty(error, |error| &error.module)
}

/// Names the file or directory that the error is about.
///
/// Returns its path in the platform's bytes, valid until the error is freed; `""` when there is none.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_path(error: *const NexusError) -> *const c_char {
    text_or_empty(error, |error| &error.path)
}

/// Names the type of the Python exception that was raised.
///
/// Returns the type with its module, such as `"builtins.ValueError"`, valid until the error is freed; `""`
/// when no exception was raised.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_exception(error: *const NexusError) -> *const c_char {
    text_or_empty(error, |error| &error.exception)
}

/// Gives the traceback as Python prints it, with the chained causes.
///
/// Returns UTF-8, valid until the error is freed; `""` when no exception was raised.
///
/// The first call for an error may wait for the GIL and run Python code, which writes the traceback. Further
/// calls need no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_traceback(error: *const NexusError) -> *const c_char {
    guard_or(c"".as_ptr(), || {
        ERRORS
            .get(error as u64)
            .map_or(c"".as_ptr(), |error| traceback(&error).as_ptr())
    })
}

// Not within `get_or_init`: who holds the GIL must not wait there for another thread that waits for the GIL.
fn traceback(error: &Error) -> &CStr {
    if error.traceback.get().is_none() {
        let text = ffi::traceback(error.object).unwrap_or_else(|| {
            // Python is gone, or this is a forked child.
            let text = |text: &CString| text.to_string_lossy().into_owned();
            format!("{}: {}\n", text(&error.exception), text(&error.message))
        });
        let _ = error.traceback.set(c_string(text));
    }
    error.traceback.get().map_or(c"", CString::as_c_str)
}

/// Gives what the dynamic linker said (`dlerror`).
///
/// Returns its text, valid until the error is freed; `""` when the linker did not fail.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_linker(error: *const NexusError) -> *const c_char {
    text_or_empty(error, |error| &error.linker)
}

/// Frees an error and the strings that came from it. For NULL or a freed error it does nothing.
///
/// Waits for the GIL when the error holds a Python exception.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_error_free(error: *mut NexusError) {
    guard_or((), || {
        if let Some(error) = ERRORS.remove(error as u64) {
            ffi::free_object(error.object);
        }
    });
}
