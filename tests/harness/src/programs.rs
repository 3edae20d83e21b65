//! The host programs: how each is built, and how it is run.

use crate::compile::Job;
use crate::paths;
use crate::process;
use crate::pythons::Python;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// Who runs a program, and what it is linked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// C, linked with the front.
    Front,
    /// C, linked with nothing: it opens what it needs itself.
    Alone,
    /// C, linked with the front and with a libpython: built for each Python.
    Embedding,
    /// A Python script, run by the interpreter under test.
    Script,
    /// A LuaJIT script.
    Lua,
    /// C++ with GoogleTest, linked with the front.
    Google(Compiler),
    /// C++ without exceptions, linked with the front; its cases are those of `c/check.h`.
    NoExceptions(Compiler),
    /// C++ with `std::format`, by the first compiler that has it; its cases are those of `c/check.h`.
    Format,
}

/// Which C++.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// g++, with the oldest dialect.
    Gcc,
    /// clang++, with the newest one.
    Clang,
}

/// A host program with cases.
#[derive(Clone, Debug)]
pub struct Program {
    /// What its tests are called.
    pub name: String,
    /// Who runs it, and what it is linked with.
    pub kind: Kind,
    /// Its files under `tests/`, the main one first.
    pub sources: Vec<String>,
}

/// Files of `tests/c` and `tests/cpp` that are no host programs: the harness compiles them otherwise.
const OTHERS: &[&str] = &[
    "c/header.c",
    "c/header_second_unit.c",
    "c/tree.c",
    "cpp/header.cpp",
    "cpp/header_second_unit.cpp",
    "cpp/header_hpp.cpp",
    "cpp/header_hpp_second_unit.cpp",
];

/// Every host program: each C file of `tests/c`, each C++ file of `tests/cpp`, and two scripts.
///
/// # Errors
/// A folder cannot be read.
pub fn all() -> Result<&'static [Program], String> {
    static ALL: OnceLock<Result<Vec<Program>, String>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let mut all: Vec<Program> = sources("c", ".c")?.iter().map(|name| c(name)).collect();
        all.push(Program::new(
            "ctypes",
            Kind::Script,
            "ctypes/inside_python.py",
        ));
        all.push(Program::new("luajit", Kind::Lua, "luajit/host.lua"));
        all.extend(sources("cpp", ".cpp")?.iter().flat_map(|name| cpp(name)));
        Ok(all)
    });
    all.as_deref().map_err(Clone::clone)
}

