//! Damages a shared library on purpose: one field of one table each, as a broken disk, copy or tool might.
//!
//! The offsets are those of 64-bit little-endian ELF files (gABI, "Object files"; glibc's `elf.h`).

/// A shared library, and the init function that it is to have.
pub struct Elf {
    bytes: Vec<u8>,
    init: String,
}

/// What a damage does.
pub type Patch = fn(&mut Elf);

const PT_LOAD: u64 = 1;
const PT_DYNAMIC: u64 = 2;
const PT_NOTE: u64 = 4;
const PT_TLS: u64 = 7;
const PT_RELRO: u64 = 0x6474_e552;

const DT_NEEDED: u64 = 1;
const DT_PLTRELSZ: u64 = 2;
const DT_HASH: u64 = 4;
const DT_STRTAB: u64 = 5;
const DT_SYMTAB: u64 = 6;
const DT_RELA: u64 = 7;
const DT_RELASZ: u64 = 8;
const DT_RELAENT: u64 = 9;
const DT_STRSZ: u64 = 10;
const DT_SYMENT: u64 = 11;
const DT_INIT: u64 = 12;
const DT_FINI: u64 = 13;
const DT_SONAME: u64 = 14;
const DT_PLTREL: u64 = 20;
const DT_DEBUG: u64 = 21;
const DT_JMPREL: u64 = 23;
const DT_INIT_ARRAY: u64 = 25;
const DT_INIT_ARRAYSZ: u64 = 27;
const DT_RUNPATH: u64 = 29;
const DT_GNU_HASH: u64 = 0x6fff_fef5;
const DT_VERSYM: u64 = 0x6fff_fff0;
const DT_VERNEED: u64 = 0x6fff_fffe;

/// An address at which nothing can be.
const FAR: u64 = 0x1234_5678_9000;

/// Program header: type, flags, offset, address, physical address, size in the file and in memory, alignment.
const OFFSET: usize = 8;
const ADDRESS: usize = 16;
const FILE_SIZE: usize = 32;
const MEMORY_SIZE: usize = 40;
const ALIGNMENT: usize = 48;

/// Symbol: name, kind and binding, visibility, section, value, size.
const SYMBOL_SIZE: usize = 24;
const RELOCATION_SIZE: usize = 24;

impl Elf {
    /// A whole file.
    #[must_use]
    pub fn new(bytes: Vec<u8>, init: &str) -> Self {
        Self {
            bytes,
            init: init.to_owned(),
        }
    }

    /// What became of it.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Where its last segment ends: what lies behind nobody needs at run time.
    #[must_use]
    pub fn end_of_segments(&self) -> usize {
        let ends = self
            .headers(PT_LOAD)
            .map(|header| self.long(header + OFFSET) + self.long(header + FILE_SIZE));
        ends.max().unwrap_or(0) as usize
    }

    /// Where its program headers end.
    #[must_use]
    pub fn end_of_headers(&self) -> usize {
        self.long(32) as usize + self.half(56) as usize * 56
    }

    fn half(&self, at: usize) -> u64 {
        u64::from(u16::from_le_bytes(self.array(at)))
    }

    fn word(&self, at: usize) -> u64 {
        u64::from(u32::from_le_bytes(self.array(at)))
    }

