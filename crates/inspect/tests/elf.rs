//! ELF files: facts, damage, and what the dynamic linker does not need.

mod support;

use nexus_inspect::{
    CLibrary, Detail, Endian, Format, Image, InitKind, Machine, Platform, SymbolSet, Target,
};
use std::path::Path;
use std::sync::Arc;
use support::elf_file::ElfFile;
use support::{
    Directory, MODULE, assert_module, assert_refused, changed, refused, target, target_of,
    verdict_of, verdict_of_bytes,
};

/// The file is refused by CPython 3.11 on this machine.
#[track_caller]
fn refuses(path: &Path, detail: Detail, words: &str) {
    assert_refused(verdict_of(path, &target()), detail, words);
}

/// Where the last segment ends, and the file is still whole for the linker.
fn end_of_segments(bytes: &[u8]) -> usize {
    let half =
        |offset: usize| u16::from_le_bytes(bytes[offset..][..2].try_into().unwrap()) as usize;
    let long =
        |offset: usize| u64::from_le_bytes(bytes[offset..][..8].try_into().unwrap()) as usize;
    (0..half(56))
        .map(|index| long(32) + 56 * index)
        .map(|header| long(header + 8) + long(header + 32))
        .max()
        .unwrap()
}

#[test]
fn facts_of_a_module() {
    let directory = Directory::new();
    let source =
        format!("{MODULE}\n#include <math.h>\ndouble f(double x) {{ return sin(x) + exp(x); }}");
    let flags = [
        "-DNAME=facts",
        "-Wl,-soname,facts.so",
        "-Wl,-rpath,$ORIGIN/x",
        "-Wl,--enable-new-dtags",
        "-lm",
    ];
    let path = directory.library("facts.so", &source, &flags);
    let image = Image::read(&path).unwrap();
    assert_eq!(image.format, Format::Elf);
    assert_eq!(image.machine, Machine::host());
    assert_eq!((image.bits, image.endian), (64, Endian::Little));
    assert_eq!(image.platform, Platform::Linux);
    assert_eq!(image.c_library, CLibrary::Glibc);
    assert_eq!(image.size, std::fs::metadata(&path).unwrap().len());
    assert_eq!(image.soname.as_deref(), Some("facts.so"));
    assert!(
        image.needed.contains(&"libm.so.6".to_owned()),
        "{:?}",
        image.needed
    );
    assert_eq!(image.runpath.as_deref(), Some("$ORIGIN/x".as_ref()));
    assert_eq!(image.rpath, None);
    let names: Vec<_> = image
        .init_symbols
        .iter()
        .map(|symbol| symbol.symbol.as_str())
        .collect();
    assert_eq!(names, ["PyInit_facts"]);
    let mut undefined = image.undefined_python.clone();
    undefined.sort();
    assert_eq!(
        undefined,
        ["PyErr_SetString", "PyExc_ValueError", "PyModuleDef_Init"]
    );
    assert!(image.uses_python && !image.defines_python && !image.is_executable);
    let need = image
        .version_needs
        .iter()
        .find(|need| need.library == "libm.so.6")
        .unwrap();
    assert!(
        need.versions
            .iter()
            .any(|version| version.starts_with("GLIBC_2.")),
        "{need:?}"
    );
    assert!(!image.static_tls && image.tls_size == 0);
    assert_module(verdict_of(&path, &target()), "PyInit_facts");

    let flags = [
        "-DNAME=old",
        "-Wl,-rpath,/opt/lib",
        "-Wl,--disable-new-dtags",
    ];
    let image = Image::read(&directory.library("old.so", MODULE, &flags)).unwrap();
    assert_eq!(
        (image.rpath.as_deref(), image.runpath),
        (Some("/opt/lib".as_ref()), None)
    );
}

