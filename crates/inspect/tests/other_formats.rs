//! PE and Mach-O files, and names and tags of other Pythons.

mod support;

use nexus_inspect::{CLibrary, Detail, Format, Image, Machine, Platform, Target, Verdict};
use support::elf_file::ElfFile;
use support::macho_file::{self, MachOFile};
use support::pe_file::PeFile;
use support::{Random, assert_module, assert_refused, changed, macos, verdict_of_bytes, windows};

/// CPython 3.11 on an ordinary Linux.
fn linux() -> Target {
    Target {
        version: (3, 11),
        free_threaded: false,
        machine: Machine::X86_64,
        platform: Platform::Linux,
        c_library: CLibrary::Glibc,
        soabi: Some("cpython-311-x86_64-linux-gnu".into()),
        exports: None,
    }
}

fn on_linux(bytes: &[u8], name: &str) -> Verdict {
    verdict_of_bytes(bytes, name, &linux())
}

#[test]
fn pe_facts() {
    let image = Image::parse(&PeFile::default().bytes()).unwrap();
    assert_eq!(
        (image.format, image.platform, image.bits),
        (Format::Pe, Platform::Windows, 64)
    );
    assert_eq!(image.machine, Machine::X86_64);
    assert_eq!(image.needed, ["python312.dll", "KERNEL32.dll"]);
    assert_eq!(image.undefined_python, ["PyModuleDef_Init"]);
    assert_eq!(image.init_symbols[0].symbol, "PyInit_a");
    assert_eq!(image.soname.as_deref(), Some("module.pyd"));
    assert_eq!(image.python.version, Some((3, 12)));
    let small = PeFile::small();
    let image = Image::parse(&small.bytes()).unwrap();
    assert_eq!((image.machine, image.bits), (Machine::I686, 32));
    assert_eq!(image.undefined_python, ["PyModuleDef_Init"]);
}

#[test]
fn pe_verdicts() {
    let file = PeFile::default();
    assert_module(file.verdict(), "PyInit_a");
    assert_module(
        verdict_of_bytes(&file.bytes(), "a.cp312-win_amd64.pyd", &windows()),
        "PyInit_a",
    );
    let text = "built for CPython 3.12 on windows x86_64, this is CPython 3.11 on linux x86_64";
    assert_refused(on_linux(&file.bytes(), "a.pyd"), Detail::PLATFORM, text);
    assert_refused(
        on_linux(&file.bytes(), "a.cp312-win_amd64.pyd"),
        Detail::PLATFORM,
        text,
    );
    let later = changed(windows(), |it| it.version = (3, 13));
    assert_refused(
        verdict_of_bytes(&file.bytes(), "a.pyd", &later),
        Detail::PYTHON_VERSION,
        "this is CPython 3.13",
    );
    let program = changed(PeFile::default(), |it| it.dll = false);
    assert_refused(
        program.verdict(),
        Detail::EXECUTABLE,
        "a program for windows",
    );
    let small = PeFile::small();
    assert_refused(small.verdict(), Detail::BITS, "windows i686");
    let arm = changed(PeFile::default(), |it| it.machine = 0xaa64);
    assert_refused(arm.verdict(), Detail::MACHINE, "windows aarch64");
    let imports = vec![("python313t.dll", vec!["PyModuleDef_Init"])];
    let threaded = changed(PeFile::default(), |it| it.imports = imports);
    let target = changed(windows(), |it| it.version = (3, 13));
    assert_refused(
        verdict_of_bytes(&threaded.bytes(), "a.pyd", &target),
        Detail::FREE_THREADED,
        "free-threaded CPython 3.13",
    );
    let helper = PeFile {
        exports: vec!["f"],
        imports: vec![("KERNEL32.dll", vec!["Sleep"])],
        ..PeFile::default()
    };
    assert_refused(helper.verdict(), Detail::HELPER_LIBRARY, "no PyInit");
    let mixed = changed(PeFile::default(), |it| it.machine = 0x14c);
    assert_refused(mixed.verdict(), Detail::WRONG_CLASS, "64-bit code for i686");
}