    fn long(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.array(at))
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        self.bytes[at..at + N]
            .try_into()
            .expect("a slice of that length")
    }

    fn set<const N: usize>(&mut self, at: usize, value: [u8; N]) {
        self.bytes[at..at + N].copy_from_slice(&value);
    }

    fn set_half(&mut self, at: usize, value: u16) {
        self.set(at, value.to_le_bytes());
    }

    fn set_word(&mut self, at: usize, value: u32) {
        self.set(at, value.to_le_bytes());
    }

    fn set_long(&mut self, at: usize, value: u64) {
        self.set(at, value.to_le_bytes());
    }

    fn headers(&self, kind: u64) -> impl Iterator<Item = usize> {
        let first = self.long(32) as usize;
        let count = self.half(56) as usize;
        (0..count)
            .map(move |index| first + 56 * index)
            .filter(move |header| self.word(*header) == kind)
    }

    fn header(&self, kind: u64) -> usize {
        self.headers(kind)
            .next()
            .unwrap_or_else(|| panic!("the base has no program header {kind:#x}"))
    }

    fn load(&self, index: usize) -> usize {
        self.headers(PT_LOAD)
            .nth(index)
            .expect("the base has several segments")
    }

    /// The offset of what is mapped at an address.
    fn at(&self, address: u64) -> usize {
        let load = self
            .headers(PT_LOAD)
            .find(|load| {
                let start = self.long(load + ADDRESS);
                (start..start + self.long(load + FILE_SIZE)).contains(&address)
            })
            .unwrap_or_else(|| panic!("nothing of the base is at {address:#x}"));
        (address - self.long(load + ADDRESS) + self.long(load + OFFSET)) as usize
    }

    fn entries(&self) -> impl Iterator<Item = usize> {
        let header = self.header(PT_DYNAMIC);
        let first = self.long(header + OFFSET) as usize;
        let count = self.long(header + FILE_SIZE) as usize / 16;
        (0..count).map(move |index| first + 16 * index)
    }

    /// The offset of a dynamic entry.
    fn entry(&self, tag: u64) -> usize {
        self.entries()
            .find(|entry| self.long(*entry) == tag)
            .unwrap_or_else(|| panic!("the base has no dynamic tag {tag:#x}"))
    }

    fn value(&self, tag: u64) -> u64 {
        self.long(self.entry(tag) + 8)
    }

    fn set_value(&mut self, tag: u64, value: u64) {
        let entry = self.entry(tag);
        self.set_long(entry + 8, value);
    }

    /// Makes one that nobody reads of a dynamic entry.
    fn remove(&mut self, tag: u64) {
        let entry = self.entry(tag);
        self.set_long(entry, DT_DEBUG);
    }

    /// The offset of what a dynamic entry points to.
    fn table(&self, tag: u64) -> usize {
        self.at(self.value(tag))
    }

    /// The offset and number of the symbol that Python looks for. GNU ld puts the strings right behind the
    /// symbols.
    fn init_symbol(&self) -> (usize, usize) {
        let (symbols, strings) = (self.table(DT_SYMTAB), self.table(DT_STRTAB));
        let wanted = [self.init.as_bytes(), b"\0"].concat();
        let index = (0..(strings - symbols) / SYMBOL_SIZE)
            .find(|index| {
                let name = strings + self.word(symbols + index * SYMBOL_SIZE) as usize;
                self.bytes[name..].starts_with(&wanted)
            })
            .unwrap_or_else(|| panic!("the base has no symbol {}", self.init));
        (symbols + index * SYMBOL_SIZE, index)
    }

    /// The offsets of the buckets and the chains of the GNU hash table, and the first symbol in it.
    fn gnu_hash(&self) -> (usize, usize, u64) {
        let table = self.table(DT_GNU_HASH);
        let (buckets, first, bloom) = (
            self.word(table) as usize,
            self.word(table + 4),
            self.word(table + 8) as usize,
        );
        let start = table + 16 + bloom * 8;
        (start, start + buckets * 4, first)
    }

    /// The offset of the first relocation that one of these concerns.
    fn relocation(&self, found: impl Fn(&Self, usize) -> bool) -> usize {
        let (table, size) = (self.table(DT_RELA), self.value(DT_RELASZ) as usize);
        (0..size / RELOCATION_SIZE)
            .map(|index| table + index * RELOCATION_SIZE)
            .find(|relocation| found(self, *relocation))
            .expect("the base has relocations of every kind")
    }
}

/// Another machine than this one, of the same word size.
const OTHER_MACHINE: u16 = if cfg!(target_arch = "aarch64") {
    62
} else {
    183
};

