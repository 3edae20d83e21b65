//! The pointer plumbing of the engine: what neither `nexus_abi::ffi` nor PyO3 has.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::mem::MaybeUninit;
use nexus_abi::{NexusText, NexusValue};
use pyo3::ffi::{PyObject, PyThreadState};
use pyo3::prelude::*;

// Exported by every libpython from 3.11 on, though the limited API names some of them only later.
unsafe extern "C" {
    /// PEP 590; in the limited API since 3.12.
    pub fn PyObject_Vectorcall(
        callable: *mut PyObject,
        args: *const *mut PyObject,
        nargsf: usize,
        kwnames: *mut PyObject,
    ) -> *mut PyObject;
    /// PEP 590; in the limited API since 3.12.
    pub fn PyObject_VectorcallMethod(
        name: *mut PyObject,
        args: *const *mut PyObject,
        nargsf: usize,
        kwnames: *mut PyObject,
    ) -> *mut PyObject;
    /// The number by which Python knows a thread.
    fn PyThread_get_thread_ident() -> core::ffi::c_ulong;
    /// Has an exception raised in another thread, or takes it back.
    fn PyThreadState_SetAsyncExc(thread: core::ffi::c_ulong, exception: *mut PyObject) -> c_int;
    /// Frees the current thread state and the GIL with it.
    pub fn PyThreadState_DeleteCurrent();
}

/// Added to the argument count: the slot before the arguments may be used by the callee (PEP 590).
pub const ARGUMENTS_OFFSET: usize = 1 << (usize::BITS - 1);

/// A function of no arguments that returns the thread state.
pub type CurrentThreadState = unsafe extern "C" fn() -> *mut PyThreadState;
/// A function of no arguments that returns a truth value.
pub type Predicate = unsafe extern "C" fn() -> c_int;

/// A function of libpython under the first of its names that this version has. Its names differ
/// between versions, so it cannot be bound by the linker.
///
/// # Safety
/// `F` is the type of the functions of these names.
pub unsafe fn python_function<F: Copy>(names: &[&CStr]) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
    names.iter().find_map(|name| {
        let address = global_symbol(name);
        // SAFETY: of the size of a pointer; the caller vouches for the type.
        (!address.is_null()).then(|| unsafe { core::mem::transmute_copy(&address) })
    })
}

/// Python's number for this thread.
pub fn thread_id() -> u64 {
    // SAFETY: callable from any thread at any time.
    unsafe { PyThread_get_thread_ident() as u64 }
}

/// Has an exception of that type raised in a thread, or NULL: takes it back. The caller holds the GIL.
pub fn raise_in_thread(thread: u64, exception: *mut PyObject) {
    // SAFETY: the GIL is held; a type, of which Python takes a reference, or NULL.
    unsafe { PyThreadState_SetAsyncExc(thread as core::ffi::c_ulong, exception) };
}

/// The 12 of 3.12, of the Python that runs.
pub fn python_minor_version() -> u32 {
    // SAFETY: callable at any time; a static NUL-terminated text, such as `3.12.1 (main, …`.
    let text = unsafe { CStr::from_ptr(pyo3::ffi::Py_GetVersion()) }.to_bytes();
    text.split(|byte| !byte.is_ascii_digit())
        .nth(1)
        .and_then(|minor| core::str::from_utf8(minor).ok()?.parse().ok())
        .unwrap_or(0)
}

/// The exception that is pending on a thread, set aside.
pub struct Pending([*mut PyObject; 3]);

impl Pending {
    /// Takes it; the thread, which holds the GIL, has none afterwards.
    pub fn take() -> Self {
        let mut parts = [core::ptr::null_mut(); 3];
        let [kind, value, traceback] = &mut parts;
        // SAFETY: three places to write to; the caller holds the GIL.
        unsafe { pyo3::ffi::PyErr_Fetch(kind, value, traceback) };
        Self(parts)
    }

    /// Makes it pending again, in place of any other. The caller holds the GIL.
    pub fn put_back(&mut self) {
        let [kind, value, traceback] = core::mem::replace(&mut self.0, [core::ptr::null_mut(); 3]);
        // SAFETY: the references that `take` got are given back, once.
        unsafe { pyo3::ffi::PyErr_Restore(kind, value, traceback) };
    }
}

/// `sys.getrecursionlimit()`; the caller holds the GIL.
pub fn recursion_limit() -> i32 {
    // SAFETY: the GIL is held.
    unsafe { pyo3::ffi::Py_GetRecursionLimit() }
}

/// `sys.setrecursionlimit()`; the caller holds the GIL.
pub fn set_recursion_limit(limit: i32) {
    // SAFETY: the GIL is held.
    unsafe { pyo3::ffi::Py_SetRecursionLimit(limit) };
}

