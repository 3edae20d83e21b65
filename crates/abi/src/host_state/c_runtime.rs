//! The C runtimes of a process on Windows. There are two that matter: the universal one, which Python and its modules
//! use, and the older one of programs made with mingw. Each has a locale, signal handlers and a umask of its own.

use super::told;
use core::ffi::{CStr, c_char, c_int};
use std::ffi::CString;
use windows_sys::Win32::Foundation::HMODULE;
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::core::{PCWSTR, w};

const LC_ALL: c_int = 0;
/// Not a handler, but the question for it (signal.h).
const SIG_GET: usize = 2;
const SIG_ERR: usize = usize::MAX;
const SIGNALS: [(c_int, &str); 6] = [
    (2, "SIGINT"),
    (4, "SIGILL"),
    (8, "SIGFPE"),
    (11, "SIGSEGV"),
    (15, "SIGTERM"),
    (22, "SIGABRT"),
];

const NAMES: [PCWSTR; 2] = [w!("ucrtbase.dll"), w!("msvcrt.dll")];

/// What one of them has.
pub struct CRuntime {
    functions: Functions,
    locale: Option<CString>,
    handlers: [usize; SIGNALS.len()],
    mask: c_int,
}

#[derive(Clone, Copy)]
struct Functions {
    setlocale: unsafe extern "C" fn(c_int, *const c_char) -> *const c_char,
    signal: unsafe extern "C" fn(c_int, usize) -> usize,
    umask: unsafe extern "C" fn(c_int) -> c_int,
}

impl CRuntime {
    /// Those that are mapped, as they are now.
    pub fn all() -> Vec<Self> {
        NAMES
            .iter()
            .filter_map(|name| Some(Self::of(Functions::of(*name)?)))
            .collect()
    }

    fn of(functions: Functions) -> Self {
        Self {
            locale: functions.locale(),
            handlers: SIGNALS.map(|(signal, _)| functions.handler(signal)),
            mask: functions.mask(),
            functions,
        }
    }

    /// Puts back what differs, and tells what it was, a line each.
    pub fn put_back(&self) -> Vec<String> {
        let mut changes = Vec::new();
        let mut taken = Vec::new();
        for ((signal, name), saved) in SIGNALS.iter().zip(self.handlers) {
            if self.functions.handler(*signal) != saved && saved != SIG_ERR {
                // SAFETY: a handler that the host had installed for this very signal.
                unsafe { (self.functions.signal)(*signal, saved) };
                taken.push(*name);
            }
        }
        changes.extend(told::signals(&taken));
        let now = self.functions.locale();
        if let Some(saved) = self.locale.as_ref()
            && now != self.locale
        {
            // SAFETY: a locale's name as `setlocale` gave it.
            unsafe { (self.functions.setlocale)(LC_ALL, saved.as_ptr()) };
            changes.push(told::locale(now.as_deref().unwrap_or_default(), saved));
        }
        let now = self.functions.mask();
        if now != self.mask {
            // SAFETY: changes a number.
            unsafe { (self.functions.umask)(self.mask) };
            changes.push(told::mask(now, self.mask));
        }
        changes
    }
}

impl Functions {
    fn of(library: PCWSTR) -> Option<Self> {
        // SAFETY: NUL-terminated names; the functions have these types in both.
        unsafe {
            let library: HMODULE = GetModuleHandleW(library);
            if library.is_null() {
                return None;
            }
            let find = |name: &CStr| GetProcAddress(library, name.as_ptr().cast());
            Some(Self {
                setlocale: core::mem::transmute::<
                    unsafe extern "system" fn() -> isize,
                    unsafe extern "C" fn(c_int, *const c_char) -> *const c_char,
                >(find(c"setlocale")?),
                signal: core::mem::transmute::<
                    unsafe extern "system" fn() -> isize,
                    unsafe extern "C" fn(c_int, usize) -> usize,
                >(find(c"signal")?),
                umask: core::mem::transmute::<
                    unsafe extern "system" fn() -> isize,
                    unsafe extern "C" fn(c_int) -> c_int,
                >(find(c"_umask")?),
            })
        }
    }

    fn locale(self) -> Option<CString> {
        // SAFETY: only asks. The text is copied before anyone can change the locale on this thread.
        unsafe {
            let name = (self.setlocale)(LC_ALL, core::ptr::null());
            (!name.is_null()).then(|| CStr::from_ptr(name).to_owned())
        }
    }

    fn handler(self, signal: c_int) -> usize {
        // SAFETY: only asks. Wine takes the question for a handler, so what was there is put back.
        unsafe {
            let handler = (self.signal)(signal, SIG_GET);
            if handler != SIG_ERR {
                (self.signal)(signal, handler);
            }
            handler
        }
    }

    fn mask(self) -> c_int {
        // SAFETY: the number is put back at once.
        unsafe {
            let mask = (self.umask)(0);
            (self.umask)(mask);
            mask
        }
    }
}
