//! Every host program, every case, every CPython: see the library beside this file.

use libtest_mimic::{Arguments, Conclusion, Failed, Trial};
use nexus_tests::compile::Job;
use nexus_tests::programs::{self, Kind, Program, has_wheels};
use nexus_tests::pythons::{self, Python};
use nexus_tests::{abi_list, compile, fixtures, paths, process, shape};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;

type Cases = Vec<Trial>;
type Check = fn() -> Result<(), String>;

fn main() -> ExitCode {
    process::default_signals();
    let arguments = Arguments::from_args();
    let mut cases = Cases::new();
    shapes(&mut cases);
    headers(&mut cases);
    match (pythons::all(), programs::all()) {
        (Ok(pythons), Ok(programs)) => hosts(pythons, programs, &mut cases),
        (Err(error), _) => fails(&mut cases, "pythons".into(), error),
        (_, Err(error)) => fails(&mut cases, "programs".into(), error),
    }
    let conclusion: Conclusion = libtest_mimic::run(&arguments, cases);
    conclusion.exit_code()
}

/// What could not even be prepared is a failed test.
fn fails(cases: &mut Cases, name: String, error: String) {
    cases.push(Trial::test(name, move || Err(Failed::from(error))));
}

fn test(
    cases: &mut Cases,
    name: String,
    run: impl FnOnce() -> Result<(), String> + Send + 'static,
) {
    cases.push(Trial::test(name, move || run().map_err(Failed::from)));
}

fn shapes(cases: &mut Cases) {
    let all: [(&str, Check); 11] = [
        (
            "no_python_symbol_in_front",
            shape::no_python_symbol_in_front,
        ),
        ("engine_uses_python", shape::engine_uses_python),
        ("no_libpython_needed", shape::no_libpython_needed),
        ("soname_has_abi_number", shape::soname_has_abi_number),
        ("nodelete", shape::nodelete),
        ("no_static_tls", shape::no_static_tls),
        ("exports_only_nexus", shape::exports_only_nexus),
        ("header_and_front_agree", shape::header_and_front_agree),
        ("abi_is_as_listed", abi_list::up_to_date),
        ("abi_only_grows", abi_list::only_grows),
        ("abi_rules", abi_list::rules_hold),
    ];
    for (name, run) in all {
        test(cases, format!("shape/{name}"), run);
    }
}

/// The headers alone, twice, in two units, in each language and dialect, with each compiler.
fn headers(cases: &mut Cases) {
    const STRICT: &[&str] = &["-Wconversion", "-Wshadow"];
    const NO_EXCEPTIONS: &[&str] = &["-Wconversion", "-Wshadow", "-fno-exceptions", "-fno-rtti"];
    let c = ["c/header.c", "c/header_second_unit.c"];
    let cpp = ["cpp/header.cpp", "cpp/header_second_unit.cpp"];
    let hpp = ["cpp/header_hpp.cpp", "cpp/header_hpp_second_unit.cpp"];
    let mut all = Vec::new();
    for compiler in ["gcc", "clang"] {
        // C23 as gcc 12 and clang 14 call it.
        for dialect in ["c99", "c11", "c17", "c2x"] {
            all.push((dialect.to_owned(), compiler, dialect, c, &[][..]));
        }
    }
    for compiler in ["g++", "clang++"] {
        // C++23 as clang 14 calls it.
        for dialect in ["c++17", "c++20", "c++2b"] {
            all.push((dialect.to_owned(), compiler, dialect, cpp, &[][..]));
            all.push((format!("hpp-{dialect}"), compiler, dialect, hpp, STRICT));
            let name = format!("hpp-{dialect}-no-exceptions");
            all.push((name, compiler, dialect, hpp, NO_EXCEPTIONS));
        }
    }
    for (name, compiler, dialect, sources, more) in all {
        test(cases, format!("header/{compiler}-{name}"), move || {
            header(compiler, dialect, sources, more)
        });
    }
}

fn header(compiler: &str, dialect: &str, sources: [&str; 2], more: &[&str]) -> Result<(), String> {
    let folder = scratch()?;
    let program = folder.path().join("header");
    let libraries = paths::libraries().display().to_string();
    let mut build = Command::new(compiler);
    process::clean(&mut build)
        .args([
            &format!("-std={dialect}"),
            "-Wall",
            "-Wextra",
            "-pedantic",
            "-Werror",
        ])
        .args(more)
        .arg(format!("-I{}", paths::include().display()))
        .args(sources.map(|source| paths::root().join("tests").join(source)))
        .args([
            &format!("-L{libraries}"),
            "-lnexus_loader",
            &format!("-Wl,-rpath,{libraries}"),
        ])
        .arg("-o")
        .arg(&program);
    process::success(&mut build, process::LIMIT)?;
    let mut run = Command::new(&program);
    process::success(process::clean(&mut run), process::LIMIT).map(drop)
}

fn scratch() -> Result<tempfile::TempDir, String> {
    let folder = paths::output().join("scratch");
    std::fs::create_dir_all(&folder)
        .and_then(|()| tempfile::Builder::new().prefix("case-").tempdir_in(&folder))
        .map_err(|error| format!("{}: {error}", folder.display()))
}