#[cfg(unix)]
fn global_symbol(name: &CStr) -> *mut c_void {
    // SAFETY: a NUL-terminated name. The front opened libpython globally.
    unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) }
}

#[cfg(not(unix))]
fn global_symbol(_name: &CStr) -> *mut c_void {
    core::ptr::null_mut()
}

/// A text of the front's, what is not UTF-8 replaced.
pub fn lossy(text: &NexusText) -> String {
    if text.data.is_null() {
        return String::new();
    }
    // SAFETY: the front fills its texts from strings that outlive the call.
    let bytes = unsafe { core::slice::from_raw_parts(text.data.cast::<u8>(), text.size) };
    String::from_utf8_lossy(bytes).into_owned()
}

/// Bytes as C sees them, for as long as they live.
pub fn text(bytes: &[u8]) -> NexusText {
    NexusText {
        data: bytes.as_ptr().cast::<c_char>(),
        size: bytes.len(),
    }
}

/// Most calls have few arguments: so many, with the callable or `self`, need no heap.
const ON_STACK: usize = 10;

/// The arguments of a call, on the stack if they are few; with one free slot in front, as vectorcall
/// likes it.
pub struct Arguments {
    stack: [MaybeUninit<*mut PyObject>; ON_STACK],
    heap: Vec<*mut PyObject>,
    owned: usize,
}

impl Arguments {
    /// Room for `count` arguments.
    #[inline]
    pub fn with_capacity(count: usize) -> Self {
        let heap = if count + 1 > ON_STACK {
            vec![core::ptr::null_mut(); count + 1]
        } else {
            Vec::new()
        };
        Self {
            stack: [MaybeUninit::uninit(); ON_STACK],
            heap,
            owned: 0,
        }
    }

    #[inline]
    fn base(&mut self) -> *mut *mut PyObject {
        if self.heap.is_empty() {
            self.stack.as_mut_ptr().cast()
        } else {
            self.heap.as_mut_ptr()
        }
    }

    /// Adds an argument, taking over its reference. No more than the capacity.
    #[inline]
    pub fn push(&mut self, object: *mut PyObject) {
        let index = self.owned + 1;
        debug_assert!(index < ON_STACK.max(self.heap.len()));
        // SAFETY: `with_capacity` made room for this many.
        unsafe { self.base().add(index).write(object) };
        self.owned = index;
    }

    /// The first argument; the slot before it may be written to.
    #[inline]
    pub fn as_ptr(&mut self) -> *const *mut PyObject {
        // SAFETY: slot 0 is always there.
        unsafe { self.base().add(1).cast_const() }
    }
}

impl Drop for Arguments {
    #[inline]
    fn drop(&mut self) {
        for index in 1..=self.owned {
            // SAFETY: `push` filled these slots, each with a reference of its own; arguments are made
            // and dropped with the GIL held.
            unsafe { pyo3::ffi::Py_DECREF(self.base().add(index).read()) };
        }
    }
}

/// The C function of a builtin, which can be called as Python would call it.
#[derive(Clone, Copy)]
pub struct Direct {
    function: pyo3::ffi::PyCFunction,
    object: *mut PyObject,
    kind: Convention,
}

/// How it takes its arguments (`ml_flags` of `PyMethodDef`).
#[derive(Clone, Copy)]
enum Convention {
    None,
    One,
    Many,
}

impl Direct {
    /// Of a builtin function or method whose convention needs no tuple, class or keywords; it lives as long
    /// as the object. The caller holds the GIL.
    pub fn of(callable: *mut PyObject) -> Option<Self> {
        use pyo3::ffi as py;
        // SAFETY: the GIL is held, and the object is of the very type that these three functions are for.
        unsafe {
            if py::Py_TYPE(callable) != &raw mut py::PyCFunction_Type {
                return None;
            }
            let kind = match py::PyCFunction_GetFlags(callable) & !py::METH_STATIC {
                py::METH_NOARGS => Convention::None,
                py::METH_O => Convention::One,
                py::METH_FASTCALL => Convention::Many,
                _ => return None,
            };
            Some(Self {
                function: py::PyCFunction_GetFunction(callable)?,
                object: py::PyCFunction_GetSelf(callable),
                kind,
            })
        }
    }

    /// Whether so many arguments can be given; for another number Python has the words.
    #[inline]
    pub fn takes(&self, count: usize) -> bool {
        match self.kind {
            Convention::None => count == 0,
            Convention::One => count == 1,
            Convention::Many => true,
        }
    }

