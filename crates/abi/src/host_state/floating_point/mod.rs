//! The floating-point environment of this thread: rounding, traps, and how numbers near zero are treated.

#[cfg(not(windows))]
mod fenv;
#[cfg(windows)]
mod registers;

#[cfg(not(windows))]
pub use fenv::FloatingPoint;
#[cfg(windows)]
pub use registers::FloatingPoint;

impl FloatingPoint {
    /// What differs in how it computes, for people.
    pub fn difference(&self, now: &Self) -> Option<&'static str> {
        let changed = self.control() ^ now.control();
        if changed == 0 {
            return None;
        }
        // The bits of MXCSR: flush to zero and denormals are zero, rounding, masks of traps; the rounding
        // of x87 is bits 10 and 11 of its word.
        Some(if !cfg!(target_arch = "x86_64") {
            "floating-point arithmetic"
        } else if changed & 0x8040 != 0 {
            "the arithmetic of numbers near zero (flushed to zero: it was built with -ffast-math)"
        } else if changed & (0x6000 | 0x0c00 << 32) != 0 {
            "the rounding mode"
        } else {
            "floating-point traps or precision"
        })
    }
}

#[cfg(all(test, target_arch = "x86_64", target_os = "linux"))]
mod tests {
    use super::*;
    use core::ffi::c_int;

    #[test]
    fn flags_do_not_count_and_rounding_does() {
        unsafe extern "C" {
            fn fesetround(mode: c_int) -> c_int;
            fn feraiseexcept(exceptions: c_int) -> c_int;
        }
        const FE_DOWNWARD: c_int = 0x400;
        const FE_INEXACT: c_int = 0x20;
        let before = FloatingPoint::now();
        // SAFETY: change this thread's arithmetic only, and it is put back.
        unsafe {
            feraiseexcept(FE_INEXACT);
            assert_eq!(before.difference(&FloatingPoint::now()), None);
            fesetround(FE_DOWNWARD);
        }
        let now = FloatingPoint::now();
        before.put_back();
        assert_eq!(before.difference(&now), Some("the rounding mode"));
        assert_eq!(before.difference(&FloatingPoint::now()), None);
    }
}
