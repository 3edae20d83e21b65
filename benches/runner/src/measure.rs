//! What is run, and in which order: the contestants take turns, so that what disturbs one round disturbs all.

use crate::build::{self, Built, SIZES};
use crate::samples::{Key, Samples};
use nexus_tests::process;
use nexus_tests::pythons::Python;
use rustix::fs::{Advice, fadvise};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// How long it may take.
#[derive(Clone, Copy)]
pub struct Effort {
    call_rounds: usize,
    call_microseconds: usize,
    thread_rounds: usize,
    thread_microseconds: usize,
    starts: usize,
    loads: usize,
    cold_loads: usize,
}

impl Effort {
    /// About a minute for each Python.
    pub const QUICK: Self = Self {
        call_rounds: 15,
        call_microseconds: 1_500,
        thread_rounds: 3,
        thread_microseconds: 60_000,
        starts: 11,
        loads: 7,
        cold_loads: 5,
    };
    /// Several minutes.
    pub const THOROUGH: Self = Self {
        call_rounds: 101,
        call_microseconds: 2_500,
        thread_rounds: 15,
        thread_microseconds: 100_000,
        starts: 51,
        loads: 31,
        cold_loads: 15,
    };
}

/// The floor of loading.
pub const FLOOR: &str = "bare dlopen and dlsym";
/// The Python class.
pub const CLASS: &str = "Python class";
/// Ours, all modules at once.
pub const EAGER: &str = "nexus_loader";
/// Ours, each module at its first use.
pub const LAZY: &str = "nexus_loader, lazy";
/// From the first instruction to a running Python.
pub const START_SITE: &str = "start, with site";
/// The same without `site`.
pub const START_NO_SITE: &str = "start, without site";
/// Opening our library.
pub const FRONT: &str = "open libnexus_loader";
/// Reading modules without loading them.
pub const INSPECT: &str = "inspect 1,000 modules";
/// Time that passed.
pub const WALL: &str = "ms";
/// Time that processors worked.
pub const CPU: &str = "CPU ms";
/// Files in memory.
pub const WARM: &str = "warm";
/// Files on the disk only.
pub const COLD: &str = "cold";

/// What the key of a load is.
pub fn load_of(modules: usize, cache: &str) -> String {
    format!("load {modules} modules, {cache}")
}

/// Runs everything.
pub fn all(
    python: &Python,
    built: &Built,
    effort: Effort,
    samples: &mut Samples,
) -> Result<(), String> {
    let on = On {
        python,
        built,
        effort,
    };
    let say = |what: &str| eprintln!("bench: Python {}: {what}", python.tag);
    say("calls and lookups");
    on.calls(samples)?;
    say("threads");
    on.threads(samples)?;
    say("start");
    on.starts(samples)?;
    say("loading");
    for size in SIZES {
        on.loads(samples, size, WARM, effort.loads)?;
    }
    on.inspections(samples)?;
    say("loading from a cold page cache");
    on.loads(samples, SIZES[SIZES.len() - 1], COLD, effort.cold_loads)
}

struct On<'a> {
    python: &'a Python,
    built: &'a Built,
    effort: Effort,
}

