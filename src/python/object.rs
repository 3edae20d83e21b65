//! A little of the object protocol, for what is to be done inside a Python that has just started: compiling
//! Python code for it would take longer than doing it.

use super::api::{Gil, Namespace, Raw};
use crate::platform;
use core::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::ffi::{OsStr, OsString};

/// A reference to a Python object.
pub struct Object<'g> {
    gil: &'g Gil<'g>,
    raw: Raw,
}

/// What may raise: the error is the exception.
pub type Outcome<'g, T> = Result<T, Object<'g>>;

impl Drop for Object<'_> {
    fn drop(&mut self) {
        // SAFETY: the GIL is held; the reference is given up once.
        unsafe { (self.gil.functions().Py_DecRef)(self.raw) };
    }
}

impl Clone for Object<'_> {
    fn clone(&self) -> Self {
        self.gil.borrowed(self.raw)
    }
}

impl<'g> Object<'g> {
    /// Gives the reference away.
    pub fn into_raw(self) -> Raw {
        let raw = self.raw;
        core::mem::forget(self);
        raw
    }

    /// The object, for as long as this lives.
    pub fn as_raw(&self) -> Raw {
        self.raw
    }

    /// Whether both are the same object.
    pub fn is(&self, other: &Self) -> bool {
        self.raw == other.raw
    }

    /// An attribute.
    pub fn attr(&self, name: &CStr) -> Outcome<'g, Self> {
        // SAFETY: the GIL is held; a living object and a NUL-terminated name.
        let found =
            unsafe { (self.gil.functions().PyObject_GetAttrString)(self.raw, name.as_ptr()) };
        self.gil.owned(found)
    }

    /// Sets an attribute.
    pub fn set_attr(&self, name: &CStr, value: &Self) -> Outcome<'g, ()> {
        let functions = self.gil.functions();
        // SAFETY: the GIL is held; living objects and a NUL-terminated name.
        self.gil
            .done(unsafe { (functions.PyObject_SetAttrString)(self.raw, name.as_ptr(), value.raw) })
    }

    /// Calls it.
    pub fn call(&self, arguments: &[&Self], keywords: &[(&CStr, &Self)]) -> Outcome<'g, Self> {
        let functions = self.gil.functions();
        // SAFETY: the GIL is held; living objects. A tuple takes over the references that are put into it.
        unsafe {
            let tuple = self
                .gil
                .owned((functions.PyTuple_New)(arguments.len() as isize))?;
            for (index, argument) in (0..).zip(arguments) {
                let argument = (*argument).clone().into_raw();
                self.gil
                    .done((functions.PyTuple_SetItem)(tuple.raw, index, argument))?;
            }
            let names = self.gil.owned((functions.PyDict_New)())?;
            for (name, value) in keywords {
                self.gil.done((functions.PyDict_SetItemString)(
                    names.raw,
                    name.as_ptr(),
                    value.raw,
                ))?;
            }
            self.gil
                .owned((functions.PyObject_Call)(self.raw, tuple.raw, names.raw))
        }
    }

    /// Calls it with the arguments that a builtin function has got.
    ///
    /// # Safety
    /// `arguments` is a tuple, `keywords` a dict or NULL.
    pub unsafe fn call_tuple(&self, arguments: Raw, keywords: Raw) -> Outcome<'g, Self> {
        let functions = self.gil.functions();
        // SAFETY: the GIL is held; a living object, and a tuple and a dict of the caller's.
        self.gil
            .owned(unsafe { (functions.PyObject_Call)(self.raw, arguments, keywords) })
    }

    /// Its truth value.
    pub fn is_true(&self) -> Outcome<'g, bool> {
        // SAFETY: the GIL is held; a living object.
        let truth = unsafe { (self.gil.functions().PyObject_IsTrue)(self.raw) };
        self.gil.done(truth)?;
        Ok(truth != 0)
    }

    /// Its text, if it is one.
    pub fn text(&self) -> Option<OsString> {
        self.gil.text_of(self.raw)
    }

    /// Whether it is this text.
    pub fn is_text(&self, text: &CStr) -> bool {
        self.text()
            .is_some_and(|own| own.as_encoded_bytes() == text.to_bytes())
    }

    /// The index of an object in a sequence.
    pub fn index_of(&self, item: &Self) -> Outcome<'g, isize> {
        // SAFETY: the GIL is held; living objects.
        let index = unsafe { (self.gil.functions().PySequence_Index)(self.raw, item.raw) };
        if index < 0 {
            return Err(self.gil.take_exception());
        }
        Ok(index)
    }

    /// Puts other items in place of a list's, which stays the same list.
    pub fn set_items(&self, list: &Self) -> Outcome<'g, ()> {
        let functions = self.gil.functions();
        // SAFETY: the GIL is held; living objects, which Python checks to be lists.
        self.gil
            .done(unsafe { (functions.PyList_SetSlice)(self.raw, 0, isize::MAX, list.raw) })
    }

    /// Puts an item at the beginning of a list.
    pub fn insert_first(&self, item: &Self) -> Outcome<'g, ()> {
        let functions = self.gil.functions();
        // SAFETY: the GIL is held; living objects, which Python checks to be a list.
        self.gil
            .done(unsafe { (functions.PyList_Insert)(self.raw, 0, item.raw) })
    }

    /// Whether it is an exception of that builtin type, or of one derived from it.
    pub fn is_exception(&self, kind: &CStr) -> bool {
        let functions = self.gil.functions();
        self.gil.builtin(kind).is_some_and(|kind| {
            // SAFETY: the GIL is held; living objects.
            unsafe { (functions.PyErr_GivenExceptionMatches)(self.raw, kind.raw) != 0 }
        })
    }

    /// Its type and what `str()` makes of it.
    pub fn exception_text(&self) -> String {
        let kind = self
            .attr(c"__class__")
            .and_then(|kind| kind.attr(c"__name__"));
        // SAFETY: the GIL is held; a living object.
        let text = self
            .gil
            .owned(unsafe { (self.gil.functions().PyObject_Str)(self.raw) });
        let lossy = |text: Outcome<'_, Self>| {
            let text = text.ok().and_then(|text| text.text()).unwrap_or_default();
            text.to_string_lossy().into_owned()
        };
        format!("{}: {}", lossy(kind), lossy(text))
    }

    /// Makes it the pending exception.
    pub fn raise(self) {
        let gil = self.gil;
        let functions = gil.functions();
        // SAFETY: the GIL is held; its type is borrowed from it, so that a reference of its own is taken;
        // restoring takes the references over.
        unsafe {
            if let Ok(kind) = self.attr(c"__class__") {
                (functions.PyErr_Restore)(kind.into_raw(), self.into_raw(), core::ptr::null_mut());
            }
        }
    }
}

