//! The functions of a libpython that starting it needs, found by name: this library mentions no
//! Python symbol.
//!
//! What needs the GIL is a method of [`Gil`], the proof that this thread holds it.

use super::object::{Object, Outcome};
use crate::ffi::function;
use crate::platform::{self, Library};
use core::ffi::{CStr, c_char, c_int, c_long, c_void};
use nexus_abi::text::c_string;
use std::ffi::OsString;

/// A Python object, or a thread state.
pub type Raw = *mut c_void;

macro_rules! functions {
    ($($name:ident: fn($($arg:ty),*) $(-> $ret:ty)?;)*) => {
        #[allow(non_snake_case)]
        #[derive(Clone, Copy)]
        pub struct Functions { $(pub $name: unsafe extern "C" fn($($arg),*) $(-> $ret)?,)* }

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
    PyEval_GetBuiltins: fn() -> Raw;
    PyEval_EvalCode: fn(Raw, Raw, Raw) -> Raw;
    Py_CompileString: fn(*const c_char, *const c_char, c_int) -> Raw;
    PyImport_ImportModule: fn(*const c_char) -> Raw;
    PyCFunction_NewEx: fn(Raw, Raw, Raw) -> Raw;
    PySys_GetObject: fn(*const c_char) -> Raw;
    PySys_SetObject: fn(*const c_char, Raw) -> c_int;
    PyDict_New: fn() -> Raw;
    PyDict_GetItemString: fn(Raw, *const c_char) -> Raw;
    PyDict_SetItemString: fn(Raw, *const c_char, Raw) -> c_int;
    PyList_New: fn(isize) -> Raw;
    PyList_Append: fn(Raw, Raw) -> c_int;
    PyList_Insert: fn(Raw, isize, Raw) -> c_int;
    PyList_SetSlice: fn(Raw, isize, isize, Raw) -> c_int;
    PyTuple_New: fn(isize) -> Raw;
    PyTuple_GetItem: fn(Raw, isize) -> Raw;
    PyTuple_SetItem: fn(Raw, isize, Raw) -> c_int;
    PySequence_Index: fn(Raw, Raw) -> isize;
    PyLong_FromLong: fn(c_long) -> Raw;
    PyUnicode_DecodeFSDefaultAndSize: fn(*const c_char, isize) -> Raw;
    PyUnicode_EncodeFSDefault: fn(Raw) -> Raw;
    PyBytes_AsString: fn(Raw) -> *const c_char;
    PyBytes_Size: fn(Raw) -> isize;
    PyUnicode_CompareWithASCIIString: fn(Raw, *const c_char) -> c_int;
    PyObject_Str: fn(Raw) -> Raw;
    PyObject_GetAttrString: fn(Raw, *const c_char) -> Raw;
    PyObject_SetAttrString: fn(Raw, *const c_char, Raw) -> c_int;
    PyObject_Call: fn(Raw, Raw, Raw) -> Raw;
    PyObject_IsTrue: fn(Raw) -> c_int;
    PyErr_Fetch: fn(*mut Raw, *mut Raw, *mut Raw);
    PyErr_Restore: fn(Raw, Raw, Raw);
    PyErr_NormalizeException: fn(*mut Raw, *mut Raw, *mut Raw);
    PyException_SetTraceback: fn(Raw, Raw) -> c_int;
    PyErr_Clear: fn();
    PyErr_GivenExceptionMatches: fn(Raw, Raw) -> c_int;
    PyStructSequence_SetItem: fn(Raw, isize, Raw);
    Py_IncRef: fn(Raw);
    Py_DecRef: fn(Raw);
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
        let (_, minor, _) = super::interpreter::version_numbers(&api.version_text());
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
        if self.holds_gil() {
            let mut pending = [core::ptr::null_mut(); 3];
            let [kind, value, traceback] = &mut pending;
            // SAFETY: the GIL is held. What the host has pending is put back when the guard is dropped.
            unsafe { (self.functions.PyErr_Fetch)(kind, value, traceback) };
            return Gil {
                api: self,
                release: Release::Nothing { pending },
            };
        }
        // SAFETY: Python runs, and the guard stays on this thread.
        let state = unsafe { (self.functions.PyGILState_Ensure)() };
        Gil {
            api: self,
            release: Release::State(state),
        }
    }

    /// The GIL that this thread holds since it has started Python; it is free when the guard is dropped.
    pub fn after_start(&self) -> Gil<'_> {
        Gil {
            api: self,
            release: Release::Save,
        }
    }

    /// The GIL that this thread holds, before and after the guard lives.
    pub fn held(&self) -> Gil<'_> {
        Gil {
            api: self,
            release: Release::Never,
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
    /// The thread held the GIL before, with this exception pending, or none.
    Nothing {
        pending: [Raw; 3],
    },
    State(c_int),
    Save,
    Never,
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
                Release::Nothing {
                    pending: [kind, value, traceback],
                } => (functions.PyErr_Restore)(kind, value, traceback),
                Release::State(state) => (functions.PyGILState_Release)(state),
                Release::Save => drop((functions.PyEval_SaveThread)()),
                Release::Never => {}
            }
        }
    }
}

