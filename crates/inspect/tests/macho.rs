//! Mach-O files: what dyld would refuse, which libraries are needed and where they are looked for, and which
//! part of a universal file is meant.

mod support;

use nexus_inspect::{
    Detail, Image, LibraryState, Machine, Platform, Report, SearchOptions, SymbolSet,
};
use std::sync::Arc;
use support::macho_file::{self, ID, LOAD, LOAD_WEAK, MachOFile, REEXPORT, RPATH, X86_64};
use support::{
    Directory, assert_module, assert_refused, begins, changed, macos, refused,
    refused_with_a_flipped_bit, report_on, says, state, texts, verdict_of_bytes,
};

const SYSTEM: (u32, &str) = (LOAD, "/usr/lib/libSystem.B.dylib");

/// LC_CODE_SIGNATURE, over some bytes.
const SIGNATURE: [u32; 4] = [0x1d, 16, 32, 64];

#[test]
fn exports_trie_and_chained_fixups() {
    let file = MachOFile {
        modern: true,
        defined: vec!["_PyInit_a", "_other"],
        undefined: vec!["_PyModuleDef_Init", "_strlen", "__Py_Dealloc"],
        ..MachOFile::default()
    };
    let image = Image::parse(&file.bytes()).unwrap();
    assert_eq!(image.init_symbols.len(), 1);
    assert_eq!(image.undefined_python, ["PyModuleDef_Init", "_Py_Dealloc"]);
    assert_module(file.verdict(), "PyInit_a");
    let bytes = file.bytes();
    let at = bytes.windows(9).position(|it| it == b"_PyInit_a").unwrap();
    // The edge leads outside, and to nothing.
    for wrong in [0x7f, 1] {
        let mut bytes = bytes.clone();
        bytes[at + 10] = wrong;
        let verdict = verdict_of_bytes(&bytes, "a.so", &macos());
        assert_refused(verdict, Detail::BAD_IMPORTS, "the exports trie");
    }
}

#[test]
fn symbols_of_other_libraries() {
    let exports: SymbolSet = [&b"PyModuleDef_Init"[..]].into_iter().collect();
    let target = macos().with_exports(Arc::new(exports));
    let libraries = vec![
        SYSTEM,
        (LOAD, "@rpath/libown.dylib"),
        (
            LOAD,
            "/Library/Frameworks/Python.framework/Versions/3.12/Python",
        ),
    ];
    for modern in [false, true] {
        let of = |ordinal| MachOFile {
            modern,
            undefined: vec!["_PyModuleDef_Init", "_PyOwn_Thing"],
            ordinals: vec![0xfe, ordinal],
            libraries: libraries.clone(),
            ..MachOFile::default()
        };
        let image = Image::parse(&of(2).bytes()).unwrap();
        assert_eq!(image.undefined_python, ["PyModuleDef_Init"], "of libown");
        for of_python in [3, 0xfe] {
            let image = Image::parse(&of(of_python).bytes()).unwrap();
            assert_eq!(image.undefined_python, ["PyModuleDef_Init", "PyOwn_Thing"]);
        }
        assert_eq!(image.python.version, Some((3, 12)));
        assert_module(
            verdict_of_bytes(&of(2).bytes(), "a.so", &target),
            "PyInit_a",
        );
    }
    let lacking = changed(MachOFile::default(), |it| {
        it.undefined = vec!["_PyModuleDef_Init", "_PyNew_Thing"]
    });
    assert_refused(
        verdict_of_bytes(&lacking.bytes(), "a.so", &target),
        Detail::MISSING_PYTHON_SYMBOL,
        "needs PyNew_Thing, which CPython 3.12 does not have",
    );
}

#[test]
fn the_python_it_is_for() {
    let of = |library| {
        changed(MachOFile::default(), |it| {
            it.libraries = vec![SYSTEM, (LOAD, library)]
        })
    };
    let check = |library, detail, text| assert_refused(of(library).verdict(), detail, text);
    check(
        "/Library/Frameworks/Python.framework/Versions/3.11/Python",
        Detail::PYTHON_VERSION,
        "built for CPython 3.11 on macos aarch64, this is CPython 3.12 on macos aarch64",
    );
    check(
        "/Library/Frameworks/PythonT.framework/Versions/3.13/PythonT",
        Detail::FREE_THREADED,
        "free-threaded CPython 3.13",
    );
    check(
        "@rpath/libpypy3.11-c.dylib",
        Detail::IMPLEMENTATION,
        "PyPy 3.11",
    );
    assert_module(of("@rpath/libpython3.12.dylib").verdict(), "PyInit_a");
}

