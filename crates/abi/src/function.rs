//! Functions of the host that Python calls.

use crate::handle::NexusError;
use crate::status::RawStatus;
use crate::value::NexusValue;
use core::ffi::{c_char, c_void};

/// The arguments of a call from Python. All of it is valid during the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusArguments {
    /// `sizeof(NexusArguments)` in the library that calls.
    pub struct_size: usize,
    /// The positional arguments, and after them those with keywords. Their text, bytes and handles are lent:
    /// `nexus_object_clone` makes a handle that stays.
    pub values: *const NexusValue,
    /// How many positional arguments.
    pub count: usize,
    /// The names of the keyword arguments, UTF-8.
    pub keywords: *const *const c_char,
    /// How many keyword arguments.
    pub keyword_count: usize,
}

/// A function of the host that Python calls. It may call any function of this library. No C++ exception or
/// longjmp may leave it.
///
/// `arguments`: what Python calls it with. `result`: None; the function sets it and hands it over: the
/// library frees an object or owner in it, and copies text and bytes without an owner at once. `error`: may
/// receive an error from `nexus_error_new`, `nexus_error_raise` or any call that failed, which the function
/// hands over too. `user_data`: what the host gave to `nexus_function_new`.
///
/// Returns `NEXUS_OK`, or another status, which is raised as a Python exception. The exception of a call that
/// failed is raised again as it is.
///
/// The GIL is not held during the call, unless `NEXUS_FUNCTION_HOLD_GIL` was given.
pub type NexusFunction = Option<
    unsafe extern "C" fn(
        arguments: *const NexusArguments,
        result: *mut NexusValue,
        error: *mut *mut NexusError,
        user_data: *mut c_void,
    ) -> RawStatus,
>;

/// A function of the host that is called once, when the library does not need `user_data` any more.
pub type NexusDestructor = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// Flag of `nexus_function_new`: the GIL is held while the function runs. That is 50 to 100 ns faster, and
/// other threads wait. It is not for functions that wait for a lock or another thread.
pub const NEXUS_FUNCTION_HOLD_GIL: u32 = 1;
