//! Status codes: what every fallible function returns.

/// The outcome of a function. Numbers are never reused; a program must expect numbers that it does not
/// know yet. 32 bits wide.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub enum NexusStatus {
    /// Success. Only now have the outputs a value.
    NEXUS_OK = 0,
    /// An argument is NULL, out of range, or not UTF-8; the message names it.
    NEXUS_ERR_INVALID_ARGUMENT = 1,
    /// A handle was freed, is of another type, or was never given out.
    NEXUS_ERR_BAD_HANDLE = 2,
    /// A path, an attribute or a name does not exist.
    NEXUS_ERR_NOT_FOUND = 3,
    /// The path exists, but is not a directory.
    NEXUS_ERR_NOT_A_DIRECTORY = 4,
    /// The directory has no file that ends in `.so` or `.pyd`.
    NEXUS_ERR_NO_MODULES = 5,
    /// The loader has no loaded module of that name; the message lists those it has.
    NEXUS_ERR_NOT_LOADED = 6,
    /// The name stands for several modules; the message lists them.
    NEXUS_ERR_AMBIGUOUS = 7,
    /// A module was found and could not be loaded.
    NEXUS_ERR_LOAD_FAILED = 8,
    /// No usable Python on this machine; the message lists every candidate and why it was refused.
    NEXUS_ERR_PYTHON_NOT_FOUND = 9,
    /// A Python was found, but did not start.
    NEXUS_ERR_PYTHON_START = 10,
    /// Another Python runs in this process already, or two libpythons are in it.
    NEXUS_ERR_PYTHON_CONFLICT = 11,
    /// The function needs Python, which nothing has started yet.
    NEXUS_ERR_NOT_STARTED = 12,
    /// Python raised an exception; the error has its type, message and traceback.
    NEXUS_ERR_EXCEPTION = 13,
    /// A value has another type than the function needs.
    NEXUS_ERR_TYPE = 14,
    /// A number does not fit into the type that it was asked for as.
    NEXUS_ERR_OVERFLOW = 15,
    /// The operating system refused to read a file or directory.
    NEXUS_ERR_IO = 16,
    /// The engine library is not beside the front, or is of another version.
    NEXUS_ERR_ENGINE = 17,
    /// No memory, or no free handle.
    NEXUS_ERR_NO_MEMORY = 18,
    /// This thread is not attached, and has nothing to detach.
    NEXUS_ERR_NOT_ATTACHED = 19,
    /// This process was forked from the one that started Python: it cannot call Python.
    NEXUS_ERR_FORKED = 20,
    /// The interpreter that was adopted has been finalized by its owner.
    NEXUS_ERR_CLOSED = 21,
    /// Something is still in use, so it cannot be taken back.
    NEXUS_ERR_BUSY = 22,
    /// The host asked to stop.
    NEXUS_ERR_CANCELLED = 23,
    /// A file is not allowed by the list that the host gave.
    NEXUS_ERR_NOT_ALLOWED = 24,
    /// A time limit passed.
    NEXUS_ERR_TIMEOUT = 25,
    /// An iteration has no further item.
    NEXUS_ERR_END = 26,
    /// This build, platform or Python cannot do that.
    NEXUS_ERR_NOT_SUPPORTED = 27,
    /// A defect in nexus_loader itself; the message is for its developers.
    NEXUS_ERR_PANIC = 28,
}

/// A status as it arrives from C: any number. The header shows it as `NexusStatus`.
pub type RawStatus = u32;

/// Every status with its text, in the order of the numbers.
pub const STATUSES: &[(NexusStatus, &core::ffi::CStr)] = {
    use NexusStatus::*;
    &[
        (NEXUS_OK, c"success"),
        (NEXUS_ERR_INVALID_ARGUMENT, c"invalid argument"),
        (NEXUS_ERR_BAD_HANDLE, c"bad handle"),
        (NEXUS_ERR_NOT_FOUND, c"not found"),
        (NEXUS_ERR_NOT_A_DIRECTORY, c"not a directory"),
        (NEXUS_ERR_NO_MODULES, c"no binary modules"),
        (NEXUS_ERR_NOT_LOADED, c"module not loaded"),
        (NEXUS_ERR_AMBIGUOUS, c"ambiguous name"),
        (NEXUS_ERR_LOAD_FAILED, c"module failed to load"),
        (NEXUS_ERR_PYTHON_NOT_FOUND, c"no usable Python found"),
        (NEXUS_ERR_PYTHON_START, c"Python did not start"),
        (
            NEXUS_ERR_PYTHON_CONFLICT,
            c"another Python is in the process",
        ),
        (NEXUS_ERR_NOT_STARTED, c"Python is not started"),
        (NEXUS_ERR_EXCEPTION, c"Python exception"),
        (NEXUS_ERR_TYPE, c"wrong type"),
        (NEXUS_ERR_OVERFLOW, c"number out of range"),
        (NEXUS_ERR_IO, c"input/output error"),
        (
            NEXUS_ERR_ENGINE,
            c"engine library missing or of another version",
        ),
        (NEXUS_ERR_NO_MEMORY, c"out of memory"),
        (NEXUS_ERR_NOT_ATTACHED, c"thread is not attached"),
        (NEXUS_ERR_FORKED, c"forked process"),
        (NEXUS_ERR_CLOSED, c"Python was finalized"),
        (NEXUS_ERR_BUSY, c"still in use"),
        (NEXUS_ERR_CANCELLED, c"cancelled"),
        (NEXUS_ERR_NOT_ALLOWED, c"not on the allow-list"),
        (NEXUS_ERR_TIMEOUT, c"time limit passed"),
        (NEXUS_ERR_END, c"no further item"),
        (NEXUS_ERR_NOT_SUPPORTED, c"not supported"),
        (NEXUS_ERR_PANIC, c"internal error"),
    ]
};

impl NexusStatus {
    /// The status of that number, if it is one.
    #[must_use]
    pub fn from_number(number: RawStatus) -> Option<Self> {
        STATUSES.get(number as usize).map(|(status, _)| *status)
    }
}

/// The text of a status number, also of an unknown one.
#[must_use]
pub fn status_text(number: RawStatus) -> &'static core::ffi::CStr {
    STATUSES
        .get(number as usize)
        .map_or(c"unknown status", |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_numbers() {
        for (index, (status, text)) in STATUSES.iter().enumerate() {
            assert_eq!(*status as usize, index);
            assert!(!text.is_empty());
        }
        assert_eq!(status_text(4_000_000_000), c"unknown status");
        assert_eq!(
            NexusStatus::from_number(6),
            Some(NexusStatus::NEXUS_ERR_NOT_LOADED)
        );
        assert_eq!(NexusStatus::from_number(999), None);
    }
}