#[test]
fn machines_and_parts() {
    let signed = changed(MachOFile::default(), |it| it.subtype = 0x8000_0002);
    assert_refused(
        signed.verdict(),
        Detail::MACHINE,
        "built for macos arm64e, this is",
    );
    let parts = [signed, MachOFile::default()];
    let bytes = macho_file::universal(&parts);
    assert_module(verdict_of_bytes(&bytes, "a.so", &macos()), "PyInit_a");
    let machines = Image::parse(&bytes).unwrap().machines;
    assert_eq!(machines, [Machine::Arm64e, Machine::Aarch64]);
    // The processors of some years only.
    let haswell = MachOFile {
        cpu: X86_64,
        subtype: 8,
        ..MachOFile::default()
    };
    let intel = changed(macos(), |it| it.machine = Machine::X86_64);
    assert_module(
        verdict_of_bytes(&haswell.bytes(), "a.so", &intel),
        "PyInit_a",
    );
    let phone = changed(MachOFile::default(), |it| {
        it.build_version = Some((2, 0x000d_0000))
    });
    assert_refused(phone.verdict(), Detail::PLATFORM, "built for ios aarch64");
    let television = changed(MachOFile::default(), |it| {
        it.build_version = Some((3, 0x000d_0000))
    });
    assert_refused(
        television.verdict(),
        Detail::PLATFORM,
        "built for another system",
    );
}

#[test]
fn what_dyld_refuses() {
    let whole = MachOFile::default().bytes();
    // The header has 32 bytes, each segment 72.
    let (text, linkedit, library) = (32, 32 + 72, 32 + 144);
    for (detail, changes) in [
        (
            Detail::TRUNCATED,
            &[
                ("commands beyond the file", 20, 4, 0xffff),
                ("__LINKEDIT beyond the file", linkedit + 40, 8, 0xffff_ffff),
            ][..],
        ),
        (
            Detail::BAD_HEADER,
            &[
                ("more commands", 16, 4, 30),
                ("a command's size", text + 4, 4, 3),
                ("file type", 12, 4, 0x77),
                ("no library's name", library + 24, 1, 0),
            ],
        ),
        (Detail::DEBUG_INFORMATION_ONLY, &[("dSYM", 12, 4, 10)]),
        (
            Detail::BAD_SEGMENTS,
            &[
                ("name of __TEXT", text + 10, 1, 0x58),
                ("name of __LINKEDIT", linkedit + 10, 1, 0x58),
                ("more in the file than in memory", text + 32, 8, 8),
                ("__TEXT elsewhere", text + 40, 8, 8),
                ("__TEXT too short", text + 48, 8, 8),
                ("overlapping segments", linkedit + 24, 8, 8),
                ("impossible size", linkedit + 48, 8, u64::MAX),
                ("sections", text + 64, 4, 9),
            ],
        ),
        (Detail::BAD_SYMBOLS, &[("no code", text + 60, 4, 1)]),
    ] {
        for &(what, at, width, value) in changes {
            let mut bytes = whole.clone();
            bytes[at..at + width].copy_from_slice(&u64::to_le_bytes(value)[..width]);
            let (found, message) = refused(verdict_of_bytes(&bytes, "a.so", &macos()));
            assert_eq!(found, detail, "{what}: {message}");
        }
    }
    // A signature, and an encrypted part.
    let of = |command: Vec<u32>| changed(MachOFile::default(), |it| it.commands = vec![command]);
    let signature = |offset| of(vec![0x1d, 16, offset, 64]);
    assert_module(signature(100).verdict(), "PyInit_a");
    assert_refused(signature(5000).verdict(), Detail::TRUNCATED, "cut off");
    let encrypted = |kind| of(vec![0x2c, 24, 0, 64, kind, 0]);
    assert_module(encrypted(0).verdict(), "PyInit_a");
    assert_refused(encrypted(1).verdict(), Detail::UNKNOWN_FORMAT, "encrypted");
}

#[test]
fn every_bit_of_the_headers() {
    let whole = MachOFile::default().bytes();
    let refused = refused_with_a_flipped_bit(&whole, 32 + 144 + 56 + 24, "a.so", &macos());
    assert!(refused > 800, "{refused}");
}