/// A namespace in which code runs. It is never freed: it lives as long as the interpreter.
#[derive(Clone, Copy)]
pub struct Namespace(Raw);

impl Namespace {
    /// Of what `as_raw` gave.
    pub fn from_raw(raw: Raw) -> Self {
        Self(raw)
    }

    /// A dictionary.
    pub fn as_raw(self) -> Raw {
        self.0
    }
}

impl Gil<'_> {
    /// The libpython.
    pub fn api(&self) -> &Api {
        self.api
    }

    /// Its functions.
    pub fn functions(&self) -> &Functions {
        &self.api.functions
    }

    /// An empty namespace with the builtins in it.
    pub fn namespace(&self) -> Outcome<'_, Namespace> {
        let functions = self.functions();
        // SAFETY: the GIL is held; the builtins are borrowed.
        unsafe {
            let dict = self.owned((functions.PyDict_New)())?;
            let builtins = (functions.PyEval_GetBuiltins)();
            let name = c"__builtins__".as_ptr();
            self.done((functions.PyDict_SetItemString)(
                dict.as_raw(),
                name,
                builtins,
            ))?;
            Ok(Namespace(dict.into_raw()))
        }
    }

    /// Sets a variable.
    pub fn set(&self, namespace: Namespace, name: &CStr, value: &Object<'_>) -> Outcome<'_, ()> {
        let functions = self.functions();
        // SAFETY: the GIL is held; a dictionary of ours, a NUL-terminated name and a living object.
        self.done(unsafe {
            (functions.PyDict_SetItemString)(namespace.0, name.as_ptr(), value.as_raw())
        })
    }

    /// A variable, if it is set.
    pub fn get(&self, namespace: Namespace, name: &CStr) -> Option<Object<'_>> {
        // SAFETY: the GIL is held; the reference is borrowed from the dictionary.
        let found = unsafe { (self.functions().PyDict_GetItemString)(namespace.0, name.as_ptr()) };
        (!found.is_null()).then(|| self.borrowed(found))
    }

    /// Runs code; `file` is its name in tracebacks.
    pub fn run(&self, namespace: Namespace, code: &str, file: &CStr) -> Outcome<'_, ()> {
        const FILE_INPUT: c_int = 257;
        let functions = self.functions();
        let code = c_string(code);
        // SAFETY: the GIL is held; NUL-terminated strings, a dictionary of ours, new objects.
        unsafe {
            let code = self.owned((functions.Py_CompileString)(
                code.as_ptr(),
                file.as_ptr(),
                FILE_INPUT,
            ))?;
            let result = (functions.PyEval_EvalCode)(code.as_raw(), namespace.0, namespace.0);
            self.owned(result).map(drop)
        }
    }

    /// Whether the first of some arguments is this text.
    ///
    /// # Safety
    /// `arguments` is a tuple.
    pub unsafe fn first_is(&self, arguments: Raw, text: &CStr) -> bool {
        let functions = self.functions();
        // SAFETY: the GIL is held; the reference is borrowed from the tuple. What is no string compares as
        // different, with an exception.
        unsafe {
            let first = (functions.PyTuple_GetItem)(arguments, 0);
            let is_text = !first.is_null()
                && (functions.PyUnicode_CompareWithASCIIString)(first, text.as_ptr()) == 0;
            (functions.PyErr_Clear)();
            is_text
        }
    }

    /// An attribute of `sys` that is a string.
    pub fn sys_text(&self, name: &CStr) -> Option<OsString> {
        // SAFETY: the GIL is held; the reference is borrowed from `sys`.
        let object = unsafe { (self.functions().PySys_GetObject)(name.as_ptr()) };
        self.text_of(object)
    }

    /// An object's text, if it is one.
    pub fn text_of(&self, object: Raw) -> Option<OsString> {
        if object.is_null() {
            return None;
        }
        let functions = self.functions();
        // SAFETY: the GIL is held; NULL and exceptions (it is no string) are checked for.
        unsafe {
            let bytes = (functions.PyUnicode_EncodeFSDefault)(object);
            if bytes.is_null() {
                (functions.PyErr_Clear)();
                return None;
            }
            let start = (functions.PyBytes_AsString)(bytes).cast::<u8>();
            let size = usize::try_from((functions.PyBytes_Size)(bytes)).unwrap_or(0);
            let copy = core::slice::from_raw_parts(start, size).to_vec();
            (functions.Py_DecRef)(bytes);
            Some(platform::from_bytes(copy))
        }
    }

    /// Sets a field of `sys.flags`, which Python code cannot change.
    pub fn set_flag(&self, index: isize, value: c_long) {
        let functions = self.functions();
        // SAFETY: the GIL is held; `sys.flags` is a struct sequence, the index is one of its fields, and
        // the new reference is taken over. The old value, a small integer, is never freed anyway.
        unsafe {
            let flags = (functions.PySys_GetObject)(c"flags".as_ptr());
            let value = (functions.PyLong_FromLong)(value);
            if !flags.is_null() && !value.is_null() {
                (functions.PyStructSequence_SetItem)(flags, index, value);
            }
        }
    }

    /// The exception that is set, as text; it is cleared.
    pub fn exception_text(&self) -> String {
        self.take_exception().exception_text()
    }
}
