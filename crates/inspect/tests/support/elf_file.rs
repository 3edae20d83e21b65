//! A minimal ELF shared library, of any class and byte order.

pub struct ElfFile {
    pub bits: u8,
    pub big: bool,
    pub machine: u16,
    pub os_abi: u8,
    pub kind: u16,
    /// Defined functions.
    pub defined: Vec<&'static str>,
    pub undefined: Vec<&'static str>,
    pub needed: Vec<&'static str>,
    /// Further entries of the dynamic section.
    pub tags: Vec<(u64, u64)>,
}

impl Default for ElfFile {
    fn default() -> Self {
        ElfFile {
            bits: 64,
            big: false,
            machine: 62,
            os_abi: 0,
            kind: 3,
            defined: vec!["PyInit_a"],
            undefined: vec!["PyModuleDef_Init"],
            needed: Vec::new(),
            tags: Vec::new(),
        }
    }
}

/// Where the parts lie, for tests that break them.
#[derive(Default)]
pub struct Layout {
    pub bytes: Vec<u8>,
    pub dynamic: usize,
    pub hash: usize,
    pub symbols: usize,
    pub strings: usize,
    pub code: usize,
}

struct Writer {
    bytes: Vec<u8>,
    big: bool,
    wide: bool,
}

impl Writer {
    /// The bytes of a number, the least significant first, in the file's order.
    fn put<const N: usize>(&mut self, mut bytes: [u8; N]) {
        if self.big {
            bytes.reverse();
        }
        self.bytes.extend(bytes);
    }

    fn half(&mut self, value: u16) {
        self.put(value.to_le_bytes());
    }

    fn word(&mut self, value: u32) {
        self.put(value.to_le_bytes());
    }

    fn long(&mut self, value: u64) {
        if self.wide {
            self.put(value.to_le_bytes());
        } else {
            self.word(value as u32);
        }
    }

    fn align(&mut self) -> usize {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.bytes.len()
    }

    fn program_header(&mut self, kind: u32, offset: u64, size: u64) {
        let flags = 7;
        self.word(kind);
        if self.wide {
            self.word(flags);
        }
        for value in [offset, offset, offset, size, size] {
            self.long(value);
        }
        if !self.wide {
            self.word(flags);
        }
        self.long(if kind == 1 { 0x1000 } else { 8 });
    }

    fn symbol(&mut self, name: u32, value: u64, defined: bool) {
        let (info, section) = if defined { (0x12, 1) } else { (0x10, 0) };
        self.word(name);
        if self.wide {
            self.bytes.extend_from_slice(&[info, 0]);
            self.half(section);
            self.long(value);
            self.long(0);
        } else {
            self.long(value);
            self.long(0);
            self.bytes.extend_from_slice(&[info, 0]);
            self.half(section);
        }
    }
}

impl ElfFile {
    pub fn bytes(&self) -> Vec<u8> {
        self.layout().bytes
    }

    /// One segment that holds everything, mapped at its own offset.
    pub fn layout(&self) -> Layout {
        // The sizes do not depend on the offsets, so a first round with wrong ones finds them.
        self.write(&self.write(&Layout::default()))
    }

    fn write(&self, known: &Layout) -> Layout {
        let wide = self.bits == 64;
        let mut out = Writer {
            bytes: Vec::new(),
            big: self.big,
            wide,
        };
        let mut strings = vec![0u8];
        let mut string = |text: &str| {
            let offset = strings.len() as u32;
            strings.extend_from_slice(text.as_bytes());
            strings.push(0);
            offset
        };
        out.bytes.extend_from_slice(b"\x7fELF");
        out.bytes.extend_from_slice(&[
            if wide { 2 } else { 1 },
            if self.big { 2 } else { 1 },
            1,
            self.os_abi,
        ]);
        out.bytes.resize(16, 0);
        out.half(self.kind);
        out.half(self.machine);
        out.word(1);
        out.long(0);
        out.long(if wide { 64 } else { 52 });
        out.long(0);
        out.word(0);
        out.half(if wide { 64 } else { 52 });
        out.half(if wide { 56 } else { 32 });
        out.half(2);
        for _ in 0..3 {
            out.half(0);
        }
        let total = known.bytes.len() as u64;
        let dynamic_size = (known.hash - known.dynamic) as u64;
        out.program_header(1, 0, total);
        out.program_header(2, known.dynamic as u64, dynamic_size);

        let needed: Vec<u32> = self.needed.iter().map(|name| string(name)).collect();
        let undefined: Vec<u32> = self.undefined.iter().map(|name| string(name)).collect();
        let defined: Vec<u32> = self.defined.iter().map(|name| string(name)).collect();
        let count = (1 + undefined.len() + defined.len()) as u32;

        let dynamic = out.align();
        let mut entries: Vec<(u64, u64)> =
            needed.iter().map(|name| (1, u64::from(*name))).collect();
        entries.extend([
            (4, known.hash as u64),
            (5, known.strings as u64),
            (6, known.symbols as u64),
            (10, strings.len() as u64),
            (11, if wide { 24 } else { 16 }),
        ]);
        entries.extend_from_slice(&self.tags);
        entries.push((0, 0));
        for (tag, value) in entries {
            out.long(tag);
            out.long(value);
        }
        let hash = out.align();
        // One bucket, and one chain of all symbols. s390x has words of 64 bits here.
        let words = [1, count, 1, 0].into_iter();
        let chain = (2..count).chain((count > 1).then_some(0));
        for word in words.chain(chain) {
            if wide && self.machine == 22 {
                out.long(u64::from(word));
            } else {
                out.word(word);
            }
        }
        let symbols = out.align();
        out.symbol(0, 0, false);
        for name in undefined {
            out.symbol(name, 0, false);
        }
        for name in defined {
            out.symbol(name, known.code as u64, true);
        }
        let string_offset = out.bytes.len();
        out.bytes.extend_from_slice(&strings);
        let code = out.align();
        out.bytes.extend_from_slice(&[0xc3; 16]);
        Layout {
            bytes: out.bytes,
            dynamic,
            hash,
            symbols,
            strings: string_offset,
            code,
        }
    }
}
