//! A minimal bundle of macOS, and universal files of several.

pub struct MachOFile {
    pub cpu: u32,
    /// 8: bundle, 6: dylib, 2: program, 1: object file.
    pub kind: u32,
    pub big: bool,
    pub defined: Vec<&'static str>,
    pub undefined: Vec<&'static str>,
    pub libraries: Vec<&'static str>,
}

pub const X86_64: u32 = 0x0100_0007;
pub const ARM64: u32 = 0x0100_000c;
pub const POWERPC: u32 = 18;

impl Default for MachOFile {
    fn default() -> Self {
        MachOFile {
            cpu: ARM64,
            kind: 8,
            big: false,
            defined: vec!["_PyInit_a"],
            undefined: vec!["_PyModuleDef_Init"],
            libraries: vec!["/usr/lib/libSystem.B.dylib"],
        }
    }
}

impl MachOFile {
    pub fn bytes(&self) -> Vec<u8> {
        let wide = self.cpu & 0x0100_0000 != 0;
        let word = |value: u32| {
            if self.big {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        let mut commands = Vec::new();
        let mut count = 0u32;
        for library in &self.libraries {
            let size = (24 + library.len() + 1).next_multiple_of(8);
            for value in [0xc, size as u32, 24, 2, 0x10000, 0x10000] {
                commands.extend_from_slice(&word(value));
            }
            let end = commands.len() + size - 24;
            commands.extend_from_slice(library.as_bytes());
            commands.resize(end, 0);
            count += 1;
        }
        let header = if wide { 32 } else { 28 };
        let symbol_size = if wide { 16 } else { 12 };
        let symbols = header + commands.len() + 24;
        let number = self.defined.len() + self.undefined.len();
        let strings = symbols + number * symbol_size;
        let mut table = Vec::new();
        let mut names = vec![0u8];
        let all = self.defined.iter().map(|name| (name, true));
        for (name, defined) in all.chain(self.undefined.iter().map(|name| (name, false))) {
            table.extend_from_slice(&word(names.len() as u32));
            table.extend_from_slice(if defined {
                &[0x0f, 1, 0, 0]
            } else {
                &[0x01, 0, 0, 0]
            });
            table.resize(table.len() + symbol_size - 8, 0);
            names.extend_from_slice(name.as_bytes());
            names.push(0);
        }
        for value in [
            2,
            24,
            symbols as u32,
            number as u32,
            strings as u32,
            names.len() as u32,
        ] {
            commands.extend_from_slice(&word(value));
        }
        count += 1;
        let mut out = Vec::new();
        let magic = if wide { 0xfeed_facf } else { 0xfeed_face };
        for value in [
            magic,
            self.cpu,
            0,
            self.kind,
            count,
            commands.len() as u32,
            0,
        ] {
            out.extend_from_slice(&word(value));
        }
        out.resize(header, 0);
        out.extend_from_slice(&commands);
        out.extend_from_slice(&table);
        out.extend_from_slice(&names);
        out
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
        for value in [part.cpu, 0, offset as u32, bytes.len() as u32, 6] {
            out.extend_from_slice(&u32::to_be_bytes(value));
        }
        contents.extend_from_slice(&bytes);
        contents.resize(contents.len().next_multiple_of(64), 0);
    }
    out.resize(start, 0);
    out.extend_from_slice(&contents);
    out
}
