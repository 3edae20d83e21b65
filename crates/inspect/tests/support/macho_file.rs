//! A minimal bundle of macOS, and universal files of several.

pub struct MachOFile {
    pub cpu: u32,
    pub subtype: u32,
    /// 8: bundle, 6: dylib, 2: program, 1: object file.
    pub kind: u32,
    pub big: bool,
    pub defined: Vec<&'static str>,
    pub undefined: Vec<&'static str>,
    /// For each undefined symbol the library it is of, from 1; without: any (`-undefined dynamic_lookup`).
    pub ordinals: Vec<u8>,
    /// Load commands with a name, each with its number.
    pub libraries: Vec<(u32, &'static str)>,
    /// Whether the symbols are in the exports trie and the chained fixups alone, as in a stripped file.
    pub modern: bool,
    /// LC_BUILD_VERSION: a platform, and the oldest version that it is for.
    pub build_version: Option<(u32, u32)>,
    /// Further load commands, as numbers.
    pub commands: Vec<Vec<u32>>,
}

pub const X86_64: u32 = 0x0100_0007;
pub const ARM64: u32 = 0x0100_000c;
const POWERPC: u32 = 18;

pub const LOAD: u32 = 0xc;
pub const ID: u32 = 0xd;
pub const LOAD_WEAK: u32 = 0x8000_0018;
pub const RPATH: u32 = 0x8000_001c;
pub const REEXPORT: u32 = 0x8000_001f;

impl Default for MachOFile {
    fn default() -> Self {
        MachOFile {
            cpu: ARM64,
            subtype: 0,
            kind: 8,
            big: false,
            defined: vec!["_PyInit_a"],
            undefined: vec!["_PyModuleDef_Init"],
            ordinals: Vec::new(),
            libraries: vec![(LOAD, "/usr/lib/libSystem.B.dylib")],
            modern: false,
            build_version: None,
            commands: Vec::new(),
        }
    }
}

/// Numbers of the file's byte order.
struct Writer {
    bytes: Vec<u8>,
    big: bool,
}

impl Writer {
    fn new(big: bool) -> Writer {
        let bytes = Vec::new();
        Writer { bytes, big }
    }

    fn words(&mut self, values: &[u32]) {
        for value in values {
            let bytes = match self.big {
                true => value.to_be_bytes(),
                false => value.to_le_bytes(),
            };
            self.bytes.extend_from_slice(&bytes);
        }
    }

    fn long(&mut self, value: u64) {
        let (high, low) = ((value >> 32) as u32, value as u32);
        match self.big {
            true => self.words(&[high, low]),
            false => self.words(&[low, high]),
        }
    }
}

/// Where the code is: in the header's segment.
const CODE: u32 = 0x10;

impl MachOFile {
    /// One for a processor of Intel.
    pub fn intel() -> Self {
        MachOFile {
            cpu: X86_64,
            ..MachOFile::default()
        }
    }

    /// One for a PowerPC, of 32 bits and the other byte order.
    pub fn old() -> Self {
        MachOFile {
            cpu: POWERPC,
            big: true,
            ..MachOFile::default()
        }
    }

    fn wide(&self) -> bool {
        self.cpu & 0x0100_0000 != 0
    }

    pub fn bytes(&self) -> Vec<u8> {
        // The sizes do not depend on the offsets, so a first round with wrong ones finds them.
        let (_, start) = self.write(0, 0);
        let (bytes, _) = self.write(start, 0);
        self.write(start, bytes.len() - start).0
    }

    /// The file, and where __LINKEDIT begins; `start` and `size` are what its segment says.
    fn write(&self, start: usize, size: usize) -> (Vec<u8>, usize) {
        let mut commands = Writer::new(self.big);
        let mut count = 0;
        self.segment(&mut commands, b"__TEXT", 0, start, 5);
        self.segment(&mut commands, b"__LINKEDIT", start, size, 1);
        count += 2;
        for (command, name) in &self.libraries {
            let header = if *command == RPATH { 12 } else { 24 };
            let size = (header + name.len() + 1).next_multiple_of(8);
            commands.words(&[*command, size as u32, header as u32]);
            if *command != RPATH {
                commands.words(&[2, 0x10000, 0x10000]);
            }
            let end = commands.bytes.len() + size - header;
            commands.bytes.extend_from_slice(name.as_bytes());
            commands.bytes.resize(end, 0);
            count += 1;
        }
        if let Some((platform, version)) = self.build_version {
            commands.words(&[0x32, 24, platform, version, 0, 0]);
            count += 1;
        }
        for command in &self.commands {
            commands.words(command);
            count += 1;
        }
        let mut tables = Writer::new(self.big);
        if self.modern {
            let trie = self.trie();
            commands.words(&[0x8000_0033, 16, start as u32, trie.len() as u32]);
            tables.bytes.extend(trie);
            let fixups = self.chained_fixups();
            let offset = start + tables.bytes.len();
            commands.words(&[0x8000_0034, 16, offset as u32, fixups.len() as u32]);
            tables.bytes.extend(fixups);
            count += 2;
        } else {
            let (table, names) = self.symbols();
            let number = self.defined.len() + self.undefined.len();
            let strings = start + table.len();
            commands.words(&[
                2,
                24,
                start as u32,
                number as u32,
                strings as u32,
                names.len() as u32,
            ]);
            tables.bytes.extend(table);
            tables.bytes.extend(names);
            count += 1;
        }
        let mut out = Writer::new(self.big);
        let magic = if self.wide() {
            0xfeed_facf
        } else {
            0xfeed_face
        };
        let (length, flags) = (commands.bytes.len() as u32, 0x80);
        out.words(&[
            magic,
            self.cpu,
            self.subtype,
            self.kind,
            count,
            length,
            flags,
        ]);
        out.bytes.resize(if self.wide() { 32 } else { 28 }, 0);
        out.bytes.extend(commands.bytes);
        let start = out.bytes.len();
        out.bytes.extend(tables.bytes);
        (out.bytes, start)
    }