/// `PyMethodDef` (methodobject.h; stable ABI).
#[repr(C)]
pub struct Definition {
    name: *const c_char,
    function: *const c_void,
    flags: c_int,
    documentation: *const c_char,
}

// SAFETY: never written to.
unsafe impl Sync for Definition {}

impl Definition {
    /// Of a function that gets what it was made with and its arguments, a tuple, both borrowed, and returns a
    /// new reference, or NULL with an exception set.
    pub const fn new(name: &'static CStr, function: unsafe extern "C" fn(Raw, Raw) -> Raw) -> Self {
        const METH_VARARGS: c_int = 1;
        Self {
            name: name.as_ptr(),
            function: function as *const c_void,
            flags: METH_VARARGS,
            documentation: core::ptr::null(),
        }
    }

    /// The same with keyword arguments: a dict, borrowed, or NULL.
    #[cfg(unix)]
    pub const fn with_keywords(
        name: &'static CStr,
        function: unsafe extern "C" fn(Raw, Raw, Raw) -> Raw,
    ) -> Self {
        const METH_VARARGS_KEYWORDS: c_int = 1 | 2;
        Self {
            name: name.as_ptr(),
            function: function as *const c_void,
            flags: METH_VARARGS_KEYWORDS,
            documentation: core::ptr::null(),
        }
    }
}

