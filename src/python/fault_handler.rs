//! `faulthandler.enable()` takes the signals of crashes: SIGSEGV and others. Once it has, a nil pointer in Go ends
//! the program instead of being a panic, and so it is with null in Java and C#; pytest, and many a program's first
//! lines, call it. So a host that handles such a signal keeps it. The module's other functions, such as
//! `dump_traceback`, are left alone, and where the host has no handler, `enable` does all that it does.

use super::api::{Api, Gil, Namespace, Raw};
use super::object::{Definition, Object, Outcome};
use nexus_abi::host_state::FatalSignals;
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_INFO;
use std::sync::OnceLock;

static API: OnceLock<Api> = OnceLock::new();

static ENABLE: Definition = Definition::with_keywords(c"enable", enable);

/// Puts a function in the place of `faulthandler.enable`.
pub fn keep_host_signals(gil: &Gil<'_>) {
    // A Python that was built without the module needs none of this.
    if wrap(gil).is_ok() {
        let _ = API.set(*gil.api());
    }
}

fn wrap<'g>(gil: &'g Gil<'_>) -> Outcome<'g, ()> {
    let module = gil.import(c"faulthandler")?;
    let namespace = gil.namespace()?;
    gil.set(namespace, c"enable", &module.attr(c"enable")?)?;
    module.set_attr(c"enable", &gil.new_function(&ENABLE, namespace)?)
}

unsafe extern "C" fn enable(namespace: Raw, arguments: Raw, keywords: Raw) -> Raw {
    nexus_abi::ffi::guard_or(core::ptr::null_mut(), || {
        let Some(api) = API.get() else {
            return core::ptr::null_mut();
        };
        let gil = api.held();
        let host = FatalSignals::save();
        // SAFETY: Python calls it with the GIL held, what it was made with, a tuple, and a dict or NULL.
        let outcome = unsafe { original(&gil, namespace, arguments, keywords) };
        let kept = host.put_back();
        if !kept.is_empty() {
            crate::log::line(NEXUS_LOG_INFO, || {
                format!(
                    "faulthandler.enable(): the host handles {} and keeps doing so",
                    kept.join(", ")
                )
            });
        }
        match outcome {
            Ok(none) => none.into_raw(),
            Err(exception) => {
                exception.raise();
                core::ptr::null_mut()
            }
        }
    })
}

/// # Safety
/// The namespace of [`wrap`], a tuple, and a dict or NULL.
unsafe fn original<'g>(
    gil: &'g Gil<'_>,
    namespace: Raw,
    arguments: Raw,
    keywords: Raw,
) -> Outcome<'g, Object<'g>> {
    match gil.get(Namespace::from_raw(namespace), c"enable") {
        // SAFETY: handed on to the caller.
        Some(enable) => unsafe { enable.call_tuple(arguments, keywords) },
        None => Ok(gil.none()),
    }
}
