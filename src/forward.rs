//! The forwarders: the engine's functions as this library exports them.
//!
//! Each is one jump through a slot. A slot holds a stub until the engine is open: it clears the outputs
//! and returns `NEXUS_ERR_NOT_STARTED`, or, for a function that makes a handle out of no handle, starts
//! Python and goes on.

use crate::ffi::{zero, zero_array, zero_sized};
use crate::python::Config;
use core::ffi::{CStr, c_char, c_void};
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use nexus_abi::*;

#[cfg(target_arch = "x86_64")]
macro_rules! jump {
    ($slot:path) => {
        core::arch::naked_asm!("jmp qword ptr [rip + {slot}]", slot = sym $slot)
    };
}

// x16 is the register that calls may change on the way (AAPCS64, IP0).
#[cfg(all(target_arch = "aarch64", not(target_vendor = "apple")))]
macro_rules! jump {
    ($slot:path) => {
        core::arch::naked_asm!(
            "adrp x16, {slot}",
            "add x16, x16, :lo12:{slot}",
            "ldar x16, [x16]",
            "br x16",
            slot = sym $slot
        )
    };
}

#[cfg(all(target_arch = "aarch64", target_vendor = "apple"))]
macro_rules! jump {
    ($slot:path) => {
        core::arch::naked_asm!(
            "adrp x16, {slot}@PAGE",
            "add x16, x16, {slot}@PAGEOFF",
            "ldar x16, [x16]",
            "br x16",
            slot = sym $slot
        )
    };
}

fn not_started() -> Box<Failure> {
    Failure::new(
        NexusStatus::NEXUS_ERR_NOT_STARTED,
        "Python is not started: call nexus_python_start, or open a loader, first",
    )
}

fn fail(error: *mut *mut NexusError, failure: Box<Failure>) -> NexusStatus {
    nexus_abi::ffi::guard(error, crate::error::publish, |_| Err(failure))
}

/// Starts Python, unless it runs, and fills the slots.
pub fn start(config: Option<Config>) -> Result<()> {
    static FILLED: AtomicBool = AtomicBool::new(false);
    crate::python::start(config)?;
    if !FILLED.load(Ordering::Acquire) {
        let functions = crate::engine::functions(SLOTS.iter().map(|(name, _)| *name))?;
        for ((_, slot), address) in SLOTS.iter().zip(functions) {
            slot.store(address.cast_mut(), Ordering::Release);
        }
        FILLED.store(true, Ordering::Release);
    }
    Ok(())
}

fn start_with_defaults() -> Result<()> {
    nexus_abi::ffi::unpanicked(|| start(None))
}

const fn c_name(text: &str) -> &CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(name) => name,
        Err(_) => panic!("a name has one NUL, at its end"),
    }
}

/// Defines, for each function: the slot, the stub that is in it at first, and the forwarder that is exported.
macro_rules! forwarders {
    ($(
        fn $name:ident($($parameter:ident: $type:ty,)*) $(-> $result:ty)? $stub:block
    )*) => {
        /// Every function of the engine, and the slot through which its forwarder jumps.
        pub static SLOTS: &[(&CStr, &AtomicPtr<c_void>)] = &[
            $((c_name(concat!(stringify!($name), "\0")), &slot::$name),)*
        ];

        #[allow(non_upper_case_globals)]
        mod slot {
            use super::*;
            $(pub static $name: AtomicPtr<c_void> = AtomicPtr::new(stub::$name as *mut c_void);)*
        }

        #[allow(unused_variables)]
        mod stub {
            use super::*;
            $(pub extern "C" fn $name($($parameter: $type),*) $(-> $result)? $stub)*
        }

        $(
            #[unsafe(naked)]
            #[unsafe(no_mangle)]
            pub extern "C" fn $name($($parameter: $type),*) $(-> $result)? {
                jump!(slot::$name)
            }
        )*
    };
}

include!("forwarders.rs");
