//! PE files: what Windows would refuse, which DLLs are needed and where they are looked for, and which Python
//! the file is for.

mod support;

use nexus_inspect::{
    Detail, Image, LibraryState, Machine, Platform, Report, SearchOptions, SymbolSet, Target,
    Verdict,
};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use support::pe_file::{BASE, DATA, FLAGS, HEADER, PeFile, SECTIONS, TEXT};
use support::{
    Directory, assert_module, assert_refused, begins, changed, details, refused,
    refused_with_a_flipped_bit, report_on, says, state, texts, verdict_of_bytes, windows,
};

fn verdict(file: &PeFile, name: &str) -> Verdict {
    verdict_of_bytes(&file.bytes(), name, &windows())
}

fn needs(library: &'static str, functions: &[&'static str]) -> PeFile {
    changed(PeFile::default(), |it| {
        it.imports = vec![(library, functions.to_vec())]
    })
}

#[test]
fn all_imports() {
    let file = PeFile {
        imports: vec![
            ("python312.dll", vec!["PyModuleDef_Init", "#7"]),
            ("WS2_32.dll", vec!["#115", "#3"]),
        ],
        delayed: vec![("slow.dll", vec!["when_called"])],
        ..PeFile::default()
    };
    for bits in [64, 32] {
        let machine = if bits == 64 { 0x8664 } else { 0x14c };
        let bytes = PeFile {
            bits,
            machine,
            ..file.clone()
        }
        .bytes();
        let image = Image::parse(&bytes).unwrap();
        assert_eq!(image.needed, ["python312.dll", "WS2_32.dll"]);
        assert_eq!(image.optional, ["slow.dll"]);
        assert_eq!(image.imports.len(), 3);
        assert_eq!(image.imports[0].names, ["PyModuleDef_Init"]);
        assert_eq!(image.imports[1].ordinals, [115, 3]);
        assert_eq!(image.imports[2].names, ["when_called"]);
        assert!(image.imports[2].delayed && !image.imports[1].delayed);
    }
}

#[test]
fn exports_of_other_dlls() {
    let file = changed(PeFile::default(), |it| {
        it.exports = vec!["PyInit_a=other.PyInit_b", "f"]
    });
    assert_module(file.verdict(), "PyInit_a");
    let broken = changed(PeFile::default(), |it| it.exports = vec!["PyInit_a=other"]);
    assert_refused(broken.verdict(), Detail::BAD_IMPORTS, "export table");
}

#[test]
fn the_python_it_is_for() {
    let of = |library| needs(library, &["PyModuleDef_Init"]);
    let check = |library, name: &str, detail, text: &str| {
        assert_refused(verdict(&of(library), name), detail, text);
    };
    let plain = |library, detail, text| check(library, "a.pyd", detail, text);
    let renamed = |library, name, text| check(library, name, Detail::TAG_DISAGREES, text);
    let this = "this is CPython 3.12 on windows x86_64";
    let text = format!("built for CPython 3.13 on windows x86_64, {this}");
    plain("python313.dll", Detail::PYTHON_VERSION, &text);
    let text = "built for free-threaded CPython 3.13";
    plain("python313t.dll", Detail::FREE_THREADED, text);
    let text = format!("built for a debug build of CPython 3.12 on windows x86_64, {this}");
    check("python312_d.dll", "a_d.pyd", Detail::DEBUG_PYTHON, &text);
    plain("python27.dll", Detail::PYTHON_VERSION, "CPython 2.7");
    plain("libpypy3.11-c.dll", Detail::IMPLEMENTATION, "PyPy 3.11");
    // Only the contents are wrong: a renamed file.
    let text =
        "the name says cp312-win_amd64, the contents are for CPython 3.13: they need python313.dll";
    renamed("python313.dll", "a.cp312-win_amd64.pyd", text);
    let text = "contents are for free-threaded CPython 3.12: they need python312t.dll";
    renamed("python312t.dll", "a.cp312-win_amd64.pyd", text);
    // The machine is.
    let text = "the name says win_arm64, the contents are for windows x86_64: rename the file";
    renamed("python312.dll", "a.cp312-win_arm64.pyd", text);
    let text = "built for CPython 3.11 on windows x86_64";
    check(
        "python312.dll",
        "a.cp311-win_amd64.pyd",
        Detail::PYTHON_VERSION,
        text,
    );
    // The stable ABI is of every version; the letter is a part of the name.
    for (library, name) in [
        ("python3.dll", "a.pyd"),
        ("PYTHON312.dll", "a.pyd"),
        ("python312.dll", "a.cp312-win_amd64.pyd"),
    ] {
        assert_module(verdict(&of(library), name), "PyInit_a");
    }
    let lettered = changed(PeFile::default(), |it| it.exports = vec!["PyInit_vector_d"]);
    assert_module(verdict(&lettered, "vector_d.pyd"), "PyInit_vector_d");
    assert!(
        Image::parse(&of("python3.dll").bytes())
            .unwrap()
            .python
            .is_stable_abi()
    );
    let free_threaded = Target {
        free_threaded: true,
        version: (3, 14),
        ..windows()
    };
    for (library, text) in [
        (
            "python3.dll",
            "built for the stable ABI of Python with the GIL (abi3)",
        ),
        (
            "python314.dll",
            "built for CPython 3.14 on windows x86_64 with the GIL",
        ),
    ] {
        let verdict = verdict_of_bytes(&of(library).bytes(), "a.pyd", &free_threaded);
        assert_refused(verdict, Detail::NOT_FREE_THREADED, text);
    }
    for library in ["python3t.dll", "python314t.dll"] {
        let verdict = verdict_of_bytes(&of(library).bytes(), "a.pyd", &free_threaded);
        assert_module(verdict, "PyInit_a");
    }
}

