//! `/etc/ld.so.cache`: the list of libraries that `ldconfig` found, as the dynamic linker reads it.
//!
//! The format is glibc's (sysdeps/generic/dl-cache.h): a header "glibc-ld.so.cache1.1" with the number
//! of entries, entries of 24 bytes, and strings. Before glibc 2.32 the file began with an older table,
//! after which, aligned to 8 bytes, came this one. Offsets of strings count from this header.

use std::collections::HashMap;
use std::path::PathBuf;

const OLD_MAGIC: &[u8] = b"ld.so-1.7.0";
const OLD_HEADER: usize = 16;
const OLD_ENTRY: usize = 12;
const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const HEADER: usize = 48;
const ENTRY: usize = 24;

/// Which paths the cache has for each soname. Entries for other machines are among them, so each has to
/// be looked at; those for better processors come last, since the plain one is always there too.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    paths: HashMap<String, Vec<PathBuf>>,
}

impl Cache {
    /// `None` if the bytes are no cache; entries outside the file are left out.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Cache> {
        let bytes = new_table(bytes)?;
        let big = match bytes.get(28)? & 3 {
            // Caches older than 2.33 do not say, and are of this machine.
            0 => cfg!(target_endian = "big"),
            2 => false,
            3 => true,
            _ => return None,
        };
        let word = |offset: usize| -> Option<u32> {
            let bytes: [u8; 4] = bytes.get(offset..offset.checked_add(4)?)?.try_into().ok()?;
            Some(if big {
                u32::from_be_bytes(bytes)
            } else {
                u32::from_le_bytes(bytes)
            })
        };
        let count = word(20)? as usize;
        let mut plain: HashMap<String, Vec<PathBuf>> = HashMap::new();
        let mut special = Vec::new();
        for index in 0..count.min(bytes.len() / ENTRY) {
            let entry = HEADER + index * ENTRY;
            let strings = word(entry + 4).zip(word(entry + 8));
            let Some((name, path)) =
                strings.and_then(|(name, path)| Some((string(bytes, name)?, string(bytes, path)?)))
            else {
                continue;
            };
            // hwcap, 64 bits: zero for the plain library.
            let is_plain = word(entry + 16) == Some(0) && word(entry + 20) == Some(0);
            if is_plain {
                plain
                    .entry(name.to_owned())
                    .or_default()
                    .push(PathBuf::from(path));
            } else {
                special.push((name.to_owned(), PathBuf::from(path)));
            }
        }
        for (name, path) in special {
            plain.entry(name).or_default().push(path);
        }
        Some(Cache { paths: plain })
    }

    /// The paths for a soname, possibly of several machines.
    pub(crate) fn paths(&self, soname: &str) -> &[PathBuf] {
        self.paths.get(soname).map_or(&[], Vec::as_slice)
    }
}

fn new_table(bytes: &[u8]) -> Option<&[u8]> {
    if bytes.starts_with(MAGIC) {
        return Some(bytes);
    }
    if !bytes.starts_with(OLD_MAGIC) {
        return None;
    }
    let count: [u8; 4] = bytes.get(12..16)?.try_into().ok()?;
    let end = (u32::from_ne_bytes(count) as usize)
        .checked_mul(OLD_ENTRY)?
        .checked_add(OLD_HEADER)?;
    let rest = bytes.get(end.checked_next_multiple_of(8)?..)?;
    rest.starts_with(MAGIC).then_some(rest)
}

fn string(bytes: &[u8], offset: u32) -> Option<&str> {
    let rest = bytes.get(offset as usize..)?;
    let end = rest.iter().take(4096).position(|byte| *byte == 0)?;
    std::str::from_utf8(&rest[..end]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cache with these (soname, path, hwcap).
    fn cache(entries: &[(&str, &str, u64)]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&(entries.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&0u32.to_le_bytes());
        bytes.extend_from_slice(&[2, 0, 0, 0]);
        bytes.resize(HEADER, 0);
        let mut strings = Vec::new();
        for (name, path, hwcap) in entries {
            let start = HEADER + entries.len() * ENTRY + strings.len();
            strings.extend_from_slice(format!("{name}\0{path}\0").as_bytes());
            bytes.extend_from_slice(&0x303u32.to_le_bytes());
            bytes.extend_from_slice(&(start as u32).to_le_bytes());
            bytes.extend_from_slice(&((start + name.len() + 1) as u32).to_le_bytes());
            bytes.extend_from_slice(&0u32.to_le_bytes());
            bytes.extend_from_slice(&hwcap.to_le_bytes());
        }
        bytes.extend_from_slice(&strings);
        bytes
    }

    #[test]
    fn reads_entries() {
        let bytes = cache(&[
            ("liba.so.1", "/opt/v3/liba.so.1", 1 << 62),
            ("liba.so.1", "/lib/liba.so.1", 0),
            ("liba.so.1", "/lib32/liba.so.1", 0),
            ("libb.so", "/lib/libb.so", 0),
        ]);
        let parsed = Cache::parse(&bytes).unwrap();
        let paths = ["/lib/liba.so.1", "/lib32/liba.so.1", "/opt/v3/liba.so.1"].map(PathBuf::from);
        assert_eq!(parsed.paths("liba.so.1"), paths);
        assert_eq!(parsed.paths("libb.so"), ["/lib/libb.so"].map(PathBuf::from));
        assert!(parsed.paths("libc.so").is_empty());
    }

    #[test]
    fn behind_the_old_table() {
        let mut bytes = OLD_MAGIC.to_vec();
        bytes.push(0);
        bytes.extend_from_slice(&1u32.to_ne_bytes());
        bytes.extend_from_slice(&[0; OLD_ENTRY]);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes.extend_from_slice(&cache(&[("liba.so", "/lib/liba.so", 0)]));
        assert_eq!(Cache::parse(&bytes).unwrap().paths("liba.so").len(), 1);
    }

    #[test]
    fn survives_any_cut() {
        let bytes = cache(&[
            ("liba.so.1", "/lib/liba.so.1", 0),
            ("libb.so", "/lib/libb.so", 0),
        ]);
        for length in 0..bytes.len() {
            let _ = Cache::parse(&bytes[..length]);
        }
        assert!(Cache::parse(b"nothing").is_none());
        let mut broken = bytes.clone();
        broken[20..24].fill(0xff);
        assert_eq!(Cache::parse(&broken).unwrap().paths("libb.so").len(), 1);
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn reads_the_real_one() {
        let Ok(bytes) = std::fs::read("/etc/ld.so.cache") else {
            return;
        };
        let parsed = Cache::parse(&bytes).expect("the system's cache");
        assert!(parsed.paths("libc.so.6").iter().any(|path| path.exists()));
    }
}
