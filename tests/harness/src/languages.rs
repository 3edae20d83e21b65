//! The hosts in other languages: the examples, and programs that see what their run-times survive.

use crate::compile;
use crate::fixtures;
use crate::paths;
use crate::process;
use crate::pythons::Python;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A program in another language, with the directory of test modules and the wheels as its arguments.
pub struct Host {
    /// `language/what`.
    pub name: &'static str,
    /// How it is run, once what it needs is there.
    command: fn(&Python) -> Result<Command, String>,
    /// What it is to print.
    output: Output,
}

enum Output {
    /// What every example prints.
    Complete,
    /// This line alone.
    Line(&'static str),
    /// This text among the errors, and exit code 1.
    Refused(&'static str),
    /// This line alone, when SIGINT has ended it.
    Interrupted(&'static str),
}

/// Those that are run on every Python.
pub const HOSTS: &[Host] = &[
    Host {
        name: "luajit/complete",
        command: |_| Ok(script("luajit", "examples/luajit/complete.lua")),
        output: Output::Complete,
    },
    Host {
        name: "luajit/survival",
        command: |_| Ok(script("luajit", "tests/luajit/survival.lua")),
        output: Output::Line("still Lua"),
    },
    Host {
        name: "ctypes/real_wheels",
        command: |python| {
            let mut command = in_python(python, "tests/ctypes/real_wheels.py");
            command
                .env("NEXUS_FIXTURES", fixtures::folder(python))
                .env("NEXUS_TEST_LIBRARIES", paths::libraries());
            Ok(command)
        },
        output: Output::Line("ctypes has real wheels"),
    },
    Host {
        name: "cffi/complete",
        command: |python| Ok(in_python(python, "examples/python-cffi/complete.py")),
        output: Output::Complete,
    },
    Host {
        name: "node/complete",
        command: |_| node("examples/node/complete.js"),
        output: Output::Complete,
    },
    Host {
        name: "node/survival",
        command: |_| node("tests/node/survival.js"),
        output: Output::Line("still Node"),
    },
    Host {
        name: "java/complete",
        command: |_| java("Complete"),
        output: Output::Complete,
    },
    Host {
        name: "java/survival",
        command: |_| java("Survival"),
        output: Output::Interrupted("still Java"),
    },
    Host {
        name: "csharp/complete",
        command: |_| mono("complete.exe"),
        output: Output::Complete,
    },
    Host {
        name: "csharp/survival",
        command: |_| mono("survival.exe"),
        output: Output::Line("still Mono"),
    },
    Host {
        name: "love/points",
        command: |python| {
            let screenshots = empty_folder(&format!("love-{}", python.tag))?;
            let mut command = love("tests/love");
            command.arg(screenshots);
            Ok(command)
        },
        output: Output::Line("what was drawn is right"),
    },
];

/// Those that Python has no part in.
pub const ONCE: &[Host] = &[
    // An error ends the game, which would otherwise show it and wait for a key.
    Host {
        name: "love/error",
        command: |_| {
            let mut command = love("examples/love");
            command.arg("/no/such/directory");
            Ok(command)
        },
        output: Output::Refused("Binary path does not exist: /no/such/directory"),
    },
    // With all it needs in one file, it comes as far.
    Host {
        name: "love/archive",
        command: |python| {
            let archive = archive(python)?;
            let mut command = love(&archive.display().to_string());
            command.arg("/no/such/directory");
            Ok(command)
        },
        output: Output::Refused("Binary path does not exist: /no/such/directory"),
    },
];

/// Compiles the test modules that these programs open, and installs the wheels.
///
/// # Errors
/// A text for people.
pub fn prepare(python: &Python) -> Result<(), String> {
    let directory = modules(python);
    let jobs: Vec<_> = fixtures::jobs(python)?
        .into_iter()
        .filter(|job| job.output.starts_with(&directory))
        .collect();
    compile::all(&jobs)
        .into_iter()
        .collect::<Result<(), String>>()?;
    fixtures::install_wheels(python)
}

/// The directory that the programs open: a good module and a failing one.
fn modules(python: &Python) -> PathBuf {
    fixtures::folder(python).join("one_bad")
}

impl Host {
    /// Runs it, and wants its output.
    ///
    /// # Errors
    /// A text for people.
    pub fn run(&self, python: &Python) -> Result<(), String> {
        let mut command = (self.command)(python)?;
        command.args([modules(python), fixtures::wheels(python)]);
        environment(&mut command, python);
        // 128 and the number of SIGINT.
        let (code, expected) = match self.output {
            Output::Interrupted(line) => (130, format!("{line}\n")),
            Output::Refused(_) => (1, String::new()),
            Output::Line(line) => (0, format!("{line}\n")),
            Output::Complete => (0, String::new()),
        };
        let output = process::output(&mut command, process::LIMIT)?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(code) {
            return Err(format!("{}: {printed}{errors}", output.status));
        }
        match self.output {
            Output::Complete => complete(python, &printed),
            Output::Refused(text) if !errors.contains(text) => Err(errors.into_owned()),
            _ => same(&printed, &expected),
        }
    }
}

/// A clean environment, but for what the command has already, with the Python to take and the libraries' folder.
pub(crate) fn environment(command: &mut Command, python: &Python) {
    let own: Vec<_> = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    process::clean(command)
        .envs(own)
        .env("NEXUS_PYTHON", &python.executable)
        .env("LD_LIBRARY_PATH", paths::libraries());
}

/// What every example prints. The lines of the traceback, which differ between Pythons, begin with a bar.
fn complete(python: &Python, printed: &str) -> Result<(), String> {
    const ERROR: &str = "json.decoder.JSONDecodeError: \
                         Expecting property name enclosed in double quotes: line 1 column 2 (char 1)";
    let (traceback, lines): (Vec<&str>, Vec<&str>) =
        printed.lines().partition(|line| line.starts_with("  | "));
    let (major, minor, micro) = python.version;
    let expected = format!(
        "Python {major}.{minor}.{micro}\n\
         broken: failed: Failed to load module broken: ValueError: no licence\n\
         crypto: loaded\n\
         encrypt: 2a24600860, decrypt: Hello\n\
         {ERROR}\n\
         reduce: 15\n\
         builtins.RuntimeError: not today\n\
         orjson: [1,2,3,4,5]\n\
         doubled: 2 to 2000\n\
         calls: 4000\n\
         freed: bad handle\n"
    );
    same(&(lines.join("\n") + "\n"), &expected)?;
    let fits = traceback.first() == Some(&"  | Traceback (most recent call last):")
        && traceback
            .iter()
            .any(|line| line.contains("decoder.py\", line "))
        && traceback.last() == Some(&&*format!("  | {ERROR}"));
    if fits {
        Ok(())
    } else {
        Err(format!("no such traceback:\n{printed}"))
    }
}

fn same(printed: &str, expected: &str) -> Result<(), String> {
    if printed == expected {
        return Ok(());
    }
    Err(format!("printed\n{printed}and not\n{expected}"))
}

/// Does it once in this process.
fn once(
    done: &OnceLock<Result<PathBuf, String>>,
    make: impl FnOnce() -> Result<PathBuf, String>,
) -> Result<PathBuf, String> {
    done.get_or_init(make).clone()
}

/// The folder with koffi and JNA.
fn packages() -> Result<PathBuf, String> {
    static FETCHED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    once(&FETCHED, || {
        // Not `process::clean`: npm and Maven are configured by the environment.
        let mut command = Command::new(paths::root().join("scripts/languages.sh"));
        process::success(&mut command, Duration::from_secs(600)).map(|folder| folder.trim().into())
    })
}

fn script(interpreter: &str, file: &str) -> Command {
    let mut command = Command::new(interpreter);
    command.arg(paths::root().join(file));
    command
}

/// The wheels come first: the interpreter may have some of its own.
fn in_python(python: &Python, file: &str) -> Command {
    let mut command = Command::new(&python.executable);
    process::clean(&mut command)
        .arg("-B")
        .arg(paths::root().join(file))
        .env("PYTHONPATH", fixtures::wheels(python));
    command
}

fn node(file: &str) -> Result<Command, String> {
    let mut command = script("node", file);
    command.env("NODE_PATH", packages()?.join("node_modules"));
    Ok(command)
}

fn java(class: &str) -> Result<Command, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let jna = packages()?.join("jna.jar");
    let classes = once(&BUILT, || {
        let folder = empty_folder("java")?;
        let mut command = Command::new("javac");
        command.args(["-encoding", "UTF-8", "-Xlint:all", "-Werror", "-cp"]);
        command.arg(&jna).arg("-d").arg(&folder);
        for source in ["examples/java", "tests/java"] {
            command.args(sources(source, "java")?);
        }
        process::success(process::clean(&mut command), process::LIMIT).map(|_| folder)
    })?;
    let mut command = Command::new("java");
    command
        .arg("-cp")
        .arg(format!("{}:{}", classes.display(), jna.display()))
        .arg(class);
    Ok(command)
}

fn mono(program: &str) -> Result<Command, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let folder = once(&BUILT, || {
        let folder = empty_folder("csharp")?;
        let programs = [
            ("complete.exe", "examples/csharp/Complete.cs"),
            ("survival.exe", "tests/csharp/Survival.cs"),
        ];
        for (program, source) in programs {
            let mut command = Command::new("mcs");
            command
                .args(["-warnaserror", "-warn:4", "-langversion:7"])
                .arg(format!("-out:{}", folder.join(program).display()))
                .arg(paths::root().join("examples/csharp/Nexus.cs"))
                .arg(paths::root().join(source));
            process::success(process::clean(&mut command), process::LIMIT)?;
        }
        Ok(folder)
    })?;
    Ok({
        let mut command = Command::new("mono");
        command.arg(folder.join(program));
        command
    })
}

/// The game engine on a display of its own, with a software renderer, and without sound.
fn love(game: &str) -> Command {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = paths::output().join("languages");
    let _ = std::fs::create_dir_all(&folder);
    let mut command = Command::new("xvfb-run");
    command
        // Its own file lies in a folder that xvfb-run cannot always remove: the server may still write there.
        .arg("--auth-file")
        .arg(folder.join(format!("Xauthority-{number}")))
        .args(["--auto-servernum", "love"])
        .arg(paths::root().join(game))
        .env("SDL_AUDIODRIVER", "dummy")
        .env("LIBGL_ALWAYS_SOFTWARE", "1");
    command
}

/// The game as it is shipped.
fn archive(python: &Python) -> Result<PathBuf, String> {
    let archive = empty_folder(&format!("love-archive-{}", python.tag))?.join("game.love");
    let mut command = Command::new(&python.executable);
    process::clean(&mut command)
        .args(["-m", "zipfile", "-c"])
        .arg(&archive)
        .args(["main.lua", "conf.lua"].map(|file| paths::root().join("examples/love").join(file)))
        .arg(paths::root().join("examples/luajit/nexus.lua"))
        .arg(paths::include().join("nexus_loader.cdef"));
    process::success(&mut command, process::LIMIT).map(|_| archive)
}

fn sources(folder: &str, suffix: &str) -> Result<Vec<PathBuf>, String> {
    let folder = paths::root().join(folder);
    let entries =
        std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let files = entries.flatten().map(|entry| entry.path());
    Ok(files
        .filter(|file| file.extension().is_some_and(|it| it == suffix))
        .collect())
}

fn empty_folder(name: &str) -> Result<PathBuf, String> {
    let folder = paths::output().join("languages").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// The declaration file against the header, and as LuaJIT and cffi understand it.
///
/// # Errors
/// What disagrees.
pub fn declarations_agree(python: &Python) -> Result<(), String> {
    let scratch = empty_folder(&format!("cdef-{}", python.tag))?;
    let mut command = in_python(python, "tests/cdef/agrees.py");
    command.args([paths::include(), paths::libraries(), scratch]);
    let printed = process::success(&mut command, process::LIMIT)?;
    if printed.ends_with("facts agree\n") {
        Ok(())
    } else {
        Err(printed)
    }
}
