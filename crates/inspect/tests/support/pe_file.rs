//! A minimal DLL of Windows.

#[derive(Clone)]
pub struct PeFile {
    pub bits: u8,
    pub machine: u16,
    pub dll: bool,
    /// 2: with windows, 1: for the kernel, 10: for the firmware.
    pub subsystem: u16,
    /// Functions; `f=OTHER.g` stands for one of another DLL.
    pub exports: Vec<&'static str>,
    /// DLLs, each with the functions that are needed of it; `#3` is one by number.
    pub imports: Vec<(&'static str, Vec<&'static str>)>,
    /// The same for those that are loaded at the first call.
    pub delayed: Vec<(&'static str, Vec<&'static str>)>,
    /// The table of relocations.
    pub relocations: Vec<u8>,
    /// Thread-local storage: its start, end, index and list of functions, as addresses.
    pub thread_local: Option<[u64; 4]>,
    /// Whether it has a header of .NET.
    pub managed: bool,
    /// Whether it has code of ARM64EC.
    pub hybrid: bool,
}

impl Default for PeFile {
    fn default() -> Self {
        PeFile {
            bits: 64,
            machine: 0x8664,
            dll: true,
            subsystem: 2,
            exports: vec!["PyInit_a"],
            imports: vec![
                ("python312.dll", vec!["PyModuleDef_Init"]),
                ("KERNEL32.dll", vec!["Sleep"]),
            ],
            delayed: Vec::new(),
            relocations: Vec::new(),
            thread_local: None,
            managed: false,
            hybrid: false,
        }
    }
}

pub const TEXT: u32 = 0x1000;
pub const DATA: u32 = 0x2000;
const FILE_TEXT: u32 = 0x400;
const FILE_DATA: u32 = 0x600;

/// The preferred address, of either width.
pub const BASE: u64 = 0x1000_0000;

/// Where the fields lie that tests change: offsets from the PE header, of a 64-bit file.
pub const HEADER: usize = 0x80;
pub const FLAGS: usize = HEADER + 22;
pub const SECTIONS: usize = HEADER + 24 + 112 + 128;

