//! What starting Python changes in the host, and puts nothing back of: saved before, restored after.

use core::ffi::{CStr, c_char, c_int, c_void};
use nexus_abi::text::c_string;
use std::ffi::CString;
use std::fs::File;
use std::os::fd::AsRawFd;

// fenv.h is C99, of libm; `fenv_t` has 8 (aarch64) to 32 bytes (x86-64).
#[repr(C, align(16))]
struct FloatingPoint([u8; 256]);

#[link(name = "m")]
unsafe extern "C" {
    fn feholdexcept(environment: *mut c_void) -> c_int;
    fn fesetenv(environment: *const c_void) -> c_int;
}

unsafe extern "C" {
    static mut environ: *const *const c_char;
}

// Signals 1 to 64 on Linux (signal(7)), 1 to 31 on macOS.
const LAST_SIGNAL: c_int = if cfg!(target_vendor = "apple") {
    31
} else {
    64
};

/// The signal handlers, locale, floating-point environment, working directory, umask and environment
/// variables of the host. Dropping it restores what differs.
pub struct HostState {
    handlers: Vec<Option<libc::sigaction>>,
    locale: Option<CString>,
    floating_point: Box<FloatingPoint>,
    directory: Option<(File, Option<std::path::PathBuf>)>,
    mask: libc::mode_t,
    variables: Vec<CString>,
}

impl HostState {
    /// Saves everything, and switches floating-point traps off for this thread until it is restored:
    /// Python and numpy compute NaN and infinity on purpose.
    pub fn save() -> Self {
        let mut floating_point = Box::new(FloatingPoint([0; 256]));
        // SAFETY: room for any `fenv_t`.
        unsafe { feholdexcept((&raw mut *floating_point).cast()) };
        Self {
            handlers: (1..=LAST_SIGNAL).map(handler).collect(),
            locale: locale(),
            floating_point,
            directory: File::open(".")
                .ok()
                .map(|folder| (folder, std::env::current_dir().ok())),
            mask: mask(),
            variables: variables(),
        }
    }
}

impl Drop for HostState {
    fn drop(&mut self) {
        for (signal, saved) in (1..).zip(&self.handlers) {
            let (Some(saved), Some(now)) = (saved, handler(signal)) else {
                continue;
            };
            let same = saved.sa_sigaction == now.sa_sigaction && flags(saved) == flags(&now);
            if !same {
                // SAFETY: a handler that the host had installed for this very signal.
                unsafe { libc::sigaction(signal, saved, core::ptr::null_mut()) };
            }
        }
        if let Some(saved) = self
            .locale
            .as_ref()
            .filter(|saved| locale().as_ref() != Some(saved))
        {
            // SAFETY: a locale's name as `setlocale` gave it.
            unsafe { libc::setlocale(libc::LC_ALL, saved.as_ptr()) };
        }
        if let Some((folder, path)) = &self.directory
            && std::env::current_dir().ok() != *path
        {
            // SAFETY: an open directory.
            unsafe { libc::fchdir(folder.as_raw_fd()) };
        }
        if mask() != self.mask {
            // SAFETY: changes a number.
            unsafe { libc::umask(self.mask) };
        }
        restore_variables(&self.variables);
        // SAFETY: filled by `feholdexcept` on this thread.
        unsafe { fesetenv((&raw const *self.floating_point).cast()) };
    }
}

fn handler(signal: c_int) -> Option<libc::sigaction> {
    let mut action = core::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: only asks; the struct is filled when it returns 0. Signals that the C library keeps for
    // itself give an error.
    unsafe {
        (libc::sigaction(signal, core::ptr::null(), action.as_mut_ptr()) == 0)
            .then(|| action.assume_init())
    }
}

// The C library sets SA_RESTORER of its own accord (sigreturn(2)).
fn flags(action: &libc::sigaction) -> c_int {
    const SA_RESTORER: c_int = 0x0400_0000;
    if cfg!(target_os = "linux") {
        action.sa_flags & !SA_RESTORER
    } else {
        action.sa_flags
    }
}