/// Compiles everything, then makes a test of each case for each Python.
fn hosts(pythons: Vec<Python>, programs: &'static [Program], cases: &mut Cases) {
    if !paths::libraries().join("libnexus_loader.so").is_file() {
        let text = format!(
            "no libraries in {}: run `cargo build --release` first",
            paths::libraries().display()
        );
        return fails(cases, "libraries".into(), text);
    }
    let mut jobs = BTreeMap::new();
    for python in &pythons {
        for program in programs {
            if let Some(job) = program.job(python) {
                jobs.insert(job.output.clone(), job);
            }
        }
        match fixtures::jobs(python) {
            Ok(list) => jobs.extend(list.into_iter().map(|job| (job.output.clone(), job))),
            Err(error) => fails(cases, format!("{}/fixtures", python.tag), error),
        }
    }
    // What is linked with another output comes after it.
    let (second, first): (Vec<_>, Vec<_>) = jobs
        .values()
        .cloned()
        .partition(|job: &Job| jobs.keys().any(|output| job.is_made_from(output)));
    let mut outcomes = compile::all(&first);
    outcomes.extend(compile::all(&second));
    let mut broken: Vec<PathBuf> = Vec::new();
    for (job, outcome) in first.iter().chain(&second).zip(outcomes) {
        if let Err(error) = outcome {
            let name = job
                .output
                .strip_prefix(paths::output())
                .unwrap_or(&job.output);
            fails(cases, format!("build/{}/", name.display()), error);
            broken.push(job.output.clone());
        }
    }
    let pythons: Vec<Arc<Python>> = pythons.into_iter().map(Arc::new).collect();
    // One is enough: what valgrind watches is the same code for all.
    if let Some(newest) = pythons.last() {
        for (name, case) in WATCHED {
            let newest = Arc::clone(newest);
            let program = programs.iter().find(|program| program.name == name);
            test(
                cases,
                format!("{}/valgrind/{name}", newest.tag),
                move || {
                    let program = program.ok_or("there is no such program")?;
                    valgrind(program, &newest, case)
                },
            );
        }
    }
    for python in &pythons {
        if let Err(error) = fixtures::specials(python) {
            fails(cases, format!("{}/fixtures", python.tag), error);
        }
        if has_wheels(python)
            && let Err(error) = fixtures::install_wheels(python)
        {
            fails(cases, format!("{}/wheels", python.tag), error);
        }
        for program in programs
            .iter()
            .filter(|program| !broken.contains(&program.binary(python)) && program.runs_on(python))
        {
            add_cases(cases, program, python);
        }
    }
}

fn add_cases(cases: &mut Cases, program: &'static Program, python: &Arc<Python>) {
    let title = format!("{}/{}", python.tag, program.name);
    let mut list = program.command(python);
    process::clean(&mut list).arg(program.list_argument());
    if matches!(program.kind, Kind::Lua | Kind::Script) {
        list.env("NEXUS_TEST_LIBRARIES", paths::libraries())
            .env("NEXUS_TEST_INCLUDE", paths::include());
    }
    let printed = match process::success(&mut list, process::LIMIT) {
        Ok(printed) => printed,
        Err(error) => return fails(cases, title, error),
    };
    let names = program.cases(&printed);
    if names.iter().all(|name| name.trim().is_empty()) {
        return fails(cases, title, "it lists no cases".into());
    }
    for name in names {
        let python = Arc::clone(python);
        test(cases, format!("{title}/{name}"), move || {
            run(program, program.command(&python), &python, &name)
        });
    }
}

/// What valgrind watches: programs, and a case of each.
const WATCHED: [(&str, &str); 6] = [
    ("lifetime", "everything_a_few_times"),
    ("buffers", "copies"),
    ("memory", "released_once_in_every_order"),
    ("dlpack", "host_tensor"),
    ("arrow", "exported_children"),
    ("cpp_objects", "Lifetime.EverythingAFewTimes"),
];

/// Wants no invalid access, and no block that nobody can reach any more.
fn valgrind(program: &Program, python: &Python, case: &str) -> Result<(), String> {
    let mut command = Command::new("valgrind");
    command.args([
        "--error-exitcode=9",
        "--leak-check=full",
        "--show-leak-kinds=definite",
        "--errors-for-leak-kinds=definite",
    ]);
    command.arg(program.binary(python));
    run(program, command, python, case)
}

/// Runs one case. The library is told which Python to take by `NEXUS_PYTHON`; what else a test needs
/// to know comes in `NEXUS_FIXTURES` and `NEXUS_TEST_…`, which the library does not read.
fn run(program: &Program, mut command: Command, python: &Python, case: &str) -> Result<(), String> {
    let folder = scratch()?;
    let (major, minor, micro) = python.version;
    process::clean(&mut command)
        .arg(program.case_argument(case))
        .current_dir(folder.path())
        .env("NEXUS_PYTHON", &python.executable)
        .env("NEXUS_FIXTURES", fixtures::folder(python))
        .env("NEXUS_TEST_WHEELS", fixtures::wheels(python))
        .env("NEXUS_TEST_SCRATCH", folder.path())
        .env("NEXUS_TEST_LIBRARIES", paths::libraries())
        .env("NEXUS_TEST_INCLUDE", paths::include())
        .env("NEXUS_TEST_VERSION", format!("{major}.{minor}.{micro}"))
        .env("NEXUS_TEST_EXECUTABLE", &python.executable)
        .env("NEXUS_TEST_LIBPYTHON", &python.library)
        .env("NEXUS_TEST_PREFIX", &python.prefix)
        .env("NEXUS_TEST_DYNLOAD", &python.dynload)
        .env("NEXUS_TEST_OLD_PYTHONS", old_pythons(python));
    let printed = process::success(&mut command, process::LIMIT)?;
    program.has_run(&printed)
}

/// Interpreters that are too old, beside the one under test (pyenv's), with colons between.
fn old_pythons(python: &Python) -> std::ffi::OsString {
    let versions = python
        .executable
        .ancestors()
        .nth(3)
        .unwrap_or(Path::new("/"));
    let found = std::fs::read_dir(versions)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let old = found.filter(|path| {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        name.starts_with("2.7.") || name.starts_with("3.10.")
    });
    std::env::join_paths(old.map(|path| path.join("bin/python"))).unwrap_or_default()
}
