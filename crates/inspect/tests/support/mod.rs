//! What the tests share: a directory that goes away, gcc, and files built byte by byte.

#![allow(dead_code)]

pub mod elf_file;
pub mod judge;
pub mod macho_file;
pub mod pe_file;
pub mod seeds;

use nexus_inspect::{
    CLibrary, Dependencies, Detail, FileName, Image, LibraryState, Machine, Platform, Report,
    Resolved, SearchOptions, Target, Verdict, classify,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory that is removed at the end of the test.
pub struct Directory(PathBuf);

impl Directory {
    pub fn new() -> Directory {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("nexus-inspect-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        // macOS and some Linux systems have a link in the path.
        Directory(path.canonicalize().unwrap())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Compiles C source with gcc into a file of this directory.
    pub fn gcc(&self, output: &str, source: &str, flags: &[&str]) -> PathBuf {
        let path = self.join(output);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let input = path.with_extension("source.c");
        std::fs::write(&input, source).unwrap();
        let result = Command::new("gcc")
            .current_dir(&self.0)
            .args(["-w", "-O1", "-o"])
            .arg(&path)
            .arg(&input)
            .args(flags)
            .output()
            .expect("gcc must be installed");
        let errors = String::from_utf8_lossy(&result.stderr);
        assert!(result.status.success(), "gcc {flags:?}: {errors}");
        std::fs::remove_file(&input).unwrap();
        path
    }

    /// A shared library.
    pub fn library(&self, output: &str, source: &str, flags: &[&str]) -> PathBuf {
        let mut all = vec!["-shared", "-fPIC"];
        all.extend_from_slice(flags);
        self.gcc(output, source, &all)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A module that needs some of Python's functions, of the name given with `-DNAME=`.
pub const MODULE: &str = r#"
#define GLUE(a, b) a##b
#define INIT(name) GLUE(PyInit_, name)
extern void *PyModuleDef_Init(void *);
extern void PyErr_SetString(void *, const char *);
extern void *PyExc_ValueError;
static int definition[32];
static __attribute__((constructor)) void start(void) { definition[0] = 1; }
void fail(void) { PyErr_SetString(PyExc_ValueError, "no"); }
void *INIT(NAME)(void) { return PyModuleDef_Init(definition); }
"#;

/// CPython 3.11 on this machine, exporting nothing in particular.
pub fn target() -> Target {
    Target::host((3, 11), false)
}

/// Reads and classifies a file as the loader does.
pub fn verdict_of(path: &Path, target: &Target) -> Verdict {
    let name = FileName::parse(path.file_name().unwrap()).expect("a name of a module");
    match Image::read(path) {
        Ok(image) => classify(path, &image, &name, target),
        Err(problem) => Verdict::Hopeless(problem),
    }
}

/// The same for bytes, under a name.
pub fn verdict_of_bytes(bytes: &[u8], name: &str, target: &Target) -> Verdict {
    let file_name = FileName::parse(name.as_ref()).expect("a name of a module");
    match Image::parse(bytes) {
        Ok(image) => classify(Path::new(name), &image, &file_name, target),
        Err(problem) => Verdict::Hopeless(problem),
    }
}

impl pe_file::PeFile {
    /// The verdict on it as `a.pyd`, for [`windows`].
    pub fn verdict(&self) -> nexus_inspect::Verdict {
        verdict_of_bytes(&self.bytes(), "a.pyd", &windows())
    }
}

impl macho_file::MachOFile {
    /// The verdict on it as `a.so`, for [`macos`].
    pub fn verdict(&self) -> nexus_inspect::Verdict {
        verdict_of_bytes(&self.bytes(), "a.so", &macos())
    }
}

/// The detail of what is no module; panics on a module.
#[track_caller]
pub fn refused(verdict: Verdict) -> (Detail, String) {
    match verdict.problem() {
        Some(problem) => (problem.detail, problem.message),
        None => panic!("taken for a module: {verdict:?}"),
    }
}

#[track_caller]
pub fn assert_refused(verdict: Verdict, detail: Detail, words: &str) {
    let (found, message) = refused(verdict);
    assert_eq!(found, detail, "{message}");
    says(&message, words);
}

#[track_caller]
pub fn says(text: &str, words: &str) {
    assert!(text.contains(words), "{text:?} does not contain {words:?}");
}

#[track_caller]
pub fn begins(text: &str, words: &str) {
    assert!(
        text.starts_with(words),
        "{text:?} does not begin with {words:?}"
    );
}

#[track_caller]
pub fn assert_module(verdict: Verdict, init: &str) {
    assert_eq!(
        verdict,
        Verdict::Module {
            init: init.to_owned()
        }
    );
}

/// The report on a file's libraries for that Python.
pub fn report_on(path: &Path, options: SearchOptions, target: &Target) -> Report {
    let image = Image::read(path).unwrap();
    Dependencies::new(options).check(path, &image, target)
}

/// The messages of a report.
pub fn texts(report: &Report) -> Vec<String> {
    let problems = report.problems().into_iter();
    problems.map(|problem| problem.message).collect()
}

/// The details of a report's problems.
pub fn details(report: &Report) -> Vec<Detail> {
    let problems = report.problems().into_iter();
    problems.map(|problem| problem.detail).collect()
}

/// A library of a report.
#[track_caller]
pub fn library<'r>(report: &'r Report, name: &str) -> &'r Resolved {
    let library = report.libraries.iter().find(|library| library.name == name);
    library.unwrap_or_else(|| panic!("{name}: {report:?}"))
}

/// What became of a library of a report.
#[track_caller]
pub fn state<'r>(report: &'r Report, name: &str) -> &'r LibraryState {
    &library(report, name).state
}

/// Flips each bit of the first bytes: the file stays the module `a`, or is refused with a text. Returns how often it was.
pub fn refused_with_a_flipped_bit(
    whole: &[u8],
    length: usize,
    name: &str,
    target: &Target,
) -> usize {
    let mut refused = 0;
    for at in 0..length {
        for bit in 0..8 {
            let mut bytes = whole.to_vec();
            bytes[at] ^= 1 << bit;
            match verdict_of_bytes(&bytes, name, target) {
                Verdict::Module { init } => assert_eq!(init, "PyInit_a"),
                verdict => {
                    assert!(!verdict.problem().unwrap().message.is_empty());
                    refused += 1;
                }
            }
        }
    }
    refused
}

/// A target of another machine, for files that were built by hand.
pub fn target_of(machine: Machine) -> Target {
    changed(target(), |it| it.machine = machine)
}

/// A value in which something is changed.
pub fn changed<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
}

/// Random numbers that are the same in every run (xorshift).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// CPython 3.12 on 64-bit Windows.
pub fn windows() -> Target {
    Target {
        version: (3, 12),
        free_threaded: false,
        machine: Machine::X86_64,
        platform: Platform::Windows,
        c_library: CLibrary::Unknown,
        soabi: None,
        exports: None,
    }
}

/// CPython 3.12 on an Apple processor.
pub fn macos() -> Target {
    Target {
        platform: Platform::MacOs,
        machine: Machine::Aarch64,
        ..windows()
    }
}
