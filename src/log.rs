//! The log: lines for the host's callback, or for stderr, never for stdout.

use core::ffi::{c_char, c_void};
use nexus_abi::ffi::guard_or;
use nexus_abi::log::NexusLogLevel::{self, *};
use nexus_abi::text::c_string;
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

/// A function of the host that receives a line of the log.
///
/// `level`: a `NexusLogLevel`. `text`: UTF-8, NUL-terminated, without a line end, valid during the call.
/// `user_data`: what the host gave to `nexus_log_set`.
///
/// It is called on any thread, sometimes with the GIL held: it must not wait for another thread that calls
/// functions of this library.
pub type NexusLogCallback =
    Option<unsafe extern "C" fn(level: u32, text: *const c_char, user_data: *mut c_void)>;

#[derive(Clone, Copy)]
struct Sink {
    callback: NexusLogCallback,
    user_data: usize,
}

static SINK: RwLock<Sink> = RwLock::new(Sink {
    callback: None,
    user_data: 0,
});
const UNSET: u32 = u32::MAX;
static LEVEL: AtomicU32 = AtomicU32::new(UNSET);

/// Says where the log goes, and how much of it. Until you call this, the log goes to stderr, and the
/// environment variable `NEXUS_LOG` (`error`, `warning`, `info`, `debug` or `off`) sets its level; without
/// the variable, that is `warning`.
///
/// `callback`: receives each line; NULL: stderr. `user_data`: is handed to the callback; it must stay valid
/// until you have set another callback and the calls under way have ended. `level`: the lightest
/// `NexusLogLevel` that is logged, or 0 for silence; a larger number means `NEXUS_LOG_DEBUG`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_log_set(callback: NexusLogCallback, user_data: *mut c_void, level: u32) {
    guard_or((), || {
        *SINK.write().unwrap_or_else(PoisonError::into_inner) = Sink {
            callback,
            user_data: user_data as usize,
        };
        LEVEL.store(level.min(NEXUS_LOG_DEBUG as u32), Ordering::Relaxed);
    });
}

fn level() -> u32 {
    match LEVEL.load(Ordering::Relaxed) {
        UNSET => {
            static FROM_ENVIRONMENT: OnceLock<u32> = OnceLock::new();
            *FROM_ENVIRONMENT.get_or_init(|| match std::env::var("NEXUS_LOG").as_deref() {
                Ok("off" | "none" | "0") => 0,
                Ok("error") => NEXUS_LOG_ERROR as u32,
                Ok("info") => NEXUS_LOG_INFO as u32,
                Ok("debug" | "trace") => NEXUS_LOG_DEBUG as u32,
                _ => NEXUS_LOG_WARNING as u32,
            })
        }
        level => level,
    }
}

/// Whether a line of that level would be seen: ask before making an expensive one.
pub fn enabled(line_level: u32) -> bool {
    line_level <= level()
}

/// Writes one line.
pub fn write(line_level: u32, text: &str) {
    if !enabled(line_level) {
        return;
    }
    let sink = *SINK.read().unwrap_or_else(PoisonError::into_inner);
    match sink.callback {
        Some(callback) => {
            let text = c_string(text);
            // SAFETY: the host gave the callback and its data for exactly this; the text lives
            // through the call, and no lock is held, so the callback may set another callback.
            unsafe { callback(line_level, text.as_ptr(), sink.user_data as *mut c_void) }
        }
        None => {
            let name = match line_level {
                1 => "error",
                2 => "warning",
                3 => "info",
                _ => "debug",
            };
            // A host without stderr is no reason to fail.
            let _ = writeln!(std::io::stderr().lock(), "nexus_loader: {name}: {text}");
        }
    }
}

/// Writes one line if its level is seen; the text is made only then.
pub fn line(level: NexusLogLevel, text: impl FnOnce() -> String) {
    if enabled(level as u32) {
        write(level as u32, &text());
    }
}