fn on(platform: Platform) -> SearchOptions {
    changed(SearchOptions::default(), |it| it.platform = platform)
}

/// A library that needs others; a bundle has no name of its own.
fn dylib(commands: &[(u32, &'static str)]) -> Vec<u8> {
    let file = MachOFile {
        kind: if commands.iter().any(|(command, _)| *command == ID) {
            6
        } else {
            8
        },
        libraries: commands.to_vec(),
        commands: vec![SIGNATURE.to_vec()],
        ..MachOFile::default()
    };
    file.bytes()
}

#[test]
fn paths_of_libraries() {
    let directory = Directory::new();
    let module = directory.write(
        "pkg/a.so",
        &dylib(&[
            SYSTEM,
            (
                LOAD,
                "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation",
            ),
            (LOAD, "@loader_path/.dylibs/libz.1.dylib"),
            (LOAD, "@loader_path/.dylibs/libgone.dylib"),
            (LOAD, "@rpath/libr.dylib"),
            (LOAD, "@rpath/libswiftCore.dylib"),
            (LOAD, "@executable_path/../lib/libe.dylib"),
            (LOAD, "/opt/nowhere/lib/libo.dylib"),
            (LOAD_WEAK, "@loader_path/libweak.dylib"),
            (REEXPORT, "@loader_path/libre.dylib"),
            (RPATH, "/usr/lib/swift"),
            (RPATH, "@loader_path/../lib"),
        ]),
    );
    directory.write(
        "pkg/.dylibs/libz.1.dylib",
        &dylib(&[
            (ID, "/DLC/pkg/libz.1.dylib"),
            (LOAD, "@loader_path/libdeep.dylib"),
        ]),
    );
    // It has no run path of its own; that of the module counts.
    directory.write(
        "pkg/libre.dylib",
        &dylib(&[(ID, "libre"), (LOAD, "@rpath/libinherited.dylib")]),
    );
    directory.write("lib/libr.dylib", &dylib(&[(ID, "@rpath/libr.dylib")]));
    directory.write(
        "lib/libinherited.dylib",
        &dylib(&[(ID, "@rpath/libinherited.dylib")]),
    );
    directory.write("bin/host", &dylib(&[SYSTEM]));
    let check = |report: &Report, unknown: LibraryState, e: LibraryState| {
        for (name, expected) in [
            ("/usr/lib/libSystem.B.dylib", LibraryState::OfSystem),
            (
                "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation",
                LibraryState::OfSystem,
            ),
            ("@loader_path/.dylibs/libz.1.dylib", LibraryState::Found),
            ("@loader_path/.dylibs/libgone.dylib", LibraryState::Missing),
            ("@loader_path/libdeep.dylib", LibraryState::Missing),
            ("@rpath/libr.dylib", LibraryState::Found),
            ("@rpath/libinherited.dylib", LibraryState::Found),
            ("@rpath/libswiftCore.dylib", LibraryState::OfSystem),
            ("/opt/nowhere/lib/libo.dylib", unknown),
            ("@executable_path/../lib/libe.dylib", e),
            ("@loader_path/libweak.dylib", LibraryState::Missing),
        ] {
            assert_eq!(*state(report, name), expected, "{name}");
        }
    };
    let elsewhere = report_on(&module, on(Platform::Linux), &macos());
    check(
        &elsewhere,
        LibraryState::NotLookedFor,
        LibraryState::NotLookedFor,
    );
    let found = texts(&elsewhere);
    assert_eq!(found.len(), 2, "{found:?}");
    begins(
        &found[0],
        "@loader_path/.dylibs/libgone.dylib is missing (looked in ",
    );
    assert!(
        found[0].ends_with("/pkg/.dylibs/libgone.dylib)"),
        "{found:?}"
    );
    let text =
        "@loader_path/libdeep.dylib is missing, needed by @loader_path/.dylibs/libz.1.dylib (";
    begins(&found[1], text);
    // On macOS itself all places are known.
    let here = SearchOptions {
        program: Some(directory.join("bin/host")),
        ..on(Platform::MacOs)
    };
    let report = report_on(&module, here, &macos());
    check(&report, LibraryState::Missing, LibraryState::Missing);
    assert_eq!(texts(&report).len(), 4, "{report:?}");
}

#[test]
fn folders_of_the_environment_and_the_program() {
    let directory = Directory::new();
    let names = [
        "@rpath/libprogram.dylib",
        "@rpath/libloaded.dylib",
        "/opt/nowhere/libset.dylib",
        "/opt/nowhere/libfallback.dylib",
        "/opt/nowhere/Python.framework/Versions/3.12/Python",
    ];
    let commands: Vec<_> = names.iter().map(|name| (LOAD, *name)).collect();
    let module = directory.write("a.so", &dylib(&commands));
    for file in [
        "run/libprogram.dylib",
        "set/libset.dylib",
        "fallback/libfallback.dylib",
    ] {
        directory.write(file, &dylib(&[(ID, "x")]));
    }
    let mut options = SearchOptions {
        library_path: vec![directory.join("set")],
        ancestor_rpath: vec![directory.join("run")],
        default_directories: vec![directory.join("fallback")],
        ..on(Platform::MacOs)
    };
    let loaded = directory.write("elsewhere/libloaded.dylib", &dylib(&[(ID, "x")]));
    options
        .loaded
        .insert("libloaded.dylib".into(), loaded.clone());
    options.loaded.insert(names[4].into(), loaded);
    let report = report_on(&module, options, &macos());
    assert_eq!(texts(&report), [""; 0]);
    for name in names {
        let loaded = name.contains("loaded") || name.ends_with("Python");
        let expected = if loaded {
            LibraryState::Loaded
        } else {
            LibraryState::Found
        };
        assert_eq!(*state(&report, name), expected, "{name}");
    }
}

#[test]
fn wrong_and_damaged_libraries() {
    let directory = Directory::new();
    let commands = [
        (LOAD, "@loader_path/libintel.dylib"),
        (LOAD, "@loader_path/libcut.dylib"),
    ];
    let module = directory.write("a.so", &dylib(&commands));
    let intel = MachOFile::intel();
    directory.write("libintel.dylib", &intel.bytes());
    directory.write("libcut.dylib", &intel.bytes()[..100]);
    let found = texts(&report_on(&module, on(Platform::Linux), &macos()));
    says(&found[0], "libintel.dylib is for x86_64, and no other");
    says(&found[1], "libcut.dylib: cut off");
    assert_eq!(found.len(), 2);
    // A universal file has the other machine too.
    let both = macho_file::universal(&[intel, MachOFile::default()]);
    directory.write("libintel.dylib", &both);
    directory.write("libcut.dylib", &both);
    assert_eq!(
        texts(&report_on(&module, on(Platform::Linux), &macos())),
        [""; 0]
    );
}

#[test]
fn the_oldest_macos() {
    let directory = Directory::new();
    let file = MachOFile {
        build_version: Some((1, 0x000e_0200)),
        commands: vec![SIGNATURE.to_vec()],
        ..MachOFile::default()
    };
    let module = directory.write("a.so", &file.bytes());
    assert_eq!(Image::read(&module).unwrap().minimum_system, Some((14, 2)));
    let of = |version, platform| {
        let options = SearchOptions {
            system_version: version,
            ..on(platform)
        };
        texts(&report_on(&module, options, &macos()))
    };
    assert_eq!(
        of(Some((13, 6)), Platform::MacOs),
        ["built for macOS 14.2 and later, this is macOS 13.6"]
    );
    assert_eq!(of(Some((14, 2)), Platform::MacOs), [""; 0]);
    assert_eq!(of(None, Platform::Linux), [""; 0]);
    // The older form.
    let old = changed(MachOFile::default(), |it| {
        it.commands = vec![vec![0x24, 16, 0x000a_0d00, 0]]
    });
    assert_eq!(
        Image::parse(&old.bytes()).unwrap().minimum_system,
        Some((10, 13))
    );
}

#[test]
fn a_file_without_signature() {
    let directory = Directory::new();
    let of = |file: &MachOFile, platform| {
        let module = directory.write("a.so", &file.bytes());
        let problems = report_on(&module, on(platform), &macos()).problems();
        problems.first().map(|problem| problem.detail)
    };
    let unsigned = MachOFile::default();
    assert_eq!(of(&unsigned, Platform::MacOs), Some(Detail::NOT_SIGNED));
    // Whoever brings it to macOS may sign it there.
    assert_eq!(of(&unsigned, Platform::Linux), None);
    let intel = MachOFile::intel();
    assert_eq!(of(&intel, Platform::MacOs), None);
    let signed = changed(MachOFile::default(), |it| {
        it.commands = vec![SIGNATURE.to_vec()]
    });
    assert_eq!(of(&signed, Platform::MacOs), None);
}
