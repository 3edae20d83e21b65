//! The functions of a libpython that starting it needs, found by name: this library mentions no
//! Python symbol. What is done inside a Python that runs, the engine does.

use crate::ffi::function;
use crate::platform::{self, Library};
use core::ffi::{CStr, c_char, c_int, c_void};

/// A Python object, or a thread state.
type Raw = *mut c_void;

macro_rules! functions {
    ($($name:ident: fn($($arg:ty),*) $(-> $ret:ty)?;)*) => {
        #[allow(non_snake_case)]
        #[derive(Clone, Copy)]
        struct Functions { $($name: unsafe extern "C" fn($($arg),*) $(-> $ret)?,)* }

        impl Functions {
            fn load(library: Library) -> Result<Self, String> {
                Ok(Self { $($name: {
                    const NAME: &CStr = match CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                        Ok(name) => name,
                        Err(_) => panic!(),
                    };
                    let address = platform::symbol(library, NAME).ok_or(concat!("it has no ", stringify!($name)))?;
                    // SAFETY: the signature is that of CPython's documentation, the same since 3.11.
                    unsafe { function(address) }
                },)* })
            }
        }
    };
}

functions! {
    Py_IsInitialized: fn() -> c_int;
    Py_GetVersion: fn() -> *const c_char;
    PyGILState_Ensure: fn() -> c_int;
    PyGILState_Release: fn(c_int);
    PyGILState_GetThisThreadState: fn() -> Raw;
    PyEval_SaveThread: fn() -> Raw;
    PyEval_RestoreThread: fn(Raw);
    PyErr_Fetch: fn(*mut Raw, *mut Raw, *mut Raw);
    PyErr_NormalizeException: fn(*mut Raw, *mut Raw, *mut Raw);
    PyObject_Repr: fn(Raw) -> Raw;
    PyUnicode_AsUTF8AndSize: fn(Raw, *mut isize) -> *const c_char;
}

/// A libpython's functions.
#[derive(Clone, Copy)]
pub struct Api {
    functions: Functions,
    // `PyThreadState_GetUnchecked` since 3.13, with an underscore and another name before.
    current_thread_state: Option<unsafe extern "C" fn() -> Raw>,
    // Until 3.11 the current thread state is the process's; since then each thread has its own.
    current_is_own: bool,
    // `Py_IsFinalizing` since 3.13, with an underscore before.
    is_finalizing: Option<unsafe extern "C" fn() -> c_int>,
}

impl Api {
    /// Finds the functions. The error names one that is missing.
    pub fn load(library: Library) -> Result<Self, String> {
        let either = |names: [&CStr; 2]| {
            names
                .into_iter()
                .find_map(|name| platform::symbol(library, name))
        };
        let current = either([
            c"PyThreadState_GetUnchecked",
            c"_PyThreadState_UncheckedGet",
        ]);
        let finalizing = either([c"Py_IsFinalizing", c"_Py_IsFinalizing"]);
        let mut api = Self {
            functions: Functions::load(library)?,
            // SAFETY: both names of each have that signature.
            current_thread_state: current.map(|address| unsafe { function(address) }),
            current_is_own: false,
            // SAFETY: likewise.
            is_finalizing: finalizing.map(|address| unsafe { function(address) }),
        };
        let (_, minor, _) = super::release::version_numbers(&api.version_text());
        api.current_is_own = minor >= 12;
        Ok(api)
    }

    /// Whether Python runs.
    pub fn is_initialized(&self) -> bool {
        // SAFETY: may be called at any time, from any thread.
        unsafe { (self.functions.Py_IsInitialized)() != 0 }
    }

    /// Whether Python is being ended. Waiting for the GIL would then end or block this thread.
    pub fn is_finalizing(&self) -> bool {
        // SAFETY: may be called at any time, from any thread.
        self.is_finalizing
            .is_some_and(|is_finalizing| unsafe { is_finalizing() != 0 })
    }