#[test]
fn functions_that_this_python_lacks() {
    let exports: SymbolSet = [&b"PyModuleDef_Init"[..]].into_iter().collect();
    let target = windows().with_exports(Arc::new(exports));
    let check = |library, detail, text: &str| {
        let file = PeFile {
            imports: vec![
                (library, vec!["PyModuleDef_Init", "PyNew_Thing"]),
                // Of another library, whatever it is called.
                ("own.dll", vec!["PyOwn_Thing"]),
            ],
            ..PeFile::default()
        };
        assert_refused(
            verdict_of_bytes(&file.bytes(), "a.pyd", &target),
            detail,
            text,
        );
    };
    let text = "needs PyNew_Thing, which CPython 3.12 does not have: built for another version";
    check("python312.dll", Detail::MISSING_PYTHON_SYMBOL, text);
    let text = "it claims the stable ABI (abi3) but is built for another version";
    check("python3.dll", Detail::MISSING_PYTHON_SYMBOL, text);
}

#[test]
fn no_modules() {
    let managed = PeFile {
        exports: Vec::new(),
        imports: vec![("mscoree.dll", vec!["_CorDllMain"])],
        managed: true,
        ..PeFile::default()
    };
    assert_refused(managed.verdict(), Detail::HELPER_LIBRARY, "a .NET assembly");
    let mixed = changed(PeFile::default(), |it| it.managed = true);
    assert_module(mixed.verdict(), "PyInit_a");
    let program = |subsystem| PeFile {
        dll: false,
        subsystem,
        ..PeFile::default()
    };
    let check = |subsystem, text| {
        assert_refused(program(subsystem).verdict(), Detail::EXECUTABLE, text);
    };
    check(3, "a program for windows x86_64, not a module");
    check(1, "a driver for windows x86_64, not a module");
    check(10, "a program of the firmware for another system x86_64");
    let makes_one = changed(PeFile::default(), |it| it.exports = vec!["f"]);
    assert_refused(
        makes_one.verdict(),
        Detail::NO_INIT_SYMBOL,
        "PyInit_a is missing",
    );
    for (mark, text) in [
        (b"NE", "built for 16-bit Windows or OS/2 (NE), this is "),
        (b"LE", "built as a driver of Windows 95 (LE)"),
        (b"LX", "built for OS/2 (LX)"),
    ] {
        let mut bytes = PeFile::default().bytes();
        bytes[HEADER..HEADER + 2].copy_from_slice(mark);
        let (detail, message) = refused(verdict_of_bytes(&bytes, "a.pyd", &windows()));
        assert_eq!(detail, Detail::PLATFORM);
        assert!(message.contains(text), "{message}");
    }
}

