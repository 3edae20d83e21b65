//! Notes: systems that leave the header's field at zero sign with a note instead.

use super::segments::Segments;
use crate::machine::Platform;
use crate::problem::Result;
use crate::source::Source;
use object::Endianness;

/// Notes are small; what lies beyond is not looked at.
const MOST_READ: u64 = 4096;

/// The system that a note names.
pub(crate) fn platform(
    source: &Source,
    endian: Endianness,
    segments: &Segments,
) -> Result<Option<Platform>> {
    for segment in &segments.notes {
        let length = segment.filesz.min(MOST_READ);
        let Some(bytes) = source.bytes(segment.offset, length)? else {
            continue;
        };
        if let Some(platform) = find(&bytes, endian) {
            return Ok(Some(platform));
        }
    }
    Ok(None)
}

/// A note is: length of the name, length of the description, type; name; description, each padded to 4.
fn find(mut bytes: &[u8], endian: Endianness) -> Option<Platform> {
    let word = |bytes: &[u8], index: usize| -> Option<usize> {
        let bytes: [u8; 4] = bytes.get(index..index + 4)?.try_into().ok()?;
        let value = match endian {
            Endianness::Little => u32::from_le_bytes(bytes),
            Endianness::Big => u32::from_be_bytes(bytes),
        };
        usize::try_from(value).ok()
    };
    loop {
        let name_size = word(bytes, 0)?;
        let description_size = word(bytes, 4)?;
        let name = bytes.get(12..12usize.checked_add(name_size)?)?;
        match name.strip_suffix(b"\0").unwrap_or(name) {
            b"FreeBSD" => return Some(Platform::FreeBsd),
            b"NetBSD" => return Some(Platform::NetBsd),
            b"OpenBSD" => return Some(Platform::OpenBsd),
            b"Android" => return Some(Platform::Android),
            _ => {}
        }
        let size = 12usize
            .checked_add(name_size.checked_next_multiple_of(4)?)?
            .checked_add(description_size.checked_next_multiple_of(4)?)?;
        bytes = bytes.get(size..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_second_note() {
        let mut bytes = Vec::new();
        for name in [&b"GNU\0"[..], b"Android\0"] {
            for word in [name.len() as u32, 4, 1] {
                bytes.extend_from_slice(&word.to_be_bytes());
            }
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(&[0; 4]);
        }
        assert_eq!(find(&bytes, Endianness::Big), Some(Platform::Android));
        assert_eq!(find(&bytes, Endianness::Little), None);
        assert_eq!(find(&bytes[..30], Endianness::Big), None);
    }
}
