//! The functions of a libpython that starting it needs, found by name: this library mentions no
//! Python symbol.
//!
//! What needs the GIL is a method of [`Gil`], the proof that this thread holds it.

use crate::ffi::function;
use crate::platform::{self, Library};
use core::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::ffi::{CString, OsStr, OsString};

/// A Python object, or a thread state.
pub type Raw = *mut c_void;

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
    PyEval_GetBuiltins: fn() -> Raw;
    PyEval_EvalCode: fn(Raw, Raw, Raw) -> Raw;
    Py_CompileString: fn(*const c_char, *const c_char, c_int) -> Raw;
    PySys_GetObject: fn(*const c_char) -> Raw;
    PyDict_New: fn() -> Raw;
    PyDict_GetItemString: fn(Raw, *const c_char) -> Raw;
    PyDict_SetItemString: fn(Raw, *const c_char, Raw) -> c_int;
    PyList_New: fn(isize) -> Raw;
    PyList_Append: fn(Raw, Raw) -> c_int;
    PyLong_FromLong: fn(c_long) -> Raw;
    PyLong_AsLong: fn(Raw) -> c_long;
    PyUnicode_DecodeFSDefaultAndSize: fn(*const c_char, isize) -> Raw;
    PyUnicode_EncodeFSDefault: fn(Raw) -> Raw;
    PyBytes_AsString: fn(Raw) -> *const c_char;
    PyBytes_Size: fn(Raw) -> isize;
    PyObject_Str: fn(Raw) -> Raw;
    PyErr_Fetch: fn(*mut Raw, *mut Raw, *mut Raw);
    PyErr_Restore: fn(Raw, Raw, Raw);
    PyErr_Clear: fn();
    PyStructSequence_SetItem: fn(Raw, isize, Raw);
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
            }
        }
    }
}

/// A namespace in which code runs. It is never freed: it lives as long as the interpreter.
#[derive(Clone, Copy)]
pub struct Namespace(Raw);

// SAFETY: only used through a `Gil`.
unsafe impl Send for Namespace {}