#[test]
fn machines() {
    let check = |machine, detail, text: &str| {
        let file = changed(PeFile::default(), |it| it.machine = machine);
        assert_refused(file.verdict(), detail, text);
    };
    check(
        0xaa64,
        Detail::MACHINE,
        "built for CPython 3.12 on windows aarch64, this is",
    );
    check(0xa641, Detail::BAD_HEADER, "object files only");
    check(0x1c4, Detail::WRONG_CLASS, "64-bit code for armv7");
    check(0x200, Detail::MACHINE, "windows ia64");
    check(0x5064, Detail::MACHINE, "windows riscv64");
    check(0x1234, Detail::MACHINE, "windows machine 4660");
    // Code of ARM64EC calls itself x86_64; only Windows on ARM runs it, in processes of x86_64.
    let hybrid = changed(PeFile::default(), |it| it.hybrid = true);
    let image = Image::parse(&hybrid.bytes()).unwrap();
    assert_eq!(image.machine, Machine::Arm64ec);
    assert_module(hybrid.verdict(), "PyInit_a");
    let arm = changed(windows(), |it| it.machine = Machine::Aarch64);
    assert_refused(
        verdict_of_bytes(&hybrid.bytes(), "a.pyd", &arm),
        Detail::MACHINE,
        "built for CPython 3.12 on windows arm64ec, this is CPython 3.12 on windows aarch64",
    );
    let both = PeFile {
        machine: 0xaa64,
        ..hybrid
    };
    assert_module(verdict_of_bytes(&both.bytes(), "a.pyd", &arm), "PyInit_a");
    let image = Image::parse(&both.bytes()).unwrap();
    assert_eq!(image.machines, [Machine::Aarch64, Machine::Arm64ec]);
}