    /// Calls it with borrowed arguments: a new reference, or NULL with an exception set. `callable` is the
    /// builtin.
    #[inline]
    pub fn call(
        &self,
        callable: &Bound<'_, PyAny>,
        args: *const *mut PyObject,
        count: usize,
    ) -> *mut PyObject {
        type Many =
            unsafe extern "C" fn(*mut PyObject, *const *mut PyObject, isize) -> *mut PyObject;
        // SAFETY: the convention tells the function's type; `takes` has been asked.
        let result = unsafe {
            match self.kind {
                Convention::None => (self.function)(self.object, core::ptr::null_mut()),
                Convention::One => (self.function)(self.object, *args),
                Convention::Many => {
                    let function: Many =
                        core::mem::transmute::<pyo3::ffi::PyCFunction, Many>(self.function);
                    function(self.object, args, count as isize)
                }
            }
        };
        // What Python checks after each call: the one or the other.
        // SAFETY: the GIL is held; only reads.
        let raised = unsafe { !pyo3::ffi::PyErr_Occurred().is_null() };
        if result.is_null() != raised {
            Self::broken(callable, result);
            return core::ptr::null_mut();
        }
        result
    }

    /// SystemError, as Python raises it for a function that breaks the rules (`_Py_CheckFunctionResult`).
    #[cold]
    fn broken(callable: &Bound<'_, PyAny>, result: *mut PyObject) {
        Python::attach(|py| {
            let cause = PyErr::take(py);
            let name = callable.repr().map_or_else(
                |_| "a builtin function".to_owned(),
                |text| crate::exception::lossless(&text),
            );
            let text = if result.is_null() {
                "returned NULL without setting an exception"
            } else {
                "returned a result with an exception set"
            };
            // SAFETY: NULL or a new reference, which is given up.
            unsafe { pyo3::ffi::Py_XDECREF(result) };
            let error = pyo3::exceptions::PySystemError::new_err(format!("{name} {text}"));
            error.set_cause(py, cause);
            error.restore(py);
        });
    }
}

/// A builtin function around a function of the host's, which it owns.
pub fn host_callable(
    py: Python<'_>,
    host: Box<crate::object::function::Host>,
) -> PyResult<Bound<'_, PyAny>> {
    use pyo3::ffi as api;

    /// What the capsule that is the function's `self` points to.
    struct Owned {
        definition: api::PyMethodDef,
        host: Box<crate::object::function::Host>,
    }
    const NAME: &CStr = c"nexus_loader.host_function";

    unsafe extern "C" fn call(
        capsule: *mut PyObject,
        arguments: *const *mut PyObject,
        count: isize,
        names: *mut PyObject,
    ) -> *mut PyObject {
        // SAFETY: Python calls this with the GIL held, with the capsule that the function was made with, and
        // with arguments, positional ones and those of the names, that live through the call (PEP 590).
        unsafe {
            let py = Python::assume_attached();
            let owned = api::PyCapsule_GetPointer(capsule, NAME.as_ptr()).cast::<Owned>();
            if owned.is_null() {
                return core::ptr::null_mut();
            }
            let names = Bound::from_borrowed_ptr_or_opt(py, names)
                .and_then(|names| names.cast_into::<pyo3::types::PyTuple>().ok());
            let keywords = names.as_ref().map_or(0, |names| names.len());
            let positional = count as usize;
            let arguments = match positional + keywords {
                0 => &[][..],
                all => core::slice::from_raw_parts(arguments, all),
            };
            let host = &(*owned).host;
            let called = nexus_abi::ffi::unpanicked(|| {
                Ok(crate::object::function::call_host(
                    py,
                    host,
                    arguments,
                    positional,
                    names.as_ref(),
                ))
            });
            match called {
                Ok(Ok(result)) => result,
                Ok(Err(raised)) => raise(raised),
                Err(panic) => raise(pyo3::exceptions::PySystemError::new_err(panic.message)),
            }
        }
    }

    /// Makes it pending, with PyO3's own token, without which it would put the giving up of references off.
    fn raise(error: PyErr) -> *mut PyObject {
        Python::attach(|py| error.restore(py));
        core::ptr::null_mut()
    }

    unsafe extern "C" fn destroy(capsule: *mut PyObject) {
        // SAFETY: the capsule's pointer is a `Box` of ours, which is freed once. The function, which refers
        // to the definition, is gone before its `self` (CPython's meth_dealloc).
        unsafe {
            let owned = api::PyCapsule_GetPointer(capsule, NAME.as_ptr()).cast::<Owned>();
            if !owned.is_null() {
                nexus_abi::ffi::guard_or((), || drop(Box::from_raw(owned)));
            }
        }
    }

    let documentation = match host.documentation() {
        text if text.is_empty() => core::ptr::null(),
        text => text.as_ptr(),
    };
    let owned = Box::new(Owned {
        definition: api::PyMethodDef {
            ml_name: host.name().as_ptr(),
            ml_meth: api::PyMethodDefPointer {
                PyCFunctionFastWithKeywords: call,
            },
            ml_flags: api::METH_FASTCALL | api::METH_KEYWORDS,
            ml_doc: documentation,
        },
        host,
    });
    // SAFETY: the GIL is held. The capsule owns the box from when it is made; the function owns the capsule,
    // so the definition and its texts outlive the function.
    unsafe {
        let owned = Box::into_raw(owned);
        let capsule = api::PyCapsule_New(owned.cast(), NAME.as_ptr(), Some(destroy));
        if capsule.is_null() {
            drop(Box::from_raw(owned));
            return Err(PyErr::fetch(py));
        }
        let capsule = Bound::from_owned_ptr(py, capsule);
        let function = api::PyCFunction_NewEx(
            &raw mut (*owned).definition,
            capsule.as_ptr(),
            core::ptr::null_mut(),
        );
        Bound::from_owned_ptr_or_err(py, function)
    }
}