    fn segment(&self, out: &mut Writer, name: &[u8], offset: usize, size: usize, protection: u32) {
        let (command, length) = if self.wide() { (0x19, 72) } else { (1, 56) };
        out.words(&[command, length]);
        let end = out.bytes.len() + 16;
        out.bytes.extend_from_slice(name);
        out.bytes.resize(end, 0);
        for value in [offset, size, offset, size] {
            match self.wide() {
                true => out.long(value as u64),
                false => out.words(&[value as u32]),
            }
        }
        out.words(&[protection, protection, 0, 0]);
    }

    fn symbols(&self) -> (Vec<u8>, Vec<u8>) {
        let mut table = Writer::new(self.big);
        let mut names = vec![0u8];
        let defined = self.defined.iter().map(|name| (name, None));
        let ordinals = self.ordinals.iter().copied().chain(std::iter::repeat(0xfe));
        let undefined = self.undefined.iter().zip(ordinals.map(Some));
        for (name, ordinal) in defined.chain(undefined) {
            table.words(&[names.len() as u32]);
            let description = u16::from(ordinal.unwrap_or(0)) << 8;
            let bytes = match self.big {
                true => description.to_be_bytes(),
                false => description.to_le_bytes(),
            };
            let (kind, section) = if ordinal.is_none() {
                (0x0f, 1)
            } else {
                (0x01, 0)
            };
            table.bytes.extend([kind, section]);
            table.bytes.extend(bytes);
            let value = if ordinal.is_none() { CODE } else { 0 };
            match self.wide() {
                true => table.long(value.into()),
                false => table.words(&[value]),
            }
            names.extend_from_slice(name.as_bytes());
            names.push(0);
        }
        (table.bytes, names)
    }

    /// A root with a child for each name.
    fn trie(&self) -> Vec<u8> {
        let mut root = vec![0, self.defined.len() as u8];
        let mut child = 2 + self
            .defined
            .iter()
            .map(|name| name.len() + 2)
            .sum::<usize>();
        let mut children = Vec::new();
        for name in &self.defined {
            root.extend_from_slice(name.as_bytes());
            root.push(0);
            root.push(u8::try_from(child).unwrap());
            assert!(child < 128, "one byte of ULEB128");
            children.extend([2, 0, CODE as u8, 0]);
            child += 4;
        }
        root.extend(children);
        root
    }

    fn chained_fixups(&self) -> Vec<u8> {
        let mut out = Writer::new(self.big);
        let imports = self.undefined.len() as u32;
        // Version; where the starts, imports and names are; format 1, names uncompressed. No chain.
        out.words(&[0, 28, 32, 32 + 4 * imports, imports, 1, 0, 0]);
        let mut names = vec![0u8];
        for (index, name) in self.undefined.iter().enumerate() {
            let ordinal = u32::from(self.ordinals.get(index).copied().unwrap_or(0xfe));
            out.words(&[ordinal | (names.len() as u32) << 9]);
            names.extend_from_slice(name.as_bytes());
            names.push(0);
        }
        out.bytes.extend(names);
        out.bytes
    }
}

/// A universal file of these parts.
pub fn universal(parts: &[MachOFile]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut contents = Vec::new();
    for value in [0xcafe_babe, parts.len() as u32] {
        out.extend_from_slice(&u32::to_be_bytes(value));
    }
    let start = (8 + 20 * parts.len()).next_multiple_of(64);
    for part in parts {
        let bytes = part.bytes();
        let offset = start + contents.len();
        for value in [part.cpu, part.subtype, offset as u32, bytes.len() as u32, 6] {
            out.extend_from_slice(&u32::to_be_bytes(value));
        }
        contents.extend_from_slice(&bytes);
        contents.resize(contents.len().next_multiple_of(64), 0);
    }
    out.resize(start, 0);
    out.extend_from_slice(&contents);
    out
}
