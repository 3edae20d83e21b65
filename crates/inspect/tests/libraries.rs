//! The tree of needed libraries, compared with the system's own `ldd` where it has an opinion.

#![cfg(all(target_os = "linux", target_env = "gnu"))]

mod support;

use nexus_inspect::{
    Dependencies, Detail, Image, LibraryState, Machine, Report, SearchOptions, SymbolSet,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use support::elf_file::ElfFile;
use support::{Directory, MODULE, changed, details, library, report_on, says, target, texts};

fn check(path: &Path) -> Report {
    report_on(path, SearchOptions::default(), &target())
}

fn missing(report: &Report) -> BTreeSet<String> {
    report
        .missing()
        .map(|library| library.name.clone())
        .collect()
}

/// What the dynamic linker does not find, from `ldd`.
fn missing_in_ldd(path: &Path, library_path: Option<&Path>) -> BTreeSet<String> {
    let mut command = Command::new("ldd");
    command.arg(path).env_remove("LD_LIBRARY_PATH");
    if let Some(directory) = library_path {
        command.env("LD_LIBRARY_PATH", directory);
    }
    let output = command.output().unwrap();
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.trim().strip_suffix(" => not found"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_module_of_the_system() {
    let directory = Directory::new();
    let path = directory.library(
        "a.so",
        MODULE,
        &["-DNAME=a", "-Wl,--no-as-needed", "-lm", "-lpthread"],
    );
    let report = check(&path);
    assert_eq!(texts(&report), [""; 0]);
    let libc = library(&report, "libc.so.6");
    assert_eq!(libc.state, LibraryState::Found);
    assert!(libc.path.as_ref().unwrap().exists());
    assert!(missing_in_ldd(&path, None).is_empty());
}

#[test]
fn all_missing_ones_with_who_needs_them() {
    let directory = Directory::new();
    directory.library("libdeep.so", "int deep(void) { return 1; }", &[]);
    directory.library("libgone.so", "int gone(void) { return 1; }", &[]);
    directory.library(
        "libnear.so",
        "int deep(void); int near(void) { return deep(); }",
        &["-L.", "-ldeep"],
    );
    let source = format!(
        "{MODULE}\nint near(void); int gone(void); int f(void) {{ return near() + gone(); }}"
    );
    let flags = [
        "-DNAME=a",
        "-L.",
        "-lnear",
        "-lgone",
        "-Wl,-rpath,$ORIGIN",
        "-Wl,-rpath-link,.",
    ];
    let path = directory.library("a.so", &source, &flags);
    assert_eq!(missing(&check(&path)), missing_in_ldd(&path, None));
    std::fs::remove_file(directory.join("libgone.so")).unwrap();
    std::fs::remove_file(directory.join("libdeep.so")).unwrap();
    let report = check(&path);
    assert_eq!(
        missing(&report),
        BTreeSet::from(["libdeep.so".into(), "libgone.so".into()])
    );
    assert_eq!(missing(&report), missing_in_ldd(&path, None));
    let texts = texts(&report).join("\n");
    says(&texts, "libgone.so is missing (looked in ");
    says(&texts, "libdeep.so is missing, needed by libnear.so");
    assert!(
        report
            .problems()
            .iter()
            .all(|problem| problem.detail == Detail::MISSING_LIBRARY)
    );
    // Loaded by someone else before, as packages do with ctypes.
    let mut options = SearchOptions::default();
    options
        .loaded
        .insert("libgone.so".into(), PathBuf::from("/somewhere/libgone.so"));
    let image = Image::read(&path).unwrap();
    let dependencies = Dependencies::new(options);
    assert_eq!(
        dependencies
            .check(&path, &image, &target())
            .missing()
            .count(),
        1
    );
    dependencies.add_loaded("libdeep.so".into(), PathBuf::from("/somewhere/libdeep.so"));
    assert!(
        dependencies
            .check(&path, &image, &target())
            .problems()
            .is_empty()
    );
}

/// DT_RPATH is inherited by the libraries that the module needs, DT_RUNPATH is not.
#[test]
fn rpath_and_runpath() {
    let directory = Directory::new();
    directory.library("libs/libdeep.so", "int deep(void) { return 1; }", &[]);
    let near = "int deep(void); int near(void) { return deep(); }";
    directory.library("libs/libnear.so", near, &["-Llibs", "-ldeep"]);
    let source = format!("{MODULE}\nint near(void); int f(void) {{ return near(); }}");
    for (name, tags, complete) in [
        ("old", "--disable-new-dtags", true),
        ("new", "--enable-new-dtags", false),
    ] {
        let linker = format!("-Wl,{tags},-rpath,${{ORIGIN}}/../libs,-rpath-link,libs");
        let path = directory.library(
            &format!("pkg/{name}.so"),
            &source,
            &[&format!("-DNAME={name}"), "-Llibs", "-lnear", &linker],
        );
        let report = check(&path);
        assert_eq!(missing(&report), missing_in_ldd(&path, None), "{name}");
        assert_eq!(
            missing(&report).is_empty(),
            complete,
            "{name}: {:?}",
            texts(&report)
        );
        let near = library(&report, "libnear.so");
        assert_eq!(near.path, Some(directory.join("libs/libnear.so")));
        // LD_LIBRARY_PATH helps in both cases.
        let library_path = vec![directory.join("libs")];
        let options = changed(SearchOptions::default(), |it| {
            it.library_path = library_path
        });
        assert!(
            report_on(&path, options, &target()).problems().is_empty(),
            "{name}"
        );
        assert!(missing_in_ldd(&path, Some(&directory.join("libs"))).is_empty());
    }
}

#[test]
fn libraries_of_other_machines_are_passed_over() {
    let directory = Directory::new();
    directory.library("good/libhelp.so", "int help(void) { return 1; }", &[]);
    let source = format!("{MODULE}\nint help(void); int f(void) {{ return help(); }}");
    let flags = [
        "-DNAME=a",
        "-Lgood",
        "-lhelp",
        "-Wl,-rpath,$ORIGIN/bad:$ORIGIN/good",
    ];
    let path = directory.library("a.so", &source, &flags);
    let other = if Machine::host() == Machine::Aarch64 {
        62
    } else {
        183
    };
    directory.write(
        "bad/libhelp.so",
        &changed(ElfFile::default(), |it| it.machine = other).bytes(),
    );
    assert!(check(&path).problems().is_empty());
    assert!(missing_in_ldd(&path, None).is_empty());
    std::fs::remove_dir_all(directory.join("good")).unwrap();
    let problems = check(&path).problems();
    assert_eq!(problems[0].detail, Detail::LIBRARY_OF_OTHER_MACHINE);
    says(&problems[0].message, "bad/libhelp.so is for");
    // A damaged one is not passed over: the linker stops there.
    let bytes = std::fs::read("/proc/self/exe").unwrap();
    directory.write("bad/libhelp.so", &bytes[..5000]);
    let problems = check(&path).problems();
    assert_eq!(problems[0].detail, Detail::DAMAGED_LIBRARY);
    says(&problems[0].message, "cut off");
}

#[test]
fn versions_that_the_library_lacks() {
    let directory = Directory::new();
    let script = |name: &str, text: &str| directory.write(name, text.as_bytes());
    let two = script(
        "two.map",
        "GLIBC_2.1 { global: one; };\nGLIBC_2.99 { global: two; } GLIBC_2.1;\n",
    );
    let one = script("one.map", "GLIBC_2.1 { global: one; };\n");
    let source = "int one(void) { return 1; } int two(void) { return 2; }";
    let map = |path: &Path| format!("-Wl,--version-script,{}", path.display());
    let soname = "-Wl,-soname,libver.so.6";
    directory.library("libver.so", source, &[&map(&two), soname]);
    let module =
        format!("{MODULE}\nint one(void); int two(void); int f(void) {{ return one() + two(); }}");
    let path = directory.library(
        "a.so",
        &module,
        &["-DNAME=a", "-L.", "-lver", "-Wl,-rpath,$ORIGIN"],
    );
    std::fs::rename(directory.join("libver.so"), directory.join("libver.so.6")).unwrap();
    assert!(check(&path).problems().is_empty());
    directory.library("libver.so.6", source, &[&map(&one), soname]);
    let report = check(&path);
    assert_eq!(report.missing_versions[0].versions, ["GLIBC_2.99"]);
    assert_eq!(
        report.missing_versions[0].newest.as_deref(),
        Some("GLIBC_2.1")
    );
    let problem = &report.problems()[0];
    assert_eq!(problem.detail, Detail::GLIBC_TOO_OLD);
    says(&problem.message, "needs GLIBC_2.99 of libver.so.6");
    says(&problem.message, "goes up to GLIBC_2.1");
    // Without any version the linker only warns.
    directory.library("libver.so.6", source, &[soname]);
    assert!(check(&path).problems().is_empty());
}

#[test]
fn two_openmp_runtimes_and_static_storage() {
    let directory = Directory::new();
    for name in ["libiomp5.so", "libomp.so"] {
        directory.library(
            name,
            &format!("int {}(void) {{ return 1; }}", &name[..6].replace('.', "_")),
            &[],
        );
    }
    let source = format!("{MODULE}\n__thread char room[5000]; char *get(void) {{ return room; }}");
    let flags = [
        "-DNAME=a",
        "-ftls-model=initial-exec",
        "-Wl,--no-as-needed",
        "-L.",
        "-liomp5",
        "-lomp",
        "-Wl,-rpath,$ORIGIN",
    ];
    let path = directory.library("a.so", &source, &flags);
    let report = check(&path);
    assert_eq!(report.openmp.len(), 2);
    assert_eq!(report.static_tls, 5000);
    let details = details(&report);
    assert_eq!(details, [Detail::TWO_OPENMP_RUNTIMES, Detail::STATIC_TLS]);
    // One of them is in the process already.
    let flags = [
        "-DNAME=b",
        "-Wl,--no-as-needed",
        "-L.",
        "-lomp",
        "-Wl,-rpath,$ORIGIN",
    ];
    let path = directory.library("b.so", MODULE, &flags);
    assert!(check(&path).problems().is_empty());
    let mut options = SearchOptions::default();
    options
        .loaded
        .insert("libiomp5.so".into(), directory.join("libiomp5.so"));
    let problems = report_on(&path, options, &target()).problems();
    assert_eq!(problems[0].detail, Detail::TWO_OPENMP_RUNTIMES);
}

#[test]
fn python_functions_of_the_tree() {
    let directory = Directory::new();
    let own = "extern void *PyList_New(long); void *PyOwn_New(void) { return PyList_New(0); }";
    directory.library("libown.so", own, &[]);
    let source = "extern void *PyOwn_New(void); extern int PyGone_New(void); void *PyInit_a(void) { PyGone_New(); return PyOwn_New(); }";
    let path = directory.library("a.so", source, &["-L.", "-lown", "-Wl,-rpath,$ORIGIN"]);
    let image = Image::read(&path).unwrap();
    let exports = [&b"PyList_New"[..]].into_iter().collect::<SymbolSet>();
    let target = target().with_exports(Arc::new(exports));
    let report = Dependencies::new(SearchOptions::default()).check(&path, &image, &target);
    assert_eq!(report.missing_python_symbols, ["PyGone_New"]);
    assert_eq!(report.problems()[0].detail, Detail::MISSING_PYTHON_SYMBOL);
}

#[test]
fn without_the_cache() {
    let directory = Directory::new();
    let path = directory.library("a.so", MODULE, &["-DNAME=a", "-Wl,--no-as-needed"]);
    let none = directory.join("no-cache");
    let options = changed(SearchOptions::default(), |it| it.cache = none.clone());
    assert!(report_on(&path, options, &target()).problems().is_empty());
    let options = SearchOptions {
        cache: none,
        default_directories: vec![directory.path().to_owned()],
        ..SearchOptions::default()
    };
    assert_eq!(
        missing(&report_on(&path, options, &target())),
        BTreeSet::from(["libc.so.6".into()])
    );
}

#[test]
fn shared_by_threads() {
    let directory = Directory::new();
    let path = directory.library("a.so", MODULE, &["-DNAME=a"]);
    let image = Image::read(&path).unwrap();
    let dependencies = Dependencies::new(SearchOptions::of_process());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    assert!(
                        dependencies
                            .check(&path, &image, &target())
                            .problems()
                            .is_empty()
                    );
                }
            });
        }
    });
}