#[test]
fn macho_facts_and_verdicts() {
    let file = MachOFile::default();
    let image = Image::parse(&file.bytes()).unwrap();
    assert_eq!(
        (image.format, image.platform),
        (Format::MachO, Platform::MacOs)
    );
    assert_eq!(image.machine, Machine::Aarch64);
    assert_eq!(image.needed, ["/usr/lib/libSystem.B.dylib"]);
    assert_eq!(image.undefined_python, ["PyModuleDef_Init"]);
    assert_module(file.verdict(), "PyInit_a");
    let text = "built for CPython 3.12 on macos aarch64, this is CPython 3.11 on linux x86_64";
    assert_refused(
        on_linux(&file.bytes(), "a.cpython-312-darwin.so"),
        Detail::PLATFORM,
        text,
    );
    let program = changed(MachOFile::default(), |it| it.kind = 2);
    assert_refused(program.verdict(), Detail::EXECUTABLE, "a program for macos");
    let object = changed(MachOFile::default(), |it| it.kind = 1);
    assert_refused(object.verdict(), Detail::OBJECT_FILE, "not linked");
    let old = MachOFile::old();
    let image = Image::parse(&old.bytes()).unwrap();
    assert_eq!((image.machine, image.bits), (Machine::Ppc, 32));
    assert_eq!(image.init_symbols[0].symbol, "PyInit_a");
}

#[test]
fn universal_files() {
    let both = || [MachOFile::intel(), MachOFile::default()];
    let bytes = macho_file::universal(&both());
    let image = Image::parse(&bytes).unwrap();
    assert_eq!(image.machines, [Machine::X86_64, Machine::Aarch64]);
    assert_eq!(image.init_symbols.len(), 1);
    assert_module(verdict_of_bytes(&bytes, "a.so", &macos()), "PyInit_a");
    assert_module(
        verdict_of_bytes(
            &bytes,
            "a.so",
            &changed(macos(), |it| it.machine = Machine::X86_64),
        ),
        "PyInit_a",
    );
    assert_refused(
        on_linux(&bytes, "a.so"),
        Detail::PLATFORM,
        "macos x86_64 and aarch64",
    );
    let one = macho_file::universal(&both()[..1]);
    assert_refused(
        verdict_of_bytes(&one, "a.so", &macos()),
        Detail::MACHINE,
        "built for macos x86_64",
    );
    // A Java class begins with the same four bytes.
    let java = [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61, 0, 10];
    assert_refused(
        verdict_of_bytes(&java, "a.so", &macos()),
        Detail::UNKNOWN_FORMAT,
        "a Java class",
    );
}

#[test]
fn cut_off_and_random_bytes() {
    let files = [
        PeFile::default().bytes(),
        PeFile::small().bytes(),
        MachOFile::default().bytes(),
        MachOFile::old().bytes(),
        macho_file::universal(&[MachOFile::intel(), MachOFile::default()]),
    ];
    let mut random = Random(0xfeed_beef_1234_5677);
    for (index, bytes) in files.iter().enumerate() {
        // The universal file ends with padding.
        let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        let end = if index < 2 { bytes.len() } else { end };
        for length in 0..end {
            let target = if index < 2 { windows() } else { macos() };
            let verdict = verdict_of_bytes(&bytes[..length], "a.so", &target);
            assert!(!verdict.is_module(), "file {index} cut to {length}");
        }
        for _ in 0..2000 {
            let mut bytes = bytes.clone();
            for _ in 0..=random.below(6) {
                let index = random.below(bytes.len());
                bytes[index] = if random.below(3) == 0 {
                    0xff
                } else {
                    random.next() as u8
                };
            }
            let _ = Image::parse(&bytes);
        }
    }
}