impl PeFile {
    /// One for 32-bit Windows.
    pub fn small() -> Self {
        PeFile {
            bits: 32,
            machine: 0x14c,
            ..PeFile::default()
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut data = Vec::new();
        let (exports, export_size) = self.write_exports(&mut data);
        let imports = self.write_imports(&mut data);
        let delayed = self.write_delayed(&mut data);
        let relocations = self.put(&mut data, &self.relocations);
        let thread_local = self.write_thread_local(&mut data);
        let managed = if self.managed {
            self.put(&mut data, &[72; 72])
        } else {
            0
        };
        let configuration = if self.hybrid {
            let mut table = vec![0; 0xd0];
            table[..4].copy_from_slice(&0xd0u32.to_le_bytes());
            table[0xc8..].copy_from_slice(&(BASE + 0x2000).to_le_bytes());
            self.put(&mut data, &table)
        } else {
            0
        };
        data.resize(data.len().next_multiple_of(0x200), 0);

        let mut out = b"MZ".to_vec();
        out.resize(0x3c, 0);
        out.extend_from_slice(&0x80u32.to_le_bytes());
        out.resize(0x80, 0);
        out.extend_from_slice(b"PE\0\0");
        let wide = self.bits == 64;
        let optional_size: u16 = if wide { 112 + 128 } else { 96 + 128 };
        half(&mut out, self.machine);
        half(&mut out, 2);
        words(&mut out, &[0, 0, 0]);
        half(&mut out, optional_size);
        half(&mut out, if self.dll { 0x2022 } else { 0x0022 });
        let start = out.len();
        half(&mut out, if wide { 0x20b } else { 0x10b });
        // Linker version and sizes.
        out.resize(start + 16, 0);
        words(&mut out, &[TEXT, TEXT]);
        if wide {
            out.extend_from_slice(&BASE.to_le_bytes());
        } else {
            words(&mut out, &[DATA, BASE as u32]);
        }
        words(&mut out, &[0x1000, 0x200]);
        // Versions, then the size of the image and of the headers.
        out.resize(start + 56, 0);
        let size = (DATA + data.len() as u32).next_multiple_of(0x1000);
        words(&mut out, &[size, 0x400, 0]);
        half(&mut out, self.subsystem);
        out.resize(start + if wide { 108 } else { 92 }, 0);
        words(&mut out, &[16]);
        let directories = out.len();
        let mut directory = |index: usize, address: u32, size: u32| {
            out.resize(out.len().max(directories + 8 * index), 0);
            words(&mut out, &[address, size]);
        };
        directory(0, exports, export_size);
        directory(1, imports, 0x40);
        directory(5, relocations, self.relocations.len() as u32);
        directory(9, thread_local, 0x28);
        directory(10, configuration, 0xd0);
        directory(13, delayed, 0x40);
        directory(14, managed, 72);
        out.resize(start + usize::from(optional_size), 0);
        section(
            &mut out,
            b".text\0\0\0",
            TEXT,
            FILE_TEXT,
            0x200,
            0x6000_0020,
        );
        section(
            &mut out,
            b".rdata\0\0",
            DATA,
            FILE_DATA,
            data.len() as u32,
            0x4000_0040,
        );
        out.resize(FILE_TEXT as usize, 0);
        out.resize(FILE_DATA as usize, 0xc3);
        out.extend_from_slice(&data);
        out
    }

    /// Adds a table; its address, or 0 if it is empty.
    fn put(&self, data: &mut Vec<u8>, bytes: &[u8]) -> u32 {
        data.resize(data.len().next_multiple_of(16), 0);
        let address = DATA + data.len() as u32;
        data.extend_from_slice(bytes);
        if bytes.is_empty() { 0 } else { address }
    }

    fn write_exports(&self, data: &mut Vec<u8>) -> (u32, u32) {
        if self.exports.is_empty() {
            return (0, 0);
        }
        let count = self.exports.len() as u32;
        let start = data.len() as u32;
        let functions = DATA + start + 40;
        let (names, ordinals) = (functions + 4 * count, functions + 8 * count);
        let library = ordinals + 2 * count;
        words(
            data,
            &[
                0, 0, 0, library, 1, count, count, functions, names, ordinals,
            ],
        );
        let mut strings = b"module.pyd\0".to_vec();
        let (mut addresses, mut pointers) = (Vec::new(), Vec::new());
        for export in &self.exports {
            let (name, target) = export.split_once('=').unwrap_or((export, ""));
            pointers.push(library + strings.len() as u32);
            strings.extend_from_slice(name.as_bytes());
            strings.push(0);
            addresses.push(match target {
                "" => TEXT + 16,
                _ => library + strings.len() as u32,
            });
            if !target.is_empty() {
                strings.extend_from_slice(target.as_bytes());
                strings.push(0);
            }
        }
        words(data, &addresses);
        words(data, &pointers);
        (0..count).for_each(|index| half(data, index as u16));
        data.extend_from_slice(&strings);
        let size = data.len() as u32 - start;
        data.resize(data.len().next_multiple_of(16), 0);
        (DATA + start, size)
    }

    fn write_imports(&self, data: &mut Vec<u8>) -> u32 {
        let start = data.len();
        data.resize(start + 20 * (self.imports.len() + 1), 0);
        for (index, (library, functions)) in self.imports.iter().enumerate() {
            let (name, list) = self.write_import(data, library, functions);
            let mut descriptor = Vec::new();
            words(&mut descriptor, &[list, 0, 0, name, list]);
            data[start + 20 * index..][..20].copy_from_slice(&descriptor);
        }
        DATA + start as u32
    }

    fn write_delayed(&self, data: &mut Vec<u8>) -> u32 {
        if self.delayed.is_empty() {
            return 0;
        }
        data.resize(data.len().next_multiple_of(8), 0);
        let start = data.len();
        data.resize(start + 32 * (self.delayed.len() + 1), 0);
        for (index, (library, functions)) in self.delayed.iter().enumerate() {
            let (name, list) = self.write_import(data, library, functions);
            let mut descriptor = Vec::new();
            words(&mut descriptor, &[1, name, list, list, list, 0, 0, 0]);
            data[start + 32 * index..][..32].copy_from_slice(&descriptor);
        }
        DATA + start as u32
    }

    /// The addresses of the DLL's name and of the list of functions.
    fn write_import(&self, data: &mut Vec<u8>, library: &str, functions: &[&str]) -> (u32, u32) {
        let wide = self.bits == 64;
        let mut thunks = Vec::new();
        for function in functions {
            if let Some(ordinal) = function.strip_prefix('#') {
                let ordinal: u64 = ordinal.parse().unwrap();
                thunks.push(ordinal | 1 << (self.bits - 1));
                continue;
            }
            thunks.push(u64::from(DATA) + data.len() as u64);
            half(data, 0);
            data.extend_from_slice(function.as_bytes());
            data.push(0);
        }
        thunks.push(0);
        let name = DATA + data.len() as u32;
        data.extend_from_slice(library.as_bytes());
        data.push(0);
        data.resize(data.len().next_multiple_of(8), 0);
        let list = DATA + data.len() as u32;
        for thunk in thunks {
            let bytes = thunk.to_le_bytes();
            data.extend_from_slice(if wide { &bytes } else { &bytes[..4] });
        }
        (name, list)
    }

    fn write_thread_local(&self, data: &mut Vec<u8>) -> u32 {
        let Some(addresses) = self.thread_local else {
            return 0;
        };
        let mut table = Vec::new();
        for address in addresses {
            match self.bits {
                64 => table.extend_from_slice(&address.to_le_bytes()),
                _ => words(&mut table, &[address as u32]),
            }
        }
        words(&mut table, &[4, 0]);
        self.put(data, &table)
    }
}

fn half(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn words(out: &mut Vec<u8>, values: &[u32]) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn section(out: &mut Vec<u8>, name: &[u8; 8], address: u32, offset: u32, size: u32, flags: u32) {
    out.extend_from_slice(name);
    words(out, &[size, address, size, offset, 0, 0, 0, flags]);
}
