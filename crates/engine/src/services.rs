//! What the front does for the engine: errors, name lists, the log.
//!
//! In the wheel there is no front, and no host that could call an exported function: what is left is the log.

use crate::ffi::{self, Kept};
use crate::python_log;
use core::sync::atomic::{AtomicPtr, Ordering};
use nexus_abi::log::NexusLogLevel;
use nexus_abi::services::{ErrorFields, FrontServices};
use nexus_abi::{Failure, NexusError, NexusNames, NexusStatus, NexusText, Result};
/// NULL: no front has come yet.
static FRONT: AtomicPtr<FrontServices> = AtomicPtr::new(core::ptr::null_mut());

/// Remembers the front, before anything else in here can be reached by a host. False: there is another one.
pub fn set(front: &'static FrontServices) -> bool {
    let pointer = core::ptr::from_ref(front).cast_mut();
    let none = core::ptr::null_mut();
    if FRONT
        .compare_exchange(none, pointer, Ordering::AcqRel, Ordering::Acquire)
        .is_err()
    {
        return false;
    }
    // SAFETY: the front's own function, which takes a function of this type.
    unsafe { (front.set_traceback_writer)(crate::exception::write_traceback) };
    true
}

/// Forgets the front, which did not like the engine.
pub fn unset() {
    FRONT.store(core::ptr::null_mut(), Ordering::Release);
}

#[inline]
fn known_front() -> Option<&'static FrontServices> {
    // SAFETY: NULL, or what lives as long as the process.
    unsafe { FRONT.load(Ordering::Acquire).as_ref() }
}

fn front() -> &'static FrontServices {
    known_front().expect("the front opens the engine before it forwards to it")
}

/// Whether we started the interpreter (else we adopted it).
pub fn owned() -> bool {
    known_front().is_some_and(|front| front.owned != 0)
}

/// Whether the engine was opened on the thread that started Python: a start that failed half-way may be
/// finished on another one.
pub fn opened_on_main_thread() -> bool {
    known_front().is_some_and(|front| front.on_main_thread != 0)
}

/// Makes the error that a host gets.
pub fn publish(failure: &Failure) -> *mut NexusError {
    let mut fields = ErrorFields::of(failure);
    if let Some(exception) = failure
        .raised
        .as_ref()
        .and_then(|raised| raised.downcast_ref::<Kept>())
        && let Some(handle) = exception.publish()
    {
        fields.object = handle;
    }
    // SAFETY: the front's own function; the fields live through the call.
    unsafe { (front().error_new)(&raw const fields) }
}

/// The fields of a host's error, which live as long as it; `None` if it is none.
pub fn look(error: *const NexusError) -> Option<ErrorFields> {
    let mut fields = core::mem::MaybeUninit::uninit();
    // SAFETY: the front's own function, which fills the fields when it returns other than 0.
    unsafe { ((front().error_look)(error, fields.as_mut_ptr()) != 0).then(|| fields.assume_init()) }
}

/// Frees a host's error.
pub fn free_error(error: *mut NexusError) {
    // SAFETY: the front's own function, which takes any bits.
    unsafe { (front().error_free)(error) };
}

/// Runs the body of an exported function that returns a status.
#[inline]
pub fn guard(error: *mut *mut NexusError, body: impl FnOnce() -> Result<()>) -> NexusStatus {
    nexus_abi::ffi::guard(error, publish, body)
}

/// Makes a list of names.
pub fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<*mut NexusNames> {
    let texts: Vec<NexusText> = names
        .into_iter()
        .map(|name| ffi::text(name.as_bytes()))
        .collect();
    // SAFETY: the front's own function; the texts live through the call.
    let list = unsafe { (front().names_new)(texts.as_ptr(), texts.len()) };
    if list.is_null() {
        return Err(no_handle());
    }
    Ok(list)
}

/// The failure for a full table.
pub fn no_handle() -> Box<Failure> {
    Failure::new(
        NexusStatus::NEXUS_ERR_NO_MEMORY,
        format!(
            "{} handles of one kind are alive; free some",
            nexus_abi::handle::MAX_HANDLES
        ),
    )
}

/// Writes a log line, which is made only if it will be seen.
pub fn log(level: NexusLogLevel, text: impl FnOnce() -> String) {
    let Some(front) = known_front() else {
        python_log::write(level, text);
        return;
    };
    // SAFETY: the front's own functions; the text lives through the call.
    unsafe {
        if (front.log_enabled)(level as u32) != 0 {
            (front.log)(level as u32, ffi::text(text().as_bytes()));
        }
    }
}

/// The libpython, or the executable that has the interpreter.
pub fn library() -> std::path::PathBuf {
    let Some(front) = known_front() else {
        return ffi::python_library();
    };
    // SAFETY: a NUL-terminated path that lives as long as the process.
    unsafe { nexus_abi::ffi::path_in("library", front.library) }
        .map(Into::into)
        .unwrap_or_default()
}
