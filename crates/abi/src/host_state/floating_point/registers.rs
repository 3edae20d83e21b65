//! By the control register itself: each of Windows' C runtimes has a `fenv_t` of its own.

use core::arch::asm;

/// The control register: MXCSR, or FPCR.
#[derive(Clone)]
pub struct FloatingPoint(u64);

/// MXCSR's masks of all traps (Intel SDM 10.2.3); FPCR's bits that allow them (Arm ARM, FPCR).
#[cfg(target_arch = "x86_64")]
const NO_TRAPS: fn(u64) -> u64 = |control| control | 0x1f80;
#[cfg(target_arch = "aarch64")]
const NO_TRAPS: fn(u64) -> u64 = |control| control & !0x9f00;

impl FloatingPoint {
    /// Saves it, and switches traps off for this thread: Python and numpy compute NaN and infinity on
    /// purpose.
    pub fn hold() -> Self {
        let host = Self::now();
        Self(NO_TRAPS(host.0)).put_back();
        host
    }

    /// What it is now.
    pub fn now() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let mut control = 0_u32;
            // SAFETY: stores the register to a place of its size.
            unsafe {
                asm!("stmxcsr [{}]", in(reg) &raw mut control, options(nostack, preserves_flags));
            }
            Self(control.into())
        }
        #[cfg(target_arch = "aarch64")]
        {
            let control: u64;
            // SAFETY: reads the register.
            unsafe {
                asm!("mrs {}, fpcr", out(reg) control, options(nomem, nostack, preserves_flags));
            }
            Self(control)
        }
    }

    /// Puts it back, on the thread on which it was saved.
    pub fn put_back(&self) {
        #[cfg(target_arch = "x86_64")]
        {
            let control = self.0 as u32;
            // SAFETY: a value that the register had, or with more traps masked.
            unsafe {
                asm!("ldmxcsr [{}]", in(reg) &raw const control, options(nostack, preserves_flags));
            }
        }
        #[cfg(target_arch = "aarch64")]
        // SAFETY: a value that the register had, or with fewer traps allowed.
        unsafe {
            asm!("msr fpcr, {}", in(reg) self.0, options(nomem, nostack, preserves_flags));
        }
    }

    /// How it computes, without the flags of what has happened so far.
    pub fn control(&self) -> u64 {
        // On x86-64 the lowest six bits are the flags of what has happened.
        if cfg!(target_arch = "x86_64") {
            self.0 & 0xffc0
        } else {
            self.0
        }
    }
}
