//! Which thread is the main thread, to Python 3.11 and 3.12: the one that first imports `threading`. Importing it
//! when Python starts, on the thread that starts it, would take half as long as the start. So its import is
//! waited for, and the main thread put right then: by a finder at the head of `sys.meta_path` that goes away.

use super::api::{Api, Gil, Namespace, Raw};
use super::object::{Definition, Object, Outcome};
use std::sync::OnceLock;

static API: OnceLock<Api> = OnceLock::new();

static FIND_SPEC: Definition = Definition::new(c"find_spec", find_spec);

/// Makes the calling thread, which has started Python, its main thread.
pub fn set<'g>(gil: &'g Gil<'_>) -> Outcome<'g, ()> {
    let Some(meta_path) = gil.sys(c"meta_path") else {
        return Ok(());
    };
    let _ = API.set(*gil.api());
    let namespace = gil.namespace()?;
    let thread = gil.import(c"_thread")?;
    for (name, function) in [(c"ident", c"get_ident"), (c"native_id", c"get_native_id")] {
        gil.set(namespace, name, &thread.attr(function)?.call(&[], &[])?)?;
    }
    // `c_long` has 32 bits on Windows, where the numbers are multiples of four that are used again.
    let process = gil.new_integer(std::process::id() as core::ffi::c_long)?;
    gil.set(namespace, c"process", &process)?;
    // An object that has just the attributes that it is made with: a `types.SimpleNamespace`.
    let Some(simple) = gil.sys(c"implementation") else {
        return Ok(());
    };
    let function = gil.new_function(&FIND_SPEC, namespace)?;
    let finder = simple
        .attr(c"__class__")?
        .call(&[], &[(c"find_spec", &function)])?;
    gil.set(namespace, c"finder", &finder)?;
    meta_path.insert_first(&finder)
}

/// Python looks for a module: its name, path and target.
unsafe extern "C" fn find_spec(namespace: Raw, arguments: Raw) -> Raw {
    nexus_abi::ffi::guard_or(core::ptr::null_mut(), || {
        let Some(api) = API.get() else {
            return core::ptr::null_mut();
        };
        let gil = api.held();
        // SAFETY: Python calls it with the GIL held, what it was made with, and a tuple.
        let found = unsafe { find(&gil, namespace, arguments) };
        match found {
            Ok(found) => found.into_raw(),
            Err(exception) => {
                exception.raise();
                core::ptr::null_mut()
            }
        }
    })
}

/// # Safety
/// The namespace of [`set`] and a tuple.
unsafe fn find<'g>(gil: &'g Gil<'_>, namespace: Raw, arguments: Raw) -> Outcome<'g, Object<'g>> {
    // SAFETY: handed on to the caller.
    if !unsafe { gil.first_is(arguments, c"threading") } {
        return Ok(gil.none());
    }
    let namespace = Namespace::from_raw(namespace);
    let code = include_str!("main_thread.py");
    gil.run(namespace, code, c"<nexus_loader main thread>")?;
    match gil.get(namespace, c"find_threading") {
        // SAFETY: handed on to the caller.
        Some(find_threading) => unsafe {
            find_threading.call_tuple(arguments, core::ptr::null_mut())
        },
        None => Ok(gil.none()),
    }
}