/// Writes a number of that many bytes.
fn patch(bytes: &mut [u8], at: usize, width: usize, value: u64) {
    bytes[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
}

#[test]
fn headers_that_windows_refuses() {
    let optional = HEADER + 24;
    for (detail, changes) in [
        (
            Detail::BAD_HEADER,
            &[
                ("e_lfanew", 0x3c, 4, 0x82),
                ("signature", HEADER, 4, 0x4551),
                ("number of sections", HEADER + 6, 2, 0xffff),
                ("no optional header", HEADER + 20, 2, 0),
                ("not linked", FLAGS, 2, 0x2020),
                ("base", optional + 24, 8, BASE + 0x1000),
                ("alignment", optional + 32, 4, 0x1001),
                ("no alignment", optional + 32, 4, 0),
                ("alignment in the file", optional + 36, 4, 0x180),
                ("alignment of the file above", optional + 36, 4, 0x2000),
                ("huge image", optional + 56, 4, 0x8000_0000),
                ("size of the headers", optional + 60, 4, 0x10_0000),
            ][..],
        ),
        (
            Detail::TRUNCATED,
            &[
                ("e_lfanew beyond the end", 0x3c, 4, 0xffff_ff00),
                ("section in the file", SECTIONS + 40 + 16, 4, 0x10_0000),
                ("section's offset", SECTIONS + 40 + 20, 4, 0xffff_f000),
            ],
        ),
        (
            Detail::WRONG_CLASS,
            &[
                ("machine", HEADER + 4, 2, 0x14c),
                ("class", optional, 2, 0x10b),
                ("no class", optional, 2, 0x107),
            ],
        ),
        (Detail::EXECUTABLE, &[("no library", FLAGS, 2, 0x0022)]),
        (
            Detail::BAD_INITIALIZERS,
            &[
                ("entry point", optional + 16, 4, DATA.into()),
                ("code that is none", SECTIONS + 36, 4, 0x4000_0040),
            ],
        ),
        (
            Detail::BAD_SECTIONS,
            &[
                ("size of the image", optional + 56, 4, 0x2000),
                ("first section", SECTIONS + 12, 4, 0x3000),
                ("section in memory", SECTIONS + 40 + 8, 4, 0x10_0000),
            ],
        ),
        (
            Detail::BAD_IMPORTS,
            &[
                ("exports", optional + 112, 4, 0x7000),
                ("imports", optional + 120, 4, 0x7000),
                ("delayed imports", optional + 216, 4, 0x7000),
            ],
        ),
        (
            Detail::BAD_RELOCATIONS,
            &[("relocations", optional + 152, 8, 0x40_0000_7000)],
        ),
        (
            Detail::BAD_TLS,
            &[("thread-local", optional + 184, 4, 0x7000)],
        ),
    ] {
        for &(what, at, width, value) in changes {
            let mut bytes = PeFile::default().bytes();
            assert_module(verdict_of_bytes(&bytes, "a.pyd", &windows()), "PyInit_a");
            patch(&mut bytes, at, width, value);
            let (found, message) = refused(verdict_of_bytes(&bytes, "a.pyd", &windows()));
            assert_eq!(found, detail, "{what}: {message}");
            assert!(!message.is_empty(), "{what}");
        }
    }
}

#[test]
fn every_bit_of_the_headers() {
    let whole = PeFile::default().bytes();
    let refused = refused_with_a_flipped_bit(&whole, SECTIONS + 80, "a.pyd", &windows());
    // Times, versions, checksums and names mean nothing to Windows.
    assert!(refused > 600, "{refused}");
}

#[test]
fn relocations() {
    let of = |relocations: &[u32]| {
        let file = PeFile {
            relocations: relocations
                .iter()
                .flat_map(|word| word.to_le_bytes())
                .collect(),
            ..PeFile::default()
        };
        file.verdict()
    };
    assert_module(of(&[TEXT, 12, 0xa010]), "PyInit_a");
    assert_module(of(&[TEXT, 12, 0xa010, DATA, 12, 0]), "PyInit_a");
    // Zeros fill the table up.
    assert_module(of(&[TEXT, 12, 0xa010, 0, 0]), "PyInit_a");
    for (relocations, text) in [
        (&[TEXT, 7, 0xa010][..], "a block of impossible size"),
        (&[TEXT, 400, 0xa010], "a block of impossible size"),
        (&[0x10_0000, 12, 0xa010], "an address outside the image"),
    ] {
        assert_refused(of(relocations), Detail::BAD_RELOCATIONS, text);
    }
}

#[test]
fn thread_local_storage() {
    let data = BASE + u64::from(DATA);
    let end = data + 0xff8;
    let of = |thread_local| {
        let file = changed(PeFile::default(), |it| it.thread_local = Some(thread_local));
        Image::parse(&file.bytes()).map(|image| image.tls_size)
    };
    assert_eq!(of([data, data + 16, data, 0]).unwrap(), 20);
    // The export table begins with zeros: a list without a function.
    assert_eq!(of([data, data, data, data]).unwrap(), 4);
    for [start, stop, index, callbacks] in [
        [data + 16, data, data, 0],
        [data, data + 0x10_0000, data, 0],
        [data, data, 8, 0],
        [0, 8, data, 0],
        // A list of functions outside, and one of what is no function.
        [data, data, data, 0x10],
        [data, data, data, data + 16],
    ] {
        let problem = of([start, stop, index, callbacks]).unwrap_err();
        assert_eq!(problem.detail, Detail::BAD_TLS, "{start:#x}: {problem}");
    }
    assert!(of([data, data, data, end]).is_err());
}

/// The report on a module in a folder as Windows would see it, with these folders.
fn on_windows(directory: &Directory, module: &Path) -> Report {
    let mut options = SearchOptions {
        platform: Platform::Windows,
        program: Some(directory.join("program/host.exe")),
        dll_directories: vec![directory.join("added")],
        default_directories: vec![directory.join("System32")],
        ..SearchOptions::default()
    };
    let python = directory.join("python/python312.dll");
    options.loaded.insert("python312.dll".into(), python);
    report_on(module, options, &windows())
}

/// A DLL that needs others.
fn dll(exports: &[&'static str], imports: &[(&'static str, &[&'static str])]) -> Vec<u8> {
    let imports = imports
        .iter()
        .map(|(name, functions)| (*name, functions.to_vec()));
    let file = PeFile {
        exports: exports.to_vec(),
        imports: imports.collect(),
        ..PeFile::default()
    };
    file.bytes()
}

#[test]
fn the_folders_of_windows() {
    let directory = Directory::new();
    let module = directory.write(
        "pkg/a.pyd",
        &dll(
            &["PyInit_a"],
            &[
                ("python312.dll", &["PyModuleDef_Init"]),
                ("KERNEL32.dll", &["Sleep"]),
                ("api-ms-win-crt-runtime-l1-1-0.dll", &["_initterm"]),
                ("BESIDE.dll", &["f"]),
                ("program.dll", &[]),
                ("added.dll", &[]),
                ("system.dll", &[]),
                ("vendored.dll", &[]),
                ("gone.dll", &[]),
                ("MSVCR90.dll", &[]),
            ],
        ),
    );
    directory.write("python/python312.dll", &dll(&["PyModuleDef_Init"], &[]));
    // In the folder of a DLL that is needed, Windows does not look.
    directory.write("added/added.dll", &dll(&[], &[("only_there.dll", &[])]));
    directory.write("added2/only_there.dll", &dll(&[], &[]));
    directory.write(
        "pkg/beside.dll",
        &dll(&["f"], &[("deep_gone.dll", &[]), ("beside.dll", &[])]),
    );
    directory.write("program/program.dll", &dll(&[], &[]));
    directory.write("System32/system.dll", &dll(&[], &[]));
    directory.write("pkg.libs/vendored.dll", &dll(&[], &[]));
    let report = on_windows(&directory, &module);
    for (name, expected) in [
        ("python312.dll", LibraryState::Loaded),
        ("KERNEL32.dll", LibraryState::OfSystem),
        ("api-ms-win-crt-runtime-l1-1-0.dll", LibraryState::OfSystem),
        ("BESIDE.dll", LibraryState::Found),
        ("program.dll", LibraryState::Found),
        ("added.dll", LibraryState::Found),
        ("system.dll", LibraryState::Found),
        ("vendored.dll", LibraryState::Found),
        ("gone.dll", LibraryState::Missing),
        ("MSVCR90.dll", LibraryState::NotLookedFor),
        ("only_there.dll", LibraryState::Missing),
        ("deep_gone.dll", LibraryState::Missing),
    ] {
        assert_eq!(*state(&report, name), expected, "{name}");
    }
    let texts = texts(&report);
    assert_eq!(texts.len(), 3, "{texts:?}");
    begins(&texts[0], "gone.dll is missing (looked in ");
    begins(
        &texts[1],
        "deep_gone.dll is missing, needed by BESIDE.dll (looked",
    );
    assert!(
        texts[0].contains("/pkg, ") && texts[0].contains("/program, "),
        "{texts:?}"
    );
    assert!(report.missing().all(|library| !library.optional));
}

#[test]
fn what_may_be_missing() {
    let directory = Directory::new();
    let file = changed(PeFile::default(), |it| {
        it.delayed = vec![("slow.dll", vec!["f"]), ("slower.dll", vec!["f"])]
    });
    let module = directory.write("a.pyd", &file.bytes());
    directory.write(
        "slower.dll",
        &dll(&[], &[("gone.dll", &["f"]), ("KERNEL32.dll", &[])]),
    );
    directory.write("python/python312.dll", &dll(&["PyModuleDef_Init"], &[]));
    let report = on_windows(&directory, &module);
    assert_eq!(texts(&report), [""; 0]);
    assert_eq!(*state(&report, "slow.dll"), LibraryState::Missing);
    assert_eq!(*state(&report, "gone.dll"), LibraryState::Missing);
    assert_eq!(report.missing().count(), 0);
}

#[test]
fn from_another_system_only_what_is_certain() {
    let directory = Directory::new();
    let hashed = "zlib1-0123456789abcdef0123456789abcdef.dll";
    let module = directory.write(
        "site-packages/pkg/sub/a.pyd",
        &dll(
            &["PyInit_a"],
            &[
                ("python312.dll", &["PyModuleDef_Init"]),
                ("unheard_of.dll", &["f"]),
                ("found-0123456789abcdef0123456789abcdef.dll", &["f"]),
                (hashed, &["f"]),
            ],
        ),
    );
    let found = dll(&["f"], &[("unheard_of_too.dll", &[])]);
    directory.write(
        "site-packages/other.libs/found-0123456789abcdef0123456789abcdef.dll",
        &found,
    );
    let options = changed(SearchOptions::default(), |it| it.platform = Platform::Linux);
    let report = report_on(&module, options.clone(), &windows());
    let found = texts(&report);
    assert_eq!(found.len(), 1, "{found:?}");
    begins(&found[0], &format!("{hashed} is missing (looked in "));
    assert_eq!(
        *state(&report, "unheard_of.dll"),
        LibraryState::NotLookedFor
    );
    assert_eq!(
        *state(&report, "unheard_of_too.dll"),
        LibraryState::NotLookedFor
    );
    directory.write(
        &format!("site-packages/pkg/sub/{hashed}"),
        &dll(&["f"], &[]),
    );
    assert_eq!(texts(&report_on(&module, options, &windows())), [""; 0]);
}

#[test]
fn functions_that_a_dll_lacks() {
    let directory = Directory::new();
    let module = directory.write(
        "a.pyd",
        &dll(
            &["PyInit_a"],
            &[
                ("python312.dll", &["PyModuleDef_Init", "PyNew_Thing"]),
                ("own.dll", &["there", "new", "#1", "#9"]),
            ],
        ),
    );
    directory.write("python/python312.dll", &dll(&["PyModuleDef_Init"], &[]));
    directory.write("own.dll", &dll(&["there"], &[("deep.dll", &["f", "g"])]));
    directory.write("deep.dll", &dll(&["f", "h"], &[]));
    let report = on_windows(&directory, &module);
    let details = details(&report);
    let texts = texts(&report);
    assert_eq!(
        details,
        [
            Detail::MISSING_PYTHON_SYMBOL,
            Detail::MISSING_FUNCTION,
            Detail::MISSING_FUNCTION
        ],
        "{texts:?}"
    );
    assert_eq!(
        texts[0],
        "needs PyNew_Thing, which CPython 3.12 does not have: built for another version"
    );
    let own = directory.join("own.dll");
    let text = format!(
        "needs new, #9 of own.dll, which {} does not have",
        own.display()
    );
    assert_eq!(texts[1], text);
    begins(&texts[2], "own.dll needs g of deep.dll, which");
    assert_eq!(report.missing_functions[1].functions, ["new", "#9"]);
}

#[test]
fn wrong_and_damaged_dlls() {
    let directory = Directory::new();
    let module = directory.write(
        "pkg/a.pyd",
        &dll(
            &["PyInit_a"],
            &[("arm.dll", &[]), ("cut.dll", &[]), ("both.dll", &[])],
        ),
    );
    let arm = changed(PeFile::default(), |it| it.machine = 0xaa64);
    directory.write("pkg/arm.dll", &arm.bytes());
    // Windows passes over it.
    directory.write("pkg/both.dll", &arm.bytes());
    directory.write("System32/both.dll", &dll(&[], &[]));
    directory.write("pkg/cut.dll", &arm.bytes()[..0x500]);
    let report = on_windows(&directory, &module);
    assert_eq!(
        *state(&report, "arm.dll"),
        LibraryState::OtherMachine(Machine::Aarch64)
    );
    assert_eq!(*state(&report, "both.dll"), LibraryState::Found);
    assert!(matches!(
        state(&report, "cut.dll"),
        LibraryState::Damaged(_)
    ));
    let texts = texts(&report);
    assert!(
        texts[0].ends_with("arm.dll is for aarch64, and no other arm.dll is found"),
        "{texts:?}"
    );
    says(&texts[1], "cut.dll: cut off");
    assert_eq!(texts.len(), 2);
}

#[test]
fn another_libpython() {
    let directory = Directory::new();
    let module = directory.write(
        "a.pyd",
        &dll(
            &["PyInit_a"],
            &[("python3.dll", &["PyModuleDef_Init"]), ("bridge.dll", &[])],
        ),
    );
    directory.write(
        "python/python3.dll",
        &dll(&["PyModuleDef_Init=python312.PyModuleDef_Init"], &[]),
    );
    directory.write("bridge.dll", &dll(&[], &[("python311.dll", &[])]));
    directory.write("python311.dll", &dll(&["Py_IsInitialized"], &[]));
    let report = on_windows(&directory, &module);
    assert_eq!(*state(&report, "python3.dll"), LibraryState::Found);
    let problems = report.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].detail, Detail::SECOND_LIBPYTHON);
}

const SOURCE: &str = r#"
__declspec(dllimport) void *PyModuleDef_Init(void *);
__declspec(dllimport) int helper(int);
static __thread int kept = 5;
static int definition[32];
int (*pointer)(int) = helper;
__declspec(dllexport) void *PyInit_a(void) {
    definition[0] = helper(kept++);
    return PyModuleDef_Init(definition);
}
"#;

/// Links a DLL with mingw; its import library is made beside it.
fn mingw(directory: &Directory, output: &str, source: &str, flags: &[&str]) {
    let input = directory.write(&format!("{output}.c"), source.as_bytes());
    let result = Command::new("x86_64-w64-mingw32-gcc")
        .current_dir(directory.path())
        .args(["-w", "-O1", "-shared", "-o", output])
        .arg(&input)
        .arg(format!("-Wl,--out-implib,lib{output}.a"))
        .args(flags)
        .output()
        .expect("gcc-mingw-w64-x86-64 must be installed");
    let errors = String::from_utf8_lossy(&result.stderr);
    assert!(result.status.success(), "{errors}");
}

#[test]
fn files_of_a_real_linker() {
    let directory = Directory::new();
    let python = "__declspec(dllexport) void *PyModuleDef_Init(void *d) { return d; }
        __declspec(dllexport) int Py_IsInitialized(void) { return 1; }";
    mingw(&directory, "python312.dll", python, &[]);
    let helper = "__declspec(dllexport) int helper(int x) { return x + 1; }";
    mingw(&directory, "helper.dll", helper, &[]);
    let flags = ["libpython312.dll.a", "libhelper.dll.a", "-static-libgcc"];
    mingw(&directory, "a.pyd", SOURCE, &flags);
    let module = directory.join("a.pyd");
    let bytes = std::fs::read(&module).unwrap();
    assert_module(verdict_of_bytes(&bytes, "a.pyd", &windows()), "PyInit_a");
    let image = Image::parse(&bytes).unwrap();
    assert_eq!(image.python.version, Some((3, 12)));
    assert!(image.tls_size > 0, "{image:?}");
    let options = changed(SearchOptions::default(), |it| it.platform = Platform::Linux);
    let report = report_on(&module, options, &windows());
    assert_eq!(texts(&report), [""; 0]);
    assert_eq!(*state(&report, "helper.dll"), LibraryState::Found);
    // What Windows maps of the file ends with its last section; what mingw adds are symbols for debuggers.
    let section = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let header = section(0x3c);
    let count = usize::from(bytes[header + 6]);
    let table = header + 24 + usize::from(bytes[header + 20]);
    let end = (0..count)
        .map(|index| section(table + 40 * index + 16) + section(table + 40 * index + 20))
        .max()
        .unwrap();
    for length in (0..end).step_by(37).chain([end - 1]) {
        let (detail, message) = refused(verdict_of_bytes(&bytes[..length], "a.pyd", &windows()));
        assert_eq!(
            detail.group(),
            if length == 0 { 1 } else { 2 },
            "{length}: {message}"
        );
    }
    // The helper of another build.
    mingw(
        &directory,
        "helper.dll",
        "__declspec(dllexport) int other;",
        &[],
    );
    let report = on_windows(&directory, &module);
    let found: Vec<_> = report
        .missing_functions
        .iter()
        .map(|it| &it.functions)
        .collect();
    assert_eq!(found, [&["helper"]], "{report:?}");
    let library = std::fs::read(directory.join("python312.dll")).unwrap();
    assert_refused(
        verdict_of_bytes(&library, "python312.pyd", &windows()),
        Detail::IS_LIBPYTHON,
        "a Python interpreter library",
    );
    let exports = SymbolSet::of_libpython(&directory.join("python312.dll")).unwrap();
    assert!(exports.contains(b"PyModuleDef_Init") && exports.len() == 2);
}
