//! What the front does for the engine, and the facts that it gives.
//!
//! In the wheel there is no front, and no host that could call an exported function.

use core::sync::atomic::{AtomicPtr, Ordering};
use nexus_abi::ffi::Inputs;
use nexus_abi::log::NexusLogLevel;
use nexus_abi::services::{ErrorFields, FrontServices, TracebackWriter};
use nexus_abi::{NexusError, NexusNames, NexusText};
use std::path::PathBuf;

/// NULL: no front has come yet.
static FRONT: AtomicPtr<FrontServices> = AtomicPtr::new(core::ptr::null_mut());

/// Remembers the front, before a host can reach anything else of the engine. False: there is another one.
pub fn set(front: &'static FrontServices, write_traceback: TracebackWriter) -> bool {
    let pointer = core::ptr::from_ref(front).cast_mut();
    let none = core::ptr::null_mut();
    if FRONT
        .compare_exchange(none, pointer, Ordering::AcqRel, Ordering::Acquire)
        .is_err()
    {
        return false;
    }
    // SAFETY: the front's own function, which takes a function of this type.
    unsafe { (front.set_traceback_writer)(write_traceback) };
    true
}

/// Forgets the front, which has refused the engine.
pub fn unset() {
    FRONT.store(core::ptr::null_mut(), Ordering::Release);
}

#[inline]
fn known() -> Option<&'static FrontServices> {
    // SAFETY: NULL, or what lives as long as the process.
    unsafe { FRONT.load(Ordering::Acquire).as_ref() }
}

fn front() -> &'static FrontServices {
    known().expect("the front opens the engine before it forwards to it")
}

/// Whether we started the interpreter (else we adopted it).
pub fn owned() -> bool {
    known().is_some_and(|front| front.owned != 0)
}

/// Whether the engine was opened on the thread that started Python. A start that failed half-way may be
/// finished on another thread.
pub fn opened_on_main_thread() -> bool {
    known().is_some_and(|front| front.on_main_thread != 0)
}

/// The libpython, or the executable that has the interpreter; `None` without a front.
pub fn library() -> Option<PathBuf> {
    // SAFETY: a NUL-terminated path that lives as long as the process.
    let inputs = unsafe { Inputs::assume() };
    let path = inputs.path("library", known()?.library);
    Some(path.map(Into::into).unwrap_or_default())
}

/// Makes the error that a host gets; takes over the handle in `fields`.
pub fn new_error(fields: &ErrorFields) -> *mut NexusError {
    // SAFETY: the front's own function, which copies the fields.
    unsafe { (front().error_new)(fields) }
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

/// Makes a list of names; NULL when no handle is free.
pub fn new_names(texts: &[NexusText]) -> *mut NexusNames {
    // SAFETY: the front's own function, which copies the texts.
    unsafe { (front().names_new)(texts.as_ptr(), texts.len()) }
}

/// Whether the host would see a line of that level; `None` without a front.
pub fn log_enabled(level: NexusLogLevel) -> Option<bool> {
    // SAFETY: the front's own function, which may be called from any thread.
    Some(unsafe { (known()?.log_enabled)(level as u32) } != 0)
}

/// Writes a line to the host's log.
pub fn log(level: NexusLogLevel, text: &str) {
    // SAFETY: the front's own function, which may be called from any thread; the text lives through the call.
    unsafe { (front().log)(level as u32, NexusText::of(text.as_bytes())) };
}

/// A text of the front's, with what is not UTF-8 replaced.
pub fn lossy(text: &NexusText) -> String {
    if text.data.is_null() {
        return String::new();
    }
    // SAFETY: the front fills its texts from strings that outlive the call.
    let bytes = unsafe { core::slice::from_raw_parts(text.data.cast::<u8>(), text.size) };
    String::from_utf8_lossy(bytes).into_owned()
}