    /// `sys.version`. Works before Python runs.
    pub fn version_text(&self) -> String {
        // SAFETY: may be called at any time; the string is static.
        unsafe { CStr::from_ptr((self.functions.Py_GetVersion)()) }
            .to_string_lossy()
            .into_owned()
    }

    /// Whether this thread holds the GIL. (`PyGILState_Check` also says yes when it has no way to know.)
    pub fn holds_gil(&self) -> bool {
        let Some(current) = self.current_thread_state else {
            return false;
        };
        // SAFETY: may be called at any time while Python runs; both only read.
        unsafe {
            let current = current();
            !current.is_null()
                && (self.current_is_own
                    || current == (self.functions.PyGILState_GetThisThreadState)())
        }
    }

    /// Whether there is a current thread state: a start has got so far that it cannot be repeated.
    pub fn has_thread_state(&self) -> bool {
        // SAFETY: only reads.
        self.current_thread_state
            .is_some_and(|current| unsafe { !current().is_null() })
    }

    /// The GIL for as long as the guard lives, whether this thread holds it already or not. Python runs.
    pub fn attach(&self) -> Gil<'_> {
        let release = if self.holds_gil() {
            Release::Nothing
        } else {
            // SAFETY: Python runs, and the guard stays on this thread.
            Release::State(unsafe { (self.functions.PyGILState_Ensure)() })
        };
        Gil { api: self, release }
    }

    /// The GIL that this thread holds since it has started Python; it is free when the guard is dropped.
    pub fn after_start(&self) -> Gil<'_> {
        Gil {
            api: self,
            release: Release::Save,
        }
    }

    /// Gives the GIL up until the guard is dropped. This thread holds it.
    pub fn detach(&self) -> Detached {
        // SAFETY: this thread holds the GIL.
        let state = unsafe { (self.functions.PyEval_SaveThread)() };
        Detached { api: *self, state }
    }
}

/// This thread has given up the GIL, and takes it back at the end.
pub struct Detached {
    api: Api,
    state: Raw,
}

impl Drop for Detached {
    fn drop(&mut self) {
        // SAFETY: the state of this very thread.
        unsafe { (self.api.functions.PyEval_RestoreThread)(self.state) };
    }
}

enum Release {
    Nothing,
    State(c_int),
    Save,
}

/// This thread holds the GIL.
pub struct Gil<'a> {
    api: &'a Api,
    release: Release,
}

impl Drop for Gil<'_> {
    fn drop(&mut self) {
        let functions = &self.api.functions;
        // SAFETY: each undoes what made the guard, on the same thread.
        unsafe {
            match self.release {
                Release::Nothing => {}
                Release::State(state) => (functions.PyGILState_Release)(state),
                Release::Save => drop((functions.PyEval_SaveThread)()),
            }
        }
    }
}

impl Gil<'_> {
    /// The exception with which a start has failed, as `repr()` shows it; it is not pending any more. The
    /// references are never given up: this Python is of no more use.
    pub fn take_exception(&self) -> Option<String> {
        let functions = &self.api.functions;
        let mut parts: [Raw; 3] = [core::ptr::null_mut(); 3];
        let [kind, value, traceback] = &mut parts;
        // SAFETY: the GIL is held; fetching gives references or NULL, which normalizing makes an exception of.
        // The text belongs to the new string, and has that size.
        unsafe {
            (functions.PyErr_Fetch)(kind, value, traceback);
            (functions.PyErr_NormalizeException)(kind, value, traceback);
            if value.is_null() {
                return None;
            }
            let shown = (functions.PyObject_Repr)(*value);
            if shown.is_null() {
                return None;
            }
            let mut size = 0;
            let text = (functions.PyUnicode_AsUTF8AndSize)(shown, &raw mut size);
            if text.is_null() {
                return None;
            }
            let text = core::slice::from_raw_parts(text.cast::<u8>(), usize::try_from(size).ok()?);
            Some(String::from_utf8_lossy(text).into_owned())
        }
    }
}