/// Every damage by its name in `corpus.txt`. Those whose name begins with `sysv_` are for a file with the
/// older hash table.
pub const PATCHES: &[(&str, Patch)] = &[
    // The file header.
    ("magic", |elf| elf.bytes[1] = b'X'),
    ("class_0", |elf| elf.bytes[4] = 0),
    ("class_32", |elf| elf.bytes[4] = 1),
    ("class_3", |elf| elf.bytes[4] = 3),
    ("order_0", |elf| elf.bytes[5] = 0),
    ("order_big", |elf| elf.bytes[5] = 2),
    ("version_0", |elf| elf.bytes[6] = 0),
    ("system_freebsd", |elf| elf.bytes[7] = 9),
    ("type_0", |elf| elf.set_half(16, 0)),
    ("type_object", |elf| elf.set_half(16, 1)),
    ("type_program", |elf| elf.set_half(16, 2)),
    ("type_core", |elf| elf.set_half(16, 4)),
    ("type_strange", |elf| elf.set_half(16, 0xfe07)),
    ("machine_other", |elf| elf.set_half(18, OTHER_MACHINE)),
    ("machine_386", |elf| elf.set_half(18, 3)),
    ("machine_strange", |elf| elf.set_half(18, 0x7777)),
    ("file_version_2", |elf| elf.set_word(20, 2)),
    ("headers_far", |elf| elf.set_long(32, FAR)),
    ("headers_wrap", |elf| elf.set_long(32, u64::MAX - 55)),
    ("header_size", |elf| elf.set_half(54, 32)),
    ("headers_none", |elf| elf.set_half(56, 0)),
    ("headers_many", |elf| elf.set_half(56, u16::MAX)),
    // The segments.
    ("load_none", |elf| {
        let headers: Vec<usize> = elf.headers(PT_LOAD).collect();
        for header in headers {
            elf.set_word(header, 0);
        }
    }),
    ("load_behind_the_end", |elf| {
        let header = elf.load(1);
        let offset = elf.long(header + OFFSET);
        elf.set_long(header + OFFSET, offset + (1 << 24));
    }),
    ("load_larger_than_the_file", |elf| {
        let header = elf.load(1);
        elf.set_long(header + FILE_SIZE, 1 << 24);
        elf.set_long(header + MEMORY_SIZE, 1 << 24);
    }),
    ("load_larger_in_file", |elf| {
        let header = elf.load(1);
        let size = elf.long(header + FILE_SIZE);
        elf.set_long(header + MEMORY_SIZE, size - 1);
    }),
    ("load_offset_wraps", |elf| {
        elf.set_long(elf.load(1) + OFFSET, u64::MAX - 0xfff)
    }),
    ("load_size_huge", |elf| {
        elf.set_long(elf.load(3) + MEMORY_SIZE, 1 << 60)
    }),
    ("load_size_wraps", |elf| {
        elf.set_long(elf.load(3) + MEMORY_SIZE, u64::MAX - 0xfff)
    }),
    ("load_alignment", |elf| {
        elf.set_long(elf.load(1) + ALIGNMENT, 3)
    }),
    ("load_skewed", |elf| {
        let header = elf.load(1);
        let address = elf.long(header + ADDRESS);
        elf.set_long(header + ADDRESS, address + 8);
    }),
    ("load_order", |elf| {
        let (one, two) = (elf.load(1), elf.load(2));
        for index in 0..56 {
            elf.bytes.swap(one + index, two + index);
        }
    }),
    ("load_without_code", |elf| {
        elf.set_long(elf.load(1) + FILE_SIZE, 0)
    }),
    ("load_unreadable", |elf| elf.set_word(elf.load(0) + 4, 0)),
    ("load_read_only", |elf| elf.set_word(elf.load(3) + 4, 4)),
    ("load_overlaps", |elf| {
        let (one, two) = (elf.load(0), elf.load(1));
        let distance = elf.long(two + ADDRESS) - elf.long(one + ADDRESS);
        elf.set_long(one + MEMORY_SIZE, distance + 0x100);
    }),
    ("note_far", |elf| {
        elf.set_long(elf.header(PT_NOTE) + OFFSET, FAR)
    }),
    ("tls_larger_in_file", |elf| {
        elf.set_long(elf.header(PT_TLS) + MEMORY_SIZE, 0)
    }),
    ("tls_alignment", |elf| {
        elf.set_long(elf.header(PT_TLS) + ALIGNMENT, 3)
    }),
    ("tls_far", |elf| {
        elf.set_long(elf.header(PT_TLS) + ADDRESS, FAR)
    }),
    ("read_only_far", |elf| {
        elf.set_long(elf.header(PT_RELRO) + ADDRESS, FAR)
    }),
    ("read_only_huge", |elf| {
        elf.set_long(elf.header(PT_RELRO) + MEMORY_SIZE, 1 << 40)
    }),
    // The dynamic section.
    ("dynamic_none", |elf| {
        elf.set_word(elf.header(PT_DYNAMIC), 0)
    }),
    ("dynamic_far", |elf| {
        elf.set_long(elf.header(PT_DYNAMIC) + ADDRESS, FAR)
    }),
    ("dynamic_empty", |elf| {
        elf.set_long(elf.header(PT_DYNAMIC) + FILE_SIZE, 0)
    }),
    ("dynamic_zero", |elf| {
        let header = elf.header(PT_DYNAMIC);
        let (start, size) = (elf.long(header + OFFSET), elf.long(header + FILE_SIZE));
        elf.bytes[start as usize..(start + size) as usize].fill(0);
    }),
    ("dynamic_endless", |elf| {
        let empty: Vec<usize> = elf
            .entries()
            .filter(|entry| elf.long(*entry) == 0)
            .collect();
        for entry in empty {
            elf.set_long(entry, DT_DEBUG);
        }
    }),
    ("strings_far", |elf| elf.set_value(DT_STRTAB, FAR)),
    ("strings_huge", |elf| elf.set_value(DT_STRSZ, 1 << 40)),
    ("strings_wrap", |elf| elf.set_value(DT_STRSZ, u64::MAX)),
    ("strings_empty", |elf| elf.set_value(DT_STRSZ, 0)),
    ("strings_none", |elf| elf.remove(DT_STRTAB)),
    ("strings_cut", |elf| {
        let size = elf.value(DT_STRSZ) / 2;
        elf.set_value(DT_STRSZ, size);
        let last = elf.table(DT_STRTAB) + size as usize - 1;
        elf.bytes[last] = b'x';
    }),
    ("symbols_far", |elf| elf.set_value(DT_SYMTAB, FAR)),
    ("symbols_at_the_end", |elf| {
        let load = elf.load(0);
        let end = elf.long(load + ADDRESS) + elf.long(load + FILE_SIZE);
        elf.set_value(DT_SYMTAB, end - 24);
    }),
    ("symbols_none", |elf| elf.remove(DT_SYMTAB)),
    ("symbol_size", |elf| elf.set_value(DT_SYMENT, 16)),
    ("needed_far", |elf| elf.set_value(DT_NEEDED, 1 << 30)),
    ("soname_far", |elf| elf.set_value(DT_SONAME, 1 << 30)),
    ("run_path_far", |elf| elf.set_value(DT_RUNPATH, 1 << 30)),
    // The relocations.
    ("relocations_far", |elf| elf.set_value(DT_RELA, FAR)),
    ("relocations_huge", |elf| elf.set_value(DT_RELASZ, 24 << 40)),
    ("relocations_part", |elf| {
        elf.set_value(DT_RELASZ, elf.value(DT_RELASZ) - 1)
    }),
    ("relocations_entry", |elf| elf.set_value(DT_RELAENT, 8)),
    ("relocations_no_size", |elf| elf.remove(DT_RELASZ)),
    ("relocation_far", |elf| {
        elf.set_long(elf.relocation(|_, _| true), FAR)
    }),
    ("relocation_of_no_symbol", |elf| {
        elf.set_word(
            elf.relocation(|elf, at| elf.word(at + 12) != 0) + 12,
            1 << 24,
        )
    }),
    ("relocation_of_code", |elf| {
        let relocation = elf.relocation(|_, _| true);
        let code = elf.value(DT_INIT);
        elf.set_long(relocation, code);
    }),
    ("relocation_of_another_kind", |elf| {
        // A symbol's address, among the relative ones, which come first.
        let relocation = elf.relocation(|_, _| true);
        elf.set_word(relocation + 8, 6);
    }),
    ("relocation_calls_data", |elf| {
        // R_X86_64_IRELATIVE, or R_AARCH64_IRELATIVE.
        let kind = if cfg!(target_arch = "aarch64") {
            1032
        } else {
            37
        };
        let relocation = elf.relocation(|elf, at| elf.word(at + 12) != 0);
        elf.set_long(relocation + 8, kind);
        let data = elf.value(DT_INIT_ARRAY);
        elf.set_long(relocation + 16, data);
    }),
    ("plt_far", |elf| elf.set_value(DT_JMPREL, FAR)),
    ("plt_part", |elf| {
        elf.set_value(DT_PLTRELSZ, elf.value(DT_PLTRELSZ) - 1)
    }),
    ("plt_kind", |elf| elf.set_value(DT_PLTREL, 99)),
    // Constructors and destructors.
    ("init_far", |elf| elf.set_value(DT_INIT, FAR)),
    ("fini_far", |elf| elf.set_value(DT_FINI, FAR)),
    ("constructors_far", |elf| elf.set_value(DT_INIT_ARRAY, FAR)),
    ("constructors_odd", |elf| {
        elf.set_value(DT_INIT_ARRAY, elf.value(DT_INIT_ARRAY) + 1)
    }),
    ("constructors_part", |elf| elf.set_value(DT_INIT_ARRAYSZ, 9)),
    ("constructors_many", |elf| {
        elf.set_value(DT_INIT_ARRAYSZ, 8 << 40)
    }),
    ("constructors_no_size", |elf| elf.remove(DT_INIT_ARRAYSZ)),
    ("constructor_in_data", |elf| {
        let (start, size) = (elf.value(DT_INIT_ARRAY), elf.value(DT_INIT_ARRAYSZ));
        let of_constructor = |elf: &Elf, at| (start..start + size).contains(&elf.long(at));
        let relocation = elf.relocation(of_constructor);
        elf.set_long(relocation + 16, start);
    }),
    ("constructor_stays", |elf| {
        let (start, size) = (elf.value(DT_INIT_ARRAY), elf.value(DT_INIT_ARRAYSZ));
        let relocation = elf.relocation(|elf, at| (start..start + size).contains(&elf.long(at)));
        let place = elf.long(relocation);
        elf.set_long(relocation, place + size + 64);
    }),
    // The GNU hash table.
    ("hash_none", |elf| elf.remove(DT_GNU_HASH)),
    ("hash_far", |elf| elf.set_value(DT_GNU_HASH, FAR)),
    ("hash_no_buckets", |elf| {
        elf.set_word(elf.table(DT_GNU_HASH), 0)
    }),
    ("hash_many_buckets", |elf| {
        elf.set_word(elf.table(DT_GNU_HASH), u32::MAX)
    }),
    ("hash_filter_of_3", |elf| {
        elf.set_word(elf.table(DT_GNU_HASH) + 8, 3)
    }),
    ("hash_filter_huge", |elf| {
        elf.set_word(elf.table(DT_GNU_HASH) + 8, 1 << 31)
    }),
    ("hash_bucket_before", |elf| {
        let (buckets, _, first) = elf.gnu_hash();
        assert!(first > 1, "the base has undefined symbols");
        elf.set_word(buckets, 1);
    }),
    ("hash_bucket_behind", |elf| {
        let (buckets, ..) = elf.gnu_hash();
        elf.set_word(buckets, 0x00ff_ffff);
    }),
    // The hash table of System V.
    ("sysv_no_buckets", |elf| elf.set_word(elf.table(DT_HASH), 0)),
    ("sysv_many", |elf| {
        elf.set_word(elf.table(DT_HASH) + 4, u32::MAX)
    }),
    ("sysv_bucket_behind", |elf| {
        elf.set_word(elf.table(DT_HASH) + 8, 0x00ff_ffff)
    }),
    ("sysv_circle", |elf| {
        let table = elf.table(DT_HASH);
        let buckets = elf.word(table) as usize;
        let first = (0..buckets)
            .map(|index| elf.word(table + 8 + 4 * index))
            .find(|symbol| *symbol != 0)
            .expect("a bucket with a symbol");
        let chain = table + 8 + 4 * (buckets + first as usize);
        elf.set_word(chain, first as u32);
    }),
    // Symbols and their versions.
    ("symbol_name_far", |elf| {
        elf.set_word(elf.init_symbol().0, 1 << 30)
    }),
    ("init_function_far", |elf| {
        elf.set_long(elf.init_symbol().0 + 8, FAR)
    }),
    ("init_function_in_data", |elf| {
        let (symbol, _) = elf.init_symbol();
        let data = elf.value(DT_INIT_ARRAY);
        elf.set_long(symbol + 8, data);
    }),
    ("versions_far", |elf| elf.set_value(DT_VERSYM, FAR)),
    ("versions_none", |elf| elf.remove(DT_VERSYM)),
    ("version_of_no_number", |elf| {
        let (_, index) = elf.init_symbol();
        let at = elf.table(DT_VERSYM) + 2 * index;
        elf.set_half(at, 0x7ffe);
    }),
    ("version_needs_far", |elf| elf.set_value(DT_VERNEED, FAR)),
    ("version_library_far", |elf| {
        elf.set_word(elf.table(DT_VERNEED) + 4, 1 << 30)
    }),
    ("version_library_of_nobody", |elf| {
        // The name of the library becomes that of a symbol.
        let (symbol, _) = elf.init_symbol();
        let name = elf.word(symbol) as u32;
        let at = elf.table(DT_VERNEED);
        elf.set_word(at + 4, name);
    }),
    ("version_list_far", |elf| {
        elf.set_word(elf.table(DT_VERNEED) + 8, 1 << 30)
    }),
    ("version_next_far", |elf| {
        elf.set_word(elf.table(DT_VERNEED) + 12, u32::MAX)
    }),
    // The contents as a whole.
    ("zero", |elf| elf.bytes.fill(0)),
    ("zero_second_half", |elf| {
        let middle = elf.bytes.len() / 2;
        elf.bytes[middle..].fill(0);
    }),
    ("zero_headers", |elf| {
        let end = elf.end_of_headers();
        elf.bytes[64..end].fill(0);
    }),
    ("zero_code", |elf| {
        let load = elf.load(1);
        let (start, size) = (elf.long(load + OFFSET), elf.long(load + FILE_SIZE));
        elf.bytes[start as usize..(start + size) as usize].fill(0);
    }),
    ("shifted", |elf| elf.bytes.insert(0, b'\n')),
    ("turned_around", |elf| elf.bytes.reverse()),
    ("noise", |elf| {
        // A linear congruential generator (Knuth's MMIX): the same noise in every run.
        let mut state = 1u64;
        for byte in &mut elf.bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    }),
    // What the dynamic linker does not need, so that nothing is wrong.
    ("no_sections", |elf| {
        elf.set_long(40, 0);
        elf.set_half(58, 0);
        elf.set_half(60, 0);
        elf.set_half(62, 0);
    }),
    ("sections_far", |elf| elf.set_long(40, FAR)),
    ("more_behind", |elf| {
        elf.bytes.extend_from_slice(&[0x5a; 5000])
    }),
    ("twice", |elf| elf.bytes.extend_from_within(..)),
];
