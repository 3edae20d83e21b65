//! The symbol hash tables. They alone tell how many dynamic symbols there are, and the dynamic linker
//! follows them without any check: a bad table is a crash or an endless loop in `dlopen`.

use super::{Tables, dynamic::Dynamic, header::Header};
use crate::detail::Detail;
use crate::machine::Machine;
use crate::problem::{Result, fail};
use object::Endianness;

/// Chains are read in pieces of this many bytes.
const PIECE: u64 = 4096;

const DETAIL: Detail = Detail::BAD_HASH_TABLE;

/// The number of dynamic symbols, the undefined ones included as far as that can be known.
pub(crate) fn symbol_count(
    tables: &Tables,
    dynamic: &Dynamic,
    header: &Header,
    is_64: bool,
) -> Result<u64> {
    // glibc and musl prefer the GNU table and then do not look at the other.
    let hashed = match (dynamic.gnu_hash, dynamic.hash) {
        (Some(address), _) => gnu(tables, address, is_64)?,
        // The words of these two are 64 bits wide (an error of their ABIs that nobody can mend now).
        (None, Some(address)) if matches!(header.machine, Machine::Alpha | Machine::S390x) => {
            sysv(tables, address, 8)?
        }
        (None, Some(address)) => sysv(tables, address, 4)?,
        // MIPS has a table of its own kind.
        (None, None) if matches!(header.machine, Machine::Mips | Machine::Mips64) => 0,
        (None, None) if header.is_executable => 0,
        (None, None) => return fail(DETAIL, "damaged: no symbol hash table"),
    };
    if hashed > 0 {
        return Ok(hashed);
    }
    // A GNU table of a file that exports nothing does not count the undefined symbols. They end at the
    // next table at the latest: GNU ld puts the strings there, lld the versions.
    let entry = if is_64 { 24 } else { 16 };
    let gap = dynamic
        .tables()
        .filter_map(|address| address.checked_sub(dynamic.symbols))
        .filter(|gap| *gap > 0)
        .min()
        .unwrap_or(0);
    let room = tables.segments.file_bytes_after(dynamic.symbols);
    Ok(if gap <= room { gap / entry } else { 0 })
}

/// Layout: bucket count, first hashed symbol, bloom words, bloom shift; bloom filter; buckets; chains.
/// A chain ends at a value with the lowest bit set. Returns 0 if no symbol is hashed.
fn gnu(tables: &Tables, address: u64, is_64: bool) -> Result<u64> {
    let what = "the GNU hash table";
    let head = tables.at(address, 16, DETAIL, what)?;
    let word = |index: usize| word32(&head, index, tables.endian);
    let (buckets, first, bloom) = (u64::from(word(0)), u64::from(word(1)), u64::from(word(2)));
    if buckets == 0 {
        return fail(DETAIL, "damaged: the GNU hash table has no buckets");
    }
    if !bloom.is_power_of_two() {
        return fail(
            DETAIL,
            "damaged: the GNU hash table's filter has an impossible size",
        );
    }
    let bloom_size = bloom * if is_64 { 8 } else { 4 };
    // Below 2^32 * 8 each, so the sums cannot overflow once the first read has succeeded.
    let bucket_address = address.wrapping_add(16 + bloom_size);
    let bytes = tables.at(bucket_address, buckets * 4, DETAIL, what)?;
    let mut last = 0;
    for index in 0..buckets as usize {
        let symbol = u64::from(word32(&bytes, index, tables.endian));
        if symbol != 0 && symbol < first {
            return fail(
                DETAIL,
                "damaged: a bucket of the GNU hash table points before the table",
            );
        }
        last = last.max(symbol);
    }
    if last == 0 {
        return Ok(0);
    }
    let chains = bucket_address.wrapping_add(buckets * 4);
    let mut next = chains.wrapping_add((last - first) * 4);
    let mut count = last;
    loop {
        let room = tables.segments.file_bytes_after(next).min(PIECE) & !3;
        if room == 0 {
            return fail(DETAIL, "damaged: a chain of the GNU hash table has no end");
        }
        let bytes = tables.at(next, room, DETAIL, what)?;
        for index in 0..(room / 4) as usize {
            count += 1;
            if word32(&bytes, index, tables.endian) & 1 != 0 {
                return Ok(count);
            }
        }
        next += room;
    }
}

/// Layout: bucket count, chain count, buckets, chains; there is a chain entry for each symbol, and 0 ends
/// a chain.
fn sysv(tables: &Tables, address: u64, width: u64) -> Result<u64> {
    let what = "the hash table";
    let head = tables.at(address, 2 * width, DETAIL, what)?;
    let word = |bytes: &[u8], index: u64| word(bytes, index as usize, width, tables.endian);
    let (buckets, count) = (word(&head, 0), word(&head, 1));
    let size = buckets
        .checked_add(count)
        .and_then(|words| words.checked_mul(width));
    let Some(size) = size else {
        return fail(DETAIL, "damaged: the hash table has an impossible size");
    };
    let bytes = tables.at(address + 2 * width, size, DETAIL, what)?;
    if buckets == 0 {
        return fail(DETAIL, "damaged: the hash table has no buckets");
    }
    // Each symbol is in one chain, so a walk that meets one twice has found a circle.
    let mut seen = vec![false; count as usize];
    for bucket in 0..buckets {
        let mut symbol = word(&bytes, bucket);
        while symbol != 0 {
            match seen.get_mut(symbol as usize) {
                Some(seen) if !*seen => *seen = true,
                Some(_) => {
                    return fail(
                        DETAIL,
                        "damaged: a chain of the hash table runs in a circle",
                    );
                }
                None => {
                    return fail(
                        DETAIL,
                        "damaged: the hash table names a symbol that is not there",
                    );
                }
            }
            symbol = word(&bytes, buckets + symbol);
        }
    }
    Ok(count)
}

/// The caller has made sure that the index is inside.
fn word32(bytes: &[u8], index: usize, endian: Endianness) -> u32 {
    let bytes: [u8; 4] = bytes
        .get(index * 4..index * 4 + 4)
        .and_then(|bytes| bytes.try_into().ok())
        .unwrap_or_default();
    match endian {
        Endianness::Little => u32::from_le_bytes(bytes),
        Endianness::Big => u32::from_be_bytes(bytes),
    }
}

fn word(bytes: &[u8], index: usize, width: u64, endian: Endianness) -> u64 {
    if width == 4 {
        return u64::from(word32(bytes, index, endian));
    }
    let (first, second) = (
        word32(bytes, index * 2, endian),
        word32(bytes, index * 2 + 1, endian),
    );
    let (low, high) = match endian {
        Endianness::Little => (first, second),
        Endianness::Big => (second, first),
    };
    u64::from(high) << 32 | u64::from(low)
}
