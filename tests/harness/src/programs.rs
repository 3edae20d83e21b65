//! The host programs: how each is built, and how it is run.

use crate::compile::Job;
use crate::paths;
use crate::process;
use crate::pythons::Python;
use std::path::PathBuf;
use std::process::Command;

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
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// What its tests are called.
    pub name: &'static str,
    /// Who runs it, and what it is linked with.
    pub kind: Kind,
    /// Its files under `tests/`, the main one first.
    pub sources: &'static [&'static str],
}

/// Every host program.
pub const PROGRAMS: &[Program] = &[
    Program {
        name: "contract",
        kind: Kind::Front,
        sources: &["c/contract.c", "c/header_second_unit.c"],
    },
    Program {
        name: "messages",
        kind: Kind::Front,
        sources: &["c/messages.c"],
    },
    Program {
        name: "loading",
        kind: Kind::Front,
        sources: &["c/loading.c"],
    },
    Program {
        name: "corpus",
        kind: Kind::Front,
        sources: &["c/corpus.c"],
    },
    Program {
        name: "selection",
        kind: Kind::Front,
        sources: &["c/selection.c"],
    },
    Program {
        name: "directories",
        kind: Kind::Front,
        sources: &["c/directories.c"],
    },
    Program {
        name: "packages",
        kind: Kind::Front,
        sources: &["c/packages.c"],
    },
    Program {
        name: "trial",
        kind: Kind::Front,
        sources: &["c/trial.c"],
    },
    Program {
        name: "verify",
        kind: Kind::Front,
        sources: &["c/verify.c"],
    },
    Program {
        name: "effects",
        kind: Kind::Front,
        sources: &["c/effects.c"],
    },
    Program {
        name: "standard_library",
        kind: Kind::Front,
        sources: &["c/standard_library.c"],
    },
    Program {
        name: "errors",
        kind: Kind::Front,
        sources: &["c/errors.c"],
    },
    Program {
        name: "values",
        kind: Kind::Front,
        sources: &["c/values.c"],
    },
    Program {
        name: "calls",
        kind: Kind::Front,
        sources: &["c/calls.c"],
    },
    Program {
        name: "prepared",
        kind: Kind::Front,
        sources: &["c/prepared.c"],
    },
    Program {
        name: "callbacks",
        kind: Kind::Front,
        sources: &["c/callbacks.c"],
    },
    Program {
        name: "host_errors",
        kind: Kind::Front,
        sources: &["c/host_errors.c"],
    },
    Program {
        name: "exceptions",
        kind: Kind::Front,
        sources: &["c/exceptions.c"],
    },
    Program {
        name: "thread_states",
        kind: Kind::Front,
        sources: &["c/thread_states.c"],
    },
    Program {
        name: "crash_signals",
        kind: Kind::Front,
        sources: &["c/crash_signals.c"],
    },
    Program {
        name: "interrupts",
        kind: Kind::Front,
        sources: &["c/interrupts.c"],
    },
    Program {
        name: "stress",
        kind: Kind::Front,
        sources: &["c/stress.c"],
    },
    Program {
        name: "objects",
        kind: Kind::Front,
        sources: &["c/objects.c"],
    },
    Program {
        name: "containers",
        kind: Kind::Front,
        sources: &["c/containers.c"],
    },
    Program {
        name: "numbers",
        kind: Kind::Front,
        sources: &["c/numbers.c"],
    },
    Program {
        name: "strings",
        kind: Kind::Front,
        sources: &["c/strings.c"],
    },
    Program {
        name: "json",
        kind: Kind::Front,
        sources: &["c/json.c"],
    },
    Program {
        name: "awaitables",
        kind: Kind::Front,
        sources: &["c/awaitables.c"],
    },
    Program {
        name: "object_growth",
        kind: Kind::Front,
        sources: &["c/object_growth.c"],
    },
    Program {
        name: "buffers",
        kind: Kind::Front,
        sources: &["c/buffers.c"],
    },
    Program {
        name: "memory",
        kind: Kind::Front,
        sources: &["c/memory.c"],
    },
    Program {
        name: "dlpack",
        kind: Kind::Front,
        sources: &["c/dlpack.c"],
    },
    Program {
        name: "arrow",
        kind: Kind::Front,
        sources: &["c/arrow.c"],
    },
    Program {
        name: "numpy",
        kind: Kind::Front,
        sources: &["c/numpy.c"],
    },
    Program {
        name: "nanoarrow",
        kind: Kind::Front,
        sources: &["c/nanoarrow.c"],
    },
    Program {
        name: "misuse",
        kind: Kind::Front,
        sources: &["c/misuse.c"],
    },
    Program {
        name: "threads",
        kind: Kind::Front,
        sources: &["c/threads.c"],
    },
    Program {
        name: "lifetime",
        kind: Kind::Front,
        sources: &["c/lifetime.c"],
    },
    Program {
        name: "python_start",
        kind: Kind::Front,
        sources: &["c/python_start.c"],
    },
    Program {
        name: "python_side_effects",
        kind: Kind::Front,
        sources: &["c/python_side_effects.c"],
    },
    Program {
        name: "inspect",
        kind: Kind::Front,
        sources: &["c/inspect.c"],
    },
    Program {
        name: "adopt_opened",
        kind: Kind::Front,
        sources: &["c/adopt_opened.c"],
    },
    Program {
        name: "adopt_linked",
        kind: Kind::Embedding,
        sources: &["c/adopt_linked.c"],
    },
    Program {
        name: "local",
        kind: Kind::Alone,
        sources: &["c/local.c"],
    },
    Program {
        name: "ctypes",
        kind: Kind::Script,
        sources: &["ctypes/inside_python.py"],
    },
    Program {
        name: "luajit",
        kind: Kind::Lua,
        sources: &["luajit/host.lua"],
    },
    // The C++ header, with both compilers.
    google("cpp_values", Compiler::Gcc, &["cpp/values.cpp"]),
    google("cpp_containers", Compiler::Gcc, &["cpp/containers.cpp"]),
    google("cpp_objects", Compiler::Gcc, &["cpp/objects.cpp"]),
    google("cpp_calls", Compiler::Gcc, &["cpp/calls.cpp"]),
    google("cpp_errors", Compiler::Gcc, &["cpp/errors.cpp"]),
    google("cpp_functions", Compiler::Gcc, &["cpp/functions.cpp"]),
    google("cpp_iteration", Compiler::Gcc, &["cpp/iteration.cpp"]),
    google("cpp_buffers", Compiler::Gcc, &["cpp/buffers.cpp"]),
    google("cpp_loader", Compiler::Gcc, &["cpp/loader.cpp"]),
    google("cpp_python", Compiler::Gcc, &["cpp/python.cpp"]),
    google("cpp_threads", Compiler::Gcc, &["cpp/threads.cpp"]),
    google("cpp_values_clang", Compiler::Clang, &["cpp/values.cpp"]),
    google(
        "cpp_containers_clang",
        Compiler::Clang,
        &["cpp/containers.cpp"],
    ),
    google("cpp_objects_clang", Compiler::Clang, &["cpp/objects.cpp"]),
    google("cpp_calls_clang", Compiler::Clang, &["cpp/calls.cpp"]),
    google("cpp_errors_clang", Compiler::Clang, &["cpp/errors.cpp"]),
    google(
        "cpp_functions_clang",
        Compiler::Clang,
        &["cpp/functions.cpp"],
    ),
    google(
        "cpp_iteration_clang",
        Compiler::Clang,
        &["cpp/iteration.cpp"],
    ),
    google("cpp_buffers_clang", Compiler::Clang, &["cpp/buffers.cpp"]),
    google("cpp_loader_clang", Compiler::Clang, &["cpp/loader.cpp"]),
    google("cpp_python_clang", Compiler::Clang, &["cpp/python.cpp"]),
    google("cpp_threads_clang", Compiler::Clang, &["cpp/threads.cpp"]),
    Program {
        name: "cpp_no_exceptions",
        kind: Kind::NoExceptions(Compiler::Gcc),
        sources: &["cpp/no_exceptions.cpp"],
    },
    Program {
        name: "cpp_no_exceptions_clang",
        kind: Kind::NoExceptions(Compiler::Clang),
        sources: &["cpp/no_exceptions.cpp"],
    },
    Program {
        name: "cpp_format",
        kind: Kind::Format,
        sources: &["cpp/format.cpp"],
    },
];

const fn google(
    name: &'static str,
    compiler: Compiler,
    sources: &'static [&'static str],
) -> Program {
    Program {
        name,
        kind: Kind::Google(compiler),
        sources,
    }
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

/// Programs that use the libraries of `tests/wheels.txt`.
const WITH_WHEELS: &[&str] = &["numpy", "nanoarrow"];
/// The newest CPython, 3.x, that those libraries have wheels for.
const NEWEST_WITH_WHEELS: u32 = 14;

impl Program {
    /// Whether it can be run on that Python: nobody has built wheels for a CPython that is not out yet.
    #[must_use]
    pub fn runs_on(&self, python: &Python) -> bool {
        !WITH_WHEELS.contains(&self.name) || has_wheels(python)
    }

    /// The compiled program; the same one for every Python unless it is linked with one.
    #[must_use]
    pub fn binary(&self, python: &Python) -> PathBuf {
        let name = match self.kind {
            Kind::Embedding => format!("{}-{}", self.name, python.tag),
            _ => self.name.to_owned(),
        };
        paths::output().join("bin").join(name)
    }

    fn source(&self, index: usize) -> String {
        paths::root()
            .join("tests")
            .join(self.sources[index])
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