#[test]
fn tags_of_other_pythons() {
    let bytes = changed(ElfFile::default(), |it| it.needed = vec!["libc.so.6"]).bytes();
    let check = |name: &str, detail: Detail, text: &str| {
        assert_refused(verdict_of_bytes(&bytes, name, &linux()), detail, text);
    };
    assert_module(
        on_linux(&bytes, "a.cpython-311-x86_64-linux-gnu.so"),
        "PyInit_a",
    );
    // A tag without a platform, as on FreeBSD.
    assert_module(on_linux(&bytes, "a.cpython-311.so"), "PyInit_a");
    let this = "this is CPython 3.11 on linux x86_64";
    check(
        "a.cpython-312-x86_64-linux-gnu.so",
        Detail::PYTHON_VERSION,
        "built for CPython 3.12 on linux x86_64, this is CPython 3.11 on linux x86_64",
    );
    check(
        "a.cpython-311t-x86_64-linux-gnu.so",
        Detail::FREE_THREADED,
        "built for free-threaded CPython 3.11",
    );
    check(
        "a.cpython-36m-x86_64-linux-gnu.so",
        Detail::PYTHON_VERSION,
        "built for CPython 3.6",
    );
    check(
        "a.pypy310-pp73-x86_64-linux-gnu.so",
        Detail::IMPLEMENTATION,
        "built for PyPy 3.10 on linux x86_64",
    );
    check(
        "a.graalpy231-310-native-x86_64-linux.so",
        Detail::IMPLEMENTATION,
        "built for GraalPy 3.10",
    );
    check("a.abi3t.so", Detail::STABLE_ABI, this);
    check("a.abi4.so", Detail::STABLE_ABI, "(abi4)");
    check(
        "a.cpython-311-aarch64-linux-gnu.so",
        Detail::TAG_DISAGREES,
        "the name says aarch64-linux-gnu",
    );
    check(
        "a.cp311-win_amd64.pyd",
        Detail::TAG_DISAGREES,
        "the contents are for linux x86_64",
    );
    check(
        "a.cpython-311-x86_64-linux-musl.so",
        Detail::TAG_DISAGREES,
        "rename the file",
    )
}

#[test]
fn free_threaded_python() {
    let target = Target {
        version: (3, 13),
        free_threaded: true,
        soabi: None,
        ..linux()
    };
    let of = |undefined: Vec<&'static str>, name: &str, target: &Target| {
        let bytes = changed(ElfFile::default(), |it| it.undefined = undefined).bytes();
        verdict_of_bytes(&bytes, name, target)
    };
    assert_module(of(vec!["_Py_DecRefShared"], "a.so", &target), "PyInit_a");
    assert_module(
        of(
            vec!["_Py_Dealloc"],
            "a.cpython-313t-x86_64-linux-gnu.so",
            &target,
        ),
        "PyInit_a",
    );
    assert_module(of(vec![], "a.so", &target), "PyInit_a");
    let verdict = of(vec!["_Py_Dealloc"], "a.so", &target);
    assert_refused(
        verdict,
        Detail::NOT_FREE_THREADED,
        "with the GIL, this is free-threaded CPython 3.13",
    );
    let verdict = of(vec![], "a.cpython-313-x86_64-linux-gnu.so", &target);
    assert_refused(verdict, Detail::NOT_FREE_THREADED, "built for CPython 3.13");
    assert_refused(
        of(vec![], "a.abi3.so", &target),
        Detail::NOT_FREE_THREADED,
        "abi3",
    );
    assert_module(
        of(
            vec![],
            "a.abi3t.so",
            &Target {
                version: (3, 15),
                ..target.clone()
            },
        ),
        "PyInit_a",
    );
    let verdict = of(vec!["_Py_DecRefShared"], "a.so", &linux());
    assert_refused(
        verdict,
        Detail::FREE_THREADED,
        "built for free-threaded CPython on linux x86_64, this is CPython 3.11",
    );
    let verdict = of(vec!["PyPyModule_Create2"], "a.so", &linux());
    assert_refused(
        verdict,
        Detail::IMPLEMENTATION,
        "built for PyPy on linux x86_64",
    );
}

#[test]
fn linked_against_another_libpython() {
    let linked = changed(ElfFile::default(), |it| {
        it.needed = vec!["libpython3.12.so.1.0"]
    })
    .bytes();
    let text = "built for CPython 3.12 on linux x86_64, this is CPython 3.11 on linux x86_64";
    assert_refused(on_linux(&linked, "a.so"), Detail::PYTHON_VERSION, text);
    assert_module(
        verdict_of_bytes(
            &linked,
            "a.so",
            &changed(linux(), |it| it.version = (3, 12)),
        ),
        "PyInit_a",
    );
    // The stable ABI works with the library of the process, which is found first.
    assert_module(on_linux(&linked, "a.abi3.so"), "PyInit_a");
}
