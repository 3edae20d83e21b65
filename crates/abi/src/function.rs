//! Functions of the host that Python calls.

use crate::handle::NexusError;
use crate::status::RawStatus;
use crate::value::NexusValue;
use core::ffi::{c_char, c_void};

/// What a function of the host's is called with; all of it is valid during the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusArguments {
    /// The size of this struct in the library that calls.
    pub struct_size: usize,
    /// The positional arguments, and after them those of the keywords. Their text, bytes and handles are
    /// lent: `nexus_object_clone` makes a handle that stays.
    pub values: *const NexusValue,
    /// How many positional ones.
    pub count: usize,
    /// The names of the keyword arguments, UTF-8.
    pub keywords: *const *const c_char,
    /// How many keyword arguments.
    pub keyword_count: usize,
}

/// A function of the host's. It may call any function of this library; the GIL is not held meanwhile, unless
/// `NEXUS_FUNCTION_HOLD_GIL` was given. No C++ exception or longjmp may leave it.
///
/// It returns `NEXUS_OK` after it has set `result` (None before), which it hands over: an object or owner in
/// it is freed by the library, text and bytes without an owner are copied at once. Or it returns another
/// status, which is raised as a Python exception; `error` may receive an error from `nexus_error_new`,
/// `nexus_error_raise` or any call that failed, which it hands over, too. The exception of such a call is
/// raised again as it is.
pub type NexusFunction = Option<
    unsafe extern "C" fn(
        arguments: *const NexusArguments,
        result: *mut NexusValue,
        error: *mut *mut NexusError,
        user_data: *mut c_void,
    ) -> RawStatus,
>;

/// Called when `user_data` is needed no more.
pub type NexusDestructor = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// The GIL is held while the function runs: 50 to 100 ns faster, and other threads wait. Not for functions
/// that wait for a lock or another thread.
pub const NEXUS_FUNCTION_HOLD_GIL: u32 = 1;