#[test]
fn reading_a_file_and_its_bytes_agree() {
    let directory = Directory::new();
    // Larger than what is read at once, with the tables in several pieces.
    let source = format!("{MODULE}\nchar big[300000] = {{1}};\nint far_away = 7;");
    let path = directory.library("big.so", &source, &["-DNAME=big"]);
    let from_file = Image::read(&path).unwrap();
    let from_bytes = Image::parse(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(format!("{from_file:?}"), format!("{from_bytes:?}"));
    assert!(from_file.size > 300_000);
}

#[test]
fn cut_off_at_every_byte() {
    let directory = Directory::new();
    for (name, flag) in [
        ("a.so", "-Wl,--hash-style=gnu"),
        ("a.sysv.so", "-Wl,--hash-style=sysv"),
    ] {
        let path = directory.library(
            name,
            MODULE,
            &["-DNAME=a", flag, "-s", "-Wl,-z,noseparate-code"],
        );
        let bytes = std::fs::read(path).unwrap();
        let needed = end_of_segments(&bytes);
        assert!(needed < bytes.len(), "section headers come last");
        for length in 0..bytes.len() {
            let verdict = verdict_of_bytes(&bytes[..length], "a.so", &target());
            if length >= needed {
                assert_module(verdict, "PyInit_a");
                continue;
            }
            let (detail, message) = refused(verdict);
            let expected = if length == 0 {
                Detail::EMPTY
            } else {
                Detail::TRUNCATED
            };
            assert_eq!(detail, expected, "cut to {length}: {message}");
        }
    }
}

#[test]
fn cut_off_on_the_disk() {
    let directory = Directory::new();
    // Constants come before the dynamic section.
    let source = format!("{MODULE}\nconst char big[100000] = {{1}};");
    let bytes = std::fs::read(directory.library("a.so", &source, &["-DNAME=a"])).unwrap();
    for length in [1, 3, 15, 16, 63, 64, 1000, 40_000, 100_000] {
        let path = directory.write("cut/a.so", &bytes[..length]);
        refuses(&path, Detail::TRUNCATED, "cut off");
    }
    assert_refused(
        verdict_of(&directory.write("cut/a.so", b""), &target()),
        Detail::EMPTY,
        "empty",
    );
    // The right size, and the second half never written.
    let mut half = bytes.clone();
    half[bytes.len() / 2..].fill(0);
    let (detail, message) = refused(verdict_of_bytes(&half, "a.so", &target()));
    assert_eq!(detail.group(), 2, "{message}");
}

#[test]
fn section_headers_are_not_needed() {
    let directory = Directory::new();
    let path = directory.library("a.so", MODULE, &["-DNAME=a"]);
    let bytes = std::fs::read(path).unwrap();
    let mut none = bytes.clone();
    none[40..48].fill(0);
    none[58..64].fill(0);
    assert_module(verdict_of_bytes(&none, "a.so", &target()), "PyInit_a");
    let mut outside = bytes.clone();
    outside[40..48].fill(0xee);
    assert_module(verdict_of_bytes(&outside, "a.so", &target()), "PyInit_a");
    assert_module(
        verdict_of_bytes(&bytes[..end_of_segments(&bytes)], "a.so", &target()),
        "PyInit_a",
    );
}

#[test]
fn all_linkers_and_options() {
    let directory = Directory::new();
    let choices: [&[&str]; 9] = [
        &["-Wl,--hash-style=both"],
        &["-Wl,-z,now,-z,relro"],
        &["-Wl,-z,pack-relative-relocs"],
        &["-fuse-ld=gold"],
        &["-Wl,-z,max-page-size=65536"],
        &["-Wl,-z,norelro"],
        &["-g"],
        &["-nostdlib"],
        &["-Wl,-z,execstack"],
    ];
    for flags in choices {
        let mut all = vec!["-DNAME=a"];
        all.extend_from_slice(flags);
        if flags.contains(&"-fuse-ld=gold") && !std::path::Path::new("/usr/bin/ld.gold").exists() {
            continue;
        }
        let path = directory.library("a.so", MODULE, &all);
        assert_module(verdict_of(&path, &target()), "PyInit_a");
        assert_eq!(
            Image::read(&path).unwrap().executable_stack,
            flags == ["-Wl,-z,execstack"],
            "{flags:?}"
        );
    }
}

#[test]
fn not_a_shared_library() {
    let directory = Directory::new();
    let program = "int main(void) { return 0; }";
    for flags in [
        &["-no-pie"][..],
        &["-pie", "-fPIE"],
        &["-static"],
        &["-static-pie", "-fPIE"],
    ] {
        let path = directory.gcc("a.so", program, flags);
        refuses(&path, Detail::EXECUTABLE, "a program for linux");
    }
    let object = directory.gcc("a.so", MODULE, &["-DNAME=a", "-fPIC", "-c"]);
    refuses(&object, Detail::OBJECT_FILE, "not linked");
    let library = directory.library("debug.so", MODULE, &["-DNAME=debug", "-g"]);
    let done = std::process::Command::new("objcopy")
        .arg("--only-keep-debug")
        .arg(&library)
        .status()
        .unwrap();
    assert!(done.success());
    let (detail, message) = refused(verdict_of(&library, &target()));
    assert_eq!(detail.group(), 2, "{message}");
}

#[test]
fn init_functions() {
    let directory = Directory::new();
    let path = directory.library("b.so", MODULE, &["-DNAME=a"]);
    let text = "the file is called b.so but exports PyInit_a: rename it to a.so";
    refuses(&path, Detail::INIT_SYMBOL_NAME, text);
    // What cargo makes of a crate of the name a.
    let path = directory.library("liba.so", MODULE, &["-DNAME=a"]);
    refuses(&path, Detail::INIT_SYMBOL_NAME, "rename it to a.so");
    let path = directory.library("b.abi3.so", MODULE, &["-DNAME=a"]);
    refuses(&path, Detail::INIT_SYMBOL_NAME, "rename it to a.abi3.so");
    let path = directory.library("a-b.so", MODULE, &["-DNAME=a_b"]);
    assert_module(verdict_of(&path, &target()), "PyInit_a_b");
    let path = directory.library("package/__init__.abi3.so", MODULE, &["-DNAME=package"]);
    assert_module(verdict_of(&path, &target()), "PyInit_package");
    let path = directory.library(
        "lančmít.so",
        "void *PyInitU_lanmt_2sa6t(void) { return 0; }",
        &[],
    );
    assert_module(verdict_of(&path, &target()), "PyInitU_lanmt_2sa6t");
    let image = Image::read(&path).unwrap();
    assert_eq!(image.init_symbols[0].module, "lančmít");
    assert_eq!(image.init_symbols[0].kind, InitKind::PyInitU);
    // Several, as mypyc and Rust make them: the one of the file's name counts.
    let several = "void *PyInit_z(void) {return 0;} void *PyInit_a(void) {return 0;} void *PyInit_c(void) {return 0;}";
    assert_module(
        verdict_of(&directory.library("c.so", several, &[]), &target()),
        "PyInit_c",
    );
    // A variable of that name is no function.
    let path = directory.library("v.so", "int PyInit_v = 1;", &[]);
    refuses(&path, Detail::HELPER_LIBRARY, "no PyInit function");
    let export = directory.library("e.so", "void *PyModExport_e(void) {return 0;}", &[]);
    assert_module(
        verdict_of(&export, &Target::host((3, 15), false)),
        "PyModExport_e",
    );
    refuses(&export, Detail::PYTHON_VERSION, "built for CPython 3.15");
    let both = "void *PyModExport_e(void) {return 0;} void *PyInit_e(void) {return 0;}";
    let both = directory.library("e.so", both, &[]);
    assert_module(verdict_of(&both, &target()), "PyInit_e");
    assert_module(
        verdict_of(&both, &Target::host((3, 15), false)),
        "PyModExport_e",
    );
    let long = "n".repeat(220);
    let path = directory.library(&format!("{long}.so"), MODULE, &[&format!("-DNAME={long}")]);
    refuses(&path, Detail::NAME_TOO_LONG, "220 bytes");
}

#[test]
fn helpers() {
    let directory = Directory::new();
    let plain = directory.library("libplain.so", "int f(void) { return 1; }", &[]);
    refuses(&plain, Detail::HELPER_LIBRARY, "ordinary shared library");
    let plain = directory.library("native.abi3.so", "int f(void) { return 1; }", &[]);
    refuses(&plain, Detail::HELPER_LIBRARY, "ordinary shared library");
    let uses = "extern void *PyList_New(long); void *f(void) { return PyList_New(0); }";
    let uses = directory.library("libhelper.so", uses, &[]);
    refuses(&uses, Detail::HELPER_LIBRARY, "library for Python modules");
    let python = "int Py_IsInitialized(void) {return 1;} void *PyInit__io(void) {return 0;}";
    let python = directory.library("libpython3.11.so", python, &[]);
    refuses(&python, Detail::IS_LIBPYTHON, "interpreter library");
    assert!(!verdict_of(&python, &target()).is_module());
    let hidden = directory.library(
        "hidden.so",
        MODULE,
        &["-DNAME=hidden", "-fvisibility=hidden"],
    );
    refuses(
        &hidden,
        Detail::NO_INIT_SYMBOL,
        "PyInit_hidden is missing or hidden",
    );
    let old = "extern int Py_InitModule4_64(); void inita(void) { Py_InitModule4_64(); }";
    let old = directory.library("a.so", old, &[]);
    refuses(&old, Detail::PYTHON_VERSION, "built for Python 2");
    // An ordinary library may have functions that begin with init.
    let init = directory.library(
        "init.so",
        "void inita(void) {} void initialize(void) {}",
        &[],
    );
    refuses(&init, Detail::HELPER_LIBRARY, "no PyInit");
}

#[test]
fn missing_python_functions() {
    let directory = Directory::new();
    let path = directory.library("a.so", MODULE, &["-DNAME=a"]);
    let names = ["PyModuleDef_Init", "PyErr_SetString", "PyExc_ValueError"];
    let exports = |names: &[&str]| -> Target {
        target().with_exports(Arc::new(
            names
                .iter()
                .map(|name| name.as_bytes())
                .collect::<SymbolSet>(),
        ))
    };
    assert_module(verdict_of(&path, &exports(&names)), "PyInit_a");
    let text =
        "needs PyExc_ValueError, which CPython 3.11 does not have: built for another version";
    assert_refused(
        verdict_of(&path, &exports(&names[..2])),
        Detail::MISSING_PYTHON_SYMBOL,
        text,
    );
    let stable = directory.library("a.abi3.so", MODULE, &["-DNAME=a"]);
    assert_refused(
        verdict_of(&stable, &exports(&names[..2])),
        Detail::MISSING_PYTHON_SYMBOL,
        "claims the stable ABI",
    );
    // A weak reference may stay empty.
    let weak = "extern int PyFuture_New(void) __attribute__((weak)); int PyInit_w(void) { return PyFuture_New ? PyFuture_New() : 0; }";
    assert_module(
        verdict_of(&directory.library("w.so", weak, &[]), &exports(&[])),
        "PyInit_w",
    );
    // A library of its own may define it.
    directory.library("libown.so", "int PyOwn_New(void) { return 1; }", &[]);
    let own = "extern int PyOwn_New(void); int PyInit_o(void) { return PyOwn_New(); }";
    let own = directory.library("o.so", own, &["-L.", "-lown"]);
    assert_module(verdict_of(&own, &exports(&[])), "PyInit_o");
    let debug = "extern void *PyModule_Create2TraceRefs(void *, int); void *PyInit_d(void) { return PyModule_Create2TraceRefs(0, 3); }";
    let debug = directory.library("d.so", debug, &[]);
    assert_refused(
        verdict_of(&debug, &exports(&[])),
        Detail::DEBUG_PYTHON,
        "debug build",
    );
}

#[test]
fn thread_local_storage() {
    let directory = Directory::new();
    let source = format!("{MODULE}\n__thread char room[500]; char *get(void) {{ return room; }}");
    let dynamic = Image::read(&directory.library("a.so", &source, &["-DNAME=a"])).unwrap();
    assert_eq!((dynamic.tls_size, dynamic.static_tls), (500, false));
    let flags = ["-DNAME=a", "-ftls-model=initial-exec"];
    let fixed = Image::read(&directory.library("a.so", &source, &flags)).unwrap();
    assert_eq!((fixed.tls_size, fixed.static_tls), (500, true));
}

#[test]
fn every_class_and_byte_order() {
    for (bits, big, machine, name) in [
        (64, false, 62, "x86_64"),
        (32, false, 62, "x32"),
        (32, false, 3, "i686"),
        (64, false, 183, "aarch64"),
        (32, false, 40, "armv7"),
        (64, false, 243, "riscv64"),
        (64, false, 21, "ppc64le"),
        (64, true, 21, "ppc64"),
        (32, true, 20, "ppc"),
        (64, true, 22, "s390x"),
        (64, false, 258, "loongarch64"),
        (32, true, 8, "mips"),
    ] {
        let file = ElfFile {
            bits,
            big,
            machine,
            needed: vec!["libc.so.6"],
            ..ElfFile::default()
        };
        let image =
            Image::parse(&file.bytes()).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        assert_eq!(image.machine.name(), name);
        assert_eq!(image.bits, bits);
        assert_eq!(image.endian == Endian::Big, big);
        assert_eq!(image.needed, ["libc.so.6"]);
        assert_eq!(image.init_symbols.len(), 1, "{name}");
        assert_eq!(image.undefined_python, ["PyModuleDef_Init"]);
        assert_module(
            verdict_of_bytes(&file.bytes(), "a.so", &target_of(image.machine)),
            "PyInit_a",
        );
        if image.machine != Machine::X86_64 {
            let verdict = verdict_of_bytes(&file.bytes(), "a.so", &target_of(Machine::X86_64));
            let text = format!("built for linux {name}, this is CPython 3.11 on linux x86_64");
            let detail = if matches!(name, "i686" | "x32") {
                Detail::BITS
            } else {
                Detail::MACHINE
            };
            assert_refused(verdict, detail, &text);
        }
        // Cut at every byte here too.
        let bytes = file.bytes();
        for length in 0..bytes.len() {
            assert!(
                Image::parse(&bytes[..length]).is_err(),
                "{name} cut to {length}"
            );
        }
    }
}

#[test]
fn systems_and_c_libraries() {
    let of = |file: ElfFile| Image::parse(&file.bytes()).unwrap();
    let system = |os_abi| of(changed(ElfFile::default(), |it| it.os_abi = os_abi)).platform;
    assert_eq!(system(0), Platform::Linux);
    assert_eq!(system(3), Platform::Linux);
    assert_eq!(system(9), Platform::FreeBsd);
    let library = |name| of(changed(ElfFile::default(), |it| it.needed = vec![name])).c_library;
    assert_eq!(library("libc.so.6"), CLibrary::Glibc);
    assert_eq!(library("libc.musl-x86_64.so.1"), CLibrary::Musl);
    assert_eq!(library("libc.so"), CLibrary::Musl);
    assert_eq!(library("libfoo.so"), CLibrary::Unknown);
    let musl = changed(ElfFile::default(), |it| {
        it.needed = vec!["libc.musl-x86_64.so.1"]
    });
    let target = Target {
        c_library: CLibrary::Glibc,
        ..target_of(Machine::X86_64)
    };
    let text = "built for linux x86_64 (musl), this is CPython 3.11 on linux x86_64 (glibc)";
    assert_refused(
        verdict_of_bytes(&musl.bytes(), "a.so", &target),
        Detail::C_LIBRARY,
        text,
    );
    let unknown = changed(ElfFile::default(), |it| it.needed = vec![]);
    assert_module(
        verdict_of_bytes(&unknown.bytes(), "a.so", &target),
        "PyInit_a",
    );
}

#[test]
fn damaged_tables() {
    let good = ElfFile::default().layout();
    let check = |change: &dyn Fn(&mut Vec<u8>), detail: Detail| {
        let mut bytes = good.bytes.clone();
        change(&mut bytes);
        let problem = Image::parse(&bytes).expect_err(detail.name());
        assert_eq!(problem.detail, detail, "{problem}");
    };
    let long = |bytes: &mut Vec<u8>, offset: usize, value: u64| {
        bytes[offset..offset + 8].copy_from_slice(&value.to_le_bytes());
    };
    check(&|bytes| bytes[4] = 7, Detail::WRONG_CLASS);
    check(&|bytes| bytes[5] = 7, Detail::BAD_HEADER);
    check(&|bytes| bytes[5] = 2, Detail::WRONG_CLASS);
    check(&|bytes| bytes[18] = 3, Detail::WRONG_CLASS);
    check(&|bytes| bytes[16] = 1, Detail::OBJECT_FILE);
    check(&|bytes| bytes[16] = 4, Detail::CORE_DUMP);
    check(&|bytes| bytes[16] = 9, Detail::BAD_HEADER);
    check(&|bytes| bytes[54] = 1, Detail::BAD_HEADER);
    check(&|bytes| bytes[56] = 0, Detail::BAD_HEADER);
    check(&|bytes| bytes[57] = 0xff, Detail::TRUNCATED);
    check(&|bytes| long(bytes, 32, u64::MAX - 3), Detail::BAD_HEADER);
    check(&|bytes| long(bytes, 32, 1 << 40), Detail::TRUNCATED);
    // The load segment: offset, address, file size, memory size, alignment.
    check(&|bytes| long(bytes, 64 + 8, 1), Detail::TRUNCATED);
    check(&|bytes| long(bytes, 64 + 16, 1), Detail::BAD_SEGMENTS);
    check(
        &|bytes| long(bytes, 64 + 32, u64::MAX),
        Detail::BAD_SEGMENTS,
    );
    check(&|bytes| long(bytes, 64 + 40, 1), Detail::BAD_SEGMENTS);
    check(
        &|bytes| long(bytes, 64 + 40, u64::MAX),
        Detail::BAD_SEGMENTS,
    );
    check(&|bytes| long(bytes, 64 + 48, 3), Detail::BAD_SEGMENTS);
    // The dynamic segment.
    check(&|bytes| long(bytes, 120 + 16, 1 << 40), Detail::BAD_DYNAMIC);
    check(&|bytes| long(bytes, 120 + 32, 16), Detail::BAD_DYNAMIC);
    check(
        &|bytes| long(bytes, 120 + 32, 0),
        Detail::DEBUG_INFORMATION_ONLY,
    );
    check(&|bytes| bytes[120] = 6, Detail::BAD_DYNAMIC);
    // Its entries: hash, strings, symbols, size of the strings, size of a symbol.
    let entry = |index: usize| good.dynamic + 16 * index + 8;
    check(
        &|bytes| long(bytes, entry(0), 1 << 40),
        Detail::BAD_HASH_TABLE,
    );
    check(&|bytes| long(bytes, entry(1), 1 << 40), Detail::BAD_STRINGS);
    check(&|bytes| long(bytes, entry(2), 1 << 40), Detail::BAD_SYMBOLS);
    check(&|bytes| long(bytes, entry(3), 1 << 40), Detail::BAD_STRINGS);
    check(&|bytes| long(bytes, entry(3), 3), Detail::BAD_STRINGS);
    check(&|bytes| long(bytes, entry(4), 16), Detail::BAD_DYNAMIC);
    check(&|bytes| bytes[good.dynamic] = 99, Detail::BAD_HASH_TABLE);
    // The hash table: no buckets, too many symbols, a circle, a symbol that is not there.
    check(&|bytes| bytes[good.hash] = 0, Detail::BAD_HASH_TABLE);
    check(
        &|bytes| bytes[good.hash + 4..][..4].fill(0xff),
        Detail::BAD_HASH_TABLE,
    );
    check(&|bytes| bytes[good.hash + 20] = 1, Detail::BAD_HASH_TABLE);
    check(&|bytes| bytes[good.hash + 8] = 200, Detail::BAD_HASH_TABLE);
    // The symbols: a name outside, a function outside the code.
    check(
        &|bytes| bytes[good.symbols + 24..][..4].fill(0x7f),
        Detail::BAD_SYMBOLS,
    );
    check(
        &|bytes| bytes[good.symbols + 48 + 8..][..4].fill(0x7f),
        Detail::BAD_SYMBOLS,
    );

    let tags = |tags: &[(u64, u64)], detail: Detail| {
        let file = changed(ElfFile::default(), |it| it.tags = tags.to_vec());
        let problem = Image::parse(&file.bytes()).expect_err(detail.name());
        assert_eq!(problem.detail, detail, "{problem}");
    };
    const FAR: u64 = 1 << 40;
    tags(&[(7, FAR), (8, 24), (9, 24)], Detail::BAD_RELOCATIONS);
    tags(&[(7, 0)], Detail::BAD_RELOCATIONS);
    tags(&[(7, 0), (8, 25), (9, 24)], Detail::BAD_RELOCATIONS);
    tags(&[(7, 0), (8, 24), (9, 16)], Detail::BAD_RELOCATIONS);
    tags(&[(17, FAR), (18, 16), (19, 16)], Detail::BAD_RELOCATIONS);
    tags(&[(36, FAR), (35, 8), (37, 8)], Detail::BAD_RELOCATIONS);
    tags(&[(23, 0), (2, 24), (20, 5)], Detail::BAD_RELOCATIONS);
    tags(&[(23, FAR), (2, 24), (20, 7)], Detail::BAD_RELOCATIONS);
    tags(&[(12, FAR)], Detail::BAD_INITIALIZERS);
    tags(&[(25, FAR), (27, 8)], Detail::BAD_INITIALIZERS);
    tags(&[(25, 0), (27, 7)], Detail::BAD_INITIALIZERS);
    tags(&[(25, 0)], Detail::BAD_INITIALIZERS);
    tags(&[(26, FAR), (28, 8)], Detail::BAD_INITIALIZERS);
    tags(&[(1, FAR)], Detail::BAD_STRINGS);
    tags(&[(14, FAR)], Detail::BAD_STRINGS);
    tags(&[(15, FAR)], Detail::BAD_STRINGS);
    tags(&[(29, FAR)], Detail::BAD_STRINGS);
    tags(&[(0x6fff_fffe, FAR)], Detail::BAD_VERSIONS);
    tags(&[(0x6fff_fffc, FAR)], Detail::BAD_VERSIONS);
    tags(&[(0x6fff_fff0, FAR)], Detail::BAD_VERSIONS);
    tags(&[(0x6fff_fef5, FAR)], Detail::BAD_HASH_TABLE);
    // The ELF header as a GNU hash table.
    tags(&[(0x6fff_fef5, 0)], Detail::BAD_HASH_TABLE);
}
