//! The exports trie: the names that a file exports, by their common beginnings (mach-o/loader.h,
//! LC_DYLD_EXPORTS_TRIE).
//!
//! A node has the size of what it says of the name that ends there, that itself, the number of its children,
//! and for each child the further bytes of the name and where it is. `object` has an iterator over all
//! names; in a damaged trie, whose branches grow together, that would not end, and we want few of the names.

/// What is said of an exported name.
pub(super) struct Entry {
    flags: u64,
    /// The distance from the beginning of the image.
    pub(super) address: u64,
}

impl Entry {
    /// Whether another library, or a function, tells the address.
    pub(super) fn is_elsewhere(&self) -> bool {
        const REEXPORT: u64 = 0x08;
        const STUB_AND_RESOLVER: u64 = 0x10;
        self.flags & (REEXPORT | STUB_AND_RESOLVER) != 0
    }
}

/// Longer names are none.
const MOST_NAME: usize = 4096;

/// Calls `visit` for each name that begins with one of the prefixes. `None` if the trie is damaged.
pub(super) fn for_each(
    trie: &[u8],
    prefixes: &[&[u8]],
    mut visit: impl FnMut(&[u8], Entry),
) -> Option<()> {
    let wanted = |name: &[u8]| {
        prefixes
            .iter()
            .any(|prefix| name.starts_with(prefix) || prefix.starts_with(name))
    };
    let complete = |name: &[u8]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    let mut waiting = vec![(0_usize, Vec::new())];
    // Each node takes two bytes at least, and no two edges lead to one.
    let mut left = trie.len() / 2 + 1;
    while let Some((offset, name)) = waiting.pop() {
        left = left.checked_sub(1)?;
        let mut node = Reader(trie.get(offset..)?);
        let size = usize::try_from(node.number()?).ok()?;
        let mut said = Reader(node.take(size)?);
        if size > 0 {
            let entry = Entry {
                flags: said.number()?,
                address: said.number()?,
            };
            if complete(&name) {
                visit(&name, entry);
            }
        }
        let children = *node.take(1)?.first()?;
        for _ in 0..children {
            let edge = node.string()?;
            let child = usize::try_from(node.number()?).ok()?;
            let longer = [&name, edge].concat();
            if longer.len() > MOST_NAME {
                return None;
            }
            if wanted(&longer) {
                waiting.push((child, longer));
            }
        }
    }
    Some(())
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (first, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(first)
    }

    /// ULEB128: seven bits in each byte, the lowest first.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            let bits = u64::from(byte & 0x7f);
            if bits.checked_shl(shift).map(|value| value >> shift) != Some(bits) {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Up to a NUL, which is skipped.
    fn string(&mut self) -> Option<&'b [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = self.take(end)?;
        self.take(1)?;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "_PyInit_a" at 0x1234, "_Py" re-exported, "_other" at 1.
    const TRIE: &[u8] = &[
        0, 1, b'_', 0, 5, // 0
        0, 2, b'P', b'y', 0, 19, b'o', b't', b'h', b'e', b'r', 0, 35, 0, // 5
        3, 8, 1, 0, 1, b'I', b'n', b'i', b't', b'_', b'a', 0, 33, 0, // 19
        3, 0, // 33: cut below
    ];

    fn names(trie: &[u8]) -> Option<Vec<(String, u64, bool)>> {
        let mut found = Vec::new();
        for_each(trie, &[b"_Py"], |name, entry| {
            let name = String::from_utf8(name.to_vec()).unwrap();
            found.push((name, entry.address, entry.is_elsewhere()));
        })?;
        Some(found)
    }

    #[test]
    fn names_with_a_prefix() {
        let mut trie = TRIE.to_vec();
        trie.extend([0xb4, 0x24, 0]);
        let found = names(&trie).unwrap();
        assert_eq!(
            found,
            [
                ("_Py".to_owned(), 1, true),
                ("_PyInit_a".to_owned(), 0x1234, false)
            ]
        );
        assert_eq!(names(TRIE), None);
        for length in 0..trie.len() {
            assert_eq!(names(&trie[..length]), None, "{length}");
        }
    }

    #[test]
    fn circles_and_branches_that_meet_end() {
        // The only child is the root.
        assert_eq!(names(&[0, 1, 0, 0]), None);
        // Each of many nodes has two edges to the next.
        let mut trie = vec![0, 1, b'_', b'P', b'y', 0, 7];
        for _ in 0..14 {
            let next = trie.len() as u8 + 8;
            trie.extend([0, 2, b'a', 0, next, b'b', 0, next]);
        }
        trie.extend([0, 0]);
        assert_eq!(names(&trie), None);
        assert_eq!(names(&[0xff; 20]), None);
    }
}
