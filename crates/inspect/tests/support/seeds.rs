//! Files from which damaged ones are made, here and by the fuzzer: small ones of every format, class and byte
//! order. They are made anew each time, by gcc and by the builders beside this file.

use super::elf_file::ElfFile;
use super::macho_file::{self, MachOFile};
use super::pe_file::{BASE, PeFile};
use super::{Directory, MODULE};

/// Files, each with a name.
pub fn images() -> Vec<(String, Vec<u8>)> {
    let mut images = Vec::new();
    let directory = Directory::new();
    let small = ["-DNAME=a", "-s", "-Wl,-z,noseparate-code"];
    for (name, more) in [
        ("gnu", &["-Wl,--hash-style=gnu", "-lm"][..]),
        ("sysv", &["-Wl,--hash-style=sysv", "-Wl,-rpath,$ORIGIN"]),
        ("tls", &["-ftls-model=initial-exec", "-Droom=__thread"]),
        ("relr", &["-Wl,-z,pack-relative-relocs"]),
        ("bare", &["-nostdlib"]),
    ] {
        let flags: Vec<&str> = small.iter().chain(more).copied().collect();
        let source = format!(
            "{MODULE}\n#ifdef room\nroom int kept; int *get(void) {{ return &kept; }}\n#endif"
        );
        let path = directory.library("a.so", &source, &flags);
        images.push((name.to_owned(), std::fs::read(path).unwrap()));
    }
    for (bits, big, machine) in [
        (64, false, 62),
        (64, true, 22),
        (32, false, 3),
        (32, true, 20),
    ] {
        let file = ElfFile {
            bits,
            big,
            machine,
            needed: vec!["libc.so.6", "libpython3.12.so.1.0"],
            defined: vec!["PyInit_a", "PyInitU_lanmt_2sa6t", "PyModExport_a"],
            undefined: vec!["_Py_DecRefShared", "PyPyList_New", "PyModuleDef_Init"],
            ..ElfFile::default()
        };
        images.push((format!("elf-{machine}"), file.bytes()));
    }
    images.push(("pe64".into(), PeFile::default().bytes()));
    images.push(("pe32".into(), PeFile::small().bytes()));
    let full = PeFile {
        exports: vec!["PyInit_a=other.PyInit_b", "PyInitU_lanmt_2sa6t"],
        imports: vec![("python3.dll", vec!["PyModuleDef_Init", "#5"])],
        delayed: vec![("slow.dll", vec!["f", "#3"])],
        relocations: [0x1000u32, 12, 0xa010]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect(),
        thread_local: Some([BASE + 0x2000, BASE + 0x2010, BASE + 0x2000, BASE + 0x2000]),
        managed: true,
        hybrid: true,
        ..PeFile::default()
    };
    images.push(("pe_full".into(), full.bytes()));
    let modern = MachOFile {
        modern: true,
        libraries: vec![
            (macho_file::LOAD, "@rpath/libpython3.12.dylib"),
            (macho_file::LOAD_WEAK, "@loader_path/.dylibs/libz.1.dylib"),
            (macho_file::RPATH, "@loader_path/../lib"),
        ],
        ordinals: vec![1],
        build_version: Some((1, 0x000b_0000)),
        ..MachOFile::default()
    };
    images.push(("macho_modern".into(), modern.bytes()));
    images.push(("macho64".into(), MachOFile::default().bytes()));
    images.push(("macho32".into(), MachOFile::old().bytes()));
    let universal = macho_file::universal(&[MachOFile::default(), MachOFile::old()]);
    images.push(("universal".into(), universal));
    images
}

/// File names.
pub const NAMES: [&str; 6] = [
    "a.cpython-313td-x86_64-linux-gnu.so",
    "a.pypy310-pp73-x86_64-linux-gnu.so",
    "a.graalpy231-310-native-x86_64-linux.so",
    "a_d.cp312-win_amd64.pyd",
    "a.abi3t.so",
    "lančmít.so",
];