/// The sources of a folder's host programs, without their ending, by name.
fn sources(folder: &str, ending: &str) -> Result<Vec<String>, String> {
    let place = paths::tests(folder);
    let failed = |error: std::io::Error| format!("{}: {error}", place.display());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&place).map_err(failed)? {
        let file = entry.map_err(failed)?.file_name();
        let file = file.to_string_lossy();
        if let Some(name) = file.strip_suffix(ending)
            && !OTHERS.contains(&format!("{folder}/{file}").as_str())
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn c(name: &str) -> Program {
    let kind = match name {
        "adopt_linked" => Kind::Embedding,
        "local" => Kind::Alone,
        _ => Kind::Front,
    };
    let mut program = Program::new(name, kind, format!("c/{name}.c"));
    if name == "contract" {
        // The header in two units of one program.
        program.sources.push("c/header_second_unit.c".into());
    }
    program
}

/// The programs of one source: mostly two, one for each compiler.
fn cpp(name: &str) -> Vec<Program> {
    let kinds = match name {
        "format" => vec![Kind::Format],
        "no_exceptions" => [Compiler::Gcc, Compiler::Clang]
            .map(Kind::NoExceptions)
            .to_vec(),
        _ => [Compiler::Gcc, Compiler::Clang].map(Kind::Google).to_vec(),
    };
    let program = |kind| {
        let by = match kind {
            Kind::Google(Compiler::Clang) | Kind::NoExceptions(Compiler::Clang) => "_clang",
            _ => "",
        };
        Program::new(format!("cpp_{name}{by}"), kind, format!("cpp/{name}.cpp"))
    };
    kinds.into_iter().map(program).collect()
}

/// g++ from 13 on, or a clang++ with LLVM's library, which Debian 12 has beside its own compiler. Without
/// either, g++ says that there is no `std::format`.
fn with_format(output: PathBuf) -> Job {
    let gcc = ["g++", "-std=c++20"];
    let clang = ["clang++-19", "-std=c++20", "-stdlib=libc++"];
    let probe = paths::tests("cpp").join("has_format.hpp");
    let has_it = |words: &[&str]| {
        let mut command = Command::new(words[0]);
        let command = command.args(&words[1..]).arg("-fsyntax-only").arg(&probe);
        process::success(process::clean(command), process::LIMIT).is_ok()
    };
    let words = if !has_it(&gcc) && has_it(&clang) {
        &clang[..]
    } else {
        &gcc[..]
    };
    Job::new(words[0], output).with(&words[1..])
}

/// Programs that use the libraries of `tests/wheels/exchange.txt`.
const WITH_WHEELS: &[&str] = &["numpy", "nanoarrow"];
/// The newest CPython, 3.x, that those libraries have wheels for.
const NEWEST_WITH_WHEELS: u32 = 14;

impl Program {
    /// A program of one source.
    pub fn new(name: impl Into<String>, kind: Kind, source: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind,
            sources: vec![source.into()],
        }
    }

    /// Whether it can be run on that Python: nobody has built wheels for a CPython that is not out yet.
    #[must_use]
    pub fn runs_on(&self, python: &Python) -> bool {
        !WITH_WHEELS.contains(&self.name.as_str()) || has_wheels(python)
    }

    /// The compiled program; the same one for every Python unless it is linked with one.
    #[must_use]
    pub fn binary(&self, python: &Python) -> PathBuf {
        let name = match self.kind {
            Kind::Embedding => format!("{}-{}", self.name, python.tag),
            _ => self.name.clone(),
        };
        paths::output().join("bin").join(name)
    }

    fn source(&self, index: usize) -> String {
        paths::root()
            .join("tests")
            .join(&self.sources[index])
            .display()
            .to_string()
    }

    /// How to build it; nothing for a script.
    #[must_use]
    pub fn job(&self, python: &Python) -> Option<Job> {
        if matches!(self.kind, Kind::Script | Kind::Lua) {
            return None;
        }
        let libraries = paths::libraries().display().to_string();
        let mut job = self
            .compiler(self.binary(python))
            .with([
                "-g",
                "-O1",
                "-pthread",
                "-D_GNU_SOURCE",
                "-Wall",
                "-Wextra",
                "-Werror",
            ])
            .with([format!("-I{}", paths::include().display())])
            .with((0..self.sources.len()).map(|index| self.source(index)));
        if self.kind == Kind::Embedding {
            let folder = python
                .library
                .parent()
                .map(|folder| folder.display().to_string())
                .unwrap_or_default();
            job = job
                .with([format!("-isystem{}", python.include.display())])
                .with([
                    python.library.display().to_string(),
                    format!("-Wl,-rpath,{folder}"),
                ]);
        }
        if self.kind != Kind::Alone {
            job = job.with([
                format!("-L{libraries}"),
                "-lnexus_loader".into(),
                format!("-Wl,-rpath,{libraries}"),
            ]);
        }
        if matches!(self.kind, Kind::Google(_)) {
            job = job.with(["-lgtest_main", "-lgtest"]);
        }
        Some(job.with(["-ldl", "-lm"]))
    }

    fn compiler(&self, output: PathBuf) -> Job {
        const WARNINGS: [&str; 3] = ["-pedantic", "-Wconversion", "-Wshadow"];
        let compiler = match self.kind {
            Kind::Google(compiler) | Kind::NoExceptions(compiler) => compiler,
            Kind::Format => return with_format(output).with(WARNINGS),
            _ => return Job::new("gcc", output).with(["-std=c11"]),
        };
        let job = match compiler {
            Compiler::Gcc => Job::new("g++", output).with(["-std=c++17"]),
            Compiler::Clang => Job::new("clang++", output).with([
                "-std=c++20",
                // Without its run-time library, which is a package of its own: what is undefined is a trap.
                "-fsanitize=undefined",
                "-fsanitize-trap=undefined",
            ]),
        };
        let job = job.with(WARNINGS);
        match self.kind {
            Kind::NoExceptions(_) => job.with(["-fno-exceptions", "-fno-rtti"]),
            _ => job,
        }
    }

    /// The names of its cases, of what it prints when run with `--list` (GoogleTest's `--gtest_list_tests`).
    #[must_use]
    pub fn cases(&self, printed: &str) -> Vec<String> {
        if !matches!(self.kind, Kind::Google(_)) {
            return printed.lines().map(str::to_owned).collect();
        }
        // `Suite.` at the beginning of a line, and its cases with two blanks before them.
        let mut suite = "";
        let mut cases = Vec::new();
        for line in printed.lines() {
            let name = line.split('#').next().unwrap_or_default().trim();
            if !line.starts_with(' ') {
                suite = name;
            } else if suite.ends_with('.') {
                cases.push(format!("{suite}{name}"));
            }
        }
        cases
    }

    /// The argument that lists the cases.
    #[must_use]
    pub fn list_argument(&self) -> &'static str {
        match self.kind {
            Kind::Google(_) => "--gtest_list_tests",
            _ => "--list",
        }
    }

    /// The argument that runs one.
    #[must_use]
    pub fn case_argument(&self, case: &str) -> String {
        match self.kind {
            Kind::Google(_) => format!("--gtest_filter={case}"),
            _ => case.to_owned(),
        }
    }

    /// Whether that output is one of a case that was run to its end.
    ///
    /// # Errors
    /// What is wrong: GoogleTest succeeds also with a case that is not there, or was skipped.
    pub fn has_run(&self, printed: &str) -> Result<(), String> {
        if matches!(self.kind, Kind::Google(_)) && !printed.contains("[  PASSED  ] 1 test.") {
            return Err(format!("the case was not run:\n{printed}"));
        }
        Ok(())
    }

    /// How to run it: the arguments, those above, are still to be added.
    #[must_use]
    pub fn command(&self, python: &Python) -> Command {
        match self.kind {
            Kind::Script => {
                let mut command = Command::new(&python.executable);
                command.arg("-B").arg(self.source(0));
                command
            }
            Kind::Lua => {
                let mut command = Command::new("luajit");
                command.arg(self.source(0));
                command
            }
            _ => Command::new(self.binary(python)),
        }
    }
}

/// Whether there are wheels for that Python.
#[must_use]
pub fn has_wheels(python: &Python) -> bool {
    python.version.1 <= NEWEST_WITH_WHEELS
}
