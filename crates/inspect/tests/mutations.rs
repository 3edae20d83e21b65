//! The short run of the fuzz targets: damaged files, the same ones in every run, without a nightly compiler.
//! The long one is `fuzz/run.sh`.

mod support;

use support::{Random, judge, seeds};

/// Damages one file in a few places at most.
fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(4) {
        let size = bytes.len();
        // In half of the cases near the beginning, where the headers are.
        let limit = if random.below(2) == 0 {
            size.min(600)
        } else {
            size
        };
        if limit < 16 {
            return;
        }
        let at = random.below(limit - 8);
        match random.below(10) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            // A field becomes a number that programs get wrong.
            2..=5 => {
                let width = 1 << random.below(4);
                let at = at & !(width - 1);
                let number = number(random, size);
                let field = &mut bytes[at..at + width];
                let big = random.below(4) == 0;
                for (index, byte) in field.iter_mut().enumerate() {
                    let place = if big { width - 1 - index } else { index };
                    *byte = number.to_le_bytes()[place];
                }
            }
            // A field becomes another field.
            6 => {
                let from = random.below(size - 8);
                bytes.copy_within(from..from + 8, at);
            }
            7 => bytes.truncate(at),
            8 => {
                let end = (at + random.below(200)).min(size);
                bytes[at..end].fill(0);
            }
            _ => {
                let count = 1 + random.below(8);
                bytes.splice(at..at, std::iter::repeat_n(0x41, count));
            }
        }
    }
}

fn number(random: &mut Random, size: usize) -> u64 {
    let size = size as u64;
    let all = [
        0,
        1,
        2,
        3,
        7,
        24,
        0x7f,
        0xff,
        0x7fff,
        0xffff,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_ffff,
        1 << 32,
        1 << 40,
        1 << 63,
        i64::MAX as u64,
        u64::MAX,
        u64::MAX - 7,
        u64::MAX - 0xfff,
        size,
        size - 1,
        size + 1,
        size / 2,
    ];
    all[random.below(all.len())]
}

#[test]
fn damaged_files() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let (mut whole, mut refused) = (0, 0);
    for (name, seed) in seeds::images() {
        assert!(judge::image(&seed), "{name} is whole");
        for _ in 0..8_000 {
            let mut bytes = seed.clone();
            damage(&mut random, &mut bytes);
            if judge::image(&bytes) {
                whole += 1;
            } else {
                refused += 1;
            }
        }
    }
    // Both ways are well trodden.
    assert!(whole > 10_000 && refused > 10_000, "{whole}, {refused}");
}

#[test]
fn noise() {
    let mut random = Random(0x0fed_cba9_8765_4321);
    let seeds = seeds::images();
    for length in 0..6_000 {
        let mut bytes: Vec<u8> = (0..length % 300).map(|_| random.next() as u8).collect();
        // Most of it behind a true beginning.
        if length % 4 != 0 {
            let (_, seed) = &seeds[length % seeds.len()];
            let head = random.below(seed.len().min(200));
            bytes.splice(0..0, seed[..head].iter().copied());
        }
        judge::image(&bytes);
    }
}

#[test]
fn names() {
    let mut random = Random(0x9abc_def1_1234_5678);
    let mut modules = 0;
    for name in seeds::NAMES {
        assert!(judge::name(name.as_bytes()), "{name}");
        for _ in 0..20_000 {
            let mut bytes = name.as_bytes().to_vec();
            for _ in 0..=random.below(3) {
                let at = random.below(bytes.len());
                match random.below(4) {
                    0 => bytes[at] = random.next() as u8,
                    1 => bytes[at] = b".-_03t"[random.below(6)],
                    2 => drop(bytes.remove(at)),
                    _ => bytes.extend_from_within(at..),
                }
                if bytes.is_empty() {
                    break;
                }
            }
            modules += usize::from(judge::name(&bytes));
        }
    }
    assert!(modules > 1_000, "{modules}");
}