impl<'a> Gil<'a> {
    fn shorter<'g>(&'g self) -> &'g Gil<'g>
    where
        'a: 'g,
    {
        self
    }

    /// Takes over a reference; NULL is the exception that made it.
    pub fn owned(&self, raw: Raw) -> Outcome<'_, Object<'_>> {
        if raw.is_null() {
            return Err(self.take_exception());
        }
        Ok(Object {
            gil: self.shorter(),
            raw,
        })
    }

    /// Takes a reference of its own to a living object.
    pub fn borrowed(&self, raw: Raw) -> Object<'_> {
        // SAFETY: the GIL is held; the caller has a living object.
        unsafe { (self.functions().Py_IncRef)(raw) };
        Object {
            gil: self.shorter(),
            raw,
        }
    }

    /// What a function returns that says -1 for an exception.
    pub fn done(&self, code: c_int) -> Outcome<'_, ()> {
        if code == -1 {
            return Err(self.take_exception());
        }
        Ok(())
    }

    /// The exception that is pending, with its traceback; it is not pending any more. None without one.
    pub fn take_exception(&self) -> Object<'_> {
        let functions = self.functions();
        let mut parts: [Raw; 3] = [core::ptr::null_mut(); 3];
        let [kind, value, traceback] = &mut parts;
        // SAFETY: the GIL is held; fetching gives new references or NULL, which normalizing makes an
        // exception of.
        unsafe {
            (functions.PyErr_Fetch)(kind, value, traceback);
            (functions.PyErr_NormalizeException)(kind, value, traceback);
            let [kind, value, traceback] = parts;
            if !value.is_null() && !traceback.is_null() {
                (functions.PyException_SetTraceback)(value, traceback);
            }
            (functions.Py_DecRef)(kind);
            (functions.Py_DecRef)(traceback);
            if value.is_null() {
                return self.none();
            }
            Object {
                gil: self.shorter(),
                raw: value,
            }
        }
    }

    /// None.
    pub fn none(&self) -> Object<'_> {
        let builtin = self.builtin(c"None");
        builtin.unwrap_or_else(|| self.borrowed(core::ptr::null_mut()))
    }

    /// One of the builtins.
    pub fn builtin(&self, name: &CStr) -> Option<Object<'_>> {
        let functions = self.functions();
        // SAFETY: the GIL is held; both references are borrowed.
        let found = unsafe {
            (functions.PyDict_GetItemString)((functions.PyEval_GetBuiltins)(), name.as_ptr())
        };
        (!found.is_null()).then(|| self.borrowed(found))
    }

    /// Imports a module.
    pub fn import(&self, name: &CStr) -> Outcome<'_, Object<'_>> {
        // SAFETY: the GIL is held; a NUL-terminated name.
        self.owned(unsafe { (self.functions().PyImport_ImportModule)(name.as_ptr()) })
    }

    /// An attribute of `sys`.
    pub fn sys(&self, name: &CStr) -> Option<Object<'_>> {
        // SAFETY: the GIL is held; the reference is borrowed from `sys`.
        let found = unsafe { (self.functions().PySys_GetObject)(name.as_ptr()) };
        (!found.is_null()).then(|| self.borrowed(found))
    }

    /// Sets an attribute of `sys`.
    pub fn set_sys(&self, name: &CStr, value: &Object<'_>) -> Outcome<'_, ()> {
        // SAFETY: the GIL is held; a NUL-terminated name and a living object.
        self.done(unsafe { (self.functions().PySys_SetObject)(name.as_ptr(), value.as_raw()) })
    }

    /// A string.
    pub fn new_text(&self, text: &OsStr) -> Outcome<'_, Object<'_>> {
        let bytes = platform::bytes_of(text);
        let functions = self.functions();
        // SAFETY: the GIL is held; pointer and length are of one vector.
        self.owned(unsafe {
            (functions.PyUnicode_DecodeFSDefaultAndSize)(
                bytes.as_ptr().cast(),
                bytes.len() as isize,
            )
        })
    }

    /// An integer.
    pub fn new_integer(&self, value: c_long) -> Outcome<'_, Object<'_>> {
        // SAFETY: the GIL is held.
        self.owned(unsafe { (self.functions().PyLong_FromLong)(value) })
    }

    /// A list of strings.
    pub fn new_texts(&self, texts: &[OsString]) -> Outcome<'_, Object<'_>> {
        let functions = self.functions();
        // SAFETY: the GIL is held; living objects.
        unsafe {
            let list = self.owned((functions.PyList_New)(0))?;
            for text in texts {
                let text = self.new_text(text)?;
                self.done((functions.PyList_Append)(list.as_raw(), text.as_raw()))?;
            }
            Ok(list)
        }
    }

    /// A builtin function, made with a namespace.
    pub fn new_function(
        &self,
        definition: &'static Definition,
        namespace: Namespace,
    ) -> Outcome<'_, Object<'_>> {
        let functions = self.functions();
        // SAFETY: the GIL is held; the definition lives for ever, Python does not write to it, and takes a
        // reference of its own to the namespace.
        self.owned(unsafe {
            (functions.PyCFunction_NewEx)(
                core::ptr::from_ref(definition).cast_mut().cast(),
                namespace.as_raw(),
                core::ptr::null_mut(),
            )
        })
    }
}
