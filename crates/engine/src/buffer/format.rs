//! What one item is: the notation of Python's `struct` module.

/// Bytes of one item of a format of one letter in the machine's own sizes, which is what nearly all
/// memory has. Other formats are for Python to judge.
pub fn native_size(format: &[u8]) -> Option<usize> {
    let [letter] = format.strip_prefix(b"@").unwrap_or(format) else {
        return None;
    };
    Some(match letter {
        b'c' | b'b' | b'B' | b'?' => 1,
        b'h' | b'H' => size_of::<core::ffi::c_short>(),
        b'i' | b'I' => size_of::<core::ffi::c_int>(),
        b'l' | b'L' => size_of::<core::ffi::c_long>(),
        b'q' | b'Q' => size_of::<core::ffi::c_longlong>(),
        b'n' | b'N' | b'P' => size_of::<usize>(),
        b'e' => 2,
        b'f' => 4,
        b'd' => 8,
        _ => return None,
    })
}