fn locale() -> Option<CString> {
    // SAFETY: only asks. The text is copied before anyone can change the locale on this thread.
    unsafe {
        let name = libc::setlocale(libc::LC_ALL, core::ptr::null());
        (!name.is_null()).then(|| CStr::from_ptr(name).to_owned())
    }
}

fn mask() -> libc::mode_t {
    // Linux since 4.7 tells it (proc(5), "Umask"). Setting it is the only other way to read it.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let told = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    if let Some(mask) = told.and_then(|mask| libc::mode_t::from_str_radix(mask.trim(), 8).ok()) {
        return mask;
    }
    // SAFETY: changes a number for a moment, to the strictest one.
    unsafe {
        let mask = libc::umask(0o077);
        libc::umask(mask);
        mask
    }
}

fn variables() -> Vec<CString> {
    let mut list = Vec::new();
    // SAFETY: POSIX: `environ` is NULL or an array of strings that ends with NULL. Whoever changes it
    // from another thread meanwhile breaks the rules of setenv(3) already.
    unsafe {
        let mut entry = environ;
        while !entry.is_null() && !(*entry).is_null() {
            list.push(CStr::from_ptr(*entry).to_owned());
            entry = entry.add(1);
        }
    }
    list
}

fn name_of(entry: &CStr) -> &[u8] {
    let bytes = entry.to_bytes();
    bytes
        .iter()
        .position(|byte| *byte == b'=')
        .map_or(bytes, |end| &bytes[..end])
}

fn restore_variables(saved: &[CString]) {
    let now = variables();
    if now == saved {
        return;
    }
    for entry in now
        .iter()
        .filter(|entry| !saved.iter().any(|old| name_of(old) == name_of(entry)))
    {
        let name = c_string(name_of(entry));
        // SAFETY: a NUL-terminated name.
        unsafe { libc::unsetenv(name.as_ptr()) };
    }
    for entry in saved.iter().filter(|entry| !now.contains(entry)) {
        let bytes = entry.to_bytes();
        let name = name_of(entry);
        if name.len() == bytes.len() {
            continue;
        }
        let (name, value) = (c_string(name), c_string(&bytes[name.len() + 1..]));
        // SAFETY: NUL-terminated strings, which setenv(3) copies.
        unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_put_back() {
        extern "C" fn ours(_: c_int) {}
        // SAFETY: this test is the only one that changes the process's state.
        unsafe {
            libc::setenv(c"NEXUS_OLD".as_ptr(), c"a=b".as_ptr(), 1);
            libc::setenv(c"NEXUS_GONE".as_ptr(), c"".as_ptr(), 1);
        }
        let before = HostState::save();
        let directory = std::env::current_dir().unwrap();
        let locale_before = locale();
        let variables_before = variables();
        // SAFETY: as above.
        unsafe {
            libc::signal(libc::SIGUSR2, ours as *const () as libc::sighandler_t);
            libc::chdir(c"/".as_ptr());
            libc::umask(0o011);
            libc::setlocale(libc::LC_ALL, c"C.UTF-8".as_ptr());
            libc::setenv(c"NEXUS_NEW".as_ptr(), c"1".as_ptr(), 1);
            libc::setenv(c"NEXUS_OLD".as_ptr(), c"changed".as_ptr(), 1);
            libc::unsetenv(c"NEXUS_GONE".as_ptr());
        }
        let mask_before = before.mask;
        drop(before);
        assert_eq!(handler(libc::SIGUSR2).unwrap().sa_sigaction, libc::SIG_DFL);
        assert_eq!(std::env::current_dir().unwrap(), directory);
        assert_eq!(mask(), mask_before);
        assert_eq!(locale(), locale_before);
        let sorted = |mut list: Vec<CString>| {
            list.sort();
            list
        };
        assert_eq!(sorted(variables()), sorted(variables_before));
    }
}
