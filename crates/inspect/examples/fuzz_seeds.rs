//! Writes the seeds for the fuzz targets into the given directory. See `fuzz/README.md`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use support::elf_file::ElfFile;
use support::macho_file::{self, MachOFile};
use support::pe_file::PeFile;
use support::{Directory, MODULE};

fn main() {
    let corpus = std::env::args_os()
        .nth(1)
        .expect("the directory for the seeds");
    let corpus = Path::new(&corpus);
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let directory = corpus.join(target);
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(name), bytes).unwrap();
    };
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
        write("image", name, &std::fs::read(path).unwrap());
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
        write("image", &format!("elf-{machine}"), &file.bytes());
    }
    let small = PeFile {
        bits: 32,
        machine: 0x14c,
        ..PeFile::default()
    };
    write("image", "pe64", &PeFile::default().bytes());
    write("image", "pe32", &small.bytes());
    let old = MachOFile {
        cpu: macho_file::POWERPC,
        big: true,
        ..MachOFile::default()
    };
    write("image", "macho64", &MachOFile::default().bytes());
    write("image", "macho32", &old.bytes());
    write(
        "image",
        "universal",
        &macho_file::universal(&[MachOFile::default(), old]),
    );
    for (index, name) in [
        "a.cpython-313td-x86_64-linux-gnu.so",
        "a.pypy310-pp73-x86_64-linux-gnu.so",
        "a.graalpy231-310-native-x86_64-linux.so",
        "a_d.cp312-win_amd64.pyd",
        "a.abi3t.so",
        "lančmít.so",
    ]
    .iter()
    .enumerate()
    {
        write("name", &index.to_string(), name.as_bytes());
    }
}
