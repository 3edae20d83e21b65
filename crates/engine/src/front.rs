//! What the front does for the engine, and the facts that it gives.
//!
//! In the wheel there is no front, and no host that could call an exported function.

use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use nexus_abi::log::NexusLogLevel;
use nexus_abi::services::{
    ErrorFields, ExceptionFree, FrontServices, START_ON_MAIN_THREAD, START_OWNED, TracebackWriter,
};
use nexus_abi::{NexusError, NexusNames, NexusText};

/// NULL: no front has come yet.
static FRONT: AtomicPtr<FrontServices> = AtomicPtr::new(core::ptr::null_mut());

/// The `START_…` flags with which the front has entered for the first time.
static FLAGS: AtomicU32 = AtomicU32::new(0);

/// Whose front it is that enters.
pub enum Entering {
    /// The engine has had none so far, and serves this one from now on.
    First,
    /// The one that the engine serves.
    Again,
    /// Another one than the engine serves.
    Other,
}

/// Remembers the front, before a host can reach anything else of the engine.
pub fn set(
    front: &'static FrontServices,
    write_traceback: TracebackWriter,
    free: ExceptionFree,
) -> Entering {
    let pointer = core::ptr::from_ref(front).cast_mut();
    let none = core::ptr::null_mut();
    match FRONT.compare_exchange(none, pointer, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => {}
        Err(known) if known == pointer => return Entering::Again,
        Err(_) => return Entering::Other,
    }
    // SAFETY: the front's own function, which takes a function of this type.
    unsafe { (front.set_exception_functions)(write_traceback, free) };
    Entering::First
}

/// Remembers who has started Python, and on which thread: the `START_…` flags.
pub fn set_flags(flags: u32) {
    FLAGS.store(flags, Ordering::Relaxed);
}

/// Forgets the front, for which the engine could not be made ready.
pub fn unset() {
    set_flags(0);
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
    FLAGS.load(Ordering::Relaxed) & START_OWNED != 0
}

/// Whether the engine was opened on the thread that started Python. A start that failed half-way may be
/// finished on another thread.
pub fn opened_on_main_thread() -> bool {
    FLAGS.load(Ordering::Relaxed) & START_ON_MAIN_THREAD != 0
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