impl Gil<'_> {
    fn functions(&self) -> &Functions {
        &self.api.functions
    }

    /// An empty namespace with the builtins in it.
    pub fn namespace(&self) -> Result<Namespace, String> {
        let functions = self.functions();
        // SAFETY: the GIL is held; the builtins are borrowed, and checked for NULL.
        unsafe {
            let dict = (functions.PyDict_New)();
            let builtins = (functions.PyEval_GetBuiltins)();
            if dict.is_null()
                || builtins.is_null()
                || (functions.PyDict_SetItemString)(dict, c"__builtins__".as_ptr(), builtins) != 0
            {
                return Err(self.exception_text());
            }
            Ok(Namespace(dict))
        }
    }

    /// Sets a variable; takes over the reference. NULL is the exception that made it.
    fn set(&self, namespace: Namespace, name: &CStr, value: Raw) -> Result<(), String> {
        if value.is_null() {
            return Err(self.exception_text());
        }
        let functions = self.functions();
        // SAFETY: the GIL is held; a dictionary of ours and an object of ours.
        let failed = unsafe {
            let failed = (functions.PyDict_SetItemString)(namespace.0, name.as_ptr(), value) != 0;
            (functions.Py_DecRef)(value);
            failed
        };
        if failed {
            Err(self.exception_text())
        } else {
            Ok(())
        }
    }

    fn new_text(&self, text: &OsStr) -> Raw {
        let bytes = platform::bytes_of(text);
        // SAFETY: the GIL is held; pointer and length are of one vector.
        unsafe {
            (self.functions().PyUnicode_DecodeFSDefaultAndSize)(
                bytes.as_ptr().cast(),
                bytes.len() as isize,
            )
        }
    }

    /// Sets a variable to a string.
    pub fn set_text(&self, namespace: Namespace, name: &CStr, text: &OsStr) -> Result<(), String> {
        self.set(namespace, name, self.new_text(text))
    }

    /// Sets a variable to an integer.
    pub fn set_integer(
        &self,
        namespace: Namespace,
        name: &CStr,
        value: c_long,
    ) -> Result<(), String> {
        // SAFETY: the GIL is held.
        self.set(namespace, name, unsafe {
            (self.functions().PyLong_FromLong)(value)
        })
    }

    /// Sets a variable to a list of strings.
    pub fn set_texts(
        &self,
        namespace: Namespace,
        name: &CStr,
        texts: &[OsString],
    ) -> Result<(), String> {
        let functions = self.functions();
        // SAFETY: the GIL is held; new objects, each checked for NULL.
        unsafe {
            let list = (functions.PyList_New)(0);
            for text in texts {
                let text = self.new_text(text);
                let failed =
                    list.is_null() || text.is_null() || (functions.PyList_Append)(list, text) != 0;
                (functions.Py_DecRef)(text);
                if failed {
                    (functions.Py_DecRef)(list);
                    return Err(self.exception_text());
                }
            }
            self.set(namespace, name, list)
        }
    }

    /// Runs code; `file` is its name in tracebacks. The error is an exception that it let out.
    pub fn run(&self, namespace: Namespace, code: &str, file: &CStr) -> Result<(), String> {
        const FILE_INPUT: c_int = 257;
        let functions = self.functions();
        let code = CString::new(code).map_err(|error| error.to_string())?;
        // SAFETY: the GIL is held; NUL-terminated strings, a dictionary of ours, new objects.
        unsafe {
            let code = (functions.Py_CompileString)(code.as_ptr(), file.as_ptr(), FILE_INPUT);
            if code.is_null() {
                return Err(self.exception_text());
            }
            let result = (functions.PyEval_EvalCode)(code, namespace.0, namespace.0);
            (functions.Py_DecRef)(code);
            if result.is_null() {
                return Err(self.exception_text());
            }
            (functions.Py_DecRef)(result);
        }
        Ok(())
    }

    /// A variable that is a string; `None` if it is not.
    pub fn text(&self, namespace: Namespace, name: &CStr) -> Option<OsString> {
        // SAFETY: the GIL is held; the reference is borrowed from the dictionary.
        let object = unsafe { (self.functions().PyDict_GetItemString)(namespace.0, name.as_ptr()) };
        self.text_of(object)
    }

    /// Whether a variable is None, or not set.
    pub fn is_none(&self, namespace: Namespace, name: &CStr) -> bool {
        let functions = self.functions();
        // SAFETY: the GIL is held; both references are borrowed, the builtins' from the interpreter.
        unsafe {
            let value = (functions.PyDict_GetItemString)(namespace.0, name.as_ptr());
            let none = (functions.PyDict_GetItemString)(
                (functions.PyEval_GetBuiltins)(),
                c"None".as_ptr(),
            );
            value.is_null() || value == none
        }
    }

    /// A variable that is an integer; `None` if it is not.
    pub fn integer(&self, namespace: Namespace, name: &CStr) -> Option<c_long> {
        let functions = self.functions();
        // SAFETY: the GIL is held; the reference is borrowed from the dictionary.
        unsafe {
            let object = (functions.PyDict_GetItemString)(namespace.0, name.as_ptr());
            if object.is_null() {
                return None;
            }
            let value = (functions.PyLong_AsLong)(object);
            if value == -1 {
                (functions.PyErr_Clear)();
            }
            Some(value)
        }
    }

    /// An attribute of `sys` that is a string.
    pub fn sys_text(&self, name: &CStr) -> Option<OsString> {
        // SAFETY: the GIL is held; the reference is borrowed from `sys`.
        let object = unsafe { (self.functions().PySys_GetObject)(name.as_ptr()) };
        self.text_of(object)
    }

    fn text_of(&self, object: Raw) -> Option<OsString> {
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
    pub fn set_flag(&self, index: c_long, value: c_long) {
        let functions = self.functions();
        // SAFETY: the GIL is held; `sys.flags` is a struct sequence, the index is one of its fields, and
        // the new reference is taken over. The old value, a small integer, is never freed anyway.
        unsafe {
            let flags = (functions.PySys_GetObject)(c"flags".as_ptr());
            let value = (functions.PyLong_FromLong)(value);
            if !flags.is_null() && !value.is_null() {
                (functions.PyStructSequence_SetItem)(flags, index as isize, value);
            }
        }
    }

    /// The exception that is set, as text; it is cleared.
    pub fn exception_text(&self) -> String {
        let functions = self.functions();
        let mut parts: [Raw; 3] = [core::ptr::null_mut(); 3];
        let [kind, value, traceback] = &mut parts;
        // SAFETY: the GIL is held; fetching gives new references or NULL.
        unsafe {
            (functions.PyErr_Fetch)(kind, value, traceback);
            let texts: Vec<String> = parts[..2]
                .iter()
                .filter(|part| !part.is_null())
                .map(|part| {
                    let text = (functions.PyObject_Str)(*part);
                    let copy = self.text_of(text);
                    (functions.PyErr_Clear)();
                    (functions.Py_DecRef)(text);
                    copy.unwrap_or_default().to_string_lossy().into_owned()
                })
                .collect();
            parts.iter().for_each(|part| (functions.Py_DecRef)(*part));
            texts.join(": ")
        }
    }
}