impl On<'_> {
    fn driver(&self, command: &str) -> Command {
        let mut driver = Command::new(&self.built.driver);
        process::clean(&mut driver)
            .arg(command)
            .arg(format!("python={}", self.python.executable.display()));
        driver
    }

    fn all_contestants(&self, command: &str, rounds: usize, microseconds: usize) -> Command {
        let mut driver = self.driver(command);
        driver
            .arg(format!("callee={}", self.built.callee.display()))
            .arg(format!("modules={}", build::modules(100).display()))
            .arg(format!("rounds={rounds}"))
            .arg(format!("microseconds={microseconds}"))
            // Ours first: it starts Python for all.
            .args([
                &self.built.nexus,
                &self.built.nexus_prepared,
                &self.built.nexus_cpp,
                &self.built.capi,
                &self.built.pybind11,
                &self.built.pyo3,
                &self.built.inside_python,
            ]);
        driver
    }

    fn calls(&self, samples: &mut Samples) -> Result<(), String> {
        let effort = self.effort;
        let mut command =
            self.all_contestants("calls", effort.call_rounds, effort.call_microseconds);
        for [how, what, who, value] in rows(&mut command)? {
            samples.add(Key::new(&what, &how, &who), number(&value)?);
        }
        Ok(())
    }

    fn threads(&self, samples: &mut Samples) -> Result<(), String> {
        let effort = self.effort;
        let mut command =
            self.all_contestants("threads", effort.thread_rounds, effort.thread_microseconds);
        for [threads, how, who, value] in rows(&mut command)? {
            samples.add(
                Key::new(&format!("threads: {threads}"), &how, &who),
                number(&value)?,
            );
        }
        Ok(())
    }

    /// A process each; the first of each kind only warms up.
    fn starts(&self, samples: &mut Samples) -> Result<(), String> {
        let libpython = self.python.library.display().to_string();
        let contestants = [
            (EAGER, &self.built.nexus, ""),
            ("C API, isolated PyConfig", &self.built.capi, &*libpython),
            ("pybind11", &self.built.pybind11, &*libpython),
            ("PyO3", &self.built.pyo3, &*libpython),
        ];
        for round in 0..=self.effort.starts {
            let mut add = |command: &mut Command, what: &str, who: &str| -> Result<(), String> {
                for [wall, cpu] in rows(command)? {
                    if round > 0 {
                        samples.add(Key::new(what, WALL, who), number(&wall)?);
                        samples.add(Key::new(what, CPU, who), number(&cpu)?);
                    }
                }
                Ok(())
            };
            for (what, site) in [(START_SITE, true), (START_NO_SITE, false)] {
                for (who, library, libpython) in contestants {
                    // PyO3 has no way to start without `site`.
                    if !site && who == "PyO3" {
                        continue;
                    }
                    let mut command = self.driver("start");
                    command
                        .arg(format!("libpython={libpython}"))
                        .arg(format!("site={}", u8::from(site)))
                        .arg(library);
                    add(&mut command, what, who)?;
                }
            }
            let front = nexus_tests::paths::libraries().join("libnexus_loader.so");
            add(self.driver("front").arg(front), FRONT, EAGER)?;
        }
        Ok(())
    }

    /// A process each: what is loaded stays loaded.
    fn loads(
        &self,
        samples: &mut Samples,
        size: usize,
        cache: &str,
        rounds: usize,
    ) -> Result<(), String> {
        let folder = build::modules(size);
        let what = load_of(size, cache);
        let libpython = format!("libpython={}", self.python.library.display());
        let host = |library: &Path, lazy: u8, with_libpython: bool| {
            let mut command = self.driver("load");
            command
                .arg(format!("folder={}", folder.display()))
                .arg(format!("lazy={lazy}"))
                .arg(library);
            if with_libpython {
                command.arg(&libpython);
            }
            command
        };
        let mut floor = self.driver("floor");
        floor
            .arg(format!("folder={}", folder.display()))
            .arg(&libpython);
        let classes = nexus_tests::paths::root().join("benches/python");
        let mut class = Command::new(&self.python.executable);
        process::clean(&mut class)
            .args(["-I".as_ref(), classes.join("load.py").as_os_str()])
            .args([classes.as_os_str(), folder.as_os_str()]);
        let mut contestants = [
            (FLOOR, floor),
            (EAGER, host(&self.built.nexus, 0, false)),
            (LAZY, host(&self.built.nexus, 1, false)),
            (CLASS, class),
            (
                "pybind11, importlib.util",
                host(&self.built.pybind11, 0, true),
            ),
            ("PyO3, importlib.util", host(&self.built.pyo3, 0, true)),
            ("C API, import", host(&self.built.capi, 0, true)),
        ];
        for round in 0..=rounds {
            for (who, command) in &mut contestants {
                if cache == COLD {
                    drop_pages(&folder)?;
                }
                for [loaded, wall, cpu] in rows(command)? {
                    if loaded != size.to_string() {
                        return Err(format!("{who} has loaded {loaded} modules of {size}"));
                    }
                    if round > 0 {
                        samples.add(Key::new(&what, WALL, who), number(&wall)?);
                        samples.add(Key::new(&what, CPU, who), number(&cpu)?);
                    }
                }
            }
        }
        Ok(())
    }

    fn inspections(&self, samples: &mut Samples) -> Result<(), String> {
        let (major, minor, _) = self.python.version;
        for _ in 0..self.effort.loads {
            let mut command = Command::new(&self.built.inspect);
            process::clean(&mut command)
                .arg(build::modules(1000))
                .arg(format!("{major}.{minor}"));
            for [_, wall, cpu] in rows(&mut command)? {
                samples.add(Key::new(INSPECT, WALL, "nexus_inspect"), number(&wall)?);
                samples.add(Key::new(INSPECT, CPU, "nexus_inspect"), number(&cpu)?);
            }
        }
        Ok(())
    }
}

/// Drops the files' pages from memory, so that the next reader waits for the disk.
fn drop_pages(folder: &Path) -> Result<(), String> {
    let drop = || -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            fadvise(File::open(entry?.path())?, 0, None, Advice::DontNeed)?;
        }
        Ok(())
    };
    drop().map_err(|error| format!("{}: {error}", folder.display()))
}

/// The lines that a program prints, in fields.
fn rows<const N: usize>(command: &mut Command) -> Result<Vec<[String; N]>, String> {
    let text = process::success(command, Duration::from_secs(1200))?;
    text.lines()
        .map(|line| {
            let fields: Vec<String> = line.split('\t').map(str::to_string).collect();
            fields
                .try_into()
                .map_err(|_| format!("{command:?} has printed: {line}"))
        })
        .collect()
}

fn number(text: &str) -> Result<f64, String> {
    text.parse()
        .map_err(|_| format!("a benchmark printed {text:?} for a number"))
}
