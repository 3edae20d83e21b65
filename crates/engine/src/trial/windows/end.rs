//! How a process ended, from its exit code.

use crate::trial::event::End;
use crate::trial::protocol::NO_CHANNEL;
use windows_sys::Win32::Foundation::{
    NTSTATUS, STATUS_ACCESS_VIOLATION, STATUS_ARRAY_BOUNDS_EXCEEDED, STATUS_ASSERTION_FAILURE,
    STATUS_BREAKPOINT, STATUS_CONTROL_C_EXIT, STATUS_DLL_INIT_FAILED, STATUS_DLL_NOT_FOUND,
    STATUS_ENTRYPOINT_NOT_FOUND, STATUS_FLOAT_DIVIDE_BY_ZERO, STATUS_FLOAT_INVALID_OPERATION,
    STATUS_HEAP_CORRUPTION, STATUS_ILLEGAL_INSTRUCTION, STATUS_IN_PAGE_ERROR,
    STATUS_INTEGER_DIVIDE_BY_ZERO, STATUS_NO_MEMORY, STATUS_PRIVILEGED_INSTRUCTION,
    STATUS_STACK_BUFFER_OVERRUN, STATUS_STACK_OVERFLOW,
};

/// What C++ throws with Microsoft's compiler, and with GCC's.
const CPP_EXCEPTIONS: [u32; 2] = [0xe06d_7363, 0x2047_4343];

/// In the words of a message. Exceptions that nobody caught are the exit code: those of the system have the two
/// highest bits set (NTSTATUS).
pub fn end_of(code: u32) -> End {
    if code == NO_CHANNEL.cast_unsigned() {
        return End::NoChannel;
    }
    if code >> 30 != 3 && !CPP_EXCEPTIONS.contains(&code) {
        return End::Code(code.cast_signed());
    }
    let name = match NTSTATUS::from_ne_bytes(code.to_ne_bytes()) {
        STATUS_ACCESS_VIOLATION => "access violation",
        STATUS_STACK_OVERFLOW => "stack overflow",
        STATUS_ILLEGAL_INSTRUCTION => "illegal instruction",
        STATUS_PRIVILEGED_INSTRUCTION => "privileged instruction",
        STATUS_INTEGER_DIVIDE_BY_ZERO => "integer division by zero",
        STATUS_FLOAT_DIVIDE_BY_ZERO => "floating-point division by zero",
        STATUS_FLOAT_INVALID_OPERATION => "invalid floating-point operation",
        STATUS_ARRAY_BOUNDS_EXCEEDED => "array bounds exceeded",
        STATUS_HEAP_CORRUPTION => "heap corruption",
        STATUS_STACK_BUFFER_OVERRUN => "abort, or stack buffer overrun",
        STATUS_ASSERTION_FAILURE => "assertion failure",
        STATUS_BREAKPOINT => "breakpoint",
        STATUS_IN_PAGE_ERROR => "a page could not be read",
        STATUS_NO_MEMORY => "out of memory",
        STATUS_DLL_NOT_FOUND => "a DLL was not found",
        STATUS_DLL_INIT_FAILED => "a DLL failed to initialize",
        STATUS_ENTRYPOINT_NOT_FOUND => "a DLL lacks a function",
        STATUS_CONTROL_C_EXIT => "Ctrl-C",
        _ if CPP_EXCEPTIONS.contains(&code) => "C++ exception that nobody caught",
        _ => "unknown",
    };
    End::Signal {
        text: format!("exception 0x{code:08X} ({name})"),
        from_outside: code == STATUS_CONTROL_C_EXIT.cast_unsigned(),
    }
}
