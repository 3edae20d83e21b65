//! A minimal DLL of Windows.

pub struct PeFile {
    pub bits: u8,
    pub machine: u16,
    pub dll: bool,
    pub exports: Vec<&'static str>,
    /// DLLs, each with the functions that are needed of it.
    pub imports: Vec<(&'static str, Vec<&'static str>)>,
}

impl Default for PeFile {
    fn default() -> Self {
        PeFile {
            bits: 64,
            machine: 0x8664,
            dll: true,
            exports: vec!["PyInit_a"],
            imports: vec![
                ("python312.dll", vec!["PyModuleDef_Init"]),
                ("KERNEL32.dll", vec!["Sleep"]),
            ],
        }
    }
}

const TEXT: u32 = 0x1000;
const DATA: u32 = 0x2000;
const FILE_TEXT: u32 = 0x400;
const FILE_DATA: u32 = 0x600;

impl PeFile {
    pub fn bytes(&self) -> Vec<u8> {
        let mut data = Vec::new();
        let (exports, export_size) = self.write_exports(&mut data);
        let imports = self.write_imports(&mut data);
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
        // Linker version, sizes, entry point, base of code.
        out.resize(start + 24, 0);
        if wide {
            out.extend_from_slice(&0x1_8000_0000u64.to_le_bytes());
        } else {
            words(&mut out, &[DATA, 0x1000_0000]);
        }
        words(&mut out, &[0x1000, 0x200]);
        // Versions, then the size of the image and of the headers.
        out.resize(start + 56, 0);
        words(&mut out, &[0x4000, 0x400, 0]);
        out.resize(start + if wide { 108 } else { 92 }, 0);
        words(&mut out, &[16]);
        words(&mut out, &[exports, export_size, imports, 0x40]);
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

    fn write_exports(&self, data: &mut Vec<u8>) -> (u32, u32) {
        if self.exports.is_empty() {
            return (0, 0);
        }
        let count = self.exports.len() as u32;
        let start = data.len() as u32;
        let functions = DATA + start + 40;
        let (names, ordinals) = (functions + 4 * count, functions + 8 * count);
        let mut string = ordinals + 2 * count;
        let library = string;
        string += "module.pyd".len() as u32 + 1;
        words(
            data,
            &[
                0, 0, 0, library, 1, count, count, functions, names, ordinals,
            ],
        );
        words(data, &vec![TEXT + 16; count as usize]);
        for name in &self.exports {
            words(data, &[string]);
            string += name.len() as u32 + 1;
        }
        (0..count).for_each(|index| half(data, index as u16));
        data.extend_from_slice(b"module.pyd\0");
        for name in &self.exports {
            data.extend_from_slice(name.as_bytes());
            data.push(0);
        }
        let size = data.len() as u32 - start;
        data.resize(data.len().next_multiple_of(16), 0);
        (DATA + start, size)
    }

    fn write_imports(&self, data: &mut Vec<u8>) -> u32 {
        let start = data.len();
        data.resize(start + 20 * (self.imports.len() + 1), 0);
        for (index, (library, functions)) in self.imports.iter().enumerate() {
            let mut thunks = Vec::new();
            for function in functions {
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
                data.extend_from_slice(if self.bits == 64 { &bytes } else { &bytes[..4] });
            }
            let mut descriptor = Vec::new();
            words(&mut descriptor, &[list, 0, 0, name, list]);
            data[start + 20 * index..][..20].copy_from_slice(&descriptor);
        }
        DATA + start as u32
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
