//! What one item is: the notation of Python's `struct` module.

use crate::buffer::tensor::dlpack::code;

/// Bytes of one item of a format of one letter in the machine's own sizes, which is what nearly all
/// memory has. Other formats are for Python to judge.
pub fn native_size(format: &[u8]) -> Option<usize> {
    let letter = match format.strip_prefix(b"@").unwrap_or(format) {
        [letter] => letter,
        // Complex numbers, as PEP 3118 and numpy write them.
        b"Zf" => return Some(8),
        b"Zd" => return Some(16),
        _ => return None,
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

/// The code and the bits of the DLPack type of such items, if there is one.
pub fn tensor_type(format: &[u8], item_size: usize) -> Option<(u8, u8)> {
    // DLPack has the machine's own byte order only.
    const FOREIGN: &[u8] = if cfg!(target_endian = "little") {
        b">!"
    } else {
        b"<"
    };
    let plain = match format {
        [order, ..] if FOREIGN.contains(order) => return None,
        [b'@' | b'=' | b'<' | b'>' | b'!', rest @ ..] => rest,
        all => all,
    };
    let (code, sizes): (u8, &[usize]) = match plain {
        b"?" => (code::BOOL, &[1]),
        b"b" | b"h" | b"i" | b"l" | b"q" | b"n" => (code::INT, &[1, 2, 4, 8]),
        b"B" | b"H" | b"I" | b"L" | b"Q" | b"N" => (code::UINT, &[1, 2, 4, 8]),
        b"e" => (code::FLOAT, &[2]),
        b"f" => (code::FLOAT, &[4]),
        b"d" => (code::FLOAT, &[8]),
        b"Zf" | b"F" => (code::COMPLEX, &[8]),
        b"Zd" | b"D" => (code::COMPLEX, &[16]),
        _ => return None,
    };
    sizes
        .contains(&item_size)
        .then_some((code, item_size as u8 * 8))
}
