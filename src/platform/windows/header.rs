//! What a library's PE header tells.

use std::path::Path;

/// Why that file cannot be loaded into this process, told from its PE header; `None`: it can.
pub fn foreign_library(file: &Path) -> Option<String> {
    use std::io::Read;
    let mut header = Vec::new();
    match std::fs::File::open(file).and_then(|file| file.take(4096).read_to_end(&mut header)) {
        Err(error) => Some(format!("it cannot be read: {error}")),
        Ok(_) => check_header(&header),
    }
}

// The PE format: at 0x3c the offset of "PE\0\0", after which the machine stands.
fn check_header(header: &[u8]) -> Option<String> {
    let at = |offset: usize, size: usize| header.get(offset..offset + size);
    let start = at(0x3c, 4)
        .and_then(|bytes| bytes.try_into().ok())
        .map(u32::from_le_bytes)
        .unwrap_or(0) as usize;
    if at(0, 2) != Some(b"MZ") || at(start, 4) != Some(b"PE\0\0") {
        return Some("it is no library: the file has no PE header".to_owned());
    }
    let machine = at(start + 4, 2)
        .and_then(|bytes| bytes.try_into().ok())
        .map(u16::from_le_bytes)
        .unwrap_or(0);
    let own = if cfg!(target_arch = "aarch64") {
        0xaa64
    } else {
        0x8664
    };
    let name = match machine {
        0x14c => "x86 (32 bits)",
        0x8664 => "x86_64",
        0xaa64 => "aarch64",
        _ => "another machine",
    };
    (machine != own).then(|| {
        format!(
            "it is built for another architecture: {name}, and this process is {}",
            std::env::consts::ARCH
        )
    })
}
