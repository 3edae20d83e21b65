//! By C's `fenv.h`.

use core::ffi::{c_int, c_void};

// fenv.h is C99; `fenv_t` has 8 (aarch64, Windows) to 32 bytes (x86-64).
#[repr(C, align(16))]
#[derive(Clone)]
pub struct FloatingPoint([u8; 64]);

#[cfg_attr(unix, link(name = "m"))]
unsafe extern "C" {
    fn feholdexcept(environment: *mut c_void) -> c_int;
    fn fegetenv(environment: *mut c_void) -> c_int;
    fn fesetenv(environment: *const c_void) -> c_int;
}

impl FloatingPoint {
    /// Saves it, and switches traps off for this thread: Python and numpy compute NaN and infinity on
    /// purpose.
    pub fn hold() -> Self {
        let mut environment = Self([0; 64]);
        // SAFETY: room for any `fenv_t`.
        unsafe { feholdexcept((&raw mut environment.0).cast()) };
        environment
    }

    /// What it is now.
    pub fn now() -> Self {
        let mut environment = Self([0; 64]);
        // SAFETY: room for any `fenv_t`.
        unsafe { fegetenv((&raw mut environment.0).cast()) };
        environment
    }

    /// Puts it back, on the thread on which it was saved.
    pub fn put_back(&self) {
        // SAFETY: filled by the functions above.
        unsafe { fesetenv((&raw const self.0).cast()) };
    }

    /// How it computes, without the flags of what has happened so far: those change with every division.
    pub fn control(&self) -> u64 {
        let word = |at: usize| {
            let bytes = &self.0[at..at + 4];
            u64::from(u32::from_ne_bytes(bytes.try_into().unwrap_or_default()))
        };
        if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
            // glibc's and musl's fenv.h: the x87 control word first, MXCSR last. Intel SDM 10.2.3: flags are
            // the lowest six bits.
            word(28) & 0xffc0 | (word(0) & 0xffff) << 32
        } else if cfg!(target_arch = "x86_64") {
            // macOS: control and status word, then MXCSR.
            word(4) & 0xffc0 | (word(0) & 0xffff) << 32
        } else if cfg!(target_arch = "aarch64") {
            // FPCR first on Linux and second on macOS, beside FPSR, which has the flags.
            if cfg!(target_vendor = "apple") {
                word(8)
            } else {
                word(0)
            }
        } else {
            0
        }
    }
}