/// A host's array of values to write to; NULL: nobody wants them.
pub struct Outputs {
    values: *mut NexusValue,
}

impl Outputs {
    /// # Safety
    /// NULL, or room for `count` values, which are overwritten with None.
    pub unsafe fn new(values: *mut NexusValue, count: usize) -> Self {
        if !values.is_null() {
            for index in 0..count {
                // SAFETY: within the caller's array.
                unsafe { values.add(index).write(NexusValue::NONE) };
            }
        }
        Self { values }
    }

    /// Hands a value out, or gives it up. `index` is less than the count.
    #[inline]
    pub fn set(&mut self, _py: Python<'_>, index: usize, value: NexusValue) {
        if self.values.is_null() {
            crate::object::release::clear_value(value);
        } else {
            // SAFETY: within the array, as the caller says.
            unsafe { self.values.add(index).write(value) };
        }
    }
}

/// The text of an exact or derived `str`, without copying: valid as long as the object. `None` with a
/// Python error set if it holds lone surrogates, which UTF-8 cannot hold.
#[inline]
pub fn utf8_of<'a>(string: *mut PyObject) -> Option<&'a [u8]> {
    let mut size = 0;
    // SAFETY: the caller holds the GIL and passes a `str`; the buffer belongs to it.
    unsafe {
        let data = pyo3::ffi::PyUnicode_AsUTF8AndSize(string, &raw mut size);
        (!data.is_null()).then(|| core::slice::from_raw_parts(data.cast::<u8>(), size as usize))
    }
}

/// A reference that may be dropped on any thread, with or without the GIL. (PyO3's own type would wait for
/// the next time that PyO3 takes the GIL, which the hot paths never do.)
pub struct Kept(core::ptr::NonNull<PyObject>);

// SAFETY: the object is only touched with the GIL.
unsafe impl Send for Kept {}
// SAFETY: likewise.
unsafe impl Sync for Kept {}

impl Kept {
    /// Takes over a reference.
    pub fn new(object: Bound<'_, PyAny>) -> Self {
        // SAFETY: a reference is never NULL.
        Self(unsafe { core::ptr::NonNull::new_unchecked(object.into_ptr()) })
    }

    /// A handle to the object, with a reference of its own.
    pub fn publish(&self) -> Option<*mut nexus_abi::NexusObject> {
        let _attached = crate::attach::attach().ok()?;
        // SAFETY: the GIL is held, and the object is alive.
        let object =
            unsafe { Bound::from_borrowed_ptr(Python::assume_attached(), self.0.as_ptr()) };
        crate::object::table::publish(object).ok()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // Python is gone when this fails, and the object with it.
        if let Ok(_attached) = crate::attach::attach() {
            // SAFETY: the GIL is held, and the reference is given up once.
            unsafe { pyo3::ffi::Py_DECREF(self.0.as_ptr()) };
        }
    }
}

/// An owned reference as the pointer that goes into the object table.
pub fn into_pointer(object: Bound<'_, PyAny>) -> *mut PyObject {
    object.into_ptr()
}

/// The files of all libraries in the process.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub fn loaded_libraries() -> Vec<std::path::PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    unsafe extern "C" fn add(
        info: *mut libc::dl_phdr_info,
        _size: usize,
        list: *mut c_void,
    ) -> c_int {
        // SAFETY: the linker passes a filled struct, and the list that was given to it.
        unsafe {
            if !(*info).dlpi_name.is_null() {
                let name = CStr::from_ptr((*info).dlpi_name).to_bytes();
                (*list.cast::<Vec<std::path::PathBuf>>())
                    .push(std::ffi::OsStr::from_bytes(name).into());
            }
        }
        0
    }
    let mut list: Vec<std::path::PathBuf> = Vec::new();
    // SAFETY: `add` is called during this call only, with this list.
    unsafe { libc::dl_iterate_phdr(Some(add), (&raw mut list).cast()) };
    list.retain(|path| path.is_absolute());
    list
}

/// Not asked elsewhere: the linkers there are not searched for.
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
pub fn loaded_libraries() -> Vec<std::path::PathBuf> {
    Vec::new()
}
